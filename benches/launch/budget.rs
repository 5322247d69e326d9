//! A figure that no later change may raise unnoticed.

use crate::Outcome;

pub(crate) struct Budget {
    pub(crate) what: &'static str,
    /// `None` when what measures it is not installed.
    pub(crate) found: Option<u64>,
    pub(crate) limit: u64,
}

impl Budget {
    fn kept(&self) -> bool {
        self.found.is_some_and(|found| found <= self.limit)
    }
}

/// Prints them all.
///
/// # Errors
///
/// One is not kept.
pub(crate) fn keep(budgets: &[Budget]) -> Outcome<()> {
    for budget in budgets {
        println!("{budget}");
    }
    if budgets.iter().all(Budget::kept) { Ok(()) } else { Err("not all budgets are kept, see above".to_owned()) }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, found, limit } = self;
        let (verdict, found) = match found {
            Some(found) if found <= limit => ("ok", found.to_string()),
            Some(found) => ("OVER", found.to_string()),
            None => ("NOT MEASURED", "tool missing".to_owned()),
        };
        write!(formatter, "{verdict:<12}  {what:<56} {found:>12}, at most {limit}")
    }
}

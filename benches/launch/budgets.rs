//! The figures that no later change may raise unnoticed.

use crate::Outcome;
use crate::check;
use crate::count;
use crate::make::Workshop;
use crate::rivals;
use crate::task;

struct Budget {
    what: &'static str,
    /// `None` when what measures it is not installed.
    found: Option<u64>,
    limit: u64,
}

pub(crate) fn keep(workshop: &Workshop) -> Outcome<()> {
    let environment = task::environment(workshop);
    let launcher = rivals::forerun(workshop)?;
    check::check(&launcher, &environment)?;
    let counts = count::all(&launcher, workshop, &environment)?;
    let budgets = [
        Budget {
            what: "instructions (callgrind, failing exec, FORERUN_LOG=off)",
            found: counts.instructions,
            limit: 260_000,
        },
        Budget { what: "system calls, own and final execve included", found: counts.system_calls, limit: 16 },
        Budget { what: "page faults over a direct start", found: Some(counts.page_faults), limit: 34 },
        Budget { what: "bytes of the binary", found: counts.bytes, limit: 700_000 },
    ];
    for budget in &budgets {
        println!("{budget}");
    }
    if budgets.iter().all(Budget::kept) { Ok(()) } else { Err("not all budgets are kept, see above".to_owned()) }
}

impl Budget {
    fn kept(&self) -> bool {
        self.found.is_some_and(|found| found <= self.limit)
    }
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

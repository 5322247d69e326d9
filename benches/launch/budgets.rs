//! The launcher's budgets.

use crate::Outcome;
use crate::budget::{self, Budget};
use crate::check;
use crate::count;
use crate::make::Workshop;
use crate::rivals;
use crate::task;

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
    budget::keep(&budgets)
}

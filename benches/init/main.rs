//! What a function's init takes with a vendor's agent for Python: by the vendor's script, and by forerun.
//!
//! `cargo bench --bench init [-- --rounds N]` builds the launcher as it is shipped, fetches AWS's emulator and the real
//! packages as the tests do, starts one function in every way in turn, and measures.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is run to be read")]
#![allow(clippy::disallowed_methods, reason = "the list keeps the plan pure; a benchmark is all edge")]

mod function;
mod report;
mod rounds;

#[path = "../../tests/emulator/interpreters.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod interpreters;
#[path = "../launch/make.rs"]
#[allow(dead_code, reason = "the launcher's benchmark needs more of it")]
mod make;
#[path = "../../tests/emulator/namespace.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod namespace;
#[path = "../launch/options.rs"]
mod options;
#[path = "../../tests/emulator/ready/python/packages.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod packages;
#[path = "../../tests/emulator/parts.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod parts;
#[path = "../../tests/emulator/sandbox.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod sandbox;

use std::process::ExitCode;

use function::Function;
use make::Workshop;
use options::Options;

/// A benchmark can do nothing about a failure but say what it was.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let outcome = Options::from_arguments(std::env::args().skip(1), 40).and_then(|options| {
        if options.budgets {
            return Err("nothing here has a budget: all figures are times".to_owned());
        }
        sandbox::available()?;
        let wrapper = Workshop::open()?.wrapper()?;
        let times = rounds::interleaved(&Function::all(&wrapper)?, options.rounds)?;
        report::print(&times, options.rounds);
        Ok(())
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("init: {message}");
            ExitCode::FAILURE
        }
    }
}

//! The developer's tool.

use std::process::ExitCode;

fn main() -> ExitCode {
    forerun::tool::main()
}

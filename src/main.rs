//! The `guestlist` program; see `guestlist --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    guestlist::cli::run()
}

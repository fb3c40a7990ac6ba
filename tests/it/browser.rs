//! The console in a real browser, on the real program: the tests of `tests/browser`.

use std::{fmt, path::Path, process::Stdio};

use tokio::{process::Command, time::timeout};

use crate::support::{outside::chromium, process::PATIENCE};

/// What the tests have printed, the failures at its end.
struct Printed(String);

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[tokio::test]
async fn people_use_the_console() -> Result<(), Printed> {
    let Some(chromium) = chromium() else { return Ok(()) };
    let output = Command::new("node")
        // Much of what a file does is waiting; left to itself, Node would run one at a time on two cores.
        .args(["--test", "--test-concurrency=2"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser"))
        .env("GUESTLIST_TEST_PROGRAM", env!("CARGO_BIN_EXE_guestlist"))
        .env("GUESTLIST_TEST_CHROMIUM", chromium)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    // All tests of the folder together; each of them has a limit of its own.
    let output = timeout(6 * PATIENCE, output).await.expect("it does not end").unwrap();
    if output.status.success() {
        return Ok(());
    }
    // An error, as a panic would be followed by its backtrace.
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(Printed(format!("{stderr}\n{stdout}")))
}

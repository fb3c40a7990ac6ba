//! What tests need of the machine: said in variables, which `tests/run` sets.

use std::{
    collections::HashSet,
    env,
    io::{Write, stderr},
    sync::Mutex,
};

/// Where a DynamoDB for tests answers, such as `http://127.0.0.1:8001`; every test makes its own
/// table there.
pub(crate) fn dynamodb() -> Option<String> {
    variable("GUESTLIST_TEST_DYNAMODB", "what runs on DynamoDB")
}

/// A Python that has the packages of `tests/support/requirements.txt`.
pub(crate) fn python() -> Option<String> {
    variable(
        "GUESTLIST_TEST_PYTHON",
        "what needs a mail server, AWS's own APIs or a client of others",
    )
}

/// The folder where Node finds the packages of `tests/support/panel_clients/package.json`.
pub(crate) fn node_modules() -> Option<String> {
    variable("GUESTLIST_TEST_NODE_MODULES", "what needs a client of others")
}

/// The folder where Node finds the packages of `tests/support/verifiers/package.json`.
pub(crate) fn verifiers() -> Option<String> {
    variable("GUESTLIST_TEST_VERIFIERS", "what needs a verifier of others")
}

/// The folder where Node finds the packages of `tests/support/issuers/package.json`.
pub(crate) fn issuers() -> Option<String> {
    variable("GUESTLIST_TEST_ISSUERS", "what needs an issuer of others")
}

/// A Chromium for the packages in `tests/browser/node_modules`.
pub(crate) fn chromium() -> Option<String> {
    variable("GUESTLIST_TEST_CHROMIUM", "what people do in a browser")
}

/// The folder of the packages of `clients/typescript/package.json`; those of the other clients are in their own.
pub(crate) fn typescript() -> Option<String> {
    variable("GUESTLIST_TEST_TYPESCRIPT", "what needs the TypeScript client")
}

/// Without the variable, says once that its tests are left out; in CI that is a failure.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration but the environment")]
fn variable(name: &'static str, tests: &str) -> Option<String> {
    static SAID: Mutex<Option<HashSet<&str>>> = Mutex::new(None);
    let value = env::var(name).ok();
    if value.is_none() {
        let in_ci = env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "{name} must be set where CI=true");
        if SAID.lock().unwrap().get_or_insert_default().insert(name) {
            // Past the capture, which would swallow it in tests that pass.
            let notice = format!("\nleft out: {tests} ({name} is not set; tests/run sets it)\n");
            stderr().write_all(notice.as_bytes()).unwrap();
        }
    }
    value
}

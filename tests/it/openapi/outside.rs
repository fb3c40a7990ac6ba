//! What tools of others say of the document, and of the service by it.

use std::path::Path;

use serde_json::json;
use tokio::{process::Command, time::timeout};

use crate::support::{
    outside::python,
    process::{PATIENCE, Site},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Runs a tool to its end, which must be a good one.
async fn run(command: &mut Command) {
    let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output.expect("it does not end").unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn a_validator_finds_nothing() {
    let Some(python) = python() else { return };
    let document = format!("{ROOT}/tests/it/golden/openapi.json");
    run(Command::new(python).args(["-m", "openapi_spec_validator", &document])).await;
}

/// Has schemathesis make every call, with all its checks, with this token.
async fn check(python: &str, site: &Site, url: String, token: &str) {
    let tool = Path::new(python).with_file_name("schemathesis");
    let support = |name: &str| format!("{ROOT}/tests/support/{name}");
    let mut command = Command::new(tool);
    command.args(["--config-file", &support("schemathesis.toml"), "run", &url]);
    command.env("SCHEMATHESIS_HOOKS", support("schemathesis_hooks.py"));
    command.env("GUESTLIST_TOKEN", token).env("PYTHONDONTWRITEBYTECODE", "1");
    run(command.current_dir(site.path(""))).await;
}

#[tokio::test]
async fn schemathesis_finds_nothing_as_root() {
    let Some(python) = python() else { return };
    let site = Site::sqlite();
    let service = site.start().await;
    let token = service.root(&site).await;
    check(&python, &site, format!("http://{}/openapi.json", service.address), &token).await;
}

#[tokio::test]
async fn schemathesis_finds_nothing_as_an_admin() {
    let Some(python) = python() else { return };
    let site = Site::sqlite().with("--base-path=/api").with("--registration=open");
    let service = site.start().await;
    let token = site.token("ada@example.com").await;
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let body = json!({"register": true}).to_string();
    service.client.send(hyper::Method::POST, "/api/user/login", &headers, body).await.ok();
    check(&python, &site, format!("http://{}/api/openapi.json", service.address), &token).await;
}

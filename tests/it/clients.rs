//! The clients in `clients/`: made from the interface as it is, and working with the service as it is.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use tempfile::NamedTempFile;
use tokio::{process::Command, time::timeout};

use crate::support::{
    outside::typescript,
    process::{PATIENCE, Site},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/typescript")
}

/// Runs one of the packages' programs to its end, which must be a good one.
async fn run(program: &str, arguments: &[&str], variables: &[(&str, &str)]) {
    let mut command = Command::new(program);
    command.args(arguments).envs(variables.iter().copied()).current_dir(folder());
    let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output.unwrap_or_else(|_| panic!("{program} does not end")).unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn the_types_are_made_from_the_document() {
    let Some(packages) = typescript() else { return };
    let made = NamedTempFile::new().unwrap();
    let (tool, path) =
        (format!("{packages}/.bin/openapi-typescript"), made.path().to_str().unwrap());
    run(&tool, &["../../tests/it/golden/openapi.json", "--output", path], &[]).await;
    let text = std::fs::read_to_string(made.path()).unwrap();
    expect_file!["../../clients/typescript/src/schema.ts"].assert_eq(&text);
    run("node", &["kinds.js", path], &[]).await;
    let kinds = std::fs::read_to_string(made.path()).unwrap();
    expect_file!["../../clients/typescript/src/kinds.ts"].assert_eq(&kinds);
}

#[tokio::test]
async fn the_typescript_client_works() {
    let Some(packages) = typescript() else { return };
    // Browsers keep a cookie of https and of localhost only.
    let site = Site::sqlite().without("--public-url").with("--public-url=http://localhost:8080");
    let site = site.with("--registration=open");
    let service = site.start().await;
    let code = service.until_setup_code().await;
    let built = site.path("built").to_str().unwrap().to_owned();
    run(&format!("{packages}/.bin/tsc"), &["--outDir", &built], &[]).await;
    let url = format!("http://{}", service.address);
    let tests = ["client", "providers"].map(|name| format!("{built}/test/{name}.test.js"));
    std::fs::write(site.path("built/package.json"), r#"{"type": "module"}"#).unwrap();
    let mail = site.path("data/mail").to_str().unwrap().to_owned();
    let variables = [
        ("GUESTLIST_URL", url.as_str()),
        ("GUESTLIST_SETUP_CODE", &code),
        ("GUESTLIST_MAIL", &mail),
    ];
    let [client, providers] = &tests;
    run("node", &["--test", client, providers], &variables).await;
}

//! A log, or a stdout, that cannot be written.

use std::{fs::File, process::Stdio};

use hyper::Method;
use serde_json::json;

use crate::support::process::{Service, Site, eventually};

/// The lines that the service says it has lost.
async fn lost(service: &Service) -> u64 {
    let answer = service.client.send(Method::GET, "/metrics", &[], "").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let series = "guestlist_log_lines_lost_total ";
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

/// Serves, sends emails and ends as it should, whatever becomes of its log.
async fn goes_on(stderr: Stdio) {
    let site = Site::sqlite().with("--log=trace").with("--registration=open");
    let mut service = site.start_with(stderr).await;
    // The email leaves, which takes the courier.
    service.signed_up(&site, "ada@example.com").await;
    // A refusal is a line of the log.
    for _ in 0..50 {
        service.call("user/get", "", json!({})).await;
    }
    eventually("a line that is lost", async || match lost(&service).await {
        0 => Err("none".to_owned()),
        _ => Ok(()),
    })
    .await;
    service.terminate();
    let status = service.ended().await;
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_log_that_nobody_reads_any_more_ends_nothing() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    goes_on(writer.into()).await;
}

#[tokio::test]
async fn a_log_on_a_full_disk_ends_nothing() {
    goes_on(File::options().write(true).open("/dev/full").unwrap().into()).await;
}

#[tokio::test]
async fn a_log_that_is_not_taken_away_holds_up_nothing() {
    let (reader, writer) = std::io::pipe().unwrap();
    let site = Site::sqlite().with("--log=trace");
    let mut service = site.start_with(writer.into()).await;
    // More than the pipe and the queue can take.
    eventually("a line that is lost", async || {
        for _ in 0..50 {
            service.call("user/get", "", json!({})).await;
        }
        if lost(&service).await > 0 { Ok(()) } else { Err("none".to_owned()) }
    })
    .await;
    service.terminate();
    assert!(service.ended().await.success());
    drop(reader);
}

#[tokio::test]
async fn a_command_that_cannot_print_has_failed() {
    let site = Site::sqlite();
    site.run(&["account", "create", "--name=Acme"]).await.ok();
    for command in [
        &["check"][..],
        &["account", "find"],
        &["account", "create", "--name=Globex"],
        &["table", "create"],
        &["openapi"],
        &["token", "ada@example.com"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let said = site.run_into(command, full.into()).await.failure();
        assert!(said.contains("No space left on device"), "{command:?}: {said}");
    }
}

#[tokio::test]
async fn a_service_that_cannot_print_serves() {
    let site = Site::sqlite().without("--listen").with("--listen=127.0.0.1:0");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut running = site.begin_into(&["serve"], full.into());
    running.stderr.line("the address of the service could not be printed").await;
    running.terminate();
    assert!(running.ended().await.success());
}

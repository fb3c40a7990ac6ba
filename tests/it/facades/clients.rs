//! Public clients of the panel's API, as their registries have them, on the panel façade.

use std::{fmt::Write as _, process::Stdio};

use expect_test::expect_file;
use serde_json::json;
use tokio::{process::Command, time::timeout};

use crate::support::{
    outside::{node_modules, python},
    process::PATIENCE,
    world::{Person, World, on_each_engine_with},
};

/// Where the drivers are, one for each client.
const DRIVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/panel_clients");

/// Enough for three pages of 75, the largest that a client asks for by itself.
const USERS: usize = 160;

/// A program that can run a driver, and the driver.
struct Drive<'a> {
    program: &'a str,
    driver: &'a str,
}

impl Drive<'_> {
    /// Runs it to its end; what it has printed.
    async fn run(&self, node_modules: &str, world: &World, admin: &Person) -> String {
        let Self { program, driver } = self;
        // Keys of its own, so that their requests are counted apart.
        let write = world.key(admin, "admin", "write").await;
        let read = world.key(admin, "admin", "read").await;
        let output = Command::new(program)
            .arg(format!("{DRIVERS}/{driver}"))
            .args([&format!("http://{}", world.address), &write, &read])
            .env("NODE_PATH", node_modules)
            .env("no_proxy", "127.0.0.1")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(PATIENCE, output).await.unwrap_or_else(|_| panic!("{driver} hangs"));
        let output = output.unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{driver}: {stdout}{stderr}");
        stdout
    }
}

/// A managed account with `ada` and the users `user-001`, `user-002`, …, of whom every tenth has an
/// external id, such as `ext-010`, and that of `ext-120` a server.
async fn account(world: &World) -> Person {
    let ada = world.admin("ada@example.com").await;
    let names = json!({"first": "Ada", "last": "Admin", "username": "ada"});
    world.call("user/update", &ada, names).await.ok();
    for number in 1..=USERS {
        let username = format!("user-{number:03}");
        let mut body = json!({
            "email": format!("{username}@example.com"), "username": username,
            "first": "Uwe", "last": format!("Nr. {number}"),
        });
        if number % 10 == 0 {
            body["externalId"] = json!(format!("ext-{number:03}"));
        }
        world.call("user/create", &ada, body).await.ok();
    }
    let server = json!({"id": 7, "name": "Loom", "limits": {"memory": 512}});
    let email = "user-120@example.com";
    let hold = json!({"email": email, "kind": "server", "ref": "7", "data": server});
    world.call("hold/place", &ada, hold).await.ok();
    ada
}

#[tokio::test]
async fn public_clients_of_the_panel_work_unmodified() {
    let (Some(python), Some(node_modules)) = (python(), node_modules()) else { return };
    let drives = [
        Drive { program: "node", driver: "jspteroapi.mjs" },
        Drive { program: "node", driver: "nodeactyl.mjs" },
        Drive { program: "node", driver: "pterojs.mjs" },
        Drive { program: &python, driver: "py_dactyl.py" },
    ];
    on_each_engine_with(&["--facades=panel"], async |world| {
        let ada = account(&world).await;
        let mut text = String::new();
        for drive in &drives {
            let printed = drive.run(&node_modules, &world, &ada).await;
            let _ = writeln!(text, "== {}\n\n{printed}", drive.driver);
        }
        expect_file!["../golden/panel-clients.txt"].assert_eq(&text);
    })
    .await;
}

//! The table that the infrastructure templates make is the one that the service needs.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::{
    outside::python,
    process::{Output, Site},
    smtp::letters_in,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A stand-in for AWS with `infra/guestlist.yaml` deployed; ends when dropped.
struct Cloud {
    endpoint: String,
    table: String,
    /// What its API says of the table, and what the template declares.
    described: Value,
    _child: Child,
}

impl Cloud {
    async fn start(python: &str) -> Self {
        let mut child = Command::new(python)
            .arg(format!("{ROOT}/tests/support/aws.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = Output::follow(child.stdout.take().unwrap());
        let ready = stdout.line("ready ").await;
        let [_, endpoint, table] = ready.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{ready}")
        };
        let described = serde_json::from_str(&stdout.line("{").await).unwrap();
        Self { endpoint: endpoint.into(), table: table.into(), described, _child: child }
    }
}

fn keys(hash: &str, range: &str) -> Value {
    json!([
        {"AttributeName": hash, "KeyType": "HASH"},
        {"AttributeName": range, "KeyType": "RANGE"},
    ])
}

#[tokio::test]
async fn the_template_makes_the_table() {
    let Some(python) = python() else { return };
    let cloud = Cloud::start(&python).await;
    let Value::Object(described) = &cloud.described else { panic!("{}", cloud.described) };
    let table = &described["Table"];
    assert_eq!(table["KeySchema"], keys("pk", "sk"));
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    let indexes = table["GlobalSecondaryIndexes"].as_array().unwrap();
    let [index] = indexes.as_slice() else { panic!("{indexes:?}") };
    assert_eq!(
        (&index["IndexName"], &index["KeySchema"]),
        (&json!("gs1"), &keys("gs1pk", "gs1sk"))
    );
    assert_eq!(index["Projection"]["ProjectionType"], "ALL");
    let expiry = &described["TimeToLive"];
    assert_eq!(*expiry, json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}));
    let backups = &described["ContinuousBackups"]["PointInTimeRecoveryDescription"];
    assert_eq!(backups["PointInTimeRecoveryStatus"], "ENABLED");
    // The stand-in knows no encryption.
    assert_eq!(described["Declared"]["SSESpecification"], json!({"SSEEnabled": true}));
    assert_eq!(described["Declared"]["DeletionProtectionEnabled"], true);
}

#[tokio::test]
async fn calls_come_from_where_the_load_balancer_says_and_metrics_are_not_public() {
    let Some(python) = python() else { return };
    let cloud = Cloud::start(&python).await;
    let settings = &cloud.described["Settings"];
    let environment = &settings["Environment"];
    let joined = json!({"Fn::Join": [",", {"Ref": "LoadBalancerCidrs"}]});
    assert_eq!(environment["GUESTLIST_TRUSTED_PROXIES"], joined);
    assert_eq!(environment["GUESTLIST_METRICS"], json!({"Ref": "Metrics"}));
    let parameters = &settings["Parameters"];
    assert_eq!(parameters["Metrics"]["Default"], "off");
    // The exact ranges, which nobody but the operator knows: large ones hold other machines, too.
    assert_eq!(parameters["LoadBalancerCidrs"]["Default"], Value::Null);
    assert_eq!(parameters["LoadBalancerCidrs"]["Type"], "CommaDelimitedList");
    assert_eq!(settings["Taken"], json!(["10.0.0.0/24", " 10.0.1.0/24", "172.31.0.0/16"]));
    let append = json!({"Key": "routing.http.xff_header_processing.mode", "Value": "append"});
    assert!(settings["LoadBalancer"].as_array().unwrap().contains(&append));
    // With blanks as a list of parameters may have them.
    let letters = TempDir::new().unwrap();
    let site = Site::dynamo(&cloud.endpoint)
        .without("--table")
        .with(format!("--table=dynamodb:{}", cloud.table))
        .with(format!("--mail-folder={}", letters.path().display()))
        .variable("GUESTLIST_TRUSTED_PROXIES", "10.0.0.0/24, 10.0.1.0/24 ,127.0.0.1")
        .variable("GUESTLIST_METRICS", "off")
        .variable("AWS_ACCESS_KEY_ID", "test")
        .variable("AWS_SECRET_ACCESS_KEY", "test")
        .variable("AWS_REGION", "eu-central-1");
    site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn the_service_works_on_the_templates_table() {
    let Some(python) = python() else { return };
    let cloud = Cloud::start(&python).await;
    let letters = TempDir::new().unwrap();
    let site = Site::dynamo(&cloud.endpoint)
        .without("--table")
        .with(format!("--table=dynamodb:{}", cloud.table))
        .with(format!("--mail-folder={}", letters.path().display()))
        .variable("AWS_ACCESS_KEY_ID", "test")
        .variable("AWS_SECRET_ACCESS_KEY", "test")
        .variable("AWS_REGION", "eu-central-1");
    site.run(&["check"]).await.ok();
    let service = site.start().await;
    let root = service.root(&site).await;
    let body = json!({"email": "bob@example.com", "sendInvite": true});
    service.call("user/create", &root, body).await.ok();
    service.log.line("letter handed over").await;
    let code = letters_in(letters.path()).remove(0).code();
    let bob = site.token("bob@example.com").await;
    service.call("user/login", &bob, json!({ "invite": code })).await.ok();
    let found = service.call("user/find?index=gs1", &root, json!({})).await.ok();
    let emails: Vec<_> =
        found["data"].as_array().unwrap().iter().map(|user| &user["email"]).collect();
    assert_eq!(emails, ["bob@example.com", "root@example.com"]);
    service.stop().await;
}

/// Runs LocalStack's script with a stand-in for `aws` that notes what it is told; compares the words,
/// and does not execute them: `tests/localstack` does.
#[tokio::test]
async fn localstack_is_told_to_make_the_same_table() {
    let Some(python) = python() else { return };
    let cloud = Cloud::start(&python).await;
    let folder = TempDir::new().unwrap();
    let told = told_by_script(folder.path()).await;
    let declared = &cloud.described["Declared"];
    assert_eq!(told.after("--billing-mode", 1), [declared["BillingMode"].as_str().unwrap()]);
    let attributes = shorthand_of_each(&declared["AttributeDefinitions"]);
    assert_eq!(told.after("--attribute-definitions", 4), attributes);
    assert_eq!(told.after("--key-schema", 2), shorthand_of_each(&declared["KeySchema"]));
    let indexes = shorthand_of_each(&declared["GlobalSecondaryIndexes"]);
    assert_eq!(told.after("--global-secondary-indexes", 1), indexes);
    let expiry = shorthand(&declared["TimeToLiveSpecification"]);
    assert_eq!(sorted(&told.after("--time-to-live-specification", 1)[0]), sorted(&expiry));
}

/// What a unit of systemd runs, with systemd's own escapes resolved.
fn command_of(unit: &str) -> String {
    let text = std::fs::read_to_string(format!("{ROOT}/infra/{unit}")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    line.replace("%%", "%").replace("$$", "$")
}

/// A unit's command with the program and the folders of a site in place of a machine's.
fn on_site(unit: &str, site: &Site) -> Command {
    let (data, backups) = (site.path("data"), site.path("backups"));
    let config = site.path("guestlist.toml");
    std::fs::write(&config, "listen = \"127.0.0.1:0\"\n").unwrap();
    let mut script = command_of(unit);
    for (machine, here) in [
        ("/usr/local/bin/guestlist", Path::new(env!("CARGO_BIN_EXE_guestlist"))),
        ("/etc/guestlist/guestlist.toml", &config),
        ("/var/lib/guestlist-backups", &backups),
        ("/var/lib/guestlist", &data),
    ] {
        assert!(script.contains(machine) || machine.ends_with("backups"), "{unit}: {machine}");
        script = script.replace(machine, here.to_str().unwrap());
    }
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("exec {script}")).env_clear().env("PATH", "/usr/bin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn the_units_of_systemd_run_what_there_is() {
    let site = Site::sqlite();
    let mut child = on_site("guestlist.service", &site).spawn().unwrap();
    Output::follow(child.stdout.take().unwrap()).line("Guestlist serves on").await;
    std::fs::create_dir(site.path("backups")).unwrap();
    let done = on_site("guestlist-backup.service", &site).status().await.unwrap();
    assert!(done.success());
    let backups: Vec<_> = std::fs::read_dir(site.path("backups")).unwrap().collect();
    let [Ok(backup)] = backups.as_slice() else { panic!("{backups:?}") };
    let said = site.run(&["backup", "--verify", backup.path().to_str().unwrap()]).await.ok();
    assert!(said.contains(": complete; "), "{said}");
    child.kill().await.unwrap();
}

struct Told(Vec<String>);

impl Told {
    /// The `count` words after an option, which must be all up to the next option.
    fn after(&self, option: &str, count: usize) -> Vec<String> {
        let at =
            self.0.iter().position(|word| word == option).unwrap_or_else(|| panic!("{option}"));
        let values = self.0[at + 1..].iter().take_while(|word| !word.starts_with("--"));
        values.take(count + 1).cloned().collect()
    }
}

async fn told_by_script(folder: &Path) -> Told {
    let (program, notes) = (folder.join("aws"), folder.join("told"));
    let script =
        "#!/bin/sh\n[ \"$4\" != describe-table ] || exit 255\nprintf '%s\\n' \"$@\" >>\"$TOLD\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).unwrap();
    let done = Command::new("bash")
        .arg(format!("{ROOT}/localstack/init/table.sh"))
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("TOLD", &notes)
        .status();
    assert!(done.await.unwrap().success());
    Told(std::fs::read_to_string(notes).unwrap().lines().map(str::to_owned).collect())
}

fn shorthand_of_each(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(shorthand).collect()
}

/// A value in the shorthand syntax of AWS's command line, without braces around the whole.
fn shorthand(value: &Value) -> String {
    let field = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Object(_) => format!("{{{}}}", shorthand(value)),
            Value::Array(all) => {
                let all = all.iter().map(|one| format!("{{{}}}", shorthand(one)));
                format!("[{}]", all.collect::<Vec<_>>().join(","))
            }
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) | Value::Null => value.to_string(),
        };
        format!("{name}={value}")
    };
    value.as_object().unwrap().iter().map(field).collect::<Vec<_>>().join(",")
}

fn sorted(shorthand: &str) -> Vec<&str> {
    let mut fields: Vec<_> = shorthand.split(',').collect();
    fields.sort_unstable();
    fields
}

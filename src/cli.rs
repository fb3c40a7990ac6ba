//! The command line: what people type, and what they read in answer.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::{Map, Value};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::EnvFilter;

use crate::{
    api,
    auth::{BuiltIn, Credentials, NewToken},
    clock::Clock,
    config::{LogSettings, Settings, TableSettings, sources},
    mail::transport::Transport,
    model::{code::Code, email::Email, id::AccountId, letter::Letter},
    service::{self, Service},
    store,
    table::dynamo::Creation,
};

/// Why a command failed, for the person who typed it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the arguments name; `serve` if they name none.
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    match execute(&matches) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("guestlist: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Command {
    let serve = Command::new("serve").about("Run the service (the default)");
    let key_create = Command::new("create")
        .about("Make an API key and print it, alone, on stdout; it cannot be shown again")
        .args([
            Arg::new("role")
                .long("role")
                .required(true)
                .value_parser(PossibleValuesParser::new(["root", "admin"]))
                .help("What the key may do"),
            Arg::new("account")
                .long("account")
                .value_name("ID")
                .value_parser(account_id)
                .help("The account that it acts in [default: the home account]"),
            Arg::new("access")
                .long("access")
                .default_value("write")
                .value_parser(PossibleValuesParser::new(["read", "write"]))
                .help("Whether it may change things"),
            Arg::new("name").long("name").required(true).value_name("NAME").help("What it is for"),
        ]);
    let token = Command::new("token")
        .about("Print an identity token of the built-in issuer, for local work")
        .args([
            Arg::new("email").long("email").required(true).value_name("EMAIL").help("Whose"),
            Arg::new("verified")
                .long("verified")
                .action(ArgAction::SetTrue)
                .help("Say that the e-mail is verified"),
            Arg::new("sub")
                .long("sub")
                .value_name("SUBJECT")
                .help("The person's name at the issuer [default: the e-mail]"),
            Arg::new("minutes")
                .long("minutes")
                .value_name("MINUTES")
                .default_value("60")
                .value_parser(clap::value_parser!(u64).range(1..=525_600))
                .help("How long it is valid"),
        ]);
    let table_create =
        Command::new("create").about("Make the DynamoDB table (an SQLite one makes itself)");
    let nouns = |name, about, verb: Command| {
        Command::new(name).about(about).subcommand(verb).subcommand_required(true)
    };
    Command::new("guestlist")
        .about("The user and account service behind single-page apps")
        .version(env!("CARGO_PKG_VERSION"))
        .args(sources::flags())
        .subcommands([
            serve,
            nouns("key", "API keys", key_create),
            token,
            nouns("table", "The table", table_create),
            Command::new("check").about("Test settings, table, mail server and issuers"),
        ])
}

/// Reads an account's id, as text, since that is what the call takes.
fn account_id(text: &str) -> Result<String, &'static str> {
    AccountId::parse(text).map(|id| id.to_string()).ok_or("an account's id is a UUID")
}

fn execute(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let (path, flags) = leaf(matches);
    let settings = Settings::read(flags)?;
    start_log(&settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        match path.as_slice() {
            [] | ["serve"] => serve(&settings).await,
            ["key", "create"] => create_key(&settings, flags).await,
            ["token"] => print_token(&settings, flags),
            ["table", "create"] => create_table(&settings).await,
            ["check"] => check(&settings).await,
            _ => Err("there is no such command; see guestlist --help".into()),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// The names of the commands given, and the arguments of the last one.
fn leaf(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let mut path = Vec::new();
    let mut last = matches;
    while let Some((name, inner)) = last.subcommand() {
        path.push(name);
        last = inner;
    }
    (path, last)
}

fn start_log(settings: &LogSettings) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&settings.filter)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if settings.json {
        log.json().with_current_span(true).with_span_list(false).try_init()
    } else {
        log.try_init()
    }
}

async fn serve(settings: &Settings) -> Result<ExitCode, Failure> {
    let service = Service::open(settings).await?;
    let setup = service.app.store.setup_code().await?;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        format!("cannot listen on {}: {error}; choose another with --listen", settings.listen)
    })?;
    let url = format!("http://{}{}", listener.local_addr()?, settings.base_path);
    // Before the address is out: whoever reads it may also ask the service to end.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    say(&greeting(&url, setup.as_ref()));
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(service.run(listener, stopped));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping; requests under way are finished first");
    stop.send(true)?;
    running.await?;
    Ok(ExitCode::SUCCESS)
}

fn greeting(url: &str, setup: Option<&Code>) -> String {
    let Some(code) = setup else { return format!("Guestlist serves on {url}\n") };
    format!(
        "Guestlist serves on {url}\n\
         \n\
         Nobody runs it yet. The one-time set-up code is\n\
         \n    {code}\n\
         \n\
         and makes whoever comes in with it the first root user. In another terminal, with an e-mail\n\
         and a password of your own:\n\
         \n\
         \x20   curl -s {url}/identity/create -H 'Content-Type: application/json' \\\n\
         \x20       -d '{{\"invite\":\"{code}\",\"email\":\"you@example.com\",\"password\":\"...\"}}'\n\
         \n\
         The README goes on from there.\n",
        code = code.reveal(),
    )
}

async fn create_key(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let service = Service::open(settings).await?;
    let text = |name: &str| flags.get_one::<String>(name).cloned().map(Value::String);
    let body = [("role", "role"), ("access", "access"), ("name", "name"), ("accountId", "account")];
    let body: Map<String, Value> = body
        .into_iter()
        .filter_map(|(field, flag)| Some((field.to_owned(), text(flag)?)))
        .collect();
    let request = api::Request { body, ..api::Request::default() };
    let reply = api::call(&service.app, &Credentials::Operator, "key/create", request);
    let reply = reply.await.map_err(|error| match error.cause() {
        Some(cause) => cause,
        None => error.detail().to_owned(),
    })?;
    let reply = serde_json::to_value(&reply)?;
    let key = reply.get("key").and_then(Value::as_str).ok_or("the reply has no key")?;
    say(&format!("{key}\n"));
    Ok(ExitCode::SUCCESS)
}

fn print_token(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let email = flags.get_one::<String>("email").map(String::as_str).unwrap_or_default();
    let email = Email::parse(email).map_err(|error| format!("--email {email:?} {error}"))?;
    let subject = flags.get_one::<String>("sub").cloned();
    let minutes = flags.get_one::<u64>("minutes").copied().unwrap_or(60);
    let built_in = BuiltIn::new(&service::secrets(settings)?, Clock::System)?;
    let token = built_in.mint(&NewToken {
        subject: subject.unwrap_or_else(|| email.to_string()),
        email: Some(email),
        email_verified: flags.get_flag("verified"),
        lifetime: Duration::from_secs(minutes * 60),
        ..NewToken::default()
    })?;
    say(&format!("{token}\n"));
    Ok(ExitCode::SUCCESS)
}

async fn create_table(settings: &Settings) -> Result<ExitCode, Failure> {
    match &settings.table {
        TableSettings::Sqlite(folder) => {
            service::open_table(&settings.table, &Clock::System).await?;
            say(&format!("The SQLite table in {} is there.\n", folder.display()));
        }
        TableSettings::Dynamo { name, .. } => {
            let table = service::connect(&settings.table, &Clock::System).await?;
            let done = match table.create_table().await? {
                Creation::Created => "is made",
                Creation::Existed => "was there already, in the right shape",
            };
            say(&format!("The DynamoDB table {name} {done}.\n"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(settings: &Settings) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    report.note("settings", Ok("valid".to_owned()));
    let service = match Service::open(settings).await {
        Ok(service) => service,
        Err(error) => {
            report.note("service", Err(error.to_string()));
            return Ok(report.print());
        }
    };
    let store = &service.app.store;
    let letters = match store.ready().await {
        Ok(()) => store.parked_letters(100).await,
        Err(error) => Err(error),
    };
    match letters {
        Ok(letters) => {
            report.note("table", Ok("answers".to_owned()));
            for letter in letters {
                report.undeliverable(letter);
            }
        }
        Err(error) => report.note("table", Err(error.to_string())),
    }
    if let Some(folder) = &settings.mail.templates {
        let own = service.courier.templates.own();
        report.note("templates", Ok(format!("{own} of your own, from {}", folder.display())));
    }
    let transport = &service.courier.transport;
    let mail = transport.check().await.map(|()| match transport {
        Transport::Smtp { .. } => "the SMTP server answers".to_owned(),
        Transport::Folder { folder, .. } => {
            format!("no SMTP server is set; letters go to {}", folder.display())
        }
    });
    report.note("mail", mail);
    for issuer in service.app.verifier.issuers() {
        let keys = issuer.check().await;
        let keys = keys.map(|keys| keys.to_string()).map_err(|error| error.to_string());
        report.note(&format!("issuer {}", issuer.name()), keys);
    }
    Ok(report.print())
}

/// What `check` has found.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    fn note(&mut self, what: &str, found: Result<String, String>) {
        let (mark, text) = match found {
            Ok(text) => ("ok    ", text),
            Err(text) => {
                self.failed = true;
                ("FAILED", text)
            }
        };
        self.lines.push(format!("{mark}  {what}: {text}"));
    }

    fn undeliverable(&mut self, letter: store::Result<Letter>) {
        let (to, why) = match letter {
            Ok(letter) => (letter.to.to_string(), letter.last_error.unwrap_or_default()),
            Err(error) => ("somebody".to_owned(), error.to_string()),
        };
        self.note(&format!("letter to {to}"), Err(format!("undeliverable: {why}")));
    }

    fn print(self) -> ExitCode {
        say(&format!("{}\n", self.lines.join("\n")));
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Prints to stdout; if nobody reads it any more, that is no error.
fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

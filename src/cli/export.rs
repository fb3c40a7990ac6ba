//! `guestlist user export`: accounts and users as lines of JSON, as `user import` reads them; into a file of
//! its own also what people sign in with.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};

use super::{
    Failure,
    listing::{json_lines, none_found, print},
    new_file,
    operator::{Operator, account_flag, fields},
    say,
    usage::Misuse,
};
use crate::{
    config::Settings,
    model::{
        id::{AccountId, SignInId, UserId},
        sign_in::ProviderCredential,
    },
    store::user::transfer::{MovedSignIn, MovedTotp, MovedUser},
};

pub(super) fn command() -> Command {
    Command::new("export").after_help("Example:\n  guestlist user export --all > users.ndjson")
        .about("Print users as NDJSON, for user import")
        .long_about(
            "Print users as NDJSON, one JSON object per line, for user import; with --all, a line for each \
             account precedes those of its users. Removed users and accounts, API keys and the codes of invites \
             are left out.\n\n\
             Without --secrets, nobody can sign in with what is printed. With --secrets, everything goes into a \
             file that also holds identities, password hashes and second factors: anyone who reads it can sign in \
             as anyone. See docs/cli.md.",
        )
        .args([
            account_flag("Account whose users to export [default: the home account]"),
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .conflicts_with("account")
                .help("Export all accounts and their users, the home account first"),
            Arg::new("secrets")
                .long("secrets")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help(
                    "File to write everything to, with what people sign in with; only its owner can read it. \
                     For a single account, it holds only the sign-ins that the account manages",
                ),
        ])
}

pub(super) async fn export(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_read(settings).await?;
    let path = flags.get_one::<PathBuf>("secrets");
    let secrets = path.map(|path| Secrets::create(path)).transpose()?;
    let mut export = Export { operator, all: flags.get_flag("all"), secrets };
    let done = export.run(flags).await;
    if let (Err(_), Some(path)) = (&done, path) {
        // Half of a service could be taken for all of it.
        fs::remove_file(path)?;
    }
    done.map(|()| ExitCode::SUCCESS)
}

/// An export on its way.
struct Export {
    operator: Operator,
    all: bool,
    secrets: Option<Secrets>,
}

/// The file with what people sign in with.
struct Secrets {
    path: PathBuf,
    file: BufWriter<File>,
    accounts: u64,
    users: u64,
    /// The sign-ins that are in it, since somebody may be in several accounts: 16 bytes for each.
    sign_ins: HashSet<SignInId>,
}

impl Export {
    async fn run(&mut self, flags: &ArgMatches) -> Result<(), Failure> {
        if self.all {
            self.all_accounts().await?;
        } else {
            self.one_account(flags).await?;
        }
        match &mut self.secrets {
            Some(secrets) => secrets.end(),
            None => Ok(()),
        }
    }

    /// The account of the flag, or the home account, if there is one yet.
    async fn one_account(&mut self, flags: &ArgMatches) -> Result<(), Failure> {
        let mut named = fields(flags, &[("accountId", "account")]);
        if named.is_empty() {
            let Some((home, _)) = self.operator.store().home_account().await? else {
                let place = self.operator.place("user/find", &named);
                none_found("user", &place);
                return Ok(());
            };
            named = in_account(&Value::String(home.to_string()));
        }
        let account = self.operator.asked("account/get", named).await?;
        self.account(&account).await
    }

    /// The home account first, so that an import into an empty table makes it that again.
    async fn all_accounts(&mut self) -> Result<(), Failure> {
        let home = self.operator.store().home_account().await?;
        let home = home.map(|(id, _)| Value::String(id.to_string()));
        if let Some(id) = &home {
            let account = self.operator.asked("account/get", in_account(id)).await?;
            self.account(&account).await?;
        }
        let operator = self.operator.clone();
        let each = async |accounts: Vec<Value>| {
            for account in &accounts {
                let is_removed = account.get("state").is_some_and(|state| state == "removed");
                if !is_removed && account.get("id") != home.as_ref() {
                    self.account(account).await?;
                }
            }
            Ok(())
        };
        operator.pages("account/find", Map::new(), each).await
    }

    async fn account(&mut self, account: &Value) -> Result<(), Failure> {
        let id = account.get("id").cloned().unwrap_or_default();
        if self.all || self.secrets.is_some() {
            let line = self.account_line(account).await?;
            self.write(&[line])?;
        }
        let operator = self.operator.clone();
        let each = async |users: Vec<Value>| self.users(&id, users).await;
        operator.pages("user/find", in_account(&id), each).await
    }

    async fn account_line(&mut self, account: &Value) -> Result<Value, Failure> {
        let mut line = Map::from_iter([("type".to_owned(), json!("account"))]);
        for name in ["id", "name", "settings", "managed", "state"] {
            if let Some(value) = account.get(name) {
                line.insert(name.to_owned(), value.clone());
            }
        }
        let id = account.get("id").and_then(Value::as_str).and_then(AccountId::parse);
        if let Some(id) = id {
            let store = self.operator.store();
            let logo = store.logo_of(&store.account(id).await?).await?;
            line.extend(logo.map(|logo| ("logo".to_owned(), Value::String(logo.to_base64()))));
        }
        let home = self.operator.store().home_account().await?;
        if let Some((id, is_set_up)) = home
            && line.get("id") == Some(&json!(id.to_string()))
        {
            line.insert("home".to_owned(), Value::Bool(true));
            line.insert("setUp".to_owned(), Value::Bool(is_set_up));
        }
        if let Some(secrets) = &mut self.secrets {
            secrets.accounts += 1;
        }
        Ok(Value::Object(line))
    }

    async fn users(&mut self, account: &Value, mut users: Vec<Value>) -> Result<(), Failure> {
        // A reader of the stored file must not be able to join with it.
        for user in users.iter_mut().filter_map(Value::as_object_mut) {
            user.remove("invite");
        }
        let Some(secrets) = &mut self.secrets else { return self.write(&users) };
        let account = account.as_str().and_then(AccountId::parse).ok_or("an account has an id")?;
        let ids: Vec<UserId> = users.iter().filter_map(id_of).collect();
        let moved = self.operator.store().moved_users(account, &ids).await?;
        let mut lines = Vec::with_capacity(users.len());
        for user in &moved {
            lines.extend(secrets.sign_in_line(user, self.all));
        }
        for mut line in users {
            // Who is not live any more is left out.
            let id = id_of(&line);
            let Some(user) = moved.iter().find(|user| Some(user.id) == id) else { continue };
            add_vouched(&mut line, user, self.all);
            secrets.users += 1;
            lines.push(line);
        }
        self.write(&lines)
    }

    fn write(&mut self, lines: &[Value]) -> Result<(), Failure> {
        match &mut self.secrets {
            Some(secrets) => secrets.write(lines),
            None => print(&json_lines(lines)),
        }
    }
}

impl Secrets {
    /// A file that is not there yet, which nobody else may read from its first moment on.
    fn create(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let why = "secrets are written to a file, not to stdout; name it with --secrets";
            return Err(Misuse(why.to_owned()).into());
        }
        let file = new_file::create(path, "--secrets")?;
        let (file, sign_ins) = (BufWriter::new(file), HashSet::new());
        Ok(Self { path: path.to_owned(), file, accounts: 0, users: 0, sign_ins })
    }

    /// The line of a user's own sign-in, unless it is in the file already, or is not its account's to give
    /// away.
    fn sign_in_line(&mut self, user: &MovedUser, all: bool) -> Option<Value> {
        let sign_in = given(user, all)?;
        self.sign_ins.insert(sign_in.id).then(|| sign_in_line(sign_in))
    }

    fn write(&mut self, lines: &[Value]) -> Result<(), Failure> {
        let written = self.file.write_all(json_lines(lines).as_bytes());
        written.map_err(|error| format!("{}: {error}", self.path.display()).into())
    }

    /// Sees that all of it is on disk.
    fn end(&mut self) -> Result<(), Failure> {
        let path = self.path.display();
        let kept = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        kept.map_err(|error| format!("{path}: {error}"))?;
        let Self { accounts, users, .. } = self;
        let sign_ins = self.sign_ins.len();
        say(&format!(
            "accounts: {accounts}, users: {users}, sign-ins: {sign_ins}\nAnyone who reads {path} can sign in as any \
             of them: delete it as soon as it is imported.\n"
        ))
    }
}

fn in_account(id: &Value) -> Map<String, Value> {
    Map::from_iter([("accountId".to_owned(), id.clone())])
}

fn id_of(record: &Value) -> Option<UserId> {
    record.get("id").and_then(Value::as_str).and_then(UserId::parse)
}

/// The user's sign-in, if it goes along: of one account, those go that it keeps, since all others are
/// their persons'.
fn given(user: &MovedUser, all: bool) -> Option<&MovedSignIn> {
    user.sign_in.as_ref().filter(|sign_in| all || sign_in.kept_by.is_some())
}

/// Adds to a user's line what only the operator vouches for.
fn add_vouched(line: &mut Value, user: &MovedUser, all: bool) {
    let Some(line) = line.as_object_mut() else { return };
    let goes_along = user.sign_in.is_none() || given(user, all).is_some();
    if let Some(identity) = user.identity.as_ref().filter(|_| goes_along) {
        let identity = json!({"issuer": identity.issuer, "subject": identity.subject});
        line.insert("identity".to_owned(), identity);
    } else if user.revoked {
        line.insert("revoked".to_owned(), Value::Bool(true));
    }
}

/// An identity at a provider, as `provider/find` has it.
fn linked_identity(linked: &ProviderCredential) -> Value {
    let ProviderCredential { provider, label, issuer, subject, email, linked } = linked;
    let mut identity = json!({
        "provider": provider, "label": label, "issuer": issuer, "subject": subject,
        "since": linked.to_string(),
    });
    if let (Some(identity), Some(email)) = (identity.as_object_mut(), email) {
        identity.insert("email".to_owned(), json!(email.as_str()));
    }
    identity
}

fn sign_in_line(sign_in: &MovedSignIn) -> Value {
    let MovedSignIn { id, email, verified, first, last, language, .. } = sign_in;
    let MovedSignIn { password, totp, linked, kept_by, .. } = sign_in;
    let text = |value: Option<String>| value.map(Value::String);
    let (secret, recovery) = match totp {
        Some(MovedTotp { secret, recovery }) => (Some(secret.base32()), Some(json!(recovery))),
        None => (None, None),
    };
    let fields = [
        ("type", Some(json!("signIn"))),
        ("id", Some(json!(id.to_string()))),
        ("email", Some(json!(email.as_str()))),
        ("verified", Some(json!(verified))),
        ("first", text(first.as_ref().map(ToString::to_string))),
        ("last", text(last.as_ref().map(ToString::to_string))),
        ("language", text(language.as_ref().map(ToString::to_string))),
        ("passwordHash", text(password.as_ref().map(|hash| hash.as_str().to_owned()))),
        ("totp", text(secret)),
        ("recovery", recovery),
        ("linked", (!linked.is_empty()).then(|| linked.iter().map(linked_identity).collect())),
        ("keptBy", text(kept_by.map(|account| account.to_string()))),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

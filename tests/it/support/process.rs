//! The real program, run as people run it: a service that can be killed and started again on the same
//! data, and commands beside it.

use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use guestlist::secret::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::watch,
    time::{Instant, sleep, timeout},
};

use super::{
    client::{Answer, Client},
    engine::Engine,
    scene::PASSWORD,
    smtp::{Received, letters_in},
};

/// How long a test waits for anything. Longer than a letter's lease, and far longer than all else
/// takes even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// What all services are called from outside, wherever they listen.
pub(crate) const PUBLIC_URL: &str = "http://guestlist.test";

/// Data and settings, which outlive the processes that use them.
pub(crate) struct Site {
    folder: TempDir,
    flags: Vec<String>,
    variables: Vec<(String, String)>,
    /// What the shell does before it becomes the program.
    limit: Option<&'static str>,
}

/// A running service; killed when dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) stdout: Output,
    pub(crate) log: Output,
}

/// A command on its way; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: Output,
    pub(crate) stderr: Output,
}

/// What a process has written so far, line by line.
pub(crate) struct Output(watch::Receiver<String>);

/// A command that has come to its end.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) success: bool,
    /// The exit status, unless a signal has ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Site {
    /// On SQLite, in a folder that does not exist yet.
    pub(crate) fn sqlite() -> Self {
        let site = Self {
            folder: TempDir::new().unwrap(),
            // Known before there is a port, so that the commands can make tokens.
            flags: vec![
                "--listen=127.0.0.1:0".to_owned(),
                format!("--public-url={PUBLIC_URL}"),
                "--log-codes=true".to_owned(),
            ],
            variables: Vec::new(),
            limit: None,
        };
        let table = format!("--table=sqlite:{}", site.path("data").display());
        site.with(table)
    }

    /// On a DynamoDB table that does not exist yet.
    pub(crate) fn dynamo(endpoint: &str) -> Self {
        let name = format!("process-{:016x}", RandomState::new().hash_one(std::process::id()));
        let site = Self::sqlite().without("--table").with(format!("--table=dynamodb:{name}"));
        let endpoint = format!("--dynamodb-endpoint={endpoint}");
        site.with(endpoint).with(format!("--secret={}", secret(7)))
    }

    /// On an engine, with its table.
    pub(crate) async fn on(engine: Engine) -> Self {
        let site = match engine {
            Engine::Sqlite => Self::sqlite(),
            Engine::Dynamo => Self::dynamo(&super::dynamodb().unwrap()),
        };
        site.with_table().await
    }

    /// With an empty table, which is where commands that read begin.
    pub(crate) async fn with_table(self) -> Self {
        self.run(&["table", "create"]).await.ok();
        self
    }

    pub(crate) fn with(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Without the flag of that name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.flags.retain(|flag| flag.split('=').next() != Some(name));
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// With what the shell is told first, such as `ulimit -f 100`.
    pub(crate) fn limited(self, limit: &'static str) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// A path beside the data.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Done {
        let output = timeout(PATIENCE, self.command(arguments).output()).await;
        let output = output.unwrap_or_else(|_| panic!("{arguments:?} does not end")).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done {
            success: output.status.success(),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs a command that reads `input` to its end.
    pub(crate) async fn run_on(&self, arguments: &[&str], input: &str) -> Done {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        Running::follow(child).end().await
    }

    /// Begins a command.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Running {
        Running::follow(self.command(arguments).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// Runs a command to its end, whose stdout is not read.
    pub(crate) async fn run_into(&self, arguments: &[&str], stdout: Stdio) -> Done {
        self.begin_into(arguments, stdout).end().await
    }

    /// Begins a command whose stdout is not read.
    pub(crate) fn begin_into(&self, arguments: &[&str], stdout: Stdio) -> Running {
        Running::follow(self.command(arguments).stdout(stdout).spawn().unwrap())
    }

    /// Starts the service and waits until it serves.
    pub(crate) async fn start(&self) -> Service {
        self.start_with(Stdio::piped()).await
    }

    /// As [`Site::start`], with a place of its own for the log.
    pub(crate) async fn start_with(&self, log: Stdio) -> Service {
        let mut command = self.command(&["serve"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let log = child.stderr.take().map_or_else(Output::none, Output::follow);
        let stdout = Output::follow(child.stdout.take().unwrap());
        let served = stdout.0.clone();
        let address = tokio::select! {
            address = stdout.until("the address", address) => address,
            () = ended(served) => panic!("it did not start: {}", log.end().await),
        };
        Service { child, address, client: Client::new(address), stdout, log }
    }

    /// A token of the built-in issuer, with a verified email.
    pub(crate) async fn token(&self, email: &str) -> String {
        self.run(&["token", "--verified", email]).await.ok().trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_guestlist");
        let mut command = match self.limit {
            None => Command::new(program),
            Some(limit) => {
                let mut command = Command::new("/bin/sh");
                let script = format!("{limit} && exec \"$0\" \"$@\"");
                command.args(["-c", script.as_str(), program]);
                command
            }
        };
        command.args(arguments).args(&self.flags).current_dir(self.folder.path());
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }
}

impl Service {
    /// The setup code, which is printed as long as there is no root user.
    pub(crate) fn setup_code(&self) -> Option<String> {
        let text = self.stdout.so_far();
        let mut lines = text.lines().map(str::trim);
        lines.find(|line| line.len() == 24 && !line.contains(' ')).map(str::to_owned)
    }

    /// Brings somebody in with the setup code; returns a token.
    pub(crate) async fn root(&self, site: &Site) -> String {
        let token = site.token("root@example.com").await;
        let code = self.until_setup_code().await;
        self.call("user/login", &token, json!({"invite": code})).await.ok();
        token
    }

    /// Signs somebody up whose address is proved by the letter; what `identity/verify` replies.
    pub(crate) async fn signed_up(&self, site: &Site, email: &str) -> Value {
        let body = json!({"email": email, "password": PASSWORD});
        self.call("identity/create", "", body).await.ok();
        let is_asked = |letter: &Received| letter.to == email && letter.text.contains("#verify=");
        let sent = || {
            let letters = letters_in(&site.path("data/mail"));
            letters.into_iter().rfind(is_asked).ok_or("no letter yet".to_owned())
        };
        let letter = eventually("the letter", async || sent()).await;
        let body = json!({"code": letter.code(), "password": PASSWORD});
        self.call("identity/verify", "", body).await.ok()
    }

    /// The setup code, once it is printed.
    pub(crate) async fn until_setup_code(&self) -> String {
        self.stdout.until("the setup code", |_| self.setup_code()).await
    }

    pub(crate) async fn call(&self, name: &str, token: &str, body: Value) -> Answer {
        self.client.call(name, token, body).await
    }

    /// SIGKILL: the process has no say in it.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM: the process is asked to end.
    pub(crate) fn terminate(&self) {
        signal(&self.child, "TERM");
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait()).await.expect("it does not end").unwrap()
    }

    /// Asks it to end, and sees that it ends well.
    pub(crate) async fn stop(mut self) {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "{status}: {}", self.log.so_far());
    }
}

impl Running {
    fn follow(mut child: Child) -> Self {
        let stdout = child.stdout.take().map_or_else(Output::none, Output::follow);
        let stderr = Output::follow(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// SIGTERM: the process is asked to end.
    pub(crate) fn terminate(&self) {
        signal(&self.child, "TERM");
    }

    /// Waits for its end; its status.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait()).await.expect("it does not end").unwrap()
    }

    /// SIGKILL: the process has no say in it.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGINT, as by Ctrl-C.
    pub(crate) fn interrupt(&self) {
        signal(&self.child, "INT");
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Done {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it does not end").unwrap();
        let (stdout, stderr) = (self.stdout.end().await, self.stderr.end().await);
        Done { success: status.success(), code: status.code(), stdout, stderr }
    }
}

impl Output {
    pub(crate) fn follow(stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let (sender, receiver) = watch::channel(String::new());
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                sender.send_modify(|text| {
                    text.push_str(&line);
                    text.push('\n');
                });
            }
        });
        Self(receiver)
    }

    /// What is not read has nothing in it.
    fn none() -> Self {
        Self(watch::channel(String::new()).1)
    }

    pub(crate) fn so_far(&self) -> String {
        self.0.borrow().clone()
    }

    /// Everything, once the process has closed it.
    pub(crate) async fn end(&self) -> String {
        ended(self.0.clone()).await;
        self.so_far()
    }

    /// Waits until `find` finds something in it.
    pub(crate) async fn until<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        eventually(what, async || {
            let text = self.so_far();
            find(&text).ok_or(text)
        })
        .await
    }

    /// Waits until it has a line with this text; returns the line.
    pub(crate) async fn line(&self, part: &str) -> String {
        self.until(part, |text| text.lines().find(|line| line.contains(part)).map(str::to_owned))
            .await
    }
}

impl Done {
    /// What the command has printed; it must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert!(self.success, "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// What the command complains of; it must have failed without printing anything else.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        assert!(!self.success, "it succeeded: {}", self.stdout);
        assert_eq!(self.stdout, "");
        self.stderr
    }

    /// What the command complains of whose arguments or settings are wrong.
    #[track_caller]
    pub(crate) fn misuse(self) -> String {
        assert_eq!(self.code, Some(2), "{}{}", self.stdout, self.stderr);
        self.failure()
    }

    /// The report of a `check` that found something.
    #[track_caller]
    pub(crate) fn failed_check(self) -> String {
        assert!(!self.success, "nothing found: {}", self.stdout);
        self.stdout
    }
}

/// Looks until there is something to be seen; fails with what `look` saw last.
pub(crate) async fn eventually<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => assert!(Instant::now() < deadline, "no sign of {what}; seen: {seen}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A secret that consists of one byte.
pub(crate) fn secret(byte: u8) -> String {
    Secret::new([byte; 32]).reveal()
}

fn signal(child: &Child, name: &str) {
    let (id, kill) = (child.id().unwrap().to_string(), format!("kill -{name} $0"));
    let sent = std::process::Command::new("sh").args(["-c", &kill, &id]).status();
    assert!(sent.unwrap().success());
}

fn address(stdout: &str) -> Option<SocketAddr> {
    if let Some((_, rest)) = stdout.split_once(" and listens on ") {
        return rest.split_once('\n')?.0.parse().ok();
    }
    let (_, rest) = stdout.split_once("Guestlist serves on http://localhost:")?;
    Some(([127, 0, 0, 1], rest.split(['/', '\n']).next()?.parse().ok()?).into())
}

async fn ended(mut output: watch::Receiver<String>) {
    while output.changed().await.is_ok() {}
}

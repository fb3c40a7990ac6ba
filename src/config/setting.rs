//! The list of all settings: their names, defaults and what the help says of them.

/// What all variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "GUESTLIST_";

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the file.
    pub name: &'static str,
    /// What its value stands for in the help.
    pub value: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The value where nobody sets it.
    pub default: Option<&'static str>,
    /// Whether it takes several values.
    pub many: bool,
}

const fn one(
    name: &'static str,
    value: &'static str,
    default: Option<&'static str>,
    help: &'static str,
) -> Setting {
    Setting { name, value, help, default, many: false }
}

const fn many(name: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting { name, value, help, default: None, many: true }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    one("listen", "ADDRESS", Some("127.0.0.1:8080"), "Address and port to serve on"),
    one(
        "public_url",
        "URL",
        None,
        "What the service is called from outside, with its base path, such as https://example.com/auth: the issuer \
         of its tokens [default: http://localhost:PORT and the base path]",
    ),
    one("base_path", "PATH", Some(""), "What comes before /user/find and so on in URLs"),
    one(
        "table",
        "TABLE",
        Some("sqlite:./data"),
        "Where everything is kept: sqlite:FOLDER or dynamodb:NAME",
    ),
    one("dynamodb_endpoint", "URL", None, "DynamoDB elsewhere than on AWS, such as LocalStack"),
    one(
        "secret",
        "SECRET",
        None,
        "32 bytes in base64url that keys are derived from; with SQLite made at the first run",
    ),
    many("previous_secrets", "SECRET", "Secrets of before, still accepted; to rotate the secret"),
    one(
        "token_algorithm",
        "ALGORITHM",
        Some("EdDSA"),
        "What tokens are signed with: EdDSA or ES256, by a key that is derived from the secret, or RS256",
    ),
    one("token_key_file", "PATH", None, "The RSA private key (PEM) for token_algorithm = RS256"),
    many(
        "previous_token_key_files",
        "PATH",
        "RSA keys of before, whose tokens are still accepted; to rotate the key file",
    ),
    many(
        "issuers",
        "ISSUER",
        "An outside issuer of tokens: issuer=URL,audience=NAME, and where its metadata does not lead to its keys, \
         jwks_url=URL, jwks_file=PATH or hs256_secret=TEXT; algorithms=RS256+ES256,trust_email=true and more, see \
         docs/issuers.md",
    ),
    many(
        "providers",
        "PROVIDER",
        "A provider that people sign in with: name=google,issuer=https://accounts.google.com,client_id=TEXT,\
         client_secret=TEXT (or client_secret_file=PATH); kind=github needs no issuer; response_mode=form_post and \
         more, see docs/providers.md",
    ),
    one(
        "smtp_url",
        "URL",
        None,
        "Mail server: smtp://user:password@host:port (STARTTLS, unless it is on this machine), smtps://…, or \
         smtp://…?tls=none to send in the clear",
    ),
    one(
        "smtp_hello",
        "NAME",
        None,
        "What the mail server is greeted with [default: the host of the public URL]",
    ),
    one(
        "smtp_ca",
        "PATH",
        None,
        "Certificates (PEM) to trust for the mail server, besides the system's",
    ),
    one("smtp_connections", "COUNT", Some("8"), "The most emails on their way at once"),
    one(
        "smtp_timeout_seconds",
        "SECONDS",
        Some("60"),
        "How long the mail server may take over an email",
    ),
    one("mail_from", "MAILBOX", Some("Guestlist <guestlist@localhost>"), "Who letters are from"),
    one(
        "mail_folder",
        "FOLDER",
        None,
        "Where letters go without a mail server [default: mail \
         in the folder of the SQLite table, or ./data/mail]",
    ),
    one("mail_templates", "FOLDER", None, "Your own templates of letters, see docs/mail.md"),
    one(
        "mail_language",
        "LANGUAGE",
        Some("en"),
        "The language of letters to people whose language is not known, or has no templates",
    ),
    one("app_url", "URL", None, "The app that links in letters lead to [default: the public URL]"),
    many(
        "cors_origins",
        "ORIGIN",
        "An origin whose pages may call, such as https://app.example.com; * for all",
    ),
    many(
        "audiences",
        "NAME",
        "Another service that session/token makes tokens for, such as https://api.example.com: aud of these",
    ),
    many(
        "facades",
        "FACADE",
        "Other interfaces to serve: panel, meiro or panel,meiro, see docs/facades.md",
    ),
    one(
        "panel_requests_per_minute",
        "COUNT",
        Some("60000"),
        "How many requests of the panel's interface a key may make in a minute, on each node; 0 for any number",
    ),
    one(
        "meiro_account",
        "ACCOUNT",
        Some(""),
        "The id of the account that POST /users/login of Meiro's interface signs in to; empty for the person's only one",
    ),
    many(
        "trusted_proxies",
        "RANGE",
        "The address, or range such as 10.0.0.0/8, of a proxy that says whom it speaks for",
    ),
    one("proxy_header", "HEADER", Some("x-forwarded-for"), "The header in which proxies say so"),
    one(
        "registration",
        "open|invite",
        Some("invite"),
        "Whether strangers may sign up and make accounts, or only people who are invited",
    ),
    one("invite_days", "DAYS", Some("7"), "How long an invite can be accepted"),
    one(
        "invite_any_email",
        "BOOL",
        Some("false"),
        "Whether an invite may be accepted by the holder of another email",
    ),
    one(
        "session_days",
        "DAYS",
        Some("30"),
        "How long people stay signed in without using the service",
    ),
    one("session_max_days", "DAYS", Some("90"), "How long people stay signed in at most"),
    one("trash_days", "DAYS", Some("30"), "How long removed users are kept"),
    one(
        "caller_seconds",
        "SECONDS",
        Some("5"),
        "How long a caller's role may be taken from memory",
    ),
    one(
        "log",
        "FILTER",
        Some("info"),
        "What to log: error, warn, info, debug, or a filter by module",
    ),
    one("log_format", "text|json", Some("text"), "How to log"),
    one("access_log", "on|off", Some("off"), "Whether each request has a line in the log"),
    one(
        "log_codes",
        "BOOL",
        Some("false"),
        "Whether the set-up code, and links with codes where there is no mail server, are printed and logged also where \
         it is no terminal of the own machine: for trying out",
    ),
    one("console", "on|off", Some("on"), "Whether the console is served, at the base path"),
    one(
        "metrics",
        "on|off",
        Some("on"),
        "Whether GET /metrics serves counts of requests, to every caller",
    ),
    one("max_body_bytes", "BYTES", Some("65536"), "The largest request body"),
    one("max_head_bytes", "BYTES", Some("16384"), "The largest request head"),
    one("max_connections", "COUNT", Some("10000"), "The most connections at once"),
    one(
        "max_connections_per_address",
        "COUNT",
        Some("1000"),
        "The most connections from one address, or IPv6 network of 64 bits, while more than half of max_connections are in use; \
         trusted proxies may have more",
    ),
    one(
        "shutdown_delay_seconds",
        "SECONDS",
        Some("0"),
        "How long the service goes on after SIGTERM, while /readyz answers 503",
    ),
    one(
        "head_seconds",
        "SECONDS",
        Some("15"),
        "How long a request's head may take, or a connection idle",
    ),
    one("request_seconds", "SECONDS", Some("10"), "How long a request may take as a whole"),
];

/// The settings whose values may hold a secret: nobody is shown these.
pub(super) const SECRET: [&str; 5] =
    ["secret", "previous_secrets", "issuers", "providers", "smtp_url"];

/// The settings that every command's help shows, since they say what it works on.
pub(super) const OF_COMMANDS: [&str; 1] = ["table"];

/// The flag of a setting.
pub fn flag(setting: &Setting) -> String {
    match setting.name {
        "issuers" => "issuer".to_owned(),
        "providers" => "provider".to_owned(),
        "cors_origins" => "cors-origin".to_owned(),
        "audiences" => "audience".to_owned(),
        "trusted_proxies" => "trusted-proxy".to_owned(),
        "previous_secrets" => "previous-secret".to_owned(),
        "previous_token_key_files" => "previous-token-key-file".to_owned(),
        name => name.replace('_', "-"),
    }
}

/// The variable of a setting.
pub fn variable(setting: &Setting) -> String {
    format!("{VARIABLE_PREFIX}{}", setting.name.to_uppercase())
}

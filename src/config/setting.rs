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
        "URL under which clients reach the service, with its base path, such as https://example.com/auth; also the \
         issuer of its tokens [default: http://localhost:PORT and the base path]",
    ),
    one("base_path", "PATH", Some(""), "Path before /user/find and all other calls"),
    one(
        "table",
        "TABLE",
        Some("sqlite:./data"),
        "Table in which all data is stored: sqlite:FOLDER or dynamodb:NAME",
    ),
    one(
        "sqlite_cache_mb",
        "MIB",
        Some("64"),
        "How much of an SQLite table is kept in memory, in MiB: half for writes, half for reads",
    ),
    one("dynamodb_endpoint", "URL", None, "URL of a DynamoDB outside AWS, such as LocalStack"),
    one(
        "secret",
        "SECRET",
        None,
        "Secret from which keys are derived: 32 bytes in base64url; with SQLite, created at the first start",
    ),
    many(
        "previous_secrets",
        "SECRET",
        "Previous secrets that are still accepted, for rotating the secret",
    ),
    one(
        "token_algorithm",
        "ALGORITHM",
        Some("EdDSA"),
        "Algorithm that signs tokens: EdDSA or ES256, with a key derived from the secret, or RS256",
    ),
    one(
        "token_key_file",
        "PATH",
        None,
        "File with the RSA private key (PEM) for token_algorithm = RS256",
    ),
    many(
        "previous_token_key_files",
        "PATH",
        "Files with previous RSA keys whose tokens are still accepted, for rotating the key",
    ),
    many(
        "issuers",
        "ISSUER",
        "Outside issuer of tokens: issuer=URL,audience=NAME and, if its metadata does not lead to its keys, \
         jwks_url=URL, jwks_file=PATH or hs256_secret=TEXT; algorithms=RS256+ES256,trust_email=true and more, see \
         docs/issuers.md",
    ),
    many(
        "providers",
        "PROVIDER",
        "Provider that people can sign in with: name=google,issuer=https://accounts.google.com,client_id=TEXT,\
         client_secret=TEXT (or client_secret_file=PATH); kind=github needs no issuer; response_mode=form_post and \
         more, see docs/providers.md",
    ),
    one(
        "smtp_url",
        "URL",
        None,
        "Mail server: smtp://user:password@host:port (with STARTTLS, unless on this machine), smtps://…, or \
         smtp://…?tls=none to send without TLS",
    ),
    one(
        "smtp_hello",
        "NAME",
        None,
        "Name for greeting the mail server (EHLO) [default: the host of the public URL]",
    ),
    one(
        "smtp_ca",
        "PATH",
        None,
        "File with certificates (PEM) to trust for the mail server, besides the system's",
    ),
    one("smtp_connections", "COUNT", Some("8"), "Maximum number of emails being sent at once"),
    one(
        "smtp_timeout_seconds",
        "SECONDS",
        Some("60"),
        "Time limit for sending one email, in seconds",
    ),
    one("mail_from", "MAILBOX", Some("Guestlist <guestlist@localhost>"), "Sender of emails"),
    one(
        "mail_folder",
        "FOLDER",
        None,
        "Folder for emails if no mail server is set [default: mail in \
         the folder of the SQLite table, or ./data/mail]",
    ),
    one("mail_templates", "FOLDER", None, "Folder with your own email templates, see docs/mail.md"),
    one(
        "mail_language",
        "LANGUAGE",
        Some("en"),
        "Language of emails to people whose language is unknown or has no templates",
    ),
    one(
        "app_url",
        "URL",
        None,
        "URL of the app that links in emails lead to [default: the public URL]",
    ),
    many(
        "cors_origins",
        "ORIGIN",
        "Origin whose pages may call the service, such as https://app.example.com; * for all",
    ),
    many(
        "audiences",
        "NAME",
        "Other service for which session/token issues tokens, such as https://api.example.com: their aud",
    ),
    many(
        "facades",
        "FACADE",
        "Additional interfaces to serve: panel, meiro or panel,meiro, see docs/facades.md",
    ),
    one(
        "panel_requests_per_minute",
        "COUNT",
        Some("60000"),
        "Maximum requests per minute of each key to the panel interface, on each node; 0 for no limit",
    ),
    one(
        "meiro_account",
        "ACCOUNT",
        Some(""),
        "ID of the account that POST /users/login of the Meiro interface signs in to; empty for the person's only account",
    ),
    many(
        "trusted_proxies",
        "RANGE",
        "Address or range, such as 10.0.0.0/8, of a proxy that is trusted to name the client's address",
    ),
    one(
        "proxy_header",
        "HEADER",
        Some("x-forwarded-for"),
        "Header in which trusted proxies name the client's address",
    ),
    one(
        "registration",
        "open|invite",
        Some("invite"),
        "Who can sign up and create accounts: anyone (open), or only people who are invited (invite)",
    ),
    one("invite_days", "DAYS", Some("7"), "Lifetime of invites, in days"),
    one(
        "invite_any_email",
        "BOOL",
        Some("false"),
        "Accept an invite also from someone who signs in with another email",
    ),
    one(
        "session_days",
        "DAYS",
        Some("30"),
        "Time until people who do not use the service are signed out, in days",
    ),
    one(
        "session_max_days",
        "DAYS",
        Some("90"),
        "Maximum time until people must sign in again, in days",
    ),
    one("trash_days", "DAYS", Some("30"), "Time until removed users are deleted for good, in days"),
    one(
        "caller_seconds",
        "SECONDS",
        Some("5"),
        "Maximum age of a remembered role of a caller, in seconds",
    ),
    one(
        "log",
        "FILTER",
        Some("info"),
        "Log level: error, warn, info, debug, or a filter by module",
    ),
    one("log_format", "text|json", Some("text"), "Log format"),
    one("access_log", "on|off", Some("off"), "Log a line for each request"),
    one(
        "log_codes",
        "BOOL",
        Some("false"),
        "Print and log the setup code, and links with codes if no mail server is set, even if not in a terminal on this \
         machine; for trying things out",
    ),
    one("console", "on|off", Some("on"), "Serve the console at the base path"),
    one("metrics", "on|off", Some("on"), "Serve metrics at GET /metrics, to every caller"),
    one("max_body_bytes", "BYTES", Some("65536"), "Maximum size of a request body, in bytes"),
    one("max_head_bytes", "BYTES", Some("16384"), "Maximum size of a request head, in bytes"),
    one("max_connections", "COUNT", Some("10000"), "Maximum number of connections"),
    one(
        "max_connections_per_address",
        "COUNT",
        Some("1000"),
        "Maximum number of connections from one address (IPv6: /64 network) while more than half of max_connections are \
         in use; not for trusted proxies",
    ),
    one(
        "shutdown_delay_seconds",
        "SECONDS",
        Some("0"),
        "Time to keep serving after SIGTERM, while /readyz answers 503, in seconds",
    ),
    one(
        "head_seconds",
        "SECONDS",
        Some("15"),
        "Time limit for receiving a request's head, and for idle connections, in seconds",
    ),
    one("request_seconds", "SECONDS", Some("10"), "Time limit for a whole request, in seconds"),
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

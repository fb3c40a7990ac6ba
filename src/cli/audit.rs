//! `guestlist audit export`: an account's audit trail on stdout, page by page, so that it may be as long as it likes.

use std::{process::ExitCode, time::Duration};

use clap::{Arg, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::Value;

use super::{
    Failure,
    listing::{json_lines, none_found, print},
    operator::{Operator, account_flag},
    usage::Misuse,
};
use crate::{clock::Timestamp, config::Settings};

/// The cells of a row of CSV, as the console's export has them.
const COLUMNS: [&str; 14] = [
    "id",
    "at",
    "actor",
    "actorName",
    "action",
    "target",
    "userId",
    "userEmail",
    "changed",
    "roleBefore",
    "roleAfter",
    "stateBefore",
    "stateAfter",
    "address",
];
const CSV: &str = "csv";
const NDJSON: &str = "ndjson";

pub(super) fn command() -> Command {
    let export = Command::new("export")
        .after_help("Example:\n  guestlist audit export --from 2026-01-01 --to 2026-01-31 > january.csv")
        .about("Print an account's audit trail as CSV or JSON, newest entry first")
        .long_about(
            "Print an account's audit trail, newest entry first: as CSV with a header line, or as NDJSON, one JSON \
             object per line. In CSV, a cell that begins with = + - @, a tab or a carriage return gets a leading \
             apostrophe, so that spreadsheet programs do not read it as a formula.",
        )
        .args([
            account_flag("Account to export [default: the home account]"),
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .default_value(CSV)
                .value_parser(PossibleValuesParser::new([CSV, NDJSON]))
                .help("Output format"),
            Arg::new("from")
                .long("from")
                .value_name("DATE")
                .value_parser(first_moment)
                .help("First day (UTC), such as 2026-01-31, or time (RFC 3339) [default: the first entry]"),
            Arg::new("to")
                .long("to")
                .value_name("DATE")
                .value_parser(end_moment)
                .help("Last day (UTC), included, or time (RFC 3339), excluded [default: the last entry]"),
        ]);
    Command::new("audit")
        .about("Export the audit trail")
        .subcommands([export])
        .subcommand_required(true)
        .arg_required_else_help(true)
}

pub(super) async fn export(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let [from, to] = ["from", "to"].map(|name| flags.get_one::<Timestamp>(name));
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        // Before the first line is printed.
        return Err(Misuse("--to must be later than --from".to_owned()).into());
    }
    let operator = Operator::to_read(settings).await?;
    let mut body = operator.account_of(flags).await?;
    for (name, at) in [("from", from), ("to", to)] {
        body.extend(at.map(|at| (name.to_owned(), Value::String(at.to_string()))));
    }
    let is_csv = flags.get_one::<String>("format").is_some_and(|format| format == CSV);
    if is_csv {
        print(&line(&COLUMNS.map(str::to_owned)))?;
    }
    let place = operator.place("audit/find", &body);
    let mut is_empty = true;
    operator
        .named_pages("audit/find", body, async |mut entries, names| {
            is_empty = false;
            for entry in &mut entries {
                add_names(entry, &names);
            }
            if !is_csv {
                return print(&json_lines(&entries));
            }
            print(&entries.iter().map(|entry| line(&row(entry))).collect::<String>())
        })
        .await?;
    if is_empty {
        none_found("audit entry", &place);
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds what the ids of an entry stand for.
fn add_names(entry: &mut Value, names: &[Value]) {
    let text =
        |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let find = |id: &str| names.iter().find(|name| name.get("id").is_some_and(|known| known == id));
    let actor = text(entry, "actor").unwrap_or_default();
    let actor_id = actor.split_once(':').map_or(actor.as_str(), |(_, id)| id);
    let actor_name = find(actor_id).and_then(|name| name.get("name")).cloned();
    let user_id = text(entry, "userId").unwrap_or_default();
    let user_email = find(&user_id).and_then(|name| name.get("email")).cloned();
    if let Some(entry) = entry.as_object_mut() {
        entry.extend(actor_name.map(|name| ("actorName".to_owned(), name)));
        entry.extend(user_email.map(|email| ("userEmail".to_owned(), email)));
    }
}

fn row(entry: &Value) -> [String; COLUMNS.len()] {
    COLUMNS.map(|column| {
        let value = match column {
            "roleBefore" => entry.pointer("/before/role"),
            "roleAfter" => entry.pointer("/after/role"),
            "stateBefore" => entry.pointer("/before/state"),
            "stateAfter" => entry.pointer("/after/state"),
            column => entry.get(column),
        };
        match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(texts)) => {
                texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            }
            Some(other) => other.to_string(),
            None => String::new(),
        }
    })
}

/// A row as CSV (RFC 4180).
fn line(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| written(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// What begins as a formula is one to programs that show sheets, unless it is told to be a text.
fn written(cell: &str) -> String {
    let mark = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if cell.contains(['"', ',', '\r', '\n']) {
        return format!("\"{mark}{}\"", cell.replace('"', "\"\""));
    }
    format!("{mark}{cell}")
}

/// The beginning of a day, or a moment.
fn first_moment(text: &str) -> Result<Timestamp, String> {
    moment(text, Duration::ZERO)
}

/// The end of a day, or a moment.
fn end_moment(text: &str) -> Result<Timestamp, String> {
    moment(text, Duration::from_hours(24))
}

fn moment(text: &str, after_day: Duration) -> Result<Timestamp, String> {
    let day = Timestamp::parse(&format!("{text}T00:00:00Z")).map(|day| day.plus(after_day));
    let why =
        || "must be a day such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z".to_owned();
    day.or_else(|| Timestamp::parse(text)).ok_or_else(why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_texts_to_programs_that_show_sheets() {
        for (cell, shown) in [
            ("Ada", "Ada"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=\"a\",b", "\"'=\"\"a\"\",b\""),
            ("a,b", "\"a,b\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(written(cell), shown);
        }
    }

    #[test]
    fn a_row_has_a_cell_for_each_column() {
        let entry = json!({
            "id": "1", "at": "2026-01-31T12:00:00Z", "actor": "user:2", "actorName": "=Ada", "action": "user/update",
            "changed": ["role", "state"], "before": {"role": "user"}, "after": {"role": "admin"},
        });
        assert_eq!(
            line(&row(&entry)),
            "1,2026-01-31T12:00:00Z,user:2,'=Ada,user/update,,,,role state,user,admin,,,\r\n"
        );
    }

    #[test]
    fn days_begin_and_end_in_utc() {
        let at = |text| Timestamp::parse(text).unwrap();
        assert_eq!(first_moment("2026-01-31"), Ok(at("2026-01-31T00:00:00Z")));
        assert_eq!(end_moment("2026-01-31"), Ok(at("2026-02-01T00:00:00Z")));
        for read in [first_moment, end_moment] {
            assert_eq!(read("2026-01-31T12:00:00+01:00"), Ok(at("2026-01-31T11:00:00Z")));
            assert!(read("yesterday").is_err());
        }
    }
}

//! Records on stdout: as a table for people, or as lines of JSON for programs.

use std::io::{self, Write as _};

use clap::{Arg, ArgAction, ArgMatches};
use serde_json::Value;

use super::{Failure, complain};

/// The flag that asks for JSON.
pub(super) fn json_flag() -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("Print NDJSON, one JSON object per line")
}

/// Prints records page by page.
pub(super) struct Listing {
    columns: &'static [&'static str],
    json: bool,
    /// A field that is not printed, in whatever form.
    hidden: Option<&'static str>,
    /// Of the table's columns so far, in characters; empty before the first record.
    widths: Vec<usize>,
}

impl Listing {
    /// A table with these fields for columns, or JSON with all fields if the flag is given.
    pub(super) fn new(columns: &'static [&'static str], flags: &ArgMatches) -> Self {
        Self { columns, json: flags.get_flag("json"), hidden: None, widths: Vec::new() }
    }

    /// The same, without a field.
    pub(super) fn without(self, field: &'static str) -> Self {
        Self { hidden: Some(field), ..self }
    }

    /// Prints a page.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn print(&mut self, mut records: Vec<Value>) -> Result<(), Failure> {
        if let Some(field) = self.hidden {
            for record in records.iter_mut().filter_map(Value::as_object_mut) {
                record.remove(field);
            }
        }
        if self.json {
            return print(&json_lines(&records));
        }
        let cells = |record: &Value| self.columns.iter().map(|name| cell(record, name)).collect();
        let mut rows: Vec<Vec<String>> = records.iter().map(cells).collect();
        if rows.is_empty() {
            return Ok(());
        }
        if self.widths.is_empty() {
            rows.insert(0, self.columns.iter().map(|name| (*name).to_owned()).collect());
            self.widths = vec![0; self.columns.len()];
        }
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        print(&rows.iter().map(|row| self.line(row)).collect::<String>())
    }

    /// After the last page: says so, if there was nothing to print for people.
    pub(super) fn end(&self, noun: &str, place: &str) {
        if !self.json && self.widths.is_empty() {
            none_found(noun, place);
        }
    }

    fn line(&self, row: &[String]) -> String {
        let cells = row.iter().zip(&self.widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    }
}

/// Says to people that there was nothing to print.
pub(super) fn none_found(noun: &str, place: &str) {
    complain(&format!("guestlist: no {noun} was found in {place}"));
}

/// Prints one record, a field a line in this order; or as JSON if the flag is given.
pub(super) fn print_record(
    record: &Value,
    fields: &[&str],
    flags: &ArgMatches,
) -> Result<(), Failure> {
    if flags.get_flag("json") {
        return print(&json_lines(std::slice::from_ref(record)));
    }
    let there = fields.iter().filter(|name| record.get(**name).is_some());
    let width = there.clone().map(|name| name.len()).max().unwrap_or(0);
    let lines = there.map(|name| format!("{name:width$}  {}\n", cell(record, name)));
    print(&lines.collect::<String>())
}

pub(super) fn json_lines(records: &[Value]) -> String {
    records.iter().flat_map(|record| [record.to_string(), "\n".to_owned()]).collect()
}

/// Writes to stdout, which may be a file on a full disk.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    Ok(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())?)
}

/// A field as one cell; nothing in it can move the terminal's cursor.
fn cell(record: &Value, name: &str) -> String {
    let text = match record.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    text.replace(char::is_control, "\u{fffd}")
}

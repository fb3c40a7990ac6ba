//! `GET users`: the query of a list, and its pages.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Cx, Refusal, Request, Response, Result,
    record::{Links, List, Pagination, Reply},
};
use crate::{
    facade::native::{Listed, Slice},
    model::email::Email,
};

/// Filters, and what the native list calls them.
const FILTERS: &[(&str, &str)] =
    &[("email", "email"), ("uuid", "id"), ("username", "username"), ("external_id", "externalId")];
/// Orders, and what the native list calls them.
const SORTS: &[(&str, &str)] = &[("id", "number"), ("uuid", "id")];
/// The size of a page, if the query does not say it.
const PER_PAGE: u64 = 50;
/// The size of a page, if the query says something that is no size; what the panel's models have.
const PER_PAGE_OF_MODELS: u64 = 15;
/// The largest page.
const MAX_PER_PAGE: u64 = 500;
/// The most texts that one filter may have.
const MAX_TEXTS: usize = 50;
/// The longest value of a field that can be filtered, in characters.
const MAX_CHARS: usize = 191;
/// As much of an unknown name is repeated, in characters; and so many of them.
const MAX_ECHO: (usize, usize) = (60, 20);

/// Which part of a list is asked for.
struct Page {
    number: u64,
    size: u64,
}

/// A page of the users that the query asks for.
pub(super) async fn users(cx: Cx<'_>) -> Result<Response> {
    let page = Page::of(cx.request);
    let contains = filters(cx.request)?;
    let order = order(cx.request)?;
    let mut found = match contains {
        Some(contains) => {
            let offset = (page.number - 1).saturating_mul(page.size);
            let slice = Slice { offset, limit: page.size, order };
            let mut body = Map::new();
            if !contains.is_empty() {
                body.insert("contains".to_owned(), contains.into());
            }
            cx.native.list("user/list", &slice, body.into()).await?
        }
        None => Listed { data: Vec::new(), total: 0 },
    };
    let pagination = page.pagination(&cx, "users", found.data.len(), found.total);
    // Clients look for what they have asked for, to the letter.
    let spellings = spellings(cx.request);
    for user in &mut found.data {
        if let Some(spelling) = spellings.get(&user.email) {
            (*spelling).clone_into(&mut user.email);
        }
    }
    let users = cx.shown(found.data).await?;
    Ok(Response::json(200, &List::page("user", users, pagination)))
}

/// `GET servers`: there are none, but clients try their key with it.
pub(super) fn servers(cx: Cx<'_>) -> Response {
    let pagination = Page::of(cx.request).pagination(&cx, "servers", 0, 0);
    Response::json(200, &List::<Reply>::page("server", Vec::new(), pagination))
}

/// Whether the query asks for users' servers.
pub(super) fn includes_servers(request: &Request) -> bool {
    let values = request.query.iter().filter(|(name, _)| is_of(name, "include"));
    values.flat_map(|(_, value)| value.split(',')).any(|name| name.trim() == "servers")
}

/// Reads what a query says of a list, and makes the links of its pages.
pub(super) fn read(request: &Request) -> Result<()> {
    let page = Page::of(request);
    let _ = (link("", page.number, request), includes_servers(request));
    let (_contains, _order) = (filters(request)?, order(request)?);
    Ok(())
}

impl Page {
    fn of(request: &Request) -> Self {
        let text = |name| request.parameter(name).map(str::trim).filter(|text| !text.is_empty());
        let number = text("page").and_then(|text| text.parse::<i64>().ok());
        let size = match text("per_page") {
            None => PER_PAGE,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                match text.parse().unwrap_or(u64::MAX) {
                    0 => PER_PAGE_OF_MODELS,
                    size => size.min(MAX_PER_PAGE),
                }
            }
            Some(_) => PER_PAGE_OF_MODELS,
        };
        let number = number.and_then(|number| u64::try_from(number).ok()).unwrap_or(1).max(1);
        Self { number, size }
    }

    fn pagination(&self, cx: &Cx<'_>, path: &str, count: usize, total: u64) -> Pagination {
        let total_pages = total.div_ceil(self.size).max(1);
        let link = |number: u64| link(&cx.url(path), number, cx.request);
        let links = Links {
            previous: (self.number > 1).then(|| link(self.number - 1)),
            next: (self.number < total_pages).then(|| link(self.number + 1)),
        };
        let (per_page, current_page) = (self.size, self.number);
        Pagination { total, count, per_page, current_page, total_pages, links }
    }
}

/// Another page of the same list.
fn link(url: &str, page: u64, request: &Request) -> String {
    let others = request.query.iter().filter(|(name, _)| name != "page");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("page", &page.to_string()).extend_pairs(others);
    format!("{url}?{}", query.finish())
}

/// What users must contain, as the native list takes it; `None` if nobody can.
fn filters(request: &Request) -> Result<Option<Map<String, Value>>> {
    let given = given(request);
    let is_known = |name: &str| FILTERS.iter().any(|(known, _)| *known == name);
    let unknown: Vec<&str> =
        given.iter().map(|given| given.name).filter(|name| !is_known(name)).collect();
    if !unknown.is_empty() {
        let why = format!(
            "Requested filter(s) `{}` are not allowed. Allowed filter(s) are `{}`.",
            echo(&unknown),
            names(FILTERS)
        );
        return Err(Refusal::query("InvalidFilterQuery", &why));
    }
    let mut contains = Map::new();
    for (name, native) in FILTERS {
        let texts = texts(&given, name);
        if texts.len() > MAX_TEXTS {
            let why =
                format!("Filter `{name}` has {} values; {MAX_TEXTS} are allowed.", texts.len());
            return Err(Refusal::query("InvalidFilterQuery", &why));
        }
        let possible: Vec<&str> = texts.iter().copied().filter(|text| is_possible(text)).collect();
        if possible.is_empty() && !texts.is_empty() {
            return Ok(None);
        }
        if !possible.is_empty() {
            contains.insert((*native).to_owned(), possible.into());
        }
    }
    Ok(Some(contains))
}

/// A parameter such as `filter[email]`, or `filter[email][]` for an element of a list.
struct Filter<'a> {
    name: &'a str,
    is_element: bool,
    value: &'a str,
}

fn given(request: &Request) -> Vec<Filter<'_>> {
    let mut given = Vec::new();
    for (name, value) in &request.query {
        let name = name.strip_prefix("filter[").and_then(|name| name.split_once(']'));
        if let Some((name, rest)) = name {
            given.push(Filter { name, is_element: !rest.is_empty(), value });
        }
    }
    given
}

/// The texts to look for, each once. Of parameters that come more than once the last counts, but for
/// elements.
fn texts<'a>(given: &[Filter<'a>], name: &str) -> Vec<&'a str> {
    let mut texts: Vec<&str> = Vec::new();
    for Filter { is_element, value, .. } in given.iter().filter(|given| given.name == name) {
        if !is_element {
            texts.clear();
        }
        texts.extend(value.split(',').map(str::trim).filter(|text| !text.is_empty()));
    }
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// The emails that the query asks for, and how it writes them.
fn spellings(request: &Request) -> BTreeMap<String, &str> {
    let texts = texts(&given(request), "email");
    texts
        .into_iter()
        .filter_map(|text| Some((Email::parse(text).ok()?.to_string(), text)))
        .collect()
}

/// Whether some value may contain it: none is longer, or has a line's end in it.
fn is_possible(text: &str) -> bool {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().count() <= MAX_CHARS && !text.contains(is_break)
}

/// The order that the query asks for, as the native list takes it.
fn order(request: &Request) -> Result<String> {
    let plain = request.parameter("sort").into_iter();
    let listed = request.query.iter().filter(|(name, _)| name.starts_with("sort["));
    let values = plain.chain(listed.map(|(_, value)| value.as_str()));
    let terms: Vec<&str> = values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|term| !term.is_empty())
        .collect();
    let native = |term: &str| {
        let name = term.trim_start_matches('-');
        let falling = if name.len() < term.len() { "-" } else { "" };
        let known = SORTS.iter().find(|(known, _)| *known == name);
        known.map(|(_, native)| format!("{falling}{native}"))
    };
    let unknown: Vec<&str> = (terms.iter().filter(|term| native(term).is_none()))
        .map(|term| term.trim_start_matches('-'))
        .collect();
    if !unknown.is_empty() {
        let why = format!(
            "Requested sort(s) `{}` is not allowed. Allowed sort(s) are `{}`.",
            echo(&unknown),
            names(SORTS)
        );
        return Err(Refusal::query("InvalidSortQuery", &why));
    }
    // No two users share what the first one goes by.
    Ok(terms.first().and_then(|term| native(term)).unwrap_or_else(|| "number".to_owned()))
}

/// Whether a parameter is `name` or an element of the array `name`.
fn is_of(parameter: &str, name: &str) -> bool {
    parameter.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

fn names(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Unknown names as an answer repeats them, each once.
fn echo(unknown: &[&str]) -> String {
    let (chars, most) = MAX_ECHO;
    let mut shown: Vec<String> = Vec::new();
    for name in unknown {
        let name = name.chars().take(chars).collect();
        if !shown.contains(&name) && shown.len() < most {
            shown.push(name);
        }
    }
    shown.join(", ")
}

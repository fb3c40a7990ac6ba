//! A stand-in for DynamoDB: answers reads with the rows of a store's SQLite file, and drops writes.
//!
//! Usage: `canned-dynamodb FILE`. It serves on a free port of 127.0.0.1 and prints the URL. Replies
//! are prepared in advance, so that it costs little. It respects keys, orders and limits, but no
//! filters and signatures. `/recorded` returns the requests since `/record`: a JSON list of pairs,
//! operation and body.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    mem,
    ops::Bound,
    path::Path,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpStream};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const ROWS: &str = "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item";
/// The text around an item in the reply to a `GetItem`.
const BEFORE: &[u8] = br#"{"Item":"#;
const BEHIND: &[u8] = b"}";

/// The items by index: by partition and sort key, and in `gs1` also by those of the table.
struct Store {
    primary: BTreeMap<[String; 2], Stored>,
    gs1: BTreeMap<[String; 4], [String; 2]>,
    /// The requests so far, while they are recorded.
    asked: Mutex<Option<Vec<Value>>>,
}

/// The whole reply to a `GetItem`, and the item's keys in the table and in `gs1`.
struct Stored {
    answer: Bytes,
    key: String,
    gs1_key: String,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

type Key = HashMap<String, Text>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetItem {
    key: Key,
}

/// The keys requested of each table; there is one table.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGetItem {
    request_items: HashMap<String, Wanted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    index_name: Option<String>,
    key_condition_expression: String,
    expression_attribute_values: HashMap<String, Value>,
    exclusive_start_key: Option<Key>,
    limit: usize,
    scan_index_forward: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).ok_or("usage: canned-dynamodb FILE")?;
    let store = Arc::new(Store::read(Path::new(&file))?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("canned DynamoDB serves on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, Arc::clone(&store)));
    }
}

async fn serve(stream: TcpStream, store: Arc<Store>) {
    let service = service_fn(|request| respond(request, &store));
    // Clients hang up without ceremony when they are ended.
    let _hung_up = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Incoming>, store: &Store) -> Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answer = match head.uri.path() {
        "/record" => {
            *store.asked.lock().map_err(|_| "a panic")? = Some(Vec::new());
            Bytes::new()
        }
        "/recorded" => {
            let asked = mem::take(&mut *store.asked.lock().map_err(|_| "a panic")?);
            json!(asked).to_string().into()
        }
        _ => {
            let target = head.headers.get("x-amz-target").ok_or("no target")?.to_str()?;
            let operation = target.rsplit('.').next().unwrap_or_default();
            store.answer(operation, &body)?
        }
    };
    let mut response = Response::new(Full::new(answer));
    let kind = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

impl Store {
    fn read(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        let mut statement = connection.prepare(ROWS)?;
        let mut rows = statement.query(())?;
        let (mut primary, mut gs1) = (BTreeMap::new(), BTreeMap::new());
        while let Some(row) = rows.next()? {
            let [pk, sk]: [String; 2] = [row.get(0)?, row.get(1)?];
            let listed: Option<(String, String)> = Option::zip(row.get(2)?, row.get(3)?);
            let body: Map<String, Value> = serde_json::from_str(&row.get::<_, String>(6)?)?;
            let text = |name: &str, text: &str| (name.to_owned(), json!({"S": text}));
            let number = |name: &str, n: i64| (name.to_owned(), json!({"N": n.to_string()}));
            let key: Map<_, _> = [text("pk", &pk), text("sk", &sk)].into_iter().collect();
            let mut gs1_key = key.clone();
            if let Some((gs1pk, gs1sk)) = listed {
                gs1_key.extend([text("gs1pk", &gs1pk), text("gs1sk", &gs1sk)]);
                gs1.insert([gs1pk, gs1sk, pk.clone(), sk.clone()], [pk.clone(), sk.clone()]);
            }
            let mut item = gs1_key.clone();
            item.extend([number("version", row.get(4)?)]);
            item.extend(row.get::<_, Option<i64>>(5)?.map(|at| number("expires", at)));
            item.extend(body.into_iter().map(|(name, of)| (name, native(of))));
            let answer = [BEFORE, json!(item).to_string().as_bytes(), BEHIND].concat().into();
            let (key, gs1_key) = (json!(key).to_string(), json!(gs1_key).to_string());
            primary.insert([pk, sk], Stored { answer, key, gs1_key });
        }
        Ok(Self { primary, gs1, asked: Mutex::default() })
    }

    fn answer(&self, operation: &str, body: &Bytes) -> Result<Bytes> {
        if let Some(asked) = &mut *self.asked.lock().map_err(|_| "a panic")? {
            asked.push(json!([operation, serde_json::from_slice::<Value>(body)?]));
        }
        match operation {
            "GetItem" => self.get(serde_json::from_slice(body)?),
            "BatchGetItem" => self.get_many(serde_json::from_slice(body)?),
            "Query" => self.query(&serde_json::from_slice(body)?),
            _ => Ok(Bytes::from_static(b"{}")),
        }
    }

    fn find(&self, mut key: Key) -> Result<Option<&Stored>> {
        let mut part = |name| key.remove(name).map(|of: Text| of.text).ok_or("no key");
        Ok(self.primary.get(&[part("pk")?, part("sk")?]))
    }

    fn get(&self, GetItem { key }: GetItem) -> Result<Bytes> {
        let found = self.find(key)?;
        Ok(found.map_or(Bytes::from_static(b"{}"), |stored| stored.answer.clone()))
    }

    fn get_many(&self, BatchGetItem { request_items }: BatchGetItem) -> Result<Bytes> {
        let (table, wanted) = request_items.into_iter().next().ok_or("no table")?;
        let found = wanted.keys.into_iter().map(|key| self.find(key));
        let found: Vec<&Stored> = found.filter_map(Result::transpose).collect::<Result<_>>()?;
        let mut answer = format!(r#"{{"Responses":{{{}:["#, json!(table)).into_bytes();
        write_items(&mut answer, &found);
        answer.extend(br#"]},"UnprocessedKeys":{}}"#);
        Ok(answer.into())
    }

    fn query(&self, query: &Query) -> Result<Bytes> {
        if !query.scan_index_forward {
            return Err("only forward".into());
        }
        let value = |name| query.expression_attribute_values.get(name)?["S"].as_str();
        let partition = value(":partition").ok_or("no partition")?;
        let (edge, condition) =
            (value(":edge").unwrap_or_default(), &query.key_condition_expression);
        let is_prefix = condition.contains("begins_with");
        let is_edge = condition.contains("#sort < :edge");
        let is_in = |sort: &str| match (is_prefix, is_edge) {
            (true, _) => sort.starts_with(edge),
            (_, true) => sort < edge,
            (false, false) => true,
        };
        let least = if is_prefix { edge } else { "" };
        let after = |name| Some(query.exclusive_start_key.as_ref()?.get(name)?.text.clone());
        let own = partition.to_owned();
        let found: Vec<&Stored> = if query.index_name.is_some() {
            let after = after("gs1sk").zip(after("pk")).zip(after("sk"));
            let after = after.map(|((sort, pk), sk)| [own, sort, pk, sk]);
            let here =
                self.gs1.range((after_or(after, [partition, least, "", ""]), Bound::Unbounded));
            let here = here.take_while(|([own, sort, ..], _)| own == partition && is_in(sort));
            here.take(query.limit).filter_map(|(_, key)| self.primary.get(key)).collect()
        } else {
            let after = after("sk").map(|sort| [own, sort]);
            let here = self.primary.range((after_or(after, [partition, least]), Bound::Unbounded));
            let here = here.take_while(|([own, sort], _)| own == partition && is_in(sort));
            here.take(query.limit).map(|(_, stored)| stored).collect()
        };
        Ok(page(&found, query))
    }
}

/// From after a key, or else from the lowest one.
fn after_or<const N: usize>(after: Option<[String; N]>, least: [&str; N]) -> Bound<[String; N]> {
    after.map_or_else(|| Bound::Included(least.map(str::to_owned)), Bound::Excluded)
}

/// The reply to a query.
fn page(found: &[&Stored], query: &Query) -> Bytes {
    let mut answer = br#"{"Items":["#.to_vec();
    write_items(&mut answer, found);
    let count = found.len();
    answer.extend(format!(r#"],"Count":{count},"ScannedCount":{count}"#).bytes());
    if let Some(last) = found.last().filter(|_| count == query.limit) {
        let key = if query.index_name.is_some() { &last.gs1_key } else { &last.key };
        answer.extend(format!(r#","LastEvaluatedKey":{key}"#).bytes());
    }
    answer.push(b'}');
    answer.into()
}

/// The items of a list, without its brackets.
fn write_items(answer: &mut Vec<u8>, found: &[&Stored]) {
    for (place, stored) in found.iter().enumerate() {
        if place > 0 {
            answer.push(b',');
        }
        let item = stored.answer.len() - BEHIND.len();
        answer.extend(stored.answer.get(BEFORE.len()..item).unwrap_or_default());
    }
}

/// A value as an attribute.
fn native(value: Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(yes) => json!({"BOOL": yes}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(values) => json!({"L": values.into_iter().map(native).collect::<Vec<_>>()}),
        Value::Object(values) => {
            let values = values.into_iter().map(|(name, of)| (name, native(of)));
            json!({"M": values.collect::<Map<_, _>>()})
        }
    }
}

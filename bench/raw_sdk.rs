//! The AWS SDK without the service: an HTTP server that makes recorded calls to DynamoDB, waits for
//! the replies, and then sends a recorded reply.
//!
//! Usage: `raw-sdk ENDPOINT ANSWER PLANS`. ANSWER contains an HTTP reply, as for `bare-hyper`; each
//! line of PLANS has the calls that belong to one request, as a JSON list of pairs, operation and
//! body. Requests use the lines in turn. It serves on a free port of 127.0.0.1 and prints the URL.
//! The client has the settings of `src/table/dynamo/connect.rs`.

mod recorded;

use std::{
    collections::HashMap,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, StalledStreamProtectionConfig},
    operation::{
        batch_get_item::builders::BatchGetItemFluentBuilder,
        get_item::builders::GetItemFluentBuilder, query::builders::QueryFluentBuilder,
    },
    types::{AttributeValue, KeysAndAttributes},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use mimalloc::MiMalloc;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use self::recorded::Answer;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Attributes = HashMap<String, AttributeValue>;

/// As in the service.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A call to DynamoDB, ready to be sent.
#[expect(clippy::large_enum_variant, reason = "they are made once")]
enum Call {
    Get(GetItemFluentBuilder),
    GetMany(BatchGetItemFluentBuilder),
    Query(QueryFluentBuilder),
}

/// The body of a recorded call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    #[serde(default)]
    table_name: String,
    request_items: Option<HashMap<String, Wanted>>,
    key: Option<HashMap<String, Value>>,
    consistent_read: Option<bool>,
    index_name: Option<String>,
    key_condition_expression: Option<String>,
    filter_expression: Option<String>,
    expression_attribute_names: Option<HashMap<String, String>>,
    expression_attribute_values: Option<HashMap<String, Value>>,
    exclusive_start_key: Option<HashMap<String, Value>>,
    limit: Option<i32>,
    scan_index_forward: Option<bool>,
}

/// The part of a `BatchGetItem` for one table.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    keys: Vec<HashMap<String, Value>>,
    consistent_read: Option<bool>,
}

struct Raw {
    plans: Vec<Vec<Call>>,
    next: AtomicUsize,
    answer: Answer,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, answer, plans] = arguments.as_slice() else {
        return Err("usage: raw-sdk ENDPOINT ANSWER PLANS".into());
    };
    let client = client(endpoint).await;
    let plan = |line| {
        let calls: Vec<(String, Asked)> = serde_json::from_str(line)?;
        calls.into_iter().map(|(operation, asked)| call(&client, &operation, asked)).collect()
    };
    let plans: Result<_> = std::fs::read_to_string(plans)?.lines().map(plan).collect();
    let answer = Answer::parse(&std::fs::read_to_string(answer)?)?;
    let raw = Arc::new(Raw { plans: plans?, next: AtomicUsize::new(0), answer });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("raw SDK serves on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, Arc::clone(&raw)));
    }
}

async fn client(endpoint: &str) -> Client {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    let credentials = Credentials::builder()
        .access_key_id("local")
        .secret_access_key("local")
        .provider_name("local")
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .load()
        .await;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build();
    let config = aws_sdk_dynamodb::config::Builder::from(&config)
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn call(client: &Client, operation: &str, asked: Asked) -> Result<Call> {
    match operation {
        "GetItem" => Ok(Call::Get(
            client
                .get_item()
                .table_name(asked.table_name)
                .set_key(attributes(asked.key)?)
                .set_consistent_read(asked.consistent_read),
        )),
        "BatchGetItem" => {
            let wanted = asked.request_items.unwrap_or_default().into_iter();
            let wanted = wanted.map(|(table, wanted)| Ok((table, wanted.parse()?)));
            let wanted = wanted.collect::<Result<_>>()?;
            Ok(Call::GetMany(client.batch_get_item().set_request_items(Some(wanted))))
        }
        "Query" => Ok(Call::Query(
            client
                .query()
                .table_name(asked.table_name)
                .set_consistent_read(asked.consistent_read)
                .set_index_name(asked.index_name)
                .set_key_condition_expression(asked.key_condition_expression)
                .set_filter_expression(asked.filter_expression)
                .set_expression_attribute_names(asked.expression_attribute_names)
                .set_expression_attribute_values(attributes(asked.expression_attribute_values)?)
                .set_exclusive_start_key(attributes(asked.exclusive_start_key)?)
                .set_limit(asked.limit)
                .set_scan_index_forward(asked.scan_index_forward),
        )),
        other => Err(format!("{other} is no read").into()),
    }
}

impl Wanted {
    fn parse(self) -> Result<KeysAndAttributes> {
        let keys = self.keys.into_iter().map(some_attributes);
        let keys = keys.collect::<Result<_>>()?;
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys));
        Ok(wanted.set_consistent_read(self.consistent_read).build()?)
    }
}

fn attributes(asked: Option<HashMap<String, Value>>) -> Result<Option<Attributes>> {
    asked.map(some_attributes).transpose()
}

fn some_attributes(asked: HashMap<String, Value>) -> Result<Attributes> {
    let attribute = |(name, value): (String, Value)| {
        let text = |kind| value.get(kind)?.as_str().map(str::to_owned);
        let number = text("N").map(AttributeValue::N);
        let value = text("S").map(AttributeValue::S).or(number).ok_or("neither text nor number")?;
        Ok((name, value))
    };
    asked.into_iter().map(attribute).collect()
}

async fn serve(stream: TcpStream, raw: Arc<Raw>) {
    let service = service_fn(|request| respond(request, &raw));
    // A load generator hangs up without ceremony when its time is over.
    let _hung_up = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Incoming>, raw: &Raw) -> Result<Response<Full<Bytes>>> {
    request.into_body().collect().await?;
    let turn = raw.next.fetch_add(1, Ordering::Relaxed) % raw.plans.len();
    for call in raw.plans.get(turn).into_iter().flatten() {
        match call {
            Call::Get(request) => {
                let found = request.clone().send().await?;
                found.item.ok_or("nothing is there")?;
            }
            Call::GetMany(request) => {
                let found = request.clone().send().await?;
                found.responses.ok_or("nothing is there")?;
            }
            Call::Query(request) => {
                let found = request.clone().send().await?;
                found.items.ok_or("nothing is there")?;
            }
        }
    }
    Ok(raw.answer.response())
}

//! A proxy before DynamoDB Local that has each answer say what it charges, and keeps it; and what
//! DynamoDB Local is known to charge otherwise than Amazon.

use std::{
    mem,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use guestlist::{clock::Clock, table::Index};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::CONTENT_LENGTH,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{
    engine::{dynamo, unique_name},
    meter::{Charge, Metered, Part, READ_STEP, Units, WRITE_STEP, What},
};

/// The operations that are charged.
const CHARGED: [&str; 7] = [
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "DeleteItem",
    "UpdateItem",
    "TransactWriteItems",
];
/// How often DynamoDB Local charges a transaction; Amazon twice in the table, once in `gs1`.
const LOCAL_TRANSACTION: usize = 4;
/// How many writes are of as many bytes as one read.
const WRITES_OF_A_READ: usize = READ_STEP / WRITE_STEP;

/// What one answer charges, in half units, read or written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Capacity {
    /// In the table itself.
    table: usize,
    /// In `gs1`.
    gs1: usize,
}

/// What DynamoDB Local 1.25 answers to a call that Amazon charges so; nothing if it was refused.
///
/// It is Amazon's charge, but for these: a query that finds nothing is free, and so is what a batch
/// does not find; and in a transaction, which is charged four times, a check counts as a read, a
/// deletion of nothing as half a write, and items that are charged alike count as one.
fn local_capacity(charge: &Charge) -> Option<Capacity> {
    if charge.refused {
        return None;
    }
    let capacity = |part: &Part| {
        let charged = |index| {
            let here = part.touches.iter().filter(|touch| touch.index == index);
            here.map(|touch| touch.units).sum::<Units>()
        };
        let half_units = |units: Units| units.half_reads + 2 * units.writes;
        let (table, gs1) = (charged(Index::Primary), half_units(charged(Index::Gs1)));
        let table = match part.what {
            What::EmptyPage | What::GetNothing => return Capacity::default(),
            What::Check if charge.transaction => 2 * table.writes.div_ceil(WRITES_OF_A_READ),
            What::DeleteNothing if charge.transaction => 1,
            What::Get | What::Page | What::Change | What::Check | What::DeleteNothing => {
                half_units(table)
            }
        };
        Capacity { table, gs1 }
    };
    let mut parts: Vec<_> = charge.parts.iter().map(capacity).collect();
    if charge.transaction {
        parts.sort();
        parts.dedup();
    }
    let times = if charge.transaction { LOCAL_TRANSACTION } else { 1 };
    let sum = |of: fn(&Capacity) -> usize| times * parts.iter().map(of).sum::<usize>();
    Some(Capacity { table: sum(|each| each.table), gs1: sum(|each| each.gs1) })
}

/// The proxy, for as long as it is held.
pub(crate) struct Charges {
    address: SocketAddr,
    endpoint: String,
    taken: Arc<Mutex<Vec<Capacity>>>,
}

impl Charges {
    /// A proxy on a port of its own.
    pub(crate) async fn before(endpoint: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::<Mutex<Vec<_>>>::default();
        let gate = Gate { endpoint: endpoint.clone(), taken: Arc::clone(&taken), http: http() };
        tokio::spawn(serve(listener, gate));
        Self { address, endpoint, taken }
    }

    /// A new table that is called through the proxy, and metered.
    pub(crate) async fn table(&self, clock: &Clock) -> Metered {
        let (name, through) = (unique_name(), format!("http://{}", self.address));
        let aside = dynamo(&name, Some(self.endpoint.clone()), clock).await;
        aside.create_table().await.unwrap();
        Metered::new(Arc::new(dynamo(&name, Some(through), clock).await), Arc::new(aside))
    }

    /// Forgets what has been charged so far.
    pub(crate) fn clear(&self) {
        self.taken.lock().unwrap().clear();
    }

    /// Compares these charges with all that DynamoDB Local has answered since the last time.
    pub(crate) fn check(&self, charges: &[Charge], what: &str) {
        let mut answered = mem::take(&mut *self.taken.lock().unwrap());
        let mut metered: Vec<_> = charges.iter().filter_map(local_capacity).collect();
        // Calls may go on side by side.
        answered.sort();
        metered.sort();
        assert_eq!(answered, metered, "{what}: DynamoDB Local, and the meter of {charges:#?}");
    }
}

type Http = legacy::Client<HttpConnector, Full<Bytes>>;

#[derive(Clone)]
struct Gate {
    endpoint: String,
    taken: Arc<Mutex<Vec<Capacity>>>,
    http: Http,
}

fn http() -> Http {
    legacy::Client::builder(TokioExecutor::new()).build_http()
}

async fn serve(listener: TcpListener, gate: Gate) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let gate = gate.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| gate.pass(request));
            // The SDK hangs up when its client is dropped.
            let _hung_up =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Gate {
    async fn pass(&self, request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
        let (mut head, body) = request.into_parts();
        let target = head.headers.get("x-amz-target").map(|target| target.to_str().unwrap());
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
        let is_charged = CHARGED.contains(&operation);
        let mut body = body.collect().await?.to_bytes();
        if is_charged {
            let mut asked: Value = serde_json::from_slice(&body).unwrap();
            asked["ReturnConsumedCapacity"] = json!("INDEXES");
            body = asked.to_string().into();
            head.headers.insert(CONTENT_LENGTH, body.len().into());
        }
        head.uri = self.endpoint.parse().unwrap();
        let answer = self.http.request(Request::from_parts(head, Full::new(body))).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        if is_charged && head.status == 200 {
            self.taken.lock().unwrap().push(capacity(&serde_json::from_slice(&body).unwrap()));
        }
        Ok(Response::from_parts(head, Full::new(body)))
    }
}

/// What an answer says; that to a transaction or a batch has a list, by tables.
fn capacity(answer: &Value) -> Capacity {
    let consumed = &answer["ConsumedCapacity"];
    let consumed = consumed.get(0).unwrap_or(consumed);
    let half_units = |of: &Value| {
        let units = of["CapacityUnits"].as_f64().unwrap_or_default();
        format!("{:.0}", units * 2.0).parse().unwrap()
    };
    let gs1 = half_units(&consumed["GlobalSecondaryIndexes"]["gs1"]);
    Capacity { table: half_units(&consumed["Table"]), gs1 }
}

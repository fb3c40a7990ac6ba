//! What the DynamoDB engine does with batches that are answered in part: before a server that leaves keys
//! over.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use guestlist::table::{Error, Item, Key, Table as _, dynamo::Dynamo};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Barrier};

use super::{clock, dynamo_at, item};

/// A DynamoDB that has an item of version 1 at every key, and answers batches alone.
struct Server {
    /// The most keys that an answer is about, by how many answers there were before; if none, it
    /// throttles.
    limit: fn(usize) -> usize,
    /// Has batches wait for each other, so that so many are there at once.
    together: Option<Barrier>,
    /// How many keys each batch had.
    asked: Mutex<Vec<usize>>,
    present: AtomicUsize,
    most_present: AtomicUsize,
}

impl Server {
    async fn start(limit: fn(usize) -> usize, together: Option<Barrier>) -> (Arc<Self>, Dynamo) {
        let (present, most_present) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let asked = Mutex::default();
        let server = Arc::new(Self { limit, together, asked, present, most_present });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, Arc::clone(&server)));
        (server, dynamo_at(endpoint, "t".to_owned(), clock()).await)
    }

    async fn answer(&self, asked: &Value) -> (u16, Value) {
        let present = self.present.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_present.fetch_max(present, Ordering::SeqCst);
        if let Some(together) = &self.together {
            together.wait().await;
        }
        let answer = self.part_of(&asked["RequestItems"]["t"]);
        self.present.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    fn part_of(&self, asked: &Value) -> (u16, Value) {
        let keys = asked["Keys"].as_array().unwrap();
        let distinct: HashSet<_> = keys.iter().map(Value::to_string).collect();
        assert_eq!(asked["ConsistentRead"], true);
        assert!((1..=100).contains(&keys.len()) && distinct.len() == keys.len(), "{asked}");
        let served = {
            let mut all = self.asked.lock().unwrap();
            all.push(keys.len());
            (self.limit)(all.len() - 1).min(keys.len())
        };
        let (served, left) = keys.split_at(served);
        if served.is_empty() {
            let code = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
            return (400, json!({"__type": code, "message": "the test says so"}));
        }
        // The last one first: nothing is promised of the order.
        let items: Vec<_> = served.iter().rev().map(stored).collect();
        let left = if left.is_empty() {
            json!({})
        } else {
            json!({"t": {"Keys": left, "ConsistentRead": true}})
        };
        (200, json!({"Responses": {"t": items}, "UnprocessedKeys": left}))
    }
}

fn stored(key: &Value) -> Value {
    let mut item = key.clone();
    item["version"] = json!({"N": "1"});
    item["name"] = json!({"S": "Ada"});
    item
}

async fn serve(listener: TcpListener, server: Arc<Server>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let service = service_fn(|request| respond(request, &server));
            // The SDK hangs up when its client is dropped.
            let _hung_up =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    server: &Server,
) -> hyper::Result<Response<Full<Bytes>>> {
    assert_eq!(request.headers()["x-amz-target"], "DynamoDB_20120810.BatchGetItem");
    let asked = request.into_body().collect().await?.to_bytes();
    let (status, answer) = server.answer(&serde_json::from_slice(&asked).unwrap()).await;
    let response = Response::builder().status(status);
    let response = response.header("content-type", "application/x-amz-json-1.0");
    Ok(response.body(Full::from(answer.to_string())).unwrap())
}

fn items(count: usize) -> Vec<Item> {
    (0..count).map(|number| item("p", &format!("{number:03}"))).collect()
}

/// Asks for the items and finds them all.
async fn finds(table: &Dynamo, items: &[Item]) {
    let keys: Vec<_> = items.iter().map(|item| item.key.clone()).collect();
    let found = table.get_many(&keys).await.unwrap();
    assert!(found.iter().map(Option::as_ref).eq(items.iter().map(Some)), "{found:?}");
}

#[tokio::test]
async fn keys_that_are_left_over_are_asked_for_again() {
    let (server, table) = Server::start(|_| 3, None).await;
    finds(&table, &items(10)).await;
    assert_eq!(*server.asked.lock().unwrap(), [10, 7, 4, 1]);
}

#[tokio::test]
async fn throttling_loses_nothing_of_what_is_there_already() {
    let limit = |before| if before % 2 == 0 { 0 } else { 6 };
    let (server, table) = Server::start(limit, None).await;
    finds(&table, &items(10)).await;
    assert_eq!(*server.asked.lock().unwrap(), [10, 10, 4, 4]);
}

#[tokio::test]
async fn a_table_that_throttles_for_long_is_busy() {
    let (server, table) = Server::start(|before| usize::from(before == 0), None).await;
    let keys: Vec<_> = items(3).into_iter().map(|item| item.key).collect();
    let busy = table.get_many(&keys).await;
    assert!(matches!(busy, Err(Error::Busy(_))), "{busy:?}");
    let asked = server.asked.lock().unwrap().clone();
    assert!(asked.len() > 5 && asked.starts_with(&[3, 2, 2]), "{asked:?}");
}

#[tokio::test]
async fn batches_are_of_distinct_keys() {
    let (server, table) = Server::start(|_| 100, None).await;
    let items = items(250);
    finds(&table, &[&items[..], &items[..50]].concat()).await;
    let mut asked = server.asked.lock().unwrap().clone();
    asked.sort_unstable();
    assert_eq!(asked, [50, 100, 100]);
}

#[tokio::test]
async fn some_batches_go_side_by_side_and_not_all() {
    let (server, table) = Server::start(|_| 100, Some(Barrier::new(4))).await;
    finds(&table, &items(800)).await;
    assert_eq!(server.asked.lock().unwrap().len(), 8);
    assert_eq!(server.most_present.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn no_keys_are_no_call() {
    let (server, table) = Server::start(|_| 100, None).await;
    let none: [Key; 0] = [];
    assert_eq!(table.get_many(&none).await.unwrap(), []);
    assert_eq!(server.asked.lock().unwrap().len(), 0);
}

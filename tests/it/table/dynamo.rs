//! What only the DynamoDB engine promises: making its table, and answers that get lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use guestlist::table::{
    Condition::{Absent, Any, Version},
    Error, Item, Key, Op, Refused, Table, Written,
    dynamo::{Creation, Dynamo},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};

use super::{clock, dynamo_at, item, unique_name};
use crate::support;

#[tokio::test]
async fn making_the_table_twice() {
    let Some(endpoint) = support::dynamodb() else { return };
    let table = dynamo_at(endpoint, unique_name(), clock()).await;
    assert_eq!(table.create_table().await.unwrap(), Creation::Created);
    assert_eq!(table.create_table().await.unwrap(), Creation::Existed);
    table.ready().await.unwrap();
}

#[tokio::test]
async fn a_table_that_is_not_there() {
    let Some(endpoint) = support::dynamodb() else { return };
    let table = dynamo_at(endpoint, unique_name(), clock()).await;
    let error = table.ready().await.unwrap_err().to_string();
    assert!(error.contains("guestlist table create"), "{error}");
}

#[tokio::test]
async fn whoever_may_not_use_the_table_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let refusing = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 8192];
        assert!(stream.read(&mut head).await.unwrap() > 0);
        let body = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no dynamodb:PutItem"}"#;
        let answer = format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    };
    let table = dynamo_at(endpoint, "t".to_owned(), clock()).await;
    let (error, ()) = tokio::join!(table.ready(), refusing);
    let error = error.unwrap_err();
    assert!(matches!(&error, Error::Denied(why) if why.contains("AccessDenied")), "{error}");
}

#[tokio::test]
async fn nobody_at_the_endpoint() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let table = dynamo_at(format!("http://{free}"), unique_name(), clock()).await;
    let error = table.ready().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
}

/// A client with the credentials that the engine makes up.
async fn client(endpoint: &str) -> aws_sdk_dynamodb::Client {
    let credentials = aws_sdk_dynamodb::config::Credentials::builder()
        .access_key_id("local")
        .secret_access_key("local")
        .provider_name("test")
        .build();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(aws_config::Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .load()
        .await;
    aws_sdk_dynamodb::Client::new(&config)
}

#[tokio::test]
async fn a_table_of_another_shape() {
    let Some(endpoint) = support::dynamodb() else { return };
    for (hash, wanted) in [("id", "keys `pk` and `sk`"), ("pk", "no index `gs1`")] {
        let name = unique_name();
        let key = |name: &str, kind: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
        };
        let text = |name: &str| {
            let text = AttributeDefinition::builder().attribute_name(name);
            text.attribute_type(ScalarAttributeType::S).build().unwrap()
        };
        let request = client(&endpoint).await.create_table().table_name(&name);
        let request =
            request.key_schema(key(hash, KeyType::Hash)).key_schema(key("sk", KeyType::Range));
        let request = request.attribute_definitions(text(hash)).attribute_definitions(text("sk"));
        request.billing_mode(BillingMode::PayPerRequest).send().await.unwrap();
        let refused = dynamo_at(endpoint.clone(), name, clock()).await.create_table().await;
        let Err(Error::Mismatch(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains(wanted), "{why}");
    }
}

/// A way to DynamoDB on which answers get lost.
struct Lossy {
    endpoint: String,
    to_lose: Arc<AtomicUsize>,
}

impl Lossy {
    async fn start(target: &str) -> Self {
        let target = target.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let to_lose = Arc::new(AtomicUsize::new(0));
        let losses = Arc::clone(&to_lose);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.unwrap();
                tokio::spawn(carry(near, far, Arc::clone(&losses)));
            }
        });
        Self { endpoint, to_lose }
    }

    /// Lets the next answers get lost: DynamoDB gives them, but the connection ends instead.
    fn lose(&self, answers: usize) {
        self.to_lose.store(answers, Ordering::SeqCst);
    }
}

async fn carry(near: TcpStream, far: TcpStream, to_lose: Arc<AtomicUsize>) {
    let (mut near_in, mut near_out) = near.into_split();
    let (mut far_in, mut far_out) = far.into_split();
    let there = tokio::spawn(async move { copy(&mut near_in, &mut far_out).await });
    let mut answer = vec![0; 65_536];
    while let Ok(bytes @ 1..) = far_in.read(&mut answer).await {
        let lose = |left: usize| left.checked_sub(1);
        if to_lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lose).is_ok() {
            break;
        }
        if near_out.write_all(&answer[..bytes]).await.is_err() {
            break;
        }
    }
    there.abort();
}

async fn lossy() -> Option<(Lossy, Dynamo)> {
    let lossy = Lossy::start(&support::dynamodb()?).await;
    let table = dynamo_at(lossy.endpoint.clone(), unique_name(), clock()).await;
    table.create_table().await.unwrap();
    Some((lossy, table))
}

fn second(sort: &str) -> Item {
    Item { version: 2, body: r#"{"number":1.0,"of":[1,2]}"#.to_owned(), ..item("p", sort) }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done() {
    let Some((way, table)) = lossy().await else { return };
    for ops in [
        vec![Op::Put(item("p", "a"), Absent)],
        vec![Op::Put(second("a"), Version(1))],
        vec![Op::Delete(item("p", "a").key, Version(2))],
        vec![Op::Put(item("p", "a"), Absent), Op::Put(item("p", "b"), Absent)],
        vec![
            Op::Put(second("a"), Version(1)),
            Op::Add(Key::new("c", "c"), vec![("n".to_owned(), 1)]),
        ],
    ] {
        way.lose(2);
        assert_eq!(table.write(ops.clone()).await.unwrap(), Written::Done, "{ops:?}");
    }
    let counter = table.get(&Key::new("c", "c")).await.unwrap().unwrap();
    assert_eq!(counter.body, r#"{"n":1}"#);
}

#[tokio::test]
async fn a_refusal_whose_answer_is_lost_stays_one() {
    let Some((way, table)) = lossy().await else { return };
    assert_eq!(table.write(vec![Op::Put(item("p", "a"), Any)]).await.unwrap(), Written::Done);
    way.lose(1);
    let refused = table.write(vec![Op::Put(second("a"), Absent)]).await.unwrap();
    assert_eq!(refused, Written::Refused(Refused { op: 0, current: Some(item("p", "a")) }));
    way.lose(1);
    let refused = table.write(vec![Op::Delete(item("p", "a").key, Version(7))]).await.unwrap();
    assert_eq!(refused, Written::Refused(Refused { op: 0, current: Some(item("p", "a")) }));
}

#[tokio::test]
async fn an_identical_item_of_another_writer_is_still_a_refusal() {
    let Some((_way, table)) = lossy().await else { return };
    assert_eq!(table.write(vec![Op::Put(item("p", "a"), Absent)]).await.unwrap(), Written::Done);
    let again = table.write(vec![Op::Put(item("p", "a"), Absent)]).await.unwrap();
    assert!(matches!(again, Written::Refused(_)));
    let gone = table.write(vec![Op::Delete(Key::new("p", "x"), Version(1))]).await.unwrap();
    assert!(matches!(gone, Written::Refused(_)));
}

#[tokio::test]
async fn an_add_whose_answer_is_lost_is_not_repeated() {
    let Some((way, table)) = lossy().await else { return };
    let key = Key::new("counter", "c");
    assert_eq!(table.add(&key, 1).await.unwrap(), 1);
    way.lose(1);
    let lost = table.add(&key, 1).await;
    assert!(matches!(lost, Err(Error::Unavailable(_))), "{lost:?}");
    assert_eq!(table.add(&key, 1).await.unwrap(), 3);
}

#[tokio::test]
async fn a_read_whose_answer_is_lost_is_repeated() {
    let Some((way, table)) = lossy().await else { return };
    way.lose(2);
    assert_eq!(table.get(&Key::new("p", "a")).await.unwrap(), None);
}

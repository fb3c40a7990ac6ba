//! A bare hyper server: reads each request and sends the same recorded reply to all of them.
//!
//! Usage: `bare-hyper FILE`, where FILE contains an HTTP reply as `curl --include` prints it. It
//! serves on a free port of 127.0.0.1 and prints the URL. Its cost is the cost of HTTP itself.

mod recorded;

use std::{error::Error, sync::Arc};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use self::recorded::Answer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: bare-hyper FILE")?;
    let answer = Arc::new(Answer::parse(&std::fs::read_to_string(file)?)?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("bare hyper serves on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, Arc::clone(&answer)));
    }
}

async fn serve(stream: TcpStream, answer: Arc<Answer>) {
    let service = service_fn(|request| respond(request, &answer));
    // A load generator hangs up without ceremony when its time is over.
    let _hung_up = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    request: Request<Incoming>,
    answer: &Answer,
) -> hyper::Result<Response<Full<Bytes>>> {
    request.into_body().collect().await?;
    Ok(answer.response())
}

//! The listener: connections, their limits, and a stop that finishes what is under way.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_io_timeout::TimeoutStream;

use crate::{
    dispatch,
    gate::{Gate, Place, Service},
    http::Http,
    linger::{Linger, StillSending},
};

/// The most header fields of a request.
const MAX_HEADERS: usize = 64;
/// The pause after a failed accept, so that a lack of file descriptors does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long the head of a probe may take where there is no place for anything else.
const PROBE_HEAD: Duration = Duration::from_secs(1);
/// What the buffer of such a connection may hold, in bytes; the least that hyper takes.
const PROBE_BYTES: usize = 8192;
/// How often a stop looks whether requests are under way, and how often in a row there are to be none: then it waits no
/// longer for connections that have sent the beginning of a head.
const LOOK: Duration = Duration::from_millis(250);
const QUIET_LOOKS: u32 = 8;

/// Serves connections until `stop` turns true, and goes on for the time that the settings name, in which `/readyz` says
/// that callers are to go elsewhere. Then finishes the requests under way.
pub async fn run(http: Arc<Http>, listener: TcpListener, stop: watch::Receiver<bool>) {
    let gate = Gate::new(http.limits, http.proxies.clone());
    let graceful = GracefulShutdown::new();
    let mut left = pin!(leave(Arc::clone(&http), stop));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &gate) => accepted,
            () = &mut left => break,
        };
        if let Some((stream, peer)) = accepted {
            if let Some(entered) = gate.enter(peer.ip()) {
                serve(Arc::clone(&http), &graceful, (stream, peer), entered);
            } else {
                tracing::debug!(%peer, "a connection of a caller that has many is closed");
            }
        }
    }
    drop(listener);
    finish(&http, graceful).await;
}

/// Answers probes, and nothing else, until `ready` has come to its end.
pub async fn until<T>(
    http: &Arc<Http>,
    listener: &TcpListener,
    ready: impl Future<Output = T>,
) -> T {
    let gate = Gate::new(http.limits, http.proxies.clone());
    let graceful = GracefulShutdown::new();
    let mut ready = pin!(ready);
    loop {
        let accepted = tokio::select! {
            accepted = accept(listener, &gate) => accepted,
            done = &mut ready => return done,
        };
        if let Some((stream, peer)) = accepted
            && let Some((_, place)) = gate.enter(peer.ip())
        {
            serve(Arc::clone(http), &graceful, (stream, peer), (Service::Probes, place));
        }
    }
}

/// Waits for the stop, says that callers are to go elsewhere, and waits until they have heard of it.
async fn leave(http: Arc<Http>, mut stop: watch::Receiver<bool>) {
    // If nobody is left who could ask for it, it is to stop, too.
    let _asked = stop.wait_for(|stop| *stop).await.map(|stop| *stop);
    http.leaving.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(http.limits.shutdown_delay_seconds)).await;
}

/// Waits for the requests under way.
async fn finish(http: &Http, graceful: GracefulShutdown) {
    let quiet = async {
        let mut looks = 0;
        while looks < QUIET_LOOKS {
            tokio::time::sleep(LOOK).await;
            looks = if http.metrics.requests_under_way() == 0 { looks + 1 } else { 0 };
        }
    };
    let patience = Duration::from_secs(http.limits.request_seconds + 1);
    tokio::select! {
        () = graceful.shutdown() => {}
        quiet = tokio::time::timeout(patience, quiet) => match quiet {
            Ok(()) => tracing::info!("connections without a request under way are closed"),
            Err(_) => {
                tracing::warn!("some connections were still open when the time to stop was up");
            }
        },
    }
}

async fn accept(listener: &TcpListener, gate: &Gate) -> Option<(TcpStream, SocketAddr)> {
    gate.opens().await;
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

fn serve(
    http: Arc<Http>,
    graceful: &GracefulShutdown,
    (stream, peer): (TcpStream, SocketAddr),
    (service, place): (Service, Place),
) {
    // Small answers should not wait for the previous one's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let limits = http.limits;
    let present = http.metrics.connection();
    let still_sending = Arc::new(AtomicBool::new(false));
    let noting = Arc::clone(&still_sending);
    let answering = service_fn(move |request| {
        let (http, noting) = (Arc::clone(&http), Arc::clone(&noting));
        // Boxed, or each idle connection would keep the room that an answer takes.
        Box::pin(async move {
            let answer = match service {
                Service::Full => dispatch::answer(&http, peer, request).await,
                Service::Probes => dispatch::probe(&http, peer, request).await,
            };
            if answer.extensions().get::<StillSending>().is_some() {
                noting.store(true, Ordering::Relaxed);
            }
            Ok::<_, Infallible>(answer)
        })
    });
    // A client that does not read its answers must not hold the connection for ever.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(Duration::from_secs(limits.request_seconds)));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_headers(MAX_HEADERS);
    match service {
        Service::Full => builder
            .header_read_timeout(Duration::from_secs(limits.head_seconds))
            .max_buf_size(limits.head_bytes),
        Service::Probes => {
            // Some clients have no more to say than the one request, and end their side with it.
            builder
                .keep_alive(false)
                .half_close(true)
                .header_read_timeout(PROBE_HEAD)
                .max_buf_size(PROBE_BYTES)
        }
    };
    let stream = Linger::new(Box::pin(stream), still_sending);
    let connection = builder.serve_connection(TokioIo::new(stream), answering);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, %peer, "connection ended early");
        }
        drop((place, present));
    });
}

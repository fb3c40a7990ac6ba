//! A load driver for what wrk cannot do: a fixed rate, and callers who come back when they are told to.
//!
//! Usage: `driver ADDRESS CALLS CALLERS SECONDS|once NUMBER [RATE]`, where CALLS is a file as
//! `calls.lua` reads it and NUMBER the first of the numbers that `%d` stands for. Prints one JSON
//! object. Ends with an error if a call is answered otherwise than with 2xx, 429 or 503.
//!
//! Each caller is a thread with a connection of its own. With RATE the calls are due at fixed times,
//! whoever is free makes the next one, and a call that nobody was free for is late from the time that
//! it was due, so that a slow answer counts for all who had to wait behind it. Without, each caller
//! calls again as soon as it is answered. A caller that is refused waits as `Retry-After` says.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What is to be done, shared by all callers.
struct Plan {
    address: SocketAddr,
    calls: Vec<Call>,
    first_number: u64,
    end: End,
    /// Calls per second, all callers together.
    rate: Option<f64>,
    began: Instant,
    next: AtomicU64,
}

/// When to stop.
#[derive(Clone, Copy)]
enum End {
    /// When each call was made once.
    Once,
    /// When the time is over.
    After(Duration),
}

/// A request.
struct Call {
    /// The first line and the header, but for the length and the empty line.
    head: String,
    body: String,
}

/// What a caller has seen.
struct Answer {
    status: u16,
    took: Duration,
    retry_after: Option<Duration>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (callers, plan) = Plan::parse(&arguments)?;
    let plan = Arc::new(plan);
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let plan = Arc::clone(&plan);
            thread::Builder::new().stack_size(256 * 1024).spawn(move || call(&plan))
        })
        .collect::<std::io::Result<_>>()?;
    let mut answers = Vec::new();
    for caller in callers {
        answers.append(&mut caller.join().map_err(|_| "a caller panicked")??);
    }
    let seconds = plan.began.elapsed().as_secs_f64();
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|one| one.status < 300);
    let silent = refused.iter().filter(|one| one.retry_after.is_none()).count();
    println!(
        "{{\"seconds\": {seconds}, \"done\": {}, \"refused\": {}, \"without_retry_after\": {silent}}}",
        figures(&done),
        figures(&refused),
    );
    Ok(())
}

impl Plan {
    fn parse(arguments: &[String]) -> Result<(usize, Self)> {
        let [address, calls, callers, end, first_number, rate @ ..] = arguments else {
            return Err("usage: driver ADDRESS CALLS CALLERS SECONDS|once NUMBER [RATE]".into());
        };
        let end = match end.as_str() {
            "once" => End::Once,
            seconds => End::After(Duration::from_secs_f64(seconds.parse()?)),
        };
        let calls: Vec<_> = std::fs::read_to_string(calls)?
            .lines()
            .map(|line| Call::parse(line, address))
            .collect::<Result<_>>()?;
        let plan = Self {
            address: address.parse()?,
            calls,
            first_number: first_number.parse()?,
            end,
            rate: rate.first().map(|rate| rate.parse()).transpose()?,
            began: Instant::now(),
            next: AtomicU64::new(0),
        };
        Ok((callers.parse()?, plan))
    }

    /// The next call, and since when it is waited for; `None` if there is none to make any more.
    fn take(&self) -> Option<(String, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let since = match self.rate {
            #[expect(clippy::cast_precision_loss, reason = "a run has far fewer than 2^52 calls")]
            Some(rate) => Duration::from_secs_f64(number as f64 / rate),
            None => self.began.elapsed(),
        };
        let over = match self.end {
            End::Once => usize::try_from(number).ok()? >= self.calls.len(),
            End::After(time) => since >= time,
        };
        if over {
            return None;
        }
        let place = number.checked_rem(self.calls.len().try_into().ok()?)?;
        let call = self.calls.get(usize::try_from(place).ok()?)?;
        Some((call.text(self.first_number + number), self.began + since))
    }

    /// Sleeps as a refused caller should, but not beyond the end.
    fn pause(&self, wanted: Duration) {
        match self.end {
            End::Once => thread::sleep(wanted),
            End::After(time) => {
                thread::sleep(wanted.min(time.saturating_sub(self.began.elapsed())));
            }
        }
    }
}

impl Call {
    fn parse(line: &str, address: &str) -> Result<Self> {
        let parts: Vec<_> = line.splitn(4, '\t').collect();
        let [method, path, field, body] = parts.as_slice() else {
            return Err(format!("no call: {line}").into());
        };
        let media_type = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{field}\r\n{media_type}");
        Ok(Self { head, body: (*body).to_owned() })
    }

    fn text(&self, number: u64) -> String {
        let body = self.body.replace("%d", &number.to_string());
        format!("{}Content-Length: {}\r\n\r\n{body}", self.head, body.len())
    }
}

/// Makes calls until there are no more.
fn call(plan: &Plan) -> Result<Vec<Answer>> {
    let stream = TcpStream::connect(plan.address)?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut answers = Vec::new();
    while let Some((text, due)) = plan.take() {
        let ahead = due.saturating_duration_since(Instant::now());
        // That a sleep takes too long is the driver's fault; being late is the service's.
        let since = if ahead.is_zero() {
            due
        } else {
            thread::sleep(ahead);
            Instant::now()
        };
        stream.get_mut().write_all(text.as_bytes())?;
        let answer = receive(&mut stream, since)?;
        if let Some(wanted) = answer.retry_after {
            plan.pause(wanted);
        }
        answers.push(answer);
    }
    Ok(answers)
}

fn receive(stream: &mut BufReader<TcpStream>, since: Instant) -> Result<Answer> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status: u16 = line.split(' ').nth(1).ok_or("no HTTP answer")?.parse()?;
    let (mut length, mut retry_after) = (0, None);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse()?;
        } else if name.eq_ignore_ascii_case("retry-after") {
            retry_after = Some(Duration::from_secs(value.parse()?));
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    match status {
        200..300 | 429 | 503 => Ok(Answer { status, took: since.elapsed(), retry_after }),
        _ => Err(format!("answered with {status}: {}", String::from_utf8_lossy(&body)).into()),
    }
}

/// How many they were and how long they took, as JSON.
fn figures(answers: &[Answer]) -> String {
    let mut took: Vec<_> = answers.iter().map(|one| one.took).collect();
    took.sort_unstable();
    let milliseconds = |percent: usize| {
        let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    format!(
        "{{\"count\": {}, \"p50_ms\": {}, \"p99_ms\": {}, \"max_ms\": {}}}",
        took.len(),
        milliseconds(50),
        milliseconds(99),
        milliseconds(100),
    )
}

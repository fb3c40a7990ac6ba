//! A load driver for what wrk cannot do: a fixed rate, and callers who respect `Retry-After`.
//!
//! Usage: `driver ADDRESS CALLS CALLERS SECONDS|once NUMBER [RATE]`, where CALLS is a file as
//! `calls.lua` reads it, and NUMBER the first number to put in the place of `%d`. Prints one JSON
//! object. Exits with an error if a reply is not 2xx, 429 or 503.
//!
//! Each caller has its own connection. With RATE, calls are due at fixed times, and the next free
//! caller makes each one; its latency counts from the time it was due, so that a slow reply counts
//! for all calls that had to wait for it. Without RATE, each caller calls again as soon as it gets
//! its reply. A refused caller waits as long as `Retry-After` says.
//!
//! The driver has one thread, because it takes CPU time from the service on the same machine.

mod caller;
mod plan;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    error::Error,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    buffer::spare_capacity,
    event::{Timespec, epoll},
    io::Errno,
    time::{ClockId, clock_gettime},
};

use crate::{
    caller::{Answer, Caller},
    plan::Plan,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long a reply can take.
const PATIENCE: Duration = Duration::from_mins(1);
/// A reply of up to this size is read at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The callers, each either free, resting, or waiting for an answer.
struct Driver {
    plan: Plan,
    callers: Vec<Caller>,
    free: VecDeque<usize>,
    /// Until when each rests, since the beginning.
    resting: BinaryHeap<Reverse<(Duration, usize)>>,
    epoll: OwnedFd,
    buffer: Vec<u8>,
    request: Vec<u8>,
    began: Instant,
    seen: Seen,
}

/// How long calls took, and how many were refused without a `Retry-After`.
#[derive(Default)]
struct Seen {
    done: Vec<Duration>,
    refused: Vec<Duration>,
    without_retry_after: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, calls, callers, end, first_number, rate @ ..] = arguments.as_slice() else {
        return Err("usage: driver ADDRESS CALLS CALLERS SECONDS|once NUMBER [RATE]".into());
    };
    let plan = Plan::parse(address, calls, end, first_number, rate.first())?;
    let mut driver = Driver::connected(plan, address.parse()?, callers.parse()?)?;
    let cpu_before = cpu_seconds();
    driver.run()?;
    let (seconds, cpu_seconds) = (driver.began.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
    let Seen { done, refused, without_retry_after } = driver.seen;
    println!(
        "{{\"seconds\": {seconds}, \"cpu_seconds\": {cpu_seconds}, \"done\": {}, \"refused\": {}, \
         \"without_retry_after\": {without_retry_after}}}",
        figures(done),
        figures(refused),
    );
    Ok(())
}

impl Driver {
    fn connected(plan: Plan, address: std::net::SocketAddr, callers: usize) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let callers: Vec<_> =
            (0..callers).map(|_| Caller::connect(address)).collect::<Result<_>>()?;
        for (place, caller) in callers.iter().enumerate() {
            let data = epoll::EventData::new_u64(place.try_into()?);
            epoll::add(&epoll, caller, data, epoll::EventFlags::IN)?;
        }
        Ok(Self {
            plan,
            free: (0..callers.len()).collect(),
            callers,
            resting: BinaryHeap::new(),
            epoll,
            buffer: vec![0; BUFFER_BYTES],
            request: Vec::new(),
            began: Instant::now(),
            seen: Seen::default(),
        })
    }

    /// Makes calls until there are no more, and all are answered.
    fn run(&mut self) -> Result<()> {
        let mut events = Vec::with_capacity(self.callers.len());
        loop {
            self.wake_rested();
            self.send_due()?;
            let next = self.next_send();
            let waiting = self.callers.len() - self.free.len() - self.resting.len();
            if next.is_none() && waiting == 0 {
                return Ok(());
            }
            let pause = next.map_or(PATIENCE, |next| next.saturating_sub(self.began.elapsed()));
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timespec(pause)?)) {
                Ok(0) if next.is_none() => return Err("an answer does not come".into()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                self.receive(event.data.u64().try_into()?)?;
            }
        }
    }

    fn wake_rested(&mut self) {
        let now = self.began.elapsed();
        while let Some(&Reverse((until, place))) = self.resting.peek()
            && until <= now
        {
            self.resting.pop();
            self.free.push_back(place);
        }
    }

    /// Has free callers make the calls that are due.
    fn send_due(&mut self) -> Result<()> {
        while let Some(&place) = self.free.front() {
            let now = self.began.elapsed();
            let Some(since) = self.plan.due(now).filter(|due| *due <= now) else { break };
            self.plan.take(&mut self.request);
            let caller = self.callers.get_mut(place).ok_or("there is no such caller")?;
            caller.send(&self.request, since)?;
            self.free.pop_front();
        }
        Ok(())
    }

    /// When the next call is due, if no reply arrives before; `None` if there are no more.
    fn next_send(&self) -> Option<Duration> {
        let due = self.plan.due(self.began.elapsed())?;
        let rested = self.resting.peek().map(|Reverse((until, _))| *until);
        if self.free.is_empty() { rested } else { Some(rested.map_or(due, |until| until.min(due))) }
    }

    fn receive(&mut self, place: usize) -> Result<()> {
        let caller = self.callers.get_mut(place).ok_or("there is no such caller")?;
        let Some(answer) = caller.receive(&mut self.buffer)? else { return Ok(()) };
        let now = self.began.elapsed();
        self.seen.note(&answer, now.saturating_sub(caller.since()));
        match answer.retry_after {
            Some(wanted) => self.resting.push(Reverse((self.plan.rest_until(now + wanted), place))),
            None => self.free.push_back(place),
        }
        self.send_due()
    }
}

impl Seen {
    fn note(&mut self, answer: &Answer, took: Duration) {
        if answer.status < 300 {
            self.done.push(took);
        } else {
            self.refused.push(took);
            self.without_retry_after += usize::from(answer.retry_after.is_none());
        }
    }
}

/// User and system time of this process so far.
fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "a run takes far fewer than 2^52 ns")]
    let seconds = used.tv_sec as f64 + used.tv_nsec as f64 / 1e9;
    seconds
}

fn timespec(time: Duration) -> Result<Timespec> {
    Ok(Timespec { tv_sec: time.as_secs().try_into()?, tv_nsec: time.subsec_nanos().into() })
}

/// The number of calls and how long they took, as JSON.
fn figures(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let milliseconds = |per_mille: usize| {
        let place = (took.len() * per_mille / 1000).min(took.len().saturating_sub(1));
        took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    format!(
        "{{\"count\": {}, \"p50_ms\": {}, \"p99_ms\": {}, \"p999_ms\": {}, \"max_ms\": {}}}",
        took.len(),
        milliseconds(500),
        milliseconds(990),
        milliseconds(999),
        milliseconds(1000),
    )
}

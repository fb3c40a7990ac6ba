//! What an operator's tools count and draw: requests, connections, letters.
//!
//! Labels come from the contract and from here, never from a request, so that strangers cannot make up
//! new ones. All of them are there from the start, so that counting looks nothing up under a lock.

mod providers;

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text::encode},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

pub(crate) use self::providers::ProviderOutcome;
pub(crate) use self::providers::ProviderOutcomes;
use crate::{clock::Timestamp, contract, error::Code, log, tasks::Task};

/// The media type of [`Metrics::text`], which Prometheus reads.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted as one: everything that is neither a call nor a page.
pub(crate) const OTHER: &str = "other";
/// The upper bounds of the durations that are told apart, in seconds.
const BOUNDS_SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The classes of status that answers have.
const CLASSES: [&str; 3] = ["2xx", "4xx", "5xx"];

type Labels = Vec<(&'static str, &'static str)>;

/// The counters of one process.
pub struct Metrics {
    registry: Registry,
    endpoints: HashMap<&'static str, Endpoint>,
    other: Endpoint,
    under_way: Gauge,
    connections: Gauge,
    letters: Letters,
    refreshes: Refreshes,
    passwords: Passwords,
    strangers: Counter,
    refusals: Refusals,
    providers: ProviderOutcomes,
    clock_in_doubt: Gauge,
}

/// What is counted of one endpoint.
struct Endpoint {
    /// In the order of [`CLASSES`].
    answers: [Counter; 3],
    seconds: Histogram,
}

/// What has become of letters.
pub(crate) struct Letters {
    /// Handed over.
    pub(crate) sent: Counter,
    /// Not handed over; they will be tried again.
    pub(crate) postponed: Counter,
    /// Undeliverable, and put aside.
    pub(crate) parked: Counter,
    /// Not sent, since its code had expired or was void.
    pub(crate) void: Counter,
    /// 1 while the mail server takes none at all.
    pub(crate) refused: Gauge,
    /// Held back, because the mailbox has had many.
    pub(crate) held: Counter,
}

/// What has become of refresh tokens that were shown. Clones count the same.
#[derive(Clone, Default)]
pub(crate) struct Refreshes {
    /// Another one has taken its place.
    pub(crate) turned: Counter,
    /// Its reply was given once more, within 30 seconds.
    pub(crate) again: Counter,
    /// It was shown later than that, and what had taken its place is void.
    pub(crate) late: Counter,
    /// It was void, and the session has ended: two had it.
    pub(crate) stolen: Counter,
}

/// The lines in which callers wait for passwords to be hashed, verified or judged. Clones count the same.
#[derive(Clone, Default)]
pub struct Passwords {
    /// Of those who sign in, or set their own password.
    pub(crate) people: PasswordLine,
    /// Of those who set somebody else's.
    pub(crate) admins: PasswordLine,
}

/// One of these lines.
#[derive(Clone, Default)]
pub(crate) struct PasswordLine {
    /// Who waits at the moment.
    pub(crate) waiting: Gauge,
    /// Whose turn came.
    pub(crate) done: Counter,
    /// Who was turned away because too many waited.
    pub(crate) refused: Counter,
}

/// Calls that were refused as a matter of security, by the code that their callers get: a finer count would
/// tell its readers what the replies hide. Clones count the same.
#[derive(Clone, Default)]
pub(crate) struct Refusals(Arc<HashMap<&'static str, Counter>>);

/// Something that is counted for as long as it is there.
pub(crate) struct Present(Gauge);

impl Present {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Nothing counted yet, in a process that started then; beside the calls, these `others` have
    /// counters of their own. What the service keeps going is watched, too.
    pub(crate) fn new(
        started: Timestamp,
        others: impl Iterator<Item = &'static str>,
        tasks: Vec<Arc<Task>>,
    ) -> Self {
        let mut registry = Registry::default();
        let answers = Family::<Labels, Counter>::default();
        let bounds: fn() -> Histogram = || Histogram::new(BOUNDS_SECONDS);
        let seconds = Family::<Labels, Histogram, _>::new_with_constructor(bounds);
        let endpoint = |name: &'static str| Endpoint {
            answers: CLASSES.map(|class| {
                answers.get_or_create_owned(&vec![("endpoint", name), ("status", class)])
            }),
            seconds: seconds.get_or_create_owned(&vec![("endpoint", name)]),
        };
        let names = contract::endpoints().map(|endpoint| endpoint.name).chain(others);
        let endpoints = names.map(|name| (name, endpoint(name))).collect();
        let other = endpoint(OTHER);
        registry.register("guestlist_requests", "Requests answered", answers.clone());
        let help = "How long answers took";
        registry.register_with_unit("guestlist_request", help, Unit::Seconds, seconds.clone());
        let gauge = |registry: &mut Registry, name, help| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let help = "Requests under way";
        let under_way = gauge(&mut registry, "guestlist_requests_under_way", help);
        let connections = gauge(&mut registry, "guestlist_connections", "Open connections");
        let letters = Letters::new(&mut registry);
        let refreshes = Refreshes::new(&mut registry);
        registry.register_collector(Box::new(Watched(tasks)));
        let passwords = Passwords::new(&mut registry);
        let strangers = Counter::default();
        let help = "Requests with a header of proxies from private addresses that are not trusted";
        registry.register("guestlist_untrusted_forwards", help, strangers.clone());
        let refusals = Refusals::new(&mut registry);
        let providers = ProviderOutcomes::new(&mut registry);
        let help = "1 while deleting for good waits, because the clock was set ahead";
        let clock_in_doubt = gauge(&mut registry, "guestlist_clock_in_doubt", help);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("guestlist_build", "What runs", build);
        let help = "When the process started, since the Unix epoch";
        let start: Gauge = Gauge::default();
        start.set(i64::try_from(started.seconds()).unwrap_or(i64::MAX));
        registry.register_with_unit("process_start_time", help, Unit::Seconds, start);
        Self {
            registry,
            endpoints,
            other,
            under_way,
            connections,
            letters,
            refreshes,
            passwords,
            strangers,
            refusals,
            providers,
            clock_in_doubt,
        }
    }

    /// Notes a request until what is returned goes.
    pub(crate) fn request(&self) -> Present {
        Present::new(&self.under_way)
    }

    /// How many requests are under way.
    pub(crate) fn requests_under_way(&self) -> i64 {
        self.under_way.get()
    }

    /// Notes a connection until what is returned goes.
    pub(crate) fn connection(&self) -> Present {
        Present::new(&self.connections)
    }

    /// Notes an answer.
    pub(crate) fn answered(&self, endpoint: &str, status: u16, took: Duration) {
        let endpoint = self.endpoints.get(endpoint).unwrap_or(&self.other);
        let [fine, refused, failed] = &endpoint.answers;
        match status {
            ..400 => fine.inc(),
            400..500 => refused.inc(),
            500.. => failed.inc(),
        };
        endpoint.seconds.observe(took.as_secs_f64());
    }

    /// The counters of letters.
    pub(crate) fn letters(&self) -> &Letters {
        &self.letters
    }

    /// The counters of refreshes.
    pub(crate) fn refreshes(&self) -> &Refreshes {
        &self.refreshes
    }

    /// The lines of those who wait for passwords.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// Requests of what looks like a proxy, and is not trusted.
    pub(crate) fn forwarded_by_strangers(&self) -> &Counter {
        &self.strangers
    }

    /// Whether the time of day is in doubt, since it was set ahead.
    pub(crate) fn clock_in_doubt(&self) -> &Gauge {
        &self.clock_in_doubt
    }

    /// The counters of refusals.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The counters of sign-ins with providers.
    pub(crate) fn providers(&self) -> &ProviderOutcomes {
        &self.providers
    }

    /// All of it as text.
    ///
    /// # Errors
    /// None in practice: it is written into memory.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What is counted elsewhere, and read when somebody asks.
#[derive(Debug)]
struct Watched(Vec<Arc<Task>>);

impl Collector for Watched {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let lost = ConstCounter::new(log::lost());
        let help = "Lines of the log that could not be written";
        let kind = EncodeMetric::metric_type(&lost);
        lost.encode(encoder.encode_descriptor("guestlist_log_lines_lost", help, None, kind)?)?;
        let help = "How often a task of the service has failed and begun anew";
        let kind = EncodeMetric::metric_type(&ConstCounter::new(0_u64));
        let mut failures =
            encoder.encode_descriptor("guestlist_task_failures", help, None, kind)?;
        for task in &self.0 {
            let count = ConstCounter::new(task.failures());
            count.encode(failures.encode_family(&[("task", task.duty().name())])?)?;
        }
        let help = "Whether a task of the service goes on: 0 while it waits to begin anew";
        let kind = EncodeMetric::metric_type(&ConstGauge::new(0_i64));
        let mut up = encoder.encode_descriptor("guestlist_task_up", help, None, kind)?;
        for task in &self.0 {
            let is_up = ConstGauge::new(i64::from(task.is_up()));
            is_up.encode(up.encode_family(&[("task", task.duty().name())])?)?;
        }
        Ok(())
    }
}

impl Refreshes {
    fn new(registry: &mut Registry) -> Self {
        let refreshes = Family::<Labels, Counter>::default();
        let outcome = |name| refreshes.get_or_create_owned(&vec![("outcome", name)]);
        let (turned, again) = (outcome("turned"), outcome("again"));
        let (late, stolen) = (outcome("late"), outcome("stolen"));
        registry.register("guestlist_refreshes", "Refresh tokens of sessions shown", refreshes);
        Self { turned, again, late, stolen }
    }
}

impl Passwords {
    fn new(registry: &mut Registry) -> Self {
        let waiting = Family::<Labels, Gauge>::default();
        let turns = Family::<Labels, Counter>::default();
        let line = |name| {
            let turn =
                |outcome| turns.get_or_create_owned(&vec![("line", name), ("outcome", outcome)]);
            PasswordLine {
                waiting: waiting.get_or_create_owned(&vec![("line", name)]),
                done: turn("done"),
                refused: turn("refused"),
            }
        };
        let (people, admins) = (line("people"), line("admins"));
        let help = "Callers who wait for a password to be hashed or verified";
        registry.register("guestlist_passwords_waiting", help, waiting);
        let help = "Passwords hashed or verified, and callers refused because too many waited";
        registry.register("guestlist_passwords", help, turns);
        Self { people, admins }
    }
}

impl Refusals {
    fn new(registry: &mut Registry) -> Self {
        let refusals = Family::<Labels, Counter>::default();
        let counter = |name| refusals.get_or_create_owned(&vec![("reason", name)]);
        let counters = Code::ALL.iter().map(|code| code.name());
        let counters = counters.map(|name| (name, counter(name))).collect();
        let help = "Calls refused as a matter of security";
        registry.register("guestlist_refusals", help, refusals);
        Self(Arc::new(counters))
    }

    /// Counts a refusal.
    pub(crate) fn count(&self, code: Code) {
        if let Some(counter) = self.0.get(code.name()) {
            counter.inc();
        }
    }
}

impl Letters {
    fn new(registry: &mut Registry) -> Self {
        let letters = Family::<Labels, Counter>::default();
        let outcome = |name| letters.get_or_create_owned(&vec![("outcome", name)]);
        let (sent, postponed, parked) = (outcome("sent"), outcome("postponed"), outcome("parked"));
        let (void, held_back) = (outcome("void"), outcome("held"));
        registry.register("guestlist_letters", "Tries to hand over a letter", letters);
        let refuses_all = Gauge::default();
        let help = "1 while the mail server takes no emails at all";
        registry.register("guestlist_mail_refused", help, refuses_all.clone());
        Self { sent, postponed, parked, void, held: held_back, refused: refuses_all }
    }
}

//! Which calls to make, and when.

use std::time::Duration;

use crate::Result;

/// With a rate, the calls of this interval are due together, at its end: waking up for each of them
/// would cost as much as making it.
const STEP: Duration = Duration::from_micros(500);

pub(crate) struct Plan {
    calls: Vec<Call>,
    first_number: u64,
    end: End,
    /// Calls per second, all callers together.
    rate: Option<f64>,
    taken: u64,
}

/// When to stop.
enum End {
    /// When each call was made once.
    Once,
    /// When the time is up.
    After(Duration),
}

enum Call {
    /// A request, byte for byte.
    Fixed(Vec<u8>),
    /// One with a number in its body: the first line and the header, but for the length, and the body.
    Numbered(String, String),
}

impl Plan {
    /// The words are those of the command line; the calls are read from their file.
    pub(crate) fn parse(
        address: &str,
        calls: &str,
        end: &str,
        first_number: &str,
        rate: Option<&String>,
    ) -> Result<Self> {
        let calls: Vec<_> = std::fs::read_to_string(calls)?
            .lines()
            .map(|line| Call::parse(line, address))
            .collect::<Result<_>>()?;
        if calls.is_empty() {
            return Err("there are no calls to make".into());
        }
        let end = match end {
            "once" => End::Once,
            seconds => End::After(Duration::from_secs_f64(seconds.parse()?)),
        };
        let rate = rate.map(|rate| rate.parse()).transpose()?;
        Ok(Self { calls, first_number: first_number.parse()?, end, rate, taken: 0 })
    }

    /// When the next call is due, since the beginning, if it is `now`; `None` if there is none to
    /// make any more.
    pub(crate) fn due(&self, now: Duration) -> Option<Duration> {
        #[expect(clippy::cast_precision_loss, reason = "a run has far fewer than 2^52 calls")]
        let due = self.rate.map_or(now, |rate| {
            let seconds = self.taken as f64 / rate;
            STEP.mul_f64((seconds / STEP.as_secs_f64()).ceil())
        });
        let over = match self.end {
            End::Once => usize::try_from(self.taken).ok()? >= self.calls.len(),
            End::After(time) => due >= time,
        };
        (!over).then_some(due)
    }

    /// Puts the next call into the place of what is in `request`.
    pub(crate) fn take(&mut self, request: &mut Vec<u8>) {
        request.clear();
        let number = self.first_number + self.taken;
        let place = self.taken.checked_rem(self.calls.len() as u64).unwrap_or_default();
        if let Some(call) = usize::try_from(place).ok().and_then(|place| self.calls.get(place)) {
            call.write(number, request);
        }
        self.taken += 1;
    }

    /// Until when a refused caller rests, at most until the end.
    pub(crate) fn rest_until(&self, told: Duration) -> Duration {
        match self.end {
            End::Once => told,
            End::After(time) => told.min(time),
        }
    }
}

impl Call {
    fn parse(line: &str, address: &str) -> Result<Self> {
        let parts: Vec<_> = line.split('\t').collect();
        let [method, path, body, fields @ ..] = parts.as_slice() else {
            return Err(format!("no call: {line}").into());
        };
        let fields: String = fields.iter().flat_map(|field| [field, "\r\n"]).collect();
        let media_type = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{fields}{media_type}");
        Ok(if body.contains("%d") {
            Self::Numbered(head, (*body).to_owned())
        } else {
            Self::Fixed(request(&head, body).into_bytes())
        })
    }

    fn write(&self, number: u64, request_bytes: &mut Vec<u8>) {
        match self {
            Self::Fixed(bytes) => request_bytes.extend_from_slice(bytes),
            Self::Numbered(head, body) => {
                let body = body.replace("%d", &number.to_string());
                request_bytes.extend_from_slice(request(head, &body).as_bytes());
            }
        }
    }
}

fn request(head: &str, body: &str) -> String {
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

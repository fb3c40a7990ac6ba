//! The time of day, and the one place that asks the operating system for it.

pub(crate) mod confirmed;

use std::{
    fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use time::{
    Date, Month, OffsetDateTime, Time, UtcOffset,
    format_description::well_known::{Rfc2822, Rfc3339},
};

/// Where the service reads the time from; tests use [`Clock::manual`].
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that moves only when told.
    Manual(Arc<Manual>),
}

/// What a manual clock shows.
#[derive(Debug)]
pub struct Manual {
    /// The time of day, in milliseconds since the Unix epoch.
    wall: AtomicI64,
    /// What has gone by, in milliseconds.
    steady: AtomicI64,
}

impl Clock {
    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        let (wall, steady) = (AtomicI64::new(start.millis()), AtomicI64::new(start.millis()));
        Self::Manual(Arc::new(Manual { wall, steady }))
    }

    /// The current time, to the millisecond.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the clock is the place that may ask")]
            Self::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                let millis = since.unwrap_or_default().as_millis();
                Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
            }
            Self::Manual(manual) => Timestamp(manual.wall.load(Ordering::SeqCst)),
        }
    }

    /// The current moment, to measure by how much time has gone by: however the time of day is set, it moves on,
    /// also while the machine sleeps.
    pub fn moment(&self) -> Moment {
        match self {
            Self::System => {
                let since = clock_gettime(STEADY);
                let seconds = u64::try_from(since.tv_sec).unwrap_or(0);
                Moment(Duration::new(seconds, u32::try_from(since.tv_nsec).unwrap_or(0)))
            }
            Self::Manual(manual) => {
                let millis = manual.steady.load(Ordering::SeqCst);
                Moment(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
            }
        }
    }

    /// Moves a manual clock forward; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(manual) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            manual.wall.fetch_add(by, Ordering::SeqCst);
            manual.steady.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Has a manual clock show another time of day, as if somebody had set it; no time goes by.
    pub fn set(&self, to: Timestamp) {
        if let Self::Manual(manual) = self {
            manual.wall.store(to.millis(), Ordering::SeqCst);
        }
    }

    /// Has a manual clock be at that moment, and show it.
    pub fn turn(&self, to: Timestamp) {
        if let Self::Manual(manual) = self {
            manual.wall.store(to.millis(), Ordering::SeqCst);
            manual.steady.store(to.millis(), Ordering::SeqCst);
        }
    }
}

/// Which clock of the system durations are measured by.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STEADY: ClockId = ClockId::Boottime;
/// The nearest that others have; it may stand still while the machine sleeps.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STEADY: ClockId = ClockId::Monotonic;

/// A moment of this process, which means nothing elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// How long ago `earlier` was.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// What a clock showed, and when that was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) wall: Timestamp,
    pub(crate) moment: Moment,
}

impl Look {
    pub(crate) fn at(clock: &Clock) -> Self {
        Self { wall: clock.now(), moment: clock.moment() }
    }

    /// What the clock shows at that moment, unless somebody sets it.
    pub(crate) fn expects(self, moment: Moment) -> Timestamp {
        self.wall.plus(moment.since(self.moment))
    }
}

/// A moment in UTC, in whole milliseconds since the Unix epoch; RFC 3339 on the wire and in the
/// table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down; never negative.
    pub fn seconds(self) -> u64 {
        u64::try_from(self.0.div_euclid(1000)).unwrap_or(0)
    }

    /// That many seconds after the Unix epoch.
    pub fn of_seconds(seconds: u64) -> Self {
        Self(i64::try_from(seconds).unwrap_or(0).saturating_mul(1000))
    }

    /// The moment `by` later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The day that it lies in, in UTC; the last one that can be named, if it lies behind that.
    pub fn date(self) -> Date {
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .map_or(Date::MAX, OffsetDateTime::date)
    }

    /// How long ago `earlier` was; zero if it is in the future.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads an RFC 3339 date and time; what is finer than a millisecond is dropped. None that an
    /// offset carries out of the years 0 to 9999, since it could not be written in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(moment) = as_written(text.as_bytes()) {
            return Some(moment);
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let moment = moment.checked_to_offset(UtcOffset::UTC)?;
        if !(0..=9999).contains(&moment.year()) {
            return None;
        }
        i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }

    /// Reads a date as HTTP has it (RFC 9110, section 5.6.7, `IMF-fixdate`).
    pub fn parse_http(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        Some(Self(moment.unix_timestamp().checked_mul(1000)?))
    }

    /// Hands on the moment in RFC 3339, always with milliseconds, so that moments sort as texts do; `None` if
    /// it lies outside of the years 0 to 9999. By hand, since every record has some and this is a tenth of
    /// the work.
    pub fn written<T>(self, hand: impl FnOnce(&str) -> T) -> Option<T> {
        let moment = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000)).ok()?;
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        let millis = u16::try_from(self.0.rem_euclid(1000)).ok()?;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let parts = [
            (0..4, u16::try_from(year).ok().filter(|year| *year <= 9999)?),
            (5..7, u8::from(month).into()),
            (8..10, day.into()),
            (11..13, hour.into()),
            (14..16, minute.into()),
            (17..19, second.into()),
            (20..23, millis),
        ];
        for (place, mut number) in parts {
            for digit in text.get_mut(place)?.iter_mut().rev() {
                *digit += u8::try_from(number % 10).ok()?;
                number /= 10;
            }
        }
        Some(hand(str::from_utf8(&text).ok()?))
    }
}

/// Reads what [`Timestamp::written`] has written, and what leaves out zeros at the end.
fn as_written(text: &[u8]) -> Option<Timestamp> {
    let (moment, fraction) = text.strip_suffix(b"Z")?.split_at_checked(19)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| moment.get(*at) != Some(mark)) {
        return None;
    }
    let digits = |place: Range<usize>| moment.get(place).and_then(number);
    let small = |place| digits(place).and_then(|number| u8::try_from(number).ok());
    let year = i32::try_from(digits(0..4)?).ok()?;
    let month = Month::try_from(small(5..7)?).ok()?;
    let date = Date::from_calendar_date(year, month, small(8..10)?).ok()?;
    let time = Time::from_hms(small(11..13)?, small(14..16)?, small(17..19)?).ok()?;
    let millis = match fraction {
        [] => 0,
        [b'.', tenths] => 100 * number(&[*tenths])?,
        [b'.', rest @ ..] if rest.len() == 2 => 10 * number(rest)?,
        [b'.', rest @ ..] if rest.len() == 3 => number(rest)?,
        _ => return None,
    };
    let seconds = OffsetDateTime::new_utc(date, time).unix_timestamp();
    Some(Timestamp(1000 * seconds + i64::from(millis)))
}

/// What a few digits say.
fn number(digits: &[u8]) -> Option<u32> {
    let mut digits = digits.iter().map(|digit| char::from(*digit).to_digit(10));
    digits.try_fold(0, |number, digit| Some(10 * number + digit?))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written(|text| f.write_str(text)).ok_or(fmt::Error)?
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unwritable = || ser::Error::custom("not within the years 0 to 9999");
        self.written(|text| serializer.serialize_str(text)).ok_or_else(unwritable)?
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 date and time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the library makes of the same moment.
    fn by_the_library(millis: i64) -> String {
        let nanos = i128::from(millis) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap().format(&Rfc3339).unwrap()
    }

    #[test]
    fn moments_are_written_and_read_as_by_the_library() {
        let days = [-719_528, -719_469, -1, 0, 59, 11_016, 19_782, 20_779, 47_541, 2_932_896];
        let in_day = [0, 1, 10, 100, 120, 123, 999, 1000, 59_999, 3_600_000, 86_399_999];
        for millis in days.iter().flat_map(|day| in_day.map(|millis| day * 86_400_000 + millis)) {
            let (moment, text) = (Timestamp::from_millis(millis), by_the_library(millis));
            let written = moment.to_string();
            assert_eq!(
                OffsetDateTime::parse(&written, &Rfc3339),
                OffsetDateTime::parse(&text, &Rfc3339)
            );
            for text in [written, text] {
                assert_eq!(as_written(text.as_bytes()), Some(moment), "{text}");
            }
        }
    }

    #[test]
    fn moments_sort_as_texts_do() {
        let millis = [0, 1, 10, 100, 999, 1000, 1001, 1500, 2000, 10_000];
        let texts = millis.map(|millis| Timestamp::from_millis(millis).to_string());
        assert!(texts.is_sorted(), "{texts:?}");
        assert_eq!(texts[0], "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_the_library() {
        let same = Timestamp::parse("2030-01-31T12:00:00Z").unwrap();
        assert_eq!(Timestamp::parse_http("Thu, 31 Jan 2030 12:00:00 GMT"), Some(same));
        assert_eq!(Timestamp::parse_http("yesterday"), None);
        let others =
            ["2030-01-31T13:00:00+01:00", "2030-01-31t12:00:00z", "2030-01-31T12:00:00.0000Z"];
        for text in others {
            assert_eq!(as_written(text.as_bytes()), None, "{text}");
            assert_eq!(Timestamp::parse(text), Some(same), "{text}");
        }
        for text in [
            "",
            "Z",
            "2030-01-31",
            "2030-01-31T12:00:00",
            "2030-02-30T12:00:00Z",
            "2030-13-01T12:00:00Z",
            "2030-01-31T24:00:00Z",
            "2030-01-31T12:00:00.Z",
            "2030-01-31 12:00:00Z1",
            "+030-01-31T12:00:00Z",
            "２030-01-31T12:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn years_of_more_digits_cannot_be_written() {
        for millis in [-62_167_219_200_001, 253_402_300_800_000, i64::MIN, i64::MAX] {
            assert_eq!(Timestamp::from_millis(millis).written(str::to_owned), None);
        }
    }
}

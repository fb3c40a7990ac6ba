//! Reading a request's fields into types that hold only valid values, with every fault found.

use serde_json::{Map, Value};

use crate::error::{Code, Error, Fault, Result};

/// What is too large for 64 bits.
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
/// The most unknown names inside one object that an answer lists.
const MAX_UNKNOWN: usize = 20;

/// A type that a request field is read into.
pub(crate) trait FromField: Sized {
    /// Whether an empty text, or one of blanks alone, is as good as null: so a form sends what nobody has
    /// filled in. True of free texts; never of what selects, proves, binds or limits something.
    const BLANK_IS_NULL: bool = false;

    /// Reads the value.
    ///
    /// # Errors
    /// What is wrong with it.
    fn from_field(value: Value) -> Result<Self, Flaw>;
}

/// Why a value is refused.
#[derive(Debug)]
pub enum Flaw {
    /// It has another JSON type than the field.
    Type(&'static str),
    /// It is of the right type but not acceptable: a code, and what would be.
    Value(&'static str, String),
    /// Fields inside it are at fault.
    Inside(Vec<Fault>),
}

/// A request that is read from its fields.
pub(crate) trait FromFields: Sized {
    /// Takes the fields that the request has; `None` if a required one is missing or at fault.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// The fields of one request that are still to be read, and the faults found so far.
#[derive(Debug)]
pub(crate) struct Fields {
    map: Map<String, Value>,
    faults: Vec<Fault>,
}

/// What a change does to an optional value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// The field was not sent: the value stays.
    #[default]
    Keep,
    /// The field was null: the value goes.
    Clear,
    /// The new value.
    Set(T),
}

impl<T> From<Option<T>> for Change<T> {
    /// The new value, if there is one; that none is there clears nothing.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

impl<T> Change<T> {
    /// Applies the change to `value`.
    pub(crate) fn apply(self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(new) => *value = Some(new),
        }
    }

    /// Whether it takes the value away.
    pub(crate) const fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// What it makes of nothing.
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Keep | Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }

    /// The same change of another type of value.
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(convert(value)),
        }
    }
}

impl Fields {
    /// Reads a whole request.
    ///
    /// # Errors
    /// `validation_failed` with every field at fault.
    pub(crate) fn read<T: FromFields>(map: Map<String, Value>) -> Result<T> {
        let mut fields = Self { map, faults: Vec::new() };
        let request = T::from_fields(&mut fields);
        match request {
            Some(request) if fields.faults.is_empty() => Ok(request),
            Some(_) | None => Err(Error::faults(Code::ValidationFailed, fields.faults)),
        }
    }

    /// Reads an object inside a field, which may have just the `known` fields.
    ///
    /// # Errors
    /// Every fault inside it.
    pub(crate) fn read_inside<T>(
        map: Map<String, Value>,
        known: &[&str],
        read: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, Flaw> {
        let mut fields = Self { map, faults: Vec::new() };
        let value = read(&mut fields);
        let unknown = fields.map.keys().filter(|name| !known.contains(&name.as_str()));
        let why = |name: &String| Fault::new(name, "unknown_field", format!("{name} is unknown"));
        fields.faults.extend(unknown.take(MAX_UNKNOWN).map(why).collect::<Vec<_>>());
        if fields.faults.is_empty() { Ok(value) } else { Err(Flaw::Inside(fields.faults)) }
    }

    /// Whether one of the fields is there and not null.
    pub(crate) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.map.get(*name).is_some_and(|value| !value.is_null()))
    }

    /// A field that may be missing or null.
    pub(crate) fn optional<T: FromField>(&mut self, name: &str) -> Option<T> {
        let value = self.map.remove(name)?;
        if is_null::<T>(&value) { None } else { self.parse(name, value) }
    }

    /// The same of a field that selects what the call is about: an empty text selects nothing, and is not the
    /// same as none.
    pub(crate) fn selecting<T: FromField>(&mut self, name: &str) -> Option<T> {
        let value = self.map.remove(name)?;
        if value.is_null() { None } else { self.parse(name, value) }
    }

    /// A field of something that always has a value: missing or null, the value stays, and an empty text is none.
    pub(crate) fn lasting<T: FromField>(&mut self, name: &str) -> Option<T> {
        self.selecting(name)
    }

    /// A field that must be there.
    pub(crate) fn required<T: FromField>(&mut self, name: &str) -> Option<T> {
        match self.map.remove(name) {
            None | Some(Value::Null) => {
                self.fault(name, "required", format!("{name} is required"));
                None
            }
            Some(value) => self.parse(name, value),
        }
    }

    /// A field that may be missing (keep), null (clear), or a new value.
    pub(crate) fn change<T: FromField>(&mut self, name: &str) -> Change<T> {
        let Some(value) = self.map.remove(name) else { return Change::Keep };
        if is_null::<T>(&value) {
            return Change::Clear;
        }
        self.parse(name, value).map_or(Change::Keep, Change::Set)
    }

    /// Notes a fault that no single value shows.
    pub(crate) fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.faults.push(Fault::new(name, code, detail));
    }

    fn parse<T: FromField>(&mut self, name: &str, value: Value) -> Option<T> {
        T::from_field(value).map_err(|flaw| self.flaw(name, flaw)).ok()
    }

    fn flaw(&mut self, name: &str, flaw: Flaw) {
        match flaw {
            Flaw::Type(expected) => self.fault(name, "type", format!("{name} must be {expected}")),
            Flaw::Value(code, why) => self.fault(name, code, format!("{name} {why}")),
            Flaw::Inside(faults) => {
                let inside = |fault: Fault| Fault {
                    field: format!("{name}.{}", fault.field),
                    detail: format!("{name}.{}", fault.detail),
                    ..fault
                };
                self.faults.extend(faults.into_iter().map(inside));
            }
        }
    }
}

/// Whether the value is as good as null in a field of that type.
fn is_null<T: FromField>(value: &Value) -> bool {
    let is_blank = || value.as_str().is_some_and(|text| text.trim().is_empty());
    value.is_null() || (T::BLANK_IS_NULL && is_blank())
}

impl FromField for Map<String, Value> {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        if let Value::Object(map) = value { Ok(map) } else { Err(Flaw::Type("an object")) }
    }
}

impl FromField for String {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        if let Value::String(text) = value { Ok(text) } else { Err(Flaw::Type("a string")) }
    }
}

impl FromField for bool {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        value.as_bool().ok_or(Flaw::Type("true or false"))
    }
}

impl FromField for u64 {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let whole = |number: f64| {
            let fits = number.fract() == 0.0 && (0.0..TWO_TO_64).contains(&number);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole, and in the range"
            )]
            fits.then_some(number as Self)
        };
        // To JSON 7.0 is 7.
        let number = value.as_u64().or_else(|| value.as_f64().and_then(whole));
        number.ok_or(Flaw::Type("a whole number that is not negative"))
    }
}

//! Documents after a patch, and what is wrong with those that become none.

use serde_json::{Map, Value};

use crate::{
    error::Fault,
    model::text::{Document, DocumentError},
    store::{Error, Result},
};

/// A document after a patch from the request field of that name.
pub(in crate::store) fn merged(
    field: &'static str,
    document: &Document,
    patch: Map<String, Value>,
) -> Result<Document> {
    document.merge(patch).map_err(|error| unfit(field, error))
}

/// The request field of that name would make a document that is none.
pub(in crate::store) fn unfit(field: &'static str, error: DocumentError) -> Error {
    Error::Field(Fault::new(field, "length", format!("{field} {error}")))
}

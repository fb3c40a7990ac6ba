//! `users/trash/ID`: bringing users back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Native, Response, record};
use crate::{
    error::{Code, Error, Result},
    facade::native::User,
};

#[derive(Deserialize)]
struct Found {
    data: Vec<User>,
}

/// The user in the trash whom the fields name, if there is one.
pub(super) async fn find(native: Native<'_>, who: Value) -> Result<Option<User>> {
    let found: Found = native.call("trash/find", who).await?;
    Ok(found.data.into_iter().next())
}

pub(super) async fn restore(native: Native<'_>, number: u64) -> Result<Response> {
    native.admitted("trash/restore").await?;
    let user = find(native, json!({"number": number})).await?.ok_or_else(|| {
        let why = "The user in the trash was not found, or you may not see it.";
        Error::new(Code::NotFound, why)
    })?;
    let restored = native.call("trash/restore", json!({"id": user.id})).await;
    restored.map(|user| record::one(200, user))
}

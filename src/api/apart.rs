//! Calls that are carried out apart from all others, so that the largest future of a call is not that of every call.

use super::call::{Request, read};
use crate::{
    contract::Call,
    error::Result,
    handlers::{Cx, account, mail},
    redact::Record,
};

/// Carries out a call about mail.
pub(super) async fn about_mail(cx: &Cx, call: Call, request: Request) -> Result<Box<dyn Record>> {
    if call == Call::MailTest {
        // A conversation with the mail server is a large future.
        return Box::pin(mail::test(cx, read(request)?)).await;
    }
    if call == Call::MailState {
        return mail::state(cx, read(request)?).await;
    }
    if call == Call::MailRetry {
        return mail::retry(cx, read(request)?).await;
    }
    mail::find(cx, read(request)?).await
}

/// Carries out a call about an account, or all of them.
pub(super) async fn about_account(
    cx: &Cx,
    call: Call,
    request: Request,
) -> Result<Box<dyn Record>> {
    if call == Call::AccountCreate {
        return account::create(cx, read(request)?).await;
    }
    if call == Call::AccountFind {
        return account::find(cx, read(request)?).await;
    }
    if call == Call::AccountOverview {
        return account::overview(cx, read(request)?).await;
    }
    if call == Call::AccountRemove {
        return account::remove(cx, read(request)?).await;
    }
    if call == Call::AccountUpdate {
        return account::update(cx, read(request)?).await;
    }
    account::get(cx, read(request)?).await
}

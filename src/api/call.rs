//! The one way in: every call, from HTTP, the command line or a façade, goes through [`call`].

use std::{net::IpAddr, sync::Arc};

use serde_json::{Map, Value};
use tracing::Instrument as _;

use super::{
    Client, Credentials, IdempotencyKey,
    apart::{about_account, about_mail},
    batch::batch,
    browser::{cookie_of, is_repeatable},
    idempotency::call_once,
    sign_out::sign_out_all_the_same,
};
use crate::{
    admit::{admit, own_email_field, takes_fresh_sign_in},
    app::App,
    auth::identity::Identity,
    caller::Caller,
    contract::{self, Admission, Call, Effect, Endpoint},
    cookie::Browser,
    error::{Code, Error, Fault, Result},
    handlers::{
        Cx, account, audit, email, export, hold, identity, invite, key, list, password, provider,
        service, session, totp, trash, user,
    },
    model::{
        email::Email,
        fields::{Fields, FromFields},
    },
    redact::{Record, Reply, Viewer, redact},
    role::Role,
    security::Asked,
    store::{Reach, find::select::Selector, ledger::guard::FreshCheck},
};

/// The fields that codes are shown in, which come from emails and invites.
const CODES: [&str; 2] = ["code", "invite"];

/// A call as it came in, before anything is known of it. Not to be printed: there may be codes in it.
#[derive(Default)]
pub struct Request {
    /// The parameters of the query string.
    pub query: Vec<(String, String)>,
    /// The JSON object of the body.
    pub body: Map<String, Value>,
    /// Where the call came from.
    pub address: Option<IpAddr>,
    /// The program that called, as it calls itself.
    pub agent: Option<String>,
    /// What a browser says along with the call.
    pub browser: Browser,
    /// What makes repetitions of the call known as such.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Makes the call `name`.
///
/// # Errors
/// Whatever the contract, the caller's role, the request or the state of things forbids.
pub async fn call(
    app: &App,
    credentials: &Credentials,
    name: &str,
    request: Request,
) -> Result<Reply> {
    call_by(&Client::new(app, credentials), name, request).await
}

/// Makes the call `name`, which may be one of several that a request takes.
///
/// # Errors
/// Those of [`call()`].
pub async fn call_by(client: &Client<'_>, name: &str, request: Request) -> Result<Reply> {
    let endpoint = contract::endpoint(name)?;
    let (asked, mut caller) = (asked(endpoint, &request), None);
    let done = called(client, endpoint, request, &mut caller).await;
    done.inspect_err(|error| {
        client.app().notes.refused(endpoint.name, caller.as_ref(), &asked, error);
    })
}

/// Makes a call; `known` becomes who makes it, as soon as that is known.
async fn called(
    client: &Client<'_>,
    endpoint: &'static Endpoint,
    mut request: Request,
    known: &mut Option<Caller>,
) -> Result<Reply> {
    let (caller, check) = match client.caller_and_check(endpoint.admission).await {
        Err(error) if endpoint.call == Call::SessionRemove => {
            return Box::pin(sign_out_all_the_same(client, endpoint, request, error)).await;
        }
        found => found?,
    };
    client.record(&caller);
    *known = Some(caller.clone());
    let parameters = request.query.iter().map(|(name, _)| name.as_str());
    admit(endpoint, &caller, parameters, &request.body)?;
    if let Some(field) = own_email_field(endpoint, &caller, &request.body) {
        require_own_email(client.app(), &caller, field, &mut request.body).await?;
    }
    if endpoint.call == Call::BatchRun {
        return Box::pin(batch(client, caller, endpoint, request)).await;
    }
    let check = if takes_fresh_sign_in(endpoint, &caller, &request.body) {
        client.require_fresh_sign_in().await?;
        FreshCheck::Done
    } else {
        check
    };
    let reply = answer(client.app(), (caller, check), endpoint, request).await;
    if endpoint.effect == Effect::Change {
        client.forget();
    }
    reply
}

/// That the user names the own email in the field: so does a form that is saved with it in it. It says nothing
/// that is not known, and the call is about the user with or without it.
///
/// # Errors
/// `forbidden_field`, also for one that was the own one.
async fn require_own_email(
    app: &App,
    caller: &Caller,
    field: &'static str,
    body: &mut Map<String, Value>,
) -> Result<()> {
    let named = body.get(field).and_then(Value::as_str).and_then(|text| Email::parse(text).ok());
    if let (Some(named), Caller::User(caller)) = (named, caller) {
        let own = Selector::by_id(caller.id);
        let user = app.store.user(Reach::Account(caller.account), &own).await?;
        if user.email == named {
            body.remove(field);
            return Ok(());
        }
    }
    let why = format!("{field} needs the role admin, unless it is your own current email");
    let fault = Fault::new(field, Code::ForbiddenField.name(), why);
    Err(Error::faults(Code::ForbiddenField, vec![fault]))
}

/// What is to be known of the call if it is refused.
fn asked(endpoint: &Endpoint, request: &Request) -> Asked {
    let text = |name: &str| request.body.get(name).and_then(Value::as_str).map(str::to_owned);
    let by_stranger = endpoint.admission == Admission::Anyone;
    Asked {
        address: request.address,
        email: text("email").filter(|_| by_stranger),
        takes_code: CODES.iter().any(|name| request.body.contains_key(*name)),
    }
}

/// Whether the client may make the call `name` at all, whatever fields it has.
///
/// # Errors
/// Why not, as [`call()`] would say it.
pub async fn admitted(client: &Client<'_>, name: &str) -> Result<()> {
    let endpoint = contract::endpoint(name)?;
    let mut known = None;
    let admitted = async {
        let caller = known.insert(client.caller(endpoint.admission).await?);
        admit(endpoint, caller, std::iter::empty(), &Map::new())
    };
    let admitted = admitted.await;
    admitted.inspect_err(|error| {
        client.app().notes.refused(endpoint.name, known.as_ref(), &Asked::default(), error);
    })
}

/// The reply about the caller's own things, for any caller.
pub(super) fn own_reply(endpoint: &Endpoint, record: Box<dyn Record>) -> Reply {
    redact(record, endpoint.reply.fields, Viewer::person(Role::User, None))
}

/// What a call is made in that comes from that address, by that program.
pub(super) fn context(
    app: &App,
    caller: Caller,
    endpoint: &Endpoint,
    (address, agent): (Option<IpAddr>, Option<String>),
) -> Cx {
    Cx {
        store: Arc::clone(&app.store),
        caller,
        action: endpoint.name,
        address,
        agent,
        issuer: Arc::clone(app.verifier.built_in()),
        offer: Arc::clone(&app.offer),
        providers: Arc::clone(&app.providers),
        courier: Arc::clone(&app.courier),
        cookie: None,
        once: None,
        fresh: FreshCheck::Done,
    }
}

/// Answers a call that is admitted.
async fn answer(
    app: &App,
    (caller, fresh): (Caller, FreshCheck),
    endpoint: &'static Endpoint,
    mut request: Request,
) -> Result<Reply> {
    let cookie = cookie_of(endpoint, &mut request)?;
    let cx = context(app, caller, endpoint, (request.address, request.agent.take()));
    let cx = Cx { cookie, fresh, ..cx };
    match request.idempotency_key.take() {
        Some(key) if is_repeatable(endpoint, &request) => {
            call_once(cx, endpoint, request, key).await
        }
        Some(_) | None if endpoint.admission == Admission::Anyone => {
            // A task of its own: who hangs up is counted all the same where guesses are.
            let work = carry_out(cx, endpoint, request).in_current_span();
            tokio::spawn(work).await.map_err(Error::internal)?
        }
        Some(_) | None => carry_out(cx, endpoint, request).await,
    }
}

/// Carries out a call that is admitted. What takes much room to carry out is boxed: whatever is not is part of what every
/// call takes, and is moved with it several times.
#[expect(clippy::too_many_lines, reason = "a line for each call")]
pub(super) async fn carry_out(
    cx: Cx,
    endpoint: &'static Endpoint,
    request: Request,
) -> Result<Reply> {
    let viewer = viewer_of(&cx.caller);
    let record = match endpoint.call {
        Call::AccountDecline => {
            Box::pin(account::decline(&cx, calling(&cx)?, read(request)?)).await?
        }
        Call::AccountMine => account::mine(&cx, calling(&cx)?, read(request)?).await?,
        Call::AccountCreate
        | Call::AccountFind
        | Call::AccountGet
        | Call::AccountOverview
        | Call::AccountRemove
        | Call::AccountUpdate => Box::pin(about_account(&cx, endpoint.call, request)).await?,
        Call::AuditFind => audit::find(&cx, read(request)?).await?,
        Call::BatchRun => return Err(Error::internal("a batch is taken apart before")),
        Call::HoldFind => hold::find(&cx, read(request)?).await?,
        Call::HoldPlace => hold::place(&cx, read(request)?).await?,
        Call::HoldRelease => hold::release(&cx, read(request)?).await?,
        Call::IdentityRemove => identity::remove(&cx, calling(&cx)?, read(request)?).await?,
        Call::InviteCheck => invite::check(&cx, read(request)?).await?,
        Call::InviteFind => invite::find(&cx, read(request)?).await?,
        Call::InviteRevoke => Box::pin(invite::revoke(&cx, read(request)?)).await?,
        Call::KeyCreate => key::create(&cx, read(request)?).await?,
        Call::KeyFind => key::find(&cx, read(request)?).await?,
        Call::KeyRemove => key::remove(&cx, read(request)?).await?,
        Call::MailFind | Call::MailRetry | Call::MailState | Call::MailTest => {
            Box::pin(about_mail(&cx, endpoint.call, request)).await?
        }
        Call::PasswordCheck => password::check(&cx, read(request)?).await?,
        Call::PasswordForgot => password::forgot(&cx, read(request)?).await?,
        Call::PasswordReset => Box::pin(password::reset(&cx, read(request)?)).await?,
        Call::ProviderBegin
        | Call::ProviderBeginLink
        | Call::ProviderCode
        | Call::ProviderFind
        | Call::ProviderFinishLink
        | Call::ProviderRemove => Box::pin(with_provider(&cx, endpoint.call, request)).await?,
        Call::ServiceAbout => service::about(&cx, read(request)?).await?,
        Call::SessionCode => session::code(&cx, calling(&cx)?, read(request)?).await?,
        Call::SessionConfirm | Call::UserConfirmEmail | Call::UserUndoEmail => {
            Box::pin(prove(&cx, endpoint, request)).await?
        }
        Call::SessionCreate => Box::pin(session::create(&cx, read(request)?)).await?,
        Call::SessionFind => session::find(&cx, read(request)?).await?,
        Call::SessionRefresh => session::refresh(&cx, read(request)?).await?,
        Call::SessionToken => session::token(&cx, calling(&cx)?, read(request)?).await?,
        Call::SessionRemove => Box::pin(session::remove(&cx, read(request)?)).await?,
        Call::TotpConfirm => Box::pin(totp::confirm(&cx, read(request)?)).await?,
        Call::TotpEnroll => totp::enroll(&cx, read(request)?).await?,
        Call::TotpRemove => Box::pin(totp::remove(&cx, read(request)?)).await?,
        Call::TrashFind => trash::find(&cx, read(request)?).await?,
        Call::TrashList => list::trash(&cx, read(request)?).await?,
        Call::TrashPurge => Box::pin(trash::purge(&cx, read(request)?)).await?,
        Call::TrashRestore => Box::pin(trash::restore(&cx, read(request)?)).await?,
        Call::UserChangePassword => Box::pin(user::change_password(&cx, read(request)?)).await?,
        Call::UserCreate => Box::pin(user::create(&cx, read(request)?)).await?,
        Call::UserCreateOrRestore => Box::pin(user::create_or_restore(&cx, read(request)?)).await?,
        Call::UserExport => export::export(&cx, read(request)?).await?,
        Call::UserFind => user::find(&cx, read(request)?).await?,
        Call::UserGet => user::get(&cx, read(request)?).await?,
        Call::UserLeave => Box::pin(user::leave(&cx, read(request)?)).await?,
        Call::UserList => list::users(&cx, read(request)?).await?,
        Call::UserRemove => Box::pin(user::remove(&cx, read(request)?)).await?,
        Call::UserUpdate => Box::pin(user::update(&cx, read(request)?)).await?,
        Call::UserUpdateRole => Box::pin(user::update_role(&cx, read(request)?)).await?,
        Call::AccountRegister
        | Call::IdentityCreate
        | Call::IdentityVerify
        | Call::ProviderFinish
        | Call::ProviderLink
        | Call::UserLogin => {
            return Box::pin(log_in(&cx, endpoint, request)).await;
        }
    };
    Ok(redact(record, endpoint.reply.fields, viewer))
}

/// Who sees the reply of a call that nobody logs in by.
pub(super) fn viewer_of(caller: &Caller) -> Viewer {
    Viewer { role: caller.role(), user: caller.user(), read_only: caller.is_read_only() }
}

/// Carries out a call by which people show who they are, or which address they read.
async fn prove(cx: &Cx, endpoint: &Endpoint, request: Request) -> Result<Box<dyn Record>> {
    if endpoint.call == Call::UserConfirmEmail {
        return email::confirm(cx, read(request)?).await;
    }
    if endpoint.call == Call::UserUndoEmail {
        return email::undo(cx, read(request)?).await;
    }
    session::confirm(cx, calling(cx)?, read(request)?).await
}

/// Carries out a call about providers by which nobody comes in.
async fn with_provider(cx: &Cx, call: Call, request: Request) -> Result<Box<dyn Record>> {
    if call == Call::ProviderBegin {
        return provider::begin(cx, read(request)?).await;
    }
    if call == Call::ProviderCode {
        return provider::code(cx, read(request)?).await;
    }
    let who = calling(cx)?;
    if call == Call::ProviderBeginLink {
        return provider::begin_link(cx, who, read(request)?).await;
    }
    if call == Call::ProviderFinishLink {
        return provider::finish_link(cx, who, read(request)?).await;
    }
    if call == Call::ProviderRemove {
        return provider::remove(cx, who, read(request)?).await;
    }
    provider::find(cx, who, read(request)?).await
}

/// Carries out a call that somebody logs in by. Who sees the reply is only known then.
async fn log_in(cx: &Cx, endpoint: &'static Endpoint, request: Request) -> Result<Reply> {
    let fields = endpoint.reply.fields;
    if matches!(endpoint.call, Call::ProviderFinish | Call::ProviderLink) {
        let (viewer, record) = if endpoint.call == Call::ProviderFinish {
            provider::finish(cx, read(request)?).await?
        } else {
            provider::link(cx, read(request)?).await?
        };
        return Ok(redact(Box::new(record), fields, viewer));
    }
    if matches!(endpoint.call, Call::IdentityCreate | Call::IdentityVerify) {
        let (viewer, record) = if endpoint.call == Call::IdentityCreate {
            identity::create(cx, read(request)?).await?
        } else {
            identity::verify(cx, read(request)?).await?
        };
        return Ok(redact(Box::new(record), fields, viewer));
    }
    let who = calling(cx)?;
    let (viewer, record) = if endpoint.call == Call::AccountRegister {
        account::register(cx, who, read(request)?).await?
    } else {
        user::login(cx, who, read(request)?).await?
    };
    Ok(redact(Box::new(record), fields, viewer))
}

/// The identity that calls.
pub(super) fn calling(cx: &Cx) -> Result<&Identity> {
    let Caller::Identity(identity) = &cx.caller else {
        return Err(Error::new(
            Code::Forbidden,
            "This call needs the token of a person; an API key cannot make it.",
        ));
    };
    Ok(identity)
}

/// Reads a request; query parameters are fields whose names begin with `?`, so that the faults of
/// both are found together. An empty one is what a form sends that nobody has filled in.
pub(super) fn read<T: FromFields>(request: Request) -> Result<T> {
    let mut fields = request.body;
    for (name, value) in request.query.into_iter().filter(|(_, value)| !value.is_empty()) {
        fields.insert(format!("?{name}"), Value::String(value));
    }
    Fields::read(fields)
}

//! The matrix of endpoint, role and field, found by asking `admit` and `redact` for each.

use std::fmt::Write as _;

use expect_test::expect_file;
use guestlist::{
    admit::admit,
    auth::{Identity, Presence},
    caller::{Caller, CallingKey, CallingUser},
    clock::Timestamp,
    contract::{Endpoint, Fresh, ReplyField, endpoints},
    model::{
        id::{AccountId, KeyId, UserId},
        key::Access,
        user::IdentityKey,
    },
    redact::{Record, Value, Viewer, redact},
    role::Role,
};
use serde_json::{Map, json};

const OWN: &str = "0190aaaa-0000-7000-8000-000000000001";
const OTHER: &str = "0190aaaa-0000-7000-8000-000000000002";

/// The columns.
fn callers() -> Vec<(&'static str, Caller)> {
    let key = IdentityKey { issuer: "guestlist".to_owned(), subject: "ada".to_owned() };
    let identity = Identity {
        key,
        email: None,
        email_verified: false,
        trusted: false,
        session: None,
        first: None,
        last: None,
        member: None,
        auth_time: None,
        amr: Vec::new(),
        token: [0; 32],
        presence: Presence::default(),
        expires: Timestamp::default(),
    };
    let account = AccountId::parse(OWN).unwrap();
    let user = |role| {
        Caller::User(CallingUser {
            id: UserId::parse(OWN).unwrap(),
            account,
            role,
            epoch: 0,
            session: None,
            auth_time: None,
        })
    };
    let key = |role, access| {
        Caller::Key(CallingKey {
            id: KeyId::parse(OWN).unwrap(),
            account,
            role,
            access,
            maker: None,
        })
    };
    vec![
        ("nobody", Caller::Anonymous),
        ("identity", Caller::Identity(identity.into())),
        ("user", user(Role::User)),
        ("admin", user(Role::Admin)),
        ("root", user(Role::Root)),
        ("reader", key(Role::Admin, Access::Read)),
        ("admin-key", key(Role::Admin, Access::Write)),
        ("root-key", key(Role::Root, Access::Write)),
    ]
}

/// A record that has every field; also those that the contract does not know.
struct Everything {
    nested: Vec<(&'static str, Everything)>,
    own: bool,
}

impl Everything {
    fn of(fields: &'static [ReplyField], own: bool) -> Self {
        let nested = fields.iter().filter(|field| !field.inner().is_empty());
        Self { nested: nested.map(|it| (it.name, Self::of(it.inner(), own))).collect(), own }
    }
}

impl Record for Everything {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let inner = self.nested.iter().find(|(nested, _)| *nested == name);
        Some(inner.map_or(Value::Flag(true), |(_, record)| Value::List(vec![record])))
    }

    fn is_about(&self, user: UserId) -> bool {
        self.own && user == UserId::parse(OWN).unwrap()
    }
}

/// How `admit` takes a body: `None` if it lets it in, else its code.
fn refusal(endpoint: &Endpoint, caller: &Caller, body: &serde_json::Value) -> Option<&'static str> {
    let body: &Map<_, _> = body.as_object().unwrap();
    admit(endpoint, caller, std::iter::empty(), body).err().map(|error| error.code().name())
}

fn sending(endpoint: &Endpoint, caller: &Caller, field: &str) -> &'static str {
    if refusal(endpoint, caller, &json!({})).is_some() {
        return "·";
    }
    let other = refusal(endpoint, caller, &json!({field: OTHER}));
    let own = refusal(endpoint, caller, &json!({field: OWN}));
    match (other, own) {
        (None, None) => "yes",
        (Some("forbidden_field"), None) => "own",
        (Some("forbidden_field"), Some("forbidden_field")) => "no",
        odd => panic!("{} {field}: {odd:?}", endpoint.name),
    }
}

/// All names in a reply, those inside others as `data.email`.
fn seen(endpoint: &Endpoint, caller: &Caller, own: bool) -> Vec<String> {
    let (role, user) = (caller.role(), caller.user());
    let viewer = Viewer { role, user, read_only: caller.is_read_only() };
    let reply =
        redact(Box::new(Everything::of(endpoint.reply.fields, own)), endpoint.reply.fields, viewer);
    let mut names = Vec::new();
    collect("", &serde_json::from_str(&reply.into_json()).unwrap(), &mut names);
    names
}

fn collect(prefix: &str, value: &serde_json::Value, names: &mut Vec<String>) {
    for (name, value) in value.as_object().unwrap() {
        match value.as_array() {
            Some(list) => collect(&format!("{prefix}{name}."), &list[0], names),
            None => names.push(format!("{prefix}{name}")),
        }
    }
}

/// The names that a reply can have, in the contract's order.
fn leaves(prefix: &str, fields: &[ReplyField]) -> Vec<String> {
    let leaf = |field: &ReplyField| match field.inner() {
        [] => vec![format!("{prefix}{}", field.name)],
        inner => leaves(&format!("{prefix}{}.", field.name), inner),
    };
    fields.iter().flat_map(leaf).collect()
}

fn row(text: &mut String, name: &str, cells: impl Iterator<Item = impl AsRef<str>>) {
    let mut line = format!("{name:26}");
    for cell in cells {
        let _ = write!(line, "{:10}", cell.as_ref());
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

fn fresh(term: &Fresh) -> String {
    match term {
        Fresh::Always => "always".to_owned(),
        Fresh::Sent(field) => format!("{field} is sent"),
        Fresh::Set(field) => format!("{field} is neither null nor false"),
        Fresh::SetButOwnSession(field) => format!("{field} is another than the own one"),
        Fresh::Is(field, values) => format!("{field} is {}", values.join(" or ")),
        Fresh::LetsInAdmin(field) => format!("{field} invites or lets in an existing admin"),
        Fresh::Restores => "somebody comes back from the trash".to_owned(),
    }
}

fn matrix() -> String {
    let callers = callers();
    let mut text = String::from(
        "yes: may; no: may not; own: only the own id, or in the own record; ·: may not call\n\
         > is a field of the request, < one of the reply, ! what takes a fresh sign-in. Who calls user/login with an identity\n\
         sees the reply as the user that it turns out to be.\n\n",
    );
    row(&mut text, "", callers.iter().map(|(name, _)| *name));
    for endpoint in endpoints() {
        text.push('\n');
        let admitted = callers.iter().map(|(_, caller)| {
            assert!(
                refusal(endpoint, caller, &json!({"nonsense": 1})).is_some(),
                "an unlisted field"
            );
            refusal(endpoint, caller, &json!({})).map_or("yes", |_| "no")
        });
        row(&mut text, endpoint.name, admitted);
        for term in endpoint.fresh {
            let _ = writeln!(text, "  ! {}", fresh(term));
        }
        for field in endpoint.request {
            let cells = callers.iter().map(|(_, caller)| sending(endpoint, caller, field.name));
            row(&mut text, &format!("  > {}", field.name), cells);
        }
        let views: Vec<_> = (callers.iter())
            .map(|(_, caller)| {
                let admitted = refusal(endpoint, caller, &json!({})).is_none();
                (admitted, seen(endpoint, caller, false), seen(endpoint, caller, true))
            })
            .collect();
        for name in leaves("", endpoint.reply.fields) {
            let cells = views.iter().map(|(admitted, others, own)| match admitted {
                false => "·",
                true if others.contains(&name) => "yes",
                true if own.contains(&name) => "own",
                true => "no",
            });
            row(&mut text, &format!("  < {name}"), cells);
        }
    }
    text
}

#[test]
fn endpoints_by_role_by_field() {
    expect_file!["../golden/permissions.txt"].assert_eq(&matrix());
}

#[test]
fn no_two_endpoints_have_one_name() {
    let mut names: Vec<_> = endpoints().map(|endpoint| endpoint.name).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
}

#[test]
fn what_is_not_listed_does_not_leave() {
    for endpoint in endpoints() {
        let listed = leaves("", endpoint.reply.fields);
        for (name, caller) in callers() {
            let seen = seen(endpoint, &caller, true);
            assert!(seen.iter().all(|it| listed.contains(it)), "{} {name}", endpoint.name);
        }
    }
}

/// Who may only read is not to come by what would let it do more.
#[test]
fn what_opens_something_is_shown_to_no_key_that_may_only_read() {
    use guestlist::contract::kind::Kind;

    fn check(name: &str, fields: &[ReplyField]) {
        for field in fields {
            check(name, field.inner());
            let is_code = matches!(field.kind, Kind::Code | Kind::InviteCode | Kind::EmailCode);
            assert_eq!(field.opens, is_code, "{name} {}", field.name);
        }
    }
    for endpoint in endpoints() {
        check(endpoint.name, endpoint.reply.fields);
    }
    // Tokens, keys and secrets are replied by calls that change something.
    let (_, reader) = callers().into_iter().find(|(name, _)| *name == "reader").unwrap();
    for endpoint in endpoints().filter(|it| refusal(it, &reader, &json!({})).is_none()) {
        let names = seen(endpoint, &reader, true);
        let secrets = ["invite", "key", "secret", "accessToken", "refreshToken", "recoveryCodes"];
        let shown = |name: &&str| names.iter().any(|it| it.split('.').next_back() == Some(name));
        assert_eq!(secrets.iter().find(|it| shown(it)), None, "{}", endpoint.name);
    }
}

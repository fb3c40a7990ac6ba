//! Scripts with API keys and people with tokens: what they call, and what must be true of the replies.

use guestlist::{api::Credentials, model::id::AccountId};
use serde_json::{Value, json};

use super::{CALLS, EMAILS, ISSUER, Outcome, Play, USERNAMES};
use crate::support::{issuers::outside, smtp::letters_in};

impl Play {
    /// A script of one account, which makes and changes users.
    pub(super) async fn script(&self, number: usize) {
        let (token, account) = self.keys.borrow()[number % 2].clone();
        let who = Credentials::Token { token, account: None };
        for call in 0..CALLS {
            self.stop_if_wrong();
            let email = self.pick(&EMAILS);
            let key = format!("{number}-{call}");
            let name = self.pick(&[
                "user/create",
                "user/create",
                "user/create",
                "user/update",
                "user/update",
                "user/update",
                "user/updateRole",
                "user/remove",
                "user/remove",
                "trash/restore",
                "trash/purge",
                "hold/place",
                "hold/release",
                "invite/revoke",
                "user/createOrRestore",
                "user/list",
                "user/find",
            ]);
            if name == "user/create" {
                self.create(&who, email, &key).await;
                continue;
            }
            let body = self.body(name, email);
            let outcome = self.insist(&who, name, &body, &key).await;
            if let Outcome::Done(reply) = outcome {
                self.is_own(name, &account, &reply);
            }
        }
    }

    /// A reply about an account never tells of another.
    fn is_own(&self, name: &str, account: &str, reply: &Value) {
        let users = reply["data"].as_array().cloned().unwrap_or_else(|| vec![reply.clone()]);
        for user in users {
            if user["accountId"].as_str().is_some_and(|other| other != account) {
                self.turns.watch.fail(format!("{name} tells {account} of {user}"));
            }
        }
    }

    fn body(&self, name: &str, email: &str) -> Value {
        let role = self.pick(&["user", "admin"]);
        match name {
            "user/update" => match self.throw(5) {
                0 => json!({"email": email, "first": format!("N{}", self.throw(100))}),
                1 => json!({"email": email, "username": self.pick(&USERNAMES)}),
                2 => json!({"email": email, "state": self.pick(&["suspended", "active"])}),
                3 => json!({"email": email, "newEmail": self.pick(&EMAILS)}),
                _ => json!({"email": email, "username": null, "last": "L"}),
            },
            "user/updateRole" => json!({"email": email, "role": role}),
            "hold/place" | "hold/release" => {
                json!({"email": email, "kind": "server", "ref": self.pick(&["1", "2"])})
            }
            "user/createOrRestore" => json!({"email": email, "sendInvite": self.one_in(2)}),
            "user/list" | "user/find" => json!({}),
            _ => json!({"email": email}),
        }
    }

    /// Makes a user who can be told from all others, and who must then be there once, or not at all.
    async fn create(&self, who: &Credentials, email: &str, key: &str) {
        let external = format!("x-{key}");
        let mut body =
            json!({"email": email, "externalId": external, "sendInvite": self.one_in(2)});
        if self.one_in(3) {
            body["username"] = json!(self.pick(&USERNAMES));
        }
        if self.one_in(4) {
            body["role"] = json!("admin");
        }
        match self.insist(who, "user/create", &body, key).await {
            Outcome::Done(_) => drop(self.made.borrow_mut().insert(external, true)),
            Outcome::Refused(why) if why != "reply_lost" => {
                self.made.borrow_mut().insert(external, false);
            }
            Outcome::Refused(_) | Outcome::Unknown => {}
        }
    }

    /// A person, with the token of an issuer that is trusted with the address.
    pub(super) async fn person(&self, number: usize) {
        let email = EMAILS[number];
        let subject = format!("person-{number}");
        let token = outside(ISSUER, &subject, email, true);
        for call in 0..CALLS {
            self.stop_if_wrong();
            let key = format!("p{number}-{call}");
            let (_, account) = self.keys.borrow()[self.throw(2)].clone();
            let chosen = AccountId::parse(&account);
            let who = Credentials::Token { token: token.clone(), account: chosen };
            let (name, body) = match self.throw(8) {
                0..=2 => ("user/login", json!({"accountId": account})),
                3 => ("user/login", json!({"invite": self.code_for(email)})),
                4 => ("account/mine", json!({})),
                5 => ("user/update", json!({"first": format!("P{call}")})),
                6 if self.one_in(3) => ("user/leave", json!({})),
                6 => ("user/get", json!({})),
                _ => ("account/decline", json!({"accountId": account})),
            };
            if name == "user/login" {
                let where_to = if body["accountId"].is_null() { "" } else { account.as_str() };
                self.turns.watch.consent(&subject, where_to);
            }
            self.insist(&who, name, &body, &key).await;
        }
    }

    /// A code from one of the invites in a mailbox.
    fn code_for(&self, email: &str) -> String {
        let letters = letters_in(self.mail.path());
        let codes: Vec<_> = letters
            .iter()
            .filter(|letter| letter.to.contains(email))
            .filter_map(|letter| letter.text.split_once("/#invite="))
            .filter_map(|(_, rest)| rest.split_whitespace().next().map(str::to_owned))
            .collect();
        match codes.len() {
            0 => "abcdefghijklmnopqrstuvwx".to_owned(),
            count => codes[self.throw(count)].clone(),
        }
    }
}

//! People who sign in with a provider: two people with two identities each, from several browsers at once, that show what
//! has come back more than once and to whatever node is there.

use std::collections::{BTreeMap, BTreeSet};

use guestlist::api::Credentials;
use serde_json::{Value, json};

use super::{Outcome, Play};
use crate::support::{provider::Back, smtp::letters_in};

/// What the settings call the provider.
pub(super) const PROVIDER: &str = "simulated";
/// Those who sign in with it; nobody else has their addresses.
const PEOPLE: [&str; 2] = ["pat@example.com", "quinn@example.com"];
/// How many acts each browser does.
const ACTS: usize = 40;

/// What the browsers of all people have in their hands.
#[derive(Default)]
pub(super) struct Hands {
    /// The last access token of each person.
    tokens: BTreeMap<usize, String>,
    tickets: Vec<Ticket>,
    /// The states and tickets that have done something.
    used: BTreeSet<String>,
}

/// What somebody holds who has a code to show yet.
#[derive(Clone)]
struct Ticket {
    person: usize,
    link: String,
    key: String,
}

/// What has come back to a browser.
struct Returned {
    back: Back,
    key: String,
}

impl Play {
    /// Somebody in front of a browser.
    pub(super) async fn browser(&self, number: usize) {
        let person = number % PEOPLE.len();
        for _ in 0..ACTS {
            self.stop_if_wrong();
            match self.throw(9) {
                0..=2 => self.sign_in_there(person).await,
                3 | 4 => self.show_code(person).await,
                5 | 6 => self.link_another(person).await,
                7 => self.unlink_one(person).await,
                _ => self.reset(person).await,
            }
        }
    }

    async fn sign_in_there(&self, person: usize) {
        let body = json!({"provider": PROVIDER});
        let Some(returned) =
            self.send_off(&Credentials::None, "provider/begin", body, person).await
        else {
            return;
        };
        for reply in self.show_again(&Credentials::None, "provider/finish", &returned).await {
            self.take(person, &returned.key, &reply);
        }
    }

    async fn link_another(&self, person: usize) {
        let Some(who) = self.session_of(person) else { return };
        let body = json!({"provider": PROVIDER});
        if let Some(returned) = self.send_off(&who, "provider/beginLink", body, person).await {
            self.show_again(&who, "provider/finishLink", &returned).await;
        }
    }

    /// Goes to the provider and comes back with a code of one of the person's identities.
    async fn send_off(
        &self,
        who: &Credentials,
        name: &str,
        body: Value,
        person: usize,
    ) -> Option<Returned> {
        let Outcome::Done(begun) = self.once(who, name, body).await else { return None };
        let (url, key) = (begun["url"].as_str()?, begun["key"].as_str()?.to_owned());
        let back = self.provider.consent(
            url,
            json!({
                "sub": format!("{person}-{}", self.throw(2)),
                "email": PEOPLE[person],
                "email_verified": true,
                "auth_time": self.clock.now().millis() / 1000,
            }),
        );
        Some(Returned { back, key })
    }

    /// Shows what has come back up to three times, also where the first reply was lost.
    async fn show_again(&self, who: &Credentials, name: &str, returned: &Returned) -> Vec<Value> {
        let Returned { back, key } = returned;
        let body =
            json!({"state": back.state, "key": key, "code": back.code, "provider": PROVIDER});
        let mut done = Vec::new();
        for _ in 0..=self.throw(3) {
            if let Outcome::Done(reply) = self.once(who, name, body.clone()).await {
                self.note_used(&back.state);
                done.push(reply);
            }
        }
        done
    }

    /// Whatever is used has an effect once, for any caller.
    fn note_used(&self, what: &str) {
        if !self.hands.borrow_mut().used.insert(what.to_owned()) {
            self.turns.watch.fail(format!("the state or ticket {what} was used twice"));
        }
    }

    /// Shows a code from the mailbox for one of the tickets, which other browsers may do at the same time.
    async fn show_code(&self, person: usize) {
        let own: Vec<_> =
            self.hands.borrow().tickets.iter().filter(|it| it.person == person).cloned().collect();
        if own.is_empty() {
            return;
        }
        // Mostly the latest ones, since each code is for one ticket.
        let chosen = if self.one_in(4) { self.throw(own.len()) } else { own.len() - 1 };
        let Ticket { link, key, .. } = own[chosen].clone();
        let codes = self.codes_for(PEOPLE[person]);
        if codes.is_empty() {
            return;
        }
        let latest = codes.len() - 1;
        let code = if self.one_in(4) { self.throw(codes.len()) } else { latest };
        let body = json!({"link": link, "key": key, "emailCode": codes[code]});
        for _ in 0..=self.throw(2) {
            let shown = self.once(&Credentials::None, "provider/link", body.clone()).await;
            if let Outcome::Done(reply) = shown {
                self.note_used(&link);
                self.take(person, &key, &reply);
            }
        }
    }

    async fn unlink_one(&self, person: usize) {
        let Some(who) = self.session_of(person) else { return };
        let Outcome::Done(ways) = self.once(&who, "provider/find", json!({})).await else { return };
        let linked = ways["linked"].as_array().cloned().unwrap_or_default();
        if linked.is_empty() {
            return;
        }
        let one = &linked[self.throw(linked.len())];
        let body = json!({"issuer": one["issuer"], "subject": one["subject"]});
        self.once(&who, "provider/remove", body).await;
    }

    /// Sets a password by the mailbox, which ends all other ways in unless the person says otherwise.
    async fn reset(&self, person: usize) {
        let email = PEOPLE[person];
        let codes = self.resets_for(email);
        if codes.is_empty() || self.one_in(3) {
            self.once(&Credentials::None, "password/forgot", json!({"email": email})).await;
            return;
        }
        let body = json!({
            "code": codes[codes.len() - 1],
            "newPassword": "a password that nobody guesses",
            "keepProviders": self.one_in(2),
        });
        self.once(&Credentials::None, "password/reset", body).await;
    }

    fn session_of(&self, person: usize) -> Option<Credentials> {
        let token = self.hands.borrow().tokens.get(&person).cloned()?;
        Some(Credentials::Token { token, account: None })
    }

    /// Keeps what a reply gives somebody.
    fn take(&self, person: usize, key: &str, reply: &Value) {
        let mut hands = self.hands.borrow_mut();
        if let Some(token) = reply["accessToken"].as_str() {
            hands.tokens.insert(person, token.to_owned());
        }
        if let Some(link) = reply["link"].as_str() {
            hands.tickets.push(Ticket { person, link: link.to_owned(), key: key.to_owned() });
        }
    }

    /// A call that is not repeated, whatever becomes of it.
    async fn once(&self, who: &Credentials, name: &str, body: Value) -> Outcome {
        let outcome = self.call(&self.node(), who, name, body, None).await;
        self.note(&outcome);
        let changes = !["provider/begin", "provider/beginLink", "provider/find", "password/forgot"]
            .contains(&name);
        if changes && matches!(outcome, Outcome::Done(_)) {
            self.turns.count(|figures| figures.with_provider += 1);
        }
        outcome
    }

    /// The codes that were sent to an address for a sign-in with the provider, the latest last.
    fn codes_for(&self, email: &str) -> Vec<String> {
        let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|it| it.is_ascii_digit());
        self.in_letters_to(email, |text| text.split_whitespace().find(is_code).map(str::to_owned))
    }

    fn resets_for(&self, email: &str) -> Vec<String> {
        self.in_letters_to(email, |text| {
            let (_, rest) = text.split_once("/#reset=")?;
            rest.split_whitespace().next().map(str::to_owned)
        })
    }

    fn in_letters_to(&self, email: &str, find: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let letters = letters_in(self.mail.path());
        let own = letters.iter().filter(|letter| letter.to.contains(email));
        own.filter_map(|letter| find(&letter.text)).collect()
    }
}

//! The end of a run: what was acknowledged is there, once.

use std::{collections::BTreeMap, pin::pin, time::Duration};

use super::Play;
use crate::support::smtp::letters_in;

impl Play {
    /// What must be there in the end.
    pub(super) async fn go_home(&self) {
        for (external, done) in self.made.borrow().iter() {
            let made = self.turns.watch.made(external);
            assert_eq!(made, usize::from(*done), "users that were made with {external}");
        }
        // Leases of the dead run out; letters that were held back have their turn.
        let waits = |part: &str| {
            self.table
                .items()
                .keys()
                .any(|key| key.partition.starts_with(part) && !key.partition.ends_with("parked"))
        };
        for _ in 0..200 {
            if !waits("outbox#") {
                break;
            }
            self.clock.advance(Duration::from_mins(10));
            let node = self.node();
            while self.patiently(node.courier.round()).await.unwrap() > 0 {
                self.clock.advance(Duration::from_secs(1));
                self.stop_if_wrong();
            }
        }
        let items = self.table.items();
        let left = items.iter().filter(|(key, _)| key.partition.starts_with("outbox#"));
        let left: Vec<_> = left.map(|(key, item)| format!("{key} {}", item.body())).collect();
        assert!(!waits("outbox#"), "letters wait for ever: {left:?}");
        self.letters_have_come();
    }

    /// Waits for something, unless it is clear that it never comes.
    async fn patiently<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.turns.pass(1000) => self.stop_if_wrong(),
            }
        }
    }

    /// Of each invite that is open the letter was delivered, and no letter more often than something went wrong.
    fn letters_have_come(&self) {
        let delivered = letters_in(self.mail.path());
        let mut copies: BTreeMap<&str, u64> = BTreeMap::new();
        for letter in &delivered {
            *copies.entry(&letter.message_id).or_default() += 1;
        }
        let doubled: u64 = copies.values().map(|count| count - 1).sum();
        let figures = self.turns.figures();
        assert!(doubled <= figures.faults + figures.kills, "{doubled} letters came again");
        let mut latest: BTreeMap<String, String> = BTreeMap::new();
        for (id, letter) in self.turns.watch.letters() {
            if letter["content"]["kind"] == "invite" {
                let user = letter["content"]["userId"].as_str().unwrap().to_owned();
                latest.insert(user, id);
            }
        }
        let now = self.clock.now().to_string();
        let items = self.table.items();
        for (key, stored) in items.iter() {
            let user = stored.body();
            let is_open = user["invite"]["expires"].as_str().is_some_and(|end| *end > *now);
            if !(key.partition.starts_with("account#") && key.sort.starts_with("user#") && is_open)
            {
                continue;
            }
            if let Some(id) = latest.get(user["id"].as_str().unwrap()) {
                let came = copies.keys().any(|message| message.contains(id.as_str()));
                assert!(came, "the invite {id} of {} was lost", user["email"]);
            }
        }
        self.turns.count(|figures| figures.letters = delivered.len() as u64);
    }
}

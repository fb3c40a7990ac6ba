//! Making calls, and writing down what each costs.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use guestlist::{
    clock::{Clock, Timestamp},
    table::{Condition, Item, Key, Op, Table as _, Written},
};
use serde_json::Value;

use super::touches;
use crate::support::{
    charges::Charges,
    engine::Engine,
    meter::{Charge, Metered, Units},
    provider::Provider,
    smtp::letters_in,
    watched::Watched,
    world::{Person, World},
};

/// The calls in the table of parts: those that are made most, and those that seem dear.
const IN_PARTS: [&str; 8] = [
    "session/create",
    "session/refresh",
    "user/create",
    "user/create with invite",
    "password/forgot",
    "password/check",
    "password/reset",
    "user/changePassword",
];

/// A world whose table calls are counted, and the rows of the report.
pub(super) struct Ledger {
    pub(super) world: World,
    table: Arc<Watched>,
    meter: Arc<Metered>,
    /// Where DynamoDB says itself what it charges.
    charges: Option<Charges>,
    rows: BTreeMap<String, Row>,
    pub(super) provider: Provider,
}

/// What one call comes to.
struct Row {
    calls: String,
    charges: Vec<Charge>,
}

impl Ledger {
    pub(super) async fn on_sqlite() -> Self {
        let clock = clock();
        let fresh = Engine::Sqlite.fresh(&clock).await;
        let table = &fresh.table;
        let meter = Metered::new(Arc::clone(table), Arc::clone(table));
        let ledger = Self::over(meter, clock, None).await;
        Self { world: ledger.world.with(fresh), ..ledger }
    }

    pub(super) async fn on_dynamodb(endpoint: String) -> Self {
        let (charges, clock) = (Charges::before(endpoint).await, clock());
        Self::over(charges.table(&clock).await, clock, Some(charges)).await
    }

    async fn over(meter: Metered, clock: Clock, charges: Option<Charges>) -> Self {
        let meter = Arc::new(meter);
        let table = Arc::new(Watched::new(Arc::clone(&meter) as _));
        let provider = Provider::start(&clock).await;
        let flag = provider.flag("acme", ",trust_email=true");
        let world = World::over(Arc::clone(&table) as _, clock, &[&flag]).await;
        Self { world, table, meter, charges, rows: BTreeMap::new(), provider }
    }

    /// The code in the latest letter.
    pub(super) async fn code(&self) -> String {
        while self.world.courier.round().await.unwrap() > 0 {}
        letters_in(self.world.mail.path()).pop().unwrap().code()
    }

    /// The code of the latest letter with a link for that.
    pub(super) async fn code_for(&self, action: &str) -> String {
        while self.world.courier.round().await.unwrap() > 0 {}
        let link = format!("/#{action}=");
        let letters = letters_in(self.world.mail.path());
        letters.iter().rfind(|letter| letter.text.contains(&link)).unwrap().code()
    }

    /// Puts an undeliverable letter into the outbox; its content makes no difference here.
    pub(super) async fn park(&self, id: &str) {
        let key = Key::new("outbox#parked", id);
        let item = Item { key, gs1: None, version: 1, expires: None, body: "{}".to_owned() };
        let put = vec![Op::Put(item, Condition::Absent)];
        assert_eq!(self.table.write(put).await.unwrap(), Written::Done);
    }

    /// Makes a call that must succeed, and notes what it cost.
    pub(super) async fn note(&mut self, what: &str, name: &str, by: &Person, body: Value) -> Value {
        // Letters have an order by their time.
        self.world.advance(Duration::from_millis(1));
        self.begin();
        let reply = self.world.call(name, by, body).await.ok();
        self.add_row(what);
        reply
    }

    /// Has the courier look for letters, and notes what that cost.
    pub(super) async fn note_round(&mut self, what: &str) {
        self.begin();
        self.world.courier.round().await.unwrap();
        self.add_row(what);
    }

    pub(super) fn begin(&self) {
        let _ = (self.table.take_calls(), self.meter.take());
        self.charges.iter().for_each(Charges::clear);
    }

    pub(super) fn add_row(&mut self, what: &str) {
        let (calls, metered) = (self.table.take_calls(), self.meter.take());
        if let Some(charges) = &self.charges {
            charges.check(&metered, what);
        }
        self.rows.insert(what.to_owned(), Row { calls, charges: metered });
    }

    /// What each call costs, as rows of a table.
    pub(super) fn costs(&self) -> String {
        let row = |(what, row): (&String, &Row)| {
            let touches = row.charges.iter().flat_map(Charge::touches);
            let units: Units = touches.map(|touch| touch.units).sum();
            format!("| {what} | {} | {units} |\n", counted(&row.calls))
        };
        self.rows.iter().map(row).collect()
    }

    /// What some calls read and write, as rows of a table.
    pub(super) fn parts(&self) -> String {
        let touched = |what| {
            let row = self.rows.get(what).expect("the call is counted");
            (what, row.charges.iter().flat_map(Charge::touches).collect())
        };
        touches::parts(IN_PARTS.map(touched))
    }

    /// Where each call is charged, for the simulation of partitions.
    pub(super) fn touches(&self) -> String {
        let touches = |row: &Row| row.charges.iter().flat_map(Charge::touches).collect();
        touches::lines(self.rows.iter().map(|(what, row)| (what.as_str(), touches(row))).collect())
    }
}

fn clock() -> Clock {
    Clock::manual(Timestamp::from_millis(1_800_000_000_000))
}

/// Calls one after the other, the same ones counted.
fn counted(calls: &str) -> String {
    let calls: Vec<_> = calls.split(", ").collect();
    let runs = calls.chunk_by(|one, next| one == next).map(|run| match run {
        [call, _, ..] => format!("{} × {call}", run.len()),
        run => run.concat(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

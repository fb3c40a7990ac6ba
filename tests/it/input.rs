//! What requests may say: valid, almost valid and hostile ones for each endpoint. Every row is an
//! endpoint, a body, the outcome, and the fields at fault.

mod fields;
mod limits;
mod pages;

use serde_json::Value;

use crate::support::scene::Scene;

/// Who sends the rows of a table.
struct Sender<'a> {
    scene: &'a Scene,
    token: &'a str,
}

impl Sender<'_> {
    /// Sends one row; what is refused must leave no trace.
    #[track_caller]
    fn check<'a>(
        &'a self,
        name: &'a str,
        body: Value,
        outcome: &'a str,
        faults: &'a str,
    ) -> impl Future<Output = Value> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let before = self.scene.table.writes();
            let answer = self.scene.call(name, self.token, body.clone()).await;
            let shown: String = body.to_string().chars().take(200).collect();
            let found = format!("{} {}", answer.outcome(), answer.faults());
            let expected = format!("{outcome} {faults}");
            let json = answer.json();
            assert_eq!(found, expected, "{place}: {name} {shown}: {json}");
            let written = self.scene.table.writes() - before;
            assert!(answer.status == 200 || written == 0, "{place}: {name} {shown} wrote");
            json
        }
    }

    /// A row that must be accepted.
    #[track_caller]
    fn ok<'a>(&'a self, name: &'a str, body: Value) -> impl Future<Output = Value> + 'a {
        self.check(name, body, "200", "")
    }

    /// A row with these fields at fault.
    #[track_caller]
    fn bad<'a>(
        &'a self,
        name: &'a str,
        body: Value,
        faults: &'a str,
    ) -> impl Future<Output = Value> + 'a {
        self.check(name, body, "422 validation_failed", faults)
    }
}

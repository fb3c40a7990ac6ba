//! Letters over real SMTP: none is lost whatever fails, and none is sent that should not be.

mod faults;
mod kills;
mod security;
mod senders;
mod trials;

use serde_json::{Value, json};

use crate::support::process::{Service, Site};

/// The settings of every sender here.
const SENDER: &str = "--mail-from=Guestlist <guestlist@example.com>";

/// A running service with somebody who may invite.
struct Office {
    site: Site,
    service: Service,
    root: String,
}

impl Office {
    async fn open(flags: &[&str]) -> Self {
        let site = flags.iter().fold(Site::sqlite().with(SENDER), |site, flag| site.with(*flag));
        Self::at(site).await
    }

    async fn at(site: Site) -> Self {
        let service = site.start().await;
        let root = service.root(&site).await;
        Self { site, service, root }
    }

    async fn invite(&self, email: &str) -> Value {
        let body = json!({"email": email, "sendInvite": true});
        self.service.call("user/create", &self.root, body).await.ok()
    }

    /// The same service after a normal stop, with a flag exchanged for another.
    async fn restarted_with(self, flag: &str) -> Self {
        self.service.stop().await;
        let name = flag.split('=').next().unwrap();
        let site = self.site.without(name).with(flag);
        let service = site.start().await;
        Self { site, service, root: self.root }
    }
}

//! The settings that own tokens depend on: what the service is called from outside, and what it signs with.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{Reader, Settings, parsed};
use crate::{
    auth::{Algorithm, TokenKeys, token::is_audience},
    model::{session::Lifetimes, sign_in::ISSUER},
    public_url::PublicUrl,
};

impl Settings {
    /// What the service is called from outside: as it is set, else by where it listens.
    pub fn public_url(&self) -> PublicUrl {
        let own = || PublicUrl::of_listener(self.listen, &self.base_path);
        self.public_url.clone().unwrap_or_else(own)
    }

    /// Where the links in letters lead.
    pub fn app_url(&self) -> String {
        self.app_url.clone().unwrap_or_else(|| self.public_url().to_string())
    }

    /// Whether nobody knows yet where links lead.
    pub fn lacks_app_url(&self) -> bool {
        self.app_url.is_none() && self.lacks_public_url()
    }

    /// Whether nobody knows yet what the service is called from outside: its port is chosen when it starts.
    pub fn lacks_public_url(&self) -> bool {
        self.public_url.is_none() && self.listen.port() == 0
    }
}

impl Reader {
    /// How long sessions last.
    pub(super) fn session_lifetimes(
        &mut self,
        form: &str,
        days: impl Fn(&str) -> Option<Duration>,
    ) -> Option<Lifetimes> {
        let idle = self.value("session_days", form, &days)?;
        let absolute = self.value("session_max_days", form, &days)?;
        if idle > absolute {
            let why = "session_days: must not be longer than session_max_days, which always ends a session";
            self.faults.push(why.to_owned());
            return None;
        }
        Some(Lifetimes { idle, absolute })
    }

    /// Nodes that listen on addresses of their own would each have another URL, and refuse each other's tokens.
    pub(super) fn public_url_of_nodes(&mut self, url: Option<&PublicUrl>, listen: SocketAddr) {
        let ip = listen.ip();
        if url.is_none() && !ip.is_loopback() && !ip.is_unspecified() {
            self.faults.push(format!(
                "public_url: is required with a DynamoDB table and listen = {listen}, since all nodes must share \
                 it; set it to the URL that others reach the service by"
            ));
        }
    }

    /// The other services that tokens can be for. Tokens for this one have the public URL in their `aud`.
    pub(super) fn audiences(
        &mut self,
        own: Option<&PublicUrl>,
        listener: Option<(SocketAddr, &str)>,
    ) -> Vec<String> {
        let by_default = listener.map(|(listen, path)| PublicUrl::of_listener(listen, path));
        let own = own.or(by_default.as_ref());
        let name = |text: &str| {
            let is_own = text == ISSUER || own.is_some_and(|own| own.to_string() == text);
            (is_audience(text) && !is_own).then(|| text.to_owned())
        };
        let form = "the name or URL of another service, 1 to 255 ASCII characters without spaces";
        self.list("audiences", form, name)
    }

    pub(super) fn token_keys(&mut self) -> Option<TokenKeys> {
        let form = "EdDSA, ES256 or RS256";
        let algorithm = self.value("token_algorithm", form, |text| {
            parsed::<Algorithm>(text).filter(|one| Algorithm::PUBLIC.contains(one))
        })?;
        let path = |text: &str| (!text.is_empty()).then(|| PathBuf::from(text));
        let file = self.optional("token_key_file", "a path", path);
        let previous = self.list("previous_token_key_files", "a path", path);
        match (algorithm == Algorithm::RS256, file.is_some()) {
            (true, false) => self.faults.push(
                "token_key_file: is required with token_algorithm = RS256; make one with: openssl \
                 genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out token.pem"
                    .to_owned(),
            ),
            (false, true) => self.faults.push(
                "token_key_file: needs token_algorithm = RS256; an earlier key belongs in previous_token_key_files"
                    .to_owned(),
            ),
            (true, true) | (false, false) => {}
        }
        Some(TokenKeys { algorithm, file, previous })
    }
}

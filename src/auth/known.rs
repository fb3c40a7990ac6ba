//! What is known of particular issuers and does not stand in their metadata.

use crate::{auth::claim_names::TrustEmail, model::email::Email};

/// What Google calls itself, in tokens also without the scheme.
const GOOGLE: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];
/// The domains whose addresses Google gives out itself.
const GOOGLES_OWN: [&str; 2] = ["gmail.com", "googlemail.com"];
/// The beginnings of what Microsoft Entra calls itself, in each of its clouds.
const ENTRA: [&str; 3] = [
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://login.partner.microsoftonline.cn/",
];
/// What Apple calls itself.
const APPLE: &str = "https://appleid.apple.com";

/// Whether an issuer's word that it has verified an address is believed. `organisation` is the domain of the
/// organisation that the person's account belongs to (`hd`).
pub(super) fn believes(
    (issuer, trust): (&str, &TrustEmail),
    email: Option<&Email>,
    organisation: Option<&str>,
) -> bool {
    // Google verified other addresses only once; the owner at that time may no longer have it.
    let gives_it_out = |email: &Email| {
        let domain = email.domain();
        GOOGLES_OWN.contains(&domain)
            || organisation.is_some_and(|own| own.eq_ignore_ascii_case(domain))
    };
    let is_its_own = !GOOGLE.contains(&issuer) || email.is_some_and(gives_it_out);
    is_its_own && trust.covers(email)
}

/// Whether an issuer lets people choose among their accounts there when it is asked to (`prompt=select_account`).
pub(super) fn offers_account_choice(issuer: &str) -> bool {
    GOOGLE.contains(&issuer) || is_entra(issuer)
}

/// Whether an issuer that lists `auth_time` among its claims leaves it out unless its own settings say otherwise.
pub(super) fn hides_auth_time(issuer: &str) -> bool {
    is_entra(issuer)
}

/// Whether an issuer tells a name or an address to those alone whom it posts its answer to.
pub(super) fn posts_what_it_tells(issuer: &str) -> bool {
    issuer == APPLE
}

fn is_entra(issuer: &str) -> bool {
    ENTRA.iter().any(|beginning| issuer.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn googles_word_counts_for_its_own_addresses_and_its_customers_domains() {
        let check = |issuer: &str, trust: &TrustEmail, address: &str, organisation, expected| {
            let email = Email::parse(address).unwrap();
            let found = believes((issuer, trust), Some(&email), organisation);
            assert_eq!(found, expected, "{issuer} {address} {organisation:?}");
        };
        let some = TrustEmail::Domains(vec!["example.com".to_owned()]);
        for google in GOOGLE {
            let all = &TrustEmail::Always;
            check(google, all, "ada@gmail.com", None, true);
            check(google, all, "ada@example.com", Some("Example.com"), true);
            // A private account with the address of a former job.
            check(google, all, "ada@example.com", None, false);
            check(google, all, "ada@example.com", Some("example.org"), false);
            check(google, &some, "ada@example.com", Some("example.com"), true);
            check(google, &some, "ada@gmail.com", None, false);
            check(google, &some, "ada@sub.example.com", Some("sub.example.com"), false);
            check(google, &TrustEmail::Never, "ada@gmail.com", None, false);
            assert!(!believes((google, all), None, None));
        }
        check("https://id.example.com", &TrustEmail::Always, "ada@example.com", None, true);
    }
}

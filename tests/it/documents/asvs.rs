//! `docs/asvs.md` has each requirement that the standard has at levels 1 and 2, and names tests that exist.

use std::path::Path;

use guestlist::config::sources::SETTINGS;

use super::{document, quoted, sources};

/// The sections of OWASP ASVS 5.0.0, and the level of each of their requirements, 1 to 3.
const SECTIONS: &[(&str, &str, &str)] = &[
    ("1.1", "Encoding and Sanitization Architecture", "22"),
    ("1.2", "Injection Prevention", "1111122223"),
    ("1.3", "Sanitization", "112222222223"),
    ("1.4", "Memory, String, and Unmanaged Code", "222"),
    ("1.5", "Safe Deserialization", "123"),
    ("2.1", "Validation and Business Logic Documentation", "122"),
    ("2.2", "Input Validation", "112"),
    ("2.3", "Business Logic Security", "12223"),
    ("2.4", "Anti-automation", "23"),
    ("3.1", "Web Frontend Security Documentation", "3"),
    ("3.2", "Unintended Content Interpretation", "113"),
    ("3.3", "Cookie Setup", "12223"),
    ("3.4", "Browser Security Mechanism Headers", "11222233"),
    ("3.5", "Browser Origin Separation", "11122333"),
    ("3.6", "External Resource Integrity", "3"),
    ("3.7", "Other Browser Security Considerations", "22333"),
    ("4.1", "Generic Web Service Security", "12233"),
    ("4.2", "HTTP Message Structure Validation", "23333"),
    ("4.3", "GraphQL", "22"),
    ("4.4", "WebSocket", "1222"),
    ("5.1", "File Handling Documentation", "2"),
    ("5.2", "File Upload and Content", "112333"),
    ("5.3", "File Storage", "113"),
    ("5.4", "File Download", "222"),
    ("6.1", "Authentication Documentation", "122"),
    ("6.2", "Password Security", "111111112222"),
    ("6.3", "General Authentication Security", "11223333"),
    ("6.4", "Authentication Factor Lifecycle and Recovery", "112233"),
    ("6.5", "General Multi-factor authentication requirements", "22222333"),
    ("6.6", "Out-of-Band authentication mechanisms", "2223"),
    ("6.7", "Cryptographic authentication mechanism", "33"),
    ("6.8", "Authentication with an Identity Provider", "2222"),
    ("7.1", "Session Management Documentation", "222"),
    ("7.2", "Fundamental Session Management Security", "1111"),
    ("7.3", "Session Timeout", "22"),
    ("7.4", "Session Termination", "11222"),
    ("7.5", "Defenses Against Session Abuse", "223"),
    ("7.6", "Federated Re-authentication", "22"),
    ("8.1", "Authorization Documentation", "1233"),
    ("8.2", "General Authorization Design", "1123"),
    ("8.3", "Operation Level Authorization", "133"),
    ("8.4", "Other Authorization Considerations", "23"),
    ("9.1", "Token source and integrity", "111"),
    ("9.2", "Token content", "1222"),
    ("10.1", "Generic OAuth and OIDC Security", "22"),
    ("10.2", "OAuth Client", "223"),
    ("10.3", "OAuth Resource Server", "22223"),
    ("10.4", "OAuth Authorization Server", "1111122222233333"),
    ("10.5", "OIDC Client", "22222"),
    ("10.6", "OpenID Provider", "22"),
    ("10.7", "Consent Management", "222"),
    ("11.1", "Cryptographic Inventory and Documentation", "2233"),
    ("11.2", "Secure Cryptography Implementation", "22233"),
    ("11.3", "Encryption Algorithms", "11233"),
    ("11.4", "Hashing and Hash-based Functions", "1222"),
    ("11.5", "Random Values", "23"),
    ("11.6", "Public Key Cryptography", "23"),
    ("11.7", "In-Use Data Cryptography", "33"),
    ("12.1", "General TLS Security Guidance", "12233"),
    ("12.2", "HTTPS Communication with External Facing Services", "11"),
    ("12.3", "General Service to Service Communication Security", "22223"),
    ("13.1", "Configuration Documentation", "2333"),
    ("13.2", "Backend Communication Configuration", "222223"),
    ("13.3", "Secret Management", "2233"),
    ("13.4", "Unintended Information Leakage", "1222233"),
    ("14.1", "Data Protection Documentation", "22"),
    ("14.2", "General Data Protection", "12223333"),
    ("14.3", "Client-side Data Protection", "122"),
    ("15.1", "Secure Coding and Architecture Documentation", "12233"),
    ("15.2", "Security Architecture and Dependencies", "12233"),
    ("15.3", "Defensive Coding", "1222222"),
    ("15.4", "Safe Concurrency", "3333"),
    ("16.1", "Security Logging Documentation", "2"),
    ("16.2", "General Logging", "22222"),
    ("16.3", "Security Events", "2222"),
    ("16.4", "Log Protection", "222"),
    ("16.5", "Error Handling", "2223"),
    ("17.1", "TURN Server", "23"),
    ("17.2", "Media", "22223333"),
    ("17.3", "Signaling", "22"),
];

const DOCUMENT: &str = "docs/asvs.md";

/// What the document has to list: a section's heading, or a requirement's number and level.
fn expected() -> Vec<String> {
    let mut rows = Vec::new();
    for (section, title, levels) in SECTIONS {
        let numbered = levels.chars().zip(1..).filter(|(level, _)| *level != '3');
        let requirements: Vec<_> = numbered
            .map(|(level, number)| format!("{section}.{number} of level {level}"))
            .collect();
        if !requirements.is_empty() {
            rows.push(format!("**{section}** {title}"));
            rows.extend(requirements);
        }
    }
    rows
}

/// The numbers in a cell: `1.2.3, 1.2.5–1.2.7`.
fn numbers(cell: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    for part in cell.split(", ") {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        let (section, from) = first.rsplit_once('.').unwrap();
        let to = last.strip_prefix(&format!("{section}.")).unwrap();
        let range = from.parse::<u32>().unwrap()..=to.parse().unwrap();
        numbers.extend(range.map(|number| format!("{section}.{number}")));
    }
    numbers
}

fn listed(text: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let ["", first, level, state, evidence, ""] = cells[..] else { panic!("{line}") };
        if first.starts_with("**") {
            rows.push(first.to_owned());
        } else if first != "requirement" {
            assert!(["met", "part", "not met", "not ours"].contains(&state), "{line}");
            assert!(!evidence.is_empty(), "{line}");
            rows.extend(numbers(first).iter().map(|number| format!("{number} of level {level}")));
        }
    }
    rows
}

#[test]
fn each_requirement_of_the_standard_is_listed_in_order() {
    assert_eq!(listed(&document(DOCUMENT)), expected());
}

#[test]
fn the_standards_numbers_are_all_there() {
    let levels: String = SECTIONS.iter().map(|(_, _, levels)| *levels).collect();
    let of = |level| levels.chars().filter(|one| *one == level).count();
    // As the standard counts them itself.
    assert_eq!((of('1'), of('2'), of('3')), (70, 183, 92));
}

#[test]
fn the_tests_that_are_named_exist() {
    let text = document(DOCUMENT);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = sources(&root.join("tests/it")) + &sources(&root.join("src"));
    let is_setting = |name: &str| SETTINGS.iter().any(|setting| setting.name == name);
    let is_name = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let names = quoted(&text).into_iter().filter(is_name);
    // What else is quoted has fewer words.
    let tested: Vec<_> =
        names.filter(|name| name.matches('_').count() > 1 && !is_setting(name)).collect();
    for name in &tested {
        assert!(tests.contains(&format!("fn {name}()")), "there is no test {name}");
    }
    assert!(tested.len() > 150, "the tests were not found");
}

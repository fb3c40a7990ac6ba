//! What letters say: every kind in every language, and a team's own templates.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use expect_test::{Expect, expect, expect_file};
use guestlist::{
    mail::{
        letter::{self, Written},
        templates::Templates,
    },
    model::{
        code::{CodeKeys, OpenCode, Purpose},
        email::Email,
        id::{LetterId, SignInId, SignUpId, UserId},
        letter::{Content, Kind, Letter, Undo},
        text::Language,
    },
    random::Random,
    role::Role,
    secret::{Secret, Secrets},
};
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    process::Site,
    scene::PASSWORD,
    smtp::{Received, letters_in},
    world::{NOW, World, on_each_engine},
};

const APP: &str = "https://app.example.com/";

/// Makes letters whose codes are always the same.
struct Desk {
    random: Random,
    keys: CodeKeys,
}

/// What an account is called.
const COMPANY: &str = "Analytical Engines";

impl Desk {
    fn new() -> Self {
        let secrets = Secrets { current: Secret::new([7; 32]), previous: Vec::new() };
        Self { random: Random::seeded(1), keys: CodeKeys::new(&secrets) }
    }

    fn open(&self, purpose: Purpose) -> OpenCode {
        let expires = NOW.plus(Duration::from_hours(24));
        OpenCode::new(purpose, &self.keys, &self.random, expires)
    }

    /// What a letter of the kind says; all that may be missing is there, or all of it is missing.
    #[expect(clippy::too_many_lines, reason = "an entry for each kind of letter")]
    fn content(&self, kind: Kind, whole: bool) -> (Content, Option<Purpose>) {
        let some = |text: &str| whole.then(|| text.to_owned());
        let (address, agent) = (some("192.0.2.7"), some("Firefox 150 on <Linux>"));
        let (user_id, random) = (UserId::new(NOW, &self.random), &self.random);
        match kind {
            Kind::Invite => {
                let purpose = Purpose::Invite(user_id);
                let content = Content::Invite {
                    account_name: COMPANY.to_owned(),
                    inviter: some("Ada Lovelace"),
                    user_id,
                    role: if whole { Role::User } else { Role::Admin },
                    invite: self.open(purpose),
                    counts_for: None,
                };
                (content, Some(purpose))
            }
            Kind::Verify => {
                let sign_up = SignUpId::new(NOW, random);
                let code = self.open(Purpose::Verify(sign_up));
                (Content::Verify { sign_up, code, taken: whole }, Some(Purpose::Verify(sign_up)))
            }
            Kind::AlreadySignedUp => (Content::AlreadySignedUp, None),
            Kind::Reset => {
                let sign_in = SignInId::new(NOW, random);
                let purpose = Purpose::Reset(sign_in);
                let (code, made_by) = (self.open(purpose), some(COMPANY));
                (Content::Reset { sign_in, code, made_by }, Some(purpose))
            }
            Kind::ConfirmCode => {
                let (code, purpose) = (self.open(Purpose::Confirm), Some(Purpose::Confirm));
                (Content::ConfirmCode { request: "request".to_owned(), code }, purpose)
            }
            Kind::ProviderCode | Kind::ProviderLinked | Kind::ProviderRemoved => {
                self.about_provider(kind, whole, address)
            }
            Kind::ConfirmEmail => {
                let sign_in = SignInId::new(NOW, random);
                let code = self.open(Purpose::NewEmail(sign_in));
                (Content::ConfirmEmail { sign_in, code }, Some(Purpose::NewEmail(sign_in)))
            }
            Kind::EmailInUse => (Content::EmailInUse, None),
            Kind::EmailChanged => {
                let sign_in = SignInId::new(NOW, random);
                let purpose = whole.then_some(Purpose::WayBack(sign_in));
                let undo = purpose.map(|purpose| Undo { sign_in, code: self.open(purpose) });
                (Content::EmailChanged { at: NOW, address, undo }, purpose)
            }
            Kind::PasswordChanged => (Content::PasswordChanged { at: NOW, address }, None),
            Kind::SignInRemoved => (Content::SignInRemoved { at: NOW, address }, None),
            Kind::SecondFactorRemoved => (Content::SecondFactorRemoved { at: NOW }, None),
            Kind::SecondFactorOn => (Content::SecondFactorOn { at: NOW, address }, None),
            Kind::SecondFactorOff => (Content::SecondFactorOff { at: NOW, address }, None),
            Kind::SessionsEnded => (Content::SessionsEnded { at: NOW, address }, None),
            Kind::Unbound => (Content::Unbound { at: NOW, account_name: COMPANY.to_owned() }, None),
            Kind::KeyCreated => {
                let name = "nightly".to_owned();
                (Content::KeyCreated { at: NOW, name, role: Role::Admin, address }, None)
            }
            Kind::RecoveryCodeUsed => {
                let left = if whole { 9 } else { 0 };
                (Content::RecoveryCodeUsed { at: NOW, address, left }, None)
            }
            Kind::RoleGranted => {
                let account_name = COMPANY.to_owned();
                (Content::RoleGranted { at: NOW, account_name, role: Role::Admin }, None)
            }
            Kind::NewSignIn => (Content::NewSignIn { at: NOW, address, agent }, None),
            Kind::Test => (Content::Test { at: NOW }, None),
        }
    }

    fn about_provider(
        &self,
        kind: Kind,
        whole: bool,
        address: Option<String>,
    ) -> (Content, Option<Purpose>) {
        let provider = "Acme".to_owned();
        let email = whole.then(|| Email::parse("ada@acme.example").unwrap());
        if kind == Kind::ProviderCode {
            let (request, code) = ("request".to_owned(), self.open(Purpose::Confirm));
            let (known, taken) = (whole, whole);
            let content = Content::ProviderCode { request, code, provider, known, taken };
            return (content, Some(Purpose::Confirm));
        }
        let content = if kind == Kind::ProviderLinked {
            Content::ProviderLinked { provider, email, at: NOW, address }
        } else {
            Content::ProviderRemoved { provider, email, at: NOW, address }
        };
        (content, None)
    }

    fn letter(&self, content: Content, language: &str) -> Letter {
        Letter {
            id: LetterId::new(NOW, &self.random),
            to: Email::parse("bob@example.com").unwrap(),
            language: Language::parse(language),
            user_id: None,
            account_id: None,
            content,
            created: NOW,
        }
    }

    fn write(&self, templates: &Templates, kind: Kind, language: &str, whole: bool) -> Written {
        let (content, purpose) = self.content(kind, whole);
        let code = match &content {
            Content::Invite { invite: code, .. }
            | Content::Verify { code, .. }
            | Content::ConfirmEmail { code, .. }
            | Content::EmailChanged { undo: Some(Undo { code, .. }), .. }
            | Content::Reset { code, .. } => code.code(purpose.unwrap(), &self.keys),
            Content::ConfirmCode { code, .. } | Content::ProviderCode { code, .. } => {
                code.digits(Purpose::Confirm, &self.keys)
            }
            Content::AlreadySignedUp
            | Content::EmailInUse
            | Content::PasswordChanged { .. }
            | Content::EmailChanged { undo: None, .. }
            | Content::ProviderLinked { .. }
            | Content::ProviderRemoved { .. }
            | Content::SecondFactorRemoved { .. }
            | Content::SecondFactorOn { .. }
            | Content::SecondFactorOff { .. }
            | Content::SessionsEnded { .. }
            | Content::SignInRemoved { .. }
            | Content::Unbound { .. }
            | Content::KeyCreated { .. }
            | Content::RecoveryCodeUsed { .. }
            | Content::RoleGranted { .. }
            | Content::NewSignIn { .. }
            | Content::Test { .. } => None,
        };
        letter::write(templates, &self.letter(content, language), code.as_ref(), None, APP).unwrap()
    }
}

fn templates(folder: Option<&Path>, default: &str) -> Result<Templates, Vec<String>> {
    Templates::load(folder, &Language::parse(default).unwrap())
}

#[test]
fn every_kind_in_every_language() {
    let (desk, templates) = (Desk::new(), templates(None, "en").unwrap());
    let mut text = String::new();
    for kind in Kind::ALL {
        for language in ["en", "de"] {
            for whole in [true, false] {
                let missing = if whole { "" } else { ", what may be missing is" };
                let Written { subject, text: plain, html, link, .. } =
                    desk.write(&templates, kind, language, whole);
                let code = link.split_once('=').map_or("no code", |(_, code)| code);
                let [plain, html] = [plain, html].map(|text| text.replace(code, "<code>"));
                writeln!(text, "== {} {language}{missing}\n", kind.name()).unwrap();
                writeln!(text, "Subject: {subject}\n\n{plain}").unwrap();
                if whole {
                    writeln!(text, "{html}").unwrap();
                }
            }
        }
    }
    expect_file!["golden/letters.txt"].assert_eq(&text);
}

#[test]
fn what_lies_in_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mail/templates");
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    // Files of another name, or another form, would be faults of a team's own.
    assert_eq!(templates(Some(&folder), "en").unwrap().own(), names.len());
    for language in names.iter().filter_map(|name| name.split('.').nth_back(1)) {
        assert!(language == "layout" || templates(None, language).is_ok(), "{language}");
    }
}

#[test]
fn each_reader_gets_the_nearest_language() {
    let desk = Desk::new();
    let check = |default: &str, wanted: &str, subject: &str| {
        let templates = templates(None, default).unwrap();
        let written = desk.write(&templates, Kind::Reset, wanted, true);
        assert_eq!(written.subject, subject, "{default} {wanted}");
    };
    let (english, german) = ("Set a new password", "Neues Passwort festlegen");
    check("en", "", english);
    check("en", "de", german);
    check("en", "de-AT", german);
    check("en", "fr", english);
    check("de", "", german);
    check("de-CH", "fr", german);
    check("de", "en-GB", english);
}

#[test]
fn what_others_are_called_cannot_do_harm() {
    let (desk, templates) = (Desk::new(), templates(None, "en").unwrap());
    let name = "A\r\nBcc: eve@example.com\u{2028}<b>{{ code }}</b> \"&'\u{202e}\0\u{7f}z";
    let (content, _) = desk.content(Kind::Invite, true);
    let Content::Invite { user_id, role, invite, .. } = content else { panic!("an invite") };
    let code = invite.code(Purpose::Invite(user_id), &desk.keys);
    let (account_name, inviter) = (name.to_owned(), Some(name.to_owned()));
    let content =
        Content::Invite { account_name, inviter, user_id, role, invite, counts_for: None };
    let letter = desk.letter(content, "en");
    let written = letter::write(&templates, &letter, code.as_ref(), None, APP).unwrap();
    let plain = "“A  Bcc: eve@ example. com <b>{{ code }}</ b…”";
    assert_eq!(written.subject, format!("You are invited to join {plain}"));
    assert!(written.text.contains(&format!("{plain} invites you to join {plain}. Your")));
    let safe = "“A  Bcc: eve@ example. com &lt;b&gt;{{ code }}&lt;/ b…”";
    let shown = format!("<bdi>{safe}</bdi> invites you to join <bdi>{safe}</bdi>.");
    assert!(written.html.contains(&shown), "{}", written.html);
    assert!(written.html.contains(&format!("<title>You are invited to join {safe}</title>")));
}

/// A folder with these files in it.
fn folder(site: &Site, files: &[(&str, &str)]) -> String {
    let folder = site.path("letters");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    format!("--mail-templates={}", folder.display())
}

/// The letter that a new user gets.
async fn invited(flags: &[&str], fields: Value) -> Received {
    let world = World::new(Engine::Sqlite, flags).await;
    let admin = world.admin("admin@example.com").await;
    let mut body = json!({"email": "bob@example.com", "sendInvite": true});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    world.call("user/create", &admin, body).await.ok();
    world.courier.round().await.unwrap();
    let mut letters = letters_in(world.mail.path());
    assert_eq!(letters.len(), 1);
    letters.remove(0)
}

const FRENCH: (&str, &str) = (
    "invite.fr.txt",
    "\u{feff}Subject: Bienvenue chez {{ account|upper }}\r\n\r\nVotre code\u{a0}: {{ code }}\r\n{{ link }}\r\n",
);

#[tokio::test]
async fn own_templates_are_used() {
    let site = Site::sqlite();
    let html = "{% extends 'layout.html' %}{% block body %}<p>Bonjour</p>{% endblock %}";
    let layout = "<html lang={{ language }}>{% block body %}{% endblock %}{{ link }}</html>";
    let files = [FRENCH, ("invite.fr.html", html), ("layout.html", layout), (".DS_Store", "")];
    let flag = folder(&site, &files);

    let letter = invited(&[&flag], json!({"language": "fr-CA"})).await;
    assert_eq!(letter.subject, "Bienvenue chez NEW ACCOUNT");
    let text = format!("Votre code\u{a0}: {0}\nhttp://localhost:8080/#invite={0}\n", letter.code());
    assert_eq!(letter.text, text);
    let link = format!("http://localhost:8080/#invite={}", letter.code());
    assert_eq!(letter.html.trim_end(), format!("<html lang=fr><p>Bonjour</p>{link}</html>"));

    // The built-in ones stand beside them, in the team's layout.
    let letter = invited(&[&flag, "--mail-language=fr"], json!({"language": "de-AT"})).await;
    assert!(letter.subject.ends_with("„New account“ beizutreten"), "{}", letter.subject);
    assert!(letter.html.starts_with("<html lang=de><p>Guten Tag,</p>"), "{}", letter.html);
    let letter = invited(&[&flag, "--mail-language=fr"], json!({"language": "it"})).await;
    assert_eq!(letter.subject, "Bienvenue chez NEW ACCOUNT");
    let letter = invited(&[&flag], json!({})).await;
    assert_eq!(letter.subject, "You are invited to join “New account”");

    let report = site.with(flag).run(&["check"]).await.ok();
    let report = report.lines().find(|line| line.contains("templates")).unwrap();
    assert!(report.starts_with("ok      templates: 3 of your own, from /"), "{report}");
}

async fn refused(files: &[(&str, &str)], flags: &[&str], expected: Expect) {
    let site = Site::sqlite();
    let flag = folder(&site, files);
    let site = flags.iter().fold(site.with(flag), |site, flag| site.with(*flag));
    let said = site.run(&["serve"]).await.failure();
    let folder = site.path("letters").display().to_string();
    expected.assert_eq(&said.replace(&folder, "FOLDER"));
}

#[tokio::test]
async fn all_faults_of_own_templates_are_listed_at_once() {
    let files = [
        FRENCH,
        ("README.md", "no template"),
        ("invite.DE.txt", ""),
        ("invite.german.txt", ""),
        ("invites.en.txt", ""),
        (
            "reset.de.txt",
            "Subject: {{ expiry }}\n\n{{ link }}\n{% if false %}{{ inviter }}{% endif %}\n",
        ),
        ("reset.en.txt", "Hello\n\n{{ link }}"),
        ("reset.en.html", "{{ link }}\n{% if code %}"),
        ("verify.en.html", "<p>\n{{ link|safe }}"),
        ("verify.en.txt", "Subject: A\nB\n{{ link }}"),
        ("verify.de.txt", "Subject: A\n\nthe link is missing"),
        ("new_sign_in.de.html", "{{ link }}\n\n{{ agent }}"),
        ("new_sign_in.en.txt", "Subject:\n\n{{ link }}"),
        ("password_changed.en.txt", "Subject: {{ address }}\n\n{{ link }}"),
        ("already_signed_up.en.html", "{{ link }}\n{% extends 'layouts.html' %}"),
        ("invite.en.html", "{{ link.host.name }}"),
    ];
    refused(&files, &["--mail-language=it"], expect![[r#"
        guestlist: the settings have 18 faults:
          - mail_templates: FOLDER/README.md: must be called KIND.LANGUAGE.txt, KIND.LANGUAGE.html or layout.html
          - mail_templates: FOLDER/invite.DE.txt: the language must be written de
          - mail_templates: FOLDER/invite.german.txt: german must be a language tag such as en or pt-BR
          - mail_templates: FOLDER/invites.en.txt: there is no kind of email called invites; use one of invite, verify, already_signed_up, reset, confirm_code, provider_code, provider_linked, provider_removed, confirm_email, email_in_use, password_changed, email_changed, second_factor_removed, second_factor_on, second_factor_off, sessions_ended, sign_in_removed, unbound, key_created, recovery_code_used, role_granted, new_sign_in, test. Did you mean invite?
          - mail_templates: FOLDER/already_signed_up.en.html line 2: template not found: template "layouts.html" does not exist
          - mail_templates: FOLDER/invite.en.html line 1: undefined value
          - mail_templates: invite.fr.html: is missing; every email needs a text and an HTML template
          - mail_templates: FOLDER/new_sign_in.de.html line 3: undefined value: a value that may be missing is printed; check for it first with {% if … %}
          - mail_templates: FOLDER/new_sign_in.en.txt line 1: must be the subject, as Subject: …
          - mail_templates: FOLDER/password_changed.en.txt line 1: undefined value: a value that may be missing is printed; check for it first with {% if … %}
          - mail_templates: FOLDER/reset.de.txt line 1: there is no variable expiry here; use one of to, app, app_url, link, logo, code, expires, account, language. Did you mean expires?
          - mail_templates: FOLDER/reset.de.txt line 4: there is no variable inviter here; use one of to, app, app_url, link, logo, code, expires, account, language, subject.
          - mail_templates: FOLDER/reset.en.html line 2: syntax error: unexpected end of input, expected end of block
          - mail_templates: FOLDER/reset.en.txt line 1: must be the subject, as Subject: …
          - mail_templates: FOLDER/verify.de.txt: the link is missing; add {{ link }}
          - mail_templates: FOLDER/verify.en.html line 2: unknown filter: filter safe is unknown
          - mail_templates: FOLDER/verify.en.txt line 2: must be empty, between the subject and the text
          - mail_language: there are no templates in it, only in de, en, fr
    "#]])
        .await;
}

#[tokio::test]
async fn a_faulty_layout_is_one_fault() {
    refused(&[("layout.html", "\n{% block body %}")], &[], expect![[r"
        guestlist: the settings have a fault:
          - mail_templates: FOLDER/layout.html line 2: syntax error: unexpected end of input, expected end of block
    "]]).await;
    refused(&[("layout.html", "\n{{ agent }}")], &[], expect![[r"
        guestlist: the settings have a fault:
          - mail_templates: FOLDER/layout.html line 2: there is no variable agent here; use one of to, app, app_url, link, logo, language, subject.
    "]]).await;
    refused(
        &[("layout.html", "{% block body %}{% endblock %}")],
        &[],
        expect![[r"
        guestlist: the settings have a fault:
          - mail_templates: FOLDER/layout.html: the link is missing; add {{ link }}
    "]],
    )
    .await;
}

#[tokio::test]
async fn a_folder_that_is_not_there() {
    let said = Site::sqlite().with("--mail-templates=nowhere").run(&["serve"]).await.failure();
    expect![[r"
        guestlist: the settings have a fault:
          - mail_templates: nowhere: No such file or directory (os error 2)
    "]]
    .assert_eq(&said);
    let said = Site::sqlite().with("--mail-language=deutsch").run(&["serve"]).await.failure();
    expect![[r#"
        guestlist: the settings have a fault:
          - mail_language (from --mail-language): must be a language tag such as en or pt-BR, not "deutsch"
    "#]].assert_eq(&said);
}

/// How many letters are handed over by now.
async fn sent(world: &World) -> usize {
    while world.courier.round().await.unwrap() > 0 {}
    letters_in(world.mail.path()).len()
}

#[tokio::test]
async fn a_code_that_opens_nothing_is_not_sent() {
    on_each_engine(async |world| {
        let call = async |name: &str, body: Value| world.client.call(name, "", body).await.ok();
        let sign_up = async |email: &str| {
            call("identity/create", json!({"email": email, "password": PASSWORD})).await;
        };
        sign_up("ada@example.com").await;
        world.advance(Duration::from_hours(24));
        assert_eq!(sent(&world).await, 0, "the sign-up has expired");
        sign_up("ada@example.com").await;
        world.advance(Duration::from_hours(23));
        assert_eq!(sent(&world).await, 1);
        let code = letters_in(world.mail.path()).remove(0).code();
        call("identity/verify", json!({"code": code, "password": PASSWORD})).await;

        let forgot = json!({"email": "ada@example.com"});
        let before = sent(&world).await;
        call("password/forgot", forgot.clone()).await;
        world.advance(Duration::from_hours(1));
        assert_eq!(sent(&world).await, before, "the reset has expired");
        call("password/forgot", forgot).await;
        world.advance(Duration::from_mins(59));
        assert_eq!(sent(&world).await, before + 1);
    })
    .await;
}

/// What no sample has shown is no reason to lose the letter, or to hold up others.
#[tokio::test]
async fn a_letter_that_its_template_does_not_cope_with_is_put_aside() {
    let site = Site::sqlite();
    let text = "Subject: A\n\n{{ link }}\n{% if role == 'user' %}{{ account|int }}{% endif %}";
    let flag = folder(&site, &[("invite.en.txt", text)]);
    let world = World::new(Engine::Sqlite, &[&flag]).await;
    let root = world.root().await;
    for role in ["user", "admin"] {
        let body =
            json!({"email": format!("{role}@example.com"), "role": role, "sendInvite": true});
        world.call("user/create", &root, body).await.ok();
    }
    while world.courier.round().await.unwrap() > 0 {}
    let [letter] = letters_in(world.mail.path()).try_into().unwrap();
    assert_eq!(letter.to, "admin@example.com");
    let found = world.call("mail/find", &root, json!({})).await.ok();
    let [letter] = found["data"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(letter["to"], "user@example.com");
    let why = letter["lastError"].as_str().unwrap();
    assert!(why.starts_with("invite.en.txt line 4: invalid operation: "), "{why}");
}

/// The templates that `docs/mail.md` shows are taken as they stand there.
#[test]
fn the_documented_example_works() {
    let page = include_str!("../../docs/mail.md");
    let mut blocks = page.split("```jinja\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let site = Site::sqlite();
    let files = ["invite.fr.txt", "invite.fr.html"].map(|name| (name, blocks.next().unwrap()));
    folder(&site, &files);
    let templates = templates(Some(&site.path("letters")), "fr").unwrap();
    let written = Desk::new().write(&templates, Kind::Invite, "", true);
    assert_eq!(written.subject, "Invitation à rejoindre Analytical Engines");
    assert!(written.html.contains("Accepter l’invitation"), "{}", written.html);
}

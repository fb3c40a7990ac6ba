//! The clients in `clients/`: made from the interface as it is, and working with the service as it is.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use tempfile::{NamedTempFile, TempDir};
use tokio::{process::Command, time::timeout};

use crate::support::{
    outside::typescript,
    process::{PATIENCE, Site},
};

/// Where a client is, by its name.
fn folder(client: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(client)
}

/// Runs a program for the TypeScript client to its end, which must be a good one.
async fn run(program: &str, arguments: &[&str], variables: &[(&str, &str)]) {
    run_in(&folder("typescript"), program, arguments, variables).await;
}

async fn run_in(folder: &Path, program: &str, arguments: &[&str], variables: &[(&str, &str)]) {
    let mut command = Command::new(program);
    command.args(arguments).envs(variables.iter().copied()).current_dir(folder);
    let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output.unwrap_or_else(|_| panic!("{program} does not end")).unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn the_types_are_made_from_the_document() {
    let Some(packages) = typescript() else { return };
    let made = NamedTempFile::new().unwrap();
    let (tool, path) =
        (format!("{packages}/.bin/openapi-typescript"), made.path().to_str().unwrap());
    run(&tool, &["../../tests/it/golden/openapi.json", "--output", path], &[]).await;
    let text = std::fs::read_to_string(made.path()).unwrap();
    expect_file!["../../clients/typescript/src/schema.ts"].assert_eq(&text);
    run("node", &["kinds.js", path], &[]).await;
    let kinds = std::fs::read_to_string(made.path()).unwrap();
    expect_file!["../../clients/typescript/src/kinds.ts"].assert_eq(&kinds);
}

#[tokio::test]
async fn the_typescript_client_works() {
    let Some(packages) = typescript() else { return };
    // Browsers keep a cookie of https and of localhost only.
    let site = Site::sqlite().without("--public-url").with("--public-url=http://localhost:8080");
    let site = site.with("--registration=open");
    let service = site.start().await;
    let code = service.until_setup_code().await;
    let built = site.path("built").to_str().unwrap().to_owned();
    run(&format!("{packages}/.bin/tsc"), &["--outDir", &built], &[]).await;
    let url = format!("http://{}", service.address);
    let tests = ["client", "providers"].map(|name| format!("{built}/test/{name}.test.js"));
    std::fs::write(site.path("built/package.json"), r#"{"type": "module"}"#).unwrap();
    let mail = site.path("data/mail").to_str().unwrap().to_owned();
    let variables = [
        ("GUESTLIST_URL", url.as_str()),
        ("GUESTLIST_SETUP_CODE", &code),
        ("GUESTLIST_MAIL", &mail),
    ];
    let [client, providers] = &tests;
    run("node", &["--test", client, providers], &variables).await;
}

#[tokio::test]
async fn the_react_components_compile_and_render_on_a_server() {
    if typescript().is_none() {
        return;
    }
    let folder = folder("react");
    run_in(&folder, "node_modules/.bin/tsc", &["--noEmit"], &[]).await;
    run_in(&folder, "node", &["--test", "test/server.test.js", "test/texts.test.js"], &[]).await;
}

#[tokio::test]
async fn services_on_node_verify_tokens() {
    if typescript().is_none() {
        return;
    }
    let program = [("GUESTLIST_TEST_PROGRAM", env!("CARGO_BIN_EXE_guestlist"))];
    run_in(&folder("node"), "node", &["--test", "test/verify.test.js"], &program).await;
}

/// An app that uses all of the packages, as strictly as it gets.
const APP: [(&str, &str); 4] = [
    ("package.json", r#"{"private": true, "type": "module"}"#),
    (
        "tsconfig.json",
        r#"{"compilerOptions": {"strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true,
            "noEmit": true, "jsx": "react-jsx", "target": "ES2022", "module": "NodeNext",
            "lib": ["ES2022", "DOM", "DOM.Iterable"]}}"#,
    ),
    (
        "app.tsx",
        r"import { Guestlist } from 'guestlist-client';
import { GuestlistProvider, SignedOut, SignIn, useUser } from 'guestlist-react';
import 'guestlist-react/style.css';

export const client = new Guestlist({ url: 'https://auth.example.com', cookie: true });

export async function signUp(email: string, password: string): Promise<boolean> {
  return client.signedIn(await client.call('identity/create', { email, password }));
}

const Hello = () => <p>{useUser()?.email}</p>;

export const App = () => (
  <GuestlistProvider client={client}>
    <Hello />
    <SignedOut>
      <SignIn />
    </SignedOut>
  </GuestlistProvider>
);
",
    ),
    (
        "server.mjs",
        r"import { Guestlist } from 'guestlist-client';
import { createVerifier } from 'guestlist-node';
import { GuestlistProvider, SignIn } from 'guestlist-react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';

const client = new Guestlist({ url: 'http://localhost:8080' });
const html = renderToString(createElement(GuestlistProvider, { client }, createElement(SignIn)));
if (!html.includes('Loading')) throw new Error(html);
await createVerifier({ issuer: 'http://localhost:8080' })('').then(
  () => Promise.reject(new Error('it has taken nothing for a token')),
  ({ code }) => code === 'missing' || Promise.reject(new Error(code)),
);
",
    ),
];

#[tokio::test]
async fn the_packages_are_installed_from_what_npm_packs_of_them() {
    if typescript().is_none() {
        return;
    }
    let site = TempDir::new().unwrap();
    let app = site.path().join("app");
    std::fs::create_dir(&app).unwrap();
    for (name, text) in APP {
        std::fs::write(app.join(name), text).unwrap();
    }
    let packed = site.path().to_str().unwrap();
    for client in ["typescript", "react", "node"] {
        let pack = ["pack", "--silent", "--pack-destination", packed];
        run_in(&folder(client), "npm", &pack, &[]).await;
    }
    // What the packages need comes from where it is already, so that this takes no network.
    let others = [
        ("react", "react"),
        ("react", "react-dom"),
        ("react", "scheduler"),
        ("react", "@types/react"),
        ("react", "csstype"),
        ("node", "jose"),
    ];
    let others = others.map(|(client, name)| folder(client).join("node_modules").join(name));
    let tarballs = ["client", "react", "node"]
        .map(|name| site.path().join(format!("guestlist-{name}-0.1.0.tgz")));
    let paths: Vec<_> = others.iter().chain(&tarballs).map(|path| path.to_str().unwrap()).collect();
    let install = ["install", "--offline", "--install-links", "--no-audit", "--no-fund"];
    run_in(&app, "npm", &[&install[..], &paths].concat(), &[]).await;
    let tsc = folder("react").join("node_modules/.bin/tsc");
    run_in(&app, tsc.to_str().unwrap(), &["-p", "."], &[]).await;
    run_in(&app, "node", &["server.mjs"], &[]).await;
}

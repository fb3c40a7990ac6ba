//! The console's files: what is served, how they are kept by browsers, and what they weigh.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use flate2::read::GzDecoder;
use hyper::Method;

use crate::support::{client::Answer, engine::Engine, world::World};

/// The most bytes of a first load.
const MAX_BYTES: usize = 150_000;

async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    world.client.send(Method::GET, path, headers, "").await
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("console/public")
}

/// All files below a folder but installed packages, as paths from there.
fn files_in(root: &Path) -> BTreeSet<String> {
    let (mut folders, mut files) = (vec![root.to_owned()], BTreeSet::new());
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if !path.is_dir() {
                files.insert(name);
            } else if name != "node_modules" {
                folders.push(path);
            }
        }
    }
    files
}

/// Whether a file of the folder is there for people who change the console, not for browsers.
fn is_aside(name: &str) -> bool {
    name.ends_with(".d.ts") || name.starts_with("vendor/LICENSE-")
}

/// The files that belong to the page.
fn files() -> BTreeSet<String> {
    files_in(&folder()).into_iter().filter(|name| !is_aside(name)).collect()
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn each_file_is_served_as_what_it_is() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let files = files();
    assert!(files.len() > 20, "the files were not found");
    for name in files.iter().filter(|name| *name != "index.html") {
        let answer = get(&world, &format!("/console/{name}"), &[]).await;
        assert_eq!(answer.status, 200, "{name} is in the folder, but of no known type");
        let is_whole = answer.body == fs::read(folder().join(name)).unwrap();
        assert!(is_whole, "{name} is not what it is in the folder");
        let kind = match name.rsplit_once('.').unwrap().1 {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            other => panic!("{other}"),
        };
        assert_eq!(answer.header("content-type"), Some(kind), "{name}");
        assert_eq!(answer.header("content-encoding"), None, "{name}");
    }
}

/// The page as it is sent.
async fn page(world: &World) -> String {
    let answer = get(world, "/", &[]).await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// The map of the page, by which modules find each other, as text.
fn map_of(page: &str) -> &str {
    let (_, rest) = page.split_once("<script type=\"importmap\">").unwrap();
    rest.split_once("</script>").unwrap().0
}

/// The names that browsers load the files of the page under, by those in the folder.
fn stamped(page: &str) -> BTreeMap<String, String> {
    let map: serde_json::Value = serde_json::from_str(map_of(page)).unwrap();
    let modules = map["imports"].as_object().unwrap().iter().map(|(plain, stamped)| {
        let name = |path: &str| path.strip_prefix("./console/").unwrap().to_owned();
        (name(plain), name(stamped.as_str().unwrap()))
    });
    let links = page.split('"').filter_map(|link| link.strip_prefix("console/")).map(|stamped| {
        let (stem, ending) = stamped.rsplit_once('.').unwrap();
        (format!("{}.{ending}", stem.rsplit_once('.').unwrap().0), stamped.to_owned())
    });
    modules.chain(links).collect()
}

#[tokio::test]
async fn what_browsers_load_is_kept_for_good_under_the_name_of_its_content() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let page = page(&world).await;
    let names = stamped(&page);
    let plain: BTreeSet<_> = names.keys().cloned().collect();
    let all: BTreeSet<_> = files().into_iter().filter(|name| name != "index.html").collect();
    assert_eq!(plain, all);
    for (plain, stamped) in names {
        let bytes = fs::read(folder().join(&plain)).unwrap();
        let whole = URL_SAFE_NO_PAD.encode(digest(&SHA256, &bytes).as_ref());
        let (stem, ending) = plain.rsplit_once('.').unwrap();
        assert_eq!(stamped, format!("{stem}.{}.{ending}", &whole[..12]));
        let path = format!("/console/{stamped}");
        let answer = get(&world, &path, &[]).await;
        assert_eq!((answer.status, &answer.body[..]), (200, &bytes[..]), "{stamped}");
        let kept = Some("public, max-age=31536000, immutable");
        assert_eq!(answer.header("cache-control"), kept, "{stamped}");
        let etag = answer.header("etag").unwrap();
        let again = get(&world, &path, &[("if-none-match", etag)]).await;
        assert_eq!((again.status, again.header("cache-control")), (304, kept));
    }
    // No file of now, so nothing that could be kept in its name.
    let other = get(&world, "/console/main.AAAAAAAAAAAA.js", &[]).await;
    assert_eq!(other.outcome(), "404 not_found");
    assert_ne!(other.header("cache-control"), Some("public, max-age=31536000, immutable"));
}

#[tokio::test]
async fn what_is_no_file_is_not_found() {
    let world = World::new(Engine::Sqlite, &[]).await;
    for path in [
        "/console",
        "/console/",
        "/console/other.js",
        "/console/package.json",
        "/console/../Cargo.toml",
        "/console/%2e%2e/Cargo.toml",
        "/console//main.js",
        "/console/main.js/",
        "/index.html",
        "//",
    ] {
        assert_eq!(get(&world, path, &[]).await.outcome(), "404 not_found", "{path}");
    }
}

#[tokio::test]
async fn what_lies_beside_the_files_stays_inside() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let console = folder().parent().unwrap().to_owned();
    let aside = files_in(&folder()).into_iter().filter(|name| is_aside(name));
    let beside = files_in(&console).into_iter().filter(|name| !name.starts_with("public/"));
    let names: BTreeSet<_> = aside.chain(beside).collect();
    for known in ["package.json", "tsconfig.json", "contract.d.ts", "vendor/LICENSE-preact"] {
        assert!(names.contains(known), "{known} was not found");
    }
    for name in names {
        for path in [name.clone(), format!("../{name}"), format!("public/{name}")] {
            let answer = get(&world, &format!("/console/{path}"), &[]).await;
            assert_eq!(answer.outcome(), "404 not_found", "{path}");
        }
    }
}

#[tokio::test]
async fn pages_may_do_only_what_ours_do() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let page = page(&world).await;
    let map = STANDARD.encode(digest(&SHA256, map_of(&page).as_bytes()).as_ref());
    let policy = format!(
        "default-src 'none'; script-src 'self' 'sha256-{map}'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    for path in ["/", "/console/main.js"] {
        let answer = get(&world, path, &[]).await;
        assert_eq!(answer.header("content-security-policy"), Some(policy.as_str()));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    // What the policy forbids, and so would not work.
    let text = fs::read_to_string(folder().join("index.html")).unwrap();
    for inline in [" style=", "<style", "<script>", " onclick=", " onload=", "javascript:"] {
        assert!(!text.contains(inline), "the page has {inline}");
    }
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let world = World::new(Engine::Sqlite, &[]).await;
    for coding in ["identity", "gzip"] {
        let coding = ("accept-encoding", coding);
        let first = get(&world, "/console/main.js", &[coding]).await;
        let etag = first.header("etag").unwrap();
        let weak = format!("W/{etag}");
        let listed = format!("\"other\", {etag}");
        for known in [etag, &weak, &listed, "*"] {
            let again = get(&world, "/console/main.js", &[coding, ("if-none-match", known)]).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
            for kept in ["etag", "cache-control", "vary", "content-security-policy"] {
                assert_eq!(again.header(kept), first.header(kept), "{kept}");
            }
        }
        let other = ("if-none-match", "\"other\"");
        assert_eq!(get(&world, "/console/main.js", &[coding, other]).await.status, 200);
    }
    let etag = async |path: &str, coding: &str| {
        let answer = get(&world, path, &[("accept-encoding", coding)]).await;
        answer.header("etag").unwrap().to_owned()
    };
    let etags = [
        etag("/console/main.js", "gzip").await,
        etag("/console/main.js", "identity").await,
        etag("/console/app.js", "gzip").await,
    ];
    assert_eq!(etags.iter().collect::<BTreeSet<_>>().len(), 3, "{etags:?}");
}

#[tokio::test]
async fn files_are_compressed_for_whoever_takes_that() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let plain = get(&world, "/console/app.js", &[]).await.body;
    for (coding, takes) in [
        ("gzip", true),
        ("gzip, deflate, br", true),
        ("br;q=1.0, GZIP;q=0.5", true),
        ("deflate,gzip;q=0.001", true),
        ("br", false),
        ("gzip;q=0", false),
        ("gzip; q=0.000", false),
        ("x-gzip", false),
        ("gzip;q=much", false),
        ("", false),
    ] {
        let answer = get(&world, "/console/app.js", &[("accept-encoding", coding)]).await;
        let expected = takes.then_some("gzip");
        assert_eq!(answer.header("content-encoding"), expected, "{coding}");
        let body = if takes { unzipped(&answer.body) } else { answer.body.to_vec() };
        assert_eq!(body, plain, "{coding}");
        assert_eq!(takes, answer.body.len() < plain.len(), "{coding}");
    }
}

#[tokio::test]
async fn the_head_can_be_had_alone() {
    let world = World::new(Engine::Sqlite, &[]).await;
    for path in ["/", "/console/app.js"] {
        for coding in ["identity", "gzip"] {
            let coding = [("accept-encoding", coding)];
            let whole = get(&world, path, &coding).await;
            let head = world.client.send(Method::HEAD, path, &coding, "").await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            for same in ["content-length", "content-type", "content-encoding", "etag"] {
                assert_eq!(head.header(same), whole.header(same), "{path}: {same}");
            }
        }
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = world.client.send(method, "/console/app.js", &[], "").await;
        assert_eq!(answer.outcome(), "405 method_not_allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn below_a_base_path_links_still_lead_to_the_files() {
    let world = World::new(Engine::Sqlite, &["--base-path=/users/api"]).await;
    let bare = get(&world, "/users/api", &[]).await;
    assert_eq!((bare.status, bare.header("location")), (308, Some("/users/api/")));
    let page = get(&world, "/users/api/", &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(get(&world, "/users/api/console/main.js", &[]).await.status, 200);
    for path in ["/", "/console/main.js", "/users/apiconsole/main.js"] {
        assert_eq!(get(&world, path, &[]).await.outcome(), "404 not_found", "{path}");
    }
    // Whatever stands before the page, its links are relative to it, and lead to files.
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    let links = text.split('"').filter(|link| link.contains("console/"));
    assert!(links.clone().count() > 3);
    for link in links {
        let link = link.trim_start_matches("./");
        assert!(link.starts_with("console/"), "{link}");
        assert_eq!(get(&world, &format!("/users/api/{link}"), &[]).await.status, 200, "{link}");
    }
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let world = World::new(Engine::Sqlite, &["--console=off"]).await;
    for path in ["/", "/console/main.js"] {
        assert_eq!(get(&world, path, &[]).await.outcome(), "404 not_found", "{path}");
    }
    let world = World::new(Engine::Sqlite, &["--console=off", "--base-path=/api"]).await;
    for path in ["/api", "/api/"] {
        assert_eq!(get(&world, path, &[]).await.outcome(), "404 not_found", "{path}");
    }
}

/// The page, what it names, and the texts of one language; German takes more words.
#[tokio::test]
async fn a_first_load_is_small() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let coding = [("accept-encoding", "gzip")];
    let page = page(&world).await;
    let mut bytes = get(&world, "/", &coding).await.body.len();
    let links = page.split('"').filter(|link| link.starts_with("console/"));
    for link in links.chain(["console/texts/de.js"]) {
        bytes += get(&world, &format!("/{link}"), &coding).await.body.len();
    }
    assert!(bytes < MAX_BYTES, "the first load weighs {bytes} bytes");
}

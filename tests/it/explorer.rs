//! An exhaustive look at who a person is: all sequences of moves of two people and the operator, with two
//! accounts and one address, up to some depth. Bob alone reads the mailbox of the address; Mallory is an admin of
//! both accounts. The moves are calls of the service itself, on a table in memory. After each one,
//! these sentences must hold:
//!
//! 1. Nobody but Bob has, or gets by a further call, a token that says that the address is verified.
//! 2. What others had before Bob proved his address works no more for the sign-in that he has then.
//! 3. Bob can always come back by a letter, and then he alone.
//! 4. A sign-in that Bob has proved, and that no account keeps, is changed, ended or removed by no call of Mallory's.
//! 5. Nothing that Mallory is told names an account that is Bob's alone.
//! 6. A code that admins are shown joins nobody whose address is not proved.
//!
//! Positions that differ in nothing that anything goes by count once. What is found wrong is told with the moves
//! that lead there.
//!
//! The ordinary run goes a few moves deep from some openings. `GUESTLIST_TEST_DEPTH=7` goes deeper, from the first
//! position with all moves; `GUESTLIST_TEST_SLICES=codes` besides only with those of each slice whose name has that
//! text, which gets further in the same time. No depth is begun after `GUESTLIST_TEST_SECONDS` (900). How many
//! positions there were is told with `--nocapture`. It is faster with `TMPDIR` in memory and with
//! `--config profile.dev.package.guestlist.opt-level=2`.

mod moves;
mod position;
mod sentences;
mod stage;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    env,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use self::{
    moves::{Admin, As, At, Foreign, MALLORY, Move, Own, all, apply, password},
    position::{Known, Position, Session},
    sentences::hold,
    stage::Stage,
};

/// Mallory is an admin of A, which the operator has made for her and vouches for, and of B, which she has
/// registered.
async fn first(stage: &Stage) -> Position {
    let nobody = ("", None);
    let own = password("mallory-own");
    let body = json!({"email": MALLORY, "password": own});
    stage.call("identity/create", nobody, body).await.unwrap();
    let code = stage.post().await.pop().unwrap().code;
    let body = json!({"code": code, "password": own});
    let reply = stage.call("identity/verify", nobody, body).await.unwrap();
    let token = Session::of(&reply).access;
    let register = json!({"register": true});
    let reply = stage.call("user/login", (&token, None), register).await.unwrap();
    let b = reply["account"]["id"].as_str().unwrap().to_owned();
    let body = json!({"name": "A", "managed": true});
    let reply = stage.operate("account/create", body).await.unwrap();
    let a = reply["id"].as_str().unwrap().to_owned();
    let body = json!({"accountId": a, "email": MALLORY, "role": "admin", "sendInvite": true});
    let invite = stage.operate("user/create", body).await.unwrap()["invite"].clone();
    stage.call("user/login", (&token, None), json!({"invite": invite})).await.unwrap();
    stage.post().await;
    let mut known = Known { accounts: [a, b], typed: "mallory-1", ..Known::default() };
    for account in known.accounts.clone() {
        let body = json!({"email": MALLORY, "password": own, "accountId": account});
        let reply = stage.call("session/create", nobody, body).await.unwrap();
        known.own.push(Session::of(&reply));
    }
    let (items, now) = stage.items();
    Position { items, now, known: Arc::new(known), path: None }
}

/// What was found, and what it took.
#[derive(Default)]
struct Report {
    /// How often each move came to something.
    made: BTreeMap<Move, usize>,
    wrong: Vec<String>,
}

/// What a worker makes of some positions.
#[derive(Default)]
struct Found {
    /// The new ones; only their digests at the last depth.
    next: Vec<(u128, Option<Position>)>,
    made: BTreeMap<Move, usize>,
    wrong: Vec<String>,
}

/// Makes all moves from these positions; of those that are the same, the first is looked at.
async fn expand(
    stage: &Stage,
    from: &[Position],
    (moves, is_last): (&[Move], bool),
    seen: &HashSet<u128>,
) -> Found {
    let mut found = Found::default();
    let mut own = HashSet::new();
    for position in from {
        for made in moves {
            let after = match Box::pin(apply(stage, position, *made)).await {
                Ok(None) => continue,
                Ok(Some(after)) => after,
                Err(why) => {
                    found.wrong.push(format!("{why}\n  after\n  {}", position.trace()));
                    continue;
                }
            };
            *found.made.entry(*made).or_default() += 1;
            let digest = after.digest();
            if seen.contains(&digest) || !own.insert(digest) {
                continue;
            }
            match Box::pin(hold(stage, &after)).await {
                Ok(()) => found.next.push((digest, (!is_last).then_some(after))),
                Err(why) => found.wrong.push(format!("{why}\n  after\n  {}", after.trace())),
            }
        }
    }
    found
}

/// Goes from one position to all that can be come by in so many moves.
fn explore(from: &Position, moves: &[Move], depth: usize, workers: usize) -> Report {
    let began = Instant::now();
    let mut report = Report::default();
    let mut seen = HashSet::from([from.digest()]);
    let mut frontier = vec![from.clone()];
    for level in 1..=depth {
        let share = frontier.len().div_ceil(workers).max(1);
        let founds: Vec<Found> = thread::scope(|scope| {
            let work = |chunk| {
                let seen = &seen;
                let what = (moves, level == depth);
                scope.spawn(move || run(async |stage| expand(&stage, chunk, what, seen).await))
            };
            let workers: Vec<_> = frontier.chunks(share).map(work).collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let (mut next, mut fresh, mut made) = (Vec::new(), 0, 0);
        for found in founds {
            for (digest, position) in found.next {
                if seen.insert(digest) {
                    fresh += 1;
                    next.extend(position);
                }
            }
            for (one, times) in found.made {
                *report.made.entry(one).or_default() += times;
                made += times;
            }
            report.wrong.extend(found.wrong);
        }
        frontier = next;
        println!("  {level} deep: {fresh} new positions by {made} moves, {:?}", began.elapsed());
        if !report.wrong.is_empty() || began.elapsed() > longest() {
            break;
        }
    }
    report
}

/// When a run that goes deep begins no further depth.
fn longest() -> Duration {
    Duration::from_secs(number("GUESTLIST_TEST_SECONDS").unwrap_or(900))
}

fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| text.parse().unwrap())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how deep to go is for the one who runs the tests to say"
)]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Does it on a stage of its own.
fn run<T>(work: impl AsyncFnOnce(Stage) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work(Stage::new()))
}

/// The position after these moves, each of which must come to something.
async fn after(stage: &Stage, first: &Position, moves: &[Move]) -> Result<Position, String> {
    let mut position = first.clone();
    for made in moves {
        let told = |why: String, at: &Position| format!("{why}\n  after\n  {}", at.trace());
        let next = Box::pin(apply(stage, &position, *made)).await;
        let next = next.map_err(|why| told(why, &position))?;
        position = next.ok_or_else(|| told(format!("{made:?} is refused"), &position))?;
        Box::pin(hold(stage, &position)).await.map_err(|why| told(why, &position))?;
    }
    Ok(position)
}

/// Where the short form begins, and how many moves it goes from there.
fn openings() -> Vec<(usize, Vec<Move>)> {
    use At::{A, B};
    let made = Move::Admin(Admin::MakeWithPassword, A);
    let signs_in = Move::SignIn("mallory-1");
    let makes_key = Move::AsBob(As::MakeKey);
    let signs_up = [Move::Bob(Own::SignUp), Move::Bob(Own::Verify)];
    let kept = [Move::Admin(Admin::Invite, A), Move::Bob(Own::SignUpInvited(A))];
    let joins_b = [Move::Admin(Admin::Invite, B), Move::Bob(Own::Accept(B))];
    vec![
        (2, vec![]),
        // Mallory is in Bob's place, with all that she can have there.
        (2, vec![made, signs_in, makes_key, Move::AsBob(As::Enrol)]),
        // Bob has taken his place over.
        (2, vec![made, signs_in, makes_key, Move::Forgot, Move::Bob(Own::Reset)]),
        // Bob has come by an invite, and A keeps his sign-in.
        (2, kept.to_vec()),
        // It has kept it, and then was not managed for a while.
        (1, [kept, [Move::Manage(false), Move::Manage(true)]].concat()),
        // Bob has come by himself, is in B, and has an account of his own.
        (2, [&signs_up[..], &[Move::Bob(Own::Register)], &joins_b].concat()),
        // The same, while a sign-in of his address lies in the trash.
        (1, [&[made, signs_in, Move::Admin(Admin::Remove, A)], &signs_up[..]].concat()),
        // Mallory has asked for Bob's address in place of her own.
        (1, vec![Move::OwnTotp, Move::TakeAddress]),
        // What she has made for Bob she has moved to a mailbox of hers, and proved.
        (1, vec![made, Move::Admin(Admin::Away, A), Move::ProveEvil, Move::SignInEvil]),
    ]
}

fn complain(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} found wrong, the first ones:\n{}", wrong.len(), {
        wrong.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n\n")
    });
}

/// Moves that belong together, and can be gone through further than all at once.
#[expect(clippy::too_many_lines, reason = "a list")]
fn slices() -> Vec<(&'static str, Vec<Move>)> {
    use At::{A, B};
    let admin = |what| Move::Admin(what, A);
    let (made, one, two) =
        (admin(Admin::MakeWithPassword), Move::SignIn("mallory-1"), Move::SignIn("mallory-2"));
    let proofs =
        [Move::Forgot, Move::Bob(Own::Reset), Move::Bob(Own::SignUp), Move::Bob(Own::Verify)];
    let mut slices = vec![
        (
            "a sign-in that is made for Bob",
            vec![
                made,
                one,
                two,
                Move::AsBob(As::Enrol),
                Move::AsBob(As::MakeKey),
                admin(Admin::NewPassword),
                admin(Admin::Remove),
                admin(Admin::Restore),
                admin(Admin::MakeOrRestore),
            ],
        ),
        (
            "codes",
            vec![
                admin(Admin::Invite),
                Move::Admin(Admin::Invite, B),
                admin(Admin::Revoke),
                Move::SignUp,
                Move::SignUpInvited,
                Move::Outside(Foreign::AcceptShown),
                made,
                one,
                Move::AsBob(As::AcceptShown),
                Move::Bob(Own::SignUpInvited(A)),
                Move::Bob(Own::SignUpInvited(B)),
                Move::Bob(Own::Accept(B)),
            ],
        ),
        (
            "addresses",
            vec![
                made,
                one,
                admin(Admin::Away),
                admin(Admin::Back),
                Move::ProveEvil,
                Move::SignInEvil,
                Move::AsBob(As::Move),
                Move::AsBob(As::MoveBack),
                Move::TakeAddress,
                Move::OwnTotp,
            ],
        ),
        (
            "keeping",
            vec![
                admin(Admin::Invite),
                Move::Bob(Own::SignUpInvited(A)),
                admin(Admin::NewPassword),
                two,
                Move::Manage(false),
                Move::Manage(true),
                Move::Bob(Own::SignIn),
                Move::Bob(Own::Register),
                Move::Bob(Own::Leave(A)),
                admin(Admin::Remove),
                admin(Admin::Restore),
            ],
        ),
        (
            "standing",
            vec![
                made,
                one,
                Move::AsBob(As::MakeKey),
                Move::AsBob(As::ChangePassword),
                admin(Admin::Suspend),
                admin(Admin::Activate),
                admin(Admin::Demote),
                admin(Admin::EndSessions),
                admin(Admin::SignAllOut),
                Move::Sweep,
            ],
        ),
    ];
    for (_, moves) in &mut slices {
        moves.extend(proofs);
    }
    slices
}

/// Goes deep where the environment says how deep.
fn goes_deep(workers: usize) -> bool {
    let Some(depth) = number("GUESTLIST_TEST_DEPTH") else { return false };
    let first = run(async |stage| first(&stage).await);
    let depth = usize::try_from(depth).unwrap();
    let parts = match variable("GUESTLIST_TEST_SLICES") {
        None => vec![("all moves", all())],
        Some(wanted) => slices().into_iter().filter(|(name, _)| name.contains(&wanted)).collect(),
    };
    for (name, moves) in parts {
        println!("{name}: {} moves", moves.len());
        complain(&explore(&first, &moves, depth, workers).wrong);
    }
    true
}

/// What comes to nothing wherever it is tried.
fn is_always_refused(made: Move) -> bool {
    match made {
        // B is not managed, and Bob signs in nowhere else.
        Move::Admin(what, At::B) => {
            use Admin::{Back, MakeOrRestore, MakeWithPassword, NewPassword, RemoveTotp, Unbind};
            let refused = [Back, MakeOrRestore, MakeWithPassword, NewPassword, RemoveTotp, Unbind];
            refused.contains(&what)
        }
        Move::Admin(what, At::A) => what == Admin::Unbind,
        // Not for Mallory's address, nor with an address that is not proved.
        Move::AcceptShown | Move::Outside(_) => true,
        Move::AsBob(what) => {
            // To ask for another address moves nothing before the code is shown that goes there.
            let asks = [As::Move, As::MoveBack];
            [As::AcceptShown, As::Register, As::Join(At::B)].contains(&what) || asks.contains(&what)
        }
        // Her password is not that of a sign-in at Bob's address: she does not get there.
        Move::SignIn(with) => with == "mallory-own",
        Move::SignUp
        | Move::SignUpInvited
        | Move::Forgot
        | Move::ProveEvil
        | Move::SignInEvil
        | Move::TakeAddress
        | Move::OwnTotp
        | Move::Bob(_)
        | Move::Manage(_)
        | Move::Sweep => false,
    }
}

#[test]
fn nobody_is_bob_but_bob() {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    if goes_deep(workers) {
        return;
    }
    let mut made = BTreeSet::new();
    let mut wrong = Vec::new();
    for (depth, opening) in openings() {
        println!("after {opening:?}");
        let position = run(async |stage| {
            let first = first(&stage).await;
            after(&stage, &first, &opening).await
        });
        let position = match position {
            Ok(position) => position,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let report = explore(&position, &all(), depth, workers);
        wrong.extend(report.wrong);
        made.extend(report.made.into_keys());
        made.extend(opening);
    }
    complain(&wrong);
    // An explorer whose moves come to nothing would find nothing.
    for one in all() {
        assert_eq!(made.contains(&one), !is_always_refused(one), "{one:?}");
    }
}

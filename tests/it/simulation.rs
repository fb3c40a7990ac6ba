//! Two nodes of the service on one table in memory, with the order of all that they ask of it, the faults of the table, the
//! clock, the randomness and the deaths of nodes taken from a seed. So a run that goes wrong goes wrong again.
//!
//! In one scene scripts with API keys and people with tokens want the same few emails, user names and roles at once; in
//! another one people sign in with a provider, link its identities and take them off from several browsers. After each
//! write of anybody, [`sentences`] must hold; when all have gone home, what was acknowledged must be there, once.
//!
//! `GUESTLIST_TEST_SEED=7` plays that seed alone, and `GUESTLIST_TEST_SECONDS=3600` as many seeds as go into an hour;
//! with `--nocapture` each tells what it came to.

mod cast;
mod sentences;
mod turns;

use std::{
    env,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use self::{
    cast::{Play, Scene},
    turns::Turns,
};

/// How many seeds the ordinary run plays.
const SEEDS: u64 = 4;
/// How long a run may take; it takes some seconds.
const LONGEST: Duration = Duration::from_mins(2);

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Figures {
    /// How often a node asked something of the table.
    turns: u64,
    /// How many of these changed something.
    writes: u64,
    /// How many of all were made to fail, how many of these after they were carried out.
    faults: u64,
    lost_replies: u64,
    kills: u64,
    /// Calls that were acknowledged, refused, and those of which the caller does not know.
    acknowledged: u64,
    refused: u64,
    unknown: u64,
    letters: u64,
    /// What was done by people who sign in with a provider.
    with_provider: u64,
}

/// Plays a seed, and says what it came to and how fast it went.
fn play(seed: u64, scene: Scene) -> Figures {
    let began = Instant::now();
    let figures = play_over(seed, scene, &Arc::new(Turns::new(seed)));
    let per_second = u128::from(figures.turns) * 1_000_000 / began.elapsed().as_micros();
    println!("seed {seed}, {scene:?}, {per_second} turns a second: {figures:?}");
    figures
}

/// Plays a seed, on a thread of its own, since one that waits for ever has no other end.
fn play_over(seed: u64, scene: Scene, turns: &Arc<Turns>) -> Figures {
    let (sender, ended) = mpsc::channel();
    let playing = Arc::clone(turns);
    let thread = thread::spawn(move || drop(sender.send(play_out(seed, scene, playing))));
    match ended.recv_timeout(LONGEST) {
        Ok(figures) => figures,
        Err(RecvTimeoutError::Disconnected) => {
            panic!("seed {seed}, {scene:?}: {:?}", thread.join())
        }
        Err(RecvTimeoutError::Timeout) => {
            turns.is_over.store(true, Ordering::SeqCst);
            panic!("seed {seed}, {scene:?}, has not come to its end: {}", turns.state());
        }
    }
}

fn play_out(seed: u64, scene: Scene, turns: Arc<Turns>) -> Figures {
    let parked = Arc::clone(&turns);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        // One after the other, so that what is done elsewhere is done in the same order.
        .max_blocking_threads(1)
        .on_thread_park(move || parked.note_idle())
        .build()
        .unwrap();
    let driver = Arc::clone(&turns);
    runtime.block_on(async move {
        let drive = tokio::spawn(async move { driver.drive().await });
        let play = Play::new(seed, scene, Arc::clone(&turns));
        let figures = Box::pin(turns.counted(play.run())).await;
        drive.abort();
        figures
    })
}

#[expect(clippy::disallowed_methods, reason = "it is the test that is set by this")]
fn wanted(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

#[test]
fn races_faults_and_kills_leave_everything_whole() {
    let seeds: Box<dyn Iterator<Item = u64>> = match wanted("GUESTLIST_TEST_SEED") {
        Some(seed) => Box::new(seed..=seed),
        None if wanted("GUESTLIST_TEST_SECONDS").is_some() => Box::new(1..),
        None => Box::new(1..=SEEDS),
    };
    let longest = wanted("GUESTLIST_TEST_SECONDS").map(Duration::from_secs);
    let began = Instant::now();
    let mut all = Figures::default();
    for seed in seeds {
        if longest.is_some_and(|longest| began.elapsed() > longest) {
            break;
        }
        println!("seed {seed} …");
        let figures = play(seed, Scene::Accounts);
        let linked = play(seed, Scene::Provider);
        all.with_provider += linked.with_provider;
        all.faults += figures.faults;
        all.lost_replies += figures.lost_replies;
        all.kills += figures.kills;
        all.acknowledged += figures.acknowledged;
        all.unknown += figures.unknown;
        all.letters += figures.letters;
    }
    // A run in which nothing happens proves nothing.
    let least = [
        all.faults,
        all.lost_replies,
        all.kills,
        all.acknowledged,
        all.unknown,
        all.letters,
        all.with_provider,
    ];
    assert!(least.iter().all(|count| *count > 0), "{all:?}");
}

#[test]
fn the_same_seed_takes_the_same_way() {
    for (seed, scene) in [(1, Scene::Accounts), (1, Scene::Provider), (2, Scene::Provider)] {
        let [first, second] = [(); 2].map(|()| {
            let turns = Arc::new(Turns::new(seed));
            play_over(seed, scene, &turns);
            turns.heard()
        });
        let differs = first.iter().zip(&second).position(|(one, other)| one != other);
        if let Some(at) = differs {
            panic!("seed {seed}, {scene:?}, at {at}:\n{}\n{}", first[at], second[at]);
        }
        assert_eq!(first.len(), second.len(), "seed {seed}, {scene:?}");
    }
}

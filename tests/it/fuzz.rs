//! What reads strangers' bytes, with all inputs that ever were of interest, and variations of them.
//! `fuzz/README.md` says how to look for more.

use std::{collections::BTreeSet, fs, path::Path};

use guestlist::{fuzz::TARGETS, random::Random};

/// How many variations of each input are run.
const VARIATIONS: u64 = 200;

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn names(of: &str, suffix: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder(of)).unwrap().map(|entry| entry.unwrap().file_name());
    files.filter_map(|name| Some(name.to_str()?.strip_suffix(suffix)?.to_owned())).collect()
}

#[test]
fn each_target_has_a_program_and_a_corpus() {
    let known: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("targets", ".rs"), known);
    assert_eq!(names("corpus", ""), known);
    let manifest: toml::Table = fs::read_to_string(folder("Cargo.toml")).unwrap().parse().unwrap();
    let programs = manifest["bin"].as_array().unwrap();
    let programs: BTreeSet<_> =
        programs.iter().map(|bin| bin["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(programs, known);
}

#[test]
fn the_corpora_and_variations_of_them_break_nothing() {
    for (name, run) in TARGETS {
        let inputs = fs::read_dir(folder("corpus").join(name)).unwrap();
        let mut inputs: Vec<_> = inputs.map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{name} has no corpus");
        let inputs: Vec<_> = inputs.iter().map(|path| fs::read(path).unwrap()).collect();
        for input in &inputs {
            run(input);
        }
        let dice = Dice(Random::seeded(1));
        for at in 0..inputs.len() {
            for _ in 0..VARIATIONS {
                run(&dice.vary(&inputs, at));
            }
        }
    }
}

/// The same throws each time.
struct Dice(Random);

impl Dice {
    fn throw(&self, sides: usize) -> usize {
        let number = u64::from_le_bytes(self.0.bytes()) >> 33;
        usize::try_from(number).unwrap() % sides.max(1)
    }

    /// One of the inputs, changed in up to four places.
    fn vary(&self, inputs: &[Vec<u8>], at: usize) -> Vec<u8> {
        let mut bytes = inputs[at].clone();
        for _ in 0..=self.throw(4) {
            let place = self.throw(bytes.len());
            let other = &inputs[self.throw(inputs.len())];
            match self.throw(6) {
                0 if !bytes.is_empty() => drop(bytes.remove(place)),
                1 if !bytes.is_empty() => bytes[place] ^= 1 << self.throw(8),
                2 => bytes.insert(place, self.0.bytes::<1>()[0]),
                3 => bytes.truncate(place),
                4 => {
                    let end = place + self.throw(bytes.len() - place + 1);
                    let again = bytes[place..end].to_vec();
                    bytes.splice(place..place, again);
                }
                _ => {
                    let from = self.throw(other.len());
                    bytes.splice(place..place, other[from..].iter().copied());
                }
            }
        }
        bytes
    }
}

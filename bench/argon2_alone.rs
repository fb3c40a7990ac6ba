//! Argon2id alone: as many hashes at once as there are cores, each thread with its own memory.
//!
//! Usage: `argon2-alone KIB PASSES LANES SECONDS`. Prints one JSON object. No sign-in can cost less:
//! this is the same crate, in the same version, built the same way.

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kib, passes, lanes, seconds] = arguments.as_slice() else {
        return Err("usage: argon2-alone KIB PASSES LANES SECONDS".into());
    };
    let params = Params::new(kib.parse()?, passes.parse()?, lanes.parse()?, None)
        .map_err(|error| error.to_string())?;
    let time = Duration::from_secs_f64(seconds.parse()?);
    let began = Instant::now();
    let threads: Vec<_> = (0..thread::available_parallelism()?.get())
        .map(|_| {
            let params = params.clone();
            thread::spawn(move || hashes(params, began, time))
        })
        .collect();
    let mut operations = 0;
    for thread in threads {
        operations += thread.join().map_err(|_| "a thread panicked")??;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{{\"operations\": {operations}, \"seconds\": {seconds}}}");
    Ok(())
}

/// Hashes until the time is up; returns the number of hashes.
fn hashes(params: Params, began: Instant, time: Duration) -> Result<u64> {
    let mut memory = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut digest = [0; 32];
    let mut operations: u64 = 0;
    while began.elapsed() < time {
        let salt = operations.to_le_bytes().repeat(2);
        argon2
            .hash_password_into_with_memory(b"correct horse", &salt, &mut digest, &mut memory)
            .map_err(|error| error.to_string())?;
        operations += 1;
    }
    Ok(operations)
}

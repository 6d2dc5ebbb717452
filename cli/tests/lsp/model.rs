//! The model test: things happen at random, in the order of a seed, and after each batch the server's answers
//! equal those of a fresh server on the same texts.
//!
//! `TESSERA_LSP_STEPS` is the number of steps, `TESSERA_LSP_SEED` the seed, to see a failure again. What
//! fails is made smaller as long as there is time.

use std::time::{Duration, Instant};

use tessera_tests::corpus::Random;
use tessera_tests::lsp::world::World;

use crate::folder::{Folder, program};

/// Steps between two comparisons.
const BATCH: usize = 40;
/// How long a failure is made smaller.
const SMALLER: Duration = Duration::from_secs(240);

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn the_server_stays_right_whatever_happens() {
    let seed = number("TESSERA_LSP_SEED", 1);
    let steps = number("TESSERA_LSP_STEPS", 240) as usize;
    let mut random = Random::new(seed);
    let steps: Vec<u64> = (0..steps).map(|_| random.next()).collect();
    let Err(failure) = run(&steps, true) else { return };
    let (steps, failure) = smaller(steps, failure);
    panic!("TESSERA_LSP_SEED={seed}, {} steps: {:?}\n{}", steps.len(), steps, failure.text);
}

/// Where and how it fails.
struct Failure {
    /// The number of steps before it.
    steps: usize,
    text: String,
}

/// Takes the steps; compares after each batch, or only at the end.
fn run(steps: &[u64], often: bool) -> Result<(), Failure> {
    let folder = Folder::new("model");
    let failed = |steps, text| Failure { steps, text };
    let mut world = World::new(program(), &folder.path().join("workspace")).map_err(|text| failed(0, text))?;
    for (at, step) in steps.iter().enumerate() {
        world.step(*step).map_err(|text| failed(at + 1, text))?;
        if at + 1 == steps.len() || often && (at + 1) % BATCH == 0 {
            world.compare(*step).map_err(|text| failed(at + 1, text))?;
        }
    }
    world.end().map_err(|text| failed(steps.len(), text))
}

/// Leaves out steps for as long as it still fails.
fn smaller(mut steps: Vec<u64>, mut failure: Failure) -> (Vec<u64>, Failure) {
    let until = Instant::now() + SMALLER;
    steps.truncate(failure.steps);
    // Most failures need only the last steps.
    for last in [5, 20, 80, 320] {
        let fewer: Vec<u64> = steps.iter().skip(steps.len().saturating_sub(last)).copied().collect();
        if fewer.len() < steps.len()
            && let Err(other) = run(&fewer, false)
        {
            (steps, failure) = (fewer, other);
            break;
        }
    }
    let mut part = steps.len() / 2;
    while part > 0 && Instant::now() < until {
        let mut at = 0;
        // What a failure compares depends on the last step, which stays.
        while at + part < steps.len() && Instant::now() < until {
            let mut fewer = steps.clone();
            fewer.drain(at..at + part);
            match run(&fewer, false) {
                Err(other) => (steps, failure) = (fewer, other),
                Ok(()) => at += part,
            }
        }
        part /= 2;
    }
    (steps, failure)
}

//! Time of each single 20 ms frame through whole chains: mean, median, 99th percentile and maximum.
//!
//! A mean hides a stage that works every n-th frame only; a call hears it. `cargo bench --bench
//! percentiles` prints the table of the README; with `--test` it runs a few frames, as CI does.
//!
//! The same call is played again and again, from a chain that is built anew. What a frame costs is
//! the least that it took: a stage that is dear in some frames is dear in them every time, a timer
//! interrupt of the machine is not. The percentiles of all frames as they came, interrupts and all,
//! stand beside it, and behind them those of a loop that does nothing but arithmetic for as long as
//! the chain's mean frame, measured between the same frames: what exceeds it there is the machine.
#![expect(clippy::print_stdout, reason = "a report on standard output is all this program makes")]

#[path = "frames/chain_load.rs"]
mod chain_load;

use std::hint::black_box;
use std::time::{Duration, Instant};

use chain_load::{CALL_FRAMES, ChainKind, ChainLoad};

/// How often the call is played.
const PASSES: usize = 40;

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (passes, frames) = if is_test { (2, 100) } else { (PASSES, CALL_FRAMES) };
    println!(
        "| chain | mean µs | p50 µs | p99 µs | max µs | as it came: mean | p99 | p99.9 | max | \
         arithmetic: mean | p99 | p99.9 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for kind in ChainKind::ALL {
        let mut least = vec![Duration::MAX; frames];
        let mut all = Vec::with_capacity(passes * frames);
        let mut arithmetic = Vec::with_capacity(passes * frames);
        let mut rounds = 0;
        for _ in 0..passes {
            let mut load = ChainLoad::new(kind);
            for _ in 0..frames {
                load.next_frame(|_| ());
            }
            for least in &mut least {
                let time = time_of(|| {
                    black_box(load.next_frame(|frame| {
                        black_box(frame);
                    }));
                });
                *least = time.min(*least);
                all.push(time);
                arithmetic.extend((rounds > 0).then(|| time_of(|| calculate(rounds))));
            }
            if rounds == 0 {
                rounds = rounds_in(least.iter().sum::<Duration>() / frames as u32);
            }
        }
        let (cost, raw, arithmetic) = (Times::new(least), Times::new(all), Times::new(arithmetic));
        println!(
            "| `{}` | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | \
             {:.1} | {:.1} |",
            kind.name(),
            cost.mean(),
            cost.at(0.5),
            cost.at(0.99),
            cost.at(1.0),
            raw.mean(),
            raw.at(0.99),
            raw.at(0.999),
            raw.at(1.0),
            arithmetic.mean(),
            arithmetic.at(0.99),
            arithmetic.at(0.999)
        );
    }
}

/// Times in order.
struct Times(Vec<Duration>);

impl Times {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Mean, in µs.
    fn mean(&self) -> f64 {
        micros(self.0.iter().sum::<Duration>()) / self.0.len() as f64
    }

    /// What this share of the frames did not exceed, in µs.
    fn at(&self, share: f64) -> f64 {
        micros(self.0[((self.0.len() - 1) as f64 * share) as usize])
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A loop that needs no memory, no branch and no system.
fn calculate(rounds: u64) {
    let mut state = black_box(1_u64);
    for _ in 0..rounds {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
}

/// How many rounds of it take this long.
fn rounds_in(time: Duration) -> u64 {
    const TRIED: u64 = 100_000;
    let least = (0..20).map(|_| time_of(|| calculate(TRIED))).min().unwrap_or(time);
    (time.as_nanos() as u64 * TRIED / least.as_nanos().max(1) as u64).max(1)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures the clock")]
fn time_of(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

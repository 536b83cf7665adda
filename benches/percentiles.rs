//! Time of each single 20 ms frame through whole chains: mean, median, 99th percentile and maximum.
//!
//! A mean hides a stage that works every n-th frame only; a call hears it. `cargo bench --bench
//! percentiles` prints the table of the README; with `--test` it runs a few frames, as CI does.
//!
//! The same call is played again and again, from a chain that is built anew. What a frame costs is
//! the least that it took: a stage that is dear in some frames is dear in them every time, a timer
//! interrupt of the machine is not. The percentiles of all frames as they came, interrupts and all,
//! stand beside it.
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
        "| chain | mean µs | p50 µs | p99 µs | max µs | as it came: mean | p99 | p99.9 | max |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for kind in ChainKind::ALL {
        let mut least = vec![Duration::MAX; frames];
        let mut all = Vec::with_capacity(passes * frames);
        for _ in 0..passes {
            let mut load = ChainLoad::new(kind);
            for _ in 0..frames {
                load.next_frame(|_| ());
            }
            for least in &mut least {
                let time = time_of(&mut load);
                *least = time.min(*least);
                all.push(time);
            }
        }
        let (cost, raw) = (Times::new(least), Times::new(all));
        println!(
            "| `{}` | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            kind.name(),
            cost.mean(),
            cost.at(0.5),
            cost.at(0.99),
            cost.at(1.0),
            raw.mean(),
            raw.at(0.99),
            raw.at(0.999),
            raw.at(1.0)
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

#[expect(clippy::disallowed_methods, reason = "a bench measures the clock")]
fn time_of(load: &mut ChainLoad) -> Duration {
    let start = Instant::now();
    black_box(load.next_frame(|frame| {
        black_box(frame);
    }));
    start.elapsed()
}

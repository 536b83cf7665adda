//! Time of each single 20 ms frame through whole chains: mean, median, 99th percentile and maximum.
//!
//! A mean hides a stage that works every n-th frame only; a call hears it. `cargo bench --bench
//! percentiles` prints the table of the README; with `--test` it runs a few frames, as CI does.
#![expect(clippy::print_stdout, reason = "a report on standard output is all this program makes")]

#[path = "frames/chain_load.rs"]
mod chain_load;

use std::hint::black_box;
use std::time::{Duration, Instant};

use chain_load::{CALL_FRAMES, ChainKind, ChainLoad};

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let frames = if is_test { 200 } else { 40 * CALL_FRAMES };
    println!("| chain | mean µs | p50 µs | p99 µs | p99.9 µs | max µs |");
    println!("|---|---|---|---|---|---|");
    for kind in ChainKind::ALL {
        let mut load = ChainLoad::new(kind);
        for _ in 0..CALL_FRAMES.min(frames) {
            load.next_frame(|_| ());
        }
        let mut times: Vec<Duration> = (0..frames).map(|_| time_of(&mut load)).collect();
        times.sort_unstable();
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let at = |share: f64| micros(times[((times.len() - 1) as f64 * share) as usize]);
        let mean = micros(times.iter().sum::<Duration>()) / times.len() as f64;
        println!(
            "| `{}` | {mean:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            kind.name(),
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0)
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures the clock")]
fn time_of(load: &mut ChainLoad) -> Duration {
    let start = Instant::now();
    black_box(load.next_frame(|frame| {
        black_box(frame);
    }));
    start.elapsed()
}

//! Instructions of whole chains per 1,000 frames, counted by valgrind: the same number on a busy
//! machine as on an idle one.
//!
//! `cargo bench --bench instructions` needs valgrind and gungraun-runner of the library's version.
//! A chain above its limit fails the run: the limits are some 15 % above what was measured, so that
//! growth is a decision.

#![expect(missing_docs, reason = "the benchmark macros make public items without any")]

#[path = "frames/chain_load.rs"]
mod chain_load;

use std::hint::black_box;

use chain_load::{CALL_FRAMES, ChainKind, ChainLoad};
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};

const FRAMES: usize = 1_000;

/// A chain that has heard a whole call: adaptation is over, branches are warm.
fn warm(name: &str) -> ChainLoad {
    let kind = ChainKind::ALL.into_iter().find(|kind| kind.name() == name);
    let mut load = ChainLoad::new(kind.expect("a chain of this name"));
    for _ in 0..CALL_FRAMES {
        load.next_frame(|_| ());
    }
    load
}

fn limit(instructions_per_frame: u64) -> LibraryBenchmarkConfig {
    let limit = instructions_per_frame * FRAMES as u64;
    let mut callgrind = Callgrind::default();
    callgrind.hard_limits([(EventKind::Ir, limit)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

#[library_benchmark]
#[bench::inbound_g711_light(
    args = ("inbound_g711_light"), setup = warm, config = limit(61_500)
)]
#[bench::inbound_g711_neural(
    args = ("inbound_g711_neural"), setup = warm, config = limit(117_900)
)]
#[bench::inbound_g711_denoise(
    args = ("inbound_g711_denoise"), setup = warm, config = limit(1_032_500)
)]
#[bench::outbound_ambience(
    args = ("outbound_ambience"), setup = warm, config = limit(7_100)
)]
fn frames(mut load: ChainLoad) -> usize {
    (0..FRAMES)
        .map(|_| {
            load.next_frame(|frame| {
                black_box(frame);
            })
        })
        .sum()
}

library_benchmark_group!(name = chains, benchmarks = [frames]);

main!(library_benchmark_groups = chains);

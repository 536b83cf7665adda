//! Cost of each stage of the audio path, and of whole chains, per 20 ms frame.

use criterion::{Criterion, criterion_group, criterion_main};

fn stages(_criterion: &mut Criterion) {}

criterion_group!(frames, stages);
criterion_main!(frames);

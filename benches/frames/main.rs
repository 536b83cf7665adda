//! Cost of each stage of the audio path, and of whole chains, per 20 ms frame.

mod chain_load;
mod chains;
mod codec;
mod denoise;
mod dtmf;
mod echo_guard;
mod playout;
mod progress_tone;
mod reception;
mod resample;
mod speech_like;
mod vad;

use criterion::{Criterion, criterion_group, criterion_main};

fn stages(criterion: &mut Criterion) {
    chains::bench(criterion);
    codec::bench(criterion);
    reception::bench(criterion);
    resample::bench(criterion);
    dtmf::bench(criterion);
    progress_tone::bench(criterion);
    echo_guard::bench(criterion);
    denoise::bench(criterion);
    vad::bench(criterion);
    playout::bench(criterion);
}

criterion_group!(frames, stages);
criterion_main!(frames);

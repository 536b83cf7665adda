//! Resampling of one 20 ms frame between the rates of telephony, Opus and the usual synthesisers.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::Resampler;
use offhook_types::SampleRate;

use crate::speech_like::speech_like;

const PAIRS: [(u32, u32); 8] = [
    (8_000, 16_000),
    (16_000, 8_000),
    (24_000, 8_000),
    (24_000, 16_000),
    (48_000, 8_000),
    (48_000, 16_000),
    (8_000, 48_000),
    (22_050, 8_000),
];

pub(crate) fn bench(criterion: &mut Criterion) {
    for (from, to) in PAIRS {
        let from = SampleRate::new(from).expect("a supported rate");
        let to = SampleRate::new(to).expect("a supported rate");
        let mut resampler = Resampler::new(from, to).expect("a supported pair");
        let speech = speech_like(from.hz(), 2_000);
        let mut frames = speech.chunks_exact(from.frame_samples()).cycle();
        let mut output = vec![0; to.frame_samples()];
        criterion.bench_function(
            &format!("frames/resample_{}_{}", from.hz(), to.hz()),
            |bencher| {
                bencher.iter(|| {
                    let frame = frames.next().expect("an endless cycle");
                    resampler.process_into(black_box(frame), black_box(&mut output))
                });
            },
        );
    }
}

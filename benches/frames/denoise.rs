//! Noise suppression of one 20 ms frame, resampling to 48 kHz and back included.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::{DenoiseMode, Denoiser};
use offhook_types::SampleRate;

use crate::speech_like::speech_like;

pub(crate) fn bench(criterion: &mut Criterion) {
    let (narrow, wide) = (SampleRate::HZ_8000, SampleRate::HZ_16000);
    let variants = [
        ("off_8000", DenoiseMode::Off, narrow, true),
        ("noise_8000", DenoiseMode::Noise, narrow, true),
        ("noise_16000", DenoiseMode::Noise, wide, true),
        ("noise_and_voices_8000", DenoiseMode::NoiseAndVoices, narrow, true),
        ("noise_8000_silence", DenoiseMode::Noise, narrow, false),
    ];
    for (name, mode, rate, is_speech) in variants {
        let mut denoiser = Denoiser::new(mode, rate, 1.0).expect("8 and 16 kHz are supported");
        let speech = if is_speech {
            speech_like(rate.hz(), 4_000)
        } else {
            vec![0; rate.samples_in_ms(4_000)]
        };
        let mut frames = speech.chunks_exact(rate.frame_samples()).cycle();
        let mut output = vec![0; rate.frame_samples()];
        criterion.bench_function(&format!("frames/denoise_{name}"), |bencher| {
            bencher.iter(|| {
                let frame = frames.next().expect("an endless cycle");
                denoiser.process_into(black_box(frame), black_box(&mut output))
            });
        });
    }
}

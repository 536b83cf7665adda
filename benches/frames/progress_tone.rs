//! Call-progress and record-tone detection, one 20 ms frame per iteration.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::{ProgressToneDetector, ProgressToneGenerator, TonePlan};
use offhook_types::{ProgressTone, SampleRate};

pub(crate) fn bench(criterion: &mut Criterion) {
    for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
        let khz = rate.hz() / 1_000;
        let silence = vec![0; rate.samples_in_ms(4_000)];
        let mut ringing = vec![0; rate.samples_in_ms(12_000)];
        let cadence = TonePlan::UnitedStates.cadence(ProgressTone::Ringback);
        ProgressToneGenerator::new(rate, cadence, -15.0).process_into(&mut ringing);
        let signals = [("speech", speech_like(rate)), ("ringback", ringing), ("silence", silence)];
        for (name, samples) in signals {
            bench_signal(criterion, &format!("frames/progress_tone_{name}_{khz}k"), rate, &samples);
        }
    }
}

fn bench_signal(criterion: &mut Criterion, id: &str, rate: SampleRate, samples: &[i16]) {
    let Ok(mut detector) = ProgressToneDetector::new(rate) else { return };
    let mut frames = samples.chunks_exact(rate.frame_samples()).cycle();
    criterion.bench_function(id, |bencher| {
        bencher.iter(|| {
            if let Some(frame) = frames.next() {
                detector.process(black_box(frame));
            }
            detector.poll_event()
        });
    });
}

/// Four seconds of harmonics with a wandering pitch, in syllables, over a little noise.
fn speech_like(rate: SampleRate) -> Vec<i16> {
    let mut phase = 0.0_f32;
    let mut noise = 1_u32;
    let sample = |n: usize| {
        let seconds = n as f32 / rate.hz() as f32;
        let pitch_hz = 150.0 + 40.0 * (seconds * 5.0).sin();
        phase = (phase + pitch_hz / rate.hz() as f32).fract();
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let loudness = (seconds * 4.0 * std::f32::consts::PI).sin().max(0.0);
        let harmonic =
            |k: usize| (phase * k as f32 * std::f32::consts::TAU).sin() / (k as f32).sqrt();
        let voice: f32 = (1..12).map(harmonic).sum();
        (voice * loudness * 3_000.0) as i16 + (noise >> 26) as i16
    };
    (0..rate.samples_in_ms(4_000)).map(sample).collect()
}

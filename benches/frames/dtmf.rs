//! Hearing, blanking and sending keypad digits.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::{DtmfConfig, DtmfDetector, DtmfGenerator, ToneBlanker};
use offhook_types::SampleRate;

/// Frames before the signal repeats: 10 s.
const FRAMES: usize = 500;

pub(crate) fn bench(criterion: &mut Criterion) {
    for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
        let khz = rate.hz() / 1_000;
        let signals =
            [("voice", voice(rate)), ("silence", silence(rate)), ("digits", digits(rate))];
        for (name, signal) in &signals {
            criterion.bench_function(
                &format!("frames/dtmf_detect_blank_{name}_{khz}k"),
                |bencher| {
                    let mut detector = DtmfDetector::new(rate).expect("8 and 16 kHz are supported");
                    let mut blanker = ToneBlanker::new(rate, 1);
                    let mut output = vec![0; rate.frame_samples()];
                    let mut frames = signal.chunks_exact(rate.frame_samples()).cycle();
                    bencher.iter(|| {
                        let Some(frame) = frames.next() else { return };
                        let report = detector.process(black_box(frame));
                        blanker.process_into(frame, report.tone.clone(), &mut output);
                        black_box((&report, &output));
                    });
                },
            );
        }
    }
    criterion.bench_function("frames/dtmf_generate_8k", |bencher| {
        let mut generator = generator(SampleRate::HZ_8000);
        let mut output = vec![0; SampleRate::HZ_8000.frame_samples()];
        bencher.iter(|| {
            if !generator.is_active() {
                generator.enqueue("0123456789ABCD*#").expect("the queue is empty");
            }
            black_box(generator.process_into(&mut output));
            black_box(&output);
        });
    });
}

fn generator(rate: SampleRate) -> DtmfGenerator {
    DtmfGenerator::new(rate, DtmfConfig::default()).expect("the default is valid")
}

/// Harmonics of a gliding pitch under a syllable's envelope, with some noise.
fn voice(rate: SampleRate) -> Vec<i16> {
    let hz = f64::from(rate.hz());
    let mut phase = 0.0;
    let mut seed = 1_u32;
    let sample = |n: usize| {
        let second = n as f64 / hz;
        phase += (120.0 + 40.0 * (second * 2.1).sin()) / hz;
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = f64::from(seed >> 16) / 65_536.0 - 0.5;
        let harmonics: f64 = (1..16)
            .map(|k| (std::f64::consts::TAU * phase * f64::from(k)).sin() / f64::from(k))
            .sum();
        let envelope = (second * 12.0).sin().max(0.0);
        (4_000.0 * envelope * harmonics + 400.0 * noise) as i16
    };
    (0..FRAMES * rate.frame_samples()).map(sample).collect()
}

/// A quiet line.
fn silence(rate: SampleRate) -> Vec<i16> {
    let mut seed = 1_u32;
    let sample = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 29) as i16 - 4
    };
    (0..FRAMES * rate.frame_samples()).map(sample).collect()
}

/// Digits at the usual pace.
fn digits(rate: SampleRate) -> Vec<i16> {
    let mut generator = generator(rate);
    let mut samples = vec![0; FRAMES * rate.frame_samples()];
    generator.enqueue("0123456789ABCD*#0123456789ABCD*#0123456789ABCD*#").expect("there is room");
    generator.process_into(&mut samples);
    samples
}

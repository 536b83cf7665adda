//! Echo guard: 20 seconds of speech-like far and near end, round and round.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::EchoGuard;
use offhook_types::SampleRate;

pub(crate) fn bench(criterion: &mut Criterion) {
    for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
        let khz = rate.hz() / 1_000;
        bench_line(criterion, &format!("echo_guard_found_{khz}k"), rate, 1.0, 0.1);
        bench_line(criterion, &format!("echo_guard_no_echo_{khz}k"), rate, 1.0, 0.0);
        bench_line(criterion, &format!("echo_guard_far_silent_{khz}k"), rate, 0.0, 0.0);
    }
}

fn bench_line(criterion: &mut Criterion, name: &str, rate: SampleRate, far_gain: f32, echo: f32) {
    let frame = rate.frame_samples();
    let far = voiced(rate, 1_009 * frame, 3, 127.0, 9.0);
    // Without an echo, loops of different length: the same two voices must not meet again and
    // again.
    let near_frames = if echo > 0.0 { 1_009 } else { 997 };
    let caller = voiced(rate, near_frames * frame, 5, 211.0, 6.3);
    let delay = rate.samples_in_ms(137);
    let near: Vec<i16> = (0..near_frames * frame)
        .map(|n| {
            let talks = n / (frame * 40) % 3 == 2;
            let echoed = echo * far[(n + far.len() - delay) % far.len()];
            (echoed + if talks { caller[n] } else { 0.0 }) as i16
        })
        .collect();
    let far: Vec<i16> = far.iter().map(|x| (far_gain * x) as i16).collect();
    let mut guard = EchoGuard::new(rate);
    let mut out = vec![0; frame];
    let mut frames = near.chunks_exact(frame).cycle().zip(far.chunks_exact(frame).cycle());
    for (near, far) in frames.by_ref().take(200) {
        guard.process_into(near, far, &mut out);
    }
    criterion.bench_function(&format!("frames/{name}"), |bencher| {
        bencher.iter(|| {
            let (near, far) = frames.next().expect("a cycle does not end");
            black_box(guard.process_into(black_box(near), black_box(far), &mut out))
        });
    });
}

/// Harmonics under a syllabic envelope, with breath noise.
fn voiced(rate: SampleRate, len: usize, mut seed: u64, pitch_hz: f32, wobble: f32) -> Vec<f32> {
    let mut phase = 0.0_f32;
    (0..len)
        .map(|n| {
            let seconds = n as f32 / rate.hz() as f32;
            let pitch = pitch_hz * (1.0 + 0.15 * (seconds * wobble).sin());
            phase = (phase + pitch / rate.hz() as f32).fract();
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let breath = (seed >> 40) as f32 / (1 << 24) as f32 - 0.5;
            let envelope = (0.2 + (seconds * 2.7 * wobble).sin()).max(0.0);
            6_000.0 * envelope * (phase - 0.5 + 0.4 * breath)
        })
        .collect()
}

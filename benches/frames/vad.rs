//! Voice detectors and the gate.

use criterion::Criterion;
use offhook_audio::{
    FrameEvidence, GateConfig, NeuralVad, SpeechProbability, VoiceDetector, VoiceGate, WebRtcVad,
};
use offhook_types::{SampleRate, Timestamp};

/// Ten seconds, so that the adaptive models keep moving.
const FRAMES: usize = 500;

pub(crate) fn bench(criterion: &mut Criterion) {
    for (id, rate) in [
        ("frames/vad_webrtc_8k", SampleRate::HZ_8000),
        ("frames/vad_webrtc_16k", SampleRate::HZ_16000),
    ] {
        let Ok(vad) = WebRtcVad::new(rate) else { continue };
        bench_detector(criterion, id, vad);
    }
    bench_detector(criterion, "frames/vad_neural_16k", NeuralVad::new());
    criterion.bench_function("frames/vad_gate", |bencher| {
        let mut gate = VoiceGate::new(GateConfig::default());
        let mut index = 0_u32;
        bencher.iter(|| {
            index = index.wrapping_add(1);
            let probability =
                SpeechProbability::new((index.wrapping_mul(2_654_435_769) >> 24) as u8);
            let at = Timestamp::from_millis(u64::from(index) * 20);
            gate.handle_frame(at, FrameEvidence::Heard(probability))
        });
    });
}

fn bench_detector(criterion: &mut Criterion, id: &str, mut vad: impl VoiceDetector) {
    let rate = vad.sample_rate();
    let samples = syllables(rate);
    let frames: Vec<&[i16]> = samples.chunks_exact(rate.frame_samples()).collect();
    let mut index = 0;
    criterion.bench_function(id, |bencher| {
        bencher.iter(|| {
            index = (index + 1) % frames.len();
            vad.speech_probability(frames[index])
        });
    });
}

/// Four harmonics-rich syllables a second over noise, with a pause after every eighth.
fn syllables(rate: SampleRate) -> Vec<i16> {
    let mut noise = 1_u32;
    (0..FRAMES * rate.frame_samples())
        .map(|n| {
            let time = n as f32 / rate.hz() as f32;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = (noise >> 16) as f32 / 65_536.0 - 0.5;
            let is_pause = (time * 4.0) as u32 % 10 >= 8;
            let loud = if is_pause { 0.0 } else { (time * 4.0 * std::f32::consts::PI).sin().abs() };
            let phase = (time * (110.0 + 20.0 * (time * 1.7).sin())).fract();
            ((phase - 0.5) * 9_000.0 * loud + hiss * 300.0) as i16
        })
        .collect()
}

//! The playout mixer: speech alone, over a bed, with everything moving.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::{
    AmbienceConfig, Bed, BedKind, LeadingSilenceTrimmer, PlayoutConfig, PlayoutMixer, Speech,
};
use offhook_types::SampleRate;

pub(crate) fn bench(criterion: &mut Criterion) {
    mix(criterion, "frames/playout_speech_only_8k", SampleRate::HZ_8000, false, 1.0);
    mix(criterion, "frames/playout_bed_8k", SampleRate::HZ_8000, true, 1.0);
    mix(criterion, "frames/playout_bed_gain_8k", SampleRate::HZ_8000, true, 1.4);
    mix(criterion, "frames/playout_bed_gain_16k", SampleRate::HZ_16000, true, 1.4);
    mix(criterion, "frames/playout_bed_gain_48k", SampleRate::HZ_48000, true, 1.4);
    interrupted(criterion);
    leading_silence(criterion);
}

fn mix(criterion: &mut Criterion, id: &str, rate: SampleRate, has_bed: bool, gain: f32) {
    let mut mixer = mixer(rate, has_bed, gain);
    let speech = speech_like(rate);
    let mut frames = speech.chunks_exact(rate.frame_samples()).cycle();
    let mut out = vec![0; rate.frame_samples()];
    criterion.bench_function(id, |bencher| {
        bencher.iter(|| {
            let frame = frames.next().unwrap_or_default();
            black_box(mixer.mix_into(Speech::Continues(black_box(frame)), &mut out))
        });
    });
}

/// Ducking, un-ducking, fading and underruns all the time.
fn interrupted(criterion: &mut Criterion) {
    let rate = SampleRate::HZ_8000;
    let mut mixer = mixer(rate, true, 1.4);
    let speech = speech_like(rate);
    let mut frames = speech.chunks_exact(rate.frame_samples()).cycle().enumerate();
    let mut out = vec![0; rate.frame_samples()];
    criterion.bench_function("frames/playout_restless_8k", |bencher| {
        bencher.iter(|| {
            let (count, frame) = frames.next().unwrap_or_default();
            match count % 8 {
                0 => mixer.start_utterance(),
                1 => mixer.duck(),
                4 => mixer.unduck(),
                6 => mixer.fade_out(30, 40),
                _ => {}
            }
            let frame = if count % 5 == 3 { &frame[..100] } else { frame };
            black_box(mixer.mix_into(Speech::Continues(black_box(frame)), &mut out))
        });
    });
}

fn leading_silence(criterion: &mut Criterion) {
    let rate = SampleRate::HZ_24000;
    let mut trimmer = LeadingSilenceTrimmer::new(rate, 60_000);
    let quiet: Vec<i16> = speech_like(rate).iter().map(|s| s / 2_000).collect();
    let mut frames = quiet.chunks_exact(rate.frame_samples()).cycle();
    criterion.bench_function("frames/playout_leading_silence_24k", |bencher| {
        bencher.iter(|| {
            let frame = frames.next().unwrap_or_default();
            let played = trimmer.trim(black_box(frame)).samples.len();
            if played > 0 {
                trimmer.reset();
            }
            played
        });
    });
}

fn mixer(rate: SampleRate, has_bed: bool, gain: f32) -> PlayoutMixer {
    let bed = || AmbienceConfig::new(Bed::synthesise(BedKind::Office, rate), 0.3);
    let config = PlayoutConfig { gain, ambience: has_bed.then(bed), ..PlayoutConfig::default() };
    PlayoutMixer::new(rate, config, 7).expect("bed and line have the same rate")
}

/// Five seconds of harmonics with the swell of syllables, peaks near full scale.
fn speech_like(rate: SampleRate) -> Vec<i16> {
    let turn = std::f32::consts::TAU / rate.hz() as f32;
    (0..rate.hz() * 5)
        .map(|i| {
            let t = i as f32 * turn;
            let syllable = (2.0 * t).sin().abs();
            let pitch = 120.0 + 15.0 * (0.7 * t).sin();
            let voice: f32 = (1..=12).map(|h| (h as f32 * pitch * t).sin() / h as f32).sum();
            (15_000.0 * syllable * voice).clamp(-32_768.0, 32_767.0) as i16
        })
        .collect()
}

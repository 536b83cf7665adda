//! Encoding and decoding one frame, in every codec.

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::{ByteOrderDetector, Decoder, Encoder, OpusConfig};
use offhook_types::{Codec, CodecFormat, SampleRate};

/// Frames of signal to go round in: five seconds, so that no branch can learn them.
const FRAMES: usize = 250;

pub(crate) fn bench(criterion: &mut Criterion) {
    let formats = [
        ("pcmu", CodecFormat::PCMU),
        ("pcma", CodecFormat::PCMA),
        ("l16le_16k", format(Codec::L16Le, SampleRate::HZ_16000)),
        ("l16be_16k", format(Codec::L16Be, SampleRate::HZ_16000)),
        ("g722", CodecFormat::G722),
        ("opus_16k", format(Codec::Opus, SampleRate::HZ_16000)),
        ("opus_48k", format(Codec::Opus, SampleRate::HZ_48000)),
    ];
    for (name, format) in formats {
        bench_encode(criterion, name, format, &OpusConfig::default());
        bench_decode(criterion, name, format);
    }
    for complexity in [0, 3, 8, 10] {
        let config = OpusConfig { complexity, ..OpusConfig::default() };
        let name = format!("opus_16k_complexity_{complexity}");
        bench_encode(criterion, &name, format(Codec::Opus, SampleRate::HZ_16000), &config);
    }
    bench_byte_order(criterion);
}

fn bench_encode(criterion: &mut Criterion, name: &str, format: CodecFormat, config: &OpusConfig) {
    let frames = frames(format.sample_rate());
    let mut encoder = encoder(format, config);
    let mut bytes = vec![0; encoder.max_encoded_bytes(format.sample_rate().frame_samples())];
    let mut next = frames.iter().cycle();
    criterion.bench_function(&format!("frames/codec_{name}_encode"), |bencher| {
        bencher.iter(|| {
            let frame = next.next().expect("a cycle has no end");
            encoder.encode_into(black_box(frame), black_box(&mut bytes))
        });
    });
}

fn bench_decode(criterion: &mut Criterion, name: &str, format: CodecFormat) {
    let payloads = payloads(format);
    let mut decoder = Decoder::new(format).expect("a decoder needs memory only");
    let mut pcm = vec![0; format.sample_rate().frame_samples()];
    let mut next = payloads.iter().cycle();
    criterion.bench_function(&format!("frames/codec_{name}_decode"), |bencher| {
        bencher.iter(|| {
            let payload = next.next().expect("a cycle has no end");
            decoder.decode_into(black_box(payload), black_box(&mut pcm))
        });
    });
}

/// The detector while it still listens: a new one for each frame, as 20 ms never suffice.
fn bench_byte_order(criterion: &mut Criterion) {
    let payloads = payloads(format(Codec::L16Be, SampleRate::HZ_16000));
    let mut next = payloads.iter().cycle();
    criterion.bench_function("frames/codec_byte_order", |bencher| {
        bencher.iter(|| {
            let payload = next.next().expect("a cycle has no end");
            ByteOrderDetector::new(SampleRate::HZ_16000).observe(black_box(payload))
        });
    });
}

fn format(codec: Codec, sample_rate: SampleRate) -> CodecFormat {
    CodecFormat::new(codec, sample_rate).expect("the formats of this bench exist")
}

fn encoder(format: CodecFormat, config: &OpusConfig) -> Encoder {
    Encoder::new(format, config).expect("the settings of this bench are in range")
}

fn payloads(format: CodecFormat) -> Vec<Vec<u8>> {
    let mut encoder = encoder(format, &OpusConfig::default());
    let mut bytes = vec![0; encoder.max_encoded_bytes(format.sample_rate().frame_samples())];
    frames(format.sample_rate())
        .iter()
        .map(|frame| {
            let length = encoder.encode_into(frame, &mut bytes).expect("a frame fits");
            bytes[..length].to_vec()
        })
        .collect()
}

/// A gliding pitch with eleven harmonics, four syllables a second, and a little noise.
fn frames(rate: SampleRate) -> Vec<Vec<i16>> {
    let hz = f64::from(rate.hz());
    let mut noise = 1_u32;
    let mut phase = 0.0;
    let samples: Vec<i16> = (0..FRAMES * rate.frame_samples())
        .map(|n| {
            let seconds = n as f64 / hz;
            phase += TAU * 20.0_f64.mul_add((TAU * 0.7 * seconds).sin(), 120.0) / hz;
            let voice: f64 =
                (1..12).map(|k| (f64::from(k) * phase).sin() / f64::from(k)).sum::<f64>();
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = f64::from(noise >> 16) / 65_536.0 - 0.5;
            let syllable = (TAU * 2.0 * seconds).sin().powi(2);
            (voice * syllable * 4_000.0 + hiss * 200.0) as i16
        })
        .collect();
    samples.chunks_exact(rate.frame_samples()).map(<[i16]>::to_vec).collect()
}

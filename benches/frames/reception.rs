//! Reception: reordering, re-framing, and filling gaps. The payload is 20 ms; decoding is not
//! counted.

use std::hint::black_box;

use criterion::Criterion;
use offhook_audio::{
    CarrierTime, EncodedPacket, MediaTimeline, Released, ReorderBuffer, ReorderWindow, StreamKind,
};
use offhook_types::{SampleRate, Timestamp};

pub(crate) fn bench(criterion: &mut Criterion) {
    for (name, rate) in [("8k", SampleRate::HZ_8000), ("16k", SampleRate::HZ_16000)] {
        let mut line = Line::new(rate, StreamKind::Continuous);
        criterion.bench_function(&format!("frames/reception_ordinary_{name}"), |bencher| {
            bencher.iter(|| line.next_frame(|_| false));
        });
        let mut line = Line::new(rate, StreamKind::Continuous);
        criterion.bench_function(&format!("frames/reception_loss_10_percent_{name}"), |bencher| {
            bencher.iter(|| line.next_frame(|i| i % 10 == 7));
        });
        let mut line = Line::new(rate, StreamKind::Dtx);
        criterion.bench_function(&format!("frames/reception_dtx_pause_{name}"), |bencher| {
            bencher.iter(|| line.next_frame(|i| i % 500 > 20));
        });
    }
    reorder(criterion);
}

/// A timeline and the speech-like signal on its line.
struct Line {
    timeline: MediaTimeline,
    voice: Vec<i16>,
    frame_samples: usize,
    next: u64,
}

impl Line {
    fn new(rate: SampleRate, kind: StreamKind) -> Self {
        Self {
            timeline: MediaTimeline::new(rate, kind, 1),
            voice: speech_like(rate),
            frame_samples: rate.frame_samples(),
            next: 0,
        }
    }

    /// Lets 20 ms pass; the packet of that time arrives unless `is_missing`.
    fn next_frame(&mut self, is_missing: impl Fn(u64) -> bool) {
        let (i, now) = (self.next, Timestamp::from_millis(self.next * 20));
        self.next += 1;
        self.timeline.advance(now, |frame| {
            black_box(frame);
        });
        if !is_missing(i) {
            let frames = self.voice.len() / self.frame_samples;
            let start = i as usize % frames * self.frame_samples;
            let pcm = &self.voice[start..start + self.frame_samples];
            self.timeline.handle_audio(now, Some(CarrierTime::Millis(i * 20)), pcm, |frame| {
                black_box(frame);
            });
        }
    }
}

fn reorder(criterion: &mut Criterion) {
    let payload: Vec<u8> = (0..=255).cycle().take(1_600).collect();
    for (name, mask) in [("in_order", 0), ("swapped", 1)] {
        let mut buffer = ReorderBuffer::new(SampleRate::HZ_8000, ReorderWindow::UNORDERED);
        let mut next = 0;
        criterion.bench_function(&format!("frames/reception_reorder_{name}"), |bencher| {
            bencher.iter(|| {
                let sequence = next ^ mask;
                let start = (next % 9) as usize * 160;
                let packet = EncodedPacket {
                    sequence: Some(sequence),
                    time: Some(CarrierTime::Millis(sequence * 20)),
                    arrival: Timestamp::from_millis(next * 20),
                    payload: &payload[start..start + 160],
                };
                next += 1;
                buffer.handle_packet(packet, |released: Released<'_>| {
                    black_box(released);
                });
            });
        });
    }
}

/// Two seconds of syllables over a noise floor: pitch pulses with a moving period, damped by one
/// resonance.
fn speech_like(rate: SampleRate) -> Vec<i16> {
    let hz = rate.hz() as f32;
    let (mut phase, mut y1, mut y2, mut noise) = (0.0_f32, 0.0_f32, 0.0_f32, 1_u32);
    (0..rate.hz() * 2)
        .map(|i| {
            let seconds = i as f32 / hz;
            phase += (110.0 + 30.0 * (seconds * 5.0).sin()) / hz;
            let pulse = if phase >= 1.0 { 9_000.0 } else { 0.0 };
            phase = phase.fract();
            let loudness = (seconds * 9.0).sin().max(0.0);
            let y = pulse * loudness + 1.7 * y1 * (4_000.0 / hz).cos() - 0.8 * y2;
            (y2, y1) = (y1, y);
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (y + (noise >> 26) as f32 - 32.0) as i16
        })
        .collect()
}

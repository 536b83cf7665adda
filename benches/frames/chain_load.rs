//! Whole chains under a load like a call's: a caller and an agent who take turns and sometimes talk
//! at once, background noise, a little echo, a key now and then. Benches and tests share it.

use offhook_audio::{
    AmbienceConfig, Bed, BedKind, DenoiseMode, DtmfConfig, DtmfGenerator, Encoder, InboundChain,
    InboundFrame, InboundSettings, OpusConfig, OutboundChain, OutboundSettings, Speech, VadKind,
};
use offhook_types::{CodecFormat, MediaPacket, SampleRate, Timestamp};

/// The chains whose cost is budgeted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChainKind {
    /// G.711, WebRTC voice detection, tones, echo guard, resampling to 16 kHz.
    InboundLight,
    /// The same with the neural voice detector.
    InboundNeural,
    /// The same with noise suppression as well.
    InboundDenoise,
    /// The agent's voice over an ambience, to G.711.
    OutboundAmbience,
}

impl ChainKind {
    pub(crate) const ALL: [Self; 4] =
        [Self::InboundLight, Self::InboundNeural, Self::InboundDenoise, Self::OutboundAmbience];

    /// The name in benches and tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::InboundLight => "inbound_g711_light",
            Self::InboundNeural => "inbound_g711_neural",
            Self::InboundDenoise => "inbound_g711_denoise",
            Self::OutboundAmbience => "outbound_ambience",
        }
    }
}

/// A chain and the call on its line.
pub(crate) struct ChainLoad {
    chain: Chain,
    call: Call,
    next: u64,
}

enum Chain {
    Inbound(Box<InboundChain>),
    Outbound(Box<OutboundChain>),
}

/// 30 s of a call at 8 kHz, in frames.
struct Call {
    caller: Vec<u8>,
    agent: Vec<i16>,
}

const RATE: SampleRate = SampleRate::HZ_8000;
const FRAME: usize = RATE.frame_samples();
/// Length of the call that is repeated, in frames.
pub(crate) const CALL_FRAMES: usize = 1_500;

impl ChainLoad {
    /// A chain at the start of its call.
    pub(crate) fn new(kind: ChainKind) -> Self {
        let settings = InboundSettings::new(CodecFormat::PCMU);
        let (denoise, vad) = match kind {
            ChainKind::InboundLight | ChainKind::OutboundAmbience => {
                (DenoiseMode::Off, VadKind::WebRtc)
            }
            ChainKind::InboundNeural => (DenoiseMode::Off, VadKind::Neural),
            ChainKind::InboundDenoise => (DenoiseMode::Noise, VadKind::Neural),
        };
        let chain = if kind == ChainKind::OutboundAmbience {
            let mut settings = OutboundSettings::new(CodecFormat::PCMU);
            let bed = Bed::synthesise(BedKind::Cafe, RATE);
            settings.playout.ambience = Some(AmbienceConfig::new(bed, 0.3));
            settings.playout.gain = 1.2;
            Chain::Outbound(Box::new(OutboundChain::new(settings).expect("an outbound chain")))
        } else {
            let settings = InboundSettings { denoise, vad, ..settings };
            Chain::Inbound(Box::new(InboundChain::new(&settings).expect("an inbound chain")))
        };
        Self { chain, call: Call::new(), next: 0 }
    }

    /// Lets 20 ms of the call pass; `inspect` sees what an inbound chain heard.
    pub(crate) fn next_frame(&mut self, mut inspect: impl FnMut(&InboundFrame<'_>)) -> usize {
        let index = self.next as usize % CALL_FRAMES;
        let agent = &self.call.agent[index * FRAME..][..FRAME];
        let now_ms = self.next * 20;
        self.next += 1;
        match &mut self.chain {
            Chain::Outbound(chain) => {
                let is_silent = agent.iter().all(|sample| *sample == 0);
                let speech = if is_silent { Speech::None } else { Speech::Continues(agent) };
                chain.next_frame(speech).map_or(0, |frame| frame.payload.len())
            }
            Chain::Inbound(chain) => {
                let packet = MediaPacket {
                    payload: &self.call.caller[index * FRAME..][..FRAME],
                    sequence: Some(self.next),
                    timestamp_ms: Some(now_ms),
                };
                let mut frames = 0;
                chain.handle_packet(
                    Timestamp::from_millis(now_ms),
                    packet,
                    |_, far| far.copy_from_slice(agent),
                    |frame| {
                        frames += 1;
                        inspect(&frame);
                    },
                );
                frames
            }
        }
    }
}

impl Call {
    fn new() -> Self {
        let samples = CALL_FRAMES * FRAME;
        let mut noise = Noise(7);
        // Turns of four seconds with an overlap: the caller comes in before the agent has finished.
        let agent = voice(samples, 190.0, 3, |second| second % 8.0 < 4.4);
        let caller = voice(samples, 115.0, 5, |second| (4.0..7.6).contains(&(second % 8.0)));
        let echo_delay = RATE.samples_in_ms(140);
        let mut line: Vec<i16> = (0..samples)
            .map(|index| {
                let echo = index.checked_sub(echo_delay).map_or(0.0, |at| agent[at] * 0.08);
                (caller[index] + echo + noise.next() * 30.0) as i16
            })
            .collect();
        let mut keys = DtmfGenerator::new(RATE, DtmfConfig::default()).expect("default tones");
        keys.enqueue("4").expect("a digit");
        for frame in line[20 * 8_000..].chunks_exact_mut(FRAME).take(10) {
            keys.process_into(frame);
        }
        let mut encoder =
            Encoder::new(CodecFormat::PCMU, &OpusConfig::default()).expect("an encoder");
        let mut caller = vec![0; samples];
        encoder.encode_into(&line, &mut caller).expect("room for every sample");
        Self { caller, agent: agent.into_iter().map(|sample| sample as i16).collect() }
    }
}

/// A voice-like sound: pulses of a wandering pitch through two wandering resonances, in syllables.
fn voice(samples: usize, pitch_hz: f32, seed: u32, speaks: impl Fn(f32) -> bool) -> Vec<f32> {
    let mut noise = Noise(seed);
    let mut formants = [Resonance::default(), Resonance::default()];
    let mut phase = 0.0;
    (0..samples)
        .map(|index| {
            let second = index as f32 / 8_000.0;
            let syllable = (second * 4.3).fract();
            let vowel = (second * 4.3).floor();
            let wander = |rate: f32, span: f32| (vowel * rate).sin() * span;
            phase += (pitch_hz + wander(1.3, 18.0)) / 8_000.0;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase = phase.fract();
            let is_fricative = syllable < 0.18;
            let source = if is_fricative { noise.next() * 0.08 } else { pulse };
            let loudness = (std::f32::consts::PI * syllable).sin().max(0.0);
            let first = formants[0].process(source, 520.0 + wander(2.1, 210.0), 90.0);
            let second_formant = formants[1].process(source, 1_650.0 + wander(0.7, 620.0), 140.0);
            let sound = (first + 0.6 * second_formant) * loudness;
            if speaks(second) { (sound * 5_200.0).clamp(-30_000.0, 30_000.0) } else { 0.0 }
        })
        .collect()
}

/// A two-pole resonator.
#[derive(Default)]
struct Resonance([f32; 2]);

impl Resonance {
    fn process(&mut self, input: f32, hz: f32, bandwidth_hz: f32) -> f32 {
        let radius = (-std::f32::consts::PI * bandwidth_hz / 8_000.0).exp();
        let angle = std::f32::consts::TAU * hz / 8_000.0;
        let output = input + 2.0 * radius * angle.cos() * self.0[0] - radius * radius * self.0[1];
        self.0 = [output, self.0[0]];
        output
    }
}

/// Seeded noise in -1..1 (xorshift32, Marsaglia 2003).
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

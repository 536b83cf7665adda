//! The whole inbound chain of a call: from encoded packets to 20 ms frames with all that is heard
//! in them.
//!
//! ```text
//! packet ─ reorder ─ decode ─ timeline ─┬─ line rate: recording
//!                                       └─ analysis rate ─ tones ─ blanked ─┬─ recogniser
//!                                                                           └─ echo guard
//!                                                                      denoise ─┘
//!                                                                         └─ vad ─ gate
//! ```
//!
//! One owner, no locks: a call's media thread hands packets in and is handed frames by a closure.
//! The analysis rate is 8 kHz on an 8 kHz line and 16 kHz on every other.
//!
//! Left out: choosing what the recogniser hears by measurement. It hears the raw line with the
//! keypad's tones blanked, because noise suppressors harm recognisers more often than they help.

mod analysis;
mod receiver;

use offhook_types::{CodecFormat, MediaPacket, SampleRate, Timestamp, ToneEvent};

use analysis::Analysis;
use receiver::Receiver;

use crate::codec::SetupError;
use crate::denoise::{DenoiseMode, DenoiseReport, DenoiserError};
use crate::echo_guard::EchoReport;
use crate::reception::{FrameOrigin, MediaTime, ReceptionStats, ReorderWindow, StreamKind};
use crate::resample::ResamplerError;
use crate::tone::{DtmfFrame, UnsupportedToneRate};
use crate::vad::{GateConfig, GateFrame, SpeechProbability, UnsupportedVadRate, VadKind};

/// How a call's inbound chain is set up; it does not change during the call.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundSettings {
    /// What the carrier sends.
    pub format: CodecFormat,
    /// 16-bit audio whose byte order the carrier does not keep to: it is found out from the first
    /// 200 ms of speech.
    pub detects_byte_order: bool,
    /// What a missing packet means.
    pub stream: StreamKind,
    /// How far packets may be out of order.
    pub reorder: ReorderWindow,
    /// Noise suppression in front of the voice detector. Default off.
    pub denoise: DenoiseMode,
    /// How much of it, 0 to 1; see [`Denoiser::new`](crate::Denoiser::new). Default 1.
    pub denoise_strength: f32,
    /// The voice detector. Default neural.
    pub vad: VadKind,
    /// When the voice gate opens and closes. Default: as the voice detector was measured best.
    pub gate: Option<GateConfig>,
    /// Guard against the agent's own voice. Default on.
    pub guards_echo: bool,
    /// The rate at which the recogniser wants its audio. Default 16 kHz.
    pub recogniser_rate: SampleRate,
    /// Seed of the comfort noise.
    pub seed: u64,
}

/// An inbound chain that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    /// The decoder.
    #[error("inbound decoder")]
    Decoder(#[from] SetupError),
    /// A change of rate.
    #[error("inbound resampler")]
    Resampler(#[from] ResamplerError),
    /// The tone detectors.
    #[error("inbound tone detector")]
    Tone(#[from] UnsupportedToneRate),
    /// The noise suppressor.
    #[error("inbound noise suppressor")]
    Denoise(#[from] DenoiserError),
    /// The voice detector.
    #[error("inbound voice detector")]
    Vad(#[from] UnsupportedVadRate),
}

/// 20 ms of the call as it was heard. Samples are lent until the closure returns.
#[derive(Debug)]
pub struct InboundFrame<'a> {
    /// When it was spoken, in the media time of the stream.
    pub time: MediaTime,
    /// Whether the carrier sent it.
    pub origin: FrameOrigin,
    /// It came more than 100 ms behind the stream's usual pace.
    pub is_late: bool,
    /// The line as it was, at its own rate: what a recording holds.
    pub line: &'a [i16],
    /// What the recogniser hears, at [`InboundSettings::recogniser_rate`].
    pub recogniser: &'a [i16],
    /// What the stages made of the frame, at the analysis rate.
    pub stages: Stages<'a>,
    /// Keypad digits.
    pub dtmf: &'a DtmfFrame,
    /// Record and call-progress tones that were recognised with this frame.
    pub tones: &'a [ToneEvent],
    /// The agent's own voice.
    pub echo: EchoReport,
    /// The noise suppressor; `None` when it is off.
    pub denoise: Option<DenoiseReport>,
    /// How likely somebody speaks.
    pub speech: SpeechProbability,
    /// Talk spurts.
    pub gate: GateFrame,
}

/// The frame after each stage, at the analysis rate.
#[derive(Clone, Copy, Debug)]
pub struct Stages<'a> {
    /// With keypad tones blanked.
    pub blanked: &'a [i16],
    /// With the agent's own voice suppressed as well.
    pub guarded: &'a [i16],
    /// With noise suppressed as well: what the voice detector hears.
    pub denoised: &'a [i16],
}

/// What an inbound stream went through so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboundStats {
    /// Packets, losses, gaps.
    pub reception: ReceptionStats,
    /// Packets that the decoder refused; each is treated as lost.
    pub malformed_packets: u64,
    /// Packets without payload.
    pub empty_packets: u64,
    /// Bytes at the end of payloads that were no whole sample.
    pub ignored_bytes: u64,
    /// Tone events dropped because more than a frame can report came at once.
    pub lost_tone_events: u64,
}

/// The inbound chain of one call.
///
/// Getters, then [`reset`](Self::reset), then input: [`handle_packet`](Self::handle_packet) for
/// each packet, [`advance`](Self::advance) when [`deadline`](Self::deadline) has come. Each takes
/// `far`, which is asked for the 20 ms that were sent to the caller at a moment of the stream's
/// media time, at the line's rate, and `sink`, which is handed the frames. `new` allocates; nothing
/// else does.
pub struct InboundChain {
    receiver: Receiver,
    analysis: Analysis,
}

impl InboundSettings {
    /// The defaults for a carrier that sends this format continuously and in order.
    pub fn new(format: CodecFormat) -> Self {
        Self {
            format,
            detects_byte_order: false,
            stream: StreamKind::Continuous,
            reorder: ReorderWindow::ORDERED,
            denoise: DenoiseMode::Off,
            denoise_strength: 1.0,
            vad: VadKind::default(),
            gate: None,
            guards_echo: true,
            recogniser_rate: SampleRate::HZ_16000,
            seed: 0,
        }
    }

    /// The rate of detectors and [`Stages`].
    pub fn analysis_rate(&self) -> SampleRate {
        if self.format.sample_rate() == SampleRate::HZ_8000 {
            SampleRate::HZ_8000
        } else {
            SampleRate::HZ_16000
        }
    }
}

impl InboundChain {
    /// Allocates the chain.
    ///
    /// # Errors
    /// [`InboundError`] where a stage cannot work at the rates of the settings.
    pub fn new(settings: &InboundSettings) -> Result<Self, InboundError> {
        Ok(Self { receiver: Receiver::new(settings)?, analysis: Analysis::new(settings)? })
    }

    /// What the stream went through so far.
    pub fn stats(&self) -> InboundStats {
        InboundStats { lost_tone_events: self.analysis.lost_tone_events(), ..self.receiver.stats() }
    }

    /// When [`advance`](Self::advance) has something to do if nothing arrives before.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.receiver.deadline()
    }

    /// How far the voice detector's answer is behind the line, in samples at the analysis rate.
    pub fn analysis_delay_samples(&self) -> usize {
        self.analysis.delay_samples()
    }

    /// Starts media time before the first packet; see [`StreamKind::Dtx`].
    pub fn start(&mut self, now: Timestamp) {
        self.receiver.start(now);
    }

    /// Tones that this engine sends itself and hears come back are not reported until this sample
    /// of the stream, at the analysis rate.
    pub fn mask_own_tones_until(&mut self, sample: u64) {
        self.analysis.mask_own_tones_until(sample);
    }

    /// Forgets the stream, for one that begins anew.
    pub fn reset(&mut self) {
        self.receiver.reset();
        self.analysis.reset();
    }

    /// Takes one packet; hands on the frames that it completes.
    pub fn handle_packet(
        &mut self,
        arrival: Timestamp,
        packet: MediaPacket<'_>,
        mut far: impl FnMut(MediaTime, &mut [i16]),
        mut sink: impl FnMut(InboundFrame<'_>),
    ) {
        let analysis = &mut self.analysis;
        self.receiver.handle_packet(arrival, packet, |frame| {
            analysis.process(frame, &mut far, &mut sink);
        });
    }

    /// Lets time pass: gives up on packets that do not come, fills pauses of a stream that sends
    /// none.
    pub fn advance(
        &mut self,
        now: Timestamp,
        mut far: impl FnMut(MediaTime, &mut [i16]),
        mut sink: impl FnMut(InboundFrame<'_>),
    ) {
        let analysis = &mut self.analysis;
        self.receiver.advance(now, |frame| analysis.process(frame, &mut far, &mut sink));
    }
}

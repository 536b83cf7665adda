//! Everything that happens to a phone call's samples between the wire and the recogniser or the
//! voice: codecs, resampling, voice detection, noise, echo, tones, playout. It knows no carrier, no
//! socket, no clock and no rule of a conversation: it reports what it hears.

mod codec;
mod denoise;
mod echo_guard;
mod fused;
mod inbound;
mod outbound;
mod playout;
mod power_spectrum;
mod reception;
mod resample;
mod tone;
mod vad;

pub use codec::{
    ByteOrder, ByteOrderDetector, DecodeError, Decoded, Decoder, EncodeError, Encoder, G722Mode,
    OpusConfig, SetupError,
};
pub use denoise::{DenoiseMode, DenoiseReport, Denoiser, DenoiserError};
pub use echo_guard::{EchoGuard, EchoReport};
pub use inbound::{
    InboundChain, InboundError, InboundFrame, InboundSettings, InboundStats, Stages,
};
pub use outbound::{OutboundChain, OutboundError, OutboundFrame, OutboundSettings, VoiceIntake};
pub use playout::{
    Ambience, AmbienceConfig, Bed, BedError, BedKind, BedLibrary, BedRateMismatch, DECLICK_MS,
    Ducker, DuckingConfig, FadeOut, Gain, Interrupted, LeadingSilenceTrimmer, MixReport,
    PlayedHistory, PlayoutConfig, PlayoutMixer, SoftLimiter, Speech, TrimmedSpeech, fade_tail_into,
    multiplier_from_db,
};
pub use reception::{
    CarrierTime, ComfortNoise, Concealer, EncodedPacket, FrameOrigin, InvalidNoiseLevel,
    MediaFrame, MediaTime, MediaTimeline, ReceptionStats, Released, ReorderBuffer, ReorderWindow,
    StreamKind,
};
pub use resample::{Resampler, ResamplerError};
pub use tone::{
    DtmfConfig, DtmfConfigError, DtmfDetector, DtmfEnd, DtmfFrame, DtmfGenerator, DtmfStart,
    EnqueueDtmfError, FULL_SCALE_SINE_DBM0, ProgressToneDetector, ProgressToneGenerator,
    ToneBlanker, ToneCadence, TonePlan, ToneSegment, UnsupportedToneRate,
};
pub use vad::{
    FrameEvidence, GateConfig, GateEdge, GateFrame, NeuralVad, SpeechProbability,
    UnsupportedVadRate, Vad, VadKind, VoiceDetector, VoiceGate, WebRtcVad,
};

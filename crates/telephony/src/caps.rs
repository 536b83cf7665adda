//! What a carrier's media stream can do: the session asks this instead of the carrier's name.

use std::fmt;

use offhook_types::{Codec, CodecFormat};
use serde::{Deserialize, Serialize};

/// A carrier whose dialect is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// Browsers, tests and other programs, over the dialect that this project defines.
    Raw,
    /// Twilio Media Streams.
    Twilio,
    /// Telnyx Media Streaming.
    Telnyx,
    /// Plivo Audio Streaming, and carriers that copy it.
    Plivo,
    /// Vonage Voice WebSocket.
    Vonage,
}

/// What one media stream can do, from its `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Whose stream it is.
    pub carrier: Carrier,
    /// Whether the carrier sends audio all the time, so that a missing frame is a stall and not
    /// silence.
    pub is_continuous: bool,
    /// How many packets may arrive before one that was spoken earlier; 0 where order is kept.
    pub reorder_packets: u8,
    /// What the carrier says about what was played.
    pub marks: MarkSupport,
    /// Whether a mark that is sent while nothing is playing comes back at once.
    pub returns_idle_marks: bool,
    /// What it does with a clear.
    pub clear: ClearSupport,
    /// How long, after a clear, new audio is held for the acknowledgement, in milliseconds: sent
    /// before it, the audio may be thrown away with the old. `None` where nothing is held.
    pub clear_barrier_ms: Option<u32>,
    /// Whether it is uncertain which byte of linear audio comes first, so that whoever decodes it
    /// should find out by listening.
    pub detects_byte_order: bool,
    /// How audio must be cut into messages.
    pub chunks: ChunkRule,
    /// How far audio may be sent ahead of the play head, in milliseconds. Less than a second only
    /// where the carrier plays what arrives without a buffer of its own.
    pub lead_ms_max: u32,
    /// Whether the carrier takes silence on the stream for a dead engine, so that audio must be
    /// sent all the time.
    pub needs_audio_always: bool,
    /// Whether keys come as messages; they may come as tones as well.
    pub sends_dtmf: bool,
    /// How digits are sent.
    pub dtmf_out: DtmfOut,
    /// How a call is ended.
    pub hangup: HangupMeans,
    /// Whether WebSocket pings are answered and harmless.
    pub may_ping: bool,
    /// The longest text message that the carrier reads, in bytes.
    pub text_bytes_max: usize,
}

/// What the return of marks is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkSupport {
    /// There are none: what was heard is estimated from the clock.
    None,
    /// A mark returns if and only if everything before it was played.
    WhenPlayed,
    /// A mark returns when everything before it was played, and also when it is thrown away.
    AlsoWhenCleared,
    /// Each mark returns, and says whether it was played or thrown away.
    Labelled,
}

/// What a carrier does with a clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClearSupport {
    /// It has none: what was sent will be played.
    None,
    /// It clears and says nothing.
    Silent,
    /// It clears and says so; nothing that was sent before will be played after that.
    Acknowledged,
}

/// How audio must be cut into messages. The unit is a frame of 20 ms, which every carrier takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkRule {
    /// Fewest frames in a message; the last of an utterance is filled up with silence.
    pub frames_min: usize,
    /// Most frames in a message.
    pub frames_max: usize,
    /// Most bytes of audio in a message, before any base64. A single frame is always sent.
    pub bytes_max: usize,
}

/// How digits reach the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtmfOut {
    /// By a message on the stream.
    Stream,
    /// By the carrier's REST API.
    Rest,
    /// As tones in the audio: the carrier has no other way that leaves the stream alone.
    InBand,
}

/// How a call is ended from this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangupMeans {
    /// A message on the stream.
    Stream,
    /// Closing the socket, where nothing follows the stream in the answer document.
    Close,
    /// Only the carrier's REST API: closing the socket leaves the caller on a silent line.
    Rest,
}

impl Carrier {
    /// Every carrier, in the order of the enum.
    pub const ALL: [Self; 5] = [Self::Raw, Self::Twilio, Self::Telnyx, Self::Plivo, Self::Vonage];

    /// The name in paths, configuration, traces and metrics; the same as the serialised one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Twilio => "twilio",
            Self::Telnyx => "telnyx",
            Self::Plivo => "plivo",
            Self::Vonage => "vonage",
        }
    }
}

impl ChunkRule {
    /// Whole frames in each message, as many as are there.
    pub(crate) const ANY: Self = Self { frames_min: 1, frames_max: 50, bytes_max: 64_000 };

    /// Most frames of this format in a message, at least 1.
    pub fn frames_max_of(&self, format: CodecFormat) -> usize {
        let by_bytes = frame_bytes(format).map_or(1, |bytes| self.bytes_max / bytes);
        self.frames_max.min(by_bytes).max(self.frames_min).max(1)
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Bytes of 20 ms of this format; `None` where they vary.
pub(crate) fn frame_bytes(format: CodecFormat) -> Option<usize> {
    let samples = format.sample_rate().frame_samples();
    match format.codec() {
        Codec::Pcmu | Codec::Pcma => Some(samples),
        Codec::L16Le | Codec::L16Be => Some(2 * samples),
        Codec::G722 => Some(samples / 2),
        Codec::Opus => None,
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::SampleRate;

    use super::*;

    #[test]
    fn a_carrier_serialises_under_the_name_it_displays() {
        for carrier in Carrier::ALL {
            assert_eq!(serde_json::to_string(&carrier).unwrap(), format!("\"{carrier}\""));
        }
    }

    #[test]
    fn twenty_milliseconds_have_the_bytes_that_samples_in_bytes_reads_back() {
        for format in [CodecFormat::PCMU, CodecFormat::PCMA, CodecFormat::G722] {
            let samples = frame_bytes(format).and_then(|bytes| format.samples_in_bytes(bytes));
            assert_eq!(samples, Some(format.sample_rate().frame_samples()));
        }
        let wide = CodecFormat::new(Codec::L16Be, SampleRate::HZ_24000).unwrap();
        assert_eq!(frame_bytes(wide), Some(960));
    }

    #[test]
    fn opus_packets_go_one_by_one_because_a_message_holds_one() {
        let opus = CodecFormat::new(Codec::Opus, SampleRate::HZ_48000).unwrap();
        assert_eq!(ChunkRule::ANY.frames_max_of(opus), 1);
        assert_eq!(ChunkRule::ANY.frames_max_of(CodecFormat::PCMU), 50);
    }
}

//! The call's media stream, the same for every carrier: what arrives on it and what is sent.
//!
//! Audio is lent, not owned: a frame is decoded out of the message it came in and encoded into the
//! message it leaves in, so neither direction allocates. These types are therefore not
//! serialisable; a trace writes [`MediaNote`], and the audio itself only where recording is
//! allowed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CodecFormat, DtmfDigit, Generation, Party, Pii, UtteranceId};

/// What a carrier's media stream brings.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaEvent<'a> {
    /// The stream began.
    Started(Box<StreamStart>),
    /// Encoded audio from the caller.
    Audio(MediaPacket<'a>),
    /// The caller pressed a key and the carrier says so.
    Dtmf {
        /// The key.
        digit: DtmfDigit,
        /// How long it was held, where the carrier says.
        duration_ms: Option<u32>,
    },
    /// A mark came back.
    Mark {
        /// The mark as it was sent.
        mark: Mark,
        /// What its return proves.
        outcome: MarkOutcome,
    },
    /// The carrier acknowledged a clear: nothing sent before it will be played.
    Cleared,
    /// How much is waiting to be played, for carriers that can be asked.
    Queue {
        /// Frames not yet handed to the line.
        frames_left: u32,
    },
    /// The carrier asks for a pause in sending, or its end.
    Flow {
        /// Nothing may be sent from now on.
        is_paused: bool,
    },
    /// The caller's side reports from its own counter how much of a generation it has played.
    Played {
        /// The generation.
        generation: Generation,
        /// Samples of it that were played.
        samples: u64,
    },
    /// A burst of audio began to play, for carriers without marks.
    PlaybackStarted,
    /// Everything sent so far has been played, for carriers without marks.
    PlaybackCompleted,
    /// The carrier complains about what it was sent.
    Error {
        /// Its own code, where there is one.
        code: Option<u32>,
        /// Its words.
        text: &'a str,
    },
    /// The stream ended.
    Stopped,
}

/// Encoded audio as it came off the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaPacket<'a> {
    /// Codec bytes without any header.
    pub payload: &'a [u8],
    /// Position among the packets of the stream, where the carrier counts them.
    pub sequence: Option<u64>,
    /// When it was spoken, in milliseconds since the stream began, where the carrier says and can
    /// be believed.
    pub timestamp_ms: Option<u64>,
}

/// How a media stream introduces itself. Everything in it was written by the other end: it names a
/// call only together with a token that this engine issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamStart {
    /// The carrier's id of the stream.
    pub stream: String,
    /// The carrier's id of the call.
    pub carrier_call: String,
    /// Who calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Party>,
    /// Who is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Party>,
    /// What the caller's audio is encoded with.
    pub inbound: CodecFormat,
    /// What the agent's audio must be encoded with.
    pub outbound: CodecFormat,
    /// Custom parameters of the call, in the carrier's spelling.
    pub parameters: BTreeMap<String, Pii<String>>,
}

/// What is sent on a carrier's media stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MediaCommand<'a> {
    /// Encoded audio for the caller.
    Audio {
        /// Codec bytes without any header.
        payload: &'a [u8],
    },
    /// Report when everything sent so far has been played.
    Mark(Mark),
    /// Throw away what is not yet played. What follows belongs to a new generation.
    Clear {
        /// The generation that starts here.
        next: Generation,
    },
    /// Send digits, where the carrier can.
    Dtmf {
        /// In order.
        digits: &'a [DtmfDigit],
    },
    /// End the call, where the stream can.
    Hangup,
}

/// A position in the agent's audio that a carrier is asked to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The generation it belongs to.
    pub generation: Generation,
    /// The clause that plays there.
    pub utterance: UtteranceId,
    /// Samples of the generation that lie before it.
    pub end_sample: u64,
}

/// What the return of a mark proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkOutcome {
    /// Everything before it was played.
    Played,
    /// It was thrown away by a clear.
    Cleared,
    /// The carrier returns marks on a clear as well and does not say which of the two this is.
    Unknown,
}

/// What a trace keeps of a media event: everything but the audio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MediaNote {
    /// The stream began.
    Started(Box<StreamStart>),
    /// A key by the carrier's word.
    Dtmf {
        /// The key.
        digit: DtmfDigit,
    },
    /// A mark came back.
    Mark {
        /// The mark.
        mark: Mark,
        /// What it proves.
        outcome: MarkOutcome,
    },
    /// A clear was acknowledged.
    Cleared,
    /// The carrier complained.
    Error {
        /// Its own code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u32>,
        /// Its words.
        text: String,
    },
    /// The stream ended.
    Stopped,
}

/// A mark name that this engine did not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mark name is not of the form g<generation>:u<utterance>:<sample>")]
pub struct ForeignMark;

impl Mark {
    /// Longest wire form: `g4294967295:u4294967295:18446744073709551615`. Asterisk ignores text
    /// messages of more than 128 bytes, so a mark leaves room for the rest of one.
    pub const NAME_BYTES_MAX: usize = 44;

    /// Reads the wire form back.
    ///
    /// # Errors
    /// [`ForeignMark`] for any other text.
    pub fn parse(name: &str) -> Result<Self, ForeignMark> {
        let mut parts = name.split(':');
        let (generation, utterance, sample) = (parts.next(), parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(ForeignMark);
        }
        let count = |part: Option<&str>, prefix| {
            let digits = part.and_then(|part| part.strip_prefix(prefix)).ok_or(ForeignMark)?;
            decimal(digits).and_then(|value| u32::try_from(value).map_err(|_| ForeignMark))
        };
        Ok(Self {
            generation: Generation::new(count(generation, 'g')?),
            utterance: UtteranceId::new(count(utterance, 'u')?),
            end_sample: decimal(sample.ok_or(ForeignMark)?)?,
        })
    }
}

impl fmt::Display for Mark {
    /// The wire form, `g3:u7:12800`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}:u{}:{}", self.generation, self.utterance, self.end_sample)
    }
}

impl MediaEvent<'_> {
    /// What a trace keeps of this event, or nothing for audio, queue reports and flow control.
    pub fn note(&self) -> Option<MediaNote> {
        match self {
            Self::Started(start) => Some(MediaNote::Started(start.clone())),
            Self::Dtmf { digit, .. } => Some(MediaNote::Dtmf { digit: *digit }),
            Self::Mark { mark, outcome } => {
                Some(MediaNote::Mark { mark: *mark, outcome: *outcome })
            }
            Self::Cleared => Some(MediaNote::Cleared),
            Self::Error { code, text } => {
                Some(MediaNote::Error { code: *code, text: (*text).to_owned() })
            }
            Self::Stopped => Some(MediaNote::Stopped),
            Self::Audio(_)
            | Self::Queue { .. }
            | Self::Flow { .. }
            | Self::Played { .. }
            | Self::PlaybackStarted
            | Self::PlaybackCompleted => None,
        }
    }
}

/// A decimal number without sign or leading zeros, so that each mark has one spelling.
fn decimal(digits: &str) -> Result<u64, ForeignMark> {
    let canonical = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'));
    if canonical { digits.parse().map_err(|_| ForeignMark) } else { Err(ForeignMark) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mark_fits_the_tightest_carrier() {
        let longest = Mark {
            generation: Generation::new(u32::MAX),
            utterance: UtteranceId::new(u32::MAX),
            end_sample: u64::MAX,
        };
        assert_eq!(longest.to_string().len(), Mark::NAME_BYTES_MAX);
    }

    #[test]
    fn a_mark_that_we_did_not_write_is_foreign() {
        for name in ["", "m1", "g1:u2", "g1:u2:3:4", "g+1:u2:3", "g01:u2:3", "u1:g2:3", "g1:u2:-3"]
        {
            assert_eq!(Mark::parse(name), Err(ForeignMark), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_mark_survives_the_wire(generation: u32, utterance: u32, end_sample: u64) {
            let mark = Mark {
                generation: Generation::new(generation),
                utterance: UtteranceId::new(utterance),
                end_sample,
            };
            prop_assert_eq!(Mark::parse(&mark.to_string()), Ok(mark));
        }

        #[test]
        fn any_mark_name_is_read_back_to_the_letter_or_refused(name in ".*") {
            if let Ok(mark) = Mark::parse(&name) {
                prop_assert_eq!(mark.to_string(), name);
            }
        }
    }
}

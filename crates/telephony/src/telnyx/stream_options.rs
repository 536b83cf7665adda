//! The media-stream fields of Telnyx' Call Control commands.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::Secret;
use crate::answer::{AnswerError, AnswerProblem, check_length, check_url};

/// What `dial`, `answer` and `streaming_start` take about media streaming (PyPI `telnyx` 4.189.0,
/// `types/call_dial_params.py`, `types/calls/action_*_params.py`). The defaults are what a
/// one-legged agent call needs, not what Telnyx assumes when a field is left out: MP3 sent to the
/// opposite leg, which a caller does not hear.
#[derive(Clone, Debug, Serialize)]
pub struct StreamOptions {
    /// The WebSocket address.
    pub stream_url: String,
    /// Whose audio we hear.
    pub stream_track: StreamTrack,
    /// The audio we hear; Telnyx uses the call's own where it cannot convert. None: the call's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_codec: Option<TelnyxCodec>,
    /// The form of the audio we send.
    pub stream_bidirectional_mode: BidirectionalMode,
    /// The audio we send, in mode `rtp`.
    pub stream_bidirectional_codec: TelnyxCodec,
    /// Its rate in Hz. None: 8000. `answer` has no such field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_bidirectional_sampling_rate: Option<u32>,
    /// Who hears the audio we send.
    pub stream_bidirectional_target_legs: TargetLegs,
    /// Comes back in a header of the upgrade. `answer` has no such field in the library, though
    /// the documentation says that it takes the same ones.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub stream_auth_token: Option<Secret>,
    /// `dial` only: opens the stream before the call is placed, so that no word is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_establish_before_call_originate: Option<bool>,
    /// `dial` and `answer`: keeps RTP flowing while we send nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_silence_when_idle: Option<bool>,
    /// `streaming_start` only: comes back in the stream's `start` message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_parameters: Vec<CustomParameter>,
}

/// One of [`StreamOptions::custom_parameters`]. `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Whose audio a stream carries to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamTrack {
    /// The other end's.
    #[default]
    InboundTrack,
    /// What the other end hears.
    OutboundTrack,
    /// Both, as separate messages.
    BothTracks,
}

/// The form of the audio that we send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BidirectionalMode {
    /// Whole MP3 files, one message a second. Telnyx' own default.
    Mp3,
    /// Payloads of the codec, 20 ms to 30 s each.
    #[default]
    Rtp,
}

/// Who hears the audio that we send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetLegs {
    /// Both legs.
    Both,
    /// The leg that is streamed: the only one of an agent call.
    #[default]
    #[serde(rename = "self")]
    Own,
    /// The other leg of a bridged call. Telnyx' own default.
    Opposite,
}

/// Telnyx' names of codecs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TelnyxCodec {
    /// µ-law.
    #[default]
    #[serde(rename = "PCMU")]
    Pcmu,
    /// A-law.
    #[serde(rename = "PCMA")]
    Pcma,
    /// G.722.
    #[serde(rename = "G722")]
    G722,
    /// Opus.
    #[serde(rename = "OPUS")]
    Opus,
    /// AMR-WB.
    #[serde(rename = "AMR-WB")]
    AmrWb,
    /// PCM of 16 bits.
    #[serde(rename = "L16")]
    L16,
}

impl TelnyxCodec {
    /// The name on the wire; case matters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::G722 => "G722",
            Self::Opus => "OPUS",
            Self::AmrWb => "AMR-WB",
            Self::L16 => "L16",
        }
    }

    /// Checks a rate in Hz: G.711 has one, the others those that Telnyx lists.
    pub(super) fn check_rate(self, parameter: &str, rate_hz: u32) -> Result<(), AnswerError> {
        let (rates, allowed): (&[u32], _) = match self {
            Self::Pcmu | Self::Pcma => (&[8_000], "8000"),
            Self::G722 | Self::Opus | Self::AmrWb | Self::L16 => {
                (&[8_000, 16_000, 22_050, 24_000, 48_000], "8000, 16000, 22050, 24000 or 48000")
            }
        };
        if rates.contains(&rate_hz) {
            return Ok(());
        }
        Err(AnswerError::new(parameter, AnswerProblem::Rate { rate_hz, allowed }))
    }
}

/// Longest token (PyPI `telnyx` 4.189.0).
const TOKEN_CHARS_MAX: usize = 4_000;

impl StreamOptions {
    /// A two-way stream to `url` in PCMU.
    pub fn new(url: &str) -> Self {
        Self {
            stream_url: url.to_owned(),
            stream_track: StreamTrack::default(),
            stream_codec: Some(TelnyxCodec::Pcmu),
            stream_bidirectional_mode: BidirectionalMode::default(),
            stream_bidirectional_codec: TelnyxCodec::default(),
            stream_bidirectional_sampling_rate: None,
            stream_bidirectional_target_legs: TargetLegs::default(),
            stream_auth_token: None,
            stream_establish_before_call_originate: None,
            send_silence_when_idle: None,
            custom_parameters: Vec::new(),
        }
    }

    /// Checks what Telnyx would refuse.
    ///
    /// # Errors
    ///
    /// The field at fault.
    pub fn check(&self) -> Result<(), AnswerError> {
        check_url("stream_url", &self.stream_url, &["wss://", "ws://"])?;
        if let Some(rate_hz) = self.stream_bidirectional_sampling_rate {
            let field = "stream_bidirectional_sampling_rate";
            self.stream_bidirectional_codec.check_rate(field, rate_hz)?;
        }
        let token = self.stream_auth_token.as_ref().map_or("", Secret::expose);
        check_length("stream_auth_token", token.chars().count(), TOKEN_CHARS_MAX, "characters")
    }
}

impl fmt::Debug for CustomParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomParameter({:?})", self.name)
    }
}

fn exposed<S: Serializer>(token: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Secret::expose).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_defaults_are_audible_to_the_caller() {
        let options = StreamOptions::new("wss://agent.example.com/telnyx/media");
        assert_eq!(
            serde_json::to_value(&options).unwrap(),
            json!({
                "stream_url": "wss://agent.example.com/telnyx/media",
                "stream_track": "inbound_track",
                "stream_codec": "PCMU",
                "stream_bidirectional_mode": "rtp",
                "stream_bidirectional_codec": "PCMU",
                "stream_bidirectional_target_legs": "self",
            })
        );
        assert_eq!(options.check(), Ok(()));
    }

    #[test]
    fn every_field_has_its_name_on_the_wire() {
        let options = StreamOptions {
            stream_track: StreamTrack::BothTracks,
            stream_codec: None,
            stream_bidirectional_mode: BidirectionalMode::Mp3,
            stream_bidirectional_codec: TelnyxCodec::L16,
            stream_bidirectional_sampling_rate: Some(16_000),
            stream_bidirectional_target_legs: TargetLegs::Opposite,
            stream_auth_token: Some(Secret::new("t0ken").unwrap()),
            stream_establish_before_call_originate: Some(true),
            send_silence_when_idle: Some(true),
            custom_parameters: vec![CustomParameter {
                name: "a".into(),
                value: "t0ken too".into(),
            }],
            ..StreamOptions::new("ws://127.0.0.1/media")
        };
        assert_eq!(
            serde_json::to_value(&options).unwrap(),
            json!({
                "stream_url": "ws://127.0.0.1/media",
                "stream_track": "both_tracks",
                "stream_bidirectional_mode": "mp3",
                "stream_bidirectional_codec": "L16",
                "stream_bidirectional_sampling_rate": 16000,
                "stream_bidirectional_target_legs": "opposite",
                "stream_auth_token": "t0ken",
                "stream_establish_before_call_originate": true,
                "send_silence_when_idle": true,
                "custom_parameters": [{"name": "a", "value": "t0ken too"}],
            })
        );
        assert!(!format!("{options:?}").contains("t0ken"));
    }

    #[test]
    fn codecs_are_written_as_telnyx_spells_them() {
        use TelnyxCodec::{AmrWb, G722, L16, Opus, Pcma, Pcmu};
        for codec in [Pcmu, Pcma, G722, Opus, AmrWb, L16] {
            assert_eq!(serde_json::to_value(codec).unwrap(), codec.name());
        }
    }

    #[test]
    fn what_telnyx_would_refuse_is_named() {
        let good = StreamOptions::new("wss://a.example/");
        let error = |options: StreamOptions| options.check().unwrap_err().to_string();
        assert_eq!(error(StreamOptions::new("https://a")), "stream_url must start with wss://");
        let token = Secret::new(&"x".repeat(4_001)).unwrap();
        assert_eq!(
            error(StreamOptions { stream_auth_token: Some(token), ..good.clone() }),
            "stream_auth_token has 4001 characters: at most 4000"
        );
        assert_eq!(
            error(StreamOptions { stream_bidirectional_sampling_rate: Some(16_000), ..good }),
            "stream_bidirectional_sampling_rate is 16000 Hz: use 8000"
        );
    }
}

//! Which bytes stand for which samples: the codecs that carriers and providers name on the wire.
//!
//! Only names and facts of the formats live here; encoding and decoding is `offhook-audio`'s.
//! AMR-WB, G.729 and MP3 are left out: the carriers that offer them offer one of these as well.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SampleRate;

/// How the samples of a mono stream are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// G.711 µ-law, a byte per sample at 8 kHz. RTP calls it `PCMU`, carriers also `audio/x-mulaw`.
    Pcmu,
    /// G.711 A-law, a byte per sample at 8 kHz. RTP calls it `PCMA`.
    Pcma,
    /// 16-bit linear, low byte first: what most WebSocket dialects mean by `L16` or `linear16`.
    L16Le,
    /// 16-bit linear, high byte first: what RFC 3551 §4.5.11 means by `L16`.
    L16Be,
    /// G.722 at 64 kbit/s: a byte for two samples at 16 kHz. Carriers announce it with a rate of
    /// 8000, the RTP clock that RFC 3551 §4.5.2 kept by mistake; the audio is 16 kHz all the same.
    G722,
    /// Opus (RFC 6716): a packet of 2.5 to 120 ms, decoded at whichever of its rates is wanted.
    Opus,
}

/// A codec together with the rate of its decoded audio; only pairs that exist can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawFormat", into = "RawFormat")]
pub struct CodecFormat {
    codec: Codec,
    sample_rate: SampleRate,
}

/// A codec was asked for at a rate that it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{codec} has no audio at {sample_rate}")]
pub struct UnsupportedFormat {
    /// What was asked for.
    pub codec: Codec,
    /// The rate of the decoded audio that was asked for.
    pub sample_rate: SampleRate,
}

impl Codec {
    /// Every codec, in the order of the enum.
    pub const ALL: [Self; 6] =
        [Self::Pcmu, Self::Pcma, Self::L16Le, Self::L16Be, Self::G722, Self::Opus];

    /// The name in configuration, traces and metrics; the same as the serialised one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pcmu => "pcmu",
            Self::Pcma => "pcma",
            Self::L16Le => "l16_le",
            Self::L16Be => "l16_be",
            Self::G722 => "g722",
            Self::Opus => "opus",
        }
    }

    /// The byte that decodes to silence wherever it stands, to pad a short payload with: in G.711
    /// the smallest positive value (tables 1a and 2a), which is 0 in µ-law and half a step in
    /// A-law. G.722 and Opus have no such byte: encode silence.
    pub const fn silence_byte(self) -> Option<u8> {
        match self {
            Self::Pcmu => Some(0xFF),
            Self::Pcma => Some(0xD5),
            Self::L16Le | Self::L16Be => Some(0x00),
            Self::G722 | Self::Opus => None,
        }
    }

    /// Whether a payload means what it means only after the payloads before it: these must be
    /// decoded in order, once, and a loss is heard beyond the lost audio.
    pub const fn is_stateful(self) -> bool {
        match self {
            Self::Pcmu | Self::Pcma | Self::L16Le | Self::L16Be => false,
            Self::G722 | Self::Opus => true,
        }
    }

    /// Whether the codec carries audio of this rate.
    pub const fn supports(self, sample_rate: SampleRate) -> bool {
        match self {
            Self::Pcmu | Self::Pcma => sample_rate.hz() == 8_000,
            Self::L16Le | Self::L16Be => true,
            Self::G722 => sample_rate.hz() == 16_000,
            // RFC 6716 §2: the five rates at which an Opus decoder can run.
            Self::Opus => matches!(sample_rate.hz(), 8_000 | 12_000 | 16_000 | 24_000 | 48_000),
        }
    }
}

impl CodecFormat {
    /// µ-law: the default of nearly every carrier.
    pub const PCMU: Self = Self { codec: Codec::Pcmu, sample_rate: SampleRate::HZ_8000 };
    /// A-law: the European default.
    pub const PCMA: Self = Self { codec: Codec::Pcma, sample_rate: SampleRate::HZ_8000 };
    /// G.722, wide-band.
    pub const G722: Self = Self { codec: Codec::G722, sample_rate: SampleRate::HZ_16000 };

    /// Pairs a codec with the rate of its decoded audio.
    ///
    /// # Errors
    /// [`UnsupportedFormat`] where [`Codec::supports`] is false.
    pub const fn new(codec: Codec, sample_rate: SampleRate) -> Result<Self, UnsupportedFormat> {
        if codec.supports(sample_rate) {
            Ok(Self { codec, sample_rate })
        } else {
            Err(UnsupportedFormat { codec, sample_rate })
        }
    }

    /// How samples are written as bytes.
    pub const fn codec(self) -> Codec {
        self.codec
    }

    /// The rate of the decoded audio.
    pub const fn sample_rate(self) -> SampleRate {
        self.sample_rate
    }

    /// Whole samples in a payload of `bytes` bytes; `None` for Opus, whose packets say themselves
    /// how long they are.
    pub const fn samples_in_bytes(self, bytes: usize) -> Option<usize> {
        match self.codec {
            Codec::Pcmu | Codec::Pcma => Some(bytes),
            Codec::L16Le | Codec::L16Be => Some(bytes / 2),
            Codec::G722 => Some(bytes.saturating_mul(2)),
            Codec::Opus => None,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CodecFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.codec, self.sample_rate)
    }
}

/// The serialised form, before it is checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFormat {
    codec: Codec,
    sample_rate_hz: SampleRate,
}

impl TryFrom<RawFormat> for CodecFormat {
    type Error = UnsupportedFormat;

    fn try_from(raw: RawFormat) -> Result<Self, UnsupportedFormat> {
        Self::new(raw.codec, raw.sample_rate_hz)
    }
}

impl From<CodecFormat> for RawFormat {
    fn from(format: CodecFormat) -> Self {
        Self { codec: format.codec, sample_rate_hz: format.sample_rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_serialises_under_the_name_it_displays() {
        for codec in Codec::ALL {
            let json = serde_json::to_string(&codec).unwrap();
            assert_eq!(json, format!("\"{codec}\""));
            assert_eq!(serde_json::from_str::<Codec>(&json).unwrap(), codec);
        }
    }

    #[test]
    fn every_codec_has_exactly_the_rates_of_its_standard() {
        // G.711 §2: 8000 samples a second. G.722 §1.1: 16 kHz. RFC 6716 §2: five rates.
        let rates = |codec: Codec| -> Vec<u32> {
            (8_000..=48_000)
                .step_by(50)
                .filter(|&hz| CodecFormat::new(codec, SampleRate::new(hz).unwrap()).is_ok())
                .collect()
        };
        assert_eq!(rates(Codec::Pcmu), [8_000]);
        assert_eq!(rates(Codec::Pcma), [8_000]);
        assert_eq!(rates(Codec::G722), [16_000]);
        assert_eq!(rates(Codec::Opus), [8_000, 12_000, 16_000, 24_000, 48_000]);
        assert_eq!(rates(Codec::L16Le).len(), 801);
        assert_eq!(rates(Codec::L16Be).len(), 801);
    }

    #[test]
    fn a_format_that_does_not_exist_cannot_be_read() {
        let format = CodecFormat::new(Codec::L16Be, SampleRate::HZ_16000).unwrap();
        let json = serde_json::to_string(&format).unwrap();
        assert_eq!(json, r#"{"codec":"l16_be","sample_rate_hz":16000}"#);
        assert_eq!(serde_json::from_str::<CodecFormat>(&json).unwrap(), format);
        for bad in [
            r#"{"codec":"pcmu","sample_rate_hz":16000}"#,
            r#"{"codec":"g722","sample_rate_hz":8000}"#,
            r#"{"codec":"opus","sample_rate_hz":44100}"#,
            r#"{"codec":"mp3","sample_rate_hz":16000}"#,
            r#"{"codec":"pcmu"}"#,
        ] {
            assert!(serde_json::from_str::<CodecFormat>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn twenty_milliseconds_have_the_payload_size_that_carriers_send() {
        let samples = |codec, rate, bytes| {
            CodecFormat::new(codec, rate).unwrap().samples_in_bytes(bytes).unwrap()
        };
        assert_eq!(samples(Codec::Pcmu, SampleRate::HZ_8000, 160), 160);
        assert_eq!(samples(Codec::L16Le, SampleRate::HZ_16000, 640), 320);
        assert_eq!(samples(Codec::L16Be, SampleRate::HZ_16000, 641), 320);
        assert_eq!(samples(Codec::G722, SampleRate::HZ_16000, 160), 320);
        let opus = CodecFormat::new(Codec::Opus, SampleRate::HZ_48000).unwrap();
        assert_eq!(opus.samples_in_bytes(160), None);
    }
}

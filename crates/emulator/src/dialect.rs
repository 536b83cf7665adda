//! The dialects that can be spoken.

use std::fmt;
use std::str::FromStr;

use offhook_types::{Codec, CodecFormat, SampleRate};

use crate::call::Call;
use crate::plivo::Plivo;
use crate::raw::Raw;
use crate::telnyx::Telnyx;
use crate::twilio::Twilio;
use crate::vonage::Vonage;
use crate::{Dial, DialError, Emulator};

/// A media-stream dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// This engine's own: browsers and tests.
    Raw,
    /// Twilio Media Streams, bidirectional.
    Twilio,
    /// Telnyx Media Streaming in RTP mode.
    Telnyx,
    /// Plivo Audio Streaming, bidirectional.
    Plivo,
    /// Vonage Voice WebSocket.
    Vonage,
}

/// A name that is no dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("carrier is unknown: use raw, twilio, telnyx, plivo or vonage")]
pub struct UnknownDialect;

impl Dialect {
    /// Every dialect, in the order of the enum.
    pub const ALL: [Self; 5] = [Self::Raw, Self::Twilio, Self::Telnyx, Self::Plivo, Self::Vonage];

    /// The name in configuration and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Twilio => "twilio",
            Self::Telnyx => "telnyx",
            Self::Plivo => "plivo",
            Self::Vonage => "vonage",
        }
    }

    /// The formats of a call that asks for nothing else: to the engine and to the caller. Plivo's
    /// own default would be L16 at 8 kHz; what its customers set is µ-law.
    pub fn default_formats(self) -> (CodecFormat, CodecFormat) {
        match self {
            Self::Raw => (linear(SampleRate::HZ_16000), linear(SampleRate::HZ_24000)),
            Self::Twilio | Self::Telnyx | Self::Plivo => (CodecFormat::PCMU, CodecFormat::PCMU),
            Self::Vonage => (linear(SampleRate::HZ_16000), linear(SampleRate::HZ_16000)),
        }
    }

    /// The carrier that dials with what `dial` says.
    ///
    /// # Errors
    /// [`DialError`] for formats that the carrier does not offer.
    pub fn dial(self, dial: Dial) -> Result<Box<dyn Emulator>, DialError> {
        if !self.offers(dial.to_engine) {
            return Err(DialError::ToEngine(self, dial.to_engine));
        }
        if !self.offers(dial.to_caller) {
            return Err(DialError::ToCaller(self, dial.to_caller));
        }
        let has_one_format = matches!(self, Self::Twilio | Self::Plivo | Self::Vonage);
        if has_one_format && dial.to_engine != dial.to_caller {
            return Err(DialError::Different(self));
        }
        Ok(match self {
            Self::Raw => Box::new(Call::new(dial, Raw::default())),
            Self::Twilio => Box::new(Call::new(dial, Twilio::default())),
            Self::Telnyx => {
                let telnyx = Telnyx::new(&dial);
                Box::new(Call::new(dial, telnyx))
            }
            Self::Plivo => Box::new(Call::new(dial, Plivo::default())),
            Self::Vonage => Box::new(Call::new(dial, Vonage::default())),
        })
    }

    /// Whether the carrier carries this format, in either direction.
    pub fn offers(self, format: CodecFormat) -> bool {
        let hz = format.sample_rate().hz();
        let codec = format.codec();
        let is_little_endian = codec == Codec::L16Le;
        match self {
            // The proposal names pcm16le; these rates are what a browser or a test has use for.
            Self::Raw => is_little_endian && matches!(hz, 8_000 | 16_000 | 24_000 | 48_000),
            Self::Twilio => codec == Codec::Pcmu,
            Self::Telnyx => match codec {
                Codec::Pcmu | Codec::Pcma | Codec::G722 => true,
                // Rates of stream_bidirectional_sampling_rate in Telnyx's SDK 4.189.
                Codec::L16Le | Codec::L16Be | Codec::Opus => {
                    matches!(hz, 8_000 | 16_000 | 22_050 | 24_000 | 48_000)
                }
            },
            Self::Plivo => {
                codec == Codec::Pcmu || (is_little_endian && matches!(hz, 8_000 | 16_000))
            }
            Self::Vonage => is_little_endian && matches!(hz, 8_000 | 16_000 | 24_000),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == text).ok_or(UnknownDialect)
    }
}

fn linear(rate: SampleRate) -> CodecFormat {
    CodecFormat::new(Codec::L16Le, rate).expect("16-bit linear has every rate")
}

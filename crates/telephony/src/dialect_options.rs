//! The dialect of a carrier by its name, and what must be known before its stream starts.

use offhook_types::{CallId, Codec, CodecFormat};
use serde::{Deserialize, Serialize};

use crate::caps::Carrier;
use crate::dialect::Dialect;
use crate::plivo::PlivoDialect;
use crate::raw::RawDialect;
use crate::telnyx::TelnyxDialect;
use crate::twilio::TwilioDialect;
use crate::vonage::VonageDialect;

/// What a dialect must know that the stream's start does not say. The default fits every carrier
/// whose stream was asked for without options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DialectOptions {
    /// This engine's id of the call. The raw dialect tells it to the client.
    pub call: Option<CallId>,
    /// What the carrier was asked to take from the agent, where that can differ from what it sends:
    /// Telnyx' `stream_bidirectional_codec` (default PCMU) and Plivo (default: what it sends). A
    /// stream of Plivo that cannot take it does not start.
    pub outbound: Option<CodecFormat>,
    /// Which byte of linear audio comes first, for Telnyx, whose documentation and users disagree.
    /// Default: high byte first, and [`Caps::detects_byte_order`](crate::Caps) is set.
    pub byte_order: Option<LinearOrder>,
}

/// Which byte of a 16-bit sample comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinearOrder {
    /// The low byte: little endian.
    LowFirst,
    /// The high byte: big endian, the network's order.
    HighFirst,
}

/// A carrier's dialect for one stream that has not started.
pub fn dialect_for(carrier: Carrier, options: &DialectOptions) -> Box<dyn Dialect> {
    match carrier {
        Carrier::Raw => Box::new(RawDialect::new(options.call.clone())),
        Carrier::Twilio => Box::new(TwilioDialect::new()),
        Carrier::Telnyx => Box::new(TelnyxDialect::new(options.outbound, options.byte_order)),
        Carrier::Plivo => Box::new(PlivoDialect::new(options.outbound)),
        Carrier::Vonage => Box::new(VonageDialect::new()),
    }
}

impl LinearOrder {
    /// Linear audio in this order.
    pub(crate) const fn codec(self) -> Codec {
        match self {
            Self::LowFirst => Codec::L16Le,
            Self::HighFirst => Codec::L16Be,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_that_of_the_carrier_that_was_named() {
        for carrier in Carrier::ALL {
            let dialect = dialect_for(carrier, &DialectOptions::default());
            assert_eq!(dialect.caps().carrier, carrier);
        }
    }
}

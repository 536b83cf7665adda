//! A call before it is made.

use std::collections::BTreeMap;

use offhook_types::{CodecFormat, Pii};

use crate::{Dialect, Quirks};

/// Everything a carrier knows about a call when it dials the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The account, call and stream by the carrier's names.
    pub ids: Ids,
    /// Who calls.
    pub from: Pii<String>,
    /// Who is called.
    pub to: Pii<String>,
    /// Custom parameters: what the answer document or the REST request said.
    pub parameters: BTreeMap<String, Pii<String>>,
    /// How the caller's audio is encoded. For L16 the byte order is part of it: on Telnyx, which
    /// names both orders `L16`, this choice is the quirk.
    pub to_engine: CodecFormat,
    /// How the agent's audio must be encoded.
    pub to_caller: CodecFormat,
    /// Headers of the upgrade beyond the dialect's own, such as a signature.
    pub headers: Vec<(String, Pii<String>)>,
    /// The secret with which the stream was ordered: Telnyx's `stream_auth_token`, the raw
    /// dialect's token.
    pub token: Option<Pii<String>>,
    /// Milliseconds since 1970 at the call's start, for carriers that send the time of day.
    pub started_at_epoch_ms: u64,
    /// The carrier has something else to do with the call when the stream ends (a verb after
    /// `<Connect>`, `keepCallAlive` with another element): closing the socket does not hang up.
    pub has_next_instruction: bool,
    /// Deviations from the documentation.
    pub quirks: Quirks,
    /// Seed of losses and reordering.
    pub seed: u64,
}

/// Names of a call in the carrier's form. A dialect uses those it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// The customer of the carrier.
    pub account: String,
    /// The call, or the leg that the stream belongs to.
    pub call: String,
    /// What connects the legs of one call.
    pub session: String,
    /// The media stream.
    pub stream: String,
}

/// A call that a carrier does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The carrier does not send the caller's audio like this.
    #[error("{0} does not send {1} to the engine")]
    ToEngine(Dialect, CodecFormat),
    /// The carrier does not take the agent's audio like this.
    #[error("{0} does not take {1} from the engine")]
    ToCaller(Dialect, CodecFormat),
    /// The carrier has one format for both directions.
    #[error("{0} carries both directions in one format: choose the same for both")]
    Different(Dialect),
}

impl Dial {
    /// A call between two invented numbers in the dialect's default format, with ids that `seed`
    /// decides.
    pub fn new(dialect: Dialect, seed: u64) -> Self {
        let (to_engine, to_caller) = dialect.default_formats();
        Self {
            ids: Ids::new(dialect, seed),
            from: Pii::new("+14155550123".to_owned()),
            to: Pii::new("+14155550199".to_owned()),
            parameters: BTreeMap::new(),
            to_engine,
            to_caller,
            headers: Vec::new(),
            token: None,
            started_at_epoch_ms: 1_700_000_000_000,
            has_next_instruction: false,
            quirks: Quirks::default(),
            seed,
        }
    }

    /// The custom parameters, ready to be written.
    pub(crate) fn exposed_parameters(&self) -> BTreeMap<&str, &str> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose().as_str()))
            .collect()
    }
}

impl Ids {
    /// Ids of the form and length that the dialect's carrier gives.
    pub fn new(dialect: Dialect, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed ^ IDS_STREAM);
        let mut hex = |length: usize| -> String {
            (0..length).map(|_| char::from(HEX[random.usize(..HEX.len())])).collect()
        };
        match dialect {
            Dialect::Twilio => Self {
                account: format!("AC{}", hex(32)),
                call: format!("CA{}", hex(32)),
                session: String::new(),
                stream: format!("MZ{}", hex(32)),
            },
            Dialect::Telnyx => Self {
                account: uuid(&mut hex),
                call: format!("v3:{}", hex(54)),
                session: uuid(&mut hex),
                stream: uuid(&mut hex).to_uppercase(),
            },
            Dialect::Plivo => Self {
                account: format!("MA{}", hex(18).to_uppercase()),
                call: uuid(&mut hex),
                session: String::new(),
                stream: uuid(&mut hex),
            },
            Dialect::Vonage | Dialect::Raw => Self {
                account: uuid(&mut hex),
                call: uuid(&mut hex),
                session: format!("CON-{}", uuid(&mut hex)),
                stream: uuid(&mut hex),
            },
        }
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Keeps ids apart from other random numbers of the same seed.
const IDS_STREAM: u64 = 0x1D5;

/// The 8-4-4-4-12 form; version and variant are not set, nobody reads them.
fn uuid(hex: &mut impl FnMut(usize) -> String) -> String {
    [8, 4, 4, 4, 12].map(hex).join("-")
}

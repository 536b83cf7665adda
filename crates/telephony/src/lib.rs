//! What carriers say and what they want to hear: webhook signatures, upgrades of media sockets,
//! answer documents, call statuses. It opens no socket and reads no clock: requests and times are
//! arguments, answers are text.

mod answer;
mod form;
mod headers;
mod jwt;
pub mod plivo;
mod public_url;
pub mod raw;
mod secret;
mod signature;
#[cfg(test)]
mod signature_fixtures;
mod status;
pub mod telnyx;
pub mod twilio;
mod upgrade;
#[cfg(test)]
mod upgrade_request;
pub mod vonage;
mod webhook;
mod xml_response;

pub use answer::{Afterwards, AnswerError, AnswerProblem, MediaStream, RejectReason, Transfer};
pub use form::FormParams;
pub use headers::Headers;
pub use jwt::{Claims, sign_jwt, verify_jwt};
pub use public_url::{PublicUrl, PublicUrlError};
pub use secret::{EmptySecret, Secret};
pub use signature::SignatureError;
pub use status::{
    LineContext, LineDirection, StatusError, StatusReport, StreamNotice, UnknownValue,
    outcome_of_sip,
};
pub use upgrade::{
    RefusalReason, UnsignedRefusal, Upgrade, UpgradeAccepted, UpgradeContext, UpgradeRefusal,
    check_unsigned_use,
};
pub use webhook::{Method, WebhookRequest};

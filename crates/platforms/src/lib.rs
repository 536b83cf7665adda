//! Agents, assistants and calls of three public platforms, to and from the agent document.
//!
//! What becomes of each of their fields is data: one table per platform (`tables/*.toml`) says what
//! it is called here, how its value is converted, and where it takes effect, or why it has none.
//! The few conversions that look at more than one field are functions, one file per platform.
//! It serves none of their APIs.
//!
//! Nothing is lost: whatever would not come back as it was is kept in the document's `origin`, and
//! counts until the document is edited in that place. Keys do not enter a document: they are handed
//! over apart, and named in it.

mod agentphone;
mod base;
mod convert;
mod engine;
mod import;
mod json_schema;
mod origin;
mod path;
mod revox;
mod secrets;
mod special;
mod synthflow;
mod table;

pub use import::{Imported, agent_from, agent_to, order_from, order_to};
pub use secrets::Secrets;
pub use table::{Object, Platform, Row, Section, Table};

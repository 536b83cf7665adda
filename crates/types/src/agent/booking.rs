//! Appointments.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A calendar that the agent books appointments in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["provider"]))]
pub struct Booking {
    /// The calendar's provider: `calcom`, `calendly`, `ghl`.
    #[schemars(length(min = 1))]
    pub provider: String,
    /// The operator's account there. Default null: the only one.
    pub connection: Option<String>,
    /// What is booked: the provider's id of the event or calendar. Default empty.
    pub event: String,
    /// The first day that is offered, as `YYYY-MM-DD`. Default null: today.
    #[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub first_day: Option<String>,
    /// Days that are offered. Default 3. More takes too long to say.
    #[schemars(range(min = 1, max = 365))]
    pub day_count: u16,
    /// Appointments that are offered per day. Default 3. More are not remembered by ear.
    #[schemars(range(min = 1, max = 20))]
    pub slot_count_max: u8,
    /// Time between two that are offered, in ms. Default 10,800,000 (3 h).
    #[schemars(range(max = 604_800_000))]
    pub slot_gap_ms: u32,
    /// IANA name of the clock that they are on. Default null: the agent's.
    pub timezone: Option<String>,
    /// What else the provider takes, as it names it. Default none.
    pub other: Map<String, Value>,
}

impl Default for Booking {
    fn default() -> Self {
        Self {
            provider: String::new(),
            connection: None,
            event: String::new(),
            first_day: None,
            day_count: 3,
            slot_count_max: 3,
            slot_gap_ms: 10_800_000,
            timezone: None,
            other: Map::new(),
        }
    }
}

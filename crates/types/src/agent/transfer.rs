//! Handing the caller over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Pii, TransferMode};

/// Somebody the caller can be handed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["label"]))]
pub struct Transfer {
    /// What the model calls them.
    #[schemars(length(min = 1))]
    pub label: String,
    /// Where they are reached: a number as `+14155550123`, a `sip:` address, or a variable that
    /// holds one. Empty only where `phone_book` is given.
    pub target: Pii<String>,
    /// Name of a list of targets in the operator's directory, in place of `target`. Default null.
    pub phone_book: Option<String>,
    /// When the model should, in words. Default empty: as the instructions say.
    pub condition: String,
    /// How. Default cold.
    pub mode: TransferMode,
    /// How long it rings before the agent takes the caller back, in ms. Default 30,000. Less than
    /// 15,000 takes back from people who walk to the telephone; more than 45,000 loses the caller.
    #[schemars(range(min = 1_000, max = 600_000))]
    pub ring_timeout_ms: u32,
    /// Keys pressed when the target has answered: an extension. Default null.
    #[schemars(extend("pattern" = "^[0-9*#A-Da-dwW,]{0,64}$"))]
    pub digits: Option<String>,
    /// Said to the caller before the target is dialled. Default null.
    pub say_before: Option<String>,
    /// Said to the caller when the target is there, before the agent leaves. Default null.
    pub say_connected: Option<String>,
    /// Said to the caller when it failed. Default null: the model finds the words.
    pub say_failed: Option<String>,
    /// Said to the target before the caller is connected. Mode warm. Default null.
    pub whisper_text: Option<String>,
    /// How the summary for the target is written. Mode warm with summary. Default null.
    pub summary_instructions: Option<String>,
    /// The target is spoken to only when a person is heard. Default null: not judged.
    pub human_detection: Option<HumanDetection>,
    /// The target is asked whether they take the call. Default false.
    #[serde(rename = "screened")]
    pub is_screened: bool,
    /// The target sees the caller's number. Default false; carriers refuse numbers that they do
    /// not own.
    pub keeps_caller_id: bool,
    /// The recording ends with the transfer. Default false.
    pub stops_recording: bool,
    /// Music for the caller while it rings. Default true.
    #[serde(rename = "hold_music")]
    pub has_hold_music: bool,
    /// When they can be reached. Default null: always.
    pub availability: Option<Availability>,
}

/// Waiting for a person at the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HumanDetection {
    /// How long, in ms. Default 60,000. Less gives up in queues.
    #[schemars(range(min = 1_000, max = 1_800_000))]
    pub timeout_ms: u32,
}

/// Hours in which somebody can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Availability {
    /// The hours are kept. Default true.
    #[serde(rename = "enabled")]
    pub is_enabled: bool,
    /// IANA name of the clock that the hours are on. Default null: the agent's.
    pub timezone: Option<String>,
    /// The hours of each day; days that are not listed have none.
    pub hours: Vec<DayHours>,
    /// Said outside them, without dialling. Default empty: the model finds the words.
    pub unavailable_text: String,
}

/// Hours of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["day", "from", "to"]))]
pub struct DayHours {
    /// The day.
    pub day: Weekday,
    /// From, as `HH:MM`.
    #[schemars(extend("pattern" = TIME_OF_DAY))]
    pub from: String,
    /// To, as `HH:MM`, behind `from`.
    #[schemars(extend("pattern" = TIME_OF_DAY))]
    pub to: String,
}

/// A day of the week.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            label: String::new(),
            target: Pii::default(),
            phone_book: None,
            condition: String::new(),
            mode: TransferMode::Cold,
            ring_timeout_ms: 30_000,
            digits: None,
            say_before: None,
            say_connected: None,
            say_failed: None,
            whisper_text: None,
            summary_instructions: None,
            human_detection: None,
            is_screened: false,
            keeps_caller_id: false,
            stops_recording: false,
            has_hold_music: true,
            availability: None,
        }
    }
}

impl Default for HumanDetection {
    fn default() -> Self {
        Self { timeout_ms: 60_000 }
    }
}

impl Default for Availability {
    fn default() -> Self {
        Self {
            is_enabled: true,
            timezone: None,
            hours: Vec::new(),
            unavailable_text: String::new(),
        }
    }
}

/// A time of day on 24 hours.
pub(super) const TIME_OF_DAY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

//! Calling again when nobody was reached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::transfer::{TIME_OF_DAY, Weekday};

/// Calling again. It belongs to the jobs that place calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts behind the first. Default 3. More is a nuisance, and in places unlawful.
    #[schemars(range(max = 100))]
    pub attempt_count_max: u8,
    /// The second attempt follows the first at once. Default false.
    pub calls_twice: bool,
    /// Days on which it may be called. Default Monday to Friday.
    pub days: Vec<Weekday>,
    /// Hours in which it may be called. Default one window of 10:00 to 18:00.
    pub windows: Vec<CallingWindow>,
    /// IANA name of the clock that they are on. Default null: that of the number's country.
    pub timezone: Option<String>,
}

/// Hours in which it may be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CallingWindow {
    /// From, as `HH:MM`. Default 10:00.
    #[schemars(extend("pattern" = TIME_OF_DAY))]
    pub from: String,
    /// To, as `HH:MM`. Default 18:00.
    #[schemars(extend("pattern" = TIME_OF_DAY))]
    pub to: String,
    /// Time until the next attempt, in ms. Default 7,200,000 (2 h); 0 as soon as a window allows.
    #[schemars(range(max = 2_592_000_000_u32))]
    pub delay_ms: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempt_count_max: 3,
            calls_twice: false,
            days: vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
            ],
            windows: vec![CallingWindow::default()],
            timezone: None,
        }
    }
}

impl Default for CallingWindow {
    fn default() -> Self {
        Self { from: "10:00".to_owned(), to: "18:00".to_owned(), delay_ms: 7_200_000 }
    }
}

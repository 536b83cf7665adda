//! Date and time where the agent is.
//!
//! jiff: its time-zone database is compiled in whole, so that the same build says the same time on
//! any machine, and it works without an operating system. chrono-tz generates its tables in a
//! build script and needs chrono beside it.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ZonedDateTime};

/// A moment on a clock of the agent's time zone.
#[derive(Clone, Debug)]
pub(super) struct CallTime {
    zoned: ZonedDateTime,
    zone: String,
    /// Whether the document's time zone is one.
    pub(super) is_zone_known: bool,
}

impl CallTime {
    /// A moment in an IANA time zone, or in UTC where that is none.
    pub(super) fn new(unix_s: i64, zone: Option<&str>) -> Self {
        // A moment that no calendar has is the epoch: prompts are not built in the year -10000.
        let moment = Timestamp::from_second(unix_s).unwrap_or(Timestamp::UNIX_EPOCH);
        let name = zone.unwrap_or(UTC);
        let known = TimeZoneDatabase::bundled().get(name);
        let is_zone_known = known.is_ok();
        let zone = if is_zone_known { name } else { UTC }.to_owned();
        let zoned = moment.to_zoned_datetime(known.unwrap_or(TimeZone::UTC));
        Self { zoned, zone, is_zone_known }
    }

    /// `Tuesday, 2026-11-24, 21:05 (Europe/Berlin, UTC+01:00)`.
    pub(super) fn sentence(&self) -> String {
        let offset = self.zoned.strftime("%:z");
        format!("{}, {}, {} ({}, UTC{offset})", self.weekday(), self.date(), self.time(), self.zone)
    }

    /// ISO 8601, which text for speech reads out in any language.
    pub(super) fn date(&self) -> String {
        self.zoned.strftime("%Y-%m-%d").to_string()
    }

    /// Twenty-four hours.
    pub(super) fn time(&self) -> String {
        self.zoned.strftime("%H:%M").to_string()
    }

    pub(super) fn weekday(&self) -> String {
        self.zoned.strftime("%A").to_string()
    }

    /// 0 for Monday.
    pub(super) fn weekday_index(&self) -> usize {
        usize::try_from(self.zoned.weekday().to_monday_zero_offset()).unwrap_or(0)
    }

    pub(super) fn zone(&self) -> &str {
        &self.zone
    }
}

const UTC: &str = "UTC";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_where_the_agent_is() {
        let at = |zone| CallTime::new(1_774_746_000, Some(zone)).sentence();
        assert_eq!(at("Europe/Berlin"), "Sunday, 2026-03-29, 03:00 (Europe/Berlin, UTC+02:00)");
        assert_eq!(
            at("America/Chicago"),
            "Saturday, 2026-03-28, 20:00 (America/Chicago, UTC-05:00)"
        );
        let nowhere = CallTime::new(1_774_746_000, Some("Mars/Olympus"));
        assert_eq!(nowhere.sentence(), "Sunday, 2026-03-29, 01:00 (UTC, UTC+00:00)");
        assert!(!nowhere.is_zone_known);
        assert_eq!(CallTime::new(i64::MAX, None).date(), "1970-01-01");
    }
}

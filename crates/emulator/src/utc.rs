//! The time of day, for carriers that write it.

use offhook_types::Timestamp;

/// Milliseconds since 1970 at `now` of a call that began at `started_at_epoch_ms`.
pub(crate) fn epoch_ms(started_at_epoch_ms: u64, now: Timestamp) -> u64 {
    started_at_epoch_ms.saturating_add(now.as_millis())
}

/// The same moment as ISO 8601 in UTC to the microsecond, `2025-06-05T08:54:19.698408Z`.
pub(crate) fn iso_8601(started_at_epoch_ms: u64, now: Timestamp) -> String {
    let micros = started_at_epoch_ms.saturating_mul(1_000).saturating_add(now.as_micros());
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let (year, month, day) = civil_date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
}

/// Year, month and day of a day counted from 1970-01-01 in the Gregorian calendar.
fn civil_date(mut day: u64) -> (u64, usize, u64) {
    // 400 years have 146,097 days; the calendar repeats after them.
    let mut year = 1970 + day / 146_097 * 400;
    day %= 146_097;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    loop {
        let days = if is_leap(year) { 366 } else { 365 };
        if day < days {
            break;
        }
        day -= days;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    for (index, days) in
        [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate()
    {
        if day < days {
            return (year, index + 1, day + 1);
        }
        day -= days;
    }
    unreachable!("a year has no day after its twelfth month")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        let written =
            |seconds: u64, micros| iso_8601(seconds * 1_000, Timestamp::from_micros(micros));
        // `date -u -d @…` of GNU coreutils.
        assert_eq!(written(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(written(951_782_400, 5), "2000-02-29T00:00:00.000005Z");
        assert_eq!(written(1_749_113_659, 698_408), "2025-06-05T08:54:19.698408Z");
        assert_eq!(written(4_107_542_400, 0), "2100-03-01T00:00:00.000000Z");
        assert_eq!(written(1_735_689_599, 1_000_000), "2025-01-01T00:00:00.000000Z");
        iso_8601(u64::MAX, Timestamp::from_micros(u64::MAX));
    }
}

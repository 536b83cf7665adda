//! Judges what a carrier says about time, and turns it into positions that never run backwards.
//!
//! A carrier's timestamps are believed as far as they can be true. Real-time audio cannot be
//! further ahead than the time that passed here, so each gap they claim is weighed against the
//! arrival times: time that passed and brought no audio is credit, and a gap has to be paid from
//! it. That tells a real gap (the packets before it are missing, so the clock here moved on) from a
//! wrong unit, a jump, or a counter that means something else.

use offhook_types::{SampleRate, Timestamp};

use super::CarrierTime;

/// The carrier's clock in samples of the stream, counted from its first packet.
#[derive(Clone, Debug)]
pub(super) struct CarrierClock {
    rate: SampleRate,
    /// A reading of the carrier's clock and the position it stands for.
    anchor: Option<Anchor>,
    /// Position after the last packet.
    end: u64,
    /// How far the stream lags behind its most punctual packet, in samples. Below zero: gaps
    /// accepted on trust.
    credit: i64,
    last_arrival: Option<Timestamp>,
    distrust: u8,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    reading: u64,
    position: u64,
}

/// A packet as the clock sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) arrival: Timestamp,
    pub(super) time: Option<CarrierTime>,
    /// Samples in the packet.
    pub(super) samples: u64,
    /// Samples missing before it to the best knowledge of the receiver; used where the carrier's
    /// word is not.
    pub(super) presumed_gap: u64,
}

/// Where a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// Position of its first sample.
    pub(super) position: u64,
    /// It came more than [`LATE_MS`] behind the pace of the stream.
    pub(super) is_late: bool,
    /// The carrier's clock jumped and was anchored anew.
    pub(super) is_resync: bool,
}

/// What a timestamp is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// There is none, or the ones of this stream have proved worthless.
    Silent,
    /// The packet follows the last one; small deviations are rounding.
    Contiguous,
    /// This many samples are missing before the packet.
    Gap(u64),
    /// The carrier's clock cannot be right.
    Absurd,
}

impl CarrierClock {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self { rate, anchor: None, end: 0, credit: 0, last_arrival: None, distrust: 0 }
    }

    /// Position after the last packet.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Samples missing before a packet, if it came with this timestamp after a wait as long as the
    /// gap.
    pub(super) fn missing_before(&self, time: CarrierTime) -> u64 {
        match self.judge(Some(time), i64::from(self.rate.hz()) * GAP_MS_MAX / 1_000) {
            Verdict::Gap(gap) => gap,
            Verdict::Silent | Verdict::Contiguous | Verdict::Absurd => 0,
        }
    }

    /// Places a packet. `head` is how far the caller has filled media time; positions given out
    /// after a jump are anchored there.
    pub(super) fn place(&mut self, packet: Arrived, head: u64) -> Placement {
        let head = head.max(self.end);
        let samples = signed(packet.samples);
        let elapsed = self.elapsed_samples(packet.arrival).unwrap_or(samples);
        let available = (self.credit + elapsed - samples).max(self.credit.min(0));
        let verdict = self.judge(packet.time, available);
        let (position, credit) = match verdict {
            Verdict::Contiguous => (self.end, available),
            Verdict::Gap(gap) => (self.end + gap, available - signed(gap)),
            Verdict::Silent => {
                // Comfort noise that ran ahead of the audio took time, but is no debt of the
                // carrier's.
                let left = (available - signed(head - self.end)).max(available.min(0));
                let gap = self.plausible_gap(packet.presumed_gap, left);
                (head + gap, left - signed(gap))
            }
            // Nothing is known of how late this packet is on a clock that has just jumped.
            Verdict::Absurd => (head, available.min(0)),
        };
        self.note_verdict(verdict, packet.time, position);
        self.credit = credit - self.forgiven(credit, elapsed.min(samples));
        self.end = position + packet.samples;
        self.last_arrival = self.last_arrival.max(Some(packet.arrival));
        Placement {
            position,
            is_late: self.credit > self.samples_in_ms(LATE_MS),
            is_resync: verdict == Verdict::Absurd,
        }
    }

    /// Samples that passed since the last arrival; `None` before the first.
    fn elapsed_samples(&self, arrival: Timestamp) -> Option<i64> {
        let micros = arrival.saturating_since(self.last_arrival?).as_micros();
        let samples = micros.min(ELAPSED_MICROS_MAX) * u128::from(self.rate.hz()) / 1_000_000;
        i64::try_from(samples).ok()
    }

    fn judge(&self, time: Option<CarrierTime>, available: i64) -> Verdict {
        let (Some(time), Some(anchor)) = (time, self.anchor) else { return Verdict::Silent };
        let reading = time.to_samples(self.rate);
        let claimed =
            i128::from(anchor.position) + i128::from(reading) - i128::from(anchor.reading);
        let deviation = claimed - i128::from(self.end);
        let tolerance = i128::from(self.samples_in_ms(TOLERANCE_MS));
        let gap_max = self.gap_max(available);
        if self.distrust >= DISTRUST_MAX && deviation.abs() >= tolerance {
            Verdict::Silent
        } else if deviation.abs() < tolerance {
            Verdict::Contiguous
        } else {
            match u64::try_from(deviation) {
                Ok(gap) if deviation <= i128::from(gap_max) => Verdict::Gap(gap),
                Ok(_) | Err(_) => Verdict::Absurd,
            }
        }
    }

    /// A gap without a timestamp behind it, as far as the arrival times bear it out.
    fn plausible_gap(&self, gap: u64, available: i64) -> u64 {
        let bound = self.gap_max(available);
        if gap <= u64::try_from(bound).unwrap_or(0) { gap } else { 0 }
    }

    /// The lag that has become the stream's pace over `paced` samples that came no faster than they
    /// last.
    fn forgiven(&self, credit: i64, paced: i64) -> i64 {
        credit.max(0).saturating_mul(paced) / self.samples_in_ms(FORGIVENESS_MS)
    }

    /// The longest gap that the arrival times bear out.
    fn gap_max(&self, available: i64) -> i64 {
        (available + self.samples_in_ms(TRUST_MS)).min(self.samples_in_ms(GAP_MS_MAX))
    }

    fn note_verdict(&mut self, verdict: Verdict, time: Option<CarrierTime>, position: u64) {
        let is_consistent = matches!(verdict, Verdict::Contiguous);
        let is_doubtful = matches!(verdict, Verdict::Absurd)
            || (matches!(verdict, Verdict::Silent) && time.is_some() && self.anchor.is_some());
        if is_consistent {
            self.distrust = self.distrust.saturating_sub(1);
        } else if is_doubtful {
            self.distrust = self.distrust.saturating_add(DISTRUST_STEP).min(DISTRUST_CEILING);
        }
        if (is_doubtful || self.anchor.is_none())
            && let Some(time) = time
        {
            self.anchor = Some(Anchor { reading: time.to_samples(self.rate), position });
        }
    }

    fn samples_in_ms(&self, millis: i64) -> i64 {
        i64::from(self.rate.hz()) * millis / 1_000
    }
}

/// Samples as a signed number; a stream of 2^63 samples does not exist.
fn signed(samples: u64) -> i64 {
    i64::try_from(samples).unwrap_or(i64::MAX)
}

/// Deviations below this are rounding, jitter of the carrier's clock, or a packet shorter than a
/// frame. A difference of two timestamps rounded to milliseconds is wrong by less than 1 ms, so a
/// lost packet of 20 ms always shows as 19 ms or more.
const TOLERANCE_MS: i64 = 19;

/// How much of the gaps claimed so far may be unpaid by arrival times. Covers a gap that the
/// carrier jumped over without waiting (it dropped its backlog). Smaller turns such jumps into
/// resyncs; larger lets a clock that runs too fast add this much silence before it is found out.
const TRUST_MS: i64 = 500;

/// A gap above this is not filled: `media_lost` ends a call after 10 s without media, so there is
/// no listener for more.
pub(super) const GAP_MS_MAX: i64 = 10_000;

/// Lag behind the most punctual packet from which on a packet is late. Above the jitter of a
/// healthy path, below the shortest stall that a person notices in a conversation.
const LATE_MS: i64 = 100;

/// Time in which a lag that stays shrinks to a third: from then on it is the stream's pace. A burst
/// after a stall has no pace and is forgiven nothing. Smaller calls audio punctual that is not;
/// larger calls a path late that has become longer for good.
const FORGIVENESS_MS: i64 = 1_280;

/// Jumps raise distrust by [`DISTRUST_STEP`], each packet with a credible timestamp lowers it by
/// one; from here on the carrier's clock is not asked: three jumps within about 15 packets. A
/// carrier that restarts its clock once an hour is believed throughout, one with a constant or
/// random clock for three packets.
const DISTRUST_MAX: u8 = 33;
const DISTRUST_STEP: u8 = 16;
/// Bounds how long a clock that has become credible must prove it: 64 packets.
const DISTRUST_CEILING: u8 = 96;

/// Longer waits between packets count as this long, which keeps the arithmetic far from its limits.
const ELAPSED_MICROS_MAX: u128 = 24 * 3_600 * 1_000_000;

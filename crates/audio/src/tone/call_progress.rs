//! Which tone of the network a sequence of bursts is, by pitch and cadence.
//!
//! The rules are those of ITU-T E.180 rather than a list of countries: low-pitched bursts with
//! pauses as long as themselves are busy or congestion, with pauses much longer ringing, without
//! pauses the dial tone. Special information and fax tones are known by their frequencies.
//!
//! Left out: cadences that are told apart only by level, and congestion with a long pause after a
//! few bursts (Spain).

use offhook_types::ProgressTone;

use super::burst::{Burst, ms_of};
use super::{special_information, tonality::ANALYSIS_HZ};

/// Recognises cadences. One at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct CallProgressJudge {
    /// The last bursts, the newest last.
    recent: [Burst; RECENT],
    active: Option<Active>,
    /// Hops in a row, in a pause, that were too loud to be one.
    loud_hops: u32,
}

/// A tone that was reported.
#[derive(Clone, Copy, Debug)]
struct Active {
    tone: ProgressTone,
    /// Its first burst, stretched to the end of the last one.
    whole: Burst,
    /// When it is over unless another burst begins.
    expires_at: u64,
}

/// What the judge reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Progress {
    Began(ProgressTone, Burst),
    Ended(ProgressTone, Burst),
}

impl CallProgressJudge {
    /// Whether `burst` belongs to the tone that was reported last and still goes on.
    pub(super) fn owns(&self, burst: &Burst) -> bool {
        self.active.as_ref().is_some_and(|active| {
            matches!(active.tone, ProgressTone::SpecialInformation(_))
                || active.whole.is_same_tone(burst)
        })
    }

    /// A tone has begun.
    pub(super) fn handle_beginning(&mut self, burst: &Burst) -> Option<Progress> {
        self.loud_hops = 0;
        if self.owns(burst) {
            self.extend(burst);
            return None;
        }
        let [.., before, last] = &self.recent;
        let first_of_busy = busy_or_reorder(before, last, burst).map(|tone| (tone, *before));
        let found = first_of_busy.or_else(|| after_pause(last, burst).map(|tone| (tone, *last)));
        found.and_then(|(tone, first)| self.begin(tone, &first, burst))
    }

    /// A tone has ended, whatever comes next.
    pub(super) fn handle_end(&mut self, burst: &Burst) -> Option<Progress> {
        self.recent.rotate_left(1);
        self.recent[RECENT - 1] = *burst;
        if self.owns(burst) {
            self.extend(burst);
            return None;
        }
        let [first, before, last] = &self.recent;
        if let Some(kind) = special_information::classify(&[*first, *before, *last]) {
            let first = *first;
            return self.begin(ProgressTone::SpecialInformation(kind), &first, burst);
        }
        let first = if is_british_ringing(before, last) {
            *before
        } else if is_american_ringing(last) {
            *last
        } else {
            return None;
        };
        self.begin(ProgressTone::Ringback, &first, burst)
    }

    /// What seemed a tone was something else.
    pub(super) fn handle_dissolution(&mut self) {
        self.recent = Default::default();
    }

    /// Takes the next hop: its power, and the tone that is sounding, if one is.
    pub(super) fn handle_hop(
        &mut self,
        hop_power: f32,
        sounding: Option<&Burst>,
        now: u64,
    ) -> Option<Progress> {
        if let Some(burst) = sounding {
            self.loud_hops = 0;
            if let Some(tone) = continuous(burst)
                && !self.owns(burst)
            {
                return self.begin(tone, burst, burst);
            }
            if self.owns(burst) {
                self.extend(burst);
            }
            return None;
        }
        let is_loud = hop_power > self.recent[RECENT - 1].power * LOUD_SHARE;
        self.loud_hops = if is_loud { self.loud_hops + 1 } else { 0 };
        let is_interrupted = self.loud_hops >= LOUD_HOPS_MAX;
        if is_interrupted {
            self.recent = Default::default();
        }
        let is_over = |active: &mut Active| is_interrupted || now >= active.expires_at;
        self.active.take_if(is_over).map(|active| Progress::Ended(active.tone, active.whole))
    }

    fn begin(&mut self, tone: ProgressTone, first: &Burst, last: &Burst) -> Option<Progress> {
        let whole = Burst { start: first.start, end: last.end, ..*first };
        self.active = Some(Active { tone, whole, expires_at: last.end + patience(tone) });
        Some(Progress::Began(tone, whole))
    }

    fn extend(&mut self, burst: &Burst) {
        if let Some(active) = &mut self.active {
            active.whole.end = active.whole.end.max(burst.end);
            active.expires_at = active.whole.end + patience(active.tone);
        }
    }
}

/// A tone that is known because it goes on and on.
fn continuous(burst: &Burst) -> Option<ProgressTone> {
    let ms = burst.duration_ms();
    let is_answer =
        burst.high_hz.is_none() && (burst.low_hz - FAX_ANSWER_HZ).abs() <= FAX_ANSWER_TOLERANCE_HZ;
    if is_answer && ms >= FAX_ANSWER_MS_MIN {
        Some(ProgressTone::FaxAnswer)
    } else if is_exchange_pitch(burst) && ms >= DIAL_MS_MIN {
        Some(ProgressTone::Dial)
    } else {
        None
    }
}

/// Two periods that are alike: on, off, on, off, and the beginning of a third burst.
fn busy_or_reorder(first: &Burst, second: &Burst, third: &Burst) -> Option<ProgressTone> {
    let is_series =
        is_exchange_pitch(first) && first.is_same_tone(second) && second.is_same_tone(third);
    let ons = [first, second].map(Burst::duration_ms);
    let offs = [pause_ms(first, second), pause_ms(second, third)];
    let periods = [ons[0] + offs[0], ons[1] + offs[1]];
    if !is_series || !are_alike(periods[0], periods[1]) || !PERIOD_MS.contains(&periods[0]) {
        return None;
    }
    if !are_alike(ons[0], ons[1]) {
        // Long and short in turn within equal periods: British congestion.
        return Some(ProgressTone::Reorder);
    }
    let is_even = offs.iter().zip(ons).all(|(off, on)| (on * 3 / 5..=on * 5 / 3).contains(off));
    is_even.then_some(match periods[0] >= BUSY_PERIOD_MS_MIN {
        true => ProgressTone::Busy,
        false => ProgressTone::Reorder,
    })
}

/// A burst, a long pause, and the same tone again.
fn after_pause(last: &Burst, next: &Burst) -> Option<ProgressTone> {
    let pause = pause_ms(last, next);
    let on = last.duration_ms();
    if !last.is_same_tone(next) {
        return None;
    }
    let is_ringing =
        is_exchange_pitch(last) && RING_MS.contains(&on) && RING_PAUSE_MS.contains(&pause);
    let is_calling_pitch =
        last.high_hz.is_none() && (last.low_hz - FAX_CALLING_HZ).abs() <= FAX_CALLING_TOLERANCE_HZ;
    let is_calling =
        is_calling_pitch && FAX_CALLING_MS.contains(&on) && FAX_CALLING_PAUSE_MS.contains(&pause);
    match (is_ringing && pause > on, is_calling) {
        (true, _) => Some(ProgressTone::Ringback),
        (false, true) => Some(ProgressTone::FaxCalling),
        (false, false) => None,
    }
}

/// 440 and 480 Hz for 2 s: nothing else is, so the pause need not be waited for (North American
/// precise tone plan).
fn is_american_ringing(burst: &Burst) -> bool {
    burst.is_pair(440.0, 480.0) && (1_800..=2_200).contains(&burst.duration_ms())
}

/// 400 and 450 Hz, 0.4 s on, 0.2 s off, 0.4 s on (BT SIN 350).
fn is_british_ringing(first: &Burst, second: &Burst) -> bool {
    let is_short = |burst: &Burst| (350..=450).contains(&burst.duration_ms());
    first.is_pair(400.0, 450.0)
        && second.is_pair(400.0, 450.0)
        && is_short(first)
        && is_short(second)
        && (150..=250).contains(&pause_ms(first, second))
}

/// Dialling, ringing and busy tones are single tones of 340 to 500 Hz (ITU-T E.180 prefers 400 to
/// 450) or one of few pairs.
fn is_exchange_pitch(burst: &Burst) -> bool {
    match burst.high_hz {
        Some(_) => burst.is_exchange_pair(),
        None => (340.0..=500.0).contains(&burst.low_hz),
    }
}

fn pause_ms(first: &Burst, second: &Burst) -> u32 {
    ms_of(second.start.saturating_sub(first.end))
}

/// Within a tenth and what two edges may be off.
fn are_alike(a_ms: u32, b_ms: u32) -> bool {
    a_ms.abs_diff(b_ms) <= a_ms.max(b_ms) / 10 + 25
}

/// How long after its last burst a tone is over, in samples: its longest usual pause and a quarter.
fn patience(tone: ProgressTone) -> u64 {
    let ms: u64 = match tone {
        ProgressTone::Dial => 500,
        ProgressTone::Ringback => 6_000,
        ProgressTone::Busy | ProgressTone::Reorder => 1_250,
        ProgressTone::SpecialInformation(_) => 1_500,
        ProgressTone::FaxCalling => 3_750,
        ProgressTone::FaxAnswer => 500,
    };
    ms * u64::from(ANALYSIS_HZ) / 1_000
}

/// Bursts that are remembered: three make special information tones.
const RECENT: usize = 3;
/// Tone without a pause that is dial tone. The longest burst of a ringing tone is 2 s (North
/// America).
const DIAL_MS_MIN: u32 = 3_000;
/// Bursts of ringing tones: 0.67 to 1.5 s (ITU-T E.180), 2 s in North America, 0.4 s in pairs; a
/// tenth either way.
const RING_MS: std::ops::RangeInclusive<u32> = 340..=2_200;
/// Pauses of ringing tones: 3 to 5 s (ITU-T E.180), 2 s in Britain and Australia; a tenth either
/// way.
const RING_PAUSE_MS: std::ops::RangeInclusive<u32> = 1_700..=5_600;
/// On and off of busy and congestion tones together: 300 to 1100 ms (ITU-T E.180), a tenth either
/// way.
const PERIOD_MS: std::ops::RangeInclusive<u32> = 270..=1_210;
/// Periods from here on are busy, shorter ones congestion: between the quickest busy tone of the
/// plans here (750 ms in Britain) and their slowest congestion tone (500 ms). Countries differ;
/// either means that nobody answers.
const BUSY_PERIOD_MS_MIN: u32 = 620;
/// ITU-T T.30: 1100 ± 38 Hz, 0.5 s on, 3 s off, 15 % either way.
const FAX_CALLING_HZ: f32 = 1_100.0;
const FAX_CALLING_TOLERANCE_HZ: f32 = 38.0;
const FAX_CALLING_MS: std::ops::RangeInclusive<u32> = 410..=590;
const FAX_CALLING_PAUSE_MS: std::ops::RangeInclusive<u32> = 2_550..=3_450;
/// ITU-T V.25: 2100 ± 15 Hz; it lasts 2.6 to 4 s.
const FAX_ANSWER_HZ: f32 = 2_100.0;
const FAX_ANSWER_TOLERANCE_HZ: f32 = 20.0;
/// Longer than the longest record tone, which might have this pitch.
const FAX_ANSWER_MS_MIN: u32 = 1_700;
/// Power relative to the last burst's from which a hop in a pause is not silence: 8 dB below, so
/// that cadences are still found 10 dB above noise.
const LOUD_SHARE: f32 = 0.16;
/// Hops in a row that end a cadence because there is speech or music in its pause: 100 ms, more
/// than a click.
const LOUD_HOPS_MAX: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts of `hz`, given as milliseconds on and off in turn, beginning with on.
    fn judge(hz: (f32, Option<f32>), on_off_ms: &[u64]) -> Option<ProgressTone> {
        let mut judge = CallProgressJudge::default();
        let mut start = 0;
        for on_off in on_off_ms.chunks(2) {
            let end = start + on_off[0] * 8;
            let burst = Burst {
                start,
                end: start + 320,
                low_hz: hz.0,
                high_hz: hz.1,
                power: 1e6,
                ..Burst::default()
            };
            let found = judge.handle_beginning(&burst);
            let found = found.or_else(|| judge.handle_end(&Burst { end, ..burst }));
            if let Some(Progress::Began(tone, _)) = found {
                return Some(tone);
            }
            start = end + on_off.get(1).unwrap_or(&0) * 8;
        }
        None
    }

    #[test]
    fn busy_tones_of_many_countries_are_busy() {
        // ITU-T E.180: a period of 300 to 1100 ms, on to off 0.67 to 1.5. Here: Europe, Germany,
        // Britain, France, Finland.
        let single = (425.0, None);
        for (on, off) in [(500, 500), (480, 480), (375, 375), (400, 400), (330, 330), (500, 400)] {
            let found = judge(single, &[on, off, on, off, on]);
            assert_eq!(found, Some(ProgressTone::Busy), "{on} {off}");
        }
    }

    #[test]
    fn quick_tones_are_congestion() {
        for (on, off) in [(250, 250), (240, 240), (200, 200), (175, 175), (250, 200)] {
            let found = judge((425.0, None), &[on, off, on, off, on]);
            assert_eq!(found, Some(ProgressTone::Reorder), "{on} {off}");
        }
    }

    #[test]
    fn ringing_tones_of_many_countries_are_ringing() {
        // ITU-T E.180: 0.67 to 1.5 s on, 3 to 5 s off.
        for (on, off) in
            [(1_000, 4_000), (1_500, 3_500), (670, 3_000), (1_200, 4_650), (800, 3_200)]
        {
            let found = judge((425.0, None), &[on, off, on]);
            assert_eq!(found, Some(ProgressTone::Ringback), "{on} {off}");
        }
        let british = judge((400.0, Some(450.0)), &[400, 200, 400]);
        assert_eq!(british, Some(ProgressTone::Ringback));
        let american = judge((440.0, Some(480.0)), &[2_000]);
        assert_eq!(american, Some(ProgressTone::Ringback));
    }

    #[test]
    fn beeps_at_other_pitches_or_in_other_rhythms_are_nothing() {
        assert_eq!(judge((1_000.0, None), &[500, 500, 500, 500, 500]), None, "too high");
        assert_eq!(judge((392.0, Some(467.0)), &[200, 200, 200, 200, 200]), None, "a minor third");
        assert_eq!(judge((425.0, None), &[500, 1_500, 200, 900, 500]), None, "no rhythm");
        assert_eq!(
            judge((1_100.0, None), &[500, 1_500, 500]),
            None,
            "no calling tone: T.30 has 3 s"
        );
    }
}

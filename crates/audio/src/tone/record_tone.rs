//! Which bursts are the record tone of an answering machine or mailbox.
//!
//! Any steady tone will do, as machines agree on nothing: one or two frequencies, 120 ms to 2 s,
//! that ends in silence. What rules a burst out is what else it could be: a digit, a progress tone,
//! part of a melody, a vowel. A burst that could be the first of a progress cadence (425 Hz for
//! half a second) is held back until the next one fails to come, because a busy line must not be
//! taken for a machine; [`held_back_ms`] says how long.
//!
//! Left out: tones of less than 100 ms, melodies of more than two tones, and tones that talk
//! follows at once.

use super::burst::Burst;

/// Decides burst by burst.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordToneJudge {
    pending: Option<Pending>,
    /// Tones before the present one that followed one another without a pause.
    chained: u32,
    last_end: u64,
    previous_hop_power: f32,
}

/// A burst that is a record tone if it stays quiet.
#[derive(Clone, Copy, Debug)]
struct Pending {
    burst: Burst,
    quiet_until: u64,
    release_at: u64,
}

impl RecordToneJudge {
    /// Forgets what is held back: it belonged to something else.
    pub(super) fn discard(&mut self) {
        self.pending = None;
    }

    /// A tone has begun.
    pub(super) fn handle_beginning(&mut self, burst: &Burst) {
        let follows_at_once = burst.start < self.last_end + samples_of(QUIET_MS);
        self.chained = if follows_at_once { self.chained + 1 } else { 0 };
        if let Some(pending) = &self.pending
            && (burst.is_same_tone(&pending.burst) || burst.start < pending.quiet_until)
        {
            self.pending = None;
        }
    }

    /// A tone has ended, whatever comes next.
    pub(super) fn handle_end(&mut self, burst: &Burst) {
        self.last_end = burst.end;
        self.pending = None;
        if !could_be_record_tone(burst) || self.chained > CHAINED_MAX || self.is_loud(burst) {
            return;
        }
        let held_ms = held_back_ms(burst);
        let quiet_ms = QUIET_MS.max(held_ms.min(HELD_QUIET_MS));
        self.pending = Some(Pending {
            burst: *burst,
            quiet_until: burst.end + samples_of(quiet_ms),
            release_at: burst.end + samples_of(QUIET_MS.max(held_ms)),
        });
    }

    /// Takes the power of the next hop; returns the record tone once it is certain.
    pub(super) fn handle_hop(&mut self, hop_power: f32, now: u64) -> Option<Burst> {
        self.previous_hop_power = hop_power;
        let pending = self.pending?;
        if now <= pending.quiet_until && self.is_loud(&pending.burst) {
            self.pending = None;
            return None;
        }
        if now < pending.release_at {
            return None;
        }
        self.pending = None;
        Some(pending.burst)
    }

    fn is_loud(&self, burst: &Burst) -> bool {
        self.previous_hop_power > burst.power * QUIET_SHARE
    }
}

/// Whether a burst by itself is steady, clean and long enough, and no known signal. It need not
/// have ended.
pub(super) fn could_be_record_tone(burst: &Burst) -> bool {
    let lasts = (DURATION_MS_MIN..=DURATION_MS_MAX).contains(&burst.duration_ms());
    let is_above_voice = burst.high_hz.is_none() && burst.low_hz >= VOICE_HZ_MAX;
    let (wander_max, steady_steps_min) = match (is_above_voice, burst.steady_steps) {
        (true, _) => (WANDER_MAX, STEADY_STEPS_MIN),
        (false, 0..LONG_STEPS) => (WANDER_MAX_AS_SHORT_VOICE, STEADY_STEPS_MIN_AS_VOICE),
        (false, LONG_STEPS..) => (WANDER_MAX_AS_LONG_VOICE, STEADY_STEPS_MIN_AS_VOICE),
    };
    let is_clean = burst.clean_steps >= CLEAN_STEPS_MIN
        && burst.steady_steps >= steady_steps_min
        && burst.spoiled_steps <= burst.clean_steps
        && burst.wander <= wander_max;
    lasts
        && is_clean
        && burst.low_hz >= FREQUENCY_HZ_MIN
        && !burst.is_digit()
        && !burst.is_exchange_pair()
}

/// How long to wait for a second burst, because this one is just what an exchange would send first;
/// 0 for most tones.
fn held_back_ms(burst: &Burst) -> u32 {
    let duration_ms = burst.duration_ms();
    if burst.high_hz.is_some() {
        return 0;
    }
    let is_exchange_pitch = (394.0..=457.0).contains(&burst.low_hz);
    match duration_ms {
        // Ringing, 1 s on and 4 s off (ITU-T E.180, and most of Europe), 10 % off and the time to
        // hear it.
        900..=1_100 if is_exchange_pitch => 4_500,
        // Busy and congestion: as long off as on, up to half as much again (E.180 allows a ratio of
        // 0.67 to 1.5); in Britain 525 ms off after 225 ms on.
        0..=650 if is_exchange_pitch => (duration_ms + duration_ms / 2 + 100).max(650),
        // Fax calling tone, 0.5 s on and 3 s off, 15 % (ITU-T T.30).
        425..=575 if (burst.low_hz - 1_100.0).abs() <= FAX_CALLING_TOLERANCE_HZ => 3_550,
        _ => 0,
    }
}

fn samples_of(ms: u32) -> u64 {
    u64::from(ms) * u64::from(super::tonality::ANALYSIS_HZ) / 1_000
}

/// Silence after a tone that makes it a record tone. Shorter takes notes of a melody for beeps;
/// longer delays the message, which may begin this long after the tone at the earliest. The tracker
/// needs 75 ms of it to see an end.
const QUIET_MS: u32 = 160;
/// The same where a tone is held back anyway: an answered call begins with a voice.
const HELD_QUIET_MS: u32 = 1_000;
/// Power of what counts as silence, relative to the tone: 8 dB below, so that a tone 10 dB above
/// the noise is found.
const QUIET_SHARE: f32 = 0.16;
/// The shortest record tone in use is 120 ms; a burst's edges are known to 10 ms either way.
const DURATION_MS_MIN: u32 = 100;
/// The longest in use is 1.5 s; what sounds for more than 2 s is a line out of order, or a whistle.
const DURATION_MS_MAX: u32 = 2_000;
/// Lower is mains hum and the fundamental of a voice.
const FREQUENCY_HZ_MIN: f32 = 340.0;
/// Analyses, 10 ms apart, that hear the tone and nothing else. After loud speech 120 ms of tone
/// have six.
const CLEAN_STEPS_MIN: u32 = 5;
/// Analyses that lie within the tone where a voice cannot be meant.
const STEADY_STEPS_MIN: u32 = 2;
/// Analyses that lie within the tone where a voice might be meant, to see it wander.
const STEADY_STEPS_MIN_AS_VOICE: u32 = 4;
/// Up to here a single harmonic of a voice can look like a tone: the second of a high voice in "oo"
/// and "m". Asterisk's prompts (2.6 h, six voices, four languages) have no such vowel above 450 Hz
/// that lasts as long as a beep.
const VOICE_HZ_MAX: f32 = 650.0;
/// Range of the frequency where a voice cannot be meant: a beep may be swept.
const WANDER_MAX: f32 = 0.12;
/// Range of the frequency where a voice might be meant. Measured on Asterisk's prompts: 0.006 lets
/// two vowels pass, 0.003 one; generated beeps of 120 ms stay below it 15 dB above noise, and some
/// do not at 10 dB.
const WANDER_MAX_AS_SHORT_VOICE: f32 = 0.003;
/// The same over [`LONG_STEPS`] and more: noise is given more chances to move an estimate, and no
/// vowel is held so still.
const WANDER_MAX_AS_LONG_VOICE: f32 = 0.006;
/// Analyses within the tone that make it a long one: some 150 ms of tone.
const LONG_STEPS: u32 = 10;
/// Tones that may precede a record tone without a pause ("bing-bong").
const CHAINED_MAX: u32 = 1;
/// A fax machine must keep its tone within 38 Hz (ITU-T T.30); those built in this century keep it
/// within 1 %.
const FAX_CALLING_TOLERANCE_HZ: f32 = 15.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn burst(low_hz: f32, duration_ms: u32) -> Burst {
        Burst {
            start: samples_of(1_000),
            end: samples_of(1_000 + duration_ms),
            low_hz,
            power: 1e6,
            clean_steps: duration_ms / 10,
            steady_steps: duration_ms / 10,
            ..Burst::default()
        }
    }

    /// When the burst is reported, in ms after its end, if nothing follows.
    fn report_ms(burst: &Burst) -> Option<u32> {
        let mut judge = RecordToneJudge::default();
        judge.handle_end(burst);
        (0..10_000)
            .step_by(20)
            .find(|ms| judge.handle_hop(0.0, burst.end + samples_of(*ms)).is_some())
    }

    #[test]
    fn a_tone_is_reported_after_160_ms_of_silence() {
        assert_eq!(report_ms(&burst(1_000.0, 300)), Some(160));
    }

    #[test]
    fn what_an_exchange_might_send_waits_for_its_second_burst() {
        // ITU-T E.180 busy (ratio 0.67 to 1.5), ringing 1 s on and 4 s off; ITU-T T.30 calling tone
        // 3 s ± 15 % off.
        assert_eq!(report_ms(&burst(425.0, 500)), Some(860));
        assert_eq!(report_ms(&burst(425.0, 1_000)), Some(4_500));
        assert_eq!(report_ms(&burst(1_100.0, 500)), Some(3_560));
        let mut judge = RecordToneJudge::default();
        let first = burst(425.0, 500);
        judge.handle_end(&first);
        let second = Burst { start: first.end + samples_of(500), ..first };
        judge.handle_beginning(&second);
        assert_eq!(judge.handle_hop(0.0, samples_of(10_000)), None);
    }

    #[test]
    fn a_wandering_low_tone_is_a_voice_and_a_wandering_high_one_a_swept_beep() {
        assert_eq!(report_ms(&Burst { wander: 0.02, ..burst(380.0, 300) }), None);
        assert_eq!(report_ms(&Burst { wander: 0.08, ..burst(1_000.0, 300) }), Some(160));
    }

    #[test]
    fn bursts_shorter_than_100_ms_or_longer_than_2_s_are_none() {
        assert_eq!(report_ms(&burst(1_000.0, 90)), None);
        assert_eq!(report_ms(&burst(1_000.0, 2_050)), None);
    }

    #[test]
    fn a_melody_of_three_tones_is_none() {
        let mut judge = RecordToneJudge::default();
        let mut last = Burst::default();
        for hz in [800.0, 1_000.0, 1_200.0] {
            last = Burst { start: last.end, end: last.end + samples_of(300), ..burst(hz, 300) };
            judge.handle_beginning(&last);
            judge.handle_end(&last);
        }
        assert_eq!(judge.handle_hop(0.0, last.end + samples_of(1_000)), None);
    }
}

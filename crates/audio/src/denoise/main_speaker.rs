//! Holds down voices in the background: the person next to the caller, the television.
//!
//! A telephone is held or worn by the one who is meant, so the caller is the loudest voice on the
//! line. The stage follows the level of the loudest voice and turns down what stays well below it.
//! It listens after the noise suppressor, in steps of 10 ms.
//!
//! ```text
//!           quiet voice for 120 ms, 250 ms after the caller
//!   Open ----------------------------------------------------> Held
//!     ^                                                          |
//!     +----------- caller's level, at once ----------------------+
//!     +----------- 600 ms without any voice ---------------------+
//! ```
//!
//! Open is the rule, also in silence, so that a soft first consonant is not lost; the price is that
//! each background utterance is heard for its first 120 ms. A voice within 9 dB of the caller's is
//! never turned down.
//!
//! Who the caller is can change (the telephone is handed over). A quieter voice alone on the line
//! becomes the main one within 2 s. If the louder voice then returns, the quiet one was background
//! after all: each such mistake doubles the wait, up to 8 s of speech, so nobody is held down for
//! ever.
//!
//! Knowingly left out: the colour and the reverberation of a voice (a line's own colour and coding
//! hide both; level is what is left), and a background voice under the caller's own words.

use offhook_types::SampleRate;

/// A background voice is turned down by this at full strength: one 12 dB below the caller ends 30
/// dB below, in the range of room noise. Deeper would make the first 120 ms of each of its
/// utterances stand out, and a caller taken for a background voice inaudible.
const DEPTH_DB: f32 = 18.0;
/// How far below the main speaker's level a voice may be and still be taken for the main speaker.
/// The level rides on the loudest syllables; 6 dB would turn down the caller's own phrases that are
/// 7 dB softer, 12 dB would let pass the voice at -12 dB that this stage is for.
const MARGIN_DB: f32 = 9.0;
/// What is further below the main speaker is no voice worth holding: breath, room.
const AUDIBLE_RANGE_DB: f32 = 40.0;
/// Quieter than this, relative to full scale, nothing counts as a voice.
const AUDIBLE_DB: f32 = -65.0;
/// Speech probability from which a step counts as speech. On 8 kHz mu-law recordings RNNoise gives
/// vowels 0.97 on average and the pauses 0.01 and less, from 20 to 5 dB SNR of white, pink and car
/// noise.
const SPEECH_PROBABILITY_MIN: f32 = 0.6;

/// All times are counted in steps of 10 ms.
const STEPS_PER_S: f32 = 100.0;
/// The level of a voice falls this fast between syllables; faster and every vowel's end is a new,
/// quieter voice.
const ENVELOPE_FALL_DB: f32 = 60.0 / STEPS_PER_S;
/// A louder voice raises the main level this fast: a second's speech suffices for any difference, a
/// slammed door of 100 ms moves it by 4 dB at most.
const RISE_DB: f32 = 40.0 / STEPS_PER_S;
/// The main level sinks this fast under the main speaker's own softer syllables; 20 times slower
/// than it rises, so it rides on the loudest twentieth.
const SINK_DB: f32 = 2.0 / STEPS_PER_S;
/// The main level falls this fast towards a quieter voice that is being adopted.
const ADOPT_DB: f32 = 30.0 / STEPS_PER_S;
/// An adoption ends where the new voice is this close to the main level.
const ADOPTED_WITHIN_DB: f32 = 2.0;
/// Speech heard before a level is believed at all.
const FIRST_STEPS: u32 = 10;
/// The main level opens the line at once, but only this long of it, the length of a short vowel,
/// begins the time after the main speaker anew: single peaks of a background voice reach up to it.
const CONFIRMED_STEPS: u32 = 5;
/// A quiet voice is held from this long after the main speaker; shorter clips the ends of the
/// caller's phrases.
const AFTER_MAIN_STEPS: u32 = 25;
/// ... and when it has been heard for this long; shorter takes the caller's soft onsets for a
/// background voice.
const QUIET_STEPS: u32 = 12;
/// Silence after which the line is open again.
const OPEN_AGAIN_STEPS: u32 = 60;
/// Quiet speech before it begins to be adopted as the main one, and the most that mistakes can make
/// of it.
const ADOPT_AFTER_STEPS: u32 = 70;
const ADOPT_AFTER_STEPS_MAX: u32 = 800;
/// How long the louder voice has to return for an adoption to count as a mistake.
const MISTAKE_STEPS: u32 = 3_000;

/// Opening takes 5 ms, fast enough for a plosive and slow enough not to click; closing takes 150
/// ms.
const OPEN_MS: u32 = 5;
const CLOSE_DB: f32 = 120.0 / STEPS_PER_S;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    Held,
}

/// Follows the main speaker's level and turns down quieter voices.
pub(super) struct MainSpeaker {
    depth: f32,
    open_step: f32,
    gain: f32,
    tracker: Tracker,
}

/// Decides, step by step, whether the main speaker or a quieter one is on the line.
#[derive(Clone, Debug)]
struct Tracker {
    gate: Gate,
    /// Level of the voice now, in dB relative to full scale.
    envelope_db: f32,
    /// Level of the main speaker, once known.
    main_db: Option<f32>,
    first_steps: u32,
    /// Steps at the main speaker's level in a row.
    main_steps: u32,
    since_main: u32,
    since_voice: u32,
    quiet_steps: u32,
    quiet_speech_steps: u32,
    adopt_after: u32,
    is_adopting: bool,
    /// Level before the latest adoption, and how long ago that was.
    adopted: Option<(f32, u32)>,
}

impl MainSpeaker {
    pub(super) fn new(rate: SampleRate, strength: f32) -> Self {
        Self {
            depth: 10_f32.powf(-DEPTH_DB * strength / 20.0),
            open_step: 1.0 / rate.samples_in_ms(OPEN_MS) as f32,
            gain: 1.0,
            tracker: Tracker::new(),
        }
    }

    /// Turns one 20 ms frame down where it holds a quieter voice, and says whether it does.
    pub(super) fn process(&mut self, frame: &mut [f32], probabilities: [f32; 2]) -> bool {
        let (first, second) = frame.split_at_mut(frame.len() / 2);
        let first_gate = self.tracker.step(level_db(first), probabilities[0]);
        let second_gate = self.tracker.step(level_db(second), probabilities[1]);
        // The second half is known already: where the main speaker begins in it, the first half
        // opens too.
        let both = if second_gate == Gate::Open { Gate::Open } else { first_gate };
        self.apply(first, both);
        self.apply(second, second_gate);
        second_gate == Gate::Held
    }

    pub(super) fn reset(&mut self) {
        self.gain = 1.0;
        self.tracker = Tracker::new();
    }

    fn apply(&mut self, samples: &mut [f32], gate: Gate) {
        match gate {
            Gate::Open if self.gain >= 1.0 => {}
            Gate::Open => {
                for sample in samples {
                    self.gain = (self.gain + self.open_step).min(1.0);
                    *sample *= self.gain;
                }
            }
            Gate::Held => {
                let end = (self.gain * 10_f32.powf(-CLOSE_DB / 20.0)).max(self.depth);
                let slope = (end - self.gain) / samples.len() as f32;
                for sample in samples {
                    self.gain += slope;
                    *sample *= self.gain;
                }
                self.gain = end;
            }
        }
    }
}

impl Tracker {
    const fn new() -> Self {
        Self {
            gate: Gate::Open,
            envelope_db: AUDIBLE_DB,
            main_db: None,
            first_steps: 0,
            main_steps: 0,
            since_main: 0,
            since_voice: 0,
            quiet_steps: 0,
            quiet_speech_steps: 0,
            adopt_after: ADOPT_AFTER_STEPS,
            is_adopting: false,
            adopted: None,
        }
    }

    /// Takes 10 ms of the line: its level in dB relative to full scale and the probability of
    /// speech.
    fn step(&mut self, level_db: f32, probability: f32) -> Gate {
        self.envelope_db = level_db.max(self.envelope_db - ENVELOPE_FALL_DB).max(AUDIBLE_DB);
        let is_speech = probability >= SPEECH_PROBABILITY_MIN;
        let Some(main_db) = self.main_db else {
            self.learn_first(is_speech);
            return self.gate;
        };
        let is_main = self.envelope_db >= main_db - MARGIN_DB;
        let is_audible = level_db > (main_db - AUDIBLE_RANGE_DB).max(AUDIBLE_DB);
        self.count(is_main, is_audible, is_speech);
        if is_speech {
            self.learn(main_db, level_db, is_main);
        }
        self.gate = match self.gate {
            Gate::Open if !is_main && self.is_quiet_voice() => Gate::Held,
            Gate::Held if is_main || self.since_voice >= OPEN_AGAIN_STEPS => Gate::Open,
            unchanged @ (Gate::Open | Gate::Held) => unchanged,
        };
        self.gate
    }

    /// The first speech on the line is the main speaker's until a louder one comes.
    fn learn_first(&mut self, is_speech: bool) {
        self.first_steps += u32::from(is_speech);
        if self.first_steps >= FIRST_STEPS {
            self.main_db = Some(self.envelope_db);
        }
    }

    fn count(&mut self, is_main: bool, is_audible: bool, is_speech: bool) {
        self.main_steps = if is_main { self.main_steps.saturating_add(1) } else { 0 };
        let is_confirmed = self.main_steps >= CONFIRMED_STEPS;
        self.since_main = if is_confirmed { 0 } else { self.since_main.saturating_add(1) };
        let is_voice = is_audible && is_speech;
        self.since_voice = if is_voice { 0 } else { self.since_voice.saturating_add(1) };
        if is_confirmed {
            self.quiet_steps = 0;
            self.quiet_speech_steps = 0;
        } else if is_voice && !is_main {
            self.quiet_steps = self.quiet_steps.saturating_add(1);
            self.quiet_speech_steps = self.quiet_speech_steps.saturating_add(1);
        } else if !is_audible {
            self.quiet_steps = self.quiet_steps.saturating_sub(1);
        }
        self.adopted = match self.adopted {
            Some((level_db, age)) if age < MISTAKE_STEPS => Some((level_db, age + 1)),
            Some(_) | None => None,
        };
    }

    fn is_quiet_voice(&self) -> bool {
        self.since_main >= AFTER_MAIN_STEPS && self.quiet_steps >= QUIET_STEPS
    }

    /// Moves the main level by one step of speech.
    fn learn(&mut self, main_db: f32, level_db: f32, is_main: bool) {
        if let Some((given_up_db, _)) = self.adopted
            && self.envelope_db >= given_up_db - MARGIN_DB / 2.0
        {
            // The voice that was given up is back: what was adopted meanwhile belongs to the
            // background.
            self.adopted = None;
            self.is_adopting = false;
            self.adopt_after = (2 * self.adopt_after).min(ADOPT_AFTER_STEPS_MAX);
            self.main_db = Some(given_up_db);
            return;
        }
        if !is_main && self.quiet_speech_steps >= self.adopt_after {
            self.is_adopting = true;
            self.adopted = self.adopted.or(Some((main_db, 0)));
        }
        let below = main_db - self.envelope_db;
        // Adopted down to the new voice's peaks, or its softer syllables would count as a
        // background again.
        self.is_adopting &= below > ADOPTED_WITHIN_DB;
        self.main_db = Some(if level_db > main_db {
            main_db + (level_db - main_db).min(RISE_DB)
        } else if self.is_adopting {
            main_db - ADOPT_DB
        } else if is_main {
            main_db - below.clamp(0.0, SINK_DB)
        } else {
            main_db
        });
    }
}

/// Mean power in dB relative to a full-scale square; -100 for silence.
fn level_db(samples: &[f32]) -> f32 {
    let power: f32 = samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32;
    10.0 * (power / (32_768.0 * 32_768.0)).max(1e-10).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER_RMS: f64 = 1_600.0;

    #[test]
    fn a_voice_12_db_below_the_caller_goes_down_by_12_db_more_and_one_6_db_below_by_nothing() {
        for (below_db, least, most) in [(6.0, -0.1, 0.5), (12.0, 12.0, 18.1), (18.0, 12.0, 18.1)] {
            let mut speaker = MainSpeaker::new(SampleRate::HZ_8000, 1.0);
            through(&mut speaker, &talk(8_000, 3_000, CALLER_RMS, 120.0));
            let quiet = quieter(&talk(8_000, 1_000, CALLER_RMS, 190.0), below_db);
            // Let the hangover after the caller and the first 120 ms pass.
            through(&mut speaker, &quiet[..4_000]);
            let rest = &quiet[4_000..];
            let off = loudness_db(rest) - loudness_db(&through(&mut speaker, rest));
            assert!((least..=most).contains(&off), "{off} dB off a voice at -{below_db} dB");
        }
    }

    #[test]
    fn the_callers_first_word_over_a_held_voice_is_open_within_10_ms() {
        let mut speaker = MainSpeaker::new(SampleRate::HZ_8000, 1.0);
        let caller = talk(8_000, 3_000, CALLER_RMS, 120.0);
        through(&mut speaker, &caller);
        through(&mut speaker, &quieter(&talk(8_000, 800, CALLER_RMS, 190.0), 15.0));
        assert!(speaker.gain < 0.2, "not held: {}", speaker.gain);
        let out = through(&mut speaker, &caller[..1_600]);
        let loss = |range: std::ops::Range<usize>| {
            loudness_db(&caller[range.clone()]) - loudness_db(&out[range])
        };
        assert!(loss(80..1_600) < 0.1, "{}", loss(80..1_600));
    }

    #[test]
    fn the_callers_softer_words_and_pauses_stay_open() {
        let mut speaker = MainSpeaker::new(SampleRate::HZ_8000, 1.0);
        let caller = talk(8_000, 2_000, CALLER_RMS, 120.0);
        for below_db in [0.0, 5.0, 0.0, 7.0, 3.0] {
            let phrase = quieter(&caller, below_db);
            let out = through(&mut speaker, &phrase);
            let off = loudness_db(&phrase) - loudness_db(&out);
            assert!(off < 0.1, "{off} dB off a phrase at -{below_db} dB");
            through(&mut speaker, &vec![0.0; 8_000]);
        }
    }

    #[test]
    fn a_quieter_new_speaker_is_heard_within_2_s_of_speech() {
        for below_db in [12.0, 18.0, 24.0] {
            let mut speaker = MainSpeaker::new(SampleRate::HZ_8000, 1.0);
            through(&mut speaker, &talk(8_000, 3_000, CALLER_RMS, 120.0));
            let quiet = quieter(&talk(8_000, 3_000, CALLER_RMS, 190.0), below_db);
            let out = through(&mut speaker, &quiet);
            let off = loudness_db(&quiet[16_000..]) - loudness_db(&out[16_000..]);
            assert!(off < 0.5, "{off} dB off after 2 s at -{below_db} dB");
        }
    }

    #[test]
    fn each_time_the_louder_voice_returns_the_quiet_one_waits_longer_but_never_for_ever() {
        let mut speaker = MainSpeaker::new(SampleRate::HZ_8000, 1.0);
        let caller = talk(8_000, 3_000, CALLER_RMS, 120.0);
        let television = quieter(&talk(8_000, 12_000, CALLER_RMS, 190.0), 15.0);
        let mut open_after = Vec::new();
        for _ in 0..6 {
            through(&mut speaker, &caller);
            let out = through(&mut speaker, &television);
            // The first frame, after the leak at the beginning, that passes whole.
            let frames = television.chunks_exact(160).zip(out.chunks_exact(160)).enumerate();
            let passed = frames.skip(50).find(|(_, (a, b))| a[0] != 0.0 && a == b);
            open_after.push(passed.map_or(usize::MAX, |(index, _)| index * 20));
        }
        assert!(open_after.is_sorted(), "{open_after:?}");
        assert!(open_after[0] < 2_000 && open_after[3] > 5_000, "{open_after:?}");
        assert!(open_after[5] < 12_000, "held for ever: {open_after:?}");
    }

    #[test]
    fn a_slammed_door_does_not_make_the_caller_a_background_voice() {
        let mut speaker = MainSpeaker::new(SampleRate::HZ_8000, 1.0);
        let caller = talk(8_000, 2_000, CALLER_RMS, 120.0);
        through(&mut speaker, &caller);
        // 100 ms, 20 dB louder, taken for speech by mistake.
        through(&mut speaker, &quieter(&caller[..800], -20.0));
        let out = through(&mut speaker, &caller);
        assert!(loudness_db(&caller) - loudness_db(&out) < 0.1);
    }

    /// Frames that sound are certain speech, silent ones certain silence.
    fn through(speaker: &mut MainSpeaker, samples: &[f32]) -> Vec<f32> {
        let mut out = samples.to_vec();
        for frame in out.chunks_exact_mut(160) {
            let probability = |half: &[f32]| if loudness_db(half) > 10.0 { 0.95 } else { 0.0 };
            let probabilities = [probability(&frame[..80]), probability(&frame[80..])];
            speaker.process(frame, probabilities);
        }
        out
    }

    fn talk(rate: u32, millis: u32, rms: f64, pitch_hz: f64) -> Vec<f32> {
        let samples = super::super::synthetic_speech::talk(rate, millis, rms, pitch_hz);
        samples.into_iter().map(f32::from).collect()
    }

    fn quieter(samples: &[f32], by_db: f32) -> Vec<f32> {
        samples.iter().map(|s| s * 10_f32.powf(-by_db / 20.0)).collect()
    }

    fn loudness_db(samples: &[f32]) -> f32 {
        let power = samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32;
        10.0 * power.max(1e-3).log10()
    }
}

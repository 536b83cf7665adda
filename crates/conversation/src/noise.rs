//! Voice that is no speech: music, a television, a line that hums. A detector calls it voice and
//! goes on doing so; a recogniser hears no words in it.

use std::time::Duration;

use offhook_types::{Timestamp, VoiceFrame};

use crate::conversation::millis;
use crate::rules::{
    ASK_FOR_WORDS_AFTER, VOICE_IS_NOISE_AFTER, VOICE_IS_NOISE_AFTER_PARTIALS, WORDLESS_SILENCE,
};

/// Watches over voice that brings no words.
#[derive(Debug, Default)]
pub(crate) struct NoiseWatch {
    /// Time that was voiced since the last words, short pauses left out.
    wordless: Duration,
    /// The last frame, and the last that was voiced.
    last: Timestamp,
    last_voiced: Timestamp,
    has_asked: bool,
    is_noise: bool,
    /// The recogniser tells words before they are final.
    tells_partials: bool,
}

/// What is to be done about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heed {
    /// It is as it is.
    Frame(VoiceFrame),
    /// The same; and a recogniser that tells nothing until it is told to finish must be told.
    AskForWords(VoiceFrame),
}

impl NoiseWatch {
    /// Whether what is heard is no speech.
    pub(crate) const fn is_noise(&self) -> bool {
        self.is_noise
    }

    /// Words came before they were final.
    pub(crate) const fn note_partial(&mut self) {
        self.tells_partials = true;
    }

    /// The caller's frame; `words_at` is when words were last recognised.
    pub(crate) fn heed(&mut self, now: Timestamp, frame: VoiceFrame, words_at: Timestamp) -> Heed {
        // A line that stalled brings its frames at once: each is 20 ms.
        let passed = now.saturating_since(self.last).min(FRAME);
        self.last = now;
        let pause = now.saturating_since(self.last_voiced);
        let is_sound = frame.is_open && frame.silence_ms == 0;
        if words_at >= self.last_voiced || (!is_sound && pause >= millis(WORDLESS_SILENCE)) {
            (self.wordless, self.has_asked, self.is_noise) = (Duration::ZERO, false, false);
        }
        if is_sound {
            self.last_voiced = now;
            self.wordless += passed;
        }
        if !frame.is_open {
            return Heed::Frame(frame);
        }
        let noise_after =
            if self.tells_partials { VOICE_IS_NOISE_AFTER_PARTIALS } else { VOICE_IS_NOISE_AFTER };
        self.is_noise |= self.wordless >= millis(noise_after);
        if self.is_noise {
            let silence_ms = u32::try_from(self.wordless.as_millis()).unwrap_or(u32::MAX);
            return Heed::Frame(VoiceFrame { silence_ms, ..VoiceFrame::default() });
        }
        if !self.has_asked && self.wordless >= millis(ASK_FOR_WORDS_AFTER) {
            self.has_asked = true;
            return Heed::AskForWords(frame);
        }
        Heed::Frame(frame)
    }
}

const FRAME: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    const VOICE: VoiceFrame =
        VoiceFrame { is_voiced: true, is_open: true, voiced_ms: 100, silence_ms: 0, extra_ms: 0 };

    /// Voice for so long, from `from` on, without words.
    fn voice(watch: &mut NoiseWatch, from: u64, millis: u32) -> Heed {
        let frames = u64::from(millis) / 20;
        (1..=frames).fold(Heed::Frame(VOICE), |_, frame| {
            watch.heed(Timestamp::from_millis(from + frame * 20), VOICE, Timestamp::ZERO)
        })
    }

    fn is_noise(heed: Heed) -> bool {
        matches!(heed, Heed::Frame(frame) if !frame.is_open && frame.silence_ms > 0)
    }

    #[test]
    fn voice_without_words_is_asked_about_once_and_then_is_noise_until_words() {
        let mut watch = NoiseWatch::default();
        assert_eq!(voice(&mut watch, 1_000, ASK_FOR_WORDS_AFTER), Heed::AskForWords(VOICE));
        let rest = VOICE_IS_NOISE_AFTER - ASK_FOR_WORDS_AFTER;
        let asked = 1_000 + u64::from(ASK_FOR_WORDS_AFTER);
        assert_eq!(voice(&mut watch, asked, rest - 20), Heed::Frame(VOICE));
        assert!(is_noise(voice(&mut watch, asked + u64::from(rest) - 20, 20)));
        let words_at = Timestamp::from_millis(asked + u64::from(rest) + 10);
        assert_eq!(watch.heed(words_at + FRAME, VOICE, words_at), Heed::Frame(VOICE));
    }

    #[test]
    fn a_recogniser_that_tells_partials_is_not_waited_for_as_long() {
        let mut watch = NoiseWatch::default();
        watch.note_partial();
        assert!(!is_noise(voice(&mut watch, 1_000, VOICE_IS_NOISE_AFTER_PARTIALS - 20)));
        assert!(is_noise(voice(&mut watch, 980 + u64::from(VOICE_IS_NOISE_AFTER_PARTIALS), 20)));
    }

    #[test]
    fn a_short_pause_is_part_of_the_noise_and_no_part_of_its_length() {
        let mut watch = NoiseWatch::default();
        watch.note_partial();
        let half = VOICE_IS_NOISE_AFTER_PARTIALS / 2;
        voice(&mut watch, 1_000, half);
        let pause = u64::from(WORDLESS_SILENCE) - 100;
        let behind = 1_000 + u64::from(half) + pause;
        watch.heed(Timestamp::from_millis(behind), VoiceFrame::default(), Timestamp::ZERO);
        assert!(!is_noise(voice(&mut watch, behind, half - 20)));
        assert!(is_noise(voice(&mut watch, behind + u64::from(half), 40)));
        // Silence ends it.
        let later = behind + u64::from(half + WORDLESS_SILENCE) + 100;
        watch.heed(Timestamp::from_millis(later), VoiceFrame::default(), Timestamp::ZERO);
        assert!(!is_noise(voice(&mut watch, later, half)));
    }
}

//! Voice that is no speech: music, a television, a line that hums. A detector calls it voice and goes
//! on doing so; a recogniser hears no words in it.

use offhook_types::{Timestamp, VoiceFrame};

use crate::conversation::millis;
use crate::rules::{ASK_FOR_WORDS_AFTER, NOISE_AFTER, NOISE_AFTER_PARTIALS, WORDLESS_SILENCE};

/// Watches over voice that brings no words.
#[derive(Debug, Default)]
pub(crate) struct NoiseWatch {
    /// Since when the voice goes on, short pauses included.
    since: Option<Timestamp>,
    /// When it was last heard.
    last: Timestamp,
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
    /// Words came before they were final.
    pub(crate) const fn note_partial(&mut self) {
        self.tells_partials = true;
    }

    fn begin(&mut self, since: Option<Timestamp>) {
        let tells_partials = self.tells_partials;
        *self = Self { since, last: self.last, tells_partials, ..Self::default() };
    }

    /// The caller's frame; `words_at` is when words were last recognised.
    pub(crate) fn heed(&mut self, now: Timestamp, frame: VoiceFrame, words_at: Timestamp) -> Heed {
        if !frame.is_open {
            if now.saturating_since(self.last) >= millis(WORDLESS_SILENCE) {
                self.begin(None);
            }
            return Heed::Frame(frame);
        }
        self.last = now;
        let since = self.since.get_or_insert(now);
        if words_at > *since {
            self.begin(Some(words_at));
            return Heed::Frame(frame);
        }
        let wordless = now.saturating_since(*since);
        let noise_after = if self.tells_partials { NOISE_AFTER_PARTIALS } else { NOISE_AFTER };
        self.is_noise |= wordless >= millis(noise_after);
        if self.is_noise {
            let silence_ms = u32::try_from(wordless.as_millis()).unwrap_or(u32::MAX);
            return Heed::Frame(VoiceFrame { silence_ms, ..VoiceFrame::default() });
        }
        if !self.has_asked && wordless >= millis(ASK_FOR_WORDS_AFTER) {
            self.has_asked = true;
            return Heed::AskForWords(frame);
        }
        Heed::Frame(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOICE: VoiceFrame =
        VoiceFrame { is_voiced: true, is_open: true, voiced_ms: 100, silence_ms: 0, extra_ms: 0 };

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn voice_without_words_is_asked_about_once_and_then_is_noise_until_words_or_a_pause() {
        let mut watch = NoiseWatch::default();
        let words_at = at(900);
        assert_eq!(watch.heed(at(1_000), VOICE, words_at), Heed::Frame(VOICE));
        let asked = at(1_000) + millis(ASK_FOR_WORDS_AFTER);
        assert_eq!(watch.heed(asked, VOICE, words_at), Heed::AskForWords(VOICE));
        assert_eq!(watch.heed(asked, VOICE, words_at), Heed::Frame(VOICE));
        let noise = at(1_000) + millis(NOISE_AFTER);
        let Heed::Frame(heeded) = watch.heed(noise, VOICE, words_at) else { panic!("asked again") };
        assert_eq!((heeded.is_open, heeded.silence_ms), (false, NOISE_AFTER));
        assert_eq!(watch.heed(noise, VOICE, noise), Heed::Frame(VOICE), "words");
    }

    #[test]
    fn a_recogniser_that_tells_partials_is_not_waited_for_as_long() {
        let mut watch = NoiseWatch::default();
        watch.note_partial();
        watch.heed(at(1_000), VOICE, Timestamp::ZERO);
        let noise = at(1_000) + millis(NOISE_AFTER_PARTIALS);
        assert_ne!(watch.heed(noise, VOICE, Timestamp::ZERO), Heed::Frame(VOICE));
    }

    #[test]
    fn noise_that_stops_for_a_moment_is_still_noise_and_silence_ends_it() {
        let pause = VoiceFrame::default();
        let mut music = NoiseWatch::default();
        for step in 0..NOISE_AFTER / 500 {
            let frame = if step % 4 == 3 { pause } else { VOICE };
            music.heed(at(u64::from(step) * 500), frame, Timestamp::ZERO);
        }
        let end = at(u64::from(NOISE_AFTER));
        assert_ne!(music.heed(end, VOICE, Timestamp::ZERO), Heed::Frame(VOICE));
        let quiet = end + millis(WORDLESS_SILENCE);
        assert_eq!(music.heed(quiet, pause, Timestamp::ZERO), Heed::Frame(pause));
        assert_eq!(music.heed(quiet, VOICE, Timestamp::ZERO), Heed::Frame(VOICE));
    }
}

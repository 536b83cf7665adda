//! What is heard where speech stops without having faded: it ran dry in mid-utterance, it was
//! dropped, or it simply ends on a sample that is not zero.
//!
//! What would have come is not known, so the last milliseconds are played again backwards while
//! they fade: the mirror starts on the very sample at which speech stopped, so there is no step,
//! and it has the sound of the voice. Where an utterance goes on after a gap it is faded in as
//! shortly. Longer concealment is left out: a voice stretched over a gap of unknown length sounds
//! worse than the gap.

use offhook_types::SampleRate;

use super::fade::{fade_in_part, falling};
use super::played_history::PlayedHistory;

/// Rounds off the ends that nobody asked for.
#[derive(Clone, Debug)]
pub(super) struct SpeechEdge {
    mirror: Box<[i16]>,
    /// Samples of the mirror that are still to be played; it is read from its end.
    mirror_left: usize,
    /// Samples of the fade-in that have passed; the mirror's length when there is none.
    fade_in_done: usize,
}

/// Length of either fade. 5 ms is a pitch period or less of most voices: at 2 ms a vowel that
/// breaks off is heard as a click, at 10 the mirror as an echo of it.
const EDGE_MS: u32 = 5;

impl SpeechEdge {
    pub(super) fn new(rate: SampleRate) -> Self {
        let length = rate.samples_in_ms(EDGE_MS);
        Self { mirror: vec![0; length].into(), mirror_left: 0, fade_in_done: length }
    }

    /// Whether samples pass untouched.
    pub(super) const fn is_idle(&self) -> bool {
        self.mirror_left == 0 && self.fade_in_done == self.mirror.len()
    }

    /// Speech stopped at the end of `history`.
    pub(super) fn stop(&mut self, history: &PlayedHistory) {
        let length = self.mirror.len();
        history.copy_range_into(history.end().saturating_sub(length as u64), &mut self.mirror);
        // At the very start of a stream fewer samples than the mirror takes are known, and they are
        // at its front.
        let known = length.min(usize::try_from(history.end()).unwrap_or(length));
        self.mirror.rotate_right(length - known);
        self.mirror_left = length;
        self.fade_in_done = length;
    }

    /// Speech goes on after a gap.
    pub(super) fn resume(&mut self) {
        self.fade_in_done = 0;
    }

    /// Fades in what resumed.
    pub(super) fn fade_in(&mut self, speech: &mut [f32]) {
        let length = self.mirror.len();
        fade_in_part(speech, self.fade_in_done, length);
        self.fade_in_done = length.min(self.fade_in_done + speech.len());
    }

    /// Adds what is left of the mirror, from the start of `mix`.
    pub(super) fn add_mirror(&mut self, mix: &mut [f32]) {
        let length = self.mirror.len();
        for sample in mix.iter_mut().take(self.mirror_left) {
            self.mirror_left -= 1;
            let falling = falling(length - 1 - self.mirror_left, length);
            *sample += f32::from(self.mirror[self.mirror_left]) * falling;
        }
    }

    pub(super) fn reset(&mut self) {
        self.mirror_left = 0;
        self.fade_in_done = self.mirror.len();
    }
}

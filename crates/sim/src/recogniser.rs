//! A stand-in recogniser: it knows the caller's words, and says each once it has heard its audio.

use std::time::Duration;

use offhook_types::{SampleRate, SttEvent};

use crate::caller::TimedWord;
use crate::providers::SttBehaviour;

/// What was heard and said so far.
#[derive(Debug)]
pub(crate) struct Recogniser {
    rate: SampleRate,
    heard_samples: u64,
    /// Words that were part of a final.
    finished: usize,
    /// Words that were part of a partial.
    shown: usize,
    random: fastrand::Rng,
}

/// Events, each with how long it takes.
type Answers = Vec<(Duration, SttEvent)>;

impl Recogniser {
    pub(crate) fn new(rate: SampleRate, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed ^ RECOGNISER_STREAM);
        Self { rate, heard_samples: 0, finished: 0, shown: 0, random }
    }

    /// Hears audio; says what is new. `words` are everything the caller says, in order.
    pub(crate) fn hear(
        &mut self,
        samples: usize,
        words: &[TimedWord],
        behaviour: &SttBehaviour,
    ) -> Answers {
        self.heard_samples += samples as u64;
        let known = self.known(words);
        if known <= self.shown {
            return Answers::new();
        }
        if self.is_deaf(behaviour) {
            // Their audio went into a connection that nobody reads.
            (self.finished, self.shown) = (known, known);
            return Answers::new();
        }
        self.shown = known;
        let mut text = text(&words[self.finished..known]);
        if self.happens(behaviour.revised_permille) {
            let kept = text.rfind(' ').map_or(0, |space| space + 1);
            text.replace_range(kept.., MISHEARD);
        }
        let partial = SttEvent::Partial { text, stable_bytes: 0 };
        vec![(behaviour.partial.draw(&mut self.random), partial)]
    }

    /// Finishes what was heard.
    pub(crate) fn finish(&mut self, words: &[TimedWord], behaviour: &SttBehaviour) -> Answers {
        let known = self.known(words);
        if known <= self.finished || self.is_deaf(behaviour) {
            return Answers::new();
        }
        let said = text(&words[self.finished..known]);
        let mut delay = behaviour.last_words.draw(&mut self.random);
        if self.happens(behaviour.lost_permille) {
            return Answers::new();
        }
        if self.happens(behaviour.late_permille) {
            delay += LATE_FINAL;
        }
        (self.finished, self.shown) = (known, known.max(self.shown));
        let is_empty = self.happens(behaviour.empty_permille);
        let text = if is_empty { String::new() } else { said.clone() };
        let mut answers = vec![(delay, SttEvent::Final { text, words: Vec::new() })];
        if self.happens(behaviour.disordered_permille) {
            let partial = SttEvent::Partial { text: said, stable_bytes: 0 };
            answers.push((delay + BEHIND_FINAL, partial));
        }
        answers
    }

    /// Words whose audio was heard to its end.
    fn known(&self, words: &[TimedWord]) -> usize {
        let heard = self.heard();
        words.iter().take_while(|word| word.end <= heard).count()
    }

    fn heard(&self) -> Duration {
        Duration::from_micros(self.heard_samples * 1_000_000 / u64::from(self.rate.hz()))
    }

    fn is_deaf(&self, behaviour: &SttBehaviour) -> bool {
        let heard = self.heard();
        behaviour.deaf.is_some_and(|(from, span)| (from..from + span).contains(&heard))
            || self.is_dead(behaviour)
    }

    /// Whether it has died.
    pub(crate) fn is_dead(&self, behaviour: &SttBehaviour) -> bool {
        behaviour.dies_at.is_some_and(|at| self.heard() >= at)
    }

    fn happens(&mut self, permille: u16) -> bool {
        // Nothing is drawn where nothing can happen: see `providers`.
        permille > 0 && self.random.u16(0..1_000) < permille
    }
}

fn text(words: &[TimedWord]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

const LATE_FINAL: Duration = Duration::from_millis(1_500);
const BEHIND_FINAL: Duration = Duration::from_millis(30);
/// What a word is taken for at first: one that changes no rule by itself.
const MISHEARD: &str = "something";
/// Keeps this stream of chance apart from those of networks and stand-ins.
const RECOGNISER_STREAM: u64 = 0x5245_434F_474E_4953;

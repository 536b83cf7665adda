//! A caller: what it does when, and the audio that comes of it, at 8 kHz.

use std::sync::Arc;
use std::time::Duration;

use offhook_types::DtmfDigit;

use crate::agenda::{Agenda, When};
use crate::deed::{Deed, Sound};
use crate::ear::Ear;

/// A word of the caller, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedWord {
    /// The word.
    pub text: String,
    /// When it begins.
    pub start: Duration,
    /// When it ends.
    pub end: Duration,
}

/// What a caller does during a call.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    agenda: Agenda<Deed>,
    samples: Vec<i16>,
    words: Vec<TimedWord>,
    echo: Option<Echo>,
    background: Option<Arc<[i16]>>,
    hangs_up_at: Option<Duration>,
    done: Vec<Done>,
}

/// A sound that was made: when its first and last audible sample left the caller's mouth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What it was.
    pub label: String,
    /// Whether there were words in it.
    pub has_words: bool,
    /// Its first audible sample.
    pub from: Duration,
    /// Its last audible sample.
    pub to: Duration,
}

/// What a caller does besides making sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Press(DtmfDigit),
    HangUp,
}

/// The agent's voice that comes back from the caller's side.
#[derive(Clone, Copy, Debug)]
struct Echo {
    delay: usize,
    gain: f32,
}

/// Samples a second of a caller.
pub(crate) const RATE: usize = 8_000;
/// How long a key is held down.
pub(crate) const KEY_MS: u32 = 160;

impl Caller {
    /// Does something when everything before it is done.
    #[must_use]
    pub fn then(mut self, when: When, what: Deed) -> Self {
        self.agenda = self.agenda.then(when, what);
        self
    }

    /// Waits for the agent no longer than this, each time.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.agenda = self.agenda.with_patience(patience);
        self
    }

    /// Makes a sound at a moment of the call.
    #[must_use]
    pub fn with(self, at: Duration, audio: &[i16], words: &[TimedWord]) -> Self {
        let label = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let sound = Sound { label, audio: audio.into(), words: words.to_vec() };
        self.then(When::At(at), Deed::Sounds(sound))
    }

    /// Lets the agent's voice come back after `delay`, quieter by `loss_db`.
    #[must_use]
    pub fn with_echo(mut self, delay: Duration, loss_db: f32) -> Self {
        let gain = 10_f32.powf(-loss_db / 20.0);
        self.echo = Some(Echo { delay: samples_in(delay), gain });
        self
    }

    /// Puts a sound (8 kHz) under the whole call, again and again.
    #[must_use]
    pub fn with_background(mut self, audio: Arc<[i16]>) -> Self {
        self.background = Some(audio).filter(|audio| !audio.is_empty());
        self
    }

    /// Hangs up at a moment of the call, whatever else is going on.
    #[must_use]
    pub fn hanging_up_at(mut self, at: Duration) -> Self {
        self.hangs_up_at = Some(at);
        self
    }

    /// The sounds that were made, in order.
    pub fn done(&self) -> &[Done] {
        &self.done
    }

    /// What was not done yet.
    pub fn left(&self) -> usize {
        self.agenda.left()
    }

    /// When everything that was begun is over.
    pub const fn free_at(&self) -> Duration {
        self.agenda.free_at()
    }

    /// Every word of the call so far, those of a sound that has just begun included.
    pub fn words(&self) -> &[TimedWord] {
        &self.words
    }

    /// Does what is due. `spoken` are the samples that have left the caller already.
    pub(crate) fn act(&mut self, now: Duration, spoken: usize, ear: &Ear) -> Option<Act> {
        if self.hangs_up_at.take_if(|at| *at <= now).is_some() {
            return Some(Act::HangUp);
        }
        let (due, what) = self.agenda.take_due(now, ear)?;
        match what {
            Deed::Sounds(sound) => {
                self.make(spoken.max(samples_in(due)), &sound);
                None
            }
            Deed::Waits(span) => {
                self.agenda.lasts_until(now + span);
                None
            }
            Deed::Presses(digit) => {
                self.agenda.lasts_until(now + Duration::from_millis(2 * u64::from(KEY_MS)));
                Some(Act::Press(digit))
            }
            Deed::HangsUp => Some(Act::HangUp),
        }
    }

    fn make(&mut self, start: usize, sound: &Sound) {
        let end = start + sound.audio.len();
        if self.samples.len() < end {
            self.samples.resize(end, 0);
        }
        for (sum, sample) in self.samples[start..].iter_mut().zip(sound.audio.iter()) {
            *sum = sum.saturating_add(*sample);
        }
        let at = time_of(start);
        self.words.extend(sound.words.iter().map(|word| TimedWord {
            start: at + word.start,
            end: at + word.end,
            ..word.clone()
        }));
        let (from, to) = sound.audible();
        self.done.push(Done {
            label: sound.label.clone(),
            has_words: !sound.words.is_empty(),
            from: at + from,
            to: at + to,
        });
        self.agenda.lasts_until(time_of(end));
    }

    /// The caller's 20 ms from sample `start` on, with the echo of what was `heard` until then.
    pub fn frame(&self, start: usize, heard: &[i16], frame: &mut [i16]) {
        for (index, sample) in frame.iter_mut().enumerate() {
            let at = start + index;
            let own = self.samples.get(at).copied().unwrap_or_default();
            let echo = self.echo.map_or(0.0, |echo| {
                let from = at.checked_sub(echo.delay).and_then(|at| heard.get(at));
                from.map_or(0.0, |sample| f32::from(*sample) * echo.gain)
            });
            let under = self.background.as_ref().map_or(0, |audio| audio[at % audio.len()]);
            *sample = own.saturating_add(echo as i16).saturating_add(under);
        }
    }
}

pub(crate) fn samples_in(span: Duration) -> usize {
    (span.as_micros() * RATE as u128 / 1_000_000) as usize
}

pub(crate) fn time_of(sample: usize) -> Duration {
    Duration::from_micros(sample as u64 * 1_000_000 / RATE as u64)
}

//! The first words of the call.

use super::{Conversation, millis};
use crate::lexicon::Lexicon;
use crate::opening::{Opening, OpeningWords, words};
use crate::purpose::Purpose;
use crate::state::State;
use crate::timer::Timer;
use crate::words::count_without;

impl Conversation {
    /// The call is answered: the opening waits for its delay, or for the caller.
    pub(super) fn start_opening(&mut self) {
        self.opening = Opening::answered(self.config.opening.as_ref());
        let Some(settings) = &self.config.opening else { return };
        let wait = match self.opening {
            Opening::Waits => settings.wait_timeout_ms,
            Opening::Delayed => Some(settings.delay_ms),
            Opening::Due | Opening::Done => None,
        };
        if self.opening.is_owed() && words(settings) == Some(OpeningWords::Model) {
            let text = settings.text.trim();
            self.history.note(if text.is_empty() { OPEN_INSTRUCTION } else { text });
        }
        match wait {
            Some(0) => self.opening_due(),
            Some(wait) => self.timers.set(Timer::Opening, self.now + millis(wait)),
            None => {}
        }
    }

    /// The delay, or the wait for the caller, is over.
    pub(super) fn opening_due(&mut self) {
        if self.opening == Opening::Done {
            return;
        }
        if self.opening == Opening::Waits {
            self.decided("opening", "the caller was waited for".to_owned());
            let settings = self.config.opening.as_ref();
            if settings.and_then(words) == Some(OpeningWords::Model) {
                self.history.note(OPEN_INSTRUCTION);
            }
        }
        self.opening = Opening::Due;
        self.speak_up();
    }

    /// Says the opening, which is due and finds nobody speaking.
    pub(super) fn say_opening(&mut self) {
        self.timers.stop(Timer::Opening);
        self.opening = Opening::Done;
        let Some(settings) = self.config.opening.clone() else { return };
        match words(&settings) {
            Some(OpeningWords::Text) => {
                self.say(&settings.text, Purpose::Opening, settings.is_interruptible);
            }
            Some(OpeningWords::Model) => {
                self.ask_unprompted(Purpose::Opening);
                if let Some(reply) = &mut self.reply {
                    reply.is_interruptible = settings.is_interruptible;
                }
            }
            None => {}
        }
    }

    /// The caller spoke first, and has finished. True where the opening is said in answer: a text
    /// is said as it is, and what the caller asked is answered behind it; what the model writes
    /// answers the caller anyway.
    pub(super) fn opens_after_turn(&mut self, said: &[String]) -> bool {
        let opening = self.opening;
        let due = self.config.opening.as_ref().and_then(|settings| opening.after_turn(settings));
        self.timers.stop(Timer::Opening);
        match due {
            Some(OpeningWords::Text) => {
                self.decided("opening", "deferred: the caller spoke first".to_owned());
                self.drop_reply();
                self.turn = None;
                self.owes_answer = is_more_than_a_greeting(said, self.lexicon);
                self.say_opening();
                true
            }
            Some(OpeningWords::Model) | None => {
                self.opening = Opening::Done;
                false
            }
        }
    }

    /// The last turn of the caller is still to be answered: it is now, if nobody speaks.
    pub(super) fn answer_owed(&mut self) {
        if !self.owes_answer || self.is_muted || self.state != State::Listening {
            return;
        }
        self.owes_answer = false;
        self.ask_unprompted(Purpose::Answer);
    }
}

/// Whether a caller who spoke first said more than "hello?".
pub(super) fn is_more_than_a_greeting(said: &[String], lexicon: &Lexicon) -> bool {
    let mut empty = lexicon.greetings.clone();
    empty.extend(lexicon.backchannel.iter().cloned());
    count_without(said, &empty) > GREETING_WORDS_BESIDE_MAX
}

/// Words beside a greeting that ask for nothing: "hello, this is Ada Miller speaking".
const GREETING_WORDS_BESIDE_MAX: usize = 2;

/// What a model is told that opens a call without an instruction of the agent.
const OPEN_INSTRUCTION: &str = "The call was just answered. Open the conversation.";

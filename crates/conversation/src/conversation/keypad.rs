//! Keys that the caller presses, as far as the conversation is concerned: they stop the agent, and
//! a complete entry is a turn.

use offhook_types::{CarrierCommand, DtmfDigit, DtmfOrigin};

use super::{Conversation, millis};
use crate::closing::Closing;
use crate::keypad::Pressed;
use crate::output::Output;
use crate::state::State;
use crate::timer::Timer;

impl Conversation {
    /// A key was reported.
    pub(super) fn key_reported(&mut self, digit: DtmfDigit, origin: DtmfOrigin) {
        let settings = self.config.call.dtmf;
        let is_first = !self.keypad.is_collecting();
        let pressed = self.keypad.press(self.now, digit, origin, &settings);
        match pressed {
            Pressed::Again => return,
            Pressed::Own => return self.decided("own_tone", digit.to_string()),
            Pressed::More | Pressed::Complete => {}
        }
        self.note_words();
        if is_first {
            self.begin_entry();
        }
        if pressed == Pressed::Complete {
            return self.entry_complete();
        }
        let pause = millis(settings.inter_digit_timeout_ms);
        self.timers.set(Timer::Keypad, self.now + pause);
    }

    /// The first key of an entry: the agent stops, and an answer waits until the entry is complete.
    fn begin_entry(&mut self) {
        self.decided("keypad", "an entry begins".to_owned());
        self.closing = match std::mem::take(&mut self.closing) {
            Closing::Grace(_) | Closing::Open => Closing::Open,
            asked @ Closing::Asked(_) => asked,
        };
        let may_stop = self.reply.as_ref().is_some_and(|reply| reply.is_interruptible);
        match self.state {
            State::Speaking | State::Ducked
                if may_stop && self.config.call.dtmf.is_interrupting =>
            {
                let overlap = self.overlap.take();
                self.take_floor();
                self.overlap = overlap;
                self.counts.interruptions += 1;
            }
            State::Thinking if !self.must_finish() => self.go_on("keypad"),
            State::Waiting
            | State::Listening
            | State::CallerTurn
            | State::Thinking
            | State::Speaking
            | State::Ducked
            | State::Working
            | State::Machine
            | State::Transferring
            | State::Ended => {}
        }
    }

    /// The entry is complete: it is a turn, or part of the one that goes on.
    pub(super) fn entry_complete(&mut self) {
        self.timers.stop(Timer::Keypad);
        let text = format!("[keypad: {}]", self.keypad.take());
        self.note_words();
        match self.state {
            State::Listening | State::CallerTurn => {
                if self.state == State::Listening {
                    self.turn = self.overlap.take();
                    if self.turn.is_none() {
                        self.open_turn();
                    }
                    self.state = State::CallerTurn;
                }
                self.take_entry(&text);
            }
            State::Working if !self.tools.blocks() => {
                self.open_turn();
                self.take_entry(&text);
            }
            State::Thinking
            | State::Speaking
            | State::Ducked
            | State::Working
            | State::Machine
            | State::Transferring => {
                let now = self.now;
                self.overlap_turn().handle_final(now, &text);
                self.read_overlap();
            }
            State::Waiting | State::Ended => {}
        }
    }

    fn take_entry(&mut self, text: &str) {
        let now = self.now;
        let Some(turn) = &mut self.turn else { return };
        turn.settle();
        turn.handle_final(now, text);
        self.read_turn();
        self.prove_interruption();
        if self.voice.is_open {
            self.judge_turn();
        } else {
            self.end_turn("an entry is complete");
        }
    }

    /// Sends digits to the other end. Their tones may come back.
    pub(super) fn send_digits(&mut self) {
        let digits = std::mem::take(&mut self.digits_to_send);
        if digits.is_empty() {
            return;
        }
        self.keypad.note_sent(self.now, &digits);
        self.outputs.push_back(Output::Carrier(CarrierCommand::SendDtmf { digits }));
    }
}

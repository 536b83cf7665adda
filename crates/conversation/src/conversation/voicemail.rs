//! A machine answers: the agent stops speaking, waits for the tone and leaves its message.

use offhook_types::{Answerer, ProgressTone, RequestId, SttCommand, ToneEvent};

use super::Conversation;
use crate::closing::Closing;
use crate::ending::Cause;
use crate::opening::Opening;
use crate::output::Output;
use crate::purpose::Purpose;
use crate::reply::Reply;
use crate::rules::{FRAME, GREETING_PAUSE, PICK_UP_PAUSE, UNCERTAIN_SILENCE};
use crate::settings::{VoicemailMode, VoicemailSettings};
use crate::situation::Situation;
use crate::state::State;
use crate::timer::Timer;
use crate::voicemail::{
    Answered, Evidence, Greeting, MachineClock, MachineVerdict, Phrases, judge, judge_answer,
    read_phrases,
};
use crate::words::words;

/// What is known of who answered, and the message for a machine.
#[derive(Debug, Default)]
pub(super) struct Voicemail {
    pub(super) evidence: Evidence,
    greeting: Greeting,
    /// The message, once it was begun: it may have to be said again.
    message: String,
    was_restarted: bool,
    pub(super) is_left: bool,
    /// Time since the last voice, in ms, while a monologue may go on.
    pause_ms: u32,
}

impl Conversation {
    /// The carrier has an opinion of who answered.
    pub(super) fn answered_by(&mut self, answerer: Answerer) {
        self.voicemail.evidence.carrier = Some(answerer);
        if answerer == Answerer::Human && self.state == State::Machine {
            return self.person_picked_up("the carrier hears a person");
        }
        if answerer == Answerer::Fax {
            return self.fax_answered("the carrier hears a fax");
        }
        if answerer == Answerer::MachineAfterTone {
            self.voicemail.greeting.hear_tone();
        }
        self.judge_machine();
    }

    /// A fax takes no message and says nothing; the call is over, unless a person has spoken.
    fn fax_answered(&mut self, observed: &str) {
        if !self.voicemail.evidence.is_settled {
            self.drop_line(Cause::Machine, observed);
        }
    }

    /// A tone was heard on the line.
    pub(super) fn tone_heard(&mut self, tone: &ToneEvent) {
        match tone {
            ToneEvent::RecordTone { .. } => {}
            ToneEvent::ProgressBegan { tone: ProgressTone::FaxCalling, .. } => {
                return self.fax_answered("the tone of a fax");
            }
            ToneEvent::ToneHeard { .. }
            | ToneEvent::ProgressBegan { .. }
            | ToneEvent::ProgressEnded { .. } => return,
        }
        self.voicemail.evidence.has_tone = true;
        self.voicemail.greeting.hear_tone();
        self.judge_machine();
        if self.is_leaving_message() && !self.voicemail.was_restarted {
            let verdict = judge(self.situation(), MachineClock::ToneAgain);
            self.obey_machine(verdict, "a tone within the message");
        }
    }

    /// Whether somebody may be a machine, so that an answer may interrupt it.
    pub(super) fn may_be_machine(&self, silence_ms: u32) -> bool {
        self.config.call.voicemail.is_some()
            && judge_answer(self.voicemail.evidence) == Answered::Uncertain
            && silence_ms < UNCERTAIN_SILENCE
    }

    /// Words of the other side, as they are recognised.
    pub(super) fn read_answerer(&mut self, text: &str) {
        let said = words(text);
        let phrases = read_phrases(&said, self.lexicon);
        let known = &mut self.voicemail.evidence.phrases;
        *known = (*known).max(phrases);
        if self.state == State::Machine && phrases == Phrases::Full {
            return self.drop_line(Cause::Machine, "the mailbox is full");
        }
        self.judge_machine();
    }

    /// 20 ms of the line, for whoever answered.
    pub(super) fn watch_answerer(&mut self, situation: Situation) {
        if self.state == State::Machine {
            let clock = self.voicemail.greeting.advance(situation, FRAME);
            if self.voicemail.greeting.settles() {
                self.outputs.push_back(Output::Stt(SttCommand::Finalize));
            }
            let observed = match clock {
                MachineClock::Tone => "the tone was heard",
                MachineClock::Complete => "the greeting is complete",
                MachineClock::Overlong => "the greeting has no end",
                MachineClock::Greeting
                | MachineClock::Message
                | MachineClock::ToneAgain
                | MachineClock::Left => "the greeting",
            };
            return self.obey_machine(judge(situation, clock), observed);
        }
        if self.is_leaving_message() {
            return self.obey_machine(judge(situation, MachineClock::Message), "message");
        }
        if self.voicemail.evidence.is_settled {
            return;
        }
        if self.voice.is_open {
            let monologue = &mut self.voicemail.evidence.monologue_ms;
            *monologue = monologue.saturating_add(FRAME);
            self.voicemail.pause_ms = 0;
            self.judge_machine();
        } else {
            self.voicemail.pause_ms = self.voicemail.pause_ms.saturating_add(FRAME);
            if self.voicemail.pause_ms >= GREETING_PAUSE {
                self.voicemail.evidence.monologue_ms = 0;
            }
        }
    }

    /// The caller answered the agent: this is a conversation.
    pub(super) fn note_exchange(&mut self) {
        let has_agent = !self.history.last_agent_text().is_empty();
        if has_agent && judge_answer(self.voicemail.evidence) == Answered::Person {
            self.voicemail.evidence.is_settled = true;
        }
    }

    /// Words while a machine is waited for: its greeting, or somebody who picks up.
    pub(super) fn machine_said(&mut self, text: &str, is_final: bool) {
        let said = words(text);
        let pause_ms = self.voicemail.greeting.pause_ms();
        self.read_answerer(text);
        let is_hello = read_phrases(&said, self.lexicon) == Phrases::None
            && !super::opening::is_more_than_a_greeting(&said, self.lexicon);
        if self.state == State::Machine && is_final && is_hello && pause_ms >= PICK_UP_PAUSE {
            self.person_picked_up("somebody says hello");
            self.open_turn();
            self.take_words(text, true);
        }
    }

    /// Words over the message: a person, unless they are of a machine. True where one was heard.
    pub(super) fn message_is_heard_by_person(&mut self, text: &str) -> bool {
        let said = words(text);
        let is_machine = read_phrases(&said, self.lexicon) != Phrases::None;
        if !self.is_leaving_message() || is_machine || self.counted_words(&said) == 0 {
            return false;
        }
        let overlap = self.overlap.take();
        self.person_picked_up("somebody speaks over the message");
        self.turn = overlap;
        if self.turn.is_none() {
            self.open_turn();
        }
        self.state = State::CallerTurn;
        true
    }

    /// The message was heard to its end.
    pub(super) fn message_left(&mut self) {
        self.voicemail.is_left = true;
        let verdict = judge(self.situation(), MachineClock::Left);
        self.obey_machine(verdict, "the message was heard");
    }

    pub(super) fn is_leaving_message(&self) -> bool {
        self.state != State::Machine
            && self.reply.as_ref().is_some_and(|reply| reply.purpose == Purpose::Message)
    }

    pub(super) fn judge_machine(&mut self) {
        if self.config.call.voicemail.is_none() {
            return;
        }
        let is_known = matches!(self.state, State::Waiting | State::Machine | State::Transferring)
            || self.is_leaving_message();
        if is_known || judge_answer(self.voicemail.evidence) != Answered::Machine {
            return;
        }
        let Some(settings) = self.config.call.voicemail.clone() else { return };
        let evidence = format!("{:?}", self.voicemail.evidence);
        self.decided("voicemail", evidence);
        self.machine_answered(&settings);
    }

    /// A machine answered: the agent stops speaking, and its message is made ready.
    fn machine_answered(&mut self, settings: &VoicemailSettings) {
        self.take_floor();
        self.interrupt_tools();
        (self.opening, self.closing) = (Opening::Done, Closing::Open);
        self.timers.stop(Timer::Keypad);
        if settings.mode == VoicemailMode::Hangup
            || self.voicemail.evidence.phrases == Phrases::Full
        {
            return self.drop_line(Cause::Machine, "a machine answered");
        }
        self.state = State::Machine;
        let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
        let mut message = match settings.mode {
            VoicemailMode::Static => Reply::fixed(request, &settings.text, self.now, &self.speech),
            VoicemailMode::Hangup | VoicemailMode::Generated => {
                let text = settings.text.trim();
                self.history.note(if text.is_empty() { MESSAGE_INSTRUCTION } else { text });
                self.ask(request, None, false);
                self.reply_of_model(request, "")
            }
        };
        (message.is_committed, message.was_committed) = (false, false);
        message.is_interruptible = false;
        message.purpose = Purpose::Message;
        self.reply = Some(message);
        self.ask_for_speech();
    }

    fn obey_machine(&mut self, verdict: MachineVerdict, observed: &str) {
        match verdict {
            MachineVerdict::Wait => {}
            MachineVerdict::HangUp => self.drop_line(Cause::Machine, observed),
            MachineVerdict::Speak if self.state == State::Machine => {
                self.decided("message", observed.to_owned());
                if self.reply.is_none() {
                    return self.drop_line(Cause::Machine, "there is no message");
                }
                self.state = State::Thinking;
                self.commit_reply();
            }
            MachineVerdict::Speak => {
                self.decided("message", format!("again: {observed}"));
                self.voicemail.was_restarted = true;
                self.voicemail.message =
                    self.reply.as_ref().map(Reply::full_text).unwrap_or_default();
                self.take_floor();
                let text = std::mem::take(&mut self.voicemail.message);
                self.say(&text, Purpose::Message, false);
            }
        }
    }

    /// A person is there after all: no message.
    fn person_picked_up(&mut self, observed: &str) {
        self.decided("person", observed.to_owned());
        self.voicemail.evidence =
            Evidence { is_settled: true, carrier: Some(Answerer::Human), ..Evidence::default() };
        if self.state == State::Machine
            && let Some(reply) = self.reply.take()
        {
            self.drop_made(reply);
        }
        self.take_floor();
    }
}

/// What a model is told that leaves a message without an instruction of the agent.
const MESSAGE_INSTRUCTION: &str = "A voicemail answered. Write the message to leave: two or three \
                                   sentences, nobody will answer.";

//! What happened in a call, as the reference model keeps it: a log of facts and an account of the
//! words that were recognised and the speech that was heard.
//!
//! The account of words rests on one property of the recogniser in these worlds, which corrects
//! nothing: all finals in a row and the partial behind them are everything that was recognised.
//! A place in that text says which words were answered, whatever way they came.

use std::collections::BTreeMap;

use offhook_conversation::{Input, Output};
use offhook_types::{
    ChatMessage, ControlCommand, LlmCommand, LlmEvent, PlayoutCommand, PlayoutEvent, RequestId,
    SttCommand, SttEvent, TtsCommand, TtsNote, TurnId, UtteranceId, VoiceFrame,
};

use super::wording::{is_within, plain, split};

/// Something that happened, in the order of the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    /// Words were recognised: so many are final now, these may change.
    Words {
        settled: usize,
        trail: Vec<String>,
    },
    Opinion {
        ask: u32,
        permille: u16,
    },
    AskEnd(u32),
    Finalize,
    Asked {
        request: RequestId,
        is_guess: bool,
    },
    Said,
    Play(RequestId),
    Hold(RequestId),
    Cut(RequestId),
    Drop(RequestId),
    Duck(bool),
    Murmur,
}

/// What the model was asked and what it wrote.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) at: u64,
    /// The caller's words that are to be answered.
    pub(super) words: String,
    pub(super) written: String,
    pub(super) is_written: bool,
    pub(super) is_cancelled: bool,
    pub(super) is_dropped: bool,
    pub(super) latency: Option<u64>,
}

/// A clause that the voice was asked for.
#[derive(Debug)]
pub(super) struct Speech {
    pub(super) request: RequestId,
    pub(super) utterance: UtteranceId,
    pub(super) text: String,
    pub(super) made: u64,
    pub(super) heard: u64,
    pub(super) heard_at: Option<u64>,
    pub(super) is_heard: bool,
}

/// Words of the caller that were answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    pub(super) turn: TurnId,
    pub(super) from: usize,
    pub(super) to: usize,
    /// The caller was cut in on: certainly, or at all.
    pub(super) is_cut_in_on: [bool; 2],
}

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) now: u64,
    /// The caller's frames as they came, and as they are heeded.
    pub(super) line: Vec<(u64, VoiceFrame)>,
    pub(super) frames: Vec<(u64, VoiceFrame)>,
    pub(super) tells_partials: bool,
    pub(super) finished: Option<(u64, Vec<String>)>,
    pub(super) facts: Vec<(u64, Fact)>,
    pub(super) settled: Vec<String>,
    pub(super) trail: Vec<String>,
    pub(super) asked: BTreeMap<RequestId, Asked>,
    /// Speech that was taken up again, and the request whose text it is.
    pub(super) source: BTreeMap<RequestId, RequestId>,
    pub(super) speeches: Vec<Speech>,
    pub(super) answered: Vec<Answered>,
    pub(super) recognised_at: u64,
    /// The newest words were the agent's as well when they came.
    pub(super) may_be_echo: bool,
    pub(super) last_sound: Option<u64>,
    /// What is said without a model: an opening, what an operator says.
    pub(super) fixed: Vec<String>,
}

impl Log {
    /// Takes note of an input and what the machine did.
    pub(super) fn note(&mut self, now: u64, input: &Input, outputs: &[Output]) {
        self.now = now;
        match input {
            Input::Frame(frame) => {
                self.line.push((now, *frame));
                let frame = self.without_noise(*frame);
                self.frames.push((now, frame));
                if frame.is_open && frame.silence_ms == 0 {
                    self.last_sound = Some(now);
                }
            }
            Input::Stt(SttEvent::Partial { text, .. }) => {
                self.tells_partials = true;
                self.recognised(text, false);
            }
            Input::Stt(SttEvent::Final { text, .. }) => self.recognised(text, true),
            Input::EndOfTurn { ask, permille } => {
                self.facts.push((now, Fact::Opinion { ask: *ask, permille: *permille }));
            }
            Input::Llm(LlmEvent::Text { request, text }) => {
                if let Some(asked) = self.asked.get_mut(request) {
                    asked.written.push_str(text);
                    asked.latency.get_or_insert(now - asked.at);
                }
            }
            Input::Llm(LlmEvent::Finished { request, .. }) => {
                if let Some(asked) = self.asked.get_mut(request) {
                    asked.is_written = true;
                }
            }
            Input::Tts(TtsNote::Audio { utterance, samples, .. }) => {
                self.speech(*utterance, |speech| speech.made += samples);
            }
            Input::Playout(PlayoutEvent::Speaking { utterance }) => {
                self.speech(*utterance, |speech| speech.heard_at = Some(now));
            }
            Input::Playout(PlayoutEvent::Heard { utterance, samples, is_all }) => {
                self.speech(*utterance, |speech| {
                    (speech.heard, speech.is_heard) = (*samples, *is_all);
                    speech.heard_at = Some(now);
                });
            }
            Input::Control(ControlCommand::Say { text, .. }) => self.fixed.push(text.clone()),
            _ => {}
        }
        outputs.iter().for_each(|output| self.did(output));
    }

    /// Voice that has brought no words for 2.5 s, or 5 s where the recogniser tells no partials, is
    /// noise; pauses of less than 1.5 s belong to it and do not count.
    fn without_noise(&self, frame: VoiceFrame) -> VoiceFrame {
        let mut voiced = 0;
        let mut latest = self.now;
        for (at, frame) in self.line.iter().rev() {
            if *at <= self.recognised_at || latest - at >= 1_500 {
                break;
            }
            if frame.is_open && frame.silence_ms == 0 {
                (voiced, latest) = (voiced + 20, *at);
            }
        }
        let is_noise = voiced >= if self.tells_partials { 2_500 } else { 5_000 };
        if !is_noise || !frame.is_open {
            return frame;
        }
        VoiceFrame { silence_ms: voiced, ..VoiceFrame::default() }
    }

    /// Everything that was recognised so far.
    pub(super) fn words(&self) -> impl DoubleEndedIterator<Item = &String> {
        self.settled.iter().chain(&self.trail)
    }

    pub(super) fn words_count(&self) -> usize {
        self.settled.len() + self.trail.len()
    }

    pub(super) fn words_from(&self, place: usize) -> Vec<String> {
        self.settled.iter().chain(&self.trail).skip(place).cloned().collect()
    }

    pub(super) fn frame(&self) -> VoiceFrame {
        self.frames.last().map(|(_, frame)| *frame).unwrap_or_default()
    }

    /// Facts from this moment on, the newest first.
    pub(super) fn since(&self, from: u64) -> impl Iterator<Item = &(u64, Fact)> {
        self.facts.iter().rev().take_while(move |(at, _)| *at >= from)
    }

    /// The reply that may be heard now: the last that was to be played, unless it was held, cut or
    /// dropped, or everything of it was heard.
    pub(super) fn current(&self) -> Option<RequestId> {
        let mut dropped = Vec::new();
        let last = self.facts.iter().rev().find_map(|(_, fact)| match fact {
            Fact::Drop(request) => {
                dropped.push(*request);
                None
            }
            Fact::Play(request) => Some((!dropped.contains(request)).then_some(*request)),
            Fact::Hold(_) | Fact::Cut(_) => Some(None),
            _ => None,
        })??;
        let speeches = || self.speeches.iter().rev().take_while(|speech| speech.request == last);
        let is_over = self.is_written(last) && speeches().all(|speech| speech.is_heard);
        (!is_over).then_some(last)
    }

    pub(super) fn is_on_air(&self, request: RequestId) -> bool {
        let last = self.speeches.iter().rev().take(4);
        last.into_iter().any(|speech| speech.request == request && speech.heard_at.is_some())
    }

    /// Speech of all requests that answer a turn, the newest first.
    pub(super) fn speeches_of(&self, turn: TurnId) -> impl Iterator<Item = &Speech> {
        let newest_first = self.speeches.iter().rev();
        newest_first
            .skip_while(move |speech| speech.request.turn != turn)
            .take_while(move |speech| speech.request.turn == turn)
    }

    pub(super) fn was_heard(&self, turn: TurnId) -> bool {
        self.speeches_of(turn).any(|speech| speech.heard > 0)
    }

    /// The request whose text this is; none for an opening.
    pub(super) fn text_of(&self, request: RequestId) -> Option<&Asked> {
        self.asked.get(self.source.get(&request).unwrap_or(&request))
    }

    fn is_written(&self, request: RequestId) -> bool {
        self.text_of(request).is_none_or(|asked| asked.is_written || asked.is_cancelled)
    }

    /// Where the caller's words begin that have no answer yet: behind the last answer of which
    /// anything was heard.
    pub(super) fn open_from(&self) -> usize {
        self.answered.last().map_or(
            0,
            |last| {
                if self.was_heard(last.turn) { last.to } else { last.from }
            },
        )
    }

    /// What the agent is or was saying within the last so many ms.
    pub(super) fn said_lately(&self, within: u64) -> Vec<String> {
        let recent = self
            .speeches
            .iter()
            .filter(|speech| speech.heard_at.is_some_and(|heard| self.now - heard <= within));
        recent.flat_map(|speech| split(&speech.text)).collect()
    }

    fn recognised(&mut self, text: &str, is_final: bool) {
        self.recognised_at = self.now;
        let mut said = split(text);
        // A partial that its final has overtaken.
        if is_final {
            self.finished = Some((self.now, said.clone()));
        } else if let Some((at, finished)) = &self.finished {
            let is_same = plain(finished).starts_with(&plain(&said))
                && (said.len() == finished.len() || said.len() + 1 == finished.len());
            let is_new = self.last_sound.is_some_and(|sound| sound > *at);
            if is_same && !said.is_empty() && !is_new && self.now - at <= 400 {
                return;
            }
        }
        if said.len() >= 3 && is_within(&said, &self.said_lately(5_000)) {
            said.clear();
        }
        let answered = self.answered.last().map_or(0, |last| last.to);
        let known = answered.saturating_sub(self.settled.len()).min(said.len());
        self.may_be_echo = is_within(&said[known..], &self.said_lately(5_000));
        if is_final {
            self.settled.append(&mut said);
        }
        self.trail = said;
        let (settled, trail) = (self.settled.len(), self.trail.clone());
        self.facts.push((self.now, Fact::Words { settled, trail }));
    }

    fn did(&mut self, output: &Output) {
        let fact = match output {
            Output::Llm(LlmCommand::Start { request, messages, is_speculative, .. }) => {
                let words = match messages.last() {
                    Some(ChatMessage::User { text }) => plain(&split(text)),
                    _ => String::new(),
                };
                let asked = Asked { at: self.now, words, ..Asked::default() };
                self.asked.insert(*request, asked);
                Fact::Asked { request: *request, is_guess: *is_speculative }
            }
            Output::Llm(LlmCommand::Cancel { request }) => {
                if let Some(asked) = self.asked.get_mut(request) {
                    asked.is_cancelled = true;
                }
                return;
            }
            Output::Tts(TtsCommand::Say { request, utterance, text, .. }) => {
                self.speeches.push(Speech {
                    request: *request,
                    utterance: *utterance,
                    text: text.clone(),
                    made: 0,
                    heard: 0,
                    heard_at: None,
                    is_heard: false,
                });
                Fact::Said
            }
            Output::Playout(PlayoutCommand::Play { request }) => {
                self.take_up(*request);
                Fact::Play(*request)
            }
            Output::Playout(PlayoutCommand::Hold { request }) => Fact::Hold(*request),
            Output::Playout(PlayoutCommand::Cut { request, .. }) => Fact::Cut(*request),
            Output::Playout(PlayoutCommand::Drop { request }) => {
                if let Some(asked) = self.asked.get_mut(request) {
                    asked.is_dropped = true;
                }
                Fact::Drop(*request)
            }
            Output::Playout(PlayoutCommand::Duck { is_ducked }) => Fact::Duck(*is_ducked),
            Output::Playout(PlayoutCommand::Murmur) => Fact::Murmur,
            Output::AskEndOfTurn { ask } => Fact::AskEnd(*ask),
            Output::Stt(SttCommand::Finalize) => Fact::Finalize,
            Output::Stt(_) | Output::Tts(_) | Output::Hangup => return,
            Output::Tool(_) | Output::Carrier(_) => return,
            Output::Playout(PlayoutCommand::Background { .. }) => return,
            Output::Decided(_) | Output::Ended(_) => return,
        };
        self.facts.push((self.now, fact));
    }

    /// A request that no model was asked for, of a turn that was cut: its rest is said.
    fn take_up(&mut self, request: RequestId) {
        if self.asked.contains_key(&request) || self.source.contains_key(&request) {
            return;
        }
        let cut = self.facts.iter().rev().find_map(|(_, fact)| match fact {
            Fact::Cut(of) | Fact::Drop(of) if of.turn == request.turn => Some(*of),
            _ => None,
        });
        if let Some(cut) = cut {
            self.source.insert(request, self.source.get(&cut).copied().unwrap_or(cut));
        }
    }

    fn speech(&mut self, utterance: UtteranceId, change: impl FnOnce(&mut Speech)) {
        let found = self.speeches.iter_mut().rev().find(|speech| speech.utterance == utterance);
        found.map(change).unwrap_or_default();
    }
}

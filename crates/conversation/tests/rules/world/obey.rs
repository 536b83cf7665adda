//! What the world does with what the conversation asks for.

use std::collections::VecDeque;

use offhook_conversation::{Input, Output};
use offhook_types::{
    CarrierCommand, CarrierEvent, ChatMessage, LlmCommand, LlmEvent, PlayoutCommand, PlayoutEvent,
    RequestId, SttCommand, SttEvent, ToolCommand, TtsCommand, TtsNote, UtteranceId,
};

use super::{CHARACTER, Speech, World};
use crate::model::Said;

impl World {
    pub(super) fn obey(&mut self, output: Output) {
        match output {
            Output::Llm(LlmCommand::Start { request, messages, tools, is_speculative, .. }) => {
                self.tools_offered.push(tools.len());
                self.model_asked += 1;
                self.answer(request, &messages, is_speculative && self.guesses_say_nothing);
                self.asked.push(messages);
            }
            Output::Llm(LlmCommand::Cancel { request }) => self.cancelled.push(request),
            Output::Tts(TtsCommand::Say { request, utterance, text, .. }) => {
                self.speak(request, utterance, text);
            }
            Output::Tts(TtsCommand::Cancel { .. }) => {}
            Output::Stt(command) => self.obey_stt(&command),
            Output::AskEndOfTurn { ask } if self.delays.end_of_turn > 0 => {
                let permille = self.end_of_turn_permille;
                self.later(self.delays.end_of_turn, Input::EndOfTurn { ask, permille });
            }
            Output::AskEndOfTurn { .. } => {}
            Output::Playout(command) => self.obey_playout(command),
            Output::Tool(ToolCommand::Run { call, .. }) => {
                if let Some((delay, event)) = self.outside.runs(self.now, &call) {
                    self.later(delay, Input::Tool(event));
                }
            }
            Output::Tool(ToolCommand::Cancel { call }) => self.outside.cancels(&call),
            Output::Carrier(command) => {
                if let CarrierCommand::Transfer { .. } = &command {
                    for (delay, outcome) in self.outside.transfers.clone() {
                        self.later(delay, Input::Carrier(CarrierEvent::Transfer { outcome }));
                    }
                }
                if let CarrierCommand::SendDtmf { digits } = &command {
                    let digits: String = digits.iter().map(|digit| digit.as_char()).collect();
                    self.note(format!("pressed {digits}"));
                }
                self.carrier_asked.push(command);
            }
            Output::Hangup => {
                self.note("hang up".to_owned());
                let is_heard = |speech: &Speech| {
                    Some(speech.request) == self.allowed
                        && (1..speech.made).contains(&speech.played)
                };
                self.hung_up_on_speech = self.playing.iter().any(is_heard);
            }
            Output::Decided(evidence) => {
                self.note(format!("{}: {}", evidence.rule, evidence.observed));
            }
            Output::Ended(reason) => {
                self.note(format!("ended: {:?} by {:?}", reason.kind, reason.who));
                self.check_end(&reason);
                self.ended = Some(reason);
                let gone = std::mem::take(&mut self.playing);
                gone.iter().for_each(|speech| self.note_played(speech));
            }
        }
    }

    fn obey_playout(&mut self, command: PlayoutCommand) {
        match command {
            PlayoutCommand::Play { request } => self.allowed = Some(request),
            PlayoutCommand::Hold { request } => {
                if self.allowed == Some(request) {
                    self.allowed = None;
                }
            }
            PlayoutCommand::Duck { is_ducked } => self.is_ducked = is_ducked,
            PlayoutCommand::Cut { request, fade_out_ms } => {
                self.fades_ms.push(fade_out_ms);
                self.throw_away(request);
            }
            PlayoutCommand::Drop { request } => self.throw_away(request),
            PlayoutCommand::Background { sound } => {
                self.note(format!("background: {sound:?}"));
            }
            PlayoutCommand::Murmur => self.note("murmur".to_owned()),
        }
    }

    fn speak(&mut self, request: RequestId, utterance: UtteranceId, text: String) {
        let samples = text.len() as u64 * CHARACTER;
        let (made, is_made, played) = (0, false, 0);
        self.playing.push_back(Speech { request, utterance, text, made, is_made, played });
        self.clauses += 1;
        if self.mute_clauses.contains(&(self.clauses - 1)) {
            return;
        }
        let audio = TtsNote::Audio { request, utterance, samples };
        self.later(self.delays.speech, Input::Tts(audio));
        let finished = TtsNote::Finished { request, utterance };
        self.later(self.delays.speech, Input::Tts(finished));
    }

    /// Throws away speech of a request, and reports what was played of it.
    fn throw_away(&mut self, request: RequestId) {
        let is_cut = |speech: &&Speech| speech.request == request && speech.played > 0;
        let heard = self.playing.iter().find(is_cut);
        let heard = heard.map(|speech| (speech.utterance, speech.played));
        let (gone, kept) = std::mem::take(&mut self.playing)
            .into_iter()
            .partition::<VecDeque<_>, _>(|speech| speech.request == request);
        self.playing = kept;
        gone.iter().for_each(|speech| self.note_played(speech));
        if let Some((utterance, samples)) = heard {
            let heard = PlayoutEvent::Heard { utterance, samples, is_all: false };
            self.later(0, Input::Playout(heard));
        }
    }

    fn answer(&mut self, request: RequestId, messages: &[ChatMessage], says_nothing: bool) {
        let mut delay = self.delays.first_token;
        let mut answer = self.model.answer(request, self.conversation.history(), messages);
        answer.retain(|said| !says_nothing || matches!(said, Said::Finished(_)));
        for said in answer {
            let event = match said {
                Said::Text(text) => LlmEvent::Text { request, text },
                Said::Call(call) => LlmEvent::ToolCall { request, call },
                Said::Finished(reason) => LlmEvent::Finished { request, reason, usage: None },
                Said::Failed(failure) => LlmEvent::Failed { request, failure },
            };
            self.later(delay, Input::Llm(event));
            delay += self.delays.token;
        }
    }

    fn finalize(&mut self) {
        if self.is_recogniser_dead {
            return;
        }
        // Everything spoken by now is recognised for good.
        let spoken = self.caller.words.iter().take_while(|(end, _)| *end <= self.now).count();
        if spoken > self.words_final {
            let text = self.words(self.words_final, spoken);
            self.words_final = spoken;
            self.words_recognised = self.words_recognised.max(spoken);
            let words = Vec::new();
            self.later(self.delays.last_words, Input::Stt(SttEvent::Final { text, words }));
        }
    }

    fn obey_stt(&mut self, command: &SttCommand) {
        match command {
            SttCommand::Finalize => self.finalize(),
            SttCommand::Restart if !self.is_recogniser_dead => {
                self.later(200, Input::Stt(SttEvent::Ready));
            }
            SttCommand::Restart | SttCommand::Start { .. } | SttCommand::Stop => {}
        }
    }
}

/// An output as a word of the table of states.
pub(super) fn word_for(output: &Output) -> String {
    match output {
        Output::Llm(LlmCommand::Start { request, is_speculative, .. }) => {
            let kind = if *is_speculative { "speculate" } else { "ask" };
            format!("{kind}({}.{})", request.turn, request.attempt)
        }
        Output::Llm(LlmCommand::Cancel { request }) => {
            format!("cancel_model({}.{})", request.turn, request.attempt)
        }
        Output::Tts(TtsCommand::Say { text, .. }) => format!("say({text})"),
        Output::Tts(TtsCommand::Cancel { .. }) => "cancel_voice".to_owned(),
        Output::Stt(command) => format!("{command:?}").to_lowercase(),
        Output::AskEndOfTurn { .. } => "ask_end_of_turn".to_owned(),
        Output::Playout(PlayoutCommand::Play { .. }) => "play".to_owned(),
        Output::Playout(PlayoutCommand::Hold { .. }) => "hold".to_owned(),
        Output::Playout(PlayoutCommand::Duck { is_ducked: true }) => "duck".to_owned(),
        Output::Playout(PlayoutCommand::Duck { is_ducked: false }) => "unduck".to_owned(),
        Output::Playout(PlayoutCommand::Cut { .. }) => "cut".to_owned(),
        Output::Playout(PlayoutCommand::Drop { .. }) => "drop".to_owned(),
        Output::Playout(PlayoutCommand::Murmur) => "murmur".to_owned(),
        Output::Playout(PlayoutCommand::Background { sound: Some(_) }) => "sound".to_owned(),
        Output::Playout(PlayoutCommand::Background { sound: None }) => "no_sound".to_owned(),
        Output::Hangup => "hang_up".to_owned(),
        Output::Tool(ToolCommand::Run { call, .. }) => format!("run({})", call.name),
        Output::Tool(ToolCommand::Cancel { .. }) => "cancel_tool".to_owned(),
        Output::Carrier(command) => format!("carrier({command:?})"),
        Output::Decided(evidence) => format!("[{}]", evidence.rule),
        Output::Ended(reason) => {
            format!("ended({:?} by {:?})", reason.kind, reason.who)
        }
    }
}

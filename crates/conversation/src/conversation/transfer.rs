//! A transfer, as far as the conversation is concerned: the model is silent until it is over.

use offhook_types::{
    BackgroundSound, CarrierCommand, LlmCommand, LlmEvent, RequestId, ToolCall, TransferMode,
    TransferOutcome,
};

use super::{Conversation, millis};
use crate::ending::Cause;
use crate::output::Output;
use crate::purpose::Purpose;
use crate::rules::{REPLY_BYTES_MAX, TRANSFER_CONNECT_MAX, TRANSFER_MARGIN, TRANSFER_SUMMARY_WAIT};
use crate::state::State;
use crate::timer::Timer;
use crate::transfer::{Transfer, TransferStage};

impl Conversation {
    /// The model wants the caller handed over: once what it says with it was heard.
    pub(super) fn transfer_called(&mut self, target: &str) -> String {
        match self.transfers.announce(target, &self.config.call.transfers) {
            Ok(()) => {
                self.decided("transfer", "announced".to_owned());
                "the caller is handed over when your words were heard".to_owned()
            }
            Err(refused) => {
                self.decided("transfer", format!("refused: {refused}"));
                self.owe_results();
                refused.to_string()
            }
        }
    }

    /// What was said with the transfer was heard. True where one begins.
    pub(super) fn begins_transfer(&mut self) -> bool {
        let Some(transfer) = self.transfers.current() else { return false };
        if transfer.stage != TransferStage::Announced {
            return false;
        }
        let mode = transfer.to.mode;
        self.state = State::Transferring;
        self.set_background((mode != TransferMode::Cold).then_some(BackgroundSound::Hold));
        if mode == TransferMode::WarmWithSummary {
            self.ask_for_summary();
        } else {
            self.send_transfer();
        }
        true
    }

    /// The carrier reported how the transfer goes.
    pub(super) fn transfer_reported(&mut self, outcome: TransferOutcome) {
        let stream_is_gone = match self.transfers.current() {
            Some(transfer) if transfer.is_under_way() => transfer.is_stream_gone,
            Some(_) | None => {
                self.counts.stale += 1;
                return;
            }
        };
        match outcome {
            TransferOutcome::Ringing => self.decided("transfer", "the target rings".to_owned()),
            TransferOutcome::Answered => {
                if let Some(transfer) = self.transfers.current_mut() {
                    transfer.stage = TransferStage::Answered;
                }
                self.decided("transfer", "the target answered".to_owned());
                self.timers.set(Timer::Transfer, self.now + millis(TRANSFER_CONNECT_MAX));
            }
            TransferOutcome::Connected => self.end(Cause::Connected, "caller and target talk"),
            TransferOutcome::NotReached => {
                self.transfer_failed("nobody answered", stream_is_gone);
            }
            TransferOutcome::Failed => {
                self.transfer_failed("the carrier could not do it", stream_is_gone);
            }
        }
    }

    /// A summary, a ring or a connection takes too long.
    pub(super) fn transfer_due(&mut self) {
        let Some(transfer) = self.transfers.current() else { return };
        let is_gone = transfer.is_stream_gone;
        match transfer.stage {
            TransferStage::Announced => {}
            TransferStage::Summary(request) => {
                self.outputs.push_back(Output::Llm(LlmCommand::Cancel { request }));
                self.send_transfer();
            }
            TransferStage::Ringing | TransferStage::Answered => {
                self.outputs.push_back(Output::Carrier(CarrierCommand::CancelTransfer));
                self.transfer_failed("nobody answered in time", is_gone);
            }
        }
    }

    /// The caller's stream is gone. True where the transfer explains it and is not over.
    pub(super) fn transfer_takes_stream(&mut self) -> bool {
        let Some(transfer) = self.transfers.current_mut() else { return false };
        if transfer.takes_stream() && self.state == State::Transferring {
            transfer.is_stream_gone = true;
            self.timers.stop(Timer::MediaLost);
            self.decided("transfer", "the carrier took the stream".to_owned());
            return true;
        }
        false
    }

    /// What the model writes for the target. True where the event was that.
    pub(super) fn takes_summary(&mut self, event: &LlmEvent) -> bool {
        let (LlmEvent::Text { request, .. }
        | LlmEvent::ToolCall { request, .. }
        | LlmEvent::Finished { request, .. }
        | LlmEvent::Failed { request, .. }) = event;
        let summary = self.transfers.current_mut();
        let Some(transfer) = summary.filter(|it| it.stage == TransferStage::Summary(*request))
        else {
            return false;
        };
        match event {
            LlmEvent::Text { text, .. } if transfer.summary.len() < REPLY_BYTES_MAX => {
                transfer.summary.push_str(text);
            }
            LlmEvent::Text { .. } | LlmEvent::ToolCall { .. } => {}
            LlmEvent::Finished { .. } | LlmEvent::Failed { .. } => self.send_transfer(),
        }
        true
    }

    /// The call is over while the target rings.
    pub(super) fn cancel_transfer(&mut self, cause: Cause) {
        self.set_background(None);
        let Some(transfer) = self.transfers.take() else { return };
        if transfer.is_under_way() && cause != Cause::Connected {
            self.outputs.push_back(Output::Carrier(CarrierCommand::CancelTransfer));
        }
        if let TransferStage::Summary(request) = transfer.stage {
            self.outputs.push_back(Output::Llm(LlmCommand::Cancel { request }));
        }
    }

    fn ask_for_summary(&mut self) {
        let request = RequestId { turn: self.take_turn_id(), attempt: 0 };
        if let Some(transfer) = self.transfers.current_mut() {
            transfer.stage = TransferStage::Summary(request);
        }
        let mut messages = self.history.messages(&self.config.prompt, None);
        let text = SUMMARY_INSTRUCTION.to_owned();
        messages.push(offhook_types::ChatMessage::System { text });
        self.outputs.push_back(Output::Llm(LlmCommand::Start {
            request,
            messages,
            tools: Vec::new(),
            is_speculative: false,
        }));
        self.timers.set(Timer::Transfer, self.now + millis(TRANSFER_SUMMARY_WAIT));
    }

    fn send_transfer(&mut self) {
        let Some(transfer) = self.transfers.current_mut() else { return };
        transfer.stage = TransferStage::Ringing;
        let Transfer { to, summary, .. } = &*transfer;
        let (ring_timeout_ms, mode) = (to.ring_timeout_ms, to.mode);
        let summary = summary.trim();
        let command = CarrierCommand::Transfer {
            target: to.target.clone(),
            mode,
            ring_timeout_ms,
            summary: (!summary.is_empty()).then(|| summary.to_owned()),
        };
        let observed = format!("to \"{}\"", to.label);
        self.decided("transfer", observed);
        self.outputs.push_back(Output::Carrier(command));
        let patience = ring_timeout_ms.saturating_add(TRANSFER_MARGIN);
        self.timers.set(Timer::Transfer, self.now + millis(patience));
    }

    /// The caller comes back, and is told.
    fn transfer_failed(&mut self, why: &str, stream_is_gone: bool) {
        self.timers.stop(Timer::Transfer);
        if stream_is_gone {
            return self.drop_line(Cause::TransferLost, why);
        }
        let Some(transfer) = self.transfers.take() else { return };
        self.set_background(None);
        self.decided("transfer", format!("failed: {why}"));
        let label = &transfer.to.label;
        self.history.note(&format!(
            "The transfer to {label} failed: {why}. The caller is back: say so, and go on."
        ));
        self.state = State::Listening;
        if self.is_muted {
            self.owes_answer = true;
            return self.take_up_overlap();
        }
        self.ask_unprompted(Purpose::Answer);
    }
}

/// The label in a call of the transfer tool.
pub(super) fn target_of(call: &ToolCall) -> &str {
    call.arguments.get("target").and_then(|target| target.as_str()).unwrap_or_default()
}

/// What a model is told that hands the caller to a person.
const SUMMARY_INSTRUCTION: &str = "The caller is being handed to a colleague. Sum the call up for \
                                   them in two sentences: who calls, and what for.";

//! A conversation as lines of a decision trace, and the conversation of such lines played again.
//!
//! Everything that a conversation is told and asks for is a [`CallEvent`], in order and with its
//! moment. Because nothing but whole numbers and text goes in, the same lines give the same
//! decisions on any machine.

use std::collections::VecDeque;

use offhook_types::{CallEvent, CarrierCommand, Timestamp, TraceError, TraceLine, VoiceRun};

use crate::conversation::{Conversation, ConversationConfig};
use crate::input::Input;
use crate::output::Output;

/// Writes the lines of one conversation, in which frames without a change are one line.
#[derive(Debug, Default)]
pub struct Recorder {
    run: Option<(Timestamp, Timestamp, VoiceRun)>,
}

/// Why lines cannot be played again.
#[derive(Debug, thiserror::Error)]
pub enum NotATrace {
    /// A line is not one of a trace.
    #[error("line {line}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: TraceError,
    },
    /// The first line that matters does not say how the call was configured.
    #[error("line {line} comes before the configuration of the call")]
    NoConfiguration {
        /// Which, from 1.
        line: usize,
    },
    /// Time goes backwards.
    #[error("line {line} is earlier than the line before it")]
    Order {
        /// Which, from 1.
        line: usize,
    },
    /// The configuration is of another version.
    #[error("configuration in line {line} cannot be read")]
    Configuration {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// Where a conversation that was played again decided otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The line of the trace, from 1.
    pub line: usize,
    /// When.
    pub at: Timestamp,
    /// What the trace holds.
    pub recorded: Option<CallEvent>,
    /// What came of it now.
    pub replayed: Option<CallEvent>,
}

impl Recorder {
    /// The first line: how the call is configured.
    ///
    /// # Errors
    /// None for configurations: every type in them has a JSON form.
    pub fn configured(config: &ConversationConfig) -> Result<TraceLine, serde_json::Error> {
        let value = serde_json::to_value(config)?;
        Ok(TraceLine::new(Timestamp::ZERO, CallEvent::Configured(value)))
    }

    /// Takes note of an input, before it is handled; hands on the lines that are complete.
    pub fn input(&mut self, now: Timestamp, input: &Input, mut write: impl FnMut(TraceLine)) {
        if let Input::Frame(frame) = input {
            let frame = *frame;
            if let Some((_, last, run)) = &mut self.run {
                let since = now.saturating_since(*last);
                let since_us = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
                if run.extend(since_us, frame) {
                    *last = now;
                    return;
                }
            }
            self.finish(&mut write);
            self.run = Some((now, now, VoiceRun::new(frame)));
            return;
        }
        self.finish(&mut write);
        write(TraceLine::new(now, event_of_input(input)));
    }

    /// Takes note of an output.
    pub fn output(&mut self, now: Timestamp, output: &Output, mut write: impl FnMut(TraceLine)) {
        self.finish(&mut write);
        write(TraceLine::new(now, event_of_output(output)));
    }

    /// Hands on the frames that wait for a change.
    pub fn finish(&mut self, mut write: impl FnMut(TraceLine)) {
        if let Some((start, _, run)) = self.run.take() {
            write(TraceLine::new(start, CallEvent::Voice(run)));
        }
    }
}

/// Plays the lines of a trace again; the first difference, if there is one.
///
/// # Errors
/// [`NotATrace`] where lines cannot be read.
pub fn replay<'a>(
    lines: impl IntoIterator<Item = &'a str>,
) -> Result<Option<Difference>, NotATrace> {
    let mut conversation: Option<Conversation> = None;
    let mut expected = VecDeque::new();
    let (mut last, mut last_line) = (Timestamp::ZERO, 0);
    for (index, text) in lines.into_iter().enumerate() {
        let line = index + 1;
        last_line = line;
        let recorded = TraceLine::parse(text).map_err(|source| NotATrace::Line { line, source })?;
        let at = recorded.at;
        if let CallEvent::Configured(value) = recorded.event {
            let config = serde_json::from_value(value)
                .map_err(|source| NotATrace::Configuration { line, source })?;
            conversation = Some(Conversation::new(config));
            continue;
        }
        let Some(inputs) = inputs_of(&recorded) else {
            if !is_output(&recorded.event) {
                continue;
            }
            let replayed = expected.pop_front();
            if replayed.as_ref() != Some(&recorded.event) {
                let recorded = Some(recorded.event);
                return Ok(Some(Difference { line, at, recorded, replayed }));
            }
            continue;
        };
        if let Some(replayed) = expected.pop_front() {
            let replayed = Some(replayed);
            return Ok(Some(Difference { line, at, recorded: None, replayed }));
        }
        let conversation = conversation.as_mut().ok_or(NotATrace::NoConfiguration { line })?;
        for (at, input) in inputs {
            if at < last {
                return Err(NotATrace::Order { line });
            }
            last = at;
            conversation.handle(at, input);
            let outputs = std::iter::from_fn(|| conversation.poll_output());
            expected.extend(outputs.map(|output| event_of_output(&output)));
        }
    }
    Ok(expected.pop_front().map(|replayed| Difference {
        line: last_line,
        at: last,
        recorded: None,
        replayed: Some(replayed),
    }))
}

fn event_of_input(input: &Input) -> CallEvent {
    match input {
        Input::Answered { speech_rate } => CallEvent::Answered { speech_rate_hz: *speech_rate },
        Input::Frame(frame) => CallEvent::Voice(VoiceRun::new(*frame)),
        Input::Stt(event) => CallEvent::Stt(event.clone()),
        Input::EndOfTurn { ask, permille } => {
            CallEvent::EndOfTurn { ask: *ask, permille: *permille }
        }
        Input::Llm(event) => CallEvent::Llm(event.clone()),
        Input::Tts(note) => CallEvent::Tts(note.clone()),
        Input::Playout(event) => CallEvent::Playout(*event),
        Input::Tone(tone) => CallEvent::Tone(*tone),
        Input::Tool(event) => CallEvent::Tool(event.clone()),
        Input::Digit { digit, origin } => CallEvent::Digit { digit: *digit, origin: *origin },
        Input::Carrier(event) => CallEvent::Carrier(event.clone()),
        Input::Control(command) => CallEvent::Control(command.clone()),
        Input::LineDropped { by } => CallEvent::LineDropped { by: *by },
        Input::Failed { stage, observed } => {
            CallEvent::Failed { stage: *stage, observed: observed.clone() }
        }
        Input::Timeout => CallEvent::TimedOut,
    }
}

fn event_of_output(output: &Output) -> CallEvent {
    match output {
        Output::Llm(command) => CallEvent::LlmAsked(command.clone()),
        Output::Tts(command) => CallEvent::TtsAsked(command.clone()),
        Output::Stt(command) => CallEvent::SttAsked(command.clone()),
        Output::AskEndOfTurn { ask } => CallEvent::EndOfTurnAsked { ask: *ask },
        Output::Playout(command) => CallEvent::PlayoutAsked(*command),
        Output::Tool(command) => CallEvent::ToolAsked(command.clone()),
        Output::Carrier(command) => CallEvent::CarrierAsked(command.clone()),
        Output::Hangup => CallEvent::CarrierAsked(CarrierCommand::Hangup),
        Output::Decided(evidence) => CallEvent::Decided(evidence.clone()),
        Output::Ended(reason) => CallEvent::Ended(reason.clone()),
    }
}

/// The inputs that a line stands for; `None` for a line that is none.
fn inputs_of(line: &TraceLine) -> Option<Vec<(Timestamp, Input)>> {
    let input = match &line.event {
        CallEvent::Voice(run) => {
            let moment = |index: u32| {
                let since = u64::from(index).saturating_mul(run.every_us);
                Timestamp::from_micros(line.at.as_micros().saturating_add(since))
            };
            let frames = (0..run.frames.min(FRAMES_MAX))
                .map(|index| (moment(index), Input::Frame(run.frame(index))));
            return Some(frames.collect());
        }
        CallEvent::Answered { speech_rate_hz } => Input::Answered { speech_rate: *speech_rate_hz },
        CallEvent::Stt(event) => Input::Stt(event.clone()),
        CallEvent::EndOfTurn { ask, permille } => {
            Input::EndOfTurn { ask: *ask, permille: *permille }
        }
        CallEvent::Llm(event) => Input::Llm(event.clone()),
        CallEvent::Tts(note) => Input::Tts(note.clone()),
        CallEvent::Playout(event) => Input::Playout(*event),
        CallEvent::Tone(tone) => Input::Tone(*tone),
        CallEvent::Tool(event) => Input::Tool(event.clone()),
        CallEvent::Digit { digit, origin } => Input::Digit { digit: *digit, origin: *origin },
        CallEvent::Carrier(event) => Input::Carrier(event.clone()),
        CallEvent::Control(command) => Input::Control(command.clone()),
        CallEvent::LineDropped { by } => Input::LineDropped { by: *by },
        CallEvent::Failed { stage, observed } => {
            Input::Failed { stage: *stage, observed: observed.clone() }
        }
        CallEvent::TimedOut => Input::Timeout,
        CallEvent::Opened { .. }
        | CallEvent::Configured(_)
        | CallEvent::Media(_)
        | CallEvent::SttAsked(_)
        | CallEvent::LlmAsked(_)
        | CallEvent::TtsAsked(_)
        | CallEvent::EndOfTurnAsked { .. }
        | CallEvent::PlayoutAsked(_)
        | CallEvent::ToolAsked(_)
        | CallEvent::CarrierAsked(_)
        | CallEvent::Decided(_)
        | CallEvent::Ended(_) => return None,
    };
    Some(vec![(line.at, input)])
}

/// Whether a conversation makes such events.
const fn is_output(event: &CallEvent) -> bool {
    matches!(
        event,
        CallEvent::SttAsked(_)
            | CallEvent::LlmAsked(_)
            | CallEvent::TtsAsked(_)
            | CallEvent::EndOfTurnAsked { .. }
            | CallEvent::PlayoutAsked(_)
            | CallEvent::ToolAsked(_)
            | CallEvent::CarrierAsked(_)
            | CallEvent::Decided(_)
            | CallEvent::Ended(_)
    )
}

/// Frames of one line: an hour and more. A longer run was not written here.
const FRAMES_MAX: u32 = 200_000;

//! What is written down about a call: events with their moments, one JSON line each.

use serde::{Deserialize, Serialize};

use crate::{
    CallId, CarrierCommand, CarrierEvent, ControlCommand, DtmfDigit, DtmfOrigin, EndReason,
    EndedBy, Evidence, FailedStage, LlmCommand, LlmEvent, MediaNote, PlayoutCommand, PlayoutEvent,
    ProviderFailure, RequestId, SampleRate, SpokenWord, SttCommand, SttEvent, Timestamp, ToneEvent,
    ToolCommand, ToolEvent, TtsCommand, TtsEvent, UtteranceId, VoiceRun,
};

/// The version this build writes. It rises when a reader of the version before would misread a
/// line; new kinds of event and new fields do not raise it.
pub const TRACE_VERSION: u16 = 1;

/// One event of a call. Every input, output and decision is one; the transcript, live streams,
/// metrics and the journal are views of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum CallEvent {
    /// The call exists; always the first event.
    Opened {
        /// The call.
        call: CallId,
        /// Wall-clock time of moment zero, in microseconds since the Unix epoch.
        started_at_utc_us: i64,
        /// The seed of every random choice in the call.
        seed: u64,
    },
    /// What the rules of the call were given, as far as they decide.
    Configured(serde_json::Value),
    /// The call was answered and audio flows.
    Answered {
        /// Samples of speech are counted at this rate.
        speech_rate_hz: SampleRate,
    },
    /// Something arrived on the media stream.
    Media(MediaNote),
    /// Frames of the caller's voice; the first at this line's moment.
    Voice(VoiceRun),
    /// The end-of-turn model was asked.
    EndOfTurnAsked {
        /// Comes back with the answer.
        ask: u32,
    },
    /// The end-of-turn model answered.
    EndOfTurn {
        /// What it was asked with.
        ask: u32,
        /// How likely the turn is over.
        permille: u16,
    },
    /// The playout was asked.
    PlayoutAsked(PlayoutCommand),
    /// The playout reported.
    Playout(PlayoutEvent),
    /// A tone was heard on the line.
    Tone(ToneEvent),
    /// The caller pressed a key.
    Digit {
        /// The key.
        digit: DtmfDigit,
        /// How that is known.
        origin: DtmfOrigin,
    },
    /// The recogniser was asked.
    SttAsked(SttCommand),
    /// The recogniser reported.
    Stt(SttEvent),
    /// The language model was asked.
    LlmAsked(LlmCommand),
    /// The language model reported.
    Llm(LlmEvent),
    /// The synthesiser was asked.
    TtsAsked(TtsCommand),
    /// The synthesiser reported.
    Tts(TtsNote),
    /// A tool was asked for.
    ToolAsked(ToolCommand),
    /// A tool reported.
    Tool(ToolEvent),
    /// The carrier was asked.
    CarrierAsked(CarrierCommand),
    /// The carrier reported.
    Carrier(CarrierEvent),
    /// Somebody outside the conversation gave a command.
    Control(ControlCommand),
    /// The line is gone.
    LineDropped {
        /// Who dropped it.
        by: EndedBy,
    },
    /// Something outside the conversation failed, with no way left.
    Failed {
        /// What.
        stage: FailedStage,
        /// What was seen.
        observed: String,
    },
    /// A deadline has come.
    TimedOut,
    /// A rule decided something.
    Decided(Evidence),
    /// The call ended; always the last event.
    Ended(EndReason),
}

/// What a trace keeps of a synthesiser's report: everything but the audio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TtsNote {
    /// Audio of a clause arrived.
    Audio {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
        /// How many samples.
        samples: u64,
    },
    /// Where words of a clause lie.
    Words {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
        /// Words in order.
        words: Vec<SpokenWord>,
    },
    /// All audio of a clause has been given.
    Finished {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
    },
    /// A clause could not be spoken, or not to its end.
    Failed {
        /// The request the clause belongs to.
        request: RequestId,
        /// The clause.
        utterance: UtteranceId,
        /// Why.
        failure: ProviderFailure,
    },
}

/// One line of a trace: a version, a moment and an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceLine {
    /// [`TRACE_VERSION`] of the writer.
    #[serde(rename = "v")]
    pub version: u16,
    /// When it happened.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: CallEvent,
}

/// Why a line of a trace cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// A newer build wrote it.
    #[error("trace line has version {0}, this build reads up to {TRACE_VERSION}: use a newer one")]
    Version(u16),
    /// It is not a trace line.
    #[error("not a trace line")]
    Malformed(#[source] serde_json::Error),
}

impl TraceLine {
    /// An event at its moment, in the version of this build.
    pub const fn new(at: Timestamp, event: CallEvent) -> Self {
        Self { version: TRACE_VERSION, at, event }
    }

    /// The line, without a line break.
    ///
    /// # Errors
    /// None for events that the engine makes: every type in them has a JSON form. The `Result` is
    /// the serialiser's.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads a line.
    ///
    /// # Errors
    /// [`TraceError::Version`] for a line of a newer build, [`TraceError::Malformed`] for anything
    /// else that is not a trace line.
    pub fn parse(line: &str) -> Result<Self, TraceError> {
        #[derive(Deserialize)]
        struct Version {
            v: u16,
        }
        let Version { v } = serde_json::from_str(line).map_err(TraceError::Malformed)?;
        if v > TRACE_VERSION {
            return Err(TraceError::Version(v));
        }
        serde_json::from_str(line).map_err(TraceError::Malformed)
    }
}

impl TtsEvent {
    /// What a trace keeps of this event.
    pub fn note(&self) -> TtsNote {
        match self {
            Self::Audio { request, utterance, pcm } => TtsNote::Audio {
                request: *request,
                utterance: *utterance,
                samples: pcm.len() as u64,
            },
            Self::Words { request, utterance, words } => {
                TtsNote::Words { request: *request, utterance: *utterance, words: words.clone() }
            }
            Self::Finished { request, utterance } => {
                TtsNote::Finished { request: *request, utterance: *utterance }
            }
            Self::Failed { request, utterance, failure } => TtsNote::Failed {
                request: *request,
                utterance: *utterance,
                failure: failure.clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::{
        CodecFormat, EndKind, Generation, Mark, MarkOutcome, Party, StreamStart, ToolCall,
        TransferMode, TurnId,
    };

    /// One line of each kind, as version 1 writes it. A change here breaks every stored trace: add
    /// a version and a reader for the old one instead.
    const VERSION_1: &str = include_str!("trace_v1.jsonl");

    #[test]
    fn the_lines_of_version_1_stay_as_they_are() {
        let written: Vec<String> = events()
            .into_iter()
            .map(|event| TraceLine::new(Timestamp::from_millis(20), event).to_json().unwrap())
            .collect();
        for (written, stored) in written.iter().zip(VERSION_1.lines()) {
            assert_eq!(written, stored);
        }
        assert_eq!(written.len(), VERSION_1.lines().count(), "{}", written.join("\n"));
    }

    #[test]
    fn every_line_is_read_back() {
        for (line, event) in VERSION_1.lines().zip(events()) {
            assert_eq!(TraceLine::parse(line).unwrap().event, event);
        }
    }

    #[test]
    fn a_line_of_a_newer_build_is_refused_by_its_version() {
        let line = r#"{"v":2,"at_us":0,"event":"something_new","data":{}}"#;
        assert!(matches!(TraceLine::parse(line), Err(TraceError::Version(2))));
        assert!(matches!(TraceLine::parse("{}"), Err(TraceError::Malformed(_))));
        assert!(matches!(TraceLine::parse("\u{0}"), Err(TraceError::Malformed(_))));
    }

    #[test]
    fn a_field_that_a_newer_build_adds_is_passed_over() {
        let line = r#"{"v":1,"at_us":5,"event":"stt","data":{"kind":"ready","extra":1},"more":2}"#;
        assert_eq!(TraceLine::parse(line).unwrap().event, CallEvent::Stt(SttEvent::Ready));
    }

    fn events() -> Vec<CallEvent> {
        let request = RequestId { turn: TurnId::new(3), attempt: 1 };
        let utterance = UtteranceId::new(7);
        let call = ToolCall {
            id: "t1".parse().unwrap(),
            name: "opening_hours".into(),
            arguments: serde_json::json!({"day": "saturday"}),
        };
        let mark = Mark { generation: Generation::new(2), utterance, end_sample: 12_800 };
        let start = StreamStart {
            stream: "MZ1".into(),
            carrier_call: "CA1".into(),
            from: Some(Party::from_carrier("+14155550123")),
            to: None,
            inbound: CodecFormat::PCMU,
            outbound: CodecFormat::PCMU,
            parameters: Default::default(),
        };
        let evidence = Evidence {
            at: Timestamp::from_millis(10),
            rule: Cow::Borrowed("interruption"),
            observed: "340 ms voiced, 2 words, sensitivity 0.8".into(),
        };
        vec![
            CallEvent::Opened {
                call: "01J9ZK".parse().unwrap(),
                started_at_utc_us: 1_700_000_000_000_000,
                seed: 42,
            },
            CallEvent::Media(MediaNote::Started(Box::new(start))),
            CallEvent::Media(MediaNote::Mark { mark, outcome: MarkOutcome::Played }),
            CallEvent::Stt(SttEvent::Partial { text: "my name".into(), stable_bytes: 2 }),
            CallEvent::LlmAsked(LlmCommand::Cancel { request }),
            CallEvent::Llm(LlmEvent::ToolCall { request, call: call.clone() }),
            CallEvent::TtsAsked(TtsCommand::Cancel { request }),
            CallEvent::Tts(TtsNote::Audio { request, utterance, samples: 1_920 }),
            CallEvent::ToolAsked(ToolCommand::Run { request, call, timeout_ms: 5_000 }),
            CallEvent::Tool(ToolEvent::TimedOut { call: "t1".parse().unwrap() }),
            CallEvent::CarrierAsked(CarrierCommand::Transfer {
                target: Party::from_carrier("+14155550199"),
                mode: TransferMode::Warm,
                ring_timeout_ms: 30_000,
                summary: None,
            }),
            CallEvent::Carrier(CarrierEvent::Answered),
            CallEvent::Control(ControlCommand::Hangup),
            CallEvent::Decided(evidence.clone()),
            CallEvent::Ended(EndReason {
                kind: EndKind::Custom("booked".into()),
                who: EndedBy::Agent,
                evidence: vec![evidence],
            }),
        ]
    }
}

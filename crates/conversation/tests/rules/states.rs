//! Every state with every input: what it becomes and what is asked for, as a table that is checked
//! in. A change of the table is a change of the product.

use std::fmt::Write as _;

use offhook_conversation::{
    CallSettings, ConversationConfig, Input, State, ToolSettings, TransferSettings, TurnSettings,
    VoicemailMode, VoicemailSettings,
};
use offhook_types::{
    Answerer, CarrierEvent, ControlCommand, DtmfDigit, DtmfOrigin, EndedBy, FailedStage,
    FailureKind, LineOutcome, LlmEvent, LlmStop, Party, PlayoutEvent, ProviderFailure,
    ProviderStage, RequestId, SampleRate, SttEvent, ToneEvent, ToneSpan, ToolCall, ToolEvent,
    TransferMode, TransferOutcome, TtsNote, TurnId, UtteranceId, VoiceFrame,
};

use crate::caller::Caller;
use crate::world::{DELAYS, Delays, World, config};

const TABLE: &str = include_str!("states.txt");

#[test]
fn every_state_answers_every_input_as_the_table_says() {
    let mut table = String::new();
    for state in State::ALL {
        for (name, _) in inputs() {
            let mut world = in_state(state);
            let (_, input) =
                inputs().into_iter().find(|(found, _)| *found == name).expect("an input");
            let outputs = world.try_out(input);
            let after = world.conversation.state();
            let outputs = if outputs.is_empty() { "-".to_owned() } else { outputs.join(" ") };
            writeln!(table, "{state:?} + {name} => {after:?}: {outputs}").expect("a string");
        }
    }
    let changed: Vec<String> = table
        .lines()
        .zip(TABLE.lines().chain(std::iter::repeat("")))
        .filter(|(now, then)| now != then)
        .map(|(now, then)| format!("was {then}\nnow {now}"))
        .collect();
    let is_same = changed.is_empty() && table.lines().count() == TABLE.lines().count();
    if !is_same {
        let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/states.txt");
        std::fs::write(path, &table).expect("a file for the new table");
        panic!("{}\nif this is meant, take {path} as tests/rules/states.txt", changed.join("\n"));
    }
}

/// A call in this state: the caller asked something, and the agent answers at length.
fn in_state(state: State) -> World {
    let caller = Caller::default().says(500, "What are your opening hours?");
    let caller = match state {
        State::Ducked => caller.coughs(4_000, 400),
        State::Waiting
        | State::Listening
        | State::CallerTurn
        | State::Thinking
        | State::Speaking
        | State::Working
        | State::Machine
        | State::Transferring
        | State::Ended => caller,
    };
    let answer = "We are open from nine to five on weekdays, and on Saturdays from ten to two.";
    let delays = Delays { first_token: 300, ..DELAYS };
    let settings =
        TurnSettings { interruption_sensitivity_permille: 500, ..TurnSettings::default() };
    if state == State::Waiting {
        return World::unanswered(settings, caller, &[answer], delays);
    }
    let answer = match state {
        State::Working => "[[look {}]]",
        State::Transferring => "[[transfer {\"target\": \"sales\"}]]",
        State::Waiting
        | State::Listening
        | State::CallerTurn
        | State::Thinking
        | State::Speaking
        | State::Ducked
        | State::Machine
        | State::Ended => answer,
    };
    let config = ConversationConfig { turns: settings, ..config(rules()) };
    let mut world = World::of(config, caller, &[answer], delays).answered();
    if state == State::Ended {
        world.hang_up();
        return world;
    }
    if state == State::Machine {
        let answerer = Answerer::MachineGreeting;
        world.happens(Input::Carrier(CarrierEvent::AnsweredBy { answerer }));
    }
    let mut millis = 0;
    while world.conversation.state() != state {
        millis += 20;
        assert!(millis < 10_000, "{state:?} was not reached");
        world.run_until(millis);
    }
    world
}

/// A tool that never returns, and somebody to be handed to.
fn rules() -> CallSettings {
    CallSettings {
        tools: vec![ToolSettings { name: "look".to_owned(), ..ToolSettings::default() }],
        transfers: vec![TransferSettings {
            label: "sales".to_owned(),
            target: Party::from_carrier("+14155550199"),
            condition: String::new(),
            mode: TransferMode::Warm,
            ring_timeout_ms: 20_000,
        }],
        voicemail: Some(VoicemailSettings {
            mode: VoicemailMode::Static,
            text: "This is a message.".to_owned(),
        }),
        ..CallSettings::default()
    }
}

/// Every input of the table.
fn inputs() -> Vec<(&'static str, Input)> {
    turn_inputs().into_iter().chain(call_inputs()).collect()
}

/// What the rules of a whole call are told.
fn call_inputs() -> Vec<(&'static str, Input)> {
    let request = RequestId { turn: TurnId::new(0), attempt: 0 };
    vec![
        ("key", {
            let digit = DtmfDigit::try_from('5').expect("a key");
            Input::Digit { digit, origin: DtmfOrigin::Event }
        }),
        ("key that ends an entry", {
            let digit = DtmfDigit::try_from('#').expect("a key");
            Input::Digit { digit, origin: DtmfOrigin::Event }
        }),
        ("end_call", Input::Llm(LlmEvent::ToolCall { request, call: end_call() })),
        ("record tone", {
            let span = ToneSpan {
                start_sample: 0,
                duration_ms: 400,
                frequency_hz: 1_000,
                second_frequency_hz: None,
                level_dbfs: -20,
            };
            Input::Tone(ToneEvent::RecordTone { span })
        }),
        ("carrier hears a person", answered_by(Answerer::Human)),
        ("carrier hears a machine", answered_by(Answerer::MachineGreeting)),
        ("tool called", {
            let id = "call_9".parse().expect("an id");
            let (name, arguments) = ("look".to_owned(), serde_json::json!({}));
            Input::Llm(LlmEvent::ToolCall { request, call: ToolCall { id, name, arguments } })
        }),
        ("tool returned", {
            let call = "call_1".parse().expect("an id");
            Input::Tool(ToolEvent::Finished { call, result: serde_json::json!({"open": true}) })
        }),
        ("target answered", transfer(TransferOutcome::Answered)),
        ("target connected", transfer(TransferOutcome::Connected)),
        ("target not reached", transfer(TransferOutcome::NotReached)),
        ("carrier says busy", {
            let (outcome, dropped_by) = (LineOutcome::Busy, None);
            Input::Carrier(CarrierEvent::Ended { outcome, dropped_by })
        }),
        ("mute", Input::Control(ControlCommand::MuteAgent { is_muted: true })),
        ("drain", Input::Control(ControlCommand::Drain { deadline_ms: 60_000 })),
        ("drain at once", Input::Control(ControlCommand::Drain { deadline_ms: 0 })),
    ]
}

/// What the rules of turns are told.
fn turn_inputs() -> Vec<(&'static str, Input)> {
    let request = RequestId { turn: TurnId::new(0), attempt: 0 };
    let other = RequestId { turn: TurnId::new(9), attempt: 3 };
    let utterance = UtteranceId::new(0);
    let failure = ProviderFailure {
        provider: "test".to_owned(),
        stage: ProviderStage::Stream,
        kind: FailureKind::Unavailable,
        status: None,
        message: "gone".to_owned(),
    };
    let silence = VoiceFrame { silence_ms: 40, ..VoiceFrame::default() };
    let voice =
        VoiceFrame { is_voiced: true, is_open: true, voiced_ms: 100, silence_ms: 0, extra_ms: 0 };
    let said = |text: &str| SttEvent::Final { text: text.to_owned(), words: Vec::new() };
    vec![
        ("answered", Input::Answered { speech_rate: SampleRate::HZ_8000 }),
        ("silence", Input::Frame(silence)),
        ("long silence", Input::Frame(VoiceFrame { silence_ms: 3_000, ..silence })),
        ("voice", Input::Frame(voice)),
        ("long voice", Input::Frame(VoiceFrame { voiced_ms: 900, ..voice })),
        ("partial", {
            let text = "and on Sunday".to_owned();
            Input::Stt(SttEvent::Partial { text, stable_bytes: 0 })
        }),
        ("final", Input::Stt(said("and on Sunday?"))),
        ("empty final", Input::Stt(said(""))),
        ("backchannel", Input::Stt(said("uh-huh"))),
        ("stop word", Input::Stt(said("wait a moment"))),
        ("recogniser failed", Input::Stt(SttEvent::Failed(failure.clone()))),
        ("recogniser's end of turn", {
            Input::Stt(SttEvent::EndOfTurn { probability_permille: 900 })
        }),
        ("model's end of turn", Input::EndOfTurn { ask: 0, permille: 900 }),
        ("text", Input::Llm(LlmEvent::Text { request, text: "Hello. Well".to_owned() })),
        ("stale text", {
            Input::Llm(LlmEvent::Text { request: other, text: "Hello. Well".to_owned() })
        }),
        ("text is over", {
            let reason = LlmStop::Complete;
            Input::Llm(LlmEvent::Finished { request, reason, usage: None })
        }),
        ("model failed", Input::Llm(LlmEvent::Failed { request, failure: failure.clone() })),
        ("audio", Input::Tts(TtsNote::Audio { request, utterance, samples: 8_000 })),
        ("audio is over", Input::Tts(TtsNote::Finished { request, utterance })),
        ("voice failed", Input::Tts(TtsNote::Failed { request, utterance, failure })),
        ("first frame", Input::Playout(PlayoutEvent::Speaking { utterance })),
        (
            "heard some",
            Input::Playout(PlayoutEvent::Heard { utterance, samples: 4_000, is_all: false }),
        ),
        (
            "heard all",
            Input::Playout(PlayoutEvent::Heard { utterance, samples: 8_000, is_all: true }),
        ),
        ("say", {
            let text = "One moment.".to_owned();
            Input::Control(ControlCommand::Say { text, is_interruptible: true })
        }),
        ("operator hangs up", Input::Control(ControlCommand::Hangup)),
        ("media failed", {
            let observed = "no start".to_owned();
            Input::Failed { stage: FailedStage::Media, observed }
        }),
        ("line dropped", Input::LineDropped { by: EndedBy::Caller }),
        ("timeout", Input::Timeout),
    ]
}

fn answered_by(answerer: Answerer) -> Input {
    Input::Carrier(CarrierEvent::AnsweredBy { answerer })
}

fn transfer(outcome: TransferOutcome) -> Input {
    Input::Carrier(CarrierEvent::Transfer { outcome })
}

fn end_call() -> ToolCall {
    let id = "call_1".parse().expect("an id");
    let arguments = serde_json::json!({"reason": "done"});
    ToolCall { id, name: "end_call".to_owned(), arguments }
}

//! An agent's document decides what a session does.

use std::fs;
use std::path::Path;

use offhook_session::{Input, OpeningMode, Output, Session, SessionConfig, Sounds};
use offhook_telephony::WireMessage;
use offhook_telephony::twilio::TwilioDialect;
use offhook_text::prompt::CallFacts;
use offhook_types::agent::{AgentDocument, CallOverrides, Direction, OverrideSource};
use offhook_types::{CallEvent, Party, SampleRate, Timestamp, TtsCommand};
use serde_json::json;

fn facts() -> CallFacts {
    CallFacts::new("c1".to_owned(), Direction::Inbound, 1_795_000_000)
}

fn config_of(document: &AgentDocument, facts: &CallFacts) -> SessionConfig {
    SessionConfig::of_document(document, facts, 1, &mut Sounds::new(SampleRate::HZ_8000))
}

fn document(fields: serde_json::Value) -> AgentDocument {
    let mut whole = json!({"version": 1, "name": "Ada", "instructions": "You are Ada."});
    whole.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
    AgentDocument::from_value(whole).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// What the voice is asked for, and the decisions, in the first two seconds of a call.
fn begin(config: SessionConfig) -> (Vec<String>, Vec<String>) {
    let mut session = Session::new(config, Box::new(TwilioDialect::new()));
    let (mut said, mut decided) = (Vec::new(), Vec::new());
    let start = r#"{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1"}}"#;
    // µ-law silence.
    let media = format!(
        r#"{{"event":"media","streamSid":"MZ1","media":{{"track":"inbound","payload":"{}"}}}}"#,
        "/".repeat(212) + "//8=",
    );
    for step in 0..100 {
        let now = Timestamp::from_millis(step * 20);
        let text = if step == 0 { start } else { &media };
        let mut inputs = vec![Input::Wire(WireMessage::Text(text))];
        if session.poll_timeout().is_some_and(|(at, _)| at <= now) {
            inputs.push(Input::Timeout);
        }
        for input in inputs {
            session.handle_input(now, input);
            while let Some(output) = session.poll_output() {
                if let Output::Tts(TtsCommand::Say { text, .. }) = &output {
                    said.push(text.clone());
                }
                if let Output::Trace(line) = output
                    && let CallEvent::Decided(decision) = line.event
                {
                    decided.push(format!("{}: {}", decision.rule, decision.observed));
                }
            }
        }
    }
    (said, decided)
}

#[test]
fn every_example_makes_a_session() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/agents");
    let mut count = 0;
    for file in folder.read_dir().expect("examples") {
        let path = file.expect("an example").path();
        if path.ends_with("schema.json") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&path).expect("readable");
        let agent = AgentDocument::from_json(&text).expect("a document without problems");
        let config = config_of(&agent, &facts());
        assert!(config.prompt.contains("# Instructions"), "{}", path.display());
        assert_eq!(config.call.tools.len(), agent.tools.len());
        let opens = config
            .opening
            .as_ref()
            .is_some_and(|opening| opening.mode == OpeningMode::Static && opening.delay_ms < 1_500);
        let (said, _) = begin(config);
        assert_eq!(!said.is_empty(), opens || !agent.limits.max_call_text.is_empty(), "{path:?}");
    }
    assert_eq!(count, 5);
}

#[test]
fn a_greeting_is_said_with_its_values_and_a_missing_one_is_reported_and_not_read_out() {
    let agent = document(json!({
        "opening": {"text": "Hello {{name}}, your bill is {amount}, due <due_date>."},
        "silence": {"reminder_ms": 5_000, "reminder_text": "Still there, {name}?"},
    }));
    let mut facts = facts();
    facts.variables.set("name", "Bob {amount}");
    facts.variables.set("amount", "$20");
    let config = config_of(&agent, &facts);
    assert_eq!(config.missing_variables, ["due_date"]);
    assert_eq!(config.call.silence.reminder_text, "Still there, Bob {amount}?");
    let (said, decided) = begin(config);
    let said = said.join(" ");
    assert!(said.contains("your bill is twenty dollars, due"), "{said}");
    assert!(!said.contains("due_date"), "{said}");
    assert!(decided.contains(&"missing_variables: due_date".to_owned()), "{decided:?}");
}

#[test]
fn the_last_word_of_overrides_is_what_is_said() {
    let agent = document(json!({"opening": {"text": "Hello."}}));
    let greeting =
        |text: &str| CallOverrides { greeting: Some(text.to_owned()), ..CallOverrides::default() };
    let layers = [
        (OverrideSource::CommandLine, greeting("Hello from the command line.")),
        (OverrideSource::Carrier, greeting("Hello from the carrier.")),
    ];
    let (said, _) = begin(config_of(&CallOverrides::apply(&layers, &agent), &facts()));
    assert_eq!(said, ["Hello from the command line."]);
}

#[test]
fn what_rules_go_by_is_what_the_document_says() {
    let agent = document(json!({
        "language": "de-AT",
        "turn": {
            "patience": "high",
            "interrupt": {"sensitivity": 0.456, "min_words": 2},
            "ignore_phrases": ["genau"],
        },
        "voice": {"gain": 1.25},
        "input": {"denoise": "noise", "vad": "webrtc", "guards_echo": false},
        "ambience": {"sound": "cafe", "volume": 0.2},
        "dtmf": {"terminator": null, "digit_count_max": 4},
        "tools": [
            {
                "name": "look", "url": "https://api.example.com/look",
                "description": "Looks for a table.",
            },
            {
                "name": "book", "description": "Books.", "condition": "after a yes",
                "url": "https://api.example.com/book", "sound": "typing",
                "say_before": "I book it for {{name}}.", "arguments": {"for": ["{{name}}", 2]},
            },
        ],
        "transfers": [{"label": "sales", "target": "{{sales}}", "mode": "warm"}],
    }));
    let mut facts = facts();
    facts.variables.set("name", "Ada");
    facts.variables.set("sales", "+14155550123");
    let config = config_of(&agent, &facts);
    let turns = &config.turns;
    assert_eq!((turns.interruption_sensitivity_permille, turns.min_words), (456, 2));
    assert_eq!(
        (turns.language.as_str(), &turns.ignore_phrases[..]),
        ("de-AT", &["genau".into()][..])
    );
    assert_eq!((config.audio.gain, config.audio.guards_echo), (1.25, false));
    assert_eq!(config.audio.ambience.as_ref().map(|ambience| ambience.volume), Some(0.2));
    assert!(config.audio.working.is_some() && config.audio.hold.is_some());
    assert_eq!((config.call.dtmf.terminator, config.call.dtmf.digit_count_max), (None, 4));
    assert_eq!(config.call.tools[0].description, "Looks for a table.");
    let tool = &config.call.tools[1];
    assert_eq!(tool.description, "Books.\nUse it when: after a yes");
    assert_eq!(tool.say_before.as_deref(), Some("I book it for Ada."));
    assert_eq!(tool.arguments, json!({"for": ["Ada", 2]}));
    assert_eq!(config.call.transfers[0].target, Party::from_carrier("+14155550123"));
    assert_eq!(config.missing_variables, [] as [String; 0]);

    let never = document(json!({"turn": {"interrupt": {"enabled": false, "sensitivity": 1.0}}}));
    assert_eq!(config_of(&never, &facts).turns.interruption_sensitivity_permille, 0);
}

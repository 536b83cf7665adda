//! A session carries what the conversation asks for and is told: tools, carriers, keys, tones,
//! sentences made beforehand, sounds of waiting. What is decided is the conversation's business.

use std::f64::consts::TAU;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use offhook_audio::{
    AmbienceConfig, Bed, BedKind, Decoder, DtmfConfig, DtmfGenerator, Encoder, OpusConfig, VadKind,
};
use offhook_session::{
    AudioSettings, CallSettings, FaultSettings, Input, IvrSettings, OpeningSettings, Output,
    Session, SessionConfig, Timer, ToolSettings, TransferSettings, VoicemailMode,
    VoicemailSettings,
};
use offhook_telephony::twilio::TwilioDialect;
use offhook_telephony::{
    Carrier, Dialect as _, DialectOptions, HangupMeans, WireMessage, dialect_for,
};
use offhook_types::{
    Answerer, CallEvent, CarrierCommand, CarrierEvent, CodecFormat, ControlCommand, DtmfOrigin,
    EndKind, EndReason, FailedStage, FailureKind, LlmCommand, LlmEvent, LlmStop, Party,
    PlayoutEvent, ProviderFailure, ProviderStage, RequestId, SampleRate, SpokenWord, SttEvent,
    Timestamp, ToneEvent, ToolCall, ToolCommand, ToolEvent, TransferMode, TransferOutcome,
    TtsCommand, TtsEvent, TtsNote, UtteranceId,
};
use serde_json::json;

const START: &str = r#"{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1"}}"#;

#[test]
fn a_tool_call_goes_out_and_its_result_comes_back_to_the_model() {
    let mut call = Call::new(CallSettings { tools: vec![look()], ..CallSettings::default() });
    call.caller_says("Are you open?");
    call.model_calls("look", json!({"day": "sunday"}));
    let [ToolCommand::Run { call: run, .. }] = call.tools.as_slice() else {
        panic!("{:?}", call.tools)
    };
    assert_eq!((run.name.as_str(), &run.arguments), ("look", &json!({"day": "sunday"})));
    let (asked, id) = (call.asked.len(), run.id.clone());
    call.tell(Input::Tool(ToolEvent::Finished { call: id, result: json!({"open": false}) }));
    assert_eq!(call.asked.len(), asked + 1);
    assert!(format!("{:?}", call.asked.last()).contains("open"));
}

#[test]
fn a_transfer_goes_to_the_carrier_whose_report_ends_the_call() {
    let sales = TransferSettings {
        label: "sales".to_owned(),
        target: Party::from_carrier("+14155550199"),
        condition: String::new(),
        mode: TransferMode::Cold,
        ring_timeout_ms: 20_000,
    };
    let mut call = Call::new(CallSettings { transfers: vec![sales], ..CallSettings::default() });
    call.caller_says("I want to buy a car.");
    call.model_calls("transfer", json!({"target": "sales"}));
    assert!(matches!(call.carrier.as_slice(), [CarrierCommand::Transfer { .. }]));
    let outcome = TransferOutcome::Connected;
    call.tell(Input::Carrier(CarrierEvent::Transfer { outcome }));
    assert_eq!(call.ended.as_ref().map(|reason| &reason.kind), Some(&EndKind::Transferred));
}

#[test]
fn a_key_is_heard_by_the_carriers_word_and_by_its_tone_and_counts_once() {
    let mut call = Call::new(CallSettings::default());
    call.hear(&[0; 8_000]);
    call.wire(r#"{"event":"dtmf","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"5"}}"#);
    let mut generator =
        DtmfGenerator::new(SampleRate::HZ_8000, DtmfConfig::default()).expect("a usual rate");
    generator.enqueue("5").expect("a key");
    let mut tone = vec![0; 1_600];
    generator.process_into(&mut tone);
    call.hear(&tone);
    call.hear(&[0; 32_000]);
    let keys: Vec<DtmfOrigin> = call
        .trace
        .iter()
        .filter_map(
            |event| if let CallEvent::Digit { origin, .. } = event { Some(*origin) } else { None },
        )
        .collect();
    assert_eq!(keys, [DtmfOrigin::Event, DtmfOrigin::Tone]);
    let asked = format!("{:?}", call.asked.last());
    assert!(asked.contains("[keypad: 5]"), "{asked}");
}

#[test]
fn a_record_tone_is_told_to_the_conversation() {
    let mut call = Call::new(CallSettings::default());
    call.hear(&[0; 8_000]);
    let tone: Vec<i16> = (0..4_000)
        .map(|index| (8_000.0 * (TAU * 1_000.0 * f64::from(index) / 8_000.0).sin()) as i16)
        .collect();
    call.hear(&tone);
    call.hear(&[0; 16_000]);
    let is_record =
        |event: &&CallEvent| matches!(event, CallEvent::Tone(ToneEvent::RecordTone { .. }));
    assert_eq!(call.trace.iter().filter(is_record).count(), 1);
}

#[test]
fn keys_that_the_model_presses_are_tones_where_the_carrier_has_no_other_way() {
    let rules = CallSettings { ivr: IvrSettings { is_enabled: true }, ..CallSettings::default() };
    let mut call = Call::new(rules);
    call.caller_says("For sales press one, for support press two.");
    assert!(call.sent.is_empty());
    call.model_calls("send_dtmf", json!({"digits": "1"}));
    call.hear(&[0; 8_000]);
    let loudest = call.sent.iter().map(|sample| sample.unsigned_abs()).max();
    assert!(loudest.is_some_and(|loudest| loudest > 1_000), "{loudest:?}");
    assert!(call.carrier.is_empty(), "Twilio has no way beside the stream");
    assert_eq!(call.session.losses(), (0, 0));
}

#[test]
fn a_sentence_that_was_made_beforehand_is_heard_when_a_provider_fails() {
    let faults = FaultSettings { text: "Something went wrong.".to_owned(), ..Default::default() };
    let mut call = Call::new(CallSettings { faults, ..CallSettings::default() });
    call.hear(&[0; 8_000]);
    assert!(call.sent.is_empty(), "nothing is heard before it is needed");
    call.tell(Input::Stt(SttEvent::Failed(ProviderFailure {
        provider: "test".to_owned(),
        stage: ProviderStage::Stream,
        kind: FailureKind::Unavailable,
        status: None,
        message: "gone".to_owned(),
    })));
    call.hear(&[0; 24_000]);
    assert!(call.sent.len() >= 5_000, "{} samples were sent", call.sent.len());
    let kind = call.ended.as_ref().map(|reason| reason.kind.clone());
    assert_eq!(kind, Some(EndKind::Failed(FailedStage::Stt)));
}

#[test]
fn a_sound_is_heard_while_a_tool_runs_and_nobody_speaks() {
    let tool = ToolSettings { has_sound: true, ..look() };
    let mut call = Call::new(CallSettings { tools: vec![tool], ..CallSettings::default() });
    call.caller_says("Are you open?");
    call.model_calls("look", json!({}));
    call.hear(&[0; 8_000]);
    let sounding = call.sent.len();
    assert!((7_000..10_000).contains(&sounding), "{sounding} samples in a second");
    let ToolCommand::Run { call: run, .. } = &call.tools[0] else { panic!("{:?}", call.tools) };
    let id = run.id.clone();
    call.tell(Input::Tool(ToolEvent::Failed { call: id, reason: "down".to_owned() }));
    call.hear(&[0; 8_000]);
    assert!(call.sent.len() <= sounding + 320, "it goes on");
}

#[test]
fn an_operator_silences_the_agent() {
    let mut call = Call::new(CallSettings::default());
    call.tell(Input::Control(ControlCommand::MuteAgent { is_muted: true }));
    call.caller_says("Are you open?");
    assert!(call.asked.is_empty());
    call.tell(Input::Control(ControlCommand::MuteAgent { is_muted: false }));
    assert_eq!(call.asked.len(), 1);
}

fn look() -> ToolSettings {
    ToolSettings { name: "look".to_owned(), ..ToolSettings::default() }
}

#[test]
fn a_stream_that_does_not_start_is_given_up_after_ten_seconds() {
    let dialect = Box::new(TwilioDialect::new());
    let mut session = Session::new(SessionConfig::default(), dialect);
    let at = Timestamp::from_millis(10_000);
    assert_eq!(session.poll_timeout(), Some((at, Timer::Start)));
    let mut end_at = |millis| {
        session.handle_input(Timestamp::from_millis(millis), Input::Timeout);
        let mut ended = None;
        while let Some(output) = session.poll_output() {
            if let Output::Ended(reason) = output {
                ended = Some(reason.kind);
            }
        }
        ended
    };
    assert_eq!(end_at(9_999), None);
    assert_eq!(end_at(10_000), Some(EndKind::Failed(FailedStage::Media)));
}

#[test]
fn what_the_stream_skips_and_what_is_lost_is_counted() {
    let mut call = Call::new(CallSettings::default());
    call.hear(&[0; 1_600]);
    call.wire("{\"event\":");
    assert_eq!(call.session.stream_counts().skipped_total(), 1);
    assert_eq!(call.session.losses(), (0, 0));
}

#[test]
fn words_of_the_voice_lie_where_they_are_on_the_line() {
    let mut call = Call::new(CallSettings::default());
    call.caller_says("When do you open?");
    let request = call.request;
    call.tell(Input::Llm(LlmEvent::Text { request, text: "At nine.".to_owned() }));
    let word = SpokenWord {
        text_start_byte: 0,
        text_end_byte: 2,
        start_sample: 2_400,
        end_sample: 12_000,
    };
    let utterance = UtteranceId::new(0);
    call.tell(Input::Tts(TtsEvent::Words { request, utterance, words: vec![word] }));
    let words = call.trace.iter().find_map(|event| {
        if let CallEvent::Tts(TtsNote::Words { words, .. }) = event { Some(words[0]) } else { None }
    });
    // From 24 kHz to 8.
    let word = words.expect("words");
    assert_eq!((word.start_sample, word.end_sample), (800, 4_000));
}

#[test]
fn an_ambience_is_heard_while_nobody_speaks() {
    let bed = Bed::synthesise(BedKind::Office, SampleRate::HZ_8000);
    let audio = AudioSettings {
        vad: VadKind::WebRtc,
        ambience: Some(AmbienceConfig::new(bed, 0.5)),
        ..AudioSettings::default()
    };
    let mut call = Call::with(SessionConfig { audio, seed: 1, ..SessionConfig::default() });
    call.hear(&[0; 8_000]);
    assert!(call.sent.len() >= 6_400, "{} samples", call.sent.len());
    assert!(call.sent.iter().any(|sample| sample.abs() > 8));
}

#[test]
fn an_operators_hang_up_takes_the_carriers_way() {
    let mut call = Call::new(CallSettings::default());
    call.hear(&[0; 1_600]);
    call.tell(Input::Control(ControlCommand::Hangup));
    assert_eq!(call.hangup, Some(TwilioDialect::new().caps().hangup));

    // A stream that never started has no message for it, a carrier's API works all the same.
    for (carrier, means) in
        [(Carrier::Telnyx, HangupMeans::Rest), (Carrier::Raw, HangupMeans::Close)]
    {
        let dialect = dialect_for(carrier, &DialectOptions::default());
        let mut session = Session::new(SessionConfig::default(), dialect);
        session.handle_input(Timestamp::ZERO, Input::Control(ControlCommand::Hangup));
        let mut asked = Vec::new();
        while let Some(output) = session.poll_output() {
            if let Output::Hangup(means) = output {
                asked.push(means);
            }
        }
        assert_eq!(asked, [means], "{carrier}");
    }
}

#[test]
fn a_voice_is_sent_whole_and_without_a_dip() {
    let mut call = Call::new(CallSettings::default());
    call.caller_says("When do you open?");
    let request = call.request;
    call.tell(Input::Llm(LlmEvent::Text { request, text: "At nine. ".to_owned() }));
    call.tell(Input::Llm(LlmEvent::Finished { request, reason: LlmStop::Complete, usage: None }));
    call.hear(&[0; 16_000]);
    let told: u64 =
        call.trace
            .iter()
            .map(|event| {
                if let CallEvent::Tts(TtsNote::Audio { samples, .. }) = event {
                    *samples
                } else {
                    0
                }
            })
            .sum();
    // A steady pressure is no voice: 300 ms of the second are trimmed.
    assert_eq!(told, 5_600);
    let loud = call.sent.iter().position(|sample| *sample > 3_000).expect("a voice");
    let middle = &call.sent[loud + 800..loud + 4_800];
    assert!(middle.iter().all(|sample| *sample > 5_000), "{:?}", middle.iter().min());
}

#[test]
fn speech_that_is_cut_fades_and_is_reported_up_to_where_it_was_heard() {
    let voicemail =
        VoicemailSettings { mode: VoicemailMode::Static, text: "This is Ada.".to_owned() };
    let rules = CallSettings { voicemail: Some(voicemail), ..CallSettings::default() };
    let audio = AudioSettings { vad: VadKind::WebRtc, ..AudioSettings::default() };
    let opening = OpeningSettings { delay_ms: 0, ..OpeningSettings::from("One is. Two is.") };
    let mut call = Call::with(SessionConfig {
        call: rules,
        audio,
        opening: Some(opening),
        seed: 1,
        ..SessionConfig::default()
    });
    // Each of the two sentences takes 700 ms; what was sent is up to 120 ms ahead.
    call.hear(&[0; 5_120]);
    let (at, _) = call.session.poll_timeout().expect("speech is being heard");
    assert!(at > Timestamp::from_millis(call.now_ms), "{at:?} at {} ms", call.now_ms);
    let (sent, traced) = (call.sent.len(), call.trace.len());
    let answerer = Answerer::MachineGreeting;
    call.tell(Input::Carrier(CarrierEvent::AnsweredBy { answerer }));
    let heard = |events: &[CallEvent]| -> Vec<(u32, u64, bool)> {
        let heard = events.iter().filter_map(|event| {
            let CallEvent::Playout(PlayoutEvent::Heard { utterance, samples, is_all }) = event
            else {
                return None;
            };
            Some((utterance.index(), *samples, *is_all))
        });
        heard.collect()
    };
    // It is told how far the caller is, five times or so.
    let told = heard(&call.trace[..traced]);
    assert!((4..=7).contains(&told.len()) && told.is_sorted(), "{told:?}");
    let heard = heard(&call.trace[traced..]);
    let [(0, first, false), (1, 0, false)] = heard[..] else { panic!("{heard:?}") };
    assert!((4_000..5_500).contains(&first), "{first}");
    let tail = &call.sent[sent..];
    assert!((160..=640).contains(&tail.len()), "{} samples", tail.len());
    let is_loud = tail.iter().any(|sample| *sample > 4_000);
    assert!(is_loud && tail[tail.len() - 1].abs() < 500, "{tail:?}");
}

/// A Twilio call, and what its session asked for.
struct Call {
    session: Session,
    now_ms: u64,
    encoder: Encoder,
    decoder: Decoder,
    request: RequestId,
    asked: Vec<LlmCommand>,
    tools: Vec<ToolCommand>,
    carrier: Vec<CarrierCommand>,
    trace: Vec<CallEvent>,
    /// What was sent to the caller.
    sent: Vec<i16>,
    ended: Option<EndReason>,
    hangup: Option<HangupMeans>,
}

impl Call {
    fn new(call: CallSettings) -> Self {
        let audio = AudioSettings {
            vad: VadKind::WebRtc,
            working: Some(Arc::from([4_000; 400])),
            ..AudioSettings::default()
        };
        Self::with(SessionConfig { call, audio, seed: 1, ..SessionConfig::default() })
    }

    fn with(config: SessionConfig) -> Self {
        let mut call = Self {
            session: Session::new(config, Box::new(TwilioDialect::new())),
            now_ms: 0,
            encoder: Encoder::new(CodecFormat::PCMU, &OpusConfig::default()).expect("µ-law"),
            decoder: Decoder::new(CodecFormat::PCMU).expect("µ-law"),
            request: RequestId::default(),
            asked: Vec::new(),
            tools: Vec::new(),
            carrier: Vec::new(),
            trace: Vec::new(),
            sent: Vec::new(),
            ended: None,
            hangup: None,
        };
        call.wire(START);
        call
    }

    fn wire(&mut self, message: &str) {
        self.tell(Input::Wire(WireMessage::Text(message)));
    }

    /// The line sounds like this, in frames of 20 ms.
    fn hear(&mut self, samples: &[i16]) {
        for frame in samples.chunks_exact(160) {
            self.now_ms += 20;
            let mut payload = [0; 160];
            self.encoder.encode_into(frame, &mut payload).expect("room for every sample");
            let chunk = self.now_ms / 20;
            let (timestamp, payload) = (self.now_ms, STANDARD.encode(payload));
            self.wire(&format!(
                r#"{{"event":"media","sequenceNumber":"{chunk}","media":{{"track":"inbound","chunk":"{chunk}","timestamp":"{timestamp}","payload":"{payload}"}},"streamSid":"MZ1"}}"#
            ));
            let now = Timestamp::from_millis(self.now_ms);
            if self.session.poll_timeout().is_some_and(|(at, _)| at <= now) {
                self.tell(Input::Timeout);
            }
        }
    }

    /// The caller says something, and has finished.
    fn caller_says(&mut self, text: &str) {
        let text = text.to_owned();
        self.tell(Input::Stt(SttEvent::Final { text, words: Vec::new() }));
        self.hear(&[0; 16_000]);
    }

    /// The model answers with a tool call and no words.
    fn model_calls(&mut self, name: &str, arguments: serde_json::Value) {
        let request = self.request;
        let id = "call_1".parse().expect("an id");
        let call = ToolCall { id, name: name.to_owned(), arguments };
        self.tell(Input::Llm(LlmEvent::ToolCall { request, call }));
        let reason = LlmStop::ToolCalls;
        self.tell(Input::Llm(LlmEvent::Finished { request, reason, usage: None }));
    }

    fn tell(&mut self, input: Input<'_>) {
        let mut clauses = Vec::new();
        self.session.handle_input(Timestamp::from_millis(self.now_ms), input);
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Wire(WireMessage::Text(text)) => {
                    let message: serde_json::Value = serde_json::from_str(text).expect("JSON");
                    if let Some(payload) = message["media"]["payload"].as_str() {
                        let payload = STANDARD.decode(payload).expect("base64");
                        let mut pcm = vec![0; payload.len()];
                        self.decoder.decode_into(&payload, &mut pcm).expect("µ-law");
                        self.sent.extend(pcm);
                    }
                }
                Output::Llm(command) => {
                    if let LlmCommand::Start { request, .. } = &command {
                        self.request = *request;
                        self.asked.push(command);
                    }
                }
                Output::Tts(TtsCommand::Say { request, utterance, .. }) => {
                    clauses.push((request, utterance));
                }
                Output::Tool(command) => self.tools.push(command),
                Output::Carrier(command) => self.carrier.push(command),
                Output::Trace(line) => self.trace.push(line.event),
                Output::Ended(reason) => self.ended = Some(reason),
                Output::Hangup(means) => self.hangup = Some(means),
                Output::Wire(WireMessage::Binary(_))
                | Output::SttAudio(_)
                | Output::Stt(_)
                | Output::Tts(TtsCommand::Cancel { .. })
                | Output::AskEndOfTurn { .. } => {}
            }
        }
        // The voice takes no time: a second of sound for each clause.
        for (request, utterance) in clauses {
            let pcm = vec![6_000; 24_000].into();
            self.tell(Input::Tts(TtsEvent::Audio { request, utterance, pcm }));
            self.tell(Input::Tts(TtsEvent::Finished { request, utterance }));
        }
    }
}

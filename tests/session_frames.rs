//! A whole session, frame by frame: nothing allocates, and a call holds no more than it may.

use allocation_counter::measure;
use base64::Engine as _;
use offhook_audio::{Encoder, OpusConfig, VadKind};
use offhook_session::{
    AudioSettings, CallSettings, Input, Output, Session, SessionConfig, SilenceSettings, State,
    TurnSettings, VoicemailSettings,
};
use offhook_sim::synthetic_speech;
use offhook_telephony::WireMessage;
use offhook_telephony::twilio::TwilioDialect;
use offhook_types::{
    CodecFormat, LlmCommand, LlmEvent, LlmStop, RequestId, SttEvent, Timestamp, TtsCommand,
    TtsEvent, UtteranceId,
};

const START: &str = r#"{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1"}}"#;
/// Frames of each measurement: ten seconds.
const FRAMES: usize = 500;

#[test]
fn no_frame_of_a_session_allocates_whoever_speaks() {
    let mut call = Call::new();
    // Queues grow to what a step brings.
    call.frames(100, Sound::Speech);
    call.frames(200, Sound::Silence);
    assert_eq!(call.session.state(), State::Listening);
    let listening = measure(|| call.frames(FRAMES, Sound::Silence));
    assert_eq!(listening.count_total, 0, "listening: {listening:?}");

    // The caller speaks; no words come, so that nothing but frames is at work.
    call.frames(50, Sound::Speech);
    assert_eq!(call.session.state(), State::CallerTurn);
    let caller = measure(|| call.frames(FRAMES / 4, Sound::Speech));
    assert_eq!(caller.count_total, 0, "the caller speaks: {caller:?}");
    // Voice without words becomes noise, which is written down once; nothing but that allocates.
    let noise = measure(|| call.frames(FRAMES, Sound::Speech));
    assert!(noise.count_total <= 4 && noise.bytes_total < 200, "noise: {noise:?}");
    call.frames(100, Sound::Silence);

    call.agent_speaks_for(30);
    assert_eq!(call.session.state(), State::Speaking);
    // Marks, ledger and queue grow to what a reply needs.
    call.frames(50, Sound::Silence);
    let agent = measure(|| call.frames(FRAMES, Sound::Silence));
    assert_eq!(call.session.state(), State::Speaking);
    // The history may grow by a word: text allocates, frames do not.
    assert!(agent.count_total <= 4 && agent.bytes_total < 200, "the agent speaks: {agent:?}");
}

#[test]
fn a_call_holds_less_than_300_kib_listening_and_less_than_1_mib_speaking() {
    // What all calls share is made with the first of them.
    drop(Call::session());
    let mut built = None;
    let listening = measure(|| built = Some(Call::session()));
    let held = usize::try_from(listening.bytes_current).expect("building frees nothing else");
    let listening = held + size_of::<Session>();
    println!("listening: {} KiB", listening / 1_024);
    assert!(listening <= 300 * 1_024, "listening: {listening} bytes");

    // Eight seconds of speech are as far as the conversation asks ahead.
    let speech = measure(|| {
        let session = built.as_mut().expect("a session");
        let mut call = Call::over(session);
        call.agent_speaks_for(8);
    });
    let held = usize::try_from(speech.bytes_current).expect("a growing call");
    println!("speaking: {} KiB", (listening + held) / 1_024);
    assert!(listening + held <= 1_024 * 1_024, "speaking: {} bytes", listening + held);
}

#[derive(Clone, Copy)]
enum Sound {
    Silence,
    Speech,
}

/// A Twilio call whose messages are made beforehand.
struct Call<S> {
    session: S,
    silence: Vec<String>,
    speech: Vec<String>,
    next: usize,
    request: RequestId,
    utterance: Option<UtteranceId>,
}

impl Call<Session> {
    fn session() -> Session {
        let config = SessionConfig {
            prompt: "You are a test.".to_owned(),
            opening: None,
            turns: TurnSettings { turn_ms_max: None, ..TurnSettings::default() },
            audio: AudioSettings { vad: VadKind::WebRtc, ..AudioSettings::default() },
            call: watched(),
            seed: 1,
            ..SessionConfig::default()
        };
        let mut session = Session::new(config, Box::new(TwilioDialect::new()));
        session.handle_input(Timestamp::ZERO, Input::Wire(WireMessage::Text(START)));
        while session.poll_output().is_some() {}
        session
    }

    fn new() -> Self {
        Call::over(Self::session())
    }
}

impl<S: std::borrow::BorrowMut<Session>> Call<S> {
    fn over(session: S) -> Self {
        let (speech, _) = synthetic_speech(&"word ".repeat(60));
        Self {
            session,
            silence: messages(&vec![0; speech.len()]),
            speech: messages(&speech),
            next: 0,
            request: RequestId::default(),
            utterance: None,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(20 * self.next as u64)
    }

    fn frames(&mut self, frames: usize, sound: Sound) {
        for _ in 0..frames {
            self.next += 1;
            let now = self.now();
            let messages = match sound {
                Sound::Silence => &self.silence,
                Sound::Speech => &self.speech,
            };
            let message = WireMessage::Text(&messages[self.next % messages.len()]);
            self.session.borrow_mut().handle_input(now, Input::Wire(message));
            self.take();
            let timeout = self.session.borrow_mut().poll_timeout();
            if timeout.is_some_and(|(at, _)| at <= now) {
                self.session.borrow_mut().handle_input(now, Input::Timeout);
                self.take();
            }
        }
    }

    /// Words of the caller, an answer of the model, and this many seconds of the agent's speech.
    fn agent_speaks_for(&mut self, seconds: usize) {
        let text = "Tell me.".to_owned();
        self.tell(Input::Stt(SttEvent::Final { text, words: Vec::new() }));
        while self.session.borrow_mut().state() != State::Thinking {
            self.frames(1, Sound::Silence);
        }
        let request = self.request;
        let text = "This will take a while.".to_owned();
        self.tell(Input::Llm(LlmEvent::Text { request, text }));
        let reason = LlmStop::Complete;
        self.tell(Input::Llm(LlmEvent::Finished { request, reason, usage: None }));
        let utterance = self.utterance.expect("a clause was asked for");
        let pcm = vec![5_000; 24_000].into();
        for _ in 0..seconds {
            let pcm = std::sync::Arc::clone(&pcm);
            self.tell(Input::Tts(TtsEvent::Audio { request, utterance, pcm }));
        }
        self.tell(Input::Tts(TtsEvent::Finished { request, utterance }));
        self.frames(1, Sound::Silence);
    }

    fn tell(&mut self, input: Input<'_>) {
        let now = self.now();
        self.session.borrow_mut().handle_input(now, input);
        self.take();
    }

    fn take(&mut self) {
        while let Some(output) = self.session.borrow_mut().poll_output() {
            if let Output::Llm(LlmCommand::Start { request, .. }) = output {
                self.request = request;
            } else if let Output::Tts(TtsCommand::Say { utterance, .. }) = output {
                self.utterance = Some(utterance);
            }
        }
    }
}

/// Rules that look at every frame.
fn watched() -> CallSettings {
    CallSettings {
        silence: SilenceSettings {
            reminder_ms: Some(60_000),
            reminder_text: "Are you there?".to_owned(),
            ..SilenceSettings::default()
        },
        voicemail: Some(VoicemailSettings::default()),
        ..CallSettings::default()
    }
}

/// The audio as Twilio's media messages of 20 ms.
fn messages(samples: &[i16]) -> Vec<String> {
    let mut encoder =
        Encoder::new(CodecFormat::PCMU, &OpusConfig::default()).expect("an encoder of µ-law");
    let mut payload = [0; 160];
    let frames = samples.chunks_exact(160).zip(1..);
    frames
        .map(|(frame, chunk)| {
            encoder.encode_into(frame, &mut payload).expect("room for every sample");
            let payload = base64::engine::general_purpose::STANDARD.encode(payload);
            format!(
                r#"{{"event":"media","sequenceNumber":"{chunk}","media":{{"track":"inbound","chunk":"{chunk}","timestamp":"{}","payload":"{payload}"}},"streamSid":"MZ1"}}"#,
                chunk * 20
            )
        })
        .collect()
}

//! A caller at an emulated carrier, over a real socket: as `offhook call`, with a script in place
//! of a recording and a note of when each message came.

use std::time::Duration;

use futures_util::SinkExt;
use offhook_audio::{Encoder, OpusConfig};
use offhook_emulator::{CallState, CallerLine, Dial, Dialect, Emulator, Side, WireMessage};
use offhook_engine::CallClock;
use offhook_sim::synthetic_speech;
use offhook_types::{CodecFormat, SampleRate, Timestamp};
use tokio::net::TcpSocket;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::socket::{Dialled, Socket};

/// What the caller says, each at its moment in ms since the stream began.
pub(super) type Lines<'a> = &'a [(u64, &'a str)];

/// A call of an emulated carrier.
pub(super) struct Phone {
    pub(super) carrier: Box<dyn Emulator>,
    line: ScriptedLine,
    clock: CallClock,
    /// When agent's audio came, and when a clear came, since the stream began.
    pub(super) media_at: Vec<Duration>,
    pub(super) clears_at: Vec<Duration>,
    /// What else is sent to the engine, each at a moment of the call.
    extras: Vec<(Duration, WireMessage)>,
}

/// A mouth without an ear: what is heard is counted by the emulator.
struct ScriptedLine {
    voice: Vec<i16>,
    spoken: usize,
    frame: Vec<i16>,
    encoder: Encoder,
    began_at: Option<Timestamp>,
}

impl Phone {
    /// A caller at Twilio.
    pub(super) fn new(lines: Lines<'_>) -> Self {
        Self::at(Dialect::Twilio, lines)
    }

    /// A caller at any carrier; one who speaks has a line of 8 kHz.
    pub(super) fn at(dialect: Dialect, lines: Lines<'_>) -> Self {
        let carrier = dialect.dial(Dial::new(dialect, 1)).expect("usual formats");
        Self {
            line: ScriptedLine::new(carrier.formats().to_engine, lines),
            carrier,
            clock: CallClock::start(),
            media_at: Vec::new(),
            clears_at: Vec::new(),
            extras: Vec::new(),
        }
    }

    /// Sends something at a moment that no carrier would send.
    pub(super) fn with_extra(mut self, at: Duration, message: WireMessage) -> Self {
        self.extras.push((at, message));
        self
    }

    /// Calls, hangs up at a moment of the call or when the engine does, and gives what came of it.
    pub(super) async fn call(mut self, url: &str, hangs_up_at: Duration) -> Self {
        let dialled = Socket::dial(url, &self.carrier.upgrade()).await.expect("an engine");
        let Dialled::Open(mut socket, protocol) = dialled else { panic!("the call was refused") };
        self.clock = CallClock::start();
        self.carrier.handle_open(self.clock.now(), protocol.as_deref());
        loop {
            while let Some(message) = self.carrier.poll_message() {
                socket.send(message).await.expect("an engine that reads");
            }
            for (_, message) in self.take_extras() {
                socket.send(message).await.expect("an engine that reads");
            }
            if matches!(self.carrier.state(), CallState::Ended(_)) {
                break;
            }
            let wake_at = self.carrier.poll_timeout().expect("a carrier that ticks");
            tokio::select! {
                message = socket.receive() => self.receive(message),
                () = self.clock.sleep_until(wake_at) => {
                    self.carrier.handle_timeout(self.clock.now(), &mut self.line);
                }
            }
            if self.time() >= hangs_up_at {
                self.carrier.hang_up(self.clock.now(), Side::Caller);
            }
        }
        socket.close().await;
        self
    }

    fn receive(&mut self, message: Option<WireMessage>) {
        let Some(message) = message else { return self.carrier.handle_closed(self.clock.now()) };
        let at = self.time();
        match &message {
            WireMessage::Text(text) if text.contains("\"media\"") => self.media_at.push(at),
            WireMessage::Text(text) if text.contains("\"clear\"") => self.clears_at.push(at),
            WireMessage::Text(_) | WireMessage::Binary(_) => {}
        }
        self.carrier.handle_message(self.clock.now(), message);
    }

    fn take_extras(&mut self) -> Vec<(Duration, WireMessage)> {
        let now = self.time();
        self.extras.extract_if(.., |(at, _)| *at <= now).collect()
    }

    /// Since the stream began.
    fn time(&self) -> Duration {
        let began_at = self.line.began_at.unwrap_or_else(|| self.clock.now());
        self.clock.now().saturating_since(began_at)
    }
}

/// Calls as a carrier whose reading has stopped, and hangs up by going away.
pub(super) async fn speak_without_reading(url: &str, lines: Lines<'_>, hangs_up_at: Duration) {
    let address = url.split('/').nth(2).expect("ws://address/path").parse().expect("an address");
    let socket = TcpSocket::new_v4().expect("a socket");
    // What the system would read for us is read as well.
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let stream = socket.connect(address).await.expect("an engine");
    let (mut socket, _) = client_async(url, stream).await.expect("an upgrade");
    let mut phone = Phone::new(lines);
    phone.carrier.handle_open(phone.clock.now(), None);
    while phone.time() < hangs_up_at {
        while let Some(message) = phone.carrier.poll_message() {
            let WireMessage::Text(text) = message else { panic!("Twilio sends text") };
            if socket.send(Message::text(text)).await.is_err() {
                return;
            }
        }
        let wake_at = phone.carrier.poll_timeout().expect("a carrier that ticks");
        phone.clock.sleep_until(wake_at).await;
        phone.carrier.handle_timeout(phone.clock.now(), &mut phone.line);
    }
}

impl ScriptedLine {
    fn new(format: CodecFormat, lines: Lines<'_>) -> Self {
        let rate = format.sample_rate();
        assert!(lines.is_empty() || rate == SampleRate::HZ_8000, "the voice is at 8 kHz");
        let mut voice = Vec::new();
        for (at_ms, text) in lines {
            voice.resize(*at_ms as usize * 8, 0);
            voice.extend(synthetic_speech(text).0);
        }
        let encoder = Encoder::new(format, &OpusConfig::default()).expect("a usual codec");
        let frame = vec![0; rate.frame_samples()];
        Self { voice, spoken: 0, frame, encoder, began_at: None }
    }
}

impl CallerLine for ScriptedLine {
    fn speak_into(&mut self, at: Timestamp, payload: &mut Vec<u8>) {
        self.began_at.get_or_insert(at);
        let frame = &mut self.frame;
        frame.fill(0);
        let rest = self.voice.get(self.spoken..).unwrap_or_default();
        let spoken = rest.len().min(frame.len());
        frame[..spoken].copy_from_slice(&rest[..spoken]);
        self.spoken += spoken;
        payload.resize(self.encoder.max_encoded_bytes(frame.len()), 0);
        let written = self.encoder.encode_into(frame, payload).expect("a whole frame");
        payload.truncate(written);
    }

    fn hear(&mut self, _at: Timestamp, _payload: Option<&[u8]>) {}
}

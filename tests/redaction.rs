//! No telephone number reaches a log line, however a value that holds one is printed.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use offhook_types::{
    CallEvent, CarrierCommand, CodecFormat, E164, MediaEvent, Party, Pii, StreamStart, Timestamp,
    TraceLine, TransferMode,
};
use tracing_subscriber::fmt::MakeWriter;

const NUMBER: &str = "+14155550123";

#[test]
fn a_telephone_number_never_reaches_a_log_line() {
    let number: E164 = NUMBER.parse().expect("a number");
    let party = Party::Number(Pii::new(number.clone()));
    let start = StreamStart {
        stream: "MZ1".into(),
        carrier_call: "CA1".into(),
        from: Some(party.clone()),
        to: Some(Party::from_carrier("sip:14155550123@example.com")),
        inbound: CodecFormat::PCMU,
        outbound: CodecFormat::PCMU,
        parameters: [("callback".to_owned(), Pii::new(NUMBER.to_owned()))].into(),
    };
    let event = MediaEvent::Started(Box::new(start));
    let note = event.note().expect("a start is noted");
    let line = TraceLine::new(Timestamp::ZERO, CallEvent::Media(note));
    let transfer = CarrierCommand::Transfer {
        target: party.clone(),
        mode: TransferMode::Cold,
        ring_timeout_ms: 30_000,
        summary: None,
    };

    let logged = log_of(|| {
        tracing::info!(?number, ?party, ?event, ?line, ?transfer, "debug");
        tracing::info!(from = %Pii::new(number.clone()), "display");
        tracing::error!("refused {:?}", "+1415555012x".parse::<E164>());
    });

    assert!(logged.contains("transfer") && logged.contains("[redacted]"), "{logged}");
    assert!(!holds_a_number(&logged), "{logged}");
}

#[test]
fn the_check_finds_a_number() {
    let leaked = log_of(|| tracing::info!("call from {NUMBER}"));
    assert!(holds_a_number(&leaked), "{leaked}");
}

/// Seven digits in a row, separators aside.
fn holds_a_number(text: &str) -> bool {
    let mut run = 0;
    text.chars().any(|character| {
        run = match character {
            '0'..='9' => run + 1,
            ' ' | '-' | '.' | '(' | ')' => run,
            _ => 0,
        };
        run >= 7
    })
}

fn log_of(act: impl FnOnce()) -> String {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(captured.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, act);
    let bytes = captured.0.lock().expect("nothing panicked").clone();
    String::from_utf8(bytes).expect("logs are UTF-8")
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nothing panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

//! Writes one message of every kind that the dialects send, and the document that asks a carrier
//! for a stream, as JSON lines, for the carriers' own models to judge: see `tests/peers`.

use std::io::Write;

use offhook_telephony::{
    Afterwards, Carrier, DialectOptions, Outbox, StreamTarget, WireMessage, dialect_for, plivo,
    twilio, vonage,
};
use offhook_types::{DtmfDigit, E164, Generation, Mark, MediaCommand, UtteranceId};
use serde_json::json;

/// 20 ms of silence: µ-law on all but Vonage, which carries linear audio at 16 kHz here.
const MULAW: [u8; 160] = [0xFF; 160];
const LINEAR: [u8; 640] = [0; 640];

const TWILIO: &str = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC0","streamSid":"MZ0","callSid":"CA0","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{}},"streamSid":"MZ0"}"#;
const TELNYX: &str = r#"{"event":"start","sequence_number":"1","start":{"user_id":"3E6F","call_control_id":"v2:T02","call_session_id":"ff55","from":"+13122010094","to":"+13122123456","media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"32DE"}"#;
const PLIVO: &str = r#"{"sequenceNumber":0,"event":"start","start":{"callId":"4d2a","streamId":"2017","accountId":"MA0","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"{}"}"#;
const VONAGE: &str = r#"{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}"#;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let calls: [(Carrier, &str, &[u8]); 4] = [
        (Carrier::Twilio, TWILIO, &MULAW),
        (Carrier::Telnyx, TELNYX, &MULAW),
        (Carrier::Plivo, PLIVO, &MULAW),
        (Carrier::Vonage, VONAGE, &LINEAR),
    ];
    for (carrier, start, payload) in calls {
        write_messages(carrier, start, payload, &mut out)?;
    }
    write_answers(&mut out)
}

/// Telnyx has no document: its stream is ordered through REST.
fn write_answers(out: &mut impl Write) -> std::io::Result<()> {
    let stream = StreamTarget {
        url: "wss://agent.example.com/media".to_owned(),
        parameters: vec![
            ("callid".to_owned(), "01J".to_owned()),
            ("token".to_owned(), "abc".to_owned()),
        ],
        status_url: Some("https://agent.example.com/status".to_owned()),
    };
    let end = Afterwards::HangUp;
    let from: E164 = "+14155550199".parse().map_err(std::io::Error::other)?;
    let socket = vonage::SocketSettings { from: Some(from), ..Default::default() };
    for (carrier, document) in [
        (Carrier::Twilio, twilio::connect_stream(&stream, &end)),
        (Carrier::Plivo, plivo::connect_stream(&stream, &Default::default(), &end)),
        (Carrier::Vonage, vonage::connect_stream(&stream, &socket, &end)),
    ] {
        let document = document.map_err(std::io::Error::other)?;
        writeln!(out, "{}", json!({"carrier": carrier.as_str(), "document": document}))?;
    }
    Ok(())
}

fn write_messages(
    carrier: Carrier,
    start: &str,
    payload: &[u8],
    out: &mut impl Write,
) -> std::io::Result<()> {
    let mut dialect = dialect_for(carrier, &DialectOptions::default());
    let mut outbox = Outbox::new();
    let decoded = dialect.decode(WireMessage::Text(start), &mut outbox);
    decoded.map_err(|anomaly| std::io::Error::other(format!("{carrier} start: {anomaly}")))?;
    let digits: Vec<DtmfDigit> = "12#".chars().filter_map(|key| key.try_into().ok()).collect();
    let generation = Generation::new(3);
    let mark = Mark { generation, utterance: UtteranceId::new(7), end_sample: 12_800 };
    let commands = [
        ("audio", MediaCommand::Audio { payload }),
        ("mark", MediaCommand::Mark(mark)),
        ("clear", MediaCommand::Clear { next: Generation::new(4) }),
        ("dtmf", MediaCommand::Dtmf { digits: &digits }),
    ];
    for (name, command) in commands {
        let mut line = json!({"carrier": carrier.as_str(), "command": name});
        if let Err(error) = dialect.encode(command, &mut outbox) {
            line["refused"] = json!(error.to_string());
        }
        match outbox.poll() {
            Some(WireMessage::Text(text)) => line["text"] = json!(text),
            Some(WireMessage::Binary(bytes)) => line["binary_bytes"] = json!(bytes.len()),
            None => {}
        }
        if !outbox.is_empty() {
            return Err(std::io::Error::other(format!("{carrier} {name}: more than one message")));
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

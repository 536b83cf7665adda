//! `offhook call` against engines of a few lines, over real sockets on loopback.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use futures_util::{SinkExt, StreamExt};
use hound::WavReader;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, accept_async, accept_hdr_async};

use super::*;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: CallArgs,
}

#[test]
fn a_call_is_heard_on_both_sides_and_reported() {
    let (spoken, heard) = (temporary("spoken"), temporary("heard"));
    let tone = (0..8_000).map(|index| if index % 20 < 10 { 8_000 } else { -8_000 }).collect();
    Recording { rate: SampleRate::HZ_8000, samples: tone }.write(&spoken).unwrap();
    let wav = spoken.to_str().unwrap().to_owned();
    let file = heard.to_str().unwrap().to_owned();
    let (result, out) = dial(&["--carrier", "twilio", "--wav", &wav, "--heard", &file], |socket| {
        async {
            let mut socket = accept_async(socket).await.unwrap();
            let stream = text_with(&mut socket, "\"start\"").await;
            let stream =
                stream.split("\"streamSid\":\"").nth(1).unwrap().split('"').next().unwrap();
            // 0x80 is the loudest sample of µ-law: 100 ms of it.
            let payload = "gICA".repeat(800 / 3 + 1);
            for message in [
                format!(
                    r#"{{"event":"media","streamSid":"{stream}","media":{{"payload":"{payload}"}}}}"#
                ),
                format!(r#"{{"event":"mark","streamSid":"{stream}","mark":{{"name":"done"}}}}"#),
            ] {
                socket.send(Message::text(message)).await.unwrap();
            }
            text_with(&mut socket, "\"done\"").await;
            socket.close(None).await.unwrap();
        }
    });
    result.unwrap();
    for line in ["stream started", "agent is heard", "mark done played", "socket closed"] {
        assert!(out.contains(line), "{line} is missing in\n{out}");
    }
    assert!(out.contains("; 0 violations; ended by engine"), "{out}");

    let mut reader = WavReader::open(&heard).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8_000));
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    let loud = |channel: usize, above: i16| {
        samples.iter().skip(channel).step_by(2).filter(|sample| sample.abs() > above).count()
    };
    assert_eq!(loud(0, 7_000), samples.len() / 2, "the caller speaks all the time");
    assert_eq!(loud(1, 30_000), 801);
    [spoken, heard].iter().for_each(|path| std::fs::remove_file(path).unwrap());
}

#[test]
fn an_engine_that_breaks_the_rules_fails_the_call() {
    let (result, out) = dial(&["--carrier", "telnyx", "--seconds", "0.1"], |socket| async {
        let mut socket = accept_async(socket).await.unwrap();
        socket.send(Message::text(r#"{"event":"playAudio"}"#)).await.unwrap();
        while socket.next().await.is_some_and(|message| message.is_ok()) {}
    });
    assert_eq!(
        result.unwrap_err().to_string(),
        "the engine broke the rules of telnyx: violations 1"
    );
    assert!(out.contains("VIOLATION UnknownEvent"), "{out}");
    assert!(out.contains("ended by caller"), "{out}");
}

#[test]
fn headers_and_protocols_reach_the_engine_and_it_can_hang_up() {
    let extra = ["--header", "X-Signature: abc", "--token", "jwt", "--param", "agent=demo"];
    let (result, out) = dial(&extra, |socket| async {
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let check = |request: &Request, mut response: Response| {
            assert_eq!(request.headers()["x-signature"], "abc");
            let offered = "voice.raw.v1, token.jwt";
            assert_eq!(request.headers()["sec-websocket-protocol"], offered);
            let chosen = HeaderValue::from_static("voice.raw.v1");
            response.headers_mut().insert("sec-websocket-protocol", chosen);
            Ok(response)
        };
        let mut socket = accept_hdr_async(socket, check).await.unwrap();
        assert!(text_with(&mut socket, "hello").await.contains("\"agent\":\"demo\""));
        let ready = r#"{"type":"ready","call_id":"1","in":{"codec":"pcm16le","rate":16000},"out":{"codec":"pcm16le","rate":24000}}"#;
        socket.send(Message::text(ready)).await.unwrap();
        let hangup = r#"{"type":"hangup","reason":"completed"}"#;
        socket.send(Message::text(hangup)).await.unwrap();
        while socket.next().await.is_some_and(|message| message.is_ok()) {}
    });
    result.unwrap();
    assert!(out.contains("ended by engine: hang-up message"), "{out}");
}

#[test]
fn a_refused_upgrade_and_an_absent_engine_are_told_apart() {
    let (result, _) = dial(&["--carrier", "plivo"], |mut socket| async move {
        let mut request = [0; 4_096];
        assert!(socket.read(&mut request).await.unwrap() > 0);
        let answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        socket.write_all(answer).await.unwrap();
    });
    assert_eq!(result.unwrap_err().to_string(), "upgrade refused with status 403");

    let runtime = runtime();
    let free = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap().local_addr().unwrap();
    let args = Line::parse_from(["call", &format!("ws://{free}/")]).args;
    let error = runtime.block_on(call(&args, &mut Vec::new())).unwrap_err();
    assert!(error.to_string().starts_with("cannot reach ws://"), "{error}");
}

#[test]
fn what_is_typed_is_read_or_refused() {
    let press: Press = "#@2.5".parse().unwrap();
    assert_eq!(press, Press("#".parse().unwrap(), Timestamp::from_millis(2_500)));
    for wrong in ["5", "x@1", "5@", "5@-1", "5@1e9", "5@nan"] {
        assert!(wrong.parse::<Press>().is_err(), "{wrong}");
    }
    let header: Header = "X-Time: 10:30".parse().unwrap();
    assert_eq!((header.0.as_str(), header.1.expose().as_str()), ("X-Time", "10:30"));
    for wrong in
        [&["--carrier", "exotel"][..], &["--rate", "16000"], &["--param", "x"], &["--codec", "mp3"]]
    {
        let words = ["call", "ws://h/"].iter().chain(wrong);
        assert!(Line::try_parse_from(words).is_err(), "{wrong:?}");
    }
}

/// Dials an engine that handles one connection.
fn dial<F: Future<Output = ()>>(
    extra: &[&str],
    engine: impl FnOnce(TcpStream) -> F,
) -> (Result<()>, String) {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url_of(listener.local_addr().unwrap());
        let words = ["call", &url].into_iter().chain(extra.iter().copied());
        let args = Line::parse_from(words).args;
        let mut out = Vec::new();
        let serve = async {
            let (socket, _) = listener.accept().await.unwrap();
            engine(socket).await;
        };
        let (result, ()) = tokio::join!(call(&args, &mut out), serve);
        (result, String::from_utf8(out).unwrap())
    })
}

/// The next text of the carrier in which `word` occurs.
async fn text_with(socket: &mut WebSocketStream<TcpStream>, word: &str) -> String {
    while let Some(message) = socket.next().await {
        let message = message.unwrap();
        if let Ok(text) = message.to_text()
            && text.contains(word)
        {
            return text.to_owned();
        }
    }
    panic!("the carrier never said {word}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn url_of(address: SocketAddr) -> String {
    format!("ws://{address}/media")
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("offhook-call-{}-{name}.wav", std::process::id()))
}

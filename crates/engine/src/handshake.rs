//! The upgrade of a TCP connection to a carrier's media socket, or the refusal that a person who
//! sees it understands.
//!
//! The request is read here and not by the WebSocket library's acceptor, which closes the
//! connection without a word where a request asks for no WebSocket.

use std::fmt;
use std::net::IpAddr;

use offhook_telephony::{
    BINARY_BYTES_MAX, Carrier, Headers, TEXT_BYTES_MAX, Upgrade, UpgradeContext, check_upgrade,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::{Request, create_response, write_response};
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::clock::epoch_ms;
use crate::config::{EngineConfig, HEAD_BYTES_MAX};

/// A connection that is no media socket: what it is answered. The text is for the client and tells
/// nothing about secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    text: String,
}

/// Reads the request and answers it; `None` where the connection was refused or broke.
pub(crate) async fn open(
    mut stream: TcpStream,
    peer: IpAddr,
    config: &EngineConfig,
    has_room: bool,
) -> Option<(Carrier, WebSocketStream<TcpStream>)> {
    let (request, rest) = match read_request(&mut stream).await? {
        Ok(read) => read,
        Err(refusal) => return refuse(&mut stream, &refusal).await,
    };
    let (carrier, answer) = match admit(&request, peer, config, has_room) {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(&mut stream, &refusal).await,
    };
    stream.write_all(&answer).await.ok()?;
    let limits = WebSocketConfig::default()
        .read_buffer_size(SOCKET_BUFFER_BYTES)
        .write_buffer_size(SOCKET_BUFFER_BYTES)
        .max_message_size(Some(TEXT_BYTES_MAX.max(BINARY_BYTES_MAX)));
    let socket =
        WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(limits)).await;
    Some((carrier, socket))
}

/// The request's head, and what came behind it.
async fn read_request(stream: &mut TcpStream) -> Option<Result<(Request, Vec<u8>), Refusal>> {
    let mut head = Vec::with_capacity(2_048);
    loop {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
        match Request::try_parse(&head) {
            Ok(Some((length, request))) => return Some(Ok((request, head.split_off(length)))),
            Ok(None) if head.len() < HEAD_BYTES_MAX => {}
            Ok(None) => {
                let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                return Some(Err(Refusal::new(status, "the request's head is too long")));
            }
            Err(_) => {
                let text = "only GET requests of HTTP/1.1 are served here";
                return Some(Err(Refusal::new(StatusCode::BAD_REQUEST, text)));
            }
        }
    }
}

/// Whose socket it is, and the answer that opens it.
fn admit(
    request: &Request,
    peer: IpAddr,
    config: &EngineConfig,
    has_room: bool,
) -> Result<(Carrier, Vec<u8>), Refusal> {
    let path = request.uri().path();
    let carrier = carrier_of(path).ok_or_else(|| {
        let known = Carrier::ALL.map(media_path).join(", ");
        let text = format!("no media socket at this path; there is one at each of {known}");
        Refusal::new(StatusCode::NOT_FOUND, &text)
    })?;
    let target = request.uri().path_and_query().map_or(path, |target| target.as_str());
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let upgrade = Upgrade { target: target.to_owned(), headers: Headers::from_iter(headers) };
    let context = UpgradeContext {
        path: &media_path(carrier),
        public_url: config.public_url.as_ref(),
        peer,
        now_s: epoch_ms() / 1_000,
    };
    let accepted = check_upgrade(carrier, &upgrade, &context, &config.secrets)
        .map_err(|refusal| Refusal::of_status(refusal.status))?;
    if !has_room {
        let text = "this engine takes no more calls at present";
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, text));
    }
    let malformed = |_| Refusal::of_status(StatusCode::UPGRADE_REQUIRED.as_u16());
    let mut response = create_response(request).map_err(malformed)?;
    if let Some(protocol) = accepted.subprotocol {
        let protocol = HeaderValue::from_static(protocol);
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let mut answer = Vec::with_capacity(256);
    write_response(&mut answer, &response).map_err(malformed)?;
    Ok((carrier, answer))
}

/// Below what a public URL puts in front; the upgrade's check knows that.
fn carrier_of(path: &str) -> Option<Carrier> {
    let name = path.trim_end_matches('/').strip_suffix("/media")?.rsplit('/').next()?;
    Carrier::ALL.into_iter().find(|carrier| carrier.as_str() == name)
}

fn media_path(carrier: Carrier) -> String {
    format!("/{carrier}/media")
}

async fn refuse<T>(stream: &mut TcpStream, refusal: &Refusal) -> Option<T> {
    // The client may be gone, which is all the same then.
    let _ = stream.write_all(refusal.to_string().as_bytes()).await;
    let _ = stream.shutdown().await;
    None
}

impl Refusal {
    fn new(status: StatusCode, text: &str) -> Self {
        Self { status, text: text.to_owned() }
    }

    /// What a client may know of a check that failed.
    fn of_status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let text = match status {
            StatusCode::UPGRADE_REQUIRED => "a media socket is a WebSocket of version 13",
            StatusCode::BAD_REQUEST => "none of the offered sub-protocols is spoken here",
            StatusCode::UNAUTHORIZED => "the token is missing or wrong",
            _ => {
                "not allowed: without the carrier's secret only clients on this host are served, \
                 directly and not through a proxy"
            }
        };
        Self::new(status, text)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, text } = self;
        let length = text.len() + 1;
        write!(f, "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n")?;
        if *status == StatusCode::UPGRADE_REQUIRED {
            // RFC 9110 §15.5.22: the answer names what to upgrade to.
            write!(f, "Upgrade: websocket\r\n")?;
        }
        write!(f, "Content-Length: {length}\r\nConnection: close\r\n\r\n{text}\n")
    }
}

/// A message of a carrier is 0.2 to 2 KiB; the library's usual 128 KiB are a call's whole budget.
const SOCKET_BUFFER_BYTES: usize = 8 * 1_024;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use offhook_session::SessionConfig;

    use super::*;

    #[test]
    fn a_media_socket_is_found_by_its_carrier() {
        assert_eq!(carrier_of("/twilio/media"), Some(Carrier::Twilio));
        assert_eq!(carrier_of("/voice/raw/media/"), Some(Carrier::Raw));
        for path in ["/", "/media", "/twilio", "/twilio/voice", "/exotel/media", "/twilio/media/x"]
        {
            assert_eq!(carrier_of(path), None, "{path}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do_and_nothing_of_secrets() {
        let answered = |head: &str, has_room| {
            let (_, request) = Request::try_parse(head.as_bytes()).unwrap().unwrap();
            let refusal = admit(&request, Ipv4Addr::LOCALHOST.into(), &config(), has_room);
            refusal.map_err(|refusal| (refusal.status.as_u16(), refusal.to_string()))
        };
        let asked = |path: &str, extra: &str| {
            format!(
                "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 {extra}\r\n"
            )
        };
        let (carrier, answer) = answered(&asked("/twilio/media", ""), true).unwrap();
        assert_eq!(carrier, Carrier::Twilio);
        assert!(answer.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
        let (_, answer) =
            answered(&asked("/raw/media", "Sec-WebSocket-Protocol: voice.raw.v1\r\n"), true)
                .unwrap();
        let answer = String::from_utf8(answer).unwrap().to_lowercase();
        assert!(answer.contains("sec-websocket-protocol: voice.raw.v1"), "{answer}");

        let (status, text) = answered(&asked("/twilio", ""), true).unwrap_err();
        assert!(status == 404 && text.contains("/twilio/media"), "{text}");
        let (status, _) =
            answered(&asked("/twilio/media", "X-Forwarded-For: 192.0.2.1\r\n"), true).unwrap_err();
        assert_eq!(status, 403);
        let (status, _) = answered(&asked("/twilio/media", ""), false).unwrap_err();
        assert_eq!(status, 503);
        let plain = "GET /twilio/media HTTP/1.1\r\nHost: h\r\n\r\n";
        let (status, text) = answered(plain, true).unwrap_err();
        assert!(status == 426 && text.contains("Upgrade: websocket"), "{text}");
    }

    fn config() -> EngineConfig {
        let agent = SessionConfig::default();
        EngineConfig::new((Ipv4Addr::LOCALHOST, 0).into(), agent)
    }
}

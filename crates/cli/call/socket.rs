//! The WebSocket to an engine.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use offhook_emulator::{UpgradeRequest, WireMessage};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Request};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// An open socket.
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What became of an upgrade.
pub(super) enum Dialled {
    /// The engine accepted, with this sub-protocol.
    Open(Box<Socket>, Option<String>),
    /// The engine answered with another status than 101.
    Refused(u16),
}

/// How long an engine may take to answer the upgrade and to read a message. Carriers are less
/// patient: Asterisk waits 500 ms for the first.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to agree to the end of the call, which is over either way.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

impl Socket {
    /// Dials `url` with what the carrier asks for.
    ///
    /// # Errors
    /// Where there is no engine, or one that does not speak WebSocket.
    pub(super) async fn dial(url: &str, upgrade: &UpgradeRequest) -> Result<Dialled> {
        let request = request(url, upgrade)?;
        // Without Nagle's delay: a frame of 20 ms must not wait for the next.
        let connecting = connect_async_with_config(request, None, true);
        let Ok(answer) = timeout(PATIENCE, connecting).await else {
            bail!("{url} did not answer the upgrade within {} s", PATIENCE.as_secs());
        };
        match answer {
            Ok((stream, response)) => {
                let chosen = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
                let chosen = chosen.and_then(|name| name.to_str().ok()).map(str::to_owned);
                Ok(Dialled::Open(Box::new(Self { stream }), chosen))
            }
            Err(Error::Http(response)) => Ok(Dialled::Refused(response.status().as_u16())),
            Err(error) => Err(error).with_context(|| format!("cannot reach {url}")),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the engine does not read it in time. A socket that is gone is no error here: the next
    /// [`Self::receive`] tells.
    pub(super) async fn send(&mut self, message: WireMessage) -> Result<()> {
        let message = match message {
            WireMessage::Text(text) => Message::text(text),
            WireMessage::Binary(bytes) => Message::binary(bytes),
        };
        if timeout(PATIENCE, self.stream.send(message)).await.is_err() {
            bail!("the engine has not read its messages for {} s", PATIENCE.as_secs());
        }
        Ok(())
    }

    /// The next message, `None` once the socket is closed or broken. Pings are answered meanwhile.
    pub(super) async fn receive(&mut self) -> Option<WireMessage> {
        loop {
            match self.stream.next().await?.ok()? {
                Message::Text(text) => return Some(WireMessage::Text(text.to_string())),
                Message::Binary(bytes) => return Some(WireMessage::Binary(bytes.to_vec())),
                Message::Close(_) => return None,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Closes the socket and waits a while for the engine to agree.
    pub(super) async fn close(mut self) {
        let goodbye = async {
            // Either way the socket is gone afterwards.
            let _ = self.stream.close(None).await;
            while self.receive().await.is_some() {}
        };
        let _ = timeout(CLOSE_WAIT, goodbye).await;
    }
}

fn request(url: &str, upgrade: &UpgradeRequest) -> Result<Request<()>> {
    let mut request = url.into_client_request().with_context(|| format!("cannot dial {url}"))?;
    let headers = request.headers_mut();
    for (name, value) in &upgrade.headers {
        let parsed: HeaderName = name.parse().with_context(|| format!("header {name:?}"))?;
        let value = HeaderValue::from_str(value.expose());
        headers.append(parsed, value.with_context(|| format!("value of header {name:?}"))?);
    }
    if !upgrade.protocols.is_empty() {
        let offered: Vec<&str> =
            upgrade.protocols.iter().map(|protocol| protocol.expose().as_str()).collect();
        let offered = HeaderValue::from_str(&offered.join(", ")).context("the token")?;
        headers.insert(SEC_WEBSOCKET_PROTOCOL, offered);
    }
    Ok(request)
}

//! A carrier's media socket: writing never holds up reading.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use offhook_telephony::{HangupMeans, WireMessage};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::call_note::DriverCounts;
use crate::config::OUTGOING_MESSAGES_MAX;

/// The socket and what waits to be written to it.
///
/// Both directions are polled by the one task that owns the call: there is nothing to lock, and a
/// carrier that does not read only lets the queue grow.
pub(crate) struct MediaSocket {
    stream: WebSocketStream<TcpStream>,
    outgoing: VecDeque<Message>,
    is_closing: bool,
    is_unread: bool,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A text or binary message.
    Message(Message),
    /// The carrier's end is gone.
    Closed,
    /// The socket is of no use any more.
    Broken(&'static str),
}

impl MediaSocket {
    pub(crate) fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self { stream, outgoing: VecDeque::new(), is_closing: false, is_unread: false }
    }

    /// Sends a message as soon as the carrier reads.
    pub(crate) fn send(&mut self, message: WireMessage<'_>, counts: &mut DriverCounts) {
        if self.is_closing {
            return;
        }
        if self.outgoing.len() >= OUTGOING_MESSAGES_MAX {
            self.is_unread = true;
            counts.outgoing_lost += 1;
            return;
        }
        self.outgoing.push_back(match message {
            WireMessage::Text(text) => Message::text(text),
            WireMessage::Binary(bytes) => Message::binary(bytes.to_vec()),
        });
        counts.outgoing_max = counts.outgoing_max.max(self.outgoing.len());
    }

    /// Drops the line, as far as this socket can.
    pub(crate) fn hang_up(&mut self, means: HangupMeans, counts: &mut DriverCounts) {
        match means {
            // The message that drops the line was sent before.
            HangupMeans::Stream => {}
            HangupMeans::Close => self.close(),
            // No client of a REST API is connected yet: the stream ends, the line may not.
            HangupMeans::Rest => {
                counts.hangups_by_rest += 1;
                self.close();
            }
        }
    }

    /// Closes the socket behind what was sent; nothing is sent any more.
    pub(crate) fn close(&mut self) {
        if !self.is_closing {
            self.is_closing = true;
            self.outgoing.push_back(Message::Close(None));
        }
    }

    /// Writes what can be written, and reads the next message.
    pub(crate) fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        // A socket that cannot be written to says so when it is read.
        let _pending_or_broken = self.poll_write(cx);
        if self.is_unread {
            self.is_unread = false;
            return Poll::Ready(Incoming::Broken("the carrier does not read its messages"));
        }
        loop {
            return Poll::Ready(match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    Incoming::Message(message)
                }
                // Pings are answered by the library. A close is followed by the stream's end.
                Some(Ok(
                    Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_),
                )) => continue,
                Some(Err(Error::Capacity(_))) => Incoming::Broken("a message is too long"),
                Some(Err(Error::Utf8(_))) => Incoming::Broken("a text message is no UTF-8"),
                // A carrier that vanishes has dropped the line, with a close or without.
                Some(Err(_)) | None => Incoming::Closed,
            });
        }
    }

    /// Writes what is left and waits until the carrier has closed as well.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match ready!(self.poll_incoming(cx)) {
                Incoming::Message(_) => {}
                Incoming::Closed | Incoming::Broken(_) => return Poll::Ready(()),
            }
        }
    }

    /// Hands the queue to the library, as far as it takes it, and that to the system.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut stream = Pin::new(&mut self.stream);
        while !self.outgoing.is_empty() {
            ready!(stream.as_mut().poll_ready(cx))?;
            if let Some(message) = self.outgoing.pop_front() {
                stream.as_mut().start_send(message)?;
            }
        }
        stream.poll_flush(cx)
    }
}

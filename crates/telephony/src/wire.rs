//! One message on a carrier's socket, and the outbox that messages to it are written into.

use std::collections::VecDeque;

/// A message as it is on the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireMessage<'a> {
    /// A WebSocket text message.
    Text(&'a str),
    /// A WebSocket binary message, or what a TCP socket gave.
    Binary(&'a [u8]),
}

impl WireMessage<'_> {
    /// Bytes of payload.
    pub const fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether there is no payload.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Messages to a carrier that wait to be handed to its socket.
///
/// The buffers are kept, so that writing allocates only until the largest step of a call has been
/// seen. Whoever drives a stream drains the outbox after each step; more than
/// [`BYTES_MAX`](Self::BYTES_MAX) in one step is refused and counted.
#[derive(Debug, Default)]
pub struct Outbox {
    text: String,
    binary: Vec<u8>,
    waiting: VecDeque<Waiting>,
    text_read: usize,
    binary_read: usize,
    refused: u64,
}

#[derive(Clone, Copy, Debug)]
enum Waiting {
    Text(usize),
    Binary(usize),
}

impl Outbox {
    /// The most that one step may write: 8 s of 48 kHz linear audio in base64.
    pub const BYTES_MAX: usize = 1 << 20;

    /// An empty outbox with room for a usual step.
    pub fn new() -> Self {
        Self {
            text: String::with_capacity(4_096),
            binary: Vec::with_capacity(4_096),
            waiting: VecDeque::with_capacity(32),
            ..Self::default()
        }
    }

    /// Messages that were refused because a step wrote too much.
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether every message was taken.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds a text message.
    pub(crate) fn push_text(&mut self, write: impl FnOnce(&mut String)) {
        self.reuse();
        let start = self.text.len();
        write(&mut self.text);
        if self.text.len() + self.binary.len() > Self::BYTES_MAX {
            self.text.truncate(start);
            self.refused += 1;
            return;
        }
        self.waiting.push_back(Waiting::Text(self.text.len() - start));
    }

    /// Adds a binary message.
    pub(crate) fn push_binary(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.reuse();
        let start = self.binary.len();
        write(&mut self.binary);
        if self.text.len() + self.binary.len() > Self::BYTES_MAX {
            self.binary.truncate(start);
            self.refused += 1;
            return;
        }
        self.waiting.push_back(Waiting::Binary(self.binary.len() - start));
    }

    /// Takes the next message.
    pub fn poll(&mut self) -> Option<WireMessage<'_>> {
        match self.waiting.pop_front() {
            Some(Waiting::Text(len)) => {
                let start = self.text_read;
                self.text_read += len;
                Some(WireMessage::Text(&self.text[start..self.text_read]))
            }
            Some(Waiting::Binary(len)) => {
                let start = self.binary_read;
                self.binary_read += len;
                Some(WireMessage::Binary(&self.binary[start..self.binary_read]))
            }
            None => None,
        }
    }

    /// Once every message was taken, the next one begins the buffers anew.
    fn reuse(&mut self) {
        if self.waiting.is_empty() {
            self.text.clear();
            self.binary.clear();
            (self.text_read, self.binary_read) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_in_the_order_in_which_they_were_written() {
        let mut outbox = Outbox::new();
        outbox.push_text(|text| text.push_str("one"));
        outbox.push_binary(|bytes| bytes.extend([2, 2]));
        outbox.push_text(|text| text.push_str("three"));
        assert_eq!(outbox.poll(), Some(WireMessage::Text("one")));
        assert_eq!(outbox.poll(), Some(WireMessage::Binary(&[2, 2])));
        assert_eq!(outbox.poll(), Some(WireMessage::Text("three")));
        assert_eq!(outbox.poll(), None);
        outbox.push_binary(|bytes| bytes.push(4));
        assert_eq!(outbox.poll(), Some(WireMessage::Binary(&[4])));
    }

    #[test]
    fn a_driver_that_takes_every_message_and_does_not_ask_for_more_keeps_memory_flat() {
        let mut outbox = Outbox::new();
        for _ in 0..10_000 {
            outbox.push_text(|text| text.push_str(&"x".repeat(300)));
            outbox.push_binary(|bytes| bytes.extend([1; 300]));
            while !outbox.is_empty() {
                assert_eq!(outbox.poll().map(|message| message.len()), Some(300));
            }
        }
        assert!(outbox.text.capacity() + outbox.binary.capacity() <= 8_192);
    }

    #[test]
    fn a_step_that_writes_too_much_loses_the_excess_and_nothing_else() {
        let mut outbox = Outbox::new();
        outbox.push_text(|text| text.push('a'));
        outbox.push_binary(|bytes| bytes.resize(Outbox::BYTES_MAX, 0));
        outbox.push_text(|text| text.push('b'));
        assert_eq!(outbox.refused(), 1);
        assert_eq!(outbox.poll(), Some(WireMessage::Text("a")));
        assert_eq!(outbox.poll(), Some(WireMessage::Text("b")));
        assert_eq!(outbox.poll(), None);
    }
}

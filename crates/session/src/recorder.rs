//! The conversation between the rest of the session and its trace: whatever is told and asked is
//! written down, in order.

use std::collections::VecDeque;

use offhook_conversation::{self as talk, Conversation};
use offhook_types::{Timestamp, TraceLine};

/// Lines that wait to be handed on.
#[derive(Debug)]
pub(crate) struct Recorder {
    recorder: talk::Recorder,
    lines: VecDeque<TraceLine>,
}

impl Recorder {
    /// Begins with how the call is configured.
    pub(crate) fn new(config: &talk::ConversationConfig) -> Self {
        let mut lines = VecDeque::with_capacity(32);
        lines.extend(talk::Recorder::configured(config));
        Self { recorder: talk::Recorder::default(), lines }
    }

    /// Tells the conversation something and keeps what it asks for.
    pub(crate) fn tell(
        &mut self,
        conversation: &mut Conversation,
        asked: &mut VecDeque<talk::Output>,
        now: Timestamp,
        input: talk::Input,
    ) {
        let Self { recorder, lines } = self;
        recorder.input(now, &input, |line| lines.push_back(line));
        conversation.handle(now, input);
        while let Some(output) = conversation.poll_output() {
            recorder.output(now, &output, |line| lines.push_back(line));
            asked.push_back(output);
        }
    }

    /// Hands on the frames that wait for a change.
    pub(crate) fn finish(&mut self) {
        let Self { recorder, lines } = self;
        recorder.finish(|line| lines.push_back(line));
    }

    /// The lines that are complete.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = TraceLine> {
        self.lines.drain(..)
    }
}

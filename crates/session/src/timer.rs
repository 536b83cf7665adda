//! Why a session wants to be woken.

use offhook_conversation as conversation;

/// The reason of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Frames are due, or a cleared generation is settled.
    Playout,
    /// Reception gives up on a packet, or fills a pause.
    Reception,
    /// What was sent will have been heard.
    Heard,
    /// A rule of the conversation.
    Conversation(conversation::Timer),
    /// The stream has not started.
    Start,
}

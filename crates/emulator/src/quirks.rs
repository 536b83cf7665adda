//! Ways in which carriers, their clones and their documentation differ from each other.

/// What a carrier does differently from its documentation, or where the documentation leaves room.
/// All off by default; tests turn them on, because an engine must take all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// JSON is written with `\/` for `/`, base64 payloads included. Any dialect: PHP and others
    /// write it by default, and it is the same text to a JSON parser.
    pub escapes_slashes: bool,
    /// Messages carry fields that no documentation names, and messages of unknown kinds come
    /// between the others. Any dialect: vendors add both without notice.
    pub adds_unknown: bool,
    /// Packets of the caller that are lost before they reach the carrier, in percent: counters of
    /// messages go on, timestamps jump. Any dialect.
    pub upstream_loss_percent: u8,
    /// Raw: audio without headers (`"framing":"bare"`).
    pub raw_is_bare: bool,
    /// Telnyx: messages overtake each other; the order is documented as not guaranteed.
    pub reorders: Option<Reordering>,
    /// Plivo: which clock `media.timestamp` shows.
    pub plivo_timestamp: PlivoTimestamp,
    /// Plivo: `sequenceNumber` and `sampleRate` are strings, as some versions and clones write.
    pub plivo_numbers_as_text: bool,
    /// Vonage: `{"dtmf":{"digit":"5","duration":260}}` beside the event name, which some clients
    /// tolerate.
    pub vonage_nests_dtmf: bool,
    /// Vonage: the buffer of 1024 messages that older documentation states.
    pub vonage_has_small_buffer: bool,
    /// Vonage: pending notifications are returned on a clear, about which the documentation is
    /// silent.
    pub vonage_notifies_on_clear: bool,
}

/// How messages overtake each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reordering {
    /// How many of a hundred messages are held back.
    pub percent: u8,
    /// By how many messages at most each of them is overtaken.
    pub overtaken_max: u8,
}

/// Which clock Plivo's `media.timestamp` shows: its SDK says milliseconds since the stream
/// began, examples show an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlivoTimestamp {
    /// Milliseconds since 1970.
    #[default]
    Epoch,
    /// Milliseconds since the stream began.
    SinceStart,
}

//! Where real voices come from: recordings, or a synthesiser outside this crate.

use std::sync::Arc;

/// Voices that can say any text, or texts that they have recordings of.
pub trait Speakers {
    /// Says a text with a voice: mono at 8 kHz, silence around it as it comes.
    ///
    /// # Errors
    /// If there is no such voice, or it cannot say this.
    fn speak(&mut self, voice: &str, text: &str) -> Result<Arc<[i16]>, SpeakersError>;
}

/// Why nothing was said.
#[derive(Clone, Debug, thiserror::Error)]
#[error("voice `{voice}` cannot say \"{text}\": {reason}")]
pub struct SpeakersError {
    /// The voice.
    pub voice: String,
    /// What it was to say.
    pub text: String,
    /// Why it cannot, and what to do about it.
    pub reason: String,
}

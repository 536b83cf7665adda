//! What an agent's document says about its way of speaking.

use offhook_types::agent::Speech;

/// How text is made speakable, besides the rules of the language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpeechSettings {
    /// Words and phrases that are never said, in any case, as whole words. They are left out of
    /// what is spoken and stay in what is written: the history holds what the model wrote up to
    /// the word that was heard.
    pub blocked_words: Vec<String>,
    /// How words are said. The longest entry wins; what it says is not changed any further.
    pub pronunciations: Vec<Pronunciation>,
    /// Whether a reply may begin with a hesitation ("um,"). It is spoken only, never written.
    pub realistic_filler_words: bool,
}

/// How a word or phrase is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pronunciation {
    /// As it is written.
    pub written: String,
    /// As the voice is to read it.
    pub spoken: String,
    /// Whether capitals must be the same.
    pub case_sensitive: bool,
}

/// The document's section; capitals never matter there.
impl From<&Speech> for SpeechSettings {
    fn from(speech: &Speech) -> Self {
        let pronunciations = speech.pronunciations.iter().map(|entry| Pronunciation {
            written: entry.word.clone(),
            spoken: entry.say.clone(),
            case_sensitive: false,
        });
        Self {
            blocked_words: speech.blocked.clone(),
            pronunciations: pronunciations.collect(),
            realistic_filler_words: speech.has_fillers,
        }
    }
}

//! What a model may write, through text for speech, in any language and any chunks; and as an
//! agent's words with a value in them.

use std::str;
use std::sync::Arc;

use offhook_text::prompt::{CallFacts, Values, build};
use offhook_text::{Clause, Language, SpeechRules, SpeechSettings, SpeechText};
use offhook_types::AgentDocument;
use offhook_types::agent::Direction;

/// The first byte chooses language and chunks, the rest is the text.
pub(crate) fn spoken(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let language = Language::ALL[usize::from(choice % 9)];
    let settings = SpeechSettings {
        blocked_words: vec!["a b".to_owned(), "x".to_owned()],
        ..SpeechSettings::default()
    };
    let rules = Arc::new(SpeechRules::new(&settings, language));
    let whole = stream(&rules, &[text]);
    let size = usize::from(choice / 9) + 1;
    let characters: Vec<String> = text.chars().map(String::from).collect();
    let chunks: Vec<String> = characters.chunks(size).map(|chunk| chunk.concat()).collect();
    let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
    assert_eq!(stream(&rules, &chunks), whole);
    let written: String = whole.iter().map(|clause| clause.written.as_str()).collect();
    assert_eq!(written, text);
    for clause in &whole {
        for heard in 0..=clause.spoken.len() {
            let prefix = clause.written_heard(heard);
            if let Some(rest) = clause.unheard(heard) {
                assert_eq!(format!("{prefix}{}", rest.written), clause.written);
            }
        }
    }
    prompt(text);
}

fn prompt(text: &str) {
    let document = AgentDocument { instructions: text.to_owned(), ..AgentDocument::default() };
    let mut facts = CallFacts::new(text.to_owned(), Direction::Inbound, 0);
    facts.variables.set("a", text);
    let built = build(&document, &facts);
    assert!(built.system.is_char_boundary(built.prefix_bytes));
    let _ = Values::new(&document, &facts).render(text);
}

fn stream(rules: &Arc<SpeechRules>, chunks: &[&str]) -> Vec<Clause> {
    let mut speech = SpeechText::new(Arc::clone(rules), 1);
    for chunk in chunks {
        speech.push(chunk);
    }
    speech.finish();
    std::iter::from_fn(|| speech.next_clause()).collect()
}

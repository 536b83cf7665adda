//! Cuts a model's stream of text into clauses that can be spoken.
//!
//! The first clause leaves as early as it can be spoken well, the others at the end of a sentence.
//! A cut needs the character behind the mark, so that "3.5", "e.g." and "example.com" stay whole
//! however the stream is chunked.
//!
//! Left out here: everything that makes text speakable (markdown, numbers, abbreviations).

/// Cuts text into clauses. `push` text as it comes, take clauses with `poll`, then `finish`.
#[derive(Debug, Default)]
pub(crate) struct ClauseCutter {
    text: String,
    cut_any: bool,
}

/// Characters that a first clause must have to be cut at a comma: shorter ones sound chopped.
const FIRST_CLAUSE_MIN: usize = 12;
/// A sentence longer than this is cut at the next comma or, failing that, space: voices lose their
/// breath, and the history its grain.
const CLAUSE_MAX: usize = 220;

impl ClauseCutter {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The next clause that is certainly whole.
    pub(crate) fn poll(&mut self) -> Option<String> {
        let end = self.cut()?;
        self.cut_any = true;
        let rest = self.text.split_off(end);
        let clause = std::mem::replace(&mut self.text, rest);
        let clause = clause.trim();
        if clause.is_empty() { self.poll() } else { Some(clause.to_owned()) }
    }

    /// The stream is over: the rest, if there is any.
    pub(crate) fn finish(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.text);
        let rest = rest.trim();
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// Byte behind the clause.
    fn cut(&self) -> Option<usize> {
        let mut characters = self.text.char_indices().peekable();
        let mut spoken = 0;
        let mut word_start = 0;
        while let Some((index, character)) = characters.next() {
            let (_, next) = *characters.peek()?;
            let end = index + character.len_utf8();
            let is_break = next.is_whitespace();
            match character {
                '\n' if spoken > 0 => return Some(end),
                '.' | '!' | '?' | '…' | '。' | '！' | '？' | ';' | ':' => {
                    let is_wide = matches!(character, '。' | '！' | '？');
                    let word = &self.text[word_start..index];
                    let is_abbreviation = character == '.' && abbreviates(word);
                    if (is_break && !is_abbreviation) || is_wide {
                        return Some(end);
                    }
                }
                ',' | '–' | '—' => {
                    let may_be_first = !self.cut_any && spoken >= FIRST_CLAUSE_MIN;
                    if is_break && (may_be_first || spoken > CLAUSE_MAX) {
                        return Some(end);
                    }
                }
                _ if character.is_whitespace() => {
                    word_start = end;
                    if spoken > 2 * CLAUSE_MAX {
                        return Some(end);
                    }
                }
                _ => {}
            }
            spoken += usize::from(!character.is_whitespace());
        }
        None
    }
}

/// Whether a full stop behind this word is probably not the end of a sentence: an initial, or a
/// usual abbreviation of one of the six languages.
fn abbreviates(word: &str) -> bool {
    const USUAL: [&str; 32] = [
        "mr", "mrs", "ms", "dr", "st", "prof", "vs", "e.g", "i.e", "no", "approx", "dept", "est",
        "z.b", "d.h", "bzw", "nr", "str", "hr", "fr", "sr", "sra", "dra", "ud", "p.ej", "mme",
        "env", "sig", "dott", "av", "n.b", "u.a",
    ];
    let word = word.trim_start_matches(|character: char| !character.is_alphanumeric());
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let is_counted =
        !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
    is_initial || is_counted || USUAL.iter().any(|usual| word.eq_ignore_ascii_case(usual))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clauses(chunks: &[&str]) -> Vec<String> {
        let mut cutter = ClauseCutter::default();
        let mut clauses = Vec::new();
        for chunk in chunks {
            cutter.push(chunk);
            clauses.extend(std::iter::from_fn(|| cutter.poll()));
        }
        clauses.extend(cutter.finish());
        clauses
    }

    #[test]
    fn the_first_clause_leaves_at_a_comma_and_the_rest_by_sentence() {
        assert_eq!(
            clauses(&["Of course I can, we have a table at six. Shall I book it, then?"]),
            ["Of course I can,", "we have a table at six.", "Shall I book it, then?"]
        );
    }

    #[test]
    fn numbers_abbreviations_and_addresses_stay_whole() {
        assert_eq!(
            clauses(&["It costs 3.50. Dr. Smith is on www.example.com. Ask e.g. J. Doe."]),
            ["It costs 3.50.", "Dr. Smith is on www.example.com.", "Ask e.g. J. Doe."]
        );
        assert_eq!(clauses(&["Am 3. Mai, z.B. um 9 Uhr."]), ["Am 3. Mai, z.B. um 9 Uhr."]);
    }

    #[test]
    fn a_clause_leaves_as_soon_as_the_mark_is_certain() {
        let mut cutter = ClauseCutter::default();
        cutter.push("Yes.");
        assert_eq!(cutter.poll(), None);
        cutter.push(" W");
        assert_eq!(cutter.poll().as_deref(), Some("Yes."));
        assert_eq!(cutter.finish().as_deref(), Some("W"));
    }

    proptest! {
        #[test]
        fn any_chunking_cuts_the_same_and_loses_nothing(
            text in "[a-zA-Z0-9 ,.!?é。\n-]{0,200}",
            cuts in proptest::collection::vec(0_usize..200, 0..8),
        ) {
            let mut bounds: Vec<usize> =
                cuts.into_iter().filter(|cut| text.is_char_boundary(*cut)).collect();
            bounds.extend([0, text.len()]);
            bounds.sort_unstable();
            let chunks: Vec<&str> =
                bounds.windows(2).filter_map(|pair| text.get(pair[0]..pair[1])).collect();
            let whole = clauses(&[&text]);
            prop_assert_eq!(&clauses(&chunks), &whole);
            let letters = |text: &str| -> String {
                text.chars().filter(|character| !character.is_whitespace()).collect()
            };
            prop_assert_eq!(letters(&whole.concat()), letters(&text));
        }
    }
}

//! Text as a sequence of words that can be compared: lower case, without punctuation.

/// The words of a text. An apostrophe, hyphen, `@` or dot inside a word belongs to it; a clitic
/// with a typographic apostrophe is written with the plain one.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().filter_map(word).collect()
}

/// Whether the words of `phrase` are the last words of `words`.
pub(crate) fn ends_with(words: &[String], phrase: &[String]) -> bool {
    !phrase.is_empty() && words.ends_with(phrase)
}

/// Whether the words of `phrase` follow each other somewhere in `words`.
pub(crate) fn contains(words: &[String], phrase: &[String]) -> bool {
    !phrase.is_empty() && words.windows(phrase.len()).any(|window| window == phrase)
}

/// How many of `words` are left when phrases of `lexicon` are taken away wherever they stand, the
/// longest first.
pub(crate) fn count_without(words: &[String], lexicon: &[Vec<String>]) -> usize {
    let mut left = 0;
    let mut rest = words;
    while let Some((_, tail)) = rest.split_first() {
        let longest = lexicon
            .iter()
            .filter(|phrase| rest.starts_with(phrase))
            .map(Vec::len)
            .max()
            .unwrap_or_default();
        if longest == 0 {
            left += 1;
            rest = tail;
        } else {
            rest = &rest[longest..];
        }
    }
    left
}

/// The text behind its first words.
pub(crate) fn behind(text: &str, words: usize) -> &str {
    let is_word = |token: &&str| word(token).is_some();
    let Some(last) = words.checked_sub(1) else { return text };
    let found = text.split_whitespace().filter(is_word).nth(last);
    // A token is a part of the text: its address says where it stands.
    let end = found
        .map_or(text.len(), |token| token.as_ptr().addr() - text.as_ptr().addr() + token.len());
    text[end..].trim_start()
}

/// The text without words that are known already: it may repeat them from the start, or a part.
pub(crate) fn without_known<'text>(text: &'text str, known: &[String]) -> &'text str {
    let said = words(text);
    let both = said.len().min(known.len());
    if said[..both] == known[..both] { behind(text, both) } else { text }
}

fn word(token: &str) -> Option<String> {
    let is_edge = |character: char| !character.is_alphanumeric();
    let core = token.trim_matches(is_edge);
    if core.is_empty() {
        return None;
    }
    let plain = |character: char| if character == '’' { '\'' } else { character };
    Some(core.chars().map(plain).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_punctuation_do_not_tell_words_apart() {
        assert_eq!(
            words("Uh-huh. It’s  «Ça va?» — 5,000!"),
            ["uh-huh", "it's", "ça", "va", "5,000"]
        );
        assert_eq!(words(" ... "), Vec::<String>::new());
    }

    #[test]
    fn words_that_are_known_are_left_out_once() {
        let known = words("I need");
        assert_eq!(without_known("I need -- a table", &known), "-- a table");
        assert_eq!(without_known(" I ", &known), "");
        assert_eq!(without_known("we need", &known), "we need");
        assert_eq!(without_known("I need", &[]), "I need");
    }

    #[test]
    fn phrases_are_taken_away_longest_first() {
        let lexicon = ["oh", "oh okay", "i see"].map(words);
        assert_eq!(count_without(&words("Oh okay, I see."), &lexicon), 0);
        assert_eq!(count_without(&words("Oh, I see the point"), &lexicon), 2);
        assert_eq!(count_without(&[], &lexicon), 0);
    }
}

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
    fn phrases_are_taken_away_longest_first() {
        let lexicon = ["oh", "oh okay", "i see"].map(words);
        assert_eq!(count_without(&words("Oh okay, I see."), &lexicon), 0);
        assert_eq!(count_without(&words("Oh, I see the point"), &lexicon), 2);
        assert_eq!(count_without(&[], &lexicon), 0);
    }
}

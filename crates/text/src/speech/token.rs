//! Plain text in tokens: letters, digits, spaces and marks.

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Letters and what combines with them.
    Letters,
    /// ASCII digits.
    Digits,
    /// White space.
    Space,
    /// One other character.
    Mark,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: &'a str,
    /// Its first byte in the text.
    pub(super) start: usize,
}

impl<'a> Token<'a> {
    /// The digits, if it is digits.
    pub(super) fn digits(&self) -> Option<&'a str> {
        (self.kind == TokenKind::Digits).then_some(self.text)
    }

    /// The letters, if it is letters.
    pub(super) fn letters(&self) -> Option<&'a str> {
        (self.kind == TokenKind::Letters).then_some(self.text)
    }

    /// Whether it is this mark.
    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.mark() == Some(mark)
    }

    /// The mark, if it is one.
    pub(super) fn mark(&self) -> Option<char> {
        if self.kind == TokenKind::Mark { self.text.chars().next() } else { None }
    }

    /// Whether it is white space.
    pub(super) fn is_space(&self) -> bool {
        self.kind == TokenKind::Space
    }

    /// Whether it is letters or digits.
    pub(super) fn is_word(&self) -> bool {
        matches!(self.kind, TokenKind::Letters | TokenKind::Digits)
    }

    /// The byte behind it.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, in order; together they are the text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
    let mut start = 0;
    let mut current: Option<TokenKind> = None;
    for (index, character) in text.char_indices() {
        let kind = kind_of(character);
        if current != Some(kind) || kind == TokenKind::Mark {
            if let Some(kind) = current {
                tokens.push(Token { kind, text: &text[start..index], start });
            }
            (start, current) = (index, Some(kind));
        }
    }
    if let Some(kind) = current {
        tokens.push(Token { kind, text: &text[start..], start });
    }
    tokens
}

fn kind_of(character: char) -> TokenKind {
    match character {
        '0'..='9' => TokenKind::Digits,
        // Ordinal signs are letters to Unicode, and fractions and powers numbers.
        'º' | 'ª' | '²' | '³' | 'µ' | 'π' => TokenKind::Mark,
        '\u{300}'..='\u{36F}' => TokenKind::Letters,
        _ if character.is_whitespace() => TokenKind::Space,
        _ if character.is_alphabetic() => TokenKind::Letters,
        _ => TokenKind::Mark,
    }
}

//! A scripted caller: when there is voice, and which words are in it.

/// Words and sounds of a caller, in milliseconds of the call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    /// Voiced stretches, in order.
    voiced: Vec<(u64, u64)>,
    /// Each word and when it ends.
    pub(crate) words: Vec<(u64, String)>,
    /// Keys and when each is pressed, in order.
    pub(crate) keys: Vec<(u64, char)>,
    end: u64,
}

/// Length of a spoken word.
pub(crate) const WORD_MS: u64 = 280;

impl Caller {
    /// Says words from `at` on; `(600)` between them is a pause of that many ms.
    pub(crate) fn says(mut self, at: u64, text: &str) -> Self {
        let mut cursor = at;
        let mut began = at;
        for token in text.split_whitespace() {
            let pause = token.strip_prefix('(').and_then(|token| token.strip_suffix(')'));
            if let Some(pause) = pause {
                self.voice(began, cursor);
                cursor += pause.parse::<u64>().expect("a pause in ms");
                began = cursor;
            } else {
                cursor += WORD_MS;
                self.words.push((cursor, token.to_owned()));
            }
        }
        self.voice(began, cursor);
        self
    }

    /// Says words without a voice that the detector hears.
    pub(crate) fn whispers(mut self, at: u64, text: &str) -> Self {
        let ends = text.split_whitespace().zip(1_u64..);
        self.words.extend(ends.map(|(word, index)| (at + index * WORD_MS, word.to_owned())));
        self.end = self.end.max(self.words.last().map_or(0, |(end, _)| *end));
        self
    }

    /// Presses keys, one each 300 ms.
    pub(crate) fn presses(mut self, at: u64, keys: &str) -> Self {
        let moments = keys.chars().zip(0_u64..);
        self.keys.extend(moments.map(|(key, index)| (at + 300 * index, key)));
        self.end = self.end.max(self.keys.last().map_or(0, |(end, _)| *end));
        self
    }

    /// Makes a sound that has no words.
    pub(crate) fn coughs(mut self, at: u64, millis: u64) -> Self {
        self.voice(at, at + millis);
        self
    }

    pub(crate) fn is_voiced(&self, at: u64) -> bool {
        self.voiced.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// When everything was said.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    fn voice(&mut self, from: u64, to: u64) {
        if to > from {
            self.voiced.push((from, to));
            self.end = self.end.max(to);
        }
    }
}

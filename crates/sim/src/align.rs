//! Where the words of a recording lie, by how long each is to write: every voiced stretch is shared
//! out among the words in order. Good to a syllable, which is what a recogniser's times are.

use crate::caller::{RATE, TimedWord, time_of};

/// The words of `text` in `audio` (mono, 8 kHz), in order. Audio without any sound counts as
/// voiced throughout.
pub fn align_words(audio: &[i16], text: &str) -> Vec<TimedWord> {
    let stretches = voiced_stretches(audio);
    let voiced: usize = stretches.iter().map(|(from, to)| to - from).sum();
    let weight = |word: &str| word.chars().filter(|letter| letter.is_alphanumeric()).count() + 1;
    let total: usize = text.split_whitespace().map(weight).sum();
    let mut spoken = 0;
    text.split_whitespace()
        .map(|word| {
            let start = place(&stretches, voiced * spoken / total, false);
            spoken += weight(word);
            let end = place(&stretches, voiced * spoken / total, true);
            TimedWord { text: word.to_owned(), start: time_of(start), end: time_of(end) }
        })
        .collect()
}

/// Stretches of samples that are voiced, pauses between syllables included.
pub(crate) fn voiced_stretches(audio: &[i16]) -> Vec<(usize, usize)> {
    let loudness = |block: &[i16]| {
        let energy: f64 = block.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        (energy / block.len() as f64).sqrt()
    };
    let levels: Vec<f64> = audio.chunks(BLOCK).map(loudness).collect();
    let loudest = levels.iter().copied().fold(0.0, f64::max);
    let threshold = (loudest * QUIETEST).max(NOISE_RMS);
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (index, level) in levels.iter().enumerate() {
        let (from, to) = (index * BLOCK, ((index + 1) * BLOCK).min(audio.len()));
        if *level < threshold {
            continue;
        }
        match stretches.last_mut() {
            Some((_, end)) if from - *end <= SYLLABLE_GAP => *end = to,
            _ => stretches.push((from, to)),
        }
    }
    if stretches.is_empty() {
        stretches.push((0, audio.len()));
    }
    stretches
}

/// The sample at which so much was voiced. At a border between stretches a word ends before the
/// pause and the next begins behind it.
fn place(stretches: &[(usize, usize)], mut voiced: usize, is_end: bool) -> usize {
    for (from, to) in stretches {
        let length = to - from;
        if voiced < length || (is_end && voiced == length) {
            return from + voiced;
        }
        voiced -= length;
    }
    stretches.last().map_or(0, |(_, to)| *to)
}

/// 10 ms.
const BLOCK: usize = RATE / 100;
/// Stops inside words last up to 120 ms; pauses between phrases are longer.
const SYLLABLE_GAP: usize = RATE * 12 / 100;
/// Speech reaches 35 dB below its loudest syllable; soft ends lie there.
const QUIETEST: f64 = 0.0178;
/// Below this is the noise of a recording on a telephone, at most.
const NOISE_RMS: f64 = 40.0;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::synthetic::synthetic_speech;

    #[test]
    fn words_lie_where_the_voice_is_and_a_pause_belongs_to_none() {
        let (audio, known) = synthetic_speech("that (800) will work");
        let found = align_words(&audio, "that will work");
        for (found, known) in found.iter().zip(&known) {
            assert_eq!(found.text, known.text);
            let off = found.end.abs_diff(known.end);
            assert!(off <= Duration::from_millis(150), "{found:?} {known:?}");
        }
        assert!(found[1].start - found[0].end >= Duration::from_millis(700), "{found:?}");
        assert_eq!(align_words(&[], "nothing there").len(), 2);
    }
}

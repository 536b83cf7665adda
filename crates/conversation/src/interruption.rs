//! Does the caller interrupt? Voiced time against the sensitivity, and words where they are asked
//! for.
//!
//! Two stages: on the first evidence the agent is ducked, on enough of it the agent stops. Words
//! that only show that one listens, and phrases to ignore, never stop it, however long they take.

use crate::completeness::is_backchannel;
use crate::lexicon::Lexicon;
use crate::rules::{INTERRUPT_VOICED_MIN, INTERRUPT_VOICED_SPAN, WHISPERED_WORDS_MIN};
use crate::settings::TurnSettings;
use crate::words::{contains, count_without, words};

/// What an agent's settings and language make of the caller's voice and words.
#[derive(Debug)]
pub(crate) struct InterruptionRules {
    sensitivity_permille: u16,
    words_min: u8,
    listening: Vec<Vec<String>>,
    interrupting: Vec<Vec<String>>,
    ignored: Vec<Vec<String>>,
}

/// What the words of an utterance mean for an interruption; read once for each new transcript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Words that ask for an answer.
    counted: usize,
    /// Nothing in it but listening, or a phrase to ignore.
    is_listening: bool,
    /// A phrase that interrupts as soon as it is recognised.
    interrupts: bool,
}

/// What was heard while the agent spoke.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overlap {
    /// Voiced time of the spurt, in ms.
    pub(crate) voiced_ms: u32,
    /// What the echo guard asks for on top.
    pub(crate) extra_ms: u32,
    /// There was a voice at all: words may come without.
    pub(crate) has_voice: bool,
    /// What was recognised of it so far.
    pub(crate) meaning: Meaning,
    /// The recogniser has been silent for too long to be waited for.
    pub(crate) stt_is_stalled: bool,
    /// Voice alone does not count any more.
    pub(crate) needs_words: bool,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing that interrupts.
    Continue,
    /// What there is only shows that the caller listens.
    Listening,
    /// Stop: enough was said.
    Interrupt,
}

impl Meaning {
    /// Whether there are words that are more than listening.
    pub(crate) const fn asks_for_an_answer(self) -> bool {
        self.counted > 0
    }
}

impl InterruptionRules {
    pub(crate) fn new(settings: &TurnSettings, lexicon: &Lexicon) -> Self {
        let phrases = |list: &[String]| -> Vec<Vec<String>> {
            list.iter().map(|phrase| words(phrase)).filter(|words| !words.is_empty()).collect()
        };
        let mut listening = phrases(&settings.backchannel_words);
        listening.extend(lexicon.backchannel.iter().cloned());
        let mut interrupting = phrases(&settings.interrupt_phrases);
        interrupting.extend(lexicon.interrupt.iter().cloned());
        Self {
            sensitivity_permille: settings.interruption_sensitivity_permille.min(1_000),
            words_min: settings.min_words.min(5),
            listening,
            interrupting,
            ignored: phrases(&settings.ignore_phrases),
        }
    }

    /// Voiced time that interrupts, in ms; `None` where nothing does.
    pub(crate) fn voiced_needed_ms(&self) -> Option<u32> {
        let sensitivity = u32::from(self.sensitivity_permille);
        (sensitivity > 0)
            .then(|| INTERRUPT_VOICED_MIN + (1_000 - sensitivity) * INTERRUPT_VOICED_SPAN / 1_000)
    }

    /// Whether nothing in the text asks for an answer.
    pub(crate) fn is_listening(&self, said: &[String]) -> bool {
        !said.is_empty()
            && (count_without(said, &self.listening) == 0
                || self.ignored.iter().any(|phrase| phrase == said))
    }

    /// Reads an utterance.
    pub(crate) fn read(&self, text: &str) -> Meaning {
        let said = words(text);
        let is_listening = self.is_listening(&said);
        let interrupts = self.interrupting.iter().any(|phrase| contains(&said, phrase));
        // A recogniser tells words one by one: these may become a phrase to ignore.
        let is_begun =
            |phrase: &Vec<String>| phrase.len() > said.len() && phrase.starts_with(&said);
        let may_be_ignored = self.ignored.iter().any(is_begun);
        Meaning {
            counted: if may_be_ignored { 0 } else { count_without(&said, &self.listening) },
            is_listening,
            interrupts: interrupts && !is_listening,
        }
    }

    /// Judges what was heard while the agent spoke.
    pub(crate) fn judge(&self, overlap: Overlap) -> Verdict {
        let Some(needed) = self.voiced_needed_ms() else { return Verdict::Continue };
        let Meaning { counted, is_listening, interrupts } = overlap.meaning;
        if interrupts {
            return Verdict::Interrupt;
        }
        if is_listening {
            return Verdict::Listening;
        }
        let is_voiced = overlap.voiced_ms >= needed + overlap.extra_ms;
        let words_min = if overlap.needs_words { self.words_min.max(1) } else { self.words_min };
        let has_words = counted >= usize::from(words_min);
        let goes_without = overlap.stt_is_stalled && !overlap.needs_words;
        // A whisper may have no voice that a detector hears; one word may be a mistake.
        let is_whispered = !overlap.has_voice && counted >= WHISPERED_WORDS_MIN;
        if (is_voiced || is_whispered) && (has_words || goes_without) {
            return Verdict::Interrupt;
        }
        Verdict::Continue
    }

    /// What an interruption rests on, in words.
    pub(crate) fn evidence(&self, overlap: Overlap) -> String {
        format!(
            "{} ms voiced, {} words, sensitivity {}.{:03}",
            overlap.voiced_ms,
            overlap.meaning.counted,
            self.sensitivity_permille / 1_000,
            self.sensitivity_permille % 1_000
        )
    }
}

/// Whether a whole turn is no more than listening, in the language's own words.
pub(crate) fn is_only_listening(said: &[String], lexicon: &Lexicon) -> bool {
    is_backchannel(said, lexicon)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(change: impl FnOnce(&mut TurnSettings)) -> InterruptionRules {
        let mut settings = TurnSettings::default();
        change(&mut settings);
        InterruptionRules::new(&settings, Lexicon::of_language(&settings.language))
    }

    fn heard(rules: &InterruptionRules, voiced_ms: u32, text: &str) -> Overlap {
        Overlap {
            voiced_ms,
            extra_ms: 0,
            has_voice: voiced_ms > 0,
            meaning: rules.read(text),
            stt_is_stalled: false,
            needs_words: false,
        }
    }

    fn stops(rules: &InterruptionRules, overlap: Overlap) -> bool {
        rules.judge(overlap) == Verdict::Interrupt
    }

    #[test]
    fn voiced_time_needed_follows_the_sensitivity() {
        let needed = |permille| {
            rules(|settings| settings.interruption_sensitivity_permille = permille)
                .voiced_needed_ms()
        };
        assert_eq!(
            [1_000, 800, 500, 1, 0].map(needed).map(|ms| ms.unwrap_or(u32::MAX)),
            [60, 220, 460, 859, u32::MAX]
        );
    }

    #[test]
    fn at_sensitivity_zero_nothing_interrupts() {
        let rules = rules(|settings| settings.interruption_sensitivity_permille = 0);
        assert!(!stops(&rules, heard(&rules, 10_000, "stop talking now please")));
    }

    #[test]
    fn listening_does_not_interrupt_however_long_it_takes() {
        let rules = rules(|_| ());
        assert_eq!(rules.judge(heard(&rules, 900, "uh-huh, okay, I see")), Verdict::Listening);
        assert!(stops(&rules, heard(&rules, 900, "okay but what about Sunday")));
    }

    #[test]
    fn words_that_are_asked_for_are_waited_for_unless_the_recogniser_is_stalled() {
        let rules = rules(|settings| settings.min_words = 2);
        assert!(!stops(&rules, heard(&rules, 2_000, "")));
        assert!(!stops(&rules, heard(&rules, 2_000, "okay no")));
        assert!(stops(&rules, heard(&rules, 300, "no thanks")));
        assert!(stops(&rules, Overlap { stt_is_stalled: true, ..heard(&rules, 2_000, "") }));
    }

    #[test]
    fn a_whisper_interrupts_with_two_words() {
        let rules = rules(|_| ());
        assert!(!stops(&rules, heard(&rules, 0, "sunday")));
        assert!(stops(&rules, heard(&rules, 0, "what sunday")));
        assert!(!stops(&rules, heard(&rules, 80, "what sunday")));
    }

    #[test]
    fn a_phrase_to_interrupt_is_enough_and_one_to_ignore_never_is() {
        let rules = rules(|settings| {
            settings.min_words = 5;
            settings.interrupt_phrases = vec!["operator".to_owned()];
            settings.ignore_phrases = vec!["Thank you very much indeed".to_owned()];
        });
        assert!(stops(&rules, heard(&rules, 100, "operator")));
        assert!(stops(&rules, heard(&rules, 100, "wait")));
        assert!(!stops(&rules, heard(&rules, 900, "Thank you very much indeed!")));
    }

    #[test]
    fn on_a_line_with_an_echo_more_voice_is_needed() {
        let rules = rules(|_| ());
        assert!(stops(&rules, heard(&rules, 220, "")));
        assert!(!stops(&rules, Overlap { extra_ms: 300, ..heard(&rules, 220, "") }));
        assert!(stops(&rules, Overlap { extra_ms: 300, ..heard(&rules, 520, "") }));
    }

    #[test]
    fn the_evidence_is_said() {
        let rules = rules(|_| ());
        let overlap = heard(&rules, 340, "no wonder there");
        assert!(stops(&rules, overlap));
        assert_eq!(rules.evidence(overlap), "340 ms voiced, 3 words, sensitivity 0.800");
    }
}

//! Does a machine answer? And what is done with one that does.
//!
//! Evidence counts until the first real exchange: the carrier's own detection, a record tone, the
//! phrases and the length of what is said. Uncertain is an opinion: the agent then gives the other
//! side time to go on.

use offhook_types::Answerer;

use crate::lexicon::Lexicon;
use crate::rules::{ASK_END_OF_TURN_AFTER, GREETING_COMPLETE, GREETING_IS_LONG, GREETING_WAIT_MAX};
use crate::situation::{Heard, Situation, Speaking};
use crate::words::contains;

/// What speaks for a machine and against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The carrier's opinion.
    pub(crate) carrier: Option<Answerer>,
    /// A record tone was heard.
    pub(crate) has_tone: bool,
    /// Phrases of answering machines.
    pub(crate) phrases: Phrases,
    /// Voice without a pause that invites an answer, in ms.
    pub(crate) monologue_ms: u32,
    /// Both sides have talked to each other.
    pub(crate) is_settled: bool,
}

/// What was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phrases {
    /// Nothing of a machine.
    #[default]
    None,
    /// What people say as well.
    Weak,
    /// What only machines say.
    Strong,
    /// No message can be left.
    Full,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Nothing speaks for a machine.
    Person,
    /// Something does, not enough.
    Uncertain,
    /// A machine.
    Machine,
}

/// Judges who answered.
pub(crate) const fn judge_answer(evidence: Evidence) -> Answered {
    if evidence.is_settled {
        return Answered::Person;
    }
    match evidence.carrier {
        Some(
            Answerer::MachineGreeting
            | Answerer::MachineAfterTone
            | Answerer::MachineAfterSilence
            | Answerer::Fax,
        ) => return Answered::Machine,
        Some(Answerer::Human | Answerer::Unknown) | None => {}
    }
    if evidence.has_tone || matches!(evidence.phrases, Phrases::Strong | Phrases::Full) {
        return Answered::Machine;
    }
    if matches!(evidence.carrier, Some(Answerer::Human)) {
        return Answered::Person;
    }
    let is_weak = matches!(evidence.phrases, Phrases::Weak);
    match (is_weak, evidence.monologue_ms >= GREETING_IS_LONG) {
        (true, true) => Answered::Machine,
        (true, false) | (false, true) => Answered::Uncertain,
        (false, false) => Answered::Person,
    }
}

/// Reads what the other side said.
pub(crate) fn read_phrases(said: &[String], lexicon: &Lexicon) -> Phrases {
    let has = |list: &[Vec<String>]| list.iter().any(|phrase| contains(said, phrase));
    if has(&lexicon.mailbox_full) {
        Phrases::Full
    } else if has(&lexicon.machine) {
        Phrases::Strong
    } else if has(&lexicon.unavailable) {
        Phrases::Weak
    } else {
        Phrases::None
    }
}

/// Where a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MachineClock {
    /// Its greeting may go on.
    Greeting,
    /// It has been silent for long enough to have said everything.
    Complete,
    /// It records: the tone was heard.
    Tone,
    /// It was waited for long enough.
    Overlong,
    /// The message is being said.
    Message,
    /// A tone was heard within the message, for the first time.
    ToneAgain,
    /// The whole message was heard.
    Left,
}

/// What is done with a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MachineVerdict {
    /// Nothing yet.
    Wait,
    /// Say the message, from its beginning.
    Speak,
    /// Hang up.
    HangUp,
}

/// What is done with a machine.
pub(crate) const fn judge(situation: Situation, clock: MachineClock) -> MachineVerdict {
    let talks = matches!(situation.heard, Heard::Voice | Heard::Words | Heard::Digits);
    let is_busy = situation.is_transferring || situation.is_muted;
    let says_last_words = matches!(situation.speaking, Speaking::Final);
    match clock {
        MachineClock::Left | MachineClock::Overlong => MachineVerdict::HangUp,
        MachineClock::Greeting | MachineClock::Message => MachineVerdict::Wait,
        MachineClock::Tone | MachineClock::Complete | MachineClock::ToneAgain if is_busy => {
            MachineVerdict::Wait
        }
        MachineClock::Complete if talks || says_last_words => MachineVerdict::Wait,
        MachineClock::Tone if says_last_words => MachineVerdict::Wait,
        MachineClock::Complete | MachineClock::Tone | MachineClock::ToneAgain => {
            MachineVerdict::Speak
        }
    }
}

/// The wait for a machine's tone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Greeting {
    quiet_ms: u32,
    waited_ms: u32,
    has_tone: bool,
    /// The pause before what is being said.
    pause_ms: u32,
    /// The recogniser was told to finish what was said before this pause.
    is_settled: bool,
}

impl Greeting {
    /// Lets the line's time pass.
    pub(crate) const fn advance(&mut self, situation: Situation, millis: u32) -> MachineClock {
        self.waited_ms = self.waited_ms.saturating_add(millis);
        match situation.heard {
            Heard::Silence | Heard::Noise => {
                self.quiet_ms = self.quiet_ms.saturating_add(millis);
            }
            Heard::Voice | Heard::Words | Heard::Digits => {
                if self.quiet_ms > 0 {
                    self.pause_ms = self.quiet_ms;
                }
                self.quiet_ms = 0;
                self.is_settled = false;
            }
        }
        if self.has_tone {
            MachineClock::Tone
        } else if self.quiet_ms >= GREETING_COMPLETE {
            MachineClock::Complete
        } else if self.waited_ms >= GREETING_WAIT_MAX {
            MachineClock::Overlong
        } else {
            MachineClock::Greeting
        }
    }

    /// It records.
    pub(crate) const fn hear_tone(&mut self) {
        self.has_tone = true;
    }

    /// Whether the recogniser is to finish what was said before this pause: once for each.
    pub(crate) const fn settles(&mut self) -> bool {
        let settles = !self.is_settled && self.quiet_ms >= ASK_END_OF_TURN_AFTER;
        self.is_settled |= settles;
        settles
    }

    /// The pause before what was said last, in ms.
    pub(crate) const fn pause_ms(self) -> u32 {
        self.pause_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    const CLOCKS: [MachineClock; 7] = [
        MachineClock::Greeting,
        MachineClock::Complete,
        MachineClock::Tone,
        MachineClock::Overlong,
        MachineClock::Message,
        MachineClock::ToneAgain,
        MachineClock::Left,
    ];

    #[test]
    fn every_situation_waits_speaks_or_hangs_up_on_a_machine() {
        let stored = include_str!("../tests/tables/voicemail.txt");
        Situation::check_table("voicemail", stored, |situation| {
            let verdicts = CLOCKS.map(|clock| format!("{:?}", judge(situation, clock)));
            verdicts.join(" ").to_lowercase()
        });
    }

    #[test]
    fn who_answered_is_judged_by_all_evidence_as_the_table_says() {
        let carriers =
            [None, Some(Answerer::Human), Some(Answerer::MachineGreeting), Some(Answerer::Unknown)];
        let mut table = String::new();
        for carrier in carriers {
            for has_tone in [false, true] {
                for phrases in [Phrases::None, Phrases::Weak, Phrases::Strong, Phrases::Full] {
                    for monologue_ms in [0, GREETING_IS_LONG - 20, GREETING_IS_LONG] {
                        let is_settled = false;
                        let evidence =
                            Evidence { carrier, has_tone, phrases, monologue_ms, is_settled };
                        let answered = judge_answer(evidence);
                        let heard = format!("tone={has_tone} {phrases:?} {monologue_ms} ms");
                        table += &format!("{carrier:?} {heard}: {answered:?}\n");
                        let settled = Evidence { is_settled: true, ..evidence };
                        assert_eq!(judge_answer(settled), Answered::Person);
                    }
                }
            }
        }
        if table != include_str!("../tests/tables/answered.txt") {
            let path = std::env::temp_dir().join("answered.txt");
            std::fs::write(&path, &table).expect("a file for the new table");
            panic!("{table}\nif this is meant, take {}", path.display());
        }
    }

    #[test]
    fn machines_are_known_by_what_they_say_in_six_languages() {
        for (language, text) in [
            ("en", "Hi, this is Ada. Please leave a message after the tone."),
            ("de", "Guten Tag, bitte hinterlassen Sie eine Nachricht nach dem Signalton."),
            ("es", "Hola, deje su mensaje después de la señal."),
            ("fr", "Bonjour, laissez-moi un message après le bip."),
            ("it", "Salve, lasciate un messaggio dopo il segnale acustico."),
            ("pt", "Olá, deixe seu recado após o sinal."),
        ] {
            let lexicon = Lexicon::of_language(language);
            assert_eq!(read_phrases(&words(text), lexicon), Phrases::Strong, "{text}");
        }
        for (language, text) in [
            ("en", "Hello, Ada speaking, how can I help you?"),
            ("de", "Müller, guten Tag?"),
            ("fr", "Oui allô, j'écoute."),
        ] {
            let lexicon = Lexicon::of_language(language);
            assert_eq!(read_phrases(&words(text), lexicon), Phrases::None, "{text}");
        }
    }

    #[test]
    fn a_greeting_is_complete_after_two_and_a_half_seconds_and_waited_for_half_a_minute() {
        let quiet = Situation::all().next().expect("the silent one");
        let talking = Situation { heard: Heard::Words, ..quiet };
        let mut greeting = Greeting::default();
        let clocks: Vec<_> = (0..124).map(|_| greeting.advance(quiet, 20)).collect();
        assert!(clocks.iter().all(|clock| *clock == MachineClock::Greeting));
        assert_eq!(greeting.advance(quiet, 20), MachineClock::Complete);
        let mut endless = Greeting::default();
        let last = (0..1_500).map(|_| endless.advance(talking, 20)).last();
        assert_eq!(last, Some(MachineClock::Overlong));
    }
}

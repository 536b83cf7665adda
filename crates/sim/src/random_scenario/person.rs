//! Whoever is at the other end: a person, at once or behind a gatekeeper.

use std::time::Duration;

use offhook_types::DtmfDigit;

use super::draw::Draw;
use crate::agenda::When;
use crate::background::background;
use crate::caller::{Caller, time_of};
use crate::deed::{Deed, Sound};
use crate::sounds::wordless;
use crate::speakers::{Speakers, SpeakersError};
use crate::step::say;

impl Draw {
    pub(super) fn caller(
        &mut self,
        seed: u64,
        speakers: &mut dyn Speakers,
    ) -> Result<Caller, SpeakersError> {
        let mut caller = Caller::default().with_patience(self.within(4_000, 12_000));
        let mut is_person = true;
        if self.once_in(6) {
            (caller, is_person) = self.gatekeeper(caller, speakers)?;
        }
        if is_person {
            caller = self.person(caller, speakers)?;
        }
        if self.once_in(5) {
            caller = caller.hanging_up_at(self.within(0, 110_000));
        }
        if self.once_in(3) {
            caller = caller.with_echo(self.within(60, 400), self.share() * 18.0 + 12.0);
        }
        if self.once_in(2) {
            let sound = self.one_of(&["hiss", "hum", "babble", "music"]);
            let below = self.share() * 15.0 + 15.0;
            caller = caller.with_background(background(sound, below, seed, speakers)?);
        }
        Ok(caller)
    }

    fn person(
        &mut self,
        mut caller: Caller,
        speakers: &mut dyn Speakers,
    ) -> Result<Caller, SpeakersError> {
        let voice = self.one_of(&VOICES);
        let mut spoken = Duration::ZERO;
        let is_first = caller.left() == 0;
        let mut when = if is_first { When::At(self.within(800, 3_000)) } else { self.when() };
        while spoken < SPOKEN_MIN {
            let what = self.deed(voice, speakers)?;
            spoken += match &what {
                Deed::Sounds(sound) => time_of(sound.audio.len()) + REACTION,
                Deed::Waits(span) => *span,
                Deed::Presses(_) | Deed::HangsUp => Duration::ZERO,
            };
            caller = caller.then(when, what);
            when = self.when();
        }
        if self.once_in(3) {
            let sound = say(voice, self.one_of(&FAREWELLS), speakers)?;
            caller = caller.then(when, Deed::Sounds(sound));
            if self.once_in(2) {
                caller = caller.then(When::After(self.within(0, 4_000)), Deed::HangsUp);
            }
        }
        Ok(caller)
    }

    pub(super) fn when(&mut self) -> When {
        match self.number(0, 9) {
            0..=3 => When::After(self.within(300, 6_000)),
            4..=6 => When::AgentBegins(self.within(100, 3_000)),
            _ => When::AgentStops(self.within(400, 1_500)),
        }
    }

    fn deed(&mut self, voice: &str, speakers: &mut dyn Speakers) -> Result<Deed, SpeakersError> {
        let text = match self.number(0, 24) {
            0 | 1 => {
                let name = self.one_of(&["cough", "coughs", "throat", "door"]);
                return Ok(Deed::Sounds(Sound::wordless(name, wordless(name, speakers)?)));
            }
            2..=4 => {
                let key = DtmfDigit::all().nth(self.number(0, 14) as usize).expect("16 keys");
                return Ok(Deed::Presses(key));
            }
            5 | 6 => return Ok(Deed::Waits(self.within(500, 8_000))),
            7..=10 => self.one_of(&["uh-huh.", "Okay.", "I see.", "Yeah, sure."]),
            11 | 12 => self.one_of(&["Wait!", "Stop.", "Hold on a second."]),
            13 => "My number is four one five (1200) five five five (900) one two one two.",
            14 if self.once_in(4) => self.one_of(&FAREWELLS),
            _ => self.one_of(&LINES),
        };
        say(voice, text, speakers).map(Deed::Sounds)
    }
}

pub(super) const VOICES: [&str; 3] = ["slt", "rms", "awb"];
/// Enough that the median call is longer than 45 s although many end early.
const SPOKEN_MIN: Duration = Duration::from_secs(70);
/// Between two sounds, on the average.
const REACTION: Duration = Duration::from_secs(2);
const LINES: [&str; 11] = [
    "What time do you open tomorrow?",
    "I need a table for (400) two people and (800) a highchair.",
    "Do you have, um, (600) anything on Sunday?",
    "Tell me (1500) about your prices.",
    "No, that is not what I meant.",
    "And what about the evening?",
    "Could you say that again please?",
    "My name is Miller, and I called you yesterday about a table by the window.",
    "Yes.",
    "I am not sure (300) whether my wife will come, so it may be three or four of us.",
    "Can I talk to somebody in sales please?",
];
const FAREWELLS: [&str; 3] = ["Okay, thank you, bye.", "Goodbye.", "Thanks."];

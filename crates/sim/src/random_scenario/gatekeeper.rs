//! Who answers in a person's place: machines, call screening, menus.

use std::time::Duration;

use offhook_types::DtmfDigit;

use super::draw::Draw;
use super::person::VOICES;
use crate::agenda::When;
use crate::caller::Caller;
use crate::deed::{Deed, Sound};
use crate::sounds::wordless;
use crate::speakers::{Speakers, SpeakersError};
use crate::step::say;

impl Draw {
    /// Adds one to the line; false where no person is behind it.
    pub(super) fn gatekeeper(
        &mut self,
        caller: Caller,
        speakers: &mut dyn Speakers,
    ) -> Result<(Caller, bool), SpeakersError> {
        let voice = self.one_of(&VOICES);
        match self.number(0, 3) {
            0 | 1 => self.machine(caller, voice, speakers),
            2 => self.screening(caller, voice, speakers),
            _ => self.menu(caller, voice, speakers),
        }
    }

    fn machine(
        &mut self,
        mut caller: Caller,
        voice: &str,
        speakers: &mut dyn Speakers,
    ) -> Result<(Caller, bool), SpeakersError> {
        let greeting = say(voice, self.one_of(&GREETINGS), speakers)?;
        caller = caller.then(When::At(self.within(200, 2_500)), Deed::Sounds(greeting));
        let tone = self.one_of(&[None, Some("record_tone"), Some("record_tone_440"), Some("beep")]);
        if let Some(name) = tone {
            let sound = Sound::wordless(name, wordless(name, speakers)?);
            caller = caller.then(When::After(self.within(0, 2_500)), Deed::Sounds(sound.clone()));
            if self.once_in(4) {
                caller = caller.then(When::After(self.within(500, 6_000)), Deed::Sounds(sound));
            }
        }
        if self.once_in(4) {
            // Somebody picks up while the machine talks.
            let hello = say(self.one_of(&VOICES), "Hello?", speakers)?;
            caller = caller.then(When::After(self.within(500, 6_000)), Deed::Sounds(hello));
            return Ok((caller, true));
        }
        let ends = When::After(self.within(1_000, 45_000));
        Ok((caller.then(ends, Deed::HangsUp), false))
    }

    fn screening(
        &mut self,
        mut caller: Caller,
        voice: &str,
        speakers: &mut dyn Speakers,
    ) -> Result<(Caller, bool), SpeakersError> {
        let asks = say(voice, self.one_of(&SCREENING), speakers)?;
        caller = caller.then(When::At(self.within(300, 2_000)), Deed::Sounds(asks));
        let when = When::AgentStops(self.within(500, 2_000));
        match self.number(0, 3) {
            0 => return Ok((caller.then(when, Deed::HangsUp), false)),
            1 => {}
            _ => {
                let waits = say(voice, "Please stay on the line.", speakers)?;
                caller = caller
                    .then(when, Deed::Sounds(waits))
                    .then(When::After(Duration::ZERO), Deed::Waits(self.within(500, 9_000)));
            }
        }
        Ok((caller, true))
    }

    fn menu(
        &mut self,
        mut caller: Caller,
        voice: &str,
        speakers: &mut dyn Speakers,
    ) -> Result<(Caller, bool), SpeakersError> {
        let menu = say(voice, self.one_of(&MENUS), speakers)?;
        let mut when = When::At(self.within(200, 2_500));
        for _ in 0..self.number(1, 3) {
            caller = caller.then(when, Deed::Sounds(menu.clone()));
            when = When::After(self.within(2_000, 7_000));
        }
        if self.once_in(4) {
            return Ok((caller.then(when, Deed::HangsUp), false));
        }
        if self.once_in(3) {
            let key = self.one_of(&['1', '2']);
            let key = DtmfDigit::try_from(key).expect("a key");
            let pressed = When::AgentPresses(vec![key], self.within(300, 2_000));
            caller = caller.then(pressed, Deed::Waits(self.within(0, 3_000)));
        }
        Ok((caller, true))
    }
}

const GREETINGS: [&str; 5] = [
    "Hi, this is Miller. (400) You know what to do.",
    "You have reached the Millers. We are not available. Please leave a message after the tone.",
    "The person you are calling is not available.",
    "The mailbox is full. Goodbye.",
    "Welcome to the Miller family. We are on a long holiday by the sea, and we will come back in \
     the autumn when the leaves are red and the nights are long.",
];
const SCREENING: [&str; 3] = [
    "Who is calling please?",
    "Please state your name and the reason for your call.",
    "Hi, if you record your name and reason for calling, I will see if this person is available.",
];
const MENUS: [&str; 3] = [
    "For sales press one. For support press two.",
    "Thank you for calling the Miller company. Please press one to go on.",
    "Para español (300) press nine. For everything else press one.",
];

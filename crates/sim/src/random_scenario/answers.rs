//! What the model answers, turn by turn.

use super::draw::Draw;

impl Draw {
    pub(super) fn answers(&mut self) -> Vec<String> {
        (0..TURNS).map(|_| self.answer()).collect()
    }

    fn answer(&mut self) -> String {
        let plain = self.one_of(&PLAIN);
        let then = self.one_of(&PLAIN);
        match self.number(0, 39) {
            0..=4 => format!("{} || {then}", self.one_of(&TOOLS)),
            5 => format!("{} || {} || {then}", self.one_of(&TOOLS), self.one_of(&TOOLS)),
            6 if self.once_in(2) => self.one_of(&KEYS).to_owned(),
            6 | 7 => self.one_of(&TRANSFERS).to_owned(),
            8 => self.one_of(&ENDS).to_owned(),
            9 if self.once_in(2) => String::new(),
            _ => plain.to_owned(),
        }
    }
}

/// More turns than a call has.
const TURNS: usize = 80;
const PLAIN: [&str; 6] = [
    "Yes.",
    "Of course, we are open from nine to five. Shall I book a table for you?",
    "We have a table at six, and another at eight. Both are by the window. Which one would you \
     like? I can also put you on the list for seven.",
    "One moment.",
    "I am sorry, we are closed on Sundays. Would Saturday suit you?",
    "Let me read that back to you. A table for two on Friday at seven, by the window, under the \
     name of Miller. You can cancel until noon. Is that right?",
];
const TOOLS: [&str; 6] = [
    "I will see. [[look {\"day\": \"sunday\"}]]",
    "[[look {\"day\": \"friday\"}]]",
    "[[look {}]] [[book {\"table\": 4}]]",
    "[[book {\"table\": 2}]] Just a second. [[book {\"table\": 2}]]",
    "[[greet {}]]",
    "[[unheard_of {}]]",
];
const TRANSFERS: [&str; 4] = [
    "I will put you through. [[transfer {\"target\": \"sales\"}]] || Nobody is there. Can I help?",
    "[[transfer {\"target\": \"Ada\"}]] || Ada is not there. What is it about?",
    "Gladly. [[transfer {\"target\": \"nobody\"}]] || I do not know them.",
    "[[transfer {\"target\": \"sales\"}]] [[look {}]] || Nobody is there.",
];
const KEYS: [&str; 4] = [
    "[[send_dtmf {\"digits\": \"1\"}]]",
    "I will press two. [[send_dtmf {\"digits\": \"2#\"}]]",
    "[[send_dtmf {\"digits\": \"no digits\"}]] || I cannot press that.",
    "[[skip_turn {}]]",
];
const ENDS: [&str; 5] = [
    "You are welcome. Goodbye!",
    "Very well. [[end_call {\"reason\": \"done\"}]]",
    "[[end_call {\"reason\": \"booked\"}]]",
    "It is booked. Have a nice day. Goodbye! [[end_call {\"reason\": \"booked\"}]]",
    "[[end_call {\"reason\": \"done\"}]] [[look {}]] || Goodbye.",
];

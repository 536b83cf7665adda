//! Keys that the caller presses, one after another until an entry is complete.
//!
//! A carrier's event and the tone of the same key are one key. The agent's own tones come back on
//! many lines and are none.

use std::collections::VecDeque;
use std::time::Duration;

use offhook_types::{DtmfDigit, DtmfOrigin, Timestamp};

use crate::rules::{DTMF_SAME_KEY, DTMF_SENT_DIGIT, DTMF_SENT_TAIL};
use crate::settings::DtmfSettings;

/// The keys of an entry.
#[derive(Debug, Default)]
pub(crate) struct Keypad {
    digits: String,
    /// Keys that were reported one way and may still be reported the other.
    recent: VecDeque<Press>,
    /// Tones of the agent's own digits may come back until then.
    own: Option<(Timestamp, Vec<DtmfDigit>)>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    at: Timestamp,
    digit: DtmfDigit,
    origin: DtmfOrigin,
}

/// What a report of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    /// The same key by its other report.
    Again,
    /// The agent's own tone.
    Own,
    /// A key of an entry that goes on.
    More,
    /// The key that completes the entry.
    Complete,
}

impl Keypad {
    /// A key was reported.
    pub(crate) fn press(
        &mut self,
        now: Timestamp,
        digit: DtmfDigit,
        origin: DtmfOrigin,
        settings: &DtmfSettings,
    ) -> Pressed {
        if self.is_own(now, digit, origin) {
            return Pressed::Own;
        }
        let same = Duration::from_millis(u64::from(DTMF_SAME_KEY));
        self.recent.retain(|press| now.saturating_since(press.at) <= same);
        let other = |press: &Press| press.digit == digit && press.origin != origin;
        if let Some(index) = self.recent.iter().position(other) {
            self.recent.remove(index);
            return Pressed::Again;
        }
        self.recent.push_back(Press { at: now, digit, origin });
        let is_terminator = settings.terminator == Some(digit);
        if !is_terminator || self.digits.is_empty() {
            self.digits.push(digit.as_char());
        }
        let is_full = self.digits.len() >= usize::from(settings.digit_count_max.max(1));
        if is_terminator || is_full { Pressed::Complete } else { Pressed::More }
    }

    /// Whether an entry goes on.
    pub(crate) const fn is_collecting(&self) -> bool {
        !self.digits.is_empty()
    }

    /// The entry, which is complete.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.digits)
    }

    /// The agent sends these digits: their tones are not the caller's.
    pub(crate) fn note_sent(&mut self, now: Timestamp, digits: &[DtmfDigit]) {
        let count = u32::try_from(digits.len()).unwrap_or(u32::MAX);
        let millis = count.saturating_mul(DTMF_SENT_DIGIT).saturating_add(DTMF_SENT_TAIL);
        let until = now + Duration::from_millis(u64::from(millis));
        self.own = Some((until, digits.to_vec()));
    }

    fn is_own(&self, now: Timestamp, digit: DtmfDigit, origin: DtmfOrigin) -> bool {
        origin == DtmfOrigin::Tone
            && self.own.as_ref().is_some_and(|(until, own)| now <= *until && own.contains(&digit))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn key(character: char) -> DtmfDigit {
        DtmfDigit::try_from(character).expect("a key")
    }

    #[test]
    fn an_event_and_a_tone_of_one_key_are_one_key_in_either_order() {
        for (first, second) in
            [(DtmfOrigin::Event, DtmfOrigin::Tone), (DtmfOrigin::Tone, DtmfOrigin::Event)]
        {
            let (mut keypad, settings) = (Keypad::default(), DtmfSettings::default());
            assert_eq!(keypad.press(at(0), key('5'), first, &settings), Pressed::More);
            assert_eq!(keypad.press(at(250), key('5'), second, &settings), Pressed::Again);
            assert_eq!(keypad.press(at(300), key('5'), second, &settings), Pressed::More);
            assert_eq!(keypad.press(at(700), key('5'), first, &settings), Pressed::More);
            assert_eq!(keypad.take(), "555");
        }
    }

    #[test]
    fn a_key_pressed_twice_in_a_hurry_is_two_keys_by_two_reports_each() {
        let (mut keypad, settings) = (Keypad::default(), DtmfSettings::default());
        for (millis, origin) in [
            (0, DtmfOrigin::Event),
            (40, DtmfOrigin::Tone),
            (160, DtmfOrigin::Event),
            (200, DtmfOrigin::Tone),
        ] {
            keypad.press(at(millis), key('7'), origin, &settings);
        }
        assert_eq!(keypad.take(), "77");
    }

    #[test]
    fn the_agents_own_tones_are_no_keys_but_the_carriers_events_are() {
        let (mut keypad, settings) = (Keypad::default(), DtmfSettings::default());
        keypad.note_sent(at(0), &[key('1'), key('2')]);
        assert_eq!(keypad.press(at(300), key('1'), DtmfOrigin::Tone, &settings), Pressed::Own);
        assert_eq!(keypad.press(at(300), key('9'), DtmfOrigin::Tone, &settings), Pressed::More);
        assert_eq!(keypad.press(at(900), key('1'), DtmfOrigin::Event, &settings), Pressed::More);
        assert_eq!(keypad.press(at(9_000), key('2'), DtmfOrigin::Tone, &settings), Pressed::More);
    }

    #[test]
    fn an_entry_ends_with_its_terminator_or_when_it_is_full() {
        let (mut keypad, settings) = (Keypad::default(), DtmfSettings::default());
        keypad.press(at(0), key('4'), DtmfOrigin::Event, &settings);
        assert_eq!(
            keypad.press(at(500), key('#'), DtmfOrigin::Event, &settings),
            Pressed::Complete
        );
        assert_eq!(keypad.take(), "4");
        let one = DtmfSettings { digit_count_max: 1, ..settings };
        assert_eq!(keypad.press(at(900), key('1'), DtmfOrigin::Event, &one), Pressed::Complete);
        assert_eq!(keypad.take(), "1");
        assert_eq!(
            keypad.press(at(1_900), key('#'), DtmfOrigin::Event, &settings),
            Pressed::Complete
        );
        assert_eq!(keypad.take(), "#", "a terminator alone is an answer too");
    }

    proptest! {
        #[test]
        fn as_many_keys_are_collected_as_were_pressed(
            keys in proptest::collection::vec((0_usize..10, 100_u64..900, 0_u64..60), 1..30),
        ) {
            let settings = DtmfSettings { digit_count_max: 255, ..DtmfSettings::default() };
            let mut keypad = Keypad::default();
            let (mut reports, mut now, mut expected) = (Vec::new(), 0, String::new());
            for (digit, pause, behind) in keys {
                let digit = key(char::from(b'0' + u8::try_from(digit).expect("a digit")));
                reports.push((now, digit, DtmfOrigin::Event));
                reports.push((now + behind, digit, DtmfOrigin::Tone));
                expected.push(digit.as_char());
                now += pause;
            }
            reports.sort_by_key(|(at, _, _)| *at);
            for (millis, digit, origin) in reports {
                keypad.press(at(millis), digit, origin, &settings);
            }
            prop_assert_eq!(keypad.take(), expected);
        }
    }
}

//! One thing that a caller of a scenario does.

use std::sync::Arc;
use std::time::Duration;

use offhook_types::DtmfDigit;
use serde::Deserialize;

use crate::agenda::When;
use crate::align::{align_words, voiced_stretches};
use crate::background::SPEECH_RMS;
use crate::caller::{Caller, TimedWord, samples_in, time_of};
use crate::deed::{Deed, Sound};
use crate::moment::Moment;
use crate::sounds::wordless;
use crate::speakers::{Speakers, SpeakersError};

/// One thing that a caller does: when, what, and what must come of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// So long after the call began.
    pub at_ms: Option<u64>,
    /// So long after what comes before is over. Default 0, where nothing else is said.
    pub after_ms: Option<u64>,
    /// So long after the agent began to speak.
    pub agent_begins_ms: Option<u64>,
    /// So long after the agent fell silent.
    pub agent_stops_ms: Option<u64>,
    /// When the agent has pressed these keys, or `after_ms` later.
    pub agent_presses: Vec<DtmfDigit>,

    /// Says a text; `(600)` in it is a pause of that many milliseconds.
    pub says: Option<String>,
    /// Makes a sound: `cough`, `coughs`, `throat`, `door`, a tone (`record_tone`, `sit`, `busy`,
    /// `record_tone_440`, `ringback`, `fax`), or one of the voices file.
    pub sounds: Option<String>,
    /// Presses keys, one after another.
    pub presses: Vec<DtmfDigit>,
    /// Stays on the line without a word.
    pub waits_ms: Option<u64>,
    /// Hangs up.
    pub hangs_up: bool,

    /// Says it with this voice.
    pub voice: Option<String>,
    /// Louder by so much; quieter if negative. Default 0.
    pub gain_db: f32,
    /// What the recogniser takes it for: other words, or none (`""`). Default what was said.
    pub recognised_as: Option<String>,

    /// The agent falls silent within this of the first sound.
    pub stops_agent_within_ms: Option<u64>,
    /// The agent goes on as if nothing had been.
    pub agent_goes_on: bool,
    /// The agent begins to answer within this of the last sound.
    pub answered_within_ms: Option<u64>,
    /// The agent does not begin to speak before this much silence behind the last sound.
    pub not_answered_within_ms: Option<u64>,
}

impl Step {
    /// Whether it makes a sound, so that something can be expected of it.
    pub(crate) const fn is_sound(&self) -> bool {
        self.says.is_some() || self.sounds.is_some()
    }

    pub(crate) fn add_to(
        &self,
        caller: Caller,
        voice: &str,
        speakers: &mut dyn Speakers,
    ) -> Result<Caller, SpeakersError> {
        let deeds = self.deeds(voice, speakers)?;
        let mut when = self.when();
        Ok(deeds.into_iter().fold(caller, |caller, deed| {
            caller.then(std::mem::replace(&mut when, When::After(Duration::ZERO)), deed)
        }))
    }

    fn when(&self) -> When {
        let Self { at_ms, after_ms, agent_begins_ms, agent_stops_ms, .. } = *self;
        let agent_presses = &self.agent_presses;
        Moment { at_ms, after_ms, agent_begins_ms, agent_stops_ms, agent_presses }.when()
    }

    fn deeds(&self, voice: &str, speakers: &mut dyn Speakers) -> Result<Vec<Deed>, SpeakersError> {
        let mut deeds = Vec::new();
        if let Some(text) = &self.says {
            let voice = self.voice.as_deref().unwrap_or(voice);
            let mut sound = say(voice, text, speakers)?;
            if let Some(heard) = &self.recognised_as {
                let audio = sound.audio.clone();
                sound.words = align_words(&audio, heard);
            }
            deeds.push(Deed::Sounds(amplified(sound, self.gain_db)));
        }
        if let Some(name) = &self.sounds {
            let sound = Sound::wordless(name, wordless(name, speakers)?);
            deeds.push(Deed::Sounds(amplified(sound, self.gain_db)));
        }
        deeds.extend(self.presses.iter().copied().map(Deed::Presses));
        deeds.extend(self.waits_ms.map(|span| Deed::Waits(Duration::from_millis(span))));
        if self.hangs_up {
            deeds.push(Deed::HangsUp);
        }
        if deeds.is_empty() {
            // A step that does nothing waits for its moment.
            deeds.push(Deed::Waits(Duration::ZERO));
        }
        Ok(deeds)
    }
}

/// A text with its pauses.
pub(crate) fn say(
    voice: &str,
    text: &str,
    speakers: &mut dyn Speakers,
) -> Result<Sound, SpeakersError> {
    let (mut audio, mut words) = (Vec::new(), Vec::new());
    let mut rest = text;
    while !rest.trim().is_empty() {
        let (part, pause, behind) = next_pause(rest);
        if !part.trim().is_empty() {
            let levelled = at_speech_level(&speakers.speak(voice, part.trim())?);
            let spoken = Sound::spoken(part, levelled);
            let at = time_of(audio.len());
            words.extend(spoken.words.into_iter().map(|word| TimedWord {
                start: at + word.start,
                end: at + word.end,
                ..word
            }));
            audio.extend_from_slice(&spoken.audio);
        }
        audio.resize(audio.len() + samples_in(pause), 0);
        rest = behind;
    }
    let label = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Ok(Sound { label, audio: audio.into(), words })
}

/// The text up to the next pause, the pause, and the text behind it.
fn next_pause(text: &str) -> (&str, Duration, &str) {
    for (open, _) in text.match_indices('(') {
        let Some(length) = text[open..].find(')') else { break };
        if let Ok(millis) = text[open + 1..open + length].parse::<u64>() {
            let behind = &text[open + length + 1..];
            return (&text[..open], Duration::from_millis(millis), behind);
        }
    }
    (text, Duration::ZERO, "")
}

/// Voices and recordings at the same level, measured where they speak.
fn at_speech_level(audio: &[i16]) -> Arc<[i16]> {
    let voiced = voiced_stretches(audio).into_iter().flat_map(|(from, to)| &audio[from..to]);
    let (energy, count) = voiced.fold((0.0, 0_u32), |(energy, count), sample| {
        (energy + f64::from(*sample).powi(2), count + 1)
    });
    let rms = (energy / f64::from(count.max(1))).sqrt().max(1.0);
    let gain = f64::from(SPEECH_RMS) / rms;
    audio.iter().map(|sample| (f64::from(*sample) * gain) as i16).collect()
}

fn amplified(sound: Sound, gain_db: f32) -> Sound {
    if gain_db == 0.0 {
        return sound;
    }
    let gain = 10_f32.powf(gain_db / 20.0);
    let audio = sound.audio.iter().map(|sample| (f32::from(*sample) * gain) as i16).collect();
    Sound { audio, ..sound }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::synthetic_speech;

    struct Synthetic;

    impl Speakers for Synthetic {
        fn speak(&mut self, _: &str, text: &str) -> Result<Arc<[i16]>, SpeakersError> {
            Ok(synthetic_speech(text).0.into())
        }
    }

    #[test]
    fn a_pause_in_a_text_is_silence_between_its_words() {
        let sound = say("any", "a table (900) for two (please)", &mut Synthetic).expect("a voice");
        assert_eq!(sound.label, "a table for two (please)");
        assert_eq!(sound.audio.len(), samples_in(Duration::from_millis(5 * 280 + 900)));
        let gap = sound.words[2].start - sound.words[1].end;
        assert!(gap.abs_diff(Duration::from_millis(900)) <= Duration::from_millis(60), "{gap:?}");
    }
}

//! Tones of the network and of answering machines, as they are told from the audio path to the
//! session.

use serde::{Deserialize, Serialize};

/// A tone by which the network, a switch or a fax machine says something about the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgressTone {
    /// The exchange waits for digits. On an answered call: the far end has hung up.
    Dial,
    /// The far telephone is ringing.
    Ringback,
    /// The called party is busy, or has hung up.
    Busy,
    /// The network could not complete the call (congestion, fast busy, number unobtainable).
    Reorder,
    /// The three rising tones before an announcement that the call failed.
    SpecialInformation(SpecialInformation),
    /// A fax machine is calling (CNG, ITU-T T.30 §4.1.1).
    FaxCalling,
    /// A fax machine or modem has answered (CED or ANSam, ITU-T V.25, V.8).
    FaxAnswer,
}

/// What special information tones say, where the exchange encodes it in their pitch and length
/// (North America).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialInformation {
    /// The number was changed or disconnected.
    Intercept,
    /// The number does not exist.
    VacantCode,
    /// The call failed inside the network; trying again may help.
    Reorder,
    /// No free circuit.
    NoCircuit,
    /// The tones of ITU-T E.180 (950, 1400, 1800 Hz), which carry no reason, or a code that has no
    /// meaning.
    Unspecified,
}

/// Where a tone lay in the stream and what it sounded like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToneSpan {
    /// First sample of the tone, counted from the first sample that the detector heard, at the
    /// stream's own rate.
    pub start_sample: u64,
    /// How long it sounded, milliseconds; for a tone with a cadence from its first burst until the
    /// report.
    pub duration_ms: u32,
    /// The frequency, or the lower one of two, Hz.
    pub frequency_hz: u16,
    /// The higher frequency of a tone made of two, Hz.
    pub second_frequency_hz: Option<u16>,
    /// Level of the whole tone; 0 dBFS is a sine that reaches full scale.
    pub level_dbfs: i8,
}

/// What the tone detector has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ToneEvent {
    /// A steady tone is sounding, whatever it will turn out to be. At most once for each burst of
    /// tone.
    ToneHeard {
        /// The tone so far.
        span: ToneSpan,
    },
    /// A record tone has ended and silence follows: the machine is recording from `span`'s end.
    RecordTone {
        /// The whole tone.
        span: ToneSpan,
    },
    /// A progress tone was recognised by its pitch and cadence.
    ProgressBegan {
        /// Which one.
        tone: ProgressTone,
        /// From its first burst until the moment it was recognised.
        span: ToneSpan,
    },
    /// A progress tone that was reported has stopped: its next burst did not come, or something
    /// else was heard.
    ProgressEnded {
        /// Which one.
        tone: ProgressTone,
        /// From its first burst to the end of the last one.
        span: ToneSpan,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_the_same_after_a_round_trip_through_json() {
        let span = ToneSpan {
            start_sample: 16_000,
            duration_ms: 380,
            frequency_hz: 914,
            second_frequency_hz: None,
            level_dbfs: -24,
        };
        let tone = ProgressTone::SpecialInformation(SpecialInformation::Intercept);
        for event in [ToneEvent::RecordTone { span }, ToneEvent::ProgressBegan { tone, span }] {
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<ToneEvent>(&json).unwrap(), event, "{json}");
        }
    }
}

//! When the next frame must be sent: far enough ahead of the play head that nothing runs dry, and
//! no further, because what is ahead is what an interruption has to throw away.

use std::time::Duration;

use offhook_types::Timestamp;

/// What there is to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: the line may be silent.
    Nothing,
    /// Ambience or silence that must not delay an answer.
    Bed,
    /// Speech, keypad tones or a fade tail.
    Speech,
}

/// Decides how many frames are sent now and when it is asked again. Deadlines are absolute: they
/// follow from what was sent, so that a late call does not make the next one late.
#[derive(Debug)]
pub(crate) struct Pacer {
    speech_lead: Duration,
    lead_max: Duration,
    underruns: u64,
}

pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// How far speech is sent ahead of the play head. Less, and one late wake-up or one slow message is
/// heard; more, and an interruption has more to take back. A network's usual jitter is 20 to 60 ms.
const SPEECH_LEAD: Duration = Duration::from_millis(120);
/// What the lead may grow to on a line that ran dry.
const SPEECH_LEAD_MAX: Duration = Duration::from_millis(300);
/// Growth for each time that it did: three times reach the limit.
const LEAD_STEP: Duration = Duration::from_millis(60);
/// How far a bed is sent ahead: an answer waits behind it.
const BED_LEAD: Duration = Duration::from_millis(40);

impl Pacer {
    /// A pacer for a carrier that takes audio up to `lead_max` ahead.
    pub(crate) fn new(lead_max: Duration) -> Self {
        let lead_max = lead_max.min(SPEECH_LEAD_MAX).max(FRAME);
        Self { speech_lead: SPEECH_LEAD.min(lead_max), lead_max, underruns: 0 }
    }

    /// Times that the carrier had nothing left to play in the middle of speech.
    pub(crate) const fn underruns(&self) -> u64 {
        self.underruns
    }

    /// How far this is sent ahead.
    pub(crate) fn lead(&self, demand: Demand) -> Duration {
        match demand {
            Demand::Nothing => Duration::ZERO,
            Demand::Bed => BED_LEAD.min(self.lead_max),
            Demand::Speech => self.speech_lead,
        }
    }

    /// Frames to send now, where everything until `sent_until` was sent.
    pub(crate) fn frames_due(
        &self,
        now: Timestamp,
        sent_until: Option<Timestamp>,
        demand: Demand,
    ) -> usize {
        let ahead = sent_until.map_or(Duration::ZERO, |until| until.saturating_since(now));
        let missing = self.lead(demand).saturating_sub(ahead);
        (missing.as_micros() / FRAME.as_micros()) as usize
    }

    /// When [`frames_due`](Self::frames_due) is no longer 0; `None` where there is nothing to send.
    pub(crate) fn deadline(
        &self,
        sent_until: Option<Timestamp>,
        demand: Demand,
    ) -> Option<Timestamp> {
        if demand == Demand::Nothing {
            return None;
        }
        Some(sent_until.unwrap_or_default() + FRAME - self.lead(demand))
    }

    /// The carrier ran dry in the middle of speech.
    pub(crate) fn handle_underrun(&mut self) {
        self.underruns += 1;
        self.speech_lead = (self.speech_lead + LEAD_STEP).min(self.lead_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn speech_runs_120_ms_ahead_and_then_at_its_own_pace() {
        let pacer = Pacer::new(Duration::from_secs(60));
        assert_eq!(pacer.frames_due(at(1_000), None, Demand::Speech), 6);
        assert_eq!(pacer.frames_due(at(1_000), Some(at(1_120)), Demand::Speech), 0);
        assert_eq!(pacer.deadline(Some(at(1_120)), Demand::Speech), Some(at(1_020)));
        assert_eq!(pacer.frames_due(at(1_020), Some(at(1_120)), Demand::Speech), 1);
        // A wake-up that came 45 ms late makes up for all of it.
        assert_eq!(pacer.frames_due(at(1_065), Some(at(1_120)), Demand::Speech), 3);
    }

    #[test]
    fn a_bed_never_delays_an_answer_by_more_than_40_ms() {
        let pacer = Pacer::new(Duration::from_secs(60));
        assert_eq!(pacer.frames_due(at(0), None, Demand::Bed), 2);
        assert_eq!(pacer.frames_due(at(0), Some(at(40)), Demand::Bed), 0);
        assert_eq!(pacer.frames_due(at(0), Some(at(40)), Demand::Speech), 4);
        assert_eq!(pacer.deadline(Some(at(40)), Demand::Bed), Some(at(20)));
        assert_eq!(pacer.deadline(Some(at(40)), Demand::Nothing), None);
    }

    #[test]
    fn the_lead_grows_only_after_underruns_and_only_to_300_ms() {
        let mut pacer = Pacer::new(Duration::from_secs(60));
        let leads = [0; 4].map(|_| {
            pacer.handle_underrun();
            pacer.lead(Demand::Speech).as_millis()
        });
        assert_eq!(leads, [180, 240, 300, 300]);
    }

    #[test]
    fn a_carrier_without_a_buffer_is_never_sent_more_than_it_takes() {
        let mut pacer = Pacer::new(Duration::from_millis(60));
        pacer.handle_underrun();
        assert_eq!(pacer.lead(Demand::Speech), Duration::from_millis(60));
        assert_eq!(pacer.frames_due(at(0), None, Demand::Speech), 3);
    }
}

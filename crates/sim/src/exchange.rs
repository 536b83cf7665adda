//! What a carrier does beside carrying a call: it rings, says who answered, loses media, hangs up.

use std::time::Duration;

use offhook_types::{Answerer, CarrierEvent, LineOutcome, LineSide};
use serde::Deserialize;

use crate::agenda::Agenda;
use crate::moment::Moment;

/// The carrier of a scenario, beside the media stream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CarrierFile {
    /// How long it rings before the stream begins. Default 0. After 10 s without a stream the
    /// session gives up.
    pub rings_ms: u64,
    /// What comes instead of an answer: `busy`, `no_answer`, `rejected`, `canceled`, `failed`.
    pub unanswered: Option<LineOutcome>,
    /// What the carrier does, in order.
    pub does: Vec<CarrierStep>,
}

/// One thing that the carrier does: when and what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CarrierStep {
    /// So long after the call was answered.
    pub at_ms: Option<u64>,
    /// So long after what comes before. Default 0, where nothing else is said.
    pub after_ms: Option<u64>,
    /// So long after the agent began to speak.
    pub agent_begins_ms: Option<u64>,
    /// So long after the agent fell silent.
    pub agent_stops_ms: Option<u64>,

    /// Says who answered: `human`, `machine_greeting`, `machine_after_tone`,
    /// `machine_after_silence`, `fax` or `unknown`.
    pub answered_by: Option<Answerer>,
    /// Sends none of the caller's media for so long; what was held back comes in one burst.
    pub loses_media_ms: Option<u64>,
    /// Says that the line is gone, and how: `completed`, `failed`, ...
    pub ends: Option<LineOutcome>,
    /// Who dropped it, by its word: `caller`, `us` or `carrier`.
    pub dropped_by: Option<LineSide>,
    /// Drops the line.
    pub hangs_up: bool,
}

/// What a carrier does beside carrying a call.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// How long it rings.
    pub rings: Duration,
    /// What comes instead of an answer.
    pub unanswered: Option<LineOutcome>,
    /// What happens when the call is answered.
    pub does: Agenda<ExchangeDeed>,
}

/// Something that a carrier does.
#[derive(Clone, Debug, PartialEq)]
pub enum ExchangeDeed {
    /// Reports something.
    Reports(CarrierEvent),
    /// Sends none of the caller's media for so long.
    LosesMedia(Duration),
    /// Drops the line.
    HangsUp,
}

impl CarrierFile {
    pub(crate) fn exchange(&self) -> Exchange {
        let steps = self.does.iter();
        let deeds = steps.flat_map(|step| step.deeds().into_iter().map(move |it| (step, it)));
        Exchange {
            rings: Duration::from_millis(self.rings_ms),
            unanswered: self.unanswered,
            does: deeds.fold(Agenda::default(), |agenda, (step, deed)| {
                agenda.then(step.moment().when(), deed)
            }),
        }
    }
}

impl CarrierStep {
    const fn moment(&self) -> Moment<'_> {
        let Self { at_ms, after_ms, agent_begins_ms, agent_stops_ms, .. } = *self;
        Moment { at_ms, after_ms, agent_begins_ms, agent_stops_ms, agent_presses: &[] }
    }

    fn deeds(&self) -> Vec<ExchangeDeed> {
        let dropped_by = self.dropped_by;
        let reports = [
            self.answered_by.map(|answerer| CarrierEvent::AnsweredBy { answerer }),
            self.ends.map(|outcome| CarrierEvent::Ended { outcome, dropped_by }),
        ];
        let loses = self.loses_media_ms.map(Duration::from_millis).map(ExchangeDeed::LosesMedia);
        let reports = reports.into_iter().flatten().map(ExchangeDeed::Reports);
        reports.chain(loses).chain(self.hangs_up.then_some(ExchangeDeed::HangsUp)).collect()
    }
}

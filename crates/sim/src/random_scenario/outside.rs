//! What operators and the carrier do of their own accord.

use offhook_types::{Answerer, CarrierEvent, ControlCommand, LineOutcome, LineSide};

use super::draw::Draw;
use crate::agenda::{Agenda, When};
use crate::exchange::{Exchange, ExchangeDeed};

impl Draw {
    pub(super) fn operator(&mut self) -> Agenda<ControlCommand> {
        let mut agenda = Agenda::default();
        if !self.once_in(4) {
            return agenda;
        }
        for _ in 0..self.number(1, 4) {
            let when = self.moment();
            match self.number(0, 19) {
                0..=6 => {
                    let text =
                        self.one_of(&["This is the manager.", "The kitchen is closed. Sorry."]);
                    let is_interruptible = self.once_in(2);
                    let text = text.to_owned();
                    agenda = agenda.then(when, ControlCommand::Say { text, is_interruptible });
                }
                7..=10 => {
                    let text = "There is no table left tonight.".to_owned();
                    agenda = agenda.then(when, ControlCommand::Inject { text });
                }
                11..=16 => {
                    let until = When::After(self.within(200, 12_000));
                    agenda = agenda
                        .then(when, ControlCommand::MuteAgent { is_muted: true })
                        .then(until, ControlCommand::MuteAgent { is_muted: false });
                }
                17 | 18 => {
                    let deadline_ms = self.one_of(&[0, 3_000, 10_000, 30_000]);
                    agenda = agenda.then(when, ControlCommand::Drain { deadline_ms });
                }
                _ => agenda = agenda.then(when, ControlCommand::Hangup),
            }
        }
        agenda
    }

    pub(super) fn exchange(&mut self) -> Exchange {
        let mut exchange = Exchange::default();
        if self.once_in(10) {
            exchange.rings = self.within(0, 12_000);
        }
        if self.once_in(50) {
            exchange.unanswered = Some(self.one_of(&[
                LineOutcome::Busy,
                LineOutcome::NoAnswer,
                LineOutcome::Rejected,
                LineOutcome::Canceled,
                LineOutcome::Failed,
            ]));
        }
        if self.once_in(7) {
            let answerer = self.one_of(&[
                Answerer::Human,
                Answerer::Human,
                Answerer::Unknown,
                Answerer::MachineGreeting,
                Answerer::MachineAfterTone,
                Answerer::MachineAfterSilence,
                Answerer::Fax,
            ]);
            let report = ExchangeDeed::Reports(CarrierEvent::AnsweredBy { answerer });
            exchange.does = exchange.does.then(When::At(self.within(0, 8_000)), report);
        }
        if self.once_in(8) {
            let when = self.moment();
            let deed = match self.number(0, 5) {
                0..=2 => ExchangeDeed::LosesMedia(self.within(300, 9_000)),
                3 => ExchangeDeed::LosesMedia(self.within(9_000, 14_000)),
                4 => ExchangeDeed::HangsUp,
                _ => ExchangeDeed::Reports(CarrierEvent::Ended {
                    outcome: self.one_of(&[LineOutcome::Completed, LineOutcome::Failed]),
                    dropped_by: self.one_of(&[
                        None,
                        Some(LineSide::Caller),
                        Some(LineSide::Carrier),
                    ]),
                }),
            };
            exchange.does = exchange.does.then(when, deed);
        }
        exchange
    }

    /// Some moment of a call.
    fn moment(&mut self) -> When {
        match self.number(0, 4) {
            0 => When::AgentBegins(self.within(0, 2_500)),
            1 => When::AgentStops(self.within(400, 1_500)),
            _ => When::At(self.within(0, 60_000)),
        }
    }
}

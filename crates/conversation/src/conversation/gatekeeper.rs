//! Call screening and menus, as far as the conversation is concerned.

use super::Conversation;
use crate::ending::Cause;
use crate::gatekeeper::{Demand, Gate, read_demand};
use crate::purpose::Purpose;
use crate::rules::{MENU_TURNS_MAX, SCREENING_ANSWERS_MAX};
use crate::state::State;

impl Conversation {
    /// A turn of the other side, which may not be a person. True where a rule says what follows.
    pub(super) fn passes_gate(&mut self, said: &[String]) -> bool {
        let is_settled = self.voicemail.evidence.is_settled && self.gatekeeper.gate == Gate::Open;
        let demand = if is_settled { Demand::None } else { read_demand(said, self.lexicon) };
        match demand {
            Demand::Identity if self.answers_screening() => true,
            Demand::Wait if self.gatekeeper.gate != Gate::Open => {
                self.decided("screening", "asked to wait".to_owned());
                self.drop_reply();
                self.turn = None;
                self.state = State::Listening;
                true
            }
            Demand::Key => self.meets_menu(),
            Demand::Identity | Demand::Wait | Demand::None => {
                self.gatekeeper.gate = Gate::Open;
                self.gatekeeper.menu_turns = 0;
                self.note_exchange();
                false
            }
        }
    }

    /// Says who calls and why. False where the agent's document does not, or has often enough.
    fn answers_screening(&mut self) -> bool {
        let Some(screening) = &self.config.call.screening else { return false };
        let text = format!("{} {}", screening.identity.trim(), screening.purpose.trim());
        let text = text.trim().to_owned();
        if text.is_empty() || self.gatekeeper.answers >= SCREENING_ANSWERS_MAX {
            return false;
        }
        self.gatekeeper.answers += 1;
        self.gatekeeper.gate = Gate::Screening;
        self.decided("screening", "who calls was asked".to_owned());
        self.drop_reply();
        self.turn = None;
        self.say(&text, Purpose::Screening, true);
        true
    }

    /// A menu talks. True where it ends the call: nobody can press its keys, or it leads nowhere.
    fn meets_menu(&mut self) -> bool {
        self.gatekeeper.gate = Gate::Menu;
        self.gatekeeper.menu_turns = self.gatekeeper.menu_turns.saturating_add(1);
        let is_enabled = self.config.call.ivr.is_enabled;
        self.decided("menu", format!("turn {}", self.gatekeeper.menu_turns));
        if is_enabled && self.gatekeeper.menu_turns <= MENU_TURNS_MAX {
            return false;
        }
        let observed = if is_enabled { "it leads nowhere" } else { "menus are off" };
        self.drop_line(Cause::Menu, observed);
        true
    }
}

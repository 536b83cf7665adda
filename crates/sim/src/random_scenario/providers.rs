//! The network and the providers, with their bad days.

use std::time::Duration;

use offhook_emulator::{LinkConfig, StallConfig};
use serde_json::json;

use super::draw::Draw;
use crate::providers::{
    EndOfTurnBehaviour, LlmBehaviour, LlmFault, Providers, SttBehaviour, TtsBehaviour, TtsFault,
};
use crate::tool_runner::{ToolBehaviour, ToolBehaviours, ToolResult};
use crate::transfers::{TransferBehaviour, TransferFate};

impl Draw {
    pub(super) fn network(&mut self) -> LinkConfig {
        let stalls = self.once_in(6).then(|| StallConfig {
            gap: self.within(4_000, 15_000),
            length_min: Duration::from_millis(60),
            length_max: self.within(100, 1_200),
        });
        LinkConfig { delay: self.within(0, 120), jitter_max: self.within(0, 40), stalls }
    }

    pub(super) fn providers(&mut self) -> Providers {
        let has_faults = self.once_in(2);
        let chance = |draw: &mut Self, most: u64| {
            if has_faults && draw.once_in(2) { draw.number(0, most) as u16 } else { 0 }
        };
        Providers {
            tools: self.tool_behaviours(),
            transfers: self.transfers(),
            stt: SttBehaviour {
                partial: self.spread(60, 600),
                last_words: self.spread(40, 700),
                late_permille: chance(self, 100),
                lost_permille: chance(self, 100),
                empty_permille: chance(self, 50),
                revised_permille: chance(self, 200),
                disordered_permille: chance(self, 100),
                deaf: (has_faults && self.once_in(6))
                    .then(|| (self.within(5_000, 40_000), self.within(1_000, 8_000))),
                dies_at: self.death(),
            },
            end_of_turn: EndOfTurnBehaviour {
                delay: self.once_in(2).then(|| self.within(20, 250)),
                permille: self.one_of(&[0, 300, 700, 950]),
            },
            llm: LlmBehaviour {
                first_token: self.spread(60, 900),
                token: self.spread(5, 60),
                faults: [
                    (LlmFault::Slow, chance(self, 100)),
                    (LlmFault::Failed, chance(self, 6)),
                    (LlmFault::Silent, chance(self, 30)),
                    (LlmFault::Stalled, chance(self, 30)),
                    (LlmFault::Empty, chance(self, 50)),
                ]
                .into(),
                dies_at: self.death(),
            },
            tts: TtsBehaviour {
                first_audio: self.spread(40, 300),
                faults: [
                    (TtsFault::Slow, chance(self, 100)),
                    (TtsFault::Failed, chance(self, 4)),
                    (TtsFault::Stalled, chance(self, 30)),
                    (TtsFault::Empty, chance(self, 30)),
                ]
                .into(),
                dies_at: self.death(),
            },
        }
    }

    /// A provider dies for good in few calls.
    fn death(&mut self) -> Option<Duration> {
        self.once_in(80).then(|| self.within(0, 60_000))
    }

    fn tool_behaviours(&mut self) -> ToolBehaviours {
        let of = ["look", "book", "greet"].map(|name| {
            let result = match self.number(0, 6) {
                0 => ToolResult::Never,
                1 | 2 => ToolResult::Fails("it is down".to_owned()),
                3 | 4 => ToolResult::Returns(json!({ "open": true, "tables": [2, 4] })),
                _ => ToolResult::Arguments,
            };
            (name.to_owned(), ToolBehaviour { delay: self.within(0, 6_000), result })
        });
        ToolBehaviours { delay: self.within(0, 3_000), of: of.into() }
    }

    fn transfers(&mut self) -> TransferBehaviour {
        TransferBehaviour {
            fate: self.one_of(&[
                TransferFate::Answered,
                TransferFate::Answered,
                TransferFate::Answered,
                TransferFate::Refused,
                TransferFate::Busy,
                TransferFate::NoAnswer,
                TransferFate::Failed,
                TransferFate::Forbidden,
                TransferFate::Silent,
                TransferFate::AnsweredThenSilent,
            ]),
            delay: self.within(100, 8_000),
            takes_stream: self.once_in(3),
        }
    }
}

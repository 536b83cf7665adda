//! The providers of a scenario, as text.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::providers::{
    EndOfTurnBehaviour, Faults, LlmBehaviour, LlmFault, Providers, Spread, SttBehaviour,
    TtsBehaviour, TtsFault,
};
use crate::tool_runner::{ToolBehaviour, ToolBehaviours, ToolResult};
use crate::transfers::{TransferBehaviour, TransferFate};

/// The providers of a scenario. Times are milliseconds: one number, or `[least, most]`. Chances are
/// permille.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderFile {
    /// From the end of a word to its partial transcript. Default 150.
    pub stt_partial_ms: Option<Millis>,
    /// From being told to finish to the final words. Default 100.
    pub stt_final_ms: Option<Millis>,
    /// Finals that come 1.5 s later.
    pub stt_late_permille: u16,
    /// Finals that never come.
    pub stt_lost_permille: u16,
    /// Finals that come empty.
    pub stt_empty_permille: u16,
    /// Words that are misunderstood first.
    pub stt_revised_permille: u16,
    /// Partials that come once more behind their final.
    pub stt_disordered_permille: u16,
    /// `[from, for]`: the recogniser hears nothing then, and says nothing of it.
    pub stt_deaf_ms: Option<[u64; 2]>,
    /// The recogniser is dead from then on.
    pub stt_dies_at_ms: Option<u64>,
    /// How long the end-of-turn model takes. Default none: there is no such model.
    pub end_of_turn_ms: Option<u64>,
    /// What it always thinks. Default 500.
    pub end_of_turn_permille: Option<u16>,
    /// To the model's first token. Default 100.
    pub llm_first_token_ms: Option<Millis>,
    /// Between tokens. Default 20.
    pub llm_token_ms: Option<Millis>,
    /// First tokens that come 2.5 s later.
    pub llm_slow_permille: u16,
    /// Answers that fail at once.
    pub llm_failed_permille: u16,
    /// Answers of which nothing ever comes.
    pub llm_silent_permille: u16,
    /// Answers that stop half way.
    pub llm_stalled_permille: u16,
    /// Answers without a word.
    pub llm_empty_permille: u16,
    /// Every answer fails from then on.
    pub llm_dies_at_ms: Option<u64>,
    /// How long a tool takes. Default 0.
    pub tool_ms: u64,
    /// Tools of which something else is said, by name.
    pub tools: BTreeMap<String, ToolFile>,
    /// What becomes of transfers: `answered` (the default), `refused`, `busy`, `no_answer`,
    /// `failed`, `forbidden` (the API says no), `silent`, `answered_then_silent`.
    pub transfer: TransferFate,
    /// From asking for a transfer to what becomes of it. Default 3,000.
    pub transfer_ms: Option<u64>,
    /// A cold transfer takes the caller's stream away when it begins. Default false.
    pub transfer_takes_stream: bool,
    /// To a clause's first audio. Default 80.
    pub tts_first_audio_ms: Option<Millis>,
    /// Clauses that come 1.5 s later.
    pub tts_slow_permille: u16,
    /// Clauses that fail at once.
    pub tts_failed_permille: u16,
    /// Clauses that stop half way.
    pub tts_stalled_permille: u16,
    /// Clauses without a sound.
    pub tts_empty_permille: u16,
    /// Every clause fails from then on.
    pub tts_dies_at_ms: Option<u64>,
}

/// A tool. Without anything else said it returns its arguments.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ToolFile {
    /// How long it takes. Default: what `tool_ms` says.
    pub ms: Option<u64>,
    /// What it returns.
    pub returns: Option<Value>,
    /// Why it fails.
    pub fails: Option<String>,
    /// It never comes back, not even when its time is over.
    pub never_returns: bool,
}

/// Milliseconds: always the same, or between two bounds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum Millis {
    /// Always the same.
    Fixed(u64),
    /// Between both.
    Between([u64; 2]),
}

impl ProviderFile {
    /// The providers.
    pub fn providers(&self) -> Providers {
        let usual = Providers::default();
        let spread = |given: Option<Millis>, usual| given.map_or(usual, Spread::from);
        Providers {
            tools: self.tools(),
            transfers: self.transfers(),
            stt: SttBehaviour {
                partial: spread(self.stt_partial_ms, usual.stt.partial),
                last_words: spread(self.stt_final_ms, usual.stt.last_words),
                late_permille: self.stt_late_permille,
                lost_permille: self.stt_lost_permille,
                empty_permille: self.stt_empty_permille,
                revised_permille: self.stt_revised_permille,
                disordered_permille: self.stt_disordered_permille,
                deaf: self
                    .stt_deaf_ms
                    .map(|[from, span]| (Duration::from_millis(from), Duration::from_millis(span))),
                dies_at: self.stt_dies_at_ms.map(Duration::from_millis),
            },
            end_of_turn: EndOfTurnBehaviour {
                delay: self.end_of_turn_ms.map(Duration::from_millis),
                permille: self.end_of_turn_permille.unwrap_or(usual.end_of_turn.permille),
            },
            llm: LlmBehaviour {
                first_token: spread(self.llm_first_token_ms, usual.llm.first_token),
                token: spread(self.llm_token_ms, usual.llm.token),
                faults: happening([
                    (LlmFault::Slow, self.llm_slow_permille),
                    (LlmFault::Failed, self.llm_failed_permille),
                    (LlmFault::Silent, self.llm_silent_permille),
                    (LlmFault::Stalled, self.llm_stalled_permille),
                    (LlmFault::Empty, self.llm_empty_permille),
                ]),
                dies_at: self.llm_dies_at_ms.map(Duration::from_millis),
            },
            tts: TtsBehaviour {
                first_audio: spread(self.tts_first_audio_ms, usual.tts.first_audio),
                faults: happening([
                    (TtsFault::Slow, self.tts_slow_permille),
                    (TtsFault::Failed, self.tts_failed_permille),
                    (TtsFault::Stalled, self.tts_stalled_permille),
                    (TtsFault::Empty, self.tts_empty_permille),
                ]),
                dies_at: self.tts_dies_at_ms.map(Duration::from_millis),
            },
        }
    }

    fn tools(&self) -> ToolBehaviours {
        let delay = Duration::from_millis(self.tool_ms);
        let of = self.tools.iter().map(|(name, tool)| (name.clone(), tool.behaviour(delay)));
        ToolBehaviours { delay, of: of.collect() }
    }

    fn transfers(&self) -> TransferBehaviour {
        let usual = TransferBehaviour::default();
        TransferBehaviour {
            fate: self.transfer,
            delay: self.transfer_ms.map_or(usual.delay, Duration::from_millis),
            takes_stream: self.transfer_takes_stream,
        }
    }
}

impl ToolFile {
    fn behaviour(&self, usual: Duration) -> ToolBehaviour {
        let result = if self.never_returns {
            ToolResult::Never
        } else if let Some(reason) = &self.fails {
            ToolResult::Fails(reason.clone())
        } else {
            self.returns.clone().map_or(ToolResult::Arguments, ToolResult::Returns)
        };
        ToolBehaviour { delay: self.ms.map_or(usual, Duration::from_millis), result }
    }
}

impl From<Millis> for Spread {
    fn from(millis: Millis) -> Self {
        match millis {
            Millis::Fixed(millis) => Self::millis(millis),
            Millis::Between([min, max]) => Self {
                min: Duration::from_millis(min.min(max)),
                max: Duration::from_millis(max.max(min)),
            },
        }
    }
}

fn happening<F, const N: usize>(faults: [(F, u16); N]) -> Faults<F> {
    faults.into_iter().filter(|(_, permille)| *permille > 0).collect()
}

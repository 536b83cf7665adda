//! How long the providers around a session take, and how they fail.

use std::time::Duration;

use offhook_types::{FailureKind, ProviderFailure, ProviderStage};

use crate::tool_runner::ToolBehaviours;
use crate::transfers::TransferBehaviour;

/// The providers around a session. Without anything else said they take what load tests of this
/// field use, and never fail.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    /// The recogniser.
    pub stt: SttBehaviour,
    /// The end-of-turn model.
    pub end_of_turn: EndOfTurnBehaviour,
    /// The language model.
    pub llm: LlmBehaviour,
    /// The voice.
    pub tts: TtsBehaviour,
    /// Tools.
    pub tools: ToolBehaviours,
    /// Transfers.
    pub transfers: TransferBehaviour,
}

/// A time that differs from case to case, each value between both as likely as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The least.
    pub min: Duration,
    /// The most.
    pub max: Duration,
}

/// How a recogniser behaves.
#[derive(Clone, Debug)]
pub struct SttBehaviour {
    /// From the end of a word to the partial transcript that holds it. Default 150 ms.
    pub partial: Spread,
    /// From being told to finish to the final words. Default 100 ms.
    pub last_words: Spread,
    /// Finals that come 1.5 s later, in permille.
    pub late_permille: u16,
    /// Finals that never come, in permille: the words stay partial.
    pub lost_permille: u16,
    /// Finals that come empty, in permille: the words are gone.
    pub empty_permille: u16,
    /// Words that are first understood wrongly and corrected later, in permille.
    pub revised_permille: u16,
    /// Partials that come once more behind their final, in permille.
    pub disordered_permille: u16,
    /// From when on, and for how long, the connection is half-open: nothing is recognised, and what
    /// was said meanwhile is lost.
    pub deaf: Option<(Duration, Duration)>,
    /// When it dies: nothing comes of it from then on.
    pub dies_at: Option<Duration>,
}

/// How an end-of-turn model behaves.
#[derive(Clone, Copy, Debug)]
pub struct EndOfTurnBehaviour {
    /// How long it takes; `None`, the default, is no model.
    pub delay: Option<Duration>,
    /// What it always thinks, in permille. Default 500.
    pub permille: u16,
}

/// How a language model behaves.
#[derive(Clone, Debug)]
pub struct LlmBehaviour {
    /// To its first token. Default 100 ms.
    pub first_token: Spread,
    /// Between tokens. Default 20 ms: 50 a second.
    pub token: Spread,
    /// Answers in a thousand of each fault.
    pub faults: Faults<LlmFault>,
    /// When it dies: every answer fails from then on.
    pub dies_at: Option<Duration>,
}

/// How a voice behaves.
#[derive(Clone, Debug)]
pub struct TtsBehaviour {
    /// To a clause's first audio. Default 80 ms.
    pub first_audio: Spread,
    /// Clauses in a thousand of each fault.
    pub faults: Faults<TtsFault>,
    /// When it dies: every clause fails from then on.
    pub dies_at: Option<Duration>,
}

/// Faults and how many in a thousand cases have each.
pub type Faults<F> = Vec<(F, u16)>;

/// What goes wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LlmFault {
    /// Its first token comes 2.5 s later.
    Slow,
    /// It fails at once.
    Failed,
    /// Nothing ever comes.
    Silent,
    /// Half of it comes, and no end.
    Stalled,
    /// It ends without a word.
    Empty,
}

/// What goes wrong with a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TtsFault {
    /// Its audio comes 1.5 s later.
    Slow,
    /// It fails at once.
    Failed,
    /// Half of it comes, and no end.
    Stalled,
    /// It ends without a sound.
    Empty,
}

impl Spread {
    /// Always the same.
    pub const fn fixed(duration: Duration) -> Self {
        Self { min: duration, max: duration }
    }

    /// Always the same, in milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self::fixed(Duration::from_millis(millis))
    }

    pub(crate) fn draw(self, random: &mut fastrand::Rng) -> Duration {
        let span = u64::try_from(self.max.saturating_sub(self.min).as_micros()).unwrap_or(u64::MAX);
        self.min + Duration::from_micros(random.u64(0..=span))
    }
}

impl LlmBehaviour {
    pub(crate) fn fault(&self, random: &mut fastrand::Rng) -> Option<LlmFault> {
        draw_fault(&self.faults, random)
    }
}

impl TtsBehaviour {
    pub(crate) fn fault(&self, random: &mut fastrand::Rng) -> Option<TtsFault> {
        draw_fault(&self.faults, random)
    }
}

impl Default for SttBehaviour {
    fn default() -> Self {
        Self {
            partial: Spread::millis(150),
            last_words: Spread::millis(100),
            late_permille: 0,
            lost_permille: 0,
            empty_permille: 0,
            revised_permille: 0,
            disordered_permille: 0,
            deaf: None,
            dies_at: None,
        }
    }
}

impl Default for EndOfTurnBehaviour {
    fn default() -> Self {
        Self { delay: None, permille: 500 }
    }
}

impl Default for LlmBehaviour {
    fn default() -> Self {
        Self {
            first_token: Spread::millis(100),
            token: Spread::millis(20),
            faults: Vec::new(),
            dies_at: None,
        }
    }
}

impl Default for TtsBehaviour {
    fn default() -> Self {
        Self { first_audio: Spread::millis(80), faults: Vec::new(), dies_at: None }
    }
}

/// What a stand-in says when it fails.
pub(crate) fn failure(provider: &str) -> ProviderFailure {
    ProviderFailure {
        provider: provider.to_owned(),
        stage: ProviderStage::FirstByte,
        kind: FailureKind::Unavailable,
        status: Some(503),
        message: "a fault that the world draws".to_owned(),
    }
}

fn draw_fault<F: Copy>(faults: &Faults<F>, random: &mut fastrand::Rng) -> Option<F> {
    // Nothing is drawn where nothing can fail, so that a world without faults stays as it is when
    // faults are added to others.
    if faults.is_empty() {
        return None;
    }
    let mut left = random.u16(0..1_000);
    for (fault, permille) in faults {
        if left < *permille {
            return Some(*fault);
        }
        left -= permille;
    }
    None
}

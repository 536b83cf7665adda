//! Who finds the words: a language model, or the customer's own service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who answers the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BrainMode {
    /// The language model.
    #[default]
    Llm,
    /// The customer's own service, asked once per turn.
    TurnWebhook,
}

/// Who answers the caller, and how the customer's own service is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Brain {
    /// Who answers. Default the language model.
    pub mode: BrainMode,
    /// The customer's own service. Default null: that of the account.
    pub webhook: Option<TurnWebhook>,
}

/// A service that is asked once per turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["url"]))]
pub struct TurnWebhook {
    /// Where it is asked.
    pub url: String,
    /// How long until its answer begins, in ms. Default 30,000. More leaves the caller in silence.
    #[schemars(range(min = 1_000, max = 120_000))]
    pub timeout_ms: u32,
    /// Entries of the conversation that it is told. Default 10.
    #[schemars(range(max = 50))]
    pub context_count_max: u8,
}

/// What the model favours, where no model is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LlmTier {
    /// Quick answers.
    Fast,
    /// Between the two.
    #[default]
    Balanced,
    /// The best answers.
    Best,
}

/// How a model takes part in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LlmKind {
    /// It reads and writes text.
    #[default]
    Text,
    /// It hears and speaks itself.
    Speech,
}

/// The language model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Llm {
    /// How it takes part. Default text.
    pub kind: LlmKind,
    /// A provider's name. Default null: the runtime's own choice.
    pub provider: Option<String>,
    /// The model, as the provider names it. Default null: the one that fits the tier.
    pub model: Option<String>,
    /// Which host a provider of many hosts uses. Default null: its own choice.
    pub route: Option<String>,
    /// What it favours, where no model is named. Default balanced.
    pub tier: LlmTier,
    /// Base URL of an OpenAI-compatible service. Default null: the provider's.
    pub base_url: Option<String>,
    /// The service's key as `${NAME}`, a key of the operator; never the key itself. Default null:
    /// the provider's.
    #[schemars(extend("pattern" = KEY_REFERENCE))]
    pub api_key: Option<String>,
    /// The voice of a model that speaks itself. Default null.
    pub voice: Option<String>,
    /// Randomness, 0 to 2. Default null: the provider's. More than 1 rambles.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub temperature: Option<f64>,
    /// Tokens of one answer at most. Default null: the provider's. Less than 100 cuts sentences.
    #[schemars(range(min = 1, max = 100_000))]
    pub token_count_max: Option<u32>,
    /// Models that take over, in order, when this one fails. Default none.
    pub fallbacks: Vec<FallbackLlm>,
}

/// A model that takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FallbackLlm {
    /// A provider's name. Default null: that of the first model.
    pub provider: Option<String>,
    /// The model. Default null: the one that fits the tier.
    pub model: Option<String>,
    /// Base URL of an OpenAI-compatible service. Default null.
    pub base_url: Option<String>,
    /// The service's key as `${NAME}`. Default null.
    #[schemars(extend("pattern" = KEY_REFERENCE))]
    pub api_key: Option<String>,
}

impl Default for TurnWebhook {
    fn default() -> Self {
        Self { url: String::new(), timeout_ms: 30_000, context_count_max: 10 }
    }
}

/// A key is named, never written down.
const KEY_REFERENCE: &str = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$";

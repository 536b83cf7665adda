//! What the stand-ins of a call say, and how long they take.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use offhook_sim::{AgentFile, ProviderFile, StandIns, TimedWord};
use serde::Deserialize;

/// The script of every call, as it is in its file: agent and providers as in a scenario of
/// `offhook sim`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StandInScript {
    /// The agent, and what its model answers.
    pub(super) agent: AgentFile,
    /// How long each of the stand-ins takes, and how they fail.
    providers: ProviderFile,
    /// What the caller says, in order.
    words: Vec<ScriptedWord>,
}

/// A word of the caller.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedWord {
    text: String,
    /// When it begins, in ms since the stream began.
    start_ms: u64,
    /// When it ends.
    end_ms: u64,
}

impl StandInScript {
    /// Reads a script.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        let script: Self = toml::from_str(&text).with_context(|| format!("script {shown}"))?;
        let mut said_until = 0;
        for word in &script.words {
            if word.start_ms < said_until || word.end_ms <= word.start_ms {
                bail!(
                    "script {shown}: words must come one after another, {:?} does not",
                    word.text
                );
            }
            said_until = word.end_ms;
        }
        Ok(script)
    }

    /// The stand-ins of a call, and the words of its caller.
    pub(super) fn stand_ins(&self) -> (StandIns, Vec<TimedWord>) {
        let audio = self.agent.session(SEED).audio;
        let stand_ins = StandIns::new(
            self.providers.providers(),
            &self.agent.answers,
            audio.recogniser_rate,
            audio.voice_rate,
            SEED,
        );
        (stand_ins, self.words.iter().map(ScriptedWord::timed).collect())
    }
}

impl ScriptedWord {
    fn timed(&self) -> TimedWord {
        TimedWord {
            text: self.text.clone(),
            start: Duration::from_millis(self.start_ms),
            end: Duration::from_millis(self.end_ms),
        }
    }
}

/// What is left to chance is the same in every call.
pub(super) const SEED: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_and_a_wrong_one_is_refused_with_the_place() {
        let path = std::env::temp_dir().join(format!("offhook-script-{}.toml", std::process::id()));
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            StandInScript::read(&path)
        };
        let script = read(
            "[agent]\nopening = \"Hi.\"\nanswers = [\"Yes.\"]\n[providers]\n\
             llm_first_token_ms = 400\n[[words]]\ntext = \"when\"\n\
             start_ms = 3000\nend_ms = 3250\n",
        );
        let script = script.unwrap();
        assert_eq!(script.agent.opening.as_ref().map(|opening| opening.text.as_str()), Some("Hi."));
        let providers = script.providers.providers();
        assert_eq!(providers.llm.first_token.min, Duration::from_millis(400));
        assert_eq!(script.stand_ins().1[0].end, Duration::from_millis(3_250));

        let wrong = format!("{:#}", read("greeting = \"Hi.\"\n").unwrap_err());
        assert!(wrong.contains("greeting"), "{wrong}");
        let backwards = "words = [{ text = \"a\", start_ms = 9, end_ms = 5 }]\n";
        assert!(format!("{:#}", read(backwards).unwrap_err()).contains("\"a\""));
        std::fs::remove_file(&path).unwrap();
    }
}

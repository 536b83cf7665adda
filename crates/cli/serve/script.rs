//! What the stand-ins of a call say, and how long they take.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use offhook_session::AudioSettings;
use offhook_sim::{
    LlmBehaviour, Providers, Spread, StandIns, SttBehaviour, TimedWord, TtsBehaviour,
};
use serde::Deserialize;

/// The script of every call, as it is in its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StandInScript {
    /// What the agent says first.
    pub(super) opening: Option<String>,
    /// What the model answers, turn by turn; "I see." behind the last.
    answers: Vec<String>,
    /// What the caller says, in order.
    words: Vec<ScriptedWord>,
    delays: Delays,
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

/// How long each of the stand-ins takes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Delays {
    /// From the end of a word to the partial transcript that holds it.
    stt_partial_ms: u64,
    /// From being told to finish to the final words.
    stt_last_words_ms: u64,
    /// To the model's first token.
    llm_first_token_ms: u64,
    /// Between tokens.
    llm_token_gap_ms: u64,
    /// To a clause's first audio.
    tts_first_audio_ms: u64,
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
        let audio = AudioSettings::default();
        let stand_ins = StandIns::new(
            self.delays.providers(),
            &self.answers,
            audio.recogniser_rate,
            audio.voice_rate,
            1,
        );
        (stand_ins, self.words.iter().map(ScriptedWord::timed).collect())
    }
}

impl Default for StandInScript {
    fn default() -> Self {
        Self {
            opening: Some("Hello, this is Offhook. How can I help you?".to_owned()),
            answers: Vec::new(),
            words: Vec::new(),
            delays: Delays::default(),
        }
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

impl Delays {
    fn providers(self) -> Providers {
        Providers {
            stt: SttBehaviour {
                partial: Spread::millis(self.stt_partial_ms),
                last_words: Spread::millis(self.stt_last_words_ms),
                ..SttBehaviour::default()
            },
            llm: LlmBehaviour {
                first_token: Spread::millis(self.llm_first_token_ms),
                token: Spread::millis(self.llm_token_gap_ms),
                ..LlmBehaviour::default()
            },
            tts: TtsBehaviour {
                first_audio: Spread::millis(self.tts_first_audio_ms),
                ..TtsBehaviour::default()
            },
            ..Providers::default()
        }
    }
}

impl Default for Delays {
    /// What load tests of this field use.
    fn default() -> Self {
        Self {
            stt_partial_ms: 150,
            stt_last_words_ms: 100,
            llm_first_token_ms: 100,
            llm_token_gap_ms: 20,
            tts_first_audio_ms: 80,
        }
    }
}

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
            "opening = \"Hi.\"\nanswers = [\"Yes.\"]\n[delays]\nllm_first_token_ms = 400\n\
             [[words]]\ntext = \"when\"\nstart_ms = 3000\nend_ms = 3250\n",
        );
        let script = script.unwrap();
        assert_eq!(script.opening.as_deref(), Some("Hi."));
        assert_eq!((script.delays.llm_first_token_ms, script.delays.stt_partial_ms), (400, 150));
        assert_eq!(script.stand_ins().1[0].end, Duration::from_millis(3_250));

        let wrong = format!("{:#}", read("greeting = \"Hi.\"\n").unwrap_err());
        assert!(wrong.contains("greeting"), "{wrong}");
        let backwards = "words = [{ text = \"a\", start_ms = 9, end_ms = 5 }]\n";
        assert!(format!("{:#}", read(backwards).unwrap_err()).contains("\"a\""));
        std::fs::remove_file(&path).unwrap();
    }
}

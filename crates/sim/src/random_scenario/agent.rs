//! An agent: how it takes turns, how it opens, and what it hears with.

use offhook_audio::{DenoiseMode, VadKind};
use offhook_session::{
    AudioSettings, OpeningMode, OpeningSettings, Patience, SessionConfig, TurnSettings,
};
use offhook_types::agent::Speech;

use super::draw::Draw;

impl Draw {
    pub(super) fn agent(&mut self, seed: u64) -> SessionConfig {
        SessionConfig {
            prompt: "You are a restaurant.".to_owned(),
            opening: self.opening(),
            call: self.rules(),
            turns: self.turns(),
            speech: Speech::default(),
            audio: AudioSettings {
                vad: self.one_of(&[VadKind::WebRtc, VadKind::WebRtc, VadKind::Neural]),
                denoise: if self.once_in(8) { DenoiseMode::Noise } else { DenoiseMode::Off },
                ..AudioSettings::default()
            },
            missing_variables: Vec::new(),
            seed,
        }
    }

    fn opening(&mut self) -> Option<OpeningSettings> {
        let mode = self.one_of(&[
            None,
            Some(OpeningMode::Static),
            Some(OpeningMode::Static),
            Some(OpeningMode::Generated),
            Some(OpeningMode::Wait),
        ])?;
        Some(OpeningSettings {
            mode,
            text: self
                .one_of(&[
                    "Hello, this is the Blue Door. How can I help?",
                    "This call is recorded. Hello, this is the Blue Door.",
                ])
                .to_owned(),
            delay_ms: self.one_of(&[0, 400, 1_500]),
            wait_timeout_ms: self.one_of(&[None, Some(3_000), Some(6_000)]),
            is_interruptible: !self.once_in(4),
        })
    }

    fn turns(&mut self) -> TurnSettings {
        TurnSettings {
            patience: self.one_of(&[Patience::Low, Patience::Medium, Patience::High]),
            interruption_sensitivity_permille: self.one_of(&[0, 200, 500, 800, 800, 1_000]),
            min_words: self.one_of(&[0, 0, 0, 1, 3]),
            fade_out_ms: self.one_of(&[0, 60, 200]),
            speculates: !self.once_in(3),
            ..TurnSettings::default()
        }
    }
}

//! Calls drawn by seed: any caller on any line with any agent, whose providers have bad days.

use std::time::Duration;

use offhook_audio::{DenoiseMode, VadKind};
use offhook_emulator::{LinkConfig, StallConfig};
use offhook_session::{
    AudioSettings, CallSettings, OpeningSettings, Patience, SessionConfig, TurnSettings,
};
use offhook_telephony::Carrier;
use offhook_types::DtmfDigit;

use crate::agenda::{Agenda, When};
use crate::background::background;
use crate::caller::Caller;
use crate::deed::{Deed, Sound};
use crate::exchange::Exchange;
use crate::providers::{
    EndOfTurnBehaviour, LlmBehaviour, LlmFault, Providers, Spread, SttBehaviour, TtsBehaviour,
    TtsFault,
};
use crate::sounds::wordless;
use crate::speakers::{Speakers, SpeakersError};
use crate::step::say;
use crate::tool_runner::ToolBehaviours;
use crate::transfers::TransferBehaviour;
use crate::world::Scenario;

/// A call of about a minute.
///
/// # Errors
/// If a voice is missing.
pub fn random_scenario(seed: u64, speakers: &mut dyn Speakers) -> Result<Scenario, SpeakersError> {
    // Neighbouring seeds must not begin alike.
    let mut draw = Draw(fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    let network = draw.network();
    let agent = draw.agent(seed);
    let answers = (0..40).map(|_| draw.one_of(&ANSWERS).to_owned()).collect();
    let providers = draw.providers();
    Ok(Scenario {
        carrier: draw.one_of(&Carrier::ALL),
        agent,
        caller: draw.caller(seed, speakers)?,
        answers,
        providers,
        network: (network, network),
        exchange: Exchange::default(),
        operator: Agenda::default(),
        seed,
        media_trace_by: None,
    })
}

/// Seeded choices.
struct Draw(fastrand::Rng);

impl Draw {
    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.usize(0..choices.len())]
    }

    fn within(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.0.u64(from..=to))
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u32) -> bool {
        self.0.u32(0..times) == 0
    }

    fn agent(&mut self, seed: u64) -> SessionConfig {
        let opening = self.one_of(&[None, Some("Hello, this is the Blue Door. How can I help?")]);
        SessionConfig {
            prompt: "You are a restaurant.".to_owned(),
            opening: opening.map(OpeningSettings::from),
            call: CallSettings::default(),
            turns: TurnSettings {
                patience: self.one_of(&[Patience::Low, Patience::Medium, Patience::High]),
                interruption_sensitivity_permille: self.one_of(&[0, 200, 500, 800, 800, 1_000]),
                min_words: self.one_of(&[0, 0, 0, 1, 3]),
                fade_out_ms: self.one_of(&[0, 60, 200]),
                speculates: self.one_of(&[true, true, false]),
                ..TurnSettings::default()
            },
            audio: AudioSettings {
                vad: self.one_of(&[VadKind::WebRtc, VadKind::Neural]),
                denoise: self.one_of(&[
                    DenoiseMode::Off,
                    DenoiseMode::Off,
                    DenoiseMode::Off,
                    DenoiseMode::Off,
                    DenoiseMode::Noise,
                ]),
                ..AudioSettings::default()
            },
            seed,
        }
    }

    fn network(&mut self) -> LinkConfig {
        let stalls = self.once_in(6).then(|| StallConfig {
            gap: self.within(4_000, 15_000),
            length_min: Duration::from_millis(60),
            length_max: self.within(100, 1_200),
        });
        LinkConfig { delay: self.within(0, 120), jitter_max: self.within(0, 40), stalls }
    }

    fn providers(&mut self) -> Providers {
        let has_faults = self.once_in(2);
        let chance = |draw: &mut Self, most: u16| {
            if has_faults && draw.once_in(2) { draw.0.u16(0..=most) } else { 0 }
        };
        Providers {
            tools: ToolBehaviours { delay: self.within(0, 3_000), ..ToolBehaviours::default() },
            transfers: TransferBehaviour::default(),
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
                dies_at: None,
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
                    (LlmFault::Failed, chance(self, 50)),
                    (LlmFault::Silent, chance(self, 30)),
                    (LlmFault::Stalled, chance(self, 30)),
                    (LlmFault::Empty, chance(self, 50)),
                ]
                .into(),
                dies_at: None,
            },
            tts: TtsBehaviour {
                first_audio: self.spread(40, 300),
                faults: [
                    (TtsFault::Slow, chance(self, 100)),
                    (TtsFault::Failed, chance(self, 50)),
                    (TtsFault::Stalled, chance(self, 30)),
                    (TtsFault::Empty, chance(self, 30)),
                ]
                .into(),
                dies_at: None,
            },
        }
    }

    fn spread(&mut self, from: u64, to: u64) -> Spread {
        let (one, other) = (self.within(from, to), self.within(from, to));
        Spread { min: one.min(other), max: one.max(other) }
    }

    fn caller(&mut self, seed: u64, speakers: &mut dyn Speakers) -> Result<Caller, SpeakersError> {
        let voice = self.one_of(&VOICES);
        let mut caller = Caller::default();
        let mut spoken = Duration::ZERO;
        let mut when = When::At(self.within(800, 3_000));
        while spoken < SPOKEN_MIN {
            let what = self.deed(voice, speakers)?;
            spoken += match &what {
                Deed::Sounds(sound) => crate::caller::time_of(sound.audio.len()) + REACTION,
                Deed::Waits(span) => *span,
                Deed::Presses(_) | Deed::HangsUp => Duration::ZERO,
            };
            caller = caller.then(when, what);
            when = self.when();
        }
        if self.once_in(4) {
            caller = caller.hanging_up_at(self.within(0, 70_000));
        }
        if self.once_in(3) {
            caller = caller.with_echo(self.within(60, 400), self.0.f32() * 18.0 + 12.0);
        }
        if self.once_in(2) {
            let sound = self.one_of(&["hiss", "hum", "babble", "music"]);
            let below = self.0.f32() * 15.0 + 15.0;
            caller = caller.with_background(background(sound, below, seed, speakers)?);
        }
        Ok(caller)
    }

    fn when(&mut self) -> When {
        match self.0.u32(0..10) {
            0..=3 => When::After(self.within(300, 6_000)),
            4..=6 => When::AgentBegins(self.within(100, 3_000)),
            _ => When::AgentStops(self.within(400, 1_500)),
        }
    }

    fn deed(&mut self, voice: &str, speakers: &mut dyn Speakers) -> Result<Deed, SpeakersError> {
        let text = match self.0.u32(0..12) {
            0 => {
                let name = self.one_of(&["cough", "coughs", "throat", "door"]);
                return Ok(Deed::Sounds(Sound::wordless(name, wordless(name, speakers)?)));
            }
            1 => {
                let key = DtmfDigit::all().nth(self.0.usize(0..12)).expect("16 keys");
                return Ok(Deed::Presses(key));
            }
            2 => return Ok(Deed::Waits(self.within(500, 8_000))),
            3 | 4 => self.one_of(&["uh-huh.", "Okay.", "I see.", "Yeah, sure."]),
            5 => self.one_of(&["Wait!", "Stop.", "Hold on a second."]),
            6 => "My number is four one five (1200) five five five (900) one two one two.",
            _ => self.one_of(&LINES),
        };
        say(voice, text, speakers).map(Deed::Sounds)
    }
}

const VOICES: [&str; 3] = ["slt", "rms", "awb"];
/// Enough that the median call is longer than 45 s.
const SPOKEN_MIN: Duration = Duration::from_secs(45);
/// Between two sounds, on the average.
const REACTION: Duration = Duration::from_secs(2);
const LINES: [&str; 10] = [
    "What time do you open tomorrow?",
    "I need a table for (400) two people and (800) a highchair.",
    "Do you have, um, (600) anything on Sunday?",
    "Tell me (1500) about your prices.",
    "No, that is not what I meant.",
    "And what about the evening?",
    "Could you say that again please?",
    "My name is Miller, and I called you yesterday about a table by the window.",
    "Yes.",
    "I am not sure (300) whether my wife will come, so it may be three or four of us.",
];
const ANSWERS: [&str; 6] = [
    "Yes.",
    "Of course, we are open from nine to five. Shall I book a table for you?",
    "We have a table at six, and another at eight. Both are by the window. Which one would you \
     like? I can also put you on the list for seven.",
    "One moment.",
    "I am sorry, we are closed on Sundays. Would Saturday suit you?",
    "Let me read that back to you. A table for two on Friday at seven, by the window, under the \
     name of Miller. You can cancel until noon. Is that right?",
];

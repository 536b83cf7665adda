//! A session's configuration, made of an agent's document and of what is known of the call.
//!
//! Everything that is said is a text with places for variables; they are filled here, once.

use std::sync::Arc;

use offhook_audio::{AmbienceConfig, BedKind, BedLibrary};
use offhook_conversation::{CallSettings, ToolSettings, TransferSettings, TurnSettings};
use offhook_text::prompt::{CallFacts, Values, build};
use offhook_types::agent::{
    AgentDocument, AmbienceSound, Closing, ClosingMode, Interrupt, OpeningMode, Tool, ToolSound,
    Transfer, Turn,
};
use offhook_types::{Party, SampleRate, ToolDefinition};
use serde_json::{Map, Value};

use crate::config::{AudioSettings, SessionConfig};

/// Loops of sound for calls, each made once: at the rate that lines have.
#[derive(Debug)]
pub struct Sounds {
    beds: BedLibrary,
    rate: SampleRate,
}

impl Sounds {
    /// None yet, for lines of this rate.
    pub const fn new(rate: SampleRate) -> Self {
        Self { beds: BedLibrary::new(), rate }
    }

    fn samples(&mut self, kind: BedKind) -> Arc<[i16]> {
        self.beds.bed(kind, self.rate).samples().into()
    }
}

impl SessionConfig {
    /// The agent of a document in one call.
    ///
    /// Whatever has no value is left empty and named in
    /// [`missing_variables`](Self::missing_variables). What providers need of the document, its
    /// voice, recogniser and model, is not part of a session.
    #[must_use]
    pub fn of_document(
        document: &AgentDocument,
        facts: &CallFacts,
        seed: u64,
        sounds: &mut Sounds,
    ) -> Self {
        let prompt = build(document, facts);
        let mut texts = Texts { values: Values::new(document, facts), missing: prompt.missing };
        let mut opening = document.opening.clone();
        opening.text = texts.fill(&opening.text);
        let is_silent = opening.mode == OpeningMode::Static && opening.text.is_empty();
        let call = rules(document, &prompt.tools, &mut texts);
        Self {
            prompt: prompt.system,
            opening: (!is_silent).then_some(opening),
            turns: turns(&document.turn, &document.language),
            call,
            speech: document.speech.clone(),
            audio: audio(document, sounds),
            missing_variables: texts.missing,
            seed,
        }
    }
}

/// Texts with places for variables, and the names that have no value.
struct Texts<'a> {
    values: Values<'a>,
    missing: Vec<String>,
}

impl Texts<'_> {
    fn fill(&mut self, text: &str) -> String {
        let rendered = self.values.render(text);
        for name in rendered.missing {
            if !self.missing.contains(&name) {
                self.missing.push(name);
            }
        }
        rendered.text
    }

    fn fill_some(&mut self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.fill(text)).filter(|text| !text.is_empty())
    }

    fn fill_closing(&mut self, closing: &Closing) -> Closing {
        // What the model is told of its farewell stands in the prompt.
        match closing.mode {
            ClosingMode::Static => Closing { mode: closing.mode, text: self.fill(&closing.text) },
            ClosingMode::Generated | ClosingMode::None => closing.clone(),
        }
    }

    /// Text within JSON.
    fn fill_json(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(values) => values.iter().map(|value| self.fill_json(value)).collect(),
            Value::Object(fields) => Value::Object(
                fields.iter().map(|(name, value)| (name.clone(), self.fill_json(value))).collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

fn turns(turn: &Turn, language: &str) -> TurnSettings {
    TurnSettings {
        language: language.to_owned(),
        patience: turn.patience,
        interruption_sensitivity_permille: sensitivity_permille(&turn.interrupt),
        min_words: turn.interrupt.min_words,
        fade_out_ms: turn.fade_out_ms,
        backchannel_words: turn.backchannel_words.clone(),
        interrupt_phrases: turn.interrupt_phrases.clone(),
        ignore_phrases: turn.ignore_phrases.clone(),
        enable_backchannel: turn.has_backchannel,
        speculates: turn.speculates,
        turn_ms_max: turn.turn_ms_max,
    }
}

/// Rules decide on whole numbers only.
fn sensitivity_permille(interrupt: &Interrupt) -> u16 {
    let sensitivity = interrupt.sensitivity.clamp(0.0, 1.0);
    if interrupt.is_enabled { (sensitivity * 1_000.0).round() as u16 } else { 0 }
}

fn rules(
    document: &AgentDocument,
    defined: &[ToolDefinition],
    texts: &mut Texts<'_>,
) -> CallSettings {
    let mut call = CallSettings {
        silence: document.silence.clone(),
        limits: document.limits.clone(),
        closing: texts.fill_closing(&document.closing),
        end_conditions: document.end_conditions.clone(),
        voicemail: document.voicemail.clone(),
        screening: document.screening.clone(),
        tools: document.tools.iter().map(|tool| self::tool(tool, defined, texts)).collect(),
        transfers: document.transfers.iter().map(|to| transfer(to, texts)).collect(),
        ivr: document.ivr,
        fillers: document.fillers.clone(),
        dtmf: document.dtmf,
        faults: document.faults.clone(),
    };
    let spoken = [
        &mut call.silence.reminder_text,
        &mut call.limits.max_call_text,
        &mut call.faults.text,
        &mut call.faults.drain_text,
    ];
    let spoken = spoken.into_iter().chain(&mut call.fillers.texts);
    let spoken = spoken.chain(call.voicemail.iter_mut().map(|voicemail| &mut voicemail.text));
    let screening = call.screening.iter_mut();
    for text in spoken.chain(screening.flat_map(|s| [&mut s.identity, &mut s.purpose])) {
        *text = texts.fill(text);
    }
    for condition in &mut call.end_conditions {
        condition.closing = condition.closing.as_ref().map(|closing| texts.fill_closing(closing));
    }
    call
}

fn tool(tool: &Tool, defined: &[ToolDefinition], texts: &mut Texts<'_>) -> ToolSettings {
    let known = defined.iter().find(|known| known.name == tool.name);
    let arguments: Map<String, Value> =
        tool.arguments.iter().map(|(name, value)| (name.clone(), texts.fill_json(value))).collect();
    ToolSettings {
        name: tool.name.clone(),
        description: known.map_or_else(|| tool.description.clone(), |k| k.description.clone()),
        parameters: tool.parameters.clone(),
        arguments: if arguments.is_empty() { Value::Null } else { Value::Object(arguments) },
        when: tool.when,
        timeout_ms: tool.timeout_ms,
        say_before: texts.fill_some(tool.say_before.as_ref()),
        say_while: texts.fill_some(tool.say_while.as_ref()),
        say_slow: texts.fill_some(tool.say_slow.as_ref()),
        slow_ms: tool.slow_ms,
        say_error: texts.fill_some(tool.say_error.as_ref()),
        has_sound: tool.sound != ToolSound::None,
        on_interruption: tool.on_interruption,
    }
}

fn transfer(to: &Transfer, texts: &mut Texts<'_>) -> TransferSettings {
    TransferSettings {
        label: to.label.clone(),
        target: Party::from_carrier(&texts.fill(to.target.expose())),
        condition: texts.fill(&to.condition),
        mode: to.mode,
        ring_timeout_ms: to.ring_timeout_ms,
    }
}

fn audio(document: &AgentDocument, sounds: &mut Sounds) -> AudioSettings {
    let ambience = match document.ambience.sound {
        AmbienceSound::None => None,
        AmbienceSound::Office => Some(BedKind::Office),
        AmbienceSound::Cafe => Some(BedKind::Cafe),
        AmbienceSound::Outdoor => Some(BedKind::Outdoor),
    };
    let ambience = ambience.map(|kind| {
        let bed = sounds.beds.bed(kind, sounds.rate);
        AmbienceConfig::new(bed, document.ambience.volume as f32)
    });
    // One sound of work for a call: that of the first tool that has one.
    let working = document.tools.iter().find_map(|tool| match tool.sound {
        ToolSound::None => None,
        ToolSound::Typing => Some(BedKind::Typing),
        ToolSound::Ambient => Some(BedKind::Office),
        ToolSound::Music => Some(BedKind::HoldMusic),
    });
    let is_held = document.transfers.iter().any(|to| to.has_hold_music);
    AudioSettings {
        vad: document.input.vad,
        denoise: document.input.denoise,
        guards_echo: document.input.guards_echo,
        gain: document.voice.gain as f32,
        ambience,
        working: working.map(|kind| sounds.samples(kind)),
        hold: is_held.then(|| sounds.samples(BedKind::HoldMusic)),
        ..AudioSettings::default()
    }
}

//! What the inbound chain hears in a recording.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use offhook_audio::{
    FrameOrigin, GateEdge, InboundChain, InboundFrame, InboundSettings, InboundStats,
};
use offhook_types::{CodecFormat, ToneEvent};

use super::{AudioArgs, Stage, line};
use crate::recording::Recording;

/// What came out of the inbound chain.
pub(crate) struct Heard {
    /// The chosen stage.
    pub(crate) stage: Recording,
    /// One entry per 20 ms frame.
    pub(crate) frames: Vec<FrameNote>,
    /// Things that happened, in order.
    pub(crate) events: Vec<HeardEvent>,
    stats: InboundStats,
    delay_ms: f64,
    format: CodecFormat,
}

/// What is drawn of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameNote {
    /// Speech probability, 0 to 1.
    pub(crate) speech: f64,
    /// A talk spurt is going on.
    pub(crate) is_open: bool,
    /// The carrier did not send it.
    pub(crate) is_lost: bool,
    /// Judged to be nothing but the agent's own voice.
    pub(crate) is_echo: bool,
    /// A keypad tone was cut out.
    pub(crate) is_blanked: bool,
}

/// A moment worth a label.
#[derive(Clone, Debug)]
pub(crate) struct HeardEvent {
    /// Seconds from the start of the recording.
    pub(crate) at_s: f64,
    /// What happened.
    pub(crate) what: String,
    /// It is drawn as a tone, not as speech.
    pub(crate) is_tone: bool,
}

impl Heard {
    /// Sends `voice` over a line and listens.
    pub(crate) fn listen(
        args: &AudioArgs,
        format: CodecFormat,
        voice: &Recording,
        agent: Option<&Recording>,
    ) -> Result<Self> {
        let settings = InboundSettings {
            denoise: args.denoise.into(),
            vad: args.vad.into(),
            guards_echo: agent.is_some(),
            seed: args.seed,
            ..InboundSettings::new(format)
        };
        let analysis_rate = settings.analysis_rate();
        let mut chain = InboundChain::new(&settings)?;
        let rate = match args.stage {
            Stage::Line | Stage::Sent => format.sample_rate(),
            Stage::Blanked | Stage::Guarded | Stage::Denoised => analysis_rate,
            Stage::Recogniser => settings.recogniser_rate,
        };
        let mut heard = Self {
            stage: Recording { rate, samples: Vec::new() },
            frames: Vec::new(),
            events: Vec::new(),
            stats: InboundStats::default(),
            delay_ms: chain.analysis_delay_samples() as f64 * 1_000.0
                / f64::from(analysis_rate.hz()),
            format,
        };
        let analysis_hz = f64::from(analysis_rate.hz());
        line::carry(voice, format, args.loss_percent, args.seed, |arrival, packet| {
            chain.handle_packet(
                arrival,
                packet,
                |time, far| copy_agent(agent, time.sample, far),
                |frame| heard.note(args.stage, analysis_hz, &frame),
            );
        })?;
        heard.stats = chain.stats();
        Ok(heard)
    }

    fn note(&mut self, stage: Stage, analysis_hz: f64, frame: &InboundFrame<'_>) {
        self.stage.samples.extend_from_slice(match stage {
            Stage::Line | Stage::Sent => frame.line,
            Stage::Blanked => frame.stages.blanked,
            Stage::Guarded => frame.stages.guarded,
            Stage::Denoised => frame.stages.denoised,
            Stage::Recogniser => frame.recogniser,
        });
        self.frames.push(FrameNote {
            speech: f64::from(frame.speech.in_255ths()) / 255.0,
            is_open: frame.gate.is_open,
            is_lost: frame.origin != FrameOrigin::Received,
            is_echo: frame.echo.is_echo_only,
            is_blanked: frame.dtmf.is_tone(),
        });
        let mut event = |at_s: f64, what: String, is_tone| {
            self.events.push(HeardEvent { at_s, what, is_tone });
        };
        if let Some(digit) = &frame.dtmf.started {
            event(digit.onset_sample as f64 / analysis_hz, format!("key {}", digit.digit), true);
        }
        for tone in frame.tones {
            match tone {
                ToneEvent::ToneHeard { .. } => {}
                ToneEvent::RecordTone { span } => {
                    let what =
                        format!("record tone {} Hz, {} ms", span.frequency_hz, span.duration_ms);
                    event(span.start_sample as f64 / analysis_hz, what, true);
                }
                ToneEvent::ProgressBegan { tone, span } => {
                    event(span.start_sample as f64 / analysis_hz, format!("{tone:?} tone"), true);
                }
                ToneEvent::ProgressEnded { tone, span } => {
                    let end_s = span.start_sample as f64 / analysis_hz
                        + f64::from(span.duration_ms) / 1_000.0;
                    event(end_s, format!("{tone:?} tone ended"), true);
                }
            }
        }
        match frame.gate.edge {
            Some(GateEdge::SpeechStart { started_at }) => {
                event(started_at.as_micros() as f64 / 1e6, "speech".into(), false);
            }
            Some(GateEdge::SpeechEnd { ended_at, voiced_ms }) => {
                let what = format!("silence, after {voiced_ms} ms of voice");
                event(ended_at.as_micros() as f64 / 1e6, what, false);
            }
            None => {}
        }
    }

    /// Writes what was heard, as text.
    pub(crate) fn report(&self, out: &mut impl Write, path: &Path) -> Result<()> {
        let reception = self.stats.reception;
        writeln!(
            out,
            "{}: {:.2} s in {} frames; {} received, {} concealed, {} comfort noise, {} malformed",
            self.format,
            self.frames.len() as f64 / 50.0,
            self.frames.len(),
            reception.received_frames,
            reception.concealed_frames,
            reception.comfort_noise_frames,
            self.stats.malformed_packets,
        )?;
        writeln!(out, "voice detection is {:.1} ms behind the line", self.delay_ms)?;
        let mut events = self.events.clone();
        events.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        for event in &events {
            writeln!(out, "{:>9.3} s  {}", event.at_s, event.what)?;
        }
        writeln!(out, "{:.2} s written to {}", self.stage.seconds(), path.display())?;
        Ok(())
    }
}

/// What the agent was saying at this moment, silence beyond its recording.
fn copy_agent(agent: Option<&Recording>, sample: u64, far: &mut [i16]) {
    let samples = agent.map_or(&[][..], |agent| &agent.samples);
    let start = usize::try_from(sample).unwrap_or(usize::MAX).min(samples.len());
    let spoken = &samples[start..samples.len().min(start + far.len())];
    far[..spoken.len()].copy_from_slice(spoken);
    far[spoken.len()..].fill(0);
}

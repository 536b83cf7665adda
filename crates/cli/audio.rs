//! `offhook audio`: a recording through the audio path.

mod caller_side;
mod heard;
mod line;
mod picture;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use offhook_audio::{BedKind, DenoiseMode, VadKind};
use offhook_types::{Codec, CodecFormat, SampleRate};

use crate::recording::Recording;
use heard::Heard;

/// Arguments of `offhook audio`.
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES
  What the voice detector hears of a noisy caller, with a picture of it:
    offhook audio caller.wav heard.wav --denoise noise --picture heard.svg
  The same call over a line that loses 5 % of its packets:
    offhook audio caller.wav heard.wav --stage line --loss-percent 5
  Whether the agent's own voice in the caller's line would be taken for the caller:
    offhook audio caller.wav heard.wav --agent agent.wav --picture echo.svg
  What the caller hears of the agent, in a cafe:
    offhook audio agent.wav call.wav --stage sent --ambience cafe")]
pub(crate) struct AudioArgs {
    /// The recording, a WAV file of any rate from 8 to 48 kHz. Of several channels the first is
    /// taken.
    input: PathBuf,
    /// Where to write what the chosen stage made of it.
    output: PathBuf,
    /// The stage to write.
    #[arg(long, value_enum, default_value_t = Stage::Denoised)]
    stage: Stage,
    /// The codec of the line [default: pcmu for 8 kHz recordings, l16 for others].
    #[arg(long, value_enum)]
    line: Option<Line>,
    /// Noise suppression in front of the voice detector.
    #[arg(long, value_enum, default_value_t = Denoise::Off)]
    denoise: Denoise,
    /// The voice detector.
    #[arg(long, value_enum, default_value_t = Detector::Neural)]
    vad: Detector,
    /// Packets that the line loses, in percent.
    #[arg(long, default_value_t = 0.0, value_name = "PERCENT")]
    loss_percent: f64,
    /// What the agent said meanwhile, from the same moment on: the echo guard's reference.
    #[arg(long, value_name = "WAV")]
    agent: Option<PathBuf>,
    /// Sound behind the agent's voice, for the stage `sent`.
    #[arg(long, value_enum)]
    ambience: Option<Sound>,
    /// Loudness of the ambience: 0 silent, 1 its own level, at most 2.
    #[arg(long, default_value_t = 1.0)]
    ambience_volume: f32,
    /// Loudness of the agent's voice in decibels, for the stage `sent`.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true, value_name = "DB")]
    gain_db: f32,
    /// Where to draw waveforms, speech probability, tones and losses over time (SVG).
    #[arg(long, value_name = "SVG")]
    picture: Option<PathBuf>,
    /// Seed of losses and noise: the same seed gives the same output.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A point of the audio path at which one can listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// The line, with losses concealed: what a recording holds.
    Line,
    /// With keypad tones blanked.
    Blanked,
    /// With the agent's own voice suppressed as well.
    Guarded,
    /// With noise suppressed as well: what the voice detector hears.
    Denoised,
    /// What the recogniser hears, 16 kHz.
    Recogniser,
    /// The recording as the agent's voice: what the caller hears of it.
    Sent,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Line {
    /// G.711 µ-law, 8 kHz.
    Pcmu,
    /// G.711 A-law, 8 kHz.
    Pcma,
    /// 16-bit linear, 16 kHz.
    L16,
    /// G.722, 16 kHz.
    G722,
    /// Opus, 48 kHz.
    Opus,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Denoise {
    /// None.
    Off,
    /// Noise.
    Noise,
    /// Noise, and voices behind the main speaker.
    NoiseAndVoices,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Detector {
    /// WebRTC: the cheapest.
    Webrtc,
    /// Neural: the most accurate.
    Neural,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sound {
    /// An office.
    Office,
    /// A cafe.
    Cafe,
    /// A street with wind and birds.
    Outdoor,
}

/// Runs the command; what it found is written to `out`.
pub(crate) fn run(args: &AudioArgs, out: &mut impl Write) -> Result<()> {
    if !(0.0..=100.0).contains(&args.loss_percent) {
        bail!("--loss-percent is {}: use 0 to 100", args.loss_percent);
    }
    let recording = Recording::read(&args.input)?;
    let format = args.line.map_or_else(|| default_line(recording.rate), Line::format)?;
    let voice = recording.at_rate(format.sample_rate())?;
    if args.stage == Stage::Sent {
        let sent = caller_side::hear(args, &recording, format)?;
        sent.write(&args.output)?;
        if let Some(path) = &args.picture {
            picture::draw_sent(path, &recording, &sent)?;
        }
        writeln!(out, "{format}: {:.2} s sent to {}", sent.seconds(), args.output.display())?;
        return Ok(());
    }
    let agent = args.agent.as_ref().map(|path| Recording::read(path)?.at_rate(voice.rate));
    let heard = Heard::listen(args, format, &voice, agent.transpose()?.as_ref())?;
    heard.stage.write(&args.output)?;
    if let Some(path) = &args.picture {
        picture::draw_heard(path, &voice, &heard)
            .with_context(|| format!("cannot draw {}", path.display()))?;
    }
    heard.report(out, &args.output)
}

fn default_line(rate: SampleRate) -> Result<CodecFormat> {
    if rate == SampleRate::HZ_8000 { Line::Pcmu.format() } else { Line::L16.format() }
}

impl Line {
    fn format(self) -> Result<CodecFormat> {
        let format = match self {
            Self::Pcmu => return Ok(CodecFormat::PCMU),
            Self::Pcma => return Ok(CodecFormat::PCMA),
            Self::G722 => return Ok(CodecFormat::G722),
            Self::L16 => CodecFormat::new(Codec::L16Le, SampleRate::HZ_16000),
            Self::Opus => CodecFormat::new(Codec::Opus, SampleRate::HZ_48000),
        };
        Ok(format?)
    }
}

impl From<Denoise> for DenoiseMode {
    fn from(mode: Denoise) -> Self {
        match mode {
            Denoise::Off => Self::Off,
            Denoise::Noise => Self::Noise,
            Denoise::NoiseAndVoices => Self::NoiseAndVoices,
        }
    }
}

impl From<Detector> for VadKind {
    fn from(detector: Detector) -> Self {
        match detector {
            Detector::Webrtc => Self::WebRtc,
            Detector::Neural => Self::Neural,
        }
    }
}

impl From<Sound> for BedKind {
    fn from(sound: Sound) -> Self {
        match sound {
            Sound::Office => Self::Office,
            Sound::Cafe => Self::Cafe,
            Sound::Outdoor => Self::Outdoor,
        }
    }
}

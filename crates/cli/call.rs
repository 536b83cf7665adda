//! `offhook call`: dials an engine as a carrier does, with a recording as the caller.

mod caller;
mod drive;
mod report;
mod socket;
mod stereo_file;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use offhook_emulator::{CallState, Dial, Dialect, EndCause, PlivoTimestamp, Reordering, Side};
use offhook_engine::epoch_ms;
use offhook_types::{Codec, CodecFormat, DtmfDigit, Pii, SampleRate, Timestamp};

use crate::recording::Recording;
use caller::RecordedCaller;
use drive::{Drive, Planned};
use report::Report;
pub(crate) use stereo_file::StereoFile;

/// Arguments of `offhook call`.
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES
  Talk to an engine as Twilio would, with a recording as the caller; hear both ends afterwards:
    offhook call ws://127.0.0.1:8080/twilio --carrier twilio --wav caller.wav --heard call.wav
  What the engine's webhook would have put into <Parameter>, and a signature of the upgrade:
    offhook call ws://127.0.0.1:8080/twilio --carrier twilio \\
      --param call_id=01J --param token=secret --header 'X-Twilio-Signature: 7PR3qMk...='
  Press 1 after two seconds and # after three, hang up after ten:
    offhook call ws://127.0.0.1:8080/plivo --carrier plivo --press 1@2 --press '#@3' --seconds 10
  Wide-band Telnyx whose messages overtake each other:
    offhook call ws://127.0.0.1:8080/telnyx --carrier telnyx --codec l16 --rate 16000 \\
      --quirk reordered --wav caller.wav

Ctrl-C hangs up. The exit status is 1 if the engine could not be reached, refused the call or broke
the rules of the dialect; each breach is printed as VIOLATION when it happens.")]
pub(crate) struct CallArgs {
    /// Where the engine takes media streams: ws://HOST:PORT/PATH.
    url: String,
    /// Whose dialect to speak: raw, twilio, telnyx, plivo or vonage.
    #[arg(long, default_value_t = Dialect::Raw, value_name = "NAME")]
    carrier: Dialect,
    /// What the caller says, a WAV file of any rate from 8 to 48 kHz. Of several channels the first
    /// is taken. Without it the caller is silent.
    #[arg(long)]
    wav: Option<PathBuf>,
    /// Where to write both ends of the call, a stereo WAV: the caller left, the agent right.
    #[arg(long, value_name = "WAV")]
    heard: Option<PathBuf>,
    /// A custom parameter of the call. May be given more than once.
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Param>,
    /// A header of the upgrade. May be given more than once.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<Header>,
    /// Who calls.
    #[arg(long, value_name = "NUMBER", default_value = "+14155550123")]
    from: String,
    /// Who is called.
    #[arg(long, value_name = "NUMBER", default_value = "+14155550199")]
    to: String,
    /// The stream's secret: Telnyx's stream_auth_token, the raw dialect's token.
    #[arg(long)]
    token: Option<String>,
    /// The codec of both directions [default: the carrier's usual one].
    #[arg(long, value_enum)]
    codec: Option<LineCodec>,
    /// The rate of a codec that has several, in hertz.
    #[arg(long, value_name = "HZ", requires = "codec")]
    rate: Option<u32>,
    /// A key that the caller presses so many seconds after the start. May be given more than once.
    #[arg(long, value_name = "KEY@SECONDS")]
    press: Vec<Press>,
    /// Hang up after this many seconds [default: 10 after the recording's end].
    #[arg(long)]
    seconds: Option<f64>,
    /// Something that the carrier does differently. May be given more than once.
    #[arg(long, value_enum)]
    quirk: Vec<Quirk>,
    /// Seed of ids, losses and reordering.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LineCodec {
    /// G.711 µ-law, 8 kHz.
    Pcmu,
    /// G.711 A-law, 8 kHz.
    Pcma,
    /// 16-bit linear, low byte first; 16 kHz unless --rate says otherwise.
    L16,
    /// 16-bit linear, high byte first; 16 kHz unless --rate says otherwise.
    L16Be,
    /// G.722, 16 kHz.
    G722,
    /// Opus; 48 kHz unless --rate says otherwise.
    Opus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Quirk {
    /// `\/` for `/` in JSON.
    EscapedSlashes,
    /// Fields and events that no documentation names.
    Unknown,
    /// A twentieth of the caller's packets is lost before the carrier.
    Lossy,
    /// Telnyx: messages overtake each other.
    Reordered,
    /// Plivo: numbers are strings.
    TextNumbers,
    /// Plivo: timestamps count from the start of the stream.
    RelativeTime,
    /// Vonage: keys are reported in a nested object.
    NestedDtmf,
    /// Raw: audio without headers.
    Bare,
}

/// `NAME=VALUE`.
#[derive(Clone, Debug)]
struct Param(String, Pii<String>);

/// `NAME: VALUE`.
#[derive(Clone, Debug)]
struct Header(String, Pii<String>);

/// `KEY@SECONDS`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Press(DtmfDigit, Timestamp);

/// How long the call goes on after the caller's last word.
const LINGER: Duration = Duration::from_secs(10);

/// Runs the command; what happens is written to `out`.
pub(crate) fn run(args: &CallArgs, out: &mut impl Write) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(call(args, out))
}

async fn call(args: &CallArgs, out: &mut impl Write) -> Result<()> {
    let recording = args.wav.as_deref().map(Recording::read).transpose()?;
    let mut emulator = args.carrier.dial(args.dial()?)?;
    let formats = emulator.formats();
    let file = args.heard.as_deref().map(|path| {
        let (caller, agent) = (formats.to_engine.sample_rate(), formats.to_caller.sample_rate());
        StereoFile::create(path, caller, agent)
    });
    let caller = RecordedCaller::new(recording.as_ref(), formats, file.transpose()?)?;
    let spoken = Duration::from_secs_f64(recording.as_ref().map_or(0.0, Recording::seconds));
    let mut report = Report::new(out);
    let drive = Drive::new(&mut *emulator, caller, &mut report, args.plan(spoken)?);
    drive.run(&args.url).await?;
    report.summary(args.carrier, &*emulator)?;
    match emulator.state() {
        CallState::Ended(end) => match end.cause {
            EndCause::Refused(_) | EndCause::HandshakeFailed => bail!("{}", end.cause),
            EndCause::LineDropped | EndCause::SocketClosed | EndCause::HangupMessage => {}
        },
        CallState::Connecting | CallState::Streaming => {}
    }
    match emulator.violation_count() {
        0 => Ok(()),
        count => bail!("the engine broke the rules of {}: violations {count}", args.carrier),
    }
}

impl CallArgs {
    fn dial(&self) -> Result<Dial> {
        let mut dial = Dial::new(self.carrier, self.seed);
        if let Some(codec) = self.codec {
            let format = codec.format(self.rate)?;
            (dial.to_engine, dial.to_caller) = (format, format);
        }
        dial.from = Pii::new(self.from.clone());
        dial.to = Pii::new(self.to.clone());
        dial.token = self.token.clone().map(Pii::new);
        dial.parameters =
            self.param.iter().map(|param| (param.0.clone(), param.1.clone())).collect();
        dial.headers =
            self.header.iter().map(|header| (header.0.clone(), header.1.clone())).collect();
        dial.started_at_epoch_ms = epoch_ms();
        let has = |quirk| self.quirk.contains(&quirk);
        dial.quirks.escapes_slashes = has(Quirk::EscapedSlashes);
        dial.quirks.adds_unknown = has(Quirk::Unknown);
        dial.quirks.upstream_loss_percent = if has(Quirk::Lossy) { 5 } else { 0 };
        dial.quirks.reorders =
            has(Quirk::Reordered).then_some(Reordering { percent: 10, overtaken_max: 3 });
        dial.quirks.plivo_numbers_as_text = has(Quirk::TextNumbers);
        if has(Quirk::RelativeTime) {
            dial.quirks.plivo_timestamp = PlivoTimestamp::SinceStart;
        }
        dial.quirks.vonage_nests_dtmf = has(Quirk::NestedDtmf);
        dial.quirks.raw_is_bare = has(Quirk::Bare);
        Ok(dial)
    }

    /// What the caller does, in order of time.
    fn plan(&self, spoken: Duration) -> Result<Vec<(Timestamp, Planned)>> {
        let hang_up_at = match self.seconds {
            Some(seconds) => moment(seconds).context("--seconds")?,
            None => Timestamp::ZERO + spoken + LINGER,
        };
        let mut plan: Vec<(Timestamp, Planned)> =
            self.press.iter().map(|Press(digit, at)| (*at, Planned::Press(*digit))).collect();
        if !spoken.is_zero() {
            plan.push((Timestamp::ZERO + spoken, Planned::FallSilent));
        }
        plan.push((hang_up_at, Planned::HangUp(Side::Caller)));
        plan.sort_by_key(|(at, _)| *at);
        Ok(plan)
    }
}

impl LineCodec {
    fn format(self, rate: Option<u32>) -> Result<CodecFormat> {
        let (codec, usual) = match self {
            Self::Pcmu => (Codec::Pcmu, SampleRate::HZ_8000),
            Self::Pcma => (Codec::Pcma, SampleRate::HZ_8000),
            Self::L16 => (Codec::L16Le, SampleRate::HZ_16000),
            Self::L16Be => (Codec::L16Be, SampleRate::HZ_16000),
            Self::G722 => (Codec::G722, SampleRate::HZ_16000),
            Self::Opus => (Codec::Opus, SampleRate::HZ_48000),
        };
        let rate = rate.map(SampleRate::new).transpose()?.unwrap_or(usual);
        Ok(CodecFormat::new(codec, rate)?)
    }
}

impl FromStr for Param {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, value) = text.split_once('=').context("use NAME=VALUE")?;
        Ok(Self(name.to_owned(), Pii::new(value.to_owned())))
    }
}

impl FromStr for Header {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, value) = text.split_once(':').context("use 'NAME: VALUE'")?;
        Ok(Self(name.trim().to_owned(), Pii::new(value.trim().to_owned())))
    }
}

impl FromStr for Press {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (key, at) = text.split_once('@').context("use KEY@SECONDS, as in 5@2.5")?;
        Ok(Self(key.parse()?, moment(at.parse()?)?))
    }
}

/// So many seconds after the start; a day at most, which no call lasts.
fn moment(seconds: f64) -> Result<Timestamp> {
    if !(0.0..=86_400.0).contains(&seconds) {
        bail!("{seconds} seconds: use 0 to 86400");
    }
    Ok(Timestamp::ZERO + Duration::from_secs_f64(seconds))
}

//! `offhook serve`: takes calls on real sockets.

mod call_log;
mod script;
mod stand_in_thread;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use offhook_engine::{CallNote, Engine, EngineConfig};
use offhook_session::OpeningSettings;
use offhook_telephony::Carrier;
use offhook_types::agent::CallOverrides;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::agent_file;
use crate::build_name::build_name;
use call_log::CallLog;
use script::{SEED, StandInScript};

/// Arguments of `offhook serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Media sockets are opened at ws://HOST:PORT/<carrier>/media, where the carrier is raw, twilio,
telnyx, plivo or vonage. Without a carrier's secret only callers of this machine are served,
directly and not through a proxy; secrets come with the engine's configuration file.

Recogniser, language model and voice are STAND-INS until providers are connected: the agent says
what the script tells it to, after the script's delays, in a humming voice; the recogniser knows the
words of the script and says each when it has heard its audio. Everything else is the engine that
will take real calls.

EXAMPLES
  Take calls at a fixed port, and talk to the agent from the same machine:
    offhook serve --bind 127.0.0.1:8080 --script hello.toml
    offhook call ws://127.0.0.1:8080/twilio/media --carrier twilio --wav caller.wav --heard call.wav
  The script of a call, hello.toml; every key may be left out:
    words = [
      { text = \"When\", start_ms = 3000, end_ms = 3250 },
      { text = \"are\",  start_ms = 3250, end_ms = 3400 },
    ]
    [agent]
    opening = \"Hello, this is the restaurant. How can I help you?\"
    answers = [\"We are open from nine to five.\", \"Goodbye.\"]
    [providers]
    stt_partial_ms = 150
    llm_first_token_ms = [100, 400]
  Let an agent of a document answer, with a value for its texts:
    offhook serve --agent config/agents/receptionist.json --var name=Ada
  Keep each call's decision trace, and ask afterwards why the agent did what it did:
    offhook serve --script hello.toml --traces traces
    offhook replay traces/call-1.jsonl --decisions

Ctrl-C and SIGTERM: no more calls are taken, those that there are may end within --drain-s; the exit
status is 0 then.")]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
    /// What the stand-ins say and how long they take, a TOML file. Without it the agent says hello
    /// and hears no words.
    #[arg(long, value_name = "TOML")]
    script: Option<PathBuf>,
    /// The agent, a JSON document (see config/agents and `offhook config check`); the script's own
    /// agent then only says what the stand-in for its model answers.
    #[arg(long, value_name = "JSON")]
    agent: Option<PathBuf>,
    /// A value for the agent's texts, as NAME=VALUE; may be repeated.
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "agent")]
    variables: Vec<String>,
    /// Instructions in place of the agent's.
    #[arg(long, value_name = "TEXT", requires = "agent")]
    prompt: Option<String>,
    /// An opening in place of the agent's.
    #[arg(long, value_name = "TEXT", requires = "agent")]
    greeting: Option<String>,
    /// A folder for the decision traces of calls, one file each.
    #[arg(long, value_name = "FOLDER")]
    traces: Option<PathBuf>,
    /// A folder for the media traces of calls, one file each: everything that came in, the
    /// caller's voice and number included. Only where recording is allowed.
    #[arg(long, value_name = "FOLDER")]
    media_traces: Option<PathBuf>,
    /// Calls at a time; more are answered with status 503.
    #[arg(long, value_name = "COUNT", default_value_t = 256)]
    calls_max: usize,
    /// How long calls may go on after Ctrl-C or SIGTERM, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    drain_s: u32,
}

/// What an agent without a script says.
const GREETING: &str = "Hello, this is Offhook. How can I help you?";
/// Calls that may begin while the stand-ins are busy; more are answered with status 503.
const LINES_MAX: usize = 64;
/// Trace lines that wait to be written: a second of a hundred busy calls.
const NOTES_MAX: usize = 8_192;

/// Runs the command; what happens is written to `out`.
pub(crate) fn run(args: &ServeArgs, out: &mut impl Write) -> Result<()> {
    let script = match &args.script {
        Some(path) => StandInScript::read(path)?,
        None => {
            let mut script = StandInScript::default();
            script.agent.opening = Some(OpeningSettings::from(GREETING));
            script
        }
    };
    let log = CallLog::create(args.traces.clone(), args.media_traces.clone())?;
    let agent = match &args.agent {
        Some(path) => {
            let variables = args.variables.iter().map(String::as_str);
            let overrides = CallOverrides::from_command_line(
                args.prompt.clone(),
                args.greeting.clone(),
                variables,
            )?;
            agent_file::session(&agent_file::read(path)?, &overrides)
        }
        None => script.agent.session(SEED),
    };
    let mut config = EngineConfig::new(args.bind, agent);
    config.calls_max = args.calls_max;
    config.media_traces_by = args.media_traces.as_ref().map(|_| build_name());
    config.drain = Duration::from_secs(args.drain_s.into());
    let (lines, opened) = mpsc::channel(LINES_MAX);
    let (notes, noted) = mpsc::channel(NOTES_MAX);
    let stand_ins = std::thread::Builder::new()
        .name("offhook-stand-ins".to_owned())
        .spawn(move || stand_in_thread::run(opened, move |_| script.stand_ins()))?;
    let engine = Engine::start(config, lines, notes)?;
    writeln!(out, "listening on {}", engine.address())?;
    for carrier in Carrier::ALL {
        writeln!(out, "  ws://{}/{carrier}/media", engine.address())?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(watch(engine, noted, log, out))?;
    stand_ins.join().map_err(|_| anyhow!("the stand-ins panicked"))?
}

/// Writes down what happens until a signal comes and the last call is over.
async fn watch(
    mut engine: Engine,
    mut notes: mpsc::Receiver<CallNote>,
    mut log: CallLog,
    out: &mut impl Write,
) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for Ctrl-C")?;
    loop {
        tokio::select! {
            note = notes.recv() => match note {
                Some(note) => log.note(note, out)?,
                None => break,
            },
            _ = terminate.recv() => engine.drain(),
            _ = interrupt.recv() => engine.drain(),
        }
    }
    let counts = engine.join()?;
    writeln!(
        out,
        "{} connections, {} calls, {} cut off",
        counts.connections, counts.calls, counts.cut_off
    )?;
    Ok(())
}

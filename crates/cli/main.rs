//! `offhook`: the command line of the voice-agent runtime. Commands are parsed and run here; what
//! they do lives in the crates.

mod agent_file;
mod audio;
mod build_name;
mod call;
mod config;
mod recording;
mod replay;
mod serve;
mod sim;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Real-time voice-agent runtime: the engine that handles a phone call.
#[derive(Debug, Parser)]
#[command(name = "offhook", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a recording through the audio path: hear each stage, see what it hears.
    Audio(Box<audio::AudioArgs>),
    /// Dial an engine as a carrier would, with a recording as the caller.
    Call(Box<call::CallArgs>),
    /// Check agents' documents, and show what a model would be told.
    Config(config::ConfigArgs),
    /// Play a call's decision trace again, and show the first decision that differs.
    Replay(replay::ReplayArgs),
    /// Play whole calls in virtual time: scenarios, random worlds, Monte-Carlo plans.
    Sim(Box<sim::SimArgs>),
    /// Take calls on real sockets, with stand-ins for the providers.
    Serve(serve::ServeArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Audio(args) => audio::run(&args, &mut std::io::stdout().lock()),
        Command::Call(args) => call::run(&args, &mut std::io::stdout().lock()),
        Command::Config(args) => config::run(&args, &mut std::io::stdout().lock()),
        Command::Sim(args) => sim::run(&args, &mut std::io::stdout().lock()),
        Command::Replay(args) => replay::run(&args, &mut std::io::stdout().lock()),
        Command::Serve(args) => serve::run(&args, &mut std::io::stdout().lock()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Exit codes: 0 done, 1 failed, 2 (from clap) misused.
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "offhook: {error:#}");
            ExitCode::FAILURE
        }
    }
}

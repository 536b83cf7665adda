//! `offhook config`: looks at agents' documents without a call.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use offhook_text::prompt;
use offhook_types::agent::CallOverrides;

use crate::agent_file;

/// Arguments of `offhook config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say everything that is wrong with documents: the field, what was given, what is allowed.
    #[command(after_help = "\
Examples:
  offhook config check config/agents/receptionist.json config/agents/support.json
  offhook config check agent.json && echo fine

Editors complete and check documents with config/agents/schema.json.
Exit status: 0 all are fine, 1 one is not, or cannot be read.")]
    Check {
        /// Documents, JSON.
        #[arg(required = true)]
        documents: Vec<PathBuf>,
    },
    /// Show what the model of a call is told: the system prompt, and which names have no value.
    #[command(after_help = "\
Examples:
  offhook config prompt config/agents/receptionist.json
  offhook config prompt agent.json --var name=Ada --var table=7")]
    Prompt {
        /// The document, JSON.
        document: PathBuf,
        /// A value for its texts, as NAME=VALUE; may be repeated.
        #[arg(long = "var", value_name = "NAME=VALUE")]
        variables: Vec<String>,
    },
}

pub(crate) fn run(args: &ConfigArgs, out: &mut impl Write) -> Result<()> {
    match &args.command {
        ConfigCommand::Check { documents } => check(documents, out),
        ConfigCommand::Prompt { document, variables } => {
            let variables = variables.iter().map(String::as_str);
            let overrides = CallOverrides::from_command_line(None, None, variables)?;
            let mut agent = agent_file::read(document)?;
            overrides.apply_to(&mut agent);
            let built = prompt::build(&agent, &agent_file::facts(&overrides));
            writeln!(out, "{}", built.system)?;
            if !built.missing.is_empty() {
                writeln!(out, "\nwithout a value: {}", built.missing.join(", "))?;
            }
            Ok(())
        }
    }
}

fn check(documents: &[PathBuf], out: &mut impl Write) -> Result<()> {
    let mut failed = 0;
    for path in documents {
        match agent_file::read(path) {
            Ok(agent) => writeln!(out, "ok     {}: {}", path.display(), agent.name)?,
            Err(error) => {
                failed += 1;
                writeln!(out, "FAILED {error:#}")?;
            }
        }
    }
    if failed > 0 {
        bail!("{failed} of {} documents have problems", documents.len());
    }
    Ok(())
}

//! What is printed of calls while an engine runs, and their traces.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use offhook_engine::{CallNote, CallReport};

/// Prints a line when a call begins and ends, and writes traces where a folder is given.
pub(super) struct CallLog {
    folder: Option<PathBuf>,
    traces: BTreeMap<u64, BufWriter<File>>,
}

impl CallLog {
    /// A log that keeps traces in `folder`, which is made.
    pub(super) fn create(folder: Option<PathBuf>) -> Result<Self> {
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        Ok(Self { folder, traces: BTreeMap::new() })
    }

    /// Takes note of something.
    pub(super) fn note(&mut self, note: CallNote, out: &mut impl Write) -> Result<()> {
        match note {
            CallNote::Began { call, carrier } => {
                writeln!(out, "call {call}: {carrier} is on the line")?;
                if let Some(folder) = &self.folder {
                    let path = folder.join(format!("call-{call}.jsonl"));
                    let file = File::create(&path)
                        .with_context(|| format!("cannot write {}", path.display()))?;
                    self.traces.insert(call, BufWriter::new(file));
                }
            }
            CallNote::Trace { call, line } => {
                if let Some(trace) = self.traces.get_mut(&call) {
                    writeln!(trace, "{}", line.to_json()?)?;
                }
            }
            CallNote::Ended(report) => {
                if let Some(mut trace) = self.traces.remove(&report.call) {
                    trace.flush()?;
                }
                writeln!(out, "{}", summary(&report))?;
            }
        }
        Ok(())
    }
}

fn summary(report: &CallReport) -> String {
    let CallReport { call, duration, reason, stream, conversation, driver, .. } = report;
    let seconds = duration.as_secs_f64();
    let why = match reason {
        Some(reason) => {
            let observed = reason.evidence.last().map_or("", |last| last.observed.as_str());
            format!("{:?}, {observed}", reason.kind)
        }
        None => "the engine was stopped".to_owned(),
    };
    let first = match driver.first_sent_at {
        Some(at) => {
            format!("first answer {:.1} ms after the connection", at.as_micros() as f64 / 1e3)
        }
        None => "never answered".to_owned(),
    };
    format!(
        "call {call}: over after {seconds:.1} s ({why}); {first}; {} frames heard, {} messages \
         skipped, {} interruptions; latest deadline {:.1} ms late",
        stream.audio_messages,
        stream.skipped_total(),
        conversation.interruptions,
        driver.late_max.as_secs_f64() * 1e3,
    )
}

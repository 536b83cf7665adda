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
    media_folder: Option<PathBuf>,
    traces: BTreeMap<u64, BufWriter<File>>,
    media_traces: BTreeMap<u64, File>,
}

impl CallLog {
    /// A log that keeps decision traces and media traces in folders, which are made.
    pub(super) fn create(folder: Option<PathBuf>, media_folder: Option<PathBuf>) -> Result<Self> {
        for folder in [&folder, &media_folder].into_iter().flatten() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let (traces, media_traces) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { folder, media_folder, traces, media_traces })
    }

    /// Takes note of something.
    pub(super) fn note(&mut self, note: CallNote, out: &mut impl Write) -> Result<()> {
        match note {
            CallNote::Began { call, carrier } => {
                writeln!(out, "call {call}: {carrier} is on the line")?;
                let name = format!("call-{call}.jsonl");
                let create = |folder: &PathBuf| {
                    let path = folder.join(&name);
                    let file = File::create(&path);
                    file.with_context(|| format!("cannot write {}", path.display()))
                };
                if let Some(folder) = &self.folder {
                    self.traces.insert(call, BufWriter::new(create(folder)?));
                }
                if let Some(folder) = &self.media_folder {
                    self.media_traces.insert(call, create(folder)?);
                }
            }
            CallNote::Trace { call, line } => {
                if let Some(trace) = self.traces.get_mut(&call) {
                    writeln!(trace, "{}", line.to_json()?)?;
                }
            }
            CallNote::MediaTrace { call, text } => {
                if let Some(trace) = self.media_traces.get_mut(&call) {
                    trace.write_all(&text)?;
                }
            }
            CallNote::Ended(report) => {
                self.media_traces.remove(&report.call);
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

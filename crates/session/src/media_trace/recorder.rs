//! Writing a media trace.

use offhook_telephony::{Carrier, DialectOptions, WireMessage};
use offhook_types::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Digest, Doings, Header, Line, MEDIA_TRACE_VERSION, Told};
use crate::config::SessionConfig;
use crate::input::Input;
use crate::output::Output;

/// Writes the media trace of one call: [`input`](Self::input) before each input is handled,
/// [`output`](Self::output) for each output, [`take`](Self::take) when it likes to write a file.
#[derive(Debug)]
pub struct MediaRecorder {
    text: Vec<u8>,
    doings: DoingsRecorder,
}

/// What a session does with one input, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct DoingsRecorder {
    doings: Doings,
    wire: DigestRecorder,
    stt_audio: DigestRecorder,
}

#[derive(Debug, Default)]
struct DigestRecorder {
    bytes: u64,
    hash: Sha256,
}

impl MediaRecorder {
    /// The trace of a call that is made like this. `made_by` names the binary and the features of
    /// the processor, so that a reader knows whether it can expect the same audio to the bit.
    ///
    /// # Errors
    /// None for configurations: every type in them has a JSON form.
    pub fn new(
        session: &SessionConfig,
        carrier: Carrier,
        options: &DialectOptions,
        made_by: String,
    ) -> Result<Self, serde_json::Error> {
        let header = Header {
            version: MEDIA_TRACE_VERSION,
            made_by,
            carrier,
            options: options.clone(),
            session: session.clone(),
        };
        let text = Vec::with_capacity(CHUNK_BYTES + LINE_BYTES);
        let mut recorder = Self { text, doings: DoingsRecorder::default() };
        recorder.write(&Line::MediaTrace(Box::new(header)))?;
        Ok(recorder)
    }

    /// Takes note of an input, before it is handled.
    pub fn input(&mut self, now: Timestamp, input: &Input<'_>) {
        self.finish_step();
        self.write_known(&Line::In(Told { at_us: now, what: input.into() }));
    }

    /// Takes note of an output.
    pub fn output(&mut self, output: &Output<'_>) {
        self.doings.note(output);
    }

    /// The lines since the last time, where they are worth a write to a file: about once in two
    /// seconds of a call.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        (self.text.len() >= CHUNK_BYTES).then(|| {
            std::mem::replace(&mut self.text, Vec::with_capacity(CHUNK_BYTES + LINE_BYTES))
        })
    }

    /// The last lines.
    pub fn finish(mut self) -> Vec<u8> {
        self.finish_step();
        self.text
    }

    fn finish_step(&mut self) {
        let doings = self.doings.take();
        if doings != Doings::default() {
            self.write_known(&Line::Out(doings));
        }
    }

    /// Inputs and outputs have a JSON form, and a vector takes all of it.
    fn write_known(&mut self, line: &Line<'_>) {
        self.write(line).expect("everything that a session is told and does has a JSON form");
    }

    fn write(&mut self, line: &Line<'_>) -> Result<(), serde_json::Error> {
        line.serialize(&mut serde_json::Serializer::new(&mut self.text))?;
        self.text.push(b'\n');
        Ok(())
    }
}

impl DoingsRecorder {
    pub(super) fn note(&mut self, output: &Output<'_>) {
        match output {
            Output::Wire(WireMessage::Text(text)) => self.wire.add(text.as_bytes()),
            Output::Wire(WireMessage::Binary(bytes)) => self.wire.add(bytes),
            Output::SttAudio(samples) => {
                for sample in *samples {
                    self.stt_audio.add(&sample.to_le_bytes());
                }
            }
            Output::Hangup(means) => self.doings.hangup = Some(*means),
            Output::Trace(line) => self.doings.trace.push(line.clone()),
            // The trace holds them.
            Output::Stt(_)
            | Output::Llm(_)
            | Output::Tts(_)
            | Output::AskEndOfTurn { .. }
            | Output::Tool(_)
            | Output::Carrier(_)
            | Output::Ended(_) => {}
        }
    }

    pub(super) fn take(&mut self) -> Doings {
        let mut doings = std::mem::take(&mut self.doings);
        doings.wire = self.wire.take();
        doings.stt_audio = self.stt_audio.take();
        doings
    }
}

impl DigestRecorder {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    fn take(&mut self) -> Option<Digest> {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes == 0 {
            return None;
        }
        let hash = self.hash.finalize_reset();
        let sha256 = hash.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Some(Digest { bytes, sha256 })
    }
}

/// What is written to a file at once.
const CHUNK_BYTES: usize = 64 * 1_024;
/// Room for a usual line beyond that.
const LINE_BYTES: usize = 4 * 1_024;
/// Of 32: nobody tries to make audio that differs look the same.
const DIGEST_BYTES: usize = 8;

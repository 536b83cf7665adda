//! A caller who plays a recording and keeps what is heard.

use std::collections::VecDeque;

use anyhow::{Context, Result};
use offhook_audio::{Decoder, Encoder, OpusConfig};
use offhook_emulator::{CallerLine, LineFormats};
use offhook_types::Timestamp;

use super::stereo_file::StereoFile;
use crate::recording::Recording;

/// The telephone at the end of the line.
pub(super) struct RecordedCaller {
    voice: Vec<i16>,
    /// Samples of `voice` that were spoken.
    spoken: usize,
    encoder: Encoder,
    decoder: Decoder,
    /// This tick's caller and the agent's audio that was not yet written.
    caller_frame: Vec<i16>,
    agent_frame: Vec<i16>,
    agent: VecDeque<i16>,
    decoded: Vec<i16>,
    file: Option<StereoFile>,
    fault: Option<anyhow::Error>,
}

impl RecordedCaller {
    /// A caller on a line of these formats, silent without a recording.
    pub(super) fn new(
        recording: Option<&Recording>,
        formats: LineFormats,
        file: Option<StereoFile>,
    ) -> Result<Self> {
        let (to_engine, to_caller) = (formats.to_engine, formats.to_caller);
        let rate = to_engine.sample_rate();
        let voice = recording.map(|recording| recording.at_rate(rate)).transpose()?;
        Ok(Self {
            voice: voice.map(|voice| voice.samples).unwrap_or_default(),
            spoken: 0,
            encoder: Encoder::new(to_engine, &OpusConfig::default())?,
            decoder: Decoder::new(to_caller)?,
            caller_frame: vec![0; rate.frame_samples()],
            agent_frame: vec![0; to_caller.sample_rate().frame_samples()],
            agent: VecDeque::new(),
            decoded: Vec::new(),
            file,
            fault: None,
        })
    }

    /// What went wrong meanwhile.
    pub(super) fn take_fault(&mut self) -> Result<()> {
        self.fault.take().map_or(Ok(()), Err)
    }

    /// Completes the recording of the call.
    pub(super) fn finish(self) -> Result<()> {
        self.file.map_or(Ok(()), StereoFile::finish)
    }

    fn speak(&mut self, payload: &mut Vec<u8>) -> Result<()> {
        let rest = &self.voice[self.spoken..];
        let spoken = rest.len().min(self.caller_frame.len());
        self.caller_frame[..spoken].copy_from_slice(&rest[..spoken]);
        self.caller_frame[spoken..].fill(0);
        self.spoken += spoken;
        payload.resize(self.encoder.max_encoded_bytes(self.caller_frame.len()), 0);
        let written = self.encoder.encode_into(&self.caller_frame, payload)?;
        payload.truncate(written);
        for sample in &mut self.agent_frame {
            *sample = self.agent.pop_front().unwrap_or(0);
        }
        if let Some(file) = &mut self.file {
            file.write(&self.caller_frame, &self.agent_frame)
                .context("cannot write the recording of the call")?;
        }
        Ok(())
    }
}

impl CallerLine for RecordedCaller {
    fn speak_into(&mut self, _at: Timestamp, payload: &mut Vec<u8>) {
        if let Err(fault) = self.speak(payload) {
            self.fault.get_or_insert(fault);
        }
    }

    fn hear(&mut self, _at: Timestamp, payload: Option<&[u8]>) {
        // An empty payload is the rest of a packet that was decoded before.
        let Some(payload) = payload.filter(|payload| !payload.is_empty()) else { return };
        // What cannot be decoded is silence on a telephone, too.
        let Ok(samples) = self.decoder.samples_in(payload) else { return };
        self.decoded.resize(samples, 0);
        if let Ok(decoded) = self.decoder.decode_into(payload, &mut self.decoded) {
            self.agent.extend(&self.decoded[..decoded.samples]);
            // Less than a frame is followed by silence, not by the next frame.
            let frame = self.agent_frame.len();
            self.agent.resize(self.agent.len().max(frame), 0);
        }
    }
}

//! A recording of both ends of a call.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use hound::{SampleFormat, WavSpec, WavWriter};
use offhook_audio::Resampler;
use offhook_types::SampleRate;

/// A WAV file with the caller on the left and the agent on the right, written as the call goes on.
pub(crate) struct StereoFile {
    writer: WavWriter<BufWriter<File>>,
    caller: Resampler,
    agent: Resampler,
}

impl StereoFile {
    /// A new file at the higher of both rates. What has to be resampled to it is late by at most
    /// 10 ms.
    pub(crate) fn create(
        path: &Path,
        caller_rate: SampleRate,
        agent_rate: SampleRate,
    ) -> Result<Self> {
        let rate = caller_rate.max(agent_rate);
        let spec = WavSpec {
            channels: 2,
            sample_rate: rate.hz(),
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let writer = WavWriter::create(path, spec)
            .with_context(|| format!("cannot write {}", path.display()))?;
        let caller = Resampler::new(caller_rate, rate)?;
        let agent = Resampler::new(agent_rate, rate)?;
        Ok(Self { writer, caller, agent })
    }

    /// Appends 20 ms.
    pub(crate) fn write(&mut self, caller: &[i16], agent: &[i16]) -> Result<()> {
        let caller = self.caller.process(caller);
        let agent = self.agent.process(agent);
        for (left, right) in caller.iter().zip(agent) {
            self.writer.write_sample(*left)?;
            self.writer.write_sample(*right)?;
        }
        Ok(())
    }

    /// Completes the file.
    pub(crate) fn finish(self) -> Result<()> {
        self.writer.finalize().context("cannot complete the recording of the call")
    }
}

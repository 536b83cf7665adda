//! WAV files in and out.

use std::path::Path;

use anyhow::{Context, Result, bail};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use offhook_audio::VoiceIntake;
use offhook_types::SampleRate;

/// A mono recording.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    /// Its rate.
    pub(crate) rate: SampleRate,
    /// Its samples.
    pub(crate) samples: Vec<i16>,
}

impl Recording {
    /// Reads the first channel of a WAV file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::parse(path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn parse(path: &Path) -> Result<Self> {
        let mut reader = WavReader::open(path)?;
        let spec = reader.spec();
        let rate = SampleRate::new(spec.sample_rate)?;
        let channels = usize::from(spec.channels.max(1));
        let samples: Vec<i16> = match (spec.sample_format, spec.bits_per_sample) {
            (SampleFormat::Float, _) => reader
                .samples::<f32>()
                .step_by(channels)
                .map(|sample| sample.map(|value| (value * 32_767.0) as i16))
                .collect::<Result<_, _>>()?,
            (SampleFormat::Int, bits @ 8..=32) => reader
                .samples::<i32>()
                .step_by(channels)
                .map(|sample| sample.map(|value| to_16_bits(value, bits)))
                .collect::<Result<_, _>>()?,
            (SampleFormat::Int, bits) => bail!("{bits} bits per sample: use 8 to 32"),
        };
        Ok(Self { rate, samples })
    }

    /// Writes a 16-bit WAV file.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: self.rate.hz(),
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let write = || -> hound::Result<()> {
            let mut writer = WavWriter::create(path, spec)?;
            for sample in &self.samples {
                writer.write_sample(*sample)?;
            }
            writer.finalize()
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    /// The same recording at another rate, nothing trimmed.
    pub(crate) fn at_rate(&self, rate: SampleRate) -> Result<Self> {
        let mut intake = VoiceIntake::new(self.rate, rate, 0)?;
        let mut samples = Vec::new();
        intake.push(&self.samples, |part| samples.extend_from_slice(part));
        intake.finish(|part| samples.extend_from_slice(part));
        Ok(Self { rate, samples })
    }

    /// How long it is.
    pub(crate) fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate.hz())
    }
}

fn to_16_bits(value: i32, bits: u16) -> i16 {
    let shifted = if bits >= 16 { value >> (bits - 16) } else { value << (16 - bits) };
    shifted.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

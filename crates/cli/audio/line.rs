//! A line: a recording as the packets of a carrier, some of them lost.

use anyhow::Result;
use offhook_audio::{Encoder, OpusConfig};
use offhook_types::{CodecFormat, MediaPacket, Timestamp};

use crate::recording::Recording;

/// Hands on `voice` as encoded packets of 20 ms, each with the moment at which it arrives.
pub(crate) fn carry(
    voice: &Recording,
    format: CodecFormat,
    loss_percent: f64,
    seed: u64,
    mut receive: impl FnMut(Timestamp, MediaPacket<'_>),
) -> Result<()> {
    let mut encoder = Encoder::new(format, &OpusConfig::default())?;
    let frame_samples = format.sample_rate().frame_samples();
    let mut bytes = vec![0; encoder.max_encoded_bytes(frame_samples)];
    let mut frame = vec![0; frame_samples];
    let mut dice = Dice(seed);
    for (index, samples) in voice.samples.chunks(frame_samples).enumerate() {
        frame[..samples.len()].copy_from_slice(samples);
        frame[samples.len()..].fill(0);
        let written = encoder.encode_into(&frame, &mut bytes)?;
        let is_lost = dice.percent() < loss_percent;
        if !is_lost {
            let packet = MediaPacket {
                payload: &bytes[..written],
                sequence: Some(index as u64),
                timestamp_ms: Some(index as u64 * 20),
            };
            receive(Timestamp::from_millis(index as u64 * 20), packet);
        }
    }
    Ok(())
}

/// SplitMix64 (Steele, Lea, Flood 2014): losses need no better randomness, only a seed.
struct Dice(u64);

impl Dice {
    fn percent(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64 * 100.0
    }
}

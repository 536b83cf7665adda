//! The FFT resampler of rubato, cut to whole 20 ms frames of `f32` samples.

use offhook_types::SampleRate;
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

use super::ResamplerError;

/// Which side of the compromise between delay and flatness a conversion takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// Flat to 0.85 of Nyquist, images and aliases 60 dB down from Nyquist on; 40 samples of delay
    /// at the slower rate.
    Flat,
    /// 0.3 dB down at 0.85 of Nyquist, images and aliases 60 dB down from 1.15 of Nyquist and 49 dB
    /// at Nyquist; 20 samples of delay at the slower rate. For a stage that converts twice.
    Prompt,
}

impl Response {
    /// Smallest block, in samples of the slower rate. The filter is as long as the block: a shorter
    /// one is quicker and rolls off earlier.
    const fn block_samples_min(self) -> usize {
        match self {
            Self::Flat => 80,
            Self::Prompt => 40,
        }
    }

    /// Window of the filter. With 80 points a squared Hann window is flat to 0.85 and 69 dB down at
    /// Nyquist; with 40 points it would lose 4 dB at 0.85, a plain Hann window loses 0.3 dB.
    const fn window(self) -> WindowFunction {
        match self {
            Self::Flat => WindowFunction::Hann2,
            Self::Prompt => WindowFunction::Hann,
        }
    }
}

/// Converts 20 ms frames of `f32` samples between two different rates.
pub(crate) struct BlockResampler {
    fft: Fft<f32>,
}

impl BlockResampler {
    pub(crate) fn new(
        from: SampleRate,
        to: SampleRate,
        response: Response,
    ) -> Result<Self, ResamplerError> {
        let blocks = blocks_per_frame(from, to, response.block_samples_min());
        let fft = Fft::new_custom(
            from.hz() as usize,
            to.hz() as usize,
            from.frame_samples(),
            blocks,
            1,
            response.window(),
            FixedSync::Input,
        )
        .map_err(|_refused| ResamplerError { from, to })?;
        debug_assert_eq!(fft.fft_size_in() * blocks, from.frame_samples());
        debug_assert_eq!(fft.fft_size_out() * blocks, to.frame_samples());
        Ok(Self { fft })
    }

    /// Delay in samples of the output rate, rounded to the nearest.
    pub(crate) fn delay_samples(&self) -> usize {
        // The filter's centre is tap `block / 2` of the input block, rounded down.
        let (input, output) = (self.fft.fft_size_in(), self.fft.fft_size_out());
        (2 * (input / 2) * output + input) / (2 * input)
    }

    /// Converts one frame: `input` and `output` are 20 ms at their rates.
    pub(crate) fn process_into(&mut self, input: &[f32], output: &mut [f32]) {
        let (samples_in, samples_out) = (input.len(), output.len());
        let source = SequentialSlice::new(input, 1, samples_in)
            .expect("one channel of a slice's own length fits the slice");
        let mut sink = SequentialSlice::new_mut(output, 1, samples_out)
            .expect("one channel of a slice's own length fits the slice");
        let (_taken, written) = self
            .fft
            .process_into_buffer(&source, &mut sink, None)
            .expect("both slices are one frame, the size that `new` asked for");
        debug_assert_eq!(written, samples_out);
    }

    pub(crate) fn reset(&mut self) {
        self.fft.reset();
    }
}

/// Into how many blocks of equal, whole length a frame is cut at both rates, each at least
/// `samples_min` long at the slower rate; one if there is no finer cut.
fn blocks_per_frame(from: SampleRate, to: SampleRate, samples_min: usize) -> usize {
    let (a, b) = (from.frame_samples(), to.frame_samples());
    let slower = a.min(b);
    (1..=slower / samples_min)
        .rev()
        .find(|&blocks| a.is_multiple_of(blocks) && b.is_multiple_of(blocks))
        .unwrap_or(1)
}

/// Copies samples to `f32` at the same scale, `-32768..=32767`.
pub(crate) fn widen_into(input: &[i16], output: &mut [f32]) {
    for (wide, &sample) in output.iter_mut().zip(input) {
        *wide = f32::from(sample);
    }
}

/// Rounds to the nearest sample value, to even on a tie, and saturates.
pub(crate) fn round_into(input: &[f32], output: &mut [i16]) {
    for (sample, &wide) in output.iter_mut().zip(input) {
        *sample = round(wide);
    }
}

/// Adding 1.5 * 2^23 leaves no fraction bits in an `f32`, so the addition rounds and the low 16
/// bits of the sum are the sample in two's complement. It is three vector instructions at the
/// baseline instruction set, where `f32::round` is a call.
fn round(wide: f32) -> i16 {
    const NO_FRACTION: f32 = 12_582_912.0;
    let sum = wide.clamp(f32::from(i16::MIN), f32::from(i16::MAX)) + NO_FRACTION;
    (sum.to_bits() & 0xFFFF) as u16 as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_nearest_even_and_saturates() {
        for sample in i16::MIN..=i16::MAX {
            let wide = f32::from(sample);
            assert_eq!(round(wide), sample);
            assert_eq!(round(wide + 0.25), sample);
            assert_eq!(round(wide - 0.25), sample);
        }
        let ties = [(0.5, 0), (1.5, 2), (-0.5, 0), (-1.5, -2), (40_000.0, i16::MAX)];
        for (wide, sample) in ties {
            assert_eq!(round(wide), sample, "{wide}");
        }
        assert_eq!(round(f32::MIN), i16::MIN);
        assert_eq!(round(f32::INFINITY), i16::MAX);
    }

    #[test]
    fn a_frame_is_cut_into_whole_blocks_at_every_pair_of_rates() {
        for from in (8_000..=48_000).step_by(50) {
            for to in [8_000, 11_050, 16_000, 22_050, 24_000, 44_100, 48_000] {
                let from = SampleRate::new(from).expect("a multiple of 50 in range");
                let to = SampleRate::new(to).expect("a multiple of 50 in range");
                let blocks = blocks_per_frame(from, to, 80);
                assert!(from.frame_samples().is_multiple_of(blocks));
                assert!(to.frame_samples().is_multiple_of(blocks));
            }
        }
        let (narrow, wide) = (SampleRate::HZ_8000, SampleRate::HZ_16000);
        assert_eq!(blocks_per_frame(narrow, wide, 80), 2);
        assert_eq!(blocks_per_frame(wide, SampleRate::HZ_48000, 80), 4);
    }
}

//! Sums over samples, in lanes that a compiler can keep in vector registers (floating point may not
//! be reordered).

/// Sum of products.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 =
        a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(&a, &b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Base-2 logarithm of a positive number, within 0.01: exponent, and a parabola through the
/// mantissa.
pub(super) fn log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as f32 - 128.0;
    let mantissa = f32::from_bits(bits & 0x007F_FFFF | 0x3F80_0000);
    exponent + (-0.344_845 * mantissa + 2.024_658) * mantissa - 0.674_878
}

/// Nearest integer of a number that fits 16 bits: the addition leaves no bits for a fraction, so
/// that the lowest are the integer. (A cast would look for infinities first.)
pub(super) fn rounded(sample: f32) -> i16 {
    const NO_FRACTION: f32 = 12_582_912.0;
    ((sample + NO_FRACTION).to_bits() & 0xFFFF) as u16 as i16
}

/// Sum of squares.
pub(super) fn energy(samples: &[i16]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let chunks = samples.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().map(|&x| f32::from(x) * f32::from(x)).sum();
    for chunk in chunks {
        for (lane, &sample) in lanes.iter_mut().zip(chunk) {
            let wide = f32::from(sample);
            *lane += wide * wide;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Index of the sample with the greatest magnitude.
pub(super) fn loudest(samples: &[f32]) -> usize {
    let mut lanes = [0.0_f32; 8];
    for chunk in samples.chunks_exact(8) {
        for (lane, sample) in lanes.iter_mut().zip(chunk) {
            *lane = lane.max(sample.abs());
        }
    }
    let peak = lanes.into_iter().fold(0.0, f32::max);
    samples.iter().position(|sample| sample.abs() >= peak).unwrap_or(0)
}

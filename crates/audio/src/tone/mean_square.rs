//! Power of a short block.

/// Mean square of `samples`, in squared steps; 0 of none.
pub(super) fn mean_square(samples: &[i16]) -> f32 {
    let (chunks, rest) = samples.as_chunks::<LANES>();
    // Sums side by side: a single one would have to wait for each addition.
    let mut squares = [0.0_f32; LANES];
    for chunk in chunks {
        for (square, &sample) in squares.iter_mut().zip(chunk) {
            *square += f32::from(sample) * f32::from(sample);
        }
    }
    let rest: f32 = rest.iter().map(|&it| f32::from(it) * f32::from(it)).sum();
    (squares.iter().sum::<f32>() + rest) / samples.len().max(1) as f32
}

/// Sums that run side by side: two vectors of four.
const LANES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_counts_once() {
        for count in 1..40 {
            let samples: Vec<i16> = (0..count).map(|n| 100 * n - 700).collect();
            let squares = samples.iter().map(|&it| f64::from(it).powi(2)).sum::<f64>();
            let expected = squares / f64::from(count);
            assert!((f64::from(mean_square(&samples)) / expected - 1.0).abs() < 1e-5);
        }
        assert!(mean_square(&[]) < f32::MIN_POSITIVE);
        assert!((mean_square(&[i16::MIN; 960]) - 1_073_741_824.0).abs() < 1.0);
    }
}

//! Numbers of the keypad that sender and receiver share.

use std::f64::consts::PI;

/// Frequencies of the four rows, then of the four columns, in hertz (ITU-T Q.23).
pub(super) const KEYPAD_HZ: [f64; 8] =
    [697.0, 770.0, 852.0, 941.0, 1_209.0, 1_336.0, 1_477.0, 1_633.0];

/// Level of a sine that just reaches full scale, in dBm0: 3.17 for µ-law and 3.14 for A-law (ITU-T
/// G.711). The µ-law figure is used for linear audio of every origin; the 0.03 dB between the two
/// decides nothing here.
pub const FULL_SCALE_SINE_DBM0: f64 = 3.17;

/// Peak of a full-scale sine, in `i16` steps.
const FULL_SCALE_PEAK: f64 = 32_767.0;

/// Peak, in `i16` steps, of a sine of `dbm0`.
pub(super) fn peak_of(dbm0: f64) -> f64 {
    FULL_SCALE_PEAK * 10_f64.powf((dbm0 - FULL_SCALE_SINE_DBM0) / 20.0)
}

/// Mean square, in squared `i16` steps, of a sine of `dbm0`.
pub(super) fn power_of(dbm0: f64) -> f64 {
    let peak = peak_of(dbm0);
    peak * peak / 2.0
}

/// Phase that a sine of `hz` runs through in `samples`, in radians.
pub(super) fn phase_of(hz: f64, samples: usize, rate_hz: u32) -> f64 {
    // Exact: both are far below 2^52.
    2.0 * PI * hz * samples as f64 / f64::from(rate_hz)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_scale_sine_is_3_17_dbm0() {
        assert!((peak_of(3.17) - 32_767.0).abs() < 1e-6);
        assert!((peak_of(-16.83) - 3_276.7).abs() < 1e-6);
        assert!((power_of(3.17) - 32_767.0_f64.powi(2) / 2.0).abs() < 1e-3);
    }
}

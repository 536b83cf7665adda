//! One sub-band of G.722: the adaptive scale of its quantiser and its adaptive predictor.
//!
//! Encoder and decoder run the same steps on the same codes, so their states stay equal. Names in
//! capitals are the blocks and variables of ITU-T G.722 clause 6.

use super::saturate;
use super::tables::{HIGH_LEVELS, HIGH_SCALE_STEPS, LOG_BASE, LOW_LEVELS_4, LOW_SCALE_STEPS};

/// State of one band. Every value is a 16-bit quantity of the standard, held in 32 for the
/// products.
#[derive(Clone, Debug)]
pub(super) struct Band {
    /// Logarithm of the quantiser's scale (NBL, NBH), 0 to 18432 or 22528.
    log_scale: i32,
    /// The quantiser's scale (DETL, DETH).
    scale: i32,
    /// The predicted sample (SL, SH), and the part of it from the zero section (SZL, SZH).
    prediction: i32,
    zero_prediction: i32,
    /// Coefficients of the pole section (AL1, AL2), and the last two reconstructed samples (RLT).
    poles: [i32; 2],
    reconstructed: [i32; 2],
    /// Whether the last two partially reconstructed samples (PLT) were negative.
    was_negative: [bool; 2],
    /// Coefficients of the zero section (BL), and the last six quantised differences (DLT).
    zeros: [i32; 6],
    differences: [i32; 6],
}

impl Band {
    /// The lower band after a reset (DETL starts at 32).
    pub(super) fn low() -> Self {
        Self::with_scale(32)
    }

    /// The higher band after a reset (DETH starts at 8).
    pub(super) fn high() -> Self {
        Self::with_scale(8)
    }

    fn with_scale(scale: i32) -> Self {
        Self {
            log_scale: 0,
            scale,
            prediction: 0,
            zero_prediction: 0,
            poles: [0; 2],
            reconstructed: [0; 2],
            was_negative: [false; 2],
            zeros: [0; 6],
            differences: [0; 6],
        }
    }

    pub(super) fn scale(&self) -> i32 {
        self.scale
    }

    /// How far `sample` is from the prediction (SUBTRA), and its one's complement magnitude.
    pub(super) fn prediction_error(&self, sample: i32) -> (i32, i32) {
        let difference = saturate(sample - self.prediction);
        (difference, difference ^ (difference >> 31))
    }

    /// The sample for a quantiser level, in 1/32768 of the scale, before it is limited to 15 bits.
    pub(super) fn reconstruct(&self, level: i32) -> i32 {
        self.prediction + ((self.scale * level) >> 15)
    }

    /// Takes in a code of the lower band, of which its top four bits count (INVQAL, LOGSCL,
    /// SCALEL).
    pub(super) fn adapt_low(&mut self, code: u8) {
        let index = usize::from(code);
        let difference = (self.scale * LOW_LEVELS_4[index]) >> 15;
        let log_scale = ((self.log_scale * 127) >> 7) + LOW_SCALE_STEPS[index];
        self.log_scale = log_scale.clamp(0, 18_432);
        self.scale = scale_of(self.log_scale, 8);
        self.adapt_predictor(difference);
    }

    /// Takes in a code of the higher band (INVQAH, LOGSCH, SCALEH).
    pub(super) fn adapt_high(&mut self, code: u8) {
        let index = usize::from(code);
        let difference = (self.scale * HIGH_LEVELS[index]) >> 15;
        let log_scale = ((self.log_scale * 127) >> 7) + HIGH_SCALE_STEPS[index];
        self.log_scale = log_scale.clamp(0, 22_528);
        self.scale = scale_of(self.log_scale, 10);
        self.adapt_predictor(difference);
    }

    /// Block 4: the coefficients follow the signs of the signal, then predict the next sample.
    fn adapt_predictor(&mut self, difference: i32) {
        let partial = saturate(self.zero_prediction + difference);
        let reconstructed = saturate(self.prediction + difference);

        let is_negative = partial < 0;
        self.poles = adapted_poles(
            self.poles,
            is_negative == self.was_negative[0],
            is_negative == self.was_negative[1],
        );
        adapt_zeros(&mut self.zeros, &self.differences, difference);

        self.was_negative = [is_negative, self.was_negative[0]];
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;

        let pole_prediction = filtered(&self.poles, &self.reconstructed);
        self.zero_prediction = filtered(&self.zeros, &self.differences);
        self.prediction = saturate(pole_prediction + self.zero_prediction);
    }
}

/// From logarithm to scale (SCALEL, SCALEH): `octaves` is the logarithm's integer part at scale 1.
fn scale_of(log_scale: i32, octaves: i32) -> i32 {
    let mantissa = LOG_BASE[((log_scale >> 6) & 31) as usize];
    let shift = octaves - (log_scale >> 11);
    let scale = if shift < 0 { mantissa << -shift } else { mantissa >> shift };
    scale << 2
}

/// Blocks UPPOL2 and UPPOL1, with the limits that keep the pole section stable.
fn adapted_poles(poles: [i32; 2], same_as_last: bool, same_as_before: bool) -> [i32; 2] {
    let [first, second] = poles;
    let quadruple = saturate(first << 2);
    let away = if same_as_last { saturate(-quadruple) } else { quadruple };
    let nudge = if same_as_before { 128 } else { -128 };
    let second = ((away >> 7) + nudge + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);

    let nudge = if same_as_last { 192 } else { -192 };
    let limit = 15_360 - second;
    let first = (nudge + ((first * 32_640) >> 15)).clamp(-limit, limit);
    [first, second]
}

/// Block UPZERO. A difference of zero adapts nothing but the leak.
fn adapt_zeros(zeros: &mut [i32; 6], differences: &[i32; 6], difference: i32) {
    let step = if difference == 0 { 0 } else { 128 };
    for (zero, &past) in zeros.iter_mut().zip(differences) {
        let nudge = if (past < 0) == (difference < 0) { step } else { -step };
        *zero = saturate(nudge + ((*zero * 32_640) >> 15));
    }
}

/// Blocks FILTEP and FILTEZ: each product is truncated by itself, as 16-bit hardware would.
fn filtered<const TAPS: usize>(coefficients: &[i32; TAPS], signal: &[i32; TAPS]) -> i32 {
    let mut sum = 0;
    for (coefficient, &value) in coefficients.iter().zip(signal) {
        sum += (coefficient * saturate(value << 1)) >> 15;
    }
    saturate(sum)
}

//! Is this stretch of sound one or two sinusoids, and which?
//!
//! A Hann-windowed spectrum of 64 ms every 20 ms, every 10 ms once there is a tone. What counts is
//! the share of the energy that lies within the main lobes of the two strongest peaks: 1 for pure
//! tones of any frequency, much less for speech and noise, whose energy is spread over many
//! harmonics or everywhere. 64 ms is the shortest window that resolves the closest pair in use (440
//! and 480 Hz) and leaves 56 ms of windows that lie entirely inside the shortest record tone (120
//! ms). Energy below [`RUMBLE_HZ`] is ignored: hum, rumble and DC are no part of a tone. Assumes 8
//! kHz; [`super::half_rate`] brings 16 kHz there.

use crate::power_spectrum::PowerSpectrum;

/// Samples per second of everything behind the half-rate stage.
pub(super) const ANALYSIS_HZ: u32 = 8_000;
/// Samples between two analyses while nothing is heard: 20 ms.
pub(super) const HOP: usize = 160;
/// Samples between two analyses while a tone is followed: 10 ms.
pub(super) const STEP: usize = 80;
/// Samples of one analysis: 64 ms.
pub(super) const WINDOW: usize = 512;

/// One sinusoid of a spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Peak {
    pub(super) frequency_hz: f32,
    /// Power of its strongest bin; comparable only within one spectrum.
    pub(super) power: f32,
}

/// What one analysis found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tonality {
    /// Share of the energy in the strongest two peaks, 0 to 1; 0 where there is too little to look
    /// at.
    pub(super) share: f32,
    pub(super) strongest: Peak,
    /// A second sinusoid no more than [`TWIST_MAX`] weaker than the first.
    pub(super) second: Option<Peak>,
    /// Mean square of the newest 20 ms, all frequencies.
    pub(super) hop_power: f32,
}

impl Tonality {
    /// Whether this is a tone, and nothing but a tone.
    pub(super) fn is_tone(&self) -> bool {
        self.share >= SHARE_MIN
    }
}

/// Looks at one window after the other.
pub(super) struct TonalityAnalyzer {
    spectrum: PowerSpectrum,
}

impl TonalityAnalyzer {
    pub(super) fn new() -> Self {
        Self { spectrum: PowerSpectrum::new(WINDOW, WINDOW) }
    }

    /// Looks at the newest [`WINDOW`] samples of `history`, oldest first.
    pub(super) fn analyze(&mut self, history: &[f32]) -> Tonality {
        let recent = &history[history.len() - WINDOW..];
        let hop_power = sum_of_squares(&recent[WINDOW - HOP..]) / HOP as f32;
        // The middle of the window is what a Hann window sees: with nothing there, there is nothing
        // to find.
        if hop_power < QUIET && sum_of_squares(&recent[HOP..WINDOW - HOP]) < QUIET * HOP as f32 {
            return Tonality { hop_power, ..Tonality::default() };
        }
        Tonality { hop_power, ..find_peaks(self.spectrum.of(recent)) }
    }
}

/// The two strongest peaks of a power spectrum and their share of it.
fn find_peaks(power: &[f32]) -> Tonality {
    let first = strongest_bin(power);
    let total = sum(&power[bin_of(RUMBLE_HZ)..]);
    let lobe = lobe_of(first);
    let near_first = sum(&power[lobe.clone()]);
    // Two peaks cannot hold enough if the stronger one has not nearly half: most speech ends here.
    if total <= 0.0 || near_first < 0.4 * SHARE_MIN * total {
        return Tonality::default();
    }
    let second = second_peak(power, first);
    let other = lobe_of(second);
    let overlap = other.end.min(lobe.end).saturating_sub(other.start.max(lobe.start));
    let near_second = if overlap == 0 {
        sum(&power[other])
    } else if second < first {
        sum(&power[other.start..lobe.start])
    } else {
        sum(&power[lobe.end..other.end])
    };
    let is_pair = second.abs_diff(first) > 1 && power[second] * TWIST_MAX >= power[first];
    Tonality {
        share: (near_first + if is_pair { near_second } else { 0.0 }) / total,
        strongest: interpolate(power, first, second),
        second: is_pair.then(|| interpolate(power, second, first)),
        hop_power: 0.0,
    }
}

/// The strongest bin in the range of tones.
fn strongest_bin(power: &[f32]) -> usize {
    let searched = &power[bin_of(TONE_HZ_MIN)..=bin_of(TONE_HZ_MAX)];
    bin_of(TONE_HZ_MIN) + place_of_largest(searched).unwrap_or(0)
}

/// The strongest local maximum that is not at `first` nor right beside it.
fn second_peak(power: &[f32], first: usize) -> usize {
    const SEARCHED: usize = bin_of(TONE_HZ_MAX) + 1 - bin_of(TONE_HZ_MIN);
    let mut peaks = [0.0; SEARCHED];
    let neighbourhood = &power[bin_of(TONE_HZ_MIN) - 1..=bin_of(TONE_HZ_MAX) + 1];
    for (peak, near) in peaks.iter_mut().zip(neighbourhood.windows(3)) {
        *peak = if near[1] > near[0] && near[1] >= near[2] { near[1] } else { 0.0 };
    }
    let index = first - bin_of(TONE_HZ_MIN);
    peaks[index.saturating_sub(1)..(index + 2).min(SEARCHED)].fill(0.0);
    let place = place_of_largest(&peaks).filter(|place| peaks[*place] > 0.0);
    place.map_or(first, |place| bin_of(TONE_HZ_MIN) + place)
}

/// Where the largest of positive values is, the first of equals. Found by value: two passes that
/// vectorise are quicker than one that remembers where it was.
fn place_of_largest(values: &[f32]) -> Option<usize> {
    let mut lanes = [0.0_f32; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    let largest = lanes.iter().chain(rest).fold(0.0, |a: f32, b| a.max(*b));
    values.iter().position(|value| *value == largest)
}

fn lobe_of(bin: usize) -> std::ops::Range<usize> {
    bin - LOBE..bin + LOBE + 1
}

/// The frequency between bins, from the ratio of the peak to a neighbour, which for a Hann window
/// is exact without noise. Beside another sinusoid the neighbour on the far side is taken, the
/// least disturbed one.
fn interpolate(power: &[f32], bin: usize, other: usize) -> Peak {
    let upward =
        if bin.abs_diff(other) < 2 * LOBE { bin > other } else { power[bin + 1] > power[bin - 1] };
    let neighbour = if upward { power[bin + 1] } else { power[bin - 1] };
    let ratio = (neighbour / power[bin].max(f32::MIN_POSITIVE)).sqrt();
    let offset = ((2.0 * ratio - 1.0) / (ratio + 1.0)).clamp(-0.6, 0.6);
    let bins = if upward { bin as f32 + offset } else { bin as f32 - offset };
    Peak { frequency_hz: bins * BIN_HZ, power: power[bin] }
}

const fn bin_of(hz: u32) -> usize {
    (hz as usize * WINDOW).div_ceil(ANALYSIS_HZ as usize)
}

/// Mean square times length, in eight lanes so that it vectorises.
pub(super) fn sum_of_squares(samples: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (chunks, rest) = samples.as_chunks::<8>();
    for chunk in chunks {
        for (lane, sample) in lanes.iter_mut().zip(chunk) {
            *lane += sample * sample;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|sample| sample * sample).sum::<f32>()
}

/// Sum in eight lanes.
pub(super) fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

const BIN_HZ: f32 = ANALYSIS_HZ as f32 / WINDOW as f32;
/// Bins either side of a peak that belong to it. The main lobe of a Hann window has two; the third
/// takes in slow sweeps, ramps and the 15 Hz modulation of ANSam.
const LOBE: usize = 3;
/// Below this nothing counts, neither for nor against a tone.
const RUMBLE_HZ: u32 = 200;
/// Tones are looked for from here. The lowest in use is the 350 Hz of the North American dial tone.
const TONE_HZ_MIN: u32 = 310;
/// Tones are looked for up to here. The highest in use is the 2100 Hz of fax answer tone.
const TONE_HZ_MAX: u32 = 2_350;
/// How much weaker the second of two sinusoids may be: 10 dB. More is noise, a side lobe, or a
/// distortion product.
const TWIST_MAX: f32 = 10.0;
/// Share of the energy that makes a tone: the rest is no more than a tenth, as with white noise 10
/// dB below.
const SHARE_MIN: f32 = 0.90;
/// Mean square below which a hop holds no tone: -50 dBFS, 15 dB below the faintest record tone.
const QUIET: f32 = 0.5 * 32_768.0 * 32_768.0 * 1e-5;

#[cfg(test)]
mod tests {
    use super::*;

    /// A window of sinusoids given as frequency and amplitude, with white noise of amplitude
    /// `noise`.
    fn window_of(sinusoids: &[(f32, f32)], noise: f32) -> Vec<f32> {
        let mut state = 1_u32;
        (0..WINDOW)
            .map(|n| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let uniform = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
                let step = std::f32::consts::TAU * n as f32 / ANALYSIS_HZ as f32;
                let tones: f32 = sinusoids.iter().map(|(hz, a)| a * (step * hz + 1.0).sin()).sum();
                tones + noise * uniform
            })
            .collect()
    }

    #[test]
    fn a_sinusoid_is_measured_to_half_a_hertz() {
        let mut analyzer = TonalityAnalyzer::new();
        for hz in (330..2_300).step_by(7) {
            let found = analyzer.analyze(&window_of(&[(hz as f32, 1_000.0)], 0.0));
            assert!(found.share > 0.999, "{hz} Hz: {found:?}");
            assert!((found.strongest.frequency_hz - hz as f32).abs() < 0.5, "{hz} Hz: {found:?}");
            assert_eq!(found.second, None, "{hz} Hz");
        }
    }

    #[test]
    fn the_closest_pairs_in_use_are_two_tones_to_6_hz() {
        // North American ringing (40 Hz apart) and British ringing (50 Hz apart).
        let mut analyzer = TonalityAnalyzer::new();
        for (low, high) in [(440.0, 480.0), (400.0, 450.0), (350.0, 440.0), (480.0, 620.0)] {
            let found = analyzer.analyze(&window_of(&[(low, 1_000.0), (high, 900.0)], 20.0));
            let second = found.second.expect("two tones").frequency_hz;
            let strongest = found.strongest.frequency_hz;
            assert!(found.is_tone(), "{low} {high}: {found:?}");
            assert!((strongest.min(second) - low).abs() < 6.0, "{low} {high}: {found:?}");
            assert!((strongest.max(second) - high).abs() < 6.0, "{low} {high}: {found:?}");
        }
    }

    #[test]
    fn a_tone_12_db_above_white_noise_is_one_and_6_db_above_is_none() {
        // A uniform number has a third of its peak squared as power, a sinusoid half: 1.76 dB
        // apart.
        let mut analyzer = TonalityAnalyzer::new();
        let amplitude = |snr_db: f32| 1_000.0 * 10.0_f32.powf((1.76 - snr_db) / 20.0);
        assert!(analyzer.analyze(&window_of(&[(900.0, 1_000.0)], amplitude(12.0))).is_tone());
        assert!(!analyzer.analyze(&window_of(&[(900.0, 1_000.0)], amplitude(6.0))).is_tone());
    }

    #[test]
    fn five_harmonics_are_no_tone() {
        let harmonics: Vec<_> = (1..=5).map(|k| (220.0 * k as f32, 1_000.0)).collect();
        assert!(!TonalityAnalyzer::new().analyze(&window_of(&harmonics, 0.0)).is_tone());
    }

    #[test]
    fn hum_beside_a_tone_does_not_count() {
        let found =
            TonalityAnalyzer::new().analyze(&window_of(&[(1_000.0, 500.0), (50.0, 900.0)], 0.0));
        assert!(found.is_tone(), "{found:?}");
    }

    #[test]
    fn what_is_below_minus_50_dbfs_is_not_looked_at() {
        let faint = window_of(&[(1_000.0, 32_768.0 * 10.0_f32.powf(-51.0 / 20.0))], 0.0);
        assert_eq!(TonalityAnalyzer::new().analyze(&faint).share, 0.0);
    }
}

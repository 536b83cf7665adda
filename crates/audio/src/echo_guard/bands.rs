//! Energy of a frame in the bands of a telephone line, and the noise floor in each.

use offhook_types::SampleRate;

use super::fourier::Spectrum;

/// One number per band.
pub(super) type Bands = [f32; BANDS];

/// How many bands the decisions look at.
pub(super) const BANDS: usize = 9;

/// Sums |spectrum|² (25 Hz bins) over each band, times `scale`.
pub(super) fn band_energies(spectrum: &Spectrum, scale: f32) -> Bands {
    let (re, im) = (&spectrum.re[..LAST_BIN], &spectrum.im[..LAST_BIN]);
    let powers: [f32; LAST_BIN] = std::array::from_fn(|bin| re[bin] * re[bin] + im[bin] * im[bin]);
    let mut bands = [0.0; BANDS];
    for (band, edges) in bands.iter_mut().zip(EDGES_HZ.windows(2)) {
        *band = scale * powers[edges[0] / BIN_HZ..edges[1] / BIN_HZ].iter().sum::<f32>();
    }
    bands
}

/// By how much the pre-emphasis `1 - coefficient z^-1` multiplies the energy of each band.
pub(super) fn pre_emphasis_gains(coefficient: f32, rate: SampleRate) -> Bands {
    std::array::from_fn(|band| {
        let centre_hz = (EDGES_HZ[band] + EDGES_HZ[band + 1]) as f32 / 2.0;
        let angle = std::f32::consts::TAU * centre_hz / rate.hz() as f32;
        1.0 + coefficient * coefficient - 2.0 * coefficient * angle.cos()
    })
}

/// The quietest the line has been in each band: falls at once, rises slowly.
pub(super) struct NoiseFloor {
    bands: Bands,
    is_primed: bool,
}

impl NoiseFloor {
    pub(super) fn new() -> Self {
        Self { bands: [FLOOR_MEAN_SQUARE; BANDS], is_primed: false }
    }

    pub(super) fn bands(&self) -> &Bands {
        &self.bands
    }

    /// Mean square of the noise over all bands.
    pub(super) fn total(&self) -> f32 {
        self.bands.iter().sum()
    }

    pub(super) fn update(&mut self, near: &Bands) {
        for (floor, &energy) in self.bands.iter_mut().zip(near) {
            let raised = *floor * RISE_PER_FRAME;
            let lowered = *floor + FALL * (energy - *floor);
            let next = if energy < *floor { lowered } else { raised.min(energy) };
            *floor = if self.is_primed { next } else { energy }.max(FLOOR_MEAN_SQUARE);
        }
        self.is_primed = true;
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}

/// Band edges: every one a multiple of 25 Hz, narrower where speech has its first formants, inside
/// what a telephone line passes at either rate.
const EDGES_HZ: [usize; BANDS + 1] = [200, 400, 600, 800, 1_050, 1_350, 1_700, 2_150, 2_700, 3_400];

/// Width of a bin: the transforms cover 40 ms at either rate.
const BIN_HZ: usize = 25;

/// The first bin that no band takes.
const LAST_BIN: usize = EDGES_HZ[BANDS] / BIN_HZ;

/// The floor of the floor: about the quantising noise of a silent mu-law line, spread over the
/// bands.
const FLOOR_MEAN_SQUARE: f32 = 0.5;

/// 0.8 dB a second: six seconds of unbroken speech lift the floor by 5 dB; a fan that starts is
/// learned in 20 s.
const RISE_PER_FRAME: f32 = 1.0037;

/// Share of the way down taken per frame: 3 dB below the average of the quietest frames, not their
/// minimum.
const FALL: f32 = 0.2;

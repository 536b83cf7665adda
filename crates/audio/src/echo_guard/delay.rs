//! Where in the last 800 ms the echo of the far end is, if there is one.
//!
//! For every lag of whole frames, the cross-spectrum between what was sent that long ago and what
//! arrives is summed with forgetting, each bin reduced to its phase. An echo turns every bin by a
//! constant angle, so the sums grow; another voice turns it at random, so they cancel, whatever the
//! levels. The test is the ratio of a lag's summed energy to that of random phases. Phases are
//! 16-bit integers, so all lags are brought up to date in every frame, at a cost that does not
//! vary.
//!
//! Left out: two echoes at once (the stronger is found), and a drifting far clock (the reference is
//! sent in slots of the same clock).

use super::fourier::{Fourier, Spectrum};
use super::lanes::{loudest, rounded};

/// Lags searched, in frames of 20 ms: 0 to 800 ms.
pub(super) const LAGS: usize = 41;

/// Bins whose phases are compared, every second one of 25 Hz: 300 to 2250 Hz, where a telephone's
/// echo and speech are both strong. A Hann window of 40 ms leaves neighbours too alike to be worth
/// comparing.
pub(super) const BINS: usize = 40;

const FIRST_BIN: usize = 12;

/// Phases of one frame.
#[derive(Clone, Copy)]
pub(super) struct Phases {
    re: [i16; BINS],
    im: [i16; BINS],
}

/// An echo, as far as the search can tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Whole frames of delay.
    pub(super) lag: usize,
    /// Energy of the summed phases over that of random ones.
    pub(super) ratio: f32,
}

/// Running correlation of the near end with every lag of the far end.
pub(super) struct DelaySearch {
    far: Vec<Phases>,
    newest: usize,
    /// Bit `n` is set when the far window `n` frames ago was audible.
    far_audible: u64,
    sums: Vec<Phases>,
    /// Per lag, what `ratio` is measured against: the sum of squared forgetting weights.
    random_energy: [f32; LAGS],
    ratios: [f32; LAGS],
}

impl DelaySearch {
    pub(super) fn new() -> Self {
        Self {
            far: vec![Phases::ZERO; LAGS],
            newest: 0,
            far_audible: 0,
            sums: vec![Phases::ZERO; LAGS],
            random_energy: [0.0; LAGS],
            ratios: [0.0; LAGS],
        }
    }

    /// The lag with the most evidence, and how far it stands out: 0 when nothing does.
    pub(super) fn candidate(&self) -> Candidate {
        let mut best = Candidate { lag: 0, ratio: 0.0 };
        let (mut sum, mut pair, mut previous) = (0.0, 0.0_f32, 0.0);
        for (lag, &ratio) in self.ratios.iter().enumerate() {
            sum += ratio;
            pair = pair.max(ratio + previous);
            previous = ratio;
            if ratio > best.ratio {
                best = Candidate { lag, ratio };
            }
        }
        // An echo half way between two lags shares its evidence between them.
        let mean = sum / LAGS as f32;
        best.ratio = pair - 2.0 * mean;
        best
    }

    /// Evidence for an echo within a frame of `lag`.
    pub(super) fn ratio_near(&self, lag: usize) -> f32 {
        let last = (lag + 1).min(LAGS - 1);
        self.ratios[lag.saturating_sub(1)..=last].iter().fold(0.0, |most, &ratio| most.max(ratio))
    }

    /// Takes the spectrum (25 Hz bins) of the two frames that were sent last; `None` when both were
    /// silent.
    pub(super) fn push_far(&mut self, spectrum: Option<&Spectrum>) {
        self.newest = (self.newest + 1) % LAGS;
        self.far_audible = self.far_audible << 1 | u64::from(spectrum.is_some());
        if let Some(spectrum) = spectrum {
            self.far[self.newest] = Phases::of(spectrum);
        }
    }

    /// Correlates the two frames that arrived last (25 Hz bins) with everything sent lately.
    pub(super) fn correlate(&mut self, near: &Spectrum) {
        let near = Phases::of(near);
        let mut energies = [0.0; LAGS];
        // One for a lag whose far window was audible, zero for the others.
        let mut audible = [0.0; LAGS];
        for lag in 0..LAGS {
            if self.far_audible >> lag & 1 == 0 {
                continue;
            }
            let slot = (self.newest + LAGS - lag) % LAGS;
            energies[lag] = accumulate(&mut self.sums[lag], &self.far[slot], &near) as f32;
            audible[lag] = 1.0;
        }
        weigh(&energies, &audible, &mut self.random_energy, &mut self.ratios);
    }

    /// The delay in samples of the echo found at `lag`, from the slope of its phases. `room` is for
    /// two spectra.
    pub(super) fn refine(
        &self,
        lag: usize,
        fourier: &mut Fourier,
        room: &mut [Spectrum; 2],
    ) -> usize {
        let [bins, none] = room;
        bins.clear();
        none.clear();
        let sums = &self.sums[lag];
        for bin in 0..BINS {
            bins.re[FIRST_BIN + 2 * bin] = f32::from(sums.re[bin]);
            bins.im[FIRST_BIN + 2 * bin] = f32::from(sums.im[bin]);
        }
        // Every second bin: the response repeats after one frame, whose second half is the time
        // before `lag`.
        let frame = fourier.len() / 2;
        let mut response = [0.0; MAX_FRAME];
        let response = &mut response[..frame];
        for (out, z) in response.iter_mut().zip(fourier.inverse(bins, none, 1.0)) {
            *out = z.im;
        }
        let peak = loudest(response);
        // Half a frame away, the lag on the other side has as much evidence as this one.
        let before = if lag == 0 { 0.0 } else { self.ratios[lag - 1] };
        let after = self.ratios.get(lag + 1).copied().unwrap_or(0.0);
        let is_later = match peak * 8 / frame {
            0..=2 => true,
            3..=4 => after > before,
            _ => false,
        };
        let delay = lag * frame + peak;
        if is_later { delay } else { delay.saturating_sub(frame) }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}

impl Phases {
    const ZERO: Self = Self { re: [0; BINS], im: [0; BINS] };

    fn of(spectrum: &Spectrum) -> Self {
        let mut phases = Self::ZERO;
        let searched = FIRST_BIN..FIRST_BIN + 2 * BINS;
        let (re, im) = (&spectrum.re[searched.clone()], &spectrum.im[searched]);
        let bins = re.as_chunks::<2>().0.iter().zip(im.as_chunks::<2>().0);
        for ((out_re, out_im), (re, im)) in phases.re.iter_mut().zip(&mut phases.im).zip(bins) {
            let (re, im) = (re[0], im[0]);
            let scale = UNIT / (re * re + im * im + f32::MIN_POSITIVE).sqrt();
            *out_re = rounded(re * scale);
            *out_im = rounded(im * scale);
        }
        phases
    }
}

/// Adds the angles between `far` and `near` to `sums`, with forgetting, and returns the energy of
/// the sums. Short loops, because each fills a vector register with sixteen bins.
#[inline(never)]
fn accumulate(sums: &mut Phases, far: &Phases, near: &Phases) -> i32 {
    for bin in 0..BINS {
        let turned = high(far.re[bin], near.re[bin]) + high(far.im[bin], near.im[bin]);
        sums.re[bin] = sums.re[bin] - (sums.re[bin] >> FORGET_SHIFT) + turned;
    }
    for bin in 0..BINS {
        let turned = high(far.re[bin], near.im[bin]) - high(far.im[bin], near.re[bin]);
        sums.im[bin] = sums.im[bin] - (sums.im[bin] >> FORGET_SHIFT) + turned;
    }
    let mut energy = 0;
    for (re, im) in sums.re.iter().zip(&sums.im) {
        let (re, im) = (i32::from(re >> ENERGY_SHIFT), i32::from(im >> ENERGY_SHIFT));
        energy += re * re + im * im;
    }
    energy
}

/// Brings the ratios of the audible lags up to date. A loop of its own, because a division of eight
/// lags takes hardly longer than that of one.
#[inline(never)]
fn weigh(
    energies: &[f32; LAGS],
    audible: &[f32; LAGS],
    random_energy: &mut [f32; LAGS],
    ratios: &mut [f32; LAGS],
) {
    for lag in 0..LAGS {
        let random = random_energy[lag] * (1.0 - FORGET) * (1.0 - FORGET) + FORGET * FORGET;
        let ratio = energies[lag] * UNIT_ENERGY_RECIPROCAL / random;
        let is_audible = audible[lag] > 0.0;
        random_energy[lag] = if is_audible { random } else { random_energy[lag] };
        ratios[lag] = if is_audible { ratio } else { ratios[lag] };
    }
}

/// The upper half of a product of two 16-bit numbers.
fn high(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b)) >> 16) as i16
}

/// Samples of a frame at 16 kHz.
const MAX_FRAME: usize = 320;

/// Length of a phase. The product of two, halved 16 times and summed over the forgetting, stays
/// below 2^15: 8000² / 2^16 * 32 = 31250.
const UNIT: f32 = 8_000.0;

/// Forgetting per frame of evidence: 32 frames, 0.64 s of speech. Longer memory finds weaker
/// echoes, shorter follows a jump of the delay sooner: at 32 a new delay outweighs the old after 22
/// frames.
const FORGET_SHIFT: u32 = 5;
const FORGET: f32 = 1.0 / 32.0;

/// Sums are halved so often before squaring that 40 bins fit 32 bits.
const ENERGY_SHIFT: u32 = 6;

/// One over the energy of sums that always had the same angle.
const UNIT_ENERGY_RECIPROCAL: f32 = 1.0 / (BINS as f32 * (31_250.0 / 64.0) * (31_250.0 / 64.0));

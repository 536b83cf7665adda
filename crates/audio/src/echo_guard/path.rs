//! Whether the line has an echo, and from which delay on it is to be modelled.
//!
//! ```text
//! Open  --HITS frames of evidence in a row-->                  Found
//! Found --STRAY_FRAMES in a row that say another delay-->      Found, from there
//! Found --LOST_FRAMES in a row without evidence-->             Open
//! ```

use offhook_types::SampleRate;

use super::delay::{DelaySearch, LAGS};
use super::fourier::{Fourier, Spectrum};

/// What is known about the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// No echo was found, in `evidence` frames in which there could have been one; the last `hits`
    /// hint at one.
    Open {
        /// Frames of far end and near end together, and frames in which an echo would have been
        /// the only sound.
        evidence: u32,
        /// Frames in a row that pass the test.
        hits: u32,
    },
    /// There is an echo, modelled from a delay of `start` samples on.
    Found {
        /// Samples between what was sent and the first of its echo that is modelled, at most.
        start: usize,
        /// Whole frames of delay of the evidence that it was found by.
        lag: usize,
        /// Frames whose phases agree with `start`, counted until they are enough.
        agreed: u32,
        /// Frames in a row that point to another delay.
        strays: u32,
        /// Frames in a row without evidence of an echo here.
        misses: u32,
    },
}

/// Decides from the search's evidence.
pub(super) struct PathTracker {
    frame: usize,
    lead: usize,
    path: Path,
}

impl PathTracker {
    pub(super) fn new(rate: SampleRate) -> Self {
        let lead = rate.samples_in_ms(LEAD_MS);
        Self { frame: rate.frame_samples(), lead, path: Path::OPEN }
    }

    pub(super) fn path(&self) -> Path {
        self.path
    }

    /// Takes the search's latest evidence; true when the modelled delay changed or was given up.
    pub(super) fn follow(
        &mut self,
        search: &DelaySearch,
        fourier: &mut Fourier,
        room: &mut [Spectrum; 2],
    ) -> bool {
        let candidate = search.candidate();
        let is_hit = candidate.ratio > FOUND_RATIO;
        match &mut self.path {
            Path::Open { evidence, hits } => {
                *evidence = evidence.saturating_add(1);
                *hits = if is_hit { *hits + 1 } else { 0 };
                if *hits < HITS {
                    return false;
                }
            }
            Path::Found { start, lag, agreed, strays, misses } if is_hit => {
                *misses = 0;
                if candidate.lag == *lag && *agreed >= AGREED_FRAMES {
                    *strays = 0;
                    return false;
                }
                let delay = search.refine(candidate.lag, fourier, room);
                let is_modelled = delay >= *start + self.lead / 5 && delay < *start + self.frame
                    || delay < self.lead && *start == 0;
                *agreed += u32::from(is_modelled);
                *strays = if is_modelled { 0 } else { *strays + 1 };
                if *strays < STRAY_FRAMES {
                    return false;
                }
            }
            Path::Found { lag, strays, misses, .. } => {
                *strays = 0;
                let is_missed = search.ratio_near(*lag) < LOST_RATIO;
                *misses = if is_missed { *misses + 1 } else { 0 };
                let is_lost = *misses >= LOST_FRAMES;
                if is_lost {
                    self.path = Path::OPEN;
                }
                return is_lost;
            }
        }
        let delay = search.refine(candidate.lag, fourier, room);
        let start = delay.saturating_sub(self.lead).min((LAGS - 1) * self.frame);
        self.path = Path::Found { start, lag: candidate.lag, agreed: 0, strays: 0, misses: 0 };
        true
    }

    /// The near end was silent although an echo of any delay would be heard by now.
    pub(super) fn note_quiet(&mut self) {
        if let Path::Open { evidence, .. } = &mut self.path {
            *evidence = evidence.saturating_add(1);
        }
    }

    pub(super) fn reset(&mut self) {
        self.path = Path::OPEN;
    }
}

impl Path {
    const OPEN: Self = Self::Open { evidence: 0, hits: 0 };
}

/// Evidence that proves an echo. 4.5 minutes of two people who speak at once, without echo, reach
/// 1.0; lines with an echo pass 2.5 after 5 to 15 frames of it (`cargo bench --bench
/// accuracy_echo`).
const FOUND_RATIO: f32 = 2.5;

/// Frames in a row that must pass: a single one may be a chance of two voices on one pitch.
const HITS: u32 = 3;

/// Evidence below which a known echo is not there: the sum of random phases has 1.
const LOST_RATIO: f32 = 2.0;

/// Frames of another delay before it is believed, 120 ms. A jitter buffer that moves costs these
/// and the 22 frames that the search needs; fewer let a reflection move the model to and fro.
const STRAY_FRAMES: u32 = 6;

/// Frames whose phases must agree with the delay before the lag alone is believed to stand for it.
/// The first estimate comes from a few frames, and may be a reflection.
const AGREED_FRAMES: u32 = 50;

/// Frames of near and far end without echo before it is given up, one second. Forgetting sooner
/// would restart on every sentence that the caller speaks over the agent.
const LOST_FRAMES: u32 = 50;

/// The model starts this long before the strongest reflection, which need not be the first; 30 of
/// its 40 ms remain for the tail.
const LEAD_MS: u32 = 10;

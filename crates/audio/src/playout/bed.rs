//! Loops of background sound: our own, synthesised at start-up, and the user's.
//!
//! The built-in beds are computed, not recorded: nothing to license or ship, the same at every
//! sample rate, and periodic by construction, so that the loop has no seam. They hold no voiced
//! speech: what comes back as echo must not pass for the caller. They are a pure function of kind
//! and rate on one machine; another C library's sine may differ in the last bit.

mod cafe;
mod hold_music;
mod office;
mod outdoor;
mod synthesis;
mod typing;

use std::fmt;
use std::sync::Arc;

use offhook_types::SampleRate;
use serde::{Deserialize, Serialize};

/// The sounds built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BedKind {
    /// Ventilation, keyboards across the room, a door, paper, indistinct murmur.
    Office,
    /// A murmuring room, cups and spoons, the coffee machine's steam.
    Cafe,
    /// Wind, distant traffic, a few birds.
    Outdoor,
    /// Someone typing nearby: for the time the agent thinks or looks something up.
    Typing,
    /// A quiet progression of chords: for a caller on hold.
    HoldMusic,
}

impl BedKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] =
        [Self::Office, Self::Cafe, Self::Outdoor, Self::Typing, Self::HoldMusic];

    /// RMS level at volume 1, in dB below a full-scale square wave: ambience is loud at that
    /// (speech is at about -20) and pleasant at a volume of 0.2 to 0.4; typing is mostly pauses,
    /// and hold music is alone on the line.
    pub const fn level_dbfs(self) -> f32 {
        match self {
            Self::Office | Self::Cafe | Self::Outdoor => -26.0,
            Self::Typing => -34.0,
            Self::HoldMusic => -24.0,
        }
    }

    /// Length of the loop in milliseconds: long enough not to be recognised (or two phrases of the
    /// music).
    pub const fn loop_ms(self) -> u32 {
        match self {
            Self::Office | Self::Cafe | Self::Outdoor => 20_000,
            Self::Typing => 12_000,
            Self::HoldMusic => hold_music::LOOP_MS,
        }
    }
}

/// A loop of background sound at one sample rate; cloning shares the samples.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "StoredBed")]
pub struct Bed {
    rate: SampleRate,
    #[serde(with = "offhook_types::samples")]
    samples: Arc<[i16]>,
}

/// A bed as it was written down: a loop already.
#[derive(Deserialize)]
struct StoredBed {
    rate: SampleRate,
    #[serde(with = "offhook_types::samples")]
    samples: Arc<[i16]>,
}

/// Why samples from outside cannot be a bed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BedError {
    /// There is nothing to loop.
    #[error("the background holds no samples")]
    Empty,
    /// It would cost too much memory.
    #[error("the background is {samples} samples long, {samples_max} are allowed at its rate")]
    TooLong {
        /// Samples given.
        samples: usize,
        /// Samples allowed.
        samples_max: usize,
    },
}

impl Bed {
    /// Longest bed from outside: two minutes, 1.9 MB at 8 kHz.
    pub const PCM_MS_MAX: u32 = 120_000;

    /// Overlap of the end of a recording with its start. Shorter and the seam of a noisy room is
    /// heard as a change of colour; the overlap is lost to the loop.
    const CROSSFADE_MS: u32 = 500;

    /// Computes a built-in bed: 5 to 60 ms at 8 kHz (measured), in proportion to the rate.
    pub fn synthesise(kind: BedKind, rate: SampleRate) -> Self {
        let track = match kind {
            BedKind::Office => office::track(rate),
            BedKind::Cafe => cafe::track(rate),
            BedKind::Outdoor => outdoor::track(rate),
            BedKind::Typing => typing::track(rate),
            BedKind::HoldMusic => hold_music::track(rate),
        };
        Self { rate, samples: track.into_samples(kind.level_dbfs()).into() }
    }

    /// Makes a loop of a recording by letting its end overlap its start. The level stays as
    /// recorded.
    ///
    /// # Errors
    /// [`BedError`] for no samples or more than [`Bed::PCM_MS_MAX`].
    pub fn from_pcm(rate: SampleRate, samples: &[i16]) -> Result<Self, BedError> {
        Self::check_length(rate, samples)?;
        let overlap = rate.samples_in_ms(Self::CROSSFADE_MS).min(samples.len() / 4);
        let (body, tail) = samples.split_at(samples.len() - overlap);
        let mut looped: Arc<[i16]> = body.into();
        if let Some(looped) = Arc::get_mut(&mut looped) {
            crossfade(tail, &mut looped[..overlap]);
        }
        Ok(Self { rate, samples: looped })
    }

    fn check_length(rate: SampleRate, samples: &[i16]) -> Result<(), BedError> {
        let samples_max = rate.samples_in_ms(Self::PCM_MS_MAX);
        if samples.is_empty() {
            return Err(BedError::Empty);
        }
        if samples.len() > samples_max {
            return Err(BedError::TooLong { samples: samples.len(), samples_max });
        }
        Ok(())
    }

    /// Samples per second.
    pub const fn rate(&self) -> SampleRate {
        self.rate
    }

    /// One round of the loop, never empty.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }
}

impl TryFrom<StoredBed> for Bed {
    type Error = BedError;

    fn try_from(StoredBed { rate, samples }: StoredBed) -> Result<Self, BedError> {
        Self::check_length(rate, &samples)?;
        Ok(Self { rate, samples })
    }
}

impl fmt::Debug for Bed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bed")
            .field("rate", &self.rate)
            .field("samples", &self.samples.len())
            .finish()
    }
}

/// The built-in beds of a process: each is computed when first asked for and shared by all calls
/// from then on.
///
/// A 20 s loop takes 313 KiB at 8 kHz, 1.9 MB at 48.
#[derive(Debug, Default)]
pub struct BedLibrary {
    beds: Vec<(BedKind, Bed)>,
}

impl BedLibrary {
    /// An empty library.
    pub const fn new() -> Self {
        Self { beds: Vec::new() }
    }

    /// The bed of `kind` at `rate`. The first request computes it: not for the frame path.
    pub fn bed(&mut self, kind: BedKind, rate: SampleRate) -> Bed {
        let known = self.beds.iter().find(|(k, bed)| *k == kind && bed.rate == rate);
        if let Some((_, bed)) = known {
            return bed.clone();
        }
        let bed = Bed::synthesise(kind, rate);
        self.beds.push((kind, bed.clone()));
        bed
    }
}

/// Blends the recording's end (`tail`) into its start (`head`): at first all tail, at last all
/// head.
///
/// The weights keep the power constant for the correlation that the two really have, so that
/// neither noise dips nor a sustained tone swells.
fn crossfade(tail: &[i16], head: &mut [i16]) {
    let power = |a: &[i16], b: &[i16]| -> f32 {
        a.iter().zip(b).map(|(&a, &b)| f32::from(a) * f32::from(b)).sum()
    };
    let scale = (power(tail, tail) * power(head, head)).sqrt();
    let correlation = if scale > 0.0 { (power(tail, head) / scale).clamp(0.0, 1.0) } else { 1.0 };
    let length = tail.len() as f32;
    for (i, (head, &tail)) in head.iter_mut().zip(tail).enumerate() {
        let t = i as f32 / length;
        let rise = t * t * (3.0 - 2.0 * t);
        let fall = 1.0 - rise;
        let norm = (rise * rise + fall * fall + 2.0 * rise * fall * correlation).sqrt();
        *head = super::limiter::rounded((f32::from(*head) * rise + f32::from(tail) * fall) / norm);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webrtc_vad::{Vad, VadMode};

    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    fn dbfs(samples: &[i16]) -> f32 {
        let power: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
        (10.0 * (power / samples.len() as f64 / 32_768.0_f64.powi(2)).log10()) as f32
    }

    fn peak(samples: &[i16]) -> u16 {
        samples.iter().map(|x| x.unsigned_abs()).max().unwrap_or(0)
    }

    /// Largest step within the loop, and the step over its seam.
    fn steps(samples: &[i16]) -> (u16, u16) {
        let inner = samples.windows(2).map(|w| w[1].abs_diff(w[0])).max().unwrap_or(0);
        (inner, samples[0].abs_diff(samples[samples.len() - 1]))
    }

    #[test]
    fn every_bed_has_the_level_it_states_and_no_startling_peak() {
        for kind in BedKind::ALL {
            for rate in [RATE, SampleRate::HZ_24000] {
                let bed = Bed::synthesise(kind, rate);
                let samples = bed.samples();
                assert_eq!(samples.len(), rate.samples_in_ms(kind.loop_ms()));
                let level = dbfs(samples);
                assert!((level - kind.level_dbfs()).abs() < 0.5, "{kind:?}: {level} dBFS");
                let crest = 20.0 * (f32::from(peak(samples)) / 32_768.0).log10() - level;
                assert!(crest < 15.5, "{kind:?}: crest {crest} dB");
                let mean =
                    samples.iter().map(|&x| i64::from(x)).sum::<i64>() / samples.len() as i64;
                assert!(mean.abs() <= 1, "{kind:?}: offset {mean}");
            }
        }
    }

    #[test]
    fn no_moment_of_an_ambience_stands_out() {
        // A door, a cup or a gust is at most 8 dB above the bed for 100 ms; listeners start at
        // about 10.
        for kind in [BedKind::Office, BedKind::Cafe, BedKind::Outdoor] {
            let bed = Bed::synthesise(kind, RATE);
            let loudest = bed.samples().chunks(800).map(dbfs).fold(f32::MIN, f32::max);
            assert!(loudest < kind.level_dbfs() + 8.0, "{kind:?}: {loudest} dBFS");
        }
    }

    #[test]
    fn the_seam_of_a_bed_is_a_sample_like_any_other() {
        for kind in BedKind::ALL {
            let bed = Bed::synthesise(kind, RATE);
            let (inner, seam) = steps(bed.samples());
            assert!(seam <= inner, "{kind:?}: {seam} over the seam, {inner} within");
            // Twice round, the 20 ms about the seam are as loud as their neighbours.
            let mut seam = bed.samples()[bed.samples().len() - 80..].to_vec();
            seam.extend(&bed.samples()[..80]);
            let before = dbfs(&bed.samples()[bed.samples().len() - 1_600..]);
            assert!((dbfs(&seam) - before).abs() < 8.0, "{kind:?}: {} {before}", dbfs(&seam));
        }
    }

    #[test]
    fn the_same_kind_and_rate_give_the_same_samples() {
        for kind in BedKind::ALL {
            let (a, b) = (Bed::synthesise(kind, RATE), Bed::synthesise(kind, RATE));
            assert_eq!(a.samples(), b.samples());
        }
    }

    #[test]
    fn ambience_coming_back_as_echo_is_no_voice() {
        // 20 dB down: a volume of 0.3 and 10 dB of echo return loss. Measured: at most 1.0 % of the
        // frames, 160 ms in a row.
        for kind in [BedKind::Office, BedKind::Cafe, BedKind::Outdoor] {
            let bed = Bed::synthesise(kind, RATE);
            let mut vad =
                Vad::new_with_rate_and_mode(webrtc_vad::SampleRate::Rate8kHz, VadMode::Aggressive);
            let echo: Vec<i16> = bed.samples().iter().map(|x| x / 10).collect();
            let voiced = |frame: &[i16]| vad.is_voice_segment(frame).unwrap();
            let voiced = echo.chunks_exact(160).map(voiced).filter(|&voiced| voiced).count();
            assert!(voiced <= 25, "{kind:?}: {voiced} of 1000 frames");
        }
    }

    #[test]
    fn a_library_computes_a_bed_once() {
        let mut library = BedLibrary::new();
        let first = library.bed(BedKind::Typing, RATE);
        let again = library.bed(BedKind::Typing, RATE);
        assert!(Arc::ptr_eq(&first.samples, &again.samples));
        assert_eq!(library.bed(BedKind::Typing, SampleRate::HZ_16000).rate().hz(), 16_000);
    }

    #[test]
    fn a_recorded_tone_of_any_phase_loops_without_a_step() {
        for hz in [97.3, 440.0, 1_234.5] {
            let tone: Vec<i16> = (0..16_000)
                .map(|i| (8_000.0 * (i as f32 * hz * std::f32::consts::TAU / 8_000.0).sin()) as i16)
                .collect();
            let bed = Bed::from_pcm(RATE, &tone).unwrap();
            let (inner, seam) = steps(bed.samples());
            assert!(seam <= inner && inner < 8_100, "{hz} Hz: {seam} of {inner}");
        }
        let flat = Bed::from_pcm(RATE, &[5_000; 9_000]).unwrap();
        assert!(flat.samples().iter().all(|&s| s == 5_000), "what is correlated does not swell");
    }

    #[test]
    fn recorded_noise_keeps_its_level_through_the_crossfade() {
        let mut random = super::super::random::SeededRandom::new(1);
        let noise: Vec<i16> = (0..40_000).map(|_| (random.bipolar() * 9_000.0) as i16).collect();
        let bed = Bed::from_pcm(RATE, &noise).unwrap();
        let (blend, rest) = (dbfs(&bed.samples()[1_000..3_000]), dbfs(&bed.samples()[5_000..]));
        assert!((blend - rest).abs() < 0.5, "{blend} dBFS in the crossfade, {rest} elsewhere");
    }

    #[test]
    fn recordings_are_bounded() {
        assert_eq!(Bed::from_pcm(RATE, &[]).unwrap_err(), BedError::Empty);
        let error = Bed::from_pcm(RATE, &vec![0; 960_001]).unwrap_err();
        assert_eq!(error, BedError::TooLong { samples: 960_001, samples_max: 960_000 });
    }

    proptest! {
        #[test]
        fn any_recording_makes_a_loop(samples in prop::collection::vec(any::<i16>(), 1..3_000)) {
            let bed = Bed::from_pcm(RATE, &samples).unwrap();
            prop_assert!(!bed.samples().is_empty());
        }
    }
}

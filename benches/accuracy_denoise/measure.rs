//! What the noise suppressor took off the noise and off the speech, frame by frame of 20 ms.

use std::f64::consts::TAU;

use offhook_types::SampleRate;

/// What a 20 ms frame of the clean recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Loud enough to be a vowel: 6 dB below the active level and more.
    Voiced,
    /// Of these the first 100 ms of a phrase.
    Onset,
    /// More than 200 ms after anything louder than -40 dB relative to the active level.
    Pause,
    /// Soft consonants, ends of words, the two seconds at the beginning.
    Other,
}

/// The frames of one clean recording.
pub(crate) struct Marks {
    frame: usize,
    kinds: Vec<Kind>,
}

impl Marks {
    fn frames<'a>(
        &'a self,
        kinds: &'a [Kind],
        samples: &'a [i16],
    ) -> impl Iterator<Item = &'a [i16]> {
        let chosen = self.kinds.iter().zip(samples.chunks_exact(self.frame));
        chosen.filter(|(kind, _)| kinds.contains(kind)).map(|(_, frame)| frame)
    }
}

pub(crate) fn mark_speech(clean: &[i16], rate: SampleRate) -> Marks {
    let active = active_rms(clean, rate);
    let (mut silent, mut talking) = (0, 0);
    let mark = |(index, frame): (usize, &[i16])| {
        let level = rms(frame);
        silent = if level < active * 0.01 { silent + 1 } else { 0 };
        talking = if silent > 10 { 0 } else { talking + usize::from(silent == 0) };
        match level {
            _ if index < 100 => Kind::Other,
            _ if silent > 10 => Kind::Pause,
            level if level < active * 0.5 => Kind::Other,
            _ if talking <= 5 => Kind::Onset,
            _ => Kind::Voiced,
        }
    };
    let kinds = clean.chunks_exact(rate.frame_samples()).enumerate().map(mark).collect();
    Marks { frame: rate.frame_samples(), kinds }
}

/// By how much the pauses became quieter: the mean over the frames of the difference of levels.
pub(crate) fn attenuation_db(speech: &Marks, before: &[i16], after: &[i16]) -> f64 {
    let levels = |samples| speech.frames(&[Kind::Pause], samples).map(|f| decibels(rms(f) + 1.0));
    mean(levels(before).zip(levels(after)).map(|(before, after)| before - after))
}

/// What became of the speech.
pub(crate) struct Damage {
    /// Mean level of what is left of the clean signal in loud frames.
    pub(crate) level_db: f64,
    /// The same in the first 100 ms of phrases.
    pub(crate) onset_db: f64,
    /// Share of loud frames that lost more than 10 dB.
    pub(crate) cut_share: f64,
    /// Root mean square difference of the levels in 200 Hz bands, loud frames.
    pub(crate) spectral_distance_db: f64,
}

pub(crate) fn damage(speech: &Marks, clean: &[i16], line: &[i16]) -> Damage {
    let loud = [Kind::Voiced, Kind::Onset];
    let kept = |kinds: &'static [Kind]| -> Vec<f64> {
        let pairs = speech.frames(kinds, clean).zip(speech.frames(kinds, line));
        pairs.map(|(clean, line)| decibels(projection(clean, line).max(0.01))).collect()
    };
    let levels = kept(&[Kind::Voiced, Kind::Onset]);
    let cut = levels.iter().filter(|&&level| level < -10.0).count();
    let pairs = speech.frames(&loud, clean).zip(speech.frames(&loud, line));
    Damage {
        cut_share: cut as f64 / levels.len().max(1) as f64,
        level_db: mean(levels.into_iter()),
        onset_db: mean(kept(&[Kind::Onset]).into_iter()),
        // Every fifth frame says as much, sooner.
        spectral_distance_db: mean(pairs.step_by(5).map(|(a, b)| spectral_distance_db(a, b))),
    }
}

/// Scale-invariant signal-to-distortion ratio (Le Roux et al., "SDR - half-baked or well done?",
/// 2019).
pub(crate) fn si_sdr_db(clean: &[i16], line: &[i16]) -> f64 {
    let scale = projection(clean, line);
    let (mut signal, mut rest) = (0.0, 0.0);
    for (&clean, &line) in clean.iter().zip(line) {
        signal += (scale * f64::from(clean)).powi(2);
        rest += (f64::from(line) - scale * f64::from(clean)).powi(2);
    }
    10.0 * (signal / f64::max(rest, 1.0)).log10()
}

/// After how many samples from `start` the speech of `cleaned` is within 3 dB of `reference` for
/// the first time and for 500 ms of loud frames in a row.
pub(crate) fn heard_from(
    clean: &[i16],
    reference: &[i16],
    cleaned: &[i16],
    rate: SampleRate,
    start: usize,
) -> Option<usize> {
    let frame = rate.frame_samples();
    let loud_rms = active_rms(&clean[start..], rate) * 0.5;
    let (mut run, mut run_start, mut first_loud) = (0, 0, None);
    for at in (start..cleaned.len() - frame).step_by(frame) {
        let here = at..at + frame;
        if rms(&clean[here.clone()]) < loud_rms {
            continue;
        }
        let begin = *first_loud.get_or_insert(at);
        let loss = decibels(rms(&reference[here.clone()])) - decibels(rms(&cleaned[here]));
        if loss > 3.0 {
            run = 0;
            continue;
        }
        if run == 0 {
            run_start = at - begin;
        }
        run += 1;
        if run == 25 {
            return Some(run_start);
        }
    }
    None
}

/// Level of the frames within 25 dB of the loudest: a plain stand-in for the active level of ITU-T
/// P.56.
pub(crate) fn active_rms(samples: &[i16], rate: SampleRate) -> f64 {
    let levels: Vec<f64> = samples.chunks(rate.frame_samples()).map(rms).collect();
    let loudest = levels.iter().copied().fold(0.0, f64::max);
    let active = levels.iter().filter(|&&level| level > loudest * 0.056).map(|level| level * level);
    mean(active).sqrt()
}

pub(crate) fn rms<T: Copy + Into<f64>>(samples: &[T]) -> f64 {
    mean(samples.iter().map(|&s| s.into() * s.into())).sqrt()
}

/// How much of `clean` is in `line`.
fn projection(clean: &[i16], line: &[i16]) -> f64 {
    let (mut dot, mut energy) = (0.0, 1.0);
    for (&clean, &line) in clean.iter().zip(line) {
        dot += f64::from(clean) * f64::from(line);
        energy += f64::from(clean).powi(2);
    }
    dot / energy
}

/// Differences of the levels in bands of 200 Hz from 200 to 3,400 Hz; what is below -75 dB of full
/// scale counts as equal.
fn spectral_distance_db(a: &[i16], b: &[i16]) -> f64 {
    const BINS_PER_BAND: usize = 4;
    let bands = (4..68).step_by(BINS_PER_BAND).map(|first| {
        let power = |frame: &[i16]| -> f64 {
            (first..first + BINS_PER_BAND).map(|bin| bin_power(frame, bin)).sum::<f64>() + 400.0
        };
        (10.0 * (power(a) / power(b)).log10()).powi(2)
    });
    mean(bands).sqrt()
}

/// Power of a Hann-windowed 20 ms frame at `bin` times 50 Hz, as the mean square of a sine there.
fn bin_power(frame: &[i16], bin: usize) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &sample) in frame.iter().enumerate() {
        let turn = n as f64 / frame.len() as f64;
        let windowed = f64::from(sample) * (1.0 - (TAU * turn).cos());
        let (sin, cos) = (TAU * turn * bin as f64).sin_cos();
        re += windowed * cos;
        im += windowed * sin;
    }
    2.0 * (re * re + im * im) / (frame.len() * frame.len()) as f64
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.max(1e-12).log10()
}

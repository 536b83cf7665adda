//! Ending speech without a click.
//!
//! The curve is a raised cosine in its cubic form (`3t² - 2t³`, within 1 % of the cosine): level at
//! both ends, so that neither the start nor the end of the fade is an edge, and arithmetic that
//! vectorises. An equal-power curve is for two sounds of like loudness that replace each other;
//! here nothing replaces the voice, and its steep end would be heard.

use offhook_types::SampleRate;

use super::limiter::rounded;

/// The shortest fade: what is left of an immediate cut. Under 2 ms a cut in a vowel clicks; over 5
/// ms it is no cut.
pub const DECLICK_MS: u32 = 3;

/// Fades speech to exact silence and keeps it silent until [`FadeOut::reset`].
#[derive(Clone, Debug)]
pub struct FadeOut {
    rate: SampleRate,
    state: State,
}

/// ```text
/// Idle --start--> Fading --(wait, then length samples)--> Silent
///   ^______________________ reset __________________________|
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    /// From `gain` down over `length` samples, of which `done` are; `wait` samples pass at `gain`
    /// before.
    Fading {
        wait: usize,
        done: usize,
        length: usize,
        gain: f32,
    },
    Silent,
}

impl FadeOut {
    /// A stage that passes everything.
    pub const fn new(rate: SampleRate) -> Self {
        Self { rate, state: State::Idle }
    }

    /// Whether samples pass untouched and no fade is due.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// Whether every coming sample is zero.
    pub fn is_silent(&self) -> bool {
        self.state == State::Silent
    }

    /// How many of the next `samples` come before exact silence.
    pub fn audible_samples(&self, samples: usize) -> usize {
        match self.state {
            State::Idle => samples,
            State::Fading { wait, done, length, .. } => samples.min(wait + length - done),
            State::Silent => 0,
        }
    }

    /// Fades over `fade_out_ms` (at least [`DECLICK_MS`]), beginning `after_samples` into what is
    /// processed next, which may be in the middle of a frame or some frames on. While a fade is
    /// running, a new one counts only where it ends sooner; it then goes down from the level
    /// reached, at once.
    pub fn start(&mut self, fade_out_ms: u32, after_samples: usize) {
        let length = fade_samples(self.rate, fade_out_ms);
        self.state = match self.state {
            State::Idle => State::Fading { wait: after_samples, done: 0, length, gain: 1.0 },
            State::Fading { wait, done, length: old_length, gain }
                if after_samples + length < wait + old_length - done =>
            {
                let reached = gain * falling(done, old_length);
                State::Fading { wait: 0, done: 0, length, gain: reached }
            }
            unchanged @ (State::Fading { .. } | State::Silent) => unchanged,
        };
    }

    /// Fades from the next sample on over exactly `length` samples.
    pub(super) fn start_samples(&mut self, length: usize) {
        self.state = State::Fading { wait: 0, done: 0, length, gain: 1.0 };
    }

    /// Fades samples (in units of an `i16` step) in place.
    pub fn process(&mut self, samples: &mut [f32]) {
        let State::Fading { wait, done, length, gain } = self.state else {
            if self.state == State::Silent {
                samples.fill(0.0);
            }
            return;
        };
        let (before, rest) = samples.split_at_mut(wait.min(samples.len()));
        if gain != 1.0 {
            before.iter_mut().for_each(|sample| *sample *= gain);
        }
        let (fading, silent) = rest.split_at_mut((length - done).min(rest.len()));
        fade_part(fading, done, length, gain);
        silent.fill(0.0);
        let done = done + fading.len();
        self.state = if done == length {
            State::Silent
        } else {
            State::Fading { wait: wait - before.len(), done, length, gain }
        };
    }

    /// Lets everything pass again.
    pub fn reset(&mut self) {
        self.state = State::Idle;
    }
}

/// Copies the start of `source` into `out`, faded to silence over `fade_out_ms` (at least
/// [`DECLICK_MS`]) or over what there is when that is shorter, and fills the rest of `out` with
/// zeros. Returns how many samples are not silence by construction. For a tail that replaces audio
/// which a carrier was told to drop.
pub fn fade_tail_into(
    rate: SampleRate,
    fade_out_ms: u32,
    source: &[i16],
    out: &mut [i16],
) -> usize {
    let length = fade_samples(rate, fade_out_ms).min(source.len()).min(out.len());
    let (tail, silence) = out.split_at_mut(length);
    for (done, (out, &sample)) in tail.iter_mut().zip(source).enumerate() {
        *out = rounded(f32::from(sample) * falling(done, length));
    }
    silence.fill(0);
    length
}

/// Raises the start of `samples` from silence, `done` of the curve's `length` samples having passed
/// before.
pub(super) fn fade_in_part(samples: &mut [f32], done: usize, length: usize) {
    for (i, sample) in samples.iter_mut().take(length - done).enumerate() {
        *sample *= 1.0 - falling(done + i, length);
    }
}

/// Samples of a fade, never fewer than the declick's.
pub(super) fn fade_samples(rate: SampleRate, fade_out_ms: u32) -> usize {
    rate.samples_in_ms(fade_out_ms.max(DECLICK_MS))
}

/// The factor of sample `done` of `length`: just under 1 at the first, just over 0 at the last.
pub(super) fn falling(done: usize, length: usize) -> f32 {
    let left = (length - done) as f32 / (length + 1) as f32;
    left * left * (3.0 - 2.0 * left)
}

fn fade_part(samples: &mut [f32], done: usize, length: usize, gain: f32) {
    for (i, sample) in samples.iter_mut().enumerate() {
        *sample *= gain * falling(done + i, length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    fn steepest(samples: &[f32]) -> f32 {
        samples.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_fade_starts_at_any_sample_and_ends_in_exact_silence() {
        for at in [0, 1, 37, 159, 160, 321] {
            let mut fade = FadeOut::new(RATE);
            fade.start(100, at);
            let mut samples = vec![20_000.0_f32; 1_600];
            assert_eq!(fade.audible_samples(1_600), at + 800);
            samples.chunks_mut(160).for_each(|frame| fade.process(frame));
            assert!(samples[..at].iter().all(|&s| s == 20_000.0));
            assert!(samples[at + 800..].iter().all(|&s| s == 0.0));
            assert!(samples[at + 799] > 0.0);
            // The curve's steepest slope is 1.5 / length: 20,000 * 1.5 / 800 = 37.5.
            assert!(steepest(&samples) < 38.0, "{}", steepest(&samples));
            assert!(fade.is_silent());
        }
    }

    #[test]
    fn no_fade_time_is_a_cut_within_three_milliseconds_and_not_a_click() {
        let mut fade = FadeOut::new(RATE);
        fade.start(0, 5);
        let mut samples = [32_767.0_f32; 160];
        fade.process(&mut samples);
        assert_eq!(samples[29..], [0.0; 131], "5 samples and 3 ms");
        assert!(steepest(&samples) < 2_050.0, "1.5 / 24 of full scale: {}", steepest(&samples));
    }

    #[test]
    fn a_sooner_end_takes_over_from_the_level_reached() {
        let mut fade = FadeOut::new(RATE);
        fade.start(200, 0);
        let mut samples = vec![20_000.0_f32; 960];
        fade.process(&mut samples[..800]);
        fade.start(300, 0);
        fade.start(0, 0);
        fade.process(&mut samples[800..]);
        assert!(samples[824..].iter().all(|&s| s == 0.0));
        assert!(steepest(&samples) < 650.0, "half level over 24 samples: {}", steepest(&samples));
    }

    #[test]
    fn a_tail_is_the_source_faded_and_padded() {
        let source = [10_000_i16; 400];
        let mut out = [1_i16; 480];
        assert_eq!(fade_tail_into(RATE, 40, &source, &mut out), 320);
        assert!(out[0] > 9_990 && out[319] < 10 && out[320..].iter().all(|&s| s == 0));
        assert!(out.is_sorted_by(|a, b| a >= b));
        assert_eq!(fade_tail_into(RATE, 100, &source[..50], &mut out), 50, "over what there is");
        assert_eq!(out[49..51], [11, 0]);
        assert_eq!(fade_tail_into(RATE, 100, &[], &mut out), 0);
        assert_eq!(out, [0; 480]);
    }
}

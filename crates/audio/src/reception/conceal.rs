//! Fills holes in a stream: a lost stretch is continued from its past for up to 60 ms, then fades
//! into comfort noise.
//!
//! A gap is rendered as `gain * continuation + sqrt(1 - gain²) * noise`, so the background keeps
//! its level while the voice fades. When audio returns, the rendering goes on for a few
//! milliseconds below it and is faded out.
//!
//! Attenuation follows ITU-T G.711 Appendix I: none for 10 ms, then 20 % of the first level per 10
//! ms, nothing left at 60 ms. The Appendix also delays everything by 3.75 ms; this adds no delay
//! (see `pitch_repeater.rs`).

use offhook_types::SampleRate;

use super::comfort_noise::{BLOCK, ComfortNoise, InvalidNoiseLevel, to_sample};
use super::pitch_repeater::PitchRepeater;

/// Conceals losses and pauses of one stream, sample by sample, at any rate.
///
/// Per stretch of the stream call exactly one of [`receive`](Self::receive),
/// [`conceal_into`](Self::conceal_into) and [`pause_into`](Self::pause_into).
#[derive(Clone, Debug)]
pub struct Concealer {
    rate: SampleRate,
    repeater: PitchRepeater,
    noise: ComfortNoise,
    gap: Option<Gap>,
}

/// A hole being filled, or being left.
#[derive(Clone, Copy, Debug)]
struct Gap {
    fade: Fade,
    elapsed: usize,
    /// Samples of received audio blended with the rendering so far, and how many there are to be.
    reentry: Option<(usize, usize)>,
}

/// How the continuation loses its level: full for `hold` samples, then linearly to nothing over
/// `fall` samples.
#[derive(Clone, Copy, Debug)]
struct Fade {
    hold: usize,
    fall: usize,
}

impl Concealer {
    /// Allocates the history. `seed` determines the comfort noise.
    pub fn new(rate: SampleRate, seed: u64) -> Self {
        Self {
            rate,
            repeater: PitchRepeater::new(rate),
            noise: ComfortNoise::new(rate, seed),
            gap: None,
        }
    }

    /// Samples by which the output lags behind the input: none.
    pub const fn delay_samples(&self) -> usize {
        0
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        self.repeater.reset();
        self.noise.reset();
        self.gap = None;
    }

    /// Learns the background from received audio, a frame of 20 ms at a time.
    pub fn learn_background(&mut self, frame: &[i16]) {
        self.noise.hear(frame);
    }

    /// Takes the comfort-noise level a carrier gives for this pause, in -dBov (RFC 3389 §3.1).
    ///
    /// # Errors
    /// [`InvalidNoiseLevel`] above 127.
    pub fn set_noise_level_dbov(&mut self, minus_dbov: u8) -> Result<(), InvalidNoiseLevel> {
        self.noise.set_level_dbov(minus_dbov)
    }

    /// Takes received audio of any length. After a gap its beginning is blended with the rendering
    /// of the gap.
    pub fn receive(&mut self, samples: &mut [i16]) {
        if let Some(mut gap) = self.gap {
            let (done, len) = gap.reentry.unwrap_or((0, self.overlap_samples(gap)));
            let blended = samples.len().min(len - done);
            let mut at = done;
            let mut block = [0.0; BLOCK];
            for part in samples[..blended].chunks_mut(BLOCK) {
                self.render(&mut gap, &mut block[..part.len()]);
                for (sample, &filling) in part.iter_mut().zip(&block) {
                    at += 1;
                    let weight = at as f32 / (len + 1) as f32;
                    *sample = to_sample(filling + weight * (f32::from(*sample) - filling));
                }
            }
            gap.reentry = Some((done + blended, len));
            self.gap = (done + blended < len).then_some(gap);
        }
        self.repeater.remember(samples);
    }

    /// Fills `output` in the place of lost audio, going on with a gap that is open. Returns how
    /// many samples at its beginning still carry some of the voice; the rest is comfort noise.
    pub fn conceal_into(&mut self, output: &mut [i16]) -> usize {
        let fade = Fade {
            hold: self.rate.samples_in_ms(HOLD_MS),
            fall: self.rate.samples_in_ms(CONCEALED_MS_MAX - HOLD_MS),
        };
        self.fill(fade, output)
    }

    /// Fills `output` with comfort noise in the place of silence that was not sent. The end of what
    /// was heard last is continued and faded out within 10 ms, against a click.
    pub fn pause_into(&mut self, output: &mut [i16]) {
        self.fill(Fade { hold: 0, fall: self.rate.samples_in_ms(PAUSE_FADE_MS) }, output);
    }

    fn fill(&mut self, fade: Fade, output: &mut [i16]) -> usize {
        // A level may be told in the middle of a pause.
        self.noise.begin();
        let mut gap = match self.gap {
            Some(gap) if gap.reentry.is_none() => gap,
            Some(_) | None => {
                self.repeater.begin();
                Gap { fade, elapsed: 0, reentry: None }
            }
        };
        let voiced = (gap.fade.hold + gap.fade.fall).saturating_sub(gap.elapsed).min(output.len());
        let mut block = [0.0; BLOCK];
        for part in output.chunks_mut(BLOCK) {
            self.render(&mut gap, &mut block[..part.len()]);
            for (sample, &filling) in part.iter_mut().zip(&block) {
                *sample = to_sample(filling);
            }
        }
        self.gap = Some(gap);
        self.repeater.remember(output);
        voiced
    }

    /// The next samples of the filling.
    fn render(&mut self, gap: &mut Gap, filling: &mut [f32]) {
        self.noise.next_block(filling);
        for sample in filling {
            let gain = gap.fade.gain(gap.elapsed);
            if gain == 0.0 {
                break;
            }
            let voice = gain * self.repeater.next_sample();
            *sample = voice + (1.0 - gain * gain).sqrt() * *sample;
            gap.elapsed += 1;
        }
    }

    /// How long the return from this gap is blended: a quarter period and 4 ms more per 10 ms of
    /// gap beyond the first (G.711 Appendix I), 5 ms at most.
    fn overlap_samples(&self, gap: Gap) -> usize {
        let beyond = gap.elapsed.saturating_sub(self.rate.samples_in_ms(10));
        let len = self.repeater.quarter_period() + beyond.saturating_mul(4) / 10;
        len.min(self.rate.samples_in_ms(OVERLAP_MS_MAX))
    }
}

impl Fade {
    fn gain(self, elapsed: usize) -> f32 {
        let fallen = elapsed.saturating_sub(self.hold).min(self.fall);
        1.0 - fallen as f32 / self.fall as f32
    }
}

/// Concealment without attenuation (G.711 Appendix I).
const HOLD_MS: u32 = 10;

/// Longest concealment (G.711 Appendix I): whatever was being said is over by then.
const CONCEALED_MS_MAX: u32 = 60;

/// Fade from the last sound into a pause: long enough not to click, too short to be heard as sound.
const PAUSE_FADE_MS: u32 = 10;

/// Longest blend on return. G.711 Appendix I goes to 10 ms; on recorded voices 5 ms brought the
/// frame after a loss closer to what was said (log-spectral distance 5.5 to 5.1 dB after 20 ms, 4.7
/// to 4.1 after 60 ms) and did not click.
const OVERLAP_MS_MAX: u32 = 5;

#[cfg(test)]
mod tests {
    use super::super::speech_like::{hiss, largest_step, rms, snr_db, vowel};
    use super::*;

    const RATES: [SampleRate; 3] =
        [SampleRate::HZ_8000, SampleRate::HZ_16000, SampleRate::HZ_48000];

    #[test]
    fn a_lost_frame_of_steady_voice_is_continued_at_8_db_or_better() {
        for rate in RATES {
            for pitch_hz in [75.0, 98.0, 123.0, 171.0, 230.0, 310.0] {
                let voice = vowel(rate.hz(), pitch_hz, rate.hz() as usize);
                let heard = lose(rate, &voice, |frame| frame == 30);
                let lost = rate.frame_samples() * 30..rate.frame_samples() * 31;
                // Silence in its place has 0 dB by definition. Measured: 8.4 to 19.7 dB at 8 kHz,
                // where whole samples are a coarse grid of periods, 9.6 to 19.4 at 16 kHz, 19.1 to
                // 23.4 at 48 kHz.
                let snr = snr_db(&voice[lost.clone()], &heard[lost]);
                assert!(snr >= 8.0, "{rate} {pitch_hz} Hz: {snr} dB");
            }
        }
    }

    #[test]
    fn no_loss_makes_a_click_in_steady_voice() {
        for rate in RATES {
            for pitch_hz in [75.0, 123.0, 230.0, 310.0] {
                let voice = vowel(rate.hz(), pitch_hz, rate.hz() as usize * 2);
                for lost in [1, 2, 3, 5, 10] {
                    let heard = lose(rate, &voice, |frame| frame % 23 >= 23 - lost);
                    let (step, allowed) = (largest_step(&heard), largest_step(&voice) * 5 / 4);
                    assert!(step <= allowed, "{rate} {pitch_hz} Hz {lost}: {step} > {allowed}");
                }
            }
        }
    }

    #[test]
    fn a_sound_that_does_not_repeat_is_continued_without_a_click() {
        // A rumble of 20 Hz: whatever is repeated ends elsewhere than it began, by up to 15,000.
        let rumble: Vec<i16> =
            (0..8_000).map(|i| (10_000.0 * (i as f32 * 0.015_708).sin()) as i16).collect();
        for phase in 0..10 {
            let mut concealer = Concealer::new(SampleRate::HZ_8000, 1);
            let mut heard = rumble[..4_000 + phase * 40].to_vec();
            concealer.receive(&mut heard);
            heard.resize(heard.len() + 480, 0);
            let start = heard.len() - 480;
            concealer.conceal_into(&mut heard[start..]);
            let step = largest_step(&heard);
            assert!(step <= 1_200, "spread over 30 samples: {step}");
        }
    }

    #[test]
    fn the_voice_is_gone_60_ms_into_a_loss() {
        let rate = SampleRate::HZ_8000;
        let mut concealer = Concealer::new(rate, 1);
        concealer.receive(&mut vowel(8_000, 123.0, 4_000));
        let (mut gap, mut tail) = (vec![0; 480], vec![9; 160]);
        assert_eq!(concealer.conceal_into(&mut gap), 480);
        assert_eq!(concealer.conceal_into(&mut tail), 0);
        assert_eq!(tail, vec![0; 160], "nothing was learnt, so the noise is silent");
        // G.711 Appendix I: 20 % per 10 ms after the first 10 ms, so 50 % on average from 10 to 60
        // ms.
        let (first, last) = (rms(&gap[..80]), rms(&gap[400..]));
        assert!(last < 0.2 * first, "{first} {last}");
    }

    #[test]
    fn the_background_keeps_its_level_through_a_long_loss() {
        let rate = SampleRate::HZ_8000;
        let mut concealer = Concealer::new(rate, 1);
        for frame in hiss(30.0, 16_000, 3).chunks_mut(160) {
            concealer.receive(frame);
            concealer.learn_background(frame);
        }
        let mut gap = vec![0; 1_600];
        concealer.conceal_into(&mut gap);
        for (i, part) in gap.chunks(320).enumerate() {
            let level_db = 20.0 * (rms(part) / 30.0).log10();
            assert!((-4.0..=1.5).contains(&level_db), "part {i}: {level_db} dB");
        }
    }

    #[test]
    fn a_pause_carries_no_voice_after_10_ms() {
        let mut concealer = Concealer::new(SampleRate::HZ_8000, 1);
        concealer.receive(&mut vowel(8_000, 123.0, 4_000));
        let mut pause = vec![0; 320];
        concealer.pause_into(&mut pause);
        assert!(pause[80..].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn a_level_told_in_the_middle_of_a_pause_is_heard_at_once() {
        let mut concealer = Concealer::new(SampleRate::HZ_8000, 1);
        concealer.receive(&mut [0; 4_000]);
        let mut pause = [0; 1_600];
        concealer.pause_into(&mut pause);
        assert_eq!(rms(&pause), 0.0);
        concealer.set_noise_level_dbov(50).unwrap();
        concealer.pause_into(&mut pause);
        // 32,767 / 316, as in RFC 3389 §3.1.
        assert!((rms(&pause) / 103.6 - 1.0).abs() < 0.1);
    }

    #[test]
    fn received_audio_passes_unchanged_except_for_5_ms_after_a_gap() {
        let rate = SampleRate::HZ_16000;
        let voice = vowel(16_000, 140.0, 32_000);
        let heard = lose(rate, &voice, |frame| frame % 10 == 9);
        for frame in 0..100 {
            let start = frame * 320 + if frame % 10 == 0 { 80 } else { 0 };
            if frame % 10 != 9 {
                let end = (frame + 1) * 320;
                assert_eq!(voice[start..end], heard[start..end], "frame {frame}");
            }
        }
    }

    #[test]
    fn a_gap_rendered_in_any_pieces_is_the_same_gap() {
        let mut whole = Concealer::new(SampleRate::HZ_8000, 1);
        whole.receive(&mut vowel(8_000, 123.0, 4_000));
        let mut pieces = whole.clone();
        let (mut a, mut b) = (vec![0; 700], vec![0; 700]);
        whole.conceal_into(&mut a);
        for piece in b.chunks_mut(37) {
            pieces.conceal_into(piece);
        }
        assert_eq!(a, b);
        let mut next = vowel(8_000, 90.0, 500);
        let mut same = next.clone();
        whole.receive(&mut next);
        for piece in same.chunks_mut(11) {
            pieces.receive(piece);
        }
        assert_eq!(next, same);
    }

    #[test]
    fn silence_dc_and_full_scale_squares_are_continued_in_range() {
        for rate in RATES {
            let square: Vec<i16> =
                (0..4_800).map(|i| if i / 40 % 2 == 0 { i16::MIN } else { i16::MAX }).collect();
            for past in [vec![0; 4_800], vec![i16::MIN; 4_800], vec![i16::MAX; 4_800], square] {
                let mut concealer = Concealer::new(rate, 1);
                concealer.receive(&mut past.clone());
                let mut gap = vec![0; rate.frame_samples()];
                concealer.conceal_into(&mut gap);
                if past.iter().all(|&sample| sample == past[0]) {
                    assert_eq!(gap[0], past[0]);
                }
            }
        }
    }

    /// Sends a signal in frames of 20 ms and conceals those for which `is_lost` holds.
    fn lose(rate: SampleRate, signal: &[i16], is_lost: impl Fn(usize) -> bool) -> Vec<i16> {
        let mut concealer = Concealer::new(rate, 1);
        let mut heard = signal.to_vec();
        for (i, frame) in heard.chunks_exact_mut(rate.frame_samples()).enumerate() {
            if is_lost(i) {
                concealer.conceal_into(frame);
            } else {
                concealer.receive(frame);
            }
        }
        heard
    }
}

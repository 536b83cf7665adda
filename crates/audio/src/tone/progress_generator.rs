//! Plays progress tones: the carrier's side in the simulator, and the reference signal in tests.
//!
//! Sample-accurate at any rate: a segment ends at the sample nearest to its nominal time, counted
//! from the start of the cadence, so that fractions do not add up. Edges are hard, as those of
//! exchanges are. Each frequency runs on in phase through pauses.

use offhook_types::SampleRate;

use super::cadence::{ToneCadence, ToneSegment};

/// Plays one cadence.
#[derive(Clone, Debug)]
pub struct ProgressToneGenerator<'a> {
    cadence: ToneCadence<'a>,
    rate_hz: u32,
    amplitude: f64,
    segment: usize,
    /// Samples played since the cadence, or its present repetition, began.
    played: u64,
    /// Where the present segment ends, in samples from the start of the repetition.
    segment_end: u64,
    /// Nominal end of the present segment, milliseconds from the start of the repetition.
    segment_end_ms: u64,
    /// Turns of each sinusoid, 0 to 1.
    phases: [f64; 2],
}

impl<'a> ProgressToneGenerator<'a> {
    /// Starts at the beginning of `cadence`. `level_dbfs` is that of the whole tone; 0 dBFS is a
    /// full-scale sine, and a pair of tones is clipped above -3 dBFS.
    pub fn new(rate: SampleRate, cadence: ToneCadence<'a>, level_dbfs: f32) -> Self {
        let mut generator = Self {
            cadence,
            rate_hz: rate.hz(),
            amplitude: f64::from(i16::MAX) * 10.0_f64.powf(f64::from(level_dbfs) / 20.0),
            segment: 0,
            played: 0,
            segment_end: 0,
            segment_end_ms: 0,
            phases: [0.0; 2],
        };
        generator.enter(0);
        generator
    }

    /// Whether a cadence that does not repeat has been played to its end.
    pub fn is_finished(&self) -> bool {
        self.segment >= self.cadence.segments.len()
    }

    /// Starts again from the beginning of the cadence.
    pub fn reset(&mut self) {
        self.played = 0;
        self.phases = [0.0; 2];
        self.enter(0);
    }

    /// Fills `output` with what comes next; silence after the end.
    pub fn process_into(&mut self, output: &mut [i16]) {
        let mut rest = output;
        while !rest.is_empty() {
            let Some(segment) = self.cadence.segments.get(self.segment).copied() else {
                rest.fill(0);
                return;
            };
            let left = usize::try_from(self.segment_end - self.played).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at_mut(left.min(rest.len()));
            self.play(segment, now);
            self.played += now.len() as u64;
            rest = later;
            if self.played == self.segment_end {
                self.leave();
            }
        }
    }

    fn play(&mut self, segment: ToneSegment, output: &mut [i16]) {
        let [first, second] = segment.frequencies_hz.map(f64::from);
        let components = f64::from(u8::from(first > 0.0) + u8::from(second > 0.0));
        if components == 0.0 {
            output.fill(0);
            return;
        }
        let sign = if segment.is_inverted { -1.0 } else { 1.0 };
        // Equal power in each sinusoid, so that the whole has the level that was asked for.
        let amplitude = sign * self.amplitude / components.sqrt();
        let steps = [first / f64::from(self.rate_hz), second / f64::from(self.rate_hz)];
        for sample in output {
            let mut sum = 0.0;
            for (phase, step) in self.phases.iter_mut().zip(steps) {
                sum += (*phase * std::f64::consts::TAU).sin();
                *phase = (*phase + step).fract();
            }
            *sample = (amplitude * sum).round() as i16;
        }
    }

    fn leave(&mut self) {
        let next = self.segment + 1;
        // A cadence that lasts no time at all must not be repeated for ever within one call.
        if next == self.cadence.segments.len() && self.cadence.repeats && self.played > 0 {
            self.played = 0;
            self.enter(0);
        } else {
            self.enter(next);
        }
    }

    /// Enters the first segment from `index` on that lasts at least one sample.
    fn enter(&mut self, index: usize) {
        if index == 0 {
            self.segment_end_ms = 0;
        }
        self.segment = index;
        while let Some(segment) = self.cadence.segments.get(self.segment) {
            self.segment_end_ms += u64::from(segment.duration_ms);
            self.segment_end = (self.segment_end_ms * u64::from(self.rate_hz) + 500) / 1_000;
            if self.segment_end > self.played {
                return;
            }
            self.segment += 1;
        }
        if self.cadence.repeats && self.played > 0 {
            self.played = 0;
            self.enter(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::ProgressTone;
    use proptest::prelude::*;

    use super::super::cadence::TonePlan;
    use super::*;

    fn power(samples: &[i16]) -> f64 {
        samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64
    }

    #[test]
    fn american_busy_tone_is_on_and_off_for_half_a_second_at_any_rate() {
        // 480 + 620 Hz, 0.5 s on, 0.5 s off (North American precise tone plan).
        for hz in [8_000, 16_000, 22_050, 44_100, 48_000] {
            let rate = SampleRate::new(hz).unwrap();
            let cadence = TonePlan::UnitedStates.cadence(ProgressTone::Busy);
            let mut generator = ProgressToneGenerator::new(rate, cadence, -20.0);
            let mut samples = vec![0; rate.samples_in_ms(10_000)];
            for chunk in samples.chunks_mut(rate.frame_samples()) {
                generator.process_into(chunk);
            }
            for second in samples.chunks(hz as usize) {
                let (on, off) = second.split_at(hz as usize / 2);
                let level = 10.0 * (2.0 * power(on) / 32_767.0_f64.powi(2)).log10();
                assert!((level + 20.0).abs() < 0.2, "{hz} Hz: {level} dBFS");
                assert!(off.iter().all(|sample| *sample == 0), "{hz} Hz");
            }
        }
    }

    #[test]
    fn fractions_of_a_sample_do_not_add_up() {
        // 45 ms at 22 050 Hz is 992.25 samples: 1000 bursts and pauses are 1 984 500 samples
        // exactly.
        let segments = [ToneSegment::single(1_000.0, 45), ToneSegment::silence(45)].repeat(1_000);
        let cadence = ToneCadence { segments: &segments, repeats: false };
        let rate = SampleRate::new(22_050).unwrap();
        let mut generator = ProgressToneGenerator::new(rate, cadence, -10.0);
        let mut sample = [0];
        for _ in 0..1_984_499 {
            generator.process_into(&mut sample);
        }
        assert!(!generator.is_finished());
        generator.process_into(&mut sample);
        assert!(generator.is_finished());
    }

    #[test]
    fn a_full_scale_pair_clips_instead_of_wrapping() {
        let segments = [ToneSegment::pair(440.0, 480.0, 1_000)];
        let cadence = ToneCadence { segments: &segments, repeats: true };
        let mut generator = ProgressToneGenerator::new(SampleRate::HZ_8000, cadence, 0.0);
        let mut samples = [0; 8_000];
        generator.process_into(&mut samples);
        let jump = samples.windows(2).map(|w| i32::from(w[0]).abs_diff(i32::from(w[1]))).max();
        // A sine pair of 480 Hz and 1.41 full scale moves at most 2 pi 480 / 8000 * 46340 = 17 470
        // in a sample.
        assert!(jump < Some(17_500), "{jump:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_cadence_ends_or_goes_on_without_hanging(
            durations in proptest::collection::vec(0_u16..50, 0..6),
            repeats: bool,
            chunk in 1_usize..500,
        ) {
            let segments: Vec<_> =
                durations.iter().map(|ms| ToneSegment::single(1_000.0, *ms)).collect();
            let cadence = ToneCadence { segments: &segments, repeats };
            let mut generator = ProgressToneGenerator::new(SampleRate::HZ_8000, cadence, -6.0);
            let mut samples = vec![0; chunk];
            for _ in 0..20 {
                generator.process_into(&mut samples);
            }
            let total: usize = durations.iter().map(|ms| usize::from(*ms) * 8).sum();
            let ends = total == 0 || (!repeats && total <= 20 * chunk);
            prop_assert_eq!(generator.is_finished(), ends);
        }
    }
}

//! Hears keypad digits in a stream of samples.
//!
//! Limits are those of ITU-T Q.24. A digit starts when five hops of 4 ms look like the same pair of
//! tones and the first of them is 24 ms old, which a tone of 23 ms never reaches and one of 40 ms
//! always does; it ends when its tones have been down for about 27 ms, so that a gap of 10 ms, and
//! the 20 ms of one lost packet, stays inside one digit and a pause of 40 ms does not. Both moments
//! are then found by where the tone's amplitude crossed half of its height.
//!
//! Against speech (talk-off) there is no list of forbidden harmonics: whatever the two tones do not
//! explain counts against them, so that a second harmonic, a formant and a neighbouring key all
//! refuse alike, and a voice does not hold two pitches within 2.4 % of a pair for 24 ms.
//!
//! Assumes 8 or 16 kHz and that time without samples was filled. Left out: digits over a dial tone
//! (there is none on an answered call; it counts as noise), and telling the same digit reported by
//! the carrier apart from the one heard here (the session does, by time).

use std::ops::Range;

use offhook_types::{DtmfDigit, SampleRate};

use super::dtmf_run::{Run, START_HOPS, Sounding, TurnLimits};
use super::keypad_spectrum::{HOPS_PER_SECOND, KeypadSpectrum, Look, WINDOW_CENTRE_HOPS};
use super::power_history::PowerHistory;

/// Tones are heard at 8 and 16 kHz only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tones are heard at 8000 or 16000 Hz, not at {0}")]
pub struct UnsupportedToneRate(pub SampleRate);

/// A digit began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtmfStart {
    /// The key.
    pub digit: DtmfDigit,
    /// When its tone began, in samples since the detector was made or reset; within 4 ms.
    pub onset_sample: u64,
}

/// A digit that began has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtmfEnd {
    /// The key.
    pub digit: DtmfDigit,
    /// When its tone began, as [`DtmfStart`] said.
    pub onset_sample: u64,
    /// How long it sounded; within 8 ms.
    pub duration_ms: u32,
}

/// What one frame brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DtmfFrame {
    /// The digit whose end was found in this frame; it comes before `started`.
    pub ended: Option<DtmfEnd>,
    /// The digit whose start was found in this frame.
    pub started: Option<DtmfStart>,
    /// Samples of this frame that hold a tone, or what may become one: not to be taken for speech.
    pub tone: Option<Range<usize>>,
}

impl DtmfFrame {
    /// Whether the frame holds a tone, or what may become one.
    pub fn is_tone(&self) -> bool {
        self.tone.is_some()
    }
}

/// Hears keypad digits.
///
/// Give it each frame with [`process`](Self::process). It adds no delay to the audio; a start is
/// reported 34 to 42 ms after the tone began, an end about 40 ms after it ended, plus what is left
/// of the frame.
#[derive(Clone, Debug)]
pub struct DtmfDetector {
    spectrum: KeypadSpectrum,
    rate: SampleRate,
    /// Samples of a hop that is not full yet.
    partial: Vec<i16>,
    hop_samples: usize,
    hops: u64,
    run: Run,
    sounding: Option<Sounding>,
    history: PowerHistory,
    turn_limits: TurnLimits,
    own_until_sample: u64,
    /// First sample of the tone that reaches up to the newest hop.
    tone_from_sample: Option<u64>,
}

impl DtmfDetector {
    /// A detector for a stream of `rate`.
    ///
    /// # Errors
    /// [`UnsupportedToneRate`] unless `rate` is 8 or 16 kHz.
    pub fn new(rate: SampleRate) -> Result<Self, UnsupportedToneRate> {
        if rate != SampleRate::HZ_8000 && rate != SampleRate::HZ_16000 {
            return Err(UnsupportedToneRate(rate));
        }
        let hop_samples = (rate.hz() / HOPS_PER_SECOND) as usize;
        Ok(Self {
            spectrum: KeypadSpectrum::new(hop_samples, rate.hz()),
            rate,
            partial: Vec::with_capacity(hop_samples),
            hop_samples,
            hops: 0,
            run: Run::NONE,
            sounding: None,
            history: PowerHistory::SILENT,
            turn_limits: TurnLimits::new(hop_samples, rate.hz()),
            own_until_sample: 0,
            tone_from_sample: None,
        })
    }

    /// Samples taken so far: where on the time line of `onset_sample` the next frame begins.
    pub fn position_sample(&self) -> u64 {
        self.hops * self.hop_samples as u64 + self.partial.len() as u64
    }

    /// Does not report digits that begin before `sample`: they are the echo of tones that we sent.
    /// They are blanked all the same. An earlier call is replaced only by a later moment.
    pub fn mask_own_until(&mut self, sample: u64) {
        self.own_until_sample = self.own_until_sample.max(sample);
    }

    /// Takes the next frame, 20 ms or shorter; of a longer one only the last start and end are
    /// reported.
    pub fn process(&mut self, frame: &[i16]) -> DtmfFrame {
        let mut report = DtmfFrame::default();
        let begin = self.position_sample();
        let mut tone_from = self.tone_from_sample;
        let mut tone_until = begin;
        let mut rest = frame;
        while self.partial.len() + rest.len() >= self.hop_samples {
            if self.partial.is_empty() {
                let (hop, after) = rest.split_at(self.hop_samples);
                let look = self.spectrum.look(hop);
                self.handle_look(&look, &mut report);
                rest = after;
            } else {
                let (head, after) = rest.split_at(self.hop_samples - self.partial.len());
                self.partial.extend_from_slice(head);
                let look = self.spectrum.look(&self.partial);
                self.partial.clear();
                self.handle_look(&look, &mut report);
                rest = after;
            }
            if let Some(from) = self.tone_from_sample {
                tone_from = Some(tone_from.unwrap_or(from).min(from));
                tone_until = self.hops * self.hop_samples as u64;
            }
        }
        self.partial.extend_from_slice(rest);
        if self.tone_from_sample.is_some() {
            tone_until = begin + frame.len() as u64;
        }
        report.tone = tone_from.map(|from| within(from..tone_until, begin, frame.len()));
        report.tone = report.tone.filter(|tone| !tone.is_empty());
        report
    }

    /// Forgets what it heard, for a new stream; positions count from zero again.
    pub fn reset(&mut self) {
        self.spectrum.reset();
        self.partial.clear();
        self.hops = 0;
        self.run = Run::NONE;
        self.sounding = None;
        self.history = PowerHistory::SILENT;
        self.own_until_sample = 0;
        self.tone_from_sample = None;
    }

    fn handle_look(&mut self, look: &Look, report: &mut DtmfFrame) {
        self.hops += 1;
        self.history.push(look.powers);
        if self.sounding.as_mut().is_some_and(|it| it.has_ended(look)) {
            self.end(report);
        }
        self.run.extend(look);
        if self.run.is_digit(&self.turn_limits) {
            self.start_or_continue(report);
        }
        self.follow_tone(look);
    }

    /// The run is a digit: a new one if it has lasted, unless it is the one that sounds.
    fn start_or_continue(&mut self, report: &mut DtmfFrame) {
        let pair = self.run.pair;
        if self.sounding.is_some_and(|it| it.pair == pair) {
            return;
        }
        let plateau = self.history.peak_of(pair, START_HOPS);
        let rise_hops_ago = self.history.rise_hops_ago(pair, plateau, START_HOPS - 1);
        let onset_sample = self.moment(rise_hops_ago);
        let elapsed_min = self.rate.samples_in_ms(ELAPSED_MIN_MS) as u64;
        if self.moment(0.0) < onset_sample + elapsed_min {
            return;
        }
        self.end(report);
        let is_reported = onset_sample >= self.own_until_sample;
        if is_reported {
            report.started = Some(DtmfStart { digit: pair.digit(), onset_sample });
        }
        self.sounding = Some(Sounding { pair, onset_sample, is_reported, plateau, gap_hops: 0 });
    }

    fn end(&mut self, report: &mut DtmfFrame) {
        let Some(sounding) = self.sounding.take() else { return };
        if !sounding.is_reported {
            return;
        }
        let Sounding { pair, onset_sample, plateau, gap_hops, .. } = sounding;
        let end_sample = self.moment(self.history.fall_hops_ago(pair, plateau, gap_hops));
        let samples = end_sample.saturating_sub(onset_sample);
        let duration_ms = samples * 1_000 / u64::from(self.rate.hz());
        report.ended = Some(DtmfEnd {
            digit: pair.digit(),
            onset_sample,
            duration_ms: u32::try_from(duration_ms).unwrap_or(u32::MAX),
        });
    }

    /// Sample at the centre of the window `hops_ago`.
    fn moment(&self, hops_ago: f64) -> u64 {
        let hops = (self.hops as f64 - WINDOW_CENTRE_HOPS - hops_ago).max(0.0);
        (hops * self.hop_samples as f64) as u64
    }

    /// Moves the edges of what the blanker shall take out.
    fn follow_tone(&mut self, look: &Look) {
        if look.is_suspect || self.sounding.is_some() {
            let from = self.hops.saturating_sub(SUSPECT_HOPS) * self.hop_samples as u64;
            self.tone_from_sample = Some(self.tone_from_sample.map_or(from, |it| it.min(from)));
        } else {
            self.tone_from_sample = None;
        }
    }
}

/// The part of `span` that lies in the `len` samples from `begin`, counted from `begin`.
fn within(span: Range<u64>, begin: u64, len: usize) -> Range<usize> {
    let clip = |sample: u64| usize::try_from(sample.saturating_sub(begin)).unwrap_or(len).min(len);
    clip(span.start)..clip(span.end)
}

/// Time from the onset to the middle of the window that starts a digit: the window sees no tone
/// beyond its end, so that a tone of 24 ms (ITU-T Q.24: refused) falls short; one of 32 ms is heard
/// four times out of five, one of 40 ms always.
const ELAPSED_MIN_MS: u32 = 24;

/// Hops that may hold a tone when the narrow window first suspects one: its own two, and the one
/// cut by the onset.
const SUSPECT_HOPS: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::keypad::{KEYPAD_HZ, peak_of};
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    const RATES: [SampleRate; 2] = [SampleRate::HZ_8000, SampleRate::HZ_16000];

    /// A tone from 65.3 ms on; what a test does not say is nominal.
    #[derive(Clone, Copy)]
    struct Tone {
        /// Frequencies over nominal ones.
        stretch: f64,
        low_dbm0: f64,
        high_dbm0: f64,
        on_ms: f64,
        /// Part of the tone cut out, from its onset, in ms.
        cut_ms: (f64, f64),
        /// Deviation of the noise throughout, in steps.
        noise: f64,
    }

    const NOMINAL: Tone = Tone {
        stretch: 1.0,
        low_dbm0: -10.0,
        high_dbm0: -10.0,
        on_ms: 60.0,
        cut_ms: (0.0, 0.0),
        noise: 0.0,
    };

    const ONSET_MS: f64 = 65.3;

    fn samples_of(rate: SampleRate, digit: DtmfDigit, tone: Tone) -> Vec<i16> {
        let hz = f64::from(rate.hz());
        let mut seed = 1_u32;
        let len = ((ONSET_MS + tone.on_ms + 100.0) * hz / 1_000.0) as usize;
        let sample = |n: usize| {
            let second = n as f64 / hz - ONSET_MS / 1_000.0;
            let cut = tone.cut_ms.0 / 1_000.0..tone.cut_ms.1 / 1_000.0;
            let is_on = (0.0..tone.on_ms / 1_000.0).contains(&second) && !cut.contains(&second);
            let sine = |lane: usize, dbm0| {
                peak_of(dbm0) * (TAU * KEYPAD_HZ[lane] * tone.stretch * second).sin()
            };
            let pair = sine(digit.row(), tone.low_dbm0) + sine(4 + digit.column(), tone.high_dbm0);
            // Twelve uniform numbers make a good Gaussian of deviation one.
            let gaussian: f64 = (0..12).map(|_| uniform(&mut seed)).sum::<f64>() - 6.0;
            let value = if is_on { pair } else { 0.0 } + tone.noise * gaussian;
            value.round().clamp(-32_768.0, 32_767.0) as i16
        };
        (0..len).map(sample).collect()
    }

    fn uniform(seed: &mut u32) -> f64 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(*seed >> 8) / 16_777_216.0
    }

    fn listen(rate: SampleRate, samples: &[i16]) -> (Vec<DtmfStart>, Vec<DtmfEnd>) {
        let mut detector = DtmfDetector::new(rate).unwrap();
        let frames = samples.chunks(rate.frame_samples());
        let reports: Vec<_> = frames.map(|frame| detector.process(frame)).collect();
        let starts = reports.iter().filter_map(|it| it.started).collect();
        let ends = reports.iter().filter_map(|it| it.ended).collect();
        (starts, ends)
    }

    /// How many of the 16 digits were heard exactly once, over both rates.
    fn heard_of_32(tone: Tone) -> usize {
        let is_heard = |rate, digit| {
            let (starts, ends) = listen(rate, &samples_of(rate, digit, tone));
            assert!(starts.iter().all(|it| it.digit == digit), "{digit} heard as {starts:?}");
            starts.len() == 1 && ends.len() == 1
        };
        let pairs = RATES.iter().flat_map(|&rate| DtmfDigit::all().map(move |it| (rate, it)));
        pairs.filter(|&(rate, digit)| is_heard(rate, digit)).count()
    }

    #[test]
    fn only_8_and_16_khz_are_heard() {
        let error = DtmfDetector::new(SampleRate::HZ_48000).unwrap_err();
        assert_eq!(error.to_string(), "tones are heard at 8000 or 16000 Hz, not at 48000 Hz");
    }

    #[test]
    fn every_digit_is_heard_once() {
        assert_eq!(heard_of_32(NOMINAL), 32);
    }

    #[test]
    fn frequencies_off_by_1_5_percent_are_heard_and_by_3_5_percent_not() {
        for sign in [-1.0, 1.0] {
            let off = |percent: f64| Tone { stretch: 1.0 + sign * percent / 100.0, ..NOMINAL };
            assert_eq!(heard_of_32(off(1.5)), 32);
            assert_eq!(heard_of_32(off(3.5)), 0);
        }
    }

    #[test]
    fn a_high_tone_8_db_below_or_4_db_above_the_low_is_heard() {
        let twisted = |low_dbm0, high_dbm0| Tone { low_dbm0, high_dbm0, ..NOMINAL };
        assert_eq!(heard_of_32(twisted(-8.0, -16.0)), 32);
        assert_eq!(heard_of_32(twisted(-12.0, -8.0)), 32);
        // No standard asks for a limit; speech does.
        assert_eq!(heard_of_32(twisted(-8.0, -22.0)), 0);
        assert_eq!(heard_of_32(twisted(-18.0, -8.0)), 0);
    }

    #[test]
    fn forty_milliseconds_are_heard_and_twenty_three_not() {
        assert_eq!(heard_of_32(Tone { on_ms: 40.0, ..NOMINAL }), 32);
        assert_eq!(heard_of_32(Tone { on_ms: 23.0, ..NOMINAL }), 0);
    }

    #[test]
    fn levels_from_0_to_minus_25_dbm0_are_heard_and_minus_29_not() {
        for (dbm0, heard) in [(0.0, 32), (-25.0, 32), (-29.0, 0)] {
            let tone = Tone { low_dbm0: dbm0, high_dbm0: dbm0, ..NOMINAL };
            assert_eq!(heard_of_32(tone), heard, "{dbm0} dBm0");
        }
    }

    #[test]
    fn a_signal_15_db_above_white_noise_is_heard() {
        let power = peak_of(-10.0).powi(2);
        let noise = (power / 10_f64.powf(1.5)).sqrt();
        assert_eq!(heard_of_32(Tone { noise, ..NOMINAL }), 32);
    }

    #[test]
    fn a_gap_of_10_ms_does_not_split_a_digit() {
        for from_ms in [20.0, 45.0, 70.0] {
            let cut_ms = (from_ms, from_ms + 10.0);
            assert_eq!(heard_of_32(Tone { on_ms: 100.0, cut_ms, ..NOMINAL }), 32);
        }
        // And one lost packet does not either.
        assert_eq!(heard_of_32(Tone { on_ms: 120.0, cut_ms: (50.0, 70.0), ..NOMINAL }), 32);
    }

    #[test]
    fn a_pause_of_40_ms_parts_equal_digits() {
        let key = DtmfDigit::try_from('5').unwrap();
        let tone = Tone { on_ms: 120.0, cut_ms: (40.0, 80.0), ..NOMINAL };
        for rate in RATES {
            let (starts, ends) = listen(rate, &samples_of(rate, key, tone));
            assert_eq!((starts.len(), ends.len()), (2, 2));
        }
    }

    #[test]
    fn onset_and_duration_are_told_within_4_ms_wherever_the_digit_lies_in_the_frames() {
        for rate in RATES {
            let samples_per_ms = f64::from(rate.hz()) / 1_000.0;
            for skip in 0..20 {
                let key = DtmfDigit::from_keypad(skip, skip / 4);
                let tone = Tone { on_ms: 80.0, ..NOMINAL };
                let skipped = skip * rate.samples_in_ms(1);
                let (starts, ends) = listen(rate, &samples_of(rate, key, tone)[skipped..]);
                let onset_ms = starts[0].onset_sample as f64 / samples_per_ms;
                assert!((onset_ms - (ONSET_MS - skip as f64)).abs() < 4.0);
                assert!((f64::from(ends[0].duration_ms) - 80.0).abs() < 4.0);
                assert_eq!(ends[0].onset_sample, starts[0].onset_sample);
            }
        }
    }

    #[test]
    fn a_start_is_reported_within_42_ms_of_the_onset_and_the_rest_of_its_frame() {
        for rate in RATES {
            for digit in DtmfDigit::all() {
                let mut detector = DtmfDetector::new(rate).unwrap();
                let samples = samples_of(rate, digit, Tone { on_ms: 100.0, ..NOMINAL });
                for frame in samples.chunks(rate.samples_in_ms(4)) {
                    if let Some(start) = detector.process(frame).started {
                        let waited = detector.position_sample() - start.onset_sample;
                        assert!(waited <= rate.samples_in_ms(42) as u64, "{waited}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_echo_of_our_own_tones_is_not_reported_and_still_blanked() {
        let rate = SampleRate::HZ_8000;
        let key = DtmfDigit::try_from('#').unwrap();
        let samples = samples_of(rate, key, NOMINAL);
        let mut detector = DtmfDetector::new(rate).unwrap();
        detector.mask_own_until(samples.len() as u64);
        detector.mask_own_until(0);
        let reports: Vec<_> = samples.chunks(160).map(|frame| detector.process(frame)).collect();
        assert!(reports.iter().all(|it| it.started.is_none() && it.ended.is_none()));
        assert!(reports.iter().any(DtmfFrame::is_tone));
        // The next digit is the caller's.
        let starts = samples.chunks(160).filter_map(|frame| detector.process(frame).started);
        assert_eq!(starts.map(|it| it.digit).collect::<Vec<_>>(), [key]);
    }

    #[test]
    fn a_reset_detector_is_a_new_one() {
        let rate = SampleRate::HZ_8000;
        let samples = samples_of(rate, DtmfDigit::try_from('7').unwrap(), NOMINAL);
        let mut used = DtmfDetector::new(rate).unwrap();
        samples[..900].chunks(160).for_each(|frame| {
            used.process(frame);
        });
        used.mask_own_until(10_000);
        used.reset();
        let mut new = DtmfDetector::new(rate).unwrap();
        for frame in samples.chunks(160) {
            assert_eq!(used.process(frame), new.process(frame));
        }
    }

    #[test]
    fn single_tones_squares_offsets_and_noise_are_no_digits() {
        let rate = SampleRate::HZ_8000;
        let mut seed = 3;
        let sine = |hz: f64, n: usize| 12_000.0 * (TAU * hz * n as f64 / 8_000.0).sin();
        let mut signals: Vec<Vec<i16>> = vec![vec![0; 8_000], vec![i16::MIN; 8_000]];
        signals
            .push((0..80_000).map(|_| (60_000.0 * uniform(&mut seed) - 30_000.0) as i16).collect());
        for hz in (300..3_400).step_by(7) {
            let hz = f64::from(hz);
            signals.push((0..1_600).map(|n| sine(hz, n) as i16).collect());
            let square = |n| if sine(hz, n) > 0.0 { i16::MAX } else { i16::MIN };
            signals.push((0..1_600).map(square).collect());
        }
        for hz in KEYPAD_HZ {
            signals.push((0..8_000).map(|n| sine(hz, n) as i16).collect());
        }
        for signal in signals {
            assert_eq!(listen(rate, &signal).0, []);
        }
    }

    #[test]
    fn processing_does_not_allocate() {
        for rate in RATES {
            let key = DtmfDigit::try_from('9').unwrap();
            let samples = samples_of(rate, key, Tone { noise: 200.0, ..NOMINAL });
            let mut detector = DtmfDetector::new(rate).unwrap();
            let mut starts = 0;
            let allocations = allocation_counter::measure(|| {
                for _ in 0..150 {
                    // Odd lengths leave hops half full.
                    for frame in samples.chunks(rate.frame_samples() - 7) {
                        starts += usize::from(detector.process(frame).started.is_some());
                    }
                }
            });
            assert_eq!((allocations.count_total, starts), (0, 150));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_samples_in_any_frames_give_spans_within_the_frame(
            samples in proptest::collection::vec(any::<i16>(), 0..3_000),
            len in 1_usize..700,
        ) {
            let mut detector = DtmfDetector::new(SampleRate::HZ_8000).unwrap();
            for frame in samples.chunks(len) {
                if let Some(tone) = detector.process(frame).tone {
                    prop_assert!(tone.start < tone.end && tone.end <= frame.len());
                }
            }
            prop_assert_eq!(detector.position_sample(), samples.len() as u64);
        }

        #[test]
        fn digits_do_not_depend_on_how_the_stream_is_cut(len in 1_usize..160, key in 0_usize..16) {
            let rate = SampleRate::HZ_8000;
            let samples = samples_of(rate, DtmfDigit::from_keypad(key / 4, key), NOMINAL);
            let mut detector = DtmfDetector::new(rate).unwrap();
            let reports: Vec<_> = samples.chunks(len).map(|it| detector.process(it)).collect();
            let starts: Vec<_> = reports.iter().filter_map(|it| it.started).collect();
            let ends: Vec<_> = reports.iter().filter_map(|it| it.ended).collect();
            prop_assert_eq!((starts, ends), listen(rate, &samples));
        }
    }
}

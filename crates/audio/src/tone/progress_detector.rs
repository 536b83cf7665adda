//! Hears record tones and tones of the network in a stream.

use offhook_types::{SampleRate, ToneEvent, ToneSpan};

use super::burst::{Burst, BurstEdge};
use super::burst_tracker::{BurstTracker, HISTORY};
use super::call_progress::{CallProgressJudge, Progress};
use super::dtmf_detector::UnsupportedToneRate;
use super::half_rate::{self, HalfRate};
use super::record_tone::{RecordToneJudge, could_be_record_tone};
use super::tonality::{ANALYSIS_HZ, HOP, STEP, TonalityAnalyzer};

/// Finds call-progress tones, special information tones, fax tones and record tones. 8 and 16 kHz.
///
/// Feed it every sample of the stream with [`process`](Self::process), silence where the stream has
/// gaps, and ask for events with [`poll_event`](Self::poll_event) after each call, until there are
/// none. Positions are media time: samples since the start of the stream. Reports come late by
/// nature: a record tone 160 ms after its end (later where it might have been the first burst of a
/// busy tone), busy when its third burst begins, ringing with its second burst or earlier where the
/// pitch is unmistakable.
pub struct ProgressToneDetector {
    half_rate: Option<HalfRate>,
    analyzer: TonalityAnalyzer,
    tracker: BurstTracker,
    record: RecordToneJudge,
    progress: CallProgressJudge,
    history: Box<[f32]>,
    /// Samples that do not fill a hop yet.
    pending: [i16; half_rate::INPUT],
    pending_count: usize,
    /// Samples analysed, at the analysis rate.
    now: u64,
    was_tone_reported: bool,
    events: EventQueue,
}

impl ProgressToneDetector {
    /// Allocates everything that detection needs.
    ///
    /// # Errors
    /// [`UnsupportedToneRate`] at rates other than 8 and 16 kHz.
    pub fn new(rate: SampleRate) -> Result<Self, UnsupportedToneRate> {
        let half_rate = match rate {
            SampleRate::HZ_8000 => None,
            SampleRate::HZ_16000 => Some(HalfRate::new()),
            other => return Err(UnsupportedToneRate(other)),
        };
        Ok(Self {
            half_rate,
            analyzer: TonalityAnalyzer::new(),
            tracker: BurstTracker::default(),
            record: RecordToneJudge::default(),
            progress: CallProgressJudge::default(),
            history: vec![0.0; HISTORY + HISTORY_MORE].into(),
            pending: [0; half_rate::INPUT],
            pending_count: 0,
            now: 0,
            was_tone_reported: false,
            events: EventQueue::default(),
        })
    }

    /// Whether a steady tone sounds in the newest samples, be it a record tone, a progress tone or
    /// a digit. It is true from 40 to 100 ms after the tone's beginning to 20 ms after its end.
    pub fn is_tone_sounding(&self) -> bool {
        self.tracker.is_sounding()
    }

    /// Events that were lost because nobody asked for them.
    pub fn lost_events(&self) -> u64 {
        self.events.lost
    }

    /// Forgets the stream; the next sample is number 0 of a new one.
    pub fn reset(&mut self) {
        self.half_rate = self.half_rate.as_ref().map(|_| HalfRate::new());
        self.tracker = BurstTracker::default();
        self.record = RecordToneJudge::default();
        self.progress = CallProgressJudge::default();
        self.history.fill(0.0);
        self.pending_count = 0;
        self.now = 0;
        self.was_tone_reported = false;
        self.events = EventQueue::default();
    }

    /// Takes the next samples, any number of them.
    pub fn process(&mut self, mut input: &[i16]) {
        let hop = if self.half_rate.is_some() { half_rate::INPUT } else { HOP };
        while !input.is_empty() {
            let (now, later) = input.split_at(input.len().min(hop - self.pending_count));
            self.pending[self.pending_count..self.pending_count + now.len()].copy_from_slice(now);
            self.pending_count += now.len();
            input = later;
            if self.pending_count == hop {
                self.pending_count = 0;
                self.process_hop();
            }
        }
    }

    /// The oldest event that has not been asked for.
    pub fn poll_event(&mut self) -> Option<ToneEvent> {
        self.events.pop()
    }

    fn process_hop(&mut self) {
        self.history.copy_within(HOP.., 0);
        let Some(newest) = self.history.last_chunk_mut::<HOP>() else { return };
        match &mut self.half_rate {
            Some(half_rate) => half_rate.process_into(&self.pending, newest),
            None => {
                for (out, sample) in newest.iter_mut().zip(&self.pending) {
                    *out = f32::from(*sample);
                }
            }
        }
        self.now += HOP as u64;
        if !self.tracker.is_idle() {
            self.follow(STEP);
        }
        let hop_power = self.follow(0);
        let sounding = self.tracker.current();
        let progress = self.progress.handle_hop(hop_power, sounding.as_ref(), self.now);
        self.report_progress(progress);
        if let Some(burst) = self.record.handle_hop(hop_power, self.now)
            && !self.progress.owns(&burst)
        {
            self.events.push(ToneEvent::RecordTone { span: self.span_of(&burst) });
        }
        if let Some(burst) = sounding {
            self.report_tone(&burst);
        }
    }

    /// Analyses the sound up to `back` samples ago; returns the power of its newest 20 ms.
    fn follow(&mut self, back: usize) -> f32 {
        let history = &self.history[HISTORY_MORE - back..][..HISTORY];
        let tonality = self.analyzer.analyze(history);
        let edge = self.tracker.process(&tonality, history, self.now - back as u64);
        if let Some(edge) = edge {
            self.handle_edge(edge);
        }
        tonality.hop_power
    }

    fn handle_edge(&mut self, edge: BurstEdge) {
        match edge {
            BurstEdge::Began => self.handle_beginning(),
            BurstEdge::Changed(burst) => {
                self.handle_end(&burst);
                self.handle_beginning();
            }
            BurstEdge::Ended(burst) => self.handle_end(&burst),
            BurstEdge::Dissolved(_) => self.progress.handle_dissolution(),
        }
    }

    fn handle_end(&mut self, burst: &Burst) {
        let progress = self.progress.handle_end(burst);
        self.record.handle_end(burst);
        self.report_progress(progress);
        if self.progress.owns(burst) {
            self.record.discard();
        }
    }

    fn handle_beginning(&mut self) {
        self.was_tone_reported = false;
        let Some(burst) = self.tracker.current() else { return };
        self.record.handle_beginning(&burst);
        let progress = self.progress.handle_beginning(&burst);
        self.report_progress(progress);
    }

    fn report_progress(&mut self, progress: Option<Progress>) {
        match progress {
            Some(Progress::Began(tone, whole)) => {
                self.record.discard();
                let span = self.span_of(&whole);
                self.events.push(ToneEvent::ProgressBegan { tone, span });
            }
            Some(Progress::Ended(tone, whole)) => {
                let span = self.span_of(&whole);
                self.events.push(ToneEvent::ProgressEnded { tone, span });
            }
            None => {}
        }
    }

    /// Says once per burst that a tone is sounding.
    fn report_tone(&mut self, burst: &Burst) {
        let is_certain = could_be_record_tone(burst);
        if is_certain && !self.was_tone_reported && !self.progress.owns(burst) {
            self.was_tone_reported = true;
            self.events.push(ToneEvent::ToneHeard { span: self.span_of(burst) });
        }
    }

    fn span_of(&self, burst: &Burst) -> ToneSpan {
        let (scale, delay) = match self.half_rate {
            Some(_) => (2, half_rate::DELAY),
            None => (1, 0),
        };
        let full_scale = f32::from(i16::MAX) * f32::from(i16::MAX) / 2.0;
        let level = 10.0 * (burst.power / full_scale).max(1e-9).log10();
        ToneSpan {
            start_sample: burst.start.saturating_sub(delay) * scale,
            duration_ms: burst.duration_ms(),
            frequency_hz: burst.low_hz.round() as u16,
            second_frequency_hz: burst.high_hz.map(|hz| hz.round() as u16),
            level_dbfs: level.round().clamp(-90.0, 3.0) as i8,
        }
    }
}

/// A few events, oldest first. A hop gives rise to three at most; what is not fetched in time
/// pushes out the oldest.
#[derive(Clone, Debug, Default)]
struct EventQueue {
    events: [Option<ToneEvent>; QUEUE],
    lost: u64,
}

impl EventQueue {
    fn push(&mut self, event: ToneEvent) {
        if self.events[QUEUE - 1].is_some() {
            self.pop();
            self.lost += 1;
        }
        if let Some(free) = self.events.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(event);
        }
    }

    fn pop(&mut self) -> Option<ToneEvent> {
        let oldest = self.events[0].take();
        self.events.rotate_left(1);
        oldest
    }
}

/// Events that wait to be fetched. Ten 20 ms frames cannot give rise to more.
const QUEUE: usize = 8;

/// Samples kept beyond what the tracker wants, so that it can be shown the sound as it was a step
/// ago.
const HISTORY_MORE: usize = STEP;

/// The analysis knows one rate; the other is brought there.
const _: () = assert!(ANALYSIS_HZ * 2 == SampleRate::HZ_16000.hz());

#[cfg(test)]
mod tests {
    use offhook_types::{ProgressTone, SpecialInformation};
    use proptest::prelude::*;

    use super::super::cadence::{ToneCadence, TonePlan, ToneSegment};
    use super::super::progress_generator::ProgressToneGenerator;
    use super::*;

    const EIGHT: SampleRate = SampleRate::HZ_8000;

    fn play(rate: SampleRate, segments: &[ToneSegment], level_dbfs: f32) -> Vec<i16> {
        let cadence = ToneCadence { segments, repeats: false };
        let mut generator = ProgressToneGenerator::new(rate, cadence, level_dbfs);
        let ms: u32 = segments.iter().map(|segment| u32::from(segment.duration_ms)).sum();
        let mut samples = vec![0; rate.samples_in_ms(ms)];
        generator.process_into(&mut samples);
        samples
    }

    /// `tone` between a second of silence and six.
    fn alone(rate: SampleRate, tone: &[ToneSegment], level_dbfs: f32) -> Vec<i16> {
        let mut segments = vec![ToneSegment::silence(1_000)];
        segments.extend(tone);
        segments.push(ToneSegment::silence(6_000));
        play(rate, &segments, level_dbfs)
    }

    /// Adds white noise of so many dBFS (0 dBFS is a full-scale sine), from a fixed seed.
    fn with_noise(mut samples: Vec<i16>, level_dbfs: f32) -> Vec<i16> {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        // A uniform number has a variance of 1/12, a full-scale sine 1/2.
        let span = 6.0_f32.sqrt() * 32_767.0 * 10.0_f32.powf(level_dbfs / 20.0);
        for sample in &mut samples {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            let uniform = (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5;
            *sample = (f32::from(*sample) + uniform * span) as i16;
        }
        samples
    }

    fn detect(rate: SampleRate, samples: &[i16]) -> Vec<ToneEvent> {
        let mut detector = ProgressToneDetector::new(rate).unwrap();
        let mut events = Vec::new();
        for frame in samples.chunks(rate.frame_samples()) {
            detector.process(frame);
            events.extend(std::iter::from_fn(|| detector.poll_event()));
        }
        assert_eq!(detector.lost_events(), 0);
        events
    }

    fn record_tones(events: &[ToneEvent]) -> Vec<ToneSpan> {
        let span = |event: &ToneEvent| match event {
            ToneEvent::RecordTone { span } => Some(*span),
            ToneEvent::ToneHeard { .. }
            | ToneEvent::ProgressBegan { .. }
            | ToneEvent::ProgressEnded { .. } => None,
        };
        events.iter().filter_map(span).collect()
    }

    fn progress_tones(events: &[ToneEvent]) -> Vec<ProgressTone> {
        let tone = |event: &ToneEvent| match event {
            ToneEvent::ProgressBegan { tone, .. } => Some(*tone),
            ToneEvent::ToneHeard { .. }
            | ToneEvent::RecordTone { .. }
            | ToneEvent::ProgressEnded { .. } => None,
        };
        events.iter().filter_map(tone).collect()
    }

    #[test]
    fn a_beep_of_any_pitch_is_a_record_tone_with_edges_to_10_ms() {
        // Common practice: 350-2200 Hz, 120 ms to 1.5 s. Measured: edges to 5 ms, frequency to 2
        // Hz.
        for hz in (350_u16..=2_200).step_by(37) {
            for ms in [120, 200, 700, 1_500] {
                let samples = alone(EIGHT, &[ToneSegment::single(f32::from(hz), ms)], -20.0);
                let events = detect(EIGHT, &samples);
                let found = record_tones(&events);
                assert_eq!(found.len(), 1, "{hz} Hz {ms} ms: {events:?}");
                assert!(found[0].start_sample.abs_diff(8_000) <= 80, "{hz} Hz: {found:?}");
                assert!(found[0].duration_ms.abs_diff(u32::from(ms)) <= 10, "{hz} Hz: {found:?}");
                assert!(found[0].frequency_hz.abs_diff(hz) <= 2, "{hz} Hz: {found:?}");
                assert!((found[0].level_dbfs + 20).abs() <= 1, "{hz} Hz: {found:?}");
                assert_eq!(progress_tones(&events), [], "{hz} Hz {ms} ms");
            }
        }
    }

    #[test]
    fn a_beep_is_found_from_minus_6_to_minus_35_dbfs_and_15_db_above_noise() {
        for level in [-6.0, -15.0, -25.0, -35.0] {
            for hz in [380.0, 1_000.0, 2_000.0] {
                let quiet = alone(EIGHT, &[ToneSegment::single(hz, 400)], level);
                let noisy = with_noise(quiet.clone(), level - 15.0);
                assert_eq!(record_tones(&detect(EIGHT, &quiet)).len(), 1, "{level} {hz}");
                assert_eq!(record_tones(&detect(EIGHT, &noisy)).len(), 1, "{level} {hz} in noise");
            }
        }
    }

    #[test]
    fn a_record_tone_is_reported_200_ms_after_its_end_at_the_latest() {
        let mut detector = ProgressToneDetector::new(EIGHT).unwrap();
        let samples = alone(EIGHT, &[ToneSegment::single(1_000.0, 500)], -20.0);
        let mut events = Vec::new();
        for frame in samples[..8_000 + 4_000 + 1_600].chunks(160) {
            detector.process(frame);
            events.extend(std::iter::from_fn(|| detector.poll_event()));
        }
        assert_eq!(record_tones(&events).len(), 1);
    }

    #[test]
    fn a_tone_is_announced_while_it_sounds() {
        let samples = alone(EIGHT, &[ToneSegment::single(1_400.0, 500)], -20.0);
        let mut detector = ProgressToneDetector::new(EIGHT).unwrap();
        detector.process(&samples[..8_000 + 1_440]);
        let announced = detector.poll_event();
        assert!(matches!(announced, Some(ToneEvent::ToneHeard { .. })), "after 180 ms");
        assert!(detector.is_tone_sounding());
        detector.process(&samples[8_000 + 1_440..8_000 + 4_320]);
        assert!(!detector.is_tone_sounding(), "40 ms after its end");
    }

    #[test]
    fn wideband_streams_give_the_same_tones_at_their_own_positions() {
        let tone = [ToneSegment::single(1_000.0, 400)];
        let narrow = record_tones(&detect(EIGHT, &alone(EIGHT, &tone, -20.0)));
        let wide_rate = SampleRate::HZ_16000;
        let wide = record_tones(&detect(wide_rate, &alone(wide_rate, &tone, -20.0)));
        assert_eq!(wide.len(), 1);
        assert!(wide[0].start_sample.abs_diff(narrow[0].start_sample * 2) <= 80, "{wide:?}");
        assert_eq!(wide[0].frequency_hz, narrow[0].frequency_hz);
    }

    #[test]
    fn every_tone_of_every_plan_is_recognised_and_none_is_a_record_tone() {
        use SpecialInformation as Kind;
        let kinds =
            [Kind::Intercept, Kind::VacantCode, Kind::Reorder, Kind::NoCircuit, Kind::Unspecified];
        let tones = [
            ProgressTone::Dial,
            ProgressTone::Ringback,
            ProgressTone::Busy,
            ProgressTone::Reorder,
            ProgressTone::FaxCalling,
            ProgressTone::FaxAnswer,
        ];
        for plan in TonePlan::ALL {
            for tone in tones.into_iter().chain(kinds.map(ProgressTone::SpecialInformation)) {
                let mut samples = vec![0; 8_000 * 15];
                ProgressToneGenerator::new(EIGHT, plan.cadence(tone), -25.0)
                    .process_into(&mut samples[8_000..]);
                for samples in [samples.clone(), with_noise(samples, -40.0)] {
                    let events = detect(EIGHT, &samples);
                    let found = progress_tones(&events);
                    assert!(!found.is_empty(), "{plan:?} {tone:?}");
                    assert!(
                        found.iter().all(|found| *found == tone),
                        "{plan:?} {tone:?}: {found:?}"
                    );
                    assert_eq!(record_tones(&events), [], "{plan:?} {tone:?}");
                }
            }
        }
    }

    #[test]
    fn ringing_that_is_answered_ends_when_somebody_speaks() {
        let cadence = TonePlan::UnitedStates.cadence(ProgressTone::Ringback);
        let mut samples = vec![0; 8_000 * 3];
        ProgressToneGenerator::new(EIGHT, cadence, -20.0).process_into(&mut samples);
        samples.extend(with_noise(vec![0; 8_000], -20.0));
        let events = detect(EIGHT, &samples);
        let ended = events.iter().any(|event| {
            matches!(event, ToneEvent::ProgressEnded { tone: ProgressTone::Ringback, .. })
        });
        assert!(ended, "{events:?}");
    }

    #[test]
    fn digits_are_no_record_tones() {
        // ITU-T Q.23 frequencies.
        for low in [697.0, 770.0, 852.0, 941.0] {
            for high in [1_209.0, 1_336.0, 1_477.0, 1_633.0] {
                for ms in [80, 160, 500] {
                    let samples = alone(EIGHT, &[ToneSegment::pair(low, high, ms)], -15.0);
                    assert_eq!(detect(EIGHT, &samples), [], "{low} + {high} Hz, {ms} ms");
                }
            }
        }
    }

    #[test]
    fn a_tone_that_sound_follows_at_once_is_no_record_tone() {
        let mut samples = play(EIGHT, &[ToneSegment::single(1_000.0, 400)], -20.0);
        samples.extend(with_noise(vec![0; 8_000], -22.0));
        samples.extend(vec![0; 8_000]);
        assert_eq!(record_tones(&detect(EIGHT, &samples)), []);
    }

    #[test]
    fn a_lost_packet_does_not_split_a_beep() {
        let mut samples = alone(EIGHT, &[ToneSegment::single(1_000.0, 500)], -20.0);
        samples[8_000 + 1_600..8_000 + 1_920].fill(0);
        let found = record_tones(&detect(EIGHT, &samples));
        assert_eq!(found.len(), 1);
        assert!(found[0].duration_ms.abs_diff(500) <= 10, "{found:?}");
    }

    #[test]
    fn silence_direct_current_and_noise_hold_no_tones() {
        assert_eq!(detect(EIGHT, &[0; 16_000]), []);
        assert_eq!(detect(EIGHT, &[i16::MIN; 16_000]), []);
        assert_eq!(detect(EIGHT, &with_noise(vec![0; 80_000], -10.0)), []);
    }

    #[test]
    fn a_new_stream_knows_nothing_of_the_old_one() {
        let samples = alone(EIGHT, &[ToneSegment::single(1_000.0, 400)], -20.0);
        let mut detector = ProgressToneDetector::new(EIGHT).unwrap();
        detector.process(&samples[..9_000]);
        detector.reset();
        assert_eq!(detector.poll_event(), None);
        detector.process(&samples);
        let events: Vec<_> = std::iter::from_fn(|| detector.poll_event()).collect();
        assert_eq!(events, detect(EIGHT, &samples));
    }

    #[test]
    fn events_that_nobody_fetches_are_counted() {
        let mut detector = ProgressToneDetector::new(EIGHT).unwrap();
        for _ in 0..10 {
            detector.process(&alone(EIGHT, &[ToneSegment::single(1_000.0, 400)], -20.0));
        }
        assert_eq!(detector.lost_events(), 20 - QUEUE as u64);
    }

    #[test]
    fn other_rates_are_refused() {
        let refused = ProgressToneDetector::new(SampleRate::HZ_48000).err();
        assert_eq!(refused, Some(UnsupportedToneRate(SampleRate::HZ_48000)));
    }

    #[test]
    fn processing_does_not_allocate() {
        for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
            let mut samples = vec![0; rate.samples_in_ms(24_000)];
            let cadence = TonePlan::UnitedKingdom.cadence(ProgressTone::Busy);
            ProgressToneGenerator::new(rate, cadence, -20.0).process_into(&mut samples);
            let mut detector = ProgressToneDetector::new(rate).unwrap();
            let mut events = 0;
            let allocations = allocation_counter::measure(|| {
                for frame in samples.chunks(rate.frame_samples()) {
                    detector.process(frame);
                    events += std::iter::from_fn(|| detector.poll_event()).count();
                }
            });
            assert_eq!(allocations.count_total, 0, "{rate}");
            assert!(events > 0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn how_the_stream_is_cut_makes_no_difference(chunk in 1_usize..700) {
            let samples = alone(EIGHT, &[ToneSegment::single(620.0, 300)], -20.0);
            let mut detector = ProgressToneDetector::new(EIGHT).unwrap();
            samples.chunks(chunk).for_each(|chunk| detector.process(chunk));
            let events: Vec<_> = std::iter::from_fn(|| detector.poll_event()).collect();
            prop_assert_eq!(events, detect(EIGHT, &samples));
        }

        #[test]
        fn any_samples_are_survived(
            samples in proptest::collection::vec(any::<i16>(), 0..2_000),
            repeats in 1_usize..20,
            is_wide: bool,
        ) {
            let rate = if is_wide { SampleRate::HZ_16000 } else { EIGHT };
            let mut detector = ProgressToneDetector::new(rate).unwrap();
            for _ in 0..repeats {
                detector.process(&samples);
            }
            while detector.poll_event().is_some() {}
        }

        #[test]
        fn square_waves_of_any_period_are_survived(half_period in 1_usize..200) {
            let wave: Vec<_> = (0..24_000)
                .map(|n| if n / half_period % 2 == 0 { i16::MAX } else { i16::MIN })
                .collect();
            let mut detector = ProgressToneDetector::new(EIGHT).unwrap();
            detector.process(&wave);
            detector.process(&[0; 8_000]);
        }
    }
}

//! Sends keypad digits as tones, for carriers that cannot send them, at the rate of the call.
//!
//! Each digit is its two sines (ITU-T Q.23) for `on_ms`, then silence for `off_ms`. The sines start
//! at zero phase and run through frame borders; both edges are 2 ms raised cosines, because a tone
//! cut off square splashes over the band, which clicks in the ear and counts as noise in a
//! receiver.

use std::f64::consts::PI;

use offhook_types::{DtmfDigit, SampleRate};

use super::keypad::{KEYPAD_HZ, peak_of, phase_of};

/// How digits are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DtmfConfig {
    /// Length of a digit's tone, 40 to 6,000 ms. Default 100; menus miss less than 40 (ITU-T Q.24),
    /// and each millisecond more is waited for.
    pub on_ms: u32,
    /// Silence after each digit, 40 to 6,000 ms. Default 100; less than 40 melts equal digits into
    /// one.
    pub off_ms: u32,
    /// Level of the row tone, -25 to 0 dBm0. Default -10. Too low is lost on a bad line, too high
    /// clips.
    pub low_dbm0: f64,
    /// Level of the column tone, -25 to 0 dBm0. Default -8: lines lose more of the higher tone. It
    /// may be at most 4 dB above and 8 dB below the row tone (ITU-T Q.24).
    pub high_dbm0: f64,
}

/// A configuration that receivers would not understand.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum DtmfConfigError {
    /// `on_ms` or `off_ms` is out of range.
    #[error("{0} ms is no dtmf duration: use 40 to 6000 ms")]
    Duration(u32),
    /// A level is out of range, or not a number.
    #[error("{0} dbm0 is no dtmf level: use -25 to 0 dbm0")]
    Level(f64),
    /// The column tone is more than 4 dB above or 8 dB below the row tone.
    #[error("twist of {0} db is not understood: keep the high tone within -8 to +4 db of the low")]
    Twist(f64),
    /// Both tones together exceed full scale.
    #[error("both tones together clip: lower the levels")]
    Clips,
}

/// Digits that were not queued; none of the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnqueueDtmfError {
    /// A character that is neither a digit nor `w` or `W`.
    #[error("{0:?} cannot be dialled: use 0-9, *, #, A-D, w or W")]
    NotDiallable(char),
    /// The text does not fit behind what is still to be sent.
    #[error("dtmf queue is full: {free} of {capacity} places are free", capacity = QUEUE_CAPACITY)]
    Full {
        /// Places left.
        free: usize,
    },
}

/// Sends keypad digits as tones.
///
/// Text is queued with [`enqueue`](Self::enqueue) and taken out, frame by frame, with
/// [`process_into`](Self::process_into).
#[derive(Clone, Debug)]
pub struct DtmfGenerator {
    rate_hz: u32,
    on_samples: usize,
    off_samples: usize,
    /// Peaks of row and column tone.
    peaks: [f64; 2],
    /// Rising half of a raised cosine.
    ramp: Vec<f64>,
    queue: [Option<Symbol>; QUEUE_CAPACITY],
    queue_first: usize,
    queue_len: usize,
    current: Option<Sending>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Digit(DtmfDigit),
    HalfSecond,
    Second,
}

/// A symbol on its way.
#[derive(Clone, Copy, Debug)]
struct Sending {
    /// Row and column tone; silent in a pause.
    tones: [Sine; 2],
    sent: usize,
    on_samples: usize,
    total_samples: usize,
}

/// A sine by recursion: `y[n] = 2 cos w y[n-1] - y[n-2]`.
#[derive(Clone, Copy, Debug)]
struct Sine {
    two_cos: f64,
    now: f64,
    before: f64,
}

impl Default for DtmfConfig {
    fn default() -> Self {
        Self { on_ms: 100, off_ms: 100, low_dbm0: -10.0, high_dbm0: -8.0 }
    }
}

impl DtmfConfig {
    fn validate(&self) -> Result<(), DtmfConfigError> {
        for millis in [self.on_ms, self.off_ms] {
            if !(40..=6_000).contains(&millis) {
                return Err(DtmfConfigError::Duration(millis));
            }
        }
        for dbm0 in [self.low_dbm0, self.high_dbm0] {
            if !(-25.0..=0.0).contains(&dbm0) {
                return Err(DtmfConfigError::Level(dbm0));
            }
        }
        let twist_db = self.high_dbm0 - self.low_dbm0;
        if !(-8.0..=4.0).contains(&twist_db) {
            return Err(DtmfConfigError::Twist(twist_db));
        }
        if peak_of(self.low_dbm0) + peak_of(self.high_dbm0) > f64::from(i16::MAX) {
            return Err(DtmfConfigError::Clips);
        }
        Ok(())
    }
}

impl DtmfGenerator {
    /// Symbols that can wait: digits and pauses, the one being sent not counted.
    pub const CAPACITY: usize = QUEUE_CAPACITY;

    /// A generator for a stream of `rate`.
    ///
    /// # Errors
    /// [`DtmfConfigError`] where a receiver within ITU-T Q.24 need not understand the tones.
    pub fn new(rate: SampleRate, config: DtmfConfig) -> Result<Self, DtmfConfigError> {
        config.validate()?;
        let ramp_samples = rate.samples_in_ms(RAMP_MS);
        let ramp = |n: usize| (1.0 - (PI * (n as f64 + 0.5) / ramp_samples as f64).cos()) / 2.0;
        Ok(Self {
            rate_hz: rate.hz(),
            on_samples: rate.samples_in_ms(config.on_ms),
            off_samples: rate.samples_in_ms(config.off_ms),
            peaks: [peak_of(config.low_dbm0), peak_of(config.high_dbm0)],
            ramp: (0..ramp_samples).map(ramp).collect(),
            queue: [None; QUEUE_CAPACITY],
            queue_first: 0,
            queue_len: 0,
            current: None,
        })
    }

    /// Whether something is still to be sent.
    pub fn is_active(&self) -> bool {
        self.current.is_some() || self.queue_len > 0
    }

    /// Samples until everything queued is sent, the last digit's pause included.
    pub fn pending_samples(&self) -> u64 {
        let waiting = (0..self.queue_len).filter_map(|n| self.queue[self.place(n)]);
        let waiting: usize = waiting.map(|symbol| self.samples_of(symbol)).sum();
        let current = self.current.map_or(0, |it| it.total_samples - it.sent);
        (waiting + current) as u64
    }

    /// Queues all of `text`: digits, `w` for half a second of silence, `W` for a second.
    ///
    /// # Errors
    /// [`EnqueueDtmfError`], and nothing is queued, if a character cannot be sent or there is no
    /// room for all.
    pub fn enqueue(&mut self, text: &str) -> Result<(), EnqueueDtmfError> {
        let mut count = 0;
        for character in text.chars() {
            symbol_of(character)?;
            count += 1;
        }
        let free = QUEUE_CAPACITY - self.queue_len;
        if count > free {
            return Err(EnqueueDtmfError::Full { free });
        }
        for character in text.chars() {
            let place = self.place(self.queue_len);
            self.queue[place] = Some(symbol_of(character)?);
            self.queue_len += 1;
        }
        Ok(())
    }

    /// Drops what waits, and ends the tone being sent with its falling edge.
    pub fn cancel(&mut self) {
        self.queue_len = 0;
        let ramp = self.ramp.len();
        if let Some(current) = &mut self.current {
            if current.sent < current.on_samples {
                // The edge mirrors what was reached of the rising one.
                let edge = ramp.min(current.sent).min(current.on_samples - current.sent);
                current.on_samples = current.sent + edge;
            }
            current.total_samples = current.on_samples.max(current.sent);
        }
    }

    /// Fills `out` with what comes next, and with silence once all is sent. Returns whether any of
    /// it belongs to a digit or a pause.
    pub fn process_into(&mut self, out: &mut [i16]) -> bool {
        let mut filled = 0;
        while filled < out.len() {
            let Some(current) = self.current.as_mut() else {
                match self.next_symbol() {
                    Some(symbol) => self.current = Some(self.sending(symbol)),
                    None => break,
                }
                continue;
            };
            filled += current.fill(&mut out[filled..], &self.ramp);
            if current.sent >= current.total_samples {
                self.current = None;
            }
        }
        out[filled..].fill(0);
        filled > 0
    }

    /// Drops everything at once, for a new stream.
    pub fn reset(&mut self) {
        self.queue_len = 0;
        self.current = None;
    }

    fn place(&self, offset: usize) -> usize {
        (self.queue_first + offset) % QUEUE_CAPACITY
    }

    fn next_symbol(&mut self) -> Option<Symbol> {
        if self.queue_len == 0 {
            return None;
        }
        let symbol = self.queue[self.queue_first].take();
        self.queue_first = self.place(1);
        self.queue_len -= 1;
        symbol
    }

    fn samples_of(&self, symbol: Symbol) -> usize {
        match symbol {
            Symbol::Digit(_) => self.on_samples + self.off_samples,
            Symbol::HalfSecond => self.rate_hz as usize / 2,
            Symbol::Second => self.rate_hz as usize,
        }
    }

    fn sending(&self, symbol: Symbol) -> Sending {
        let total_samples = self.samples_of(symbol);
        match symbol {
            Symbol::Digit(digit) => {
                let tone = |lane: usize, peak| Sine::new(KEYPAD_HZ[lane], self.rate_hz, peak);
                let row = tone(digit.row(), self.peaks[0]);
                let column = tone(4 + digit.column(), self.peaks[1]);
                let on_samples = self.on_samples;
                Sending { tones: [row, column], sent: 0, on_samples, total_samples }
            }
            Symbol::HalfSecond | Symbol::Second => {
                Sending { tones: [Sine::SILENT; 2], sent: 0, on_samples: 0, total_samples }
            }
        }
    }
}

impl Sending {
    /// Fills as much of `out` as this symbol has left; returns how much.
    fn fill(&mut self, out: &mut [i16], ramp: &[f64]) -> usize {
        let count = out.len().min(self.total_samples - self.sent);
        let sounding = count.min(self.on_samples.saturating_sub(self.sent));
        for sample in &mut out[..sounding] {
            let to_edge = self.sent.min(self.on_samples - 1 - self.sent);
            let gain = ramp.get(to_edge).copied().unwrap_or(1.0);
            let [row, column] = &mut self.tones;
            // Both peaks together stay within full scale: `DtmfConfig::validate`.
            *sample = ((row.next() + column.next()) * gain).round() as i16;
            self.sent += 1;
        }
        out[sounding..count].fill(0);
        self.sent += count - sounding;
        count
    }
}

impl Sine {
    const SILENT: Self = Self { two_cos: 0.0, now: 0.0, before: 0.0 };

    fn new(hz: f64, rate_hz: u32, peak: f64) -> Self {
        let step = phase_of(hz, 1, rate_hz);
        Self { two_cos: 2.0 * step.cos(), now: 0.0, before: -peak * step.sin() }
    }

    fn next(&mut self) -> f64 {
        let now = self.now;
        self.now = self.two_cos * now - self.before;
        self.before = now;
        now
    }
}

fn symbol_of(character: char) -> Result<Symbol, EnqueueDtmfError> {
    match character {
        'w' => Ok(Symbol::HalfSecond),
        'W' => Ok(Symbol::Second),
        key => DtmfDigit::try_from(key)
            .map(Symbol::Digit)
            .map_err(|_| EnqueueDtmfError::NotDiallable(key)),
    }
}

/// Digits and pauses that can wait: more than any menu, card or extension asks for at once.
const QUEUE_CAPACITY: usize = 64;

/// Length of a tone's edges: 3.2 kHz falls from -66 to -103 dBm0, and 98 of 100 ms are left at half
/// amplitude or more. Longer edges shorten the tone that a receiver measures.
const RAMP_MS: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::DtmfDetector;
    use proptest::prelude::*;

    fn generator(rate: SampleRate) -> DtmfGenerator {
        DtmfGenerator::new(rate, DtmfConfig::default()).unwrap()
    }

    fn render(rate: SampleRate, text: &str) -> Vec<i16> {
        let mut generator = generator(rate);
        generator.enqueue(text).unwrap();
        let mut samples = vec![0; usize::try_from(generator.pending_samples()).unwrap()];
        assert!(generator.process_into(&mut samples));
        assert!(!generator.is_active());
        samples
    }

    /// Level of `hz` in `samples`, in dBm0.
    fn level_of(samples: &[i16], hz: f64, rate: SampleRate) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, &sample) in samples.iter().enumerate() {
            let angle = phase_of(hz, n, rate.hz());
            re += f64::from(sample) * angle.cos();
            im += f64::from(sample) * angle.sin();
        }
        20.0 * (2.0 * re.hypot(im) / samples.len() as f64 / peak_of(0.0)).log10()
    }

    #[test]
    fn what_is_sent_is_heard_as_it_was_dialled() {
        for rate in [SampleRate::HZ_8000, SampleRate::HZ_16000] {
            let mut samples = render(rate, "0123456789*#ABCD");
            samples.extend([0; 800]);
            let mut detector = DtmfDetector::new(rate).unwrap();
            let reports = samples.chunks(rate.frame_samples()).map(|frame| detector.process(frame));
            let ends: Vec<_> = reports.filter_map(|it| it.ended).collect();
            let heard: String = ends.iter().map(|it| it.digit.as_char()).collect();
            assert_eq!(heard, "0123456789*#ABCD");
            assert!(ends.iter().all(|it| (96..=102).contains(&it.duration_ms)), "{ends:?}");
        }
    }

    #[test]
    fn levels_and_frequencies_are_right_at_every_rate() {
        for hz in [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] {
            let rate = SampleRate::new(hz).unwrap();
            let samples = render(rate, "6");
            let steady = &samples[rate.samples_in_ms(10)..rate.samples_in_ms(90)];
            assert!((level_of(steady, 770.0, rate) + 10.0).abs() < 0.2, "{hz}");
            assert!((level_of(steady, 1_477.0, rate) + 8.0).abs() < 0.2, "{hz}");
            // ITU-T Q.23: frequencies within 1.8 %; a detuning of 6 Hz shows at once over 80 ms.
            assert!(level_of(steady, 776.0, rate) < -12.0, "{hz}");
        }
    }

    #[test]
    fn edges_do_not_click() {
        // Within 110 ms that begin and end in silence, a square-edged tone leaves -66 dBm0 at 3.2
        // kHz, this one -103.
        for rate in [SampleRate::HZ_8000, SampleRate::HZ_48000] {
            let samples = render(rate, "1");
            let level_dbm0 = level_of(&samples[..rate.samples_in_ms(110)], 3_200.0, rate);
            assert!(level_dbm0 < -90.0, "{level_dbm0}");
        }
    }

    #[test]
    fn pauses_are_half_a_second_and_a_second() {
        let rate = SampleRate::HZ_8000;
        let samples = render(rate, "1w2W3");
        assert_eq!(samples.len(), 3 * 1_600 + 4_000 + 8_000);
        assert!(samples[800..5_600].iter().all(|&it| it == 0));
        assert!(samples[5_602] != 0);
        assert!(samples[6_400..15_200].iter().all(|&it| it == 0));
    }

    #[test]
    fn text_that_does_not_fit_or_cannot_be_dialled_is_refused_whole() {
        let mut generator = generator(SampleRate::HZ_8000);
        assert_eq!(generator.enqueue("12x"), Err(EnqueueDtmfError::NotDiallable('x')));
        assert!(!generator.is_active());
        generator.enqueue(&"1".repeat(60)).unwrap();
        let error = generator.enqueue("12345").unwrap_err();
        assert_eq!(error, EnqueueDtmfError::Full { free: 4 });
        assert_eq!(error.to_string(), "dtmf queue is full: 4 of 64 places are free");
        generator.enqueue("1234").unwrap();
        assert_eq!(generator.pending_samples(), 64 * 1_600);
    }

    #[test]
    fn an_idle_generator_is_silent() {
        let mut generator = generator(SampleRate::HZ_8000);
        let mut out = [7; 160];
        assert!(!generator.process_into(&mut out));
        assert_eq!(out, [0; 160]);
    }

    #[test]
    fn a_cancelled_digit_ends_within_2_ms_without_a_step() {
        for after in [1, 5, 16, 400, 795, 800, 900] {
            let mut generator = generator(SampleRate::HZ_8000);
            generator.enqueue("19").unwrap();
            let mut sent = vec![0; after];
            generator.process_into(&mut sent);
            generator.cancel();
            let mut tail = vec![0; 400];
            generator.process_into(&mut tail);
            assert!(!generator.is_active());
            assert!(tail[16..].iter().all(|&it| it == 0), "after {after}");
            let samples = [sent, tail].concat();
            assert!(level_of(&samples, 3_200.0, SampleRate::HZ_8000) < -50.0, "after {after}");
        }
    }

    #[test]
    fn a_reset_generator_sends_nothing() {
        let mut generator = generator(SampleRate::HZ_8000);
        generator.enqueue("12").unwrap();
        generator.process_into(&mut [0; 100]);
        generator.reset();
        assert!(!generator.process_into(&mut [0; 160]));
        assert_eq!(generator.pending_samples(), 0);
    }

    #[test]
    fn what_a_receiver_need_not_understand_is_refused() {
        let with = |change: fn(&mut DtmfConfig)| {
            let mut config = DtmfConfig::default();
            change(&mut config);
            DtmfGenerator::new(SampleRate::HZ_8000, config).map(|_| ())
        };
        assert_eq!(with(|it| it.on_ms = 39), Err(DtmfConfigError::Duration(39)));
        assert_eq!(with(|it| it.off_ms = 6_001), Err(DtmfConfigError::Duration(6_001)));
        assert_eq!(with(|it| it.low_dbm0 = 0.5), Err(DtmfConfigError::Level(0.5)));
        assert!(matches!(with(|it| it.high_dbm0 = f64::NAN), Err(DtmfConfigError::Level(_))));
        assert_eq!(with(|it| it.high_dbm0 = -5.0), Err(DtmfConfigError::Twist(5.0)));
        let loud = |it: &mut DtmfConfig| (it.low_dbm0, it.high_dbm0) = (0.0, 0.0);
        assert_eq!(with(loud), Err(DtmfConfigError::Clips));
        // The loudest pair that fits: 3.17 - 6.02 dBm0 each.
        assert_eq!(with(|it| (it.low_dbm0, it.high_dbm0) = (-2.86, -2.86)), Ok(()));
    }

    #[test]
    fn processing_does_not_allocate() {
        let mut generator = generator(SampleRate::HZ_48000);
        let mut out = [0; 960];
        let allocations = allocation_counter::measure(|| {
            for _ in 0..1_500 {
                if !generator.is_active() {
                    generator.enqueue("1w2W3ABC*#").unwrap();
                }
                generator.process_into(&mut out);
            }
        });
        assert_eq!(allocations.count_total, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn tones_do_not_depend_on_how_they_are_taken_out(len in 1_usize..2_000) {
            let whole = render(SampleRate::HZ_8000, "5w#");
            let mut generator = generator(SampleRate::HZ_8000);
            generator.enqueue("5w#").unwrap();
            let mut pieces = Vec::new();
            while generator.is_active() {
                let mut piece = vec![0; len];
                generator.process_into(&mut piece);
                pieces.extend(piece);
            }
            prop_assert_eq!(&pieces[..whole.len()], &whole[..]);
        }

        #[test]
        fn any_text_is_taken_whole_or_refused(text in ".{0,80}") {
            let mut generator = generator(SampleRate::HZ_8000);
            let is_taken = generator.enqueue(&text).is_ok();
            prop_assert_eq!(generator.is_active(), is_taken && !text.is_empty());
        }
    }
}

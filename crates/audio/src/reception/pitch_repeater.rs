//! Continues a signal by repeating its last pitch periods, after the idea of ITU-T G.711 Appendix I
//! (1999).
//!
//! The first 10 ms repeat one period, the next 10 ms two, the rest three, so that the continuation
//! does not turn into a steady tone. Where one period ends and the next begins, a quarter of a
//! period is overlapped and added.
//!
//! Lags are whole samples. Fractional ones were tried: 0.1 dB on recorded voices.
//!
//! The Appendix delays its output by 3.75 ms to be able to blend the last samples before the loss
//! as well. Here those samples are gone already: the step at the seam is instead added to the
//! continuation and faded out over a quarter of a period, which leaves no step and costs no delay.
//! See the measurements in `conceal.rs`.

use offhook_types::SampleRate;

/// The recent past of a stream, and its continuation while audio is missing.
#[derive(Clone, Debug)]
pub(super) struct PitchRepeater {
    lags: LagRange,
    /// What was emitted last, newest sample last.
    history: Box<[i16]>,
    /// The history at the start of the gap.
    template: Box<[f32]>,
    /// The template at a lower rate, for the coarse search.
    coarse: Box<[f32]>,
    cycle: Cycle,
}

/// The lags of human pitch at one rate, in samples.
#[derive(Clone, Copy, Debug)]
struct LagRange {
    min: usize,
    max: usize,
    /// Span over which two stretches of signal are compared.
    window: usize,
    /// Full-rate samples per sample of the coarse search.
    decimation: usize,
    ten_ms: usize,
}

/// Where in the template the continuation is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Cycle {
    period: usize,
    /// How many periods are repeated.
    periods: usize,
    /// Read position within them.
    position: usize,
    /// Samples since the start of the gap.
    elapsed: usize,
    /// The step at the seam, faded out.
    seam: f32,
    /// The former `periods` and `position`, while being blended into the present ones.
    former: Option<(usize, usize)>,
    blended: usize,
}

impl PitchRepeater {
    pub(super) fn new(rate: SampleRate) -> Self {
        let lags = LagRange::new(rate);
        let len = PERIODS_MAX * lags.max + lags.max / 4;
        Self {
            lags,
            history: vec![0; len].into_boxed_slice(),
            template: vec![0.0; len].into_boxed_slice(),
            coarse: vec![0.0; len / lags.decimation].into_boxed_slice(),
            cycle: Cycle::default(),
        }
    }

    /// A quarter of the period being repeated, in samples.
    pub(super) fn quarter_period(&self) -> usize {
        self.cycle.period / 4
    }

    pub(super) fn reset(&mut self) {
        self.history.fill(0);
        self.cycle = Cycle::default();
    }

    /// Takes note of samples that went out.
    pub(super) fn remember(&mut self, samples: &[i16]) {
        let len = self.history.len();
        let tail = &samples[samples.len().saturating_sub(len)..];
        self.history.copy_within(tail.len().., 0);
        self.history[len - tail.len()..].copy_from_slice(tail);
    }

    /// Starts a continuation from what went out last.
    pub(super) fn begin(&mut self) {
        for (out, &sample) in self.template.iter_mut().zip(&self.history) {
            *out = f32::from(sample);
        }
        let period = find_period(&self.template, &mut self.coarse, self.lags);
        let len = self.template.len();
        self.cycle = Cycle {
            period,
            periods: 1,
            seam: self.template[len - 1] - self.template[len - 1 - period],
            ..Cycle::default()
        };
    }

    /// The next sample of the continuation, at the level of the past.
    pub(super) fn next_sample(&mut self) -> f32 {
        let quarter = self.quarter_period();
        if self.cycle.elapsed == self.lags.ten_ms || self.cycle.elapsed == 2 * self.lags.ten_ms {
            self.cycle.widen();
        }
        let cycle = &mut self.cycle;
        let mut value = cycle.read(&self.template, cycle.periods, cycle.position);
        if let Some((periods, position)) = cycle.former {
            let weight = (cycle.blended + 1) as f32 / (quarter + 1) as f32;
            let old = cycle.read(&self.template, periods, position);
            value = old + weight * (value - old);
            cycle.blended += 1;
            let next = (periods, (position + 1) % (periods * cycle.period));
            cycle.former = (cycle.blended < quarter).then_some(next);
        }
        if cycle.elapsed < quarter {
            value += cycle.seam * (1.0 - (cycle.elapsed + 1) as f32 / (quarter + 1) as f32);
        }
        cycle.position = (cycle.position + 1) % (cycle.periods * cycle.period);
        cycle.elapsed += 1;
        value
    }
}

impl LagRange {
    fn new(rate: SampleRate) -> Self {
        let hz = rate.hz() as usize;
        Self {
            min: hz / PITCH_HZ_MAX,
            max: hz * PITCH_PERIOD_US_MAX / 1_000_000,
            window: hz * WINDOW_MS / 1_000,
            decimation: (hz / COARSE_HZ).max(1),
            ten_ms: hz / 100,
        }
    }
}

impl Cycle {
    /// Repeats one period more, from the oldest of them, in phase with what is being read.
    fn widen(&mut self) {
        if self.periods < PERIODS_MAX {
            self.former = Some((self.periods, self.position));
            self.blended = 0;
            self.position %= self.period;
            self.periods += 1;
        }
    }

    /// Reads the last `periods` periods of the template; the last quarter period leads over to the
    /// first.
    fn read(&self, template: &[f32], periods: usize, position: usize) -> f32 {
        let span = periods * self.period;
        let quarter = self.period / 4;
        let at = template.len() - span + position;
        let into = (position + quarter + 1).saturating_sub(span);
        let weight = into as f32 / (quarter + 1) as f32;
        if into == 0 {
            template[at]
        } else {
            template[at] + weight * (template[at - span] - template[at])
        }
    }
}

/// The lag at which the past resembles itself most: the pitch period or a few of them, or for
/// sounds without pitch whatever continues them best.
fn find_period(template: &[f32], coarse: &mut [f32], lags: LagRange) -> usize {
    let step = lags.decimation;
    let skipped = template.len() - coarse.len() * step;
    for (out, group) in coarse.iter_mut().zip(template[skipped..].chunks_exact(step)) {
        *out = group.iter().sum();
    }
    let coarse_lags = lags.min / step..=lags.max / step;
    let rough = step * best_lag(coarse, lags.window / step, coarse_lags).0;
    let near = rough.saturating_sub(step).max(lags.min)..=(rough + step).min(lags.max);
    best_lag(template, lags.window, near).0
}

/// The lag of the highest normalised cross-correlation between the last `window` samples and those
/// before, with that correlation. For a signal without energy the first lag, with 0.
fn best_lag(signal: &[f32], window: usize, lags: std::ops::RangeInclusive<usize>) -> (usize, f32) {
    let end = signal.len();
    let recent = &signal[end - window..];
    let energy = dot(recent, recent);
    let mut best = (*lags.start(), 0.0);
    for lag in lags {
        let past = &signal[end - window - lag..end - lag];
        let norm = (energy * dot(past, past)).sqrt();
        let likeness = if norm > 0.0 { dot(recent, past) / norm } else { 0.0 };
        if likeness > best.1 {
            best = (lag, likeness);
        }
    }
    best
}

/// Inner product in eight lanes, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (a_lanes, a_rest) = a.as_chunks::<8>();
    let (b_lanes, b_rest) = b.as_chunks::<8>();
    for (x, y) in a_lanes.iter().zip(b_lanes) {
        for i in 0..8 {
            lanes[i] += x[i] * y[i];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Highest pitch searched, 200 Hz (G.711 Appendix I): 5 ms. Higher voices are repeated two or three
/// periods at a time.
const PITCH_HZ_MAX: usize = 200;

/// Longest period searched, 15 ms or 66 Hz (G.711 Appendix I).
const PITCH_PERIOD_US_MAX: usize = 15_000;

/// Periods repeated at most. With the quarter before them they make the 48.75 ms of history that
/// the Appendix keeps.
const PERIODS_MAX: usize = 3;

/// Span over which two stretches are compared, 10 ms (the Appendix compares 20). Measured on 300 s
/// of recorded prompts at 5 % loss, SNR of the lost frames: 20 ms -0.3 dB, 12.5 ms 0.2, 10 ms 0.4,
/// 8 ms 0.5, 5 ms 0.7. What came last matters most, but 5 ms is a third of a low voice's period and
/// its spectrum was worse at 16 kHz.
const WINDOW_MS: usize = 10;

/// Rate of the coarse pitch search; at 8 kHz it is exhaustive. At 4 kHz, the Appendix' choice, it
/// misses the lag that spans a whole number of periods of a high voice (310 Hz at 8 kHz: 4 dB for
/// 12).
const COARSE_HZ: usize = 8_000;

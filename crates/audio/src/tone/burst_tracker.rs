//! From analyses to bursts of tone with a beginning and an end.
//!
//! A burst begins when two analyses in a row agree on a tone. Its edges are then found to 5 ms from
//! the energy at its own frequency, so that speech right before it, noise under it and another tone
//! right after it do not blur them. Gaps up to [`GAP_BLOCKS_MAX`] (lost packets) are bridged.

use super::burst::{Burst, BurstEdge};
use super::probe::{BLOCK, Probe};
use super::tonality::{HOP, STEP, Tonality, WINDOW, sum_of_squares};

/// Follows one tone at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct BurstTracker {
    state: State,
}

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Idle,
    /// One analysis heard this frequency.
    Suspected(f32),
    Following(Following),
}

impl BurstTracker {
    /// The tone that is sounding, up to its last block.
    pub(super) fn current(&self) -> Option<Burst> {
        match &self.state {
            State::Following(following) => Some(following.burst()),
            State::Idle | State::Suspected(_) => None,
        }
    }

    /// Whether the tone being followed was there in the newest block, not in a gap that may be its
    /// end.
    pub(super) fn is_sounding(&self) -> bool {
        matches!(&self.state, State::Following(following) if following.gap_blocks == 0)
    }

    /// Whether no tone is followed nor suspected: analyses may be [`HOP`] apart; otherwise they
    /// must be [`STEP`] apart.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Takes the next analysis, and [`HISTORY`] samples that end with it at position `now`.
    pub(super) fn process(
        &mut self,
        tonality: &Tonality,
        history: &[f32],
        now: u64,
    ) -> Option<BurstEdge> {
        match &mut self.state {
            State::Idle => {
                if tonality.is_tone() {
                    self.state = State::Suspected(tonality.strongest.frequency_hz);
                }
                None
            }
            State::Suspected(frequency_hz) => match matching(tonality, *frequency_hz) {
                Some(hz) if tonality.is_tone() => {
                    self.state = State::Following(Following::begin(tonality, hz, history, now));
                    Some(BurstEdge::Began)
                }
                Some(_) | None => {
                    self.state = match tonality.is_tone() {
                        true => State::Suspected(tonality.strongest.frequency_hz),
                        false => State::Idle,
                    };
                    None
                }
            },
            State::Following(following) => {
                following.process(tonality, history, now);
                let burst = following.burst();
                if following.foreign_steps >= FOREIGN_STEPS {
                    let hz = tonality.strongest.frequency_hz;
                    self.state = State::Following(Following::begin(tonality, hz, history, now));
                    return Some(BurstEdge::Changed(burst));
                }
                if following.gap_blocks > GAP_BLOCKS_MAX {
                    self.state = State::Idle;
                    return Some(BurstEdge::Ended(burst));
                }
                if following.spoiled_run > SPOILED_STEPS_MAX {
                    self.state = State::Idle;
                    return Some(BurstEdge::Dissolved(burst));
                }
                None
            }
        }
    }
}

/// The evidence about one tone while it sounds.
#[derive(Clone, Debug, Default)]
struct Following {
    start: u64,
    /// End of the last block with the tone in it.
    last_above: u64,
    /// The component that is followed; of two, the one that was stronger at the beginning.
    frequency_hz: f32,
    gap_blocks: u32,
    /// Where the tone began, or where it came back after it was missing for longer than a beat
    /// takes.
    whole_since: u64,
    above_blocks: u32,
    /// Sum of the powers of the blocks with the tone in them, at its frequency.
    block_power_sum: f32,
    hop_power_sum: f32,
    full_steps: u32,
    /// Whether an analysis lay within the tone; from then on only such ones count for its
    /// frequency.
    was_inside: bool,
    single: Mean,
    low: Mean,
    high: Mean,
    clean_steps: u32,
    spoiled_steps: u32,
    spoiled_run: u32,
    foreign_steps: u32,
}

impl Following {
    fn begin(tonality: &Tonality, frequency_hz: f32, history: &[f32], now: u64) -> Self {
        let probe = Probe::new(frequency_hz);
        let (blocks, _) = history.as_chunks::<BLOCK>();
        let newest = &blocks[blocks.len() - 2 * HOP / BLOCK..];
        let loudest = newest.iter().map(|block| probe.power(block)).fold(0.0, f32::max);
        let loudest_sum = newest.iter().map(|block| sum_of_squares(block)).fold(0.0, f32::max);
        let mut following = Self { frequency_hz, ..Self::default() };
        let mut first = blocks.len();
        let mut missing = 0;
        for (index, block) in blocks.iter().enumerate().rev() {
            let power = probe.power(block);
            // With much less at its frequency it has not begun; with much more in all, something
            // else sounds, a voice.
            if power < loudest * ONSET_SHARE || sum_of_squares(block) > loudest_sum / ONSET_SHARE {
                missing += 1;
                if missing > ONSET_GAP_BLOCKS && first < blocks.len() {
                    break;
                }
            } else {
                missing = 0;
                first = index;
                following.above_blocks += 1;
                following.block_power_sum += power;
            }
        }
        following.start = now.saturating_sub(((blocks.len() - first) * BLOCK) as u64);
        following.whole_since = following.start;
        following.last_above = now;
        following.count_clean(tonality, false);
        following
    }

    fn process(&mut self, tonality: &Tonality, history: &[f32], now: u64) {
        let probe = Probe::new(self.frequency_hz);
        let (blocks, _) = history[history.len() - STEP..].as_chunks::<BLOCK>();
        let was_above = self.above_blocks;
        for (index, block) in blocks.iter().enumerate() {
            let power = probe.power(block);
            if power * self.above_blocks as f32 >= self.block_power_sum * RELEASE_SHARE {
                self.above_blocks += 1;
                self.block_power_sum += power;
                self.last_above = now - ((blocks.len() - 1 - index) * BLOCK) as u64;
                if self.gap_blocks > ONSET_GAP_BLOCKS {
                    self.whole_since = self.last_above - BLOCK as u64;
                }
                self.gap_blocks = 0;
            } else {
                self.gap_blocks += 1;
            }
        }
        let above = (self.above_blocks - was_above) as usize;
        let matched = matching(tonality, self.frequency_hz);
        match matched {
            Some(hz) if tonality.is_tone() => {
                self.foreign_steps = 0;
                if above > 0 {
                    self.frequency_hz = hz;
                    self.spoiled_run = 0;
                    let is_inside = above == blocks.len()
                        && now >= self.whole_since + (WINDOW - EDGE_OF_WINDOW) as u64;
                    self.count_clean(tonality, is_inside);
                }
            }
            None if tonality.is_tone() => self.foreign_steps += 1,
            Some(_) | None => {
                self.foreign_steps = 0;
                if above > 0 {
                    self.spoiled_steps += 1;
                    self.spoiled_run += 1;
                }
            }
        }
        if above == blocks.len() {
            self.full_steps += 1;
            self.hop_power_sum += tonality.hop_power;
        }
    }

    fn count_clean(&mut self, tonality: &Tonality, is_inside: bool) {
        // What an analysis that is only partly filled says of the frequency is worth less than one
        // that is full.
        if is_inside && !self.was_inside {
            self.was_inside = true;
            (self.single, self.low, self.high) = Default::default();
        }
        self.clean_steps += 1;
        if self.was_inside && !is_inside {
            return;
        }
        let strongest = tonality.strongest.frequency_hz;
        match tonality.second.map(|second| second.frequency_hz) {
            Some(second) => {
                self.low.add(strongest.min(second));
                self.high.add(strongest.max(second));
            }
            None => self.single.add(strongest),
        }
    }

    fn burst(&self) -> Burst {
        let is_pair = self.low.count > self.single.count;
        let lower = if is_pair { &self.low } else { &self.single };
        let power = match self.full_steps {
            0 => self.block_power_sum / self.above_blocks.max(1) as f32,
            hops => self.hop_power_sum / hops as f32,
        };
        Burst {
            start: self.start,
            end: self.last_above,
            low_hz: lower.mean(),
            high_hz: is_pair.then(|| self.high.mean()),
            power,
            wander: lower.spread().max(if is_pair { self.high.spread() } else { 0.0 }),
            clean_steps: self.clean_steps,
            steady_steps: if self.was_inside { self.low.count + self.single.count } else { 0 },
            spoiled_steps: self.spoiled_steps,
        }
    }
}

/// The component of `tonality` that is `frequency_hz`, if there is one.
fn matching(tonality: &Tonality, frequency_hz: f32) -> Option<f32> {
    let is_same = |hz: f32| (hz - frequency_hz).abs() <= (frequency_hz * STEP_MAX).max(STEP_HZ_MIN);
    let strongest = Some(tonality.strongest.frequency_hz);
    let second = tonality.second.map(|second| second.frequency_hz);
    strongest.filter(|hz| is_same(*hz)).or(second.filter(|hz| is_same(*hz)))
}

/// Mean and range of a frequency.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f32,
    min: f32,
    max: f32,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f32) {
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.sum += value;
        self.count += 1;
    }

    fn mean(&self) -> f32 {
        self.sum / self.count.max(1) as f32
    }

    /// The range as a share of the mean.
    fn spread(&self) -> f32 {
        (self.max - self.min) / self.mean().max(1.0)
    }
}

/// Samples of history that [`BurstTracker::process`] wants to look back into.
pub(super) const HISTORY: usize = 960;

/// Blocks without the tone that do not end it: 70 ms, three lost packets and the edges around them.
/// The shortest pause in use is 200 ms.
const GAP_BLOCKS_MAX: u32 = 14;
/// Steps in which the tone's frequency is there but other sound as well, before it is taken for no
/// tone: 100 ms, what a bridged gap takes to leave the window.
const SPOILED_STEPS_MAX: u32 = 10;
/// Steps in a row that hear another tone, before it is taken for one: as many as a first tone
/// needs, and one more.
const FOREIGN_STEPS: u32 = 3;
/// Power relative to the newest blocks at which a tone begins: 6 dB below, half of a block at the
/// same level.
const ONSET_SHARE: f32 = 0.25;
/// Blocks without the tone that are still whole tone: 15 ms, more than the null of the slowest beat
/// in use (40 Hz).
const ONSET_GAP_BLOCKS: u32 = 3;
/// Power relative to its mean at which a tone is gone: 10 dB below. Higher cuts off beeps that
/// fade, lower is noise.
const RELEASE_SHARE: f32 = 0.1;
/// Samples by which a window may reach over the beginning of a tone and still count as within it:
/// 10 ms, where a Hann window has 1.5 % of its energy.
const EDGE_OF_WINDOW: usize = 80;
/// Relative change of frequency in 20 ms that is still the same tone.
const STEP_MAX: f32 = 0.03;
/// The same in Hz for low tones: what noise 10 dB below moves an estimate.
const STEP_HZ_MIN: f32 = 12.0;
#[cfg(test)]
mod tests {
    use super::super::tonality::{ANALYSIS_HZ, TonalityAnalyzer};
    use super::*;

    /// Runs the tracker over `samples`, every [`STEP`].
    fn track(samples: &[f32]) -> Vec<BurstEdge> {
        let mut analyzer = TonalityAnalyzer::new();
        let mut tracker = BurstTracker::default();
        let mut padded = vec![0.0; HISTORY];
        padded.extend(samples);
        (STEP..=samples.len())
            .step_by(STEP)
            .filter_map(|now| {
                let history = &padded[now..now + HISTORY];
                tracker.process(&analyzer.analyze(history), history, now as u64)
            })
            .collect()
    }

    fn add_tone(samples: &mut [f32], range: std::ops::Range<usize>, hz: f32, amplitude: f32) {
        for n in range {
            let turns = hz * n as f32 / ANALYSIS_HZ as f32;
            samples[n] += amplitude * (turns * std::f32::consts::TAU).sin();
        }
    }

    /// White noise of amplitude 1.
    fn noise(length: usize) -> impl Iterator<Item = f32> {
        let mut state = 1_u32;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .take(length)
    }

    #[test]
    fn edges_are_found_to_5_ms_even_behind_noise_20_db_louder() {
        for (start, loudness) in (3_000..3_080).step_by(13).flat_map(|n| [(n, 0.0), (n, 1e4)]) {
            let mut samples: Vec<_> = noise(start).map(|sample| loudness * sample).collect();
            samples.resize(8_000, 0.0);
            add_tone(&mut samples, start..start + 2_400, 900.0, 1_000.0);
            let edges = track(&samples);
            let [BurstEdge::Began, BurstEdge::Ended(burst)] = edges[..] else {
                panic!("{edges:?}");
            };
            assert!(burst.start.abs_diff(start as u64) <= 40, "{start}: {burst:?}");
            assert!(burst.end.abs_diff(start as u64 + 2_400) <= 40, "{start}: {burst:?}");
        }
    }

    #[test]
    fn tones_that_follow_one_another_are_told_apart() {
        let mut samples = vec![0.0; 8_000];
        add_tone(&mut samples, 1_000..3_400, 950.0, 1_000.0);
        add_tone(&mut samples, 3_400..5_800, 1_400.0, 1_000.0);
        let edges = track(&samples);
        let [BurstEdge::Began, BurstEdge::Changed(first), BurstEdge::Ended(second)] = edges[..]
        else {
            panic!("{edges:?}");
        };
        assert!(first.end.abs_diff(3_400) <= 40, "{first:?}");
        assert!(second.start.abs_diff(3_400) <= 40, "{second:?}");
    }

    #[test]
    fn three_lost_packets_do_not_split_a_tone() {
        let mut samples = vec![0.0; 12_000];
        add_tone(&mut samples, 1_000..4_000, 425.0, 1_000.0);
        add_tone(&mut samples, 4_480..8_000, 425.0, 1_000.0);
        assert!(matches!(track(&samples)[..], [BurstEdge::Began, BurstEdge::Ended(_)]));
    }

    #[test]
    fn a_beat_of_40_hz_is_one_tone_made_of_two() {
        let mut samples = vec![0.0; 8_000];
        add_tone(&mut samples, 1_000..5_000, 440.0, 1_000.0);
        add_tone(&mut samples, 1_000..5_000, 480.0, 1_000.0);
        let edges = track(&samples);
        let [BurstEdge::Began, BurstEdge::Ended(burst)] = edges[..] else { panic!("{edges:?}") };
        assert!(burst.is_pair(440.0, 480.0), "{burst:?}");
        assert_eq!(burst.duration_ms() / 20, 500 / 20, "{burst:?}");
    }

    #[test]
    fn a_tone_that_dissolves_into_something_else_is_no_burst() {
        let mut samples = vec![0.0; 8_000];
        add_tone(&mut samples, 1_000..7_000, 600.0, 1_000.0);
        for (sample, noise) in samples[2_600..].iter_mut().zip(noise(5_400)) {
            *sample += 2_000.0 * noise;
        }
        assert!(matches!(track(&samples)[..], [BurstEdge::Began, BurstEdge::Dissolved(_)]));
    }
}

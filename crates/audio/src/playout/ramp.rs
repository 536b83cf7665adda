//! A factor that moves to its target in a straight line, sample by sample, so that no change of
//! level is a step.

/// A multiplier on its way to a target.
#[derive(Clone, Debug)]
pub(super) struct Ramp {
    target: f32,
    /// Change per sample while `left` is not zero.
    step: f32,
    /// Samples until the target is reached.
    left: usize,
}

impl Ramp {
    pub(super) const fn new(value: f32) -> Self {
        Self { target: value, step: 0.0, left: 0 }
    }

    pub(super) const fn target(&self) -> f32 {
        self.target
    }

    /// The factor of the last sample processed. Counted back from the target, so that it lands
    /// there exactly.
    pub(super) const fn value(&self) -> f32 {
        self.target - self.step * self.left as f32
    }

    /// Whether every coming sample is multiplied by exactly `factor`.
    pub(super) const fn is_at(&self, factor: f32) -> bool {
        self.left == 0 && self.target == factor
    }

    /// The largest factor from here to the target.
    pub(super) const fn value_max(&self) -> f32 {
        self.value().max(self.target)
    }

    /// Moves from the present factor to `target` within `over_samples`; zero is a step.
    pub(super) fn set_target(&mut self, target: f32, over_samples: usize) {
        let value = self.value();
        self.target = target;
        self.left = if value == target { 0 } else { over_samples };
        self.step = if self.left == 0 { 0.0 } else { (target - value) / over_samples as f32 };
    }

    /// Multiplies in place and moves on.
    pub(super) fn process(&mut self, samples: &mut [f32]) {
        let (moving, settled) = samples.split_at_mut(self.left.min(samples.len()));
        if !moving.is_empty() {
            scale_moving(moving, self.value(), self.step);
            self.left -= moving.len();
        }
        if self.target != 1.0 && !settled.is_empty() {
            scale(settled, self.target);
        }
    }

    /// Moves on by `samples` that nobody hears.
    pub(super) fn skip(&mut self, samples: usize) {
        self.left = self.left.saturating_sub(samples);
    }
}

fn scale(samples: &mut [f32], factor: f32) {
    for sample in samples {
        *sample *= factor;
    }
}

fn scale_moving(samples: &mut [f32], before: f32, step: f32) {
    // A 20 ms frame has at most 960 samples: the counter is exact in an i32 and in an f32.
    let mut count = 0_i32;
    for sample in samples {
        count += 1;
        *sample *= before + step * count as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_lands_exactly_and_takes_even_steps() {
        let mut ramp = Ramp::new(1.0);
        ramp.set_target(0.25, 100);
        let mut samples = [1.0_f32; 250];
        for chunk in samples.chunks_mut(33) {
            ramp.process(chunk);
        }
        assert!(samples[99..].iter().all(|&s| s == 0.25), "{:?}", &samples[97..103]);
        let steepest = samples.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(steepest <= 0.0076, "{steepest} a sample, 0.0075 is a straight line");
        assert!(ramp.is_at(0.25));
    }

    #[test]
    fn turning_round_half_way_starts_from_where_it_is() {
        let mut ramp = Ramp::new(0.0);
        ramp.set_target(1.0, 100);
        ramp.process(&mut [1.0; 50]);
        assert!((ramp.value() - 0.5).abs() < 1e-6);
        ramp.set_target(0.0, 50);
        let mut samples = [1.0_f32; 50];
        ramp.process(&mut samples);
        assert!((samples[0] - 0.49).abs() < 1e-6 && samples[49] == 0.0);
    }
}

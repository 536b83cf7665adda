//! Keeps the agent's own voice, coming back from the caller's line, from being taken for the
//! caller.
//!
//! Hybrids, loudspeakers and handsets return 10 to 30 dB less of what was sent, up to 800 ms late.
//! The guard looks for the delay of such an echo ([`delay`]), decides whether the line has one
//! ([`path`]), subtracts the part of it that a short linear filter explains ([`canceller`]), and
//! judges whether what is left is more than what this line usually leaves ([`decision`]). If it is
//! not, the frame is turned down to the noise of the line; if it is, the caller speaks over the
//! agent and the residual passes whole.
//!
//! What it promises:
//! - As long as no echo was found, the line is passed bit for bit; two people who speak at once do
//!   not make one (`cargo bench --bench accuracy_echo`). So is a line with echo while nothing sent
//!   can be echoing.
//! - Before an echo is found (100 to 300 ms of it are needed) nothing is cut; instead
//!   `extra_voiced_ms` asks for more voiced time, less with each frame in which an echo could have
//!   shown and did not. For half a second after it was found, while the filter learns, it asks for
//!   the same again.
//! - No work is left for every n-th frame: all lags are searched in each.
//!
//! Assumptions: near and far come in slots of one clock, 20 ms each, at 8 or 16 kHz; DTMF was
//! blanked before. Left out: what happens above 3.4 kHz (the filter covers it, decisions ignore
//! it); reverberation beyond 40 ms is not subtracted, only expected; two echoes of different delay
//! at once (the stronger is guarded against).

mod bands;
mod canceller;
mod decision;
mod delay;
mod far;
mod fourier;
mod lanes;
mod path;

use offhook_types::SampleRate;

use bands::{Bands, NoiseFloor, band_energies, pre_emphasis_gains};
use canceller::{Cancelled, Canceller};
use decision::{Decision, Evidence, LEAK_CERTAIN};
use delay::{DelaySearch, LAGS};
use far::FarHistory;
use fourier::{Fourier, Spectrum};
use lanes::rounded;
use path::{Path, PathTracker};

/// What the guard found in one frame. Integers, so that a decision made from it replays on any
/// machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EchoReport {
    /// Whether something audible was sent that could be arriving as echo in this frame.
    pub far_active: bool,
    /// Whether the frame was judged to hold nothing but echo and noise; `out` then holds no more
    /// than the noise.
    pub is_echo_only: bool,
    /// How sure the guard is of that, 0 to 100 in steps of 5. 50 while it cannot know.
    pub echo_percent: u8,
    /// Delay of the echo behind the far reference in milliseconds, once it was found.
    pub delay_ms: Option<u16>,
    /// How far the echo is below what was sent in decibels, 0 to 60, once that was measured.
    pub return_loss_db: Option<u8>,
    /// Voiced time in milliseconds to ask for, in addition to the gate's own, before believing that
    /// the caller speaks. 0 when nothing that was sent can be echoing and on lines that have shown
    /// no echo.
    pub extra_voiced_ms: u16,
}

/// Echo guard of one call.
pub struct EchoGuard {
    rate: SampleRate,
    fourier: Fourier,
    /// Spectra of a moment.
    room: [Spectrum; 2],
    window: Vec<f32>,
    far: FarHistory,
    /// The last two frames that arrived.
    near: Vec<f32>,
    emphasis: Bands,
    noise: NoiseFloor,
    search: DelaySearch,
    path: PathTracker,
    canceller: Canceller,
    decision: Decision,
    gain: f32,
    /// Frames in a row that the canceller made louder.
    misfits: u32,
    far_power: f32,
    echo_power: f32,
}

impl EchoGuard {
    /// A guard for a stream of 8 or 16 kHz. Allocates everything it will need.
    ///
    /// # Panics
    /// At any other rate: the chain resamples wideband legs to 16 kHz first.
    pub fn new(rate: SampleRate) -> Self {
        assert!(
            rate == SampleRate::HZ_8000 || rate == SampleRate::HZ_16000,
            "the echo guard works at 8 or 16 kHz, not {rate}"
        );
        let frame = rate.frame_samples();
        Self {
            rate,
            fourier: Fourier::new(2 * frame),
            room: std::array::from_fn(|_| Spectrum::new(frame + 1)),
            window: hann(2 * frame),
            far: FarHistory::new(frame),
            near: vec![0.0; 2 * frame],
            emphasis: pre_emphasis_gains(PRE_EMPHASIS, rate),
            noise: NoiseFloor::new(),
            search: DelaySearch::new(),
            path: PathTracker::new(rate),
            canceller: Canceller::new(rate),
            decision: Decision::new(),
            gain: 1.0,
            misfits: 0,
            far_power: 0.0,
            echo_power: 0.0,
        }
    }

    /// Samples by which `out` lags behind `near`: none.
    pub const fn delay_samples(&self) -> usize {
        0
    }

    /// Takes the frame that arrived in a 20 ms slot and the one that was sent in it, and writes
    /// what a voice detector should hear to `out`.
    ///
    /// # Panics
    /// If a slice is not one frame of the guard's rate.
    pub fn process_into(
        &mut self,
        near: &[i16],
        far_reference: &[i16],
        out: &mut [i16],
    ) -> EchoReport {
        let frame = self.rate.frame_samples();
        assert!(near.len() == frame && far_reference.len() == frame && out.len() == frame);
        // Two frames that were sent, now or when the echo set out.
        let (mut narrow, mut wide);
        let sent: &mut [f32] = if frame == NARROW_FRAME {
            narrow = [0.0; 2 * NARROW_FRAME];
            &mut narrow
        } else {
            wide = [0.0; 4 * NARROW_FRAME];
            &mut wide
        };
        self.hear(near, far_reference, sent);
        match self.path.path() {
            Path::Found { start, .. } if self.may_echo(start) => self.guard(start, sent, out),
            Path::Found { .. } | Path::Open { .. } => self.pass(near, out),
        }
    }

    /// Forgets the line and what was sent on it.
    pub fn reset(&mut self) {
        self.far.reset();
        self.near.fill(0.0);
        self.noise.reset();
        self.search.reset();
        self.path.reset();
        self.restart();
    }

    /// Takes both frames to the delay search.
    fn hear(&mut self, near: &[i16], far: &[i16], sent: &mut [f32]) {
        let frame = near.len();
        self.far.push(far);
        self.near.copy_within(frame.., 0);
        for (wide, &sample) in self.near[frame..].iter_mut().zip(near) {
            *wide = f32::from(sample);
        }
        let is_sent = self.far.was_audible(0, 1);
        if is_sent {
            self.far.copy_delayed(0, sent);
        }
        let signals = [&*sent, &*self.near];
        self.fourier.forward_windowed(signals, &self.window, PRE_EMPHASIS, &mut self.room);
        let [far_spectrum, near_spectrum] = &self.room;
        self.search.push_far(is_sent.then_some(far_spectrum));
        let len = 2.0 * frame as f32;
        let mut bands = band_energies(near_spectrum, 2.0 / (len * len * HANN_MEAN_SQUARE));
        for (band, gain) in bands.iter_mut().zip(&self.emphasis) {
            *band /= gain;
        }
        self.noise.update(&bands);
        let is_active = bands.iter().sum::<f32>() > ACTIVE_OVER_NOISE * self.noise.total();
        if is_active && self.far.was_audible(0, LAGS) {
            self.search.correlate(near_spectrum);
            if self.path.follow(&self.search, &mut self.fourier, &mut self.room) {
                self.restart();
            }
        } else if self.far.was_audible(0, 1) && self.far.was_audible(LAGS - 1, LAGS) {
            // The agent has spoken for longer than any echo takes, and nothing came back.
            self.path.note_quiet();
        }
    }

    /// Whether anything audible was sent that an echo from `start` samples on could return now.
    fn may_echo(&self, start: usize) -> bool {
        let newest = start / self.rate.frame_samples();
        self.far.was_audible(newest, newest + ECHO_FRAMES)
    }

    /// Begins to learn a line anew.
    fn restart(&mut self) {
        self.canceller.reset();
        self.decision.reset();
        self.gain = 1.0;
        self.misfits = 0;
        (self.far_power, self.echo_power) = (0.0, 0.0);
    }

    /// The frame as it arrived.
    fn pass(&mut self, near: &[i16], out: &mut [i16]) -> EchoReport {
        out.copy_from_slice(near);
        self.gain = 1.0;
        self.canceller.forget_far();
        let Path::Open { evidence, .. } = self.path.path() else {
            let (delay_ms, return_loss_db) = (self.delay_ms(), self.return_loss_db());
            return EchoReport { delay_ms, return_loss_db, ..EchoReport::default() };
        };
        if !self.far.was_audible(0, LAGS + ECHO_FRAMES) {
            return EchoReport::default();
        }
        let doubt = CLEAR_FRAMES.saturating_sub(evidence);
        let extra_voiced_ms = (u32::from(UNKNOWN_EXTRA_MS) * doubt / CLEAR_FRAMES / 20 * 20) as u16;
        EchoReport {
            far_active: true,
            echo_percent: (50 * doubt / CLEAR_FRAMES / 5 * 5) as u8,
            extra_voiced_ms,
            ..EchoReport::default()
        }
    }

    /// The frame without its echo.
    fn guard(&mut self, start: usize, sent: &mut [f32], out: &mut [i16]) -> EchoReport {
        let frame = out.len() as f32;
        let arrived = &self.near[out.len()..];
        self.far.copy_delayed(start, sent);
        let room = &mut self.room[0];
        let energies = self.canceller.cancel(arrived, sent, &mut self.fourier, room);
        self.canceller.adapt(&mut self.fourier, room);
        let is_better = energies.residual <= energies.near;
        let left = energies.residual.min(energies.near);
        // Of the residual's spectrum half is padding, of the far end's none.
        let scale = 1.0 / (frame * frame) * (left / (energies.residual + 1.0)).min(1.0);
        let residual = band_energies(room, scale);
        let far = band_energies(self.canceller.far(), 0.5 / (frame * frame));
        let path_gain = if self.far_power > 0.0 { self.echo_power / self.far_power } else { 0.0 };
        let hears_caller = self.decision.hears_caller(Evidence {
            residual: &residual,
            far: &far,
            noise: self.noise.bands(),
            leak: energies.leak,
            path_gain,
        });
        let quiet = (self.noise.total() * frame / (left + 1.0)).sqrt().min(1.0);
        let gain = if hears_caller { 1.0 } else { quiet };
        let source = if is_better { self.canceller.residual() } else { arrived };
        ramp_into(source, std::mem::replace(&mut self.gain, gain), gain, out);
        self.correct(energies);
        if !hears_caller {
            self.far_power += LOSS_SMOOTHING * (far.iter().sum::<f32>() - self.far_power);
            self.echo_power += LOSS_SMOOTHING * (energies.near / frame - self.echo_power);
        }
        self.report(hears_caller)
    }

    /// Helps the model over what its own small steps would take long for: a line that became louder
    /// or quieter, or another line altogether.
    fn correct(&mut self, energies: Cancelled) {
        let is_audible = energies.echo > self.rate.frame_samples() as f32;
        if is_audible && energies.leak > LEAK_CERTAIN {
            self.canceller.scale(1.0 + 0.5 * energies.leak_gain.clamp(-0.5, 2.0));
        }
        let is_misfit = is_audible && energies.residual > 2.0 * energies.near;
        self.misfits = if is_misfit { self.misfits + 1 } else { 0 };
        if self.misfits == MISFIT_FRAMES {
            self.canceller.reset();
        }
    }

    fn report(&self, hears_caller: bool) -> EchoReport {
        let extra = if self.decision.is_settling() { UNKNOWN_EXTRA_MS } else { FOUND_EXTRA_MS };
        EchoReport {
            far_active: true,
            is_echo_only: !hears_caller,
            echo_percent: self.decision.echo_percent(),
            delay_ms: self.delay_ms(),
            return_loss_db: self.return_loss_db(),
            extra_voiced_ms: extra,
        }
    }

    fn delay_ms(&self) -> Option<u16> {
        let Path::Found { start, .. } = self.path.path() else {
            return None;
        };
        let samples = start + self.canceller.peak();
        u16::try_from(samples * 1_000 / self.rate.hz() as usize).ok()
    }

    fn return_loss_db(&self) -> Option<u8> {
        let loss_db = 10.0 * (self.far_power / self.echo_power.max(1.0)).log10();
        (self.far_power > 0.0).then_some(loss_db.round().clamp(0.0, 60.0) as u8)
    }
}

/// Writes `source` times a gain that goes from `from` to `to` within the first quarter, and stays.
#[inline(never)]
fn ramp_into(source: &[f32], from: f32, to: f32, out: &mut [i16]) {
    let ramp = source.len() / 4;
    let slope = (to - from) / ramp as f32;
    let (rising, steady) = out.split_at_mut(ramp);
    for (index, (out, &sample)) in rising.iter_mut().zip(source).enumerate() {
        *out = clipped(sample * (from + slope * index as f32));
    }
    for (out, &sample) in steady.iter_mut().zip(&source[ramp..]) {
        *out = clipped(sample * to);
    }
}

/// The nearest sample value; a residual may exceed what a sample can hold.
fn clipped(sample: f32) -> i16 {
    rounded(sample.clamp(f32::from(i16::MIN), f32::from(i16::MAX)))
}

/// A periodic Hann window.
fn hann(len: usize) -> Vec<f32> {
    let step = std::f32::consts::TAU / len as f32;
    (0..len).map(|n| 0.5 - 0.5 * (step * n as f32).cos()).collect()
}

/// Samples of a frame at 8 kHz, half of one at 16.
const NARROW_FRAME: usize = 160;

/// Mean square of a Hann window.
const HANN_MEAN_SQUARE: f32 = 0.375;

/// First-order pre-emphasis, the usual one of speech coders: it keeps the strong low end of a voice
/// from leaking over the phases of its upper bands.
const PRE_EMPHASIS: f32 = 0.9;

/// Frames for which an echo may go on after the last that was modelled: 160 ms, the reverberation
/// of a furnished room down to -30 dB and more.
const ECHO_FRAMES: usize = 8;

/// Energy over the noise floor from which a near frame is worth searching: 6 dB.
const ACTIVE_OVER_NOISE: f32 = 4.0;

/// Frames in a row that the model may make louder by 3 dB before it is thrown away, 100 ms.
const MISFIT_FRAMES: u32 = 5;

/// Smoothing of the return loss per frame of echo: a second.
const LOSS_SMOOTHING: f32 = 0.02;

/// Frames of far and near end together after which a line without evidence counts as one without
/// echo, 0.8 s. Of 24 lines in `cargo bench --bench accuracy_echo` the slowest showed its echo
/// after 15 frames.
const CLEAR_FRAMES: u32 = 40;

/// Extra voiced time while an echo may exist that was not found yet, or was found but not learned.
const UNKNOWN_EXTRA_MS: u16 = 300;

/// Extra voiced time on a line with an echo that is known. On the loudest speakerphone of
/// `accuracy_echo` it brings a 60 ms rule from 2 false interruptions a minute to 0.7; 60 would make
/// every interruption 40 ms later.
const FOUND_EXTRA_MS: u16 = 20;

#[cfg(test)]
mod tests;

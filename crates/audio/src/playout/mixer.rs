//! The playout stages in order.

mod interruption;
mod speech_phase;

use offhook_types::SampleRate;

use super::ambience::{Ambience, AmbienceConfig, BedRateMismatch};
use super::bed::Bed;
use super::ducking::{Ducker, DuckingConfig};
use super::fade::FadeOut;
use super::gain::Gain;
use super::limiter::{SoftLimiter, round_into};
use super::played_history::PlayedHistory;
use super::speech_edge::SpeechEdge;
use speech_phase::SpeechPhase;

pub use interruption::Interrupted;

/// How a call's playout is set up.
#[derive(Clone, Debug)]
pub struct PlayoutConfig {
    /// Multiplier on speech, 0..=2. Default 1.
    pub gain: f32,
    /// The first stage of an interruption.
    pub ducking: DuckingConfig,
    /// The bed under the whole call. Default none.
    pub ambience: Option<AmbienceConfig>,
    /// How far back the played history reaches. Default 1,000 ms, 16 KB at 8 kHz: an echo comes
    /// back within 800 ms.
    pub history_ms: u32,
}

impl Default for PlayoutConfig {
    fn default() -> Self {
        Self { gain: 1.0, ducking: DuckingConfig::default(), ambience: None, history_ms: 1_000 }
    }
}

/// What the agent says in the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech<'a> {
    /// Nothing. After [`Speech::Continues`] it means that the rest of the utterance was dropped.
    None,
    /// These samples, and the utterance goes on after them. Fewer than a frame is an underrun (once
    /// the utterance has begun; an empty slice before its first sample is waiting).
    Continues(&'a [i16]),
    /// The utterance's last samples.
    Ends(&'a [i16]),
}

/// What a call of [`PlayoutMixer::mix_into`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MixReport {
    /// Position of the first sample mixed, in samples since the stream began.
    pub position: u64,
    /// Speech samples taken from the front of what was offered.
    pub speech_samples: usize,
    /// How many of these come before a fade's silence: what can be heard of the speech.
    pub audible_samples: usize,
    /// Samples at the end of `out` that should have been speech and were not there.
    pub underrun_samples: usize,
    /// Whether the speech ran dry here, having been there before: one per gap.
    pub is_new_underrun: bool,
}

/// Mixes one call's outgoing audio, frame by frame. It allocates in `new` only.
///
/// Kinds of methods: getters; commands ([`PlayoutMixer::duck`], [`PlayoutMixer::fade_out`], …),
/// which act on what is mixed from then on; [`PlayoutMixer::mix_into`] once per frame;
/// [`PlayoutMixer::interrupt_into`] after a carrier was told to drop what it holds.
#[derive(Debug)]
pub struct PlayoutMixer {
    rate: SampleRate,
    gain: Gain,
    ducker: Ducker,
    fade: FadeOut,
    edge: SpeechEdge,
    ambience: Option<Ambience>,
    overlay: Option<Ambience>,
    phase: SpeechPhase,
    mix: Box<[f32]>,
    shaped: Box<[i16]>,
    /// Speech after its shaping, before the beds: what a tail is made of.
    speech: PlayedHistory,
    played: PlayedHistory,
}

/// How much shaped speech is kept for a tail: the longest lead of playout over the play head (300
/// ms) and a carrier's latency several times over.
const SPEECH_HISTORY_MS: u32 = 600;

impl PlayoutMixer {
    /// A mixer at the line's `rate`. `seed` chooses where in its loop the bed starts.
    ///
    /// # Errors
    /// [`BedRateMismatch`] where the bed is not at the line's rate.
    pub fn new(
        rate: SampleRate,
        config: PlayoutConfig,
        seed: u64,
    ) -> Result<Self, BedRateMismatch> {
        let ambience = config.ambience.map(|bed| Ambience::new(rate, bed, seed)).transpose()?;
        Ok(Self {
            rate,
            gain: Gain::new(rate, config.gain),
            ducker: Ducker::new(rate, config.ducking),
            fade: FadeOut::new(rate),
            edge: SpeechEdge::new(rate),
            ambience,
            overlay: None,
            phase: SpeechPhase::Absent,
            mix: vec![0.0; rate.frame_samples()].into(),
            shaped: vec![0; rate.frame_samples()].into(),
            speech: PlayedHistory::new(rate, SPEECH_HISTORY_MS),
            played: PlayedHistory::new(rate, config.history_ms),
        })
    }

    /// Position of the next sample, in samples since the stream began; taken-back samples do not
    /// count.
    pub const fn position(&self) -> u64 {
        self.played.end()
    }

    /// What was mixed last, as it was sent: the far reference of the echo guard.
    pub const fn played(&self) -> &PlayedHistory {
        &self.played
    }

    /// Whether speech is held down.
    pub const fn is_ducked(&self) -> bool {
        self.ducker.is_ducked()
    }

    /// Whether speech is fading or has faded, and stays silent until
    /// [`PlayoutMixer::start_utterance`].
    pub fn is_fading_out(&self) -> bool {
        !self.fade.is_idle()
    }

    /// Samples by which mixing delays speech: none.
    pub const fn delay_samples(&self) -> usize {
        0
    }

    /// Changes the loudness of speech; see [`Gain::set_multiplier`].
    pub fn set_gain(&mut self, multiplier: f32) {
        self.gain.set_multiplier(multiplier);
    }

    /// Changes the loudness of the ambience, if there is any; see [`Ambience::set_volume`].
    pub fn set_ambience_volume(&mut self, volume: f32) {
        if let Some(ambience) = &mut self.ambience {
            ambience.set_volume(volume);
        }
    }

    /// Plays a second bed over the ambience (typing, hold music), from its start and in place of
    /// any other second bed. It allocates: not for every frame.
    ///
    /// # Errors
    /// [`BedRateMismatch`] where the bed is not at the line's rate; what played before goes on.
    pub fn start_overlay(&mut self, bed: Bed, volume: f32) -> Result<(), BedRateMismatch> {
        let config = AmbienceConfig { bed, volume, duck_under_speech_db: 9.0 };
        self.overlay = Some(Ambience::from_start(self.rate, config)?);
        Ok(())
    }

    /// Lets the second bed vanish.
    pub fn stop_overlay(&mut self) {
        if let Some(overlay) = &mut self.overlay {
            overlay.set_volume(0.0);
        }
    }

    /// Holds speech down: the first stage of an interruption.
    pub fn duck(&mut self) {
        self.ducker.duck();
    }

    /// Lets speech come back: the interruption was none.
    pub fn unduck(&mut self) {
        self.ducker.unduck();
    }

    /// Fades speech to silence, beginning `after_samples` into what is mixed next; see
    /// [`FadeOut::start`]. For lines on which nothing needs to be taken back.
    pub fn fade_out(&mut self, fade_out_ms: u32, after_samples: usize) {
        self.fade.start(fade_out_ms, after_samples);
    }

    /// Lifts a fade: what comes next is another utterance. One that was still flowing is rounded
    /// off under it.
    pub fn start_utterance(&mut self) {
        if self.phase.is_on_speech() {
            self.edge.stop(&self.speech);
        }
        self.fade.reset();
        self.phase = SpeechPhase::Absent;
    }

    /// Mixes `out.len()` samples (any number; a frame as a rule) from at most as many of speech,
    /// which begins at the first sample of `out`.
    pub fn mix_into(&mut self, speech: Speech<'_>, out: &mut [i16]) -> MixReport {
        let (offered, is_last) = match speech {
            Speech::None => (&[][..], true),
            Speech::Continues(samples) => (samples, false),
            Speech::Ends(samples) => (samples, true),
        };
        let mut report = MixReport { position: self.position(), ..MixReport::default() };
        let mut offered = &offered[..offered.len().min(out.len())];
        let is_complete = is_last || offered.len() == out.len();
        for out in out.chunks_mut(self.rate.frame_samples()) {
            let (part, later) = offered.split_at(offered.len().min(out.len()));
            offered = later;
            report.speech_samples += part.len();
            report.audible_samples += self.fade.audible_samples(part.len());
            if !is_complete && part.len() < out.len() && self.fade.is_idle() {
                self.note_underrun(part.len(), out.len(), &mut report);
            }
            self.mix_frame(part, is_last && later.is_empty(), out);
        }
        report
    }

    fn note_underrun(&self, speech: usize, frame: usize, report: &mut MixReport) {
        if speech > 0 || self.phase.is_within_utterance() {
            report.underrun_samples += frame - speech;
            report.is_new_underrun |= speech > 0 || self.phase == SpeechPhase::Flowing;
        }
    }

    /// At most a frame: shapes speech, adds the beds, remembers both.
    fn mix_frame(&mut self, speech: &[i16], is_last: bool, out: &mut [i16]) {
        let stops = speech.len() < out.len() && (!speech.is_empty() || self.phase.is_on_speech());
        if self.phase == SpeechPhase::Dry && !speech.is_empty() {
            self.edge.resume();
        }
        if self.is_transparent() && !stops {
            self.copy_frame(speech, out);
        } else {
            self.shape_frame(speech, stops, out.len());
            self.finish_frame(!speech.is_empty(), out);
        }
        self.phase = self.phase.after(speech.len(), out.len(), is_last);
    }

    /// Whether speech passes bit for bit and nothing is added.
    fn is_transparent(&self) -> bool {
        self.gain.is_identity()
            && self.ducker.is_identity()
            && self.fade.is_idle()
            && self.edge.is_idle()
            && !self.beds().any(|bed| bed.is_audible())
    }

    fn beds(&self) -> impl Iterator<Item = &Ambience> {
        self.ambience.iter().chain(&self.overlay)
    }

    fn beds_mut(&mut self) -> impl Iterator<Item = &mut Ambience> {
        self.ambience.iter_mut().chain(&mut self.overlay)
    }

    fn copy_frame(&mut self, speech: &[i16], out: &mut [i16]) {
        let (spoken, rest) = out.split_at_mut(speech.len());
        spoken.copy_from_slice(speech);
        rest.fill(0);
        let is_speaking = !speech.is_empty();
        self.beds_mut().for_each(|bed| bed.skip(out.len(), is_speaking));
        self.speech.push(out);
        self.played.push(out);
    }

    /// Lays the shaped speech of a frame into `mix`, and into the history.
    fn shape_frame(&mut self, speech: &[i16], stops: bool, length: usize) {
        let mix = &mut self.mix[..length];
        widen_into(speech, mix);
        self.gain.process(mix);
        self.ducker.process(mix);
        self.fade.process(mix);
        let (spoken, after) = mix.split_at_mut(speech.len());
        self.edge.fade_in(spoken);
        self.edge.add_mirror(spoken);
        round_into(spoken, &mut self.shaped[..speech.len()]);
        self.speech.push(&self.shaped[..speech.len()]);
        if stops {
            self.edge.stop(&self.speech);
        }
        self.edge.add_mirror(after);
        round_into(after, &mut self.shaped[..after.len()]);
        self.speech.push(&self.shaped[..length - speech.len()]);
    }

    /// Adds the beds to `mix`, limits what could exceed full scale, and remembers the result.
    fn finish_frame(&mut self, is_speaking: bool, out: &mut [i16]) {
        let mix = &mut self.mix[..out.len()];
        let mut may_exceed = self.gain.is_amplifying();
        for bed in self.ambience.iter_mut().chain(&mut self.overlay) {
            may_exceed |= bed.is_audible();
            bed.add_into(mix, is_speaking);
        }
        // Speech alone is within range: it stays bit for bit what it was.
        if may_exceed {
            SoftLimiter::limit_into(mix, out);
        } else {
            round_into(mix, out);
        }
        self.played.push(out);
    }
}

/// Widens `speech` into the start of `mix` and silences the rest.
fn widen_into(speech: &[i16], mix: &mut [f32]) {
    let (spoken, silent) = mix.split_at_mut(speech.len());
    for (mix, &sample) in spoken.iter_mut().zip(speech) {
        *mix = f32::from(sample);
    }
    silent.fill(0.0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bed::{BedKind, BedLibrary};
    use super::super::random::SeededRandom;
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    pub(super) fn bare() -> PlayoutMixer {
        PlayoutMixer::new(RATE, PlayoutConfig::default(), 1).unwrap()
    }

    pub(super) fn with_bed(bed: Bed, volume: f32) -> PlayoutMixer {
        let ambience =
            AmbienceConfig { duck_under_speech_db: 0.0, ..AmbienceConfig::new(bed, volume) };
        let config = PlayoutConfig { ambience: Some(ambience), ..PlayoutConfig::default() };
        PlayoutMixer::new(RATE, config, 1).unwrap()
    }

    pub(super) fn office() -> Bed {
        BedLibrary::new().bed(BedKind::Office, RATE)
    }

    pub(super) fn tone(samples: usize, peak: f32) -> Vec<i16> {
        (0..samples).map(|i| (peak * (i as f32 * 0.157).sin()) as i16).collect()
    }

    fn noise(seed: u64, samples: usize) -> Vec<i16> {
        let mut random = SeededRandom::new(seed);
        (0..samples).map(|_| (random.bipolar() * 32_767.0) as i16).collect()
    }

    pub(super) fn steepest(samples: &[i16]) -> u16 {
        samples.windows(2).map(|w| w[1].abs_diff(w[0])).max().unwrap_or(0)
    }

    /// Frames of silence.
    pub(super) fn idle(mixer: &mut PlayoutMixer, frames: usize) -> Vec<i16> {
        let mut out = vec![0; frames * 160];
        mixer.mix_into(Speech::None, &mut out);
        out
    }

    #[test]
    fn speech_alone_passes_bit_for_bit_at_full_scale() {
        let mut mixer = bare();
        let speech = noise(5, 1_600);
        let mut out = vec![0; 1_600];
        for (out, speech) in out.chunks_mut(160).zip(speech.chunks(160)) {
            mixer.mix_into(Speech::Continues(speech), out);
        }
        assert_eq!(out, speech);
        mixer.mix_into(Speech::None, &mut []);
        assert_eq!(mixer.position(), 1_600);
    }

    #[test]
    fn an_underrun_is_reported_once_and_makes_no_click() {
        let mut mixer = bare();
        // 10,000 at 200 Hz: its own steepest step is 1,570.
        let speech = tone(1_000, 10_000.0);
        let mut out = vec![0; 960];
        let first = mixer.mix_into(Speech::Continues(&speech[..410]), &mut out[..480]);
        assert_eq!((first.speech_samples, first.underrun_samples), (410, 70));
        assert!(first.is_new_underrun);
        let gap = mixer.mix_into(Speech::Continues(&[]), &mut out[480..640]);
        assert_eq!((gap.underrun_samples, gap.is_new_underrun), (160, false));
        let back = mixer.mix_into(Speech::Continues(&speech[410..570]), &mut out[640..800]);
        assert_eq!((back.underrun_samples, back.speech_samples), (0, 160));
        mixer.mix_into(Speech::Ends(&speech[570..730]), &mut out[800..]);

        assert_eq!(out[..410], speech[..410]);
        assert!(out[450..640].iter().all(|&s| s == 0), "silent 5 ms after the last sample");
        assert_eq!(out[680..], speech[450..730], "whole again 5 ms after the gap");
        assert!(steepest(&out) <= 1_600, "{}", steepest(&out));
    }

    #[test]
    fn speech_that_ends_or_is_dropped_is_no_underrun_and_no_click() {
        for (ends, frame) in [(true, 160), (true, 47), (true, 8), (false, 160)] {
            let mut mixer = bare();
            let speech = tone(frame, 10_000.0);
            let mut out = vec![0; 480];
            let offered = if ends { Speech::Ends(&speech) } else { Speech::Continues(&speech) };
            let first = mixer.mix_into(offered, &mut out[..160]);
            let then = if ends { Speech::Continues(&[]) } else { Speech::None };
            let second = mixer.mix_into(then, &mut out[160..]);
            assert_eq!(first.underrun_samples + second.underrun_samples, 0);
            assert!(steepest(&out) <= 1_600, "{ends} {frame}: {}", steepest(&out));
            assert!(out[frame + 40..].iter().all(|&s| s == 0));
        }
    }

    #[test]
    fn a_fade_ends_what_is_heard_in_mid_frame() {
        let mut mixer = bare();
        mixer.fade_out(20, 50);
        let mut out = [0; 320];
        let report = mixer.mix_into(Speech::Continues(&tone(320, 10_000.0)), &mut out);
        assert_eq!((report.speech_samples, report.audible_samples), (320, 210));
        assert_eq!(out[..50], tone(50, 10_000.0));
        assert_eq!(out[210..], [0; 110]);
        let dry = mixer.mix_into(Speech::Continues(&[]), &mut out);
        assert_eq!(dry.underrun_samples, 0, "silenced speech cannot run dry");
        mixer.start_utterance();
        let next = mixer.mix_into(Speech::Continues(&[7; 320]), &mut out);
        assert_eq!((next.audible_samples, out[319]), (320, 7));
    }

    #[test]
    fn ducking_lowers_speech_and_leaves_the_bed() {
        let bed = Bed::from_pcm(RATE, &[1_000; 8_000]).unwrap();
        let mut mixer = with_bed(bed, 1.0);
        idle(&mut mixer, 50);
        mixer.duck();
        let mut out = [0; 480];
        mixer.mix_into(Speech::Continues(&[8_000; 480]), &mut out);
        // -12 dB of 8,000 is 2,010.
        assert!((3_005..=3_015).contains(&out[479]), "{}", out[479]);
        assert!(mixer.is_ducked());
    }

    #[test]
    fn a_loud_voice_over_a_loud_bed_at_twice_the_gain_does_not_wrap() {
        let bed = Bed::from_pcm(RATE, &noise(3, 8_000)).unwrap();
        let mut mixer = with_bed(bed, 2.0);
        mixer.set_gain(2.0);
        let mut out = vec![0; 3_200];
        mixer.mix_into(Speech::Continues(&[i16::MAX; 3_200]), &mut out);
        assert!(out[2_400..].iter().all(|&s| s > 0), "a sum of 65,534 ± 65,534 stays positive");
    }

    #[test]
    fn a_loud_voice_over_a_bed_is_limited_not_clipped() {
        let mut mixer = with_bed(Bed::from_pcm(RATE, &[0; 8_000]).unwrap(), 1.0);
        let mut out = [0; 160];
        mixer.mix_into(Speech::Continues(&[i16::MAX; 160]), &mut out);
        assert_eq!(out, [29_964; 160], "the limiter's value for 0 dBFS");
    }

    #[test]
    fn an_overlay_comes_and_goes_without_a_step() {
        let mut mixer = bare();
        let bed = Bed::from_pcm(RATE, &[8_000; 8_000]).unwrap();
        mixer.start_overlay(bed.clone(), 1.0).unwrap();
        let mut out = idle(&mut mixer, 40);
        assert_eq!(out[6_399], 8_000);
        mixer.stop_overlay();
        out.extend(idle(&mut mixer, 40));
        assert!(out[12_799] == 0 && steepest(&out) <= 5, "{}", steepest(&out));
        assert!(mixer.is_transparent());
    }

    proptest! {
        /// Frames of any length, speech of any length and level, commands at any moment.
        #[test]
        fn any_sequence_keeps_positions_and_histories_true(
            seed in any::<u64>(),
            steps in prop::collection::vec((0_usize..700, 0_usize..700, 0_u8..9), 1..60),
        ) {
            let mut mixer = with_bed(Bed::from_pcm(RATE, &noise(1, 4_000)).unwrap(), 0.3);
            let mut heard: Vec<i16> = Vec::new();
            for (i, (speech, length, command)) in steps.into_iter().enumerate() {
                let speech = noise(seed ^ i as u64, speech);
                let mut out = vec![0; length];
                match command {
                    0 => mixer.duck(),
                    1 => mixer.unduck(),
                    2 => mixer.fade_out(length as u32 / 5, speech.len()),
                    3 => mixer.start_utterance(),
                    4 => mixer.set_gain(length as f32 / 350.0),
                    5 => {
                        let at = mixer.position().saturating_sub(length as u64);
                        let cut = mixer.interrupt_into(at, &speech, 60, &mut out);
                        heard.truncate(cut.position as usize);
                        heard.extend(&out);
                    }
                    _ => {}
                }
                let offered = match command {
                    6 => Speech::None,
                    7 => Speech::Ends(&speech),
                    _ => Speech::Continues(&speech),
                };
                let report = mixer.mix_into(offered, &mut out);
                prop_assert_eq!(report.position, heard.len() as u64);
                prop_assert!(report.speech_samples <= length.min(speech.len()));
                prop_assert!(report.audible_samples <= report.speech_samples);
                heard.extend(&out);
                prop_assert_eq!(mixer.position(), heard.len() as u64);
                let from = mixer.played().oldest();
                let mut played = vec![0; heard.len() - from as usize];
                mixer.played().copy_range_into(from, &mut played);
                prop_assert_eq!(&played[..], &heard[from as usize..]);
            }
        }
    }

    #[test]
    fn processing_does_not_allocate() {
        let mut mixer = with_bed(office(), 0.3);
        let speech = noise(9, 160);
        let (mut out, mut tail) = ([0; 160], [0; 800]);
        let measured = allocation_counter::measure(|| {
            for frame in 0..2_000_usize {
                let speech = match frame % 50 {
                    0..30 => Speech::Continues(&speech),
                    30 => Speech::Continues(&speech[..frame % 160]),
                    31..40 => Speech::Ends(&speech),
                    _ => Speech::None,
                };
                match frame % 37 {
                    3 => mixer.duck(),
                    9 => mixer.unduck(),
                    15 => mixer.fade_out(60, frame % 160),
                    20 => mixer.start_utterance(),
                    25 => mixer.set_gain((frame % 3) as f32),
                    30 => {
                        let heard = mixer.position().saturating_sub(1_000);
                        mixer.interrupt_into(heard, &[5; 100], 100, &mut tail);
                    }
                    _ => {}
                }
                mixer.mix_into(speech, &mut out);
            }
        });
        assert_eq!(measured.count_total, 0);
    }
}

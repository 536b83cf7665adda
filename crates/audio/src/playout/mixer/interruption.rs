//! What is sent after a carrier was told to drop the speech it holds: a faded tail, and the beds
//! where the listener left them.

use super::super::fade::{fade_in_part, fade_samples};
use super::super::limiter::round_into;
use super::speech_phase::SpeechPhase;
use super::{PlayoutMixer, widen_into};

/// What [`PlayoutMixer::interrupt_into`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interrupted {
    /// Position from which the listener hears the new audio: the one asked for, unless it was out
    /// of reach.
    pub position: u64,
    /// Samples mixed before and taken back, because the carrier dropped them.
    pub dropped_samples: u64,
    /// Samples of speech at the start of the new audio, fading.
    pub tail_samples: usize,
    /// How many of these were taken from the front of the unsent speech.
    pub unsent_samples: usize,
}

impl PlayoutMixer {
    /// Rebuilds the end of speech after a carrier dropped what it had not played: everything after
    /// `heard` is taken back, and `out` becomes the audio that follows the sample `heard`: the
    /// speech that was there and then `unsent` (what would have come next, not yet shaped), faded
    /// over at most `fade_out_ms`, then none; the beds go on as the listener heard them. Ducking
    /// ends, the utterance is over.
    ///
    /// The tail itself is faded in over the declick time: the carrier's cut fell on some other
    /// sample. With a `fade_out_ms` of 0 there is no tail.
    pub fn interrupt_into(
        &mut self,
        heard: u64,
        unsent: &[i16],
        fade_out_ms: u32,
        out: &mut [i16],
    ) -> Interrupted {
        let end = self.position();
        let oldest = self.speech.oldest().max(self.played.oldest());
        let position = heard.clamp(oldest, end);
        let dropped = end - position;
        self.beds_mut().for_each(|bed| bed.rewind(dropped));
        self.played.truncate_to(position);
        self.edge.reset();

        let available = dropped as usize + unsent.len();
        let wanted = if fade_out_ms == 0 { 0 } else { fade_samples(self.rate, fade_out_ms) };
        let tail = wanted.min(available).min(out.len());
        self.fade.reset();
        self.fade.start_samples(tail);
        for (i, out) in out.chunks_mut(self.rate.frame_samples()).enumerate() {
            let done = i * self.rate.frame_samples();
            self.lay_tail(position + done as u64, end, unsent, out.len());
            self.fade.process(&mut self.mix[..out.len()]);
            if i == 0 {
                fade_in_part(&mut self.mix[..out.len()], 0, fade_samples(self.rate, 0));
            }
            round_into(&self.mix[..out.len()], &mut self.shaped[..out.len()]);
            self.speech.write_at(position + done as u64, &self.shaped[..out.len()]);
            self.finish_frame(done < tail, out);
        }
        self.speech.truncate_to(position + out.len() as u64);
        self.fade.reset();
        self.ducker.unduck();
        self.phase = SpeechPhase::Absent;
        Interrupted {
            position,
            dropped_samples: dropped,
            tail_samples: tail,
            unsent_samples: tail.saturating_sub(dropped as usize),
        }
    }

    /// Lays the speech of positions from `position` on into `mix`: shaped already up to `end`, from
    /// `unsent` after it.
    fn lay_tail(&mut self, position: u64, end: u64, unsent: &[i16], length: usize) {
        let (mix, shaped) = (&mut self.mix[..length], &mut self.shaped[..length]);
        let sent = length.min(usize::try_from(end.saturating_sub(position)).unwrap_or(length));
        self.speech.copy_range_into(position, &mut shaped[..sent]);
        widen_into(&shaped[..sent], &mut mix[..sent]);
        let skipped = usize::try_from(position.saturating_sub(end)).unwrap_or(unsent.len());
        let mix = &mut mix[sent..];
        let unsent = &unsent[skipped.min(unsent.len())..];
        widen_into(&unsent[..unsent.len().min(mix.len())], mix);
        self.gain.process(mix);
        self.ducker.process(mix);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Speech;
    use super::super::tests::{bare, idle, office, steepest, tone, with_bed};

    #[test]
    fn the_bed_goes_on_in_phase_under_speech_and_after_a_clear() {
        let mut alone = with_bed(office(), 0.5);
        let reference = idle(&mut alone, 100);

        let mut mixer = with_bed(office(), 0.5);
        let mut out = idle(&mut mixer, 50);
        let mut spoken = vec![0; 1_600];
        mixer.mix_into(Speech::Continues(&vec![0; 1_600]), &mut spoken);
        assert_eq!(spoken[..], reference[8_000..9_600]);

        // 1,000 of these samples were heard; the carrier dropped the rest.
        out.extend(&spoken[..1_000]);
        let mut tail = vec![0; 800];
        let interrupted = mixer.interrupt_into(9_000, &[], 100, &mut tail);
        assert_eq!((interrupted.position, interrupted.dropped_samples), (9_000, 600));
        out.extend(&tail);
        out.extend(idle(&mut mixer, 10));
        assert_eq!(out[..], reference[..out.len()]);
        let mut played = vec![0; 2_000];
        assert_eq!(mixer.played().copy_range_into(9_400, &mut played), 2_000);
        assert_eq!(played[..], reference[9_400..11_400]);
    }

    #[test]
    fn the_tail_is_the_speech_after_the_heard_position_faded() {
        let mut mixer = bare();
        let speech = tone(2_400, 10_000.0);
        let mut out = vec![0; 1_600];
        mixer.mix_into(Speech::Continues(&speech[..1_600]), &mut out);
        mixer.duck();
        let mut tail = vec![-1; 960];
        let interrupted = mixer.interrupt_into(1_000, &speech[1_600..], 100, &mut tail);
        assert_eq!((interrupted.tail_samples, interrupted.unsent_samples), (800, 200));
        assert!(tail[800..].iter().all(|&s| s == 0));
        for (i, &sample) in tail[..600].iter().enumerate().skip(24) {
            let ideal = f32::from(speech[1_000 + i]) * crate::playout::fade::falling(i, 800);
            assert!((f32::from(sample) - ideal).abs() < 1.5, "{i}: {sample}, {ideal}");
        }
        // What was never sent goes on being ducked: by 10 of the 12 dB after 25 of the 30 ms.
        let unsent = f32::from(tail[780..800].iter().fold(0, |peak, s| s.abs().max(peak)));
        let ideal = speech[1_780..1_800].iter().zip(780..);
        let ideal = ideal
            .map(|(&s, i)| f32::from(s).abs() * crate::playout::fade::falling(i, 800))
            .fold(0.0, f32::max);
        assert!(unsent < 0.6 * ideal, "{unsent}, {ideal} unducked");
        assert!(steepest(&tail) < 1_600 && tail[0].abs() < 100, "{}", steepest(&tail));
        assert_eq!((mixer.position(), mixer.is_ducked()), (1_960, false));
        assert_eq!(idle(&mut mixer, 1), [0; 160]);
    }

    #[test]
    fn an_immediate_cut_sends_no_tail_and_a_wrong_position_is_moved_into_reach() {
        let mut mixer = bare();
        let mut out = vec![0; 16_000];
        mixer.mix_into(Speech::Continues(&tone(16_000, 10_000.0)), &mut out);
        let cut = mixer.interrupt_into(u64::MAX, &[9; 400], 0, &mut out[..160]);
        assert_eq!((cut.position, cut.dropped_samples, cut.tail_samples), (16_000, 0, 0));
        assert_eq!(out[..160], [0; 160]);
        let far = mixer.interrupt_into(0, &[], 50, &mut out[..160]);
        assert_eq!((far.position, far.dropped_samples), (16_160 - 4_800, 4_800));
    }
}

//! From what the conversation wants to be heard to messages, and what was heard of it.

use std::time::Duration;

use offhook_audio::Speech;
use offhook_conversation as talk;
use offhook_telephony::{Demand, FrameKind};
use offhook_types::{BackgroundSound, PlayoutEvent, RequestId, Timestamp, TtsEvent, TtsNote};

use super::{SentClause, Session};
use crate::config::AudioSettings;
use crate::lines::Lines;
use crate::speech::Taken;

/// How often the conversation is told how much of a clause was heard. Each report costs a history
/// entry's rewrite; a cut asks for the exact position anyway.
const REPORT_MS: u32 = 100;

impl Session {
    /// The voice reported: its audio goes to the queue, the rest to the conversation.
    pub(super) fn take_speech(&mut self, event: TtsEvent) {
        let Some(lines) = &mut self.lines else { return };
        let speech = &mut self.speech;
        let note = match event {
            TtsEvent::Audio { request, utterance, pcm } => {
                if !speech.is_expected(request, utterance) {
                    return;
                }
                let mut samples = 0;
                lines.intake(request, utterance).push(&pcm, |chunk| {
                    samples += chunk.len() as u64;
                    speech.push(request, utterance, chunk);
                });
                TtsNote::Audio { request, utterance, samples }
            }
            TtsEvent::Finished { request, utterance } => {
                if !speech.is_expected(request, utterance) {
                    return;
                }
                let mut samples = 0;
                lines.intake(request, utterance).finish(|chunk| {
                    samples += chunk.len() as u64;
                    speech.push(request, utterance, chunk);
                });
                speech.finish(request, utterance);
                if samples > 0 {
                    self.tell(talk::Input::Tts(TtsNote::Audio { request, utterance, samples }));
                }
                TtsNote::Finished { request, utterance }
            }
            TtsEvent::Words { request, utterance, mut words } => {
                let trimmed = lines.intake(request, utterance).trimmed_samples() as u64;
                for word in &mut words {
                    word.start_sample =
                        lines.at_line_rate(word.start_sample.saturating_sub(trimmed));
                    word.end_sample = lines.at_line_rate(word.end_sample.saturating_sub(trimmed));
                }
                TtsNote::Words { request, utterance, words }
            }
            TtsEvent::Failed { request, utterance, failure } => {
                TtsNote::Failed { request, utterance, failure }
            }
        };
        self.tell(talk::Input::Tts(note));
    }

    /// Sends the frames that are due.
    pub(super) fn play(&mut self) {
        let mut sent_any = false;
        loop {
            let demand = self.demand();
            if demand == Demand::Nothing || self.stream.frames_due(self.now, demand) == 0 {
                break;
            }
            sent_any = true;
            if !self.send_frame() {
                break;
            }
        }
        if sent_any && self.stream.flush(self.now).is_err() {
            self.lost_frames += 1;
        }
    }

    /// Makes and sends one frame. False where the stream takes none.
    fn send_frame(&mut self) -> bool {
        let Some(lines) = &mut self.lines else { return false };
        let Lines { outbound, frame, .. } = lines;
        let taken =
            if outbound.is_sending_dtmf() { None } else { self.speech.take(&mut frame[..]) };
        let audio = &self.config.audio;
        let clip = if taken.is_some() {
            None
        } else {
            next_murmur(audio, &mut self.murmur_at, frame)
                .or_else(|| next_background(audio, &mut self.background, frame))
        };
        let speech = match (taken, clip) {
            (Some(taken), _) if taken.is_last => Speech::Ends(&frame[..taken.samples]),
            (Some(taken), _) => Speech::Continues(&frame[..taken.samples]),
            (None, Some(samples)) => Speech::Continues(&frame[..samples]),
            (None, None) => Speech::None,
        };
        let kind = taken.map_or(FrameKind::Bed, |taken| FrameKind::Speech(taken.utterance));
        let Ok(made) = outbound.next_frame(speech) else {
            self.lost_frames += 1;
            return true;
        };
        if self.stream.send_frame(self.now, made.payload, kind).is_err() {
            self.lost_frames += 1;
            return false;
        }
        if let Some(taken) = taken {
            self.note_sent(taken);
        }
        true
    }

    fn note_sent(&mut self, taken: Taken) {
        let utterance = taken.utterance;
        let frame = self.lines.as_ref().map_or(0, |lines| lines.rate.frame_samples()) as u64;
        if taken.is_first {
            let (samples, is_complete, is_dropped, reported) = (0, false, false, 0);
            self.sent.push_back(SentClause {
                utterance,
                samples,
                is_complete,
                is_dropped,
                reported,
            });
        }
        if let Some(clause) = self.sent.back_mut() {
            clause.samples += frame;
            clause.is_complete = taken.is_last;
        }
        if taken.is_last && self.stream.end_utterance(self.now, utterance).is_err() {
            self.lost_frames += 1;
        }
        if taken.is_first {
            self.tell(talk::Input::Playout(PlayoutEvent::Speaking { utterance }));
        }
    }

    /// Throws away what was made of a reply and not sent. What was sent is still heard.
    pub(super) fn drop_speech(&mut self, request: RequestId) {
        let Some(playing) = self.speech.drop_request(request, |_| ()) else { return };
        let is_playing = |clause: &&mut SentClause| clause.utterance == playing;
        if let Some(clause) = self.sent.back_mut().filter(is_playing) {
            clause.is_dropped = true;
            if self.stream.end_utterance(self.now, playing).is_err() {
                self.lost_frames += 1;
            }
        }
    }

    /// Whether something is to be heard wherever nobody speaks.
    pub(super) fn has_background(&self) -> bool {
        let sound = self.background.map(|(sound, _)| sound);
        sound.is_some_and(|sound| background_clip(&self.config.audio, sound).is_some())
    }

    pub(super) fn duck(&mut self, is_ducked: bool) {
        let Some(lines) = &mut self.lines else { return };
        if is_ducked {
            lines.outbound.mixer_mut().duck();
        } else {
            lines.outbound.mixer_mut().unduck();
        }
    }

    /// Stops speaking: clears what the carrier has not played, and sends a fading tail of it from
    /// where the caller is.
    pub(super) fn cut(&mut self, request: RequestId, fade_out_ms: u32) {
        let now = self.now;
        let Some(Lines { outbound, rest, .. }) = &mut self.lines else { return };
        rest.clear();
        self.speech.drop_request(request, |samples| rest.extend_from_slice(samples));
        let before = self.stream.ledger().map(|ledger| ledger.generation());
        let heard_at = self.stream.ledger().and_then(|ledger| ledger.speech_heard_at());
        let Ok(heard) = self.stream.clear(now) else { return };
        let is_cleared = self.stream.ledger().map(|ledger| ledger.generation()) != before;
        // What was sent before the clause that was playing is heard, what comes after it is not.
        let playing = self.sent.iter().position(|clause| Some(clause.utterance) == heard.utterance);
        for (index, clause) in self.sent.drain(..).enumerate() {
            let (samples, is_all) = match playing {
                Some(playing) if index < playing => (clause.samples, clause.is_complete),
                Some(playing) if index == playing => {
                    (heard.utterance_samples.min(clause.samples), false)
                }
                Some(_) | None => (0, false),
            };
            let heard = talk::Input::Playout(PlayoutEvent::Heard {
                utterance: clause.utterance,
                samples,
                is_all,
            });
            self.recorder.tell(&mut self.conversation, &mut self.asked, now, heard);
        }
        if !is_cleared {
            return;
        }
        // Where the carrier still clears, a tail would be thrown away with the rest.
        let may_send = self.stream.frames_due(now, Demand::Speech) > 0;
        // A voice that had fallen silent by itself would come back for its tail.
        let is_audible = heard_at.is_some_and(|at| at > now);
        let fade_out_ms = if may_send && is_audible { fade_out_ms } else { 0 };
        let position = self.generation_start + heard.samples;
        let (stream, lost_frames) = (&mut self.stream, &mut self.lost_frames);
        let interrupted = outbound.interrupt(position, rest, fade_out_ms, |payload, _| {
            *lost_frames += u64::from(stream.send_frame(now, payload, FrameKind::Tail).is_err());
        });
        self.generation_start = match interrupted {
            Ok(interrupted) => interrupted.position,
            Err(_) => position,
        };
        if self.stream.flush(now).is_err() {
            self.lost_frames += 1;
        }
    }

    /// Tells the conversation what of each clause was heard by now.
    pub(super) fn report_heard(&mut self) {
        let Some((ledger, lines)) = self.stream.ledger().zip(self.lines.as_ref()) else { return };
        let step = lines.rate.samples_in_ms(REPORT_MS) as u64;
        let now = self.now;
        while let Some(clause) = self.sent.front_mut() {
            let samples = ledger.heard_of(clause.utterance, now).min(clause.samples);
            let is_over = samples >= clause.samples && (clause.is_complete || clause.is_dropped);
            if !is_over && samples < clause.reported + step {
                break;
            }
            clause.reported = samples;
            let (utterance, is_all) = (clause.utterance, is_over && clause.is_complete);
            if is_over {
                self.sent.pop_front();
            }
            let heard = talk::Input::Playout(PlayoutEvent::Heard { utterance, samples, is_all });
            self.recorder.tell(&mut self.conversation, &mut self.asked, now, heard);
            if !is_over {
                break;
            }
        }
        self.poll_settled();
    }

    /// The last word on what was heard of a reply that was cut.
    fn poll_settled(&mut self) {
        let Some(heard) = self.stream.poll_settled(self.now) else { return };
        if let Some(utterance) = heard.utterance {
            let samples = heard.utterance_samples;
            self.tell(talk::Input::Playout(PlayoutEvent::Heard {
                utterance,
                samples,
                is_all: false,
            }));
        }
    }

    /// When more of what was sent will have been heard.
    pub(super) fn heard_deadline(&self) -> Option<Timestamp> {
        let clause = self.sent.front()?;
        let end = self.stream.ledger()?.speech_heard_at()?;
        let step = self.now + Duration::from_millis(u64::from(REPORT_MS));
        let is_sent = clause.is_complete || clause.is_dropped;
        if is_sent { Some(end.max(self.now).min(step)) } else { Some(step) }
    }
}

/// The next frame of the murmur, if one is being murmured.
fn next_murmur(audio: &AudioSettings, at: &mut Option<usize>, frame: &mut [i16]) -> Option<usize> {
    let start = (*at)?;
    let clip = audio.murmur.as_deref().unwrap_or_default();
    let rest = clip.get(start..).unwrap_or_default();
    if rest.is_empty() {
        *at = None;
        return None;
    }
    let samples = rest.len().min(frame.len());
    frame[..samples].copy_from_slice(&rest[..samples]);
    *at = Some(start + samples);
    Some(samples)
}

/// The next frame of what is heard over and over.
fn next_background(
    audio: &AudioSettings,
    background: &mut Option<(BackgroundSound, usize)>,
    frame: &mut [i16],
) -> Option<usize> {
    let (sound, at) = background.as_mut()?;
    let clip = background_clip(audio, *sound).filter(|clip| !clip.is_empty())?;
    for sample in frame.iter_mut() {
        *sample = clip[*at % clip.len()];
        *at = (*at + 1) % clip.len();
    }
    Some(frame.len())
}

fn background_clip(audio: &AudioSettings, sound: BackgroundSound) -> Option<&[i16]> {
    match sound {
        BackgroundSound::Working => audio.working.as_deref(),
        BackgroundSound::Hold => audio.hold.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_background_is_heard_over_and_over_without_a_seam() {
        let working: Arc<[i16]> = Arc::from([1, 2, 3]);
        let audio = AudioSettings { working: Some(working), ..AudioSettings::default() };
        let mut background = Some((BackgroundSound::Working, 0));
        let mut heard = Vec::new();
        for _ in 0..3 {
            let mut frame = [0; 4];
            assert_eq!(next_background(&audio, &mut background, &mut frame), Some(4));
            heard.extend(frame);
        }
        assert_eq!(heard, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
        background = Some((BackgroundSound::Hold, 0));
        assert_eq!(next_background(&audio, &mut background, &mut [0; 4]), None);
    }

    #[test]
    fn a_murmur_is_heard_once_and_to_its_end() {
        let murmur: Arc<[i16]> = Arc::from([7; 5]);
        let audio = AudioSettings { murmur: Some(murmur), ..AudioSettings::default() };
        let mut at = Some(0);
        let mut frame = [0; 4];
        assert_eq!(next_murmur(&audio, &mut at, &mut frame), Some(4));
        assert_eq!(next_murmur(&audio, &mut at, &mut frame), Some(1));
        assert_eq!((next_murmur(&audio, &mut at, &mut frame), at), (None, None));
    }
}

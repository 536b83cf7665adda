//! From messages to what the conversation is told about the caller.

use offhook_audio::{InboundFrame, MediaTime};
use offhook_conversation as talk;
use offhook_telephony::WireMessage;
use offhook_types::{DtmfOrigin, EndedBy, FailedStage, MediaEvent, StreamStart, VoiceFrame};

use super::{HEARD_AUDIO_MS_MAX, Session};
use crate::lines::Lines;

impl Session {
    /// A message of the carrier.
    pub(super) fn hear(&mut self, message: WireMessage<'_>) {
        let now = self.now;
        let (mut start, mut is_over) = (None, false);
        let Self {
            stream, lines, conversation, recorder, asked, heard_audio, dropped_audio, ..
        } = self;
        let generation_start = self.generation_start;
        let audio_max = self.config.audio.recogniser_rate.samples_in_ms(HEARD_AUDIO_MS_MAX);
        let play_head = stream.play_head();
        stream.handle_message(now, message, |event| match event {
            MediaEvent::Started(started) => start = Some((**started).clone()),
            MediaEvent::Audio(packet) => {
                let Some(Lines { inbound, outbound, .. }) = lines else { return };
                let played = outbound.played();
                inbound.handle_packet(
                    now,
                    *packet,
                    |time: MediaTime, far: &mut [i16]| {
                        let position = play_head.and_then(|head| head.position(time.timestamp));
                        match position {
                            Some(position) => {
                                played.copy_range_into(generation_start + position, far);
                            }
                            None => far.fill(0),
                        }
                    },
                    |frame| {
                        let room = audio_max.saturating_sub(heard_audio.len());
                        let taken = frame.recogniser.len().min(room);
                        heard_audio.extend_from_slice(&frame.recogniser[..taken]);
                        *dropped_audio += (frame.recogniser.len() - taken) as u64;
                        if let Some(pressed) = &frame.dtmf.started {
                            let (digit, origin) = (pressed.digit, DtmfOrigin::Tone);
                            let key = talk::Input::Digit { digit, origin };
                            recorder.tell(conversation, asked, now, key);
                        }
                        for tone in frame.tones {
                            recorder.tell(conversation, asked, now, talk::Input::Tone(*tone));
                        }
                        let voice = talk::Input::Frame(voice_of(&frame));
                        recorder.tell(conversation, asked, now, voice);
                    },
                );
            }
            MediaEvent::Stopped => is_over = true,
            MediaEvent::Dtmf { digit, .. } => {
                let key = talk::Input::Digit { digit: *digit, origin: DtmfOrigin::Event };
                recorder.tell(conversation, asked, now, key);
            }
            MediaEvent::Mark { .. }
            | MediaEvent::Cleared
            | MediaEvent::Queue { .. }
            | MediaEvent::Flow { .. }
            | MediaEvent::Played { .. }
            | MediaEvent::PlaybackStarted
            | MediaEvent::PlaybackCompleted
            | MediaEvent::Error { .. } => {}
        });
        if let Some(start) = start {
            self.start(&start);
        }
        if is_over {
            self.tell(talk::Input::LineDropped { by: EndedBy::Caller });
        }
    }

    /// Lets time pass for reception: packets that do not come, pauses of a stream that sends none.
    pub(super) fn advance_reception(&mut self) {
        let now = self.now;
        let Self { lines, conversation, recorder, asked, heard_audio, .. } = self;
        let Some(Lines { inbound, .. }) = lines else { return };
        if inbound.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        inbound.advance(
            now,
            |_, far| far.fill(0),
            |frame| {
                heard_audio.extend_from_slice(frame.recogniser);
                recorder.tell(conversation, asked, now, talk::Input::Frame(voice_of(&frame)));
            },
        );
    }

    /// The stream's formats are known: everything that works on samples is made.
    fn start(&mut self, start: &StreamStart) {
        let caps = self.stream.caps();
        match Lines::new(&self.config, caps, start.inbound, start.outbound) {
            Ok(mut lines) => {
                lines.inbound.start(self.now);
                let rate = lines.rate;
                self.lines = Some(lines);
                self.tell(talk::Input::Answered { speech_rate: rate });
            }
            Err(error) => self.fail(FailedStage::Media, &error.to_string()),
        }
    }
}

/// What the conversation is told of a frame: whole numbers.
fn voice_of(frame: &InboundFrame<'_>) -> VoiceFrame {
    VoiceFrame {
        is_voiced: frame.gate.is_voiced,
        is_open: frame.gate.is_open,
        voiced_ms: frame.gate.voiced_ms,
        silence_ms: frame.gate.silence_ms,
        extra_ms: frame.echo.extra_voiced_ms,
    }
}

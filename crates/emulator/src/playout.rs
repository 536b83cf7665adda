//! The carrier's buffer: audio waiting to be played to the caller, with marks in it.

use std::collections::VecDeque;

use offhook_types::{Codec, CodecFormat};

use crate::Played;
use crate::opus_packet;

/// Audio that the engine sent and the caller has not heard. It plays 20 ms per tick; positions are
/// counted in samples of the line.
#[derive(Debug)]
pub(crate) struct Playout {
    format: CodecFormat,
    capacity_samples: u64,
    bytes: VecDeque<u8>,
    /// Boundaries of Opus packets in `bytes`; empty for other codecs.
    packets: VecDeque<Packet>,
    /// Samples of the packet being played that are not yet due, Opus only.
    packet_rest_samples: u64,
    marks: VecDeque<PendingMark>,
    waiting_samples: u64,
    played: Played,
    /// Samples that have been heard to their end: one tick behind `played`.
    heard_samples: u64,
    quiet: Quiet,
    frame: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    bytes: usize,
    samples: u64,
}

#[derive(Debug)]
struct PendingMark {
    name: String,
    after_samples: u64,
}

/// Whether the agent is audible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quiet {
    /// It is.
    Audible,
    /// It has not been since the start or the last clear.
    Fresh,
    /// The buffer ran dry this many ticks ago.
    Dry(u32),
}

/// What changed at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Began,
    Paused,
}

/// Audio for which there is no room or no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushError {
    Full,
    NotAPacket,
    TooManyMarks,
}

impl Playout {
    pub(crate) fn new(format: CodecFormat, capacity_samples: u64) -> Self {
        Self {
            format,
            capacity_samples,
            bytes: VecDeque::new(),
            packets: VecDeque::new(),
            packet_rest_samples: 0,
            marks: VecDeque::new(),
            waiting_samples: 0,
            played: Played::default(),
            heard_samples: 0,
            quiet: Quiet::Fresh,
            frame: Vec::new(),
        }
    }

    pub(crate) fn played(&self) -> Played {
        Played { samples_waiting: self.waiting_samples, ..self.played }
    }

    /// How many samples a payload holds; `None` for bytes that are no Opus packet.
    pub(crate) fn samples_in(&self, payload: &[u8]) -> Option<u64> {
        match self.format.samples_in_bytes(payload.len()) {
            Some(samples) => Some(samples as u64),
            None => opus_packet::samples(payload, self.format.sample_rate()),
        }
    }

    /// Appends a payload, whole or not at all. Of 16-bit audio half a sample at the end is cut off.
    pub(crate) fn push(&mut self, payload: &[u8]) -> Result<u64, PushError> {
        let samples = self.samples_in(payload).ok_or(PushError::NotAPacket)?;
        if samples > self.capacity_samples.saturating_sub(self.waiting_samples) {
            return Err(PushError::Full);
        }
        let whole = match self.format.codec() {
            Codec::L16Le | Codec::L16Be => payload.len() & !1,
            Codec::Opus => {
                self.packets.push_back(Packet { bytes: payload.len(), samples });
                payload.len()
            }
            Codec::Pcmu | Codec::Pcma | Codec::G722 => payload.len(),
        };
        self.bytes.extend(payload.iter().take(whole));
        self.waiting_samples += samples;
        Ok(samples)
    }

    /// Sets a mark behind everything buffered.
    pub(crate) fn mark(&mut self, name: String) -> Result<(), PushError> {
        if self.marks.len() >= MARKS_MAX {
            return Err(PushError::TooManyMarks);
        }
        let after_samples = self.played.samples + self.waiting_samples;
        self.marks.push_back(PendingMark { name, after_samples });
        Ok(())
    }

    /// The next mark whose audio has been heard to its end.
    pub(crate) fn pop_due_mark(&mut self) -> Option<String> {
        let is_due = self.marks.front()?.after_samples <= self.heard_samples;
        if is_due { self.marks.pop_front().map(|mark| mark.name) } else { None }
    }

    /// Throws away what waits and gives back the marks in it, with the number of samples dropped.
    pub(crate) fn clear(&mut self) -> (u64, impl Iterator<Item = String> + use<>) {
        let dropped = std::mem::take(&mut self.waiting_samples);
        self.bytes.clear();
        self.packets.clear();
        self.packet_rest_samples = 0;
        self.heard_samples = self.played.samples;
        self.played.samples_since_clear = 0;
        self.played.clears += 1;
        self.quiet = Quiet::Fresh;
        (dropped, std::mem::take(&mut self.marks).into_iter().map(|mark| mark.name))
    }

    /// What was handed over at the tick before has been heard by now.
    pub(crate) fn finish_frame(&mut self) {
        self.heard_samples = self.played.samples;
    }

    /// Hands over the next 20 ms, less if there is less, `None` if there is nothing.
    pub(crate) fn next_frame(&mut self) -> (Option<&[u8]>, Option<Turn>) {
        let frame_samples = self.format.sample_rate().frame_samples() as u64;
        let (bytes, samples) = match self.format.codec() {
            Codec::Opus => self.next_packets(frame_samples),
            Codec::Pcmu | Codec::Pcma | Codec::L16Le | Codec::L16Be | Codec::G722 => {
                let samples = frame_samples.min(self.waiting_samples);
                (byte_length(self.format, samples).min(self.bytes.len()), samples)
            }
        };
        self.frame.clear();
        self.frame.extend(self.bytes.drain(..bytes));
        self.waiting_samples -= samples;
        self.played.samples += samples;
        self.played.samples_since_clear += samples;
        let turn = self.count_gap(samples, frame_samples);
        (if samples == 0 { None } else { Some(&self.frame) }, turn)
    }

    /// Bytes to hand over and samples that they and the rest of an earlier packet play this tick.
    fn next_packets(&mut self, frame_samples: u64) -> (usize, u64) {
        let (mut bytes, mut samples) = (0, 0);
        loop {
            let part = self.packet_rest_samples.min(frame_samples - samples);
            self.packet_rest_samples -= part;
            samples += part;
            if samples == frame_samples {
                return (bytes, samples);
            }
            // One packet a frame: two cannot be told apart once they are one slice. What follows a
            // packet of less than 20 ms is heard a little later than it could be.
            let Some(packet) = self.packets.front().filter(|_| bytes == 0) else {
                return (bytes, samples);
            };
            bytes = packet.bytes;
            self.packet_rest_samples = packet.samples;
            self.packets.pop_front();
        }
    }

    fn count_gap(&mut self, samples: u64, frame_samples: u64) -> Option<Turn> {
        let was = self.quiet;
        if let Quiet::Dry(ticks) = was
            && samples > 0
            && ticks <= HOLE_TICKS_MAX
        {
            self.played.underruns += 1;
        }
        let runs_dry = samples < frame_samples;
        self.quiet = match (was, samples) {
            (Quiet::Fresh, 0) => Quiet::Fresh,
            (Quiet::Dry(ticks), 0) => Quiet::Dry(ticks.saturating_add(1)),
            (Quiet::Audible, 0) => Quiet::Dry(1),
            (Quiet::Audible | Quiet::Fresh | Quiet::Dry(_), _) if runs_dry => Quiet::Dry(0),
            (Quiet::Audible | Quiet::Fresh | Quiet::Dry(_), _) => Quiet::Audible,
        };
        match (was, self.quiet) {
            (Quiet::Fresh, Quiet::Audible | Quiet::Dry(_)) => Some(Turn::Began),
            (Quiet::Dry(ticks), Quiet::Audible | Quiet::Dry(0)) if ticks > HOLE_TICKS_MAX => {
                Some(Turn::Began)
            }
            (Quiet::Dry(ticks), Quiet::Dry(_)) if ticks == HOLE_TICKS_MAX => Some(Turn::Paused),
            (
                Quiet::Fresh | Quiet::Audible | Quiet::Dry(_),
                Quiet::Fresh | Quiet::Audible | Quiet::Dry(_),
            ) => None,
        }
    }
}

/// Marks that one call may have pending. No carrier states a limit but jambonz; this one keeps an
/// engine that runs wild from filling the memory, and is far above one mark per 20 ms of a buffer.
pub(crate) const MARKS_MAX: usize = 10_000;
const HOLE_TICKS_MAX: u32 = Played::HOLE_MS_MAX / 20;

/// Bytes of `samples` samples; 0 for Opus, whose packets know their own length.
pub(crate) fn byte_length(format: CodecFormat, samples: u64) -> usize {
    let samples = usize::try_from(samples).unwrap_or(usize::MAX);
    match format.codec() {
        Codec::Pcmu | Codec::Pcma => samples,
        Codec::L16Le | Codec::L16Be => samples.saturating_mul(2),
        Codec::G722 => samples / 2,
        Codec::Opus => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ulaw() -> Playout {
        Playout::new(CodecFormat::PCMU, 8_000)
    }

    #[test]
    fn a_mark_is_due_when_the_audio_before_it_has_been_heard_to_its_end() {
        let mut playout = ulaw();
        playout.push(&[1; 320]).unwrap();
        playout.mark("end".into()).unwrap();
        assert_eq!(playout.pop_due_mark(), None);
        for _ in 0..2 {
            playout.finish_frame();
            assert_eq!(playout.pop_due_mark(), None);
            assert_eq!(playout.next_frame().0.unwrap().len(), 160);
        }
        assert_eq!(playout.pop_due_mark(), None, "the second frame is being heard");
        playout.finish_frame();
        assert_eq!(playout.pop_due_mark().as_deref(), Some("end"));
    }

    #[test]
    fn a_mark_is_due_at_once_when_nothing_is_buffered() {
        let mut playout = ulaw();
        playout.mark("now".into()).unwrap();
        assert_eq!(playout.pop_due_mark().as_deref(), Some("now"));
        playout.push(&[1; 320]).unwrap();
        playout.next_frame();
        assert_eq!(playout.clear().0, 160);
        playout.mark("after clear".into()).unwrap();
        assert_eq!(playout.pop_due_mark().as_deref(), Some("after clear"));
    }

    #[test]
    fn a_short_gap_is_an_underrun_and_a_long_one_a_pause() {
        let mut playout = ulaw();
        let speak = |playout: &mut Playout| {
            playout.push(&[1; 160]).unwrap();
            playout.next_frame();
        };
        speak(&mut playout);
        for (gap_ticks, underruns) in [(1, 1), (HOLE_TICKS_MAX, 2), (HOLE_TICKS_MAX + 1, 2)] {
            for _ in 0..gap_ticks {
                playout.next_frame();
            }
            speak(&mut playout);
            assert_eq!(playout.played().underruns, underruns, "{gap_ticks}");
        }
        let _ = playout.clear();
        playout.next_frame();
        speak(&mut playout);
        assert_eq!(playout.played().underruns, 2, "a clear makes no hole");
    }

    #[test]
    fn a_payload_that_does_not_fit_is_thrown_away_whole() {
        let mut playout = ulaw();
        playout.push(&[1; 7_900]).unwrap();
        assert_eq!(playout.push(&[1; 160]), Err(PushError::Full));
        assert_eq!(playout.played().samples_waiting, 7_900);
    }

    #[test]
    fn an_opus_packet_plays_for_as_long_as_it_says() {
        let rate = offhook_types::SampleRate::HZ_48000;
        let format = CodecFormat::new(Codec::Opus, rate).unwrap();
        let mut playout = Playout::new(format, 480_000);
        // Config 1: SILK narrow-band, 20 ms. Config 3: 60 ms (RFC 6716 table 2).
        playout.push(&[3 << 3, 7, 7]).unwrap();
        playout.push(&[1 << 3, 7]).unwrap();
        let heard: Vec<Option<usize>> =
            (0..5).map(|_| playout.next_frame().0.map(<[u8]>::len)).collect();
        assert_eq!(heard, [Some(3), Some(0), Some(0), Some(2), None]);
        assert_eq!(playout.played().samples, 4 * 960);
    }

    proptest! {
        #[test]
        fn never_more_is_played_than_was_sent_and_marks_keep_their_order(
            steps in prop::collection::vec((0_u8..4, 0_usize..400), 0..200),
        ) {
            let mut playout = ulaw();
            let (mut sent, mut dropped, mut set, mut returned) = (0, 0, 0_u32, Vec::new());
            for (step, size) in steps {
                match step {
                    0 => sent += playout.push(&vec![0; size]).unwrap_or(0),
                    1 => {
                        playout.mark(set.to_string()).unwrap();
                        set += 1;
                    }
                    2 => {
                        let (samples, marks) = playout.clear();
                        dropped += samples;
                        returned.extend(marks);
                    }
                    _ => {
                        playout.finish_frame();
                        while let Some(mark) = playout.pop_due_mark() {
                            returned.push(mark);
                        }
                        playout.next_frame();
                    }
                }
                let played = playout.played();
                prop_assert_eq!(played.samples + dropped + played.samples_waiting, sent);
                prop_assert!(played.samples_since_clear <= played.samples);
            }
            let order: Vec<String> = (0..returned.len()).map(|index| index.to_string()).collect();
            prop_assert_eq!(returned, order);
        }
    }
}

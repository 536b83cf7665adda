//! Inbound reception: from the packets of a carrier, as they happen to arrive, to a gap-free run of
//! 20 ms frames.
//!
//! ```text
//! packets -> ReorderBuffer -> decoder (the caller's) -> MediaTimeline -> MediaFrames
//!            order, losses                             re-framing; gaps by Concealer, ComfortNoise
//! ```
//!
//! Assumptions: one mono stream per instance; a packet is whole or absent (the transports are TCP
//! or a framed WebSocket); payloads are decoded in the order in which they are released, because
//! G.722 and Opus decoders carry state from one packet to the next.
//!
//! Left out: adaptive playout delay (frames are analysed, not played to a person, so nothing has to
//! be delayed until it is due), time stretching for the same reason, and clock-drift correction (a
//! carrier's sample count *is* media time).

mod carrier_clock;
mod comfort_noise;
mod conceal;
mod media_frame;
mod pitch_repeater;
mod reorder;
#[cfg(test)]
mod speech_like;
mod timeline;

use std::ops::Add;

use offhook_types::{SampleRate, Timestamp};

pub use comfort_noise::{ComfortNoise, InvalidNoiseLevel};
pub use conceal::Concealer;
pub use media_frame::{FrameOrigin, MediaFrame, MediaTime};
pub use reorder::{ReorderBuffer, ReorderWindow};
pub use timeline::MediaTimeline;

/// One payload as the carrier sent it, not yet decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedPacket<'a> {
    /// The carrier's number of this packet within its track (`media.chunk`); `None` where it sends
    /// none.
    pub sequence: Option<u64>,
    /// When the carrier says this audio happened; `None` where it does not, or where its word is
    /// known to be useless.
    pub time: Option<CarrierTime>,
    /// When the packet arrived here.
    pub arrival: Timestamp,
    /// Encoded audio.
    pub payload: &'a [u8],
}

/// What [`ReorderBuffer`] hands on, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released<'a> {
    /// The next packet to decode.
    Packet(EncodedPacket<'a>),
    /// This many packets before the next one never came, or came too late.
    Lost(u64),
}

/// A carrier's own clock reading for the first sample of a packet. Its zero point is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierTime {
    /// Milliseconds, rounded by the carrier as it pleases.
    Millis(u64),
    /// Samples at the rate of the stream.
    Samples(u64),
}

impl CarrierTime {
    fn to_samples(self, rate: SampleRate) -> u64 {
        match self {
            Self::Millis(millis) => millis.saturating_mul(u64::from(rate.hz())) / 1_000,
            Self::Samples(samples) => samples,
        }
    }
}

/// What a missing packet means on this carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamKind {
    /// The carrier always sends. Nothing arriving is a stall: no media time passes until audio
    /// arrives.
    Continuous,
    /// The carrier sends nothing while the caller is silent. Nothing arriving is silence: media
    /// time passes.
    Dtx,
}

/// What happened to a stream so far. [`ReorderBuffer`] fills the packet counters, [`MediaTimeline`]
/// the rest; their sum is the whole picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceptionStats {
    /// Packets handed in.
    pub received_packets: u64,
    /// Packets declared lost from a hole in the sequence numbers.
    pub lost_packets: u64,
    /// Packets dropped because their number had already been released or was being held.
    pub duplicate_packets: u64,
    /// Packets dropped because they came after they had been declared lost.
    pub late_packets: u64,
    /// Packets that came after a later one and were put back into place.
    pub reordered_packets: u64,
    /// Packets too large for a slot; they were passed on without waiting for the ones missing
    /// before them.
    pub oversize_packets: u64,
    /// Times the sequence numbers started again from a lower one.
    pub restarts: u64,
    /// Frames of which most samples came from the carrier.
    pub received_frames: u64,
    /// Frames of which most samples were made by concealment.
    pub concealed_frames: u64,
    /// Frames of which most samples are comfort noise.
    pub comfort_noise_frames: u64,
    /// Frames with received audio that arrived more than 100 ms behind the stream's usual pace.
    pub late_frames: u64,
    /// Times the carrier's clock jumped in a way that could not be true and was anchored anew.
    pub resyncs: u64,
}

impl Add for ReceptionStats {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            received_packets: self.received_packets.saturating_add(other.received_packets),
            lost_packets: self.lost_packets.saturating_add(other.lost_packets),
            duplicate_packets: self.duplicate_packets.saturating_add(other.duplicate_packets),
            late_packets: self.late_packets.saturating_add(other.late_packets),
            reordered_packets: self.reordered_packets.saturating_add(other.reordered_packets),
            oversize_packets: self.oversize_packets.saturating_add(other.oversize_packets),
            restarts: self.restarts.saturating_add(other.restarts),
            received_frames: self.received_frames.saturating_add(other.received_frames),
            concealed_frames: self.concealed_frames.saturating_add(other.concealed_frames),
            comfort_noise_frames: self
                .comfort_noise_frames
                .saturating_add(other.comfort_noise_frames),
            late_frames: self.late_frames.saturating_add(other.late_frames),
            resyncs: self.resyncs.saturating_add(other.resyncs),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::speech_like::{Recorded, vowel};
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    /// A reorder window, a decoder of big-endian PCM and a timeline, as the chain will have them.
    struct Chain {
        reorder: ReorderBuffer,
        timeline: MediaTimeline,
        heard: Recorded,
    }

    impl Chain {
        fn new(window: ReorderWindow, kind: StreamKind) -> Self {
            Self {
                reorder: ReorderBuffer::new(RATE, window),
                timeline: MediaTimeline::new(RATE, kind, 1),
                heard: Recorded::default(),
            }
        }

        fn receive(&mut self, packet: EncodedPacket<'_>) {
            let (timeline, heard) = (&mut self.timeline, &mut self.heard);
            self.reorder.handle_packet(packet, |released| match released {
                Released::Lost(packets) => timeline.handle_lost(packets),
                Released::Packet(packet) => {
                    let pcm = decode(packet.payload);
                    timeline.handle_audio(packet.arrival, packet.time, &pcm, |frame| {
                        heard.push(frame, RATE.frame_samples());
                    });
                }
            });
        }
    }

    #[test]
    fn chunks_swapped_on_the_way_sound_as_if_they_had_not_been() {
        let voice = vowel(8_000, 120.0, 8_000);
        let mut chain = Chain::new(ReorderWindow::UNORDERED, StreamKind::Continuous);
        let order: Vec<usize> = (0..50).map(|i| if i % 4 < 2 { i } else { i ^ 1 }).collect();
        for (slot, &chunk) in order.iter().enumerate() {
            let payload = encode(&voice[chunk * 160..(chunk + 1) * 160]);
            chain.receive(EncodedPacket {
                sequence: Some(chunk as u64 + 1),
                time: Some(CarrierTime::Millis(chunk as u64 * 20)),
                arrival: Timestamp::from_millis(slot as u64 * 20),
                payload: &payload,
            });
        }
        assert_eq!(chain.heard.samples, voice);
        let stats = chain.reorder.stats() + chain.timeline.stats();
        assert_eq!((stats.reordered_packets, stats.lost_packets), (12, 0));
        assert_eq!((stats.received_frames, stats.concealed_frames), (50, 0));
    }

    #[test]
    fn a_chunk_that_never_comes_is_concealed_even_without_timestamps() {
        let voice = vowel(8_000, 120.0, 8_000);
        let mut chain = Chain::new(ReorderWindow::UNORDERED, StreamKind::Continuous);
        for chunk in (0..50).filter(|&chunk| chunk != 20) {
            let payload = encode(&voice[chunk * 160..(chunk + 1) * 160]);
            chain.receive(EncodedPacket {
                sequence: Some(chunk as u64),
                time: None,
                arrival: Timestamp::from_millis(chunk as u64 * 20),
                payload: &payload,
            });
        }
        assert_eq!(chain.heard.count(FrameOrigin::Concealed), 1);
        assert_eq!(chain.heard.origins[20], FrameOrigin::Concealed);
        assert_eq!(chain.heard.origins.len(), 50);
    }

    proptest! {
        #[test]
        fn no_run_of_packets_breaks_the_stream(
            is_dtx: bool,
            window in 0_usize..5,
            packets in prop::collection::vec(
                (any::<u8>(), any_sequence(), any_time(), 0_usize..2_000, 0_u64..500),
                0..120,
            ),
        ) {
            let window = ReorderWindow { packets: window, ..ReorderWindow::UNORDERED };
            let kind = if is_dtx { StreamKind::Dtx } else { StreamKind::Continuous };
            let mut chain = Chain::new(window, kind);
            let (mut now, mut received) = (0, 0);
            for (action, sequence, time, len, wait) in packets {
                now += wait;
                let arrival = Timestamp::from_millis(now);
                if action % 4 == 0 {
                    let (timeline, heard) = (&mut chain.timeline, &mut chain.heard);
                    timeline.advance(arrival, |frame| heard.push(frame, 160));
                    continue;
                }
                received += len as u64 / 2;
                chain.receive(EncodedPacket { sequence, time, arrival, payload: &vec![9; len] });
            }
            // Nothing is made up beyond the time that passed, the 500 ms taken on trust and an
            // unfinished frame.
            let head = chain.timeline.position().sample;
            prop_assert!(head <= received + now * 8 + 4_000 + 160, "{head} {received} {now}");
            prop_assert!(head - chain.heard.next < 160);
            let stats = chain.reorder.stats() + chain.timeline.stats();
            let frames =
                stats.received_frames + stats.concealed_frames + stats.comfort_noise_frames;
            prop_assert_eq!(frames, chain.heard.next / 160);
        }
    }

    fn any_sequence() -> impl Strategy<Value = Option<u64>> {
        prop_oneof![
            Just(None),
            (0_u64..40).prop_map(Some),
            any::<u64>().prop_map(Some),
            Just(Some(u64::MAX))
        ]
    }

    fn any_time() -> impl Strategy<Value = Option<CarrierTime>> {
        prop_oneof![
            Just(None),
            (0_u64..5_000).prop_map(|millis| Some(CarrierTime::Millis(millis))),
            any::<u64>().prop_map(|millis| Some(CarrierTime::Millis(millis))),
            any::<u64>().prop_map(|samples| Some(CarrierTime::Samples(samples))),
        ]
    }

    fn encode(pcm: &[i16]) -> Vec<u8> {
        pcm.iter().flat_map(|sample| sample.to_be_bytes()).collect()
    }

    fn decode(payload: &[u8]) -> Vec<i16> {
        payload.as_chunks::<2>().0.iter().map(|&bytes| i16::from_be_bytes(bytes)).collect()
    }
}

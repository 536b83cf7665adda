//! From packets to frames of the line: order, decoding, media time.

use offhook_types::{Codec, CodecFormat, MediaPacket, SampleRate, Timestamp};

use super::{InboundError, InboundSettings, InboundStats};
use crate::codec::{ByteOrder, ByteOrderDetector, Decoder};
use crate::reception::{
    CarrierTime, EncodedPacket, MediaFrame, MediaTimeline, Released, ReorderBuffer,
};

/// The longest packet of any codec here: Opus, RFC 6716 §2.1.4. Longer payloads of other codecs are
/// decoded piece by piece.
const PACKET_MS_MAX: u32 = 120;
/// How much of a loss an Opus decoder makes up before comfort noise is more honest.
const CONCEALED_FRAMES_MAX: usize = 3;

pub(super) struct Receiver {
    reorder: ReorderBuffer,
    decoding: Decoding,
}

/// The part behind the reorder buffer, so that the buffer can lend packets to it.
struct Decoding {
    rate: SampleRate,
    decoder: Decoder,
    byte_order: Option<ByteOrderDetector>,
    timeline: MediaTimeline,
    pcm: Box<[i16]>,
    stats: InboundStats,
}

impl Receiver {
    pub(super) fn new(settings: &InboundSettings) -> Result<Self, InboundError> {
        let rate = settings.format.sample_rate();
        let is_linear = matches!(settings.format.codec(), Codec::L16Le | Codec::L16Be);
        let detects = settings.detects_byte_order && is_linear;
        Ok(Self {
            reorder: ReorderBuffer::new(rate, settings.reorder),
            decoding: Decoding {
                rate,
                decoder: Decoder::new(settings.format)?,
                byte_order: detects.then(|| ByteOrderDetector::new(rate)),
                timeline: MediaTimeline::new(rate, settings.stream, settings.seed),
                pcm: vec![0; rate.samples_in_ms(PACKET_MS_MAX)].into_boxed_slice(),
                stats: InboundStats::default(),
            },
        })
    }

    pub(super) fn stats(&self) -> InboundStats {
        InboundStats {
            reception: self.reorder.stats() + self.decoding.timeline.stats(),
            ..self.decoding.stats
        }
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let deadlines = [self.reorder.deadline(), self.decoding.timeline.deadline()];
        deadlines.into_iter().flatten().min()
    }

    pub(super) fn start(&mut self, now: Timestamp) {
        self.decoding.timeline.start(now);
    }

    pub(super) fn reset(&mut self) {
        self.reorder.reset();
        self.decoding.decoder.reset();
        self.decoding.timeline.reset();
        self.decoding.stats = InboundStats::default();
        if let Some(detector) = &mut self.decoding.byte_order {
            *detector = ByteOrderDetector::new(self.decoding.rate);
        }
    }

    pub(super) fn handle_packet(
        &mut self,
        arrival: Timestamp,
        packet: MediaPacket<'_>,
        mut sink: impl FnMut(MediaFrame<'_>),
    ) {
        let Self { reorder, decoding } = self;
        if packet.payload.is_empty() {
            decoding.stats.empty_packets += 1;
            return;
        }
        let packet = EncodedPacket {
            sequence: packet.sequence,
            time: packet.timestamp_ms.map(CarrierTime::Millis),
            arrival,
            payload: packet.payload,
        };
        reorder.handle_packet(packet, |released| decoding.handle(released, &mut sink));
    }

    pub(super) fn advance(&mut self, now: Timestamp, mut sink: impl FnMut(MediaFrame<'_>)) {
        let Self { reorder, decoding } = self;
        reorder.release_overdue(now, |released| decoding.handle(released, &mut sink));
        decoding.timeline.advance(now, &mut sink);
    }
}

impl Decoding {
    fn handle(&mut self, released: Released<'_>, sink: &mut impl FnMut(MediaFrame<'_>)) {
        match released {
            Released::Lost(packets) => self.timeline.handle_lost(packets),
            Released::Packet(packet) => {
                self.learn_byte_order(packet.payload);
                self.conceal_by_codec(&packet, sink);
                self.decode(&packet, sink);
            }
        }
    }

    fn decode(&mut self, packet: &EncodedPacket<'_>, sink: &mut impl FnMut(MediaFrame<'_>)) {
        let mut time = packet.time;
        let mut rest = packet.payload;
        while !rest.is_empty() {
            let Ok(decoded) = self.decoder.decode_into(rest, &mut self.pcm) else {
                self.stats.malformed_packets += 1;
                self.timeline.handle_lost(1);
                return;
            };
            let pcm = &self.pcm[..decoded.samples];
            self.timeline.handle_audio(packet.arrival, time.take(), pcm, &mut *sink);
            let is_cut = decoded.samples == self.pcm.len();
            if !is_cut {
                self.stats.ignored_bytes += decoded.ignored_bytes as u64;
                return;
            }
            rest = &rest[rest.len() - decoded.ignored_bytes..];
        }
    }

    /// Opus knows better than any repetition how a lost frame went on.
    fn conceal_by_codec(
        &mut self,
        packet: &EncodedPacket<'_>,
        sink: &mut impl FnMut(MediaFrame<'_>),
    ) {
        let (Codec::Opus, Some(time)) = (self.decoder.format().codec(), packet.time) else {
            return;
        };
        let frame = self.rate.frame_samples();
        let missing = self.timeline.missing_before(time) as usize / frame;
        if missing > CONCEALED_FRAMES_MAX {
            return;
        }
        for index in 0..missing {
            // Only the last lost frame lies in the next packet's forward error correction.
            let next = (index + 1 == missing).then_some(packet.payload);
            let samples = self.decoder.decode_lost_into(next, &mut self.pcm[..frame]);
            self.timeline.handle_concealed(&self.pcm[..samples], &mut *sink);
        }
    }

    fn learn_byte_order(&mut self, payload: &[u8]) {
        let Some(order) = self.byte_order.as_mut().and_then(|found| found.observe(payload)) else {
            return;
        };
        self.byte_order = None;
        let codec = match order {
            ByteOrder::Little => Codec::L16Le,
            ByteOrder::Big => Codec::L16Be,
        };
        let format = CodecFormat::new(codec, self.rate).map(Decoder::new);
        if let Ok(Ok(decoder)) = format {
            self.decoder = decoder;
        }
    }
}

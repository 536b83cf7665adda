//! Puts encoded packets back into the order in which they were sent.
//!
//! Carriers on one TCP connection need no window: packets go straight through, uncopied, and the
//! numbers serve only to count what was lost upstream. Telnyx does not promise order on its chunks;
//! a window of 3 packets or 60 ms is what its own advice amounts to. Only packets that arrive ahead
//! of a missing one are copied.
//!
//! A payload larger than a slot cannot wait: what is held goes out first, what is missing before it
//! is declared lost, and it is passed on uncopied. Audio is never dropped for its size.
//!
//! Left out: wrap-around of the number (64 bits do not wrap), and reordering before the very first
//! packet (a packet numbered below the first one that arrived is late).

use std::time::Duration;

use offhook_types::{SampleRate, Timestamp};

use super::{CarrierTime, EncodedPacket, ReceptionStats, Released};

/// How much a [`ReorderBuffer`] may hold back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReorderWindow {
    /// Packets held while an earlier one is missing. 0 means the carrier keeps order. Larger than
    /// the carrier's own disorder only delays the audio after each real loss.
    pub packets: usize,
    /// Bytes of the largest payload that can be held. Larger ones are passed on at once.
    pub slot_bytes: usize,
    /// How long a packet waits for an earlier one, in the carrier's time or in arrival time,
    /// whichever is over first.
    pub hold: Duration,
}

impl ReorderWindow {
    /// For carriers that keep order: nothing is held, nothing is dropped.
    pub const ORDERED: Self = Self { packets: 0, slot_bytes: 0, hold: Duration::ZERO };

    /// For carriers that may swap neighbouring chunks. 1,280 bytes hold 20 ms of any codec a
    /// carrier sends, Opus at its largest (1,275 bytes, RFC 6716 §3.2.1) and L16 at 32 kHz
    /// included.
    pub const UNORDERED: Self =
        Self { packets: 3, slot_bytes: 1_280, hold: Duration::from_millis(60) };
}

/// A bounded window over encoded packets that releases them in order. Everything it needs is
/// allocated by [`ReorderBuffer::new`]: `packets * slot_bytes` and a few words per slot.
///
/// Commands: `reset`. Input: [`handle_packet`](Self::handle_packet),
/// [`release_overdue`](Self::release_overdue).
#[derive(Debug)]
pub struct ReorderBuffer {
    rate: SampleRate,
    window: ReorderWindow,
    slots: Box<[Option<Held>]>,
    bytes: Box<[u8]>,
    order: Order,
    stats: ReceptionStats,
}

/// What is known of the numbering.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    /// The number of the next packet; `None` before the first.
    expected: Option<u64>,
    /// Bit `i` is set when packet `expected - 1 - i` was released and not declared lost.
    released: u64,
    /// Packets in a row that were dropped as late or duplicate.
    rejected_in_a_row: u32,
    /// The last number that was rejected.
    last_rejected: Option<u64>,
    /// The carrier repeats one number for ever, so it means nothing.
    is_repeating: bool,
}

/// A packet waiting in a slot.
#[derive(Clone, Copy, Debug)]
struct Held {
    sequence: u64,
    time: Option<CarrierTime>,
    arrival: Timestamp,
    len: usize,
}

impl ReorderBuffer {
    /// Allocates the window. `rate` is that of the decoded stream, needed where the carrier counts
    /// samples.
    pub fn new(rate: SampleRate, window: ReorderWindow) -> Self {
        Self {
            rate,
            window,
            slots: vec![None; window.packets].into_boxed_slice(),
            bytes: vec![0; window.packets * window.slot_bytes].into_boxed_slice(),
            order: Order::default(),
            stats: ReceptionStats::default(),
        }
    }

    /// The packet counters of this stream; the frame counters stay zero.
    pub fn stats(&self) -> ReceptionStats {
        self.stats
    }

    /// When [`release_overdue`](Self::release_overdue) would next release something.
    pub fn deadline(&self) -> Option<Timestamp> {
        let lowest = self.lowest()?;
        self.slots[lowest].map(|held| held.arrival + self.window.hold)
    }

    /// Forgets the stream, its counters included.
    pub fn reset(&mut self) {
        self.slots.fill(None);
        self.order = Order::default();
        self.stats = ReceptionStats::default();
    }

    /// Takes a packet and releases what is in order by now, this packet included or not.
    pub fn handle_packet(&mut self, packet: EncodedPacket<'_>, mut sink: impl FnMut(Released<'_>)) {
        let sink = &mut sink;
        self.stats.received_packets += 1;
        let Some(sequence) = packet.sequence else {
            self.release_all(sink);
            sink(Released::Packet(packet));
            return;
        };
        let expected = *self.order.expected.get_or_insert(sequence);
        if self.slots.is_empty() {
            self.pass_ordered(packet, sequence, expected, sink);
            return;
        }
        if sequence == expected {
            self.order.is_repeating = false;
            self.note_reordered(sequence);
            self.pass(packet, sequence, sink);
            self.release_ready(sink);
        } else if sequence > expected {
            self.handle_early(packet, sequence, sink);
        } else {
            self.handle_old(packet, sequence, expected, sink);
        }
        self.release_stale(packet, sink);
    }

    /// Releases packets that have waited for an earlier one for as long as the window allows. Call
    /// it as time passes on DTX streams, where nothing else may arrive; on continuous streams a
    /// stall is no reason to give up, and the next packet does the same.
    pub fn release_overdue(&mut self, now: Timestamp, mut sink: impl FnMut(Released<'_>)) {
        while self.deadline().is_some_and(|deadline| deadline <= now) {
            self.release_lowest(&mut sink);
            self.release_ready(&mut sink);
        }
    }

    /// The order is the carrier's promise: a number can tell of a loss upstream, never that audio
    /// is not wanted.
    fn pass_ordered(
        &mut self,
        packet: EncodedPacket<'_>,
        sequence: u64,
        expected: u64,
        sink: &mut impl FnMut(Released<'_>),
    ) {
        if sequence < expected {
            self.stats.restarts += 1;
        }
        self.pass(packet, sequence, sink);
    }

    /// A packet before which at least one is missing.
    fn handle_early(
        &mut self,
        packet: EncodedPacket<'_>,
        sequence: u64,
        sink: &mut impl FnMut(Released<'_>),
    ) {
        self.order.is_repeating = false;
        self.order.rejected_in_a_row = 0;
        if self.slots.iter().flatten().any(|held| held.sequence == sequence) {
            self.stats.duplicate_packets += 1;
            return;
        }
        self.note_reordered(sequence);
        if packet.payload.len() > self.window.slot_bytes {
            self.stats.oversize_packets += 1;
            self.release_below(sequence, sink);
            self.pass(packet, sequence, sink);
            self.release_ready(sink);
            return;
        }
        if self.slots.iter().all(Option::is_some) {
            let is_first = self.slots.iter().flatten().all(|held| sequence < held.sequence);
            if !is_first {
                self.release_lowest(sink);
                self.release_ready(sink);
            }
            if is_first || self.order.expected == Some(sequence) {
                self.pass(packet, sequence, sink);
                self.release_ready(sink);
                return;
            }
        }
        self.hold(packet, sequence);
    }

    /// A packet with a number that has gone by: late, a duplicate, or the first of a new numbering.
    fn handle_old(
        &mut self,
        packet: EncodedPacket<'_>,
        sequence: u64,
        expected: u64,
        sink: &mut impl FnMut(Released<'_>),
    ) {
        let age = expected - 1 - sequence;
        let is_repeated = self.order.last_rejected.replace(sequence) == Some(sequence);
        self.order.rejected_in_a_row += 1;
        let is_repeating = self.order.is_repeating && is_repeated && age == 0;
        let is_restart = age >= RESTART_DISTANCE
            || self.order.rejected_in_a_row > REJECTED_IN_A_ROW_MAX
            || is_repeating;
        if is_restart {
            self.release_all(sink);
            self.stats.restarts += u64::from(!is_repeating);
            self.order = Order {
                expected: Some(sequence),
                is_repeating: is_repeated,
                last_rejected: Some(sequence),
                ..Order::default()
            };
            self.pass(packet, sequence, sink);
        } else if self.order.released & (1 << age) != 0 {
            self.stats.duplicate_packets += 1;
        } else {
            self.stats.late_packets += 1;
        }
    }

    fn hold(&mut self, packet: EncodedPacket<'_>, sequence: u64) {
        let Some(slot) = self.slots.iter().position(Option::is_none) else {
            debug_assert!(false, "a slot was freed before holding a packet");
            return;
        };
        let len = packet.payload.len();
        let start = slot * self.window.slot_bytes;
        self.bytes[start..start + len].copy_from_slice(packet.payload);
        self.slots[slot] = Some(Held { sequence, time: packet.time, arrival: packet.arrival, len });
    }

    fn note_reordered(&mut self, sequence: u64) {
        if self.slots.iter().flatten().any(|held| held.sequence > sequence) {
            self.stats.reordered_packets += 1;
        }
    }

    /// Hands a packet on and declares lost whatever is missing before it.
    fn pass(
        &mut self,
        packet: EncodedPacket<'_>,
        sequence: u64,
        sink: &mut impl FnMut(Released<'_>),
    ) {
        self.order.note_released(sequence, &mut self.stats, sink);
        sink(Released::Packet(packet));
    }

    /// Releases held packets for as long as the next one is there.
    fn release_ready(&mut self, sink: &mut impl FnMut(Released<'_>)) {
        while let Some(lowest) = self.lowest()
            && self.slots[lowest].map(|held| held.sequence) == self.order.expected
        {
            self.release_lowest(sink);
        }
    }

    /// Gives up waiting where the newest packet shows, by its own time or by its arrival, that the
    /// wait is over.
    fn release_stale(&mut self, newest: EncodedPacket<'_>, sink: &mut impl FnMut(Released<'_>)) {
        let hold = hold_samples(self.window.hold, self.rate);
        while let Some(held) = self.lowest().and_then(|lowest| self.slots[lowest]) {
            let waited_by_arrival = held.arrival + self.window.hold <= newest.arrival;
            let waited_by_media = match (held.time, newest.time) {
                (Some(old), Some(new)) => {
                    new.to_samples(self.rate).saturating_sub(old.to_samples(self.rate)) >= hold
                }
                (None, _) | (_, None) => false,
            };
            if !waited_by_arrival && !waited_by_media {
                return;
            }
            self.release_lowest(sink);
            self.release_ready(sink);
        }
    }

    fn release_below(&mut self, sequence: u64, sink: &mut impl FnMut(Released<'_>)) {
        while let Some(held) = self.lowest().and_then(|lowest| self.slots[lowest])
            && held.sequence < sequence
        {
            self.release_lowest(sink);
        }
    }

    fn release_all(&mut self, sink: &mut impl FnMut(Released<'_>)) {
        while self.lowest().is_some() {
            self.release_lowest(sink);
        }
    }

    fn release_lowest(&mut self, sink: &mut impl FnMut(Released<'_>)) {
        let Some(slot) = self.lowest() else { return };
        let Some(held) = self.slots[slot].take() else { return };
        self.order.note_released(held.sequence, &mut self.stats, sink);
        let start = slot * self.window.slot_bytes;
        sink(Released::Packet(EncodedPacket {
            sequence: Some(held.sequence),
            time: held.time,
            arrival: held.arrival,
            payload: &self.bytes[start..start + held.len],
        }));
    }

    /// The slot with the lowest number.
    fn lowest(&self) -> Option<usize> {
        (0..self.slots.len())
            .filter(|&slot| self.slots[slot].is_some())
            .min_by_key(|&slot| self.slots[slot].map(|held| held.sequence))
    }
}

impl Order {
    fn note_released(
        &mut self,
        sequence: u64,
        stats: &mut ReceptionStats,
        sink: &mut impl FnMut(Released<'_>),
    ) {
        let lost = sequence.saturating_sub(self.expected.unwrap_or(sequence));
        if lost > 0 {
            stats.lost_packets = stats.lost_packets.saturating_add(lost);
            sink(Released::Lost(lost));
        }
        let shift = u32::try_from(lost.saturating_add(1)).unwrap_or(u32::MAX);
        self.released = self.released.checked_shl(shift).unwrap_or(0) | 1;
        self.expected = Some(sequence.saturating_add(1));
        self.rejected_in_a_row = 0;
    }
}

fn hold_samples(hold: Duration, rate: SampleRate) -> u64 {
    u64::try_from(hold.as_millis()).unwrap_or(u64::MAX).saturating_mul(u64::from(rate.hz())) / 1_000
}

/// A number this far back is no late packet: 64 packets of 20 ms are 1.3 s, and the transports keep
/// order within tens of milliseconds. It is also what the mask of released packets can tell apart.
/// Smaller takes a very late packet for a restart; larger waits for [`REJECTED_IN_A_ROW_MAX`]
/// packets after a restart.
const RESTART_DISTANCE: u64 = 64;

/// Packets dropped in a row before the numbering is taken to have restarted within
/// [`RESTART_DISTANCE`]. Costs 160 ms of audio in that case; smaller would take a delayed batch of
/// packets for a restart.
const REJECTED_IN_A_ROW_MAX: u32 = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    #[test]
    fn packets_in_order_are_lent_and_not_copied() {
        let mut buffer = ReorderBuffer::new(RATE, ReorderWindow::UNORDERED);
        let payload = [7; 160];
        for sequence in 5..100 {
            buffer.handle_packet(packet(sequence, sequence * 20, &payload), |released| {
                let Released::Packet(out) = released else { panic!("nothing is lost") };
                assert_eq!(out.payload.as_ptr(), payload.as_ptr());
            });
        }
    }

    #[test]
    fn any_order_within_the_window_is_restored() {
        assert_eq!(run(ReorderWindow::UNORDERED, &[1, 3, 2, 6, 5, 4, 7]), "1 2 3 4 5 6 7");
        assert_eq!(run(ReorderWindow::UNORDERED, &[1, 4, 3, 2, 5]), "1 2 3 4 5");
    }

    #[test]
    fn a_missing_packet_is_lost_when_the_window_is_exceeded() {
        let wide = ReorderWindow { hold: Duration::from_secs(9), ..ReorderWindow::UNORDERED };
        assert_eq!(run(wide, &[1, 3, 4, 5]), "1");
        assert_eq!(run(wide, &[1, 3, 4, 5, 6]), "1 lost1 3 4 5 6");
        assert_eq!(run(wide, &[1, 4, 6, 8, 10, 5, 7]), "1 lost2 4 5 6 7 8");
        assert_eq!(run(wide, &[1, 4, 6, 8, 3]), "1 lost1 3 4");
    }

    #[test]
    fn a_missing_packet_is_lost_when_60_ms_of_later_audio_are_there() {
        let mut buffer = ReorderBuffer::new(RATE, ReorderWindow::UNORDERED);
        let mut out = String::new();
        // 100 ms a packet: the second one held already shows that the wait is over.
        for (sequence, millis) in [(1, 0), (3, 200), (4, 300)] {
            let arrived = EncodedPacket {
                time: Some(CarrierTime::Millis(millis)),
                ..packet(sequence, 0, &[])
            };
            buffer.handle_packet(arrived, |released| note(&mut out, released));
        }
        assert_eq!(out.trim(), "1 lost1 3 4");
    }

    #[test]
    fn a_packet_held_for_60_ms_is_released_as_time_passes() {
        let mut buffer = ReorderBuffer::new(RATE, ReorderWindow::UNORDERED);
        let mut out = String::new();
        buffer.handle_packet(packet(1, 0, &[]), |released| note(&mut out, released));
        buffer.handle_packet(packet(3, 40, &[]), |released| note(&mut out, released));
        assert_eq!(buffer.deadline(), Some(Timestamp::from_millis(100)));
        buffer.release_overdue(Timestamp::from_millis(99), |released| note(&mut out, released));
        assert_eq!(out.trim(), "1");
        buffer.release_overdue(Timestamp::from_millis(100), |released| note(&mut out, released));
        assert_eq!(out.trim(), "1 lost1 3");
        assert_eq!(buffer.deadline(), None);
    }

    #[test]
    fn duplicates_and_late_packets_are_dropped_and_counted_apart() {
        let mut buffer = ReorderBuffer::new(RATE, ReorderWindow::UNORDERED);
        let mut out = String::new();
        for sequence in [1, 2, 2, 4, 4, 5, 6, 7, 3, 7, 8] {
            buffer.handle_packet(packet(sequence, 0, &[]), |released| note(&mut out, released));
        }
        assert_eq!(out.trim(), "1 2 lost1 4 5 6 7 8");
        let stats = buffer.stats();
        assert_eq!((stats.duplicate_packets, stats.late_packets), (3, 1));
        assert_eq!((stats.lost_packets, stats.reordered_packets), (1, 0));
        assert_eq!(stats.received_packets, 11);
    }

    #[test]
    fn a_stream_that_restarts_far_below_goes_on_at_once() {
        let numbers: Vec<u64> = (500..520).chain(1..5).collect();
        let expected: Vec<String> = numbers.iter().map(u64::to_string).collect();
        assert_eq!(run(ReorderWindow::UNORDERED, &numbers), expected.join(" "));
    }

    #[test]
    fn a_stream_that_restarts_close_below_costs_eight_packets() {
        let numbers: Vec<u64> = (1..40).chain(1..40).collect();
        let expected: Vec<String> = (1..40).chain(9..40).map(|n: u64| n.to_string()).collect();
        assert_eq!(run(ReorderWindow::UNORDERED, &numbers), expected.join(" "));
    }

    #[test]
    fn a_number_that_never_changes_is_ignored_after_nine_packets() {
        let released = run(ReorderWindow::UNORDERED, &[0; 100]);
        assert_eq!(released.split(' ').count(), 100 - 8);
        let recovered = run(ReorderWindow::UNORDERED, &[&[3; 30][..], &[4, 6, 5, 7]].concat());
        assert!(recovered.ends_with("3 3 4 5 6 7"), "{recovered}");
    }

    #[test]
    fn a_carrier_that_keeps_order_loses_nothing_to_its_numbers() {
        assert_eq!(run(ReorderWindow::ORDERED, &[3, 4, 4, 7, 1, 1, 2]), "3 4 4 lost2 7 1 1 2",);
    }

    #[test]
    fn a_payload_larger_than_a_slot_is_passed_on_in_order() {
        let mut buffer = ReorderBuffer::new(RATE, ReorderWindow::UNORDERED);
        let large = [1; 1_281];
        let mut out = String::new();
        for (sequence, payload) in [(1, &large[..1]), (3, &large[..1_280]), (5, &large), (6, &[])] {
            buffer.handle_packet(packet(sequence, 0, payload), |released| note(&mut out, released));
        }
        assert_eq!(out.trim(), "1 lost1 3 lost1 5 6");
        assert_eq!(buffer.stats().oversize_packets, 1);
    }

    #[test]
    fn the_window_takes_less_than_5_kib_and_never_more() {
        let mut buffer = None;
        let built = allocation_counter::measure(|| {
            buffer = Some(ReorderBuffer::new(RATE, ReorderWindow::UNORDERED));
        });
        assert!(built.bytes_total < 5_120, "{} bytes", built.bytes_total);
        let mut buffer = buffer.unwrap();
        let payload = [3; 160];
        let running = allocation_counter::measure(|| {
            for i in 0..2_000_u64 {
                let sequence = if i % 7 == 0 { i + 2 } else { i ^ 1 };
                buffer.handle_packet(packet(sequence, i * 20, &payload), |_| ());
            }
        });
        assert_eq!(running.count_total, 0);
    }

    proptest! {
        #[test]
        fn what_is_released_rises_and_every_packet_is_accounted_for(
            window in 1_usize..6,
            steps in prop::collection::vec((0_u64..8, 0_u64..60), 1..200),
        ) {
            let window = ReorderWindow { packets: window, ..ReorderWindow::UNORDERED };
            let mut buffer = ReorderBuffer::new(RATE, window);
            let (mut out, mut base, mut now) = (Vec::new(), 100, 0);
            for (offset, wait) in steps {
                base += u64::from(offset > 3);
                now += wait;
                let sequence = base + offset;
                buffer.handle_packet(packet(sequence, now, &sequence.to_be_bytes()), |released| {
                    if let Released::Packet(packet) = released {
                        assert_eq!(packet.payload, packet.sequence.unwrap().to_be_bytes());
                        out.push(packet.sequence.unwrap());
                    }
                });
            }
            buffer.release_overdue(Timestamp::from_millis(now + 60), |released| {
                if let Released::Packet(packet) = released {
                    out.push(packet.sequence.unwrap());
                }
            });
            let stats = buffer.stats();
            // A number that repeats is passed on; see `a_number_that_never_changes_...`.
            let falls = out.windows(2).filter(|pair| pair[1] < pair[0]).count() as u64;
            prop_assert!(falls <= stats.restarts, "{out:?}");
            let dropped = stats.duplicate_packets + stats.late_packets;
            prop_assert_eq!(out.len() as u64 + dropped, stats.received_packets);
        }
    }

    fn run(window: ReorderWindow, numbers: &[u64]) -> String {
        let mut buffer = ReorderBuffer::new(RATE, window);
        let mut out = String::new();
        for &sequence in numbers {
            buffer.handle_packet(packet(sequence, 0, &[]), |released| note(&mut out, released));
        }
        out.trim().to_owned()
    }

    fn note(out: &mut String, released: Released<'_>) {
        match released {
            Released::Packet(packet) => *out += &format!(" {}", packet.sequence.unwrap()),
            Released::Lost(packets) => *out += &format!(" lost{packets}"),
        }
    }

    fn packet(sequence: u64, arrival_ms: u64, payload: &[u8]) -> EncodedPacket<'_> {
        EncodedPacket {
            sequence: Some(sequence),
            time: None,
            arrival: Timestamp::from_millis(arrival_ms),
            payload,
        }
    }
}

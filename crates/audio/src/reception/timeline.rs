//! Turns decoded packets of any size and punctuality into a gap-free run of 20 ms frames in media
//! time.
//!
//! Rules:
//! - Received audio is never dropped and never reordered here; every sample handed in comes out
//!   once.
//! - Media time is counted in emitted samples. It never runs backwards and has no holes.
//! - A gap in the carrier's time is filled: concealed for 60 ms, comfort noise beyond
//!   ([`StreamKind::Continuous`], or a known loss), or comfort noise throughout (a pause of a
//!   [`StreamKind::Dtx`] stream). Gaps above 10 s, and time that jumps in a way that arrivals do
//!   not bear out, are not filled: the carrier's clock is anchored anew and counted.
//! - A stall of a continuous stream costs no media time. What arrives after it is emitted at once,
//!   at its own time.
//! - A pause of a DTX stream is filled as time passes ([`MediaTimeline::advance`]). If it turns out
//!   to have been a stall, the late audio follows the noise that was emitted in its place: no word
//!   is lost, media time is then ahead of the carrier's by that noise, and gets back in step by
//!   making later pauses up to an eighth shorter.
//!
//! Frames go to a closure instead of a queue: nothing is buffered but the unfinished frame,
//! whatever the size of a packet or a gap.
//!
//! Left out: flushing the unfinished frame at the end of a stream (less than 20 ms of a call that
//! is over).

use std::time::Duration;

use offhook_types::{SampleRate, Timestamp};

use super::carrier_clock::{Arrived, CarrierClock, GAP_MS_MAX};
use super::comfort_noise::InvalidNoiseLevel;
use super::conceal::Concealer;
use super::media_frame::{FrameContent, FrameOrigin, MediaFrame, MediaTime};
use super::{CarrierTime, ReceptionStats, StreamKind};

/// Re-frames a stream and fills its gaps. Everything it needs is allocated by
/// [`MediaTimeline::new`].
///
/// Getters, then commands ([`start`](Self::start), [`reset`](Self::reset)), then input:
/// [`handle_audio`](Self::handle_audio), [`handle_lost`](Self::handle_lost),
/// [`handle_concealed`](Self::handle_concealed), [`advance`](Self::advance).
#[derive(Clone, Debug)]
pub struct MediaTimeline {
    rate: SampleRate,
    kind: StreamKind,
    clock: CarrierClock,
    concealer: Concealer,
    /// The unfinished frame.
    frame: Box<[i16]>,
    content: FrameContent,
    /// Samples of media so far, the unfinished frame included.
    head: u64,
    /// What media time 0 is in the call's time.
    origin: Option<Timestamp>,
    last_arrival: Timestamp,
    last_packet_samples: u64,
    /// Packets known to be missing before the next one.
    lost_packets: u64,
    /// Comfort noise emitted since the last packet.
    pause_samples: u64,
    stats: ReceptionStats,
}

impl MediaTimeline {
    /// Allocates a timeline. `seed` determines the comfort noise.
    pub fn new(rate: SampleRate, kind: StreamKind, seed: u64) -> Self {
        Self {
            rate,
            kind,
            clock: CarrierClock::new(rate),
            concealer: Concealer::new(rate, seed),
            frame: vec![0; rate.frame_samples()].into_boxed_slice(),
            content: FrameContent::default(),
            head: 0,
            origin: None,
            last_arrival: Timestamp::ZERO,
            last_packet_samples: 0,
            lost_packets: 0,
            pause_samples: 0,
            stats: ReceptionStats::default(),
        }
    }

    /// The frame counters of this stream; the packet counters stay zero.
    pub fn stats(&self) -> ReceptionStats {
        self.stats
    }

    /// End of the media received or filled so far, the unfinished frame included.
    pub fn position(&self) -> MediaTime {
        self.media_time(self.head)
    }

    /// How long nothing has arrived. On a continuous stream this is the length of a stall.
    pub fn since_last_packet(&self, now: Timestamp) -> Duration {
        self.origin.map_or(Duration::ZERO, |_| now.saturating_since(self.last_arrival))
    }

    /// Samples missing before a packet with this timestamp. For a decoder with a concealment of its
    /// own (Opus): make up to 60 ms of them with it and hand them to
    /// [`handle_concealed`](Self::handle_concealed) before the packet.
    pub fn missing_before(&self, time: CarrierTime) -> u64 {
        let gap = self.clock.missing_before(time);
        (self.clock.end() + gap).saturating_sub(self.head.max(self.clock.end()))
    }

    /// When [`advance`](Self::advance) would next emit a frame, if nothing arrives before.
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.origin.is_none() || self.kind == StreamKind::Continuous {
            return None;
        }
        let mut wait = self.pause_samples + self.to_frame_end();
        // `advance` withholds an eighth of the pause while media time is ahead.
        wait += self.surplus().min(wait / (REPAYMENT - 1) + 1);
        wait = wait.max(self.last_packet_samples);
        Some(self.last_arrival + GRACE + self.duration_of(wait) + Duration::from_micros(1))
    }

    /// Starts media time before the first packet: on a DTX stream a caller who has not spoken yet
    /// is silent from here. Without effect on a stream that has started.
    pub fn start(&mut self, now: Timestamp) {
        if self.origin.is_none() {
            self.origin = Some(now);
            self.last_arrival = now;
        }
    }

    /// Forgets the stream, its counters included.
    pub fn reset(&mut self) {
        self.clock = CarrierClock::new(self.rate);
        self.concealer.reset();
        self.content = FrameContent::default();
        self.head = 0;
        self.origin = None;
        self.last_packet_samples = 0;
        self.lost_packets = 0;
        self.pause_samples = 0;
        self.stats = ReceptionStats::default();
    }

    /// Takes the noise level that a carrier gives for this pause, in -dBov (RFC 3389 §3.1).
    ///
    /// # Errors
    /// [`InvalidNoiseLevel`] above 127.
    pub fn set_noise_level_dbov(&mut self, minus_dbov: u8) -> Result<(), InvalidNoiseLevel> {
        self.concealer.set_noise_level_dbov(minus_dbov)
    }

    /// Takes one decoded packet of any length; emits the frames of the gap before it and those that
    /// it completes.
    pub fn handle_audio(
        &mut self,
        arrival: Timestamp,
        time: Option<CarrierTime>,
        pcm: &[i16],
        mut sink: impl FnMut(MediaFrame<'_>),
    ) {
        if pcm.is_empty() {
            return;
        }
        let sink = &mut sink;
        self.start(arrival);
        let samples = pcm.len() as u64;
        let packet =
            Arrived { arrival, time, samples, presumed_gap: self.presumed_gap(arrival, samples) };
        let placed = self.clock.place(packet, self.head);
        self.stats.resyncs += u64::from(placed.is_resync);
        let is_pause = self.kind == StreamKind::Dtx && self.lost_packets == 0;
        self.fill(placed.position.saturating_sub(self.head), is_pause, sink);
        self.receive(pcm, placed.is_late, sink);
        self.last_arrival = self.last_arrival.max(arrival);
        self.last_packet_samples = samples;
        self.lost_packets = 0;
        self.pause_samples = 0;
    }

    /// Takes note that packets are missing before the next one. Where the carrier's timestamps are
    /// of use they say how much that is; otherwise each counts as long as the last packet.
    pub fn handle_lost(&mut self, packets: u64) {
        self.lost_packets = self.lost_packets.saturating_add(packets);
    }

    /// Takes audio that the caller made up for a lost stretch, instead of this timeline's own
    /// concealment.
    pub fn handle_concealed(&mut self, pcm: &[i16], mut sink: impl FnMut(MediaFrame<'_>)) {
        let mut rest = pcm;
        while !rest.is_empty() && self.origin.is_some() {
            let piece;
            (piece, rest) = rest.split_at(rest.len().min(self.frame.len() - self.content.len()));
            let start = self.content.len();
            let target = &mut self.frame[start..start + piece.len()];
            target.copy_from_slice(piece);
            self.concealer.receive(target);
            self.content.concealed += piece.len();
            self.step(piece.len(), &mut sink);
        }
    }

    /// Lets time pass. On a DTX stream emits the comfort noise that is due, at most 10 s of it per
    /// call; on a continuous stream does nothing.
    pub fn advance(&mut self, now: Timestamp, mut sink: impl FnMut(MediaFrame<'_>)) {
        if self.kind == StreamKind::Continuous || self.origin.is_none() {
            return;
        }
        let passed = now.saturating_since(self.last_arrival).saturating_sub(GRACE);
        let passed = self.samples_in(passed);
        if passed < self.last_packet_samples {
            return;
        }
        let due = passed - self.surplus().min(passed / REPAYMENT);
        let mut left = u64::from(self.rate.hz()) * GAP_MS_MAX.unsigned_abs() / 1_000;
        while self.pause_samples + self.to_frame_end() <= due && left > 0 {
            let len = self.to_frame_end();
            self.fill(len, true, &mut sink);
            self.pause_samples += len;
            left = left.saturating_sub(len);
        }
    }

    /// What is missing before a packet if its timestamp does not tell.
    fn presumed_gap(&self, arrival: Timestamp, samples: u64) -> u64 {
        if self.lost_packets > 0 {
            return self.lost_packets.saturating_mul(self.last_packet_samples);
        }
        let silent = self.samples_in(arrival.saturating_since(self.last_arrival));
        let silent = silent.saturating_sub(samples);
        let is_pause = self.kind == StreamKind::Dtx && silent >= self.samples_in(GRACE);
        if is_pause { silent.saturating_sub(self.pause_samples) } else { 0 }
    }

    /// By how much media time was ahead of the carrier's at the last packet.
    fn surplus(&self) -> u64 {
        self.head.saturating_sub(self.clock.end()).saturating_sub(self.pause_samples)
    }

    fn fill(&mut self, samples: u64, is_pause: bool, sink: &mut impl FnMut(MediaFrame<'_>)) {
        let mut left = samples;
        while left > 0 {
            let len = left.min(self.to_frame_end());
            let start = self.content.len();
            let target = &mut self.frame[start..start + len as usize];
            let concealed = if is_pause {
                self.concealer.pause_into(target);
                0
            } else {
                self.concealer.conceal_into(target)
            };
            self.content.concealed += concealed;
            self.content.noise += target.len() - concealed;
            self.step(len as usize, sink);
            left -= len;
        }
    }

    fn receive(&mut self, pcm: &[i16], is_late: bool, sink: &mut impl FnMut(MediaFrame<'_>)) {
        let mut rest = pcm;
        while !rest.is_empty() {
            let piece;
            (piece, rest) = rest.split_at(rest.len().min(self.frame.len() - self.content.len()));
            let start = self.content.len();
            let target = &mut self.frame[start..start + piece.len()];
            target.copy_from_slice(piece);
            self.concealer.receive(target);
            self.content.received += piece.len();
            self.content.is_late |= is_late;
            self.step(piece.len(), sink);
        }
    }

    /// Moves the head over samples put into the frame, and emits the frame when it is full.
    fn step(&mut self, samples: usize, sink: &mut impl FnMut(MediaFrame<'_>)) {
        self.head += samples as u64;
        let content = self.content;
        if content.len() < self.frame.len() {
            return;
        }
        if content.received == content.len() {
            self.concealer.learn_background(&self.frame);
        }
        let origin = content.origin();
        match origin {
            FrameOrigin::Received => self.stats.received_frames += 1,
            FrameOrigin::Concealed => self.stats.concealed_frames += 1,
            FrameOrigin::ComfortNoise => self.stats.comfort_noise_frames += 1,
        }
        self.stats.late_frames += u64::from(content.is_late);
        self.content = FrameContent::default();
        let time = self.media_time(self.head - self.frame.len() as u64);
        sink(MediaFrame { time, origin, is_late: content.is_late, samples: &self.frame });
    }

    fn to_frame_end(&self) -> u64 {
        (self.frame.len() - self.content.len()) as u64
    }

    fn media_time(&self, sample: u64) -> MediaTime {
        let timestamp = self.origin.unwrap_or_default() + self.duration_of(sample);
        MediaTime { sample, timestamp }
    }

    fn duration_of(&self, samples: u64) -> Duration {
        Duration::from_micros(samples.saturating_mul(1_000_000) / u64::from(self.rate.hz()))
    }

    fn samples_in(&self, span: Duration) -> u64 {
        let samples = span.as_micros().saturating_mul(u128::from(self.rate.hz())) / 1_000_000;
        u64::try_from(samples).unwrap_or(u64::MAX)
    }
}

/// How long after a packet was due a DTX stream is taken to be silent. Shorter puts noise into
/// speech whenever the network hesitates; longer delays every end of turn on such carriers by as
/// much.
const GRACE: Duration = Duration::from_millis(60);

/// The part of a pause by which media time that is ahead waits for the carrier's. A larger share
/// gets in step sooner but makes the silence that ends a turn longer.
const REPAYMENT: u64 = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::speech_like::{Recorded, hiss, vowel};
    use super::*;
    use FrameOrigin::{ComfortNoise, Concealed, Received};

    const RATE: SampleRate = SampleRate::HZ_8000;

    #[test]
    fn an_hour_of_rounded_timestamps_is_an_hour_of_received_frames() {
        // 22.5 ms of audio a packet, stamped in whole milliseconds: each stamp is up to 1 ms off.
        let mut line = Line::new(StreamKind::Continuous);
        for i in 0..160_000_u64 {
            line.hear_at(i * 45 / 2, Some(CarrierTime::Millis(i * 45 / 2)), 180);
        }
        let stats = line.timeline.stats();
        assert_eq!(stats.received_frames, 180_000);
        assert_eq!((stats.concealed_frames, stats.comfort_noise_frames, stats.resyncs), (0, 0, 0));
        let end = line.timeline.position();
        assert_eq!(end.timestamp, Timestamp::from_millis(3_600_000));
    }

    #[test]
    fn packets_of_any_size_become_frames_of_20_ms_sample_for_sample() {
        let voice = vowel(8_000, 130.0, 16_000);
        for size in [1, 79, 80, 160, 240, 800, 1_601] {
            let mut timeline = MediaTimeline::new(RATE, StreamKind::Continuous, 1);
            let mut heard = Recorded::default();
            for (i, packet) in voice.chunks(size).enumerate() {
                let arrival = Timestamp::from_micros((i * size) as u64 * 125);
                timeline.handle_audio(arrival, None, packet, |frame| heard.push(frame, 160));
            }
            assert_eq!(heard.samples, voice, "{size}");
            assert_eq!(heard.count(Received), 100);
        }
    }

    #[test]
    fn a_forward_gap_is_concealed_for_60_ms_and_noise_beyond() {
        let mut line = Line::new(StreamKind::Continuous);
        line.hear_for(1_000, 0, 0);
        line.hear_at(1_200, Some(CarrierTime::Millis(1_200)), 160);
        assert_eq!(line.heard.count(Concealed), 3);
        assert_eq!(line.heard.count(ComfortNoise), 7);
        assert_eq!(line.heard.origins[50..53], [Concealed; 3]);
        assert_eq!(line.heard.origins.len(), 61);
        assert_eq!(line.timeline.stats().resyncs, 0);
    }

    #[test]
    fn one_lost_frame_is_seen_at_once_through_timestamps_that_are_a_millisecond_off() {
        let mut line = Line::new(StreamKind::Continuous);
        for i in (0..50_u64).filter(|i| i % 10 != 4) {
            line.hear_at(i * 20, Some(CarrierTime::Millis(i * 20 + (i + 1) % 2)), 160);
        }
        for (i, &origin) in line.heard.origins.iter().enumerate() {
            assert_eq!(origin, if i % 10 == 4 { Concealed } else { Received }, "frame {i}");
        }
        // The first stamp was 1 ms too high, so the stream is 1 ms short.
        assert_eq!(line.timeline.position().sample, 8_000 - 8);
    }

    #[test]
    fn a_stall_costs_no_media_time_and_the_burst_after_it_is_late() {
        let mut line = Line::new(StreamKind::Continuous);
        line.hear_for(1_000, 0, 0);
        line.timeline.advance(Timestamp::from_millis(2_900), |_| panic!("media time in a stall"));
        assert_eq!(line.timeline.deadline(), None);
        let stalled = line.timeline.since_last_packet(Timestamp::from_millis(2_980));
        assert_eq!(stalled, Duration::from_secs(2));
        for i in 50..150 {
            line.hear_at(3_000, Some(CarrierTime::Millis(i * 20)), 160);
        }
        line.hear_for(1_000, 3_000, 3_000);
        assert_eq!(line.heard.count(Received), 200);
        assert_eq!(line.heard.origins.len(), 200);
        // The last 100 ms of the burst are no later than a healthy path may be.
        let late = line.heard.late.iter().filter(|&&late| late).count();
        assert!((93..=96).contains(&late) && line.heard.late[50..143].iter().all(|&late| late));
        assert!(line.heard.late[150..].iter().all(|late| !late));
    }

    #[test]
    fn audio_lost_during_a_stall_leaves_its_gap_and_no_more() {
        let mut line = Line::new(StreamKind::Continuous);
        line.hear_for(1_000, 0, 0);
        for i in (50..150).filter(|i| !(80..100).contains(i)) {
            line.hear_at(3_000, Some(CarrierTime::Millis(i * 20)), 160);
        }
        assert_eq!(line.heard.origins.len(), 150);
        assert_eq!(line.heard.count(Concealed) + line.heard.count(ComfortNoise), 20);
    }

    #[test]
    fn an_absurd_jump_is_counted_and_adds_nothing() {
        for jump in [3_600_000_u64, 15_000, 900] {
            let mut line = Line::new(StreamKind::Continuous);
            line.hear_for(2_000, 0, 0);
            line.hear_for(2_000, 2_000, 2_000 + jump);
            assert_eq!((line.heard.count(Received), line.heard.origins.len()), (200, 200));
            assert_eq!(line.timeline.stats().resyncs, 1);
            // And back: from there on the new clock is the one that counts.
            line.hear_at(4_100, Some(CarrierTime::Millis(4_100 + jump)), 160);
            assert_eq!(line.heard.origins.len(), 206);
            line.hear_for(1_000, 4_120, 0);
            assert_eq!(line.heard.origins.len(), 256);
            assert_eq!(line.timeline.stats().resyncs, 2);
        }
    }

    #[test]
    fn a_gap_of_more_than_10_s_is_not_filled() {
        let mut line = Line::new(StreamKind::Continuous);
        line.hear_for(1_000, 0, 0);
        line.hear_for(1_000, 31_000, 31_000);
        assert_eq!((line.heard.origins.len(), line.timeline.stats().resyncs), (100, 1));
        assert!(line.heard.late.iter().all(|late| !late));
    }

    #[test]
    fn clocks_that_mean_nothing_change_nothing() {
        type Clock = fn(u64) -> u64;
        let clocks: [(&str, Clock); 6] = [
            ("constant", |_| 0),
            ("largest", |_| u64::MAX),
            ("running backwards", |i| 1_000_000 - i * 20),
            ("five times too fast", |i| i * 100),
            ("samples taken for milliseconds", |i| i * 160),
            ("random", |i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40),
        ];
        for (name, clock) in clocks {
            let mut line = Line::new(StreamKind::Continuous);
            for i in 0..3_000 {
                line.hear_at(i * 20, Some(CarrierTime::Millis(clock(i))), 160);
            }
            let made_up = line.heard.origins.len() - 3_000;
            assert!(made_up <= 25, "{name}: {made_up} frames, 500 ms taken on trust");
            assert!(line.timeline.stats().resyncs <= 8, "{name}");
        }
    }

    #[test]
    fn a_steps_of_five_clock_as_in_telnyx_examples_does_no_harm() {
        let mut line = Line::new(StreamKind::Continuous);
        for i in 0..500 {
            line.hear_at(i * 20, Some(CarrierTime::Millis(i * 5)), 160);
        }
        assert_eq!((line.heard.count(Received), line.heard.origins.len()), (500, 500));
    }

    #[test]
    fn a_dtx_pause_is_comfort_noise_as_time_passes() {
        let mut line = Line::new(StreamKind::Dtx);
        line.hear_for(1_000, 0, 0);
        // The packet after the one at 980 ms was due at 1,000; with 60 ms of grace the first frame
        // goes out at 1,060.
        assert_eq!(line.timeline.deadline(), Some(Timestamp::from_micros(1_060_001)));
        line.pass_until(980, 1_059);
        assert_eq!(line.heard.count(ComfortNoise), 0);
        line.pass_until(1_060, 1_999);
        assert_eq!(line.heard.count(ComfortNoise), 47);
        line.hear_for(1_000, 2_000, 2_000);
        assert_eq!(line.heard.count(ComfortNoise), 50);
        assert_eq!(line.heard.count(Concealed), 0);
        assert_eq!(line.timeline.position().timestamp, Timestamp::from_millis(3_000));
        assert_eq!(line.timeline.stats().late_frames, 0);
    }

    #[test]
    fn a_dtx_pause_without_timestamps_lasts_as_long_as_it_lasted() {
        for calls_advance in [true, false] {
            let mut line = Line::new(StreamKind::Dtx);
            for i in (0..150).filter(|i| !(50..100).contains(i)) {
                if calls_advance {
                    line.pass_until(i * 20, i * 20);
                }
                line.hear_at(i * 20, None, 160);
            }
            assert_eq!(line.heard.origins.len(), 150, "{calls_advance}");
            assert_eq!(line.heard.count(ComfortNoise), 50);
        }
    }

    #[test]
    fn late_audio_on_a_dtx_stream_follows_the_noise_and_no_word_is_lost() {
        let mut line = Line::new(StreamKind::Dtx);
        line.hear_for(1_000, 0, 0);
        line.pass_until(980, 1_980);
        let noise = line.heard.count(ComfortNoise);
        assert_eq!(noise, 47);
        for i in 50..100 {
            line.hear_at(1_980, Some(CarrierTime::Millis(i * 20)), 160);
        }
        assert_eq!((line.heard.count(Received), line.heard.origins.len()), (100, 147));
        assert!(line.heard.late[97]);
        // Media time is 940 ms ahead; pauses that are an eighth shorter bring it back.
        line.pass_until(1_980, 11_980);
        line.hear_for(1_000, 12_000, 12_000);
        assert_eq!(line.heard.count(Received), 150);
        let ahead =
            line.timeline.position().timestamp.saturating_since(Timestamp::from_millis(13_000));
        assert_eq!(ahead, Duration::ZERO);
    }

    #[test]
    fn a_caller_who_has_not_spoken_on_a_dtx_stream_is_silent() {
        let mut line = Line::new(StreamKind::Dtx);
        line.timeline.start(Timestamp::from_millis(500));
        line.pass_until(500, 1_560);
        assert_eq!(line.heard.count(ComfortNoise), 50);
        line.hear_at(1_600, Some(CarrierTime::Millis(77)), 160);
        assert_eq!(line.heard.count(Received), 1);
    }

    #[test]
    fn a_known_loss_on_a_dtx_stream_is_concealed() {
        let mut line = Line::new(StreamKind::Dtx);
        line.hear_for(1_000, 0, 0);
        line.timeline.handle_lost(1);
        line.hear_for(1_000, 1_020, 1_020);
        assert_eq!(line.heard.count(Concealed), 1);
    }

    #[test]
    fn lost_packets_without_timestamps_count_as_long_as_the_last_one() {
        let mut line = Line::new(StreamKind::Continuous);
        line.hear_at(0, None, 240);
        line.timeline.handle_lost(2);
        line.hear_at(90, None, 240);
        assert_eq!(line.timeline.position().sample, 4 * 240);
        line.timeline.handle_lost(u64::MAX);
        line.hear_at(120, None, 240);
        assert_eq!(line.timeline.position().sample, 5 * 240, "an absurd count adds nothing");
    }

    #[test]
    fn concealment_by_the_decoder_takes_the_place_of_our_own() {
        let mut line = Line::new(StreamKind::Continuous);
        line.hear_for(1_000, 0, 0);
        let next = CarrierTime::Millis(1_040);
        assert_eq!(line.timeline.missing_before(next), 320);
        let made = hiss(100.0, 320, 3);
        let heard = &mut line.heard;
        line.timeline.handle_concealed(&made, |frame| heard.push(frame, 160));
        assert_eq!(line.timeline.missing_before(next), 0);
        line.hear_at(1_040, Some(next), 160);
        assert_eq!(line.heard.samples[8_000..8_320], made);
        assert_eq!(line.heard.origins[50..], [Concealed, Concealed, Received]);
    }

    #[test]
    fn a_reset_timeline_is_a_new_one() {
        let mut line = Line::new(StreamKind::Dtx);
        line.hear_for(1_010, 0, 70_000);
        line.pass_until(1_010, 3_000);
        line.timeline.reset();
        line.heard = Recorded::default();
        let mut fresh = Line::new(StreamKind::Dtx);
        for line in [&mut line, &mut fresh] {
            line.hear_for(500, 100, 0);
            line.pass_until(600, 1_000);
        }
        assert_eq!(line.heard.samples, fresh.heard.samples);
        assert_eq!(line.timeline.stats(), fresh.timeline.stats());
    }

    #[test]
    fn processing_does_not_allocate_and_new_takes_less_than_8_kib() {
        let mut timeline = None;
        let built = allocation_counter::measure(|| {
            timeline = Some(MediaTimeline::new(RATE, StreamKind::Dtx, 1));
        });
        assert!(built.bytes_total < 8_192, "{} bytes", built.bytes_total);
        let mut timeline = timeline.unwrap();
        let voice = vowel(8_000, 130.0, 1_600);
        let running = allocation_counter::measure(|| {
            for i in 0..3_000_u64 {
                let now = Timestamp::from_millis(i * 20);
                timeline.advance(now, |_| ());
                if i % 50 < 40 && i % 13 != 0 {
                    let packet = &voice[(i as usize % 10) * 160..][..160];
                    timeline.handle_audio(now, Some(CarrierTime::Millis(i * 20)), packet, |_| ());
                }
            }
        });
        assert_eq!(running.count_total, 0);
        let stats = timeline.stats();
        assert!(stats.received_frames > 2_000 && stats.comfort_noise_frames > 500);
    }

    proptest! {
        #[test]
        fn a_deadline_is_when_the_next_frame_goes_out(
            packet in 1_usize..2_000,
            stall in 0_u64..3_000,
            steps in 1_usize..40,
        ) {
            let mut line = Line::new(StreamKind::Dtx);
            line.hear_at(0, Some(CarrierTime::Millis(0)), packet);
            line.pass_until(stall, stall);
            line.hear_at(stall, Some(CarrierTime::Millis(packet as u64 / 8)), packet);
            for _ in 0..steps {
                let deadline = line.timeline.deadline().unwrap();
                let mut frames = 0;
                line.timeline.advance(deadline - Duration::from_millis(1), |_| frames += 1);
                prop_assert_eq!(frames, 0);
                line.timeline.advance(deadline, |_| frames += 1);
                prop_assert!(frames >= 1);
            }
        }
    }

    /// A timeline, the voice on its line and what came out.
    struct Line {
        timeline: MediaTimeline,
        heard: Recorded,
        voice: Vec<i16>,
    }

    impl Line {
        fn new(kind: StreamKind) -> Self {
            Self {
                timeline: MediaTimeline::new(RATE, kind, 1),
                heard: Recorded::default(),
                voice: vowel(8_000, 130.0, 4_000),
            }
        }

        fn hear_at(&mut self, arrival_ms: u64, time: Option<CarrierTime>, samples: usize) {
            let (timeline, heard) = (&mut self.timeline, &mut self.heard);
            timeline.handle_audio(
                Timestamp::from_millis(arrival_ms),
                time,
                &self.voice[..samples],
                |frame| heard.push(frame, 160),
            );
        }

        /// Packets of 20 ms at their pace, stamped in milliseconds from `stamp_ms`.
        fn hear_for(&mut self, span_ms: u64, arrival_ms: u64, stamp_ms: u64) {
            for at in (0..span_ms).step_by(20) {
                self.hear_at(arrival_ms + at, Some(CarrierTime::Millis(stamp_ms + at)), 160);
            }
        }

        /// Lets time pass in steps of 20 ms.
        fn pass_until(&mut self, from_ms: u64, to_ms: u64) {
            let heard = &mut self.heard;
            for now in (from_ms..to_ms).step_by(20).chain([to_ms]) {
                self.timeline.advance(Timestamp::from_millis(now), |frame| heard.push(frame, 160));
            }
        }
    }
}

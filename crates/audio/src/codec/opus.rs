//! Opus (RFC 6716), by libopus.
//!
//! Mono. libopus keeps all state in one block made by `new` and works on the stack, so a frame
//! costs no allocation. Its floating-point paths are chosen by CPU: the same packets give the same
//! samples on the same kind of machine, not on every one.
//!
//! Bound by audiopus 0.3.0-rc.0, the release that finds the system's libopus by pkg-config on every
//! platform; 0.2.0 calls the same functions through bindings that cannot be cross-compiled.

use audiopus::coder::{Decoder as LibDecoder, Encoder as LibEncoder, GenericCtl};
use audiopus::packet::{self, Packet};
use audiopus::{Application, Bitrate, Channels, MutSignals};
use offhook_types::SampleRate;

use super::{DecodeError, EncodeError, SetupError};

/// How the encoder spends bits and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusConfig {
    /// Target of the variable bitrate in bit/s, 6,000 to 510,000. Default 24,000, wide-band speech
    /// at 20 ms (RFC 7587 §3.1.1 puts its sweet spot at 16 to 20 kbit/s). Lower narrows the band
    /// and roughens the voice; higher buys nothing for speech and costs bandwidth.
    pub bitrate_bps: u32,
    /// Effort, 0 to 10. Default 5, which takes 0.17 ms of an EPYC core for a frame of 20 ms at 16
    /// kHz; 0 takes 0.07 ms, 3 takes 0.13 ms, 8 and more 0.34 ms. Less is heard as roughness at low
    /// bitrates; more is not heard over a telephone, and takes the core from other calls.
    pub complexity: u8,
    /// Whether silence is sent as packets of at most two bytes, which need not be sent at all.
    /// Default false: most carriers' media streams take a missing frame for a stall.
    pub uses_dtx: bool,
    /// Share of packets that the network loses, 0 to 100. Default 0, as media over WebSocket loses
    /// none. Above 0 each packet carries a coarse copy of the one before it (in-band FEC), which
    /// takes its bits from the voice.
    pub loss_percent: u8,
}

/// Packets to samples.
#[derive(Debug)]
pub(super) struct Decoder {
    inner: LibDecoder,
    sample_rate: audiopus::SampleRate,
}

/// Frames of 20 ms to packets.
#[derive(Debug)]
pub(super) struct Encoder {
    inner: LibEncoder,
    frame_samples: usize,
    delay_samples: usize,
}

/// The longest frame is 1275 bytes (RFC 6716 §3.2.1), after the one that says what follows.
pub(super) const PACKET_BYTES_MAX: usize = 1_276;

impl Default for OpusConfig {
    fn default() -> Self {
        Self { bitrate_bps: 24_000, complexity: 5, uses_dtx: false, loss_percent: 0 }
    }
}

impl Decoder {
    pub(super) fn new(sample_rate: SampleRate) -> Result<Self, SetupError> {
        let sample_rate = lib_rate(sample_rate)?;
        Ok(Self { inner: LibDecoder::new(sample_rate, Channels::Mono)?, sample_rate })
    }

    pub(super) fn reset(&mut self) {
        self.inner.reset_state().expect("a reset takes no argument that libopus could refuse");
    }

    /// Samples in `payload`, at most 120 ms of them, from its header alone (RFC 6716 §3.1, §3.2).
    pub(super) fn samples_in(&self, payload: &[u8]) -> Result<usize, DecodeError> {
        let packet = Packet::try_from(payload).map_err(|_| DecodeError::MalformedPacket)?;
        packet::nb_samples(packet, self.sample_rate).map_err(|_| DecodeError::MalformedPacket)
    }

    pub(super) fn decode(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<usize, DecodeError> {
        let samples = self.samples_in(payload)?;
        let available = pcm.len();
        let pcm = pcm
            .get_mut(..samples)
            .ok_or(DecodeError::OutputTooSmall { needed: samples, available })?;
        self.decode_packet(Some(payload), pcm, false)
    }

    /// Stands in for lost audio: from the copy in `next`, the packet after the loss, where it has
    /// one, else by extrapolating. Fills `pcm` but for what is over a multiple of 2.5 ms or 120 ms:
    /// libopus reserves stack for all it is asked to conceal.
    pub(super) fn decode_lost(&mut self, next: Option<&[u8]>, pcm: &mut [i16]) -> usize {
        let unit = self.sample_rate as usize / 400;
        let samples = (pcm.len() / unit).min(CONCEALED_UNITS_MAX) * unit;
        let pcm = &mut pcm[..samples];
        if pcm.is_empty() {
            return 0;
        }
        if next.is_some_and(|payload| self.decode_packet(Some(payload), pcm, true).is_ok()) {
            return samples;
        }
        self.decode_packet(None, pcm, false).unwrap_or_else(|_| {
            pcm.fill(0);
            samples
        })
    }

    fn decode_packet(
        &mut self,
        payload: Option<&[u8]>,
        pcm: &mut [i16],
        is_copy_wanted: bool,
    ) -> Result<usize, DecodeError> {
        let malformed = |_| DecodeError::MalformedPacket;
        let packet = payload.map(Packet::try_from).transpose().map_err(malformed)?;
        let output = MutSignals::try_from(pcm).map_err(malformed)?;
        self.inner.decode(packet, output, is_copy_wanted).map_err(malformed)
    }
}

impl Encoder {
    pub(super) fn new(sample_rate: SampleRate, config: &OpusConfig) -> Result<Self, SetupError> {
        let mut inner = LibEncoder::new(lib_rate(sample_rate)?, Channels::Mono, Application::Voip)?;
        let bitrate_bps = match config.bitrate_bps {
            bps @ 6_000..=510_000 => bps.cast_signed(),
            bps => return Err(SetupError::OpusBitrate(bps)),
        };
        if config.complexity > 10 {
            return Err(SetupError::OpusComplexity(config.complexity));
        }
        if config.loss_percent > 100 {
            return Err(SetupError::OpusLossPercent(config.loss_percent));
        }
        inner.set_bitrate(Bitrate::BitsPerSecond(bitrate_bps))?;
        inner.set_complexity(config.complexity)?;
        inner.set_dtx(config.uses_dtx)?;
        inner.set_inband_fec(config.loss_percent > 0)?;
        inner.set_packet_loss_perc(config.loss_percent)?;
        let delay_samples = inner.lookahead()? as usize;
        Ok(Self { inner, frame_samples: sample_rate.frame_samples(), delay_samples })
    }

    pub(super) fn reset(&mut self) {
        self.inner.reset_state().expect("a reset takes no argument that libopus could refuse");
    }

    pub(super) fn delay_samples(&self) -> usize {
        self.delay_samples
    }

    /// Encodes one frame of 20 ms into a packet; `bytes` must hold [`PACKET_BYTES_MAX`].
    pub(super) fn encode(&mut self, pcm: &[i16], bytes: &mut [u8]) -> Result<usize, EncodeError> {
        if pcm.len() != self.frame_samples {
            return Err(EncodeError::FrameLength {
                samples: pcm.len(),
                expected: self.frame_samples,
            });
        }
        // libopus reads a longer buffer as leave to spend more bits.
        self.inner.encode(pcm, &mut bytes[..PACKET_BYTES_MAX]).map_err(EncodeError::Opus)
    }
}

/// 120 ms in units of 2.5 ms: the longest packet there is (RFC 6716 §3.2.5, R5).
const CONCEALED_UNITS_MAX: usize = 48;

fn lib_rate(sample_rate: SampleRate) -> Result<audiopus::SampleRate, audiopus::Error> {
    audiopus::SampleRate::try_from(sample_rate.hz().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::super::test_signal::{snr_db, voice};
    use super::*;

    const FRAME: usize = 320;

    /// Packets of `voice` at 16 kHz.
    fn packets(config: &OpusConfig, frames: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(SampleRate::HZ_16000, config).unwrap();
        let mut bytes = [0; PACKET_BYTES_MAX];
        voice(FRAME * frames)
            .chunks_exact(FRAME)
            .map(|frame| {
                let length = encoder.encode(frame, &mut bytes).unwrap();
                bytes[..length].to_vec()
            })
            .collect()
    }

    fn decoder() -> Decoder {
        Decoder::new(SampleRate::HZ_16000).unwrap()
    }

    /// How well frame 40 is reconstructed, against decoding it, when its packet is lost.
    fn concealment_db(config: &OpusConfig, is_next_there: bool) -> f64 {
        let packets = packets(config, 42);
        let (mut whole, mut lossy) = (decoder(), decoder());
        let (mut expected, mut concealed) = ([0; FRAME], [0; FRAME]);
        for packet in &packets[..40] {
            whole.decode(packet, &mut expected).unwrap();
            lossy.decode(packet, &mut concealed).unwrap();
        }
        whole.decode(&packets[40], &mut expected).unwrap();
        let next = is_next_there.then_some(packets[41].as_slice());
        assert_eq!(lossy.decode_lost(next, &mut concealed), FRAME);
        snr_db(&expected, &concealed)
    }

    #[test]
    fn a_lost_packet_is_concealed_and_its_copy_is_better() {
        let with_copy = OpusConfig { loss_percent: 20, ..OpusConfig::default() };
        let extrapolated = concealment_db(&with_copy, false);
        let copied = concealment_db(&with_copy, true);
        // Measured: 1.9 dB and 14.0 dB; silence in its place would be 0 dB.
        assert!(extrapolated > 1.0, "{extrapolated:.1} dB");
        assert!(copied > extrapolated + 6.0, "{copied:.1} against {extrapolated:.1} dB");
    }

    #[test]
    fn concealment_is_bounded_by_the_longest_packet() {
        let mut decoder = decoder();
        decoder.decode(&packets(&OpusConfig::default(), 1)[0], &mut [0; FRAME]).unwrap();
        // 120 ms at 16 kHz are 1920 samples, 2.5 ms are 40.
        for (room, written) in [(0, 0), (39, 0), (40, 40), (79, 40), (320, 320), (500_000, 1_920)] {
            assert_eq!(decoder.decode_lost(None, &mut vec![0; room]), written, "{room}");
        }
    }

    #[test]
    fn a_malformed_next_packet_still_conceals() {
        let mut decoder = decoder();
        let mut pcm = [0; FRAME];
        for next in [&[][..], &[0xFF], &[0x03, 0x00], &[0x0B; 3]] {
            assert_eq!(decoder.decode_lost(Some(next), &mut pcm), FRAME, "{next:?}");
        }
    }

    #[test]
    fn a_payload_that_is_no_packet_is_refused_and_the_next_decodes() {
        let mut decoder = decoder();
        let mut pcm = [0; 1_920];
        // RFC 6716 §3.4: R1 no empty packet; code 3 needs a count byte, and R5 forbids more than
        // 120 ms.
        for bytes in [&[][..], &[0x03], &[0x03, 0x00], &[0x1B, 0x3F]] {
            assert_eq!(decoder.decode(bytes, &mut pcm), Err(DecodeError::MalformedPacket));
        }
        assert_eq!(decoder.decode(&packets(&OpusConfig::default(), 1)[0], &mut pcm), Ok(FRAME));
    }

    #[test]
    fn a_packet_is_decoded_whole_or_not_at_all() {
        let packet = &packets(&OpusConfig::default(), 1)[0];
        let error = DecodeError::OutputTooSmall { needed: FRAME, available: FRAME - 1 };
        assert_eq!(decoder().decode(packet, &mut [0; FRAME - 1]), Err(error));
        // Configuration 3 is 60 ms of SILK, code 1 two such frames: 120 ms of nothing, the longest
        // packet.
        assert_eq!(decoder().decode(&[0x19], &mut [0; 1_920]), Ok(1_920));
        let error = DecodeError::OutputTooSmall { needed: 1_920, available: 1_919 };
        assert_eq!(decoder().decode(&[0x19], &mut [0; 1_919]), Err(error));
    }

    #[test]
    fn silence_needs_no_packets_with_dtx() {
        let config = OpusConfig { uses_dtx: true, ..OpusConfig::default() };
        let mut encoder = Encoder::new(SampleRate::HZ_16000, &config).unwrap();
        let mut bytes = [0; PACKET_BYTES_MAX];
        let small =
            (0..100).filter(|_| encoder.encode(&[0; FRAME], &mut bytes).unwrap() <= 2).count();
        // After 200 ms of silence one packet in 20 (400 ms) is sent to keep the noise up.
        assert!(small >= 80, "{small} of 100");
    }

    #[test]
    fn the_bitrate_bounds_what_speech_takes() {
        for bitrate_bps in [12_000, 24_000, 48_000] {
            let config = OpusConfig { bitrate_bps, ..OpusConfig::default() };
            let bytes: usize = packets(&config, 200).iter().map(Vec::len).sum();
            let measured = bytes as f64 * 8.0 / 4.0;
            // Variable: an even voice takes two thirds of it, and nothing takes much more.
            let share = measured / f64::from(bitrate_bps);
            assert!((0.4..=1.1).contains(&share), "{bitrate_bps}: {measured}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused_by_name() {
        let refused = |config| Encoder::new(SampleRate::HZ_16000, &config).unwrap_err();
        let default = OpusConfig::default();
        let error = refused(OpusConfig { bitrate_bps: 5_999, ..default });
        assert_eq!(error, SetupError::OpusBitrate(5_999));
        let error = refused(OpusConfig { complexity: 11, ..default });
        assert_eq!(error, SetupError::OpusComplexity(11));
        let error = refused(OpusConfig { loss_percent: 101, ..default });
        assert_eq!(error, SetupError::OpusLossPercent(101));
    }

    #[test]
    fn only_whole_frames_are_encoded() {
        let mut encoder = Encoder::new(SampleRate::HZ_16000, &OpusConfig::default()).unwrap();
        for samples in [0, 160, 319, 321, 640] {
            let error = EncodeError::FrameLength { samples, expected: FRAME };
            assert_eq!(encoder.encode(&vec![0; samples], &mut [0; PACKET_BYTES_MAX]), Err(error));
        }
    }
}

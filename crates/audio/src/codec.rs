//! Between a call's bytes and its samples: one decoder and one encoder for every codec a carrier or
//! provider speaks.
//!
//! Input from the wire is never trusted and never fatal: what cannot be decoded is counted in
//! [`Decoded::ignored_bytes`] or refused with a [`DecodeError`], and the next payload decodes as if
//! it had not been there. Payloads of G.722 and Opus must come in order ([`Codec::is_stateful`]).
//!
//! Left out: stereo. Carriers that send two tracks interleave them per message or per channel,
//! which their dialect undoes; an Opus packet in stereo is mixed down.

mod byte_order;
mod g711;
mod g722;
mod l16;
mod opus;
#[cfg(test)]
mod test_signal;

use offhook_types::{Codec, CodecFormat};

pub use byte_order::ByteOrderDetector;
pub use g722::G722Mode;
pub use l16::ByteOrder;
pub use opus::OpusConfig;

/// Turns payloads of one stream into samples.
#[derive(Debug)]
pub struct Decoder {
    format: CodecFormat,
    state: DecoderState,
}

/// Turns samples of one stream into payloads.
#[derive(Debug)]
pub struct Encoder {
    format: CodecFormat,
    state: EncoderState,
}

/// What came out of one payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Samples written, from the start of the slice.
    pub samples: usize,
    /// Bytes of the payload that were not decoded: the half sample at the end of an odd payload of
    /// 16-bit audio, and whatever was longer than the slice has room for.
    pub ignored_bytes: usize,
}

/// An encoder or decoder that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Outside 6,000 to 510,000 bit/s.
    #[error("opus bitrate {0} bit/s is outside 6000 to 510000")]
    OpusBitrate(u32),
    /// Above 10.
    #[error("opus complexity {0} is above 10")]
    OpusComplexity(u8),
    /// Above 100.
    #[error("opus loss {0} % is above 100")]
    OpusLossPercent(u8),
    /// libopus refused, or had no memory.
    #[error("libopus could not be set up")]
    Opus(#[from] audiopus::Error),
}

/// A payload that gives no samples. The decoder goes on with the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not a packet of this codec.
    #[error("packet is malformed")]
    MalformedPacket,
    /// A packet decodes whole or not at all, and the slice is too short for it.
    #[error("packet holds {needed} samples, there is room for {available}")]
    OutputTooSmall {
        /// Samples in the packet.
        needed: usize,
        /// Length of the slice.
        available: usize,
    },
}

/// Samples that were not encoded. The encoder's state is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Opus packets are made of frames of 20 ms, G.722 octets of two samples.
    #[error("{samples} samples cannot be encoded at once, {expected} or a multiple can")]
    FrameLength {
        /// Samples given.
        samples: usize,
        /// Samples that would do.
        expected: usize,
    },
    /// The slice is shorter than [`Encoder::max_encoded_bytes`].
    #[error("{needed} bytes are needed, there is room for {available}")]
    OutputTooSmall {
        /// Bytes that may be needed.
        needed: usize,
        /// Length of the slice.
        available: usize,
    },
    /// libopus failed on a frame, which it has no reason to.
    #[error("libopus could not encode a frame")]
    Opus(#[source] audiopus::Error),
}

#[derive(Debug)]
enum DecoderState {
    Ulaw,
    Alaw,
    L16(ByteOrder),
    G722(Box<g722::Decoder>),
    Opus(opus::Decoder),
}

#[derive(Debug)]
enum EncoderState {
    Ulaw,
    Alaw,
    L16(ByteOrder),
    G722(Box<g722::Encoder>),
    Opus(opus::Encoder),
}

impl Decoder {
    /// A decoder for a new stream. G.722 is decoded in mode 1.
    ///
    /// # Errors
    /// [`SetupError::Opus`] if libopus has no memory for another decoder; other codecs never fail.
    pub fn new(format: CodecFormat) -> Result<Self, SetupError> {
        let state = match format.codec() {
            Codec::Pcmu => DecoderState::Ulaw,
            Codec::Pcma => DecoderState::Alaw,
            Codec::L16Le => DecoderState::L16(ByteOrder::Little),
            Codec::L16Be => DecoderState::L16(ByteOrder::Big),
            Codec::G722 => return Ok(Self::with_g722_mode(G722Mode::Mode1)),
            Codec::Opus => DecoderState::Opus(opus::Decoder::new(format.sample_rate())?),
        };
        Ok(Self { format, state })
    }

    /// A decoder of G.722 in a mode that was agreed outside the stream.
    pub fn with_g722_mode(mode: G722Mode) -> Self {
        let state = DecoderState::G722(Box::new(g722::Decoder::new(mode)));
        Self { format: CodecFormat::G722, state }
    }

    /// What this decoder decodes.
    pub fn format(&self) -> CodecFormat {
        self.format
    }

    /// Samples that decoding `payload` would give, without decoding it.
    ///
    /// # Errors
    /// [`DecodeError::MalformedPacket`] for an Opus packet with an impossible header.
    pub fn samples_in(&self, payload: &[u8]) -> Result<usize, DecodeError> {
        match (self.format.samples_in_bytes(payload.len()), &self.state) {
            (Some(samples), _) => Ok(samples),
            (None, DecoderState::Opus(decoder)) => decoder.samples_in(payload),
            (None, _) => unreachable!("only Opus has packets of unknown length"),
        }
    }

    /// Decodes `payload` to the start of `pcm`. A payload longer than `pcm` is cut, except Opus.
    /// 120 ms hold any Opus packet.
    ///
    /// # Errors
    /// For Opus alone: [`DecodeError::MalformedPacket`] for bytes that are no packet, an empty
    /// payload included; [`DecodeError::OutputTooSmall`] if `pcm` cannot hold the whole packet.
    pub fn decode_into(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<Decoded, DecodeError> {
        let samples = match &mut self.state {
            DecoderState::Ulaw => g711::decode_ulaw(payload, pcm),
            DecoderState::Alaw => g711::decode_alaw(payload, pcm),
            DecoderState::L16(order) => l16::decode(*order, payload, pcm),
            DecoderState::G722(decoder) => decoder.decode(payload, pcm),
            DecoderState::Opus(decoder) => {
                return Ok(Decoded { samples: decoder.decode(payload, pcm)?, ignored_bytes: 0 });
            }
        };
        let used_bytes = max_encoded_bytes(self.format.codec(), samples);
        Ok(Decoded { samples, ignored_bytes: payload.len() - used_bytes })
    }

    /// Stands in for audio that was lost, in the decoder's own way, and returns how many samples it
    /// wrote: 0 for every codec but Opus, which has one. `next` is the packet after the loss if it
    /// is there already (it is decoded again afterwards, by [`Self::decode_into`]): with in-band
    /// FEC it holds a copy of the lost audio. Ask for exactly the lost duration, of which whole
    /// units of 2.5 ms up to 120 ms are written.
    pub fn decode_lost_into(&mut self, next: Option<&[u8]>, pcm: &mut [i16]) -> usize {
        match &mut self.state {
            DecoderState::Opus(decoder) => decoder.decode_lost(next, pcm),
            DecoderState::Ulaw
            | DecoderState::Alaw
            | DecoderState::L16(_)
            | DecoderState::G722(_) => 0,
        }
    }

    /// Forgets the stream so far: the next payload is the first of another.
    pub fn reset(&mut self) {
        match &mut self.state {
            DecoderState::Ulaw | DecoderState::Alaw | DecoderState::L16(_) => {}
            DecoderState::G722(decoder) => decoder.reset(),
            DecoderState::Opus(decoder) => decoder.reset(),
        }
    }
}

impl Encoder {
    /// An encoder for a new stream. `opus` matters to Opus alone.
    ///
    /// # Errors
    /// [`SetupError`] if `opus` is out of range or libopus has no memory for another encoder; other
    /// codecs never fail.
    pub fn new(format: CodecFormat, opus: &OpusConfig) -> Result<Self, SetupError> {
        let state = match format.codec() {
            Codec::Pcmu => EncoderState::Ulaw,
            Codec::Pcma => EncoderState::Alaw,
            Codec::L16Le => EncoderState::L16(ByteOrder::Little),
            Codec::L16Be => EncoderState::L16(ByteOrder::Big),
            Codec::G722 => EncoderState::G722(Box::new(g722::Encoder::new())),
            Codec::Opus => EncoderState::Opus(opus::Encoder::new(format.sample_rate(), opus)?),
        };
        Ok(Self { format, state })
    }

    /// What this encoder encodes to.
    pub fn format(&self) -> CodecFormat {
        self.format
    }

    /// Samples by which audio that was encoded and decoded lags the original.
    pub fn delay_samples(&self) -> usize {
        match &self.state {
            EncoderState::Ulaw | EncoderState::Alaw | EncoderState::L16(_) => 0,
            EncoderState::G722(_) => g722::DELAY_SAMPLES,
            EncoderState::Opus(encoder) => encoder.delay_samples(),
        }
    }

    /// The most bytes that encoding `samples` samples can take; all codecs but Opus take them all.
    pub fn max_encoded_bytes(&self, samples: usize) -> usize {
        max_encoded_bytes(self.format.codec(), samples)
    }

    /// Encodes all of `pcm` to the start of `bytes` and returns how many bytes it took. An Opus
    /// packet of at most two bytes is silence that need not be sent, if [`OpusConfig::uses_dtx`].
    ///
    /// # Errors
    /// [`EncodeError::FrameLength`] unless `pcm` is one frame of 20 ms for Opus, or even for G.722;
    /// [`EncodeError::OutputTooSmall`] if `bytes` is shorter than [`Self::max_encoded_bytes`].
    pub fn encode_into(&mut self, pcm: &[i16], bytes: &mut [u8]) -> Result<usize, EncodeError> {
        let (needed, available) = (self.max_encoded_bytes(pcm.len()), bytes.len());
        if needed > available {
            return Err(EncodeError::OutputTooSmall { needed, available });
        }
        match &mut self.state {
            EncoderState::Ulaw => g711::encode_ulaw(pcm, bytes),
            EncoderState::Alaw => g711::encode_alaw(pcm, bytes),
            EncoderState::L16(order) => l16::encode(*order, pcm, bytes),
            EncoderState::G722(encoder) => {
                if !pcm.len().is_multiple_of(2) {
                    return Err(EncodeError::FrameLength { samples: pcm.len(), expected: 2 });
                }
                encoder.encode(pcm, bytes);
            }
            EncoderState::Opus(encoder) => return encoder.encode(pcm, bytes),
        }
        Ok(needed)
    }

    /// Forgets the stream so far: the next samples are the first of another.
    pub fn reset(&mut self) {
        match &mut self.state {
            EncoderState::Ulaw | EncoderState::Alaw | EncoderState::L16(_) => {}
            EncoderState::G722(encoder) => encoder.reset(),
            EncoderState::Opus(encoder) => encoder.reset(),
        }
    }
}

fn max_encoded_bytes(codec: Codec, samples: usize) -> usize {
    match codec {
        Codec::Pcmu | Codec::Pcma => samples,
        Codec::L16Le | Codec::L16Be => samples * 2,
        Codec::G722 => samples / 2,
        Codec::Opus => opus::PACKET_BYTES_MAX,
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::SampleRate;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::test_signal::{best_lag, sine, snr_db, voice};
    use super::*;

    /// Every codec at every rate a carrier or provider uses it at.
    fn formats() -> Vec<CodecFormat> {
        let rates = [8_000, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
        let pairs = Codec::ALL.iter().flat_map(|&codec| rates.iter().map(move |&hz| (codec, hz)));
        pairs
            .filter_map(|(codec, hz)| CodecFormat::new(codec, SampleRate::new(hz).unwrap()).ok())
            .collect()
    }

    fn encoder(format: CodecFormat) -> Encoder {
        Encoder::new(format, &OpusConfig::default()).unwrap()
    }

    /// `pcm` encoded and decoded in frames of 20 ms.
    fn through(format: CodecFormat, pcm: &[i16]) -> Vec<i16> {
        let mut encoder = encoder(format);
        let mut decoder = Decoder::new(format).unwrap();
        let frame = format.sample_rate().frame_samples();
        let mut bytes = vec![0; encoder.max_encoded_bytes(frame)];
        let mut out = vec![0; pcm.len() / frame * frame];
        for (input, output) in pcm.chunks_exact(frame).zip(out.chunks_exact_mut(frame)) {
            let length = encoder.encode_into(input, &mut bytes).unwrap();
            let decoded = decoder.decode_into(&bytes[..length], output).unwrap();
            assert_eq!(decoded, Decoded { samples: frame, ignored_bytes: 0 }, "{format}");
        }
        out
    }

    #[test]
    fn twenty_milliseconds_stay_twenty_milliseconds_in_every_format() {
        assert_eq!(formats().len(), 1 + 1 + 8 + 8 + 1 + 5);
        for format in formats() {
            let frame = format.sample_rate().frame_samples();
            let mut encoder = encoder(format);
            let mut decoder = Decoder::new(format).unwrap();
            let mut bytes = vec![0; encoder.max_encoded_bytes(frame)];
            let mut pcm = vec![0; frame];
            for n in 0..50 {
                let input = sine(300.0 + 10.0 * f64::from(n), 8_000.0, format.sample_rate(), frame);
                let length = encoder.encode_into(&input, &mut bytes).unwrap();
                assert_eq!(decoder.samples_in(&bytes[..length]), Ok(frame), "{format}");
                let decoded = decoder.decode_into(&bytes[..length], &mut pcm).unwrap();
                assert_eq!(decoded, Decoded { samples: frame, ignored_bytes: 0 }, "{format}");
                if format.codec() != Codec::Opus {
                    assert_eq!(length, encoder.max_encoded_bytes(frame), "{format}");
                }
            }
        }
    }

    #[test]
    fn a_tone_at_minus_10_dbm0_keeps_the_signal_to_noise_ratio_of_its_codec() {
        // G.711: a sine of full load is +3.17 dBm0 in µ-law (peak 8159), +3.14 dBm0 in A-law
        // (4096).
        let ulaw_peak = 8_159.0 * 4.0 * 10_f64.powf(-13.17 / 20.0);
        let alaw_peak = 32_768.0 * 10_f64.powf(-13.14 / 20.0);
        // G.712 asks 33 dB of a whole channel from 0 to -30 dBm0; companding alone gives 37 to 38
        // dB. 1004 Hz, so that the samples are not always the same eight. Measured: µ-law 38.7 dB,
        // A-law 38.2 dB, G.722 40.8 dB, of which its filters' ripple is most.
        for (format, peak) in [(CodecFormat::PCMU, ulaw_peak), (CodecFormat::PCMA, alaw_peak)] {
            let tone = sine(1_004.0, peak, SampleRate::HZ_8000, 8_000);
            let ratio = snr_db(&tone, &through(format, &tone));
            assert!(ratio >= 37.0, "{format}: {ratio:.1} dB");
        }
        let tone = sine(1_004.0, alaw_peak, SampleRate::HZ_16000, 16_000);
        let (_, ratio) = best_lag(&tone, &through(CodecFormat::G722, &tone));
        assert!(ratio >= 38.0, "g722: {ratio:.1} dB");
        for codec in [Codec::L16Le, Codec::L16Be] {
            let format = CodecFormat::new(codec, SampleRate::HZ_16000).unwrap();
            let tone = voice(16_000);
            assert_eq!(through(format, &tone), tone);
        }
    }

    #[test]
    fn speech_comes_back_late_by_the_stated_delay_and_close_to_what_it_was() {
        // Measured: G.722 18.4 dB on this voice of two sharp resonances; Opus 8.4 to 11.5 dB. Opus
        // codes what is heard, not the waveform: its bound says only that this is the same voice at
        // the right time.
        let opus = |hz| CodecFormat::new(Codec::Opus, SampleRate::new(hz).unwrap()).unwrap();
        for (format, ratio_min) in [
            (CodecFormat::G722, 17.0),
            (opus(8_000), 6.0),
            (opus(12_000), 6.0),
            (opus(16_000), 6.0),
            (opus(24_000), 6.0),
            (opus(48_000), 6.0),
        ] {
            // The voice is made at 16 kHz; at another rate it is another, faster voice.
            let input = voice(16_000);
            let (lag, ratio) = best_lag(&input, &through(format, &input));
            assert!(lag.abs_diff(encoder(format).delay_samples()) <= 2, "{format}: {lag}");
            assert!(ratio >= ratio_min, "{format}: {ratio:.1} dB");
        }
    }

    #[test]
    fn a_payload_longer_than_the_slice_is_cut_and_counted() {
        for (codec, hz, bytes, samples, ignored_bytes) in [
            (Codec::Pcmu, 8_000, 200, 160, 40),
            (Codec::Pcma, 8_000, 161, 160, 1),
            (Codec::L16Le, 8_000, 321, 160, 1),
            (Codec::L16Be, 8_000, 330, 160, 10),
            (Codec::G722, 16_000, 81, 160, 1),
        ] {
            let format = CodecFormat::new(codec, SampleRate::new(hz).unwrap()).unwrap();
            let mut decoder = Decoder::new(format).unwrap();
            let decoded = decoder.decode_into(&vec![0x55; bytes], &mut [0; 160]).unwrap();
            assert_eq!(decoded, Decoded { samples, ignored_bytes }, "{format}");
        }
    }

    #[test]
    fn the_silence_byte_of_a_codec_decodes_to_its_smallest_value() {
        for format in formats() {
            let Some(byte) = format.codec().silence_byte() else { continue };
            let mut pcm = [1; 4];
            let decoded = Decoder::new(format).unwrap().decode_into(&[byte; 8], &mut pcm).unwrap();
            assert_eq!(decoded.samples, 4);
            let expected = if format.codec() == Codec::Pcma { 8 } else { 0 };
            assert_eq!(pcm, [expected; 4], "{format}");
        }
    }

    #[test]
    fn an_encoder_without_room_writes_nothing() {
        for format in formats() {
            let frame = format.sample_rate().frame_samples();
            let mut encoder = encoder(format);
            let needed = encoder.max_encoded_bytes(frame);
            let mut bytes = vec![0xA5; needed - 1];
            assert_eq!(
                encoder.encode_into(&vec![100; frame], &mut bytes),
                Err(EncodeError::OutputTooSmall { needed, available: needed - 1 })
            );
            assert!(bytes.iter().all(|&byte| byte == 0xA5), "{format}");
        }
    }

    #[test]
    fn half_an_octet_of_g722_is_refused() {
        let result = encoder(CodecFormat::G722).encode_into(&[0; 3], &mut [0; 8]);
        assert_eq!(result, Err(EncodeError::FrameLength { samples: 3, expected: 2 }));
    }

    #[test]
    fn after_a_reset_a_stream_starts_like_the_first() {
        for format in formats().into_iter().filter(|format| format.codec().is_stateful()) {
            let frame = format.sample_rate().frame_samples();
            let input = voice(frame * 10);
            let mut encoder = encoder(format);
            let mut decoder = Decoder::new(format).unwrap();
            let mut run = || {
                encoder.reset();
                decoder.reset();
                let mut bytes = vec![0; encoder.max_encoded_bytes(frame)];
                let mut pcm = vec![0; frame];
                let mut all = Vec::new();
                for chunk in input.chunks_exact(frame) {
                    let length = encoder.encode_into(chunk, &mut bytes).unwrap();
                    decoder.decode_into(&bytes[..length], &mut pcm).unwrap();
                    all.extend_from_slice(&pcm);
                }
                all
            };
            let first = run();
            assert_eq!(run(), first, "{format}");
        }
    }

    #[test]
    fn processing_does_not_allocate() {
        for format in formats() {
            let frame = format.sample_rate().frame_samples();
            let input = voice(frame * 8);
            let mut encoder = encoder(format);
            let mut decoder = Decoder::new(format).unwrap();
            let mut bytes = vec![0; encoder.max_encoded_bytes(frame)];
            let mut pcm = vec![0; frame];
            let counts = allocation_counter::measure(|| {
                for chunk in input.chunks_exact(frame).cycle().take(1_000) {
                    let length = encoder.encode_into(chunk, &mut bytes).unwrap();
                    decoder.decode_into(&bytes[..length], &mut pcm).unwrap();
                    decoder.decode_lost_into(None, &mut pcm);
                }
                decoder.reset();
                encoder.reset();
            });
            assert_eq!(counts.count_total, 0, "{format}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_bytes_in_any_pieces_decode_without_panic(
            payload in vec(any::<u8>(), 0..3_000),
            cuts in vec(0..3_000_usize, 0..8),
            room in 0..6_000_usize,
        ) {
            for format in formats() {
                let mut decoder = Decoder::new(format).unwrap();
                let mut pcm = vec![0; room];
                let mut start = 0;
                for cut in cuts.iter().copied().chain([payload.len()]) {
                    let end = cut.clamp(start, payload.len());
                    let piece = &payload[start..end];
                    if let Ok(decoded) = decoder.decode_into(piece, &mut pcm) {
                        prop_assert!(decoded.samples <= room);
                        prop_assert!(decoded.ignored_bytes <= piece.len());
                        let fits = decoder.samples_in(piece).unwrap().min(room);
                        let step = if format.codec() == Codec::G722 { 2 } else { 1 };
                        prop_assert_eq!(decoded.samples, fits / step * step);
                    }
                    let concealed = decoder.decode_lost_into(Some(piece), &mut pcm);
                    prop_assert!(concealed <= room);
                    start = end;
                }
            }
        }

        #[test]
        fn how_a_stream_is_cut_into_payloads_changes_no_sample(
            payload in vec(any::<u8>(), 0..1_000),
            cut in 0..1_000_usize,
        ) {
            for format in formats().into_iter().filter(|format| format.codec() != Codec::Opus) {
                let step = max_encoded_bytes(format.codec(), 2) / 2;
                let payload = &payload[..payload.len() / step.max(1) * step.max(1)];
                let cut = cut.min(payload.len()) / step.max(1) * step.max(1);
                let samples = format.samples_in_bytes(payload.len()).unwrap();
                let (mut whole, mut pieces) = (vec![0; samples], vec![0; samples]);
                Decoder::new(format).unwrap().decode_into(payload, &mut whole).unwrap();
                let mut decoder = Decoder::new(format).unwrap();
                let head = decoder.decode_into(&payload[..cut], &mut pieces).unwrap().samples;
                decoder.decode_into(&payload[cut..], &mut pieces[head..]).unwrap();
                prop_assert_eq!(whole, pieces);
            }
        }
    }
}

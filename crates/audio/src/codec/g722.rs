//! ITU-T G.722: 7 kHz speech at 64 kbit/s, by ADPCM in two sub-bands.
//!
//! Two samples at 16 kHz make one octet: six bits for the band below 4 kHz, two for the band above.
//! The arithmetic is clause 6's, bit for bit, on 16-bit samples as in the reference software of
//! G.191 (the standard's own audio parts are 14 bits wide). The encoder always uses all eight bits;
//! the decoder has the standard's three modes, for channels that took one or two low bits for data.
//!
//! Left out: the octets of modes 2 and 3 packed without their data bits, which no carrier sends,
//! and the concealment of Appendices III and IV, which the jitter buffer's concealment stands in
//! for.

mod band;
mod tables;

use band::Band;
use tables::{
    HIGH_DECISION, HIGH_LEVELS, LOW_DECISIONS, LOW_LEVELS_4, LOW_LEVELS_5, LOW_LEVELS_6, QMF_TAPS,
};

/// How many bits of each octet carry audio (the modes of ITU-T G.722). It is agreed outside the
/// stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum G722Mode {
    /// All eight: 64 kbit/s, what telephony uses.
    #[default]
    Mode1,
    /// The top seven: 56 kbit/s and a data bit.
    Mode2,
    /// The top six: 48 kbit/s and two data bits.
    Mode3,
}

/// Octets to samples. The state is an adaptive predictor's: octets must come in order.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    mode: G722Mode,
    low: Band,
    high: Band,
    filter: Qmf,
}

/// Samples to octets, always in mode 1.
#[derive(Clone, Debug)]
pub(super) struct Encoder {
    low: Band,
    high: Band,
    filter: Qmf,
}

/// How far decoded audio lags what was encoded: the two filters have 24 taps each, symmetric, and
/// the decoder releases a sample pair with the octet that holds it.
pub(super) const DELAY_SAMPLES: usize = 22;

impl Decoder {
    pub(super) fn new(mode: G722Mode) -> Self {
        Self { mode, low: Band::low(), high: Band::high(), filter: Qmf::default() }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(self.mode);
    }

    /// Decodes two samples per octet, as many octets as `pcm` has room for, and returns the
    /// samples.
    pub(super) fn decode(&mut self, payload: &[u8], pcm: &mut [i16]) -> usize {
        let (pairs, _odd) = pcm.as_chunks_mut::<2>();
        for (pair, &octet) in pairs.iter_mut().zip(payload) {
            *pair = self.decode_octet(octet);
        }
        pairs.len().min(payload.len()) * 2
    }

    fn decode_octet(&mut self, octet: u8) -> [i16; 2] {
        let low_level = match self.mode {
            G722Mode::Mode1 => LOW_LEVELS_6[usize::from(octet & 0x3F)],
            G722Mode::Mode2 => LOW_LEVELS_5[usize::from((octet >> 1) & 0x1F)],
            G722Mode::Mode3 => LOW_LEVELS_4[usize::from((octet >> 2) & 0x0F)],
        };
        let low = limit_band(self.low.reconstruct(low_level));
        // The predictor follows the top four bits in every mode, or the encoder would be lost.
        self.low.adapt_low((octet >> 2) & 0x0F);

        let high_code = octet >> 6;
        let high = limit_band(self.high.reconstruct(HIGH_LEVELS[usize::from(high_code)]));
        self.high.adapt_high(high_code);

        let (odd, even) = self.filter.push(low + high, low - high);
        [saturate(even >> 11) as i16, saturate(odd >> 11) as i16]
    }
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self { low: Band::low(), high: Band::high(), filter: Qmf::default() }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// Encodes two samples per octet to the start of `bytes`, which is half as long as `pcm` or
    /// longer.
    pub(super) fn encode(&mut self, pcm: &[i16], bytes: &mut [u8]) {
        let (pairs, _odd) = pcm.as_chunks::<2>();
        for (byte, &pair) in bytes.iter_mut().zip(pairs) {
            *byte = self.encode_pair(pair);
        }
    }

    fn encode_pair(&mut self, [first, second]: [i16; 2]) -> u8 {
        let (odd, even) = self.filter.push(i32::from(first), i32::from(second));
        let low_code = low_code(&self.low, limit_band((even + odd) >> 14));
        self.low.adapt_low(low_code >> 2);
        let high_code = high_code(&self.high, limit_band((even - odd) >> 14));
        self.high.adapt_high(high_code);
        (high_code << 6) | low_code
    }
}

/// The 60-level quantiser of the lower band (blocks SUBTRA and QUANTL).
fn low_code(band: &Band, sample: i32) -> u8 {
    let (difference, magnitude) = band.prediction_error(sample);
    let scale = band.scale();
    let step =
        LOW_DECISIONS.partition_point(|&decision| magnitude >= (decision * scale) >> 12) as u8;
    match (difference < 0, step) {
        (false, _) => 61 - step,
        (true, 0 | 1) => 63 - step,
        (true, _) => 33 - step,
    }
}

/// The four-level quantiser of the higher band (blocks SUBTRA and QUANTH).
fn high_code(band: &Band, sample: i32) -> u8 {
    let (difference, magnitude) = band.prediction_error(sample);
    let is_outer = magnitude >= (HIGH_DECISION * band.scale()) >> 12;
    match (difference < 0, is_outer) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    }
}

/// The quadrature mirror filter of both directions: 24 symmetric taps over pairs of samples, split
/// into the twelve that meet first samples and the twelve that meet second ones.
#[derive(Clone, Debug, Default)]
struct Qmf {
    firsts: [i16; 12],
    seconds: [i16; 12],
}

impl Qmf {
    /// Takes a pair in, and gives the sums over first and over second samples. Both fit 16 bits:
    /// PCM is 16 bits, and sum and difference of two limited bands span -32768 to 32767.
    fn push(&mut self, first: i32, second: i32) -> (i32, i32) {
        self.firsts.copy_within(1.., 0);
        self.seconds.copy_within(1.., 0);
        self.firsts[11] = first as i16;
        self.seconds[11] = second as i16;
        let mut odd = 0;
        let mut even = 0;
        for tap in 0..12 {
            odd += i32::from(self.firsts[tap]) * i32::from(QMF_TAPS[tap]);
            even += i32::from(self.seconds[tap]) * i32::from(QMF_TAPS[11 - tap]);
        }
        (odd, even)
    }
}

/// A sub-band's signal is 15 bits wide (blocks LIMIT).
fn limit_band(value: i32) -> i32 {
    value.clamp(-16_384, 16_383)
}

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

#[cfg(test)]
mod tests {
    use super::super::test_signal::voice;
    use super::*;

    /// FNV-1a, to compare with bytes that were made elsewhere.
    fn fingerprint(bytes: impl IntoIterator<Item = u8>) -> u64 {
        bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
    }

    fn little_endian(pcm: &[i16]) -> impl Iterator<Item = u8> + '_ {
        pcm.iter().flat_map(|sample| sample.to_le_bytes())
    }

    /// The second of signal that the fingerprints are of.
    fn signal() -> Vec<i16> {
        voice(16_000)
    }

    fn encoded() -> Vec<u8> {
        let mut octets = vec![0; 8_000];
        Encoder::new().encode(&signal(), &mut octets);
        octets
    }

    fn decoded(mode: G722Mode, octets: &[u8]) -> Vec<i16> {
        let mut pcm = vec![0; octets.len() * 2];
        Decoder::new(mode).decode(octets, &mut pcm);
        pcm
    }

    // The fingerprints are of ffmpeg 5.1's output, whose codec is checked against the ITU-T
    // vectors:
    //   ffmpeg -f s16le -ar 16000 -ac 1 -i signal.raw -c:a g722 -f g722 octets.g722
    //   ffmpeg -f g722 -c:a g722 -bits_per_codeword 8|7|6 -i octets.g722 -f s16le mode1|2|3.raw
    // `write_the_signal` makes signal.raw. By the same commands both directions and all modes were
    // found equal on 84 recordings of speech and music (169 s), and the decoder on 80,000 random
    // octets.
    #[test]
    fn both_directions_agree_with_ffmpeg_to_the_bit() {
        assert_eq!(fingerprint(little_endian(&signal())), 0x89E8_8A53_A913_29A9);
        let octets = encoded();
        assert_eq!(fingerprint(octets.iter().copied()), 0xD0FD_A63F_D405_7915);
        for (mode, expected) in [
            (G722Mode::Mode1, 0x1BE1_D610_3E76_8544),
            (G722Mode::Mode2, 0xF14F_2876_1CF3_8361),
            (G722Mode::Mode3, 0x1762_B1B4_0466_475F),
        ] {
            let pcm = decoded(mode, &octets);
            assert_eq!(fingerprint(little_endian(&pcm)), expected, "{mode:?}");
        }
    }

    #[test]
    #[ignore = "writes a file for ffmpeg, checks nothing"]
    fn write_the_signal() {
        let path = std::env::temp_dir().join("signal.raw");
        std::fs::write(&path, little_endian(&signal()).collect::<Vec<u8>>()).unwrap();
    }

    #[test]
    fn silence_stays_silent() {
        let mut octets = [0; 800];
        Encoder::new().encode(&[0; 1_600], &mut octets);
        let peak = decoded(G722Mode::Mode1, &octets).iter().map(|x| x.unsigned_abs()).max();
        // The smallest scale is one unit of a 15-bit band: a few units after the filter.
        assert!(peak <= Some(4), "{peak:?}");
    }

    #[test]
    fn extreme_input_neither_overflows_nor_rings_for_ever() {
        // Full-scale squares at several periods drive every limiter; then silence must settle.
        let mut pcm: Vec<i16> = [1, 2, 3, 7, 40, 400]
            .iter()
            .flat_map(|&half| {
                (0..3_200).map(move |n| if n / half % 2 == 0 { 32_767 } else { -32_768 })
            })
            .collect();
        pcm.extend([0; 8_000]);
        let mut octets = vec![0; pcm.len() / 2];
        Encoder::new().encode(&pcm, &mut octets);
        let out = decoded(G722Mode::Mode1, &octets);
        let tail = out[out.len() - 1_600..].iter().map(|x| x.unsigned_abs()).max();
        assert!(tail <= Some(8), "{tail:?}");
    }

    #[test]
    fn a_decoder_of_fewer_bits_strays_no_further_than_they_allow() {
        let octets = encoded();
        let full = decoded(G722Mode::Mode1, &octets);
        let ratio = |mode| super::super::test_signal::snr_db(&full, &decoded(mode, &octets));
        let (seven, six) = (ratio(G722Mode::Mode2), ratio(G722Mode::Mode3));
        // Measured: 30.4 and 22.5 dB, a bit of the lower band being worth about 6 dB.
        assert!(seven > 28.0 && six > 20.0, "{seven:.1} {six:.1}");
    }
}

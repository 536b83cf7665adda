//! 16-bit linear PCM in either byte order.

use offhook_types::Codec;

/// Which byte of a 16-bit sample is sent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Low byte first.
    Little,
    /// High byte first: network order, RFC 3551 §4.5.11.
    Big,
}

impl ByteOrder {
    /// The 16-bit codec with this byte order.
    pub const fn codec(self) -> Codec {
        match self {
            Self::Little => Codec::L16Le,
            Self::Big => Codec::L16Be,
        }
    }

    /// The sample that two bytes stand for.
    #[inline]
    pub(super) const fn sample(self, bytes: [u8; 2]) -> i16 {
        match self {
            Self::Little => i16::from_le_bytes(bytes),
            Self::Big => i16::from_be_bytes(bytes),
        }
    }
}

/// Decodes as many whole samples as `pcm` has room for, and returns how many; an odd last byte is
/// left.
pub(super) fn decode(order: ByteOrder, payload: &[u8], pcm: &mut [i16]) -> usize {
    let (pairs, _odd) = payload.as_chunks::<2>();
    for (sample, &pair) in pcm.iter_mut().zip(pairs) {
        *sample = order.sample(pair);
    }
    pairs.len().min(pcm.len())
}

/// Encodes `pcm` to the start of `bytes`, which has two bytes per sample or more.
pub(super) fn encode(order: ByteOrder, pcm: &[i16], bytes: &mut [u8]) {
    let (pairs, _odd) = bytes.as_chunks_mut::<2>();
    for (pair, &sample) in pairs.iter_mut().zip(pcm) {
        *pair = match order {
            ByteOrder::Little => sample.to_le_bytes(),
            ByteOrder::Big => sample.to_be_bytes(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_order_decides_which_byte_comes_first() {
        let mut bytes = [0; 4];
        encode(ByteOrder::Little, &[0x0102, -2], &mut bytes);
        assert_eq!(bytes, [0x02, 0x01, 0xFE, 0xFF]);
        encode(ByteOrder::Big, &[0x0102, -2], &mut bytes);
        assert_eq!(bytes, [0x01, 0x02, 0xFF, 0xFE]);
    }

    #[test]
    fn every_sample_survives_in_both_orders() {
        let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let (mut bytes, mut pcm) = (vec![0; all.len() * 2], vec![0; all.len()]);
            encode(order, &all, &mut bytes);
            decode(order, &bytes, &mut pcm);
            assert_eq!(pcm, all);
        }
    }
}

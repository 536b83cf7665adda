//! What precedes the samples in a binary message.

/// `u32 gen | u32 seq | u32 offset_samples`, low byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) generation: u32,
    pub(super) sequence: u32,
    pub(super) offset_samples: u32,
}

impl Header {
    pub(super) const BYTES: usize = 12;

    /// Splits a message into header and samples; `None` if it is too short for a header.
    pub(super) fn parse(message: &[u8]) -> Option<(Self, &[u8])> {
        let (header, pcm) = message.split_at_checked(Self::BYTES)?;
        let mut words = header
            .chunks_exact(4)
            .map(|word| word.iter().rev().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)));
        let header = Self {
            generation: words.next()?,
            sequence: words.next()?,
            offset_samples: words.next()?,
        };
        Some((header, pcm))
    }

    pub(super) fn write(self, message: &mut Vec<u8>) {
        for word in [self.generation, self.sequence, self.offset_samples] {
            message.extend_from_slice(&word.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_lie_low_byte_first_before_the_samples() {
        let header = Header { generation: 4, sequence: 0x0102, offset_samples: 0xA0B0_C0D0 };
        let mut message = Vec::new();
        header.write(&mut message);
        assert_eq!(message, [4, 0, 0, 0, 2, 1, 0, 0, 0xD0, 0xC0, 0xB0, 0xA0]);
        message.extend([7, 8]);
        assert_eq!(Header::parse(&message), Some((header, &[7, 8][..])));
        assert_eq!(Header::parse(&message[..11]), None);
    }
}

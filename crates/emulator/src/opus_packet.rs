//! How long an Opus packet lasts, without decoding it.

use offhook_types::SampleRate;

/// Samples at `rate` in a packet; `None` for bytes that cannot be one (RFC 6716 §3.4).
pub(crate) fn samples(packet: &[u8], rate: SampleRate) -> Option<u64> {
    let toc = *packet.first()?;
    // RFC 6716 §3.1 table 2: duration of one frame in units of 2.5 ms.
    let units: u64 = match toc >> 3 {
        config @ 0..=11 => [4, 8, 16, 24][usize::from(config % 4)],
        config @ 12..=15 => [4, 8][usize::from(config % 2)],
        config => [1, 2, 4, 8][usize::from(config % 4)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(packet.get(1)? & 0x3F),
    };
    // §3.2.5: a packet holds at least one frame and at most 120 ms.
    let is_possible = frames > 0 && frames * units <= 48;
    is_possible.then(|| frames * units * u64::from(rate.hz()) / 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_how_long_a_packet_is() {
        let millis = |packet: &[u8]| samples(packet, SampleRate::HZ_8000).map(|count| count / 8);
        // RFC 6716 table 2: configs 16 CELT 2.5 ms (2 ms rounded down here), 19 20 ms, 12 hybrid
        // 10 ms; codes 0 to 3.
        assert_eq!(millis(&[19 << 3]), Some(20));
        assert_eq!(millis(&[(12 << 3) | 1, 0]), Some(20));
        assert_eq!(millis(&[(3 << 3) | 2, 0]), Some(120));
        assert_eq!(millis(&[(19 << 3) | 3, 6]), Some(120));
        assert_eq!(millis(&[(19 << 3) | 3, 7]), None, "140 ms");
        assert_eq!(millis(&[(19 << 3) | 3, 0]), None, "no frame");
        assert_eq!(millis(&[(19 << 3) | 3]), None, "the count is missing");
        assert_eq!(millis(&[]), None);
        assert_eq!(samples(&[16 << 3], SampleRate::HZ_48000), Some(120), "2.5 ms");
    }
}

//! What comes out of reception: frames of 20 ms, their time and their origin.

use offhook_types::Timestamp;

/// A position in the media time of one stream: what has been heard before it, not what the clock on
/// the wall says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MediaTime {
    /// Samples since the start of the stream.
    pub sample: u64,
    /// The same as a moment of the call: arrival of the first packet plus the media heard since.
    /// Behind the call's clock after stalls, ahead of it when the first packet was itself late.
    pub timestamp: Timestamp,
}

/// Where most samples of a frame came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameOrigin {
    /// From the carrier.
    Received,
    /// Made up in the place of lost audio, from the audio before it.
    Concealed,
    /// Background noise in the place of silence or of a long loss.
    ComfortNoise,
}

/// 20 ms of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaFrame<'a> {
    /// Time of its first sample.
    pub time: MediaTime,
    /// Where it came from.
    pub origin: FrameOrigin,
    /// It holds received audio that came more than 100 ms behind the usual pace of the stream.
    pub is_late: bool,
    /// As many samples as [`frame_samples`](offhook_types::SampleRate::frame_samples) of the rate
    /// says.
    pub samples: &'a [i16],
}

/// What the unfinished frame is made of, in samples.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FrameContent {
    pub(super) received: usize,
    pub(super) concealed: usize,
    pub(super) noise: usize,
    pub(super) is_late: bool,
}

impl FrameContent {
    pub(super) fn len(&self) -> usize {
        self.received + self.concealed + self.noise
    }

    pub(super) fn origin(&self) -> FrameOrigin {
        if self.received >= self.concealed + self.noise {
            FrameOrigin::Received
        } else if self.concealed >= self.noise {
            FrameOrigin::Concealed
        } else {
            FrameOrigin::ComfortNoise
        }
    }
}

//! The telephone: the caller's mouth and ear, in the codec of the line.

use std::time::Duration;

use offhook_audio::{Decoder, Encoder, OpusConfig, Resampler};
use offhook_emulator::{CallerLine, LineFormats};
use offhook_types::{SampleRate, Timestamp};

use crate::caller::{Act, Caller};
use crate::ear::Ear;

/// A caller at the end of a line.
pub(crate) struct Line {
    pub(crate) caller: Caller,
    pub(crate) ear: Ear,
    to_line: Resampler,
    encoder: Encoder,
    decoder: Decoder,
    from_line: Resampler,
    /// When the stream began: the caller's time counts from there.
    began_at: Option<Timestamp>,
    spoken: usize,
    frame: Vec<i16>,
    decoded: Vec<i16>,
    encoded: Vec<u8>,
}

impl Line {
    pub(crate) fn new(caller: Caller, formats: LineFormats) -> Self {
        let LineFormats { to_engine, to_caller } = formats;
        let encoder = Encoder::new(to_engine, &OpusConfig::default()).expect("a usual codec");
        let frame = |rate: SampleRate| rate.frame_samples();
        Self {
            caller,
            ear: Ear::default(),
            to_line: Resampler::new(SampleRate::HZ_8000, to_engine.sample_rate())
                .expect("a usual rate"),
            encoded: vec![0; encoder.max_encoded_bytes(frame(to_engine.sample_rate()))],
            encoder,
            decoder: Decoder::new(to_caller).expect("a usual codec"),
            from_line: Resampler::new(to_caller.sample_rate(), SampleRate::HZ_8000)
                .expect("a usual rate"),
            began_at: None,
            spoken: 0,
            frame: vec![0; frame(SampleRate::HZ_8000)],
            decoded: vec![0; frame(to_caller.sample_rate())],
        }
    }

    /// The caller's time.
    pub(crate) fn time(&self, now: Timestamp) -> Duration {
        now.saturating_since(self.began_at.unwrap_or(Timestamp::ZERO))
    }

    /// Lets the caller do what is due.
    pub(crate) fn act(&mut self, now: Timestamp) -> Option<Act> {
        self.began_at?;
        let now = self.time(now);
        self.caller.act(now, self.spoken, &self.ear)
    }
}

impl CallerLine for Line {
    fn speak_into(&mut self, at: Timestamp, payload: &mut Vec<u8>) {
        self.began_at.get_or_insert(at);
        self.caller.frame(self.spoken, &self.ear.samples, &mut self.frame);
        self.spoken += self.frame.len();
        let frame = self.to_line.process(&self.frame);
        let written = self.encoder.encode_into(frame, &mut self.encoded).unwrap_or(0);
        payload.extend_from_slice(&self.encoded[..written]);
    }

    fn hear(&mut self, at: Timestamp, payload: Option<&[u8]>) {
        self.decoded.fill(0);
        if let Some(payload) = payload {
            let _silence_behind_a_short_payload =
                self.decoder.decode_into(payload, &mut self.decoded);
        }
        let at = at.saturating_since(*self.began_at.get_or_insert(at));
        self.ear.hear(at, self.from_line.process(&self.decoded));
    }
}

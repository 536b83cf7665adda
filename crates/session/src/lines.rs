//! The two audio chains of an open stream, made for its formats.

use offhook_audio::{
    InboundChain, InboundError, InboundSettings, OutboundChain, OutboundError, OutboundSettings,
    ReorderWindow, ResamplerError, StreamKind, VoiceIntake,
};
use offhook_telephony::Caps;
use offhook_types::{CodecFormat, RequestId, SampleRate, UtteranceId};

use crate::config::SessionConfig;

/// Everything that samples go through between the wire and the models.
pub(crate) struct Lines {
    pub(crate) inbound: InboundChain,
    pub(crate) outbound: OutboundChain,
    intake: VoiceIntake,
    /// Whose audio is in the intake.
    taking: Option<(RequestId, UtteranceId)>,
    pub(crate) rate: SampleRate,
    pub(crate) voice_rate: SampleRate,
    /// One frame at the line's rate.
    pub(crate) frame: Box<[i16]>,
    /// What was left of a clause that was cut, for its fade.
    pub(crate) rest: Vec<i16>,
}

/// Audio that cannot be set up for a stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinesError {
    #[error(transparent)]
    Inbound(#[from] InboundError),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("voice intake")]
    Voice(#[from] ResamplerError),
}

impl Lines {
    pub(crate) fn new(
        config: &SessionConfig,
        caps: &Caps,
        inbound: CodecFormat,
        outbound: CodecFormat,
    ) -> Result<Self, LinesError> {
        let audio = &config.audio;
        let reorder = match caps.reorder_packets {
            0 => ReorderWindow::ORDERED,
            packets => ReorderWindow { packets: packets.into(), ..ReorderWindow::UNORDERED },
        };
        let stream = if caps.is_continuous { StreamKind::Continuous } else { StreamKind::Dtx };
        let mut settings = InboundSettings::new(inbound);
        settings.detects_byte_order = caps.detects_byte_order;
        settings.stream = stream;
        settings.reorder = reorder;
        settings.denoise = audio.denoise;
        settings.vad = audio.vad;
        settings.guards_echo = audio.guards_echo;
        settings.recogniser_rate = audio.recogniser_rate;
        settings.seed = config.seed;
        let mut playout = OutboundSettings::new(outbound);
        playout.playout.ambience.clone_from(&audio.ambience);
        playout.playout.gain = audio.gain;
        playout.seed = config.seed;
        let rate = outbound.sample_rate();
        Ok(Self {
            inbound: InboundChain::new(&settings)?,
            outbound: OutboundChain::new(playout)?,
            intake: VoiceIntake::new(audio.voice_rate, rate, audio.trimmed_ms_max)?,
            taking: None,
            rate,
            voice_rate: audio.voice_rate,
            frame: vec![0; rate.frame_samples()].into_boxed_slice(),
            rest: Vec::new(),
        })
    }

    /// The intake for this clause. What is left in it of one that was cancelled is forgotten.
    pub(crate) fn intake(
        &mut self,
        request: RequestId,
        utterance: UtteranceId,
    ) -> &mut VoiceIntake {
        let of = Some((request, utterance));
        if self.taking != of {
            self.intake.reset();
            self.taking = of;
        }
        &mut self.intake
    }

    /// Samples of the voice as samples of the line.
    pub(crate) fn at_line_rate(&self, samples: u64) -> u64 {
        samples * u64::from(self.rate.hz()) / u64::from(self.voice_rate.hz())
    }
}

#[cfg(test)]
mod tests {
    use offhook_telephony::Dialect as _;
    use offhook_telephony::twilio::TwilioDialect;

    use super::*;

    #[test]
    fn a_clause_behind_a_cancelled_one_begins_clean() {
        let config = SessionConfig { seed: 1, ..SessionConfig::default() };
        let caps = *TwilioDialect::new().caps();
        let mut lines = Lines::new(&config, &caps, CodecFormat::PCMU, CodecFormat::PCMU)
            .expect("usual formats");
        let request = RequestId::default();
        let cancelled = lines.intake(request, UtteranceId::new(0));
        cancelled.push(&[8_000; 700], |_| ());
        let next = lines.intake(request, UtteranceId::new(1));
        let mut first = Vec::new();
        next.push(&[0; 2_400], |chunk| first.extend_from_slice(chunk));
        assert!(first.iter().all(|sample| sample.unsigned_abs() < 10), "{first:?}");
        assert!(next.trimmed_samples() > 1_000, "{} samples trimmed", next.trimmed_samples());
    }
}

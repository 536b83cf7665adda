//! What is done with fuzzed bytes, one function per target. The fuzz targets and the replay of the
//! corpora (`tests/corpora.rs`) run the same code: each must return, whatever the bytes.

mod agents;
mod spoken;
mod webhooks;

use std::str;
use std::time::Duration;

use offhook_audio::{
    ByteOrderDetector, Decoder, DenoiseMode, DtmfDetector, Encoder, InboundChain, InboundSettings,
    LeadingSilenceTrimmer, OpusConfig, OutboundChain, OutboundSettings, ProgressToneDetector,
    ReorderWindow, Speech, StreamKind, VadKind, VoiceIntake,
};
use offhook_session::{replay, replay_media};
use offhook_telephony::{
    Carrier, Demand, DialectOptions, FrameKind, LinearOrder, MediaStream, StreamPhase, WireMessage,
    dialect_for,
};
use offhook_types::{
    Codec, CodecFormat, DtmfDigit, E164, Mark, MediaPacket, Party, SampleRate, Timestamp,
    TraceLine, UtteranceId,
};

pub(crate) use agents::agents;
pub(crate) use spoken::spoken;
pub(crate) use webhooks::webhooks;

/// A target by name.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target; a corpus folder of the same name belongs to each.
pub(crate) const TARGETS: [Target; 10] = [
    ("agents", agents),
    ("decode", decode),
    ("inbound", inbound),
    ("outbound", outbound),
    ("tones", tones),
    ("text", text),
    ("spoken", spoken),
    ("traces", traces),
    ("dialects", dialects),
    ("webhooks", webhooks),
];

/// Packets of any content through every decoder, at once and in pieces.
pub(crate) fn decode(data: &[u8]) {
    let mut bytes = Bytes(data);
    let format = bytes.format();
    let Ok(mut decoder) = Decoder::new(format) else { return };
    let mut order = ByteOrderDetector::new(format.sample_rate());
    let mut pcm = vec![0; format.sample_rate().samples_in_ms(120)];
    while !bytes.0.is_empty() {
        let kind = bytes.take();
        let length = usize::from(bytes.take()) * if kind & 1 == 0 { 1 } else { 16 };
        let payload = bytes.slice(length);
        order.observe(payload);
        let _ = decoder.samples_in(payload);
        match kind >> 1 & 3 {
            0 => {
                let lost = decoder.decode_lost_into(Some(payload), &mut pcm);
                assert!(lost <= pcm.len());
            }
            1 => decoder.reset(),
            _ => {
                let room = if kind & 16 == 0 { pcm.len() } else { usize::from(kind) };
                if let Ok(decoded) = decoder.decode_into(payload, &mut pcm[..room]) {
                    assert!(decoded.samples <= room);
                    assert!(decoded.ignored_bytes <= payload.len());
                }
            }
        }
    }
}

/// A hostile carrier: any payloads, orders, timestamps and pauses through the whole inbound chain.
pub(crate) fn inbound(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut settings = InboundSettings::new(bytes.format());
    let flags = bytes.take();
    settings.stream = if flags & 1 == 0 { StreamKind::Continuous } else { StreamKind::Dtx };
    if flags & 2 != 0 {
        settings.reorder = ReorderWindow::UNORDERED;
    }
    settings.detects_byte_order = flags & 4 != 0;
    settings.vad = if flags & 8 == 0 { VadKind::WebRtc } else { VadKind::Neural };
    // The network is slow to fuzz and hears nothing but samples: now and then is enough.
    if flags & 0xF0 == 0x10 {
        settings.denoise = DenoiseMode::NoiseAndVoices;
    }
    let line_frame = settings.format.sample_rate().frame_samples();
    let analysis_frame = settings.analysis_rate().frame_samples();
    let Ok(mut chain) = InboundChain::new(&settings) else { return };
    let mut now_ms = 0_u64;
    let mut clock = 0_u64;
    let mut last = Timestamp::ZERO;
    let mut frames = 0_u64;
    while !bytes.0.is_empty() && frames < 2_000 {
        let kind = bytes.take();
        now_ms += u64::from(bytes.take());
        let far_seed = i16::from(kind);
        let mut sink = |frame: offhook_audio::InboundFrame<'_>| {
            assert_eq!(frame.line.len(), line_frame);
            assert_eq!(frame.stages.denoised.len(), analysis_frame);
            assert!(frame.time.timestamp >= last, "media time ran backwards");
            last = frame.time.timestamp;
            frames += 1;
        };
        let far = |_, far: &mut [i16]| far.fill(far_seed * 100);
        let now = Timestamp::from_millis(now_ms);
        if kind & 7 == 0 {
            chain.advance(now, far, &mut sink);
            continue;
        }
        clock = match kind >> 3 & 7 {
            0 => bytes.wide(),
            1 => clock.wrapping_sub(u64::from(bytes.take())),
            2 => clock.wrapping_add(u64::from(bytes.take()) * 20),
            _ => clock.wrapping_add(20),
        };
        let length = usize::from(bytes.take()) * if kind & 64 == 0 { 2 } else { 40 };
        let packet = MediaPacket {
            payload: bytes.slice(length),
            sequence: (kind & 1 == 0).then_some(clock / 20),
            timestamp_ms: (kind & 2 == 0).then_some(clock),
        };
        chain.handle_packet(now, packet, far, &mut sink);
    }
    let _ = chain.stats();
}

/// Speech of any shape, commands at any moment, through the whole outbound chain.
pub(crate) fn outbound(data: &[u8]) {
    let mut bytes = Bytes(data);
    let format = bytes.format();
    // Opus takes far longer to encode than everything around it.
    let format = if format.codec() == Codec::Opus { CodecFormat::PCMA } else { format };
    let rate = format.sample_rate();
    let Ok(mut chain) = OutboundChain::new(OutboundSettings::new(format)) else { return };
    let Ok(mut intake) = VoiceIntake::new(SampleRate::HZ_24000, rate, 300) else { return };
    let mut queue = Vec::new();
    for _ in 0..400 {
        if bytes.0.is_empty() {
            break;
        }
        let kind = bytes.take();
        let voice = bytes.samples();
        match kind & 15 {
            0 => chain.mixer_mut().duck(),
            1 => chain.mixer_mut().unduck(),
            2 => chain.mixer_mut().fade_out(u32::from(kind), usize::from(bytes.take())),
            3 => chain.mixer_mut().start_utterance(),
            4 => chain.mixer_mut().set_gain(f32::from(kind) / 64.0),
            5 => {
                let digits = str::from_utf8(bytes.slice(3)).unwrap_or("w1#");
                let _ = chain.send_dtmf(digits);
            }
            6 => {
                let heard = chain.played().end().saturating_sub(bytes.wide() % 4_000);
                let _ = chain.interrupt(heard, &voice, u32::from(kind) * 3, |_, _| ());
            }
            7 => intake.finish(|part| queue.extend_from_slice(part)),
            8 => intake.reset(),
            _ => intake.push(&voice, |part| queue.extend_from_slice(part)),
        }
        let taken = queue.len().min(rate.frame_samples());
        let speech = match kind >> 4 & 3 {
            0 => Speech::None,
            1 => Speech::Ends(&queue[..taken]),
            _ => Speech::Continues(&queue[..taken]),
        };
        if let Ok(frame) = chain.next_frame(speech) {
            let used = frame.mix.speech_samples;
            assert!(used <= taken);
            queue.drain(..used);
        }
    }
}

/// Any samples, in frames of any length, into the tone detectors and the trimmer.
pub(crate) fn tones(data: &[u8]) {
    let mut bytes = Bytes(data);
    let is_wide = bytes.take() & 1 == 1;
    let rate = if is_wide { SampleRate::HZ_16000 } else { SampleRate::HZ_8000 };
    let (Ok(mut dtmf), Ok(mut progress)) =
        (DtmfDetector::new(rate), ProgressToneDetector::new(rate))
    else {
        return;
    };
    let mut trimmer = LeadingSilenceTrimmer::new(rate, 200);
    let mut encoder = Encoder::new(CodecFormat::PCMU, &OpusConfig::default()).ok();
    let mut encoded = [0; 512];
    while !bytes.0.is_empty() {
        let samples = bytes.samples();
        let found = dtmf.process(&samples);
        if let Some(tone) = found.tone {
            assert!(tone.start <= tone.end && tone.end <= samples.len());
        }
        progress.process(&samples);
        while progress.poll_event().is_some() {}
        let speech = trimmer.trim(&samples);
        assert!(speech.samples.len() <= samples.len());
        if let Some(encoder) = &mut encoder {
            let _ = encoder.encode_into(&samples, &mut encoded);
        }
    }
}

/// Texts from outside: numbers, parties, marks, trace lines.
pub(crate) fn text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let _ = Party::from_carrier(text);
    if let Ok(number) = text.parse::<E164>() {
        assert_eq!(number.as_str().parse::<E164>().as_ref(), Ok(&number));
    }
    if let Ok(mark) = Mark::parse(text) {
        assert_eq!(mark.to_string(), text);
    }
    if let Ok(line) = TraceLine::parse(text) {
        let written = line.to_json().expect("an event has a JSON form");
        let again = TraceLine::parse(&written).expect("what was written can be read");
        assert_eq!(again, line);
    }
}

/// Lines that claim to be a trace, of decisions or of media, played again.
pub(crate) fn traces(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let _ = replay(text.lines());
    let _ = replay_media(text.lines());
}

/// A hostile carrier of any kind: texts and binary messages of any content, and the engine's own
/// commands at any moment between them.
pub(crate) fn dialects(data: &[u8]) {
    let mut bytes = Bytes(data);
    let flags = bytes.take();
    let options = DialectOptions {
        call: "01J".parse().ok().filter(|_| flags & 8 == 0),
        outbound: (flags & 16 != 0).then(|| bytes.format()),
        byte_order: (flags & 32 != 0).then_some(LinearOrder::LowFirst),
    };
    let carrier = Carrier::ALL[usize::from(flags & 7) % Carrier::ALL.len()];
    let mut stream = MediaStream::new(dialect_for(carrier, &options));
    let mut now = Timestamp::ZERO;
    while !bytes.0.is_empty() {
        let kind = bytes.take();
        let length = usize::from(bytes.take());
        match kind {
            b't' | b'T' => {
                let length = length + if kind == b'T' { 256 } else { 0 };
                let text = String::from_utf8_lossy(bytes.slice(length));
                stream.handle_message(now, WireMessage::Text(&text), |_| ());
            }
            b'b' => {
                let message = WireMessage::Binary(bytes.slice(length));
                stream.handle_message(now, message, |_| ());
            }
            _ => command(&mut stream, kind, length, now),
        }
        now += Duration::from_millis(u64::from(kind & 3) * 10);
        let ledger = stream.ledger().map(|ledger| (ledger.heard(now).samples, ledger.sent()));
        assert!(ledger.is_none_or(|(heard, sent)| heard <= sent), "more was heard than was sent");
        let _ = stream.poll_settled(now);
        while stream.poll_message().is_some() {}
    }
    let counts = stream.counts();
    assert!(counts.skipped_total() + counts.audio_messages <= counts.messages);
}

/// What a session does with a stream.
fn command(stream: &mut MediaStream, kind: u8, argument: usize, now: Timestamp) {
    let is_open = stream.phase() == StreamPhase::Open;
    let clause = UtteranceId::new(argument as u32 >> 4);
    let demand = [Demand::Nothing, Demand::Bed, Demand::Speech][argument % 3];
    let result = match kind % 8 {
        0..=2 => {
            let kind = match kind % 8 {
                0 => FrameKind::Bed,
                1 => FrameKind::Tail,
                _ => FrameKind::Speech(clause),
            };
            let due = stream.frames_due(now, demand);
            let sent = (0..due).try_for_each(|_| stream.send_frame(now, &[7; 960], kind));
            sent.and_then(|()| stream.flush(now))
        }
        3 => stream.end_utterance(now, clause),
        4 => stream.clear(now).map(|heard| assert!(heard.utterance_samples <= heard.samples)),
        5 => stream.send_dtmf(&DtmfDigit::all().take(argument % 17).collect::<Vec<_>>()),
        6 => stream.hang_up(),
        _ if argument == 255 => {
            stream.handle_closed();
            Ok(())
        }
        _ => {
            stream.observe_round_trip(Duration::from_millis(argument as u64));
            Ok(())
        }
    };
    assert!(is_open || result.is_err() || kind % 8 == 7 || kind % 8 < 3);
    let _ = stream.poll_timeout(demand);
}

/// Takes fuzzed bytes apart; gives zeros when they are used up.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self) -> u8 {
        self.slice(1).first().copied().unwrap_or(0)
    }

    fn slice(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn wide(&mut self) -> u64 {
        self.slice(8).iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    /// Up to 510 samples: raw, or a square wave, which is as harsh as sound can be.
    fn samples(&mut self) -> Vec<i16> {
        let (shape, length) = (self.take(), usize::from(self.take()) * 2);
        if shape & 3 == 0 {
            let half = usize::from(shape >> 2).max(1);
            let square =
                |index: usize| if (index / half).is_multiple_of(2) { i16::MAX } else { i16::MIN };
            return (0..length).map(square).collect();
        }
        let bytes = self.slice(length);
        bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    fn format(&mut self) -> CodecFormat {
        let codec = Codec::ALL[usize::from(self.take()) % Codec::ALL.len()];
        let rates = [8_000, 12_000, 16_000, 24_000, 48_000, 22_050];
        let hz = rates[usize::from(self.take()) % rates.len()];
        let rate = SampleRate::new(hz).expect("a rate of telephony");
        CodecFormat::new(codec, rate).unwrap_or(match codec {
            Codec::Pcma => CodecFormat::PCMA,
            Codec::G722 => CodecFormat::G722,
            Codec::Pcmu | Codec::L16Le | Codec::L16Be | Codec::Opus => CodecFormat::PCMU,
        })
    }
}

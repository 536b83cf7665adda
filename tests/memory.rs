//! What the audio chains of one call hold in memory: stated here, so that growth is a decision.
//!
//! A whole call that listens may take 300 KiB; its audio must leave most of that to the rest. What
//! is counted is the chain itself and all that it has allocated; transform tables, which each chain
//! plans for itself, are part of it. Not counted: what C libraries take (a detector of WebRTC, less
//! than 1 KiB; an Opus codec, if the line has one), ambience beds and the weights of networks,
//! which all calls share.

use allocation_counter::measure;
use offhook_audio::{
    AmbienceConfig, Bed, BedKind, DenoiseMode, InboundChain, InboundSettings, OutboundChain,
    OutboundSettings, VadKind, VoiceIntake,
};
use offhook_types::{CodecFormat, SampleRate};

/// Bytes that a call may hold while it listens.
const LISTENING_MAX: usize = 300 * 1_024;

#[test]
fn the_light_chains_of_a_narrow_band_call_hold_less_than_half_of_its_memory() {
    let light = inbound(CodecFormat::PCMU, DenoiseMode::Off, VadKind::WebRtc);
    let neural = inbound(CodecFormat::PCMU, DenoiseMode::Off, VadKind::Neural);
    let denoise = inbound(CodecFormat::PCMU, DenoiseMode::Noise, VadKind::Neural);
    let outbound = outbound(CodecFormat::PCMU);
    assert_holds("inbound, light", light, 84);
    assert_holds("inbound, neural", neural, 115);
    assert_holds("inbound, denoise", denoise, 208);
    assert_holds("outbound", outbound, 57);
    assert!(light + outbound < LISTENING_MAX / 2, "{light} + {outbound}");
    assert!(denoise + outbound < LISTENING_MAX, "{denoise} + {outbound}");
}

#[test]
fn the_chains_of_a_wide_band_call_leave_room_for_the_rest() {
    let format = CodecFormat::G722;
    let light = inbound(format, DenoiseMode::Off, VadKind::WebRtc);
    let outbound = outbound(format);
    assert_holds("inbound, light, wide band", light, 126);
    assert_holds("outbound, wide band", outbound, 89);
    assert!(light + outbound < LISTENING_MAX * 3 / 4, "{light} + {outbound}");
}

/// What is held is what is stated, within a tenth: a stage that grows or shrinks by more has to say
/// so here.
fn assert_holds(name: &str, bytes: usize, stated_kib: usize) {
    let stated = stated_kib * 1_024;
    let is_stated = bytes.abs_diff(stated) <= stated / 10;
    assert!(is_stated, "{name}: {bytes} bytes, not about {stated_kib} KiB");
}

fn inbound(format: CodecFormat, denoise: DenoiseMode, vad: VadKind) -> usize {
    let settings = InboundSettings { denoise, vad, ..InboundSettings::new(format) };
    held_by(|| InboundChain::new(&settings).expect("an inbound chain"))
}

/// The chain over an ambience, and the intake of a voice at 24 kHz.
fn outbound(format: CodecFormat) -> usize {
    let rate = format.sample_rate();
    let mut settings = OutboundSettings::new(format);
    let bed = Bed::synthesise(BedKind::Cafe, rate);
    settings.playout.ambience = Some(AmbienceConfig::new(bed, 0.3));
    let chain = held_by(|| OutboundChain::new(settings).expect("an outbound chain"));
    let intake = held_by(|| VoiceIntake::new(SampleRate::HZ_24000, rate, 400).expect("an intake"));
    chain + intake
}

/// Bytes of a value and of what it allocated.
fn held_by<T>(build: impl FnOnce() -> T) -> usize {
    let mut built = None;
    let measured = measure(|| built = Some(build()));
    let allocated = usize::try_from(measured.bytes_current).expect("building frees nothing else");
    drop(built);
    size_of::<T>() + allocated
}

//! Claims on synthetic speech: pulses and noise through two resonances that change with every
//! syllable. The same claims on human voices are measured by `cargo bench --bench accuracy_echo`.

use proptest::prelude::*;

use super::*;

const NARROW: SampleRate = SampleRate::HZ_8000;
const WIDE: SampleRate = SampleRate::HZ_16000;

#[test]
fn a_line_without_echo_is_passed_bit_for_bit() {
    for rate in [NARROW, WIDE] {
        let mut line = Line::new(rate);
        for pair in 0..4 {
            let far = speech(rate, 400, 10 + pair);
            let near = speech(rate, 400, 20 + pair);
            let heard = line.run(&near, &far);
            assert!(
                heard.iter().all(|frame| frame.is_identical && frame.report.delay_ms.is_none())
            );
        }
    }
}

#[test]
fn nothing_sent_is_passed_bit_for_bit_even_after_an_echo_was_found() {
    let mut line = Line::new(NARROW);
    let far = speech(NARROW, 100, 1);
    line.run(&echo(&far, NARROW, 300, 15), &far);
    let silence = vec![0.0; 160 * 100];
    line.run(&silence, &silence);
    let heard = line.run(&speech(NARROW, 100, 2), &silence);
    assert!(heard.iter().all(|frame| frame.is_identical && !frame.report.far_active));
    assert!(heard.iter().all(|frame| frame.report.extra_voiced_ms == 0));
}

/// Measured 100 to 300 ms; the margin is for lines that are worse than these.
#[test]
fn an_echo_is_found_within_half_a_second_of_it_at_every_delay() {
    for rate in [NARROW, WIDE] {
        for delay_ms in [0, 10, 50, 150, 310, 600, 790] {
            let far = speech(rate, 200, 3);
            let heard = Line::new(rate).run(&echo(&far, rate, delay_ms, 20), &far);
            let found = heard.iter().position(|frame| frame.report.delay_ms.is_some());
            let started = heard.iter().position(|frame| frame.near > 50.0).expect("there is echo");
            assert!(
                found.expect("found") <= started + 25,
                "{rate} {delay_ms}: {started} {found:?}"
            );
            let report = heard[199].report;
            let delay = report.delay_ms.expect("an echo was found");
            assert!(delay.abs_diff(delay_ms as u16) <= 2, "{rate} {delay_ms}: {delay}");
            let loss = report.return_loss_db.expect("its loss was measured");
            assert!(loss.abs_diff(20) <= 4, "{rate} {delay_ms}: {loss}");
        }
    }
}

/// After the first second, the bound that `out` must keep is the quieter of -20 dB and the noise of
/// the line (30).
#[test]
fn echo_alone_is_turned_down_to_the_noise_of_the_line() {
    for rate in [NARROW, WIDE] {
        for loss_db in [10, 20, 30] {
            let far = speech(rate, 400, 4);
            let heard = Line::new(rate).run(&echo(&far, rate, 230, loss_db), &far);
            let (near, out) = energies(&heard[75..]);
            assert!(
                out < 0.01 * near + 900.0,
                "{rate} {loss_db}: {} dB",
                10.0 * (out / near).log10()
            );
            let judged = heard[75..].iter().filter(|frame| frame.near > 60.0);
            let (wrong, all) = share(judged, |frame| !frame.report.is_echo_only);
            assert!(wrong * 50 <= all, "{rate} {loss_db}: {wrong} of {all}");
        }
    }
}

/// Of the frames in which the caller is louder than the echo, at most 5 % may be taken for echo.
#[test]
fn a_caller_who_speaks_over_the_agent_is_heard() {
    for (rate, loss_db) in [(NARROW, 10), (NARROW, 20), (NARROW, 30), (WIDE, 15)] {
        let far = speech(rate, 600, 5);
        let caller = bursts(speech(rate, 600, 6), rate);
        let near = mix(&echo(&far, rate, 310, loss_db), &caller);
        let heard = Line::new(rate).run(&near, &far);
        let (lost, all) = caller_frames(&heard[100..], &caller[100 * rate.frame_samples()..], rate);
        assert!(all > 100 && lost * 20 <= all, "{loss_db}: {lost} of {all}");
    }
}

/// 10 %: for half a second after the echo was found, it is expected to be as loud as an echo can
/// be.
#[test]
fn a_caller_who_speaks_first_is_not_cut() {
    let caller = speech(NARROW, 300, 7);
    let mut far = speech(NARROW, 300, 8);
    far[..100 * 160].fill(0.0);
    let near = mix(&caller, &echo(&far, NARROW, 150, 20));
    let heard = Line::new(NARROW).run(&near, &far);
    assert!(heard[..100].iter().all(|frame| frame.is_identical));
    let (lost, all) = caller_frames(&heard[100..], &caller[100 * 160..], NARROW);
    assert!(lost * 10 <= all, "{lost} of {all}");
}

/// A jitter buffer that moved. Measured 0.5 to 0.8 s.
#[test]
fn a_jump_of_the_delay_is_followed_within_a_second_and_a_half() {
    for (before_ms, after_ms) in [(150, 230), (300, 120), (100, 700)] {
        let far = speech(NARROW, 500, 9);
        let mut near = echo(&far, NARROW, before_ms, 15);
        near.truncate(250 * 160);
        near.extend_from_slice(&echo(&far, NARROW, after_ms, 15)[250 * 160..]);
        let heard = Line::new(NARROW).run(&near, &far);
        let wanted = after_ms as u16;
        let is_there =
            |frame: &Heard| frame.report.delay_ms.is_some_and(|delay| delay.abs_diff(wanted) <= 2);
        assert!(heard[325..].iter().all(is_there), "{before_ms} to {after_ms}");
        let (near, out) = energies(&heard[350..]);
        assert!(out < 0.02 * near, "{before_ms} to {after_ms}: {}", out / near);
    }
}

/// 6 of 50 frames may be taken for the caller while the model follows.
#[test]
fn an_echo_that_becomes_10_db_louder_or_quieter_is_still_echo() {
    for (before_db, after_db) in [(25, 15), (15, 25)] {
        let far = speech(NARROW, 400, 11);
        let mut near = echo(&far, NARROW, 200, before_db);
        near.truncate(200 * 160);
        near.extend_from_slice(&echo(&far, NARROW, 200, after_db)[200 * 160..]);
        let heard = Line::new(NARROW).run(&near, &far);
        let (wrong, _) = share(heard[200..250].iter(), |frame| !frame.report.is_echo_only);
        assert!(wrong <= 6, "{before_db} to {after_db}: {wrong}");
    }
}

#[test]
fn an_echo_that_goes_away_is_given_up_and_the_caller_is_heard() {
    let far = speech(NARROW, 600, 12);
    let caller = speech(NARROW, 600, 13);
    let mut near = echo(&far, NARROW, 200, 20);
    near[200 * 160..].copy_from_slice(&caller[200 * 160..]);
    let heard = Line::new(NARROW).run(&near, &far);
    let (lost, all) = caller_frames(&heard[200..], &caller[200 * 160..], NARROW);
    assert!(lost * 20 <= all, "{lost} of {all}");
    assert!(heard[400..].iter().all(|frame| frame.is_identical));
}

#[test]
fn an_echo_from_beyond_the_range_is_not_mistaken_for_one_within() {
    let far = speech(NARROW, 500, 14);
    let heard = Line::new(NARROW).run(&echo(&far, NARROW, 1_000, 15), &far);
    assert!(heard.iter().all(|frame| frame.is_identical));
}

#[test]
fn comfort_noise_is_no_far_end() {
    let far: Vec<f32> = noise(160 * 300, 15).iter().map(|x| 30.0 * x).collect();
    let heard = Line::new(NARROW).run(&speech(NARROW, 300, 16), &far);
    assert!(heard.iter().all(|frame| frame.is_identical && frame.report == EchoReport::default()));
}

#[test]
fn music_and_dtmf_from_the_agent_do_not_cut_a_caller_without_echo() {
    for tones in [&[697.0, 1_209.0][..], &[941.0, 1_477.0], &[262.0, 330.0, 392.0, 523.0]] {
        let far = chord(NARROW, 500, tones);
        let heard = Line::new(NARROW).run(&speech(NARROW, 500, 17), &far);
        assert!(heard.iter().all(|frame| frame.is_identical), "{tones:?}");
    }
}

#[test]
fn steady_tones_on_both_ends_are_not_taken_for_echo() {
    let far = chord(NARROW, 300, &[440.0, 480.0]);
    let heard = Line::new(NARROW).run(&chord(NARROW, 300, &[350.0, 440.0]), &far);
    assert!(heard.iter().all(|frame| frame.is_identical));
}

#[test]
fn an_echo_under_noise_20_db_below_it_is_found_and_turned_down() {
    let far = speech(NARROW, 400, 18);
    let mut near = echo(&far, NARROW, 150, 20);
    let level = 0.1 * rms(&near);
    for (sample, hiss) in near.iter_mut().zip(noise(160 * 400, 19)) {
        *sample += level * 1.7 * hiss;
    }
    let heard = Line::new(NARROW).run(&near, &far);
    let (near, out) = energies(&heard[75..]);
    assert!(out < 0.04 * near, "{} dB", 10.0 * (out / near).log10());
}

#[test]
fn an_echo_of_a_clipped_agent_is_turned_down() {
    let far: Vec<f32> = speech(NARROW, 400, 20).iter().map(|x| 8.0 * x).collect();
    let clipped: Vec<f32> = far.iter().map(|x| x.clamp(-32_768.0, 32_767.0)).collect();
    let heard = Line::new(NARROW).run(&echo(&clipped, NARROW, 150, 20), &far);
    let (near, out) = energies(&heard[75..]);
    assert!(out < 0.01 * near, "{} dB", 10.0 * (out / near).log10());
}

/// The promise for the time before an echo can be known: nothing cut, more voiced time asked for.
#[test]
fn the_first_words_ask_for_more_voiced_time_and_a_line_that_stays_clean_for_none() {
    let far = speech(NARROW, 300, 21);
    let heard = Line::new(NARROW).run(&speech(NARROW, 300, 22), &far);
    let first = heard.iter().position(|frame| frame.report.far_active).expect("the agent speaks");
    assert_eq!(heard[first].report.extra_voiced_ms, UNKNOWN_EXTRA_MS);
    assert!(heard[200..].iter().all(|frame| frame.report.extra_voiced_ms == 0));
}

/// A caller who only listens proves the line as well as one who talks over the agent: 0.8 s until
/// an echo of any delay would be there, and 0.8 s in which it would have been the only sound.
#[test]
fn a_line_that_stays_silent_under_the_agent_asks_for_no_more_voiced_time_after_1600_ms() {
    for (rate, hiss) in [(NARROW, 0.0), (NARROW, 10.0), (WIDE, 10.0)] {
        let far = chord(rate, 120, &[262.0, 330.0, 392.0]);
        let near: Vec<f32> = noise(far.len(), 26).iter().map(|x| hiss * x).collect();
        let heard = Line::new(rate).run(&near, &far);
        let extra = |frame: usize| heard[frame].report.extra_voiced_ms;
        assert_eq!((extra(0), extra(39)), (UNKNOWN_EXTRA_MS, UNKNOWN_EXTRA_MS));
        assert!((81..120).all(|frame| extra(frame) == 0), "{rate} {hiss}");
        assert!(heard.iter().all(|frame| frame.is_identical));
    }
}

/// Silence is no proof before an echo could have come: when a late one begins, the line is as
/// unknown as at first, and more voiced time is asked for until the echo is found.
#[test]
fn an_echo_that_comes_600_ms_late_finds_the_guard_awake() {
    for rate in [NARROW, WIDE] {
        for seed in 30..34 {
            let far = speech(rate, 200, seed);
            let heard = Line::new(rate).run(&echo(&far, rate, 600, 20), &far);
            let started = heard.iter().position(|frame| frame.near > 50.0).expect("an echo");
            let found = heard.iter().position(|frame| frame.report.delay_ms.is_some());
            let found = found.expect("it is found");
            // Its own first frames, quieter than 50, count already.
            let extra = |frame: usize| heard[frame].report.extra_voiced_ms;
            assert!(extra(started) >= UNKNOWN_EXTRA_MS - 40, "{rate} {seed}: {}", extra(started));
            let least = (started..found).map(extra).min();
            assert!(least >= Some(UNKNOWN_EXTRA_MS / 2), "{rate} {seed}: {least:?}");
            assert!(found <= started + 25, "{rate} {seed}: {started} {found}");
            let judged = heard[found + 25..].iter().filter(|frame| frame.near > 60.0);
            let (wrong, all) = share(judged, |frame| !frame.report.is_echo_only);
            assert!(wrong * 50 <= all, "{rate} {seed}: {wrong} of {all}");
        }
    }
}

#[test]
fn a_reset_guard_reports_what_a_new_one_does() {
    let far = speech(NARROW, 200, 23);
    let near = echo(&far, NARROW, 90, 12);
    let mut line = Line::new(NARROW);
    let fresh = line.run(&near, &far);
    line.guard.reset();
    let again = line.run(&near, &far);
    assert!(fresh.iter().zip(&again).all(|(a, b)| a.report == b.report && a.out == b.out));
}

#[test]
fn processing_does_not_allocate() {
    for rate in [NARROW, WIDE] {
        let far = speech(rate, 600, 24);
        let near = mix(&echo(&far, rate, 150, 12), &bursts(speech(rate, 600, 25), rate));
        let (near, far) = (quantise(&near), quantise(&far));
        let frame = rate.frame_samples();
        let mut guard = EchoGuard::new(rate);
        let mut out = vec![0; frame];
        let measured = allocation_counter::measure(|| {
            for _ in 0..2 {
                for (near, far) in near.chunks_exact(frame).zip(far.chunks_exact(frame)) {
                    guard.process_into(near, far, &mut out);
                }
            }
        });
        assert!(guard.delay_ms().is_some());
        assert_eq!(measured.count_total, 0);
    }
}

/// Includes the transform's own tables, which every guard plans for itself.
#[test]
fn a_guard_keeps_at_most_88_kib_at_16_khz_and_50_at_8() {
    for (rate, kib) in [(NARROW, 50), (WIDE, 88)] {
        let mut guard = None;
        let measured = allocation_counter::measure(|| guard = Some(EchoGuard::new(rate)));
        assert!(measured.bytes_current <= kib * 1_024, "{rate}: {}", measured.bytes_current);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_input_is_survived(
        frames in prop::collection::vec((any::<u64>(), 0..5_u8, 0..5_u8), 1..120),
    ) {
        let mut guard = EchoGuard::new(NARROW);
        let mut out = [0; 160];
        for (seed, near, far) in frames {
            guard.process_into(&torture(near, seed), &torture(far, seed ^ 1), &mut out);
        }
        guard.process_into(&[0; 160], &[0; 160], &mut out);
        prop_assert!(guard.noise.total().is_finite() && guard.far_power.is_finite());
        prop_assert!(guard.canceller.residual().iter().all(|x| x.is_finite()));
    }
}

/// A frame of silence, full scale, a square wave, a constant or noise.
fn torture(kind: u8, seed: u64) -> [i16; 160] {
    let hiss = noise(160, seed);
    std::array::from_fn(|n| match kind {
        0 => 0,
        1 => i16::MIN,
        2 if n / 10 % 2 == 0 => i16::MAX,
        2 => i16::MIN,
        3 => (seed % 1_000) as i16,
        _ => (32_767.0 * hiss[n]) as i16,
    })
}

struct Line {
    guard: EchoGuard,
    rate: SampleRate,
}

struct Heard {
    report: EchoReport,
    is_identical: bool,
    out: Vec<i16>,
    /// Root mean squares.
    near: f32,
    level: f32,
}

impl Line {
    fn new(rate: SampleRate) -> Self {
        Self { guard: EchoGuard::new(rate), rate }
    }

    fn run(&mut self, near: &[f32], far: &[f32]) -> Vec<Heard> {
        let frame = self.rate.frame_samples();
        let (near, far) = (quantise(near), quantise(far));
        let mut heard = Vec::new();
        for (near, far) in near.chunks_exact(frame).zip(far.chunks_exact(frame)) {
            let mut out = vec![0; frame];
            let report = self.guard.process_into(near, far, &mut out);
            let level = |x: &[i16]| (lanes::energy(x) / frame as f32).sqrt();
            let (is_identical, near, level) = (out == near, level(near), level(&out));
            heard.push(Heard { report, is_identical, out, near, level });
        }
        heard
    }
}

fn energies(heard: &[Heard]) -> (f32, f32) {
    let sum = |level: fn(&Heard) -> f32| heard.iter().map(level).map(|x| x * x).sum();
    (sum(|frame| frame.near), sum(|frame| frame.level))
}

fn share<'a>(
    frames: impl Iterator<Item = &'a Heard>,
    is_counted: impl Fn(&Heard) -> bool,
) -> (usize, usize) {
    frames.fold((0, 0), |(some, all), frame| (some + usize::from(is_counted(frame)), all + 1))
}

/// Frames in which the caller speaks up (above 500), and how many of them were taken for echo.
fn caller_frames(heard: &[Heard], caller: &[f32], rate: SampleRate) -> (usize, usize) {
    let speaks = caller.chunks_exact(rate.frame_samples()).map(|frame| rms(frame) > 500.0);
    let spoken = heard.iter().zip(speaks).filter(|(_, speaks)| *speaks).map(|(frame, _)| frame);
    share(spoken, |frame| frame.report.is_echo_only)
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt()
}

fn quantise(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|&x| x.round() as i16).collect()
}

fn mix(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// The echo of `far` through a bent loudspeaker and 12 ms of reflections, with some hiss.
fn echo(far: &[f32], rate: SampleRate, delay_ms: u32, loss_db: i32) -> Vec<f32> {
    let reflections = [(0, 1.0), (1, -0.4), (3, 0.25), (7, -0.2), (12, 0.1)];
    let mut out = vec![0.0; far.len()];
    for (ms, tap) in reflections {
        let delay = rate.samples_in_ms(delay_ms + ms);
        for (out, &sample) in out[delay..].iter_mut().zip(far) {
            *out += tap * 12_000.0 * (sample / 12_000.0).tanh();
        }
    }
    let gain = rms(far) / rms(&out) * 10_f32.powf(-loss_db as f32 / 20.0);
    let hiss = noise(far.len(), 99);
    out.iter().zip(hiss).map(|(x, hiss)| gain * x + 10.0 * hiss).collect()
}

/// Silences `speech` for two of every three seconds.
fn bursts(mut speech: Vec<f32>, rate: SampleRate) -> Vec<f32> {
    for (frame, samples) in speech.chunks_exact_mut(rate.frame_samples()).enumerate() {
        if frame / 50 % 3 != 2 {
            samples.fill(0.0);
        }
    }
    speech
}

fn chord(rate: SampleRate, frames: usize, tones_hz: &[f32]) -> Vec<f32> {
    let step = std::f32::consts::TAU / rate.hz() as f32;
    (0..frames * rate.frame_samples())
        .map(|n| tones_hz.iter().map(|hz| 3_000.0 * (step * hz * n as f32).sin()).sum())
        .collect()
}

/// Syllables of 80 to 300 ms with pauses, at a root mean square of about 2600.
fn speech(rate: SampleRate, frames: usize, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    let len = frames * rate.frame_samples();
    let mut out: Vec<f32> = Vec::with_capacity(len);
    let mut phase = 0.0;
    while out.len() < len {
        let samples = rate.samples_in_ms((80.0 + 220.0 * random.unit()) as u32);
        let pitch_hz = 90.0 + 150.0 * random.unit();
        let glide = 0.4 * (random.unit() - 0.5);
        let breath = if random.unit() < 0.25 { 1.0 } else { 0.1 };
        let mut low = Resonance::new(rate, 300.0 + 500.0 * random.unit());
        let mut high = Resonance::new(rate, 1_000.0 + 1_500.0 * random.unit());
        for n in 0..samples {
            let place = n as f32 / samples as f32;
            phase += pitch_hz * (1.0 + glide * place) / rate.hz() as f32;
            let pulse = if phase >= 1.0 { 8.0 } else { 0.0 };
            phase = phase.fract();
            let source = (1.0 - breath) * pulse + 2.0 * breath * (random.unit() - 0.5);
            let envelope = (std::f32::consts::PI * place).sin();
            out.push(envelope * (low.filter(source) + 0.5 * high.filter(source)));
        }
        if random.unit() < 0.3 {
            out.resize(out.len() + rate.samples_in_ms((200.0 * random.unit()) as u32), 0.0);
        }
    }
    out.truncate(len);
    let gain = 2_600.0 / rms(&out);
    out.iter().map(|x| (gain * x).clamp(-20_000.0, 20_000.0)).collect()
}

struct Resonance {
    a: [f32; 2],
    y: [f32; 2],
}

impl Resonance {
    fn new(rate: SampleRate, hz: f32) -> Self {
        let radius = (-std::f32::consts::PI * 120.0 / rate.hz() as f32).exp();
        let angle = std::f32::consts::TAU * hz / rate.hz() as f32;
        Self { a: [2.0 * radius * angle.cos(), -radius * radius], y: [0.0; 2] }
    }

    fn filter(&mut self, x: f32) -> f32 {
        let y = x + self.a[0] * self.y[0] + self.a[1] * self.y[1];
        self.y = [y, self.y[0]];
        y
    }
}

fn noise(len: usize, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    (0..len).map(|_| 2.0 * random.unit() - 1.0).collect()
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
    }
}

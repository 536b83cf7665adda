//! From probabilities to talk spurts: hysteresis, onset and hangover in media time.
//!
//! ```text
//!            voiced                     onset_ms of credit
//!  Closed ───────────▶ Rising ──────────────────────────────▶ Open ◀─┐ voiced, or RESUME_MS of it
//!    ▲                   │ credit used up                      │     │ after a pause
//!    ├───────────────────┘                                     ▼     │
//!    └──────────────── hangover_ms without voice ──────────── (pause)┘
//! ```
//!
//! A voiced frame adds its length to the credit, another takes it away again: a click of one frame
//! never opens the gate, and a dip of one frame in a short "yes" does not start the count anew. The
//! same holds in a pause of an open gate: a lone click neither restarts the silence nor prolongs
//! the spurt.
//!
//! Time is counted in frames, so a burst that arrives late is worth as much as one in time. The
//! gate knows no rule of the conversation: how much silence ends a turn, and how much voice
//! interrupts, are decided from its counters.

use std::time::Duration;

use offhook_types::Timestamp;

use super::{SpeechProbability, VadKind};

/// Length of a frame.
const FRAME_MS: u32 = 20;
/// A pause of up to this long inside a spurt ends with any voiced frame: the closure of a stop is
/// no pause.
const BRIDGED_MS: u32 = 60;
/// Voice that ends a longer pause. One frame would let every key stroke restart the silence; three
/// would count the start of a resumed word as silence.
const RESUME_MS: u32 = 40;

/// When the gate opens and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateConfig {
    /// Probability from which a frame is voiced while the gate is closed. Lower opens on noise,
    /// higher misses weak starts.
    pub open_from: SpeechProbability,
    /// Probability below which a frame is unvoiced while the gate is open; at most `open_from`.
    /// Lower holds on to noise after the last word, higher breaks words at their weak sounds.
    pub close_below: SpeechProbability,
    /// Voiced time that opens the gate, in ms, rounded up to whole frames. Less opens on coughs and
    /// clicks; more is added to every interruption and loses short words: "no" has about 150 ms.
    pub onset_ms: u32,
    /// Unvoiced time that closes it, in ms, rounded up to whole frames. Shorter cuts words at the
    /// closures of their stops; longer delays [`GateEdge::SpeechEnd`], but not `silence_ms`, which
    /// counts from the last voiced frame.
    pub hangover_ms: u32,
}

impl GateConfig {
    /// The thresholds that suit a detector, chosen on the English and French recordings of
    /// `accuracy_vad` in all noises but babble and music.
    ///
    /// For the neural detector, opening at even odds makes false starts half as frequent again (2.9
    /// a minute against 1.9) for no earlier onset. For the WebRTC one, opening later than at even
    /// odds waits for its third loud frame: 20 ms. For both, 40 ms of onset make false starts more
    /// frequent by a fifth to four fifths, and 200 ms lose one to four in a hundred of the words
    /// under half a second.
    pub const fn for_kind(kind: VadKind) -> Self {
        let open_from = match kind {
            VadKind::WebRtc => SpeechProbability::EVEN,
            VadKind::Neural => SpeechProbability::new(160),
        };
        Self { open_from, close_below: SpeechProbability::new(90), onset_ms: 60, hangover_ms: 200 }
    }
}

impl Default for GateConfig {
    /// For the default detector.
    fn default() -> Self {
        Self::for_kind(VadKind::default())
    }
}

/// What is known of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameEvidence {
    /// A detector heard it.
    Heard(SpeechProbability),
    /// A tone was cut out of it: certainly no voice.
    Blanked,
    /// It never arrived and was concealed. What was in it is unknown: nothing opens, closes or
    /// counts. A silence that the carrier does not send (DTX) is not lost; feed the comfort noise
    /// as heard.
    Lost,
}

/// The gate after one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateFrame {
    /// This frame by itself is voiced.
    pub is_voiced: bool,
    /// A talk spurt is going on.
    pub is_open: bool,
    /// Voiced time of the spurt, or of the candidate that may become one, in ms; pauses do not
    /// count.
    pub voiced_ms: u32,
    /// Time since the last voiced frame of a spurt (or since the start of the stream), in ms. A
    /// candidate does not reset it before the gate opens: look at `voiced_ms` as well before taking
    /// it for the end of a turn.
    pub silence_ms: u32,
    /// What changed with this frame.
    pub edge: Option<GateEdge>,
}

/// A talk spurt began or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateEdge {
    /// The gate opened.
    SpeechStart {
        /// Start of the first voiced frame, `onset_ms` or more before the frame that decided.
        started_at: Timestamp,
    },
    /// The gate closed.
    SpeechEnd {
        /// End of the last voiced frame, `hangover_ms` or more before the frame that decided.
        ended_at: Timestamp,
        /// Voiced time of the spurt, in ms.
        voiced_ms: u32,
    },
}

/// Decides frame by frame whether somebody is speaking.
#[derive(Clone, Debug)]
pub struct VoiceGate {
    config: GateConfig,
    state: State,
    silence_ms: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Rising { since: Timestamp, credit_ms: u32, voiced_ms: u32 },
    Open { voiced_ms: u32, resume_ms: u32, ended_at: Timestamp },
}

impl VoiceGate {
    /// A closed gate.
    pub fn new(config: GateConfig) -> Self {
        Self { config, state: State::Closed, silence_ms: 0 }
    }

    /// Whether a talk spurt is going on.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Changes both thresholds from the next frame on, as while the agent's own voice may come back
    /// as echo.
    pub fn set_thresholds(&mut self, open_from: SpeechProbability, close_below: SpeechProbability) {
        self.config.open_from = open_from;
        self.config.close_below = close_below;
    }

    /// Takes the next 20 ms frame, which starts at `at`.
    pub fn handle_frame(&mut self, at: Timestamp, evidence: FrameEvidence) -> GateFrame {
        let probability = match evidence {
            FrameEvidence::Heard(probability) => probability,
            FrameEvidence::Blanked => SpeechProbability::NONE,
            FrameEvidence::Lost => return self.report(false, None),
        };
        let open_from = self.config.open_from;
        let threshold =
            if self.is_open() { self.config.close_below.min(open_from) } else { open_from };
        let is_voiced = probability >= threshold && probability > SpeechProbability::NONE;
        self.silence_ms = self.silence_ms.saturating_add(FRAME_MS);
        let edge = match (self.state, is_voiced) {
            (State::Closed, false) => None,
            (State::Closed, true) => self.rise(at, at, FRAME_MS, FRAME_MS),
            (State::Rising { since, credit_ms, voiced_ms }, true) => {
                let credit_ms = credit_ms.saturating_add(FRAME_MS);
                self.rise(at, since, credit_ms, voiced_ms.saturating_add(FRAME_MS))
            }
            (State::Rising { since, credit_ms, voiced_ms }, false) => {
                let credit_ms = credit_ms.saturating_sub(FRAME_MS);
                self.state = if credit_ms == 0 {
                    State::Closed
                } else {
                    State::Rising { since, credit_ms, voiced_ms }
                };
                None
            }
            (State::Open { voiced_ms, resume_ms, ended_at }, true) => {
                self.go_on(at, voiced_ms, resume_ms, ended_at);
                None
            }
            (State::Open { voiced_ms, resume_ms, ended_at }, false) => {
                self.pause(voiced_ms, resume_ms, ended_at)
            }
        };
        self.report(is_voiced, edge)
    }

    /// Closes the gate and forgets the stream.
    pub fn reset(&mut self) {
        self.state = State::Closed;
        self.silence_ms = 0;
    }

    fn rise(
        &mut self,
        at: Timestamp,
        since: Timestamp,
        credit_ms: u32,
        voiced_ms: u32,
    ) -> Option<GateEdge> {
        if credit_ms < self.config.onset_ms {
            self.state = State::Rising { since, credit_ms, voiced_ms };
            return None;
        }
        self.state = State::Open { voiced_ms, resume_ms: 0, ended_at: end_of(at) };
        self.silence_ms = 0;
        Some(GateEdge::SpeechStart { started_at: since })
    }

    /// A voiced frame in an open gate. `silence_ms` counts this frame already.
    fn go_on(&mut self, at: Timestamp, voiced_ms: u32, resume_ms: u32, ended_at: Timestamp) {
        let pause_ms = self.silence_ms - FRAME_MS;
        let resume_ms = resume_ms + FRAME_MS;
        if pause_ms <= BRIDGED_MS || resume_ms >= RESUME_MS {
            let voiced_ms = voiced_ms.saturating_add(resume_ms);
            self.state = State::Open { voiced_ms, resume_ms: 0, ended_at: end_of(at) };
            self.silence_ms = 0;
        } else {
            self.state = State::Open { voiced_ms, resume_ms, ended_at };
        }
    }

    fn pause(&mut self, voiced_ms: u32, resume_ms: u32, ended_at: Timestamp) -> Option<GateEdge> {
        if self.silence_ms < self.config.hangover_ms {
            let resume_ms = resume_ms.saturating_sub(FRAME_MS);
            self.state = State::Open { voiced_ms, resume_ms, ended_at };
            return None;
        }
        self.state = State::Closed;
        Some(GateEdge::SpeechEnd { ended_at, voiced_ms })
    }

    fn report(&self, is_voiced: bool, edge: Option<GateEdge>) -> GateFrame {
        let voiced_ms = match self.state {
            State::Closed => 0,
            State::Rising { voiced_ms, .. } => voiced_ms,
            State::Open { voiced_ms, resume_ms, .. } => voiced_ms.saturating_add(resume_ms),
        };
        let silence_ms = self.silence_ms;
        GateFrame { is_voiced, is_open: self.is_open(), voiced_ms, silence_ms, edge }
    }
}

fn end_of(frame_start: Timestamp) -> Timestamp {
    frame_start + Duration::from_millis(u64::from(FRAME_MS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `V` certain voice, `w` weak voice (110: between the thresholds), `.` none, `_` blanked, `?`
    /// lost.
    fn play(gate: &mut VoiceGate, from_frame: u64, script: &str) -> Vec<GateFrame> {
        script
            .chars()
            .enumerate()
            .map(|(index, letter)| {
                let evidence = match letter {
                    'V' => FrameEvidence::Heard(SpeechProbability::CERTAIN),
                    'w' => FrameEvidence::Heard(SpeechProbability::new(110)),
                    '_' => FrameEvidence::Blanked,
                    '?' => FrameEvidence::Lost,
                    _ => FrameEvidence::Heard(SpeechProbability::NONE),
                };
                gate.handle_frame(moment(from_frame + index as u64), evidence)
            })
            .collect()
    }

    fn moment(frame: u64) -> Timestamp {
        Timestamp::from_millis(frame * u64::from(FRAME_MS))
    }

    fn played(script: &str) -> Vec<GateFrame> {
        play(&mut VoiceGate::new(GateConfig::default()), 0, script)
    }

    fn edges(frames: &[GateFrame]) -> Vec<(usize, GateEdge)> {
        let with_index = frames.iter().enumerate();
        with_index.filter_map(|(index, frame)| Some((index, frame.edge?))).collect()
    }

    #[test]
    fn sixty_ms_of_voice_open_the_gate_from_their_start() {
        let frames = played("..VVV");
        let started_at = moment(2);
        assert_eq!(edges(&frames), [(4, GateEdge::SpeechStart { started_at })]);
        assert_eq!((frames[4].voiced_ms, frames[4].silence_ms), (60, 0));
    }

    #[test]
    fn a_spurt_ends_at_its_last_voiced_frame_200_ms_later() {
        let frames = played("VVVVV..............");
        let ended_at = moment(5);
        assert_eq!(edges(&frames)[1], (14, GateEdge::SpeechEnd { ended_at, voiced_ms: 100 }));
        assert_eq!((frames[14].voiced_ms, frames[14].silence_ms), (0, 200));
        assert_eq!(frames[18].silence_ms, 280);
    }

    #[test]
    fn clicks_of_one_frame_never_open_it() {
        assert_eq!(edges(&played(&"V.".repeat(500))), []);
        assert_eq!(edges(&played(&"V...".repeat(500))), []);
    }

    #[test]
    fn clicks_of_one_frame_do_not_hold_it_open() {
        let frames = played(&format!("VVVV{}", "....V".repeat(20)));
        let end = edges(&frames)[1];
        let ended_at = moment(4);
        assert!(matches!(end.1, GateEdge::SpeechEnd { ended_at: at, .. } if at == ended_at));
        assert!(end.0 <= 14, "closed at frame {}", end.0);
    }

    #[test]
    fn a_short_yes_with_a_weak_middle_is_heard() {
        // 140 ms, of which one frame fails: a "yes" through a poor line.
        let frames = played("...VV.VVVV....");
        let started_at = moment(3);
        assert_eq!(edges(&frames)[0], (7, GateEdge::SpeechStart { started_at }));
    }

    #[test]
    fn weak_sounds_hold_an_open_gate_and_open_none() {
        assert_eq!(edges(&played(&"w".repeat(100))), []);
        let frames = played(&format!("VVV{}", "w".repeat(100)));
        assert_eq!(edges(&frames).len(), 1);
        assert_eq!(frames[102].silence_ms, 0);
    }

    #[test]
    fn the_closure_of_a_stop_does_not_count_as_silence_afterwards() {
        let frames = played("VVVV...VV");
        assert_eq!(frames[6].silence_ms, 60);
        assert_eq!((frames[7].silence_ms, frames[7].voiced_ms), (0, 100));
    }

    #[test]
    fn after_a_longer_pause_two_voiced_frames_restart_the_count() {
        let frames = played("VVVV.....VV");
        assert_eq!((frames[9].silence_ms, frames[9].voiced_ms), (120, 100));
        assert_eq!((frames[10].silence_ms, frames[10].voiced_ms), (0, 120));
    }

    #[test]
    fn lost_frames_neither_open_nor_close_nor_count() {
        assert_eq!(edges(&played("VV????????")), []);
        assert_eq!(edges(&played("VV??V")).len(), 1);
        let frames = played(&format!("VVV.{}", "?".repeat(100)));
        assert_eq!(edges(&frames).len(), 1);
        assert_eq!((frames[103].is_open, frames[103].silence_ms), (true, 20));
        assert_eq!((frames[103].is_voiced, frames[103].voiced_ms), (false, 60));
    }

    #[test]
    fn blanked_tones_are_silence() {
        assert_eq!(edges(&played(&"_".repeat(50))), []);
        let frames = played(&format!("VVV{}", "_".repeat(10)));
        assert!(matches!(edges(&frames)[1], (12, GateEdge::SpeechEnd { .. })));
    }

    #[test]
    fn raised_thresholds_hold_from_the_next_frame() {
        let mut gate = VoiceGate::new(GateConfig::default());
        gate.set_thresholds(SpeechProbability::CERTAIN, SpeechProbability::new(200));
        let strong = FrameEvidence::Heard(SpeechProbability::new(240));
        for index in 0..50 {
            assert!(!gate.handle_frame(moment(index), strong).is_open);
        }
    }

    #[test]
    fn a_threshold_of_zero_still_needs_some_voice() {
        let config = GateConfig {
            open_from: SpeechProbability::NONE,
            close_below: SpeechProbability::CERTAIN,
            onset_ms: 0,
            hangover_ms: 0,
        };
        let mut gate = VoiceGate::new(config);
        assert_eq!(edges(&play(&mut gate, 0, "........")), []);
        assert_eq!(edges(&play(&mut gate, 8, "V.")).len(), 2);
    }

    #[test]
    fn a_reset_gate_is_closed_and_counts_from_zero() {
        let mut gate = VoiceGate::new(GateConfig::default());
        play(&mut gate, 0, "VVVV");
        gate.reset();
        assert!(!gate.is_open());
        let frame = play(&mut gate, 4, ".")[0];
        assert_eq!((frame.silence_ms, frame.voiced_ms), (20, 0));
    }

    #[test]
    fn processing_does_not_allocate() {
        let mut gate = VoiceGate::new(GateConfig::default());
        let counted = allocation_counter::measure(|| {
            for index in 0..2_000 {
                let heard = SpeechProbability::new((index * 37 % 256) as u8);
                gate.handle_frame(moment(index), FrameEvidence::Heard(heard));
            }
        });
        assert_eq!(counted.count_total, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn whatever_it_hears_its_account_is_consistent(
            script in "[Vw._?]{0,300}",
            onset_ms in 0_u32..300,
            hangover_ms in 0_u32..600,
        ) {
            let config = GateConfig { onset_ms, hangover_ms, ..GateConfig::default() };
            let frames = play(&mut VoiceGate::new(config), 0, &script);
            let (mut was_open, mut spoke_until) = (false, Timestamp::ZERO);
            for (index, (frame, letter)) in frames.iter().zip(script.chars()).enumerate() {
                match frame.edge {
                    Some(GateEdge::SpeechStart { started_at }) => {
                        prop_assert!(!was_open && frame.is_open && letter == 'V');
                        prop_assert!(started_at >= spoke_until && frame.voiced_ms >= onset_ms);
                        spoke_until = started_at;
                    }
                    Some(GateEdge::SpeechEnd { ended_at, voiced_ms }) => {
                        prop_assert!(was_open && !frame.is_open && letter != '?');
                        prop_assert!(ended_at > spoke_until && voiced_ms >= FRAME_MS);
                        prop_assert!(frame.silence_ms >= hangover_ms);
                        spoke_until = ended_at;
                    }
                    None => prop_assert_eq!(was_open, frame.is_open),
                }
                let elapsed_ms = (index as u32 + 1) * FRAME_MS;
                prop_assert!(frame.voiced_ms <= elapsed_ms && frame.silence_ms <= elapsed_ms);
                was_open = frame.is_open;
            }
        }
    }
}

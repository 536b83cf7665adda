//! The ledger against single pieces of evidence; whole carriers are simulated in
//! `tests/ledger.rs`.

use offhook_types::SampleRate;

use super::*;
use crate::twilio::TwilioDialect;
use crate::{Dialect as _, FrameKind};

const FIRST: UtteranceId = UtteranceId::new(1);
/// 20 ms.
const FRAME: u64 = 160;

const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn ledger(marks: MarkSupport, clear: ClearSupport) -> Ledger {
    let caps = Caps { marks, clear, ..*TwilioDialect::new().caps() };
    Ledger::new(SampleRate::HZ_8000, &caps)
}

/// Sends this many milliseconds of the first clause at once.
fn speak(ledger: &mut Ledger, now: Timestamp, millis: u64) {
    ledger.generate(FrameKind::Speech(FIRST), millis * FRAME / 20);
    ledger.send(now, millis * FRAME / 20);
}

fn returned(mark: Mark, outcome: MarkOutcome) -> MediaEvent<'static> {
    MediaEvent::Mark { mark, outcome }
}

#[test]
fn what_was_made_but_not_sent_is_never_heard() {
    let mut ledger = ledger(MarkSupport::None, ClearSupport::Silent);
    ledger.generate(FrameKind::Speech(FIRST), 1_600);
    ledger.send(at(0), 800);
    assert_eq!(ledger.heard(at(10_000)).samples, 800);
    assert_eq!((ledger.sent(), ledger.generated()), (800, 1_600));
}

#[test]
fn a_mark_moves_the_estimate_to_what_the_line_shows() {
    let mut ledger = ledger(MarkSupport::WhenPlayed, ClearSupport::Acknowledged);
    speak(&mut ledger, at(0), 200);
    let mark = ledger.mark(at(0), FIRST).expect("a mark");
    speak(&mut ledger, at(150), 200);
    // It took 200 ms to play and 300 ms both ways: 150 ms each.
    ledger.handle_event(at(500), &returned(mark, MarkOutcome::Played));
    assert_eq!(ledger.heard(at(500)).samples, 350 * 8);
    assert_eq!(ledger.heard_of(FIRST, at(500)), 350 * 8);
}

#[test]
fn a_mark_on_a_silent_line_measures_the_way() {
    let mut ledger = ledger(MarkSupport::AlsoWhenCleared, ClearSupport::Silent);
    let probe = ledger.mark(at(0), FIRST).expect("a mark");
    speak(&mut ledger, at(0), 400);
    ledger.handle_event(at(100), &returned(probe, MarkOutcome::Played));
    assert_eq!(ledger.heard(at(250)).samples, 200 * 8);
}

#[test]
fn a_mark_that_was_not_sent_proves_nothing() {
    let mut ledger = ledger(MarkSupport::AlsoWhenCleared, ClearSupport::Silent);
    speak(&mut ledger, at(0), 200);
    let forged = Mark { end_sample: 1_600, utterance: FIRST, generation: Generation::new(0) };
    ledger.handle_event(at(1), &returned(forged, MarkOutcome::Played));
    assert_eq!(ledger.heard(at(1)).samples, 0);
    assert_eq!(ledger.unexpected_marks(), 1);
}

#[test]
fn a_mark_that_a_clear_returns_does_not_count_as_heard() {
    let mut ledger = ledger(MarkSupport::AlsoWhenCleared, ClearSupport::Silent);
    speak(&mut ledger, at(0), 400);
    let mark = ledger.mark(at(0), FIRST).expect("a mark");
    let cut = ledger.clear(at(100));
    assert_eq!((cut.samples, cut.utterance_samples), (800, 800));
    ledger.handle_event(at(150), &returned(mark, MarkOutcome::Unknown));
    assert_eq!(ledger.poll_settled(at(160)), None);
    assert_eq!(ledger.poll_timeout(), Some(at(350)));
    assert_eq!(ledger.poll_settled(at(350)), Some(cut));
    assert_eq!(ledger.poll_settled(at(400)), None);
}

#[test]
fn the_delay_of_the_line_does_not_change_what_a_clear_leaves_heard() {
    // The clear takes as long to the carrier as the audio did: 150 ms each way.
    let mut ledger = ledger(MarkSupport::AlsoWhenCleared, ClearSupport::Silent);
    let probe = ledger.mark(at(0), FIRST).expect("a mark");
    speak(&mut ledger, at(0), 1_000);
    ledger.handle_event(at(300), &returned(probe, MarkOutcome::Played));
    assert_eq!(ledger.heard(at(500)).samples, 350 * 8);
    assert_eq!(ledger.clear(at(500)).samples, 500 * 8);
}

#[test]
fn labels_and_acknowledgements_correct_a_cut_within_its_bounds() {
    let mut labelled = ledger(MarkSupport::Labelled, ClearSupport::Silent);
    speak(&mut labelled, at(0), 200);
    let first = labelled.mark(at(0), FIRST).expect("a mark");
    speak(&mut labelled, at(0), 200);
    let second = labelled.mark(at(0), FIRST).expect("a mark");
    labelled.clear(at(100));
    labelled.handle_event(at(150), &returned(first, MarkOutcome::Played));
    labelled.handle_event(at(150), &returned(second, MarkOutcome::Cleared));
    assert_eq!(labelled.poll_settled(at(150)).map(|heard| heard.samples), Some(1_600));

    let mut acknowledged = ledger(MarkSupport::WhenPlayed, ClearSupport::Acknowledged);
    speak(&mut acknowledged, at(0), 200);
    acknowledged.mark(at(0), FIRST).expect("a mark");
    speak(&mut acknowledged, at(0), 200);
    acknowledged.clear(at(300));
    acknowledged.handle_event(at(350), &MediaEvent::Cleared);
    // The mark at 200 ms never came: the line was slower than the clock.
    assert_eq!(acknowledged.poll_settled(at(350)).map(|heard| heard.samples), Some(1_600));
}

#[test]
fn a_players_own_counter_is_believed_up_to_what_was_sent() {
    let mut ledger = ledger(MarkSupport::Labelled, ClearSupport::Acknowledged);
    speak(&mut ledger, at(0), 400);
    let cut = ledger.clear(at(200));
    let played = MediaEvent::Played { generation: cut.generation, samples: 99_999 };
    ledger.handle_event(at(220), &played);
    assert_eq!(ledger.poll_settled(at(220)).map(|heard| heard.samples), Some(3_200));
}

#[test]
fn without_a_clear_everything_sent_is_heard() {
    let mut ledger = ledger(MarkSupport::None, ClearSupport::None);
    speak(&mut ledger, at(0), 400);
    let heard = ledger.clear(at(20));
    assert_eq!((heard.samples, heard.generation), (3_200, ledger.generation()));
}

#[test]
fn the_bed_is_played_and_not_heard() {
    let mut ledger = ledger(MarkSupport::None, ClearSupport::Silent);
    ledger.generate(FrameKind::Bed, 800);
    speak(&mut ledger, at(0), 20);
    ledger.generate(FrameKind::Bed, 800);
    ledger.send(at(0), 1_600);
    let heard = ledger.heard(at(10_000));
    assert_eq!((heard.utterance, heard.utterance_samples), (Some(FIRST), 160));
}

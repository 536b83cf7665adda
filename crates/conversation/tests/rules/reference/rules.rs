//! The rules themselves: at each step, what must have been done by now and what must not.

use offhook_conversation::{Conversation, Entry, Input, State};
use offhook_types::{PlayoutEvent, RequestId, SttEvent};

use super::log::Fact;
use super::wording::{Look, confidence, plain, silence_needed, split};
use super::{ENGLISH, Floor, Reference, Verdict, expect, letters};

/// Final words are waited for this long.
const FINAL_WORDS: u64 = 400;
/// A sound without words is noise after this much silence; an interruption that brought none is
/// taken back after this time, or when the sound stops, looked at every half second, three times
/// that at most.
const WORDLESS: u64 = 1_500;
/// Two steps: one may pass between a deadline and the next look at the clock.
const STEP: u64 = 20;

impl Reference {
    pub(super) fn floor_is_right(&self, state: State) -> Verdict {
        let is_right = match self.floor {
            Floor::Free => matches!(state, State::Listening | State::CallerTurn),
            Floor::Due(_) => state == State::Thinking,
            Floor::Agent(_) => matches!(state, State::Speaking | State::Ducked),
        };
        expect(is_right, "the floor is where playout and answers put it", || {
            format!("{:?} follows from what was played, held, cut and heard", self.floor)
        })?;
        if self.floor != Floor::Free {
            return Ok(());
        }
        let frame = self.log.frame();
        let is_sound = frame.is_open && frame.silence_ms == 0;
        expect(!is_sound || state == State::CallerTurn, "the caller has the floor", || {
            "the caller is heard and nobody else".to_owned()
        })?;
        let sounded = self.log.last_sound.is_some_and(|sound| sound >= self.free_since);
        let is_wordless = self.reading.open.is_empty();
        let silence = u64::from(frame.silence_ms);
        let is_early = is_wordless && sounded && silence < WORDLESS && state == State::Listening;
        expect(!is_early, "the turn of a sound without words is not dropped yet", || {
            format!("the caller was silent for {silence} ms of {WORDLESS}")
        })?;
        let is_late = is_wordless && sounded && silence >= WORDLESS && !frame.is_voiced;
        expect(!is_late || state == State::Listening, "a sound without words is dropped", || {
            format!("no word came in {silence} ms of silence")
        })
    }

    /// What is answered, and that it is not too early.
    pub(super) fn answers_are_right(
        &mut self,
        before: Floor,
        facts: &[Fact],
        machine: &Conversation,
    ) -> Verdict {
        let played = facts.iter().find_map(|fact| match fact {
            Fact::Play(request) => Some(*request),
            _ => None,
        });
        let Some(request) = played else { return Ok(()) };
        let Some(asked) = self.log.asked.get(&request) else {
            // A caller who asks the same again is told the rest of the answer.
            let source = self.log.source.get(&request).and_then(|of| self.log.asked.get(of));
            if source.is_some_and(|source| self.reading.texts.contains(&source.words)) {
                self.note_answer(request.turn, [false; 2]);
                return Ok(());
            }
            return self.taken_back_in_time(request);
        };
        let went_on = facts.iter().any(|fact| matches!(fact, Fact::Hold(_)));
        let is_same_turn =
            matches!(before, Floor::Due(due) | Floor::Agent(due) if due.turn == request.turn);
        if is_same_turn && !went_on {
            return Ok(());
        }
        expect(!asked.is_dropped, "an answer that was dropped stays dropped", || {
            format!("{request:?} was dropped")
        })?;
        let expected = &self.reading.texts[0];
        expect(
            self.reading.texts.contains(&asked.words),
            "all words that have no answer yet are answered, once",
            || format!("\"{expected}\" was said and \"{}\" is answered", asked.words),
        )?;
        let written = machine.history().entries().iter().rev().find_map(|entry| match entry {
            Entry::Caller { text, .. } => Some(text.as_str()),
            Entry::Agent { .. } => None,
        });
        let written = written.unwrap_or_default();
        expect(
            self.reading.texts.contains(&plain(&split(written))),
            "the history holds what the caller said",
            || format!("\"{expected}\" was said and \"{written}\" is written"),
        )?;
        let is_too_long = [self.is_too_long(false), self.is_too_long(true)];
        expect(is_too_long[1] || self.may_be_over(), "the caller's turn is not over", || {
            let [_, silence] = self.silences();
            let [needed, _] = self.needed();
            format!("{silence} ms of silence or less, \"{expected}\" needs {needed} ms")
        })?;
        self.note_answer(request.turn, is_too_long);
        Ok(())
    }

    /// An interruption is taken back when time has shown that it brought no words, or when it
    /// brought such as only listen.
    fn taken_back_in_time(&self, request: RequestId) -> Verdict {
        let Some((at, turn, _)) = self.cut else { return Ok(()) };
        let waited = self.log.now - at;
        let is_listening = self.reading.open_is_listening && self.may_be_over();
        let is_noise = u64::from(self.log.frame().silence_ms) >= WORDLESS;
        expect(
            turn == request.turn && (waited >= WORDLESS || is_listening || is_noise),
            "the interruption is not taken back yet",
            || format!("words had {waited} ms to come, of {WORDLESS}"),
        )
    }

    /// A caller who has finished is answered.
    pub(super) fn caller_is_answered_in_time(&self, input: &Input, state: State) -> Verdict {
        if !self.caller_waits() {
            return Ok(());
        }
        let open = || &self.reading.texts[0];
        expect(state == State::CallerTurn, "the caller has the floor", || {
            format!("\"{}\" was said and is not answered", open())
        })?;
        if self.log.frame().is_voiced || !matches!(input, Input::Frame(_)) {
            return Ok(());
        }
        let [silence, _] = self.silences();
        let [_, needed] = self.needed();
        let is_final = self.log.trail.is_empty();
        let since = self.evidence_at().max(self.free_since);
        let over_for = silence.saturating_sub(needed).min(self.log.now - since);
        let is_late = silence >= needed && (is_final || over_for >= FINAL_WORDS + STEP);
        expect(!is_late && !self.is_too_long(false), "the caller's turn is over", || {
            format!("{silence} ms of silence or more, \"{}\" needs {needed} ms", open())
        })
    }

    /// What the caller says while the agent is heard stops it or does not.
    pub(super) fn interruptions_are_right(
        &mut self,
        before: Floor,
        input: &Input,
        facts: &[Fact],
        state: State,
    ) -> Verdict {
        let cut = facts.iter().find(|fact| matches!(fact, Fact::Cut(_)));
        let Floor::Agent(request) = before else {
            return expect(cut.is_none(), "nothing is cut", || "nobody was heard".to_owned());
        };
        let is_evidence = matches!(
            input,
            Input::Frame(_) | Input::Stt(SttEvent::Partial { .. } | SttEvent::Final { .. })
        );
        let [must, may] = self.must_stop(request);
        let observed = || {
            let frame = self.log.frame();
            format!("{} ms are voiced and {:?}", frame.voiced_ms, self.reading.meanings)
        };
        expect(may && is_evidence || cut.is_none(), "the agent is not stopped", observed)?;
        let is_stopped = cut.is_some() || matches!(state, State::Listening | State::Thinking);
        expect(!(must && is_evidence) || is_stopped, "the agent is stopped at once", observed)
    }

    /// Whether the caller certainly interrupts, and whether that may be said.
    fn must_stop(&self, request: RequestId) -> [bool; 2] {
        let settings = &self.settings;
        let sensitivity = u64::from(settings.interruption_sensitivity_permille);
        let [is_fixed, may_be_fixed] = self.is_cut_in_on(request);
        if sensitivity == 0 || is_fixed {
            return [false; 2];
        }
        let frame = self.log.frame();
        let needed = 60 + (1_000 - sensitivity) * 800 / 1_000 + u64::from(frame.extra_ms);
        let is_voiced = frame.is_open && u64::from(frame.voiced_ms) >= needed;
        let needs_words = self.wordless_cuts.0 == request.turn && self.wordless_cuts.1 >= 2;
        let words_min = usize::from(settings.min_words).max(usize::from(needs_words));
        // A recogniser that has been silent for 2 s of this speech is not waited for.
        let is_deaf = self.log.now - self.log.recognised_at.max(self.due_since) >= 2_000;
        // Two words without any voice are a whisper: with one, the gate would have opened.
        let sounded = self.log.last_sound.is_some_and(|sound| sound >= self.due_since);
        let stops = |is_whisper: bool, is_deaf: bool| {
            self.reading.meanings.iter().map(move |said| {
                let is_heard = is_voiced || is_whisper && said.counted >= 2;
                let has_words = said.counted >= words_min || is_deaf && !needs_words;
                said.interrupts || !said.is_listening && is_heard && has_words
            })
        };
        let is_whisper = !sounded;
        let must = !may_be_fixed && stops(is_whisper, false).all(|stops| stops);
        [must, stops(true, is_deaf).any(|stops| stops)]
    }

    /// Whether this answer cuts in on the caller and is finished: certainly, or at all.
    fn is_cut_in_on(&self, request: RequestId) -> [bool; 2] {
        let answer = self.log.answered.last().filter(|last| last.turn == request.turn);
        answer.map_or([false; 2], |last| last.is_cut_in_on)
    }

    /// The first evidence makes the agent quieter, and nothing else does.
    pub(super) fn ducking_is_right(
        &self,
        before: Floor,
        input: &Input,
        facts: &[Fact],
        state: State,
    ) -> Verdict {
        let (Floor::Agent(request), Floor::Agent(_)) = (before, self.floor) else { return Ok(()) };
        if !matches!(input, Input::Frame(_)) {
            return Ok(());
        }
        let frame = self.log.frame();
        let observed = || format!("{} ms voiced, {} ms silent", frame.voiced_ms, frame.silence_ms);
        let [is_fixed, may_be_fixed] = self.is_cut_in_on(request);
        let can_stop = self.settings.interruption_sensitivity_permille > 0 && !is_fixed;
        let is_sound = frame.is_open && frame.is_voiced && frame.voiced_ms >= 60;
        let listens = |all: bool| {
            let mut meanings = self.reading.meanings.iter().map(|said| said.is_listening);
            if all { meanings.all(|listens| listens) } else { meanings.any(|listens| listens) }
        };
        let ducks = facts.contains(&Fact::Duck(true));
        let may_duck = can_stop && is_sound && !listens(true);
        expect(!ducks || may_duck, "the agent is not made quieter", observed)?;
        let must_duck = can_stop && !may_be_fixed && is_sound && !listens(false);
        expect(!must_duck || state == State::Ducked, "the agent is quieter", observed)?;
        let is_over = !frame.is_voiced && frame.silence_ms >= 300;
        let goes_on = facts.contains(&Fact::Duck(false));
        let is_right = is_over || listens(false) || !goes_on;
        expect(is_right, "the agent stays quieter for now", observed)?;
        expect(!is_over || state == State::Speaking, "the agent is as loud as before", observed)
    }

    /// A caller who goes on before anything of the answer was heard gets the floor back, but not
    /// for ever.
    pub(super) fn going_on_is_right(
        &self,
        before: Floor,
        input: &Input,
        facts: &[Fact],
    ) -> Verdict {
        let Floor::Due(due) = before else { return Ok(()) };
        let is_held = facts.iter().any(|fact| matches!(fact, Fact::Hold(_)));
        let frame = self.log.frame();
        let is_frame = matches!(input, Input::Frame(_));
        let is_sound = is_frame && frame.is_open && frame.silence_ms == 0;
        let is_asked = self.log.asked.contains_key(&due);
        let answer = self.log.answered.last().filter(|last| is_asked && last.turn == due.turn);
        let [is_fixed, may_be_fixed] = answer.map_or([false; 2], |last| last.is_cut_in_on);
        // A reply that was no answer to this turn may count or not.
        let drops = |is_counted: &dyn Fn(u64, RequestId) -> bool| {
            let dropped = self.log.facts.iter().filter(
                |(at, fact)| matches!(fact, Fact::Drop(dropped) if is_counted(*at, *dropped)),
            );
            let now = facts.iter().filter(|fact| matches!(fact, Fact::Drop(_)));
            dropped.count() - now.count()
        };
        let least = drops(&|_, dropped| dropped.turn == due.turn);
        let most = drops(&|at, _| at >= self.on_air_since);
        expect(!is_held || !is_fixed && least < 4, "the answer is finished", || {
            "the caller was cut in on, or four answers were dropped".to_owned()
        })?;
        let grew = answer.is_some_and(|last| self.log.words_count() > last.to);
        let goes_on = is_sound || grew && matches!(input, Input::Stt(_));
        let may_hold = is_sound || matches!(input, Input::Stt(_));
        expect(!is_held || may_hold, "the answer is not held", || {
            "the caller neither speaks nor was anything recognised".to_owned()
        })?;
        let is_right = is_held || !goes_on || may_be_fixed || most >= 4;
        expect(is_right, "the answer is held", || {
            "the caller goes on and nothing of it was heard".to_owned()
        })
    }

    /// Something that was to be said and was held for a sound is said when no words come.
    pub(super) fn nothing_is_owed(&self) -> Verdict {
        let frame = self.log.frame();
        let (now, silence) = (self.log.now, u64::from(frame.silence_ms));
        if let Some((turn, words)) = self.owed {
            let is_quiet = !frame.is_voiced && silence >= WORDLESS;
            let is_owed = is_quiet && self.floor == Floor::Free && self.log.words_count() == words;
            expect(!is_owed, "what was held is said after all", || {
                format!("{turn:?} was held for a sound that brought no words")
            })?;
        }
        let Some((at, _, false)) = self.cut else { return Ok(()) };
        if self.reading.open_counts || now < at + WORDLESS {
            return Ok(());
        }
        let looks = (at + WORDLESS..=now.saturating_sub(STEP)).step_by(500);
        let is_quiet = |look: u64| silence >= 200 + now - look;
        let is_endless = now >= at + 3 * WORDLESS + 500 + STEP;
        let is_due = is_endless || looks.into_iter().any(is_quiet);
        expect(!is_due, "the interruption is taken back", || {
            format!("it brought no words in {} ms", now - at)
        })
    }

    /// The end-of-turn model and the recogniser are asked once in each pause.
    pub(super) fn questions_are_right(&self, input: &Input, facts: &[Fact]) -> Verdict {
        const PAUSE: u64 = 100;
        let is_frame = matches!(input, Input::Frame(_));
        let is_asked = facts.iter().any(|fact| matches!(fact, Fact::AskEnd(_)));
        let [least, most] = self.silences();
        let because = || format!("{least} to {most} ms of silence");
        if is_asked {
            let since = self.log.since(self.pause_at().max(self.due_since + 1));
            let first = since.filter(|(_, fact)| matches!(fact, Fact::AskEnd(_)));
            let is_right = most >= PAUSE && first.count() == 1 && facts.contains(&Fact::Finalize);
            expect(is_right, "the end of the turn is asked about once, in a pause", because)?;
        }
        if !self.caller_waits() || !is_frame || self.log.frame().is_voiced || least < PAUSE {
            return Ok(());
        }
        let mut since = self.log.since(self.pause_at());
        let was_asked = since.any(|(_, fact)| matches!(fact, Fact::AskEnd(_)));
        expect(was_asked, "the end of the turn is asked about", because)
    }

    /// A likely end is answered before it is certain, twice at most.
    pub(super) fn guesses_are_right(&self, input: &Input, facts: &[Fact]) -> Verdict {
        const PAUSE: u64 = 120;
        let guessed = facts.iter().find_map(|fact| match fact {
            Fact::Asked { request, is_guess: true } => Some(*request),
            _ => None,
        });
        let guesses = |turn| {
            let of_turn = self.log.facts.iter().filter(move |(_, fact)| {
                matches!(fact, Fact::Asked { request, is_guess: true } if request.turn == turn)
            });
            of_turn.count()
        };
        let [least, most] = self.silences();
        let confidence = self.confidence();
        let because = || format!("{least} to {most} ms of silence, confidence {confidence}");
        let is_slow = self.log.asked.values().rev().filter_map(|asked| asked.latency);
        if let Some(request) = guessed {
            let is_likely = most >= PAUSE && confidence >= 500;
            let slow = is_slow.filter(|latency| *latency >= 1_900).count();
            let may = self.settings.speculates && guesses(request.turn) <= 2 && slow < 8;
            return expect(is_likely && may, "no answer is begun on a guess", because);
        }
        let is_open = self.caller_waits() && matches!(input, Input::Frame(_));
        let is_quiet = !self.log.frame().is_voiced && least >= PAUSE && confidence >= 500;
        if !is_open || !is_quiet || !self.settings.speculates || self.cut.is_some() {
            return Ok(());
        }
        let is_told = self.log.trail.is_empty() || Some(self.words_at()) > self.log.last_sound;
        if !is_told || !self.had_voice() || is_slow.max().is_some_and(|ms| ms > 1_500) {
            return Ok(());
        }
        let is_live = |at: &u64, request: &RequestId| {
            let asked = self.log.asked.get(request);
            let live = asked.is_some_and(|asked| !asked.is_dropped && !asked.is_cancelled);
            live && *at >= self.began.map_or(0, |(earliest, _)| earliest)
        };
        let asked = self.log.facts.iter().rev().find_map(|(at, fact)| match fact {
            Fact::Asked { request, .. } if is_live(at, request) => self.log.asked.get(request),
            _ => None,
        });
        let is_answered = asked.is_some_and(|asked| self.reading.texts.contains(&asked.words));
        let last = self.log.facts.iter().rev().find_map(|(at, fact)| match fact {
            Fact::Asked { request, .. } => Some((*at, request.turn)),
            _ => None,
        });
        let tried = last.is_some_and(|(at, turn)| at >= self.free_since && guesses(turn) >= 2);
        let was_held =
            self.log.since(self.free_since).any(|(_, fact)| matches!(fact, Fact::Hold(_)));
        let is_right = is_answered || tried || was_held;
        expect(is_right, "an answer is begun on a guess", because)
    }

    /// The agent murmurs to a caller who speaks at length, every six seconds at most.
    pub(super) fn murmurs_are_right(&self, input: &Input, facts: &[Fact]) -> Verdict {
        let (now, Some((earliest, latest))) = (self.log.now, self.began) else { return Ok(()) };
        let murmurs = self.log.since(now.saturating_sub(7_000));
        let murmurs = murmurs.filter(|(_, fact)| *fact == Fact::Murmur);
        let times: Vec<u64> = murmurs.map(|(at, _)| now - at).collect();
        let [least, most] = self.silences();
        let is_unsure = self.confidence() < 700;
        let because = || format!("{now} ms, began {latest}, silent {least}, murmured {times:?}");
        if facts.contains(&Fact::Murmur) {
            let goes_on = !facts.iter().any(|fact| matches!(fact, Fact::Play(_)));
            let may = self.settings.enable_backchannel && is_unsure && most >= 200 && goes_on;
            let is_due = now - earliest >= 5_000 && times.get(1).is_none_or(|ago| *ago >= 6_000);
            return expect(may && is_due, "the agent does not murmur", because);
        }
        let is_open = self.caller_waits() && matches!(input, Input::Frame(_));
        let is_short = most < self.needed()[0];
        let is_pause =
            is_open && least >= 200 && is_short && is_unsure && !self.log.frame().is_voiced;
        let is_due = now - latest >= 5_000 && times.first().is_none_or(|ago| *ago >= 6_000);
        let must = self.settings.enable_backchannel && is_pause && is_due;
        expect(!must, "the agent murmurs", because)
    }

    /// The voice is asked for what the model wrote, two clauses ahead of what is heard, one of an
    /// answer that may not be heard yet.
    pub(super) fn speech_is_asked_for(&self, facts: &[Fact]) -> Verdict {
        let Some(newest) = self.log.speeches.last().map(|speech| speech.request) else {
            return Ok(());
        };
        let of_newest =
            || self.log.speeches.iter().rev().take_while(|speech| speech.request == newest);
        let ahead = of_newest().filter(|speech| !speech.is_heard).count();
        let current = match self.floor {
            Floor::Due(request) | Floor::Agent(request) => Some(request),
            Floor::Free => None,
        };
        let most = if current == Some(newest) { 2 } else { 1 };
        if facts.contains(&Fact::Said) {
            return expect(
                ahead <= most || current.is_none(),
                "the voice is not asked yet",
                || format!("{ahead} clauses are ahead of what is heard"),
            );
        }
        let Some(asked) = current.and_then(|current| self.log.text_of(current)) else {
            return Ok(());
        };
        let samples = of_newest().map(|speech| speech.made - speech.heard).sum::<u64>();
        if current != Some(newest) || ahead >= 2 || !asked.is_written || samples >= 64_000 {
            return Ok(());
        }
        let said: usize = self.log.speeches_of(newest.turn).map(|s| letters(&s.text).len()).sum();
        let written = letters(&asked.written).len();
        expect(said >= written, "all that the model wrote is said", || {
            format!("{said} letters of {written} were said")
        })
    }

    /// The history holds of an answer what was reported as heard, to the word.
    pub(super) fn history_is_right(
        &self,
        input: &Input,
        facts: &[Fact],
        machine: &Conversation,
    ) -> Verdict {
        let Input::Playout(PlayoutEvent::Heard { utterance, is_all, .. }) = input else {
            return Ok(());
        };
        let Some(speech) = self.log.speeches.iter().rev().find(|s| s.utterance == *utterance)
        else {
            return Ok(());
        };
        let turn = speech.request.turn;
        let written = machine.history().entries().iter().rev().find_map(|entry| match entry {
            Entry::Agent { turn: of, text, was_interrupted } if *of == turn => {
                Some((text.as_str(), *was_interrupted))
            }
            Entry::Agent { .. } | Entry::Caller { .. } => None,
        });
        let (text, was_interrupted) = written.unwrap_or_default();
        let mut bounds = [0, 0];
        for speech in self.log.speeches_of(turn).filter(|speech| speech.heard > 0) {
            let [least, most] = heard_letters(&speech.text, speech.heard, speech.made);
            bounds = if speech.is_heard {
                let all = letters(&speech.text).len();
                [bounds[0] + all, bounds[1] + all]
            } else {
                [bounds[0] + least, bounds[1] + most]
            };
        }
        let count = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
        let is_right = (bounds[0]..=bounds[1]).contains(&count);
        expect(is_right, "the history holds what was heard", || {
            format!("{} to {} letters were heard and {count} are written", bounds[0], bounds[1])
        })?;
        let was_cut = facts.is_empty() && !*is_all && self.cut.is_some_and(|(_, of, _)| of == turn);
        if !was_cut && !*is_all {
            return Ok(());
        }
        let meant = match self.log.text_of(speech.request) {
            Some(asked) => std::slice::from_ref(&asked.written),
            None => self.log.fixed.as_slice(),
        };
        let begins = meant.iter().any(|meant| letters(meant).starts_with(&letters(text)));
        let is_right = begins && (was_interrupted == was_cut || text.is_empty());
        expect(is_right, "the history holds what was heard", || {
            format!("\"{text}\" of {meant:?}, interrupted: {was_cut}")
        })
    }

    /// Whether the caller said something that must be answered, and has the floor already.
    fn caller_waits(&self) -> bool {
        let is_waiting = self.floor == Floor::Free && !self.reading.open.is_empty();
        is_waiting && !self.may_be_left_aside() && self.log.now > self.free_since
    }

    fn confidence(&self) -> u32 {
        let look = self.reading.looks.first().copied().unwrap_or(Look::Wordless);
        confidence(look, self.opinion())
    }

    /// Silence of the caller, at least and at most: since the last voice, or since the last words
    /// of a turn that had none.
    fn silences(&self) -> [u64; 2] {
        let voice = u64::from(self.log.frame().silence_ms);
        let sound = self.log.last_sound;
        let words = self.log.now - self.words_at().max(sound.unwrap_or_default());
        let first = self.reading.first_at[0].min(self.reading.first_at[1]);
        let had_none = sound.is_none_or(|sound| sound + 1_500 < first);
        match (self.had_voice(), had_none) {
            (true, _) => [voice; 2],
            (false, true) => [words; 2],
            (false, false) => [voice.min(words), voice.max(words)],
        }
    }

    /// Whether the words without an answer certainly had a voice: whatever of them is left aside.
    fn had_voice(&self) -> bool {
        // Behind words that were left aside a voice may be forgotten.
        let within = if self.reading.starts.len() > 1 { 300 } else { 1_400 };
        self.reading.first_at.iter().all(|first| {
            let is_new = *first >= self.free_since;
            let phase = if is_new { self.free_since } else { self.due_since };
            self.log.last_sound.is_some_and(|sound| {
                sound > *first || sound >= phase && first.saturating_sub(sound) < within
            })
        })
    }

    /// When the pause began, at the earliest.
    fn pause_at(&self) -> u64 {
        let began = self.began.map_or(self.free_since, |(earliest, _)| earliest);
        self.log.last_sound.map_or(began, |sound| began.max(sound + 1))
    }

    fn words_at(&self) -> u64 {
        let words = self.log.facts.iter().rev();
        let mut words = words.filter(|(_, fact)| matches!(fact, Fact::Words { .. }));
        words.next().map_or(0, |(at, _)| *at)
    }

    /// Silence that ends the turn: at least and at most, whatever words are left aside.
    fn needed(&self) -> [u64; 2] {
        let opinion = self.opinion();
        let needed = |look: &Look| silence_needed(self.settings.patience, *look, opinion);
        let all = || self.reading.looks.iter().map(needed);
        [all().min().unwrap_or(0), all().max().unwrap_or(0)]
    }

    /// What the end-of-turn model thinks of this pause.
    fn opinion(&self) -> Option<u16> {
        let mut answered = None;
        for (_, fact) in self.log.since(self.pause_at()) {
            match fact {
                Fact::Opinion { ask, permille } if answered.is_none() => {
                    answered = Some((*ask, *permille));
                }
                Fact::AskEnd(ask) => {
                    return answered.filter(|(of, _)| of == ask).map(|(_, permille)| permille);
                }
                _ => {}
            }
        }
        None
    }

    /// When words or the model last changed what silence is needed.
    fn evidence_at(&self) -> u64 {
        let mut facts = self.log.facts.iter().rev();
        let found = facts.find(|(_, f)| matches!(f, Fact::Words { .. } | Fact::Opinion { .. }));
        found.map_or(0, |(at, _)| *at)
    }

    /// Whether the silence so far can have ended the turn: it is long enough and the words are
    /// final, or it was long enough when the final words were first waited for.
    fn may_be_over(&self) -> bool {
        let ([_, silence], [needed, _]) = (self.silences(), self.needed());
        if self.log.trail.is_empty() || self.reading.may_be_echo || silence < needed {
            return silence >= needed;
        }
        let (now, from) = (self.log.now, self.log.open_from());
        let heard_at = self.log.frames.last().map_or(now, |(at, _)| *at);
        let pause = heard_at.saturating_sub(silence);
        let is_word = |fact: &Fact| matches!(fact, Fact::Words { .. });
        let newest_first = self.log.facts.iter().rev();
        let in_pause = newest_first.take_while(|(at, fact)| *at >= pause || !is_word(fact));
        let count = in_pause.count();
        let last = self.log.facts.len() - count;
        let mut facts = self.log.facts[last.saturating_sub(1)..].iter().peekable();
        let opinions_from = self.pause_at();
        let earlier = self.log.since(opinions_from).skip(count).find_map(|(_, fact)| match fact {
            Fact::Opinion { permille, .. } => Some(*permille),
            _ => None,
        });
        let (mut looks, mut is_final, mut opinion) = (Vec::new(), true, earlier);
        while let Some((at, fact)) = facts.next() {
            match fact {
                Fact::Words { settled, trail } => {
                    let said = self.log.settled[..*settled].iter().chain(trail);
                    let said: Vec<String> = said.skip(from).cloned().collect();
                    let readings =
                        self.reading.starts.iter().filter_map(|start| said.get(*start..));
                    looks = readings.map(|said| ENGLISH.look(said, "")).collect();
                    is_final = trail.is_empty();
                }
                Fact::Opinion { permille, .. } if *at >= opinions_from => opinion = Some(*permille),
                _ => continue,
            }
            let until = facts.clone().find(|(_, fact)| is_word(fact)).map_or(now, |(at, _)| *at);
            let needed =
                looks.iter().map(|look| silence_needed(self.settings.patience, *look, opinion));
            let needed = needed.min().unwrap_or(u64::MAX / 2);
            let reached = (pause + needed).max(*at);
            if !is_final && reached <= until && reached + FINAL_WORDS <= now {
                return true;
            }
        }
        false
    }

    /// Whether the turn may have lasted, or has certainly lasted, longer than callers may speak.
    fn is_too_long(&self, at_most: bool) -> bool {
        let (Some(most), Some((earliest, latest))) = (self.settings.turn_ms_max, self.began) else {
            return false;
        };
        let (began, silence) = match (at_most, self.silences()) {
            (true, [_, silence]) => (earliest, silence),
            (false, [silence, _]) => (latest, silence),
        };
        let (spoken, most) = (self.log.now - began, u64::from(most));
        spoken >= most && silence >= 200 || spoken >= most + most / 2
    }
}

/// Letters of a clause that were heard when so much of its audio was: of whole words, and of words
/// that were begun.
fn heard_letters(text: &str, heard: u64, made: u64) -> [usize; 2] {
    let end = text.len() as u64 * heard.min(made) / made.max(1);
    let (mut least, mut most, mut place) = (0, 0, 0_u64);
    for word in text.split_inclusive(' ') {
        let count = word.trim_end().len();
        if place < end {
            most += count;
        }
        place += word.len() as u64;
        if place <= end {
            least += count;
        }
    }
    [least, most]
}

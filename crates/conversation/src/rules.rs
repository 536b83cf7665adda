//! Every constant of a call's rules: unit, where it comes from, what breaks on either side.
//!
//! Times are milliseconds. "Measured" names the command that shows the trade-off.

/// Silence that ends a turn, per patience: for a turn that is certainly finished, and for one that
/// certainly is not. Below the first, callers are cut off between words (stops alone take 60 to
/// 100 ms); above the second, callers say "hello?".
pub(crate) const END_SILENCE_LOW: (u32, u32) = (150, 700);
/// The same for medium patience.
pub(crate) const END_SILENCE_MEDIUM: (u32, u32) = (250, 1_200);
/// The same for high patience: elderly callers, callers who look things up.
pub(crate) const END_SILENCE_HIGH: (u32, u32) = (500, 2_500);

/// Pause between the digits of a telephone number that ends it. People read numbers from paper in
/// groups, with up to 2 s between them; shorter cuts the number in two.
pub(crate) const DICTATION_PAUSE: u32 = 3_000;
/// A run of this many digits may be a telephone number that goes on...
pub(crate) const DICTATED_DIGITS_MIN: usize = 3;
/// ...and from this many on it may be complete: ten digits of a national number in the North
/// American plan, most others have nine or ten.
pub(crate) const DICTATED_DIGITS_ENOUGH: usize = 10;

/// Confidence, in permille, that a turn is finished, by the look of its last words alone.
pub(crate) mod confidence {
    /// It ends with a conjunction, an article, a preposition.
    pub(crate) const UNFINISHED: u16 = 0;
    /// It ends with "um" or its like.
    pub(crate) const FILLER: u16 = 0;
    /// Something is being spelled.
    pub(crate) const SPELLING: u16 = 100;
    /// Nothing speaks for either.
    pub(crate) const PLAIN: u16 = 500;
    /// The recogniser put a full stop.
    pub(crate) const SENTENCE: u16 = 700;
    /// The recogniser put a question mark.
    pub(crate) const QUESTION: u16 = 900;
    /// A whole answer of one word: "yes", "no", a backchannel word.
    pub(crate) const SHORT_ANSWER: u16 = 800;
}

/// Silence after which the end-of-turn model is asked, and the recogniser told to finish. Earlier
/// asks in every stop of every word; later is added to each reply.
pub(crate) const ASK_END_OF_TURN_AFTER: u32 = 100;
/// Silence after which a likely end is answered speculatively. Earlier asks the language model
/// twice as often; later gains nothing over waiting.
pub(crate) const SPECULATE_AFTER: u32 = 120;
/// An utterance over the agent's speech is over after this much silence: words are counted anew.
pub(crate) const OVERLAP_PAUSE: u32 = 700;
/// Confidence from which an end is likely. An even chance wastes one request in two.
pub(crate) const SPECULATE_FROM: u16 = 500;
/// Speculative attempts per turn.
pub(crate) const SPECULATIONS_MAX: u8 = 2;
/// Time to the first token, averaged, above which speculation stops: a model that slow is loaded,
/// and twice the requests make it slower.
pub(crate) const SPECULATE_MODEL_MAX: u32 = 1_500;

/// How long a turn that is over waits for the recogniser's final words when only a partial is
/// there. Real recognisers finish within 350 ms at the 99th percentile; without a final the partial
/// is answered.
pub(crate) const FINAL_WAIT: u32 = 400;
/// A partial with the words of a final that came no longer ago than this, without a sound in
/// between, was overtaken by it. Longer drops a word that is whispered twice.
pub(crate) const BEHIND_FINAL: u32 = 400;
/// Voice without words that is dropped as noise once it has been silent for this long.
pub(crate) const WORDLESS_SILENCE: u32 = 1_500;
/// Voice in which nothing is recognised for this long may come from a recogniser that tells nothing
/// before it is told to finish: it is told. Sooner cuts what such a recogniser hears into pieces.
pub(crate) const ASK_FOR_WORDS_AFTER: u32 = 3_000;
/// ...and for this long is noise: music, a television, a line that hums. The slowest recogniser
/// answers within 2 s. Later leaves a caller in a noisy place without an answer.
pub(crate) const VOICE_IS_NOISE_AFTER: u32 = 5_000;
/// The same with a recogniser that has told partial words in this call: the slowest tells the next
/// word within a second. Shorter takes a drawn-out "well" for noise.
pub(crate) const VOICE_IS_NOISE_AFTER_PARTIALS: u32 = 2_500;
/// A caller who talks for ever is cut in on at the first pause after this...
pub(crate) const TURN_MAX: u32 = 60_000;
/// ...of at least this, and whatever happens at this share more.
pub(crate) const TURN_MAX_PAUSE: u32 = 200;

/// Voiced time that interrupts at sensitivity 1: the first sound that a gate calls voice.
pub(crate) const INTERRUPT_VOICED_MIN: u32 = 60;
/// What lower sensitivity adds, up to this just above 0.
pub(crate) const INTERRUPT_VOICED_SPAN: u32 = 800;
/// Words without any voice that interrupt, where voice alone would: whispering, or a detector that
/// is deaf to this voice. One would let each mistaken word stop the agent.
pub(crate) const WHISPERED_WORDS_MIN: usize = 2;
/// Voiced time at which the agent is ducked while it is not yet clear.
pub(crate) const DUCK_VOICED: u32 = 60;
/// Silence after which a ducked agent goes on: the sound came to nothing. Shorter flutters in a
/// hesitant "uh... wait"; longer leaves a hole after every cough.
pub(crate) const UNDUCK_SILENCE: u32 = 300;
/// An interruption by voice alone that brought no words within this is taken back: the agent goes
/// on from the word that was heard. The slowest recogniser's partial is there after 700 ms.
pub(crate) const RESUME_AFTER: u32 = 1_500;
/// Interruptions of one reply without words; further ones need words.
pub(crate) const WORDLESS_INTERRUPTIONS_MAX: u8 = 2;
/// Replies to one turn that may be dropped before anything of them is heard. Then the reply is
/// finished: nothing can silence the agent for ever.
pub(crate) const CANCELLATIONS_MAX: u8 = 4;
/// Without any event of the recogniser for this long while somebody speaks, it is stalled: voice
/// then interrupts without the words that were asked for.
pub(crate) const STT_STALLED: u32 = 2_000;

/// What the agent said within this can come back as an echo in the transcript.
pub(crate) const OWN_WORDS_WINDOW: u32 = 5_000;
/// Words in a row that must match: two are often a coincidence ("the number", "thank you").
pub(crate) const OWN_WORDS_MIN: usize = 3;

/// The caller has spoken at length...
pub(crate) const BACKCHANNEL_AFTER: u32 = 5_000;
/// ...pauses for this long without having finished...
pub(crate) const BACKCHANNEL_PAUSE: u32 = 200;
/// ...and heard no murmur for this long.
pub(crate) const BACKCHANNEL_EVERY: u32 = 6_000;

/// Clauses that may be asked of the voice ahead of the one that is heard.
pub(crate) const CLAUSES_AHEAD_MAX: usize = 2;
/// Speech that may be made ahead of what is heard.
pub(crate) const SPEECH_AHEAD_MAX: u32 = 8_000;
/// Text of one reply: half an hour of speech. A model that writes on is stopped there.
pub(crate) const REPLY_BYTES_MAX: usize = 32 * 1_024;
/// Text of one turn of the caller; what is said beyond it is not recognised any more.
pub(crate) const TURN_BYTES_MAX: usize = 16 * 1_024;
/// A reply of which nothing was said for this long after the model was asked is a fault: it is
/// dropped and asked for again.
pub(crate) const REPLY_STALLED: u32 = 10_000;
/// A reply that is being heard and stands still for this long is one as well: what was not heard is
/// asked of the voice again, once. Callers say "hello?" after 3 to 4 s of silence in a sentence;
/// shorter takes a slow voice for a dead one.
pub(crate) const SPEECH_STALLED: u32 = 3_000;

/// Media that stays away for this long is lost.
pub(crate) const MEDIA_LOST: u32 = 10_000;

/// One frame of the caller, the step in which the line's own time passes.
pub(crate) const FRAME: u32 = 20;
/// Voice without words that still counts as somebody speaking. The slowest recogniser has a partial
/// after 700 ms; a longer grace lets a television hold the line.
pub(crate) const NOISE_AFTER: u32 = 3_000;
/// The last words of a call are over this long before its limit.
pub(crate) const LIMIT_MARGIN: u32 = 1_000;
/// The line is dropped this long behind the limit, whatever hangs.
pub(crate) const LIMIT_OVERRUN_MAX: u32 = 1_000;
/// Speech of one character, for words that no voice has made yet: 14 characters a second are slow
/// speech. Less starts last words too late, more takes time from the caller.
pub(crate) const CHARACTER_SPOKEN: u32 = 70;

/// Words beside a farewell, thanks left out, that still make it one: "okay talk to Anna then, bye".
/// Fewer miss farewells, more end calls on sentences about farewells.
pub(crate) const FAREWELL_WORDS_BESIDE_MAX: usize = 3;
/// Silence behind the last words of a call that both sides, or the model, have ended: a caller who
/// has something to add begins within it. Shorter hangs up on them, longer is an awkward pause.
pub(crate) const CLOSING_GRACE: u32 = 800;
/// Silence behind the agent's farewell that nobody answers.
pub(crate) const FAREWELL_SILENCE: u32 = 4_000;
/// From the last words of a call to its end at most, while nothing but noise is heard.
pub(crate) const CLOSING_MAX: u32 = 8_000;

/// A carrier's event and the tone of the same key come within this. Less makes two keys of one on
/// slow carriers, more makes one of two that were pressed in a hurry.
pub(crate) const DTMF_SAME_KEY: u32 = 250;
/// What one of the agent's own digits takes on the line: 100 ms of tone, 100 ms of silence, and
/// some.
pub(crate) const DTMF_SENT_DIGIT: u32 = 250;
/// How long behind them their echo may come: the longest delay of the echo guard.
pub(crate) const DTMF_SENT_TAIL: u32 = 800;
/// Digits that are sent at once at most: a telephone number, an extension and pauses.
pub(crate) const DTMF_SENT_MAX: usize = 32;
/// A turn that the model skips holds the clock of silence for this long: hold music of a menu. More
/// keeps lines open on which nothing comes.
pub(crate) const SKIP_HOLDS: u32 = 120_000;

/// Tools under way at once. Models call two or three; more is a model that runs wild.
pub(crate) const TOOLS_MAX: usize = 8;
/// Times that a model may call tools again behind their results, in one turn of the caller. Fewer
/// breaks look-ups in steps, more lets a model loop while the caller waits.
pub(crate) const TOOL_ROUNDS_MAX: u8 = 5;
/// Of a tool's result this much is shown to the model.
pub(crate) const TOOL_RESULT_BYTES_MAX: usize = 16 * 1_024;

/// How long a transfer waits for the model's summary; without one the target hears none.
pub(crate) const TRANSFER_SUMMARY_WAIT: u32 = 5_000;
/// How long behind its own ring timeout the carrier may report. Less takes the caller back from
/// targets that were reached, more leaves them alone.
pub(crate) const TRANSFER_MARGIN: u32 = 5_000;
/// From a target that answers to a caller who is connected: a summary is heard in between.
pub(crate) const TRANSFER_CONNECT_MAX: u32 = 30_000;

/// A greeting of a machine that has said nothing for this long is complete: the message may begin
/// without a tone. Shorter speaks into machines that breathe, longer leaves silence on the tape.
pub(crate) const GREETING_COMPLETE: u32 = 2_500;
/// A machine that has not come to its end by then never will.
pub(crate) const GREETING_WAIT_MAX: u32 = 30_000;
/// Speech without a pause that invites an answer, from which on somebody may be a machine: people
/// who answer a telephone say less than 3 s, and who explains why they cannot talk 4 to 5 s.
pub(crate) const GREETING_IS_LONG: u32 = 6_000;
/// A pause that invites an answer: what comes behind it is not the same monologue.
pub(crate) const GREETING_PAUSE: u32 = 1_200;
/// Silence that ends a turn of somebody who may be a machine.
pub(crate) const UNCERTAIN_SILENCE: u32 = 2_000;
/// Silence before the "hello?" of a person who picks up while a machine was waited for.
pub(crate) const PICK_UP_PAUSE: u32 = 700;
/// Answers to call screening. The third time nobody wants to know.
pub(crate) const SCREENING_ANSWERS_MAX: u8 = 2;
/// Phrases of a menu in one turn that make it one.
pub(crate) const MENU_PHRASES_MIN: usize = 2;
/// Turns of menus in a row behind which there is no way through.
pub(crate) const MENU_TURNS_MAX: u8 = 12;

/// Voice for which the recogniser reports nothing at all, not even a beginning of speech. Less
/// restarts it over music and televisions, more leaves the caller talking to nobody.
pub(crate) const STT_DEAF: u32 = 15_000;
/// Restarts that may go unanswered. A recogniser that lives reports that it is ready.
pub(crate) const STT_RESTARTS_MAX: u8 = 2;

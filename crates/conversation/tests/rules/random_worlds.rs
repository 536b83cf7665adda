//! Calls drawn by seed, under the checkers of the world: whatever callers, models and delays do,
//! every turn ends, what was heard is what the history holds, and nothing stays pending.
//!
//! `OFFHOOK_SEED=123 cargo test -p offhook-conversation random` runs one seed and prints its call;
//! `OFFHOOK_SEEDS=100000` runs that many.

use offhook_conversation::{Patience, State, TurnSettings};

use crate::caller::Caller;
use crate::world::{Delays, World};

const SEEDS: u64 = 2_000;
/// So many broken calls are shown.
const SHOWN: usize = 3;
/// What the agent answers.
const ANSWERS: [&str; 6] = [
    "Yes.",
    "Of course, we are open from nine to five. Shall I book a table for you?",
    "We have a table at six, and another at eight. Both are by the window. Which one \
                 would you like? I can also put you on the list for seven.",
    "You can come by bus or on foot or by car from the station past the old bridge \
                 along the river up to the church and then left behind the market hall where the \
                 fountain is. Shall I book?",
    "What is the best number to call you back?",
    "One moment.",
];
/// One trace in so many is played again.
const REPLAYED: u64 = 10;

#[test]
fn whatever_happens_the_rules_of_every_call_hold() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("OFFHOOK_SEED") {
        let world = play(seed);
        println!("{:#?}\n{}", world.log, world.transcript());
        judge(seed, &world);
        return;
    }
    let seeds = number("OFFHOOK_SEEDS").unwrap_or(SEEDS);
    // Half of them on each of two threads: no seed knows of another.
    let judged: Vec<(u64, Result<u64, String>)> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|first| {
            let half = (first..seeds).step_by(2);
            scope.spawn(move || half.map(|seed| (seed, judge_alone(seed))).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().expect("a thread")).collect()
    });
    let faults: Vec<(u64, &String)> =
        judged.iter().filter_map(|(seed, end)| Some((*seed, end.as_ref().err()?))).collect();
    let shown: String = faults
        .iter()
        .take(SHOWN)
        .map(|(seed, fault)| format!("\nseed {seed}: {fault}\nreplay: {}\n", replay(*seed)))
        .collect();
    assert!(faults.is_empty(), "{} of {seeds} calls broke a rule\n{shown}", faults.len());
    let mut spoken_ms: Vec<u64> = judged.iter().filter_map(|(_, end)| end.clone().ok()).collect();
    spoken_ms.sort_unstable();
    let median = spoken_ms[spoken_ms.len() / 2];
    assert!(median >= 45_000, "the median call lasts {median} ms: it is too short to mean much");
}

/// Plays and judges one call: when it ended, or which rule it broke.
fn judge_alone(seed: u64) -> Result<u64, String> {
    let judged = std::panic::catch_unwind(|| {
        let mut world = play(seed);
        judge(seed, &world);
        if seed.is_multiple_of(REPLAYED) {
            let trace = world.trace();
            let difference = offhook_conversation::replay(trace.iter().map(String::as_str));
            assert_eq!(difference.expect("a trace"), None);
        }
        world.now()
    });
    judged.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().map(|text| (*text).to_owned()).unwrap_or_default(),
    })
}

fn judge(seed: u64, world: &World) {
    let counts = world.conversation.counts();
    let at_end = || format!("{} {counts:?}\n{}", replay(seed), world.transcript());
    world.check_history().unwrap_or_else(|fault| panic!("{fault}: {}", at_end()));
    if world.ended.is_none() {
        assert_eq!(world.conversation.state(), State::Listening, "{}", at_end());
        let last = world.transcript().lines().last().map(str::to_owned).unwrap_or_default();
        assert!(!last.starts_with("caller: "), "the last turn was not answered: {}", at_end());
    }
    assert!(counts.resumed <= counts.interruptions, "{}", at_end());
    assert!(counts.speculations_dropped <= 2 * counts.turns + counts.noises + 4, "{}", at_end());
}

fn replay(seed: u64) -> String {
    format!("OFFHOOK_SEED={seed} cargo test -p offhook-conversation whatever -- --nocapture")
}

/// A call of about a minute in which everybody does what they like.
fn play(seed: u64) -> World {
    let mut draw = Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut caller = Caller::default();
    let mut at = draw.within(0, 2_000);
    while at < 50_000 {
        caller = match draw.within(0, 10) {
            0 => caller.coughs(at, draw.within(40, 900)),
            1 => caller.says(at, draw.one_of(&["uh-huh", "okay", "I see", "yeah sure"])),
            2 => caller.whispers(at, draw.one_of(&["yes please", "no thanks", "maybe"])),
            3 => caller.says(at, draw.one_of(&["wait", "stop", "hold on a second"])),
            4 => caller.says(at, "my number is four one five (1200) five five five (900) one two"),
            5 => caller
                .says(at, "so the thing is that (300) we were there and (400) then (250)")
                .says(
                    at + 4_300,
                    "nobody knew about it (300) so I said to my wife (500) we should ask again",
                ),
            _ => {
                let text = draw.one_of(&[
                    "What time do you open?",
                    "I need a table for (400) two and (800) a highchair.",
                    "Do you have, um, (600) anything on Sunday?",
                    "Tell me (1500) about your prices.",
                    "No that is not what I meant",
                ]);
                caller.says(at, text)
            }
        };
        at = caller.end().max(at) + draw.one_of(&[100, 400, 900, 2_500, 6_000]);
    }
    let answers: Vec<&str> = (0..80).map(|_| draw.one_of(&ANSWERS)).collect();
    let delays = Delays {
        partial: draw.within(40, 700),
        last_words: draw.one_of(&[20, 100, 400, 1_500]),
        first_token: draw.one_of(&[50, 100, 400, 2_000]),
        token: draw.one_of(&[5, 20, 150]),
        speech: draw.one_of(&[40, 80, 600]),
        end_of_turn: draw.one_of(&[0, 40, 200]),
    };
    let settings = TurnSettings {
        patience: draw.one_of(&[Patience::Low, Patience::Medium, Patience::High]),
        interruption_sensitivity_permille: draw.one_of(&[0, 200, 500, 800, 1_000]),
        min_words: draw.one_of(&[0, 0, 0, 1, 3]),
        enable_backchannel: draw.one_of(&[true, false]),
        speculates: draw.one_of(&[true, true, false]),
        turn_ms_max: draw.one_of(&[None, Some(60_000), Some(60_000), Some(5_000)]),
        ..TurnSettings::default()
    };
    let opening = draw.one_of(&[None, Some("Hello, this is the restaurant. How can I help you?")]);
    let mut world = World::with(settings, caller, &answers, delays, opening);
    world.end_of_turn_permille = draw.one_of(&[0, 300, 700, 950]);
    if draw.within(0, 9) == 0 {
        let moment = draw.within(0, 60_000);
        world.run_until(moment);
        world.hang_up();
        world.run_until(moment + 1_000);
        return world;
    }
    world.run()
}

/// Seeded choices (xorshift64*, Vigna 2016).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from + 1)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.next() as usize % choices.len()]
    }
}

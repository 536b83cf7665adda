//! Calls drawn by seed, under the checkers of the world: whatever callers, models, tools, carriers,
//! operators and delays do, every turn ends, what was heard is what the history holds, every tool
//! comes to an end, nothing stays pending, and every call ends once, in time, for one reason.
//!
//! `OFFHOOK_SEED=123 cargo test -p offhook-conversation random` runs one seed and prints its call;
//! `OFFHOOK_SEEDS=100000` runs that many.

use std::collections::BTreeMap;

use offhook_conversation::{CallSettings, ConversationConfig, Patience, State, TurnSettings};

use crate::caller::Caller;
use crate::draw::Draw;
use crate::drawn_rules::{answers, disturb, line_of, opening, rules, script};
use crate::world::{Delays, World, config};

const SEEDS: u64 = 2_000;
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
fn whatever_happens_the_rules_of_turns_hold() {
    let lengths = match run("turns", play_turns, judge) {
        Ok(lengths) => lengths,
        Err(call) => return println!("{call}"),
    };
    let median = lengths[lengths.len() / 2];
    assert!(median >= 45_000, "the median call lasts {median} ms: it is too short to mean much");
}

#[test]
fn whatever_happens_the_rules_of_every_call_hold() {
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    let played = run("every_call", play_call, |seed, world| {
        let history = world.check_history();
        history.unwrap_or_else(|fault| panic!("{fault}: {}", replay("every_call", seed)));
        let end = world.ended.as_ref().map(|reason| format!("{:?}", reason.kind));
        *ends.entry(end.unwrap_or_else(|| "open".to_owned())).or_default() += 1;
    });
    if let Err(call) = played {
        return println!("{call}");
    }
    for kind in [
        "AgentEnded",
        "AgentGoodbye",
        "Custom(\"booked\")",
        "Drained",
        "Failed(Llm)",
        "HumanGoodbye",
        "HumanPickUpCutOff",
        "IdleTimeout",
        "IvrFailed",
        "MaxDuration",
        "OperatorEnded",
        "Transferred",
        "Voicemail",
        "VoicemailMessageLeft",
    ] {
        assert!(ends.get(kind).copied().unwrap_or_default() >= 2, "{kind} is rare: {ends:?}");
    }
}

/// Runs all seeds and gives the lengths of the calls, sorted; the one that is asked for is
/// shown instead.
fn run(
    name: &str,
    play: fn(u64) -> World,
    mut judge: impl FnMut(u64, &World),
) -> Result<Vec<u64>, String> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("OFFHOOK_SEED") {
        let world = play(seed);
        judge(seed, &world);
        return Err(format!("{:#?}\n{}", world.log, world.transcript()));
    }
    let mut lengths = Vec::new();
    for seed in 0..number("OFFHOOK_SEEDS").unwrap_or(SEEDS) {
        let world = std::panic::catch_unwind(|| play(seed));
        let mut world = world.unwrap_or_else(|_| panic!("replay with {}", replay(name, seed)));
        judge(seed, &world);
        if seed.is_multiple_of(REPLAYED) {
            let trace = world.trace();
            let difference = offhook_conversation::replay(trace.iter().map(String::as_str));
            assert_eq!(difference.expect("a trace"), None, "{}", replay(name, seed));
        }
        lengths.push(world.now());
    }
    lengths.sort_unstable();
    Ok(lengths)
}

fn judge(seed: u64, world: &World) {
    let counts = world.conversation.counts();
    let at_end = || format!("{} {counts:?}\n{}", replay("turns", seed), world.transcript());
    world.check_history().unwrap_or_else(|fault| panic!("{fault}: {}", at_end()));
    if world.ended.is_none() {
        assert_eq!(world.conversation.state(), State::Listening, "{}", at_end());
        let last = world.transcript().lines().last().map(str::to_owned).unwrap_or_default();
        assert!(!last.starts_with("caller: "), "the last turn was not answered: {}", at_end());
    }
    assert!(counts.resumed <= counts.interruptions, "{}", at_end());
    assert!(counts.speculations_dropped <= 2 * counts.turns + counts.noises + 4, "{}", at_end());
}

fn replay(name: &str, seed: u64) -> String {
    format!("OFFHOOK_SEED={seed} cargo test -p offhook-conversation {name} -- --nocapture")
}

/// A call of about a minute in which everybody does what they like.
fn play_turns(seed: u64) -> World {
    let mut draw = Draw::new(seed);
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
    let delays = delays(&mut draw);
    let mut settings = turns(&mut draw);
    settings.turn_ms_max = draw.one_of(&[None, Some(60_000), Some(60_000), Some(5_000)]);
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

/// A call under drawn rules, with tools, transfers, keys, machines and operators.
fn play_call(seed: u64) -> World {
    let mut draw = Draw::new(seed ^ 0x5EED);
    let call: CallSettings = rules(&mut draw);
    let caller = line_of(&mut draw);
    let answers = answers(&mut draw);
    let delays = delays(&mut draw);
    let config =
        ConversationConfig { opening: opening(&mut draw), turns: turns(&mut draw), ..config(call) };
    let mut world = World::of(config, caller, &answers, delays);
    script(&mut draw, &mut world);
    world.end_of_turn_permille = draw.one_of(&[0, 300, 700, 950]);
    let mut world = world.answered();
    while world.now() < 90_000 && world.ended.is_none() {
        let until = world.now() + draw.within(200, 12_000);
        world.run_until(until);
        if world.ended.is_none() {
            disturb(&mut draw, &mut world);
        }
    }
    // Nothing may come behind the end.
    let until = world.now() + 2_000;
    world.run_until(until);
    world
}

fn delays(draw: &mut Draw) -> Delays {
    Delays {
        partial: draw.within(40, 700),
        last_words: draw.one_of(&[20, 100, 400, 1_500]),
        first_token: draw.one_of(&[50, 100, 400, 2_000]),
        token: draw.one_of(&[5, 20, 150]),
        speech: draw.one_of(&[40, 80, 600]),
        end_of_turn: draw.one_of(&[0, 40, 200]),
    }
}

fn turns(draw: &mut Draw) -> TurnSettings {
    TurnSettings {
        patience: draw.one_of(&[Patience::Low, Patience::Medium, Patience::High]),
        interruption_sensitivity_permille: draw.one_of(&[0, 200, 500, 800, 1_000]),
        min_words: draw.one_of(&[0, 0, 0, 1, 3]),
        enable_backchannel: draw.one_of(&[true, false]),
        speculates: draw.one_of(&[true, true, false]),
        ..TurnSettings::default()
    }
}

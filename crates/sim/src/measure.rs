//! What a caller feels, measured at the caller's ear.

use std::time::Duration;

use crate::caller::Done;
use crate::world::World;

/// A sound of the caller, and what the agent did about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The sound.
    pub sound: Done,
    /// How long the agent was still heard after the sound began, where it was heard when it began
    /// and fell silent because of it.
    pub stopped_after: Option<Duration>,
    /// Whether the agent was heard when the sound began.
    pub was_over_agent: bool,
    /// From the last of the sound to the agent's next word; negative times are none: an agent who
    /// cut in is in `cut_in_after`.
    pub answered_after: Option<Duration>,
    /// Since when the agent spoke while the caller had not finished.
    pub cut_in_after: Option<Duration>,
}

/// Reactions to every sound of the caller.
pub fn reactions(world: &World) -> Vec<Reaction> {
    let sounds = world.caller().done();
    let next = |index: usize| sounds.get(index + 1).map_or(Duration::MAX, |next| next.from);
    sounds.iter().enumerate().map(|(index, sound)| reaction(world, sound, next(index))).collect()
}

fn reaction(world: &World, sound: &Done, next: Duration) -> Reaction {
    let stretches = world.ear().stretches();
    let over = stretches.iter().find(|heard| heard.from <= sound.from && sound.from < heard.to);
    let heard_next = |at: Duration| stretches.iter().find(|heard| heard.from >= at);
    // An agent that had only a moment left to say was not stopped, but had finished; which is
    // told by what follows: a reply that was over does not go on.
    let stopped_after = over
        .map(|heard| heard.to - sound.from)
        .filter(|after| *after <= sound.to - sound.from + STOPS_MAX);
    let began = heard_next(sound.from + Duration::from_millis(1)).map(|heard| heard.from);
    Reaction {
        sound: sound.clone(),
        stopped_after,
        was_over_agent: over.is_some(),
        answered_after: heard_next(sound.to)
            .filter(|heard| heard.from < next)
            .map(|heard| heard.from - sound.to),
        cut_in_after: began.filter(|from| *from < sound.to).map(|from| from - sound.from),
    }
}

/// A stop later than this after the sound is over was not because of it.
const STOPS_MAX: Duration = Duration::from_millis(700);

//! Calls drawn by seed: any caller or machine on any line with any agent under any rules, whose
//! tools, transfers and providers have bad days, and with operators who interfere.

mod agent;
mod answers;
mod draw;
mod gatekeeper;
mod outside;
mod person;
mod providers;
mod rules;

use std::time::Duration;

use offhook_telephony::Carrier;

use crate::speakers::{Speakers, SpeakersError};
use crate::world::Scenario;
use draw::Draw;

/// A call of about a minute.
///
/// # Errors
/// If a voice is missing.
pub fn random_scenario(seed: u64, speakers: &mut dyn Speakers) -> Result<Scenario, SpeakersError> {
    let mut draw = Draw::new(seed);
    let network = draw.network();
    let agent = draw.agent(seed);
    let answers = draw.answers();
    let providers = draw.providers();
    let exchange = draw.exchange();
    let operator = draw.operator();
    // Long enough that every end that comes by silence has come.
    let hangup_ms = agent.call.silence.hangup_ms.unwrap_or_default();
    let quiet_max = Duration::from_millis(u64::from(hangup_ms)) + LAST_REASON_MAX;
    Ok(Scenario {
        carrier: draw.one_of(&Carrier::ALL),
        agent,
        caller: draw.caller(seed, speakers)?,
        answers,
        providers,
        network: (network, network),
        exchange,
        operator,
        quiet_max,
        seed,
        media_trace_by: None,
    })
}

/// A line may stay open for 10 s behind its last reason to, and some.
const LAST_REASON_MAX: Duration = Duration::from_secs(12);

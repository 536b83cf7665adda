//! When something happens in a scenario, as text.

use std::time::Duration;

use offhook_types::DtmfDigit;

use crate::agenda::When;

/// The fields of a step that say when; none of them is "at once".
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment<'a> {
    pub(crate) at_ms: Option<u64>,
    pub(crate) after_ms: Option<u64>,
    pub(crate) agent_begins_ms: Option<u64>,
    pub(crate) agent_stops_ms: Option<u64>,
    pub(crate) agent_presses: &'a [DtmfDigit],
}

impl Moment<'_> {
    /// The moment; the first field that is there says it.
    pub(crate) fn when(self) -> When {
        let millis = Duration::from_millis;
        let after = millis(self.after_ms.unwrap_or_default());
        if !self.agent_presses.is_empty() {
            return When::AgentPresses(self.agent_presses.to_vec(), after);
        }
        let fields = [
            self.at_ms.map(|at| When::At(millis(at))),
            self.agent_begins_ms.map(|span| When::AgentBegins(millis(span))),
            self.agent_stops_ms.map(|span| When::AgentStops(millis(span))),
        ];
        fields.into_iter().flatten().next().unwrap_or(When::After(after))
    }
}

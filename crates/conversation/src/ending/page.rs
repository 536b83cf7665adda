//! The page `docs/end-reasons.md`, made from the table.

use std::fmt::Write as _;

use offhook_types::{EndKind, EndReason, FailedStage};

use super::table::TABLE;
use super::vocabulary::{
    ABSENT, agentphone_disconnection_reason, revox_end_reason, revox_ended_by,
    synthflow_analytics_reason, synthflow_get_reason, synthflow_webhook_reason,
};

/// The page `docs/end-reasons.md`: every way in which a call ends, and what three published
/// platforms call it.
pub fn end_reasons_page() -> String {
    let mut page = String::from(HEAD);
    let mut ends: Vec<EndReason> = Vec::new();
    for (index, row) in TABLE.iter().enumerate() {
        let _infallible = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            index + 1,
            listed(row.phases),
            listed(row.farewells),
            listed(row.causes),
            name(&row.kind),
            words(&row.who),
            row.why,
        );
        let end = EndReason { kind: row.kind.clone(), who: row.who, evidence: Vec::new() };
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    page.push_str(PUBLIC_HEAD);
    ends.sort_by_key(|end| (name(&end.kind), words(&end.who)));
    for end in &ends {
        let or_none = |word: Option<&'static str>| word.unwrap_or("–");
        let _infallible = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} / {} |",
            name(&end.kind),
            words(&end.who),
            synthflow_webhook_reason(end),
            or_none(synthflow_get_reason(end)),
            or_none(synthflow_analytics_reason(end)),
            or_none(agentphone_disconnection_reason(end)),
            revox_ended_by(end),
            or_none(revox_end_reason(end)),
        );
    }
    page.push_str(ABSENT_HEAD);
    for (vocabulary, value, why) in ABSENT {
        let _infallible = writeln!(page, "- {vocabulary}, `{value}`: {why}.");
    }
    page
}

fn name(kind: &EndKind) -> String {
    if let EndKind::Custom(_) = kind {
        return "`custom(reason)`".to_owned();
    }
    if let EndKind::Failed(stage) = kind {
        let is_any = *stage == FailedStage::Engine;
        return format!("`failed({})`", if is_any { "stage".to_owned() } else { words(stage) });
    }
    format!("`{}`", words(kind))
}

fn listed<T: std::fmt::Debug>(values: &[T]) -> String {
    if values.is_empty() {
        return "any".to_owned();
    }
    values.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// `HumanGoodbye` as `human_goodbye`.
fn words(value: &impl std::fmt::Debug) -> String {
    let mut words = String::new();
    for (index, character) in format!("{value:?}").chars().enumerate() {
        if character.is_uppercase() && index > 0 {
            words.push('_');
        }
        words.extend(character.to_lowercase());
    }
    words
}

const HEAD: &str = "# Why a call ended

Every call has exactly one end reason. It is decided when the line drops, by the first row below \
that fits: what
was going on, whose farewells had been heard by the other side, and what dropped the line. No \
model is asked.
This page is made from the table in the code (`conversation/src/ending`); a test fails where they \
differ.

| | State when the line dropped | Farewell heard | Line dropped by | Reason | Who | Why |
|---|---|---|---|---|---|---|
";

const PUBLIC_HEAD: &str = "
## In the words of other platforms

Three published vocabularies are mappings of this one; – is null.

| Reason | Who | Synthflow, webhook | Synthflow, GET | Synthflow, analytics | AgentPhone | Revox \
(ended by / reason) |
|---|---|---|---|---|---|---|
";

const ABSENT_HEAD: &str = "
Published values that no call ends with here:

";

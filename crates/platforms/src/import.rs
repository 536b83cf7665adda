//! Documents of a platform to ours and back.

use offhook_types::AgentDocument;
use offhook_types::agent::{CallOrder, Origin, Problem};
use serde::Serialize;
use serde_json::Value;

use crate::secrets::{self, Secrets};
use crate::table::{Object, Platform};
use crate::{engine, origin, path};

/// What came of a platform's document.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported<T> {
    /// Our document; its `origin` holds what it cannot say.
    pub document: T,
    /// Keys that stood in the platform's.
    pub secrets: Secrets,
    /// Values that ours cannot hold: out of range, or of a form it does not know. Its default
    /// counts in their place, `origin` keeps them.
    pub unfit: Vec<Problem>,
}

/// Reads an agent or assistant: the bare object, as their API gives it.
///
/// # Errors
///
/// Without it there is no agent of ours: a name, or instructions.
pub fn agent_from(
    platform: Platform,
    theirs: &Value,
) -> Result<Imported<AgentDocument>, Vec<Problem>> {
    let (secrets, theirs, ours) = taken_over(platform, Object::Agent, theirs);
    let (mut document, unfit) = fitted(ours, AgentDocument::from_value)?;
    document.origin = Some(kept(platform, Object::Agent, &theirs, &document));
    Ok(Imported { document, secrets, unfit })
}

/// Writes an agent as a platform has it. What it cannot say is left out, but for what stood in
/// `origin` and was not edited.
pub fn agent_to(platform: Platform, document: &AgentDocument, secrets: &Secrets) -> Value {
    given_back(platform, Object::Agent, document, document.origin.as_ref(), secrets)
}

/// Reads a request for a call.
///
/// # Errors
///
/// Without it there is no call: a number, or a whole agent where one is given.
pub fn order_from(platform: Platform, theirs: &Value) -> Result<Imported<CallOrder>, Vec<Problem>> {
    let (secrets, theirs, ours) = taken_over(platform, Object::Call, theirs);
    let (mut document, unfit) = fitted(ours, CallOrder::from_value)?;
    document.origin = Some(kept(platform, Object::Call, &theirs, &document));
    Ok(Imported { document, secrets, unfit })
}

/// Writes a request for a call as a platform has it.
pub fn order_to(platform: Platform, order: &CallOrder, secrets: &Secrets) -> Value {
    given_back(platform, Object::Call, order, order.origin.as_ref(), secrets)
}

/// Keys, their document without keys, and what it says as a sparse document of ours.
fn taken_over(platform: Platform, object: Object, theirs: &Value) -> (Secrets, Value, Value) {
    let mut theirs = theirs.clone();
    let secrets = secrets::take(platform, object, &mut theirs);
    let mut ours = engine::import(platform, object, &theirs);
    if object == Object::Agent {
        *path::place(&mut ours, "version") = offhook_types::AGENT_VERSION.into();
    }
    (secrets, theirs, ours)
}

/// Our document, without the values that it cannot hold.
fn fitted<T>(
    mut sparse: Value,
    read: impl Fn(Value) -> Result<T, Vec<Problem>>,
) -> Result<(T, Vec<Problem>), Vec<Problem>> {
    let mut unfit = Vec::new();
    loop {
        let problems = match read(sparse.clone()) {
            Ok(document) => return Ok((document, unfit)),
            Err(problems) => problems,
        };
        let found = problems.iter().find(|problem| take_out(&mut sparse, &problem.path));
        match found {
            Some(problem) => unfit.push(problem.clone()),
            None => return Err(problems),
        }
    }
}

/// Takes out what is at a path, or what it is missing in; the document itself stays.
fn take_out(sparse: &mut Value, at: &str) -> bool {
    let mut at = at;
    loop {
        if at.is_empty() {
            return false;
        }
        if path::remove(sparse, at) {
            return true;
        }
        let parent = at.rfind(['.', '[']).map_or("", |end| &at[..end]);
        at = parent;
    }
}

fn kept<T: Serialize>(platform: Platform, object: Object, theirs: &Value, ours: &T) -> Origin {
    let back = engine::export(platform, object, &as_value(ours));
    let values = origin::differences(theirs, &back);
    Origin { platform: platform.name().to_owned(), values }
}

fn given_back<T: Serialize>(
    platform: Platform,
    object: Object,
    ours: &T,
    origin: Option<&Origin>,
    secrets: &Secrets,
) -> Value {
    let mut theirs = engine::export(platform, object, &as_value(ours));
    if let Some(origin) = origin.filter(|origin| origin.platform == platform.name()) {
        origin::put_back(&mut theirs, &origin.values);
    }
    secrets::restore(&mut theirs, secrets);
    theirs
}

fn as_value<T: Serialize>(document: &T) -> Value {
    serde_json::to_value(document).expect("a document's map keys are text")
}

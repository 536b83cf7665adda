//! Handing the caller to somebody else: once for each target, never while it is under way.
//!
//! ```text
//!           was heard             summary is there         answered
//! Announced ─────────▶ Summary ────────────────────▶ Ringing ───────▶ Answered
//!     └──── without a summary ─────────────────────────▲                 │
//!                       not reached, failed, timed out ▼                 ▼ connected
//!                                              back to the caller     the call is over
//! ```

use offhook_types::{RequestId, TransferMode};

use crate::settings::TransferSettings;

/// The transfers of a call.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    tried: Vec<String>,
    current: Option<Transfer>,
}

/// A transfer under way.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) to: TransferSettings,
    pub(crate) stage: TransferStage,
    /// What the target is told.
    pub(crate) summary: String,
    /// The carrier has taken the caller's stream away.
    pub(crate) is_stream_gone: bool,
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransferStage {
    /// What the model says with it is not heard yet.
    Announced,
    /// The model writes a summary for the target.
    Summary(RequestId),
    /// The carrier was asked; the target rings.
    Ringing,
    /// The target has answered.
    Answered,
}

/// Why a transfer does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotTransfer {
    /// Nobody is called that.
    #[error("there is no such target")]
    Unknown,
    /// It was tried.
    #[error("this target was tried already")]
    Tried,
    /// One is under way.
    #[error("a transfer is under way")]
    Busy,
}

impl Transfers {
    /// The model wants the caller handed over.
    pub(crate) fn announce(
        &mut self,
        label: &str,
        targets: &[TransferSettings],
    ) -> Result<(), CannotTransfer> {
        if self.current.is_some() {
            return Err(CannotTransfer::Busy);
        }
        let to = targets.iter().find(|target| target.label.eq_ignore_ascii_case(label.trim()));
        let to = to.ok_or(CannotTransfer::Unknown)?.clone();
        if self.tried.contains(&to.label) {
            return Err(CannotTransfer::Tried);
        }
        self.tried.push(to.label.clone());
        let (stage, summary) = (TransferStage::Announced, String::new());
        self.current = Some(Transfer { to, stage, summary, is_stream_gone: false });
        Ok(())
    }

    pub(crate) const fn current(&self) -> Option<&Transfer> {
        self.current.as_ref()
    }

    pub(crate) const fn current_mut(&mut self) -> Option<&mut Transfer> {
        self.current.as_mut()
    }

    /// It is over, one way or the other.
    pub(crate) const fn take(&mut self) -> Option<Transfer> {
        self.current.take()
    }

    /// The caller spoke before it began: it may be tried again.
    pub(crate) fn withdraw(&mut self) {
        let is_announced = |transfer: &mut Transfer| transfer.stage == TransferStage::Announced;
        if let Some(transfer) = self.current.take_if(is_announced) {
            self.tried.retain(|tried| *tried != transfer.to.label);
        }
    }
}

impl Transfer {
    /// Whether the carrier was asked.
    pub(crate) const fn is_under_way(&self) -> bool {
        matches!(self.stage, TransferStage::Ringing | TransferStage::Answered)
    }

    /// Whether a stream that ends is the carrier's doing: it takes the caller away.
    pub(crate) fn takes_stream(&self) -> bool {
        self.is_under_way() && self.to.mode == TransferMode::Cold
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::Party;

    use super::*;

    fn targets() -> Vec<TransferSettings> {
        let target = |label: &str| TransferSettings {
            label: label.to_owned(),
            target: Party::from_carrier("+14155550199"),
            condition: String::new(),
            mode: TransferMode::Cold,
            ring_timeout_ms: 20_000,
        };
        vec![target("sales"), target("support")]
    }

    #[test]
    fn each_target_is_tried_once_and_one_at_a_time() {
        let mut transfers = Transfers::default();
        assert_eq!(transfers.announce("nobody", &targets()), Err(CannotTransfer::Unknown));
        assert_eq!(transfers.announce(" Sales ", &targets()), Ok(()));
        assert_eq!(transfers.announce("support", &targets()), Err(CannotTransfer::Busy));
        transfers.take();
        assert_eq!(transfers.announce("sales", &targets()), Err(CannotTransfer::Tried));
        assert_eq!(transfers.announce("support", &targets()), Ok(()));
        transfers.withdraw();
        assert_eq!(transfers.announce("support", &targets()), Ok(()), "it never began");
    }
}

//! A recogniser that says nothing while somebody speaks: a connection that is dead and does not
//! know it. It is told to begin anew; one that does not even answer that is given up.

use crate::rules::{STT_DEAF, STT_RESTARTS_MAX};

/// Voice that brought no word of the recogniser.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deafness {
    voiced_ms: u32,
    restarts: u8,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeafnessVerdict {
    /// Nothing.
    Wait,
    /// Begin anew.
    Restart,
    /// Give up.
    Dead,
}

impl Deafness {
    /// The recogniser reported something, whatever it is: it lives.
    pub(crate) const fn hear_report(&mut self) {
        (self.voiced_ms, self.restarts) = (0, 0);
    }

    /// Somebody speaks.
    pub(crate) const fn hear_voice(&mut self, millis: u32) -> DeafnessVerdict {
        self.voiced_ms = self.voiced_ms.saturating_add(millis);
        if self.voiced_ms < STT_DEAF {
            return DeafnessVerdict::Wait;
        }
        self.voiced_ms = 0;
        self.restarts = self.restarts.saturating_add(1);
        if self.restarts > STT_RESTARTS_MAX {
            DeafnessVerdict::Dead
        } else {
            DeafnessVerdict::Restart
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recogniser_is_restarted_and_given_up_unless_it_reports_anything() {
        let mut deafness = Deafness::default();
        let mut verdicts = Vec::new();
        for at in (0..STT_DEAF * 4).step_by(20) {
            let verdict = deafness.hear_voice(20);
            if verdict != DeafnessVerdict::Wait {
                verdicts.push((at + 20, verdict));
            }
        }
        let restart = |times: u32| (times * STT_DEAF, DeafnessVerdict::Restart);
        assert_eq!(
            verdicts,
            [
                restart(1),
                restart(2),
                (3 * STT_DEAF, DeafnessVerdict::Dead),
                (4 * STT_DEAF, DeafnessVerdict::Dead)
            ]
        );
        deafness.hear_report();
        let verdicts = (0..STT_DEAF).step_by(20).map(|_| deafness.hear_voice(20));
        assert_eq!(verdicts.last(), Some(DeafnessVerdict::Restart));
    }
}

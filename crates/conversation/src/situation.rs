//! What goes on on the line at one moment, as far as the rules of a quiet line care.
//!
//! Idle, limit, voicemail and closing are pure functions of this and of their own clocks, so that
//! a table of all situations says what each of them does.

/// What is heard of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing.
    Silence,
    /// A voice, of which words may come.
    Voice,
    /// A voice of which no words came for 3 s: a television, hold music.
    Noise,
    /// Words of a turn that is not over.
    Words,
    /// Keys of an entry that is not over.
    Digits,
}

/// What the agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaking {
    /// Nothing: the caller is waited for.
    Nothing,
    /// An answer is being made.
    Making,
    /// It speaks.
    Speech,
    /// It asks whether anybody is there.
    Reminder,
    /// It says the words that end the call.
    Final,
    /// It chose to be silent, waiting for a menu to go on.
    Skipping,
}

/// The line at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Situation {
    pub(crate) heard: Heard,
    pub(crate) speaking: Speaking,
    /// A tool runs that the caller waits for.
    pub(crate) has_tool: bool,
    /// The caller is being handed to somebody else.
    pub(crate) is_transferring: bool,
    /// An operator has silenced the agent.
    pub(crate) is_muted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Situation {
        /// Every situation there is, in a fixed order.
        pub(crate) fn all() -> impl Iterator<Item = Self> {
            let heard = [Heard::Silence, Heard::Voice, Heard::Noise, Heard::Words, Heard::Digits];
            let speaking = [
                Speaking::Nothing,
                Speaking::Making,
                Speaking::Speech,
                Speaking::Reminder,
                Speaking::Final,
                Speaking::Skipping,
            ];
            let flags = (0..8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0));
            let flags: Vec<_> = flags.collect();
            heard.into_iter().flat_map(move |heard| {
                let flags = flags.clone();
                speaking.into_iter().flat_map(move |speaking| {
                    flags.clone().into_iter().map(move |(has_tool, is_transferring, is_muted)| {
                        Self { heard, speaking, has_tool, is_transferring, is_muted }
                    })
                })
            })
        }

        /// The situation as a word of a table.
        pub(crate) fn name(self) -> String {
            let flags = [
                (self.has_tool, " tool"),
                (self.is_transferring, " transfer"),
                (self.is_muted, " muted"),
            ];
            let flags: String =
                flags.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
            format!("{:?} {:?}{flags}", self.heard, self.speaking).to_lowercase()
        }

        /// Compares what a rule does in every situation with the table that is checked in, one line
        /// for each.
        pub(crate) fn check_table(name: &str, stored: &str, judge: impl Fn(Self) -> String) {
            let table: String = Self::all()
                .map(|situation| format!("{}: {}\n", situation.name(), judge(situation)))
                .collect();
            if table != stored {
                let changed = table.lines().zip(stored.lines().chain(std::iter::repeat("")));
                let changed: Vec<String> = changed
                    .filter(|(now, then)| now != then)
                    .map(|(now, then)| format!("was {then}\nnow {now}"))
                    .collect();
                panic!("{}\nif this is meant, {name}.txt becomes\n{table}", changed.join("\n"));
            }
        }
    }
}

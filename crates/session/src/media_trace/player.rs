//! Playing a media trace again.

use offhook_telephony::dialect_for;
use offhook_types::{Timestamp, TraceLine};

use super::recorder::DoingsRecorder;
use super::{Doings, Line, MEDIA_TRACE_VERSION, Told};
use crate::input::Input;
use crate::session::Session;

/// Where a session that was told the same did something else.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaDifference {
    /// The line of the input, from 1.
    pub line: usize,
    /// Its moment.
    pub at: Timestamp,
    /// What the trace holds.
    pub recorded: Doings,
    /// What came of it now.
    pub replayed: Doings,
}

/// Why lines cannot be played again.
#[derive(Debug, thiserror::Error)]
pub enum NotAMediaTrace {
    /// A line is not one of a media trace.
    #[error("line {line} is not one of a media trace")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A newer build wrote it.
    #[error("the media trace has version {0}, this build reads up to {MEDIA_TRACE_VERSION}")]
    Version(u16),
    /// How the call was made must be the first line, and only that.
    #[error("line {line} does not belong there: only the first line says how the call is made")]
    Header {
        /// Which, from 1.
        line: usize,
    },
    /// Time goes backwards.
    #[error("line {line} is earlier than the line before it")]
    Order {
        /// Which, from 1.
        line: usize,
    },
}

/// A session that is told what a trace holds.
struct Player {
    session: Session,
    doings: DoingsRecorder,
    /// The input that was handled last.
    line: usize,
    at: Timestamp,
}

/// A media trace that was played again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaReplay {
    /// The binary and the processor that made it: others may differ in the last bit of audio.
    pub made_by: String,
    /// Inputs that the session was told.
    pub inputs: usize,
    /// The first difference, if there is one.
    pub difference: Option<MediaDifference>,
}

/// Tells a new session what the trace's session was told, up to the first difference. A trace may
/// end anywhere: what is behind its last input is not compared.
///
/// # Errors
/// [`NotAMediaTrace`] where lines cannot be read.
pub fn replay_media<'a>(
    lines: impl IntoIterator<Item = &'a str>,
) -> Result<MediaReplay, NotAMediaTrace> {
    let mut player: Option<Player> = None;
    let mut replay = MediaReplay::default();
    for (index, text) in lines.into_iter().enumerate() {
        let line = index + 1;
        let parsed =
            serde_json::from_str(text).map_err(|source| NotAMediaTrace::Line { line, source })?;
        replay.difference = match (parsed, &mut player) {
            (Line::MediaTrace(header), None) => {
                if header.version > MEDIA_TRACE_VERSION {
                    return Err(NotAMediaTrace::Version(header.version));
                }
                let dialect = dialect_for(header.carrier, &header.options);
                let session = Session::new(header.session, dialect);
                let doings = DoingsRecorder::default();
                player = Some(Player { session, doings, line, at: Timestamp::ZERO });
                replay.made_by = header.made_by;
                None
            }
            (Line::In(told), Some(player)) => {
                replay.inputs += 1;
                player.tell(line, &told)?
            }
            (Line::Out(recorded), Some(player)) => player.compare(recorded),
            (Line::MediaTrace(_), Some(_)) | (Line::In(_) | Line::Out(_), None) => {
                return Err(NotAMediaTrace::Header { line });
            }
        };
        if replay.difference.is_some() {
            break;
        }
    }
    Ok(replay)
}

/// The lines of the decision trace that a media trace holds; those that cannot be read are left
/// out.
pub fn decisions_in<'a>(
    lines: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = TraceLine> {
    lines.into_iter().flat_map(|line| match serde_json::from_str(line) {
        Ok(Line::Out(doings)) => doings.trace,
        Ok(Line::MediaTrace(_) | Line::In(_)) | Err(_) => Vec::new(),
    })
}

impl Player {
    /// Handles an input, unless something came of the one before that the trace does not hold.
    fn tell(
        &mut self,
        line: usize,
        told: &Told<'_>,
    ) -> Result<Option<MediaDifference>, NotAMediaTrace> {
        if told.at_us < self.at {
            return Err(NotAMediaTrace::Order { line });
        }
        let difference = self.compare(Doings::default());
        if difference.is_none() {
            (self.line, self.at) = (line, told.at_us);
            self.session.handle_input(told.at_us, Input::from(&told.what));
            while let Some(output) = self.session.poll_output() {
                self.doings.note(&output);
            }
        }
        Ok(difference)
    }

    fn compare(&mut self, recorded: Doings) -> Option<MediaDifference> {
        let replayed = self.doings.take();
        (recorded != replayed).then_some(MediaDifference {
            line: self.line,
            at: self.at,
            recorded,
            replayed,
        })
    }
}

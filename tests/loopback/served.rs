//! An engine on a free port of this machine, with stand-ins on a thread of their own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use offhook_audio::VadKind;
use offhook_engine::{CallNote, CallReport, Engine, EngineConfig};
use offhook_session::{AudioSettings, OpeningSettings, SessionConfig};
use offhook_sim::{Providers, StandIns, TimedWord, synthetic_speech};
use offhook_types::TraceLine;
use tokio::sync::mpsc;

use super::phone::Lines;
use super::stand_in_thread;

pub(super) struct Served {
    engine: Engine,
    notes: mpsc::Receiver<CallNote>,
    stand_ins: JoinHandle<anyhow::Result<()>>,
}

/// A call that is over.
pub(super) struct Call {
    pub(super) report: CallReport,
    pub(super) trace: Vec<TraceLine>,
    pub(super) media_trace: String,
}

impl Served {
    pub(super) fn start(agent: SessionConfig, answers: &[&str], lines: Lines<'_>) -> Self {
        let (answers, words) = (owned(answers), words_of(lines));
        let audio = agent.audio.clone();
        Self::start_with(agent, move || {
            let (rate, voice_rate) = (audio.recogniser_rate, audio.voice_rate);
            let stand_ins = StandIns::new(Providers::default(), &answers, rate, voice_rate, 1);
            (stand_ins, words.clone())
        })
    }

    pub(super) fn start_with(
        agent: SessionConfig,
        make: impl Fn() -> (StandIns, Vec<TimedWord>) + Send + 'static,
    ) -> Self {
        let mut config = EngineConfig::new((Ipv4Addr::LOCALHOST, 0).into(), agent);
        config.drain = Duration::from_secs(2);
        config.media_traces_by = Some("this".to_owned());
        let (lines, opened) = mpsc::channel(16);
        let (notes, noted) = mpsc::channel(65_536);
        let stand_ins = std::thread::spawn(move || stand_in_thread::run(opened, move |_| make()));
        Self {
            engine: Engine::start(config, lines, notes).expect("a free port"),
            notes: noted,
            stand_ins,
        }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.engine.address()
    }

    pub(super) fn url(&self, carrier: &str) -> String {
        format!("ws://{}/{carrier}/media", self.address())
    }

    /// Drains, and gives the calls in the order in which they ended.
    pub(super) fn finish(mut self) -> Vec<Call> {
        self.engine.join().expect("an engine that does not panic");
        self.stand_ins.join().expect("stand-ins that do not panic").expect("a runtime");
        let (mut traces, mut calls) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        let mut media_traces = BTreeMap::<_, Vec<u8>>::new();
        while let Some(note) = self.notes.blocking_recv() {
            match note {
                CallNote::Began { call, .. } => {
                    traces.insert(call, Vec::new());
                }
                CallNote::Trace { call, line } => traces.entry(call).or_default().push(line),
                CallNote::MediaTrace { call, text } => {
                    media_traces.entry(call).or_default().extend(text);
                }
                CallNote::Ended(report) => {
                    let trace = traces.remove(&report.call).unwrap_or_default();
                    let media_trace = media_traces.remove(&report.call).unwrap_or_default();
                    let media_trace = String::from_utf8(media_trace).expect("text");
                    calls.push(Call { report: *report, trace, media_trace });
                }
            }
        }
        calls
    }

    /// Drains after a while; there was one call.
    #[expect(clippy::disallowed_methods, reason = "a call goes on meanwhile")]
    pub(super) fn finish_after(self, span: Duration) -> Call {
        std::thread::sleep(span);
        self.finish_one()
    }

    /// Drains; there was one call.
    pub(super) fn finish_one(self) -> Call {
        let mut calls = self.finish();
        assert_eq!(calls.len(), 1);
        calls.remove(0)
    }
}

pub(super) fn agent(opening: Option<&str>) -> SessionConfig {
    SessionConfig {
        prompt: "You are a restaurant.".to_owned(),
        opening: opening.map(OpeningSettings::from),
        audio: AudioSettings { vad: VadKind::WebRtc, ..AudioSettings::default() },
        seed: 1,
        ..SessionConfig::default()
    }
}

/// The words of a caller, in the time of the stream.
fn words_of(lines: Lines<'_>) -> Vec<TimedWord> {
    let words = lines.iter().flat_map(|(at_ms, text)| {
        let at = Duration::from_millis(*at_ms);
        synthetic_speech(text).1.into_iter().map(move |word| TimedWord {
            start: at + word.start,
            end: at + word.end,
            ..word
        })
    });
    words.collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

//! Every rule of a call but turns and opening.

use offhook_session::{
    CallSettings, ClosingMode, ClosingSettings, DtmfSettings, EndCondition, FaultSettings,
    FillerSettings, IvrSettings, LimitSettings, OnInterruption, ScreeningSettings, SilenceSettings,
    ToolSettings, ToolWhen, TransferSettings, VoicemailMode, VoicemailSettings,
};
use offhook_types::{Party, TransferMode};

use super::draw::Draw;

impl Draw {
    pub(super) fn rules(&mut self) -> CallSettings {
        CallSettings {
            silence: SilenceSettings {
                reminder_ms: self.one_of(&[None, Some(4_000), Some(8_000)]),
                reminder_text: self.maybe("Are you still there?"),
                reminder_count_max: self.one_of(&[1, 2]),
                hangup_ms: self.one_of(&[None, Some(14_000), Some(18_000), Some(25_000)]),
            },
            limits: LimitSettings {
                max_call_ms: if self.once_in(5) {
                    self.one_of(&[
                        Some(5_000),
                        Some(50_000),
                        Some(60_000),
                        Some(80_000),
                        Some(100_000),
                    ])
                } else {
                    None
                },
                max_call_text: self.maybe("Our time is up. Thank you for calling, goodbye."),
            },
            closing: self.closing(),
            end_conditions: vec![EndCondition {
                reason: "booked".to_owned(),
                closing: self.once_in(3).then(|| self.closing()),
            }],
            voicemail: self.once_in(2).then(|| self.voicemail()),
            screening: self.once_in(2).then(|| ScreeningSettings {
                identity: "This is Ada of the Blue Door.".to_owned(),
                purpose: self.maybe("It is about your table."),
            }),
            tools: self.tools(),
            transfers: vec![self.target("sales"), self.target("Ada")],
            ivr: IvrSettings { is_enabled: self.once_in(2) },
            fillers: FillerSettings {
                soft_timeout_ms: self.one_of(&[800, 2_000]),
                texts: self.one_of(&[
                    Vec::new(),
                    vec!["Let me see.".to_owned(), "One moment, please.".to_owned()],
                ]),
            },
            dtmf: DtmfSettings {
                digit_count_max: self.one_of(&[1, 4, 32]),
                is_interrupting: !self.once_in(4),
                ..DtmfSettings::default()
            },
            faults: FaultSettings {
                text: self.maybe("I am sorry, something went wrong. Please call again."),
                drain_text: self.maybe("I have to go now. Please call again."),
            },
        }
    }

    fn closing(&mut self) -> ClosingSettings {
        ClosingSettings {
            mode: self.one_of(&[ClosingMode::Static, ClosingMode::Generated, ClosingMode::None]),
            text: self.maybe("Thank you for calling. Goodbye."),
        }
    }

    fn voicemail(&mut self) -> VoicemailSettings {
        VoicemailSettings {
            mode: self.one_of(&[
                VoicemailMode::Hangup,
                VoicemailMode::Static,
                VoicemailMode::Generated,
            ]),
            text: "This is Ada of the Blue Door. Your table is ready. Please call us back."
                .to_owned(),
        }
    }

    fn tools(&mut self) -> Vec<ToolSettings> {
        let when = self.one_of(&[ToolWhen::Before, ToolWhen::During, ToolWhen::After]);
        vec![
            self.tool("look", ToolWhen::During),
            self.tool("book", ToolWhen::During),
            self.tool("greet", when),
        ]
    }

    fn tool(&mut self, name: &str, when: ToolWhen) -> ToolSettings {
        let mut maybe = |text: &str| self.once_in(3).then(|| text.to_owned());
        let (say_before, say_while) = (maybe("I will look."), maybe("One moment."));
        let (say_slow, say_error) = (maybe("It takes a little longer."), maybe("I cannot see it."));
        ToolSettings {
            name: name.to_owned(),
            when,
            say_before,
            say_while,
            say_slow,
            say_error,
            slow_ms: 1_500,
            timeout_ms: self.one_of(&[1_000, 4_000, 9_000]),
            has_sound: self.once_in(2),
            on_interruption: self.one_of(&[
                OnInterruption::Finish,
                OnInterruption::Cancel,
                OnInterruption::Block,
            ]),
            ..ToolSettings::default()
        }
    }

    fn target(&mut self, label: &str) -> TransferSettings {
        TransferSettings {
            label: label.to_owned(),
            target: Party::from_carrier("+14155550199"),
            condition: String::new(),
            mode: self.one_of(&[
                TransferMode::Cold,
                TransferMode::Warm,
                TransferMode::WarmWithSummary,
            ]),
            ring_timeout_ms: self.one_of(&[6_000, 15_000]),
        }
    }
}

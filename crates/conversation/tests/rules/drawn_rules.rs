//! Rules, callers, models and surroundings of a call, drawn by seed.

use offhook_conversation::{
    CallSettings, ClosingMode, ClosingSettings, DtmfSettings, EndCondition, FaultSettings,
    FillerSettings, Input, IvrSettings, LimitSettings, OnInterruption, OpeningMode,
    OpeningSettings, ScreeningSettings, SilenceSettings, ToolSettings, ToolWhen, TransferSettings,
    VoicemailMode, VoicemailSettings,
};
use offhook_types::{
    Answerer, CarrierEvent, ControlCommand, Party, ToneEvent, ToneSpan, TransferMode,
    TransferOutcome,
};
use serde_json::json;

use crate::caller::Caller;
use crate::draw::Draw;
use crate::world::World;

/// Rules of a call.
pub(crate) fn rules(draw: &mut Draw) -> CallSettings {
    let text = |draw: &mut Draw, text: &str| {
        if draw.once_in(2) { text.to_owned() } else { String::new() }
    };
    CallSettings {
        silence: SilenceSettings {
            reminder_ms: draw.one_of(&[None, Some(3_000), Some(5_000)]),
            reminder_text: text(draw, "Are you still there?"),
            reminder_count_max: 2,
            hangup_ms: draw.one_of(&[None, Some(7_000), Some(12_000), Some(25_000)]),
        },
        limits: LimitSettings {
            max_call_ms: draw.one_of(&[None, None, Some(20_000), Some(47_000)]),
            max_call_text: text(draw, "Our time is up, thank you for calling."),
        },
        closing: ClosingSettings {
            mode: draw.one_of(&[ClosingMode::Static, ClosingMode::Generated, ClosingMode::None]),
            text: text(draw, "Thank you for calling. Goodbye."),
        },
        end_conditions: vec![EndCondition { reason: "booked".to_owned(), closing: None }],
        voicemail: voicemail(draw),
        screening: draw.once_in(2).then(|| ScreeningSettings {
            identity: "This is Ada.".to_owned(),
            purpose: "It is about your table.".to_owned(),
        }),
        tools: tools(draw),
        transfers: vec![TransferSettings {
            label: "sales".to_owned(),
            target: Party::from_carrier("+14155550199"),
            condition: String::new(),
            mode: draw.one_of(&[
                TransferMode::Cold,
                TransferMode::Warm,
                TransferMode::WarmWithSummary,
            ]),
            ring_timeout_ms: 8_000,
        }],
        ivr: IvrSettings { is_enabled: draw.once_in(2) },
        fillers: FillerSettings {
            soft_timeout_ms: 1_200,
            texts: draw.one_of(&[Vec::new(), vec!["Let me see.".to_owned()]]),
        },
        dtmf: DtmfSettings {
            digit_count_max: draw.one_of(&[1, 4, 32]),
            is_interrupting: draw.one_of(&[true, true, false]),
            ..DtmfSettings::default()
        },
        faults: FaultSettings {
            text: text(draw, "I am sorry, something went wrong."),
            drain_text: text(draw, "I have to go now."),
        },
    }
}

fn voicemail(draw: &mut Draw) -> Option<VoicemailSettings> {
    let mode =
        draw.one_of(&[VoicemailMode::Hangup, VoicemailMode::Static, VoicemailMode::Generated]);
    let text = "This is Ada. Please call us back.".to_owned();
    draw.once_in(2).then_some(VoicemailSettings { mode, text })
}

fn tools(draw: &mut Draw) -> Vec<ToolSettings> {
    let tool = |draw: &mut Draw, name: &str, when: ToolWhen| {
        let mut maybe = |text: &str| draw.once_in(3).then(|| text.to_owned());
        ToolSettings {
            name: name.to_owned(),
            when,
            say_before: maybe("I will look."),
            say_while: maybe("One moment."),
            say_slow: maybe("It takes a little longer."),
            say_error: maybe("I cannot see it."),
            slow_ms: 1_500,
            timeout_ms: draw.one_of(&[1_000, 4_000, 9_000]),
            has_sound: draw.once_in(2),
            on_interruption: draw.one_of(&[
                OnInterruption::Finish,
                OnInterruption::Cancel,
                OnInterruption::Block,
            ]),
            ..ToolSettings::default()
        }
    };
    let when = draw_when(draw);
    vec![
        tool(draw, "look", ToolWhen::During),
        tool(draw, "book", ToolWhen::During),
        tool(draw, "greet", when),
    ]
}

fn draw_when(draw: &mut Draw) -> ToolWhen {
    draw.one_of(&[ToolWhen::Before, ToolWhen::During, ToolWhen::After])
}

/// The first words of a call.
pub(crate) fn opening(draw: &mut Draw) -> Option<OpeningSettings> {
    draw.once_in(2).then(|| OpeningSettings {
        mode: draw.one_of(&[OpeningMode::Static, OpeningMode::Generated, OpeningMode::Wait]),
        text: "Hello, this is the restaurant.".to_owned(),
        delay_ms: draw.one_of(&[0, 400, 1_000]),
        wait_timeout_ms: draw.one_of(&[None, Some(4_000)]),
        is_interruptible: draw.once_in(2),
    })
}

/// Whoever is at the other end.
pub(crate) fn line_of(draw: &mut Draw) -> Caller {
    let mut caller = Caller::default();
    let mut at = draw.within(0, 2_000);
    if draw.once_in(6) {
        caller = caller.says(
            at,
            draw.one_of(&[
                "you have reached Bob I am not available please leave a message after the tone",
                "hi who is calling please?",
                "for sales press one for support press two",
                "the mailbox is full goodbye",
                "please stay on the line",
            ]),
        );
        at = caller.end() + draw.one_of(&[400, 3_000, 9_000]);
    }
    let length = draw.one_of(&[8_000, 30_000, 60_000]);
    while at < length {
        caller = match draw.within(0, 11) {
            0 => caller.coughs(at, draw.one_of(&[60, 300, 900, 5_000])),
            1 => caller.says(at, draw.one_of(&["uh-huh", "okay", "yeah sure"])),
            2 => caller.whispers(at, draw.one_of(&["yes please", "no thanks", "hello?"])),
            3 => caller.says(at, draw.one_of(&["wait", "stop", "hold on a second"])),
            4 => caller.presses(at, draw.one_of(&["1", "42#", "4711"])),
            5 => caller.says(at, draw.one_of(&["okay thank you bye", "goodbye", "thanks"])),
            _ => caller.says(
                at,
                draw.one_of(&[
                    "What time do you open?",
                    "I need a table for (400) two and (800) a highchair.",
                    "please put me through to sales",
                    "No that is not what I meant",
                ]),
            ),
        };
        at = caller.end().max(at) + draw.one_of(&[100, 400, 900, 2_500, 6_000, 15_000]);
    }
    caller
}

/// What the model answers turn by turn.
pub(crate) fn answers(draw: &mut Draw) -> Vec<&'static str> {
    (0..80).map(|_| if draw.once_in(300) { "!" } else { answer(draw) }).collect()
}

fn answer(draw: &mut Draw) -> &'static str {
    draw.one_of(&[
        "Yes.",
        "Of course, we are open from nine to five. Shall I book a table for you?",
        "We have a table at six, and another at eight. Which one would you like?",
        "I will see. [[look {\"day\": \"sunday\"}]]",
        "[[look {}]] [[book {}]]",
        "[[greet {}]]",
        "I will put you through. [[transfer {\"target\": \"sales\"}]]",
        "[[send_dtmf {\"digits\": \"1\"}]]",
        "[[skip_turn]]",
        "You are welcome. Goodbye!",
        "Very well. [[end_call {\"reason\": \"done\"}]]",
        "[[end_call {\"reason\": \"booked\"}]]",
        "",
    ])
}

/// What tools, transfers and the model do where nobody asked.
pub(crate) fn script(draw: &mut Draw, world: &mut World) {
    for name in ["look", "book", "greet"] {
        match draw.within(0, 3) {
            0 => world.outside.fails(name, draw.within(50, 3_000), "it is down"),
            1 => {}
            _ => world.outside.returns(name, draw.within(50, 6_000), json!({"open": true})),
        }
    }
    let last = draw.one_of(&[
        TransferOutcome::Connected,
        TransferOutcome::Connected,
        TransferOutcome::NotReached,
        TransferOutcome::Failed,
    ]);
    world.outside.transfers = vec![(300, TransferOutcome::Ringing)];
    if !draw.once_in(4) {
        world.outside.transfers.push((draw.within(1_000, 12_000), last));
    }
    let unprompted: Vec<&str> = (0..40)
        .map(|_| if draw.once_in(3) { answer(draw) } else { "Here it is. Anything else?" })
        .collect();
    world.model.unprompted(&unprompted);
}

/// Something that happens from outside.
pub(crate) fn disturb(draw: &mut Draw, world: &mut World) {
    match draw.within(0, 40) {
        0 => world.control(ControlCommand::Say {
            text: "This is the manager.".to_owned(),
            is_interruptible: draw.once_in(2),
        }),
        1 => world.control(ControlCommand::Inject { text: "It is full.".to_owned() }),
        2 | 3 => world.control(ControlCommand::MuteAgent { is_muted: true }),
        4..=9 => world.control(ControlCommand::MuteAgent { is_muted: false }),
        10 => world.control(ControlCommand::Drain { deadline_ms: 6_000 }),
        11 => world.control(ControlCommand::Hangup),
        12 => world.hang_up(),
        13 => {
            let answerer = draw.one_of(&[
                Answerer::Human,
                Answerer::MachineGreeting,
                Answerer::MachineAfterTone,
                Answerer::Unknown,
            ]);
            world.happens(Input::Carrier(CarrierEvent::AnsweredBy { answerer }));
        }
        14 => {
            let span = ToneSpan {
                start_sample: 0,
                duration_ms: 400,
                frequency_hz: 1_000,
                second_frequency_hz: None,
                level_dbfs: -20,
            };
            world.happens(Input::Tone(ToneEvent::RecordTone { span }));
        }
        15 => world.stall(draw.within(100, 6_000)),
        _ => {}
    }
}

//! A picture of what was heard: waveforms, speech probability, tones and losses over time.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::heard::{FrameNote, Heard, HeardEvent};
use crate::recording::Recording;

const WIDTH: u32 = 1_400;
const WAVEFORM_HEIGHT: u32 = 180;
const SPEECH_HEIGHT: u32 = 200;
const EVENT_ROW_HEIGHT: u32 = 18;
/// Labels that would lie on each other are put below each other, in this many rows.
const EVENT_ROWS: usize = 6;
const FRAME_S: f64 = 0.02;

const INK: RGBColor = RGBColor(40, 44, 52);
const WAVE: RGBColor = RGBColor(46, 109, 164);
const SPEECH: RGBColor = RGBColor(46, 125, 50);
const LOST: RGBColor = RGBColor(198, 40, 40);
const ECHO: RGBColor = RGBColor(239, 108, 0);
const TONE: RGBColor = RGBColor(106, 27, 154);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws a recording and what the inbound chain heard in it.
pub(super) fn draw_heard(path: &Path, voice: &Recording, heard: &Heard) -> Result<()> {
    let events_height = EVENT_ROW_HEIGHT * (EVENT_ROWS as u32 + 1);
    let height = 2 * WAVEFORM_HEIGHT + SPEECH_HEIGHT + events_height;
    let root = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    root.fill(&WHITE).map_err(described)?;
    let (line, rest) = root.split_vertically(WAVEFORM_HEIGHT);
    let (stage, rest) = rest.split_vertically(WAVEFORM_HEIGHT);
    let (speech, events) = rest.split_vertically(SPEECH_HEIGHT);
    let seconds = voice.seconds().max(heard.frames.len() as f64 * FRAME_S).max(FRAME_S);
    let lost = spans(&heard.frames, |frame| frame.is_lost);
    draw_waveform(&line, "the line (red: lost)", voice, seconds, &lost)?;
    draw_waveform(&stage, "the chosen stage", &heard.stage, seconds, &[])?;
    draw_speech(&speech, heard, seconds)?;
    draw_events(&events, &heard.events, seconds)?;
    root.present().map_err(described)
}

/// Draws a voice and what the caller hears of it.
pub(super) fn draw_sent(path: &Path, voice: &Recording, sent: &Recording) -> Result<()> {
    let root = SVGBackend::new(path, (WIDTH, 2 * WAVEFORM_HEIGHT)).into_drawing_area();
    root.fill(&WHITE).map_err(described)?;
    let (before, after) = root.split_vertically(WAVEFORM_HEIGHT);
    let seconds = voice.seconds().max(sent.seconds()).max(FRAME_S);
    draw_waveform(&before, "the agent's voice", voice, seconds, &[])?;
    draw_waveform(&after, "what the caller hears", sent, seconds, &[])?;
    root.present().map_err(described)
}

fn draw_waveform(
    area: &Area<'_>,
    title: &str,
    recording: &Recording,
    seconds: f64,
    lost: &[(f64, f64)],
) -> Result<()> {
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 14, &INK))
        .margin_left(10)
        .margin_right(10)
        .x_label_area_size(18)
        .y_label_area_size(46)
        .build_cartesian_2d(0.0..seconds, -1.0..1.0)
        .map_err(described)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(3)
        .x_label_formatter(&|second| format!("{second:.1} s"))
        .draw()
        .map_err(described)?;
    let marks = lost
        .iter()
        .map(|(from, to)| Rectangle::new([(*from, -1.0), (*to, 1.0)], LOST.mix(0.35).filled()));
    chart.draw_series(marks).map_err(described)?;
    let hz = f64::from(recording.rate.hz());
    // One bar from the lowest to the highest sample per pixel: peaks stay visible at any length.
    let per_pixel = (recording.samples.len() / WIDTH as usize).max(1);
    let bars = recording.samples.chunks(per_pixel).enumerate().map(|(index, samples)| {
        let at = (index * per_pixel) as f64 / hz;
        let low = samples.iter().min().copied().unwrap_or(0);
        let high = samples.iter().max().copied().unwrap_or(0);
        let points = vec![(at, full_scale(low)), (at, full_scale(high))];
        PathElement::new(points, WAVE.stroke_width(1))
    });
    chart.draw_series(bars).map_err(described)?;
    Ok(())
}

fn draw_speech(area: &Area<'_>, heard: &Heard, seconds: f64) -> Result<()> {
    let title = "speech probability (green: talk spurt, orange: own echo, violet: blanked tone)";
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 14, &INK))
        .margin_left(10)
        .margin_right(10)
        .x_label_area_size(18)
        .y_label_area_size(46)
        .build_cartesian_2d(0.0..seconds, 0.0..1.0)
        .map_err(described)?;
    chart
        .configure_mesh()
        .y_labels(3)
        .x_label_formatter(&|second| format!("{second:.1} s"))
        .draw()
        .map_err(described)?;
    let mut shade = |of: fn(&FrameNote) -> bool, colour: RGBColor, top: f64| {
        let bands = spans(&heard.frames, of).into_iter().map(move |(from, to)| {
            Rectangle::new([(from, 0.0), (to, top)], colour.mix(0.25).filled())
        });
        chart.draw_series(bands).map(|_| ()).map_err(described)
    };
    shade(|frame| frame.is_open, SPEECH, 1.0)?;
    shade(|frame| frame.is_echo, ECHO, 0.5)?;
    shade(|frame| frame.is_blanked, TONE, 0.5)?;
    let points = heard.frames.iter().enumerate();
    let points = points.map(|(index, frame)| (index as f64 * FRAME_S, frame.speech));
    chart.draw_series(LineSeries::new(points, &INK)).map_err(described)?;
    Ok(())
}

fn draw_events(area: &Area<'_>, events: &[HeardEvent], seconds: f64) -> Result<()> {
    let (left, right) = (56.0, f64::from(WIDTH) - 10.0);
    let mut row_ends = [0.0_f64; EVENT_ROWS];
    for event in events {
        let x = left + (event.at_s / seconds).clamp(0.0, 1.0) * (right - left);
        // A letter of this font is some 7 pixels wide.
        let width = 7.0 * event.what.len() as f64 + 12.0;
        let free = row_ends.iter().position(|end| *end <= x);
        let row = free.unwrap_or(EVENT_ROWS - 1);
        row_ends[row] = x + width;
        let colour = if event.is_tone { TONE } else { SPEECH };
        let y = (EVENT_ROW_HEIGHT * (row as u32 + 1)) as i32;
        let tick = [(x as i32, 0), (x as i32, y)];
        area.draw(&PathElement::new(tick, colour.mix(0.5))).map_err(described)?;
        let style = ("sans-serif", 13).into_font().color(&colour);
        // A label that would run over the edge stands to the left of its tick.
        let left_edge = if x + width > right { x - width } else { x + 3.0 };
        let label = Text::new(event.what.clone(), (left_edge as i32, y - 12), style);
        area.draw(&label).map_err(described)?;
    }
    Ok(())
}

/// Stretches of frames for which `holds`, in seconds.
fn spans(frames: &[FrameNote], holds: impl Fn(&FrameNote) -> bool) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for (index, _) in frames.iter().enumerate().filter(|(_, frame)| holds(frame)) {
        let (from, to) = (index as f64 * FRAME_S, (index + 1) as f64 * FRAME_S);
        match spans.last_mut() {
            Some(last) if (last.1 - from).abs() < FRAME_S / 2.0 => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans
}

fn full_scale(sample: i16) -> f64 {
    f64::from(sample) / 32_768.0
}

/// Drawing errors borrow the drawing; their words are what remains.
fn described(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error}")
}

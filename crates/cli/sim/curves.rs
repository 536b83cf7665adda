//! Curves of a plan, drawn.

use std::path::Path;

use anyhow::{Result, anyhow};
use offhook_sim::Point;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::plan::Curves;

const WIDTH: u32 = 1_200;
const HEIGHT: u32 = 900;
const COLOURS: [RGBColor; 6] = [
    RGBColor(46, 109, 164),
    RGBColor(198, 40, 40),
    RGBColor(46, 125, 50),
    RGBColor(239, 108, 0),
    RGBColor(106, 27, 154),
    RGBColor(40, 44, 52),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A number of a point: the middle, and how bad it gets.
type Measure = fn(&Point) -> Measured;
type Measured = (Option<f64>, Option<f64>);

/// Draws four panels: voice-to-voice, stop latency, false stops and cut-ins.
pub(super) fn draw(path: &Path, curves: &Curves) -> Result<()> {
    let root = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
    root.fill(&WHITE).map_err(described)?;
    let root = root.titled(&curves.title, ("sans-serif", 22)).map_err(described)?;
    let panels: [(&str, Measure); 4] = [
        ("voice-to-voice, ms (thick: p50, thin: p95)", |point| {
            (point.voice_to_voice_ms(0.5), point.voice_to_voice_ms(0.95))
        }),
        ("stop latency, ms (thick: p50, thin: p95)", |point| {
            (point.stop_ms(0.5), point.stop_ms(0.95))
        }),
        ("false stops, % (thick); talked over, % (thin)", |point| {
            (point.false_stops_percent(), point.missed_percent())
        }),
        ("cut in on a pause, %", |point| (point.cut_ins_percent(), None)),
    ];
    for (area, (title, measure)) in root.split_evenly((2, 2)).iter().zip(panels) {
        panel(area, title, curves, measure)?;
    }
    root.present().map_err(described)
}

fn panel(area: &Area<'_>, title: &str, curves: &Curves, measure: Measure) -> Result<()> {
    let points = || curves.lines.iter().flat_map(|(_, points)| points);
    let highest = points()
        .flat_map(|point| {
            let (middle, bad) = measure(point);
            [middle, bad]
        })
        .flatten()
        .fold(10.0, f64::max);
    let last = curves.labels.len().saturating_sub(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(46)
        .build_cartesian_2d(-0.2..last + 0.2, 0.0..highest * 1.15)
        .map_err(described)?;
    let label = |at: &f64| {
        let index = at.round();
        let is_value = (at - index).abs() < 0.01 && index >= 0.0;
        let label = curves.labels.get(index as usize).filter(|_| is_value);
        label.cloned().unwrap_or_default()
    };
    chart
        .configure_mesh()
        .x_labels(curves.labels.len())
        .x_label_formatter(&label)
        .x_desc(&curves.setting)
        .disable_x_mesh()
        .draw()
        .map_err(described)?;
    for ((name, points), colour) in curves.lines.iter().zip(COLOURS.iter().cycle()) {
        let at = |of: fn(Measured) -> Option<f64>| {
            let values = points.iter().enumerate();
            let values = values
                .filter_map(|(index, point)| of(measure(point)).map(|value| (index as f64, value)));
            values.collect::<Vec<_>>()
        };
        let middle =
            LineSeries::new(at(|(middle, _)| middle), colour.stroke_width(3)).point_size(4);
        let drawn = chart.draw_series(middle).map_err(described)?;
        let swatch = *colour;
        drawn
            .label(name.as_str())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], swatch.stroke_width(3)));
        let bad = LineSeries::new(at(|(_, bad)| bad), colour.stroke_width(1)).point_size(2);
        chart.draw_series(bad).map_err(described)?;
    }
    chart
        .configure_series_labels()
        .border_style(BLACK.mix(0.2))
        .background_style(WHITE.mix(0.8))
        .draw()
        .map_err(described)
}

fn described(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}

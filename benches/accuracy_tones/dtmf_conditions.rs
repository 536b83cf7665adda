//! The conditions in which digits must be heard, must be refused, or are tried for orientation.
//!
//! Limits are those of ITU-T Q.24; where its administrations differ, the stricter one is wanted if
//! the detector claims it.

/// One condition of a sweep; what is not said is nominal.
#[derive(Clone, Copy)]
pub(crate) struct Condition {
    /// Frequency errors of row and column, in percent.
    pub(crate) deviation_percent: [f64; 2],
    /// Levels of row and column, in dBm0.
    pub(crate) dbm0: [f64; 2],
    /// Length of the tone.
    pub(crate) on_ms: f64,
    /// Silence cut into the middle of the tone.
    pub(crate) dropout_ms: f64,
    /// Both tones' power over that of white noise in the whole band; none is no noise.
    pub(crate) snr_db: Option<f64>,
    /// Level of each of 350 and 440 Hz throughout.
    pub(crate) dial_tone_dbm0: Option<f64>,
    /// Added to every sample, in steps.
    pub(crate) offset: f64,
    /// Level of 50 Hz throughout; 150 Hz is 12 dB below.
    pub(crate) hum_dbm0: Option<f64>,
}

/// A digit as it should be.
pub(crate) const NOMINAL: Condition = Condition {
    deviation_percent: [0.0; 2],
    dbm0: [-10.0; 2],
    on_ms: 60.0,
    dropout_ms: 0.0,
    snr_db: None,
    dial_tone_dbm0: None,
    offset: 0.0,
    hum_dbm0: None,
};

/// What a standard wants of a condition.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Want {
    Heard,
    Refused,
    /// Nothing: printed for orientation.
    Free,
}

/// All conditions of the sweep, by name.
pub(crate) fn conditions() -> Vec<(String, Condition, Want)> {
    let mut list = vec![("nominal, 60 ms, -10 dBm0".to_owned(), NOMINAL, Want::Heard)];
    frequency_conditions(&mut list);
    level_conditions(&mut list);
    time_conditions(&mut list);
    line_conditions(&mut list);
    list
}

fn frequency_conditions(list: &mut Vec<(String, Condition, Want)>) {
    for percent in [1.5, 1.8, 2.0, 3.0, 3.5, 5.0] {
        let want = match percent {
            p if p <= 1.8 => Want::Heard,
            p if p >= 3.5 => Want::Refused,
            _ => Want::Free,
        };
        for sign in [-1.0, 1.0] {
            let off = sign * percent;
            for deviation_percent in [[off, off], [off, 0.0], [0.0, off]] {
                let [row, column] = deviation_percent;
                let condition = Condition { deviation_percent, ..NOMINAL };
                list.push((format!("frequency {row:+.1} % / {column:+.1} %"), condition, want));
                if off.abs() == 1.5 || off.abs() == 3.5 {
                    let condition = Condition { snr_db: Some(15.0), ..condition };
                    let name = format!("frequency {row:+.1} % / {column:+.1} %, SNR 15 dB");
                    list.push((name, condition, want));
                }
            }
        }
    }
}

fn level_conditions(list: &mut Vec<(String, Condition, Want)>) {
    for high_to_low_db in [-14.0, -12.0, -10.0, -8.0, -4.0, 2.0, 4.0, 6.0, 8.0, 10.0] {
        let want = if (-8.0..=4.0).contains(&high_to_low_db) { Want::Heard } else { Want::Free };
        let dbm0 = [-12.0 - high_to_low_db / 2.0, -12.0 + high_to_low_db / 2.0];
        let condition = Condition { dbm0, ..NOMINAL };
        list.push((format!("high tone {high_to_low_db:+} dB"), condition, want));
        let condition = Condition { snr_db: Some(15.0), ..condition };
        list.push((format!("high tone {high_to_low_db:+} dB, SNR 15 dB"), condition, want));
    }
    for dbm0 in [0.0, -3.0, -20.0, -24.0, -25.0, -27.0, -29.0, -35.0, -55.0] {
        let want = match dbm0 {
            level if level >= -25.0 => Want::Heard,
            level if level <= -29.0 => Want::Refused,
            _ => Want::Free,
        };
        list.push((
            format!("level {dbm0} dBm0 each"),
            Condition { dbm0: [dbm0; 2], ..NOMINAL },
            want,
        ));
    }
}

fn time_conditions(list: &mut Vec<(String, Condition, Want)>) {
    for on_ms in [15.0, 20.0, 23.0, 24.0, 28.0, 32.0, 36.0, 40.0, 50.0, 1_000.0] {
        let want = match on_ms {
            ms if ms >= 40.0 => Want::Heard,
            ms if ms <= 24.0 => Want::Refused,
            _ => Want::Free,
        };
        list.push((format!("{on_ms} ms long"), Condition { on_ms, ..NOMINAL }, want));
        let condition = Condition { on_ms, snr_db: Some(15.0), ..NOMINAL };
        list.push((format!("{on_ms} ms long, SNR 15 dB"), condition, want));
    }
    for (dropout_ms, want) in [(5.0, Want::Heard), (10.0, Want::Heard), (20.0, Want::Free)] {
        let condition = Condition { on_ms: 100.0, dropout_ms, ..NOMINAL };
        list.push((format!("100 ms with {dropout_ms} ms cut out"), condition, want));
    }
    let condition = Condition { on_ms: 60.0, dropout_ms: 10.0, ..NOMINAL };
    list.push(("60 ms with 10 ms cut out".to_owned(), condition, Want::Free));
}

fn line_conditions(list: &mut Vec<(String, Condition, Want)>) {
    for snr_db in [20.0, 15.0, 12.0, 9.0, 6.0, 3.0] {
        let want = if snr_db >= 15.0 { Want::Heard } else { Want::Free };
        let condition = Condition { snr_db: Some(snr_db), ..NOMINAL };
        list.push((format!("SNR {snr_db} dB"), condition, want));
    }
    let edge = Condition {
        deviation_percent: [1.5, -1.5],
        dbm0: [-13.0, -21.0],
        on_ms: 40.0,
        snr_db: Some(15.0),
        ..NOMINAL
    };
    let name = "all limits at once: ±1.5 %, -8 dB, 40 ms, SNR 15 dB";
    list.push((name.to_owned(), edge, Want::Free));
    let condition = Condition { offset: 1_000.0, ..NOMINAL };
    list.push(("offset of 1,000 steps".to_owned(), condition, Want::Heard));
    let condition = Condition { hum_dbm0: Some(-20.0), ..NOMINAL };
    list.push(("50 Hz hum at -20 dBm0".to_owned(), condition, Want::Heard));
    for below_db in [5.0, 10.0, 15.0] {
        let condition = Condition { dial_tone_dbm0: Some(-10.0 - below_db), ..NOMINAL };
        list.push((format!("over a dial tone {below_db} dB below"), condition, Want::Free));
    }
}

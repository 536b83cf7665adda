//! Tables of ITU-T G.722 clause 6, built from the quantiser values that the standard lists.

/// Taps 0, 2, 4 … 22 of the quadrature mirror filters times 8192; the odd ones mirror them.
pub(super) const QMF_TAPS: [i16; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// Decision levels of the lower band's 60-level quantiser (Q6), in 1/4096 of the scale.
pub(super) const LOW_DECISIONS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];

/// Decision level of the higher band's quantiser (Q2), in 1/4096 of the scale.
pub(super) const HIGH_DECISION: i32 = 564;

/// The linear values of one octave of the logarithmic scale (ILB): 2048 · 2^(n/32).
pub(super) const LOG_BASE: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

/// Levels of the six-bit code (QQ6), in 1/32768 of the scale, as are the next four tables.
pub(super) static LOW_LEVELS_6: [i32; 64] = {
    let mut levels = [0; 64];
    let mut code = 0;
    while code < 64 {
        // Codes 0 to 3 never leave an encoder, lest a channel see long runs of zeros.
        levels[code] = match code {
            0..4 => -QQ6[0],
            4..32 => -QQ6[33 - code],
            32..62 => QQ6[61 - code],
            _ => -QQ6[63 - code],
        } << 3;
        code += 1;
    }
    levels
};

/// Levels of the code without its lowest bit (QQ5).
pub(super) static LOW_LEVELS_5: [i32; 32] = {
    let mut levels = [0; 32];
    let mut code = 0;
    while code < 32 {
        levels[code] = match code {
            0 | 1 | 31 => -QQ5[0],
            2..16 => -QQ5[16 - code],
            _ => QQ5[30 - code],
        } << 3;
        code += 1;
    }
    levels
};

/// Levels of the code without its two lowest bits (QQ4): what the predictor sees in every mode.
pub(super) static LOW_LEVELS_4: [i32; 16] = {
    let mut levels = [0; 16];
    let mut code = 0;
    while code < 16 {
        let level = QQ4[low_index(code)] << 3;
        levels[code] = if code < 8 { -level } else { level };
        code += 1;
    }
    levels
};

/// How the logarithmic scale of the lower band moves with each four-bit code (WL).
pub(super) static LOW_SCALE_STEPS: [i32; 16] = {
    let mut steps = [0; 16];
    let mut code = 0;
    while code < 16 {
        steps[code] = WL[low_index(code)];
        code += 1;
    }
    steps
};

/// Levels of the higher band's code (QQ2): large and small negative, large and small positive.
pub(super) static HIGH_LEVELS: [i32; 4] = [-926 << 3, -202 << 3, 926 << 3, 202 << 3];

/// How the logarithmic scale of the higher band moves with each code (WH).
pub(super) static HIGH_SCALE_STEPS: [i32; 4] = [798, -214, 798, -214];

/// Size of a four-bit code, 0 to 7 (RIL to IL4).
const fn low_index(code: usize) -> usize {
    match code {
        0 => 0,
        1..8 => 8 - code,
        _ => 15 - code,
    }
}

const QQ6: [i32; 30] = [
    17, 54, 91, 130, 170, 211, 254, 300, 347, 396, 447, 501, 558, 618, 682, 750, 822, 899, 982,
    1072, 1170, 1279, 1399, 1535, 1689, 1873, 2088, 2376, 2738, 3101,
];

const QQ5: [i32; 15] =
    [35, 110, 190, 276, 370, 473, 587, 714, 858, 1023, 1219, 1458, 1765, 2195, 2919];

const QQ4: [i32; 8] = [0, 150, 323, 530, 786, 1121, 1612, 2557];

const WL: [i32; 8] = [-60, -30, 58, 172, 334, 538, 1198, 3042];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_doubles_over_an_octave_in_equal_ratios() {
        // ILB is 2048 · 2^(n/32), rounded within one unit.
        for (n, &value) in LOG_BASE.iter().enumerate() {
            let exact = 2_048.0 * (n as f64 / 32.0).exp2();
            assert!((f64::from(value) - exact).abs() <= 1.0, "{n}: {value} against {exact}");
        }
    }

    #[test]
    fn every_level_lies_inside_its_decision_interval() {
        for (n, &level) in QQ6.iter().enumerate() {
            let from = if n == 0 { 0 } else { LOW_DECISIONS[n - 1] };
            let to = LOW_DECISIONS.get(n).copied().unwrap_or(4_096);
            assert!((from..to).contains(&level), "{n}: {level} not in {from}..{to}");
        }
    }

    #[test]
    fn codes_of_fewer_bits_stand_for_the_middle_of_those_they_merge() {
        // A five-bit level lies between the two six-bit levels it stands for, as a four-bit level
        // does.
        for code in 2..31 {
            let merged = [LOW_LEVELS_6[2 * code], LOW_LEVELS_6[2 * code + 1]];
            let level = LOW_LEVELS_5[code];
            assert!(
                merged[0].min(merged[1]) <= level && level <= merged[0].max(merged[1]),
                "{code}"
            );
        }
        for code in 1..15 {
            let merged = [LOW_LEVELS_5[2 * code], LOW_LEVELS_5[2 * code + 1]];
            let level = LOW_LEVELS_4[code];
            assert!(
                merged[0].min(merged[1]) <= level && level <= merged[0].max(merged[1]),
                "{code}"
            );
        }
    }
}

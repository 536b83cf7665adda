//! Tones in the band of a call: keypad digits (DTMF), and what a machine or the network says
//! without words.

mod blanking;
mod burst;
mod burst_tracker;
mod cadence;
mod call_progress;
mod dtmf_detector;
mod dtmf_generator;
mod dtmf_run;
mod half_rate;
mod keypad;
mod keypad_spectrum;
mod mean_square;
mod power_history;
mod probe;
mod progress_detector;
mod progress_generator;
mod record_tone;
mod special_information;
mod tonality;
mod tone_bank;

pub use blanking::ToneBlanker;
pub use cadence::{ToneCadence, TonePlan, ToneSegment};
pub use dtmf_detector::{DtmfDetector, DtmfEnd, DtmfFrame, DtmfStart, UnsupportedToneRate};
pub use dtmf_generator::{DtmfConfig, DtmfConfigError, DtmfGenerator, EnqueueDtmfError};
pub use keypad::FULL_SCALE_SINE_DBM0;
pub use progress_detector::ProgressToneDetector;
pub use progress_generator::ProgressToneGenerator;

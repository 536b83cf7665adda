//! Human recordings that Debian packages install, read where they are and never copied.

use std::path::{Path, PathBuf};

use offhook_audio::Resampler;
use offhook_types::SampleRate;

use crate::SPEECH_RMS;
use crate::measure::active_rms;
use crate::noise::Random;

/// What to install. The first is indispensable for the speech, the prompts in five languages by six
/// voices for babble, the music for the music, pocketsphinx for speech at 16 kHz.
pub(crate) const PACKAGES: [&str; 8] = [
    "asterisk-core-sounds-en-wav",
    "asterisk-core-sounds-es-wav",
    "asterisk-core-sounds-fr-wav",
    "asterisk-core-sounds-it-wav",
    "asterisk-core-sounds-ru-wav",
    "asterisk-prompt-it-menardi-wav",
    "asterisk-moh-opsound-wav",
    "pocketsphinx-testdata",
];

const SOUNDS: &str = "/usr/share/asterisk/sounds";
const MUSIC: &str = "/usr/share/asterisk/moh";
const WIDE: &str = "/usr/share/pocketsphinx/test/data/librivox";

/// Voice that plays the one in the background; the others are callers.
const COMPETING: &str = "it_IT_m_Carlo";

/// One caller: phrases with pauses between, at the level of [`SPEECH_RMS`].
pub(crate) struct Speech {
    pub(crate) rate: SampleRate,
    pub(crate) samples: Vec<i16>,
}

pub(crate) struct Recordings {
    /// Files of each voice.
    voices: Vec<(String, Vec<PathBuf>)>,
    music: Vec<PathBuf>,
    wide: Vec<PathBuf>,
    seconds: usize,
    callers_max: usize,
}

impl Recordings {
    /// Finds the recordings; nothing if the speech is missing.
    pub(crate) fn open(is_quick: bool) -> Option<Self> {
        let mut voices: Vec<(String, Vec<PathBuf>)> = std::fs::read_dir(SOUNDS)
            .ok()?
            .flatten()
            .map(|entry| {
                (entry.file_name().to_string_lossy().into_owned(), wav_files(&entry.path()))
            })
            .filter(|(_, files)| files.len() > 50)
            .collect();
        voices.sort();
        let (seconds, callers_max) = if is_quick { (15, 1) } else { (40, 5) };
        let recordings = Self {
            voices,
            music: wav_files(Path::new(MUSIC)),
            wide: wav_files(Path::new(WIDE)),
            seconds,
            callers_max,
        };
        (recordings.voices.len() > 1).then_some(recordings)
    }

    /// The callers at 8 kHz.
    pub(crate) fn narrow_band(&self) -> Vec<Speech> {
        let rate = SampleRate::HZ_8000;
        let callers = self.voices.iter().filter(|(name, _)| name != COMPETING);
        callers
            .take(self.callers_max)
            .map(|(name, files)| Speech {
                rate,
                samples: phrases(files, rate, rate.samples_in_ms(1_000) * self.seconds, name, 1.0),
            })
            .collect()
    }

    /// The callers at 16 kHz, of which there is one.
    pub(crate) fn wide_band(&self) -> Vec<Speech> {
        if self.wide.is_empty() {
            return Vec::new();
        }
        let rate = SampleRate::HZ_16000;
        let samples = rate.samples_in_ms(1_000) * self.seconds;
        vec![Speech { rate, samples: phrases(&self.wide, rate, samples, "wide", 1.0) }]
    }

    /// A voice without pauses, at 8 kHz.
    pub(crate) fn competing(&self, samples: usize) -> Vec<i16> {
        let voice = self.voices.iter().find(|(name, _)| name == COMPETING);
        let (name, files) = voice.unwrap_or(&self.voices[0]);
        phrases(files, SampleRate::HZ_8000, samples, name, 0.0)
    }

    /// Every voice twice, all talking at once.
    pub(crate) fn babble(&self, rate: SampleRate, samples: usize) -> Vec<f64> {
        let narrow_samples = samples * 8_000 / rate.hz() as usize + 160;
        let mut sum = vec![0.0; samples];
        for (name, files) in &self.voices {
            for take in ["first", "second"] {
                let seed = format!("{name} {take}");
                let talk = phrases(files, SampleRate::HZ_8000, narrow_samples, &seed, 0.0);
                for (sum, sample) in sum.iter_mut().zip(resampled(&talk, rate)) {
                    *sum += f64::from(sample);
                }
            }
        }
        sum
    }

    /// Hold music; nothing where its package is missing.
    pub(crate) fn music(&self, rate: SampleRate, samples: usize) -> Vec<f64> {
        let Some(file) = self.music.first() else { return vec![0.0; samples] };
        let music = resampled(&read(file), rate);
        // Ten seconds in, past the introduction.
        let played = music.iter().cycle().skip(rate.samples_in_ms(10_000));
        played.take(samples).map(|&s| f64::from(s)).collect()
    }
}

/// Randomly chosen recordings one after the other, with pauses of 0.5 to 1.5 s times `pause_scale`.
/// Each is brought to the same level, as one speaker's would be.
fn phrases(
    files: &[PathBuf],
    rate: SampleRate,
    samples: usize,
    seed: &str,
    pause_scale: f64,
) -> Vec<i16> {
    let mut random = Random::from_name(seed);
    let mut joined = Vec::new();
    while joined.len() < samples {
        let pause = (0.5 + random.uniform()) * pause_scale * f64::from(rate.hz());
        joined.resize(joined.len() + pause as usize, 0);
        let file = &files[(random.uniform() * files.len() as f64) as usize];
        let recording = read(file);
        let gain = SPEECH_RMS / active_rms(&recording, rate).max(1.0);
        joined.extend(recording.iter().map(|&s| (f64::from(s) * gain).round() as i16));
    }
    joined.truncate(samples);
    joined
}

/// The WAV files of a folder that hold speech (or music): half a second and more, no silence, beeps
/// or monkeys.
fn wav_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wav"))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with("tt-") && !name.contains("beep")
        })
        .filter(|path| std::fs::metadata(path).is_ok_and(|data| data.len() > 8_000))
        .collect();
    files.sort();
    files
}

fn read(file: &Path) -> Vec<i16> {
    let samples = hound::WavReader::open(file)
        .and_then(|mut reader| reader.samples::<i16>().collect::<Result<Vec<_>, _>>());
    samples.unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()))
}

fn resampled(narrow: &[i16], rate: SampleRate) -> Vec<i16> {
    let mut resampler =
        Resampler::new(SampleRate::HZ_8000, rate).expect("8 kHz converts to 8 and 16 kHz");
    let frame = SampleRate::HZ_8000.frame_samples();
    narrow.chunks(frame).flat_map(|chunk| resampler.process(chunk).to_vec()).collect()
}

//! Voices of simulated callers: programs and recordings of this machine, as `config/voices.toml`
//! names them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use offhook_sim::{Speakers, SpeakersError, synthetic_speech};
use offhook_types::SampleRate;
use serde::Deserialize;

use crate::recording::Recording;

/// The voices file that comes with the product.
const BUNDLED: &str = include_str!("../../../config/voices.toml");
/// The voice that needs no package, for tests of the simulation itself.
const SYNTHETIC: &str = "synthetic";

/// Voices and sounds, each made or read once.
#[derive(Debug)]
pub(crate) struct Voices {
    file: VoicesFile,
    said: BTreeMap<(String, String), Arc<[i16]>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VoicesFile {
    voices: BTreeMap<String, Voice>,
    #[serde(default)]
    sounds: BTreeMap<String, SoundFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Voice {
    /// The package that it comes from, for people.
    package: String,
    /// A program that says any text.
    #[serde(default)]
    program: Vec<String>,
    /// A folder of recordings.
    folder: Option<PathBuf>,
    /// Texts and their recordings.
    #[serde(default)]
    says: BTreeMap<String, PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SoundFile {
    package: String,
    file: PathBuf,
}

impl Voices {
    /// Reads a voices file, or the bundled one.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let file = match path {
            None => toml::from_str(BUNDLED).context("the bundled voices file")?,
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("reading {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("reading {}", path.display()))?
            }
        };
        Ok(Self { file, said: BTreeMap::new() })
    }

    fn make(&self, voice: &str, text: &str) -> Result<Arc<[i16]>> {
        if voice == SYNTHETIC {
            return Ok(synthetic_speech(text).0.into());
        }
        if text.is_empty() {
            let Some(sound) = self.file.sounds.get(voice) else {
                bail!("there is no such sound; there are {}", names(&self.file.sounds));
            };
            return read(&sound.file).with_context(|| install(&sound.package));
        }
        let Some(found) = self.file.voices.get(voice) else {
            bail!("there is no such voice; there are {}", names(&self.file.voices));
        };
        match &found.folder {
            Some(folder) => found.recorded(folder, text),
            None => found.synthesise(text).with_context(|| install(&found.package)),
        }
    }
}

impl Speakers for Voices {
    fn speak(&mut self, voice: &str, text: &str) -> Result<Arc<[i16]>, SpeakersError> {
        let key = (voice.to_owned(), text.to_owned());
        if let Some(audio) = self.said.get(&key) {
            return Ok(Arc::clone(audio));
        }
        let audio = self.make(voice, text).map_err(|error| SpeakersError {
            voice: voice.to_owned(),
            text: text.to_owned(),
            reason: format!("{error:#}"),
        })?;
        self.said.insert(key, Arc::clone(&audio));
        Ok(audio)
    }
}

impl Voice {
    fn synthesise(&self, text: &str) -> Result<Arc<[i16]>> {
        // Calls of one process are played on several threads.
        let of = (std::process::id(), std::thread::current().id());
        let file = std::env::temp_dir().join(format!("offhook-voice-{of:?}.wav"));
        let place = file.to_string_lossy();
        let mut words =
            self.program.iter().map(|word| word.replace("{text}", text).replace("{file}", &place));
        let program = words.next().ok_or_else(|| anyhow!("it has neither program nor folder"))?;
        let output = Command::new(&program).args(words).output();
        let output = output.with_context(|| format!("starting {program}"))?;
        if !output.status.success() {
            bail!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let audio = read(&file);
        let _left_to_the_system_if_it_fails = std::fs::remove_file(&file);
        audio
    }

    /// Recordings one after another, the longest that fits first.
    fn recorded(&self, folder: &Path, text: &str) -> Result<Arc<[i16]>> {
        let plain: Vec<String> = text.split_whitespace().map(bare).collect();
        let mut rest = plain.as_slice();
        let mut audio = Vec::new();
        while !rest.is_empty() {
            let longest = self
                .says
                .iter()
                .map(|(text, file)| (text.split_whitespace().map(bare).collect::<Vec<_>>(), file))
                .filter(|(words, _)| rest.starts_with(words))
                .max_by_key(|(words, _)| words.len());
            let Some((words, file)) = longest else {
                bail!("\"{}\" was not recorded; recorded are: {}", rest[0], names(&self.says));
            };
            let file = folder.join(file);
            audio.extend_from_slice(&read(&file).with_context(|| install(&self.package))?);
            rest = &rest[words.len()..];
        }
        Ok(audio.into())
    }
}

fn read(path: &Path) -> Result<Arc<[i16]>> {
    let recording = Recording::read(path)?;
    Ok(recording.at_rate(SampleRate::HZ_8000)?.samples.into())
}

fn install(package: &str) -> String {
    format!("it needs the package {package}: sudo apt-get install {package}")
}

fn bare(word: &str) -> String {
    word.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase()
}

fn names<T>(things: &BTreeMap<String, T>) -> String {
    things.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

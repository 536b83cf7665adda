//! Recordings of people and of music that Debian packages install. They are read in place and never
//! copied.

use std::fs;
use std::path::{Path, PathBuf};

/// One recording, mono.
pub(crate) struct Recording {
    pub(crate) path: PathBuf,
    pub(crate) rate_hz: u32,
    pub(crate) samples: Vec<i16>,
}

/// People reading prompts in five languages.
pub(crate) const PROMPTS: Source = Source {
    name: "prompts (en es fr it ru, 6 voices)",
    folder: "/usr/share/asterisk/sounds",
    packages: "asterisk-core-sounds-{en,es,fr,it,ru}-wav asterisk-prompt-it-menardi-wav",
};

/// People reading books and digits.
pub(crate) const BOOKS: Source = Source {
    name: "LibriVox, AN4",
    folder: "/usr/share/pocketsphinx/test/data",
    packages: "pocketsphinx-testdata",
};

/// Music on hold.
pub(crate) const MUSIC: Source = Source {
    name: "music on hold",
    folder: "/usr/share/asterisk/moh",
    packages: "asterisk-moh-opsound-wav",
};

/// Recordings of one kind, and where they come from.
pub(crate) struct Source {
    pub(crate) name: &'static str,
    folder: &'static str,
    packages: &'static str,
}

impl Source {
    /// Reads every `step`-th recording, in the order of their names; says what to install where
    /// there is none.
    pub(crate) fn read(&self, step: usize) -> Vec<Recording> {
        let mut paths = Vec::new();
        collect(Path::new(self.folder), &mut paths);
        paths.sort();
        if paths.is_empty() {
            println!(
                "_{}: left out, `apt-get install {}` to have it._\n",
                self.name, self.packages
            );
        }
        paths.into_iter().step_by(step).filter_map(|path| read_wav(&path)).collect()
    }
}

/// WAV files below `folder`; links are not followed, because packages link languages to voices.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, paths);
        } else if kind.is_file() && path.extension().is_some_and(|it| it == "wav") {
            paths.push(path);
        }
    }
}

fn read_wav(path: &Path) -> Option<Recording> {
    let mut reader = hound::WavReader::open(path).ok()?;
    let spec = reader.spec();
    if spec.channels != 1 || spec.bits_per_sample != 16 {
        return None;
    }
    let samples = reader.samples::<i16>().collect::<Result<_, _>>().ok()?;
    Some(Recording { path: path.to_path_buf(), rate_hz: spec.sample_rate, samples })
}

//! The human recordings of Debian packages: where they lie, and how one becomes 8 kHz samples.

use std::fs;
use std::path::{Path, PathBuf};

/// One speaker, or one corpus, whose recordings are scored together.
pub(crate) struct RecordingSet {
    /// Short name, also the name of its label file.
    pub(crate) name: &'static str,
    /// Folder of the recordings.
    pub(crate) folder: &'static str,
    /// Debian package that installs it.
    pub(crate) package: &'static str,
    /// Whether thresholds and calibration may be chosen on it; the others are only reported.
    pub(crate) is_tuning: bool,
    /// One recording in so many is used, in order of path.
    stride: usize,
}

/// English and French choose; the rest is held out. English and Spanish share a speaker, so that
/// Italian, Russian and the read books are the stricter test.
pub(crate) const SETS: [RecordingSet; 7] = [
    RecordingSet {
        name: "en",
        folder: "/usr/share/asterisk/sounds/en_US_f_Allison",
        package: "asterisk-core-sounds-en-wav",
        is_tuning: true,
        stride: 5,
    },
    RecordingSet {
        name: "fr",
        folder: "/usr/share/asterisk/sounds/fr_CA_f_June",
        package: "asterisk-core-sounds-fr-wav",
        is_tuning: true,
        stride: 5,
    },
    RecordingSet {
        name: "es",
        folder: "/usr/share/asterisk/sounds/es_MX_f_Allison",
        package: "asterisk-core-sounds-es-wav",
        is_tuning: false,
        stride: 5,
    },
    RecordingSet {
        name: "it-f",
        folder: "/usr/share/asterisk/sounds/it_IT_f_Menardi",
        package: "asterisk-prompt-it-menardi-wav",
        is_tuning: false,
        stride: 5,
    },
    RecordingSet {
        name: "it-m",
        folder: "/usr/share/asterisk/sounds/it_IT_m_Carlo",
        package: "asterisk-core-sounds-it-wav",
        is_tuning: false,
        stride: 5,
    },
    RecordingSet {
        name: "ru",
        folder: "/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU",
        package: "asterisk-core-sounds-ru-wav",
        is_tuning: false,
        stride: 5,
    },
    RecordingSet {
        name: "read",
        folder: "/usr/share/pocketsphinx/test/data",
        package: "pocketsphinx-testdata",
        is_tuning: false,
        stride: 1,
    },
];

/// Folder and package of the music that is mixed in.
pub(crate) const MUSIC: (&str, &str) = ("/usr/share/asterisk/moh", "asterisk-moh-opsound-wav");

/// One recording as 8 kHz mono.
pub(crate) struct Recording {
    /// Path below the set's folder.
    pub(crate) path: String,
    /// Samples at 8 kHz.
    pub(crate) samples: Vec<i16>,
}

impl Recording {
    /// 64-bit FNV-1a over the little-endian samples: tells another release of a package from the
    /// labelled one.
    pub(crate) fn fingerprint(&self) -> u64 {
        let bytes = self.samples.iter().flat_map(|sample| sample.to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

impl RecordingSet {
    /// The recordings to score, in order of path. `offset` 0 is the scored part; another offset
    /// gives recordings that are never scored, for babble.
    pub(crate) fn load(&self, offset: usize) -> Vec<Recording> {
        let root = Path::new(self.folder);
        let mut paths = Vec::new();
        collect_audio(root, &mut paths);
        let mut names: Vec<String> = paths
            .iter()
            .filter_map(|path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned))
            .filter(|name| !is_tone_or_silence(name))
            .collect();
        names.sort();
        names
            .into_iter()
            .skip(offset)
            .step_by(self.stride)
            .filter_map(|path| {
                let samples = read_at_8_khz(&root.join(&path))?;
                Some(Recording { path, samples })
            })
            .collect()
    }
}

/// The music on hold, in order of path.
pub(crate) fn load_music() -> Vec<Recording> {
    let mut paths = Vec::new();
    collect_audio(Path::new(MUSIC.0), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| {
            let samples = read_at_8_khz(&path)?;
            Some(Recording { path: path.display().to_string(), samples })
        })
        .collect()
}

fn collect_audio(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect_audio(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "wav" || kind == "raw") {
            found.push(path);
        }
    }
}

fn is_tone_or_silence(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("silence/")
        || ["beep", "beeperr", "ascending-2tone", "descending-2tone"]
            .iter()
            .any(|tone| file.strip_suffix(".wav") == Some(tone))
}

/// Reads 8 or 16 kHz mono 16-bit audio; a `.raw` file is 16 kHz without a header.
fn read_at_8_khz(path: &Path) -> Option<Vec<i16>> {
    if path.extension().is_some_and(|kind| kind == "raw") {
        let bytes = fs::read(path).ok()?;
        let wide: Vec<i16> =
            bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        return Some(crate::rates::halve(&wide));
    }
    let mut reader = hound::WavReader::open(path).ok()?;
    let spec = reader.spec();
    let samples: Vec<i16> = reader.samples::<i16>().collect::<Result<_, _>>().ok()?;
    match (spec.channels, spec.sample_rate) {
        (1, 8_000) => Some(samples),
        (1, 16_000) => Some(crate::rates::halve(&samples)),
        _ => None,
    }
}

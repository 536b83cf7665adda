//! The golden tables: what is written and what is said for it, one file per language and family
//! under `tests/golden`. The first line of each says where its cases come from.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use offhook_text::{Language, SpeechRules, SpeechSettings, SpeechText};

#[test]
fn every_golden_case_is_said_as_its_table_says() {
    let mut faults = Vec::new();
    let mut cases = 0;
    for (language, rules, file) in tables() {
        for (written, spoken) in cases_of(&file) {
            cases += 1;
            let said = rules.clause(&written).spoken;
            if said != spoken {
                faults.push(format!("{language:?} {written:?}: {said:?}, not {spoken:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {cases}:\n{}", faults.len(), faults.join("\n"));
    assert!(cases >= 400, "{cases} cases");
}

/// As a stream of single characters, and with more text behind it.
#[test]
fn a_golden_case_is_said_the_same_when_it_is_streamed() {
    for (language, rules, file) in tables() {
        let rules = Arc::new(rules);
        for (written, spoken) in cases_of(&file) {
            let mut speech = SpeechText::new(Arc::clone(&rules), 0);
            for character in written.chars() {
                speech.push(character.encode_utf8(&mut [0; 4]));
            }
            speech.finish();
            let clauses: Vec<_> = std::iter::from_fn(|| speech.next_clause()).collect();
            let said: Vec<&str> = clauses.iter().map(|clause| clause.spoken.as_str()).collect();
            assert_eq!(said.join(" ").trim(), spoken, "{language:?} {written:?}");
            let whole: String = clauses.iter().map(|clause| clause.written.as_str()).collect();
            assert_eq!(whole, written);
        }
    }
}

/// What the page says is true.
#[test]
fn the_documentation_says_what_is_said() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/text-for-speech.md");
    let page = fs::read_to_string(page).expect("the page");
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        <[&str; 3]>::try_from(cells).ok().filter(|[tag, ..]| *tag != "Language")
    });
    let mut count = 0;
    for [tag, written, spoken] in rows {
        let rules = SpeechRules::new(&SpeechSettings::default(), Language::of_tag(tag));
        assert_eq!(rules.clause(written).spoken, spoken, "{tag} {written:?}");
        count += 1;
    }
    assert!(count >= 20, "{count} rows");
}

#[test]
fn every_table_says_where_it_comes_from() {
    for file in files() {
        let text = fs::read_to_string(&file).expect("a table");
        assert!(text.starts_with("# Written by us"), "{}", file.display());
    }
}

fn tables() -> impl Iterator<Item = (Language, SpeechRules, PathBuf)> {
    files().into_iter().map(|file| {
        let tag = file.parent().and_then(Path::file_name).expect("a language's folder");
        let language = Language::of_tag(tag.to_str().expect("a tag"));
        (language, SpeechRules::new(&SpeechSettings::default(), language), file)
    })
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder of tables");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    };
    let mut files: Vec<PathBuf> =
        entries(&folder).iter().flat_map(|language| entries(language)).collect();
    files.sort();
    assert!(files.len() >= 30, "{} tables", files.len());
    files
}

fn cases_of(file: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(file).expect("a table");
    let lines = text.lines().filter(|line| !line.starts_with("# Written"));
    lines
        .map(|line| {
            let (written, spoken) = line.split_once('\t').expect("two columns");
            (written.to_owned(), spoken.to_owned())
        })
        .collect()
}

//! What holds for every text and every way of streaming it, and the rules of clauses.

use std::sync::Arc;

use offhook_text::{Clause, Language, Pronunciation, SpeechRules, SpeechSettings, SpeechText};
use proptest::prelude::*;

#[test]
fn the_first_clause_leaves_at_a_comma_and_the_rest_by_sentence() {
    let clauses = english("Of course I can, we have a table at six. Shall I book it, then?");
    let written = ["Of course I can,", " we have a table at six.", " Shall I book it, then?"];
    assert_eq!(written_of(&clauses), written);
    assert_eq!(clauses[1].spoken, "we have a table at six.");
}

#[test]
fn a_long_first_clause_without_a_comma_leaves_before_a_conjunction() {
    let clauses = english(
        "I would love to book that table for you tonight but the kitchen closes at nine today.",
    );
    assert_eq!(clauses[0].written, "I would love to book that table for you tonight");
    assert_eq!(clauses.len(), 2);
}

#[test]
fn numbers_abbreviations_and_addresses_stay_whole() {
    for (text, cuts) in [
        ("It costs 3.50. Dr. Smith is on www.example.com. Ask e.g. J. Doe.", 3),
        ("Come at 3 p.m. on Friday. Then go.", 2),
        ("Come at 3 p.m. Then go.", 2),
        ("No. I said no. 5 is mine.", 2),
        ("It is 123 Main St. in town. We open on May 5, 2026, at 9:00.", 2),
        ("Mail a.b@example.com! Or call 415. 555. 0123. Thanks", 5),
        ("St. Mary is open. So am I. Come in.", 3),
        ("She said \"yes.\" Then she left.", 2),
        ("Really?! Yes... maybe. Fine", 4),
        ("Your code: 4711. Your name: Ada", 3),
    ] {
        assert_eq!(english(text).len(), cuts, "{text}: {:?}", written_of(&english(text)));
    }
    let german = spoken("Am 3. Mai, z.B. um 9 Uhr. Dann nicht.", Language::German);
    assert_eq!(german, ["Am dritten Mai, zum Beispiel um neun Uhr.", "Dann nicht."]);
}

#[test]
fn a_clause_leaves_as_soon_as_it_is_certain() {
    let mut speech = speech(SpeechSettings::default(), Language::English);
    for (token, clause) in [
        ("It", None),
        (" is 3", None),
        (".", None),
        ("5", None),
        (" miles", None),
        (".", None),
        (" ", Some("It is three point five miles.")),
        ("At", None),
        (" 12", None),
        (":", None),
        ("30", None),
        ("!", None),
        ("\n", Some("At twelve thirty!")),
    ] {
        speech.push(token);
        let found = speech.next_clause().map(|clause| clause.spoken);
        assert_eq!(found.as_deref(), clause, "{token:?}");
    }
}

#[test]
fn code_and_pictures_are_not_said_and_not_lost() {
    let text = "Run this:\n```rust\nfn main() { 1.5 }. No\n```\nThen call 911. 🎉";
    let clauses = english(text);
    let said: Vec<&str> = clauses.iter().map(|clause| clause.spoken.as_str()).collect();
    assert_eq!(said, ["Run this:", "Then call nine one one.", ""]);
    assert_eq!(written_of(&clauses).concat(), text);
    assert_eq!(clauses[1].written_heard(0), "");
    let said: Vec<String> =
        english("So:\n```\nx = 1.\n```\nDone. ```ls``` lists.\n```ls -a``` too.")
            .into_iter()
            .map(|clause| clause.spoken)
            .collect();
    assert_eq!(said, ["So:", "Done.", "ls lists.", "ls a too."]);
    assert_eq!(english("---\n").len(), 1);
    assert_eq!(english("").len(), 0);
}

#[test]
fn lists_are_said_item_by_item() {
    let clauses = english("You need:\n- 2 eggs\n- milk\n\n1. Mix\n2. Bake at 200 °C");
    let said: Vec<&str> = clauses.iter().map(|clause| clause.spoken.as_str()).collect();
    assert_eq!(
        said,
        ["You need:", "two eggs", "milk", "Mix", "Bake at two hundred degrees Celsius"]
    );
}

#[test]
fn the_history_is_cut_at_the_word_that_was_heard() {
    let clause = rules(SpeechSettings::default(), Language::English)
        .clause("Sure, **come** at 3:30 pm 🙂 on Friday.");
    assert_eq!(clause.spoken, "Sure, come at three thirty p.m. on Friday.");
    let heard = |words: &str| {
        let end = clause.spoken.find(words).expect("a part of it") + words.len();
        clause.written_heard(end)
    };
    assert_eq!(clause.written_heard(0), "");
    assert_eq!(heard("Su"), "");
    assert_eq!(heard("Sure,"), "Sure,");
    assert_eq!(heard("come"), "Sure, **come**");
    assert_eq!(heard("at thr"), "Sure, **come** at");
    assert_eq!(heard("thirty"), "Sure, **come** at 3:30 pm 🙂");
    assert_eq!(heard("on"), "Sure, **come** at 3:30 pm 🙂 on");
    assert_eq!(clause.written_heard(usize::MAX), clause.written);
    assert_eq!(clause.written_heard_permille(500), "Sure, **come** at");
    assert_eq!(clause.written_heard_permille(1_000), clause.written);

    let rest = clause.unheard(clause.spoken.find("three").expect("it")).expect("a rest");
    assert_eq!(
        (rest.written.as_str(), rest.spoken.as_str()),
        (" 3:30 pm 🙂 on Friday.", "three thirty p.m. on Friday.")
    );
    assert_eq!(rest.written_heard(19), " 3:30 pm 🙂");
    assert_eq!(clause.unheard(clause.spoken.len()), None);
}

#[test]
fn blocked_words_are_not_said_and_stay_in_the_history() {
    let settings = SpeechSettings {
        blocked_words: vec!["damn".into(), "shut up".into()],
        ..SpeechSettings::default()
    };
    let rules = rules(settings.clone(), Language::English);
    for (written, spoken) in [
        ("That DAMN, thing.", "That, thing."),
        ("Oh damn!", "Oh!"),
        ("Damn", ""),
        ("damnation", "damnation"),
        ("Please shut\n up now", "Please now"),
        ("Please **shut** up", "Please"),
        ("shut-up", ""),
        ("shutup", "shutup"),
    ] {
        let clause = rules.clause(written);
        assert_eq!(clause.spoken, spoken, "{written}");
        assert_eq!(clause.written, written);
    }
    let clause = rules.clause("you damn good people");
    assert_eq!(clause.written_heard(3), "you");
    assert_eq!(clause.written_heard("you good".len()), "you damn good");

    let long = "Lorem ipsum dolor ".repeat(30) + "shut up and go on with it";
    let mut speech = speech(settings, Language::English);
    long.chars().for_each(|character| speech.push(character.encode_utf8(&mut [0; 4])));
    speech.finish();
    let clauses: Vec<Clause> = std::iter::from_fn(|| speech.next_clause()).collect();
    assert!(clauses.len() > 1);
    assert!(clauses.iter().all(|clause| !clause.spoken.contains("shut")));
}

#[test]
fn the_dictionary_comes_before_the_rules_and_its_longest_entry_wins() {
    let entry = |written: &str, spoken: &str, case_sensitive| Pronunciation {
        written: written.into(),
        spoken: spoken.into(),
        case_sensitive,
    };
    let settings = SpeechSettings {
        pronunciations: vec![
            entry("Nguyen", "win", false),
            entry("SQL", "sequel", true),
            entry("SQL Server", "sequel surfer", true),
            entry("24/7", "always", false),
            entry("C++", "see plus plus", false),
            entry("v2", "vee 2", false),
            entry("Acme Inc.", "Acme", false),
        ],
        ..SpeechSettings::default()
    };
    let rules = rules(settings, Language::English);
    for (written, spoken) in [
        ("Mr. NGUYEN's car", "Mister win's car"),
        ("SQL or sql", "sequel or sql"),
        ("SQL  Server 5", "sequel surfer five"),
        ("open 24/7.", "open always."),
        ("C++ is 5", "see plus plus is five"),
        ("v2 now", "vee 2 now"),
        ("v2.1 now", "version two point one now"),
        ("MySQL", "MySQL"),
        ("Acme Inc. called", "Acme called"),
    ] {
        assert_eq!(rules.clause(written).spoken, spoken, "{written}");
    }
}

#[test]
fn hesitations_are_said_sometimes_and_never_written() {
    let settings = SpeechSettings { realistic_filler_words: true, ..SpeechSettings::default() };
    let rules = Arc::new(rules(settings, Language::English));
    let mut hesitant = 0;
    for seed in 0..300 {
        let mut speech = SpeechText::new(Arc::clone(&rules), seed);
        speech.push("We are open. Come in.");
        speech.finish();
        let first = speech.next_clause().expect("a clause");
        assert_eq!(first.written, "We are open.");
        assert_eq!(speech.next_clause().expect("another").spoken, "Come in.");
        if first.spoken != "We are open." {
            hesitant += 1;
            let lead = first.spoken.len() - "We are open.".len();
            assert_eq!(first.written_heard(lead), "");
            assert_eq!(first.written_heard(lead + 2), "We");
        }
    }
    assert!((60..140).contains(&hesitant), "{hesitant} of 300");
}

/// Text that provokes the rules: numbers, marks, words of the lexicons, markdown, emoji.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Zé]{1,8}".prop_map(String::from),
        4 => "[0-9]{1,5}".prop_map(String::from),
        8 => Just(" ".to_owned()),
        6 => "[-.,:;!?/$€%°#@*_`~()\\[\\]<>|&+='’\"–—…]".prop_map(String::from),
        1 => "[\n\u{A0}½²😀👍🏽\u{200D}\u{FE0F}º。]".prop_map(String::from),
        4 => prop::sample::select(vec![
            "Dr. ", "```", "p.m.", "St. ", "e.g. ", "3:30 pm", "$12.50", "1. ", "```\n", "- ", "\n",
            "jo@example.com", "https://a.com/b", "+1 415 555 0123", "14.03.2026", "z. B. ",
            "Main St. ", "shut", "shut up", " but ", "**", "[a](b)", "10–20", "9h30", "1.º ",
            "5 kg", "Henry VIII", "24/7", "AB12-34", "2½", "Mon-Fri", "CA 94107", "US$", "May 5",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_says_the_same_and_loses_nothing(
        text in any_text(),
        cuts in proptest::collection::vec(0_usize..300, 0..12),
        language in prop::sample::select(Language::ALL.to_vec()),
    ) {
        let settings = SpeechSettings {
            blocked_words: vec!["shut up".into(), "bad".into()],
            pronunciations: vec![Pronunciation {
                written: "a b".into(), spoken: "ab".into(), case_sensitive: false,
            }],
            realistic_filler_words: true,
        };
        let mut bounds: Vec<usize> =
            cuts.into_iter().filter(|cut| text.is_char_boundary(*cut)).collect();
        bounds.extend([0, text.len()]);
        bounds.sort_unstable();
        let chunks: Vec<&str> =
            bounds.windows(2).filter_map(|pair| text.get(pair[0]..pair[1])).collect();
        let whole = stream(settings.clone(), language, &[&text]);
        prop_assert_eq!(&stream(settings.clone(), language, &chunks), &whole);
        let single: Vec<String> = text.chars().map(String::from).collect();
        let single: Vec<&str> = single.iter().map(String::as_str).collect();
        prop_assert_eq!(&stream(settings, language, &single), &whole);
        prop_assert_eq!(written_of(&whole).concat(), text);
        let silent = whole.iter().filter(|clause| clause.spoken.is_empty()).count();
        prop_assert!(silent <= 1, "{:?}", whole);
    }

    #[test]
    fn the_map_is_monotone_and_covers_both_texts(
        text in any_text(),
        language in prop::sample::select(Language::ALL.to_vec()),
    ) {
        for clause in stream(SpeechSettings::default(), language, &[&text]) {
            let spans = clause.map.as_slice();
            prop_assert_eq!((spans[0].written_start, spans[0].spoken_start), (0, 0));
            for pair in spans.windows(2) {
                prop_assert!(pair[0].written_start <= pair[1].written_start);
                prop_assert!(pair[0].spoken_start <= pair[1].spoken_start);
            }
            for span in spans {
                let (written, spoken) = (span.written_start as usize, span.spoken_start as usize);
                prop_assert!(clause.written.is_char_boundary(written));
                prop_assert!(clause.spoken.is_char_boundary(spoken));
                prop_assert!(spoken <= clause.spoken.len());
            }
            let mut before = 0;
            for heard in 0..=clause.spoken.len() + 1 {
                let prefix = clause.written_heard(heard);
                prop_assert!(clause.written.starts_with(prefix) && prefix.len() >= before);
                let rest = &clause.written[prefix.len()..];
                let is_whole = prefix.is_empty() || rest.is_empty()
                    || rest.starts_with(char::is_whitespace);
                prop_assert!(is_whole, "{:?} | {:?}", prefix, rest);
                before = prefix.len();
                if let Some(unheard) = clause.unheard(heard) {
                    prop_assert_eq!(format!("{prefix}{}", unheard.written), clause.written.clone());
                    prop_assert!(clause.spoken.ends_with(&unheard.spoken));
                }
            }
            prop_assert_eq!(before, clause.written.len());
        }
    }

    #[test]
    fn nothing_that_is_said_needs_eyes(text in any_text()) {
        for clause in stream(SpeechSettings::default(), Language::English, &[&text]) {
            let spoken = clause.spoken;
            let is_seen = |c: char| "*_`#[]|~\\<>{}$€%@\n😀👍".contains(c);
            prop_assert!(!spoken.contains(is_seen), "{}", spoken);
            prop_assert!(!spoken.contains("  ") && spoken.trim() == spoken, "{:?}", spoken);
        }
    }
}

fn stream(settings: SpeechSettings, language: Language, chunks: &[&str]) -> Vec<Clause> {
    let mut speech = speech(settings, language);
    let mut clauses = Vec::new();
    for chunk in chunks {
        speech.push(chunk);
        clauses.extend(std::iter::from_fn(|| speech.next_clause()));
    }
    speech.finish();
    clauses.extend(std::iter::from_fn(|| speech.next_clause()));
    clauses
}

fn english(text: &str) -> Vec<Clause> {
    stream(SpeechSettings::default(), Language::English, &[text])
}

fn spoken(text: &str, language: Language) -> Vec<String> {
    let clauses = stream(SpeechSettings::default(), language, &[text]);
    clauses.into_iter().map(|clause| clause.spoken).collect()
}

fn written_of(clauses: &[Clause]) -> Vec<&str> {
    clauses.iter().map(|clause| clause.written.as_str()).collect()
}

fn rules(settings: SpeechSettings, language: Language) -> SpeechRules {
    SpeechRules::new(&settings, language)
}

fn speech(settings: SpeechSettings, language: Language) -> SpeechText {
    SpeechText::new(Arc::new(rules(settings, language)), 7)
}

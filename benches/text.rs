//! Cost of what a model writes on its way to the voice: cutting it into clauses and making them
//! speakable, per token of about four characters; and of building a prompt.
//!
//! `cargo bench --bench text`; the budget is 20 µs per token.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use offhook_text::prompt::{self, CallFacts};
use offhook_text::{Language, Pronunciation, SpeechRules, SpeechSettings, SpeechText};
use offhook_types::AgentDocument;
use offhook_types::agent::Direction;

/// Numbers and signs in every clause: no reply is harder.
const REPLIES: [(&str, Language, &str); 3] = [
    (
        "english",
        Language::English,
        "Sure! Your appointment is on **Tuesday, March 3rd** at 2:30 PM with Dr. Patel at 450 W \
         33rd St., Suite 1200. The total comes to $1,249.99, incl. 8.25% tax. Mail \
         jo.smith@example.com or call (212) 555-0187, Mon–Fri 9am–5pm. Anything else? 😊",
    ),
    (
        "german",
        Language::German,
        "Gerne! Ihr Termin ist am 3. März 2026 um 14:30 Uhr bei Dr. Müller, Hauptstr. 12. Das \
         macht 1.249,99 € inkl. 19 % MwSt. Sie erreichen uns unter 0800 123 4567, Mo–Fr, z. B. \
         morgen ab 9 Uhr.",
    ),
    (
        "plain",
        Language::English,
        "Of course, I can help you with that. Let me have a look at what we have this week. There \
         is a place free in the morning, and another one late in the afternoon. Which of the two \
         would you like better?",
    ),
];

fn tokens(criterion: &mut Criterion) {
    let entry = |word: &str| Pronunciation {
        written: word.to_owned(),
        spoken: word.to_uppercase(),
        case_sensitive: false,
    };
    // A dictionary of a usual size.
    let names = (0..100).map(|index| entry(&format!("name{index}")));
    let settings = SpeechSettings {
        blocked_words: vec!["damn".to_owned(), "shut up".to_owned()],
        pronunciations: names.collect(),
        realistic_filler_words: true,
    };
    let mut group = criterion.benchmark_group("text");
    for (name, language, reply) in REPLIES {
        let rules = Arc::new(SpeechRules::new(&settings, language));
        let characters: Vec<char> = reply.chars().collect();
        let tokens: Vec<String> =
            characters.chunks(4).map(|token| token.iter().collect()).collect();
        group.throughput(Throughput::Elements(tokens.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut speech = SpeechText::new(Arc::clone(&rules), 1);
                let mut spoken = 0;
                for token in &tokens {
                    speech.push(black_box(token));
                    while let Some(clause) = speech.next_clause() {
                        spoken += clause.spoken.len();
                    }
                }
                speech.finish();
                while let Some(clause) = speech.next_clause() {
                    spoken += clause.spoken.len();
                }
                spoken
            });
        });
    }
    group.finish();
}

fn prompts(criterion: &mut Criterion) {
    let document = AgentDocument {
        instructions: "You are {agent_name}. Greet {name}. ".repeat(50),
        timezone: Some("Europe/Berlin".to_owned()),
        ..AgentDocument::default()
    };
    let mut facts = CallFacts::new("call".to_owned(), Direction::Inbound, 1_795_550_700);
    facts.name = Some("Ada".to_owned().into());
    criterion.bench_function("text/prompt", |bencher| {
        bencher.iter(|| prompt::build(black_box(&document), &facts).system.len());
    });
}

criterion_group!(text, tokens, prompts);
criterion_main!(text);

//! E-mail addresses and addresses of the web: `jo dot smith at example dot com`.

use crate::numbers::Form;
use crate::speech::place::{Place, Said};
use crate::speech::token::{TokenKind, tokens};

pub(super) fn web(place: &Place<'_>) -> Option<Said> {
    if !place.is_word_start() || !place.rest().first()?.is_word() {
        return None;
    }
    let run = place.run();
    let run = run.trim_end_matches(|mark: char| {
        !mark.is_alphanumeric() && !matches!(mark, '/' | '=' | '_' | '-' | '#')
    });
    let address = if is_email(run) {
        run
    } else if let Some((scheme, rest)) = run.split_once("://") {
        let is_known = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "ftp");
        if is_known && !rest.is_empty() { rest } else { return None }
    } else if is_site(run) {
        run
    } else {
        return None;
    };
    let tokens = place.tokens_in(run.len())?;
    let spoken = spell(place, shortened(address));
    (!spoken.is_empty()).then(|| Said::words(tokens, spoken))
}

/// Nobody says "w w w" or the last slash.
fn shortened(address: &str) -> &str {
    let is_www = address.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let address = if is_www { &address[4..] } else { address };
    address.strip_suffix('/').unwrap_or(address)
}

fn is_email(run: &str) -> bool {
    let Some((local, domain)) = run.split_once('@') else { return false };
    let is_local = |character: char| character.is_alphanumeric() || ".-_+%".contains(character);
    !local.is_empty() && local.chars().all(is_local) && is_domain(domain)
}

/// A domain of at least two labels, the last of letters.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(is_label)
        && last.len() >= 2
        && last.chars().all(char::is_alphabetic)
}

/// A site without a scheme: `www.` in front, or a well-known ending behind.
fn is_site(run: &str) -> bool {
    let host_end = run.find(['/', '?', '#', ':']).unwrap_or(run.len());
    let host = run[..host_end].to_ascii_lowercase();
    if !is_domain(&host) {
        return false;
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    host.starts_with("www.") || ENDINGS.contains(&last)
}

fn spell(place: &Place<'_>, address: &str) -> String {
    let marks = &place.lexicon.file.web;
    let mut words: Vec<String> = Vec::new();
    for token in tokens(address) {
        match token.kind {
            TokenKind::Letters => words.push(token.text.to_owned()),
            TokenKind::Digits => words.push(match token.text.parse() {
                Ok(value) if token.text.len() <= 2 && !token.text.starts_with('0') => {
                    place.cardinal(value, Form::Alone)
                }
                Ok(_) | Err(_) => place.digits(token.text),
            }),
            TokenKind::Mark => {
                words.extend(token.mark().and_then(|mark| marks.get(&mark)).cloned())
            }
            TokenKind::Space => {}
        }
    }
    words.join(" ")
}

/// Endings of sites that are written without `www.`. Others are too often a forgotten space
/// behind a full stop.
const ENDINGS: [&str; 45] = [
    "com", "org", "net", "edu", "gov", "io", "ai", "app", "dev", "info", "biz", "shop", "online",
    "de", "at", "ch", "eu", "uk", "us", "ca", "au", "es", "mx", "ar", "fr", "be", "it", "pt", "br",
    "nl", "co", "me", "tv", "example", // Files.
    "pdf", "txt", "csv", "doc", "docx", "xlsx", "zip", "png", "jpg", "html", "json",
];

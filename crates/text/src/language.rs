//! The languages an agent speaks, with the regions that count and write differently.

/// A language, and where one word or one separator depends on it, its region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// American English: month before day, no "and" in numbers.
    English,
    /// British English and every other region that writes the day first.
    EnglishBritish,
    /// German.
    German,
    /// Spanish with a decimal comma, as in Spain.
    Spanish,
    /// Spanish with a decimal point and `primero` as the first of a month, as in Mexico.
    SpanishAmerican,
    /// French; 70 and 90 as in France.
    French,
    /// Italian.
    Italian,
    /// Brazilian Portuguese.
    Portuguese,
    /// European Portuguese: `dezasseis`, `mil milhões`.
    PortugueseEuropean,
}

impl Language {
    /// Every language, for tables and tests.
    pub const ALL: [Self; 9] = [
        Self::English,
        Self::EnglishBritish,
        Self::German,
        Self::Spanish,
        Self::SpanishAmerican,
        Self::French,
        Self::Italian,
        Self::Portuguese,
        Self::PortugueseEuropean,
    ];

    /// The language of a BCP 47 tag. One that is not among the six is spoken by the rules of
    /// English, which leave words alone.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        let mut parts = tag.split(['-', '_']);
        let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
        let region = parts.next_back().unwrap_or_default().to_ascii_uppercase();
        match (primary.as_str(), region.as_str()) {
            ("de", _) => Self::German,
            ("es", "" | "ES" | "AR" | "CL" | "CO" | "UY" | "PY" | "EC" | "VE" | "BO" | "CR") => {
                Self::Spanish
            }
            ("es", _) => Self::SpanishAmerican,
            ("fr", _) => Self::French,
            ("it", _) => Self::Italian,
            ("pt", "PT" | "AO" | "MZ") => Self::PortugueseEuropean,
            ("pt", _) => Self::Portuguese,
            ("en", "GB" | "IE" | "AU" | "NZ" | "IN" | "ZA" | "SG") => Self::EnglishBritish,
            _ => Self::English,
        }
    }

    /// Whether dates are written with the month first.
    pub(crate) const fn is_month_first(self) -> bool {
        matches!(self, Self::English)
    }

    /// Whether it is English of either region.
    pub(crate) const fn is_english(self) -> bool {
        matches!(self, Self::English | Self::EnglishBritish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language_and_region() {
        for (tag, language) in [
            ("en", Language::English),
            ("en-US", Language::English),
            ("en_GB", Language::EnglishBritish),
            ("de-AT", Language::German),
            ("es", Language::Spanish),
            ("es-MX", Language::SpanishAmerican),
            ("es-419", Language::SpanishAmerican),
            ("FR-ca", Language::French),
            ("it", Language::Italian),
            ("pt", Language::Portuguese),
            ("pt-PT", Language::PortugueseEuropean),
            ("xx", Language::English),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
}

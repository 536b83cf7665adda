//! Where the fields of a section are found: one place, or each entry of a list.

/// Where the fields of a section are found, in their document or in ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Base {
    /// The place, or the list.
    pub(crate) path: String,
    /// In a list: the place within an entry. Entries without it belong to another section.
    pub(crate) within: Option<String>,
}

impl Base {
    /// Reads `agent`, `custom_tools[]`, or `actions[CUSTOM_ACTION]`: those entries of `actions`
    /// that have a `CUSTOM_ACTION`.
    pub(crate) fn parse(text: &str) -> Self {
        match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((path, within)) => Self { path: path.to_owned(), within: Some(within.to_owned()) },
            None => Self { path: text.to_owned(), within: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_place_or_a_list() {
        let base = |path: &str, within: Option<&str>| Base {
            path: path.to_owned(),
            within: within.map(str::to_owned),
        };
        assert_eq!(Base::parse("agent"), base("agent", None));
        assert_eq!(Base::parse("a.tools[]"), base("a.tools", Some("")));
        assert_eq!(Base::parse("actions[X.Y]"), base("actions", Some("X.Y")));
    }
}

//! The XML documents that Twilio, Telnyx and Plivo take.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::Afterwards;
use crate::answer::{AnswerError, check_web_url};

/// An XML document under `<Response>`. Everything that goes in is escaped; texts must have passed
/// [`check_xml`](crate::answer::check_xml).
pub(crate) struct XmlResponse(Writer<Vec<u8>>);

/// An attribute; the ones without a value are left out.
pub(crate) type Attribute<'a> = (&'static str, Option<Cow<'a, str>>);

/// An attribute with a value.
pub(crate) fn attribute<'a>(name: &'static str, value: impl Into<Cow<'a, str>>) -> Attribute<'a> {
    (name, Some(value.into()))
}

impl XmlResponse {
    pub(crate) fn new() -> Self {
        let mut response = Self(Writer::new(Vec::new()));
        response.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        response.open("Response", &[]);
        response
    }

    /// `<name …>`
    pub(crate) fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.write(Event::Start(start(name, attributes)));
    }

    /// `</name>`
    pub(crate) fn close(&mut self, name: &'static str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// `<name …/>`
    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.write(Event::Empty(start(name, attributes)));
    }

    /// `<name …>text</name>`
    pub(crate) fn text(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.open(name, attributes);
        self.write(Event::Text(BytesText::new(text)));
        self.close(name);
    }

    /// What the document says about what comes next.
    pub(crate) fn redirect(&mut self, afterwards: &Afterwards) -> Result<(), AnswerError> {
        match afterwards {
            Afterwards::HangUp => Ok(()),
            Afterwards::Fetch(url) => {
                check_web_url("Redirect", url)?;
                self.text("Redirect", &[attribute("method", "POST")], url);
                Ok(())
            }
        }
    }

    /// The document.
    pub(crate) fn finish(mut self) -> String {
        self.close("Response");
        String::from_utf8(self.0.into_inner()).expect("only text was written")
    }

    fn write(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("a vector takes any number of bytes");
    }
}

fn start<'a>(name: &'static str, attributes: &'a [Attribute<'_>]) -> BytesStart<'a> {
    let given = attributes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    BytesStart::new(name).with_attributes(given)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::answer::check_xml;

    proptest! {
        #[test]
        fn any_text_survives_an_xml_parser_or_is_refused(text in any::<String>()) {
            let mut response = XmlResponse::new();
            response.text("Say", &[attribute("to", text.as_str())], &text);
            let document = response.finish();
            if check_xml("text", &text).is_err() {
                prop_assert!(roxmltree::Document::parse(&document).is_err(), "{}", document);
                return Ok(());
            }
            let parsed = roxmltree::Document::parse(&document).unwrap();
            let say = parsed.root_element().first_element_child().unwrap();
            prop_assert_eq!(say.attribute("to"), Some(text.as_str()));
            prop_assert_eq!(say.text().unwrap_or_default(), text);
        }
    }
}

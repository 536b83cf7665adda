//! An HTTP request of a carrier, as its signature is checked.

use std::fmt;

use crate::{FormParams, Headers};

/// The two methods carriers use for webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Parameters in the query string.
    Get,
    /// Parameters in the body.
    Post,
}

/// A webhook as it arrived. `Debug` shows no values: they are telephone numbers and signatures.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// How it was sent.
    pub method: Method,
    /// Path and query as routed here, below the prefix of the public URL.
    pub target: &'a str,
    /// Its headers.
    pub headers: &'a Headers,
    /// Its body, byte for byte.
    pub body: &'a [u8],
}

impl WebhookRequest<'_> {
    /// The parameters of the query string.
    pub fn query(&self) -> FormParams {
        query_of(self.target)
    }

    /// The parameters of the body, if it is a form.
    pub fn form(&self) -> Option<FormParams> {
        let media_type = self.headers.first("content-type")?.split(';').next()?.trim();
        let is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        is_form.then(|| FormParams::parse(self.body))
    }

    /// The parameters wherever the carrier put them: of the body if it is a form, of the query
    /// string otherwise.
    pub fn params(&self) -> FormParams {
        self.form().unwrap_or_else(|| self.query())
    }
}

impl fmt::Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest")
            .field("method", &self.method)
            .field("path", &path_of(self.target))
            .field("headers", self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The path in front of the query string.
pub(crate) fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// The parameters of the query string of a target or URL.
pub(crate) fn query_of(target: &str) -> FormParams {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    FormParams::parse(query.split('#').next().unwrap_or_default().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_from_where_they_are() {
        let form = Headers::from_iter([(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=UTF-8",
        )]);
        let none = Headers::default();
        let target = "/voice?a=query";
        let post = WebhookRequest { method: Method::Post, target, headers: &form, body: b"a=body" };
        assert_eq!(post.params().first("a"), Some("body"));
        assert_eq!(post.query().first("a"), Some("query"));
        let get = WebhookRequest { method: Method::Get, target, headers: &none, body: b"" };
        assert_eq!(get.params().first("a"), Some("query"));
        assert_eq!(path_of(target), "/voice");
        let printed = format!("{post:?}");
        assert!(printed.contains("/voice") && !printed.contains("query"), "{printed}");
    }
}

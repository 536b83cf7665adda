//! A secret shared with a carrier.

use std::fmt;

use subtle::ConstantTimeEq;

/// A key, token or password. It prints as `[secret]`, is compared in constant time, and is never
/// empty: an empty key would verify what anybody can compute.
#[derive(Clone)]
pub struct Secret(String);

/// A secret that is empty or only white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret is empty: set it or leave it out")]
pub struct EmptySecret;

impl Secret {
    /// Takes a secret, white space at its ends removed (a key read from a file ends in a newline).
    ///
    /// # Errors
    ///
    /// If nothing is left.
    pub fn new(text: &str) -> Result<Self, EmptySecret> {
        let text = text.trim();
        if text.is_empty() { Err(EmptySecret) } else { Ok(Self(text.to_owned())) }
    }

    /// The secret itself. Never pass it to a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `text` is the secret, in a time that depends on the lengths only.
    pub fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_compared_and_printed_safely() {
        let secret = Secret::new("t0ken\n").unwrap();
        assert!(secret.is("t0ken") && !secret.is("t0keN") && !secret.is("t0ke") && !secret.is(""));
        assert_eq!(format!("{:?}", Some(secret)), "Some([secret])");
    }

    #[test]
    fn an_empty_secret_is_refused() {
        assert_eq!(Secret::new(" \n").unwrap_err(), EmptySecret);
    }
}

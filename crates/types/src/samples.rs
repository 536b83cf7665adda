//! Samples in JSON: base64 of their bytes, low byte first. For serde's `with`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes samples.
///
/// # Errors
/// Those of the serialiser.
pub fn serialize<S: Serializer>(samples: &[i16], serializer: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    serializer.serialize_str(&STANDARD.encode(bytes))
}

/// Reads samples.
///
/// # Errors
/// For text that is not base64, and half a sample.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[i16]>, D::Error> {
    let bytes = STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    let (pairs, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(D::Error::custom("samples end in the middle of one"));
    }
    Ok(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

/// The same for samples that may not be there.
pub mod optional {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes samples, if there are any.
    ///
    /// # Errors
    /// Those of the serialiser.
    pub fn serialize<S: Serializer>(
        samples: &Option<Arc<[i16]>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match samples {
            Some(samples) => super::serialize(samples, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads samples, if there are any.
    ///
    /// # Errors
    /// As for samples that must be there.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<[i16]>>, D::Error> {
        #[derive(Deserialize)]
        struct Samples(#[serde(with = "super")] Arc<[i16]>);
        Ok(Option::<Samples>::deserialize(deserializer)?.map(|samples| samples.0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sound {
        #[serde(with = "super")]
        pcm: Arc<[i16]>,
        #[serde(default, with = "super::optional")]
        hold: Option<Arc<[i16]>>,
    }

    #[test]
    fn samples_come_back_as_they_were() {
        for hold in [None, Some(Arc::from([1, -1]))] {
            let sound = Sound { pcm: Arc::from([0, 1, -2, i16::MAX, i16::MIN]), hold };
            let json = serde_json::to_string(&sound).expect("json");
            assert_eq!(serde_json::from_str::<Sound>(&json).expect("samples"), sound);
        }
    }

    #[test]
    fn half_a_sample_is_refused() {
        let error = serde_json::from_str::<Sound>(r#"{"pcm":"AAAA"}"#).expect_err("three bytes");
        assert!(error.to_string().contains("middle"), "{error}");
    }
}

//! The name of this binary and of the processor that it runs on.

/// The version, the architecture and the features of the processor that audio code chooses by.
/// Where two of these names differ, the same media trace may sound different in the last bit.
pub(crate) fn build_name() -> String {
    let mut name = format!("offhook {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    for feature in features() {
        name.push('+');
        name.push_str(feature);
    }
    if cfg!(debug_assertions) {
        name.push_str(" debug");
    }
    name
}

#[cfg(target_arch = "x86_64")]
fn features() -> impl Iterator<Item = &'static str> {
    let features = [
        ("sse4.1", is_x86_feature_detected!("sse4.1")),
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    features.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name)
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}

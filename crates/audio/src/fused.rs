//! Multiply and add.

/// `a b + c`, in one instruction where there is one; elsewhere `mul_add` would be a call.
#[inline(always)]
pub(crate) fn fused(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(target_feature = "fma") { a.mul_add(b, c) } else { a * b + c }
}

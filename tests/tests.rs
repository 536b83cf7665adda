//! The product's claims as one test binary: one link, one module per subject.

mod corpora;
mod layering;
mod memory;
mod no_alloc;
mod purity;
mod redaction;
mod source_tree;
mod tidy;

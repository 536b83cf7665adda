//! The product's claims as one test binary: one link, one module per subject.

mod agents;
mod corpora;
mod layering;
mod ledger;
mod loopback;
mod memory;
mod no_alloc;
mod purity;
mod redaction;
mod scenarios;
mod session_frames;
mod source_tree;
mod tidy;

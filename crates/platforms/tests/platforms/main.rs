//! What the tables promise: every field has its place or a reason, and nothing is lost.

mod documents;
mod fields;
mod generated;
mod mapping_page;
mod reach;
mod round_trips;
mod tables;

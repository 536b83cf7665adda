//! What is said otherwise than it is written, one file per family. A pattern looks at a place in
//! the tokens and either knows what stands there or does not; the first that does wins.

mod abbreviation;
mod address;
mod code;
mod dash;
mod date;
mod date_parts;
mod fixed;
mod fraction;
mod height;
mod money;
mod ordinal;
mod phone;
mod quantity;
mod roman;
mod serial;
mod symbol;
mod time;
mod version;
mod web;

use super::place::Pattern;

/// In the order in which they are asked. What is longer and more certain comes first: a date would
/// otherwise be a range, a time a ratio.
pub(super) const PATTERNS: [Pattern; 19] = [
    fixed::fixed,
    web::web,
    date::date,
    time::time,
    phone::phone,
    serial::serial,
    money::money,
    version::version,
    address::address,
    fraction::fraction,
    height::height,
    ordinal::ordinal,
    quantity::quantity,
    code::code,
    code::digits,
    dash::dash,
    abbreviation::abbreviation,
    roman::roman,
    symbol::symbol,
];

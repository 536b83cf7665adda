//! Claims that hold for every codec.

use super::*;

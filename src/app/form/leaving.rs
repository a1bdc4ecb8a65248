//! The question before a form is left with something in it.
//!
//! **Invariant:** the key that confirms (`y`) is never the one that asked (Esc), and any other key goes on typing.

use crate::app::key::Key;
use crate::text::half_width;

/// Whether a form has asked if it should be left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaving {
    /// It has not.
    #[default]
    No,
    /// It waits for the answer.
    Asked,
}

/// Whether the key says yes.
pub fn confirms(key: Key) -> bool {
    key.typed().map(half_width).is_some_and(|c| c.eq_ignore_ascii_case(&'y'))
}

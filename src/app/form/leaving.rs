//! The question before a form is left with something in it.
//!
//! **Invariant:** the key that confirms (`y`) is never the one that asked (Esc), and any other key goes on typing.

use ratatui::layout::Rect;

use super::line::LABEL;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
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

/// What a form says at its foot while it asks to be left or is being saved; whether it said anything.
pub fn foot<T>(
    env: &Env,
    canvas: &mut Canvas<'_>,
    (area, row): (Rect, u16),
    leaving: Leaving,
    saving: &Option<T>,
) -> bool {
    let (key, ink) = match leaving {
        Leaving::Asked => ("form-ask-leave", Ink::Warn),
        Leaving::No if saving.is_some() => ("form-saving", Ink::Dim),
        Leaving::No => return false,
    };
    canvas.text(area, row, LABEL, &env.t(key), env.theme.style(ink));
    true
}

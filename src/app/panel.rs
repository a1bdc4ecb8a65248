//! What screens and layers have in common.
//!
//! **Invariant:** `draw` changes nothing and is total: it bears any area, an empty one too.

use std::fmt::Debug;

use ratatui::layout::Rect;
use zeroize::Zeroizing;

use crate::domain::id::CustomerId;

use super::commands::{Cmd, Place};
use super::env::Env;
use super::key::Key;
use super::msg::{Progress, Reply, Ticket};
use super::widget::canvas::Canvas;

/// Whether something was taken care of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was.
    Yes,
    /// It was not; whoever is below may have it.
    No,
}

/// Whether a text field has the keys: then characters are text and never commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// Yes.
    Text,
    /// No.
    Keys,
}

/// What is kept of a form over a lock: which form, and its content in that form's own notation.
#[derive(Clone)]
pub struct Draft {
    /// The form's name, without spaces.
    pub form: &'static str,
    /// What was typed.
    pub content: Zeroizing<Vec<u8>>,
}

/// Names the form only.
impl Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({})", self.form)
    }
}

/// A screen or a layer over it.
pub trait Panel: Debug + Send {
    /// The places whose keys work here, innermost first. The frame adds [`Place::Global`].
    fn places(&self) -> Vec<Place>;

    /// Whether a text field has the keys.
    fn typing(&self) -> Typing {
        Typing::Keys
    }

    /// What Enter does where the panel takes that key itself, so that the footer names it.
    fn on_enter(&self) -> Option<Cmd> {
        None
    }

    /// The commands that the footer shows, the most useful first; three to five.
    fn footer(&self) -> Vec<Cmd>;

    /// Becomes visible: asks for what it shows.
    fn enter(&mut self, _env: &mut Env) {}

    /// Carries a command out.
    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled;

    /// Why a command is not available just now, as a locale key; the role's rights are checked elsewhere.
    fn unavailable(&self, _env: &Env, _cmd: Cmd) -> Option<&'static str> {
        None
    }

    /// A key that is no command here.
    fn key(&mut self, _env: &mut Env, _key: Key) -> Handled {
        Handled::No
    }

    /// Pasted text, cleaned to one line or several by whoever takes it.
    fn paste(&mut self, _env: &mut Env, _text: &str) {}

    /// An answer to what this panel asked.
    fn reply(&mut self, _env: &mut Env, _ticket: Ticket, _reply: Reply) {}

    /// Long work that this panel began has come so far.
    fn progress(&mut self, _env: &mut Env, _ticket: Ticket, _progress: Progress) {}

    /// Something was changed behind the door.
    fn changed(&mut self, _env: &mut Env) {}

    /// Time went by.
    fn tick(&mut self, _env: &mut Env) {}

    /// Whether something in sight runs against the clock, so that it must be drawn every second.
    fn counts_down(&self) -> bool {
        false
    }

    /// What of it is worth keeping over a lock.
    fn draft(&self) -> Option<Draft> {
        None
    }

    /// The customer that it is about, if it is about one.
    fn customer(&self) -> Option<CustomerId> {
        None
    }

    /// Draws itself into `area`.
    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>);
}

//! The full-screen program as a pure function: messages in, effects and a picture out.
//!
//! [`update::update`] takes the [`model::Model`] and a [`msg::Msg`] and answers with [`effect::Effect`]s; a host
//! carries those out and brings what came of them back as messages. [`program::App`] is the two together.
//! **Invariant:** nothing here does I/O, reads a clock, draws randomness or holds a key; what it knows of customers
//! are masked views, and one widget alone ([`widget::revealed`]) holds a value that was let out.
//!
//! The frame ([`update`]) owns a stack: one [`screen`] at the bottom and layers over it. Screens and layers are all
//! a [`panel::Panel`]. The topmost one gets keys first; what it does not take goes to the frame.
//!
//! To add a **command**: a variant and a row in [`commands`] (code, places, what the role needs), a line
//! `cmd-CODE` in both files under `locales/`, keys for it in all three files under `keymaps/`, and an arm in the
//! `run` of the panel (or of the frame) whose place it has. Tests hold all of these together; keymap, help, palette,
//! which-key and footer then know it.
//!
//! To add a **screen**: a variant of [`screen::ScreenId`] with its command, a [`panel::Panel`] in a file of its own
//! under `screen/`, and a member of [`screen::Screens`]. `enter` is called at each visit and asks what is needed
//! (`env.ask(Query)`); `reply` brings the answer under the same ticket; `changed` says that something was changed
//! behind the door.
//!
//! To add a **layer** (a form, a prompt, a popup): a [`panel::Panel`], opened by `env.open(Box::new(layer))` and
//! closed by `env.close()`. It picks its own part of the area in `draw` ([`widget::frame`] has a popup and a sheet)
//! and may ask queries and perform actions like a screen. One that is worth keeping over a lock answers `draft`, and
//! [`form::restore`] makes it anew.

pub mod commands;
pub mod effect;
pub mod env;
pub mod form;
pub mod i18n;
pub mod key;
pub mod keymap;
pub mod layer;
pub mod model;
pub mod msg;
pub mod panel;
pub mod program;
pub mod screen;
pub mod theme;
pub mod update;
pub mod widget;
pub mod wording;

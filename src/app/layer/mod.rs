//! Layers that are not forms: help, the palette, and how a sequence of keys can go on.
//!
//! **Invariant:** a layer says only what [`super::commands`] and the keymap in force say.

pub mod cadences;
pub mod case;
pub mod cases;
pub mod code;
pub mod columns;
pub mod confirm;
pub mod copy_message;
pub mod help;
pub mod kept;
pub mod losses;
pub mod palette;
pub mod paper;
pub mod pool;
pub mod rotating;
pub mod rules;
pub mod stages;
pub mod tags;
pub mod templates;
pub mod views;
pub mod which_key;
pub mod wordings;

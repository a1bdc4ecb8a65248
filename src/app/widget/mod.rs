//! The pieces that screens and layers are drawn with.
//!
//! **Invariant:** a widget knows nothing of the door; it is given what it shows.

pub mod canvas;
pub mod clear;
pub mod field;
pub mod frame;
pub mod grouped;
pub mod input;
pub mod list;
pub mod revealed;
pub mod secret;

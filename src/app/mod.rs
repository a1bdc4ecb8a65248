//! The program as a person sees it: a model, messages that change it, and views that draw it.
//!
//! **Invariant:** nothing in `app` does I/O, reads a clock or holds a key; it sees masked views only.

pub mod key;

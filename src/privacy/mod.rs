//! The privacy core: classes, masks, sealed values and what a grant lets out.
//!
//! **Invariant:** the only way from a [`seal::Sealed`] to plain text is [`seal::ClassSecret::open`], and the only
//! type that carries a class's plain text out of `service` is [`reveal::Revealed`].

pub mod class;
pub mod mask;
pub mod reveal;
pub mod seal;

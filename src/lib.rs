//! veilbook: a customer book behind a veil.
//!
//! Modules in reading order. Data goes down once (a key becomes a message, an effect, an action, a
//! transaction) and comes back up once (a commit becomes a reply, a model, a frame).
//! **Invariant:** a module imports only from those above it in this list, as ARCHITECTURE.md's table says;
//! a test reads the imports and holds it.

#[cfg(test)]
extern crate self as veilbook;

pub mod clock;
mod codes;
pub mod hygiene;
pub mod text;

pub mod privacy;

pub mod domain;

pub mod likeness;

pub mod ledger;

pub mod exchange;

pub mod vault;

pub mod service;

pub mod demo;

pub mod words;

pub mod app;

pub mod hosts;

pub mod cli;

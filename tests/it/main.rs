//! The one integration binary: each module tests one promise of the program through its public door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod cli;
mod crash_disk;
mod door;
mod file;
mod generated;
mod house;
mod ledger;
mod local_terminal;
mod pty;
mod stories;
mod stories_work;
mod tidy;

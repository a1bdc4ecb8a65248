//! What stands between a terminal and the program: bytes in become keys, frames become bytes out.
//!
//! **Invariant:** hosts know nothing of customers; they see keys, frames and what the program asks of a terminal.

pub mod attach;
pub mod crew;
pub mod desk;
pub mod drive;
pub mod encoder;
pub mod input;
pub mod local;
pub mod mailbox;
pub mod plain;
pub mod server;
pub mod socket;
pub mod ssh;
pub mod wire;
mod worker;

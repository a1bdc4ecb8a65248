//! What the server and whoever attaches to it are told.
//!
//! **Invariant:** nothing here is a right; rights come from whoever signs in.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// The group whose members may connect. Without it: this account alone.
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// The number of the account that runs "veilbook ssh": the only one believed when it names somebody's key.
    #[arg(long, value_name = "UID")]
    pub listener_uid: Option<u32>,
}

/// Where a server listens.
#[derive(Args, Debug)]
pub struct Socket {
    /// The server's socket. Without it: VEILBOOK_SOCKET, else beside the vault, else the machine's own.
    #[arg(long, value_name = "PATH", global = true, value_hint = ValueHint::AnyPath)]
    pub socket: Option<PathBuf>,
}

//! What the SSH listener is told, and keys of staff.
//!
//! **Invariant:** a public key is no secret and nobody's personal value, so it may be an argument; its comment is not kept
//! where nobody wrote one.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `ssh`.
#[derive(Args, Debug)]
pub struct Ssh {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:2222")]
    pub listen: SocketAddr,
    /// The listener's own key, made at the first start. Without it: a file in your data folder.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub host_key: Option<PathBuf>,
    /// The list of registered keys that the server keeps. Without it: beside the vault.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub keys: Option<PathBuf>,
    /// At most so many connections.
    #[arg(long, value_name = "N", default_value_t = 1_100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub connections: u32,
    /// At most so many from one address.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub per_address: u32,
}

/// `staff key`.
#[derive(Subcommand, Debug)]
pub enum StaffKey {
    /// Register the public key that somebody comes with over "veilbook ssh".
    Add {
        /// Their name.
        #[arg(value_name = "NAME")]
        name: String,
        /// The line of the .pub file; in quotes, or as it is.
        #[arg(value_name = "LINE", required = true, num_args = 1..)]
        line: Vec<String>,
    },
    /// Take a key away.
    Remove {
        /// Their name.
        #[arg(value_name = "NAME")]
        name: String,
        /// Its fingerprint, SHA256:…
        #[arg(value_name = "FINGERPRINT")]
        fingerprint: String,
    },
    /// List everybody's keys.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

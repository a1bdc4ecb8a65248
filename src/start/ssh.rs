//! Starting the SSH listener.
//!
//! **Invariant:** no vault is opened here.

use std::io::{self, Write};

use veilbook::cli::{Exit, Listening};
use veilbook::clock::OsEntropy;
use veilbook::hosts::ssh::{self, Limits, ListenError, Listener};

/// Listens until the system asks it to stop.
pub fn listen(listening: Listening) -> Result<Exit, ListenError> {
    let limits = Limits { all: listening.connections, each: listening.per_address, ..Limits::default() };
    let Listening { listen, socket, host_key, keys, .. } = listening;
    ssh::listen(&Listener { listen, socket, host_key, keys, limits }, &OsEntropy, |address, print| {
        // Who started it may not read what it says.
        let _ = writeln!(io::stderr(), "listening at {address}, host key {print}");
    })?;
    Ok(Exit::Done)
}

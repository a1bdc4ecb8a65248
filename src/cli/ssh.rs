//! `veilbook ssh`: how the SSH listener is to start.
//!
//! **Invariant:** the vault's path only says where its socket and its list of keys are; the file is not opened.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::args::Ssh;
use super::trouble::Trouble;
use super::{Desk, server};

/// How the SSH listener is to start.
#[derive(Debug)]
pub struct Listening {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The server's socket.
    pub socket: PathBuf,
    /// Its own key.
    pub host_key: PathBuf,
    /// The list of registered keys.
    pub keys: PathBuf,
    /// At most so many connections.
    pub connections: usize,
    /// At most so many from one address.
    pub per_address: usize,
}

pub(super) fn listening(desk: &Desk<'_, '_>, args: Ssh) -> Result<Listening, Trouble> {
    let named = desk.common.server.socket.clone().or_else(|| desk.env.socket.clone());
    let socket = named.map_or_else(|| desk.vault().map(|vault| server::beside(&vault)), Ok)?;
    let keys = args.keys.map_or_else(
        || {
            let mut name = desk.vault()?.into_os_string();
            name.push(".keys");
            Ok::<_, Trouble>(PathBuf::from(name))
        },
        Ok,
    )?;
    let own = args.host_key.or_else(|| Some(desk.env.data.as_ref()?.join("ssh_host_key")));
    let host_key = own.ok_or_else(|| {
        Trouble::usage("cannot tell where the host key is: there is no home folder", "Name its file with --host-key")
    })?;
    let (connections, per_address) = (args.connections as usize, args.per_address as usize);
    Ok(Listening { listen: args.listen, socket, host_key, keys, connections, per_address })
}

//! Starting a server, and attaching to one.
//!
//! **Invariant:** a server never makes a vault, and holds no key before somebody has signed in.

use std::io::{self, Write};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;

use veilbook::app::i18n::Words;
use veilbook::cli::env::{Environment, surroundings};
use veilbook::cli::{Attaching, Exit, Serving};
use veilbook::clock::SystemClock;
use veilbook::hosts::attach::{self, AttachError};
use veilbook::hosts::server::{self, Server};
use veilbook::hosts::socket::{Listening, SocketError};
use veilbook::hosts::wire::{Hello, Mode, Terminal, VERSION, Where};
use veilbook::service::{Gate, Presence};

use super::command;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is nothing to serve.
    #[error("there is no vault at {0}: make one with \"veilbook init\", or name another with --vault")]
    Missing(std::path::PathBuf),
    /// The socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The system.
    #[error("cannot serve: {0}")]
    Io(#[from] io::Error),
}

/// Serves until the system asks it to stop.
pub fn serve(serving: Serving, variable: impl Fn(&str) -> Option<String>) -> Result<Exit, ServeError> {
    let gate = Gate::new(serving.vault, super::deps()).remembering(serving.seen).with_cache(serving.cache);
    let gate = Arc::new(gate.within(surroundings(&variable)));
    if gate.presence() == Presence::Missing {
        return Err(ServeError::Missing(gate.path().to_owned()));
    }
    let listening = Listening::at(&serving.socket, serving.group.as_deref())?;
    let said = format!("serving {} at {}", gate.path().display(), listening.path().display());
    let command = command::runner(Environment::of_process(), Arc::clone(&gate));
    let server = Server { gate, clock: Arc::new(SystemClock), command, listener: serving.listener };
    let notify = variable("NOTIFY_SOCKET");
    server::serve(server, listening, || {
        // Who started it may not read what it says.
        let _ = writeln!(io::stderr(), "{said}");
        notify.as_deref().map(tell_ready);
    })?;
    Ok(Exit::Done)
}

/// Tells the service manager that everybody may come (`sd_notify(3)`).
fn tell_ready(path: &str) {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(path),
    };
    // A manager that does not hear it says so itself, after a while.
    let _ = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(b"READY=1", &address));
}

/// Attaches the terminal to a server.
pub fn attach(attaching: Attaching, variable: impl Fn(&str) -> Option<String>) -> Result<Exit, AttachError> {
    let keymap = attaching.keymap.map(|name| {
        // A file of the person's own is read here; a shipped one is known there by its name.
        let text = std::fs::read_to_string(&name).ok();
        (name, text)
    });
    let lang = Some(attaching.lang.code().to_owned());
    let terminal = Terminal { lang, theme: attaching.theme, keymap, ..Terminal::default() };
    let hello = Hello {
        version: VERSION,
        mode: Mode::Tty(terminal),
        name: attaching.actor,
        variables: passed_on(&variable),
        place: Where { address: address(&variable), fingerprint: None },
    };
    let words = Words::new(attaching.lang);
    let ended = attach::attach(&attaching.socket, hello, || {
        let _ = writeln!(io::stderr(), "{}", words.t("attach-gone"));
    })?;
    if !ended.words.is_empty() {
        let _ = writeln!(io::stderr(), "{}", ended.words);
    }
    Ok(if ended.code == 0 { Exit::Done } else { Exit::Failed })
}

/// The variables that a server is told.
pub(super) fn passed_on(variable: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    Hello::VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?))).collect()
}

/// From which machine somebody comes, where sshd tells.
pub(super) fn address(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    variable("SSH_CONNECTION")?.split(' ').next().map(str::to_owned)
}

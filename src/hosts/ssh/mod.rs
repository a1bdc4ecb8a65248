//! The SSH listener: a process of its own without any key of the vault, for hosts on which staff have no accounts.
//!
//! It lets whoever proves a registered key as far as the server's door, which asks for the passphrase all the same.
//! **Invariant:** nothing here opens a vault or knows what is on a screen; every connection, and every stage of one before
//! its screens are shown, has a limit in number and in time; a connection that fails ends alone.

mod carry;
mod crowd;
mod host_key;
mod known;
mod visitor;

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{Algorithm, PrivateKey};
use russh::server::{Config, run_stream};
use russh::{MethodKind, MethodSet, Preferred, SshId, cipher, compression, kex, mac};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::clock::Entropy;
use crate::domain::staff_key::Fingerprint;
use crowd::{Crowd, Place};
use visitor::{Front, PACKET, Visitor};

pub use crowd::Limits;
pub use host_key::HostKeyError;

/// How long somebody may take to prove a key; the passphrase of a key file is typed within it.
const TO_PROVE: Duration = Duration::from_secs(30);
/// How long somebody known may take to ask for the screens.
const TO_BEGIN: Duration = Duration::from_secs(20);
/// How long a client has to leave once all is said.
const TO_LEAVE: Duration = Duration::from_secs(5);
/// How long sessions have to end when the listener does.
const ENDING: Duration = Duration::from_secs(8);
/// Tries to prove a key.
const TRIES: usize = 3;
/// A client that says nothing is asked whether it is there, and is gone after three questions.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// A line that takes nothing for so long is dead.
const DEAD_LINE: Duration = Duration::from_secs(120);
/// What may wait in the system for a slow line: little, or the screen runs behind the keys. The system takes twice as much.
const SEND_BUFFER: usize = 4 * 1024;
/// What a client may send before it is read.
const WINDOW: u32 = 32 * 1024;

/// What a listener is made of.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The server's socket.
    pub socket: PathBuf,
    /// Its own key.
    pub host_key: PathBuf,
    /// The fingerprints of registered keys.
    pub keys: PathBuf,
    /// How many may come.
    pub limits: Limits,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Its key.
    #[error(transparent)]
    HostKey(#[from] HostKeyError),
    /// The address.
    #[error("cannot listen at {0}: {1}")]
    Address(SocketAddr, io::Error),
    /// The system.
    #[error("cannot run the listener: {0}")]
    Io(#[from] io::Error),
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody yet.
    Stranger,
    /// Has proven a key.
    Known,
    /// Is shown the screens.
    Seated,
    /// All is said.
    Leaving,
}

/// Whether the listener is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Running {
    On,
    Stopping,
}

/// Listens until the system asks it to stop. `ready` is told the address and the host key's fingerprint.
pub fn listen(
    listener: &Listener,
    entropy: &dyn Entropy,
    ready: impl FnOnce(SocketAddr, Fingerprint),
) -> Result<(), ListenError> {
    let key = host_key::host_key(&listener.host_key, entropy)?;
    let print = host_key::fingerprint(key.public_key())
        .ok_or_else(|| ListenError::HostKey(HostKeyError::Odd(listener.host_key.clone())))?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let fault = |error| ListenError::Address(listener.listen, error);
        let socket = TcpListener::bind(listener.listen).await.map_err(fault)?;
        ready(socket.local_addr().map_err(fault)?, print);
        accept(listener, socket, Arc::new(config(key))).await
    });
    // A line that stands still holds nothing that is worth waiting for.
    runtime.shutdown_background();
    ended
}

fn config(key: PrivateKey) -> Config {
    let mut methods = MethodSet::empty();
    methods.push(MethodKind::PublicKey);
    Config {
        // Nobody needs to know which version it is.
        server_id: SshId::Standard(Cow::Borrowed("SSH-2.0-veilbook")),
        methods,
        auth_rejection_time: Duration::from_secs(1),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key],
        window_size: WINDOW,
        maximum_packet_size: PACKET,
        channel_buffer_size: 1,
        event_buffer_size: 1,
        preferred: Preferred {
            kex: Cow::Borrowed(&[
                kex::MLKEM768X25519_SHA256,
                kex::CURVE25519,
                kex::CURVE25519_PRE_RFC_8731,
                kex::EXTENSION_SUPPORT_AS_SERVER,
                kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
            ]),
            key: Cow::Borrowed(&[Algorithm::Ed25519]),
            host_key_certificates: Cow::Borrowed(&[]),
            cipher: Cow::Borrowed(&[cipher::CHACHA20_POLY1305, cipher::AES_256_GCM, cipher::AES_256_CTR]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM]),
            compression: Cow::Borrowed(&[compression::NONE]),
        },
        max_auth_attempts: TRIES,
        // Who sits idle is the server's affair, which knows when it locks.
        inactivity_timeout: None,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: 3,
        ..Config::default()
    }
}

async fn accept(listener: &Listener, socket: TcpListener, config: Arc<Config>) -> Result<(), ListenError> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let (stopper, running) = watch::channel(Running::On);
    let front = Arc::new(Front { socket: listener.socket.clone(), keys: listener.keys.clone(), running });
    let crowd = Crowd::new(listener.limits);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {}
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = socket.accept() => match accepted {
                // Who finds no place is told so by the end of the connection: any word would cost more than it tells.
                Ok((stream, address)) => if let Some(place) = crowd.enter(address.ip()) {
                    drop(connections.spawn(connection(Arc::clone(&front), Arc::clone(&config), stream, address, place)));
                },
                // Too many open files, mostly: those who are here go on, and one that leaves makes room.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
        }
    }
    drop(socket);
    stopper.send_replace(Running::Stopping);
    let all = async { while connections.join_next().await.is_some() {} };
    // Who has not left by then is cut off.
    let _ = timeout(ENDING, all).await;
    Ok(())
}

async fn connection(front: Arc<Front>, config: Arc<Config>, stream: TcpStream, address: SocketAddr, mut place: Place) {
    let Ok((stream, line)) = prepare(stream) else { return };
    let (phase, mut phases) = watch::channel(Phase::Stranger);
    let mut running = front.running.clone();
    let visitor = Visitor::new(front, address.ip().to_canonical().to_string(), phase);
    let overdue = async {
        loop {
            let now = *phases.borrow_and_update();
            let limit = match now {
                Phase::Stranger => Some(TO_PROVE),
                Phase::Known => Some(TO_BEGIN),
                Phase::Seated => None,
                Phase::Leaving => Some(TO_LEAVE),
            };
            if now != Phase::Stranger {
                place.known();
            }
            let changed = match limit {
                Some(limit) => timeout(limit, phases.changed()).await,
                None => Ok(phases.changed().await),
            };
            // Nobody is left to change it, or it took too long.
            if !matches!(changed, Ok(Ok(()))) {
                return;
            }
        }
    };
    let stopped = async {
        // A seated one is seen off by whoever carries its bytes.
        let _ = running.wait_for(|running| *running == Running::Stopping).await;
        sleep(TO_LEAVE).await;
    };
    tokio::select! {
        () = async {
            // An error is the end of this connection, and of nothing else.
            if let Ok(session) = run_stream(config, stream, visitor).await {
                let _ = session.await;
            }
        } => {}
        () = overdue => {}
        () = stopped => {}
    }
    // A write that stands still ends with this too, and with it all that belongs to the connection.
    let _ = line.shutdown(std::net::Shutdown::Both);
    drop(place);
}

/// The line without delays and with little in between, and another hold on it, by which it can be cut.
fn prepare(stream: TcpStream) -> io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let line = stream.try_clone()?;
    stream.set_nodelay(true)?;
    rustix::net::sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER)?;
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(&stream, DEAD_LINE.as_millis() as u32)?;
    Ok((TcpStream::from_std(stream)?, line))
}

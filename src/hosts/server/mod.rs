//! A server: one process that holds the vault, and many people at work in it through its socket.
//!
//! It starts sealed: no key is on the disk, and the first who signs in opens it. Screens are drawn here, so nothing that a
//! person has not revealed leaves the process that holds the keys.
//! **Invariant:** a session that fails, stands still or floods harms no other; whatever ends one, its terminal is given
//! back and its draft kept, as far as anybody still listens.

mod limits;
mod queue;
mod seat;
mod share;

use std::io;
use std::os::unix::net::UnixStream as BlockingStream;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::{Builder, Handle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::crew::{Crew, Job, Lane};
use super::socket::Listening;
use super::wire::{Decoder, FromClient, FromServer, Hello, Mode, VERSION};
use crate::clock::Clock;
use crate::domain::audit::Origin;
use crate::service::{Caller, Gate, Source};
use limits::Limits;
use queue::Queue;
use share::Meter;

/// How long a client may take to say what it wants.
const HELLO: Duration = Duration::from_secs(10);
/// How long sessions have to end when the server does.
const ENDING: Duration = Duration::from_secs(10);
/// How often scheduled work is looked after.
const LOOK: Duration = Duration::from_secs(2);
/// What may wait in the system for a terminal that reads slowly, in bytes: little, or the screen runs behind the keys.
/// The system takes twice as much and counts its own notes in it.
const SEND_BUFFER: usize = 4 * 1024;
/// Threads for what may wait; each holds one job.
const THREADS: usize = 64;

/// Runs one command for a client; the connection blocks from here on.
pub type RunCommand = Arc<dyn Fn(Hello, Caller, BlockingStream) + Send + Sync>;

/// What a server is made of.
pub struct Server {
    /// The gate of the vault.
    pub gate: Arc<Gate>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who runs commands.
    pub command: RunCommand,
    /// The account of the SSH listener: the only one that is believed when it names a key.
    pub listener: Option<u32>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("gate", &self.gate).finish_non_exhaustive()
    }
}

/// Serves until the system asks it to stop. `ready` is called once when everybody may come.
pub fn serve(server: Server, listening: Listening, ready: impl FnOnce()) -> io::Result<()> {
    let runtime = Builder::new_multi_thread().enable_all().event_interval(1).max_blocking_threads(THREADS).build()?;
    let gate = Arc::clone(&server.gate);
    let served = runtime.block_on(run(Arc::new(server), &listening, ready));
    drop(listening);
    // What is still under way would keep the file open; it has had its time.
    runtime.shutdown_timeout(ENDING);
    gate.end_backups();
    gate.seal();
    served
}

/// What all connections share.
pub(super) struct House {
    server: Arc<Server>,
    limits: Limits,
    sign_ins: Arc<Queue>,
    stop: watch::Receiver<Stopping>,
    handle: Handle,
}

/// Whether the server is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopping {
    No,
    Yes,
}

impl House {
    /// A crew for one seat, whose time `meter` counts: the server's threads, with sign-ins in a lane of their own, since
    /// each takes a second and much memory.
    fn crew(self: &Arc<Self>, meter: Arc<Meter>) -> Crew {
        let house = Arc::clone(self);
        Crew::shared(Arc::new(move |job: Job, lane, told| match lane {
            Lane::Quick => {
                let meter = Arc::clone(&meter);
                drop(house.handle.spawn_blocking(move || {
                    share::step_back();
                    meter.time(job)
                }));
            }
            Lane::SignIn => drop(house.handle.spawn(Arc::clone(&house.sign_ins).run(job, told))),
        }))
    }
}

async fn run(server: Arc<Server>, listening: &Listening, ready: impl FnOnce()) -> io::Result<()> {
    let from = listening.listener().try_clone()?;
    from.set_nonblocking(true)?;
    let listener = UnixListener::from_std(from)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // A terminal that goes away is no reason to send everybody home.
    let mut hang_up = signal(SignalKind::hangup())?;
    let (stopper, stop) = watch::channel(Stopping::No);
    let house = Arc::new(House {
        server,
        limits: Limits::new(),
        sign_ins: Arc::new(Queue::new(limits::sign_ins())),
        stop,
        handle: Handle::current(),
    });
    let mut look = tokio::time::interval(LOOK);
    let mut connections = JoinSet::new();
    ready();
    loop {
        tokio::select! {
            biased;
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {}
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            _ = look.tick() => {
                let gate = Arc::clone(&house.server.gate);
                // What it begins it begins in the background.
                drop(house.handle.spawn_blocking(move || gate.look_at_backups()));
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(Arc::clone(&house), stream))),
                // Too many open files, mostly: those who are here go on, and one that leaves makes room.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
        }
    }
    stopper.send_replace(Stopping::Yes);
    let all = async { while connections.join_next().await.is_some() {} };
    // Who has not ended by then is cut off; what they did is durable or was never said to be done.
    let _ = tokio::time::timeout(ENDING, all).await;
    Ok(())
}

async fn connection(house: Arc<House>, mut stream: UnixStream) {
    // A peer that cannot be told is nobody's, and gets nothing.
    let Ok(peer) = stream.peer_cred() else { return };
    let Ok(_place) = Arc::clone(&house.limits.connections).try_acquire_owned() else {
        return refuse(&mut stream, "the server has as many connections as it takes: try again in a moment").await;
    };
    let heard = tokio::time::timeout(HELLO, hello(&mut stream)).await;
    let Ok(Some((hello, decoder))) = heard else { return };
    if hello.version != VERSION {
        return refuse(&mut stream, "this veilbook and the server are of different versions: use the same").await;
    }
    let asserts = hello.place.fingerprint.map(|key| *key);
    let source = match asserts {
        Some(key) if house.server.listener == Some(peer.uid()) => Source::Key(key),
        Some(_) => return refuse(&mut stream, "only the account of the SSH listener may name a key").await,
        None => Source::Peer(peer.uid()),
    };
    let address = hello.place.address.as_ref().and_then(|told| told.parse().ok());
    match &hello.mode {
        Mode::Tty(terminal) => {
            let terminal = terminal.clone();
            // Where it cannot be had, a slow line runs behind, and everything else is as it should be.
            let _ = rustix::net::sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER);
            let caller = Caller { origin: Origin::Screen, source, address };
            seat::seat(house, stream, decoder, hello, terminal, caller).await;
        }
        Mode::Exec { .. } => {
            let Ok(turn) = Arc::clone(&house.limits.commands).acquire_owned().await else { return };
            let caller = Caller { origin: Origin::CommandLine, source, address };
            let command = Arc::clone(&house.server.command);
            let Ok(stream) = stream.into_std().and_then(|s| s.set_nonblocking(false).map(|()| s)) else { return };
            // A command that panicked has dropped its session; the client sees the connection end.
            let _ = tokio::task::spawn_blocking(move || command(hello, caller, stream)).await;
            drop(turn);
        }
    }
}

/// The first frame, if it is the right one.
async fn hello(stream: &mut UnixStream) -> Option<(Hello, Decoder)> {
    let mut decoder = Decoder::default();
    // A descriptor that comes beside a command's first file is read with its frame later, so nothing beyond the first
    // frame is taken in here.
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.ok()?;
    decoder.feed(&head);
    let mut rest = vec![0; decoder.missing().ok()?];
    stream.read_exact(&mut rest).await.ok()?;
    decoder.feed(&rest);
    match decoder.client() {
        Ok(Some(FromClient::Hello(hello))) => Some((*hello, decoder)),
        _ => None,
    }
}

async fn refuse(stream: &mut UnixStream, words: &str) {
    // Who does not listen any more need not know.
    let _ = stream.write_all(&FromServer::End(1, words.to_owned()).bytes()).await;
}

//! What one SSH connection may do: prove a registered key, open one session with a terminal, and see the screens.
//!
//! **Invariant:** whatever else is asked for gets a failure for an answer, and nothing of it is carried out. A client
//! learns nothing of which keys are registered before it has signed with one.

use std::path::PathBuf;
use std::sync::Arc;

use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure, ChannelWriteHalf, MethodKind, MethodSet, Pty};
use tokio::sync::{mpsc, watch};
use zeroize::Zeroizing;

use super::super::wire::{FromClient, Hello, Mode, Terminal, VERSION, Where};
use super::carry::{Carriage, carry};
use super::{Phase, Running, host_key, known};
use crate::app::i18n::Words;
use crate::domain::field::Lang;
use crate::domain::staff::LoginName;
use crate::domain::staff_key::Fingerprint;

/// Frames from a client that may wait for the server; a packet is at most [`PACKET`] bytes.
const WAITING: usize = 2;
/// The longest packet of a client's that fits its window.
pub(super) const PACKET: u32 = 16 * 1024;
/// The longest value of a variable that is passed on.
const LONGEST_VALUE: usize = 256;
/// The widest and highest terminal that is told of.
const WIDEST: u32 = 2_000;

/// What all connections have in common.
#[derive(Debug)]
pub(super) struct Front {
    /// Where the server listens.
    pub socket: PathBuf,
    /// The file of fingerprints.
    pub keys: PathBuf,
    /// Whether the listener is to end.
    pub running: watch::Receiver<Running>,
}

/// One connection.
pub(super) struct Visitor {
    front: Arc<Front>,
    address: String,
    phase: watch::Sender<Phase>,
    proven: Option<Proven>,
    variables: Vec<(String, String)>,
    seat: Seat,
}

struct Proven {
    key: Fingerprint,
    user: String,
}

/// How far the one session of a connection is.
enum Seat {
    /// None was opened.
    Empty,
    /// Opened, not begun.
    Open(ChannelWriteHalf<Msg>, Option<(u16, u16)>),
    /// The screens are shown.
    Taken(mpsc::Sender<FromClient>),
    /// Over: there is no second one.
    Left,
}

impl Visitor {
    pub fn new(front: Arc<Front>, address: String, phase: watch::Sender<Phase>) -> Self {
        Self { front, address, phase, proven: None, variables: Vec::new(), seat: Seat::Empty }
    }

    fn remember(&mut self, name: &str, value: &str) {
        let passes = Hello::VARIABLES.contains(&name)
            && value.len() <= LONGEST_VALUE
            && value.bytes().all(|byte| byte.is_ascii_graphic());
        if passes {
            self.variables.retain(|(known, _)| known != name);
            self.variables.push((name.to_owned(), value.to_owned()));
        }
    }

    fn lang(&self) -> Lang {
        let value = |name: &str| self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let asked = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| value(name));
        if asked.is_some_and(|value| value.starts_with("zh")) { Lang::ZhCn } else { Lang::En }
    }

    fn hello(&self, proven: &Proven, (columns, rows): (u16, u16)) -> Hello {
        Hello {
            version: VERSION,
            mode: Mode::Tty(Terminal { columns, rows, ..Terminal::default() }),
            // Whom the key names, the server knows once it is open; until then this is the better guess.
            name: LoginName::new(&proven.user).map(|name| name.to_string()),
            variables: self.variables.clone(),
            place: Where { address: Some(self.address.clone()), fingerprint: Some(proven.key.0.into()) },
        }
    }

    /// Says no to what a channel was asked for, says why where there is somebody to read it, and closes it.
    fn refuse(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        let open = matches!(self.seat, Seat::Open(..));
        if open {
            // Before the refusal itself: a client ends on that, and reads no more.
            let line = format!("{}\r\n", Words::new(self.lang()).t("ssh-terminal"));
            session.extended_data(channel, 1, line.into_bytes())?;
        }
        session.channel_failure(channel)?;
        if open {
            self.seat = Seat::Left;
            session.exit_status_request(channel, 1)?;
            session.eof(channel)?;
            session.close(channel)?;
        }
        Ok(())
    }

    async fn pass_on(&mut self, frame: FromClient) {
        if let Seat::Taken(keys) = &self.seat
            && keys.send(frame).await.is_err()
        {
            // The session is over; what is still typed goes nowhere.
            self.seat = Seat::Left;
        }
    }
}

/// The rejection of every key and every other way, the same for all.
fn rejected() -> Auth {
    let mut methods = MethodSet::empty();
    methods.push(MethodKind::PublicKey);
    Auth::Reject { proceed_with_methods: Some(methods), partial_success: false }
}

/// A size as it is passed on; a terminal that says nothing of it counts as 80 by 24.
fn size(columns: u32, rows: u32) -> (u16, u16) {
    let clamp = |said: u32, none: u16| if said == 0 { none } else { said.min(WIDEST) as u16 };
    (clamp(columns, 80), clamp(rows, 24))
}

async fn is_known(front: &Arc<Front>, key: Fingerprint) -> bool {
    let front = Arc::clone(front);
    // A look-up that failed knows nobody.
    tokio::task::spawn_blocking(move || known::is_known(&front.keys, key)).await.unwrap_or(false)
}

fn fingerprint(key: &PublicKey) -> Option<Fingerprint> {
    host_key::fingerprint(key)
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, Self::Error> {
        Ok(rejected())
    }

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, Self::Error> {
        Ok(rejected())
    }

    async fn auth_publickey_offered(&mut self, _: &str, _: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        // Every key may sign: otherwise anybody could ask whose public key, of those that lie about in the world, is
        // somebody's here.
        Ok(Auth::Accept)
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let Some(key) = fingerprint(key.public_key) else { return Ok(rejected()) };
        if !is_known(&self.front, key).await {
            return Ok(rejected());
        }
        self.proven = Some(Proven { key, user: user.to_owned() });
        self.phase.send_replace(Phase::Known);
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        if matches!(self.seat, Seat::Empty) {
            // Nothing is read from the other half, and kept it would fill up.
            let (_, half) = channel.split();
            self.seat = Seat::Open(half, None);
            reply.accept().await;
        } else {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        }
        Ok(())
    }

    async fn channel_close(&mut self, _: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.seat = Seat::Left;
        Ok(())
    }

    async fn data(&mut self, _: ChannelId, data: &[u8], _: &mut Session) -> Result<(), Self::Error> {
        for piece in data.chunks(PACKET as usize) {
            self.pass_on(FromClient::Keys(Zeroizing::new(piece.to_vec()))).await;
        }
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        columns: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match &mut self.seat {
            Seat::Open(_, terminal @ None) => *terminal = Some(size(columns, rows)),
            _ => return session.channel_failure(channel),
        }
        self.remember("TERM", term);
        session.channel_success(channel)
    }

    async fn window_change_request(
        &mut self,
        _: ChannelId,
        columns: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        let (columns, rows) = size(columns, rows);
        if let Seat::Open(_, Some(terminal)) = &mut self.seat {
            *terminal = (columns, rows);
        }
        self.pass_on(FromClient::Size(columns, rows)).await;
        Ok(())
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let before_begin = matches!(self.seat, Seat::Open(..));
        if !before_begin || !Hello::VARIABLES.contains(&name) || name == "TERM" {
            return session.channel_failure(channel);
        }
        self.remember(name, value);
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        let (Some(proven), Seat::Open(_, Some(size))) = (&self.proven, &self.seat) else {
            return self.refuse(channel, session);
        };
        let (hello, words) = (self.hello(proven, *size), Words::new(self.lang()));
        let (keys, inbox) = mpsc::channel(WAITING);
        let Seat::Open(half, _) = std::mem::replace(&mut self.seat, Seat::Taken(keys)) else { return Ok(()) };
        session.channel_success(channel)?;
        self.phase.send_replace(Phase::Seated);
        drop(tokio::spawn(carry(Carriage {
            hello,
            socket: self.front.socket.clone(),
            channel: half,
            inbox,
            words,
            phase: self.phase.clone(),
            running: self.front.running.clone(),
        })));
        Ok(())
    }

    async fn exec_request(&mut self, channel: ChannelId, _: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        self.refuse(channel, session)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.refuse(channel, session)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _: bool,
        _: &str,
        _: &str,
        _: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }
}

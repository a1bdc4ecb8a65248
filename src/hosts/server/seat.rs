//! One session at the server: frames of keys in, frames of screens out.
//!
//! **Invariant:** at most one screen is on its way; input is taken in small bites, and none while many answers are still
//! to come or the session has had more than its share of a processor, so that whoever floods waits for themselves.

use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::Notify;
use zeroize::{Zeroize, Zeroizing};

use super::super::desk::{Appearance, Desk, Keeps, Work};
use super::super::drive::{self, End, Host, Place, Turns, Woken, guarded};
use super::super::input::MouseUse;
use super::super::local::Environment;
use super::super::mailbox::Happening;
use super::super::wire::{Decoder, FromClient, FromServer, Hello, Terminal};
use super::share::{Meter, Share};
use super::{House, Stopping};
use crate::app::keymap::Keymap;
use crate::app::theme::Theme;
use crate::domain::field::Lang;
use crate::domain::staff_key::Fingerprint;
use crate::service::{Caller, GateError, Source};

/// Bytes of input taken in before others get their turn.
const BITE: usize = 64;
/// With so many answers to come, no more input is taken in.
const MOST_UNANSWERED: u32 = 32;

/// The far end of a session: what is still to be written to it.
struct Screen {
    size: (u16, u16),
    out: Zeroizing<Vec<u8>>,
    gone: usize,
    written: u64,
}

impl Host for Screen {
    fn size(&self) -> (u16, u16) {
        self.size
    }

    fn ready(&self) -> bool {
        self.out.is_empty()
    }

    fn written(&self) -> u64 {
        self.written
    }

    fn send(&mut self, bytes: Zeroizing<Vec<u8>>) {
        self.out.extend_from_slice(&FromServer::Screen(bytes).bytes());
    }

    fn suspend(&mut self) {
        self.out.extend_from_slice(&FromServer::Suspend.bytes());
    }

    fn resume(&mut self) {}

    fn finish(&mut self) {
        self.send(Zeroizing::new(super::super::encoder::leave()));
    }
}

impl Screen {
    fn waiting(&self) -> &[u8] {
        self.out.get(self.gone..).unwrap_or_default()
    }

    fn went(&mut self, count: usize) {
        self.gone += count;
        self.written += count as u64;
        if self.gone >= self.out.len() {
            self.out.zeroize();
            // A large screen's room is given back.
            self.out.shrink_to(0);
            self.gone = 0;
        }
    }
}

/// Runs a session until its end.
pub(super) async fn seat(
    house: Arc<House>,
    mut stream: UnixStream,
    decoder: Decoder,
    hello: Hello,
    terminal: Terminal,
    caller: Caller,
) {
    let environment = Environment::read(|name| hello.variable(name));
    let look = appearance(&terminal, &hello);
    let (capabilities, look) = match (environment.capabilities(MouseUse::Off), look) {
        (Ok(capabilities), Ok(look)) => (capabilities, look),
        (Err(error), _) => return super::refuse(&mut stream, &error.to_string()).await,
        (_, Err(words)) => return super::refuse(&mut stream, &words).await,
    };
    let woken = Arc::new(Notify::new());
    let waker = {
        let woken = Arc::clone(&woken);
        Arc::new(move || woken.notify_one())
    };
    let work = Work {
        gate: Arc::clone(&house.server.gate),
        caller,
        keeps: Keeps::Together,
        home: None,
        session: None,
        look_round: Box::new(|| Err(GateError::Missing)),
        name: name(&house, caller.source, hello.name).await,
    };
    let clock = Arc::clone(&house.server.clock);
    let now = clock.now();
    let meter = Arc::new(Meter::default());
    let mut desk = Desk::new(work, look, now, clock.offset(now), waker, house.crew(Arc::clone(&meter)));
    let size = (terminal.columns, terminal.rows);
    let mut screen = Screen { size, out: Zeroizing::default(), gone: 0, written: 0 };
    let mut turns = Turns::new(capabilities);
    let end = {
        let (woken, turns) = (&woken, &mut turns);
        let mut session = Session { house: &house, stream: &mut stream, decoder, woken, turns, meter };
        session.run(&mut desk, &mut screen).await.err().unwrap_or(End::Quit)
    };
    let end = drive::leave(&mut Place { program: &mut desk, host: &mut screen, clock: &*clock }, end);
    desk.gone().await;
    let code = u8::from(end == End::Panicked);
    let words = if end == End::Quit { String::new() } else { end.to_string() };
    let bye = FromServer::End(code, words).bytes();
    let rest = async {
        stream.write_all(screen.waiting()).await?;
        stream.write_all(&bye).await
    };
    // Who does not read it has left.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), rest).await;
}

struct Session<'a> {
    house: &'a House,
    stream: &'a mut UnixStream,
    decoder: Decoder,
    woken: &'a Notify,
    turns: &'a mut Turns,
    meter: Arc<Meter>,
}

/// What ended a wait.
enum Came {
    Stop,
    Written(std::io::Result<usize>),
    Read(std::io::Result<usize>),
    Word,
    Time,
}

impl Session<'_> {
    async fn run(&mut self, desk: &mut Desk, screen: &mut Screen) -> Result<(), End> {
        let clock = Arc::clone(&self.house.server.clock);
        let mut stop = self.house.stop.clone();
        guarded(|| {
            self.turns.begin(&mut Place { program: desk, host: screen, clock: &*clock });
            Ok(())
        })?;
        let mut bite = Zeroizing::new([0; BITE]);
        let meter = Arc::clone(&self.meter);
        let mut share = Share::new(Arc::clone(&meter), Instant::now());
        loop {
            let turns = &mut *self.turns;
            let pause = || guarded(|| turns.pause(&mut Place { program: desk, host: screen, clock: &*clock }));
            let mut wait = meter.time(pause)?;
            let (mut from, mut to) = self.stream.split();
            let rest = share.rest(Instant::now());
            if !rest.is_zero() {
                wait = wait.min(rest);
            }
            let hungry = rest.is_zero() && desk.unanswered() < MOST_UNANSWERED;
            let came = tokio::select! {
                biased;
                changed = stop.wait_for(|stop| *stop == Stopping::Yes) => { drop(changed); Came::Stop }
                count = to.write(screen.waiting()), if !screen.ready() => Came::Written(count),
                () = self.woken.notified() => Came::Word,
                count = from.read(bite.as_mut_slice()), if hungry => Came::Read(count),
                () = tokio::time::sleep(wait) => Came::Time,
            };
            let (mut taken, mut woken) = (0, Woken::No);
            match came {
                Came::Stop => return Err(End::Terminated),
                Came::Written(Ok(count)) => screen.went(count),
                Came::Read(Ok(count @ 1..)) => {
                    self.decoder.feed(bite.get(..count).unwrap_or_default());
                    taken = meter.time(|| self.take(desk, screen))?;
                }
                Came::Word => woken = Woken::Yes,
                Came::Time => {}
                Came::Read(_) | Came::Written(Err(_)) => return Err(End::HangUp),
            }
            let turns = &mut *self.turns;
            let finish =
                || guarded(|| turns.finish(taken, woken, &mut Place { program: desk, host: screen, clock: &*clock }));
            meter.time(finish)?;
            if taken > 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Attends to the whole frames that have come.
    fn take(&mut self, desk: &mut Desk, screen: &mut Screen) -> Result<usize, End> {
        let clock = Arc::clone(&self.house.server.clock);
        let mut taken = 0;
        // A frame that is none ends the session as a lost line does.
        while let Some(frame) = self.decoder.client().map_err(|_| End::HangUp)? {
            let happening = match frame {
                FromClient::Keys(bytes) => Happening::Bytes(bytes),
                FromClient::Size(columns, rows) => {
                    screen.size = (columns, rows);
                    Happening::Resized
                }
                FromClient::Continued => Happening::Continued,
                FromClient::Stop => Happening::Stop(End::HangUp),
                _ => return Err(End::HangUp),
            };
            let turns = &mut *self.turns;
            taken += guarded(|| turns.take(happening, &mut Place { program: desk, host: screen, clock: &*clock }))?;
        }
        Ok(taken)
    }
}

/// The name that is filled in at the door: that of whoever the key is registered for, once the vault is open and can
/// tell; else the one that was said.
async fn name(house: &Arc<House>, source: Source, said: Option<String>) -> String {
    let named = match source {
        Source::Key(key) => {
            let gate = Arc::clone(&house.server.gate);
            // A look-up that failed names nobody.
            tokio::task::spawn_blocking(move || gate.named_by(Fingerprint(key))).await.ok().flatten()
        }
        Source::Here | Source::Peer(_) => None,
    };
    named.map(|name| name.to_string()).or(said).unwrap_or_default()
}

/// How it is to look, or what was asked for that there is not.
fn appearance(terminal: &Terminal, hello: &Hello) -> Result<Appearance, String> {
    let asked = terminal
        .lang
        .clone()
        .or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| hello.variable(name)));
    let lang = if asked.unwrap_or_default().starts_with("zh") { Lang::ZhCn } else { Lang::En };
    let theme = match &terminal.theme {
        Some(name) => Theme::from_code(name).ok_or_else(|| format!("there is no theme {name}"))?,
        None => Theme::default(),
    };
    let keymap = match &terminal.keymap {
        Some((name, Some(text))) => Keymap::parse(name, text).map_err(|error| error.to_string())?,
        Some((name, None)) => Keymap::shipped(name).ok_or_else(|| format!("there is no keymap {name}"))?,
        None => Keymap::shipped("arrows").unwrap_or_default(),
    };
    Ok(Appearance { lang, theme, keymap })
}

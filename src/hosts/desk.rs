//! The program at one person's place: what it wants done is carried out by one worker, in order, through the gate and
//! the session behind it.
//!
//! **Invariant:** the loop never waits for the vault; the worker alone holds the session, and ends it on every end.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chrono::FixedOffset;
use ratatui::buffer::Buffer;
use zeroize::Zeroizing;

use super::drive::{Drawn, End, Flow, Program};
use super::encoder::{OutOfBand, ScrollHint};
use super::input::InputEvent;
use super::mailbox::Waker;
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::i18n::Words;
use crate::app::keymap::Keymap;
use crate::app::model::Start;
use crate::app::msg::{Answer, EntryFault, Msg, Progress, Ticket};
use crate::app::program::App;
use crate::app::theme::Theme;
use crate::clock::Timestamp;
use crate::domain::audit::Origin;
use crate::domain::field::Lang;
use crate::domain::schema;
use crate::service::rotation::{Rotation, Rows};
use crate::service::view::BackupChange;
use crate::service::{Action, Done, Gate, GateError, NewVault, Presence, Purpose, Refusal, Session};

/// Opens the sample vault; the person that looks round is signed in.
pub type LookRound = Box<dyn FnMut() -> Result<(Gate, Session), GateError> + Send>;

/// How the program looks and speaks at the beginning.
#[derive(Debug)]
pub struct Appearance {
    /// Its language.
    pub lang: Lang,
    /// Its colours.
    pub theme: Theme,
    /// Its keys.
    pub keymap: Keymap,
}

/// What it works on.
pub struct Work {
    /// The vault's gate.
    pub gate: Gate,
    /// Somebody who is signed in already.
    pub session: Option<Session>,
    /// How the sample vault is opened.
    pub look_round: LookRound,
    /// The name that is filled in at the door.
    pub name: String,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("gate", &self.gate).finish_non_exhaustive()
    }
}

/// The program with its worker.
#[derive(Debug)]
pub struct Desk {
    app: App,
    jobs: Option<Sender<Effect>>,
    answers: Receiver<Msg>,
    worker: Option<JoinHandle<()>>,
    out: Vec<OutOfBand>,
    stop: Arc<AtomicBool>,
    state: State,
    unanswered: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Drawn,
    Changed,
    Leaving,
}

impl Desk {
    /// The program at its beginning. `waker` is called when an answer waits.
    pub fn new(work: Work, look: Appearance, now: Timestamp, offset: FixedOffset, waker: Waker) -> Self {
        let start = match (&work.session, work.gate.presence()) {
            (Some(_), _) => Start::SignedIn,
            (None, Presence::Present) => Start::Unlock,
            (None, Presence::Missing) => Start::FirstRun,
        };
        let (jobs, to_do) = channel();
        let (answered, answers) = channel();
        let name = work.name.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let worker = Worker { work, answered, waker, stop: Arc::clone(&stop), long: None };
        let worker = thread::spawn(move || worker.run(&to_do));
        let env = Env::new(now, offset, Words::new(look.lang), look.theme, look.keymap);
        let (app, effects) = App::new(env, start, &name);
        let (jobs, worker) = (Some(jobs), Some(worker));
        let mut desk = Self { app, jobs, answers, worker, out: Vec::new(), stop, state: State::Changed, unanswered: 0 };
        desk.carry_out(effects);
        desk
    }

    /// Whether answers are on their way.
    pub fn waits(&self) -> bool {
        self.unanswered > 0
    }

    fn take(&mut self, now: Timestamp, msg: Msg) -> Flow {
        let effects = self.app.input(now, msg);
        let anew = effects.iter().any(|effect| matches!(effect, Effect::Redraw));
        self.carry_out(effects);
        if self.state == State::Leaving {
            return Flow::Quit;
        }
        self.state = State::Changed;
        if anew { Flow::Redraw } else { Flow::Continue }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Quit => self.state = State::Leaving,
                Effect::Redraw => {}
                Effect::Stop => self.stop.store(true, Ordering::Release),
                Effect::Clipboard(value) => {
                    let now = self.app.model.env.now;
                    let text = value.show(now).map(|text| Zeroizing::new(text.to_owned()));
                    self.out.extend(text.map(OutOfBand::Clipboard));
                    let more = self.app.input(now, Msg::Copied);
                    self.carry_out(more);
                }
                other => {
                    self.unanswered += u32::from(!matches!(other, Effect::Lock));
                    // A worker that is gone has ended with its session; the program sees no answer and can be left.
                    if let Some(jobs) = &self.jobs {
                        let _ = jobs.send(other);
                    }
                }
            }
        }
    }
}

impl Program for Desk {
    fn input(&mut self, event: InputEvent, now: Timestamp) -> Flow {
        match event {
            InputEvent::Key(key) => self.take(now, Msg::Key(key)),
            InputEvent::Paste(text) => self.take(now, Msg::Paste(text)),
            InputEvent::Mouse(_) | InputEvent::Reply(_) => Flow::Continue,
        }
    }

    fn resize(&mut self, columns: u16, rows: u16, now: Timestamp) {
        self.take(now, Msg::Resize(columns, rows));
    }

    fn tick(&mut self, now: Timestamp) -> Flow {
        self.take(now, Msg::Tick(now))
    }

    fn wake(&mut self, now: Timestamp) -> Flow {
        while let Ok(msg) = self.answers.try_recv() {
            if !matches!(msg, Msg::Progress(..)) {
                self.unanswered = self.unanswered.saturating_sub(1);
            }
            if self.take(now, msg) == Flow::Quit {
                return Flow::Quit;
            }
        }
        Flow::Continue
    }

    fn next_wake(&self) -> Option<Timestamp> {
        self.app.next_tick()
    }

    fn dirty(&self) -> bool {
        self.state == State::Changed
    }

    fn draw(&mut self, frame: &mut Buffer) -> Drawn {
        self.state = State::Drawn;
        let drawn = self.app.draw(frame);
        let scroll = drawn.scroll.and_then(|scroll| {
            let lines = i16::try_from(scroll.up).ok()?;
            let bottom = scroll.top.saturating_add(scroll.height).checked_sub(1)?;
            Some(ScrollHint { top: scroll.top, bottom, lines })
        });
        Drawn { cursor: drawn.cursor, scroll }
    }

    fn take_out_of_band(&mut self) -> Vec<OutOfBand> {
        std::mem::take(&mut self.out)
    }

    fn suspend(&mut self, now: Timestamp) {
        self.take(now, Msg::SetAside);
    }

    fn end(&mut self, _: End) {
        self.jobs = None;
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has dropped its session; there is nothing to add here.
            let _ = worker.join();
        }
    }
}

struct Worker {
    work: Work,
    answered: Sender<Msg>,
    waker: Waker,
    stop: Arc<AtomicBool>,
    long: Option<JoinHandle<()>>,
}

/// How often long work says how far it is.
const TELL: Duration = Duration::from_millis(200);

/// How often a listing that has come to rest is put on record.
const REST: Duration = Duration::from_secs(2);

impl Worker {
    fn run(mut self, to_do: &Receiver<Effect>) {
        loop {
            self.work.gate.look_at_backups();
            match to_do.recv_timeout(REST) {
                Ok(effect) => self.carry_out(effect),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(session) = &self.work.session {
                        session.settle();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.work.gate.end_backups();
        self.lock();
        if let Some(long) = self.long.take() {
            self.stop.store(true, Ordering::Release);
            // A thread that panicked has ended its work; there is nothing to add here.
            let _ = long.join();
        }
    }

    /// Replaces the vault's keys on a thread of its own, so that questions are answered meanwhile.
    fn rotate(&mut self, ticket: Ticket, rotation: Rotation) {
        self.stop.store(false, Ordering::Release);
        let (answered, waker, stop) = (self.answered.clone(), Arc::clone(&self.waker), Arc::clone(&self.stop));
        let mut told = Instant::now();
        self.long = Some(thread::spawn(move || {
            let tell = |msg| {
                // Where the program is gone, nobody waits for the answer.
                let _ = answered.send(msg);
                waker();
            };
            let done = rotation.run(&mut |Rows { done, total }| {
                if told.elapsed() >= TELL {
                    told = Instant::now();
                    tell(Msg::Progress(ticket, Progress { done, total }));
                }
                if stop.load(Ordering::Acquire) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            tell(Msg::Reply(ticket, Box::new(done.map(|rotated| Answer::Done(Done::Rotated(rotated))))));
        }));
    }

    fn lock(&mut self) {
        if let Some(session) = self.work.session.take() {
            session.end();
        }
        self.work.gate.seal();
    }

    fn answer(&self, msg: Msg) {
        // Where the program is gone, nobody waits for the answer.
        let _ = self.answered.send(msg);
        (self.waker)();
    }

    fn carry_out(&mut self, effect: Effect) {
        let session = self.work.session.as_ref();
        match effect {
            Effect::Ask(ticket, query) => {
                let reply = session.map_or(Err(Refusal::SessionEnded), |s| s.query(query));
                self.answer(Msg::Reply(ticket, Box::new(reply.map(Answer::View))));
            }
            Effect::Perform(ticket, action) => {
                let reply = session.map_or(Err(Refusal::SessionEnded), |s| s.perform(action));
                match reply {
                    Ok(Done::Rotation(rotation)) => self.rotate(ticket, rotation),
                    reply => self.answer(Msg::Reply(ticket, Box::new(reply.map(Answer::Done)))),
                }
            }
            Effect::SignIn { name, passphrase } => {
                let session = self.work.gate.login(&name, &passphrase, Origin::Screen);
                self.enter(session);
            }
            Effect::SetUp { name, code, passphrase } => {
                let session = self.work.gate.set_up(&name, &code, &passphrase, Origin::Screen);
                self.enter(session);
            }
            Effect::Recover { name, typed, passphrase } => {
                let session = self.work.gate.recover(&typed, &name, &passphrase, Origin::Screen);
                self.enter(session);
            }
            Effect::Create { owner, passphrase, region, places } => {
                let (schema, purpose) = (schema::shipped(), Purpose::Work);
                let new = NewVault { owner, passphrase, region, schema, purpose };
                let session = self.work.gate.create(new, Origin::Screen);
                if let Ok(session) = &session {
                    for place in places {
                        // What will not do was refused while it was typed; the status line says if there is none.
                        let _ = session.perform(Action::SetBackups(BackupChange::AddPlace(place)));
                    }
                }
                self.enter(session);
            }
            Effect::LookRound => {
                let opened = (self.work.look_round)();
                let session = opened.map(|(gate, session)| {
                    self.work.gate = gate;
                    session
                });
                self.enter(session);
            }
            Effect::Lock => self.lock(),
            Effect::Clipboard(_) | Effect::Quit | Effect::Redraw | Effect::Stop => {}
        }
    }

    fn enter(&mut self, session: Result<Session, GateError>) {
        let entry = match session {
            Ok(session) => {
                self.work.session = Some(session);
                Ok(())
            }
            Err(error) => {
                self.work.gate.seal();
                Err(fault(error))
            }
        };
        self.answer(Msg::Entry(entry));
    }
}

fn fault(error: GateError) -> EntryFault {
    match error {
        GateError::Missing => EntryFault::Missing,
        GateError::Exists => EntryFault::Exists,
        GateError::Busy { pid } => EntryFault::Busy(pid),
        GateError::WrongNameOrPassphrase { wait_seconds } => EntryFault::WrongNameOrPassphrase(wait_seconds),
        GateError::SetupNeeded => EntryFault::SetupNeeded,
        GateError::Passphrase(problem) => EntryFault::Passphrase(problem),
        GateError::Recovery(fault) => EntryFault::Recovery(fault),
        GateError::Keys(problem) => EntryFault::Keys(problem),
        GateError::Name => EntryFault::Name,
        GateError::Damaged(text) => EntryFault::Damaged(text),
        GateError::Disk(text) => EntryFault::Disk(text),
    }
}

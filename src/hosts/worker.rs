//! The worker of one seat: it alone holds the session, and does what the program wants through it.
//!
//! **Invariant:** whatever ends a seat, its session ends, on record.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::crew::{Doer, Lane};
use super::desk::{Keeps, Work};
use super::mailbox::Waker;
use crate::app::effect::Effect;
use crate::app::msg::{Answer, EntryFault, Msg, Progress, Ticket};
use crate::domain::schema;
use crate::service::duplicates::{Hunt, Searched};
use crate::service::refusal::FileFault;
use crate::service::rotation::{Rotation, Rows};
use crate::service::view::BackupChange;
use crate::service::{Action, Done, Entered, GateError, NewVault, Pending, Purpose, Refusal, Session};

/// Carries out what one program wants.
pub(super) struct Worker {
    work: Work,
    answered: Sender<Msg>,
    waker: Waker,
    stop: Arc<AtomicBool>,
    changed: Arc<AtomicBool>,
    long: Option<JoinHandle<()>>,
    /// A search for duplicates, which stops when another begins and when its session ends.
    hunt: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
    /// Somebody whose passphrase was right and whose code is still to come.
    pending: Option<Box<Pending>>,
}

/// How often long work says how far it is.
const TELL: Duration = Duration::from_millis(200);

/// What a worker does.
pub(super) enum Task {
    /// What the program wants done.
    Effect(Effect),
    /// It has been quiet: what was listed goes on record.
    Rest,
    /// The session is over; the sender is dropped when everything is.
    Leave(oneshot::Sender<()>),
}

impl Doer for Worker {
    type Work = Task;

    fn lane(task: &Task) -> Lane {
        match task {
            Task::Effect(
                Effect::SignIn { .. } | Effect::SetUp { .. } | Effect::Recover { .. } | Effect::Create { .. },
            ) => Lane::SignIn,
            _ => Lane::Quick,
        }
    }

    fn carry_out(&mut self, task: Task) {
        match task {
            Task::Effect(effect) => self.effect(effect),
            Task::Rest => {
                self.pending.take_if(|pending| pending.is_late());
                if let Some(session) = &self.work.session {
                    session.settle();
                }
            }
            Task::Leave(done) => {
                self.leave();
                drop(done);
            }
        }
    }
}

impl Worker {
    /// Whoever sets `stop` stops long work; `changed` is set when others changed something.
    pub(super) fn new(
        work: Work,
        answered: Sender<Msg>,
        waker: Waker,
        stop: Arc<AtomicBool>,
        changed: Arc<AtomicBool>,
    ) -> Self {
        Self { work, answered, waker, stop, changed, long: None, hunt: None, pending: None }
    }

    fn leave(&mut self) {
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

    /// Searches on a thread of its own.
    fn hunt(&mut self, ticket: Ticket, hunt: Hunt) {
        self.call_off();
        // Esc on the screen stops it through the same flag as other long work.
        self.stop.store(false, Ordering::Release);
        let (called_off, stop) = (Arc::new(AtomicBool::new(false)), Arc::clone(&self.stop));
        let (answered, waker, over) = (self.answered.clone(), Arc::clone(&self.waker), Arc::clone(&called_off));
        let mut told = Instant::now();
        let thread = thread::spawn(move || {
            let tell = |msg| {
                // Where the program is gone, nobody waits for the answer.
                let _ = answered.send(msg);
                waker();
            };
            let found = hunt.run(&mut |Searched { done, total }| {
                if told.elapsed() >= TELL {
                    told = Instant::now();
                    tell(Msg::Progress(ticket, Progress { done, total }));
                }
                let stops = stop.load(Ordering::Acquire) || over.load(Ordering::Acquire);
                if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            tell(Msg::Reply(ticket, Box::new(found.map(|pairs| Answer::Done(Done::Pairs(pairs))))));
        });
        self.hunt = Some((called_off, thread));
    }

    /// Stops a search that is under way. Where the vault is this program's alone, it is waited for, since it holds it.
    fn call_off(&mut self) {
        let Some((called_off, thread)) = self.hunt.take() else { return };
        called_off.store(true, Ordering::Release);
        if self.work.keeps == Keeps::Alone {
            // A thread that panicked has ended its work; there is nothing to add here.
            let _ = thread.join();
        }
    }

    fn lock(&mut self) {
        self.call_off();
        self.pending = None;
        if let Some(session) = self.work.session.take() {
            session.end();
        }
        self.shut();
    }

    /// Shuts the vault, if nobody else is behind the gate.
    fn shut(&self) {
        if self.work.keeps == Keeps::Alone {
            self.work.gate.seal();
        }
    }

    fn answer(&self, msg: Msg) {
        // Where the program is gone, nobody waits for the answer.
        let _ = self.answered.send(msg);
        (self.waker)();
    }

    fn effect(&mut self, effect: Effect) {
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
                    Ok(Done::Hunt(hunt)) => self.hunt(ticket, hunt),
                    reply => {
                        let sealed = matches!(reply, Ok(Done::Sealed));
                        self.answer(Msg::Reply(ticket, Box::new(reply.map(Answer::Done))));
                        if sealed {
                            self.work.gate.seal();
                        }
                    }
                }
            }
            Effect::SignIn { name, passphrase } => {
                self.pending = None;
                match self.work.gate.enter(&name, &passphrase, self.work.caller) {
                    Ok(Entered::Session(session)) => self.enter(Ok(*session)),
                    Ok(Entered::NeedsCode(pending)) => {
                        self.pending = Some(pending);
                        self.answer(Msg::Entry(Err(EntryFault::CodeNeeded)));
                    }
                    Err(error) => self.enter(Err(error)),
                }
            }
            Effect::Code(code) => {
                let given = match &mut self.pending {
                    Some(pending) => self.work.gate.give_code(pending, &code),
                    None => Err(GateError::CodeLate),
                };
                if !matches!(given, Err(GateError::Factor(_))) {
                    self.pending = None;
                }
                self.enter(given);
            }
            Effect::Active => {
                if let Some(session) = session {
                    session.active();
                }
            }
            Effect::At(customer) => {
                if let Some(session) = session {
                    session.at(customer);
                }
            }
            Effect::SetUp { name, code, passphrase } => {
                let session = self.work.gate.set_up(&name, &code, &passphrase, self.work.caller);
                self.enter(session);
            }
            Effect::Recover { name, typed, passphrase } => {
                let session = self.work.gate.recover(&typed, &name, &passphrase, self.work.caller);
                self.enter(session);
            }
            Effect::Create { owner, passphrase, region, places } => {
                let (schema, purpose) = (schema::shipped(), Purpose::Work);
                let new = NewVault { owner, passphrase, region, schema, purpose };
                let session = self.work.gate.create(new, self.work.caller);
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
                    self.work.gate = Arc::new(gate);
                    session
                });
                self.enter(session);
            }
            Effect::KeepFile(ticket, name, bytes) => {
                // A server writes nobody's files: they would be its own account's.
                let kept = match self.work.keeps {
                    Keeps::Alone => keep_file(&at_home(&name, self.work.home.as_deref()), &bytes),
                    Keeps::Together => Err(FileFault::Denied),
                };
                let reply = kept.map(|()| Answer::Done(Done::Done)).map_err(Refusal::File);
                self.answer(Msg::Reply(ticket, Box::new(reply)));
            }
            Effect::Lock => self.lock(),
            Effect::Clipboard(_) | Effect::Alarm(..) | Effect::Quit | Effect::Redraw | Effect::Stop => {}
        }
    }

    fn enter(&mut self, session: Result<Session, GateError>) {
        let entry = match session {
            Ok(session) => {
                let (changed, waker) = (Arc::clone(&self.changed), Arc::clone(&self.waker));
                session.on_change(Arc::new(move || {
                    // Once is enough until somebody has looked.
                    if !changed.swap(true, Ordering::AcqRel) {
                        waker();
                    }
                }));
                session.active();
                self.work.session = Some(session);
                Ok(())
            }
            Err(error) => {
                self.shut();
                Err(fault(error))
            }
        };
        self.answer(Msg::Entry(entry));
    }
}

/// A file's name with the home folder in full where it begins with `~/`, as a shell would have it.
fn at_home(name: &str, home: Option<&Path>) -> PathBuf {
    name.strip_prefix("~/").zip(home).map_or_else(|| PathBuf::from(name), |(rest, home)| home.join(rest))
}

/// Writes a file that is not there yet, for nobody else to read; what could not be written whole is removed.
fn keep_file(name: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(name);
    let mut file = made.map_err(|error| file_fault(&error))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // What failed is said; that a part of it stays where even this fails changes nothing about that.
        let _ = std::fs::remove_file(name);
        file_fault(&error)
    })
}

fn file_fault(error: &io::Error) -> FileFault {
    match error.kind() {
        ErrorKind::AlreadyExists => FileFault::Exists,
        ErrorKind::NotFound | ErrorKind::NotADirectory => FileFault::NoFolder,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => FileFault::Denied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FileFault::Full,
        _ => FileFault::Other,
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
        GateError::CodeNeeded => EntryFault::CodeNeeded,
        GateError::CodeLate => EntryFault::CodeLate,
        GateError::Factor(problem) => EntryFault::Factor(problem),
        GateError::Recovery(fault) => EntryFault::Recovery(fault),
        GateError::Keys(problem) => EntryFault::Keys(problem),
        GateError::Name => EntryFault::Name,
        GateError::Damaged(text) => EntryFault::Damaged(text),
        GateError::Disk(text) => EntryFault::Disk(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_home_is_named_as_in_a_shell() {
        let home = Path::new("/home/li");
        for (name, expected) in [
            ("~/out.csv", "/home/li/out.csv"),
            ("~li/out.csv", "~li/out.csv"),
            ("out/~/x.csv", "out/~/x.csv"),
            ("/tmp/x.csv", "/tmp/x.csv"),
        ] {
            assert_eq!(at_home(name, Some(home)), Path::new(expected));
        }
        assert_eq!(at_home("~/out.csv", None), Path::new("~/out.csv"));
    }
}

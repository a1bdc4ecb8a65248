//! The program at one person's place: what it wants done is carried out by one worker, in order, through the gate and
//! the session behind it.
//!
//! **Invariant:** the loop never waits for the vault; the worker alone holds the session, and ends it on every end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use chrono::FixedOffset;
use ratatui::buffer::Buffer;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::crew::{Crew, Line, Told};
use super::drive::{Drawn, End, Flow, Program};
use super::encoder::{OutOfBand, ScrollHint};
use super::input::InputEvent;
use super::mailbox::Waker;
use super::worker::{Task, Worker};
use crate::app::effect::Effect;
use crate::app::env::{Env, Files};
use crate::app::i18n::Words;
use crate::app::keymap::Keymap;
use crate::app::model::Start;
use crate::app::msg::Msg;
use crate::app::program::App;
use crate::app::theme::Theme;
use crate::clock::Timestamp;
use crate::domain::field::Lang;
use crate::domain::staff::Alarm;
use crate::service::{Caller, Gate, GateError, Presence, Session};
use crate::text::Printable;

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
    pub gate: Arc<Gate>,
    /// Who sits here, as the gate is to know them.
    pub caller: Caller,
    /// Whose the gate is.
    pub keeps: Keeps,
    /// The home folder of whoever sits here, which a file's name may begin with as `~/`; none at a server.
    pub home: Option<PathBuf>,
    /// Somebody who is signed in already.
    pub session: Option<Session>,
    /// How the sample vault is opened.
    pub look_round: LookRound,
    /// The name that is filled in at the door.
    pub name: String,
}

/// Whose a gate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// This program's alone: who locks the screen shuts the vault.
    Alone,
    /// A server's: others are at work behind it.
    Together,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("gate", &self.gate).finish_non_exhaustive()
    }
}

/// After so long without an answer, in seconds, what was listed has come to rest.
const REST_SECONDS: i64 = 2;

/// Changes of others within so many milliseconds are looked at together.
const TOGETHER_MS: i64 = 40;

/// The program with its worker.
#[derive(Debug)]
pub struct Desk {
    app: App,
    line: Option<Line<Worker>>,
    answers: Receiver<Msg>,
    out: Vec<OutOfBand>,
    stop: Arc<AtomicBool>,
    state: State,
    unanswered: u32,
    /// Set when somebody else changed something.
    changed: Arc<AtomicBool>,
    /// When what others changed is looked at: not at once, since changes come together.
    look_again: Option<Timestamp>,
    /// When what was listed has come to rest and is put on record.
    rest: Option<Timestamp>,
    /// Heard of once the worker has left.
    gone: Option<oneshot::Receiver<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Drawn,
    Changed,
    Leaving,
}

impl Desk {
    /// The program at its beginning. `waker` is called when an answer waits.
    pub fn new(work: Work, look: Appearance, now: Timestamp, offset: FixedOffset, waker: Waker, crew: Crew) -> Self {
        let start = match (&work.session, work.gate.presence()) {
            (Some(_), _) => Start::SignedIn,
            (None, Presence::Present) => Start::Unlock,
            (None, Presence::Missing) => Start::FirstRun,
        };
        let (answered, answers) = channel();
        let name = work.name.clone();
        let (stop, changed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let told = told(answered.clone(), Arc::clone(&waker));
        let files = if work.keeps == Keeps::Alone { Files::Here } else { Files::Elsewhere };
        let worker = Worker::new(work, answered, waker, Arc::clone(&stop), Arc::clone(&changed));
        let line = Line::new(crew, worker, told);
        let mut env = Env::new(now, offset, Words::new(look.lang), look.theme, look.keymap);
        env.files = files;
        let (app, effects) = App::new(env, start, &name);
        let (out, state, rest, look_again, gone) = (Vec::new(), State::Changed, None, None, None);
        let mut desk =
            Self { app, line: Some(line), answers, out, stop, changed, state, unanswered: 0, rest, look_again, gone };
        desk.carry_out(effects);
        desk
    }

    /// Whether answers are on their way.
    pub fn waits(&self) -> bool {
        self.unanswered > 0
    }

    /// How many answers are on their way.
    pub fn unanswered(&self) -> u32 {
        self.unanswered
    }

    /// Done once the session is over, after the program was told of its end. A worker with a thread of its own has left
    /// by then anyway; one that shares threads must never be waited for on any of them, or all of them may come to wait.
    pub async fn gone(&mut self) {
        if let Some(gone) = self.gone.take() {
            // A worker that panicked has dropped its session and its end of the line; there is nothing to add here.
            let _ = gone.await;
        }
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
                Effect::Alarm(alarm, words) => self.out.extend(match alarm {
                    Alarm::Silent => None,
                    Alarm::Bell => Some(OutOfBand::Bell),
                    Alarm::Osc9 => Some(OutOfBand::Note9(Printable::line(&words))),
                    Alarm::Osc777 => Some(OutOfBand::Note777(Printable::line(&words))),
                }),
                Effect::Clipboard(value) => {
                    let now = self.app.model.env.now;
                    let text = value.show(now).map(|text| Zeroizing::new(text.to_owned()));
                    self.out.extend(text.map(OutOfBand::Clipboard));
                    let more = self.app.input(now, Msg::Copied);
                    self.carry_out(more);
                }
                other => {
                    self.unanswered += u32::from(!matches!(other, Effect::Lock | Effect::Active | Effect::At(_)));
                    if let Some(line) = &self.line {
                        line.push(Task::Effect(other));
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
        if self.rest.take_if(|due| *due <= now).is_some()
            && let Some(line) = &self.line
        {
            line.push(Task::Rest);
        }
        if self.look_again.take_if(|due| *due <= now).is_some() {
            self.changed.store(false, Ordering::Release);
            if self.take(now, Msg::Changed) == Flow::Quit {
                return Flow::Quit;
            }
        }
        if self.app.next_tick().is_some_and(|due| due <= now) { self.take(now, Msg::Tick(now)) } else { Flow::Continue }
    }

    fn wake(&mut self, now: Timestamp) -> Flow {
        if self.changed.load(Ordering::Acquire) {
            self.look_again.get_or_insert(Timestamp(now.0.saturating_add(TOGETHER_MS)));
        }
        if self.unanswered > 0 {
            self.rest = Some(now.plus_seconds(REST_SECONDS));
        }
        while let Ok(msg) = self.answers.try_recv() {
            if !matches!(msg, Msg::Progress(..) | Msg::Queued(_)) {
                self.unanswered = self.unanswered.saturating_sub(1);
            }
            if self.take(now, msg) == Flow::Quit {
                return Flow::Quit;
            }
        }
        Flow::Continue
    }

    fn next_wake(&self) -> Option<Timestamp> {
        [self.app.next_tick(), self.rest, self.look_again].into_iter().flatten().min()
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
        if let Some(line) = self.line.take() {
            let (left, gone) = oneshot::channel();
            line.leave(Task::Leave(left));
            self.gone = Some(gone);
        }
    }
}

/// Brings word of a line for turns to the program.
fn told(answered: Sender<Msg>, waker: Waker) -> Told {
    Arc::new(move |queued| {
        // Where the program is gone, nobody waits.
        let _ = answered.send(Msg::Queued(queued));
        waker();
    })
}

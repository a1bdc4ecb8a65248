//! The loop of a session, the same for every host: take input in, let the program change, draw what it became.
//!
//! **Invariant:** nothing is drawn while earlier output waits, and then only the newest state; one turn of the loop
//! takes in a bounded amount of input; waiting is always for a happening or a deadline; a panic in the program ends this
//! session with [`End::Panicked`] and shows nothing of what it was about; whatever ends a session, the program is told
//! and the terminal given back.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use zeroize::Zeroizing;

use super::encoder::{self, Capabilities, Encoder, OutOfBand, ScrollHint};
use super::input::{InputEvent, MouseUse, TerminalReply, Tokenizer};
use super::mailbox::{Happening, Inbox};
use crate::clock::{Clock, Timestamp};

/// The widest screen that is drawn; a wider terminal is used in part.
pub const MAX_COLUMNS: u16 = 1000;
/// The highest screen that is drawn.
pub const MAX_ROWS: u16 = 500;
/// The size taken where a terminal does not know its own.
const UNKNOWN_SIZE: (u16, u16) = (80, 24);

/// How long the size must rest before it is acted on, in milliseconds.
const RESIZE_MS: i64 = 30;
/// How long output may stand still before the session ends, in milliseconds.
const STALL_MS: i64 = 60_000;
/// A terminal that answered once is not waited for longer than this, in milliseconds.
const ANSWER_MS: i64 = 5_000;
/// The longest wait for a happening, so that a clock set back delays nothing for longer.
const LONGEST_WAIT_MS: i64 = 60_000;
/// The shortest wait after a tick, so that a program whose deadline does not move cannot take a whole processor.
const TICK_REST_MS: i64 = 20;
/// The most bytes taken in before the program is drawn.
const TURN: usize = 4096;

/// What the loop does after the program has taken something in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Go on, and send the whole screen again.
    Redraw,
    /// End the session.
    Quit,
    /// Set the program aside, where the host can.
    Suspend,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The person left.
    Quit,
    /// The terminal is gone.
    HangUp,
    /// The system, or whoever runs it, asked the program to stop.
    Terminated,
    /// The terminal took nothing in for a minute.
    Stalled,
    /// The program failed within.
    Panicked,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quit => "the session was ended",
            Self::HangUp => "the terminal hung up",
            Self::Terminated => "the session was stopped from outside",
            Self::Stalled => "the terminal took nothing in for a minute",
            Self::Panicked => "the program failed within and stopped; what was saved before is safe",
        })
    }
}

/// What a program says of the frame it drew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Where text goes, if anywhere.
    pub cursor: Option<Position>,
    /// Which rows moved since the last frame.
    pub scroll: Option<ScrollHint>,
}

/// A program that a host can run.
pub trait Program {
    /// Takes in a key, a paste, a click or a terminal's answer.
    fn input(&mut self, event: InputEvent, now: Timestamp) -> Flow;
    /// The screen has this many columns and rows, both at least 1. Called once before anything else.
    fn resize(&mut self, columns: u16, rows: u16, now: Timestamp);
    /// The moment that [`Program::next_wake`] named has come.
    fn tick(&mut self, now: Timestamp) -> Flow;
    /// An answer from background work waits.
    fn wake(&mut self, now: Timestamp) -> Flow;
    /// When it wants [`Program::tick`], if at all.
    fn next_wake(&self) -> Option<Timestamp>;
    /// Whether it looks different from what it drew last.
    fn dirty(&self) -> bool;
    /// Draws itself into an empty frame.
    fn draw(&mut self, frame: &mut Buffer) -> Drawn;
    /// What it wants sent beside the picture.
    fn take_out_of_band(&mut self) -> Vec<OutOfBand>;
    /// It is about to be set aside; nothing revealed may stay.
    fn suspend(&mut self, now: Timestamp);
    /// The session is over.
    fn end(&mut self, why: End);
}

/// What a loop needs of the place it runs in.
pub trait Host {
    /// Columns and rows as the terminal tells them; 0 where it does not know.
    fn size(&self) -> (u16, u16);
    /// Whether everything sent has gone out.
    fn ready(&self) -> bool;
    /// How many bytes have gone out in all.
    fn written(&self) -> u64;
    /// Sends bytes; must not block.
    fn send(&mut self, bytes: Zeroizing<Vec<u8>>);
    /// Gives the terminal back and stops the process until it is continued. Where that makes no sense, nothing.
    fn suspend(&mut self);
    /// Takes the terminal over again; what it shows is unknown.
    fn resume(&mut self);
    /// Blanks the screen and gives the terminal back for good.
    fn finish(&mut self);
}

/// What a loop works with.
pub struct Place<'a> {
    /// What runs.
    pub program: &'a mut dyn Program,
    /// Where.
    pub host: &'a mut dyn Host,
    /// The time.
    pub clock: &'a dyn Clock,
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}

/// Runs `program` until it ends, and says why it did.
pub fn run(
    program: &mut dyn Program,
    host: &mut dyn Host,
    inbox: &Inbox,
    clock: &dyn Clock,
    capabilities: Capabilities,
) -> End {
    let mut place = Place { program, host, clock };
    let mut turns = Turns::new(capabilities);
    let over: Result<(), End> = guarded(|| {
        turns.begin(&mut place);
        loop {
            let wait = turns.pause(&mut place)?;
            let mut next = inbox.wait(wait);
            let mut taken = 0;
            while let Some(happening) = next {
                taken += turns.take(happening, &mut place)?;
                next = if taken < TURN { inbox.poll() } else { None };
            }
            let woken = if inbox.take_woken() { Woken::Yes } else { Woken::No };
            turns.finish(taken, woken, &mut place)?;
        }
    });
    leave(&mut place, over.err().unwrap_or(End::Quit))
}

/// Does what belongs to one session: a panic ends that session and nothing else.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, End>) -> Result<T, End> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(End::Panicked))
}

/// Tells the program that it is over and gives the terminal back; what was the matter, in the end.
pub fn leave(place: &mut Place<'_>, end: End) -> End {
    // A program that failed may fail again when it is told: the terminal is given back all the same.
    let told = catch_unwind(AssertUnwindSafe(|| {
        if matches!(end, End::HangUp | End::Terminated | End::Stalled) {
            // The person did not choose to leave: what they were writing is kept for the next time.
            place.program.suspend(place.clock.now());
        }
        place.program.end(end);
    }));
    place.host.finish();
    if told.is_err() { End::Panicked } else { end }
}

/// The state of a loop between its turns. Whoever waits for happenings calls, over and over, [`Turns::pause`], waits as
/// long as that says, hands what happened to [`Turns::take`], and ends the turn with [`Turns::finish`].
#[derive(Debug)]
pub struct Turns {
    encoder: Encoder,
    tokenizer: Tokenizer,
    size: (u16, u16),
    redraw: bool,
    resize_due: Option<Timestamp>,
    /// The bytes that had gone out when that number last changed, and when it did; the far future while none wait.
    progress: (u64, Timestamp),
    pace: Pace,
    ticked: bool,
}

/// Whether the terminal says when it has taken a frame in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// It has not answered yet: frames are paced by what has been written.
    Unknown,
    /// It answers, and nothing is on its way.
    Free,
    /// A frame is on its way since.
    Due(Timestamp),
}

/// Whether an answer from background work waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// One may.
    Yes,
    /// None does.
    No,
}

/// What makes a loop end within: carried by `?`.
type Step = Result<(), End>;

thread_local! {
    /// The frame that is drawn at the moment. It is as large as a session's whole memory otherwise is, and wiped after
    /// each use, so one a thread serves all.
    static FRAME: RefCell<Buffer> = RefCell::new(Buffer::empty(Rect::ZERO));
}

impl Turns {
    /// Before the first turn.
    pub fn new(capabilities: Capabilities) -> Self {
        Self {
            encoder: Encoder::new(capabilities),
            tokenizer: Tokenizer::new(if capabilities.mouse { MouseUse::On } else { MouseUse::Off }),
            size: UNKNOWN_SIZE,
            redraw: true,
            resize_due: None,
            progress: (0, Timestamp(i64::MAX)),
            pace: Pace::Unknown,
            ticked: false,
        }
    }

    /// Takes the terminal over.
    pub fn begin(&mut self, place: &mut Place<'_>) {
        let mut out = Zeroizing::new(encoder::enter(&self.encoder.capabilities()));
        out.extend_from_slice(encoder::ASK_READY);
        place.host.send(out);
        self.resize(place);
    }

    /// Draws what is to be drawn, and says how long nothing needs to be done if nothing happens.
    pub fn pause(&mut self, place: &mut Place<'_>) -> Result<Duration, End> {
        self.draw(place);
        self.wait(place)
    }

    /// Ends a turn that took `taken` bytes in.
    pub fn finish(&mut self, taken: usize, woken: Woken, place: &mut Place<'_>) -> Step {
        if woken == Woken::Yes {
            let flow = place.program.wake(place.clock.now());
            self.follow(flow, place)?;
        }
        if taken == 0 {
            // Nothing waits to be read, so what a sequence still lacks has not arrived.
            self.expire(place)?;
        }
        let now = place.clock.now();
        if self.resize_due.is_some_and(|due| due <= now) {
            self.resize(place);
        }
        self.ticked = place.program.next_wake().is_some_and(|due| due <= now);
        if self.ticked {
            let flow = place.program.tick(now);
            self.follow(flow, place)?;
        }
        Ok(())
    }

    /// Attends to a happening; returns how many bytes it brought.
    pub fn take(&mut self, happening: Happening, place: &mut Place<'_>) -> Result<usize, End> {
        match happening {
            Happening::Bytes(bytes) => {
                let mut rest: &[u8] = &bytes;
                while !rest.is_empty() {
                    let mut events = Vec::new();
                    let taken = self.tokenizer.feed(rest, place.clock.now(), &mut events);
                    rest = rest.get(taken..).unwrap_or_default();
                    self.deliver(events, place)?;
                }
                return Ok(bytes.len());
            }
            Happening::Resized => {
                let due = place.clock.now().0.saturating_add(RESIZE_MS);
                self.resize_due.get_or_insert(Timestamp(due));
            }
            Happening::Nudge => {}
            Happening::Suspend => self.follow(Flow::Suspend, place)?,
            Happening::Continued => {
                place.host.resume();
                self.pace = Pace::Unknown;
                self.begin(place);
            }
            Happening::Stop(end) => return Err(end),
        }
        Ok(0)
    }

    fn deliver(&mut self, events: Vec<InputEvent>, place: &mut Place<'_>) -> Step {
        for event in events {
            match event {
                InputEvent::Reply(TerminalReply::Mode { mode: 2026, known }) => {
                    let capabilities = self.encoder.capabilities();
                    self.encoder.set_capabilities(Capabilities { sync: known, ..capabilities });
                }
                InputEvent::Reply(TerminalReply::Column(column)) => {
                    let before = self.encoder.capabilities();
                    let measured = encoder::measured(column, before);
                    self.redraw |= measured.ambiguous_wide != before.ambiguous_wide;
                    self.encoder.set_capabilities(measured);
                }
                InputEvent::Reply(TerminalReply::Ready) => self.pace = Pace::Free,
                event => {
                    let flow = place.program.input(event, place.clock.now());
                    self.follow(flow, place)?;
                }
            }
        }
        Ok(())
    }

    fn expire(&mut self, place: &mut Place<'_>) -> Step {
        let mut events = Vec::new();
        self.tokenizer.expire(place.clock.now(), &mut events);
        self.deliver(events, place)
    }

    fn follow(&mut self, flow: Flow, place: &mut Place<'_>) -> Step {
        match flow {
            Flow::Continue => {}
            Flow::Redraw => {
                self.encoder.forget();
                self.redraw = true;
            }
            Flow::Quit => return Err(End::Quit),
            Flow::Suspend => {
                place.program.suspend(place.clock.now());
                self.encoder.forget();
                self.redraw = true;
                place.host.suspend();
            }
        }
        Ok(())
    }

    fn resize(&mut self, place: &mut Place<'_>) {
        self.resize_due = None;
        let (columns, rows) = place.host.size();
        let known = |size: u16, unknown: u16, max: u16| if size == 0 { unknown } else { size.min(max) };
        let columns = known(columns, UNKNOWN_SIZE.0, MAX_COLUMNS);
        let rows = known(rows, UNKNOWN_SIZE.1, MAX_ROWS);
        self.size = (columns, rows);
        // A terminal moves text about when its size changes, also if it comes back to where it was.
        self.encoder.forget();
        self.redraw = true;
        place.program.resize(columns, rows, place.clock.now());
    }

    fn draw(&mut self, place: &mut Place<'_>) {
        let now = place.clock.now();
        if let Pace::Due(since) = self.pace
            && now.since(since) >= ANSWER_MS
        {
            // The answer was lost on its way; the next frame asks again.
            self.pace = Pace::Free;
        }
        if !place.host.ready() || self.resize_due.is_some() || matches!(self.pace, Pace::Due(_)) {
            return;
        }
        let mut out = Zeroizing::new(Vec::new());
        if self.redraw || place.program.dirty() {
            self.redraw = false;
            let (columns, rows) = self.size;
            FRAME.with_borrow_mut(|frame| {
                frame.reset();
                frame.resize(Rect::new(0, 0, columns, rows));
                let drawn = place.program.draw(frame);
                self.encoder.encode(frame, drawn.cursor, drawn.scroll, &mut out);
                frame.reset();
            });
        }
        for message in place.program.take_out_of_band() {
            encoder::out_of_band(&message, &mut out);
        }
        if out.is_empty() {
            return;
        }
        if self.pace == Pace::Free {
            out.extend_from_slice(encoder::ASK_READY);
            self.pace = Pace::Due(now);
        }
        place.host.send(out);
    }

    /// How long nothing needs to be done if nothing happens; an error if output has stood still for too long.
    fn wait(&mut self, place: &Place<'_>) -> Result<Duration, End> {
        let now = place.clock.now();
        let mut due = now.0.saturating_add(LONGEST_WAIT_MS);
        if place.host.ready() {
            self.progress.1 = Timestamp(i64::MAX);
        } else {
            let written = place.host.written();
            if written != self.progress.0 || self.progress.1 > now {
                self.progress = (written, now);
            }
            let stalls = self.progress.1.0.saturating_add(STALL_MS);
            if stalls <= now.0 {
                return Err(End::Stalled);
            }
            due = due.min(stalls);
        }
        let answer =
            if let Pace::Due(since) = self.pace { Some(Timestamp(since.0.saturating_add(ANSWER_MS))) } else { None };
        for deadline in [self.tokenizer.deadline(), self.resize_due, answer] {
            due = due.min(deadline.map_or(i64::MAX, |deadline| deadline.0));
        }
        if let Some(wake) = place.program.next_wake() {
            let rest = if self.ticked { TICK_REST_MS } else { 0 };
            due = due.min(wake.0.max(now.0.saturating_add(rest)));
        }
        let wait = due.saturating_sub(now.0).clamp(0, LONGEST_WAIT_MS);
        Ok(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
    }
}

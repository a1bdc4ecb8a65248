//! The loop against a program and a terminal that tests play: order, pace, ends.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use chrono::{FixedOffset, Offset, Utc};
use ratatui::style::Style;

use super::*;
use crate::app::key::{Key, KeyCode};
use crate::hosts::mailbox::{Mailbox, mailbox};

/// A clock that moves by a fixed step each time it is looked at.
struct Stepping {
    now: AtomicI64,
    step: i64,
}

impl Clock for Stepping {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(self.step, Ordering::SeqCst))
    }

    fn offset(&self, _: Timestamp) -> FixedOffset {
        Utc.fix()
    }
}

/// A terminal in memory.
struct Desk {
    size: (u16, u16),
    blocked: Arc<Mutex<bool>>,
    sent: Vec<Vec<u8>>,
    finished: usize,
}

impl Desk {
    fn new(width: u16, height: u16) -> Self {
        Self { size: (width, height), blocked: Arc::default(), sent: Vec::new(), finished: 0 }
    }

    fn screen(&self) -> String {
        let mut terminal = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        self.sent.iter().for_each(|bytes| terminal.process(bytes));
        terminal.screen().contents()
    }
}

impl Host for Desk {
    fn size(&self) -> (u16, u16) {
        self.size
    }

    fn ready(&self) -> bool {
        !*self.blocked.lock().unwrap()
    }

    fn written(&self) -> u64 {
        0
    }

    fn send(&mut self, bytes: Zeroizing<Vec<u8>>) {
        self.sent.push(bytes.to_vec());
    }

    fn suspend(&mut self) {
        self.sent.push(b"suspended".to_vec());
    }

    fn resume(&mut self) {}

    fn finish(&mut self) {
        self.finished += 1;
    }
}

/// Shows what was typed last, and how often it was asked to do what.
#[derive(Default)]
struct Toy {
    events: Vec<InputEvent>,
    sizes: Vec<(u16, u16)>,
    draws: usize,
    wakes: usize,
    ended: Option<End>,
    dirty: bool,
    unblock_at: Option<(usize, Arc<Mutex<bool>>)>,
}

impl Program for Toy {
    fn input(&mut self, event: InputEvent, _: Timestamp) -> Flow {
        self.dirty = true;
        let flow = match event {
            InputEvent::Key(Key { code: KeyCode::Char('q'), .. }) => Flow::Quit,
            InputEvent::Key(Key { code: KeyCode::Char('z'), .. }) => Flow::Suspend,
            InputEvent::Key(Key { code: KeyCode::Char('!'), .. }) => panic!("a value that nobody may see"),
            _ => Flow::Continue,
        };
        self.events.push(event);
        if let Some((at, blocked)) = &self.unblock_at {
            *blocked.lock().unwrap() = self.events.len() < *at;
        }
        flow
    }

    fn resize(&mut self, columns: u16, rows: u16, _: Timestamp) {
        self.sizes.push((columns, rows));
    }

    fn tick(&mut self, _: Timestamp) -> Flow {
        Flow::Continue
    }

    fn wake(&mut self, _: Timestamp) -> Flow {
        self.wakes += 1;
        Flow::Quit
    }

    fn next_wake(&self) -> Option<Timestamp> {
        None
    }

    fn dirty(&self) -> bool {
        self.dirty
    }

    fn draw(&mut self, frame: &mut Buffer) -> Drawn {
        self.draws += 1;
        self.dirty = false;
        if frame.area.width >= 20 {
            frame.set_string(0, 0, format!("{} events", self.events.len()), Style::new());
        }
        Drawn::default()
    }

    fn take_out_of_band(&mut self) -> Vec<OutOfBand> {
        Vec::new()
    }

    fn suspend(&mut self, _: Timestamp) {}

    fn end(&mut self, why: End) {
        self.ended = Some(why);
    }
}

/// Runs a toy on a desk while `feed` sends from a thread of its own.
fn check(toy: &mut Toy, desk: &mut Desk, step: i64, feed: impl FnOnce(Mailbox) + Send + 'static) -> End {
    let (mailbox, inbox) = mailbox();
    let feeder = thread::spawn(move || feed(mailbox));
    let clock = Stepping { now: AtomicI64::new(1_000_000), step };
    let end = run(toy, desk, &inbox, &clock, Capabilities::default());
    drop(inbox);
    feeder.join().unwrap();
    assert_eq!(toy.ended, Some(end));
    assert_eq!(desk.finished, 1, "the terminal is given back once");
    end
}

fn bytes(text: &[u8]) -> Happening {
    Happening::Bytes(Zeroizing::new(text.to_vec()))
}

#[test]
fn keys_reach_the_program_and_the_program_the_screen() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    toy.unblock_at = Some((3, Arc::clone(&desk.blocked)));
    let end = check(&mut toy, &mut desk, 0, |to| {
        to.send(bytes(b"a\x1b"));
        to.send(bytes(b"[B"));
        to.send(bytes(b"\x1b]11;rgb:0/0/0\x07x"));
        to.send(Happening::Nudge);
        to.waker()();
    });
    assert_eq!(end, End::Quit);
    assert_eq!(toy.wakes, 1);
    assert_eq!(toy.events[0], InputEvent::Key(Key::char('a')));
    assert_eq!(toy.events[1], InputEvent::Key(KeyCode::Down.into()));
    assert!(
        toy.events[2..].iter().all(|event| !matches!(event, InputEvent::Key(key) if key.code != KeyCode::Char('x')))
    );
    assert!(desk.screen().contains("events"));
}

#[test]
fn nothing_is_drawn_while_output_waits_and_then_only_the_newest() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    *desk.blocked.lock().unwrap() = true;
    toy.unblock_at = Some((300, Arc::clone(&desk.blocked)));
    let end = check(&mut toy, &mut desk, 0, |to| {
        for _ in 0..300 {
            to.send(bytes(b"a"));
        }
    });
    assert_eq!(end, End::HangUp);
    assert_eq!(toy.draws, 1);
    assert!(desk.screen().starts_with("300 events"));
}

#[test]
fn a_storm_of_resizes_is_acted_on_once_in_a_while() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    check(&mut toy, &mut desk, 1, |to| {
        for _ in 0..3000 {
            to.send(Happening::Resized);
        }
        to.send(bytes(b"q"));
    });
    // The clock goes a millisecond at each look, of which there are up to five a turn, as the threads happen to meet.
    assert!(toy.sizes.len() > 1 && toy.sizes.len() <= 3000 * 5 / 30, "{}", toy.sizes.len());
}

#[test]
fn sizes_that_terminals_should_not_tell_are_brought_within_bounds() {
    for (told, used) in [
        ((0, 0), UNKNOWN_SIZE),
        ((0, 10), (80, 10)),
        ((1, 1), (1, 1)),
        ((500, 200), (500, 200)),
        ((u16::MAX, u16::MAX), (MAX_COLUMNS, MAX_ROWS)),
    ] {
        let (mut toy, mut desk) = (Toy::default(), Desk::new(told.0, told.1));
        check(&mut toy, &mut desk, 0, |to| {
            to.send(bytes(b"q"));
        });
        assert_eq!(toy.sizes, [used]);
    }
}

#[test]
fn a_panic_ends_the_session_and_gives_the_terminal_back_without_a_word_of_it() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    let end = check(&mut toy, &mut desk, 0, |to| {
        to.send(bytes(b"!"));
    });
    assert_eq!(end, End::Panicked);
    assert!(!end.to_string().contains("value") && !desk.screen().contains("value"));
}

#[test]
fn output_that_stands_still_for_a_minute_ends_the_session() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    *desk.blocked.lock().unwrap() = true;
    let end = check(&mut toy, &mut desk, 1000, |to| while to.send(Happening::Nudge) {});
    assert_eq!(end, End::Stalled);
}

#[test]
fn a_megabyte_typed_at_once_arrives_whole() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    let end = check(&mut toy, &mut desk, 0, |to| {
        for _ in 0..256 {
            to.send(bytes(&[b'a'; 4096]));
        }
    });
    assert_eq!(end, End::HangUp);
    assert_eq!(toy.events.len(), 1 << 20);
}

#[test]
fn a_terminal_that_knows_synchronized_updates_gets_them() {
    let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
    check(&mut toy, &mut desk, 0, |to| {
        to.send(bytes(b"\x1b[?2026;2$y"));
        to.send(bytes(b"z"));
        to.send(Happening::Continued);
        to.send(bytes(b"q"));
    });
    assert_eq!(toy.events.len(), 2, "the answer is not input");
    assert!(desk.sent.iter().any(|bytes| bytes == b"suspended"));
}

#[test]
fn a_terminal_that_draws_ambiguous_characters_wide_is_drawn_anew_for_it() {
    for (column, frames) in [(2, 1), (3, 2), (18, 1), (34, 1), (35, 2)] {
        let (mut toy, mut desk) = (Toy::default(), Desk::new(80, 24));
        check(&mut toy, &mut desk, 0, move |to| {
            to.send(bytes(format!("\x1b[3;{column}R").as_bytes()));
            to.send(Happening::Nudge);
        });
        let erased = |bytes: &Vec<u8>| bytes.windows(4).any(|part| part == b"\x1b[2J");
        assert_eq!(desk.sent.iter().filter(|bytes| erased(bytes)).count(), frames);
        assert_eq!(toy.events, [], "the answer is not input");
    }
}

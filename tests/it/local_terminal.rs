//! The local host in a real pty: it takes the terminal over, follows its size and signals, and always gives it back.

use portable_pty::CommandBuilder;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::Style;
use veilbook::app::key::{Key, KeyCode};
use veilbook::clock::{SystemClock, Timestamp};
use veilbook::hosts::drive::{Drawn, End, Flow, Program};
use veilbook::hosts::encoder::OutOfBand;
use veilbook::hosts::input::{InputEvent, MouseUse};
use veilbook::hosts::local::{self, Environment};

use crate::pty::Pty;

/// Shows the size and the last event.
struct Toy {
    text: String,
    dirty: bool,
}

impl Program for Toy {
    fn input(&mut self, event: InputEvent, _: Timestamp) -> Flow {
        self.dirty = true;
        self.text = match &event {
            InputEvent::Paste(text) => format!("pasted {}", text.lines().count()),
            event => format!("{event:?}"),
        };
        match event {
            InputEvent::Key(Key { code: KeyCode::Char('q'), .. }) => Flow::Quit,
            InputEvent::Key(Key { code: KeyCode::Char('!'), .. }) => panic!("138-0000-1234"),
            InputEvent::Key(key) if key == Key::ctrl('z') => Flow::Suspend,
            _ => Flow::Continue,
        }
    }

    fn resize(&mut self, columns: u16, rows: u16, _: Timestamp) {
        self.text = format!("{columns} by {rows}");
    }

    fn tick(&mut self, _: Timestamp) -> Flow {
        Flow::Continue
    }

    fn wake(&mut self, _: Timestamp) -> Flow {
        Flow::Continue
    }

    fn next_wake(&self) -> Option<Timestamp> {
        None
    }

    fn dirty(&self) -> bool {
        self.dirty
    }

    fn draw(&mut self, frame: &mut Buffer) -> Drawn {
        self.dirty = false;
        let area = frame.area;
        frame.set_stringn(0, area.height / 2, format!("<{}>", self.text), usize::from(area.width), Style::new());
        Drawn { cursor: Some(Position::new(0, 0)), scroll: None }
    }

    fn take_out_of_band(&mut self) -> Vec<OutOfBand> {
        Vec::new()
    }

    fn suspend(&mut self, _: Timestamp) {
        self.text = "suspended".to_owned();
    }

    fn end(&mut self, _: End) {}
}

#[test]
#[ignore = "the other tests run it in terminals of their own"]
fn toy_program() {
    let environment = Environment::read(|name| std::env::var(name).ok());
    let end = local::run(&environment, MouseUse::Off, &SystemClock, |_, _| Toy { text: String::new(), dirty: false });
    match end {
        Ok(end) => println!("ended: {end}"),
        Err(refusal) => println!("refused: {refusal}"),
    }
}

fn toy(term: Option<&str>, columns: u16, rows: u16) -> Pty {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "local_terminal::toy_program", "--ignored", "--nocapture"]);
    command.env_remove("COLORTERM");
    command.env_remove("NO_COLOR");
    match term {
        Some(term) => command.env("TERM", term),
        None => command.env_remove("TERM"),
    }
    Pty::spawn(command, columns, rows)
}

fn signal(pty: &Pty, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pty.pid()).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

fn assert_given_back(pty: &Pty) {
    let screen = pty.screen();
    assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
    assert!(pty.bytes().windows(4).any(|bytes| bytes == b"\x1b[<u"));
}

#[test]
fn keys_pastes_and_sizes_reach_the_program_and_quitting_restores_the_terminal() {
    let mut pty = toy(Some("xterm-256color"), 80, 24);
    pty.wait_for("<80 by 24>");
    assert!(pty.screen().alternate_screen() && pty.screen().bracketed_paste());
    pty.keys("\x1b[B").wait_for("<Key(down)>");
    pty.keys("\x1b").wait_for("<Key(esc)>");
    pty.keys("\x1b[200~one\rtwo\x1b[201~").wait_for("<pasted 2>");
    pty.keys("\x1b]11;rgb:0000/0000/0000\x1b\\").wait_for("Background");
    pty.resize(40, 10).wait_for("<40 by 10>");
    pty.resize(1, 1).wait("a screen of one cell", |screen| screen.contents() == "<");
    pty.resize(80, 24).wait_for("<80 by 24>");
    pty.keys("q");
    pty.exit();
    assert_given_back(&pty);
    assert!(pty.screen_text().contains("ended: the session was ended"), "{}", pty.screen_text());
}

#[test]
fn a_storm_of_sizes_ends_with_the_last() {
    let mut pty = toy(Some("xterm"), 80, 24);
    pty.wait_for("<80 by 24>");
    for n in 0..200 {
        pty.resize(20 + n, 5 + n / 10);
    }
    pty.resize(100, 30).wait_for("<100 by 30>");
}

#[test]
fn a_panic_restores_the_terminal_and_says_nothing_of_what_it_was_about() {
    let mut pty = toy(Some("xterm"), 80, 24);
    pty.wait_for("<80 by 24>").keys("!");
    pty.exit();
    assert_given_back(&pty);
    assert!(pty.screen_text().contains("ended: the program failed within"));
    assert!(!pty.bytes().windows(4).any(|bytes| bytes == b"1234"));
}

#[test]
fn being_told_to_stop_restores_the_terminal() {
    for number in [rustix::process::Signal::TERM, rustix::process::Signal::HUP, rustix::process::Signal::INT] {
        let mut pty = toy(Some("xterm"), 80, 24);
        pty.wait_for("<80 by 24>");
        signal(&pty, number);
        pty.exit();
        assert_given_back(&pty);
    }
}

#[test]
fn a_program_set_aside_gives_the_terminal_back_and_takes_it_again() {
    let mut pty = toy(Some("xterm"), 80, 24);
    pty.wait_for("<80 by 24>").keys("\x1a");
    pty.wait("the terminal given back", |screen| !screen.alternate_screen());
    // The process stops a moment after it has given the terminal back.
    pty.wait_prompting(
        "the program again",
        |screen| screen.alternate_screen() && screen.contents().contains("<80 by 24>"),
        |pty| signal(pty, rustix::process::Signal::CONT),
    );
    pty.keys("q");
    pty.exit();
    assert_given_back(&pty);
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_is_refused_in_words() {
    for (term, words) in [(None, "TERM is not set"), (Some("dumb"), "cannot move its cursor")] {
        let mut pty = toy(term, 80, 24);
        pty.exit();
        assert!(pty.screen_text().contains(words), "{}", pty.screen_text());
        assert!(!pty.bytes().contains(&0x1B));
    }
}

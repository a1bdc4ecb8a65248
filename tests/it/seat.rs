//! The program seated before a real session: keys in, pictures out, answers from the vault itself.
//!
//! **Invariant:** nothing is made up here; what a picture shows came through the door.

use std::ops::ControlFlow;
use std::str::FromStr;

use chrono::FixedOffset;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;
use veilbook::app::effect::Effect;
use veilbook::app::env::Env;
use veilbook::app::i18n::Words;
use veilbook::app::key::Key;
use veilbook::app::keymap::Keymap;
use veilbook::app::model::Start;
use veilbook::app::msg::{Answer, Msg};
use veilbook::app::program::App;
use veilbook::app::theme::Theme;
use veilbook::clock::Timestamp;
use veilbook::domain::field::Lang;
use veilbook::service::{Done, Session};

use crate::house::NOON;

pub struct Seat<'s> {
    app: App,
    session: &'s Session,
    pub now: Timestamp,
    size: (u16, u16),
    /// What nobody answers: the clipboard, the lock, leaving. Also the Debug of every effect and answer.
    pub log: String,
}

impl<'s> Seat<'s> {
    pub fn new(session: &'s Session, size: (u16, u16)) -> Self {
        let keymap = Keymap::shipped("arrows").unwrap();
        let offset = FixedOffset::east_opt(8 * 3_600).unwrap();
        let env = Env::new(NOON, offset, Words::new(Lang::En), Theme::Dark, keymap);
        let (app, effects) = App::new(env, Start::SignedIn, "");
        let mut seat = Self { app, session, now: NOON, size, log: String::new() };
        seat.send(Msg::Resize(size.0, size.1));
        seat.carry_out(effects);
        seat
    }

    pub fn send(&mut self, msg: Msg) -> &mut Self {
        let effects = self.app.input(self.now, msg);
        self.carry_out(effects);
        self
    }

    /// Presses keys in the notation of keymaps, with spaces between.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.send(Msg::Key(Key::from_str(key).unwrap_or_else(|_| panic!("{key}"))));
        }
        self
    }

    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.plus_seconds(seconds);
        self.send(Msg::Tick(self.now))
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut waiting = std::collections::VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            self.log.push_str(&format!("{effect:?}\n"));
            let msg = match effect {
                Effect::Ask(ticket, query) => Msg::Reply(ticket, Box::new(self.session.query(query).map(Answer::View))),
                Effect::Perform(ticket, action) => {
                    let done = self.session.perform(action).and_then(|done| match done {
                        Done::Hunt(hunt) => hunt.run(&mut |_| ControlFlow::Continue(())).map(Done::Pairs),
                        done => Ok(done),
                    });
                    Msg::Reply(ticket, Box::new(done.map(Answer::Done)))
                }
                Effect::Active => {
                    self.session.active();
                    continue;
                }
                _ => continue,
            };
            self.log.push_str(&format!("{msg:?}\n"));
            waiting.extend(self.app.input(self.now, msg));
        }
    }

    /// The screen as text, one line a row.
    pub fn screen(&mut self) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        self.app.draw(&mut buffer);
        let mut out = String::new();
        for y in 0..self.size.1 {
            let mut x = 0;
            while x < self.size.0 {
                let symbol = buffer[(x, y)].symbol();
                out.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap_or(1);
            }
            out.push('\n');
        }
        out
    }

    /// The model's Debug.
    pub fn debug(&self) -> String {
        format!("{:?}", self.app)
    }
}

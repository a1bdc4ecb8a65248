//! The program at 80×24 with somebody's session, without a terminal: keys in, drawn cells out, timed.
//!
//! **Invariant:** a key's time has all that follows from it: questions, answers, and the frame.

use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use veilbook::app::effect::Effect;
use veilbook::app::env::Env;
use veilbook::app::i18n::Words;
use veilbook::app::key::Key;
use veilbook::app::keymap::Keymap;
use veilbook::app::model::Start;
use veilbook::app::msg::{Answer, Msg};
use veilbook::app::program::App;
use veilbook::app::theme::Theme;
use veilbook::clock::{Clock, SystemClock};
use veilbook::domain::field::Lang;
use veilbook::service::Session;

/// The program at 80×24 with its session, without a terminal.
pub struct Desk<'s> {
    app: App,
    session: &'s Session,
    buffer: Buffer,
}

impl<'s> Desk<'s> {
    /// Signed in, with the first screen drawn.
    pub fn new(session: &'s Session) -> Self {
        let now = SystemClock.now();
        let keymap = Keymap::shipped("arrows").unwrap();
        let env = Env::new(now, SystemClock.offset(now), Words::new(Lang::En), Theme::default(), keymap);
        let (app, effects) = App::new(env, Start::SignedIn, "");
        let mut desk = Self { app, session, buffer: Buffer::empty(Rect::new(0, 0, 80, 24)) };
        desk.carry_out(effects);
        desk.app.draw(&mut desk.buffer);
        desk
    }

    /// Presses some keys one after the other, each with all that follows from it, drawn; how long the last one took.
    pub fn press(&mut self, keys: &str) -> Duration {
        let mut took = Duration::ZERO;
        for key in keys.split(' ').map(|key| key.parse::<Key>().unwrap()) {
            let started = Instant::now();
            let effects = self.app.input(SystemClock.now(), Msg::Key(key));
            self.carry_out(effects);
            self.buffer.reset();
            self.app.draw(&mut self.buffer);
            took = started.elapsed();
        }
        took
    }

    fn carry_out(&mut self, mut effects: Vec<Effect>) {
        while !effects.is_empty() {
            for effect in std::mem::take(&mut effects) {
                let (ticket, answer) = match effect {
                    Effect::Ask(ticket, query) => (ticket, self.session.query(query).map(Answer::View)),
                    Effect::Perform(ticket, action) => (ticket, self.session.perform(action).map(Answer::Done)),
                    _ => continue,
                };
                effects.extend(self.app.input(SystemClock.now(), Msg::Reply(ticket, Box::new(answer))));
            }
        }
    }
}

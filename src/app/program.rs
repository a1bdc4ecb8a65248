//! The program as a host drives it: messages in, effects out, pictures on request.
//!
//! **Invariant:** a picture is drawn from the model alone; what the last picture was is remembered only to tell a
//! host how far a list scrolled.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::effect::Effect;
use super::env::Env;
use super::model::{Model, Phase, Start};
use super::msg::Msg;
use super::screen::frame;
use super::update::{WHICH_KEY_MS, update};
use super::widget::canvas::{Canvas, ListPlace};
use crate::clock::Timestamp;

/// The program.
#[derive(Debug)]
pub struct App {
    /// All that it knows.
    pub model: Model,
    last_list: Option<ListPlace>,
}

/// What was drawn besides cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Where the real cursor stands; nowhere if no text is typed.
    pub cursor: Option<Position>,
    /// How a list moved since the last picture.
    pub scroll: Option<Scroll>,
}

/// Rows that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    /// The first row of cells.
    pub top: u16,
    /// How many rows of cells.
    pub height: u16,
    /// By how many rows the content moved up; down if negative.
    pub up: i32,
}

impl App {
    /// The program at its beginning, with what is to be done first. `name` is filled in at the door.
    pub fn new(env: Env, start: Start, name: &str) -> (Self, Vec<Effect>) {
        let mut model = Model::new(env, start, name);
        let effects = std::mem::take(&mut model.env.effects);
        (Self { model, last_list: None }, effects)
    }

    /// Takes what happened at `now` and answers what is to be done.
    pub fn input(&mut self, now: Timestamp, msg: Msg) -> Vec<Effect> {
        self.model.env.now = now;
        update(&mut self.model, msg)
    }

    /// Draws into the whole of `buffer`.
    pub fn draw(&mut self, buffer: &mut Buffer) -> Drawn {
        let mut canvas = Canvas::new(buffer);
        frame::draw(&self.model, &mut canvas);
        let (cursor, list) = (canvas.cursor, canvas.list);
        let scroll = match (self.last_list, list) {
            (Some(was), Some(is)) if was.identity == is.identity && was.top == is.top && was.height == is.height => {
                let up = i32::try_from(is.first - was.first).unwrap_or(0);
                (up != 0 && up.unsigned_abs() < u32::from(is.height)).then_some(Scroll {
                    top: is.top,
                    height: is.height,
                    up,
                })
            }
            _ => None,
        };
        self.last_list = list;
        Drawn { cursor, scroll }
    }

    /// When the next `Msg::Tick` is wanted, if at all before something else happens.
    pub fn next_tick(&self) -> Option<Timestamp> {
        let now = self.model.env.now;
        let mut next: Option<Timestamp> = None;
        let mut want = |at: Timestamp| next = Some(next.map_or(at, |n: Timestamp| n.min(at)));
        if !self.model.pending.is_empty() && now.since(self.model.pending_since) < WHICH_KEY_MS {
            want(Timestamp(self.model.pending_since.0.saturating_add(WHICH_KEY_MS)));
        }
        let counts = match &self.model.phase {
            Phase::SignedIn(signed) => signed.counts_down(),
            _ => self.model.top().counts_down(),
        };
        if counts {
            want(now.plus_seconds(1));
        }
        if self.model.env.me.is_some() {
            let hold = super::update::backups_hold(&self.model);
            want(Timestamp(self.model.backups_asked.0.saturating_add(hold)));
        }
        if let Some(next) = self.model.reminding.next() {
            want(next);
        }
        if let Some(me) = &self.model.env.me {
            want(self.model.last_input.plus_seconds(i64::from(me.policy.idle_lock_seconds)));
        }
        next
    }
}

//! The palette: every command with its key; what is not available stays in sight with the reason.
//!
//! **Invariant:** choosing runs the command where the person was before the palette opened.

use ratatui::layout::Rect;

use crate::app::commands::{COMMANDS, Cmd, Place};
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::update;
use crate::app::widget::canvas::{Canvas, below, row};
use crate::app::widget::field::Field;
use crate::app::widget::frame::popup;
use crate::app::widget::input::LineInput;
use crate::app::widget::list::ListState;
use crate::text;

/// The palette that is open.
#[derive(Debug)]
pub struct Palette {
    rows: Vec<Entry>,
    words: LineInput,
    list: ListState,
}

#[derive(Debug)]
struct Entry {
    cmd: Cmd,
    keys: String,
    text: String,
    /// Other words that find it.
    other: String,
    /// Why it cannot be run.
    why: Option<String>,
}

impl Palette {
    /// Every command as it stands, those that can be run first.
    pub fn new(model: &Model) -> Self {
        let places = update::places(model);
        let env = &model.env;
        let mut rows: Vec<Entry> = COMMANDS
            .iter()
            .filter(|c| !moves(c.cmd))
            .map(|command| {
                let here = command.places.iter().any(|p| places.contains(p));
                let why = match update::check(model, command.cmd) {
                    Err(why) => Some(why.text(env)),
                    Ok(()) if !here => {
                        let place = command.places.first().map_or("", |p| p.code());
                        let place = crate::app::wording::code(env, "place", place);
                        Some(env.ta("why-elsewhere", &[("place", &place)]))
                    }
                    Ok(()) => None,
                };
                let (text, other) = (command.text(env), command.other_words(env));
                Entry { cmd: command.cmd, keys: env.keymap.key_of(command.cmd, &places), text, other, why }
            })
            .collect();
        rows.sort_by_key(|r| r.why.is_some());
        Self { rows, words: LineInput::default(), list: ListState::default() }
    }

    fn found(&self) -> Vec<&Entry> {
        let words = text::folded(self.words.text());
        let fits = |row: &&Entry| {
            let code = row.cmd.row().code.replace('_', " ");
            let hay = text::folded(&format!("{} {code} {}", row.text, row.other));
            words.split(' ').all(|word| hay.contains(word))
        };
        self.rows.iter().filter(fits).collect()
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(10)).max(1)
    }
}

/// Moving about needs no palette.
fn moves(cmd: Cmd) -> bool {
    matches!(
        cmd,
        Cmd::Up
            | Cmd::Down
            | Cmd::PageUp
            | Cmd::PageDown
            | Cmd::Top
            | Cmd::Bottom
            | Cmd::Submit
            | Cmd::NextField
            | Cmd::PreviousField
            | Cmd::Back
            | Cmd::Palette
            | Cmd::OtherWay
    )
}

impl Panel for Palette {
    fn places(&self) -> Vec<Place> {
        vec![Place::Palette]
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Submit, Cmd::Back]
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back | Cmd::Palette => env.close(),
            Cmd::Submit => match self.found().get(self.list.cursor()) {
                Some(Entry { why: Some(why), .. }) => env.bad(why.clone()),
                Some(entry) => {
                    let cmd = entry.cmd;
                    env.close();
                    env.run(cmd);
                }
                None => {}
            },
            _ => return self.list.run(cmd, self.found().len(), Self::height(env)),
        }
        Handled::Yes
    }

    fn key(&mut self, _env: &mut Env, key: Key) -> Handled {
        let handled = self.words.key(key);
        self.list = ListState::default();
        handled
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        self.words.paste(text);
        self.list = ListState::default();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(4);
        let inside = popup(env, canvas, area, (76, rows), &env.t("palette-title"));
        let prompt = canvas.text(inside, 0, 0, "> ", env.theme.style(Ink::Key));
        let mut field = row(inside, 0);
        field.x = field.x.saturating_add(prompt);
        field.width = field.width.saturating_sub(prompt);
        self.words.draw(canvas, field, env.theme.style(Ink::Plain));
        self.words.place_cursor(canvas, field);
        // The last row is for the reason why the chosen command is not available, in full.
        let list = below(inside, 1);
        let list = Rect { height: list.height.saturating_sub(1), ..list };
        let found = self.found();
        if found.is_empty() {
            canvas.text(list, 0, 0, &env.t("palette-none"), env.theme.style(Ink::Dim));
        }
        let window = self.list.window(found.len(), usize::from(list.height));
        for (at, (number, entry)) in found.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(list, u16::try_from(at).unwrap_or(u16::MAX));
            let ink = if entry.why.is_some() { Ink::Dim } else { Ink::Plain };
            canvas.text(line, 0, 0, &text::pad(&entry.keys, 11), env.theme.style(Ink::Key));
            let behind = canvas.text(line, 0, 12, &entry.text, env.theme.style(ink));
            if let Some(why) = &entry.why {
                canvas.text(line, 0, behind.saturating_add(2), &format!("({why})"), env.theme.style(Ink::Dim));
            }
            if number == self.list.cursor() {
                canvas.style(line, env.theme.style(Ink::Cursor));
                let why = entry.why.as_deref().unwrap_or_default();
                canvas.text(inside, inside.height.saturating_sub(1), 0, why, env.theme.style(Ink::Warn));
            }
        }
    }
}

//! Help: the keys that work where the person was, with what they do.
//!
//! **Invariant:** it shows the keys in force, never a list of its own.

use ratatui::layout::Rect;

use crate::app::commands::{COMMANDS, Cmd, Place};
use crate::app::env::Env;
use crate::app::model::Model;
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::{update, wording};
use crate::text;

/// The help that is open.
#[derive(Debug)]
pub struct Help {
    lines: Vec<Line>,
    list: ListState,
}

#[derive(Debug)]
enum Line {
    Heading(Place),
    Command(Cmd, String, Now),
    /// Those that show a saved view each: one line says what all of them do.
    Views(String),
}

/// Whether a command can be carried out as things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Now {
    Yes,
    No,
}

impl Help {
    /// Help for where the person is.
    pub fn new(model: &Model) -> Self {
        let (env, places) = (&model.env, update::places(model));
        let typing = model.top().typing() == Typing::Text;
        let (mut lines, mut taken) = (Vec::new(), Vec::new());
        for place in &places {
            let before = lines.len();
            for command in COMMANDS.iter().filter(|c| c.places.contains(place)) {
                // What an inner place says of a command is said once.
                if lines.iter().any(|line| matches!(line, Line::Command(cmd, ..) if *cmd == command.cmd)) {
                    continue;
                }
                if let Some(number) = command.cmd.view_number() {
                    if number == 1 && command.allowed(env).is_ok() {
                        lines.push(Line::Views(keys_of_views(env, *place)));
                    }
                    continue;
                }
                let mut keys = env.keymap.keys_of(command.cmd, &[*place]);
                // A key of an inner place is none of an outer one, and where text is typed letters are text.
                let is_letter = |key: &String| key.split(' ').next().is_some_and(|first| first.chars().count() == 1);
                keys.retain(|key| !(taken.contains(key) || typing && is_letter(key)));
                if !keys.is_empty() && command.allowed(env).is_ok() {
                    let now = if update::check(model, command.cmd).is_ok() { Now::Yes } else { Now::No };
                    lines.push(Line::Command(command.cmd, keys.join("  "), now));
                    taken.append(&mut keys);
                }
            }
            // What can be done now comes first.
            if let Some(own) = lines.get_mut(before..) {
                own.sort_by_key(|line| if let Line::Command(.., now) = line { *now } else { Now::Yes });
            }
            if lines.len() > before {
                lines.insert(before, Line::Heading(*place));
            }
        }
        Self { lines, list: ListState::default() }
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(7)).max(1)
    }
}

/// The first key of the first view and that of the last, `1 … 9`; all of them where somebody bound them otherwise.
fn keys_of_views(env: &Env, place: Place) -> String {
    let keys: Vec<String> = Cmd::SHOW_VIEW.iter().map(|cmd| env.keymap.key_of(*cmd, &[place])).collect();
    let in_order = keys.iter().enumerate().all(|(at, key)| *key == (at + 1).to_string());
    match keys.as_slice() {
        [first, .., last] if in_order => format!("{first} … {last}"),
        keys => keys.join("  "),
    }
}

impl Panel for Help {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Back, Cmd::PageDown]
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match cmd {
            Cmd::Back | Cmd::Help => {
                env.close();
                Handled::Yes
            }
            _ => self.list.run(cmd, self.lines.len(), Self::height(env)),
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let inside = popup(env, canvas, area, (76, rows), &env.t("help-title"));
        let key_width = 24.min(inside.width / 2);
        let window = self.list.window(self.lines.len(), usize::from(inside.height));
        let cursor = self.list.cursor();
        for (at, (number, line)) in self.lines.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line_area = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            match line {
                Line::Heading(place) => {
                    let name = wording::code(env, "place", place.code());
                    canvas.text(line_area, 0, 0, &name, env.theme.style(Ink::Strong));
                }
                Line::Command(_, keys, _) | Line::Views(keys) => {
                    let keys = text::pad(keys, usize::from(key_width));
                    let (what, now) = match line {
                        Line::Command(cmd, _, now) => (cmd.row().text(env), *now),
                        _ => (env.t("help-views"), Now::Yes),
                    };
                    let (key, plain) = if now == Now::Yes { (Ink::Key, Ink::Plain) } else { (Ink::Dim, Ink::Dim) };
                    canvas.text(line_area, 0, 0, &keys, env.theme.style(key));
                    canvas.text(line_area, 0, key_width + 1, &what, env.theme.style(plain));
                }
            }
            if number == cursor {
                canvas.style(line_area, env.theme.style(Ink::CursorAway));
            }
        }
    }
}

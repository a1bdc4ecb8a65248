//! The tags: how many customers have each, and renaming, merging, retiring and removing them.
//!
//! **Invariant:** what changes everybody who has a tag says so, with how many they are, before the key that does it.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::leaving::confirms;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::field::Field;
use crate::app::widget::frame::popup;
use crate::app::widget::input::LineInput;
use crate::app::widget::list::ListState;
use crate::domain::role::{Permission, Scope};
use crate::service::tags::TagAction;
use crate::service::view::{Retired, TagRow, Total};
use crate::service::{Action, Done, Query, View};
use crate::text::{self, Printable, folded, half_width};

/// The tags that are looked at.
#[derive(Debug, Default)]
pub struct Tags {
    rows: Option<Vec<TagRow>>,
    list: ListState,
    asked: Option<Ticket>,
    doing: Option<Ticket>,
    mode: Mode,
}

#[derive(Debug, Default)]
enum Mode {
    #[default]
    List,
    /// The new name of the tag under the cursor.
    Renaming(Box<LineInput>),
    /// Whether it is to be taken off everybody.
    Removing,
}

/// How many there are, in words.
fn count(env: &Env, total: Total) -> String {
    match total {
        Total::Exactly(n) => n.to_string(),
        Total::AtLeast(n) => env.ta("tags-at-least", &[("n", &n)]),
    }
}

impl Tags {
    fn rows(&self) -> &[TagRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&TagRow> {
        self.rows().get(self.list.cursor())
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(10)).max(1)
    }

    fn may_change(env: &Env) -> bool {
        let everybody = env.me.as_ref().is_some_and(|me| me.role.scope == Scope::All);
        everybody && env.may(Permission::EditCustomers)
    }

    fn act(&mut self, env: &mut Env, action: TagAction) {
        self.mode = Mode::List;
        self.doing = Some(env.perform(Action::Tags(action)));
    }

    fn show(&self, env: &mut Env) {
        if let Some(row) = self.current() {
            let query = format!("tag:\"{}\"", row.tag.replace('"', ""));
            env.close();
            env.find(&query);
        }
    }

    /// A letter in the list.
    fn letter(&mut self, env: &mut Env, letter: char) -> Handled {
        let Some(row) = self.current().cloned() else { return Handled::No };
        if !Self::may_change(env) && matches!(letter, 'e' | 'x' | 't') {
            env.bad(env.t("tags-only-counts"));
            return Handled::Yes;
        }
        match letter {
            'e' => self.mode = Mode::Renaming(Box::new(LineInput::new(&row.tag).at_most(40))),
            'x' => self.mode = Mode::Removing,
            't' => {
                let tag = Printable::line(&row.tag);
                let retired = row.retired == Retired::Yes;
                self.act(env, if retired { TagAction::Offer(tag) } else { TagAction::Retire(tag) });
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// The line at the foot: what the keys do, or what is about to be done.
    fn foot(&self, env: &Env) -> (String, Ink) {
        match (&self.mode, self.current()) {
            (Mode::Removing, Some(row)) => {
                let n = count(env, row.count);
                (env.ta("tags-remove-ask", &[("tag", &row.tag), ("n", &n)]), Ink::Warn)
            }
            (Mode::Renaming(input), Some(row)) => {
                let new = folded(input.text());
                let other = self.rows().iter().find(|other| folded(&other.tag) == new && new != folded(&row.tag));
                let n = count(env, row.count);
                match other {
                    Some(other) => (env.ta("tags-merge-hint", &[("n", &n), ("other", &other.tag)]), Ink::Warn),
                    None => (env.ta("tags-rename-hint", &[("n", &n)]), Ink::Dim),
                }
            }
            _ if self.doing.is_some() => (env.t("form-saving"), Ink::Dim),
            _ if Self::may_change(env) => (env.t("tags-hint"), Ink::Dim),
            _ => (env.t("tags-only-counts"), Ink::Dim),
        }
    }
}

impl Panel for Tags {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn typing(&self) -> Typing {
        if matches!(self.mode, Mode::List) { Typing::Keys } else { Typing::Text }
    }

    fn footer(&self) -> Vec<Cmd> {
        match self.mode {
            Mode::List => vec![Cmd::Up, Cmd::Down, Cmd::Back],
            _ => vec![Cmd::Back],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Tags));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match (cmd, &self.mode) {
            (Cmd::Back, Mode::List) => env.close(),
            (Cmd::Back, _) => self.mode = Mode::List,
            (_, Mode::List) => return self.list.run(cmd, self.rows().len(), Self::height(env)),
            _ => {}
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let tag = self.current().map(|row| Printable::line(&row.tag));
        match (&mut self.mode, key.code, tag) {
            (Mode::Renaming(input), KeyCode::Enter, Some(tag)) => {
                let new = Printable::line(input.text());
                if new.is_empty() || new == tag {
                    self.mode = Mode::List;
                } else {
                    self.act(env, TagAction::Rename(tag, new));
                }
                Handled::Yes
            }
            (Mode::Renaming(input), ..) => input.key(key),
            (Mode::Removing, _, Some(tag)) if confirms(key) => {
                self.act(env, TagAction::Remove(tag));
                Handled::Yes
            }
            (Mode::Removing, ..) => {
                self.mode = Mode::List;
                Handled::Yes
            }
            (Mode::List, KeyCode::Enter, _) => {
                self.show(env);
                Handled::Yes
            }
            (Mode::List, KeyCode::Delete, _) => self.letter(env, 'x'),
            (Mode::List, ..) => key.typed().map_or(Handled::No, |c| self.letter(env, half_width(c))),
        }
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Mode::Renaming(input) = &mut self.mode {
            input.paste(text);
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.doing.take_if(|doing| *doing == ticket).is_some() {
            match reply {
                Ok(Answer::Done(Done::Bulk(report))) => {
                    let left: u64 = report.left.iter().map(|(_, n)| n).sum();
                    env.good(env.ta("tags-done", &[("n", &report.changed), ("left", &left)]));
                }
                Ok(_) => env.good(env.t("tags-retired-done")),
                Err(refusal) => env.refuse(&refusal),
            }
            return env.changed();
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Tags(rows))) => {
                self.list.go(self.list.cursor(), rows.len(), Self::height(env));
                self.rows = Some(rows);
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Tags));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, Self::height(env))).unwrap_or(1) + 5;
        let inside = popup(env, canvas, area, (76, height), &env.t("tags-title"));
        if rows.is_empty() {
            let key = if self.rows.is_some() { "tags-none" } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(3)));
        for (at, (number, tag)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            canvas.text(line, 0, 1, &text::pad(&tag.tag, 40), style(Ink::Strong));
            canvas.text(line, 0, 42, &format!("{:>8}", count(env, tag.count)), style(Ink::Plain));
            if tag.retired == Retired::Yes {
                canvas.text(line, 0, 52, &env.t("tags-retired"), style(Ink::Dim));
            }
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let last = inside.height.saturating_sub(1);
        let (foot, ink) = self.foot(env);
        canvas.text(inside, last, 0, &foot, style(ink));
        if let Mode::Renaming(input) = &self.mode {
            let line = row(inside, last.saturating_sub(1));
            let column = canvas.text(line, 0, 0, &env.t("tags-new-name"), style(Ink::Plain)) + 1;
            let field = Rect { x: line.x.saturating_add(column), width: line.width.saturating_sub(column), ..line };
            input.draw(canvas, field, style(Ink::Field));
            input.place_cursor(canvas, field);
        }
    }
}

//! The choice of columns: on or off, in which order, how wide.
//!
//! **Invariant:** the list has the columns it had until they are kept; the name is always on and first.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::columns::{Chosen, Column, Columns, LEAST, NAME, Part, WIDEST, standard};
use crate::domain::field::{FieldDef, FieldState};
use crate::privacy::class::FieldClass;
use crate::text;

/// Cells before the name in the list, and between two columns.
const MARGIN: u16 = 2;
const GAP: u16 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    On,
    Off,
}

#[derive(Clone, Debug)]
struct Line {
    /// What it shows; nothing for the name.
    part: Option<Part>,
    state: State,
    width: u16,
}

/// The choice that is open.
#[derive(Debug)]
pub struct ColumnsLayer {
    about: String,
    lines: Vec<Line>,
    list: ListState,
    /// Nothing was changed since these were the standard columns.
    standard: bool,
}

impl ColumnsLayer {
    /// A choice that begins with these columns. `about` says which list it is for.
    pub fn new(env: &Env, columns: &Columns, about: String) -> Self {
        let mut lines = match columns {
            Columns::Standard => lines(NAME, standard().map(|part| (part.usual_width(), part))),
            Columns::Chosen(chosen) => {
                lines(chosen.name(), chosen.columns().iter().map(|column| (column.width, column.part.clone())))
            }
        };
        let fields = env.schema.on().map(|def| Part::Field(def.key.clone()));
        for part in Part::built_in().chain(fields) {
            if lines.iter().all(|line| line.part.as_ref() != Some(&part)) {
                lines.push(Line { state: State::Off, width: part.usual_width(), part: Some(part) });
            }
        }
        Self { about, lines, list: ListState::default(), standard: *columns == Columns::Standard }
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(10)).max(1)
    }

    fn toggle(&mut self, env: &mut Env) {
        match self.lines.get_mut(self.list.cursor()) {
            Some(line) if line.part.is_some() => {
                self.standard = false;
                line.state = if line.state == State::On { State::Off } else { State::On };
                self.list.run(Cmd::Down, self.lines.len(), Self::height(env));
            }
            _ => env.say(env.t("columns-name-stays")),
        }
    }

    fn shift(&mut self, env: &mut Env, to: Option<usize>) {
        let from = self.list.cursor();
        // The name stays the first.
        let Some(to) = to.filter(|to| from > 0 && *to > 0 && *to < self.lines.len()) else { return };
        self.standard = false;
        self.lines.swap(from, to);
        self.list.go(to, self.lines.len(), Self::height(env));
    }

    fn widen(&mut self, by: i16) {
        if let Some(line) = self.lines.get_mut(self.list.cursor()) {
            self.standard = false;
            line.width = line.width.saturating_add_signed(by).clamp(LEAST, WIDEST);
        }
    }

    fn chosen(&self) -> Columns {
        if self.standard {
            return Columns::Standard;
        }
        let name = self.lines.first().map_or(NAME, |line| line.width);
        let on = self.lines.iter().filter(|line| line.state == State::On);
        let columns = on.filter_map(|line| Some(Column { part: line.part.clone()?, width: line.width }));
        Columns::Chosen(Chosen::new(name, columns))
    }

    /// What is said beside each line: that a value is masked, that a field is out of use, that it does not fit.
    fn notes(&self, env: &Env) -> Vec<String> {
        let mut end = MARGIN;
        let mut fits = true;
        let note = |line: &Line| {
            let def = if let Some(Part::Field(key)) = &line.part { Some(env.schema.get(key.as_str())) } else { None };
            let off = def.is_some_and(|def| def.is_none_or(|def| def.state == FieldState::Off));
            if line.state == State::On && !off {
                end = end.saturating_add(line.width + GAP);
                fits &= end <= env.size.0.saturating_add(GAP);
                if !fits && !self.standard {
                    return env.t("columns-no-room");
                }
            }
            let masked = |def: &FieldDef| def.class != FieldClass::Open;
            match def {
                _ if off => env.t("columns-out-of-use"),
                Some(Some(def)) if masked(def) => env.t("columns-masked"),
                _ => String::new(),
            }
        };
        self.lines.iter().map(note).collect()
    }
}

fn lines(name: u16, columns: impl Iterator<Item = (u16, Part)>) -> Vec<Line> {
    let name = Line { part: None, state: State::On, width: name };
    let columns = columns.map(|(width, part)| Line { part: Some(part), state: State::On, width });
    std::iter::once(name).chain(columns).collect()
}

impl Panel for ColumnsLayer {
    fn places(&self) -> Vec<Place> {
        vec![Place::Columns, Place::Popup]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::KeepColumns, Cmd::ToggleColumn, Cmd::ColumnDown, Cmd::Wider, Cmd::Back, Cmd::StandardColumns]
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let at = self.list.cursor();
        match cmd {
            Cmd::Back => env.close(),
            Cmd::KeepColumns => {
                env.close();
                env.columns(self.chosen());
            }
            Cmd::ToggleColumn => self.toggle(env),
            Cmd::ColumnUp => self.shift(env, at.checked_sub(1)),
            Cmd::ColumnDown => self.shift(env, at.checked_add(1)),
            Cmd::Wider => self.widen(1),
            Cmd::Narrower => self.widen(-1),
            Cmd::StandardColumns => *self = Self::new(env, &Columns::Standard, std::mem::take(&mut self.about)),
            _ => return self.list.run(cmd, self.lines.len(), Self::height(env)),
        }
        Handled::Yes
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let height = u16::try_from(self.lines.len().clamp(1, Self::height(env))).unwrap_or(1) + 4;
        let inside = popup(env, canvas, area, (78, height), &self.about);
        let notes = self.notes(env);
        let window = self.list.window(self.lines.len(), usize::from(inside.height.saturating_sub(2)));
        let lines = self.lines.iter().zip(&notes).enumerate().skip(window.start).take(window.len());
        for (at, (number, (line, note))) in lines.enumerate() {
            let area = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let (mark, ink) = if line.state == State::On { ("[x]", Ink::Strong) } else { ("[ ]", Ink::Plain) };
            let label = line.part.as_ref().map_or_else(|| env.t("column-name"), |part| wording::column(env, part));
            canvas.text(area, 0, 0, mark, style(Ink::Key));
            canvas.text(area, 0, 4, &text::pad(&label, 24), style(ink));
            if !self.standard && line.state == State::On {
                canvas.text(area, 0, 29, &line.width.to_string(), style(Ink::Plain));
            }
            canvas.text(area, 0, 34, note, style(Ink::Dim));
            if number == self.list.cursor() {
                canvas.style(area, style(Ink::Cursor));
            }
        }
        let hint = env.t(if self.standard { "columns-hint-standard" } else { "columns-hint" });
        canvas.text(inside, inside.height.saturating_sub(1), 0, &hint, style(Ink::Dim));
    }
}

//! The rules: what the program does by itself, with a dry run of each.
//!
//! **Invariant:** nothing is removed before a second key, and every change here can be taken back.

use ratatui::layout::Rect;

use super::paper::Paper;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::leaving::confirms;
use crate::app::form::rule::RuleForm;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::frame::popup;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::rule::RuleState;
use crate::service::view::{DryRun, RuleAction, RuleRow};
use crate::service::{Action, Done, Query, View};
use crate::text::{self, Printable, half_width};
use crate::words::rule as words;

/// Cells of a rule's name, and of when it acts.
const NAME: usize = 18;
const WHEN: usize = 24;

/// The rules that are looked at.
#[derive(Debug, Default)]
pub struct Rules {
    rows: Option<Vec<RuleRow>>,
    list: ListState,
    asked: Option<Ticket>,
    doing: Option<Ticket>,
    /// The dry run that is awaited, and of which rule.
    trying: Option<(Ticket, RuleRow)>,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    List,
    Removing,
}

impl Rules {
    fn rows(&self) -> &[RuleRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&RuleRow> {
        self.rows().get(self.list.cursor())
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(11)).max(1)
    }

    fn act(&mut self, env: &mut Env, action: RuleAction) {
        self.mode = Mode::List;
        self.doing = Some(env.perform(Action::Rule(action)));
    }

    /// A letter in the list.
    fn letter(&mut self, env: &mut Env, letter: char) -> Handled {
        if letter == 'n' {
            env.open(Box::new(RuleForm::add()));
            return Handled::Yes;
        }
        let Some(row) = self.current().cloned() else { return Handled::No };
        let (id, version) = (row.rule.id, row.rule.version);
        match letter {
            'e' => env.open(Box::new(RuleForm::change(&row.rule))),
            'x' => self.mode = Mode::Removing,
            'd' => self.trying = Some((env.perform(Action::Rule(RuleAction::DryRun(id))), row)),
            't' => {
                let state = if row.rule.state == RuleState::On { RuleState::Off } else { RuleState::On };
                self.act(env, RuleAction::Switch(id, version, state));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn foot(&self, env: &Env) -> (String, Ink) {
        match (self.mode, self.current()) {
            (Mode::Removing, Some(row)) => (env.ta("rules-remove-ask", &[("name", &row.rule.text.name)]), Ink::Warn),
            _ if self.doing.is_some() || self.trying.is_some() => (env.t("form-saving"), Ink::Dim),
            (_, None) => (env.t("rules-hint-empty"), Ink::Dim),
            _ => (env.t("rules-hint"), Ink::Dim),
        }
    }

    /// What there is to say of the rule under the cursor.
    fn about(&self, env: &Env) -> (String, Ink) {
        let Some(row) = self.current() else { return (String::new(), Ink::Dim) };
        match row.odd {
            Some(odd) => (wording::code(env, "rule-odd", odd.code()), Ink::Warn),
            None => {
                let when = words::when(&env.words, &wording::loss_reasons(env), &row.rule.text);
                let then = words::then(&env.words, &row.rule.text, row.person.as_deref());
                (format!("{when} → {then}"), Ink::Plain)
            }
        }
    }
}

/// Says whom a rule would take.
fn tell(env: &mut Env, row: &RuleRow, run: &DryRun) {
    let rule = &row.rule.text;
    let mut paper = Paper::new(env.ta("rules-dry-title", &[("name", &rule.name)]));
    paper = paper.with(words::how_many(&env.words, rule, run.count), Ink::Strong);
    for (id, name) in &run.whom {
        paper = paper.with(format!("  #{id}  {}", Printable::line(name.text())), Ink::Plain);
    }
    let foot = if row.rule.state == RuleState::On { "rules-dry-nothing" } else { "rules-dry-off" };
    paper = paper.with(env.t(foot), Ink::Dim);
    env.open(Box::new(paper));
}

impl Panel for Rules {
    fn places(&self) -> Vec<Place> {
        vec![Place::Popup]
    }

    fn typing(&self) -> Typing {
        if self.mode == Mode::List { Typing::Keys } else { Typing::Text }
    }

    fn footer(&self) -> Vec<Cmd> {
        match self.mode {
            Mode::List => vec![Cmd::Up, Cmd::Down, Cmd::Back],
            Mode::Removing => vec![Cmd::Back],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Rules));
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match (cmd, self.mode) {
            (Cmd::Back, Mode::List) => env.close(),
            (Cmd::Back, Mode::Removing) => self.mode = Mode::List,
            (_, Mode::List) => return self.list.run(cmd, self.rows().len(), Self::height(env)),
            _ => {}
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let rule = self.current().map(|row| (row.rule.id, row.rule.version));
        match (self.mode, key.code, rule) {
            (Mode::Removing, _, Some((id, version))) if confirms(key) => self.act(env, RuleAction::Remove(id, version)),
            (Mode::Removing, ..) => self.mode = Mode::List,
            (Mode::List, KeyCode::Enter, _) => return self.letter(env, 'e'),
            (Mode::List, KeyCode::Delete, _) => return self.letter(env, 'x'),
            (Mode::List, ..) => return key.typed().map_or(Handled::No, |c| self.letter(env, half_width(c))),
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some((_, row)) = self.trying.take_if(|(trying, _)| *trying == ticket) {
            match reply {
                Ok(Answer::Done(Done::DryRun(run))) => tell(env, &row, &run),
                Ok(_) => {}
                Err(refusal) => env.refuse(&refusal),
            }
            return;
        }
        if self.doing.take_if(|doing| *doing == ticket).is_some() {
            match reply {
                Ok(_) => env.good(env.t("rule-saved")),
                Err(refusal) => env.refuse(&refusal),
            }
            return env.changed();
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Rules(rows))) => {
                self.list.go(self.list.cursor(), rows.len(), Self::height(env));
                self.rows = Some(rows);
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Rules));
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let rows = self.rows();
        let height = u16::try_from(rows.len().clamp(1, Self::height(env))).unwrap_or(1) + 5;
        let inside = popup(env, canvas, area, (78, height), &env.t("rules-title"));
        if rows.is_empty() {
            let key = if self.rows.is_some() { "rules-none" } else { "loading" };
            canvas.text(inside, 0, 0, &env.t(key), style(Ink::Plain));
        }
        let window = self.list.window(rows.len(), usize::from(inside.height.saturating_sub(3)));
        for (at, (number, shown)) in rows.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = row(inside, u16::try_from(at).unwrap_or(u16::MAX));
            let off = shown.rule.state == RuleState::Off;
            let rule = &shown.rule.text;
            let name = text::pad(&text::cut(rule.name.as_str(), NAME), NAME);
            let when = text::pad(&text::cut(&words::when(&env.words, &wording::loss_reasons(env), rule), WHEN), WHEN);
            let then = words::then(&env.words, rule, shown.person.as_deref());
            let state = if off { env.t("admin-off") } else { String::new() };
            let odd = if shown.odd.is_some() { "! " } else { "" };
            canvas.text(line, 0, 1, &name, style(if off { Ink::Dim } else { Ink::Strong }));
            let column = canvas.text(line, 0, 20, &format!("{when} "), style(if off { Ink::Dim } else { Ink::Plain }));
            let room = usize::from(inside.width.saturating_sub(column + 5));
            canvas.text(line, 0, column, &text::cut(&then, room), style(if off { Ink::Dim } else { Ink::Plain }));
            canvas.text_right(line, 0, &format!("{odd}{state}"), style(Ink::Warn));
            if number == self.list.cursor() {
                canvas.text(line, 0, 0, ">", style(Ink::Key));
                canvas.style(line, style(Ink::Cursor));
            }
        }
        let last = inside.height.saturating_sub(1);
        let (about, ink) = self.about(env);
        let cut = text::cut(&about, usize::from(inside.width));
        canvas.text(inside, last.saturating_sub(1), 0, &cut, style(ink));
        let (foot, ink) = self.foot(env);
        canvas.text(inside, last, 0, &text::cut(&foot, usize::from(inside.width)), style(ink));
    }
}

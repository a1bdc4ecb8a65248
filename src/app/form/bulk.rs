//! One thing done to many customers: what, and before it is done how many it changes and whom it leaves.
//!
//! **Invariant:** nothing is done before the door said what would come of it, of the same customers and the same thing.

use ratatui::layout::Rect;

use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::cadence::Cadence;
use crate::domain::customer::Stage;
use crate::domain::role::Permission;
use crate::domain::when;
use crate::service::view::{Bulk, BulkReport, CadenceQuery, CadenceView, Target};
use crate::service::{Action, Done, NextStep, Query, View};
use crate::text::{Printable, folded};

/// The form.
#[derive(Debug)]
pub struct BulkForm {
    target: Target,
    what: What,
    stage: usize,
    value: LineInput,
    at: Line,
    asked: Option<Ticket>,
    /// What would come of it, or why not.
    foretold: Option<Result<BulkReport, String>>,
    saving: Option<Ticket>,
    cadences: Vec<Cadence>,
    listing: Option<Ticket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    What,
    Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Tag,
    Untag,
    Stage,
    FollowUp,
    Assign,
    Cadence,
}

impl What {
    const ALL: [Self; 6] = [Self::Tag, Self::Untag, Self::Stage, Self::FollowUp, Self::Assign, Self::Cadence];

    fn code(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Stage => "stage",
            Self::FollowUp => "follow_up",
            Self::Assign => "assign",
            Self::Cadence => "cadence",
        }
    }

    fn permission(self) -> Permission {
        match self {
            Self::Tag | Self::Untag | Self::Stage => Permission::EditCustomers,
            Self::FollowUp | Self::Cadence => Permission::FollowUps,
            Self::Assign => Permission::Reassign,
        }
    }
}

impl BulkForm {
    /// For these customers.
    pub fn new(target: Target) -> Self {
        let value = LineInput::default().at_most(200);
        let (at, stage) = (Line::What, 0);
        let (what, cadences) = (What::Tag, Vec::new());
        Self { target, what, stage, value, at, asked: None, foretold: None, saving: None, cadences, listing: None }
    }

    /// What it would do, or why that cannot be said yet.
    fn bulk(&self, env: &Env) -> Result<Bulk, String> {
        let text = Printable::line(self.value.text());
        if text.is_empty() && self.what != What::Stage {
            return Err(String::new());
        }
        Ok(match self.what {
            What::Tag => Bulk::Tag(text),
            What::Untag => Bulk::Untag(text),
            What::Stage => Bulk::Stage(Stage::ALL.get(self.stage).copied().unwrap_or_default()),
            What::Assign => {
                let name = folded(text.as_str());
                let nobody = matches!(name.as_str(), "nobody" | "无" | "公海");
                let me = env.me.as_ref();
                let known = me.and_then(|me| me.everybody.iter().find(|(_, n)| folded(n.as_str()) == name));
                match known {
                    Some((id, _)) => Bulk::Assign(Some(*id)),
                    None if nobody => Bulk::Assign(None),
                    None => return Err(env.t("bulk-nobody-so-called")),
                }
            }
            What::Cadence => {
                let name = folded(text.as_str());
                let known = self.cadences.iter().find(|cadence| folded(cadence.name.as_str()) == name);
                Bulk::Cadence(known.ok_or_else(|| self.so_called(env))?.id)
            }
            What::FollowUp => {
                let read = when::lead(text.as_str(), env.now, env.offset);
                let (due, rest) = read.map_err(|_| env.t("bulk-when"))?;
                let text = Printable::line(rest);
                if text.is_empty() {
                    return Err(env.t("bulk-what"));
                }
                Bulk::FollowUp(NextStep::once(due, text))
            }
        })
    }

    /// That no cadence is called so, and which there are.
    fn so_called(&self, env: &Env) -> String {
        let names: Vec<&str> = self.cadences.iter().map(|cadence| cadence.name.as_str()).collect();
        if names.is_empty() {
            return env.t("cadence-put-none");
        }
        env.ta("bulk-no-cadence", &[("names", &names.join(&env.t("form-list")))])
    }

    fn foretell(&mut self, env: &mut Env) {
        self.foretold = None;
        self.asked = match self.bulk(env) {
            Ok(bulk) => Some(env.ask(Query::BulkPreview(self.target.clone(), bulk))),
            Err(_) => None,
        };
    }

    fn choose(&mut self, env: &mut Env, step: isize) {
        let count = What::ALL.len();
        let mut at = What::ALL.iter().position(|what| *what == self.what).unwrap_or(0);
        // What the role may not do is passed over.
        for _ in 0..count {
            at = at.checked_add_signed(step).unwrap_or(count - 1) % count;
            let what = What::ALL.get(at).copied().unwrap_or(What::Tag);
            if env.may(what.permission()) {
                self.what = what;
                break;
            }
        }
        self.foretell(env);
    }

    fn choose_stage(&mut self, env: &mut Env, step: isize) {
        let count = Stage::ALL.len();
        self.stage = self.stage.checked_add_signed(step).unwrap_or(count - 1) % count;
        self.foretell(env);
    }

    fn counts(&self, env: &Env) -> (String, Ink) {
        match &self.foretold {
            Some(Ok(report)) => (report_text(env, report), Ink::Strong),
            Some(Err(why)) => (format!("! {why}"), Ink::Bad),
            None => match self.bulk(env) {
                Err(why) if !why.is_empty() => (format!("! {why}"), Ink::Bad),
                Err(_) if self.what == What::Cadence => (self.so_called(env), Ink::Dim),
                Err(_) => (env.t("bulk-value-needed"), Ink::Dim),
                Ok(_) => (env.t("bulk-counting"), Ink::Dim),
            },
        }
    }
}

/// How many are changed, are so already, and are left, by reason.
fn report_text(env: &Env, report: &BulkReport) -> String {
    let mut parts = vec![env.ta("bulk-changes", &[("n", &report.changed)])];
    if report.same > 0 {
        parts.push(env.ta("bulk-same", &[("n", &report.same)]));
    }
    for (why, count) in &report.left {
        let why = wording::code(env, "bulk-left", why.code());
        parts.push(env.ta("bulk-left", &[("n", count), ("why", &why)]));
    }
    if report.no_marketing > 0 {
        parts.push(env.ta("bulk-no-marketing", &[("n", &report.no_marketing)]));
    }
    parts.join(" · ")
}

impl Form for BulkForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::ContactKind, Cmd::NextField, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        if !env.may(self.what.permission()) {
            self.choose(env, 1);
        }
        if env.may(Permission::FollowUps) {
            self.listing = Some(env.ask(Query::Cadences(CadenceQuery::List)));
        }
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        match (&self.foretold, self.bulk(env)) {
            (Some(Ok(report)), Ok(bulk)) if report.changed > 0 => Some(Action::Bulk(self.target.clone(), bulk)),
            _ => {
                let (text, _) = self.counts(env);
                env.bad(text);
                None
            }
        }
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, _step: Step) {
        self.at = if self.at == Line::What { Line::Value } else { Line::What };
    }

    fn own(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::ContactKind {
            return Handled::No;
        }
        self.choose(env, 1);
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let typed = self.at == Line::Value && self.what != What::Stage;
        match (key.code, self.at) {
            (KeyCode::Enter, Line::What) | (KeyCode::Up | KeyCode::Down, _) => self.step(Step::Next),
            (KeyCode::Enter, Line::Value) => self.submit(env),
            (KeyCode::Left, Line::What) => self.choose(env, -1),
            (KeyCode::Right | KeyCode::Char(' '), Line::What) => self.choose(env, 1),
            (KeyCode::Left, Line::Value) if !typed => self.choose_stage(env, -1),
            (KeyCode::Right | KeyCode::Char(' '), Line::Value) if !typed => self.choose_stage(env, 1),
            _ if typed => {
                let handled = self.value.key(key);
                self.foretell(env);
                return handled;
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        if self.at == Line::Value && self.what != What::Stage {
            self.value.paste(text);
            self.foretell(env);
        }
    }

    fn other(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.listing.take_if(|listing| *listing == ticket).is_some() {
            if let Ok(Answer::View(View::Cadences(CadenceView::Rows(rows)))) = reply {
                self.cadences = rows;
            }
            return;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        self.foretold = match reply {
            Ok(Answer::View(View::BulkPreview(report))) => Some(Ok(report)),
            Ok(_) => None,
            Err(refusal) => Some(Err(wording::refusal(env, &refusal))),
        };
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        if let Answer::Done(Done::Bulk(report)) = answer {
            let text = report_text(env, &report);
            env.good(env.ta("bulk-done", &[("what", &text)]));
        }
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let title = match &self.target {
            Target::Marked(ids) => env.ta("bulk-title-marked", &[("n", &ids.len())]),
            Target::Query(_) => env.t("bulk-title-query"),
        };
        let inside = frame::sheet(env, canvas, area, 8, &title);
        let choice = |canvas: &mut Canvas<'_>, at: u16, here: bool, label: &str, text: &str| {
            let row = canvas::row(inside, at);
            canvas.text(row, 0, 0, label, style(if here { Ink::Strong } else { Ink::Plain }));
            canvas.text(row, 0, LABEL, &format!("< {text} >"), style(if here { Ink::Cursor } else { Ink::Plain }));
            if here {
                canvas.cursor_at(row, 0, LABEL + 2);
            }
        };
        let what = wording::code(env, "bulk", self.what.code());
        choice(canvas, 0, self.at == Line::What, &env.t("bulk-do"), &what);
        let label = env.t(&format!("bulk-value-{}", self.what.code().replace('_', "-")));
        if self.what == What::Stage {
            let stage = Stage::ALL.get(self.stage).copied().unwrap_or_default();
            let stage = wording::code(env, "stage", stage.code());
            choice(canvas, 1, self.at == Line::Value, &label, &stage);
        } else {
            line::draw(env, canvas, (inside, 1), &label, &self.value, Focus::on(self.at, Line::Value));
        }
        let (text, ink) = self.counts(env);
        for (at, line) in
            crate::app::screen::frame::text_lines(&text, usize::from(inside.width)).iter().take(2).enumerate()
        {
            canvas.text(canvas::row(inside, 2 + u16::try_from(at).unwrap_or(0)), 0, 0, line, style(ink));
        }
        let hint = if self.saving.is_some() { "form-saving" } else { "bulk-hint" };
        canvas.text(canvas::row(inside, 5), 0, 0, &env.t(hint), style(Ink::Dim));
    }
}

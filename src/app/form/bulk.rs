//! One thing done to many customers: what, and before it is done how many it changes and whom it leaves.
//!
//! **Invariant:** nothing is done before the door said what would come of it, of the same customers and the same thing.

use ratatui::layout::Rect;

use super::customer::step_text;
use super::export::ExportForm;
use super::line::{self, Focus, LABEL};
use super::reading::{Reading, fault_words};
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
use crate::domain::columns::Part;
use crate::domain::customer::Stage;
use crate::domain::loss::LossReason;
use crate::domain::role::Permission;
use crate::domain::when;
use crate::service::view::{Bulk, BulkReport, CadenceQuery, CadenceView, Left, Target};
use crate::service::{Action, Done, LossDraft, NextStep, Query, View};
use crate::text::{Printable, folded};

/// The form.
#[derive(Debug)]
pub struct BulkForm {
    target: Target,
    what: What,
    stage: usize,
    /// Why, where the stage is lost.
    why: Option<LossReason>,
    words: LineInput,
    back: LineInput,
    value: LineInput,
    at: Line,
    asked: Option<Ticket>,
    /// What would come of it, or why not.
    foretold: Option<Result<BulkReport, String>>,
    saving: Option<Ticket>,
    cadences: Vec<Cadence>,
    listing: Option<Ticket>,
    /// The columns of the list, where somebody chose them.
    columns: Option<Vec<Part>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    What,
    Value,
    Why,
    Words,
    Back,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Tag,
    Untag,
    Stage,
    FollowUp,
    Assign,
    Cadence,
    Export,
}

impl What {
    const ALL: [Self; 7] =
        [Self::Tag, Self::Untag, Self::Stage, Self::FollowUp, Self::Assign, Self::Cadence, Self::Export];

    fn code(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Stage => "stage",
            Self::FollowUp => "follow_up",
            Self::Assign => "assign",
            Self::Cadence => "cadence",
            Self::Export => "export",
        }
    }

    fn permission(self) -> Permission {
        match self {
            Self::Tag | Self::Untag | Self::Stage => Permission::EditCustomers,
            Self::FollowUp | Self::Cadence => Permission::FollowUps,
            Self::Assign => Permission::Reassign,
            Self::Export => Permission::Export,
        }
    }
}

impl BulkForm {
    /// For these customers; `columns` are those of their list, where somebody chose them.
    pub fn new(target: Target, columns: Option<Vec<Part>>) -> Self {
        let value = LineInput::default().at_most(200);
        let (at, stage) = (Line::What, 0);
        let (what, cadences) = (What::Tag, Vec::new());
        let (why, words, back) = (None, LineInput::default().at_most(200), LineInput::default().at_most(200));
        Self {
            target,
            what,
            stage,
            why,
            words,
            back,
            value,
            at,
            asked: None,
            foretold: None,
            saving: None,
            cadences,
            listing: None,
            columns,
        }
    }

    fn stage(&self) -> Stage {
        Stage::ALL.get(self.stage).copied().unwrap_or_default()
    }

    fn loses(&self) -> bool {
        self.what == What::Stage && self.stage() == Stage::Lost
    }

    fn lines(&self, env: &Env) -> Vec<Line> {
        let mut lines = vec![Line::What, Line::Value];
        if self.loses() {
            lines.extend([Line::Why, Line::Words]);
            lines.extend(env.may(Permission::FollowUps).then_some(Line::Back));
        }
        lines
    }

    fn go(&mut self, env: &Env, step: Step) {
        self.at = step.along(&self.lines(env), self.at);
    }

    /// The text that is typed at the cursor, where one is.
    fn typed(&mut self) -> Option<&mut LineInput> {
        match self.at {
            Line::Value if !matches!(self.what, What::Stage | What::Export) => Some(&mut self.value),
            Line::Words => Some(&mut self.words),
            Line::Back => Some(&mut self.back),
            Line::What | Line::Value | Line::Why => None,
        }
    }

    /// Why they are lost, and when they are to be won back.
    fn loss(&self, env: &Env) -> Result<LossDraft, String> {
        let why = self.why.ok_or_else(|| env.t("lost-choose"))?;
        let text = Printable::line(self.words.text().trim());
        if why == LossReason::OTHER && text.is_empty() {
            return Err(env.t("lost-say-what"));
        }
        let reading = Reading::of(env, self.back.text());
        if let Reading::Fault(fault) = reading {
            return Err(fault_words(env, fault));
        }
        Ok(LossDraft { why, text, back: reading.step(&step_text(env, why)) })
    }

    /// What it would do, or why that cannot be said yet.
    fn bulk(&self, env: &Env) -> Result<Bulk, String> {
        let text = Printable::line(self.value.text());
        if text.is_empty() && self.what != What::Stage {
            return Err(String::new());
        }
        Ok(match self.what {
            // It has a form of its own.
            What::Export => return Err(String::new()),
            What::Tag => Bulk::Tag(text),
            What::Untag => Bulk::Untag(text),
            What::Stage if self.loses() => Bulk::Lose(self.loss(env)?),
            What::Stage => Bulk::Stage(self.stage()),
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

    fn choose_why(&mut self, env: &mut Env, step: Step) {
        let all: Vec<Option<LossReason>> = wording::losses_to_choose(env, None).into_iter().map(Some).collect();
        self.why = if self.why.is_none() { all.first().copied().flatten() } else { step.along(&all, self.why) };
        self.foretell(env);
    }

    fn counts(&self, env: &Env) -> (String, Ink) {
        match &self.foretold {
            Some(Ok(report)) => (report_text(env, report, "bulk-changes"), Ink::Strong),
            Some(Err(why)) => (format!("! {why}"), Ink::Bad),
            None => match self.bulk(env) {
                Err(why) if !why.is_empty() => (format!("! {why}"), Ink::Bad),
                Err(_) if self.what == What::Cadence => (self.so_called(env), Ink::Dim),
                Err(_) if self.what == What::Export => (env.t("bulk-export-next"), Ink::Dim),
                Err(_) => (env.t("bulk-value-needed"), Ink::Dim),
                Ok(_) => (env.t("bulk-counting"), Ink::Dim),
            },
        }
    }
}

/// How many are changed, are so already, and are left, by reason.
/// What a report says; `changes` is the locale key of how many are changed, which will be or were.
fn report_text(env: &Env, report: &BulkReport, changes: &str) -> String {
    let mut parts = vec![env.ta(changes, &[("n", &report.changed)])];
    if report.same > 0 {
        parts.push(env.ta("bulk-same", &[("n", &report.same)]));
    }
    parts.extend(left_text(env, &report.left));
    if report.no_marketing > 0 {
        parts.push(env.ta("bulk-no-marketing", &[("n", &report.no_marketing)]));
    }
    parts.join(" · ")
}

/// How many are left, by reason.
pub(super) fn left_text(env: &Env, left: &[(Left, u64)]) -> Vec<String> {
    let text = |(why, count): &(Left, u64)| {
        let why = wording::code(env, "bulk-left", why.code());
        env.ta("bulk-left", &[("n", count), ("why", &why)])
    };
    left.iter().map(text).collect()
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
        if self.what == What::Export {
            let form = ExportForm::new(env, self.target.clone(), self.columns.clone());
            env.close();
            env.open(Box::new(form));
            return None;
        }
        match (&self.foretold, self.bulk(env)) {
            (Some(Ok(report)), Ok(bulk)) if report.changed > 0 => Some(Action::Bulk(self.target.clone(), bulk)),
            (Some(Err(why)), _) => {
                env.bad(why.clone());
                None
            }
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

    fn step(&mut self, step: Step) {
        let lines = [Line::What, Line::Value, Line::Why, Line::Words, Line::Back];
        let count = if self.loses() { lines.len() } else { 2 };
        self.at = step.along(lines.get(..count).unwrap_or_default(), self.at);
    }

    fn own(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if cmd != Cmd::ContactKind {
            return Handled::No;
        }
        self.choose(env, 1);
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        match (key.code, self.at) {
            (KeyCode::Enter, _) if self.what == What::Export => self.submit(env),
            (KeyCode::Enter, at) if self.lines(env).last() == Some(&at) => self.submit(env),
            (KeyCode::Enter | KeyCode::Down, _) => self.go(env, Step::Next),
            (KeyCode::Up, _) => self.go(env, Step::Previous),
            (KeyCode::Left, Line::What) => self.choose(env, -1),
            (KeyCode::Right | KeyCode::Char(' '), Line::What) => self.choose(env, 1),
            (KeyCode::Left, Line::Value) if self.what == What::Stage => self.choose_stage(env, -1),
            (KeyCode::Right | KeyCode::Char(' '), Line::Value) if self.what == What::Stage => self.choose_stage(env, 1),
            (KeyCode::Left, Line::Why) => self.choose_why(env, Step::Previous),
            (KeyCode::Right | KeyCode::Char(' '), Line::Why) => self.choose_why(env, Step::Next),
            _ => {
                let Some(input) = self.typed() else { return Handled::No };
                let handled = input.key(key);
                self.foretell(env);
                return handled;
            }
        }
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        if let Some(input) = self.typed() {
            input.paste(text);
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
            let text = report_text(env, &report, "bulk-changed");
            env.good(text);
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
        let rows = u16::try_from(self.lines(env).len()).unwrap_or(2);
        let inside = frame::sheet(env, canvas, area, rows + 6, &title);
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
            let stage = wording::code(env, "stage", self.stage().code());
            choice(canvas, 1, self.at == Line::Value, &label, &stage);
        } else if self.what != What::Export {
            line::draw(env, canvas, (inside, 1), &label, &self.value, Focus::on(self.at, Line::Value));
        }
        if self.loses() {
            let why = self.why.map_or_else(|| env.t("lost-not-said"), |why| wording::loss_reason(env, why));
            choice(canvas, 2, self.at == Line::Why, &env.t("lost-label-why"), &why);
            line::draw(
                env,
                canvas,
                (inside, 3),
                &env.t("lost-label-words"),
                &self.words,
                Focus::on(self.at, Line::Words),
            );
            if rows > 4 {
                let label = env.t("lost-label-back");
                line::draw(env, canvas, (inside, 4), &label, &self.back, Focus::on(self.at, Line::Back));
            }
        }
        let (text, ink) = self.counts(env);
        for (at, line) in
            crate::app::screen::frame::text_lines(&text, usize::from(inside.width)).iter().take(2).enumerate()
        {
            canvas.text(canvas::row(inside, rows + u16::try_from(at).unwrap_or(0)), 0, 0, line, style(ink));
        }
        let back = Reading::of(env, self.back.text());
        let (hint, ink) = match (&self.saving, self.at, &back) {
            (Some(_), ..) => (env.t("form-saving"), Ink::Dim),
            (None, Line::Back, _) => back.words(env, &env.t("lost-win-back-hint")),
            (None, ..) if self.what == What::Export => (env.t("bulk-export-hint"), Ink::Dim),
            (None, ..) => (env.t("bulk-hint"), Ink::Dim),
        };
        canvas.text(canvas::row(inside, rows + 3), 0, 0, &hint, style(ink));
    }
}

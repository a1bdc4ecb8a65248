//! Taking customers out into a file: why, which columns, masks or real values, what the file is called; and before it is
//! done how many customers and values go.
//!
//! **Invariant:** masked fields go out as masks unless somebody chose otherwise here and was told how many values that
//! reveals. A file is written after the door's entry is durable, never over another one, and where that fails its bytes wait
//! here for another name, without a second entry.

mod values;

use ratatui::layout::Rect;
use zeroize::Zeroizing;

use super::bulk::left_text;
use super::line::{self, Focus, LABEL};
use super::{Form, Step};
use crate::app::commands::Cmd;
use crate::app::env::{Env, Files};
use crate::app::key::{Key, KeyCode};
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::columns::Part;
use crate::domain::field::FieldKey;
use crate::domain::reason::{Reason, ReasonCode};
use crate::service::refusal::Refusal;
use crate::service::view::{ExportOrder, ExportReport, Target};
use crate::service::{Action, Done, Query, View};
use crate::text::{self, Printable, half_width};

/// The form.
#[derive(Debug)]
pub struct ExportForm {
    target: Target,
    /// The columns of the list, where somebody chose them.
    listed: Option<Vec<Part>>,
    which: Which,
    values: Values,
    reason: Option<ReasonCode>,
    words: LineInput,
    ticket: LineInput,
    file: LineInput,
    at: Line,
    asked: Option<Ticket>,
    /// What would go out, or why nothing would.
    foretold: Option<Result<ExportReport, String>>,
    saving: Option<Ticket>,
    writing: Option<Ticket>,
    /// What went out and has no file yet.
    out: Option<(ExportReport, Zeroizing<Vec<u8>>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Reason,
    Words,
    Ticket,
    Columns,
    Values,
    File,
}

impl Line {
    const ALL: [Self; 6] = [Self::Reason, Self::Words, Self::Ticket, Self::Columns, Self::Values, Self::File];
}

/// Which columns go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Usual,
    Listed,
}

impl Which {
    fn code(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Listed => "listed",
        }
    }
}

/// What stands in the columns of masked fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Masked,
    Real,
}

impl ExportForm {
    /// For these customers; `listed` are the columns of their list, where somebody chose them.
    pub fn new(env: &Env, target: Target, listed: Option<Vec<Part>>) -> Self {
        let day = env.now.at(env.offset).format("%Y-%m-%d");
        Self {
            target,
            listed,
            which: Which::Usual,
            values: Values::Masked,
            reason: None,
            words: LineInput::default().at_most(500),
            ticket: LineInput::default().at_most(64),
            file: LineInput::new(&format!("customers-{day}.csv")).at_most(200),
            at: Line::Reason,
            asked: None,
            foretold: None,
            saving: None,
            writing: None,
            out: None,
        }
    }

    fn order(&self, env: &Env) -> ExportOrder {
        let parts = if self.which == Which::Listed { self.listed.clone() } else { None };
        let values = if self.values == Values::Real { values::open_to(env, self.columns()) } else { Vec::new() };
        ExportOrder { target: self.target.clone(), parts, values }
    }

    /// The columns that were chosen; none are the usual ones.
    fn columns(&self) -> Option<&[Part]> {
        self.listed.as_deref().filter(|_| self.which == Which::Listed)
    }

    fn foretell(&mut self, env: &mut Env) {
        self.foretold = None;
        self.asked = Some(env.ask(Query::ExportPreview(self.order(env))));
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        match self.at {
            Line::Reason | Line::Columns | Line::Values => None,
            Line::Words => Some(&mut self.words),
            Line::Ticket => Some(&mut self.ticket),
            Line::File => Some(&mut self.file),
        }
    }

    fn turn(&mut self, env: &mut Env, step: Step) {
        match self.at {
            Line::Reason => {
                self.reason = Some(self.reason.map_or(ReasonCode::Callback, |now| step.along(ReasonCode::ALL, now)));
            }
            Line::Columns if self.listed.is_some() => {
                self.which = if self.which == Which::Usual { Which::Listed } else { Which::Usual };
                // Among other columns there may be nothing that could be let out.
                if values::open_to(env, self.columns()).is_empty() {
                    self.values = Values::Masked;
                }
                self.foretell(env);
            }
            Line::Values => match values::why_not(env, self.columns()) {
                Some(why) => env.bad(why),
                None => {
                    self.values = if self.values == Values::Masked { Values::Real } else { Values::Masked };
                    self.foretell(env);
                }
            },
            _ => {}
        }
    }

    fn given(&mut self, env: &mut Env) -> Option<Reason> {
        let Some(code) = self.reason else {
            self.at = Line::Reason;
            env.bad(env.t("export-reason-missing"));
            return None;
        };
        let line = |input: &LineInput| (!input.is_empty()).then(|| Printable::line(input.text()));
        let reason = Reason { code, text: line(&self.words), ticket: line(&self.ticket) };
        if let Err(fault) = reason.check(&[]) {
            self.at = Line::Words;
            env.bad(wording::reason_fault(env, fault));
            return None;
        }
        Some(reason)
    }

    fn write(&mut self, env: &mut Env) {
        if let (Some((_, bytes)), None) = (&self.out, self.writing) {
            self.writing = Some(env.keep_file(self.file.text().trim().to_owned(), bytes.clone()));
        }
    }

    fn counts(&self, env: &Env) -> (String, Ink) {
        match &self.foretold {
            Some(Ok(report)) => (report_text(env, report), Ink::Strong),
            Some(Err(why)) => (format!("! {why}"), Ink::Bad),
            None => (env.t("bulk-counting"), Ink::Dim),
        }
    }

    /// The command that does the same where files of the person can be written.
    fn command(&self, env: &Env) -> String {
        let query = match &self.target {
            Target::Query(text) => text.clone(),
            Target::Marked(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("id:{}", ids.join(","))
            }
        };
        let reason = self.reason.unwrap_or(ReasonCode::Callback).code();
        let columns = self.columns().map_or_else(String::new, |parts| {
            let codes: Vec<&str> = parts.iter().map(Part::code).collect();
            format!(" --columns {}", codes.join(","))
        });
        let values = match self.order(env).values.as_slice() {
            [] => String::new(),
            keys => format!(" --values {}", keys.iter().map(FieldKey::as_str).collect::<Vec<_>>().join(",")),
        };
        let (query, file) = (quoted(&query), quoted(self.file.text()));
        format!("veilbook customers {query} --export {file}{columns}{values} --reason {reason}")
    }
}

/// A word as a shell takes it whole.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// How many go out, and how many are left out, by reason.
fn report_text(env: &Env, report: &ExportReport) -> String {
    let going = env.ta("export-going", &[("n", &report.going)]);
    let values = (report.values > 0).then(|| env.ta("export-values-count", &[("n", &report.values)]));
    std::iter::once(going).chain(left_text(env, &report.left)).chain(values).collect::<Vec<_>>().join(" · ")
}

impl Form for ExportForm {
    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::NextField, Cmd::Back]
    }

    fn enter(&mut self, env: &mut Env) {
        self.foretell(env);
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        if env.files == Files::Elsewhere {
            env.bad(env.t("export-elsewhere"));
            return None;
        }
        let name = self.file.text().trim();
        // What goes on record is the name alone: folders are named after people.
        let alone = Printable::line(name.rsplit('/').next().unwrap_or_default());
        if alone.is_empty() {
            self.at = Line::File;
            env.bad(env.t("fault-missing"));
            return None;
        }
        if self.out.is_some() {
            self.write(env);
            return None;
        }
        match &self.foretold {
            Some(Ok(report)) if report.going > 0 => {}
            Some(Err(why)) => {
                env.bad(why.clone());
                return None;
            }
            _ => {
                let (text, _) = self.counts(env);
                env.bad(text);
                return None;
            }
        }
        let reason = self.given(env)?;
        Some(Action::ExportCustomers(self.order(env), reason, alone))
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn step(&mut self, step: Step) {
        self.at = step.along(&Line::ALL, self.at);
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        let digit = key.typed().map(half_width).and_then(|c| c.to_digit(10)).and_then(|d| u8::try_from(d).ok());
        match (key.code, self.at) {
            (KeyCode::Enter, Line::File) => self.submit(env),
            (KeyCode::Enter | KeyCode::Down, _) => self.step(Step::Next),
            (KeyCode::Up, _) => self.step(Step::Previous),
            (KeyCode::Left, Line::Reason | Line::Columns | Line::Values) => self.turn(env, Step::Previous),
            (KeyCode::Right | KeyCode::Char(' '), Line::Reason | Line::Columns | Line::Values) => {
                self.turn(env, Step::Next);
            }
            (_, Line::Reason) => match digit.and_then(ReasonCode::from_digit) {
                Some(code) => self.reason = Some(code),
                None => return Handled::No,
            },
            _ => return self.line().map_or(Handled::No, |line| line.key(key)),
        }
        Handled::Yes
    }

    fn paste(&mut self, _env: &mut Env, text: &str) {
        if let Some(line) = self.line() {
            line.paste(text);
        }
    }

    fn other(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.writing.take_if(|writing| *writing == ticket).is_some() {
            match reply {
                Ok(_) => {
                    let n = self.out.as_ref().map_or(0, |(report, _)| report.going);
                    env.good(env.ta("export-done", &[("n", &n), ("file", &Printable::line(self.file.text()))]));
                    env.changed();
                    env.close();
                }
                Err(refusal) => {
                    self.at = Line::File;
                    env.refuse(&refusal);
                }
            }
            return;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        self.foretold = match reply {
            Ok(Answer::View(View::ExportPreview(report))) => Some(Ok(report)),
            Ok(_) => None,
            Err(refusal) => Some(Err(wording::refusal(env, &refusal))),
        };
    }

    fn refused(&mut self, env: &mut Env, refusal: &Refusal) {
        if matches!(refusal, Refusal::Reason(_)) {
            self.at = Line::Words;
        }
        env.refuse(refusal);
    }

    fn done(&mut self, env: &mut Env, answer: Answer) {
        if let Answer::Done(Done::Exported(out)) = answer {
            self.out = Some((out.report, out.csv));
            self.write(env);
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let inside = frame::sheet(env, canvas, area, 15, &env.t("export-title"));
        let choice = |canvas: &mut Canvas<'_>, at: u16, line: Line, label: &str, text: &str| {
            let (row, here) = (canvas::row(inside, at), self.at == line);
            canvas.text(row, 0, 0, label, style(if here { Ink::Strong } else { Ink::Plain }));
            canvas.text(row, 0, LABEL, &format!("< {text} >"), style(if here { Ink::Cursor } else { Ink::Plain }));
            if here {
                canvas.cursor_at(row, 0, LABEL + 2);
            }
        };
        let reason = match self.reason {
            Some(code) => {
                let digit = ReasonCode::ALL.iter().position(|one| *one == code).map_or(0, |at| at + 1);
                format!("{digit} {}", wording::code(env, "reason", code.code()))
            }
            None => env.t("export-choose"),
        };
        choice(canvas, 0, Line::Reason, &env.t("export-reason"), &reason);
        let typed = |canvas: &mut Canvas<'_>, at: u16, line: Line, label: &str, input: &LineInput| {
            line::draw(env, canvas, (inside, at), &env.t(label), input, Focus::on(self.at, line));
        };
        typed(canvas, 1, Line::Words, "grant-words", &self.words);
        typed(canvas, 2, Line::Ticket, "grant-ticket", &self.ticket);
        let which = wording::code(env, "export-columns", self.which.code());
        choice(canvas, 3, Line::Columns, &env.t("export-columns"), &which);
        let why_not = values::why_not(env, self.columns());
        let said = match (&why_not, self.values) {
            (Some(why), _) => why.clone(),
            (None, Values::Masked) => env.t("export-values-masked"),
            (None, Values::Real) => values::named(env, self.columns()),
        };
        let room = usize::from(inside.width.saturating_sub(LABEL + 4));
        choice(canvas, 4, Line::Values, &env.t("export-values"), &text::cut(&said, room));
        if why_not.is_some() {
            canvas.style(canvas::row(inside, 4), style(Ink::Dim));
        }
        typed(canvas, 5, Line::File, "export-file", &self.file);
        let (counts, ink) = self.counts(env);
        let width = usize::from(inside.width);
        for (at, line) in (6..).zip(text_lines(&counts, width).iter().take(2)) {
            canvas.text(canvas::row(inside, at), 0, 0, line, style(ink));
        }
        if env.files == Files::Elsewhere {
            canvas.text(canvas::row(inside, 8), 0, 0, &env.t("export-elsewhere"), style(Ink::Warn));
            for (at, line) in (9..).zip(text_lines(&self.command(env), width).iter().take(4)) {
                canvas.text(canvas::row(inside, at), 0, 0, line, style(Ink::Key));
            }
            return;
        }
        let what = if self.values == Values::Real { "export-what-real" } else { "export-what" };
        for (at, line) in (8..).zip(text_lines(&env.t(what), width).iter().take(3)) {
            canvas.text(canvas::row(inside, at), 0, 0, line, style(Ink::Dim));
        }
        let hint = match (&self.out, self.saving) {
            (Some(_), _) => "export-waits",
            (None, Some(_)) => "form-saving",
            (None, None) => "export-hint",
        };
        canvas.text(canvas::row(inside, 12), 0, 0, &env.t(hint), style(Ink::Dim));
    }
}

//! The record of actions: entries newest first, a query in words, the state of the chain.
//!
//! **Invariant:** the list never shows entries of another question than the one above it: while a question cannot be
//! read, its fault is shown and the list is the last one that could, marked as such.

mod entry;

use ratatui::layout::Rect;

use self::entry::EntryPaper;
use super::frame::text_lines;
use super::task;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::line::Focus;
use crate::app::key::Key;
use crate::app::layer::paper::Paper;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::audit::VERBS;
use crate::domain::audit::{Entry, EntryFilter, Object, Outcome};
use crate::domain::audit_query::{self, Ground, QueryFault, QueryFaultKind};
use crate::domain::id::EntrySeq;
use crate::service::view::{AuditRow, ChainCheck, ChainState};
use crate::service::{Action, AuditRequest, Done, Query, View};
use crate::text;

/// Entries asked for at once.
const PAGE: u16 = 100;

/// The screen's state.
#[derive(Debug, Default)]
pub struct Audit {
    query: LineInput,
    typing: Where,
    filter: EntryFilter,
    fault: Option<QueryFault>,
    rows: Vec<AuditRow>,
    size: u64,
    more: More,
    list: ListState,
    asked: Option<(Ticket, Asked)>,
    chain: Option<ChainState>,
    chain_asked: Option<Ticket>,
    doing: Option<Ticket>,
    preset: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Where {
    #[default]
    List,
    Query,
}

/// Whether older entries follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum More {
    #[default]
    Unknown,
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Anew,
    Older,
}

impl Audit {
    fn ask(&mut self, env: &mut Env, what: Asked) {
        let before = match what {
            Asked::Anew => None,
            Asked::Older => self.rows.last().map(|row| row.entry.seq),
        };
        let request = AuditRequest { filter: self.filter.clone(), before, limit: PAGE };
        self.asked = Some((env.ask(Query::Audit(request)), what));
    }

    fn ask_chain(&mut self, env: &mut Env) {
        self.chain_asked = Some(env.ask(Query::Chain));
    }

    /// Reads the question anew; asks if it can be read and is another.
    fn reread(&mut self, env: &mut Env) {
        match read(env, self.query.text()) {
            Ok(filter) => {
                self.fault = None;
                if filter != self.filter {
                    self.filter = filter;
                    self.list = ListState::default();
                    self.ask(env, Asked::Anew);
                }
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// The next of the usual questions.
    fn next_preset(&mut self, env: &mut Env) {
        let me = env.me.as_ref().map_or_else(String::new, |me| format!("actor:\"{}\"", me.name));
        let presets = [String::new(), "action:reveal".into(), "outcome:refused".into(), me, "on:today".into()];
        self.preset = (self.preset + 1) % presets.len();
        self.query.set(presets.get(self.preset).map_or("", String::as_str));
        self.reread(env);
    }

    fn older(&mut self, env: &mut Env) {
        let near = self.list.cursor() + usize::from(env.size.1) >= self.rows.len();
        if near && self.more == More::Yes && self.asked.is_none() {
            self.ask(env, Asked::Older);
        }
    }

    fn height(env: &Env) -> usize {
        task::height(env).saturating_sub(4).max(1)
    }

    fn take_page(&mut self, env: &mut Env, what: Asked, reply: Reply) {
        match reply {
            Ok(Answer::View(View::Audit(page))) => {
                self.size = page.size;
                self.more = if page.more { More::Yes } else { More::No };
                let kept = self.rows.get(self.list.cursor()).map(|row| row.entry.seq);
                match what {
                    Asked::Older => self.rows.extend(page.rows),
                    Asked::Anew => self.rows = page.rows,
                }
                let at = kept.and_then(|seq| self.rows.iter().position(|row| row.entry.seq == seq));
                let at = at.unwrap_or(self.list.cursor());
                self.list.go(at, self.rows.len(), Self::height(env));
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn take_done(&mut self, env: &mut Env, reply: Reply) {
        match reply {
            Ok(Answer::Done(Done::Verdict(chain))) => {
                match &chain.check {
                    Some(ChainCheck::Broken(fault)) => env.bad(env.ta("record-broken", &[("why", fault)])),
                    _ => env.good(env.ta("record-sound", &[("n", &chain.size)])),
                }
                self.chain = Some(chain);
            }
            Ok(Answer::Done(Done::Checkpoint(note))) => {
                let mut paper = Paper::new(env.t("checkpoint-title")).with(env.t("checkpoint-about"), Ink::Plain);
                paper = paper.with(String::new(), Ink::Plain);
                for line in note.lines() {
                    paper = paper.with(line.to_owned(), Ink::Strong);
                }
                env.open(Box::new(paper));
                self.ask_chain(env);
            }
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
        self.ask(env, Asked::Anew);
    }
}

fn read(env: &Env, query: &str) -> Result<EntryFilter, QueryFault> {
    let staff = env.me.as_ref().map_or(&[][..], |me| &me.everybody);
    audit_query::parse(query, &Ground { staff, verbs: VERBS, now: env.now, offset: env.offset })
}

/// The names that `actor:` can give.
fn names(env: &Env) -> String {
    let names: Vec<&str> = env.me.iter().flat_map(|me| me.everybody.iter().map(|(_, name)| name.as_str())).collect();
    names.join(&env.t("list-or"))
}

fn fault_words(env: &Env, kind: QueryFaultKind) -> String {
    env.t(match kind {
        QueryFaultKind::UnknownPart => "query-unknown-part",
        QueryFaultKind::NoValue => "query-no-value",
        QueryFaultKind::OpenQuote => "query-open-quote",
        QueryFaultKind::Twice => "query-twice",
        QueryFaultKind::UnknownActor => "query-unknown-actor",
        QueryFaultKind::UnknownAction => "query-unknown-action",
        QueryFaultKind::NotANumber => "query-not-a-number",
        QueryFaultKind::NotAField => "query-not-a-field",
        QueryFaultKind::NotAReason => "query-not-a-reason",
        QueryFaultKind::NotAnOutcome => "query-not-an-outcome",
        QueryFaultKind::NotADay => "query-not-a-day",
    })
}

/// What an entry says was done, in words; the verb itself where there are none.
pub(crate) fn verb(env: &Env, action: &str) -> String {
    wording::code(env, "verb", action)
}

impl Panel for Audit {
    fn places(&self) -> Vec<Place> {
        match self.typing {
            Where::List => vec![Place::Audit, Place::List],
            Where::Query => vec![Place::Search],
        }
    }

    fn typing(&self) -> Typing {
        match self.typing {
            Where::List => Typing::Keys,
            Where::Query => Typing::Text,
        }
    }

    fn footer(&self) -> Vec<Cmd> {
        match self.typing {
            Where::List => vec![Cmd::Open, Cmd::Search, Cmd::NextPart, Cmd::VerifyRecord, Cmd::Checkpoint],
            Where::Query => vec![Cmd::Submit, Cmd::Back],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        self.typing = Where::List;
        self.ask(env, Asked::Anew);
        self.ask_chain(env);
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Open if self.rows.is_empty() => Some("why-no-row"),
            Cmd::Mark => Some("why-not-here"),
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if self.list.run(cmd, self.rows.len(), Self::height(env)) == Handled::Yes {
            self.older(env);
            return Handled::Yes;
        }
        match cmd {
            Cmd::Search => self.typing = Where::Query,
            Cmd::Submit => {
                self.reread(env);
                if self.fault.is_none() {
                    self.typing = Where::List;
                }
            }
            Cmd::Back if self.typing == Where::Query => self.typing = Where::List,
            Cmd::Back if !self.query.is_empty() => {
                self.query.set("");
                self.reread(env);
            }
            Cmd::NextPart => self.next_preset(env),
            Cmd::Open => {
                if let Some(row) = self.rows.get(self.list.cursor()) {
                    env.open(Box::new(EntryPaper::new(row.clone())));
                }
            }
            Cmd::VerifyRecord => {
                env.say(env.t("record-checking"));
                self.doing = Some(env.perform(Action::VerifyRecord));
            }
            Cmd::Checkpoint => self.doing = Some(env.perform(Action::Checkpoint)),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.typing == Where::List || self.query.key(key) == Handled::No {
            return Handled::No;
        }
        self.reread(env);
        Handled::Yes
    }

    fn paste(&mut self, env: &mut Env, text: &str) {
        if self.typing == Where::Query {
            self.query.paste(text);
            self.reread(env);
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some((_, what)) = self.asked.take_if(|(asked, _)| *asked == ticket) {
            return self.take_page(env, what, reply);
        }
        if self.doing.take_if(|doing| *doing == ticket).is_some() {
            return self.take_done(env, reply);
        }
        if self.chain_asked.take_if(|asked| *asked == ticket).is_some()
            && let Ok(Answer::View(View::Chain(mut chain))) = reply
        {
            // What the last check found stays true of what it checked.
            chain.check = chain.check.or_else(|| self.chain.as_ref().and_then(|old| old.check.clone()));
            self.chain = Some(chain);
        }
    }

    fn changed(&mut self, env: &mut Env) {
        if self.list.cursor() == 0 {
            self.ask(env, Asked::Anew);
        }
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        self.draw_query(env, area, canvas);
        self.draw_chain(env, canvas::row(area, 2), canvas);
        let columns = Columns::of(area.width);
        let body = canvas::below(area, 4);
        columns.head(env, canvas::row(area, 3), canvas);
        if self.rows.is_empty() {
            let key = match (&self.asked, self.query.is_empty()) {
                (Some(_), _) => "loading",
                (None, true) => "audit-empty",
                (None, false) => "audit-none",
            };
            for (at, line) in text_lines(&env.t(key), usize::from(area.width.saturating_sub(4))).iter().enumerate() {
                canvas.text(body, u16::try_from(at).unwrap_or(0) + 1, 2, line, style(Ink::Plain));
            }
            return;
        }
        for (shown, at) in self.list.window(self.rows.len(), usize::from(body.height)).enumerate() {
            let place = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
            if let Some(row) = self.rows.get(at) {
                columns.row(env, place, row, canvas);
            }
            let here = self.typing == Where::List && at == self.list.cursor();
            task::mark(env, canvas, place, Focus::on(here, true));
        }
    }
}

impl Audit {
    fn draw_query(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let row = canvas::row(area, 0);
        let column = canvas.text(row, 0, 1, "/ ", style(Ink::Key));
        let place = Rect::new(row.x + column.min(row.width), row.y, row.width.saturating_sub(column + 1), row.height);
        let under = canvas::row(area, 1);
        if self.typing == Where::List && self.query.is_empty() {
            canvas.text(place, 0, 0, &env.t("audit-hint"), style(Ink::Dim));
            return;
        }
        self.query.draw(canvas, place, style(if self.typing == Where::Query { Ink::Field } else { Ink::Plain }));
        if self.typing == Where::Query {
            self.query.place_cursor(canvas, place);
        }
        match &self.fault {
            Some(fault) => {
                let before: String = self.query.text().chars().take(fault.at.start).collect();
                let wrong: String = self.query.text().chars().skip(fault.at.start).take(fault.at.len()).collect();
                let start = u16::try_from(text::width(&before)).unwrap_or(u16::MAX).saturating_add(column);
                let carets = "^".repeat(text::width(&wrong).max(1));
                let words = match fault.kind {
                    QueryFaultKind::UnknownActor => env.ta("query-unknown-actor", &[("names", &names(env))]),
                    kind => fault_words(env, kind),
                };
                let line = format!("{carets} {words}");
                // Near the right edge the words would be cut: there they stand before the carets.
                let room = usize::from(under.width.saturating_sub(start));
                if text::width(&line) <= room {
                    canvas.text(under, 0, start, &line, style(Ink::Bad));
                } else {
                    canvas.text(under, 0, start, &carets, style(Ink::Bad));
                    let cells = usize::from(start.saturating_sub(column + 1));
                    if text::width(&words) <= cells {
                        canvas.text(under, 0, column, &words, style(Ink::Bad));
                    } else {
                        canvas.text(under, 0, column, &text::cut(&words, usize::from(under.width)), style(Ink::Bad));
                    }
                }
            }
            None if self.typing == Where::Query => {
                let hint = env.ta("audit-hint-parts", &[("names", &names(env))]);
                canvas.text(under, 0, column, &hint, style(Ink::Dim));
            }
            None => {}
        }
    }

    fn draw_chain(&self, env: &Env, row: Rect, canvas: &mut Canvas<'_>) {
        let Some(chain) = &self.chain else { return };
        let (checked, ink) = match &chain.check {
            None => (env.t("record-unchecked"), Ink::Dim),
            Some(ChainCheck::Sound) => (env.t("record-is-sound"), Ink::Good),
            Some(ChainCheck::Broken(fault)) => (env.ta("record-broken", &[("why", fault)]), Ink::Bad),
        };
        let signed = match &chain.checkpoint {
            Some((size, at)) => env.ta(
                "record-signed",
                &[("when", &wording::moment(env, *at)), ("behind", &chain.size.saturating_sub(*size))],
            ),
            None => env.t("record-unsigned"),
        };
        let root: String = chain.root.chars().take(8).collect();
        let state = env.ta("record-state", &[("n", &chain.size), ("root", &root), ("signed", &signed)]);
        // What was found comes first: at the narrow end it is what must not be cut.
        let column = canvas.text(row, 0, 1, &checked, env.theme.style(ink));
        canvas.text(row, 0, column + 2, &state, env.theme.style(Ink::Dim));
    }
}

/// The columns that fit.
struct Columns {
    actor: usize,
    action: usize,
    object: usize,
    field: usize,
    reason: usize,
}

impl Columns {
    fn of(width: u16) -> Self {
        if width >= 110 {
            Self { actor: 14, action: 20, object: 22, field: 14, reason: 18 }
        } else {
            Self { actor: 8, action: 12, object: 13, field: 8, reason: 9 }
        }
    }

    fn head(&self, env: &Env, place: Rect, canvas: &mut Canvas<'_>) {
        let words = ["audit-time", "audit-actor", "audit-action", "audit-object", "audit-field", "audit-reason"];
        let [time, actor, action, object, field, reason] = words.map(|key| env.t(key));
        self.line(place, [&time, &actor, &action, &object, &field, &reason], canvas, env.theme.style(Ink::Dim));
    }

    fn row(&self, env: &Env, place: Rect, row: &AuditRow, canvas: &mut Canvas<'_>) {
        let Entry { what, .. } = &row.entry;
        let time = short_time(env, what.time);
        let action = verb(env, &what.action);
        let action = match what.count {
            Some(count) => format!("{action} {count}"),
            None => action,
        };
        let field = what.field.as_ref().map_or_else(String::new, |key| wording::field_key(env, key));
        let reason = what.reason.map_or_else(String::new, |code| wording::code(env, "reason", code.code()));
        let (outcome, ink) = match what.outcome {
            Outcome::Done => (String::new(), Ink::Plain),
            Outcome::Matched => (wording::code(env, "outcome", what.outcome.code()), Ink::Good),
            Outcome::Refused | Outcome::Failed => {
                (format!("! {}", wording::code(env, "outcome", what.outcome.code())), Ink::Bad)
            }
            Outcome::Differed => (wording::code(env, "outcome", what.outcome.code()), Ink::Warn),
        };
        let plain = env.theme.style(Ink::Plain);
        let object = object(env, row);
        let end = self.line(place, [&time, &row.actor, &action, &object, &field, &reason], canvas, plain);
        canvas.text(place, 0, end, &outcome, env.theme.style(ink));
    }

    fn line(&self, place: Rect, cells: [&str; 6], canvas: &mut Canvas<'_>, style: ratatui::style::Style) -> u16 {
        let widths = [11, self.actor, self.action, self.object, self.field, self.reason];
        let mut column = 3;
        for (cell, width) in cells.iter().zip(widths) {
            canvas.text(place, 0, column, &text::cut(cell, width), style);
            column += u16::try_from(width).unwrap_or(0) + 1;
        }
        column
    }
}

/// What an entry is about, in words: by its name where the door gave one, else by its kind and number.
pub(super) fn object(env: &Env, row: &AuditRow) -> String {
    match row.entry.what.object {
        Object::None => String::new(),
        // A staff member has a name here; what has none is told by its kind in the person's language.
        thing if row.object != thing.to_string() => row.object.clone(),
        other => format!("{} {}", wording::code(env, "object", other.word()), other.number()),
    }
}

/// `15:04:05` today, `11-20 15:04` before.
fn short_time(env: &Env, at: crate::clock::Timestamp) -> String {
    let (then, now) = (at.at(env.offset), env.now.at(env.offset));
    if then.date_naive() == now.date_naive() {
        return then.format("%H:%M:%S").to_string();
    }
    then.format("%m-%d %H:%M").to_string()
}

/// The seq as it is written in reports.
pub(super) fn place_of(seq: EntrySeq) -> String {
    format!("#{seq}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::i18n::Words;
    use crate::domain::field::Lang;

    #[test]
    fn every_verb_has_words() {
        let words = Words::new(Lang::En);
        for action in VERBS {
            assert!(words.has(&wording::key("verb", action)), "{action}");
        }
    }
}

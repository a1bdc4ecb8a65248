//! The record of actions: entries newest first, a query in words, the state of the chain.
//!
//! **Invariant:** the list never shows entries of another question than the one above it: while a question cannot be
//! read, its fault is shown and the list is the last one that could, marked as such.

mod draw;
mod entry;

use ratatui::layout::Rect;

use self::entry::EntryPaper;
use super::task;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::layer::paper::Paper;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::audit::{EntryFilter, Object, VERBS};
use crate::domain::audit_query::{self, Ground, QueryFault};
use crate::domain::id::EntrySeq;
use crate::service::view::{AuditRow, ChainCheck, ChainState};
use crate::service::{Action, AuditRequest, Done, Query, View};

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
        draw::screen(self, env, area, canvas);
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

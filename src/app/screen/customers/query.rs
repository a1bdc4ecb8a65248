//! The query bar: what is typed, what can be written at the cursor, and what is wrong and where.
//!
//! **Invariant:** letters are text, whatever is offered; only Tab, and Enter and the arrows while the offers stand open,
//! take one of them.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::Ticket;
use crate::app::panel::Handled;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{Canvas, row};
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::query::{Completion, QueryFault, Vocabulary, complete};
use crate::service::Query;
use crate::text;
use crate::words;

/// Rows of offers in sight at once.
const OFFERS: usize = 8;

/// The bar.
#[derive(Debug, Default)]
pub struct QueryBar {
    line: LineInput,
    words: Arc<Vocabulary>,
    asked: Option<Ticket>,
    fault: Option<QueryFault>,
    /// Where the cursor is among the offers, while they stand open.
    open: Option<ListState>,
}

impl QueryBar {
    /// What is typed.
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// Puts a query in.
    pub fn set(&mut self, text: &str) {
        self.line.set(text);
        self.open = None;
        self.fault = None;
    }

    /// Gets the keys: asks what queries can name, which may have changed.
    pub fn enter(&mut self, env: &mut Env) {
        self.asked = Some(env.ask(Query::Vocabulary));
    }

    /// Whether this ticket is the one of that question.
    pub fn awaits(&self, ticket: Ticket) -> bool {
        self.asked == Some(ticket)
    }

    /// Takes what queries can name. Without it keys are offered and no values.
    pub fn know(&mut self, words: Arc<Vocabulary>) {
        self.words = words;
        self.asked = None;
    }

    /// The door could not read the query.
    pub fn wrong(&mut self, fault: QueryFault) {
        self.fault = Some(fault);
    }

    /// Whether the door could not read what is typed.
    pub fn is_wrong(&self) -> bool {
        self.fault.is_some()
    }

    /// The door read it.
    pub fn right(&mut self) {
        self.fault = None;
    }

    /// A key that is no command here. Says whether the text is another now.
    pub fn key(&mut self, key: Key) -> (Handled, bool) {
        let before = self.line.text().to_owned();
        let handled = self.line.key(key);
        (handled, self.line.text() != before)
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.line.paste(text);
        self.open = None;
    }

    fn completion(&self, env: &Env) -> Completion {
        complete(self.line.text(), self.line.cursor(), &self.words, env.words.lang)
    }

    /// A command while the bar has the keys. Says whether it was taken, and whether the text is another now.
    pub fn run(&mut self, env: &mut Env, cmd: Cmd) -> (Handled, bool) {
        let completion = self.completion(env);
        let count = completion.offers.len();
        match (cmd, &mut self.open) {
            (Cmd::Complete, None) => (Handled::Yes, self.begin(env, &completion)),
            (Cmd::Complete | Cmd::Submit, Some(list)) => {
                let at = list.cursor();
                (Handled::Yes, self.take(&completion, at))
            }
            (Cmd::Back, open @ Some(_)) => {
                *open = None;
                (Handled::Yes, false)
            }
            (Cmd::Up | Cmd::Down | Cmd::PageUp | Cmd::PageDown, Some(list)) => (list.run(cmd, count, OFFERS), false),
            _ => (Handled::No, false),
        }
    }

    /// Tab: the only offer is taken; of several what they have in common, and they are shown.
    fn begin(&mut self, env: &mut Env, completion: &Completion) -> bool {
        match completion.offers.as_slice() {
            [] => {
                let text = env.t("query-no-offer");
                env.say(text);
                false
            }
            [_] => self.take(completion, 0),
            [first, rest @ ..] => {
                self.open = Some(ListState::default());
                let mut common: Vec<char> = first.text.chars().collect();
                for offer in rest {
                    let same = common.iter().zip(offer.text.chars()).take_while(|(one, other)| **one == *other);
                    common.truncate(same.count());
                }
                let longer = common.len() > completion.replaces.len();
                if longer {
                    self.line.replace(completion.replaces.clone(), &common.into_iter().collect::<String>());
                }
                longer
            }
        }
    }

    fn take(&mut self, completion: &Completion, at: usize) -> bool {
        self.open = None;
        let Some(offer) = completion.offers.get(at) else { return false };
        // Behind a key comes its value, which is offered at once; behind a value a space for what follows.
        let key = offer.text.ends_with([':', '=']);
        let end = completion.replaces.end >= self.line.text().chars().count();
        let text = if key || !end { offer.text.clone() } else { format!("{} ", offer.text) };
        self.line.replace(completion.replaces.clone(), &text);
        if key {
            self.open = Some(ListState::default());
        }
        true
    }

    /// Typing goes on: the offers stay open only where there are some.
    pub fn typed(&mut self, env: &Env) {
        if self.open.is_some() {
            let completion = self.completion(env);
            let offering = self.is_begun(&completion) && !completion.offers.is_empty();
            self.open = offering.then(ListState::default);
        }
    }

    /// Whether a key or a value is being written where the cursor is.
    fn is_begun(&self, completion: &Completion) -> bool {
        let last = self.line.text().chars().take(self.line.cursor()).last();
        !completion.replaces.is_empty() || last.is_some_and(|c| matches!(c, ':' | '：' | ',' | '，'))
    }

    /// What is said under the bar: what can be written here, or what is wrong.
    pub fn hint(&self, env: &Env, focused: Focused) -> Option<(String, Ink)> {
        let completion = self.completion(env);
        let at = self.line.cursor();
        // A first letter begins a name sooner than a key.
        let key = completion.offers.first().is_none_or(|offer| offer.text.ends_with(':'));
        let begun = self.is_begun(&completion) && (!key || completion.replaces.len() > 1);
        let offering = focused == Focused::Yes && !completion.offers.is_empty() && begun;
        // What is being typed is not wrong yet.
        let at_cursor = |fault: &QueryFault| fault.at.start <= at && at <= fault.at.end;
        match &self.fault {
            Some(fault) if !(offering && at_cursor(fault)) => {
                Some((format!("! {}", words::query::fault(&env.words, &env.schema, fault)), Ink::Bad))
            }
            _ if offering => {
                let offers: Vec<&str> =
                    completion.offers.iter().take(OFFERS).map(|offer| offer.text.as_str()).collect();
                let tab = env.keymap.key_of(Cmd::Complete, &[crate::app::commands::Place::Search]);
                Some((env.ta("query-offers", &[("key", &tab), ("what", &offers.join("  "))]), Ink::Dim))
            }
            _ => None,
        }
    }

    /// Draws what is typed, with what is wrong marked, and the cursor.
    pub fn draw(&self, env: &Env, canvas: &mut Canvas<'_>, field: Rect, focused: Focused) {
        self.line.draw(canvas, field, env.theme.style(Ink::Field));
        if let Some(fault) = &self.fault {
            self.line.mark(canvas, field, fault.at.clone(), env.theme.style(Ink::Bad));
        }
        if focused == Focused::Yes {
            self.line.place_cursor(canvas, field);
        } else if self.line.is_empty() {
            canvas.text(field, 0, 0, &env.t("query-empty"), env.theme.style(Ink::Dim));
        }
    }

    /// Draws the offers, while they stand open, from the top of `area` on.
    pub fn draw_offers(&self, env: &Env, canvas: &mut Canvas<'_>, area: Rect) {
        let Some(list) = &self.open else { return };
        let offers = self.completion(env).offers;
        let window = list.window(offers.len(), OFFERS.min(usize::from(area.height)));
        let what = |key: crate::domain::query::Key| wording::code(env, "query-key", key.code());
        let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let first = widest(&mut offers.iter().map(|offer| text::width(&offer.text))).min(30);
        let second = widest(&mut offers.iter().map(|offer| text::width(&what(offer.key)))).min(30);
        let width = u16::try_from(first + second + 4).unwrap_or(area.width).min(area.width);
        for (at, (number, offer)) in offers.iter().enumerate().skip(window.start).take(window.len()).enumerate() {
            let line = Rect { width, ..row(area, u16::try_from(at).unwrap_or(u16::MAX)) };
            canvas.fill(line, env.theme.style(Ink::Plain));
            canvas.text(line, 0, 1, &text::pad(&offer.text, first), env.theme.style(Ink::Key));
            let column = u16::try_from(first).unwrap_or(0).saturating_add(3);
            canvas.text(line, 0, column, &what(offer.key), env.theme.style(Ink::Dim));
            if number == list.cursor() {
                canvas.style(line, env.theme.style(Ink::Cursor));
            }
        }
    }
}

/// Whether the bar has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focused {
    /// It has.
    Yes,
    /// Something else has.
    No,
}

//! Two customers side by side, and what a merge would keep of each.
//!
//! **Invariant:** what is marked as kept is what the door keeps: [`Pair::lines`] says both, and only parts of which each has
//! their own can be taken from the other.

use std::fmt::Display;

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::leaving::confirms;
use crate::app::key::Key;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::Handled;
use crate::app::widget::list::ListState;
use crate::app::wording;
use crate::domain::id::CustomerId;
use crate::service::refusal::Refusal;
use crate::service::view::{CustomerDetail, Happening, Shown};
use crate::service::{Action, Done, MergePart, Query, View};
use crate::text::Printable;

/// What came of an answer.
#[derive(Debug)]
pub enum Came {
    /// Nothing that concerns the list.
    Nothing,
    /// The two cannot be shown any more.
    Closed,
    /// They were merged: who was kept, who was merged away.
    Merged(CustomerId, CustomerId),
}

/// One of the two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// Whose value of a part a merge keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// This one's.
    One(Side),
    /// Both.
    Both,
}

/// One part of the two.
#[derive(Debug)]
pub struct Line {
    /// What it is called.
    pub label: String,
    /// What the left one has.
    pub left: Cell,
    /// What the right one has.
    pub right: Cell,
    /// Whose stays.
    pub keeps: Keeps,
    /// How it can be taken from the other.
    pub part: Option<MergePart>,
}

/// What one of the two has of a part.
#[derive(Debug)]
pub struct Cell {
    /// As it is shown.
    pub text: String,
    /// Whether it is a mask.
    pub masked: bool,
}

/// The two.
#[derive(Debug)]
pub struct Pair {
    ids: (CustomerId, CustomerId),
    left: Option<Box<CustomerDetail>>,
    right: Option<Box<CustomerDetail>>,
    asked: Vec<(Ticket, Side)>,
    kept: Side,
    taken: Vec<MergePart>,
    list: ListState,
    asking: Asking,
    doing: Option<Ticket>,
}

/// Whether the merge was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    No,
    Yes,
}

impl Pair {
    /// Opens both, on record as any customer is.
    pub fn open(env: &mut Env, left: CustomerId, right: CustomerId) -> Self {
        let asked = [(left, Side::Left), (right, Side::Right)];
        let asked = asked.map(|(id, side)| (env.perform(Action::OpenCustomer(id)), side)).to_vec();
        let (taken, list, asking) = (Vec::new(), ListState::default(), Asking::No);
        Self { ids: (left, right), left: None, right: None, asked, kept: Side::Left, taken, list, asking, doing: None }
    }

    /// Whether the merge was asked for and waits for a yes.
    pub fn asks(&self) -> bool {
        self.asking == Asking::Yes
    }

    /// Whether both are there.
    pub fn is_whole(&self) -> bool {
        self.left.is_some() && self.right.is_some() && self.doing.is_none()
    }

    /// Who would be kept, and who merged away.
    pub fn keep(&self) -> (CustomerId, CustomerId) {
        match self.kept {
            Side::Left => self.ids,
            Side::Right => (self.ids.1, self.ids.0),
        }
    }

    /// Both numbers, and which of the two columns is kept.
    pub fn heads(&self) -> (CustomerId, CustomerId, Side) {
        (self.ids.0, self.ids.1, self.kept)
    }

    /// The cursor among the lines.
    pub fn list(&self) -> &ListState {
        &self.list
    }

    /// Leaves the two as they are.
    pub fn answer_no(&mut self) {
        self.asking = Asking::No;
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(9)).max(1)
    }

    /// A command.
    pub fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        let lines = self.lines(env);
        match cmd {
            Cmd::MergePair if self.is_whole() => self.asking = Asking::Yes,
            Cmd::SwapPair => {
                self.kept = if self.kept == Side::Left { Side::Right } else { Side::Left };
                self.taken.clear();
            }
            Cmd::TakeSide => match lines.get(self.list.cursor()).map(|line| line.part.clone()) {
                Some(Some(part)) => match self.taken.iter().position(|taken| *taken == part) {
                    Some(at) => _ = self.taken.remove(at),
                    None => self.taken.push(part),
                },
                Some(None) => env.say(env.t("dup-no-choice")),
                None => {}
            },
            _ => return self.list.run(cmd, lines.len(), Self::height(env)),
        }
        Handled::Yes
    }

    /// A key while a yes is waited for.
    pub fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        if self.asking == Asking::No {
            return Handled::No;
        }
        self.asking = Asking::No;
        let (Some(left), Some(right)) = (&self.left, &self.right) else { return Handled::Yes };
        if confirms(key) {
            let seen = |detail: &CustomerDetail| (detail.profile.id, detail.profile.version);
            let (keep, other) = match self.kept {
                Side::Left => (seen(left), seen(right)),
                Side::Right => (seen(right), seen(left)),
            };
            self.doing = Some(env.perform(Action::Merge { keep, other, take: self.taken.clone() }));
        }
        Handled::Yes
    }

    /// Something was changed: asks for both anew.
    pub fn changed(&mut self, env: &mut Env) {
        if self.is_whole() {
            self.again(env);
        }
    }

    fn again(&mut self, env: &mut Env) {
        let both = [(self.ids.0, Side::Left), (self.ids.1, Side::Right)];
        self.asked = both.map(|(id, side)| (env.ask(Query::Refresh(id)), side)).to_vec();
    }

    /// An answer.
    pub fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) -> Came {
        if self.doing.take_if(|doing| *doing == ticket).is_some() {
            let (keep, gone) = self.keep();
            return match reply {
                Ok(_) => Came::Merged(keep, gone),
                Err(refusal) => {
                    if matches!(refusal, Refusal::Conflict(_)) {
                        self.again(env);
                    }
                    env.refuse(&refusal);
                    Came::Nothing
                }
            };
        }
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == ticket) else { return Came::Nothing };
        let (_, side) = self.asked.swap_remove(at);
        match reply {
            Ok(Answer::Done(Done::Customer(detail)) | Answer::View(View::Customer(detail))) => {
                let (place, id) = match side {
                    Side::Left => (&mut self.left, &mut self.ids.0),
                    Side::Right => (&mut self.right, &mut self.ids.1),
                };
                // Whoever was merged meanwhile is who they are now.
                *id = detail.profile.id;
                *place = Some(detail);
                if self.ids.0 == self.ids.1 { Came::Closed } else { Came::Nothing }
            }
            Ok(_) => Came::Nothing,
            Err(refusal) => {
                env.refuse(&refusal);
                Came::Closed
            }
        }
    }

    /// The parts, what each has, and whose stays.
    pub fn lines(&self, env: &Env) -> Vec<Line> {
        let (Some(left), Some(right)) = (&self.left, &self.right) else { return Vec::new() };
        let mut out = vec![self.chosen(wording::field(env, "name"), &left.name, &right.name, MergePart::Name, env)];
        let kept = Keeps::One(self.kept);
        let of = |what: fn(&CustomerDetail, &Env) -> String| (what(left, env), what(right, env));
        let plain = |label: &str, (left, right): (String, String), keeps: Keeps| Line {
            label: wording::field(env, label),
            left: Cell::plain(left),
            right: Cell::plain(right),
            keeps,
            part: None,
        };
        out.push(plain("kind", of(|c, env| wording::code(env, "kind", c.profile.kind.code())), kept));
        let stage = of(|c, env| wording::code(env, "stage", c.profile.stage.code()));
        let differ = left.profile.stage != right.profile.stage;
        let keeps = Keeps::One(self.side_of(&MergePart::Stage));
        out.push(Line { part: differ.then_some(MergePart::Stage), ..plain("stage", stage, keeps) });
        let lacks = |side: Side, empty: (bool, bool)| match (side, empty) {
            (Side::Left, (true, false)) => Keeps::One(Side::Right),
            (Side::Right, (false, true)) => Keeps::One(Side::Left),
            _ => Keeps::One(side),
        };
        let owner = of(|c, env| c.owner.as_ref().map_or_else(|| env.t("owner-nobody"), ToString::to_string));
        out.push(plain("owner", owner, lacks(self.kept, (left.owner.is_none(), right.owner.is_none()))));
        out.push(plain("tags", of(|c, _| c.profile.tags.join(" ")), Keeps::Both));
        for (one, other) in left.fields.iter().zip(&right.fields) {
            let (empty, label) = ((one.shown == Shown::Empty, other.shown == Shown::Empty), one.key.as_str());
            if empty == (true, true) {
                continue;
            }
            let part = MergePart::Field(one.key.clone());
            let line = self.chosen(wording::field(env, label), &one.shown, &other.shown, part, env);
            out.push(match empty {
                (false, false) => line,
                _ => Line { keeps: lacks(self.kept, empty), part: None, ..line },
            });
        }
        let contacts = |c: &CustomerDetail, _: &Env| {
            let contact = |what: &Happening| matches!(what, Happening::Interaction(..));
            c.timeline.iter().filter(|item| contact(&item.what)).count().to_string()
        };
        let count = |key: &str, (left, right): (String, String)| Line {
            label: env.t(key),
            left: Cell::plain(left),
            right: Cell::plain(right),
            keeps: Keeps::Both,
            part: None,
        };
        out.push(count("dup-contacts", of(contacts)));
        out.push(count("dup-follow-ups", of(|c, _| c.follow_ups.len().to_string())));
        out.push(count("dup-deals", of(|c, _| c.deals.len().to_string())));
        out
    }

    /// Whose of a part stays that both have.
    fn side_of(&self, part: &MergePart) -> Side {
        match (self.taken.contains(part), self.kept) {
            (false, side) => side,
            (true, Side::Left) => Side::Right,
            (true, Side::Right) => Side::Left,
        }
    }

    fn chosen(&self, label: impl Display, left: &Shown, right: &Shown, part: MergePart, env: &Env) -> Line {
        let same = left == right && !matches!(left, Shown::Masked(_));
        let keeps = Keeps::One(self.side_of(&part));
        let (left, right) = (Cell::of(left, env), Cell::of(right, env));
        Line { label: label.to_string(), left, right, keeps, part: (!same).then_some(part) }
    }
}

impl Cell {
    fn plain(text: String) -> Self {
        Self { text: if text.is_empty() { "-".to_owned() } else { text }, masked: false }
    }

    fn of(shown: &Shown, env: &Env) -> Self {
        match shown {
            Shown::Empty => Self::plain(String::new()),
            Shown::Declined => Self::plain(env.t("declined")),
            Shown::Open(text) => Self::plain(Printable::line(text.as_str()).into_string()),
            Shown::Masked(mask) => Self { text: mask.as_str().to_owned(), masked: true },
        }
    }
}

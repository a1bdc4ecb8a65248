//! What every panel may use and wish for: the time, words, colours, who is signed in, questions, other panels.
//!
//! **Invariant:** panels change each other only through wishes, which the frame grants after the panel has returned.

use chrono::FixedOffset;
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::domain::columns::Columns;
use crate::domain::field::{FieldKey, Schema};
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::domain::saved_view::Sort;
use crate::service::refusal::Refusal;
use crate::service::view::{Me, ViewRow};
use crate::service::{Action, Query};
use crate::text::Printable;

use super::effect::Effect;
use super::i18n::Words;
use super::keymap::Keymap;
use super::msg::Ticket;
use super::panel::Panel;
use super::screen::ScreenId;
use super::theme::Theme;
use super::wording;

/// Who asked a question, so that the answer finds its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The frame.
    Frame,
    /// A screen.
    Screen(ScreenId),
    /// A layer, by its serial number.
    Layer(u64),
}

/// An action that waits for a code, and who asked for it under which ticket.
#[derive(Debug)]
pub struct Held {
    pub(super) action: Action,
    pub(super) ticket: Ticket,
    pub(super) asker: Asker,
}

/// What a panel wants the frame to do once it has returned.
#[derive(Debug)]
pub enum Wish {
    /// Put a layer on top.
    Open(Box<dyn Panel>),
    /// Take the wishing layer away.
    Close(Asker),
    /// Show a screen.
    Go(ScreenId),
    /// Show the customers that a query finds, in an order if one is named.
    Find(Printable, Option<Sort>),
    /// Show what a saved view finds.
    ShowView(Box<ViewRow>),
    /// Give the list of customers these columns, and keep them.
    Columns(Columns),
    /// Show a customer on the Customers screen, with the cursor on a field if one is named.
    Show(CustomerId, Option<FieldKey>),
    /// Tell all panels that something was changed.
    Changed,
    /// Do what waited for a code.
    GoOn(Held),
    /// Tell whoever asked for it that it is not done, since no code was given.
    GiveUp(Held),
    /// Run a command as if its key had been pressed.
    Run(super::commands::Cmd),
}

/// One line for the person: what happened, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave.
    pub tone: Tone,
    /// The line.
    pub text: String,
}

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It was done.
    Good,
    /// Something to know.
    Plain,
    /// It was not done.
    Bad,
}

/// Where files would be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// Where the person sits.
    Here,
    /// On the machine of a server, which writes nobody's files; a command does it where the person sits.
    Elsewhere,
}

/// The surroundings of all panels.
#[derive(Debug)]
pub struct Env {
    /// The present moment.
    pub now: Timestamp,
    /// The person's zone.
    pub offset: FixedOffset,
    /// The screen's columns and rows.
    pub size: (u16, u16),
    /// The words of the language in force.
    pub words: Words,
    /// The colours in force.
    pub theme: Theme,
    /// The keys in force.
    pub keymap: Keymap,
    /// Who is signed in.
    pub me: Option<Me>,
    /// The fields.
    pub schema: Schema,
    /// What is said at the foot until the next key.
    pub notice: Option<Notice>,
    /// Since when work on backups that was ordered by hand is under way; its end is said.
    pub ordered: Option<Timestamp>,
    /// Where files would be written.
    pub files: Files,
    pub(super) asker: Asker,
    pub(super) asked: Vec<(Ticket, Asker)>,
    pub(super) effects: Vec<Effect>,
    pub(super) wishes: Vec<Wish>,
    next_ticket: u64,
}

impl Env {
    /// Surroundings with nobody signed in.
    pub fn new(now: Timestamp, offset: FixedOffset, words: Words, theme: Theme, keymap: Keymap) -> Self {
        Self {
            now,
            offset,
            size: (80, 24),
            words,
            theme,
            keymap,
            me: None,
            schema: Schema::default(),
            notice: None,
            ordered: None,
            files: Files::Here,
            asker: Asker::Frame,
            asked: Vec::new(),
            effects: Vec::new(),
            wishes: Vec::new(),
            next_ticket: 1,
        }
    }

    /// Asks the door; the answer comes to whoever asks, under this ticket.
    pub fn ask(&mut self, query: Query) -> Ticket {
        let ticket = self.ticket();
        self.effects.push(Effect::Ask(ticket, query));
        ticket
    }

    /// Does something through the door; the answer comes to whoever asks, under this ticket.
    pub fn perform(&mut self, action: Action) -> Ticket {
        let ticket = self.ticket();
        self.effects.push(Effect::Perform(ticket, action));
        ticket
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.asked.push((ticket, self.asker));
        ticket
    }

    /// Has a new file written; the answer comes to whoever asks, under this ticket.
    pub fn keep_file(&mut self, name: String, bytes: Zeroizing<Vec<u8>>) -> Ticket {
        let ticket = self.ticket();
        self.effects.push(Effect::KeepFile(ticket, name, bytes));
        ticket
    }

    /// Has something else done.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Puts a layer on top.
    pub fn open(&mut self, layer: Box<dyn Panel>) {
        self.wishes.push(Wish::Open(layer));
    }

    /// Takes the calling layer away.
    pub fn close(&mut self) {
        self.wishes.push(Wish::Close(self.asker));
    }

    /// Shows a screen.
    pub fn go(&mut self, screen: ScreenId) {
        self.wishes.push(Wish::Go(screen));
    }

    /// Shows a customer on the Customers screen; leaving it comes back here.
    pub fn show_customer(&mut self, customer: CustomerId) {
        self.wishes.push(Wish::Show(customer, None));
    }

    /// The same with the cursor on a field.
    pub fn show_field(&mut self, customer: CustomerId, field: FieldKey) {
        self.wishes.push(Wish::Show(customer, Some(field)));
    }

    /// Shows the customers that a query finds, on the Customers screen.
    pub fn find(&mut self, query: &str) {
        self.wishes.push(Wish::Find(Printable::line(query), None));
    }

    /// Shows what a saved view finds, in its order and with its columns.
    pub fn show_view(&mut self, row: ViewRow) {
        self.wishes.push(Wish::ShowView(Box::new(row)));
    }

    /// Gives the list of customers these columns, and keeps them with the view that it shows, or for its person.
    pub fn columns(&mut self, columns: Columns) {
        self.wishes.push(Wish::Columns(columns));
    }

    /// Tells all panels that something was changed, so that they ask anew.
    pub fn changed(&mut self) {
        self.wishes.push(Wish::Changed);
    }

    /// Runs a command as if its key had been pressed.
    pub fn run(&mut self, cmd: super::commands::Cmd) {
        self.wishes.push(Wish::Run(cmd));
    }

    /// Does what waited for a code; whoever asked for it gets the answer.
    pub fn go_on(&mut self, held: Held) {
        self.wishes.push(Wish::GoOn(held));
    }

    /// Leaves undone what waited for a code; whoever asked for it is told.
    pub fn give_up(&mut self, held: Held) {
        self.wishes.push(Wish::GiveUp(held));
    }

    /// The text of a locale key.
    pub fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    /// The text of a locale key with its arguments.
    pub fn ta(&self, key: &str, args: &[(&str, &dyn std::fmt::Display)]) -> String {
        self.words.ta(key, args)
    }

    /// Says that something was done.
    pub fn good(&mut self, text: String) {
        self.notice = Some(Notice { tone: Tone::Good, text });
    }

    /// Says something.
    pub fn say(&mut self, text: String) {
        self.notice = Some(Notice { tone: Tone::Plain, text });
    }

    /// Says that something was not done.
    pub fn bad(&mut self, text: String) {
        self.notice = Some(Notice { tone: Tone::Bad, text });
    }

    /// Says why something was not done and what helps.
    pub fn refuse(&mut self, refusal: &Refusal) {
        let text = wording::refusal(self, refusal);
        self.bad(text);
    }

    /// Whether the person's role has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.me.as_ref().is_some_and(|me| me.role.may(permission))
    }
}

//! A date being typed, read back as the person will get it.
//!
//! **Invariant:** what is shown is what will be kept: both come from one reading of the same text.

use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::clock::Timestamp;
use crate::domain::when::{self, WhenFault};
use crate::service::NextStep;
use crate::text::Printable;

/// What a text for a date comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Nothing is written.
    Nothing,
    /// A moment, and what is to be done then if it says so.
    Step(Timestamp, Printable),
    /// It cannot be read.
    Fault(WhenFault),
}

impl Reading {
    /// Reads a date with what may follow it: `tomorrow 15:00 send the quote`.
    pub fn of(env: &Env, text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::Nothing;
        }
        match when::lead(text, env.now, env.offset) {
            Ok((at, what)) => Self::Step(at, Printable::line(what.trim_start_matches([':', '：', ',', '，', ' ']))),
            Err(fault) => Self::Fault(fault),
        }
    }

    /// The step that it comes to; `otherwise` says what is to be done where the text does not.
    pub fn step(&self, otherwise: &str) -> Option<NextStep> {
        let Self::Step(due, what) = self else { return None };
        let text = if what.is_empty() { Printable::line(otherwise) } else { what.clone() };
        Some(NextStep::once(*due, text))
    }

    /// The reading in words.
    pub fn words(&self, env: &Env, nothing: &str) -> (String, Ink) {
        match self {
            Self::Nothing => (nothing.to_owned(), Ink::Dim),
            Self::Fault(fault) => (format!("! {}", fault_words(env, *fault)), Ink::Bad),
            Self::Step(at, what) => {
                let full = when::show_full(*at, env.offset, env.words.lang);
                let line = if what.is_empty() {
                    env.ta("when-step", &[("when", &full)])
                } else {
                    env.ta("when-step-what", &[("when", &full), ("what", what)])
                };
                (line, Ink::Good)
            }
        }
    }
}

/// What is wrong with a date, in words.
pub fn fault_words(env: &Env, fault: WhenFault) -> String {
    match fault {
        WhenFault::Empty => env.t("when-empty"),
        WhenFault::Unread { at: 0 } => env.t("when-unread"),
        WhenFault::Unread { at } => env.ta("when-unread-at", &[("at", &at.saturating_add(1))]),
        WhenFault::NoSuchDay { year, month, day, last } => {
            env.ta("when-no-day", &[("year", &year), ("month", &month), ("day", &day), ("last", &last)])
        }
        WhenFault::NoSuchMonth(month) => env.ta("when-no-month", &[("month", &month)]),
        WhenFault::NoSuchTime => env.t("when-no-time"),
        WhenFault::Past => env.t("when-past"),
        WhenFault::TooFar => env.t("when-too-far"),
    }
}

/// A due time in its short form.
pub fn due(env: &Env, at: Timestamp) -> String {
    when::show(at, env.now, env.offset, env.words.lang)
}

//! The people who work with the vault.

use super::columns::Columns;
use super::field::Lang;
use super::id::StaffId;
use super::role::RoleName;
use crate::clock::Timestamp;
use crate::codes::codes;
use unicode_normalization::UnicodeNormalization;

/// The name somebody signs in with: printable, 1–64 characters, compared NFC and case-folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginName(String);

impl LoginName {
    /// The name, if it is one.
    pub fn new(name: &str) -> Option<Self> {
        let name = crate::text::Printable::line(name).into_string();
        let fits = (1..=64).contains(&name.chars().count());
        fits.then_some(Self(name))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As compared and hashed.
    pub fn folded(&self) -> String {
        self.0.to_lowercase().nfc().collect()
    }
}

impl std::fmt::Display for LoginName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaffState {
    /// Has a setup code, no passphrase yet.
    Invited,
    /// Can sign in.
    Active,
    /// Can no longer sign in.
    Disabled,
}

codes!(StaffState: Invited = "invited", Active = "active", Disabled = "disabled");

/// One member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// Grows by one with each change.
    pub version: u64,
    /// The name they sign in with.
    pub name: LoginName,
    /// Their role.
    pub role: RoleName,
    /// Their team; those with the same word see each other's customers in scope `team`.
    pub team: String,
    /// Whether they can sign in.
    pub state: StaffState,
    /// When they were added.
    pub created: Timestamp,
}

/// How a terminal says that a reminder came due, beside the line on its screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// Not at all.
    Silent,
    /// It rings its bell.
    #[default]
    Bell,
    /// A notification as iTerm2, WezTerm and Windows Terminal understand it: OSC 9.
    Osc9,
    /// One as urxvt, foot and others do: OSC 777.
    Osc777,
}

codes!(Alarm: Silent = "silent", Bell = "bell", Osc9 = "osc9", Osc777 = "osc777");

/// What somebody chose for their own sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The language; none means as the terminal says.
    pub lang: Option<Lang>,
    /// The theme's name.
    pub theme: Option<String>,
    /// The keymap's name.
    pub keymap: Option<String>,
    /// How reminders are heard.
    pub alarm: Alarm,
    /// The columns of the list of customers where no view is shown.
    pub columns: Columns,
}

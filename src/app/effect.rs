//! What the program wants done.
//!
//! **Invariant:** effects are carried out in the order in which they were given, and [`Effect::Lock`] ends the session,
//! so that a draft kept just before it is kept.

use zeroize::Zeroizing;

use crate::domain::id::CustomerId;
use crate::domain::staff::{Alarm, LoginName};
use crate::privacy::reveal::Revealed;
use crate::service::{Action, Query};

use super::msg::Ticket;

/// One thing to do. Answers come back as messages.
pub enum Effect {
    /// Ask the door; answered by `Msg::Reply`.
    Ask(Ticket, Query),
    /// Do something through the door; answered by `Msg::Reply`.
    Perform(Ticket, Action),
    /// Sign somebody in; answered by `Msg::Entry`.
    SignIn {
        /// The name as typed.
        name: String,
        /// The passphrase.
        passphrase: Zeroizing<String>,
    },
    /// Give the code of the second factor that was asked for; answered by `Msg::Entry`.
    Code(Zeroizing<String>),
    /// Tell the session that a person is there.
    Active,
    /// Tell the session which customer is in sight.
    At(Option<CustomerId>),
    /// Have the terminal say that a reminder came due, in these words where it takes words.
    Alarm(Alarm, String),
    /// Turn a setup code into a passphrase and sign in; answered by `Msg::Entry`.
    SetUp {
        /// The name as typed.
        name: String,
        /// The code.
        code: Zeroizing<String>,
        /// The passphrase to be.
        passphrase: Zeroizing<String>,
    },
    /// Establish an owner anew with the recovery key and sign them in; answered by `Msg::Entry`.
    Recover {
        /// The name as typed.
        name: String,
        /// The recovery key: its words, or shares.
        typed: Zeroizing<String>,
        /// The passphrase to be.
        passphrase: Zeroizing<String>,
    },
    /// Make a vault and sign its owner in; answered by `Msg::Entry`.
    Create {
        /// The owner.
        owner: LoginName,
        /// The passphrase to be.
        passphrase: Zeroizing<String>,
        /// The country whose phone numbers come without a country code.
        region: String,
        /// Where backups are to go.
        places: Vec<String>,
    },
    /// Open the sample vault instead; answered by `Msg::Entry`.
    LookRound,
    /// Write a new file of this name with these bytes, for nobody else to read; answered by `Msg::Reply`.
    KeepFile(Ticket, String, Zeroizing<Vec<u8>>),
    /// Put a value on the person's clipboard and forget it; answered by `Msg::Copied`.
    Clipboard(Revealed),
    /// Stop the long work under way; its answer says so.
    Stop,
    /// Draw the screen anew, since something else wrote on it.
    Redraw,
    /// End the session.
    Lock,
    /// Leave the program.
    Quit,
}

/// Says what it is and nothing that was typed.
impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ask(ticket, query) => write!(f, "Ask({}, {query:?})", ticket.0),
            Self::Perform(ticket, action) => write!(f, "Perform({}, {})", ticket.0, action_name(action)),
            Self::SignIn { .. } => f.write_str("SignIn"),
            Self::Code(_) => f.write_str("Code"),
            Self::Active => f.write_str("Active"),
            Self::At(_) => f.write_str("At"),
            Self::Alarm(..) => f.write_str("Alarm"),
            Self::SetUp { .. } => f.write_str("SetUp"),
            Self::Recover { .. } => f.write_str("Recover"),
            Self::Create { .. } => f.write_str("Create"),
            Self::Stop => f.write_str("Stop"),
            Self::LookRound => f.write_str("LookRound"),
            Self::KeepFile(ticket, ..) => write!(f, "KeepFile({})", ticket.0),
            Self::Clipboard(_) => f.write_str("Clipboard"),
            Self::Redraw => f.write_str("Redraw"),
            Self::Lock => f.write_str("Lock"),
            Self::Quit => f.write_str("Quit"),
        }
    }
}

/// The action's variant alone, since what it carries may be personal.
fn action_name(action: &Action) -> String {
    let text = format!("{action:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

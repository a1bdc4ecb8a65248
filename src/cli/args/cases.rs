//! The arguments of what is done with cases.
//!
//! **Invariant:** a case and a customer are named by number, a colleague by name.

use clap::{Args, Subcommand};

use crate::cli::words::HeldWord;
use crate::domain::id::{CaseId, CustomerId};

/// `cases`.
#[derive(Subcommand, Debug)]
pub enum Cases {
    /// List cases that are not closed, the earliest due first.
    List {
        /// Whose: mine (one's own and nobody's) or all.
        #[arg(long, value_name = "WHOSE", default_value = "all")]
        held: HeldWord,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Open a case of a customer, and print its number and ticket.
    Open(CasesOpen),
    /// Take a case.
    Take {
        /// The case's number.
        #[arg(value_name = "CASE")]
        id: CaseId,
    },
    /// Hand a case on.
    Hand {
        /// The case's number.
        #[arg(value_name = "CASE")]
        id: CaseId,
        /// The colleague's name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// A case waits for somebody else.
    Wait {
        /// The case's number.
        #[arg(value_name = "CASE")]
        id: CaseId,
    },
    /// Close a case.
    Close {
        /// The case's number.
        #[arg(value_name = "CASE")]
        id: CaseId,
    },
    /// A case is open again.
    Reopen {
        /// The case's number.
        #[arg(value_name = "CASE")]
        id: CaseId,
    },
}

/// `cases open`.
#[derive(Args, Debug)]
pub struct CasesOpen {
    /// The customer's number.
    #[arg(value_name = "CUSTOMER")]
    pub customer: CustomerId,
    /// What it is about.
    #[arg(long, value_name = "TEXT")]
    pub subject: String,
    /// By when, as in "tomorrow 15:00".
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// The ticket number of another system. Without it one is given.
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
}

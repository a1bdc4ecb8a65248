//! The arguments of what is done with consents.
//!
//! **Invariant:** a customer is named by number, a purpose by its code.

use clap::{Args, Subcommand};

use crate::cli::words::{HowWord, PurposeWord, SpeakerWord};
use crate::domain::id::CustomerId;

/// `consents`.
#[derive(Subcommand, Debug)]
pub enum Consents {
    /// List what a customer said of each purpose. Opens the customer, which is on record.
    List {
        /// The customer's number.
        #[arg(value_name = "CUSTOMER")]
        customer: CustomerId,
        /// All that was said before as well, the newest first.
        #[arg(long)]
        history: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Put down that a customer agrees to a purpose.
    Give(ConsentsSay),
    /// Put down that a customer refuses a purpose.
    Refuse(ConsentsSay),
    /// Put down that a customer withdraws a consent.
    Withdraw(ConsentsSay),
    /// List the purposes with the wording in force.
    Purposes {
        /// One JSON object a line, every version of each wording.
        #[arg(long)]
        json: bool,
    },
    /// Print the wording of a purpose, or write it anew as a new version.
    Wording(ConsentsWording),
}

/// `consents give`, `refuse` and `withdraw`.
#[derive(Args, Debug)]
pub struct ConsentsSay {
    /// The customer's number.
    #[arg(value_name = "CUSTOMER")]
    pub customer: CustomerId,
    /// The purpose.
    #[arg(value_name = "PURPOSE")]
    pub purpose: PurposeWord,
    /// How it was said.
    #[arg(long, value_name = "HOW", default_value = "call")]
    pub how: HowWord,
    /// Who said it.
    #[arg(long, value_name = "WHO", default_value = "customer")]
    pub by: SpeakerWord,
    /// When, as in "yesterday" or 2026-11-20. Without it: now.
    #[arg(long, value_name = "DAY")]
    pub on: Option<String>,
    /// What else there is to say.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `consents wording`.
#[derive(Args, Debug)]
pub struct ConsentsWording {
    /// The purpose.
    #[arg(value_name = "PURPOSE")]
    pub purpose: PurposeWord,
    /// Print this version instead of the one in force.
    #[arg(long, value_name = "N", conflicts_with_all = ["en", "zh"])]
    pub version: Option<u32>,
    /// The new wording in English. With --zh alone there is none.
    #[arg(long, value_name = "TEXT")]
    pub en: Option<String>,
    /// The new wording in Chinese. With --en alone there is none.
    #[arg(long, value_name = "TEXT")]
    pub zh: Option<String>,
}

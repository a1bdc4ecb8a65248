//! The arguments of what is done with rules.
//!
//! **Invariant:** a rule is named by its number, a colleague by name; a tag and a text stand as they shall be written.

use clap::{Args, Subcommand};

use crate::domain::customer::Stage;
use crate::domain::id::{CustomerId, RuleId};

/// `rules`.
#[derive(Subcommand, Debug)]
pub enum Rules {
    /// List the rules.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add a rule, and print its number. One that waits for a time is switched off at first: see whom it would take with
    /// dry-run, then switch it on.
    Add(Box<RulesAdd>),
    /// Have a rule act.
    On {
        /// The rule's number.
        #[arg(value_name = "RULE")]
        id: RuleId,
    },
    /// Have a rule wait.
    Off {
        /// The rule's number.
        #[arg(value_name = "RULE")]
        id: RuleId,
    },
    /// Remove a rule; what it did stays.
    Remove {
        /// The rule's number.
        #[arg(value_name = "RULE")]
        id: RuleId,
    },
    /// Say whom a rule would take now, and do nothing.
    DryRun {
        /// The rule's number.
        #[arg(value_name = "RULE")]
        id: RuleId,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Have all rules that wait for a time look now.
    Run {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Say how many days there should be between contacts with a customer at the most.
    Touch {
        /// The customer's number.
        #[arg(value_name = "CUSTOMER")]
        id: CustomerId,
        /// How many days; without it there is no such interval any more.
        #[arg(value_name = "DAYS")]
        days: Option<u32>,
    },
}

/// `rules add`: one of the four times, and one of the three things to do.
#[derive(Args, Debug)]
pub struct RulesAdd {
    /// Its name, under which all that it does is on record.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// When.
    #[command(flatten)]
    pub when: When,
    /// What.
    #[command(flatten)]
    pub then: Then,
    /// In how many days the follow-up is due.
    #[arg(long, value_name = "DAYS", default_value_t = 0, requires = "follow_up")]
    pub due: u32,
    /// Whose the follow-up is; without it, the customer's owner's.
    #[arg(long = "for", value_name = "COLLEAGUE", requires = "follow_up")]
    pub by: Option<String>,
    /// Only customers with this tag.
    #[arg(long, value_name = "TAG")]
    pub only_tag: Option<String>,
    /// Only customers of this stage.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub only_stage: Option<Stage>,
    /// Only customers who are lost for this reason.
    #[arg(long, value_name = "REASON")]
    pub only_lost: Option<String>,
}

/// When a rule acts.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct When {
    /// When somebody moves a customer to this stage.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub stage: Option<Stage>,
    /// When somebody gives a customer this tag.
    #[arg(long, value_name = "TAG")]
    pub tagged: Option<String>,
    /// When nobody spoke with a customer for so many days.
    #[arg(long, value_name = "DAYS")]
    pub silent: Option<u32>,
    /// When a customer's birthday is within so many days.
    #[arg(long, value_name = "DAYS")]
    pub birthday: Option<u32>,
}

/// What a rule does.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Then {
    /// Set a follow-up with this text.
    #[arg(long, value_name = "TEXT")]
    pub follow_up: Option<String>,
    /// Give the customer this tag.
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Give the customer to this colleague.
    #[arg(long, value_name = "COLLEAGUE")]
    pub assign: Option<String>,
}

fn stage(text: &str) -> Result<Stage, String> {
    let codes = || Stage::ALL.iter().map(|stage| stage.code()).collect::<Vec<_>>().join(", ");
    Stage::from_code(text).ok_or_else(|| format!("one of {}", codes()))
}

//! The arguments of what is done with the reasons for which customers are lost.
//!
//! **Invariant:** a reason is named by its key or by its label in either language.

use clap::{Args, Subcommand};

/// `losses`.
#[derive(Subcommand, Debug)]
pub enum Losses {
    /// The reasons for which customers are lost: list them and change the list.
    #[command(subcommand)]
    Reasons(LossReasonsCommand),
}

/// `losses reasons`.
#[derive(Subcommand, Debug)]
pub enum LossReasonsCommand {
    /// List the reasons in their order; who may change them sees how many customers and rules have each.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add a reason behind those that are there, and print its key.
    Add(LossLabels),
    /// Call a reason something else; a language that is left out stays as it is.
    Label {
        /// Its key or label.
        reason: String,
        /// The new labels.
        #[command(flatten)]
        labels: LossLabels,
    },
    /// Move a reason one place in the order in which it is offered.
    Move {
        /// Its key or label.
        reason: String,
        /// Which way.
        #[arg(value_name = "WAY", value_parser = ["up", "down"])]
        way: String,
    },
    /// Offer a reason no more; those who are lost for it stay so.
    Retire {
        /// Its key or label.
        reason: String,
    },
    /// Offer a retired reason again.
    Restore {
        /// Its key or label.
        reason: String,
    },
}

/// Labels, of which one is enough.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct LossLabels {
    /// In English.
    #[arg(long, value_name = "TEXT")]
    pub en: Option<String>,
    /// In Chinese.
    #[arg(long, value_name = "TEXT")]
    pub zh: Option<String>,
}

//! The arguments of what is done with deals and the stages of pipelines.
//!
//! **Invariant:** a deal and a customer are named by number; a stage by key or name.

use clap::{Args, Subcommand};

use crate::cli::words::WhoseWord;
use crate::domain::deal::StageKind;
use crate::domain::id::{CustomerId, DealId};

/// `deals`.
#[derive(Subcommand, Debug)]
pub enum Deals {
    /// List deals by stage; of won and lost ones those of the last 90 days.
    List(DealsList),
    /// Open a deal with a customer, and print its number.
    Add(DealsAdd),
    /// Move a deal to a stage: its key or name, or "on" or "back" for one stage. What is won or lost stays so, and moves
    /// among the stages for that.
    Move {
        /// The deal's number.
        #[arg(value_name = "DEAL")]
        id: DealId,
        /// Where to.
        #[arg(value_name = "STAGE")]
        stage: String,
    },
    /// A deal is won.
    Win {
        /// The deal's number.
        #[arg(value_name = "DEAL")]
        id: DealId,
    },
    /// A deal is lost.
    Lose {
        /// The deal's number.
        #[arg(value_name = "DEAL")]
        id: DealId,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// A won or lost deal is under way again.
    Reopen {
        /// The deal's number.
        #[arg(value_name = "DEAL")]
        id: DealId,
    },
    /// Give a deal to somebody else.
    Give {
        /// The deal's number.
        #[arg(value_name = "DEAL")]
        id: DealId,
        /// The colleague's name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List pipelines with their stages.
    Stages {
        /// One JSON object a line, one line a stage.
        #[arg(long)]
        json: bool,
    },
    /// Change the stages of a pipeline.
    #[command(subcommand)]
    Stage(DealsStage),
}

/// `deals list`.
#[derive(Args, Debug)]
pub struct DealsList {
    /// Whose: mine, team or all.
    #[arg(long, value_name = "WHOSE", default_value = "all")]
    pub whose: WhoseWord,
    /// Only those in this stage: its key or name.
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// `deals add`.
#[derive(Args, Debug)]
pub struct DealsAdd {
    /// The customer's number.
    #[arg(value_name = "CUSTOMER")]
    pub customer: CustomerId,
    /// What it is about.
    #[arg(long, value_name = "TEXT")]
    pub title: String,
    /// How much: 12,500.50 or 1.2万 or "EUR 900". Without a currency it is that of the vault's country.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub amount: String,
    /// When it is expected to be settled: 2026-12-31 or "next friday" or 月底.
    #[arg(long, value_name = "DATE")]
    pub close: Option<String>,
    /// How probable it is, in per cent. Without it: as probable as its stage.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub probability: Option<u8>,
    /// The stage that it begins in: its key or name. Without it: the first.
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
}

/// `deals stage`.
#[derive(Subcommand, Debug)]
pub enum DealsStage {
    /// Add a stage behind those of its kind.
    Add {
        /// What it is called.
        #[command(flatten)]
        name: StageName,
        /// What it means for the deals in it.
        #[arg(long, value_name = "KIND", default_value = "open", value_parser = kind)]
        kind: StageKind,
        /// How probable a deal in it is, in per cent; what is won or lost has none to choose.
        #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
        probability: u8,
        /// Which pipeline, by number. Without it: the first.
        #[arg(long, value_name = "N", default_value_t = 1)]
        pipeline: u32,
    },
    /// Give a stage another name; in the language that is not named it stays as it is called.
    Rename {
        /// Its key or name.
        stage: String,
        /// The new name.
        #[command(flatten)]
        name: StageName,
    },
    /// Change how probable a deal in it is.
    Probability {
        /// Its key or name.
        stage: String,
        /// In per cent.
        #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
        percent: u8,
    },
    /// Change after how many days a deal sits in it too long; 0 for never.
    Sits {
        /// Its key or name.
        stage: String,
        /// Days.
        days: u16,
    },
    /// One place towards the beginning.
    Earlier {
        /// Its key or name.
        stage: String,
    },
    /// One place towards the end.
    Later {
        /// Its key or name.
        stage: String,
    },
    /// It takes no more deals; those in it stay until they are moved.
    Retire {
        /// Its key or name.
        stage: String,
    },
    /// It takes deals again.
    Revive {
        /// Its key or name.
        stage: String,
    },
    /// Add another pipeline.
    Pipeline {
        /// What it is called.
        #[command(flatten)]
        name: StageName,
    },
    /// Give a pipeline another name.
    RenamePipeline {
        /// Its number.
        pipeline: u32,
        /// The new name.
        #[command(flatten)]
        name: StageName,
    },
}

/// A name in one language, which serves both, or in each.
#[derive(Args, Debug)]
pub struct StageName {
    /// The name.
    #[arg(required_unless_present_any = ["en", "zh"])]
    pub name: Option<String>,
    /// In English.
    #[arg(long, value_name = "TEXT")]
    pub en: Option<String>,
    /// In Chinese.
    #[arg(long, value_name = "TEXT")]
    pub zh: Option<String>,
}

fn kind(text: &str) -> Result<StageKind, String> {
    StageKind::from_code(text).ok_or_else(|| "one of open, won, lost".to_owned())
}

//! `duplicates`.
//!
//! **Invariant:** no argument holds anything of a customer; columns and files are named, not their contents.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::domain::id::CustomerId;

/// `duplicates`.
#[derive(Subcommand, Debug)]
pub enum Duplicates {
    /// Measure how well duplicates are found in a file in which it is known who is who. Needs no vault.
    Eval(DuplicatesEval),
    /// List pairs of customers who are probably one, the surest first, masked. What is masked counts only where it is the
    /// same.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Merge two customers who are one. What the first lacks comes from the second, whose number then leads to the first.
    /// "u" on the screens takes it back.
    Merge {
        /// Who is kept.
        #[arg(value_name = "KEEP")]
        keep: CustomerId,
        /// Who is merged into them.
        #[arg(value_name = "OTHER")]
        other: CustomerId,
    },
    /// Say that two customers are not the same, so that they are listed as a pair no more. "u" on the screens takes it back.
    Apart {
        /// One of the two.
        #[arg(value_name = "CUSTOMER")]
        one: CustomerId,
        /// The other.
        #[arg(value_name = "OTHER")]
        other: CustomerId,
    },
}

/// `duplicates eval`.
#[derive(Args, Debug)]
pub struct DuplicatesEval {
    /// A CSV or XLSX file with a row of column names, as for an import.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The column that has the same for all rows of one customer. It is compared with what is found, and not looked at.
    #[arg(long, value_name = "COLUMN")]
    pub key: String,
    /// A map file that says what columns mean, as for an import.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

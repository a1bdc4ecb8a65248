//! The arguments of what is done with cadences.
//!
//! **Invariant:** a cadence is named by its name, a customer by number.

use clap::{Args, Subcommand};

use crate::domain::id::CustomerId;

/// `cadences`.
#[derive(Subcommand, Debug)]
pub enum Cadences {
    /// List the cadences by name.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Print a cadence's steps, one a line.
    Show {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Keep a cadence, or write the one of that name anew.
    Add {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
        /// A step, as in "3 email @welcome"; once for each.
        #[arg(long = "step", value_name = "STEP", required = true)]
        steps: Vec<String>,
    },
    /// Put a cadence on customers.
    Put(CadencesPut),
}

/// `cadences put`.
#[derive(Args, Debug)]
pub struct CadencesPut {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Numbers of customers.
    #[arg(value_name = "CUSTOMER", required_unless_present = "query", conflicts_with = "query")]
    pub customers: Vec<CustomerId>,
    /// Everybody whom a query finds.
    #[arg(long, value_name = "QUERY")]
    pub query: Option<String>,
    /// Say what would come of it, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

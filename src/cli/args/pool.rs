//! The arguments of what is done with the shared pool.
//!
//! **Invariant:** a customer is named by number, and days are whole.

use clap::Subcommand;

use crate::domain::id::CustomerId;

/// `pool`.
#[derive(Subcommand, Debug)]
pub enum Pool {
    /// List who is in the pool, whoever came last first: name, stage, tags, since when.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
        limit: u64,
    },
    /// Take a customer from the pool.
    Claim {
        /// The customer's number.
        #[arg(value_name = "CUSTOMER")]
        id: CustomerId,
    },
    /// Give a customer of yours back to the pool.
    Release {
        /// The customer's number.
        #[arg(value_name = "CUSTOMER")]
        id: CustomerId,
    },
    /// Say whom the pool would take, by owner, and do nothing.
    DryRun {
        /// After so many days without contact or deal; as the policy says without it.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Have the pool warn and take now, as it does by itself every hour while a program has the vault open.
    Run {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

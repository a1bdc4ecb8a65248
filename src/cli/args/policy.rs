//! The arguments of `policy`.

use clap::Subcommand;

/// `policy`.
#[derive(Subcommand, Debug)]
pub enum Policy {
    /// List every value with its bounds and what it is.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Set a value.
    Set {
        /// Its key, as `list` names it.
        #[arg(value_name = "KEY")]
        key: String,
        /// What it is to be.
        #[arg(value_name = "VALUE")]
        value: String,
    },
}

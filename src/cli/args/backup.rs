//! The arguments of backups: making, reading back, restoring, drilling, and where they go.
//!
//! **Invariant:** no secret of a place is an argument.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `backup`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Backup {
    /// The place. Without it: every place that is set.
    #[arg(value_name = "PLACE")]
    pub place: Option<String>,
    /// All of the vault, even where only what changed is due.
    #[arg(long)]
    pub full: bool,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
}

/// The commands about backups.
#[derive(Subcommand, Debug)]
pub enum BackupCommand {
    /// List the backups at a place, newest first.
    List {
        /// The place. Without it: every place that is set.
        #[arg(value_name = "PLACE")]
        place: Option<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Read a backup back and check it. Takes somebody who signs in.
    Verify {
        /// Its id. Without it: the newest at every place.
        #[arg(value_name = "ID")]
        id: Option<String>,
        /// Only one part of it: 3/7 is the third of seven.
        #[arg(long, value_name = "N/M", requires = "id", value_parser = part)]
        part: Option<(u32, u32)>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show and change where backups go, how often and how many are kept.
    Setup {
        /// A place more.
        #[arg(long, value_name = "PLACE")]
        add: Vec<String>,
        /// A place less; what lies there stays.
        #[arg(long, value_name = "PLACE")]
        remove: Vec<String>,
        /// Another number, such as incremental_minutes=30.
        #[arg(long, value_name = "KEY=NUMBER", value_parser = setting)]
        set: Vec<(String, String)>,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn part(text: &str) -> Result<(u32, u32), String> {
    let numbers = text.split_once('/').and_then(|(n, of)| Some((n.parse().ok()?, of.parse().ok()?)));
    let fits = numbers.filter(|(n, of)| (1..=*of).contains(n));
    fits.ok_or_else(|| "a part is written N/M, with N from 1 to M".to_owned())
}

fn setting(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    pair.ok_or_else(|| "a setting is written KEY=NUMBER".to_owned())
}

/// `restore`.
#[derive(Args, Debug)]
pub struct Restore {
    /// The place, or the id of a backup at one of the places that are set.
    #[arg(value_name = "PLACE|ID")]
    pub from: String,
    /// Which backup at the place. Without it: the newest.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Open it with the recovery words or shares instead; --as names the owner to be, whose new passphrase is asked for.
    #[arg(long)]
    pub recovery: bool,
    /// The new file. Without it: one beside the vault that is called after it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `drill`.
#[derive(Args, Debug)]
pub struct Drill {
    /// The place. Without it: the one whose turn it is.
    #[arg(value_name = "PLACE")]
    pub place: Option<String>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

//! The definition of the command line: help, completions and the man page are all made from it.
//!
//! **Invariant:** no secret and no personal value is ever an argument but where the contract names one as optional
//! (`mask KIND VALUE`), and there the help says how to give it otherwise. The process's environment is not read here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use super::words::{BasisWord, DueWord, DuplicatesWord, FieldWord, KindWord, LangWord, MaskWord, ReasonWord, RoleWord};
use crate::domain::id::CustomerId;
use crate::domain::reason::Reason;
use crate::text::Printable;

/// A customer book behind a veil.
///
/// Without a command, veilbook opens the vault on the full screen. Every command has the same rights as the screens
/// and leaves the same record.
#[derive(Parser, Debug)]
#[command(name = "veilbook", version, about, long_about, disable_help_subcommand = true)]
#[command(after_long_help = "Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 the vault is held by another \
    process, 4 not signed in, 5 damaged.")]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,

    /// The keys to use: arrows, vim, emacs, or a file of your own.
    #[arg(long, value_name = "NAME|FILE")]
    pub keymap: Option<String>,

    /// The colours to use: dark, light, high-contrast or mono.
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,

    /// Line by line instead of the full screen, for screen readers.
    #[arg(long)]
    pub plain: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Args, Debug)]
pub struct Common {
    /// The vault's file. Without it: VEILBOOK_VAULT, else a file in your data folder.
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    pub vault: Option<PathBuf>,

    /// Who signs in; asked for where there is a terminal.
    #[arg(long = "as", value_name = "NAME", global = true)]
    pub actor: Option<String>,

    /// A file whose first line is the passphrase. Nobody but you may be able to read it.
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath, conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,

    /// An open file descriptor from which the passphrase is read, up to the end of the line.
    #[arg(long, value_name = "N", global = true)]
    pub passphrase_fd: Option<u32>,

    /// Memory for the vault's tables, in MiB: more makes work in a vault of more than 100,000 customers quicker.
    #[arg(long, value_name = "MIB", global = true, default_value_t = 32, value_parser = clap::value_parser!(u16).range(4..=4_096))]
    pub cache: u16,

    /// The language of labels and screens: en or zh-CN.
    #[arg(long, value_name = "LANG", global = true)]
    pub lang: Option<LangWord>,
}

/// The commands.
#[derive(Subcommand, Debug)]
#[allow(clippy::large_enum_variant)]
pub enum Command {
    /// Make a vault, and print the key that verifies its record.
    Init(Init),
    /// Look round a vault of made-up customers, signed in as its owner.
    Demo(Demo),
    /// Bring in customers from a CSV file or the first sheet of an XLSX file.
    Import(Import),
    /// List customers, masked. A phone, email or ID number finds its customer exactly, on record.
    Customers(Customers),
    /// Show one customer, masked.
    Show(Show),
    /// Show one masked field, with a reason, on record.
    Reveal(Reveal),
    /// Compare a value with what is stored: yes or no. The value is read from standard input.
    Verify(Verify),
    /// Log contacts with customers.
    #[command(subcommand)]
    Interaction(Interaction),
    /// List reminders.
    FollowUps(FollowUps),
    /// Read, verify and export the record of actions.
    #[command(subcommand)]
    Audit(Audit),
    /// List, add and shut out staff.
    #[command(subcommand)]
    Staff(Staff),
    /// Back up: with --as as somebody, else the closed file as it lies, without any passphrase.
    Backup(Backup),
    /// Restore a backup into a new file beside the vault, never over anything.
    Restore(Restore),
    /// Restore a backup to a temporary place, open it, compare it, delete it, and put that on record.
    Drill(Drill),
    /// Erase a customer for good.
    Erase(Erase),
    /// Turn a one-time setup code into a passphrase.
    Setup(Setup),
    /// Change your own passphrase.
    Passphrase(Passphrase),
    /// See how the vault's keys stand, and raise what a passphrase costs to try.
    #[command(subcommand)]
    Keys(Keys),
    /// Make, split and use the recovery key, for the day on which a passphrase is forgotten.
    #[command(subcommand)]
    Recovery(Recovery),
    /// Replace the vault's keys in a new file, as after somebody has left or a laptop was stolen.
    Rotate(Rotate),
    /// List the fields.
    Fields(Fields),
    /// Show what the mask renderer makes of a value.
    Mask(Mask),
    /// Say what is well and what is not: file, keys, chain, backup, terminal.
    Doctor(Doctor),
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the manual page.
    Man,
}

/// `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// The name that the owner signs in with.
    #[arg(long, value_name = "NAME")]
    pub owner: String,
    /// Where backups go: a folder's whole path or s3://bucket/prefix; give it twice, for two places.
    #[arg(long, value_name = "PLACE")]
    pub backup: Vec<String>,
}

/// `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// How many customers.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(0..=10_000_000))]
    pub customers: u64,
    /// The same seed gives the same customers.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Make a vault there instead of opening one; its owner's passphrase comes from the usual options.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub make: Option<PathBuf>,
}

/// `import`.
#[derive(Args, Debug)]
pub struct Import {
    /// The file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// A file that says which column is which field.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// Show what would happen, and bring nothing in.
    #[arg(long)]
    pub dry_run: bool,
    /// Where rows that cannot be taken go, with the reason for each.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    /// What to do with customers who are there already; asked once where there is a terminal.
    #[arg(long, value_name = "WHAT")]
    pub duplicates: Option<DuplicatesWord>,
    /// Where the data came from, in your words.
    #[arg(long, value_name = "TEXT")]
    pub source: String,
    /// The legal ground on which it may be kept.
    #[arg(long, value_name = "BASIS")]
    pub basis: BasisWord,
}

/// `customers`.
#[derive(Args, Debug)]
pub struct Customers {
    /// Words that must all match, or a phone, email or ID number. Without it: everybody in your scope.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
}

/// `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// The customer's number.
    #[arg(value_name = "ID")]
    pub id: CustomerId,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The reason for what wants one.
#[derive(Args, Debug)]
pub struct Why {
    /// Why.
    #[arg(long, value_name = "CODE")]
    pub reason: ReasonWord,
    /// Why, in words; the reason "other" demands it.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// The ticket that it belongs to.
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
}

impl Why {
    /// As the door takes it.
    pub fn reason(&self) -> Reason {
        let line = |text: &Option<String>| text.as_deref().map(Printable::line);
        Reason { code: self.reason.0, text: line(&self.text), ticket: line(&self.ticket) }
    }
}

/// `reveal`.
#[derive(Args, Debug)]
pub struct Reveal {
    /// The customer's number.
    #[arg(value_name = "ID")]
    pub id: CustomerId,
    /// The field's key.
    #[arg(value_name = "FIELD")]
    pub field: FieldWord,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// `verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// The customer's number.
    #[arg(value_name = "ID")]
    pub id: CustomerId,
    /// The field's key.
    #[arg(value_name = "FIELD")]
    pub field: FieldWord,
}

/// `interaction`.
#[derive(Subcommand, Debug)]
pub enum Interaction {
    /// Log a contact, with the next step if there is one.
    Add(InteractionAdd),
}

/// `interaction add`.
#[derive(Args, Debug)]
pub struct InteractionAdd {
    /// The customer's number.
    #[arg(value_name = "ID")]
    pub id: CustomerId,
    /// How.
    #[arg(long, value_name = "KIND")]
    pub kind: KindWord,
    /// What was said.
    #[arg(long, value_name = "TEXT")]
    pub text: String,
    /// When to follow up, and with what: "tomorrow 15:00 send the quote".
    #[arg(long, value_name = "WHEN")]
    pub next: Option<String>,
    /// The ticket that it belongs to.
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
}

/// `follow-ups`.
#[derive(Args, Debug)]
pub struct FollowUps {
    /// Which; today and week include what is overdue.
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub due: DueWord,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// `audit`.
#[derive(Subcommand, Debug)]
pub enum Audit {
    /// List entries, newest first: actor:wang action:reveal customer:12 from:2026-11-01
    List(AuditList),
    /// Check the whole record, or an exported file, which needs no vault.
    Verify(AuditVerify),
    /// Write the whole record to a file that others can check.
    Export(AuditExport),
    /// Sign the record's present state and print the checkpoint, to be kept elsewhere.
    Checkpoint,
}

/// `audit list`.
#[derive(Args, Debug)]
pub struct AuditList {
    /// Which entries.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
}

/// `audit verify`.
#[derive(Args, Debug)]
pub struct AuditVerify {
    /// An exported file. Without it: the vault's own record.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// The key that `veilbook init` printed. Without it the file's own key is taken, which proves less.
    #[arg(long, value_name = "VKEY", requires = "file")]
    pub key: Option<String>,
}

/// `audit export`.
#[derive(Args, Debug)]
pub struct AuditExport {
    /// The file to write, which must not be there yet.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `staff`.
#[derive(Subcommand, Debug)]
pub enum Staff {
    /// List the staff.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add somebody, and print the one-time code that they set their passphrase with.
    Add {
        /// The name that they sign in with.
        #[arg(value_name = "NAME")]
        name: String,
        /// Their role.
        #[arg(long, value_name = "ROLE")]
        role: RoleWord,
    },
    /// Shut somebody out.
    Disable {
        /// Their name.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

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

/// `erase`.
#[derive(Args, Debug)]
pub struct Erase {
    /// The customer's number.
    #[arg(value_name = "ID")]
    pub id: CustomerId,
    /// Why.
    #[command(flatten)]
    pub why: Why,
    /// The customer's number again; asked for where there is a terminal.
    #[arg(long, value_name = "ID")]
    pub confirm: Option<CustomerId>,
}

/// `setup`.
#[derive(Args, Debug)]
pub struct Setup {
    /// The name that you sign in with.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// An open file descriptor from which the setup code is read.
    #[arg(long, value_name = "N")]
    pub code_fd: Option<u32>,
}

/// `passphrase`.
#[derive(Args, Debug)]
pub struct Passphrase {
    /// A file whose first line is the new passphrase. Nobody but you may be able to read it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "new_passphrase_fd")]
    pub new_passphrase_file: Option<PathBuf>,
    /// An open file descriptor from which the new passphrase is read, up to the end of the line.
    #[arg(long, value_name = "N")]
    pub new_passphrase_fd: Option<u32>,
}

/// `keys`.
#[derive(Subcommand, Debug)]
pub enum Keys {
    /// Show the recovery key's state, what a passphrase costs, who has not moved to it, and the last rotation.
    Show,
    /// Raise what a passphrase costs to try to what this machine can bear. Everybody moves at their next sign-in.
    Recalibrate,
}

/// `recovery`.
#[derive(Subcommand, Debug)]
pub enum Recovery {
    /// Make a recovery key, in the place of any before it: 24 words, shown once and asked back.
    New,
    /// Split the recovery key, whose words are asked for, into shares for several people.
    Split(RecoverySplit),
    /// Establish an owner anew with the recovery words, or with enough shares. They are asked for, or read from standard
    /// input; the owner's new passphrase comes from the usual options. The key has done its work then.
    Use(RecoveryUse),
}

/// `recovery split`.
#[derive(Args, Debug)]
pub struct RecoverySplit {
    /// How many shares are needed to use the key.
    #[arg(short = 'k', value_name = "K", value_parser = clap::value_parser!(u8).range(2..=15))]
    pub needed: u8,
    /// How many shares are made.
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u8).range(2..=15))]
    pub shares: u8,
}

/// `recovery use`.
#[derive(Args, Debug)]
pub struct RecoveryUse {
    /// The owner's name: somebody's who is there, or a new one.
    #[arg(long, value_name = "NAME")]
    pub owner: String,
}

/// `rotate`.
#[derive(Args, Debug)]
pub struct Rotate {
    /// Remove the unfinished copy that an interrupted run left, and replace nothing.
    #[arg(long)]
    pub discard: bool,
}

/// `fields`.
#[derive(Args, Debug)]
pub struct Fields {
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// `mask`.
#[derive(Args, Debug)]
pub struct Mask {
    /// The kind of mask.
    #[arg(value_name = "KIND")]
    pub kind: MaskWord,
    /// The value. Left out, it is read from standard input, and stays out of the shell's history.
    #[arg(value_name = "VALUE")]
    pub value: Option<String>,
}

/// `doctor`.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Read every page and every block in use, and check tables and record against each other. Takes a sign-in.
    #[arg(long)]
    pub deep: bool,
}

/// `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

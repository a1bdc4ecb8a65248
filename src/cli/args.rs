//! The definition of the command line: help, completions and the man page are all made from it.
//!
//! **Invariant:** no secret and no personal value is ever an argument but where the contract names one as optional
//! (`mask KIND VALUE`), and there the help says how to give it otherwise. The process's environment is not read here.

mod backup;
mod cadences;
mod cases;
mod consents;
mod customers;
mod deals;
mod duplicates;
mod fields;
mod keys;
mod losses;
mod policy;
mod pool;
mod rules;
mod server;
mod ssh;
mod templates;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use super::words::{LangWord, MaskWord, RoleWord};

pub use backup::{Backup, BackupCommand, Drill, Restore};
pub use cadences::{Cadences, CadencesPut};
pub use cases::{Cases, CasesOpen};
pub use consents::{Consents, ConsentsSay, ConsentsWording};
pub use customers::{
    Customers, Erase, FollowUps, HolidayFile, Holidays, Import, Interaction, InteractionAdd, Reveal, Show, Verify, Why,
};
pub use deals::{Deals, DealsAdd, DealsList, DealsStage, StageName};
pub use duplicates::{Duplicates, DuplicatesEval};
pub use fields::{Fields, FieldsAdd, FieldsChange, FieldsCommand, FieldsRest};
pub use keys::{Keys, Passphrase, Recovery, RecoverySplit, RecoveryUse, Rotate, Setup};
pub use losses::{LossLabels, LossReasonsCommand, Losses};
pub use policy::Policy;
pub use pool::Pool;
pub use rules::{Rules, RulesAdd};
pub use server::{Serve, Socket};
pub use ssh::{Ssh, StaffKey};
pub use templates::{Templates, TemplatesAdd};

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

    /// A file whose first line is a code of your second factor. Nobody but you may be able to read it.
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath, conflicts_with = "factor_fd")]
    pub factor_file: Option<PathBuf>,

    /// An open file descriptor from which a code of your second factor is read, up to the end of the line.
    #[arg(long, value_name = "N", global = true)]
    pub factor_fd: Option<u32>,

    /// Memory for the vault's tables, in MiB: more makes work in a vault of more than 100,000 customers quicker.
    #[arg(long, value_name = "MIB", global = true, default_value_t = 32, value_parser = clap::value_parser!(u16).range(4..=4_096))]
    pub cache: u16,

    /// The language of labels and screens: en or zh-CN.
    #[arg(long, value_name = "LANG", global = true)]
    pub lang: Option<LangWord>,

    /// Where a server listens.
    #[command(flatten)]
    pub server: Socket,
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
    /// List cadences (named series of steps), print them, keep them, and put them on customers.
    #[command(subcommand)]
    Cadences(Cadences),
    /// List, print, keep and remove texts for contacts, with places that are filled in.
    #[command(subcommand)]
    Templates(Templates),
    /// List cases, open them, take them, hand them on and close them.
    #[command(subcommand)]
    Cases(Cases),
    /// List what customers agreed to, put down what they say, and keep the wordings.
    #[command(subcommand)]
    Consents(Consents),
    /// List rules, add them, switch them on and off, try them, and have them look.
    #[command(subcommand)]
    Rules(Rules),
    /// The reasons for which customers are lost: list them, and change the list.
    #[command(subcommand)]
    Losses(Losses),
    /// The shared pool: see it, claim a customer from it, give one back, and try whom it would take.
    #[command(subcommand)]
    Pool(Pool),
    /// List deals, open them, move them through the stages, and change the stages.
    #[command(subcommand)]
    Deals(Deals),
    /// See and set the public holidays, which follow-ups on working days pass over.
    #[command(subcommand)]
    Holidays(Holidays),
    /// See and set the policy: limits, quotas, times, whether a second factor is asked for, the shared pool.
    #[command(subcommand)]
    Policy(Policy),
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
    /// Find customers who are there more than once.
    #[command(subcommand)]
    Duplicates(Duplicates),
    /// Erase a customer for good.
    Erase(Erase),
    /// Turn a one-time setup code into a passphrase.
    Setup(Setup),
    /// Change your own passphrase.
    Passphrase(Passphrase),
    /// Your second factor: codes of a phone beside the passphrase.
    #[command(subcommand)]
    Factor(Factor),
    /// See how the vault's keys stand, and raise what a passphrase costs to try.
    #[command(subcommand)]
    Keys(Keys),
    /// Make, split and use the recovery key, for the day on which a passphrase is forgotten.
    #[command(subcommand)]
    Recovery(Recovery),
    /// Replace the vault's keys in a new file, as after somebody has left or a laptop was stolen.
    Rotate(Rotate),
    /// Hold the vault for many people at once: they attach, and are shown what they may see.
    Serve(Serve),
    /// List who is signed in at the server, and end sessions.
    #[command(subcommand)]
    Sessions(Sessions),
    /// End all sessions and have the server let go of the vault: the next who signs in opens it again.
    Seal,
    /// Attach this terminal to the server that holds the vault.
    Attach,
    /// Let staff come over SSH with a registered key, as far as the server's door. Holds no key of the vault.
    Ssh(Ssh),
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
    /// The country whose phone numbers come without a country code, such as CN or GB; without it that of your language.
    #[arg(long, value_name = "COUNTRY")]
    pub region: Option<String>,
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
    /// Write a CSV file there instead, of customers of whom some are there twice, with the key of who is who.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "make")]
    pub labelled: Option<PathBuf>,
}

/// `sessions`.
#[derive(Subcommand, Debug)]
pub enum Sessions {
    /// List them: who, from where, since when, when a key last came.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// End all of one person's, but for the one that this command uses.
    End {
        /// Their name.
        name: String,
    },
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
    /// Add, remove and list the public keys that staff come with over "veilbook ssh".
    #[command(subcommand)]
    Key(StaffKey),
    /// Put somebody into a team: leads see the customers of their team.
    Team {
        /// Their name.
        name: String,
        /// The team; not given is that of all who have none.
        #[arg(value_name = "TEAM", default_value = "")]
        team: String,
    },
    /// Shut somebody out.
    Disable {
        /// Their name.
        name: String,
    },
}

/// `factor`.
#[derive(Subcommand, Debug)]
pub enum Factor {
    /// Show a secret for a phone, ask for its first code, and print ten recovery codes.
    Enrol,
    /// Print ten new recovery codes; the old ones count no more.
    Codes,
    /// Remove it, unless the policy demands one.
    Remove,
    /// As an owner, take away somebody's whose phone and codes are gone.
    Reset {
        /// Their name.
        name: String,
    },
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

impl Command {
    /// Whether it works in the vault that a server may hold; the others need none or make one of their own.
    pub(super) fn is_of_the_vault(&self) -> bool {
        !matches!(
            self,
            Self::Init(_)
                | Self::Demo(_)
                | Self::Restore(_)
                | Self::Mask(_)
                | Self::Duplicates(Duplicates::Eval(_))
                | Self::Completions(_)
                | Self::Man
                | Self::Serve(_)
                | Self::Attach
                | Self::Ssh(_)
                | Self::Audit(Audit::Verify(AuditVerify { file: Some(_), .. }))
        )
    }
}

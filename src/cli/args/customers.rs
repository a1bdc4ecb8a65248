//! The arguments of what is done with customers: bringing in, listing, showing, revealing, contacts, erasing.
//!
//! **Invariant:** a customer is named by number; a value to compare is never an argument.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::cli::words::{
    BasisWord, ColumnWord, DirectionWord, DueWord, DuplicatesWord, FieldWord, IcsWord, KindWord, ReasonWord, WhoseWord,
};
use crate::domain::id::CustomerId;
use crate::domain::reason::Reason;
use crate::text::Printable;

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
    /// Words that must all match, conditions such as tag:vip -tag:cold owner:me stage:lead last>90d due:today
    /// created:2026-01..2026-03 amount>5000 has:email field.company:acme, or a phone, email or ID number. Put it all in
    /// quotes. Without it: everybody in your scope.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// Write everybody whom the query finds into a new CSV file instead, with sealed fields masked. It takes a reason, is
    /// on record, and nothing takes it back.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["json", "limit"])]
    pub export: Option<PathBuf>,
    /// What the file holds besides the name, in this order: kind, stage, owner, tags, created, last, next, updated,
    /// source, number, and keys of fields. Without it: all of them but fields that only go out by name, such as notes.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', requires = "export")]
    pub columns: Vec<ColumnWord>,
    /// Sealed fields that the file holds with their values. Each value counts as a reveal.
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', requires = "export")]
    pub values: Vec<FieldWord>,
    /// Say how many would go and who is left out, and write nothing.
    #[arg(long, requires = "export")]
    pub dry_run: bool,
    /// Why the file is needed.
    #[arg(long, value_name = "CODE", requires = "export")]
    pub reason: Option<ReasonWord>,
    /// Why, in words; the reason "other" demands it.
    #[arg(long, value_name = "TEXT", requires = "export")]
    pub text: Option<String>,
    /// The ticket that it belongs to.
    #[arg(long, value_name = "TICKET", requires = "export")]
    pub ticket: Option<String>,
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
    /// Who began it: the customer (in) or the firm (out).
    #[arg(long, value_name = "WAY")]
    pub direction: Option<DirectionWord>,
    /// How long it took.
    #[arg(long, value_name = "N")]
    pub minutes: Option<u16>,
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
    /// Whose.
    #[arg(long, value_name = "WHOSE", default_value = "mine")]
    pub whose: WhoseWord,
    /// One JSON object a line.
    #[arg(long, conflicts_with = "ics")]
    pub json: bool,
    /// A calendar file (RFC 5545), with customers' numbers alone unless --with asks for more.
    #[arg(long)]
    pub ics: bool,
    /// What else goes into the calendar file, which leaves the vault's protection.
    #[arg(long, value_name = "PARTS", value_delimiter = ',', requires = "ics")]
    pub with: Vec<IcsWord>,
}

/// `holidays`.
#[derive(Subcommand, Debug)]
pub enum Holidays {
    /// List the days that are not as their weekday says.
    List,
    /// Take them from a file, in the place of those before: lines such as "2026-10-01 holiday National Day" and
    /// "2026-10-10 working", or a calendar (.ics) of whole days.
    Set(HolidayFile),
    /// Have none: Saturdays and Sundays are not worked, all other days are.
    Clear,
}

/// `holidays set`.
#[derive(Args, Debug)]
pub struct HolidayFile {
    /// The file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
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

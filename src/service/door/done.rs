//! What an action gave.

use zeroize::Zeroizing;

use crate::domain::consent::ConsentState;
use crate::domain::id::{CaseId, CustomerId, DealId, JobId, RuleId, StaffId, TemplateId};
use crate::privacy::reveal::Revealed;
use crate::service::duplicates::Hunt;
use crate::service::key_state::RecoveryOffer;
use crate::service::rotation::{Rotated, Rotation};
use crate::service::view::*;
use crate::text::Printable;

/// What an [`Action`](super::Action) gave.
pub enum Done {
    /// It was done; nothing more to say.
    Done,
    /// The customer opened.
    Customer(Box<CustomerDetail>),
    /// The customers found.
    Matches(Vec<CustomerRow>),
    /// Customers with the same value; those out of scope are counted, not named.
    Duplicates {
        /// Those in scope.
        within: Vec<CustomerRow>,
        /// How many others.
        beyond: u64,
    },
    /// A search for pairs who are probably one, to be run by whoever asked.
    Hunt(Hunt),
    /// Pairs who are probably one, the surest first.
    Pairs(Vec<DuplicatePair>),
    /// A customer was added or changed.
    Saved(CustomerId, u64),
    /// Something was done to many customers.
    Bulk(BulkReport),
    /// Customers, as a file's bytes.
    Exported(Exported),
    /// A contact was logged or a reminder set.
    Logged,
    /// What a customer says of a purpose was put down; this is what counts now, which something said later may be.
    Consent(ConsentState),
    /// A case as it stands now: its number, version and ticket.
    Case(CaseId, u64, Printable),
    /// A case, opened.
    CaseOpened(Box<CaseDetail>),
    /// A deal as it stands now: its number and version.
    Deal(DealId, u64),
    /// A template was kept: its number, and which of its places nothing can be filled into.
    Template(TemplateId, Vec<String>),
    /// A rule as it stands now: its number and version.
    Rule(RuleId, u64),
    /// Whom a rule would take.
    DryRun(Box<DryRun>),
    /// What the rules or the pool did.
    Swept(Swept),
    /// Whom the pool would take.
    PoolTakes(Box<PoolTakes>),
    /// A value, for a while.
    Revealed(Revealed),
    /// The comparison's outcome and how many tries are left.
    Verified(Verdict),
    /// What was taken back.
    Undone(UndoLabel),
    /// An import was begun.
    ImportBegun(JobId),
    /// What would become of rows.
    Rehearsed(Rehearsal),
    /// Rows were taken in.
    Imported(ChunkReport),
    /// An import was published: how it stands.
    ImportFinished(ImportRow),
    /// Somebody was added: the code to hand over, shown once.
    SetupCode(StaffId, Zeroizing<String>),
    /// A recovery key, shown once, and which of its words are asked back.
    Recovery(RecoveryOffer),
    /// A second factor to be taken into a phone.
    FactorOffer(FactorOffer),
    /// The second factor's recovery codes, shown once.
    FactorCodes(Vec<Zeroizing<String>>),
    /// The shares of the recovery key, shown once.
    Shares(Vec<Zeroizing<String>>),
    /// The keys may be replaced: to be run by whoever asked.
    Rotation(Rotation),
    /// The keys were replaced; everybody signs in anew.
    Rotated(Rotated),
    /// The vault is to be shut by whoever asked.
    Sealed,
    /// The record was checked.
    Verdict(ChainState),
    /// A signed checkpoint, as its note's text.
    Checkpoint(String),
    /// The whole record as an export file's bytes.
    Export(Vec<u8>),
}

/// Says what kind of outcome it is, and the numbers that are nobody's secret.
impl std::fmt::Debug for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::Customer(_) => f.write_str("Customer(..)"),
            Self::Matches(rows) => write!(f, "Matches({})", rows.len()),
            Self::Duplicates { within, beyond } => write!(f, "Duplicates({}, {beyond})", within.len()),
            Self::Hunt(_) => f.write_str("Hunt(..)"),
            Self::Pairs(pairs) => write!(f, "Pairs({})", pairs.len()),
            Self::Saved(id, version) => write!(f, "Saved({id}, {version})"),
            Self::Bulk(report) => write!(f, "Bulk({} of {})", report.changed, report.all()),
            Self::Exported(out) => out.fmt(f),
            Self::Logged => f.write_str("Logged"),
            Self::Consent(state) => write!(f, "Consent({})", state.code()),
            Self::Case(id, version, _) => write!(f, "Case({id}, {version})"),
            Self::CaseOpened(detail) => write!(f, "CaseOpened({})", detail.row.case.id),
            Self::Deal(id, version) => write!(f, "Deal({id}, {version})"),
            Self::Template(id, unknown) => write!(f, "Template({id}, {} unknown)", unknown.len()),
            Self::Rule(id, version) => write!(f, "Rule({id}, {version})"),
            Self::DryRun(run) => write!(f, "DryRun({:?})", run.count),
            Self::Swept(swept) => swept.fmt(f),
            Self::PoolTakes(takes) => write!(f, "PoolTakes({:?})", takes.count()),
            Self::Revealed(value) => value.fmt(f),
            Self::Verified(verdict) => verdict.fmt(f),
            Self::Undone(label) => write!(f, "Undone({})", label.action),
            Self::ImportBegun(job) => write!(f, "ImportBegun({job})"),
            Self::Rehearsed(found) => write!(f, "Rehearsed({} known)", found.known.len()),
            Self::Imported(report) => {
                let ChunkReport { added, merged, skipped, rejected, without_owner: _, consents: _ } = report;
                write!(f, "Imported({added} added, {merged} merged, {skipped} skipped, {} rejected)", rejected.len())
            }
            Self::ImportFinished(row) => write!(f, "ImportFinished({})", row.id),
            Self::SetupCode(who, _) => write!(f, "SetupCode({who}, ..)"),
            Self::Recovery(offer) => offer.fmt(f),
            Self::FactorOffer(offer) => offer.fmt(f),
            Self::FactorCodes(codes) => write!(f, "FactorCodes({})", codes.len()),
            Self::Shares(shares) => write!(f, "Shares({})", shares.len()),
            Self::Rotation(_) => f.write_str("Rotation(..)"),
            Self::Rotated(rotated) => rotated.fmt(f),
            Self::Sealed => f.write_str("Sealed"),
            Self::Verdict(state) => state.fmt(f),
            Self::Checkpoint(_) => f.write_str("Checkpoint(..)"),
            Self::Export(bytes) => write!(f, "Export({} bytes)", bytes.len()),
        }
    }
}

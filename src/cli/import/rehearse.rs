//! `--dry-run`: what an import would do, counted and nothing stored.
//!
//! **Invariant:** nothing is brought in; the counts are those of an import with the same file, vault and choice, but
//! that a row which would be merged and adds nothing counts as merged here and as skipped there, and that consents which
//! an earlier row of the file brings as well count again.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;

use super::super::sign_in::{refused, unexpected};
use super::super::trouble::Trouble;
use super::super::{Ended, Exit};
use super::{Tally, WHAT, Work};
use crate::cli::words::DuplicatesWord;
use crate::exchange::rows::RowDraft;
use crate::exchange::table::{SourceRow, Table};
use crate::exchange::twins::Twins;
use crate::service::{Action, Done, OnDuplicate};

/// What the rows so far would come to.
#[derive(Default)]
struct Counted {
    tally: Tally,
    /// Rows of customers in the vault.
    known: u64,
    /// Rows of customers of earlier rows.
    repeated: u64,
}

impl Work<'_, '_, '_> {
    /// Counts what would come in, and writes the rejects.
    pub(super) fn rehearse(&mut self, table: &mut Table, chosen: Option<DuplicatesWord>) -> Ended {
        let counted = self.look(table, chosen.map_or(OnDuplicate::Skip, |word| word.0));
        self.rejects.finish(self.desk)?;
        self.tell(&counted?, chosen)
    }

    fn look(&mut self, table: &mut Table, duplicates: OnDuplicate) -> Result<Counted, Trouble> {
        let stop = self.desk.env.interrupts.watch()?;
        let (mut counted, mut twins) = (Counted::default(), Twins::default());
        self.chunks(table, (&stop, "stopped; nothing was brought in"), |work, chunk| {
            work.count(chunk, duplicates, &mut twins, &mut counted)
        })?;
        Ok(counted)
    }

    /// Counts a chunk as the vault finds it and the rows before it leave it.
    fn count(
        &mut self,
        chunk: &mut Vec<(SourceRow, RowDraft)>,
        duplicates: OnDuplicate,
        twins: &mut Twins,
        counted: &mut Counted,
    ) -> Result<(), Trouble> {
        let records = chunk.iter().map(|(_, draft)| self.record(draft.clone())).collect();
        let action = Action::RehearseRows(records);
        let Done::Rehearsed(found) = self.signed.session().perform(action).map_err(refused(WHAT))? else {
            return Err(unexpected(WHAT));
        };
        let (sources, drafts): (Vec<SourceRow>, Vec<RowDraft>) = chunk.drain(..).unzip();
        self.refused(&sources, &found.rejected)?;
        let rejected: HashSet<u64> = found.rejected.iter().map(|(row, _)| *row).collect();
        let in_vault: HashSet<u64> = found.known.into_iter().collect();
        let consents: HashMap<u64, u64> = found.consents.into_iter().collect();
        let without_owner: HashSet<u64> = found.without_owner.into_iter().collect();
        for draft in drafts.iter().filter(|draft| !rejected.contains(&draft.row)) {
            let known = in_vault.contains(&draft.row);
            let repeated = !known && twins.knows(draft, self.schema);
            counted.known += u64::from(known);
            counted.repeated += u64::from(repeated);
            let added = !known && !repeated || duplicates == OnDuplicate::Keep;
            match duplicates {
                _ if added => counted.tally.added += 1,
                OnDuplicate::Merge => counted.tally.merged += 1,
                _ => counted.tally.skipped += 1,
            }
            counted.tally.consents += match duplicates {
                _ if added || repeated && duplicates == OnDuplicate::Merge => draft.consents.len() as u64,
                OnDuplicate::Merge => consents.get(&draft.row).copied().unwrap_or(0),
                _ => 0,
            };
            if added {
                counted.tally.without_owner += u64::from(without_owner.contains(&draft.row));
            }
            // What a row fills in one of the same file is compared with the rows after it; what it fills in one of the
            // vault is not before the import is published.
            if added || (repeated && duplicates == OnDuplicate::Merge) {
                twins.note(draft, self.schema);
            }
        }
        Ok(())
    }

    fn tell(&mut self, counted: &Counted, chosen: Option<DuplicatesWord>) -> Ended {
        let Counted { tally, known, repeated } = counted;
        if known + repeated > 0 {
            self.desk.told("import-known", &[("known", known), ("repeated", repeated)])?;
            if chosen.is_none() {
                self.desk.told("import-as-skipped", &[])?;
            }
        }
        self.owners(tally.without_owner)?;
        self.consents("import-consents-would", tally.consents)?;
        let rejected = self.rejects.count();
        let Tally { added, merged, skipped, .. } = tally;
        let counts: [(&str, &dyn Display); 4] =
            [("added", added), ("merged", merged), ("skipped", skipped), ("rejected", &rejected)];
        let would = self.desk.words.ta("import-would", &counts);
        self.desk.print(&would)?;
        Ok(Exit::Done)
    }
}

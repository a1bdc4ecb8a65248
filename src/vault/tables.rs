//! The open tables: snapshots to read, one transaction at a time to write.
//!
//! **Invariant:** who holds [`Tables`] can read everything but sealed fields; it is made only from an unlocked file.

use redb::{Database, ReadableDatabase};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::check;
use super::file::{BlockFile, Snapshot};
use super::keyring::VaultId;
use super::store::{Fresh, Reader, StoreError, Writer};

/// What a write transaction comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Make it durable.
    Commit,
    /// Leave nothing behind.
    Abort,
}

/// Rows that are moved in one transaction of a quiet moment.
const BITE: usize = 1_024;

/// The tables of one vault.
pub struct Tables {
    database: Database,
    file: BlockFile,
    id: VaultId,
    changed: AtomicBool,
    fresh: Arc<Fresh>,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tables(..)")
    }
}

impl Tables {
    /// The tables in `database`, which lies in `file` and belongs to the vault `id`.
    pub fn new(database: Database, file: BlockFile, id: VaultId) -> Self {
        Self { database, file, id, changed: AtomicBool::new(false), fresh: Arc::default() }
    }

    /// The vault's id, which binds sealed values to it.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// How far the file is on: it rises with every commit, and never falls but in an older copy.
    pub fn epoch(&self) -> u64 {
        self.file.epoch()
    }

    /// A snapshot of the last committed state.
    pub fn read(&self) -> Result<Reader, StoreError> {
        Ok(Reader::new(self.database.begin_read()?, Arc::clone(&self.fresh)))
    }

    /// Runs `change` in a transaction; returns when it is durable, or when nothing is left of it.
    pub fn write(&self, change: &mut dyn FnMut(&mut Writer<'_>) -> Result<Fate, StoreError>) -> Result<(), StoreError> {
        let mut progress = self.fresh.progress();
        let transaction = self.database.begin_write()?;
        let mut writer = Writer::new(&transaction, &self.fresh, &progress);
        let fate = change(&mut writer).and_then(|fate| {
            if fate == Fate::Commit {
                writer.finish()?;
            }
            Ok(fate)
        });
        let left = writer.into_progress();
        match fate {
            Ok(Fate::Commit) => {
                self.changed.store(true, Ordering::Relaxed);
                transaction.commit()?;
                *progress = self.fresh.committed(left);
                Ok(())
            }
            Ok(Fate::Abort) => Ok(transaction.abort()?),
            Err(error) => {
                transaction.abort()?;
                Err(error)
            }
        }
    }

    /// A moment for a backup: the file's bytes, and the same state of the tables to count in. Nobody writes meanwhile;
    /// afterwards work goes on while both are read.
    pub fn snapshot(&self) -> Result<(Snapshot, Reader), StoreError> {
        // The state that a backup holds opens without redb's full repair.
        let mut transaction = self.database.begin_write()?;
        transaction.set_quick_repair(true);
        transaction.commit()?;
        let transaction = self.database.begin_write()?;
        let reader = self.read()?;
        let snapshot = self.file.snapshot().map_err(|error| StoreError::Disk(error.to_string()));
        transaction.abort()?;
        Ok((snapshot?, reader))
    }

    /// Reads every page and every block in use, and checks the tables' trees, without writing anything; see
    /// [`check`]. Nobody else writes meanwhile. Gives how many bytes of blocks were read.
    pub fn check(&self, tell: check::Tell<'_>) -> Result<u64, check::CheckError> {
        let transaction = self.database.begin_write().map_err(StoreError::from)?;
        let checked = check::file(&self.file, tell);
        transaction.abort().map_err(StoreError::from)?;
        checked
    }

    /// For when nothing else waits, once after changes: moves index rows that were written lately into their tables, with
    /// a commit that lets the next unclean open skip redb's full repair, and a mark by which later damage to the last
    /// commit can be told from a crash.
    pub fn rest(&self) -> Result<(), StoreError> {
        self.move_all()?;
        if self.changed.swap(false, Ordering::Relaxed) {
            let mut transaction = self.database.begin_write()?;
            transaction.set_quick_repair(true);
            transaction.commit()?;
            self.file.confirm().map_err(|error| StoreError::Disk(error.to_string()))?;
        }
        Ok(())
    }

    /// Moves all index rows that are under way into their tables, a bite a commit, so that nobody waits long.
    pub fn move_all(&self) -> Result<(), StoreError> {
        let rows = self.read()?.under_way()?;
        // Twice, since a part may be under way already; what others bring meanwhile waits for the next time.
        for _ in 0..rows.div_ceil(BITE).saturating_add(1).saturating_mul(2) {
            if self.read()?.under_way()? == 0 {
                break;
            }
            let mut progress = self.fresh.progress();
            let transaction = self.database.begin_write()?;
            let mut writer = Writer::new(&transaction, &self.fresh, &progress);
            let moved = writer.move_on(BITE);
            let left = writer.into_progress();
            if let Err(error) = moved {
                transaction.abort()?;
                return Err(error);
            }
            self.changed.store(true, Ordering::Relaxed);
            transaction.commit()?;
            *progress = self.fresh.committed(left);
        }
        Ok(())
    }
}

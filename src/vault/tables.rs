//! The open tables: snapshots to read, one transaction at a time to write.
//!
//! **Invariant:** who holds [`Tables`] can read everything but sealed fields; it is made only from an unlocked file.

use redb::{Database, ReadableDatabase};

use super::keyring::VaultId;
use super::store::{Reader, StoreError, Writer};

/// What a write transaction comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Make it durable.
    Commit,
    /// Leave nothing behind.
    Abort,
}

/// The tables of one vault.
pub struct Tables {
    database: Database,
    id: VaultId,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tables(..)")
    }
}

impl Tables {
    /// The tables in `database`, which belongs to the vault `id`.
    pub fn new(database: Database, id: VaultId) -> Self {
        Self { database, id }
    }

    /// The vault's id, which binds sealed values to it.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// A snapshot of the last committed state.
    pub fn read(&self) -> Result<Reader, StoreError> {
        Ok(Reader::new(self.database.begin_read()?))
    }

    /// Runs `change` in a transaction; returns when it is durable, or when nothing is left of it.
    pub fn write(&self, change: &mut dyn FnMut(&mut Writer<'_>) -> Result<Fate, StoreError>) -> Result<(), StoreError> {
        let transaction = self.database.begin_write()?;
        let mut writer = Writer::new(&transaction);
        let fate = change(&mut writer);
        drop(writer);
        match fate {
            Ok(Fate::Commit) => Ok(transaction.commit()?),
            Ok(Fate::Abort) => Ok(transaction.abort()?),
            Err(error) => {
                transaction.abort()?;
                Err(error)
            }
        }
    }

    /// A commit that lets the next unclean open skip redb's full repair. For when nothing else waits.
    pub fn ease_repair(&self) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_quick_repair(true);
        Ok(transaction.commit()?)
    }
}

//! Random work over the encrypted file: transactions over several tables, savepoints, aborts, compaction, growth, shrink,
//! idle moments and reopening; and the model that says what must be there after each step.
//!
//! **Invariant:** the same seed does the same work on the same bytes; a state is told of only after its commit returned.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{
    CompactionError, Database, MultimapTableDefinition, ReadTransaction, ReadableDatabase, ReadableMultimapTable,
    ReadableTable, Savepoint, TableDefinition, TableError, WriteTransaction,
};
use veilbook::clock::SeededEntropy;
use veilbook::vault::file::{BlockFile, Disk, FileError, FileKeys};

use super::crash_disk::{CrashDisk, Dice};

const NUMBERS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("numbers");
const NAMES: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("names");
const PAIRS: MultimapTableDefinition<'static, u64, u64> = MultimapTableDefinition::new("pairs");

/// Where the encrypted file begins on a disk of these tests.
pub const BASE: u64 = 8192;

/// The keys of every file of these tests.
pub fn keys() -> FileKeys {
    FileKeys::derive(&[3; 32], &[4; 16])
}

/// A new file.
pub fn create(disk: Arc<dyn Disk>, seed: u64) -> BlockFile {
    BlockFile::create(disk, BASE, [5; 16], keys(), Arc::new(SeededEntropy::new(seed))).expect("a new file")
}

/// An existing file.
pub fn open(disk: Arc<dyn Disk>, seed: u64) -> Result<BlockFile, FileError> {
    BlockFile::open(disk, BASE, [5; 16], keys(), Arc::new(SeededEntropy::new(seed)))
}

/// A database with a small cache, so that pages are evicted and read again.
pub fn database(file: BlockFile) -> Result<Database, redb::Error> {
    let mut builder = Database::builder();
    builder.set_cache_size(256 << 10);
    builder.create_with_backend(file).map_err(Into::into)
}

/// What the tables hold: the table and the key, and the value as its length and the byte that fills it.
pub type Rows = BTreeMap<(u8, u64), (usize, u8)>;

/// What is durable: the rows, and the savepoints that were kept with the rows of their moment.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct State {
    pub rows: Arc<Rows>,
    pub kept: BTreeMap<u64, Arc<Rows>>,
}

/// What a database holds. A value that is not of one byte all through counts as one that nobody wrote.
pub fn contents(db: &Database) -> Result<Rows, redb::Error> {
    let of = |value: &[u8]| match value.first() {
        Some(first) if value.iter().any(|byte| byte != first) => (usize::MAX, *first),
        first => (value.len(), first.copied().unwrap_or(0)),
    };
    let mut rows = Rows::new();
    let reading = db.begin_read()?;
    if let Some(table) = there(reading.open_table(NUMBERS))? {
        for row in table.iter()? {
            let (key, value) = row?;
            rows.insert((0, key.value()), of(value.value()));
        }
    }
    if let Some(table) = there(reading.open_table(NAMES))? {
        for row in table.iter()? {
            let (key, value) = row?;
            let number = key.value().rsplit(' ').next().and_then(|number| number.parse().ok());
            rows.insert((1, number.unwrap_or(u64::MAX)), of(value.value()));
        }
    }
    if let Some(table) = there(reading.open_multimap_table(PAIRS))? {
        for row in table.iter()? {
            let (key, values) = row?;
            for value in values {
                rows.insert((2, key.value() << 32 | value?.value()), (0, 0));
            }
        }
    }
    Ok(rows)
}

fn there<T>(opened: Result<T, TableError>) -> Result<Option<T>, redb::Error> {
    match opened {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a database holds, with the savepoints that it kept; the rows of those are not looked at.
pub fn state(db: &Database) -> Result<(Rows, Vec<u64>), redb::Error> {
    let writing = db.begin_write()?;
    let kept = writing.list_persistent_savepoints()?.collect();
    writing.abort()?;
    Ok((contents(db)?, kept))
}

/// A change of one key of one table.
pub type Change = ((u8, u64), Option<(usize, u8)>);

/// Makes the changes in a transaction, and in the model.
pub fn make(to: &WriteTransaction, rows: &mut Rows, changes: &[Change]) -> Result<(), redb::Error> {
    let (mut numbers, mut names) = (to.open_table(NUMBERS)?, to.open_table(NAMES)?);
    let mut pairs = to.open_multimap_table(PAIRS)?;
    for ((table, key), value) in changes {
        let bytes = value.map(|(len, byte)| vec![byte; len]);
        let name = format!("a name of some length {key}");
        match (table, &bytes) {
            (0, Some(bytes)) => drop(numbers.insert(key, bytes.as_slice())?),
            (0, None) => drop(numbers.remove(key)?),
            (1, Some(bytes)) => drop(names.insert(name.as_str(), bytes.as_slice())?),
            (1, None) => drop(names.remove(name.as_str())?),
            (_, Some(_)) => drop(pairs.insert(key >> 32, key & 0xFFFF_FFFF)?),
            (_, None) => drop(pairs.remove(key >> 32, key & 0xFFFF_FFFF)?),
        }
        match value {
            Some((len, byte)) if *table < 2 => rows.insert((*table, *key), (*len, if *len == 0 { 0 } else { *byte })),
            Some(_) => rows.insert((*table, *key), (0, 0)),
            None => rows.remove(&(*table, *key)),
        };
    }
    Ok(())
}

/// What kind of work there is most of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// A bit of everything.
    Everyday,
    /// Commits of one row, over and over, so that the ring of records fills and begins anew.
    Tiny,
    /// Growth and shrink over many groups.
    Tides,
    /// Commits of more blocks than a record may list.
    Huge,
}

/// An open database at work.
pub struct Work {
    disk: Arc<CrashDisk>,
    dice: Dice,
    file: BlockFile,
    db: Option<Database>,
    mix: Mix,
    state: State,
    reader: Option<(ReadTransaction, Arc<Rows>)>,
    savepoints: Vec<(Savepoint, Arc<Rows>)>,
    /// The moments of the disk at which states were acknowledged.
    pub told: Vec<(usize, State)>,
    /// What is there once the commit under way is.
    pub next: Option<State>,
    /// How often the file was opened.
    pub opened: u64,
}

impl Work {
    /// Opens the file on `disk` and says what it holds. `known` are states that it may be in.
    pub fn begin(disk: Arc<CrashDisk>, seed: u64, mix: Mix, known: &[&State]) -> Result<Self, redb::Error> {
        let mut dice = Dice::new(seed);
        let file = open(disk.clone(), dice.next()).map_err(|error| redb::Error::Io(error.into()))?;
        let db = database(file.clone())?;
        let (rows, kept) = state(&db)?;
        let held = known.iter().find(|state| *state.rows == rows && state.kept.keys().eq(&kept));
        let Some(held) = held else {
            return Err(redb::Error::Corrupted("what is there was never acknowledged as a whole".into()));
        };
        let state = (*held).clone();
        let told = vec![(disk.moment(), state.clone())];
        let (reader, savepoints, next) = (None, Vec::new(), None);
        Ok(Self { disk, dice, file, db: Some(db), mix, state, reader, savepoints, told, next, opened: 1 })
    }

    /// The database.
    pub fn db(&mut self) -> Result<&mut Database, redb::Error> {
        self.db.as_mut().ok_or(redb::Error::PreviousIo)
    }

    /// What must be there now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Closes the database as one should, and gives what was acknowledged.
    pub fn end(mut self) -> Result<Vec<(usize, State)>, redb::Error> {
        self.release();
        self.db.take().ok_or(redb::Error::PreviousIo)?.close()?;
        Ok(self.told)
    }

    fn release(&mut self) {
        self.reader = None;
        self.savepoints.clear();
    }

    /// One step of random work.
    pub fn step(&mut self) -> Result<(), redb::Error> {
        match (self.mix, self.dice.below(100)) {
            (Mix::Tiny, 8..) => self.tiny(),
            (Mix::Tides, 0..25) => self.tide(),
            (Mix::Huge, 0..25) => self.huge(),
            (_, 0..3) => self.reopen(),
            (_, 3..7) => self.compact(),
            (_, 7..11) => self.abandon(),
            (_, 11..13) => self.clear(),
            (_, 13..21) => self.idle(),
            (_, 21..29) => self.savepoint(),
            (_, 29..35) => self.restore(),
            (_, 35..42) => self.keep(),
            (_, 42..45) => self.read_on(),
            (_, 45..51) => self.tide(),
            (_, 51..63) => self.tiny(),
            (_, 63..66) => self.begin_only(),
            _ => self.usual(),
        }
    }

    fn value(&mut self) -> (usize, u8) {
        let len = if self.dice.one_in(25) { 20_000 } else { self.dice.below(900) };
        (len as usize, self.dice.next() as u8)
    }

    fn change(&mut self) -> Change {
        let table = [0, 0, 0, 1, 1, 2][self.dice.below(6) as usize];
        let number = self.dice.below(60);
        let key = if table == 2 { (number % 8) << 32 | number } else { number };
        let value = self.value();
        ((table, key), (!self.dice.one_in(4)).then_some(value))
    }

    /// Commits the changes, as one of the kinds of commit that redb knows to be durable.
    fn commit(&mut self, changes: &[Change]) -> Result<(), redb::Error> {
        let kind = self.dice.below(10);
        let mut writing = self.db()?.begin_write()?;
        writing.set_quick_repair(kind == 0);
        writing.set_two_phase_commit(kind == 1);
        let mut next = self.state.clone();
        make(&writing, Arc::make_mut(&mut next.rows), changes)?;
        self.end_with(writing, next)
    }

    fn end_with(&mut self, writing: WriteTransaction, next: State) -> Result<(), redb::Error> {
        self.next = Some(next.clone());
        writing.commit()?;
        (self.state, self.next) = (next, None);
        self.told.push((self.disk.moment(), self.state.clone()));
        Ok(())
    }

    fn usual(&mut self) -> Result<(), redb::Error> {
        let changes: Vec<_> = (0..1 + self.dice.below(6)).map(|_| self.change()).collect();
        self.commit(&changes)
    }

    fn tiny(&mut self) -> Result<(), redb::Error> {
        let change = ((0, self.dice.below(8)), Some((16, self.dice.next() as u8)));
        self.commit(&[change])
    }

    /// Many rows come, or all of them go again and the file shrinks.
    fn tide(&mut self) -> Result<(), redb::Error> {
        let byte = self.dice.next() as u8;
        let all = 1_000..1_000 + 25;
        if self.state.rows.contains_key(&(0, 1_000)) {
            self.commit(&all.map(|key| ((0, key), None)).collect::<Vec<_>>())?;
            self.compact()
        } else {
            self.commit(&all.map(|key| ((0, key), Some((12_000, byte)))).collect::<Vec<_>>())
        }
    }

    fn huge(&mut self) -> Result<(), redb::Error> {
        let byte = self.dice.next() as u8;
        let all = 2_000..2_000 + 45;
        if self.state.rows.contains_key(&(0, 2_000)) && self.dice.one_in(2) {
            self.commit(&all.map(|key| ((0, key), None)).collect::<Vec<_>>())
        } else {
            self.commit(&all.map(|key| ((0, key), Some((200_000, byte)))).collect::<Vec<_>>())
        }
    }

    fn reopen(&mut self) -> Result<(), redb::Error> {
        self.release();
        self.db.take().ok_or(redb::Error::PreviousIo)?.close()?;
        let file = open(self.disk.clone(), self.dice.next()).map_err(|error| redb::Error::Io(error.into()))?;
        (self.file, self.db) = (file.clone(), Some(database(file)?));
        self.opened += 1;
        let (rows, kept) = state(self.db()?)?;
        assert!(rows == *self.state.rows && self.state.kept.keys().eq(&kept), "what was closed is not what opens");
        self.told.push((self.disk.moment(), self.state.clone()));
        Ok(())
    }

    fn compact(&mut self) -> Result<(), redb::Error> {
        self.release();
        match self.db()?.compact() {
            Ok(_) => Ok(()),
            Err(CompactionError::PersistentSavepointExists) => self.forget(),
            Err(error) => Err(error.into()),
        }
    }

    /// A transaction that comes to nothing, after it wrote more than the cache holds.
    fn abandon(&mut self) -> Result<(), redb::Error> {
        let writing = self.db()?.begin_write()?;
        writing.open_table(NUMBERS)?.insert(7, vec![9; 300_000].as_slice())?;
        Ok(writing.abort()?)
    }

    /// A transaction that is let go of before anything happened in it.
    fn begin_only(&mut self) -> Result<(), redb::Error> {
        drop(self.db()?.begin_write()?);
        Ok(())
    }

    fn clear(&mut self) -> Result<(), redb::Error> {
        let writing = self.db()?.begin_write()?;
        let mut next = self.state.clone();
        let table = if self.dice.one_in(2) {
            writing.delete_table(NUMBERS)?;
            0
        } else {
            writing.delete_multimap_table(PAIRS)?;
            2
        };
        Arc::make_mut(&mut next.rows).retain(|(of, _), _| *of != table);
        self.end_with(writing, next)
    }

    /// What the program does when nobody asks for anything.
    fn idle(&mut self) -> Result<(), redb::Error> {
        if self.dice.one_in(2) {
            let mut writing = self.db()?.begin_write()?;
            writing.set_quick_repair(true);
            writing.commit()?;
        }
        self.file.confirm().map_err(|error| redb::Error::Io(error.into()))
    }

    fn savepoint(&mut self) -> Result<(), redb::Error> {
        let writing = self.db()?.begin_write()?;
        if self.dice.one_in(3) {
            let id = writing.persistent_savepoint()?;
            let mut next = self.state.clone();
            next.kept.insert(id, next.rows.clone());
            return self.end_with(writing, next);
        }
        let savepoint = writing.ephemeral_savepoint()?;
        writing.abort()?;
        self.savepoints.push((savepoint, self.state.rows.clone()));
        Ok(())
    }

    /// Goes back to a savepoint, and on from there in the same transaction.
    fn restore(&mut self) -> Result<(), redb::Error> {
        if self.savepoints.is_empty() && self.state.kept.is_empty() {
            return self.usual();
        }
        let mut next = self.state.clone();
        let mut writing = self.db()?.begin_write()?;
        if let Some((id, rows)) = self.state.kept.iter().next_back().filter(|_| self.savepoints.is_empty()) {
            let savepoint = writing.get_persistent_savepoint(*id)?;
            writing.restore_savepoint(&savepoint)?;
            next.rows = rows.clone();
        } else if let Some((savepoint, rows)) = self.savepoints.pop() {
            writing.restore_savepoint(&savepoint)?;
            next.rows = rows;
        }
        next.kept = BTreeMap::new();
        let kept: Vec<u64> = writing.list_persistent_savepoints()?.collect();
        next.kept
            .extend(self.state.kept.iter().filter(|(id, _)| kept.contains(id)).map(|(id, rows)| (*id, rows.clone())));
        let change = self.change();
        make(&writing, Arc::make_mut(&mut next.rows), &[change])?;
        self.end_with(writing, next)
    }

    /// Lets savepoints be, mostly: they pin pages, so that nothing is ever reused.
    fn keep(&mut self) -> Result<(), redb::Error> {
        match self.dice.below(3) {
            0 => self.forget(),
            1 => {
                self.savepoints.clear();
                Ok(())
            }
            _ => self.usual(),
        }
    }

    fn forget(&mut self) -> Result<(), redb::Error> {
        let Some(id) = self.state.kept.keys().next().copied() else { return self.usual() };
        let writing = self.db()?.begin_write()?;
        writing.delete_persistent_savepoint(id)?;
        let mut next = self.state.clone();
        next.kept.remove(&id);
        self.end_with(writing, next)
    }

    /// A snapshot that is held while the work goes on, and still says what it said.
    fn read_on(&mut self) -> Result<(), redb::Error> {
        if let Some((reading, rows)) = self.reader.take() {
            let wanted = rows.keys().filter(|(table, _)| *table == 0).count() as u64;
            let mut held = 0;
            if let Some(table) = there(reading.open_table(NUMBERS))? {
                for row in table.iter()? {
                    row?;
                    held += 1;
                }
            }
            assert_eq!(held, wanted, "a snapshot changed while it was held");
        } else {
            self.reader = Some((self.db()?.begin_read()?, self.state.rows.clone()));
        }
        Ok(())
    }
}

//! Index rows that were written lately and are not in their tables yet.
//!
//! A customer has some eighty index rows, and each belongs into another page of a large table. A commit that writes few
//! puts them into a log instead, all of them as one batch behind the last, which takes a page or two. Whoever reads finds
//! the log before the table; in quiet moments, and in bites where the log has grown long, its rows go into their tables
//! in the order of the keys, so that a page is then written once for several customers.
//!
//! A log with the same first and last number has the same rows, in every state of the file that was committed, since
//! numbers only rise and the last batch is never taken away without another behind it. So what was read of one is kept.
//! **Invariant:** a row of the log stands for what its table has at that key, whether it was moved already or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{ReadableTable, TableDefinition};

use super::merge::{Item, Sorted};
use super::{StoreError, Table};
use crate::vault::records::{Reading, Record, Writing};

/// number, rising → batch. Behind batches that were moved stays an empty one, which keeps the last number.
pub(super) const LOG: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("fresh");

/// The tables whose rows go through the log; a stored row names its table by the place here.
const THROUGH_LOG: [Table; 3] = [Table::Lists, Table::Words, Table::Tokens];

/// Whether a table's rows go through the log.
pub(super) fn is_through_log(table: Table) -> bool {
    THROUGH_LOG.contains(&table)
}

/// Rows by table and key; those without a value are to be taken away.
pub(super) type Rows = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

/// A row that was set, or, without a value, taken away.
#[derive(PartialEq, Eq)]
struct Row {
    table: Table,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl Row {
    fn item(&self) -> Item<'_> {
        (self.table, &self.key, self.value.as_deref())
    }

    fn place(&self) -> (Table, &[u8]) {
        (self.table, &self.key)
    }
}

/// The rows of one commit, sorted. Neighbours share what their keys begin with.
pub(super) struct Batch(Vec<Row>);

impl Batch {
    /// A batch of these rows.
    pub(super) fn new(rows: Rows) -> Self {
        Self(rows.into_iter().map(|((table, key), value)| Row { table, key, value }).collect())
    }
}

impl Record for Batch {
    const VERSION: u8 = 1;
    const KIND: &'static str = "batch of index rows";

    fn write(&self, to: &mut Writing) {
        let mut before: Vec<u8> = Vec::new();
        to.list(&self.0, |to, row| {
            let table = THROUGH_LOG.iter().take_while(|table| **table != row.table).count();
            let shared = before.iter().zip(&row.key).take_while(|(one, other)| one == other).count();
            to.uint(table as u64).uint(shared as u64).bytes(row.key.get(shared..).unwrap_or_default());
            to.maybe(row.value.as_ref(), |to, value| _ = to.bytes(value));
            before.clone_from(&row.key);
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let mut before: Vec<u8> = Vec::new();
        let rows = from.list(|from| {
            let table = from.place(|place| THROUGH_LOG.get(usize::from(place)).copied())?;
            let shared: usize = from.small()?;
            let mut key = before.get(..shared).ok_or_else(|| from.fault())?.to_vec();
            key.extend(from.bytes()?);
            before.clone_from(&key);
            Ok(Row { table, key, value: from.maybe(|from| Ok(from.bytes()?.to_vec()))? })
        })?;
        // What is looked up in a run relies on its order.
        if rows.is_sorted_by(|one, next| one.place() < next.place()) { Ok(Self(rows)) } else { Err(from.fault()) }
    }
}

/// Rows of several batches merged, sorted; of two with one key, the later.
type Run = Arc<[Arc<Row>]>;

/// The log in one state of the file.
#[derive(Clone, Default)]
pub(super) struct Log {
    /// The numbers of its first and last batch; 0 where none was ever written.
    first: u64,
    last: u64,
    /// From the oldest on, each at least twice as long as the next, so that there are few.
    runs: Vec<Run>,
}

impl Log {
    /// The number behind the last.
    pub(super) fn next(&self) -> u64 {
        self.last.saturating_add(1)
    }

    /// Whether both begin with the same batch.
    pub(super) fn begins_as(&self, other: &Self) -> bool {
        self.first == other.first
    }

    /// The number of the last batch.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// How many rows it has, more or less: a key that was written often may count more than once.
    pub(super) fn rows(&self) -> usize {
        self.runs.iter().map(|run| run.len()).sum()
    }

    /// What it says of a key: nothing, that it is gone, or its value.
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Option<Option<&[u8]>> {
        self.runs.iter().rev().find_map(|run| {
            let at = run.binary_search_by(|row| row.place().cmp(&(table, key))).ok()?;
            run.get(at).map(|row| row.value.as_deref())
        })
    }

    /// This log with a batch behind it.
    pub(super) fn with(&self, number: u64, batch: Batch) -> Self {
        let mut runs = self.runs.clone();
        if !batch.0.is_empty() {
            runs.push(batch.0.into_iter().map(Arc::new).collect());
        }
        while let [.., older, newer] = runs.as_slice()
            && older.len() < newer.len().saturating_mul(2)
        {
            let merged = both(older, newer);
            runs.truncate(runs.len().saturating_sub(2));
            runs.push(merged);
        }
        Self { first: if self.first == 0 { number } else { self.first }, last: number, runs }
    }

    /// Its rows from one place up to another, newest run first.
    pub(super) fn between<'l>(&'l self, from: (Table, &[u8]), to: (Table, &[u8])) -> impl Iterator<Item = Sorted<'l>> {
        self.runs.iter().rev().filter_map(move |run| {
            let start = run.partition_point(|row| row.place() < from);
            let rest = run.get(start..).unwrap_or_default();
            let rows = rest.get(..rest.partition_point(|row| row.place() < to)).filter(|rows| !rows.is_empty())?;
            Some(sorted(rows))
        })
    }

    /// All its rows behind a place, newest run first.
    pub(super) fn behind<'l>(&'l self, place: Option<(Table, &[u8])>) -> impl Iterator<Item = Sorted<'l>> {
        self.runs.iter().rev().map(move |run| {
            let start = run.partition_point(|row| Some(row.place()) <= place);
            sorted(run.get(start..).unwrap_or_default())
        })
    }

    /// Its rows of one table.
    pub(super) fn of(&self, table: Table) -> BTreeMap<&[u8], Option<&[u8]>> {
        let rows = self.runs.iter().flat_map(|run| run.iter()).filter(|row| row.table == table);
        rows.map(|row| (row.key.as_slice(), row.value.as_deref())).collect()
    }

    /// The log as a state of the file has it, by what is known of another state.
    pub(super) fn read(
        from: &impl ReadableTable<u64, &'static [u8]>,
        known: &Arc<Self>,
    ) -> Result<Arc<Self>, StoreError> {
        let (Some((first, _)), Some((last, _))) = (from.first()?, from.last()?) else { return Ok(Arc::default()) };
        let (first, last) = (first.value(), last.value());
        if (known.first, known.last) == (first, last) {
            return Ok(Arc::clone(known));
        }
        let is_earlier = known.first == first && known.last < last;
        let mut log = if is_earlier { (**known).clone() } else { Self::default() };
        for batch in from.range(log.next()..)? {
            let (number, batch) = batch?;
            log = log.with(number.value(), Batch::from_bytes(batch.value())?);
        }
        Ok(Arc::new(log))
    }
}

fn sorted(rows: &[Arc<Row>]) -> Sorted<'_> {
    Box::new(rows.iter().map(|row| row.item()))
}

fn both(older: &Run, newer: &Run) -> Run {
    let mut out = Vec::with_capacity(older.len().saturating_add(newer.len()));
    let (mut older, mut newer) = (older.iter().peekable(), newer.iter().peekable());
    while let Some(row) = newer.peek() {
        match older.next_if(|old| old.place() < row.place()) {
            Some(old) => out.push(Arc::clone(old)),
            None => {
                older.next_if(|old| old.place() == row.place());
                out.extend(newer.next().cloned());
            }
        }
    }
    out.extend(older.cloned());
    out.into()
}

/// How far moving rows into their tables has come. What lies in memory alone is begun anew after a crash.
#[derive(Clone)]
pub(super) struct Moving {
    /// What is moved: the log as it was when this began.
    pub(super) log: Arc<Log>,
    /// The last that was.
    pub(super) behind: Option<(Table, Vec<u8>)>,
}

/// What is known of the log between transactions.
#[derive(Default)]
pub(in crate::vault) struct Fresh {
    known: Mutex<Arc<Log>>,
    moving: Mutex<Progress>,
}

/// How far moving has come, in the hands of whoever writes; and the log as their transaction left it.
#[derive(Default)]
pub(in crate::vault) struct Progress {
    pub(super) moving: Option<Moving>,
    pub(super) log: Option<Arc<Log>>,
}

impl Fresh {
    /// The log that was seen last.
    pub(super) fn known(&self) -> Arc<Log> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a committed log, unless a later one is known.
    pub(super) fn keep(&self, log: &Arc<Log>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if log.last > known.last {
            *known = Arc::clone(log);
        }
    }

    /// Keeps what a transaction left, now that it is committed.
    pub(in crate::vault) fn committed(&self, left: Progress) -> Progress {
        left.log.iter().for_each(|log| self.keep(log));
        Progress { log: None, ..left }
    }

    /// Waits until nobody else writes.
    pub(in crate::vault) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Copying all tables into a new file under new keys, in chunks, so that an interrupted copy goes on where it stopped.
//!
//! A journal in the copy says how far it is. Each table has a version, which grows with every commit that changes the
//! table; what was copied from another version is copied anew.
//! **Invariant:** a chunk and the journal that counts it are one transaction; the source is only read; the copy holds
//! the whole of each table before [`copy`] returns [`Copied`].

use std::ops::ControlFlow;
use std::path::Path;

use super::opening::sync_folder;
use super::records::{Reading, Record, Writing};
use super::store::{Get, Put, Reader, StoreError, Table, Way};
use super::tables::{Fate, Tables};

/// The most bytes of keys and values that one transaction of the copy brings in.
const CHUNK: usize = 2 * 1024 * 1024;

const JOURNAL: &[u8] = b"rotation journal";

/// How far a copy has come, in rows of all tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Copied, those of an earlier run included.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: u64,
    /// Those that an earlier, interrupted run had copied.
    pub from_before: u64,
}

/// Why there is no whole copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// Somebody wanted it to stop.
    #[error("the copy was stopped")]
    Stopped,
    /// The copy is not as the source.
    #[error("the copy differs from the vault: {0}")]
    Differs(String),
    /// Either file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far the copy is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Journal {
    /// The file that is copied.
    source: Vec<u8>,
    /// The tables that are whole, with the version and rows of each.
    whole: Vec<(u8, u64, u64)>,
    /// The table under way: its version, the rows copied, the last key.
    under_way: Option<(u8, u64, u64, Vec<u8>)>,
}

impl Record for Journal {
    const VERSION: u8 = 1;
    const KIND: &'static str = "rotation journal";

    fn write(&self, to: &mut Writing) {
        to.bytes(&self.source);
        to.list(&self.whole, |to, (table, version, rows)| _ = to.uint(*table).uint(*version).uint(*rows));
        to.maybe(self.under_way.as_ref(), |to, (table, version, rows, last)| {
            to.uint(*table).uint(*version).uint(*rows).bytes(last);
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            source: from.bytes()?.to_vec(),
            whole: from.list(|from| Ok((from.small()?, from.uint()?, from.uint()?)))?,
            under_way: from.maybe(|from| Ok((from.small()?, from.uint()?, from.uint()?, from.bytes()?.to_vec())))?,
        })
    }
}

/// Whether `to` is an unfinished copy of the file `source`, which [`copy`] can go on with.
pub fn is_unfinished(to: &Tables, source: [u8; 16]) -> bool {
    to.read().and_then(|reader| journal(&reader)).is_ok_and(|journal| journal.source == source)
}

fn journal(from: &dyn Get) -> Result<Journal, StoreError> {
    from.get(Table::Meta, JOURNAL)?.map_or_else(|| Ok(Journal::default()), |bytes| Journal::from_bytes(&bytes))
}

/// Copies every row of `from`, whose file is `source`, into `to`, which is empty or an unfinished copy of it. Nobody may
/// write to `from` meanwhile. `watch` hears of each chunk and can stop the copy, which goes on at the next call.
pub fn copy(
    from: &Tables,
    to: &Tables,
    source: [u8; 16],
    watch: &mut dyn FnMut(Rows) -> ControlFlow<()>,
) -> Result<Copied, CopyError> {
    let reader = from.read()?;
    let mut journal = journal(&to.read()?)?;
    if journal.source != source {
        journal = Journal { source: source.to_vec(), ..Journal::default() };
    }
    let versions = |table: Table| reader.version(table);
    let mut rows = Rows::default();
    for table in Table::ALL {
        rows.total += reader.count(*table)?;
    }
    let mut from_before = 0;
    // The smallest changes of a busy vault are in the first table, so it comes last.
    for table in Table::ALL.iter().rev().copied() {
        let (place, version) = (table.place(), versions(table)?);
        let whole = journal.whole.iter().find(|(at, v, _)| (*at, *v) == (place, version)).map(|(.., rows)| *rows);
        if let Some(copied) = whole {
            rows.done += copied;
            from_before += copied;
            continue;
        }
        journal.whole.retain(|(at, ..)| *at != place);
        let mut begun = match journal.under_way.take() {
            Some((at, v, copied, last)) if (at, v) == (place, version) => (copied, last),
            _ => {
                empty(to, table)?;
                (0, Vec::new())
            }
        };
        from_before += begun.0;
        rows.done += begun.0;
        loop {
            let chunk = chunk_of(&reader, table, &begun)?;
            let last = chunk.last().map(|(key, _)| key.clone());
            begun.0 += chunk.len() as u64;
            rows.done += chunk.len() as u64;
            match &last {
                Some(last) => begun.1.clone_from(last),
                None => journal.whole.push((place, version, begun.0)),
            }
            journal.under_way = last.map(|last| (place, version, begun.0, last));
            bring_in(to, table, &chunk, &journal)?;
            if watch(rows).is_break() {
                return Err(CopyError::Stopped);
            }
            if chunk.is_empty() {
                break;
            }
        }
    }
    check(&reader, &to.read()?, 1)?;
    Ok(Copied { rows: rows.done, from_before })
}

type Row = (Vec<u8>, Vec<u8>);

fn chunk_of(reader: &Reader, table: Table, (copied, last): &(u64, Vec<u8>)) -> Result<Vec<Row>, StoreError> {
    let mut start = last.clone();
    if *copied > 0 {
        // The next key there can be.
        start.push(0);
    }
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    reader.visit(table, &start, &[0xFF; 64], Way::Up, &mut |key, value| {
        bytes += key.len() + value.len();
        chunk.push((key.to_vec(), value.to_vec()));
        if bytes >= CHUNK { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(chunk)
}

fn bring_in(to: &Tables, table: Table, chunk: &[Row], journal: &Journal) -> Result<(), StoreError> {
    to.write(&mut |writer| {
        for (key, value) in chunk {
            writer.put(table, key, value)?;
        }
        writer.put(Table::Meta, JOURNAL, &journal.to_bytes())?;
        Ok(Fate::Commit)
    })
}

fn empty(to: &Tables, table: Table) -> Result<(), StoreError> {
    if to.read()?.count(table)? == 0 {
        return Ok(());
    }
    to.write(&mut |writer| {
        writer.empty(table)?;
        Ok(Fate::Commit)
    })
}

/// Compares how many rows each table has. A copy has `extra` rows of its own among the single values.
fn check(from: &Reader, to: &Reader, extra: u64) -> Result<(), CopyError> {
    for table in Table::ALL.iter().copied() {
        let expected = from.count(table)? + if table == Table::Meta { extra } else { 0 };
        let found = to.count(table)?;
        if found != expected {
            return Err(CopyError::Differs(format!("table {} has {found} rows of {expected}", table.place())));
        }
    }
    Ok(())
}

/// Ends a whole copy: `last` writes what only the copy has, in the transaction that takes the journal away.
pub fn finish(
    to: &Tables,
    last: &mut dyn FnMut(&mut super::store::Writer<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    to.write(&mut |writer| {
        last(writer)?;
        writer.remove(Table::Meta, JOURNAL)?;
        Ok(Fate::Commit)
    })
}

/// Puts the finished, closed copy in the place of the old file, durably. `replaced` runs as soon as the old one has lost
/// its name, even where the folder then cannot be synced: nobody may write to it from then on.
pub fn publish(unfinished: &Path, name: &Path, replaced: impl FnOnce()) -> std::io::Result<()> {
    std::fs::rename(unfinished, name)?;
    replaced();
    sync_folder(name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{Entropy, SeededEntropy};
    use crate::vault::file::MemoryDisk;
    use crate::vault::file::disk::Disk;
    use crate::vault::keyring::{KdfParams, Root};
    use crate::vault::opening;
    use crate::vault::superblock::Superblock;

    const SOURCE: [u8; 16] = [3; 16];

    fn tables(seed: u64) -> Tables {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
        let root = Root::generate(&*entropy);
        let mut superblock = Superblock::create(KdfParams::cheap_for_tests(), &root, &*entropy);
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::new());
        superblock.write(&*disk, &root).expect("written");
        opening::create(&disk, &superblock, &root, &entropy).expect("tables")
    }

    fn fill(tables: &Tables, table: Table, rows: std::ops::Range<u32>, size: usize) {
        let written = tables.write(&mut |to| {
            for row in rows.clone() {
                to.put(table, &row.to_be_bytes(), &vec![row as u8; size])?;
            }
            Ok(Fate::Commit)
        });
        written.expect("written");
    }

    fn rows(tables: &Tables, table: Table) -> Vec<Row> {
        let mut out = Vec::new();
        let reader = tables.read().expect("a snapshot");
        reader
            .visit_prefix(table, &[], Way::Up, &mut |key, value| {
                out.push((key.to_vec(), value.to_vec()));
                ControlFlow::Continue(())
            })
            .expect("read");
        out
    }

    fn source() -> Tables {
        let from = tables(1);
        fill(&from, Table::Customers, 0..3000, 3000);
        fill(&from, Table::Words, 0..5000, 10);
        fill(&from, Table::Leaves, 0..100, 100);
        from
    }

    #[track_caller]
    fn same(from: &Tables, to: &Tables) {
        for table in Table::ALL.iter().copied().filter(|table| *table != Table::Meta) {
            assert_eq!(rows(from, table), rows(to, table), "{table:?}");
        }
    }

    #[test]
    fn a_copy_has_every_row_and_says_how_far_it_is() {
        let (from, to) = (source(), tables(2));
        let mut heard = Vec::new();
        let copied = copy(&from, &to, SOURCE, &mut |rows| {
            heard.push(rows);
            ControlFlow::Continue(())
        });
        let total = heard[0].total;
        assert_eq!(copied, Ok(Copied { rows: total, from_before: 0 }));
        assert!(heard.windows(2).all(|pair| pair[0].done <= pair[1].done && pair[1].done <= total));
        assert!(heard.len() > 5, "9 MB go in more than four chunks: {}", heard.len());
        same(&from, &to);
        assert!(is_unfinished(&to, SOURCE));
        finish(&to, &mut |_| Ok(())).expect("finished");
        assert!(!is_unfinished(&to, SOURCE));
    }

    #[test]
    fn a_stopped_copy_goes_on_where_it_was_and_copies_anew_what_changed_meanwhile() {
        // Each table is at least one chunk, an empty one too.
        let tables_there = Table::ALL.len();
        for stop_after in (1..tables_there + 12).step_by(3) {
            let (from, to) = (source(), tables(2));
            let mut left = stop_after;
            let mut stop = |_| {
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            if copy(&from, &to, SOURCE, &mut stop).is_ok() {
                assert!(stop_after > 30, "there is more to copy than {stop_after} chunks");
                return;
            }
            // What a sign-in changes, and, every other time, what was copied first.
            fill(&from, Table::Leaves, 50..120, 7);
            if stop_after % 2 == 0 {
                fill(&from, Table::Customers, 2990..3010, 8);
            }
            let copied = copy(&from, &to, SOURCE, &mut |_| ControlFlow::Continue(())).expect("copied");
            same(&from, &to);
            if stop_after > tables_there {
                let kept = copied.from_before;
                assert!(if stop_after % 2 == 0 { kept >= 5000 } else { kept >= 8000 }, "{stop_after}: {kept}");
            }
        }
    }

    #[test]
    fn a_copy_of_another_file_is_not_gone_on_with() {
        let (from, other, to) = (source(), tables(3), tables(2));
        fill(&other, Table::Customers, 0..10, 20);
        let _ = copy(&from, &to, SOURCE, &mut |_| ControlFlow::Break(()));
        assert!(!is_unfinished(&to, [4; 16]));
        copy(&other, &to, [4; 16], &mut |_| ControlFlow::Continue(())).expect("copied");
        same(&other, &to);
    }

    #[test]
    fn a_copy_takes_the_place_of_the_old_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (old, new) = (folder.path().join("a"), folder.path().join("a.rotating"));
        std::fs::write(&old, "old").expect("written");
        std::fs::write(&new, "new").expect("written");
        let mut replaced = false;
        publish(&new, &old, || replaced = true).expect("published");
        assert!(replaced);
        assert_eq!(std::fs::read_to_string(&old).expect("read"), "new");
        assert!(!new.exists());
        publish(&new, &old, || panic!("nothing was replaced")).expect_err("there is nothing to publish");
    }
}

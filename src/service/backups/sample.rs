//! What a drill compares: how many rows each table had when the backup was made, and hashes of some of them.
//!
//! Both travel in the backup's sealed manifest as names with numbers: `rows TABLE`, and `sample TABLE KEY` with the first
//! eight bytes of the row's SHA-256. Who was erased travels there too, as `erased CUSTOMER` with the moment, so that an
//! older backup can be restored without bringing them back.
//! **Invariant:** a manifest holds keys and hashes of rows, never a row.

use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use super::cause::Cause;
use super::policy::hex;
use crate::clock::{Entropy, Timestamp};
use crate::domain::id::CustomerId;
use crate::vault::book::erasures;
use crate::vault::store::{Get, Reader, StoreError, Table, Way};

/// The tables of which rows are sampled, and how many of each.
const SAMPLED: [Table; 5] = [Table::Customers, Table::Leaves, Table::Texts, Table::Interactions, Table::FollowUps];
const OF_EACH: usize = 8;

/// The numbers of a moment.
pub(super) fn of(from: &Reader, entropy: &dyn Entropy) -> Result<Vec<(String, u64)>, StoreError> {
    let mut out = Vec::new();
    for table in Table::ALL {
        out.push((format!("rows {}", table.name()), from.rows(*table)?));
    }
    for table in SAMPLED {
        for _ in 0..OF_EACH {
            if let Some((key, hash)) = row_from(from, table, entropy)? {
                out.push((format!("sample {} {}", table.name(), hex(&key)), hash));
            }
        }
    }
    for erasure in erasures::all(from)? {
        out.push((format!("erased {}", erasure.customer), u64::try_from(erasure.at.0).unwrap_or(0)));
    }
    out.sort();
    out.dedup();
    Ok(out)
}

/// Some row: the first at or behind a number drawn between the first and the last one's.
fn row_from(from: &Reader, table: Table, entropy: &dyn Entropy) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
    let end = |way| -> Result<Option<u64>, StoreError> {
        let mut found = None;
        from.visit_prefix(table, &[], way, &mut |key, _| {
            found = key.first_chunk().copied().map(u64::from_be_bytes);
            ControlFlow::Break(())
        })?;
        Ok(found)
    };
    let (Some(first), Some(last)) = (end(Way::Up)?, end(Way::Down)?) else { return Ok(None) };
    let span = last.saturating_sub(first).saturating_add(1);
    let start = first.saturating_add(u64::from_be_bytes(entropy.bytes()) % span);
    let mut found = None;
    from.visit(table, &start.to_be_bytes(), &[0xFF; 32], Way::Up, &mut |key, value| {
        found = Some((key.to_vec(), hash(value)));
        ControlFlow::Break(())
    })?;
    Ok(found)
}

fn hash(value: &[u8]) -> u64 {
    Sha256::digest(value).first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Tables whose rows were counted.
    pub(super) tables: usize,
    /// Rows that were hashed.
    pub(super) rows: usize,
}

/// Compares the numbers of a manifest with what was restored. The error names the first that differs.
pub(super) fn compare(counts: &[(String, u64)], from: &Reader) -> Result<Result<Compared, Cause>, StoreError> {
    let mut compared = Compared::default();
    for (name, number) in counts {
        let mut words = name.split(' ');
        let (what, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some(known) = Table::ALL.iter().copied().find(|t| t.name() == table) else { continue };
        match what {
            "rows" => {
                let rows = from.rows(known)?;
                if rows != *number {
                    let plain = format!("{table} has {rows} rows and should have {number}");
                    let cause = Cause::new("cause-rows", plain).with("table", table);
                    return Ok(Err(cause.with("rows", rows).with("number", number)));
                }
                compared.tables += 1;
            }
            "sample" => {
                let key = unhex(words.next().unwrap_or_default());
                let value = key.map(|key| from.get(known, &key)).transpose()?.flatten();
                if value.is_none_or(|value| hash(&value) != *number) {
                    let plain = format!("a row of {table} is not what it was");
                    return Ok(Err(Cause::new("cause-row", plain).with("table", table)));
                }
                compared.rows += 1;
            }
            _ => {}
        }
    }
    Ok(Ok(compared))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.is_ascii().then_some(text)?;
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// Who had been erased by the moment of a manifest.
pub(super) fn erased(counts: &[(String, u64)]) -> Vec<(CustomerId, Timestamp)> {
    let of = |(name, at): &(String, u64)| {
        let id = name.strip_prefix("erased ")?.parse().ok()?;
        Some((CustomerId(id), Timestamp(i64::try_from(*at).ok()?)))
    };
    counts.iter().filter_map(of).collect()
}

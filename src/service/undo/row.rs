//! Taking back a change of one row: the fields, the days worked on, the pipelines, the reasons of loss, a view, a retired tag, why somebody is lost.
//!
//! **Invariant:** a row goes back only where it stands as the change left it.

use super::push;
use crate::domain::field::Schema;
use crate::domain::id::EntrySeq;
use crate::domain::saved_view::SavedView;
use crate::service::actor::Actor;
use crate::service::record;
use crate::service::refusal::Refusal;
use crate::vault::book::{deals, losses, settings};
use crate::vault::records::{Record, Restore, Row};
use crate::vault::store::{Get, Put, StoreError, Table};

/// Entries that are looked through for whoever changed a row since.
const ENTRIES: u64 = 500;

/// Does something to one row, and remembers how it was.
pub(in crate::service) fn changing<T>(
    actor: &Actor,
    to: &mut dyn Put,
    (table, key): (Table, &[u8]),
    action: &str,
    change: impl FnOnce(&mut dyn Put) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let before = to.get(table, key)?;
    let done = change(to)?;
    let stood = to.get(table, key)?;
    if before != stood {
        let row = Row { table, key: key.to_vec(), stood, before };
        push(actor, to, action, None, vec![Restore::Row(Box::new(row))])?;
    }
    Ok(done)
}

/// Gives a row back.
pub(super) fn put_back(actor: &Actor, to: &mut dyn Put, action: &str, row: &Row) -> Result<(), Refusal> {
    if to.get(row.table, &row.key)? != row.stood {
        return Err(Refusal::UndoStale(whoever_changed(actor, to, action)?));
    }
    if (row.table, row.key.as_slice()) == deals::PIPELINES {
        crate::service::deals::stages_may_go(actor, to, row.before.as_deref())?;
    }
    if (row.table, row.key.as_slice()) == losses::REASONS {
        crate::service::loss_reasons::reasons_may_go(to, row.before.as_deref())?;
    }
    match &row.before {
        Some(bytes) => to.put(row.table, &row.key, bytes)?,
        None => to.remove(row.table, &row.key)?,
    }
    Ok(())
}

/// What a row is about: the view, the tag, the field.
pub(super) fn about(row: &Row) -> Result<String, StoreError> {
    let either = row.before.as_deref().or(row.stood.as_deref()).unwrap_or_default();
    Ok(match (row.table, row.key.as_slice()) {
        (Table::SavedViews, _) => SavedView::from_bytes(either)?.name.as_str().to_owned(),
        (Table::RetiredTags, tag) => String::from_utf8_lossy(tag).into_owned(),
        at if at == settings::SCHEMA => {
            let [before, stood] = [&row.before, &row.stood].map(|bytes| bytes.as_deref().map(Schema::from_bytes));
            let (before, stood) = (before.transpose()?.unwrap_or_default(), stood.transpose()?.unwrap_or_default());
            let mut pairs = stood.all().iter().zip(before.all());
            pairs.find(|(now, then)| now != then).map(|(now, _)| now.key.to_string()).unwrap_or_default()
        }
        at if at == deals::PIPELINES => {
            crate::service::deals::pipelines_about(row.before.as_deref(), row.stood.as_deref())?
        }
        at if at == losses::REASONS => {
            crate::service::loss_reasons::about(row.before.as_deref(), row.stood.as_deref())?
        }
        _ => String::new(),
    })
}

/// Who did something of the same kind last; where nobody else did of late, whoever asks.
pub(in crate::service) fn whoever_changed(actor: &Actor, from: &dyn Get, action: &str) -> Result<String, StoreError> {
    let area = action.split_inclusive('.').next().unwrap_or(action);
    let size = record::size(from)?;
    for seq in (size.saturating_sub(ENTRIES)..size).rev() {
        let what = record::entry(from, EntrySeq(seq))?.map(|entry| entry.what);
        let other = what.filter(|what| what.action.starts_with(area)).and_then(|what| what.actor);
        if let Some(other) = other.filter(|other| *other != actor.staff.id) {
            return Ok(actor.name_of(other));
        }
    }
    Ok(actor.staff.name.as_str().to_owned())
}

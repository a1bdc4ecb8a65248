//! Rows of the log and of a table as one sequence.
//!
//! **Invariant:** of rows with one key the latest counts, and one that was taken away is passed over.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use redb::ReadableTable;

use super::{StoreError, Table, Visit, Way};

/// A row of the log: without a value it was taken away.
pub(super) type Item<'a> = (Table, &'a [u8], Option<&'a [u8]>);

/// Rows in the order of their keys.
pub(super) type Sorted<'a> = Box<dyn DoubleEndedIterator<Item = Item<'a>> + 'a>;

/// Several sorted sequences as one, the newest first.
pub(super) struct Merged<'a> {
    sources: Vec<(Option<Item<'a>>, Sorted<'a>)>,
    way: Way,
}

impl<'a> Merged<'a> {
    /// What `sources` hold, of which the first has the newest rows.
    pub(super) fn new(sources: impl Iterator<Item = Sorted<'a>>, way: Way) -> Self {
        let begun = |mut source: Sorted<'a>| (step(&mut source, way), source);
        Self { sources: sources.map(begun).collect(), way }
    }

    fn peek(&self) -> Option<Item<'a>> {
        let heads = self.sources.iter().filter_map(|(head, _)| *head);
        heads.reduce(|first, other| if self.is_before(place(other), place(first)) { other } else { first })
    }

    fn is_before(&self, one: (Table, &[u8]), other: (Table, &[u8])) -> bool {
        match self.way {
            Way::Up => one < other,
            Way::Down => one > other,
        }
    }
}

impl<'a> Iterator for Merged<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let next = self.peek()?;
        for (head, source) in &mut self.sources {
            if head.is_some_and(|head| place(head) == place(next)) {
                *head = step(source, self.way);
            }
        }
        Some(next)
    }
}

fn place<'a>((table, key, _): Item<'a>) -> (Table, &'a [u8]) {
    (table, key)
}

fn step<T>(source: &mut (impl DoubleEndedIterator<Item = T> + ?Sized), way: Way) -> Option<T> {
    match way {
        Way::Up => source.next(),
        Way::Down => source.next_back(),
    }
}

/// Walks over a range of a table, and of what the log has of it.
pub(super) fn walk(
    table: Option<&impl ReadableTable<&'static [u8], &'static [u8]>>,
    mut fresh: Merged<'_>,
    (from, to): (&[u8], &[u8]),
    way: Way,
    visit: Visit<'_>,
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    let mut range = table.map(|table| table.range::<&[u8]>(from..to)).transpose()?;
    let mut next = || range.as_mut().and_then(|range| step(range, way)).transpose();
    let (mut older, mut newer) = (next()?, fresh.next());
    loop {
        let order = match (&older, newer) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((_, new, _))) if way == Way::Up => old.value().cmp(new),
            (Some((old, _)), Some((_, new, _))) => new.cmp(old.value()),
        };
        let told = match (&older, newer) {
            (Some((key, value)), _) if order == Ordering::Less => visit(key.value(), value.value()),
            (_, Some((_, key, Some(value)))) => visit(key, value),
            _ => ControlFlow::Continue(()),
        };
        if told.is_break() {
            return Ok(());
        }
        if order != Ordering::Greater {
            older = next()?;
        }
        if order != Ordering::Less {
            newer = fresh.next();
        }
    }
}

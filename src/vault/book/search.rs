//! Finding customers by words, the likeliest first, by cursor.
//!
//! The order: those that whoever asks had open lately, then their own, then all others; of each, those whose word is
//! just the word asked for before those whose word goes on, first by names, then names that are typed as a mixture of pinyin
//! and initials, then by what else is searchable.
//! **Invariant:** a customer comes once; scope is a matter of which lists are walked, so whoever sees few customers
//! among many walks past nobody else's; a search costs what it finds, within [`WALK`], [`READ`] and [`READ_BLIND`], and says
//! from where to go on where that was not enough.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use super::customers;
use super::having;
use super::lists::{From, Place, seen_by_both};
use crate::domain::field::Schema;
use crate::domain::id::{CustomerId, StaffId};
use crate::vault::index::{self, ListOf};
use crate::vault::records::Customer;
use crate::vault::store::{Get, StoreError, Table, Way, key, prefix_end};

/// How many index rows one walk passes at most, so that no key waits for a scan.
const WALK: usize = 20_000;
/// How many rows of one list are looked at together at most.
const READ: usize = 300;
/// The same where several words are asked for and each is one that many have, so that every customer is read to tell.
const READ_BLIND: usize = 120;

/// The number of the first stage; the others follow.
const FIRST: u8 = b'a';

/// A word search.
pub struct Search<'s> {
    /// Its words, folded; the first is the longest and drives the walk.
    pub words: &'s [String],
    /// The schema, which says what is searchable.
    pub schema: &'s Schema,
    /// The lists in scope.
    pub lists: &'s [ListOf],
    /// Whoever asks.
    pub me: StaffId,
    /// Customers that they had open, the latest first.
    pub recent: &'s [CustomerId],
    /// What else must hold.
    pub holds: &'s dyn Fn(&Customer) -> bool,
}

impl std::fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Search({} words)", self.words.len())
    }
}

/// A found row: its place and its customer.
pub type Found = (Place, Customer);

/// What a search found.
#[derive(Debug, Default)]
pub struct Sought {
    /// The rows, in the search's order.
    pub rows: Vec<Found>,
    /// The place up to which everything was seen, where not enough was looked at to have rows enough.
    pub seen_to: Option<Vec<u8>>,
}

/// A part of the order, walked from its beginning to its end.
#[derive(Clone, Copy)]
enum Stage<'s> {
    /// Those had open lately.
    Recent,
    /// The words of these lists that begin so; `skip` leaves out the own ones.
    Words { lists: &'s [ListOf], begin: &'s str, skip: Own },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Kept,
    LeftOut,
}

/// Up to `limit` customers that match all words, in the search's order whichever way it is walked.
pub fn search(
    from: &dyn Get,
    search: &Search<'_>,
    start: From<'_>,
    limit: usize,
    visible: &dyn Fn(CustomerId) -> bool,
) -> Result<Sought, StoreError> {
    let Some((lead, others)) = search.words.split_first() else { return Ok(Sought::default()) };
    let begins = having::begins(lead);
    let among = having::having(from, search.lists, others)?;
    let read = if others.is_empty() || among.is_some() { READ } else { READ_BLIND };
    let mine = [ListOf::Owner(Some(search.me))];
    let others: Vec<ListOf> = search.lists.iter().copied().filter(|list| !mine.contains(list)).collect();
    let own: &[ListOf] = if others.len() == search.lists.len() && !others.contains(&ListOf::All) { &[] } else { &mine };
    let of = |lists, skip| begins.iter().map(move |begin| Stage::Words { lists, begin: begin.as_str(), skip });
    let words = of(own, Own::Kept).chain(of(&others, Own::LeftOut));
    let stages: Vec<(u8, Stage<'_>)> = (FIRST..).zip(std::iter::once(Stage::Recent).chain(words)).collect();

    let (at, inner) = match start {
        From::After(cursor) | From::Before(cursor) => match cursor.split_first() {
            Some((stage, inner)) => (Some(*stage), inner),
            None => return Ok(Sought::default()),
        },
        From::Top | From::Bottom => (None, &[][..]),
    };
    let mut walk = Walk { from, search, begins: &begins, among, read, visible, limit, out: Vec::new(), seen_to: None };
    let upwards = start.way() == Way::Down;
    let in_order: Vec<&(u8, Stage<'_>)> = if upwards { stages.iter().rev().collect() } else { stages.iter().collect() };
    for (number, stage) in in_order {
        let passed = at.is_some_and(|at| if upwards { *number > at } else { *number < at });
        if passed || walk.is_over() {
            continue;
        }
        let start = match start {
            From::After(_) if at == Some(*number) => From::After(inner),
            From::Before(_) if at == Some(*number) => From::Before(inner),
            _ if upwards => From::Bottom,
            _ => From::Top,
        };
        walk.stage(*number, *stage, start)?;
    }
    if upwards {
        walk.out.reverse();
    }
    let seen_to = walk.seen_to.filter(|_| walk.out.len() < limit);
    Ok(Sought { rows: walk.out, seen_to })
}

/// A search under way.
struct Walk<'w> {
    from: &'w dyn Get,
    search: &'w Search<'w>,
    begins: &'w [String],
    /// Whoever may have the words behind the first, where that is known beforehand.
    among: Option<HashSet<CustomerId>>,
    /// How many rows of one list are looked at together.
    read: usize,
    visible: &'w dyn Fn(CustomerId) -> bool,
    limit: usize,
    out: Vec<Found>,
    seen_to: Option<Vec<u8>>,
}

impl Walk<'_> {
    fn is_over(&self) -> bool {
        self.out.len() >= self.limit || self.seen_to.is_some()
    }

    fn stage(&mut self, number: u8, stage: Stage<'_>, start: From<'_>) -> Result<(), StoreError> {
        match stage {
            Stage::Recent => self.recent(number, start),
            Stage::Words { lists, begin, skip } => self.words(number, (lists, begin, skip), start),
        }
    }

    /// A place here is the number of a customer had open, with which it does not change within a search.
    fn recent(&mut self, number: u8, start: From<'_>) -> Result<(), StoreError> {
        let recent = self.search.recent;
        let mut order: Vec<(usize, CustomerId)> = recent.iter().copied().enumerate().collect();
        let inner = |cursor: &[u8]| cursor.first_chunk().map(|id| CustomerId(u64::from_be_bytes(*id)));
        let at = |cursor: &[u8]| inner(cursor).and_then(|id| recent.iter().position(|other| *other == id));
        match start {
            From::Top => {}
            From::Bottom => order.reverse(),
            From::After(cursor) => order.retain(|(n, _)| at(cursor).is_some_and(|at| *n > at)),
            From::Before(cursor) => {
                order.retain(|(n, _)| at(cursor).is_some_and(|at| *n < at));
                order.reverse();
            }
        }
        for (_, id) in order {
            if self.is_over() {
                break;
            }
            if let Some(customer) = self.matching(id)? {
                self.out.push(((key(&[&[number], &id.0.to_be_bytes()]), id), customer));
            }
        }
        Ok(())
    }

    /// A place here is the word with its customer's id, whichever of the lists it came from.
    fn words(
        &mut self,
        number: u8,
        (lists, begin, skip): (&[ListOf], &str, Own),
        start: From<'_>,
    ) -> Result<(), StoreError> {
        let mut places: Vec<Place> = Vec::new();
        let mut stop: Option<Vec<u8>> = None;
        for list in lists {
            let cut = self.gather(*list, (begin, skip), start, &mut places)?;
            stop = seen_by_both(stop, cut, start.way());
        }
        places.sort();
        if start.way() == Way::Down {
            places.reverse();
        }
        let beyond = |inner: &Vec<u8>| {
            stop.as_ref().is_some_and(|stop| if start.way() == Way::Up { inner > stop } else { inner < stop })
        };
        // Walked from its beginning, a customer's first word is the one by which they are met first.
        let whole = matches!(start, From::Top);
        let mut met = BTreeSet::new();
        for (inner, id) in places {
            if self.is_over() || beyond(&inner) {
                break;
            }
            if !whole || met.insert(id) {
                self.take(number, &inner, id, begin, whole)?;
            }
        }
        self.seen_to = stop.map(|stop| key(&[&[number], &stop]));
        Ok(())
    }

    /// Gathers the rows of one list, up to so many of them as are looked at together, and says where it was cut short.
    fn gather(
        &self,
        list: ListOf,
        (begin, skip): (&str, Own),
        start: From<'_>,
        places: &mut Vec<Place>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let head = index::word_prefix(list);
        let prefix = key(&[&head, begin.as_bytes()]);
        let (low, high) = start.within(&head, prefix.clone(), prefix_end(&prefix));
        let (mut walked, mut kept, mut cut, mut fault) = (0, 0, None, None);
        self.from.visit(Table::Words, &low, &high, start.way(), &mut |row, owner| {
            walked += 1;
            let (Some(inner), Some(id)) = (row.get(head.len()..), index::id_of(row)) else {
                fault = Some(StoreError::record("index"));
                return ControlFlow::Break(());
            };
            let own = owner == self.search.me.0.to_be_bytes();
            let among = self.among.as_ref().is_none_or(|among| among.contains(&id));
            if among && (!own || skip == Own::Kept) && !self.search.recent.contains(&id) && (self.visible)(id) {
                places.push((inner.to_vec(), id));
                kept += 1;
            }
            if kept < self.read && walked < WALK {
                return ControlFlow::Continue(());
            }
            cut = Some(inner.to_vec());
            ControlFlow::Break(())
        })?;
        fault.map_or(Ok(cut), Err)
    }

    /// Takes a customer whose word this is, unless they come by an earlier one. A candidate's words are taken apart only
    /// where they are needed: for a letter typed at the beginning they are not.
    fn take(&mut self, number: u8, inner: &[u8], id: CustomerId, begin: &str, first: bool) -> Result<(), StoreError> {
        let Some(customer) = customers::get(self.from, id)? else { return Ok(()) };
        let words = LazyCell::new(|| index::words(&customer, self.search.schema));
        let here = inner.get(..inner.len().saturating_sub(9)).unwrap_or_default();
        let is_first = || first || index::begun(&words, begin).is_some_and(|word| word.as_bytes() == here);
        let mut earlier = self.begins.iter().take_while(|other| *other != begin);
        let Some((lead, others)) = self.search.words.split_first() else { return Ok(()) };
        if is_first()
            && (begin.strip_prefix(index::BESIDE).unwrap_or(begin) == lead
                || index::is_typed(&customer, self.search.schema, lead))
            && earlier.all(|other| index::begun(&words, other).is_none())
            && (others.is_empty() || index::has_words(&customer, self.search.schema, &words, others))
            && (self.search.holds)(&customer)
        {
            self.out.push(((key(&[&[number], inner]), id), customer));
        }
        Ok(())
    }

    /// The customer, if it is there, in scope and in sight, and all words match it.
    fn matching(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        if !(self.visible)(id) {
            return Ok(None);
        }
        let Some(customer) = customers::get(self.from, id)? else { return Ok(None) };
        let lists = self.search.lists;
        if !lists.contains(&ListOf::All) && !lists.contains(&ListOf::Owner(customer.profile.owner)) {
            return Ok(None);
        }
        let words = index::words(&customer, self.search.schema);
        Ok(self.holds(&customer, &words).then_some(customer))
    }

    fn holds(&self, customer: &Customer, words: &BTreeSet<String>) -> bool {
        index::has_words(customer, self.search.schema, words, self.search.words) && (self.search.holds)(customer)
    }
}

//! A stretch of the customers that a query asks for: by the narrowest index there is, the other conditions sifted out.
//!
//! Where some condition lets few through, those are gathered, put in order and counted. Else a list that has the order is
//! walked, its rows sifted by their facets and the records of those that are left read.
//! **Invariant:** scope is applied before the limit. No question walks further than [`WORK`] allows; where that was not far
//! enough the answer says from where to go on.

use super::actor::Actor;
use super::query::Asked;
use super::refusal::Refusal;
use super::view::{Anchor, Cursor, Sort};
use crate::domain::id::{CustomerId, StaffId};
use crate::vault::book::customers;
use crate::vault::book::having::having;
use crate::vault::book::lists::{self, From};
use crate::vault::book::narrow::{self, Range};
use crate::vault::book::search::{self, Search};
use crate::vault::facets::{Facets, place_by_change, place_by_name};
use crate::vault::index::{ListOf, Order};
use crate::vault::records::Customer;
use crate::vault::store::{Get, StoreError};

/// So few are gathered at once: first it is asked whether there are very few.
const FEW: [usize; 2] = [200, 2_000];
/// How much one question may do, in index rows; a record that is read counts as eight.
const WORK: usize = 16_000;
/// What a place begins with that is by name in a search by words, whose own places begin with a letter.
const BY_NAME: u8 = 1;

/// What was found.
#[derive(Default)]
pub(super) struct Stretch {
    /// The rows with their places, in order.
    pub(super) rows: Vec<(Vec<u8>, Customer)>,
    /// Whether there are others further on, the way that was asked.
    pub(super) more: bool,
    /// From where to go on, where not enough was looked at to know.
    pub(super) resume: Option<Vec<u8>>,
    /// How many there are in all, where they were counted.
    pub(super) total: Option<u64>,
}

/// Up to `limit` rows from `anchor` on.
pub(super) fn stretch(
    actor: &Actor,
    from: &dyn Get,
    asked: &Asked,
    (sort, anchor, limit): (Sort, &Anchor, usize),
) -> Result<Stretch, Refusal> {
    let start = start(anchor);
    if asked.is_words_alone() {
        return if asked.words.is_empty() {
            everybody(actor, from, sort, start, limit)
        } else {
            by_words(actor, from, asked, start, limit)
        };
    }
    let of_words = match (asked.words.is_empty(), start) {
        (true, _) => false,
        (false, From::After([first, ..]) | From::Before([first, ..])) => *first != BY_NAME,
        (false, _) => few(actor, from, asked)?.is_none(),
    };
    if of_words {
        return by_words(actor, from, asked, start, limit);
    }
    match few(actor, from, asked)? {
        Some(few) => gathered(actor, from, asked, &few, (sort, anchor, limit)),
        None if !asked.words.is_empty() => by_words(actor, from, asked, From::Top, limit),
        None => walked(actor, from, asked, sort, start, limit),
    }
}

fn start(anchor: &Anchor) -> From<'_> {
    match anchor {
        Anchor::Top => From::Top,
        Anchor::Bottom => From::Bottom,
        Anchor::After(Cursor(cursor)) => From::After(cursor),
        Anchor::Before(Cursor(cursor)) => From::Before(cursor),
    }
}

fn order(sort: Sort) -> Order {
    match sort {
        Sort::Name => Order::Name,
        Sort::Recent => Order::Recent,
    }
}

fn is_upwards(start: From<'_>) -> bool {
    matches!(start, From::Bottom | From::Before(_))
}

/// One row more than asked for tells whether there are others.
fn cut(mut rows: Vec<(Vec<u8>, Customer)>, start: From<'_>, limit: usize) -> Stretch {
    let surplus = rows.len().saturating_sub(limit);
    if is_upwards(start) {
        rows.drain(..surplus);
    }
    rows.truncate(limit);
    Stretch { rows, more: surplus > 0, ..Stretch::default() }
}

fn everybody(actor: &Actor, from: &dyn Get, sort: Sort, start: From<'_>, limit: usize) -> Result<Stretch, Refusal> {
    let visible = |id: CustomerId| actor.desk.visible(id);
    let mut rows = Vec::new();
    for (place, id) in lists::stretch(from, order(sort), &actor.lists(), start, limit + 1, &visible)? {
        rows.extend(customers::get(from, id)?.map(|customer| (place, customer)));
    }
    Ok(cut(rows, start, limit))
}

fn by_words(actor: &Actor, from: &dyn Get, asked: &Asked, start: From<'_>, limit: usize) -> Result<Stretch, Refusal> {
    let fault = std::cell::Cell::new(None);
    // While values are being sealed, words of theirs still lead to whoever had them.
    let lag = actor.words_lag();
    let holds = |customer: &Customer| match asked.holds(from, &actor.schema, customer) {
        Ok(holds) => holds && (!lag || asked.has_words(&actor.schema, customer)),
        Err(error) => {
            fault.set(Some(error));
            false
        }
    };
    let (words, schema, lists, recent) = (&asked.words, &actor.schema, &actor.lists(), &asked.leading);
    let search = Search { words, schema, lists, me: actor.staff.id, recent, holds: &holds };
    let found = search::search(from, &search, start, limit + 1, &|id| actor.desk.visible(id))?;
    if let Some(error) = fault.take() {
        return Err(error.into());
    }
    let rows = found.rows.into_iter().map(|((place, _), customer)| (place, customer)).collect();
    Ok(Stretch { resume: found.seen_to, ..cut(rows, start, limit) })
}

/// The owners whose customers can be among those asked for; none means everybody's.
fn owners(actor: &Actor, asked: &Asked) -> Option<Vec<Option<StaffId>>> {
    match (actor.owners(), asked.owners()) {
        (None, None) => None,
        (Some(scope), None) => Some(scope),
        (None, Some(asked)) => Some(asked.to_vec()),
        (Some(scope), Some(asked)) => Some(scope.into_iter().filter(|owner| asked.contains(owner)).collect()),
    }
}

/// Those whom some condition lets through, where they are few.
enum Few {
    Ids(Vec<CustomerId>),
    Ranges(Vec<Range>),
}

fn few(actor: &Actor, from: &dyn Get, asked: &Asked) -> Result<Option<Few>, StoreError> {
    if let Some(ids) = asked.ids() {
        return Ok(Some(Few::Ids(ids.to_vec())));
    }
    let by_owner = owners(actor, asked).map(|owners| Range::owners(Order::Name, &owners));
    let sets: Vec<Vec<Range>> = by_owner.into_iter().chain(asked.drivers()).chain(asked.drivers_by_time()).collect();
    for most in FEW {
        for ranges in &sets {
            if narrow::fewer_than(from, ranges, most)? {
                return Ok(Some(Few::Ranges(ranges.clone())));
            }
        }
    }
    Ok(None)
}

fn passes(
    actor: &Actor,
    asked: &Asked,
    owners: Option<&[Option<StaffId>]>,
    id: CustomerId,
    facets: Option<&Facets>,
) -> bool {
    // Without facets the record decides.
    let fits = facets.is_none_or(|f| owners.is_none_or(|owners| owners.contains(&f.owner)) && asked.passes(f));
    fits && actor.desk.visible(id)
}

fn taken(actor: &Actor, from: &dyn Get, asked: &Asked, id: CustomerId) -> Result<Option<Customer>, StoreError> {
    let Some(customer) = customers::get(from, id)?.filter(|c| actor.in_scope(&c.profile)) else { return Ok(None) };
    let holds = asked.has_words(&actor.schema, &customer) && asked.holds(from, &actor.schema, &customer)?;
    Ok(holds.then_some(customer))
}

fn gathered(
    actor: &Actor,
    from: &dyn Get,
    asked: &Asked,
    few: &Few,
    (sort, anchor, limit): (Sort, &Anchor, usize),
) -> Result<Stretch, Refusal> {
    let owners = owners(actor, asked);
    let ids = match few {
        Few::Ids(ids) => ids.iter().copied().filter(|id| actor.desk.visible(*id)).collect::<Vec<_>>(),
        Few::Ranges(ranges) => {
            narrow::ids(from, ranges, &|id, facets| passes(actor, asked, owners.as_deref(), id, facets))?
        }
    };
    let among = having(from, &actor.lists(), &asked.words)?;
    let mut rows = Vec::new();
    for id in ids.into_iter().filter(|id| among.as_ref().is_none_or(|among| among.contains(id))) {
        if let Some(customer) = taken(actor, from, asked, id)? {
            let place = match sort {
                _ if !asked.words.is_empty() => [&[BY_NAME], place_by_name(&customer).as_slice()].concat(),
                Sort::Name => place_by_name(&customer),
                Sort::Recent => place_by_change(&customer),
            };
            rows.push((place, customer));
        }
    }
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows.dedup_by(|(one, _), (other, _)| one == other);
    let total = Some(rows.len() as u64);
    match anchor {
        Anchor::Top | Anchor::Bottom => {}
        Anchor::After(Cursor(cursor)) => _ = rows.drain(..rows.partition_point(|(place, _)| place <= cursor)),
        Anchor::Before(Cursor(cursor)) => rows.truncate(rows.partition_point(|(place, _)| place < cursor)),
    }
    Ok(Stretch { total, ..cut(rows, start(anchor), limit) })
}

fn walked(
    actor: &Actor,
    from: &dyn Get,
    asked: &Asked,
    sort: Sort,
    start: From<'_>,
    limit: usize,
) -> Result<Stretch, Refusal> {
    let owners = owners(actor, asked);
    let by_owner = || match &owners {
        Some(owners) => Range::owners(order(sort), owners),
        None => vec![Range::list(order(sort), ListOf::All)],
    };
    // Tags are the narrowest as a rule, and stages the widest; only the lists of owners have an order by last change.
    let mut drivers = asked.drivers().into_iter();
    let ranges = match sort {
        Sort::Name if owners.is_none() || asked.by_tag() => drivers.next().unwrap_or_else(by_owner),
        _ => by_owner(),
    };
    let sieve = |id, facets: Option<&Facets>| passes(actor, asked, owners.as_deref(), id, facets);
    let mut take = |id| taken(actor, from, asked, id);
    let found = narrow::walk(from, &ranges, start, (limit + 1, WORK), &sieve, &mut take)?;
    let resume = found.seen_to;
    Ok(Stretch { resume, ..cut(found.rows, start, limit) })
}

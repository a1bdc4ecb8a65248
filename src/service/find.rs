//! The list of customers: everybody, words, queries.
//!
//! **Invariant:** scope is applied before the limit; what is listed is on record as one entry a query with its count.

use std::collections::HashSet;

use super::actor::Actor;
use super::customers::{minutes_until_free, row};
use super::identify::masked;
use super::pool::Terms;
use super::query::{self, Asked};
use super::refusal::Refusal;
use super::session::{Session, record_refusal};
use super::sift::{self, Stretch};
use super::view::{AlertKind, Anchor, Cursor, CustomerRow, ListRequest, Page, Sort, Total};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Outcome, Texts};
use crate::domain::id::CustomerId;
use crate::domain::identifier::{recognise, recognise_in};
use crate::domain::role::{Permission, Scope};
use crate::privacy::mask::{MaskKind, mask};
use crate::text::half_width;
use crate::vault::book::{customers, usage};
use crate::vault::store::{Get, Put};

/// After so long without another list, what was listed goes on record.
pub(super) const QUIET_MILLIS: i64 = 2_000;
/// Rows of a query that are not counted against the reading limit.
const FREE_ROWS: usize = 100;
/// The verb of what was listed.
const LIST: &str = "customer.list";
const ROWS: u8 = 6;
const HOUR: i64 = 3_600;
const MOST: usize = 200;
/// Rows that are remembered before they are counted in the vault; a program that is killed forgets so many at most.
const CHARGED_TOGETHER: u64 = 200;
/// Queries whose shown rows a session remembers; one that is forgotten has no free rows left.
const MOST_QUERIES: usize = 256;

/// Which page of a query.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum PageAt {
    First,
    Later,
}

/// A list that somebody is looking at, with how many of its rows they were shown.
#[derive(Clone)]
pub(super) struct Listing {
    text: String,
    /// What of it may hold somebody's number, and what cannot.
    said: (String, String),
    rows: u64,
    /// Rows beyond the first hundred that do not count against the hour's limit in the vault yet.
    uncharged: u64,
    pub(super) last: Timestamp,
}

impl Listing {
    fn begun(last: Timestamp) -> Self {
        Self { text: String::new(), said: Default::default(), rows: 0, uncharged: 0, last }
    }

    /// Puts it on record, with what it counts against the limit.
    pub(super) fn commit(&self, actor: &Actor) -> Result<(), Refusal> {
        let (of_actor, entry, beyond) = (actor.clone(), self.entry(actor), self.uncharged);
        actor.commit(move |to| {
            if beyond > 0 {
                usage::note(to, of_actor.staff.id, ROWS, of_actor.now, beyond)?;
            }
            of_actor.record(to, &entry)?;
            Ok(())
        })
    }

    /// Its entry. The query is kept short and without what looks like somebody's number or mailbox.
    pub(super) fn entry(&self, actor: &Actor) -> NewEntry {
        let (doubtful, plain) = &self.said;
        let doubtful = words_for_the_record(actor, doubtful);
        let query = [doubtful.as_str(), plain].join(" ").trim().to_owned();
        let texts = Texts { after: (!query.is_empty()).then_some(query), ..Texts::default() };
        NewEntry { time: self.last, count: Some(self.rows), texts, ..actor.entry(LIST) }
    }
}

/// The words of a query as they go on record: any may be of somebody's name.
fn words_for_the_record(actor: &Actor, words: &str) -> String {
    if !actor.schema.masks_names() {
        return for_the_record(words, &actor.policy.default_region);
    }
    let masked = words.split_whitespace().map(|word| mask(MaskKind::Name, word));
    masked.map(|word| word.as_str().to_owned()).collect::<Vec<_>>().join(" ")
}

/// A whole query as it goes on record.
pub(super) fn query_for_the_record(actor: &Actor, text: &str) -> String {
    if !actor.schema.masks_names() {
        return for_the_record(text, &actor.policy.default_region);
    }
    let said = query::read(actor, text).map(|asked| asked.said).unwrap_or_default();
    [words_for_the_record(actor, &said.0), said.1].join(" ").trim().to_owned()
}

/// A query as it goes on record: an identifier masked, other long runs of digits and mailboxes starred, 200 characters.
fn for_the_record(query: &str, region: &str) -> String {
    if let Some(identifier) = recognise(query, region) {
        return masked(&identifier);
    }
    let starred = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits > 4 || word.contains('@') { "********".to_owned() } else { word.to_owned() }
    };
    let words: Vec<String> =
        query.chars().map(half_width).collect::<String>().split_whitespace().map(starred).collect();
    let line = words.join(" ");
    // A number may be typed in groups of which each is short.
    let grouped = line.chars().filter(char::is_ascii_digit).count() > 4;
    line.chars().take(200).map(|c| if grouped && c.is_ascii_digit() { '*' } else { c }).collect()
}

/// A stretch of the list of customers.
pub(super) fn list(session: &Session, actor: &Actor, from: &dyn Get, request: &ListRequest) -> Result<Page, Refusal> {
    if let Err(refusal) = actor.require(Permission::ViewCustomers) {
        record_refusal(actor, NewEntry { outcome: Outcome::Refused, ..actor.entry(LIST) }, None)?;
        return Err(refusal);
    }
    let page = if request.anchor == Anchor::Top { PageAt::First } else { PageAt::Later };
    let most = if page == PageAt::First { FREE_ROWS } else { MOST };
    let limit = usize::from(request.limit).clamp(1, most);
    let text = request.text.as_str();
    let identifier = recognise_in(text, &actor.policy.default_region, &actor.schema).map(|i| i.kind);
    let asked = match identifier {
        Some(_) => Ok(query::only_words(text)),
        None => query::read(actor, text),
    };
    if let Err(refusal) = &asked
        && refusal.is_of_right()
    {
        record_refusal(actor, NewEntry { outcome: Outcome::Refused, ..actor.entry(LIST) }, None)?;
    }
    let mut asked = asked?;
    asked.leading = session.memory().leading(&asked.words.join(" "));
    // While names are being sealed, the order of those that are not yet would tell of them.
    let sort = if actor.schema.masks_names() { Sort::Recent } else { request.sort };
    let found = match actor.role.scope {
        Scope::None => Stretch::default(),
        _ => sift::stretch(actor, from, &asked, (sort, &request.anchor, limit))?,
    };
    let further = found.more || found.resume.is_some();
    let (before, after) = match request.anchor {
        Anchor::Top => (false, further),
        Anchor::Bottom => (further, false),
        Anchor::After(_) => (true, further),
        Anchor::Before(_) => (further, true),
    };
    let listed = found.rows.len() as u64;
    let total = if let Some(total) = found.total {
        Total::Exactly(total)
    } else if asked.is_words_alone() && asked.words.is_empty() {
        Total::Exactly(count(actor, from)?)
    } else if !before && !after {
        Total::Exactly(listed)
    } else {
        Total::AtLeast(listed + u64::from(found.more))
    };
    let terms = Terms::of(actor, from)?;
    let mut rows: Vec<CustomerRow> = Vec::with_capacity(found.rows.len());
    for (cursor, customer) in found.rows {
        let goes = terms.as_ref().map_or(Ok(None), |terms| terms.goes(from, &customer.profile))?;
        rows.push(CustomerRow { goes, ..row(actor, from, cursor, customer)? });
    }
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
    charge((session, actor, from), &Wording { text, asked: &asked }, &ids, page)?;
    rows.shrink_to_fit();
    Ok(Page { rows, total, before, after, identifier, resume: found.resume.map(Cursor) })
}

/// Notes that a query was asked of which no row was shown, only how many there are.
pub(super) fn note(session: &Session, actor: &Actor, from: &dyn Get, text: &str) -> Result<(), Refusal> {
    let asked = query::read(actor, text)?;
    charge((session, actor, from), &Wording { text, asked: &asked }, &[], PageAt::First)
}

/// Notes the rows of a query that were shown elsewhere than in the list, within the same limit.
pub(super) fn note_rows(
    (session, actor, from): (&Session, &Actor, &dyn Get),
    text: &str,
    ids: &[CustomerId],
    page: PageAt,
) -> Result<(), Refusal> {
    let asked = query::read(actor, text)?;
    charge((session, actor, from), &Wording { text, asked: &asked }, ids, page)
}

/// A query as it was written and as it was understood.
struct Wording<'q> {
    text: &'q str,
    asked: &'q Asked,
}

/// How many customers are in scope.
pub(super) fn count(actor: &Actor, from: &dyn Get) -> Result<u64, Refusal> {
    match actor.owners() {
        None => Ok(customers::count_all(from)?),
        Some(owners) => {
            owners.into_iter().try_fold(0_u64, |sum, o| Ok(sum.saturating_add(customers::count_of(from, o)?)))
        }
    }
}

/// Notes the rows shown, and refuses past the reading limit. The first page of a query is never refused.
fn charge(
    (session, actor, from): (&Session, &Actor, &dyn Get),
    Wording { text, asked }: &Wording<'_>,
    ids: &[CustomerId],
    page: PageAt,
) -> Result<(), Refusal> {
    let name = asked.name();
    let words = name.as_str();
    let seen: HashSet<CustomerId> = {
        let mut memory = session.memory();
        if page == PageAt::First && !memory.paged.contains_key(words) {
            if memory.paged.len() >= MOST_QUERIES {
                memory.paged.clear();
            }
            memory.paged.insert(words.to_owned(), HashSet::new());
        }
        memory.paged.get(words).map_or_else(HashSet::new, Clone::clone)
    };
    // Rows of a query that was not begun at its top, or was forgotten, are all beyond the first hundred.
    let begun = session.memory().paged.contains_key(words);
    let new: Vec<CustomerId> = ids.iter().filter(|id| !seen.contains(id)).copied().collect();
    let free = if begun { FREE_ROWS.saturating_sub(seen.len()) } else { 0 };
    let beyond = if page == PageAt::First { 0 } else { new.len().saturating_sub(free) as u64 };
    let uncharged = if beyond == 0 { 0 } else { charge_together(session, actor, from, beyond)? };
    let pending = {
        let mut memory = session.memory();
        // Typing on within the quiet time is one query, whose last wording counts.
        let same = memory
            .listing
            .as_ref()
            .is_some_and(|l| l.text == *text || (page == PageAt::First && actor.now.since(l.last) < QUIET_MILLIS));
        let before = if same { None } else { memory.listing.take() };
        let listing = memory.listing.get_or_insert_with(|| Listing::begun(actor.now));
        listing.text = (*text).to_owned();
        listing.said.clone_from(&asked.said);
        listing.last = actor.now;
        listing.uncharged = listing.uncharged.saturating_add(uncharged);
        let rows = ids.len() as u64;
        listing.rows = if page == PageAt::First { listing.rows.max(rows) } else { listing.rows.saturating_add(rows) };
        if let Some(seen) = memory.paged.get_mut(words) {
            seen.extend(new);
        }
        before
    };
    let Some(listing) = pending else { return Ok(()) };
    let committed = listing.commit(actor);
    if committed.is_err() {
        // What was shown before is not forgotten for it; what was to be shown now is not.
        session.memory().listing = Some(listing);
    }
    committed
}

/// Counts rows against the hour's limit, or refuses, on record. Few are remembered with the listing and committed with its
/// entry, so that no key that pages on waits for a disk; how many of these are new is the answer.
fn charge_together(session: &Session, actor: &Actor, from: &dyn Get, beyond: u64) -> Result<u64, Refusal> {
    let waiting = session.memory().listing.as_ref().map_or(0, |listing| listing.uncharged);
    let sum = waiting.saturating_add(beyond);
    if sum < CHARGED_TOGETHER {
        refused_on_record(actor, beyond, within_limit(actor, from, sum))?;
        return Ok(beyond);
    }
    charge_rows(actor, sum)?;
    if let Some(listing) = &mut session.memory().listing {
        listing.uncharged = 0;
    }
    Ok(0)
}

/// Counts rows against the hour's limit at once, or refuses, on record.
pub(super) fn charge_rows(actor: &Actor, beyond: u64) -> Result<(), Refusal> {
    let of_actor = actor.clone();
    let charged = actor.commit(move |to| {
        within_limit(&of_actor, to, beyond)?;
        Ok(usage::note(to, of_actor.staff.id, ROWS, of_actor.now, beyond)?)
    });
    refused_on_record(actor, beyond, charged)
}

/// Refuses rows beyond the hour's limit.
pub(super) fn within_limit(actor: &Actor, from: &dyn Get, beyond: u64) -> Result<(), Refusal> {
    let used = usage::since(from, actor.staff.id, ROWS, actor.now.plus_seconds(-HOUR))?;
    let limit = actor.policy.rows_per_hour;
    if used.sum.saturating_add(beyond) > u64::from(limit) {
        return Err(Refusal::ReadingLimit { limit, minutes: minutes_until_free(actor, &used) });
    }
    Ok(())
}

/// Counts rows against the hour's limit in the transaction of what they are for, or refuses.
pub(super) fn charge_in(actor: &Actor, to: &mut dyn Put, rows: u64) -> Result<(), Refusal> {
    within_limit(actor, to, rows)?;
    Ok(usage::note(to, actor.staff.id, ROWS, actor.now, rows)?)
}

fn refused_on_record(actor: &Actor, beyond: u64, charged: Result<(), Refusal>) -> Result<(), Refusal> {
    if let Err(Refusal::ReadingLimit { limit, .. }) = &charged {
        let entry = NewEntry { outcome: Outcome::Refused, count: Some(beyond), ..actor.entry(LIST) };
        record_refusal(actor, entry, Some((AlertKind::RowsLimit, u64::from(*limit))))?;
    }
    charged
}

#[cfg(test)]
mod tests {
    use super::for_the_record;

    #[test]
    fn no_number_and_no_mailbox_goes_on_record_with_a_query() {
        for (query, kept) in [
            ("13800001234", "138****1234"),
            ("zhang 138000012", "zhang ********"),
            ("zhang 138 0000", "zhang *** ****"),
            ("ann@example", "********"),
            ("张三 vip", "张三 vip"),
            ("1234", "*1234"),
        ] {
            assert_eq!(for_the_record(query, "CN"), kept, "{query}");
        }
    }
}

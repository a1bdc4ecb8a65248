//! Finding customers: the list, words, identifiers, duplicates.
//!
//! **Invariant:** scope is applied before the limit; what is listed is on record as one entry a query with its count.

use std::collections::HashSet;

use super::actor::Actor;
use super::customers::{minutes_until_free, row};
use super::door::Done;
use super::refusal::Refusal;
use super::session::{Session, record_refusal};
use super::view::{AlertKind, Anchor, Cursor, ListRequest, Page, Sort, Total};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Outcome, Texts};
use crate::domain::field::{FieldKey, FieldKind};
use crate::domain::id::CustomerId;
use crate::domain::identifier::{Identifier, IdentifierKind, recognise};
use crate::domain::role::{Permission, Scope};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::{MaskKind, mask};
use crate::privacy::seal::TokenKind;
use crate::text::half_width;
use crate::vault::book::lists::{self, From, Search};
use crate::vault::book::{customers, usage};
use crate::vault::index::{Order, query_words};
use crate::vault::store::{Get, Put};

/// After so long without another list, what was listed goes on record.
pub(super) const QUIET_MILLIS: i64 = 2_000;
/// Rows of a query that are not counted against the reading limit.
const FREE_ROWS: usize = 100;
const ROWS: u8 = 6;
const IDENTIFIERS: u8 = 7;
const HOUR: i64 = 3_600;
const MOST: usize = 200;
/// Queries whose shown rows a session remembers; one that is forgotten has no free rows left.
const MOST_QUERIES: usize = 256;

/// Which page of a query.
#[derive(Clone, Copy, PartialEq)]
enum PageAt {
    First,
    Later,
}

/// A list that somebody is looking at, with how many of its rows they were shown.
#[derive(Clone)]
pub(super) struct Listing {
    text: String,
    rows: u64,
    pub(super) last: Timestamp,
}

impl Listing {
    /// Its entry. The query is kept short and without what looks like somebody's number or mailbox.
    pub(super) fn entry(&self, actor: &Actor) -> NewEntry {
        let query = for_the_record(&self.text, &actor.policy.default_region);
        let texts = Texts { after: (!query.is_empty()).then_some(query), ..Texts::default() };
        NewEntry { time: self.last, count: Some(self.rows), texts, ..actor.entry("customer.list") }
    }
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
        record_refusal(actor, NewEntry { outcome: Outcome::Refused, ..actor.entry("customer.list") }, None)?;
        return Err(refusal);
    }
    let page = if request.anchor == Anchor::Top { PageAt::First } else { PageAt::Later };
    let most = if page == PageAt::First { FREE_ROWS } else { MOST };
    let limit = usize::from(request.limit).clamp(1, most);
    let text: String = request.text.chars().take(1_000).collect();
    let words = query_words(&text);
    let start = match &request.anchor {
        Anchor::Top => From::Top,
        Anchor::Bottom => From::Bottom,
        Anchor::After(Cursor(cursor)) => From::After(cursor),
        Anchor::Before(Cursor(cursor)) => From::Before(cursor),
    };
    let identifier = recognise(&text, &actor.policy.default_region).map(|i| i.kind);
    let visible = |id: CustomerId| actor.desk.visible(id);
    let mut rows = Vec::new();
    if actor.role.scope != Scope::None {
        // One more than asked for tells whether there are others.
        if words.is_empty() {
            let order = match request.sort {
                Sort::Name => Order::Name,
                Sort::Recent => Order::Recent,
            };
            for (cursor, id) in lists::stretch(from, order, &actor.lists(), start, limit + 1, &visible)? {
                if let Some(customer) = customers::get(from, id)? {
                    rows.push(row(actor, cursor, customer));
                }
            }
        } else {
            let owners = actor.owners();
            let search = Search { words: &words, schema: &actor.schema, owners: owners.as_deref() };
            for ((cursor, _), customer) in lists::search(from, &search, start, limit + 1, &visible)? {
                rows.push(row(actor, cursor, customer));
            }
        }
    }
    let more = rows.len() > limit;
    let upwards = matches!(request.anchor, Anchor::Bottom | Anchor::Before(_));
    if more && upwards {
        rows.drain(..rows.len() - limit);
    }
    rows.truncate(limit);
    let (before, after) = match request.anchor {
        Anchor::Top => (false, more),
        Anchor::Bottom => (more, false),
        Anchor::After(_) => (true, more),
        Anchor::Before(_) => (more, true),
    };
    let total = if words.is_empty() {
        Total::Exactly(count(actor, from)?)
    } else if !before && !after {
        Total::Exactly(rows.len() as u64)
    } else {
        Total::AtLeast(rows.len() as u64 + u64::from(more))
    };
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
    charge(session, actor, &text, &words.join(" "), &ids, page)?;
    rows.shrink_to_fit();
    Ok(Page { rows, total, before, after, identifier })
}

fn count(actor: &Actor, from: &dyn Get) -> Result<u64, Refusal> {
    match actor.owners() {
        None => Ok(customers::count_all(from)?),
        Some(owners) => {
            owners.into_iter().try_fold(0_u64, |sum, o| Ok(sum.saturating_add(customers::count_of(from, o)?)))
        }
    }
}

/// Notes the rows shown, and refuses past the reading limit. The first page of a query is never refused.
fn charge(
    session: &Session,
    actor: &Actor,
    text: &str,
    words: &str,
    ids: &[CustomerId],
    page: PageAt,
) -> Result<(), Refusal> {
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
    if beyond > 0 {
        charge_rows(actor, beyond)?;
    }
    let pending = {
        let mut memory = session.memory();
        // Typing on within the quiet time is one query, whose last wording counts.
        let same = memory
            .listing
            .as_ref()
            .is_some_and(|l| l.text == text || (page == PageAt::First && actor.now.since(l.last) < QUIET_MILLIS));
        let before = if same { None } else { memory.listing.take() };
        let listing = memory.listing.get_or_insert(Listing { text: String::new(), rows: 0, last: actor.now });
        listing.text = text.to_owned();
        listing.last = actor.now;
        let rows = ids.len() as u64;
        listing.rows = if page == PageAt::First { listing.rows.max(rows) } else { listing.rows.saturating_add(rows) };
        if let Some(seen) = memory.paged.get_mut(words) {
            seen.extend(new);
        }
        before
    };
    if let Some(listing) = pending {
        let (of_actor, entry) = (actor.clone(), listing.entry(actor));
        actor.commit(move |to| Ok(of_actor.record(to, &entry)?))?;
    }
    Ok(())
}

/// Counts rows against the hour's limit, or refuses, on record.
fn charge_rows(actor: &Actor, beyond: u64) -> Result<(), Refusal> {
    let of_actor = actor.clone();
    let charged = actor.commit(move |to| {
        let actor = &of_actor;
        let used = usage::since(to, actor.staff.id, ROWS, actor.now.plus_seconds(-HOUR))?;
        let limit = actor.policy.rows_per_hour;
        if used.sum.saturating_add(beyond) > u64::from(limit) {
            return Err(Refusal::ReadingLimit { limit, minutes: minutes_until_free(actor, &used) });
        }
        usage::note(to, actor.staff.id, ROWS, actor.now, beyond)?;
        Ok(())
    });
    if let Err(Refusal::ReadingLimit { limit, .. }) = &charged {
        let entry = NewEntry { outcome: Outcome::Refused, count: Some(beyond), ..actor.entry("customer.list") };
        record_refusal(actor, entry, Some((AlertKind::RowsLimit, u64::from(*limit))))?;
    }
    charged
}

/// What a kind of identifier is looked up by: the token's kind, and the fields where it goes by field.
fn token_kind(kind: IdentifierKind) -> TokenKind {
    match kind {
        IdentifierKind::LastFour => TokenKind::LastFour,
        IdentifierKind::Phone => TokenKind::Phone,
        IdentifierKind::Email => TokenKind::Email,
        IdentifierKind::Identity => TokenKind::Identity,
        IdentifierKind::Card => TokenKind::Whole,
    }
}

fn masked(identifier: &Identifier) -> String {
    let kind = match identifier.kind {
        IdentifierKind::LastFour => return format!("*{}", identifier.normal),
        IdentifierKind::Phone if identifier.normal.starts_with("+861") => MaskKind::Mobile,
        IdentifierKind::Phone => MaskKind::Phone,
        IdentifierKind::Email => MaskKind::Email,
        IdentifierKind::Identity => MaskKind::ResidentId,
        IdentifierKind::Card => MaskKind::BankCard,
    };
    mask(kind, &identifier.normal).as_str().to_owned()
}

/// Finds customers by an identifier, exactly; on record, and limited.
pub(super) fn by_identifier(actor: &Actor, identifier: Identifier) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    let rows = actor.commit(move |to| {
        let actor = &of_actor;
        charge_identifier(actor, to)?;
        let found = with_identifier(actor, to, &identifier)?;
        let mut rows = Vec::new();
        for id in found {
            if let Ok(customer) = actor.customer(to, id) {
                rows.push(row(actor, Vec::new(), customer));
            }
        }
        let texts = Texts { after: Some(masked(&identifier)), ..Texts::default() };
        actor.record(to, &NewEntry { count: Some(rows.len() as u64), texts, ..actor.entry("customer.search") })?;
        Ok(rows)
    })?;
    Ok(Done::Matches(rows))
}

/// Notes one question whether a value is known, and refuses past the limit: else masked values could be guessed.
fn charge_identifier(actor: &Actor, to: &mut dyn Put) -> Result<(), Refusal> {
    let used = usage::since(to, actor.staff.id, IDENTIFIERS, actor.now.plus_seconds(-HOUR))?;
    let limit = actor.policy.identifier_searches_per_hour;
    if used.times >= limit {
        return Err(Refusal::ReadingLimit { limit, minutes: minutes_until_free(actor, &used) });
    }
    Ok(usage::note(to, actor.staff.id, IDENTIFIERS, actor.now, 1)?)
}

fn with_identifier(actor: &Actor, from: &dyn Get, identifier: &Identifier) -> Result<Vec<CustomerId>, Refusal> {
    let kind = token_kind(identifier.kind);
    let mut out = Vec::new();
    for class in FieldClass::SEALED {
        let Some(blind) = actor.blind_key(class) else { continue };
        let fields: Vec<&str> = match identifier.kind {
            IdentifierKind::Card => {
                actor.schema.all().iter().filter(|f| f.kind == FieldKind::BankCard).map(|f| f.key.as_str()).collect()
            }
            _ => vec![""],
        };
        for field in fields {
            let token = blind.token(kind, field, &identifier.normal);
            out.extend(customers::by_token(from, class, kind, token, MOST)?.into_iter().map(|(id, _)| id));
        }
    }
    out.sort();
    out.dedup();
    out.retain(|id| actor.desk.visible(*id));
    Ok(out)
}

/// Customers with the same value of a field; those out of scope are counted only.
pub(super) fn duplicates(actor: &Actor, field: &FieldKey, text: &str) -> Result<Done, Refusal> {
    let def = actor.field(field)?.clone();
    let checked = actor.check(&def, text).map_err(|fault| Refusal::Invalid(vec![fault]))?;
    if def.class == FieldClass::Open {
        return Err(Refusal::NotMasked);
    }
    let of_actor = actor.clone();
    let (within, beyond) = actor.commit(move |to| {
        let actor = &of_actor;
        charge_identifier(actor, to)?;
        let mut ids = Vec::new();
        let whole = actor.tokens(&def, &checked.normal)?.into_iter().filter(|t| t.kind != TokenKind::LastFour);
        for token in whole {
            let found = customers::by_token(to, def.class, token.kind, token.token, MOST)?;
            ids.extend(found.into_iter().map(|(id, _)| id).filter(|id| actor.desk.visible(*id)));
        }
        ids.sort();
        ids.dedup();
        let mut within = Vec::new();
        for id in &ids {
            if let Ok(customer) = actor.customer(to, *id) {
                within.push(row(actor, Vec::new(), customer));
            }
        }
        let beyond = (ids.len() - within.len()) as u64;
        let field = Some(def.key.clone());
        actor.record(to, &NewEntry { field, count: Some(ids.len() as u64), ..actor.entry("customer.duplicates") })?;
        Ok((within, beyond))
    })?;
    Ok(Done::Duplicates { within, beyond })
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

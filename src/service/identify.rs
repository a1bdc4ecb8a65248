//! Finding customers by an identifier, exactly, and by a value that somebody else may have already.
//!
//! **Invariant:** every question whether a value is known is counted against a limit and on record.

use super::actor::Actor;
use super::customers::{minutes_until_free, row};
use super::door::Done;
use super::refusal::Refusal;
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::field::{FieldDef, FieldKey, FieldKind, FieldState};
use crate::domain::id::CustomerId;
use crate::domain::identifier::{Identifier, IdentifierKind};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::{MaskKind, mask};
use crate::privacy::seal::TokenKind;
use crate::vault::book::{customers, having, usage};
use crate::vault::index;
use crate::vault::records::{Customer, Stored};
use crate::vault::store::{Get, Put};

const IDENTIFIERS: u8 = 7;
const HOUR: i64 = 3_600;
const MOST: usize = 200;

/// What a kind of identifier is looked up by: the token's kind, and the fields where it goes by field.
fn token_kind(kind: IdentifierKind) -> TokenKind {
    match kind {
        IdentifierKind::LastFour => TokenKind::LastFour,
        IdentifierKind::Phone => TokenKind::Phone,
        IdentifierKind::Email => TokenKind::Email,
        IdentifierKind::Identity => TokenKind::Identity,
        IdentifierKind::Card | IdentifierKind::Name => TokenKind::Whole,
    }
}

/// The fields that hold it.
fn field_kinds(kind: IdentifierKind) -> &'static [FieldKind] {
    match kind {
        IdentifierKind::LastFour | IdentifierKind::Phone => &[FieldKind::Phone],
        IdentifierKind::Email => &[FieldKind::Email],
        IdentifierKind::Identity => &[FieldKind::ResidentId, FieldKind::Passport],
        IdentifierKind::Card => &[FieldKind::BankCard],
        IdentifierKind::Name => &[FieldKind::Name],
    }
}

pub(super) fn masked(identifier: &Identifier) -> String {
    let kind = match identifier.kind {
        IdentifierKind::LastFour => return format!("*{}", identifier.normal),
        IdentifierKind::Phone if identifier.normal.starts_with("+861") => MaskKind::Mobile,
        IdentifierKind::Phone => MaskKind::Phone,
        IdentifierKind::Email => MaskKind::Email,
        IdentifierKind::Identity => MaskKind::ResidentId,
        IdentifierKind::Card => MaskKind::BankCard,
        IdentifierKind::Name => MaskKind::Name,
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
                rows.push(row(actor, to, Vec::new(), customer)?);
            }
        }
        let texts = Texts { after: Some(masked(&identifier)), ..Texts::default() };
        actor.record(to, &NewEntry { count: Some(rows.len() as u64), texts, ..actor.entry("customer.search") })?;
        Ok(rows)
    })?;
    Ok(Done::Matches(rows))
}

/// Notes one question whether a value is known, and refuses past the limit: else masked values could be guessed.
pub(super) fn charge_identifier(actor: &Actor, to: &mut dyn Put) -> Result<(), Refusal> {
    let used = usage::since(to, actor.staff.id, IDENTIFIERS, actor.now.plus_seconds(-HOUR))?;
    let limit = actor.policy.identifier_searches_per_hour;
    if used.times >= limit {
        return Err(Refusal::ReadingLimit { limit, minutes: minutes_until_free(actor, &used) });
    }
    Ok(usage::note(to, actor.staff.id, IDENTIFIERS, actor.now, 1)?)
}

fn with_identifier(actor: &Actor, from: &dyn Get, identifier: &Identifier) -> Result<Vec<CustomerId>, Refusal> {
    let kind = token_kind(identifier.kind);
    let kinds = field_kinds(identifier.kind);
    let holders = || actor.schema.rows().filter(|f| kinds.contains(&f.kind));
    // Without any key that finds it, that nobody was found would say that there is nobody.
    let mut classes = holders().filter(|f| f.state == FieldState::On && f.class != FieldClass::Open).map(|f| f.class);
    if let Some(first) = classes.next()
        && std::iter::once(first).chain(classes).all(|class| actor.blind_key(class).is_none())
    {
        return Err(Refusal::KeyMissing(first));
    }
    let mut out = Vec::new();
    for class in FieldClass::SEALED {
        let Some(blind) = actor.blind_key(class) else { continue };
        let fields: Vec<&str> = match kind {
            TokenKind::Whole => holders().map(|f| f.key.as_str()).collect(),
            _ => vec![""],
        };
        for field in fields {
            let token = blind.token(kind, field, &identifier.normal);
            out.extend(customers::by_token(from, class, kind, token, MOST)?.into_iter().map(|(id, _)| id));
        }
    }
    for kind in kinds {
        out.extend(with_open(actor, from, *kind, (Given::of(identifier.kind), &identifier.normal))?);
    }
    out.sort();
    out.dedup();
    out.retain(|id| actor.desk.visible(*id));
    Ok(out)
}

/// How much of a value somebody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Whole,
    LastFour,
}

impl Given {
    fn of(kind: IdentifierKind) -> Self {
        if kind == IdentifierKind::LastFour { Self::LastFour } else { Self::Whole }
    }
}

/// Digits of a phone, from its end, by which it is looked for: what stands before them may be written otherwise.
const DIGITS: usize = 7;

/// Customers with this value in a field that is open, or was until a while ago.
pub(super) fn with_open(
    actor: &Actor,
    from: &dyn Get,
    kind: FieldKind,
    (given, normal): (Given, &str),
) -> Result<Vec<CustomerId>, Refusal> {
    let Some(word) = index::number_word(kind, normal) else { return Ok(Vec::new()) };
    let begin: String = if kind == FieldKind::Phone { word.chars().take(1 + DIGITS).collect() } else { word };
    let mut out = Vec::new();
    for id in having::beginning(from, &begin, MOST)? {
        let Some(customer) = customers::get(from, id)? else { continue };
        let mut fields = actor.schema.all().iter().filter(|def| def.kind == kind);
        if fields.any(|def| is_open(actor, def, &customer, (given, normal))) {
            out.push(id);
        }
    }
    Ok(out)
}

fn is_open(actor: &Actor, def: &FieldDef, customer: &Customer, (given, normal): (Given, &str)) -> bool {
    let Some(Stored::Open(value)) = customer.field(&def.key) else { return false };
    actor.check(def, value.as_str()).is_ok_and(|checked| match given {
        Given::LastFour => checked.normal.ends_with(normal),
        Given::Whole => checked.normal == normal,
    })
}

/// Customers with the same value of a field; those out of scope are counted only.
pub(super) fn duplicates(actor: &Actor, field: &FieldKey, text: &str) -> Result<Done, Refusal> {
    let def = actor.field(field)?.clone();
    let checked = actor.check(&def, text).map_err(|fault| Refusal::Invalid(vec![fault]))?;
    if def.class == FieldClass::Open && index::number_word(def.kind, &checked.normal).is_none() {
        return Err(Refusal::NotMasked);
    }
    let of_actor = actor.clone();
    let (within, beyond) = actor.commit(move |to| {
        let actor = &of_actor;
        charge_identifier(actor, to)?;
        let mut ids = with_open(actor, to, def.kind, (Given::Whole, &checked.normal))?;
        ids.retain(|id| actor.desk.visible(*id));
        let tokens = if def.class == FieldClass::Open { Vec::new() } else { actor.tokens(&def, &checked.normal)? };
        let whole = tokens.into_iter().filter(|t| t.kind.is_whole());
        for token in whole {
            let found = customers::by_token(to, def.class, token.kind, token.token, MOST)?;
            ids.extend(found.into_iter().map(|(id, _)| id).filter(|id| actor.desk.visible(*id)));
        }
        ids.sort();
        ids.dedup();
        let mut within = Vec::new();
        for id in &ids {
            if let Ok(customer) = actor.customer(to, *id) {
                within.push(row(actor, to, Vec::new(), customer)?);
            }
        }
        let beyond = (ids.len() - within.len()) as u64;
        let field = Some(def.key.clone());
        actor.record(to, &NewEntry { field, count: Some(ids.len() as u64), ..actor.entry("customer.duplicates") })?;
        Ok((within, beyond))
    })?;
    Ok(Done::Duplicates { within, beyond })
}

//! Which index rows a customer has: lists, words and blind tokens, as a function of its record alone.
//!
//! **Invariant:** nothing of a sealed value but its tokens goes into an index: no prefix, no pinyin, no order.

use std::collections::BTreeSet;
use std::ops::Bound;

use ::pinyin::ToPinyin;

use super::facets::{self, Facets};
use super::pinyin;
use super::records::{Customer, Stored};
use super::store::{Table, key};
use crate::domain::customer::Basis;
use crate::domain::field::{FieldDef, FieldKey, FieldKind, Schema};
use crate::domain::id::{CustomerId, StaffId};
use crate::privacy::class::FieldClass;
use crate::privacy::seal::{Token, TokenKind};
use crate::text;

/// Whose list a row stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListOf {
    /// Everybody's.
    All,
    /// One owner's; none is the pool.
    Owner(Option<StaffId>),
}

impl ListOf {
    fn number(self) -> u32 {
        match self {
            Self::All => u32::MAX,
            Self::Owner(owner) => owner.map_or(0, |id| id.0),
        }
    }
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By name.
    Name,
    /// Last changed first.
    Recent,
}

/// One row of an index.
pub type Row = (Table, Vec<u8>, Vec<u8>);

/// The longest part of a name that orders a list, in bytes.
const SORT_BYTES: usize = 48;
/// Characters of one run that are indexed; what follows is found by its beginning only.
const RUN: usize = 16;

/// All index rows of a customer, sorted.
pub fn rows(customer: &Customer, schema: &Schema) -> BTreeSet<(u8, Vec<u8>, Vec<u8>)> {
    with_words(customer, words(customer, schema))
}

/// As [`rows`], of a customer as they were stored before: a field that is in a class by now may have been open then.
pub fn rows_before(customer: &Customer, schema: &Schema) -> BTreeSet<(u8, Vec<u8>, Vec<u8>)> {
    let differs = |(key, stored): (&FieldKey, &Stored)| {
        matches!(stored, Stored::Open(_)) && schema.get(key.as_str()).is_some_and(|def| def.class != FieldClass::Open)
    };
    if !customer.values().any(differs) {
        return rows(customer, schema);
    }
    let open = schema.rows().map(|def| FieldDef { class: FieldClass::Open, ..def.clone() });
    with_words(customer, words(customer, &Schema::new(open.collect())))
}

fn with_words(customer: &Customer, words: BTreeSet<String>) -> BTreeSet<(u8, Vec<u8>, Vec<u8>)> {
    let mut out = rows_without_words(customer);
    let id = customer.profile.id.0.to_be_bytes();
    let owner = customer.profile.owner.map_or(0, |o| o.0).to_be_bytes();
    for word in words {
        for list in [ListOf::All, ListOf::Owner(customer.profile.owner)] {
            out.insert((1, key(&[&word_prefix(list), word.as_bytes(), &[0], &id]), owner.to_vec()));
        }
    }
    out
}

/// The index rows of a customer that its record alone decides: lists and blind tokens.
pub fn rows_without_words(customer: &Customer) -> BTreeSet<(u8, Vec<u8>, Vec<u8>)> {
    let p = &customer.profile;
    let id = p.id.0.to_be_bytes();
    let facets = Facets::of(customer).to_bytes();
    let mut out = BTreeSet::new();
    out.extend(facets::keys(customer).into_iter().map(|key| (0, key, facets.clone())));
    let name = sort_key(customer);
    let recent = newest_first(p.updated.0);
    for list in [ListOf::All, ListOf::Owner(p.owner)] {
        out.insert((0, key(&[&list_prefix(Order::Name, list), &name, &[0], &id]), facets.clone()));
        out.insert((0, key(&[&list_prefix(Order::Recent, list), &recent, &[0], &id]), facets.clone()));
    }
    for (field, stored) in customer.values() {
        if let Stored::Sealed { class, tokens, .. } = stored {
            for token in tokens.iter().filter(|token| token.kind.finds()) {
                let key = key(&[&token_prefix(*class, token.kind, token.token), &id, field.as_str().as_bytes()]);
                out.insert((2, key, Vec::new()));
            }
        }
    }
    out
}

/// The table that a row of [`rows`] stands in.
pub fn table(of: u8) -> Table {
    match of {
        0 => Table::Lists,
        1 => Table::Words,
        _ => Table::Tokens,
    }
}

/// What all rows of a list begin with.
pub fn list_prefix(order: Order, list: ListOf) -> Vec<u8> {
    let order = match order {
        Order::Name => 0,
        Order::Recent => 1,
    };
    key(&[&[order], &list.number().to_be_bytes()])
}

/// What all rows of a list's words begin with. Whoever sees few customers among many must not walk past the others'.
pub fn word_prefix(list: ListOf) -> [u8; 4] {
    list.number().to_be_bytes()
}

/// What all rows of a token begin with.
pub fn token_prefix(class: FieldClass, kind: TokenKind, token: Token) -> Vec<u8> {
    key(&[&[class.byte(), kind.place()], &token.0])
}

/// Bytes that sort later moments first.
pub fn newest_first(millis: i64) -> [u8; 8] {
    (!oldest_first_number(millis)).to_be_bytes()
}

/// Bytes that sort earlier moments first.
pub fn oldest_first(millis: i64) -> [u8; 8] {
    oldest_first_number(millis).to_be_bytes()
}

/// The moment that [`oldest_first`] wrote.
pub fn from_oldest_first(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

fn oldest_first_number(millis: i64) -> u64 {
    millis.cast_unsigned() ^ (1 << 63)
}

/// What orders a customer by name: pinyin for Chinese, so that all scripts in Latin letters run together.
/// A sealed name has no order but its id's, behind all others.
pub fn sort_key(customer: &Customer) -> Vec<u8> {
    let Stored::Open(name) = &customer.name else {
        return key(&[&[0xFF], &customer.profile.id.0.to_be_bytes()]);
    };
    let mut out = String::new();
    for c in text::folded(name.as_str()).chars() {
        match c.to_pinyin() {
            Some(reading) => {
                out.push_str(reading.plain());
                out.push(' ');
            }
            None => out.push(c),
        }
        if out.len() >= SORT_BYTES {
            break;
        }
    }
    out.into_bytes().into_iter().filter(|b| *b != 0).take(SORT_BYTES).collect()
}

/// What stands before a word that is in no name: a name is what somebody looks for first.
pub const BESIDE: char = '=';

/// The words by which a customer is found, each of which a query word may begin: of the name, and, marked, of open fields
/// that are searchable and of tags.
pub fn words(customer: &Customer, schema: &Schema) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    name(customer, schema).into_iter().for_each(|name| words_of(name, &mut out));
    let mut elsewhere = BTreeSet::new();
    for (def, value) in open_fields(customer, schema) {
        if def.searchable {
            words_of(value, &mut elsewhere);
        }
        out.extend(number_word(def.kind, value));
    }
    customer.profile.tags.iter().for_each(|tag| words_of(tag, &mut elsewhere));
    for word in elsewhere {
        if word.starts_with(pinyin::INITIALS) {
            out.insert(word);
        } else if !out.contains(&word) {
            out.insert(format!("{BESIDE}{word}"));
        }
    }
    if customer.profile.provenance.basis == Basis::NotKnownYet {
        out.insert(WITHOUT_BASIS.to_owned());
    }
    out
}

/// What stands before the word of a number or mailbox that is in no class.
const NUMBER: char = '#';

/// The word by which an open value that names somebody is found: an email as it is, a number from its end, since a country
/// code may stand before it. Whoever finds by it compares the value.
pub fn number_word(kind: FieldKind, value: &str) -> Option<String> {
    let folded = text::folded(value);
    let word: String = match kind {
        FieldKind::Email => folded,
        FieldKind::Phone => folded.chars().rev().filter(char::is_ascii_digit).collect(),
        FieldKind::ResidentId | FieldKind::Passport | FieldKind::BankCard => {
            folded.chars().rev().filter(|c| c.is_alphanumeric()).collect()
        }
        _ => return None,
    };
    (!word.is_empty()).then(|| format!("{NUMBER}{word}"))
}

/// Whether each word of a query begins one of the customer's [`words`], or is a way of typing some Chinese text of it.
pub fn has_words(customer: &Customer, schema: &Schema, words: &BTreeSet<String>, asked: &[String]) -> bool {
    asked
        .iter()
        .all(|word| begun(words, word).is_some() || begun_with(words, BESIDE, word) || is_typed(customer, schema, word))
}

/// The first word that begins so.
pub fn begun<'w>(words: &'w BTreeSet<String>, begin: &str) -> Option<&'w str> {
    let from = words.range::<str, _>((Bound::Included(begin), Bound::Unbounded)).next();
    from.map(String::as_str).filter(|word| word.starts_with(begin))
}

/// Whether some word with this mark begins so.
fn begun_with(words: &BTreeSet<String>, mark: char, begin: &str) -> bool {
    begun(words, &format!("{mark}{begin}")).is_some()
}

/// Whether a query word is a way of typing some Chinese text of the customer in Latin letters, in full or by initials.
pub fn is_typed(customer: &Customer, schema: &Schema, word: &str) -> bool {
    texts(customer, schema).flat_map(pieces).any(|piece| match piece {
        Piece::Chinese(run) => pinyin::typed(&run, word),
        Piece::Plain(_) => false,
    })
}

/// The texts by whose words a customer is found.
fn texts<'c>(customer: &'c Customer, schema: &Schema) -> impl Iterator<Item = &'c str> {
    name(customer, schema).into_iter().chain(beside(customer, schema))
}

/// The name, where it is in no class.
fn name<'c>(customer: &'c Customer, schema: &Schema) -> Option<&'c str> {
    open(&customer.name).filter(|_| !schema.masks_names())
}

/// Those of them that are not the name.
fn beside<'c>(customer: &'c Customer, schema: &Schema) -> impl Iterator<Item = &'c str> {
    let searched = open_fields(customer, schema).filter(|(def, _)| def.searchable).map(|(_, value)| value);
    searched.chain(customer.profile.tags.iter().map(String::as_str))
}

/// The values that stand open in fields of no class. A row is looked for in the schema only where its value is open, since
/// a search asks this of hundreds of customers.
fn open_fields<'c, 's>(
    customer: &'c Customer,
    schema: &'s Schema,
) -> impl Iterator<Item = (&'s FieldDef, &'c str)> + use<'c, 's> {
    customer.fields.iter().filter_map(|(key, stored)| {
        let value = open(stored)?;
        let def = schema.get(key.as_str()).filter(|def| def.class == FieldClass::Open)?;
        Some((def, value))
    })
}

fn open(stored: &Stored) -> Option<&str> {
    match stored {
        Stored::Open(value) => Some(value.as_str()),
        _ => None,
    }
}

/// The word by which customers are found whose legal basis is not known yet; no text gives it, since it has a colon.
pub const WITHOUT_BASIS: &str = "basis:not_known_yet";

/// The words of a query, folded; a customer matches if each begins one of its words.
pub fn query_words(text: &str) -> Vec<String> {
    // What stands for a missing legal basis is one word of the index, not words of a text.
    let (basis, text): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| *word == WITHOUT_BASIS);
    let mut words: Vec<String> = pieces(&text.join(" ")).into_iter().flat_map(|piece| piece.split()).collect();
    words.extend(basis.first().map(|word| (*word).to_owned()));
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.truncate(8);
    words
}

/// The words by which a text is found.
pub fn words_in(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    words_of(text, &mut out);
    out
}

/// Whether each word of a query begins one of these, or the initials of one.
pub fn begin(query: &[String], words: &BTreeSet<String>) -> bool {
    query.iter().all(|word| begun(words, word).is_some() || begun_with(words, pinyin::INITIALS, word))
}

fn words_of(text: &str, out: &mut BTreeSet<String>) {
    for piece in pieces(text) {
        match piece {
            Piece::Plain(word) => _ = out.insert(word),
            Piece::Chinese(run) => {
                for start in 0..run.len().min(RUN) {
                    out.extend(run.get(start..).map(|rest| rest.iter().take(RUN).collect::<String>()));
                }
                pinyin::words(&run, out);
            }
        }
    }
}

enum Piece {
    Plain(String),
    Chinese(Vec<char>),
}

impl Piece {
    fn split(self) -> Vec<String> {
        match self {
            Self::Plain(word) => vec![word],
            Self::Chinese(run) => vec![run.into_iter().take(RUN).collect()],
        }
    }
}

/// Runs of Chinese characters and runs of other letters and digits, folded, each at most 40 characters.
fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    for c in text::folded(text).chars().chain(std::iter::once(' ')) {
        let chinese = !c.is_ascii() && (c.to_pinyin().is_some() || matches!(c, '\u{3400}'..='\u{9FFF}'));
        match (out.last_mut(), chinese) {
            (Some(Piece::Chinese(run)), true) => run.push(c),
            (_, true) => out.push(Piece::Chinese(vec![c])),
            (Some(Piece::Plain(word)), false) if c.is_alphanumeric() && !word.is_empty() => word.push(c),
            (_, false) if c.is_alphanumeric() => out.push(Piece::Plain(c.to_string())),
            _ => out.push(Piece::Plain(String::new())),
        }
    }
    out.retain_mut(|piece| match piece {
        Piece::Plain(word) => {
            *word = word.chars().take(40).collect();
            !word.is_empty()
        }
        Piece::Chinese(run) => !run.is_empty(),
    });
    out
}

/// The customer id at the end of a list or word key.
pub fn id_of(key: &[u8]) -> Option<CustomerId> {
    key.last_chunk::<8>().map(|bytes| CustomerId(u64::from_be_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, query: &str) -> bool {
        let mut words = BTreeSet::new();
        words_of(name, &mut words);
        begin(&query_words(query), &words)
    }

    #[test]
    fn names_are_found_by_characters_pinyin_initials_and_prefixes() {
        for (name, query) in [
            ("张三丰", "张"),
            ("张三丰", "三丰"),
            ("张三丰", "zhangsan"),
            ("张三丰", "zsf"),
            ("张三丰", "sanfeng"),
            ("单雄信", "shan"),
            ("单雄信", "dan"),
            ("John O'Neill Smith", "smi jo"),
            ("ＡＢＣ Ltd", "abc l"),
            ("Müller", "mül"),
        ] {
            assert!(found(name, query), "{name} by {query}");
        }
        assert!(!found("basis not known yet", WITHOUT_BASIS));
        assert!(!found("张三丰", "李"));
        assert!(!found("John Smith", "ohn"));
    }

    #[test]
    fn moments_sort_both_ways() {
        assert!(oldest_first(-5) < oldest_first(3));
        assert!(newest_first(-5) > newest_first(3));
        assert_eq!(from_oldest_first(u64::from_be_bytes(oldest_first(-5))), -5);
    }
}

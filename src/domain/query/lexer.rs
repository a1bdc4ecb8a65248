//! A query taken apart into parts with their places.
//!
//! **Invariant:** one pass, no recursion, and no more characters, parts and values than the limits say.

use std::ops::Range;

use super::fault::{QueryFault, QueryFaultKind};
use super::keys::Key;
use super::tree::{Compare, Sign};
use super::{MOST_CHARACTERS, MOST_CONDITIONS, MOST_VALUES};
use crate::text::half_width;

/// What stands between key and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// `:`
    Colon,
    /// `=`
    Equals,
    /// `>` and the like.
    Order(Compare),
}

/// A value with its place.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// One part of a query.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) sign: Sign,
    /// The key and its joint, where there is one.
    pub(super) key: Option<(String, Range<usize>, Joint)>,
    pub(super) values: Vec<Value>,
    pub(super) at: Range<usize>,
}

pub(super) fn split(text: &str) -> Result<Vec<Raw>, QueryFault> {
    let chars: Vec<char> = text.chars().take(MOST_CHARACTERS + 1).map(plain).collect();
    if chars.len() > MOST_CHARACTERS {
        let kind = QueryFaultKind::TooLong { most: MOST_CHARACTERS };
        return Err(QueryFault::new(MOST_CHARACTERS..MOST_CHARACTERS + 1, kind));
    }
    let mut scan = Scan { chars: &chars, at: 0 };
    let mut parts = Vec::new();
    loop {
        while scan.peek().is_some_and(char::is_whitespace) {
            scan.at += 1;
        }
        if scan.peek().is_none() {
            return Ok(parts);
        }
        let part = scan.part()?;
        if parts.len() == MOST_CONDITIONS {
            return Err(QueryFault::new(part.at, QueryFaultKind::TooManyConditions { most: MOST_CONDITIONS }));
        }
        parts.push(part);
    }
}

/// Half-width, and one form for each sign that Chinese input methods write differently.
pub(super) fn plain(c: char) -> char {
    match half_width(c) {
        '“' | '”' | '「' | '」' => '"',
        '、' => ',',
        '≥' | '≧' => '⩾',
        '≤' | '≦' => '⩽',
        c => c,
    }
}

/// Whether a word can be a key, so that `10:30` is not one.
pub(super) fn can_be_key(word: &[char]) -> bool {
    word.first().is_some_and(|c| c.is_alphabetic())
        && word.iter().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/'))
}

struct Scan<'c> {
    chars: &'c [char],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn part(&mut self) -> Result<Raw, QueryFault> {
        let start = self.at;
        let sign = if self.take('-') { Sign::Without } else { Sign::With };
        if sign == Sign::Without && self.peek().is_none_or(char::is_whitespace) {
            return Err(QueryFault::new(start..self.at, QueryFaultKind::LoneMinus));
        }
        let key = self.key();
        let mut values = Vec::new();
        match &key {
            None => values.push(self.value(&|_| false)?),
            Some(_) => loop {
                if values.len() == MOST_VALUES {
                    let kind = QueryFaultKind::TooManyValues { most: MOST_VALUES };
                    return Err(QueryFault::new(self.at..self.at + 1, kind));
                }
                values.push(self.value(&|c| c == ',')?);
                if !self.take(',') {
                    break;
                }
            },
        }
        Ok(Raw { sign, key, values, at: start..self.at })
    }

    /// The key and what joins it to its values, if they come next.
    fn key(&mut self) -> Option<(String, Range<usize>, Joint)> {
        let start = self.at;
        let rest = self.chars.get(start..).unwrap_or_default();
        let length =
            rest.iter().position(|c| c.is_whitespace() || matches!(c, '"' | ':' | '=' | '>' | '<' | '⩾' | '⩽'))?;
        let word = rest.get(..length).unwrap_or_default();
        if !can_be_key(word) || !matches!(rest.get(length), Some(':' | '=' | '>' | '<' | '⩾' | '⩽')) {
            return None;
        }
        self.at += length;
        let colon = self.take(':');
        let order = self.order();
        let joint = match order {
            Some(order) => Joint::Order(order),
            None if colon => Joint::Colon,
            None => {
                self.at += 1;
                Joint::Equals
            }
        };
        Some((word.iter().collect(), start..start + length, joint))
    }

    fn order(&mut self) -> Option<Compare> {
        let order = match self.peek()? {
            '>' => Compare::More,
            '<' => Compare::Less,
            '⩾' => Compare::AtLeast,
            '⩽' => Compare::AtMost,
            _ => return None,
        };
        self.at += 1;
        match order {
            Compare::More if self.take('=') => Some(Compare::AtLeast),
            Compare::Less if self.take('=') => Some(Compare::AtMost),
            order => Some(order),
        }
    }

    /// Characters up to white space or what ends a value; between quotes anything.
    fn value(&mut self, ends: &dyn Fn(char) -> bool) -> Result<Value, QueryFault> {
        let start = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && !ends(*c)) {
            let here = self.at;
            self.at += 1;
            if c != '"' {
                text.push(c);
                continue;
            }
            loop {
                let Some(c) = self.peek() else {
                    return Err(QueryFault::new(here..self.at, QueryFaultKind::OpenQuote));
                };
                self.at += 1;
                if c == '"' {
                    break;
                }
                text.push(c);
            }
        }
        Ok(Value { text: text.trim().to_owned(), at: start..self.at })
    }
}

/// Refuses a part one of whose values is empty.
pub(super) fn filled(part: &Raw, key: Key) -> Result<(), QueryFault> {
    match part.values.iter().find(|value| value.text.is_empty()) {
        None => Ok(()),
        Some(value) => {
            // Where nothing stands the place is that of the whole part, so that there is something to point at.
            let at = if value.at.is_empty() { part.at.start..value.at.end } else { value.at.clone() };
            Err(QueryFault::new(at, QueryFaultKind::NoValue(key)))
        }
    }
}

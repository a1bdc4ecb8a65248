//! Which customers may have a word, where they are few enough to be known before any of their records is read.
//!
//! **Invariant:** nobody who has the word is left out; who is named may still not have it, which the record decides.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::vault::index::{self, ListOf};
use crate::vault::pinyin;
use crate::vault::store::{Get, StoreError, Table, Way, key, prefix_end};

/// Index rows that are looked at for one word, about half a millisecond's worth.
const MOST: usize = 4_000;

/// What the index rows of a typed word begin with: the word, the marked initials that it may stand for, and itself as what
/// is searchable beside names.
pub fn begins(word: &str) -> Vec<String> {
    let beside = format!("{}{word}", index::BESIDE);
    std::iter::once(word.to_owned()).chain(pinyin::initials(word)).chain([beside]).collect()
}

/// Whoever in these lists may have all the words that few have; none where every word is one that many have.
pub fn having(from: &dyn Get, lists: &[ListOf], words: &[String]) -> Result<Option<HashSet<CustomerId>>, StoreError> {
    let mut among: Option<HashSet<CustomerId>> = None;
    for word in words {
        let Some(of_word) = with(from, lists, word)? else { continue };
        among = Some(match among {
            Some(ids) => ids.intersection(&of_word).copied().collect(),
            None => of_word,
        });
    }
    Ok(among)
}

/// Whoever has a word that begins so, whatever stands beside it; at most `most` rows are looked at.
pub fn beginning(from: &dyn Get, begin: &str, most: usize) -> Result<Vec<CustomerId>, StoreError> {
    let mut ids = Vec::new();
    let prefix = key(&[&index::word_prefix(ListOf::All), begin.as_bytes()]);
    from.visit(Table::Words, &prefix, &prefix_end(&prefix), Way::Up, &mut |row, _| {
        ids.extend(index::id_of(row));
        if ids.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(ids)
}

fn with(from: &dyn Get, lists: &[ListOf], word: &str) -> Result<Option<HashSet<CustomerId>>, StoreError> {
    let mut ids = HashSet::new();
    let mut rows = 0;
    // Of a mixture that can be read in very many ways not every reading is listed.
    let begins = begins(word);
    if begins.len() > pinyin::MOST_INITIALS {
        return Ok(None);
    }
    for list in lists {
        for begin in &begins {
            let prefix = key(&[&index::word_prefix(*list), begin.as_bytes()]);
            from.visit(Table::Words, &prefix, &prefix_end(&prefix), Way::Up, &mut |row, _| {
                rows += 1;
                ids.extend(index::id_of(row));
                if rows < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            if rows >= MOST {
                return Ok(None);
            }
        }
    }
    Ok(Some(ids))
}

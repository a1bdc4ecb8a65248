//! Pairs put together into groups.
//!
//! **Invariant:** a chain does not make a group: two groups become one only if their members, all taken together, are
//! more likely the same than not or bear no different names, and no two of them clearly are not.

use std::collections::HashMap;

use super::count::Counts;
use super::record::Record;
use super::weight::{bits, contradict};
use super::{Pair, places_of};

/// Two members who weigh less than this are not the same, whoever stands between them.
const CLEARLY_NOT: f32 = -22.0;
/// The most members of a group: more are a placeholder, not a customer.
const MOST: usize = 24;

/// Every two members of each group, the surest first.
pub(super) fn together(records: &[Record], counts: &Counts, likely: &mut [Pair]) -> Vec<Pair> {
    let print = |place: usize| records.get(place).map_or(0, |record| record.print);
    let rank = |pair: &Pair| {
        let (a, b) = (print(pair.first), print(pair.second));
        (a.min(b), a.max(b))
    };
    likely.sort_by(|a, b| b.bits.total_cmp(&a.bits).then_with(|| rank(a).cmp(&rank(b))));
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for pair in likely.iter() {
        let mut of = |place: usize| {
            *group_of.entry(place).or_insert_with(|| {
                groups.push(vec![place]);
                groups.len() - 1
            })
        };
        let (one, other) = (of(pair.first), of(pair.second));
        if one == other {
            continue;
        }
        let (Some(ones), Some(others)) = (groups.get(one), groups.get(other)) else { continue };
        if ones.len() + others.len() <= MOST && agree(records, counts, ones, others) {
            let moved = groups.get_mut(other).map(std::mem::take).unwrap_or_default();
            group_of.extend(moved.iter().map(|place| (*place, one)));
            if let Some(group) = groups.get_mut(one) {
                group.extend(moved);
            }
        }
    }
    let mut out = Vec::new();
    for group in &groups {
        for (at, one) in group.iter().enumerate() {
            for other in group.iter().skip(at + 1) {
                if let (Some(a), Some(b)) = (records.get(*one), records.get(*other)) {
                    let (first, second) = places_of(*one, *other);
                    out.push(Pair { first, second, bits: bits(a, b, counts) });
                }
            }
        }
    }
    out.sort_by(|a, b| b.bits.total_cmp(&a.bits).then_with(|| rank(a).cmp(&rank(b))));
    out
}

fn agree(records: &[Record], counts: &Counts, ones: &[usize], others: &[usize]) -> bool {
    let (mut sum, mut least, mut contradicted) = (0.0_f32, f32::INFINITY, false);
    for one in ones {
        for other in others {
            let (Some(a), Some(b)) = (records.get(*one), records.get(*other)) else { continue };
            let bits = bits(a, b, counts);
            // One pair that could not be surer does not outweigh many that speak against it.
            sum += bits.clamp(-10.0, 20.0);
            least = least.min(bits);
            contradicted |= bits < 0.0 && contradict(a, b);
        }
    }
    (sum > 0.0 || !contradicted) && least > CLEARLY_NOT
}

//! What of a customer a list can be sifted by without reading its record, and the index rows that lead to few of them.
//!
//! Each row of [`Table::Lists`](crate::vault::store::Table::Lists) has these facets as its value. Moments are kept in
//! seconds and tags as bits, so facets may let too many through: whoever sifts reads the records of those that are left.
//! **Invariant:** facets never keep out a customer whose record would hold; nothing of a field goes into them.

use super::index::{newest_first, oldest_first, sort_key};
use super::records::Customer;
use super::store::key;
use crate::clock::Timestamp;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::id::StaffId;
use crate::text::folded;

/// What a list row says of its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facets {
    /// Who works with it.
    pub owner: Option<StaffId>,
    /// How far it has come.
    pub stage: Stage,
    /// Person or company.
    pub kind: CustomerKind,
    /// The legal ground.
    pub basis: Basis,
    created: u32,
    updated: u32,
    last: u32,
    due: u32,
    tags: u64,
}

/// A moment that lists are sifted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// When it was added.
    Created,
    /// When it last changed.
    Updated,
    /// When somebody last spoke with them.
    Last,
    /// When the next follow-up is due.
    Due,
}

/// 2000-01-01T00:00:00Z, before which nothing is kept to the second.
const START: i64 = 946_684_800;
const LENGTH: usize = 31;

impl Facets {
    /// Those of a customer.
    pub fn of(customer: &Customer) -> Self {
        let p = &customer.profile;
        let optional = |at: Option<Timestamp>| at.map_or(0, seconds);
        Self {
            owner: p.owner,
            stage: p.stage,
            kind: p.kind,
            basis: p.provenance.basis,
            created: seconds(p.created),
            updated: seconds(p.updated),
            last: optional(p.last_contact),
            due: optional(p.next_follow_up),
            tags: p.tags.iter().fold(0, |bits, tag| bits | tag_bits(tag)),
        }
    }

    /// As a list row keeps them.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(LENGTH);
        out.extend(self.owner.map_or(0, |owner| owner.0).to_be_bytes());
        out.extend([self.stage.place(), self.kind.place(), self.basis.place()]);
        for at in [self.created, self.updated, self.last, self.due] {
            out.extend(at.to_be_bytes());
        }
        out.extend(self.tags.to_be_bytes());
        out
    }

    /// As a list row has them; none where it has not.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (owner, rest) = bytes.split_first_chunk::<4>()?;
        let ([stage, kind, basis], rest) = rest.split_first_chunk::<3>()?;
        let (created, rest) = rest.split_first_chunk::<4>()?;
        let (updated, rest) = rest.split_first_chunk::<4>()?;
        let (last, rest) = rest.split_first_chunk::<4>()?;
        let (due, rest) = rest.split_first_chunk::<4>()?;
        let owner = u32::from_be_bytes(*owner);
        Some(Self {
            owner: (owner != 0).then_some(StaffId(owner)),
            stage: Stage::from_place(*stage)?,
            kind: CustomerKind::from_place(*kind)?,
            basis: Basis::from_place(*basis)?,
            created: u32::from_be_bytes(*created),
            updated: u32::from_be_bytes(*updated),
            last: u32::from_be_bytes(*last),
            due: u32::from_be_bytes(*due),
            tags: u64::from_be_bytes(*rest.first_chunk()?),
        })
    }

    /// Whether the customer may have a tag.
    pub fn may_have_tag(&self, bits: u64) -> bool {
        self.tags & bits == bits
    }

    /// Whether a moment may lie in a stretch: from the first, up to but not the second, in milliseconds.
    pub fn may_lie(&self, at: At, (from, to): (Option<i64>, Option<i64>)) -> bool {
        let here = match at {
            At::Created => self.created,
            At::Updated => self.updated,
            At::Last => self.last,
            At::Due => self.due,
        };
        // The ends of what can be kept stand for everything beyond them.
        here != 0
            && (here == u32::MAX || from.is_none_or(|from| here >= seconds(Timestamp(from))))
            && (here == 1 || to.is_none_or(|to| here <= seconds(Timestamp(to))))
    }

    /// Whether the customer has such a moment at all.
    pub fn has(&self, at: At) -> bool {
        match at {
            At::Created | At::Updated => true,
            At::Last => self.last != 0,
            At::Due => self.due != 0,
        }
    }
}

/// Seconds since the beginning of 2000, from 1; 0 stands for no moment.
fn seconds(at: Timestamp) -> u32 {
    let since = at.0.div_euclid(1_000).saturating_sub(START).max(1);
    u32::try_from(since).unwrap_or(u32::MAX)
}

/// The bits that stand for a tag: two of 64, by FNV-1a.
pub fn tag_bits(tag: &str) -> u64 {
    let hash = folded(tag)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    1 << (hash >> 58) | 1 << (hash >> 52 & 63)
}

/// What all rows of a tag begin with; behind it stand the place by name and the id.
pub fn tag_prefix(tag: &str) -> Vec<u8> {
    key(&[&[TAG], folded(tag).as_bytes(), &[0]])
}

/// What all rows of tags begin with.
pub const TAG: u8 = 2;

/// What all rows of a stage begin with; behind it stand the place by name and the id.
pub fn stage_prefix(stage: Stage) -> Vec<u8> {
    vec![3, stage.place()]
}

/// What all rows of a moment begin with; behind it stand the moment, earliest first, and the id. There are none of when
/// a customer last changed, since a list of its own has that order.
pub fn time_prefix(at: At) -> Vec<u8> {
    vec![match at {
        At::Created | At::Updated => 4,
        At::Last => 5,
        At::Due => 6,
    }]
}

/// The bytes that order a customer by name in every list.
pub fn place_by_name(customer: &Customer) -> Vec<u8> {
    key(&[&sort_key(customer), &[0], &customer.profile.id.0.to_be_bytes()])
}

/// The bytes that order a customer by its last change.
pub fn place_by_change(customer: &Customer) -> Vec<u8> {
    key(&[&newest_first(customer.profile.updated.0), &[0], &customer.profile.id.0.to_be_bytes()])
}

/// The keys of the rows by tag, stage and time that a customer has.
pub fn keys(customer: &Customer) -> Vec<Vec<u8>> {
    let p = &customer.profile;
    let (name, id) = (place_by_name(customer), p.id.0.to_be_bytes());
    let mut out: Vec<Vec<u8>> = p.tags.iter().map(|tag| key(&[&tag_prefix(tag), &name])).collect();
    out.push(key(&[&stage_prefix(p.stage), &name]));
    for (at, moment) in [(At::Created, Some(p.created)), (At::Last, p.last_contact), (At::Due, p.next_follow_up)] {
        out.extend(moment.map(|moment| key(&[&time_prefix(at), &oldest_first(moment.0), &id])));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::customer::Profile;
    use crate::text::Printable;
    use crate::vault::records::Stored;

    fn customer() -> Customer {
        let profile = Profile {
            owner: Some(StaffId(7)),
            stage: Stage::Qualified,
            tags: vec!["VIP".into(), "老客户".into()],
            created: Timestamp(1_700_000_000_123),
            updated: Timestamp(1_700_000_900_999),
            last_contact: Some(Timestamp(-5_000)),
            ..Profile::default()
        };
        Customer {
            profile,
            name: Stored::Open(Printable::line("张三")),
            fields: Vec::new(),
            confirmed: crate::vault::records::Confirmed::default(),
            contradictions: Vec::new(),
        }
    }

    #[test]
    fn facets_are_read_as_they_were_written() {
        let facets = Facets::of(&customer());
        assert_eq!(Facets::from_bytes(&facets.to_bytes()), Some(facets));
        assert_eq!(facets.to_bytes().len(), LENGTH);
        assert_eq!(Facets::from_bytes(&[0, 0, 0, 7]), None);
    }

    #[test]
    fn facets_keep_nobody_out_who_would_be_let_in() {
        let facets = Facets::of(&customer());
        assert!(facets.may_have_tag(tag_bits("vip")) && facets.may_have_tag(tag_bits("ＶＩＰ")));
        let exact = 1_700_000_000_123;
        for bounds in [(Some(exact), Some(exact + 1)), (None, Some(exact + 1)), (Some(exact), None), (None, None)] {
            assert!(facets.may_lie(At::Created, bounds), "{bounds:?}");
        }
        assert!(!facets.may_lie(At::Created, (Some(exact + 2_000), None)));
        assert!(!facets.may_lie(At::Created, (None, Some(exact - 2_000))));
        assert!(facets.may_lie(At::Last, (None, Some(-4_000))), "a moment before what is kept");
        assert!(!facets.may_lie(At::Due, (None, None)) && !facets.has(At::Due));
    }
}

//! What an undo restores.
//!
//! **Invariant:** a step holds stored records, in which masked fields are sealed; never a plain value of a class.

use super::codec::{Reading, Record, Writing};
use crate::domain::id::CustomerId;
use crate::vault::store::{StoreError, Table};

/// One thing to put back.
#[derive(Clone, PartialEq, Eq)]
pub enum Restore {
    /// A customer: the version that must still stand, and the record as it was; none where it was added.
    Customer(u64, u64, Option<Vec<u8>>),
    /// A follow-up, likewise.
    FollowUp(u64, u64, Option<Vec<u8>>),
    /// An interaction that was logged: its key.
    Interaction(Vec<u8>),
    /// A whole import.
    Job(u64),
    /// Two customers who were merged.
    Merge(Box<Merge>),
    /// Customers who were made pairs, or are none any more.
    Pairs(Bond, Box<Pairs>),
    /// A deal: the version that must still stand, 0 where it was removed, and the record as it was.
    Deal(u64, u64, Option<Vec<u8>>),
    /// A case, as a follow-up.
    Case(u64, u64, Option<Vec<u8>>),
    /// A template: the version that must still stand, 0 where it was removed, and the record as it was.
    Template(u64, u64, Option<Vec<u8>>),
    /// A cadence, as a template.
    Cadence(u64, u64, Option<Vec<u8>>),
    /// A rule, as a deal.
    Rule(u64, u64, Option<Vec<u8>>),
    /// What rules remember of customers.
    Marks(Vec<Marked>),
    /// A consent: its number, whose it is, and whose it was before a merge; none where it was put down.
    Consent(u64, u64, Option<u64>),
    /// A row that stands for itself.
    Row(Box<Row>),
}

/// What a rule remembers of a customer, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Whose.
    pub customer: u64,
    /// The number of the rule, or of what else it is.
    pub mark: u64,
    /// What it said.
    pub before: Option<i64>,
    /// What it says.
    pub after: Option<i64>,
}

/// A row of a table, before a change and after it.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The table.
    pub table: Table,
    /// Its key there.
    pub key: Vec<u8>,
    /// What the change left, which must still stand.
    pub stood: Option<Vec<u8>>,
    /// What was there before.
    pub before: Option<Vec<u8>>,
}

/// What two customers are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// They are not the same, though they look alike.
    Apart,
    /// One is a company, the other one of its people.
    Linked,
}

impl Bond {
    /// Every kind of pair.
    pub const ALL: [Self; 2] = [Self::Apart, Self::Linked];

    fn code(self) -> u8 {
        match self {
            Self::Apart => 7,
            Self::Linked => 13,
        }
    }
}

/// What became of pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Those who are one since.
    pub said: Vec<(u64, u64)>,
    /// Those who were one before.
    pub before: Vec<(u64, u64)>,
}

impl Pairs {
    /// Leaves out every pair that somebody is in.
    pub fn without(&mut self, customer: u64) {
        for pairs in [&mut self.said, &mut self.before] {
            pairs.retain(|(one, other)| *one != customer && *other != customer);
        }
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.before.is_empty()
    }
}

/// What a merge did.
#[derive(Clone, PartialEq, Eq)]
pub struct Merge {
    /// Who was kept.
    pub keep: u64,
    /// The version of theirs that must still stand.
    pub version: u64,
    /// Their record as it was.
    pub kept: Vec<u8>,
    /// Who was merged into them.
    pub other: u64,
    /// That one's record as it was.
    pub gone: Vec<u8>,
    /// The keys that the other's interactions had.
    pub interactions: Vec<Vec<u8>>,
    /// The keys that the other's deals had.
    pub deals: Vec<Vec<u8>>,
    /// The other's follow-ups.
    pub follow_ups: Vec<u64>,
}

/// Names what is restored, not what it holds.
impl std::fmt::Debug for Restore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Customer(..) => "Customer(..)",
            Self::FollowUp(..) => "FollowUp(..)",
            Self::Interaction(_) => "Interaction(..)",
            Self::Job(_) => "Job(..)",
            Self::Merge(_) => "Merge(..)",
            Self::Pairs(..) => "Pairs(..)",
            Self::Deal(..) => "Deal(..)",
            Self::Case(..) => "Case(..)",
            Self::Template(..) => "Template(..)",
            Self::Cadence(..) => "Cadence(..)",
            Self::Row(row) => row.table.name(),
            Self::Rule(..) => "Rule(..)",
            Self::Marks(_) => "Marks(..)",
            Self::Consent(..) => "Consent(..)",
        })
    }
}

/// Names the table, and nothing of what stands in it.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("table", &self.table).finish_non_exhaustive()
    }
}

/// Names who, and nothing of what they had.
impl std::fmt::Debug for Merge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Merge").field("keep", &self.keep).field("other", &self.other).finish_non_exhaustive()
    }
}

/// One step of undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoStep {
    /// The audit verb of what is taken back.
    pub action: String,
    /// About which customer, if any.
    pub customer: Option<CustomerId>,
    /// What to put back, in this order.
    pub restores: Vec<Restore>,
    /// The number of what was done to many at once, of which this is a part.
    pub group: Option<u64>,
}

/// What a consent is marked with among what is restored.
const CONSENT: u64 = 24;

impl Record for UndoStep {
    const VERSION: u8 = 2;
    const KIND: &'static str = "undo";

    fn write(&self, to: &mut Writing) {
        to.text(&self.action).maybe(self.customer, |to, id| _ = to.uint(id.0));
        to.list(&self.restores, |to, restore| match restore {
            Restore::Customer(id, version, before) => row(to, 0, *id, *version, before.as_deref()),
            Restore::FollowUp(id, version, before) => row(to, 1, *id, *version, before.as_deref()),
            Restore::Deal(id, version, before) => row(to, 5, *id, *version, before.as_deref()),
            Restore::Case(id, version, before) => row(to, 6, *id, *version, before.as_deref()),
            Restore::Template(id, version, before) => row(to, 10, *id, *version, before.as_deref()),
            Restore::Cadence(id, version, before) => row(to, 11, *id, *version, before.as_deref()),
            Restore::Rule(id, version, before) => row(to, 8, *id, *version, before.as_deref()),
            Restore::Marks(marks) => {
                to.uint(9_u8).list(marks, |to, marked| {
                    to.uint(marked.customer).uint(marked.mark);
                    to.maybe(marked.before, |to, n| _ = to.int(n)).maybe(marked.after, |to, n| _ = to.int(n));
                });
            }
            Restore::Consent(id, now, before) => {
                to.uint(CONSENT).uint(*id).uint(*now).maybe(*before, |to, id| _ = to.uint(id));
            }
            Restore::Interaction(key) => _ = to.uint(2_u8).bytes(key),
            Restore::Job(id) => _ = to.uint(3_u8).uint(*id),
            Restore::Merge(merge) => {
                to.uint(4_u8).uint(merge.keep).uint(merge.version).bytes(&merge.kept);
                to.uint(merge.other).bytes(&merge.gone);
                to.list(&merge.interactions, |to, key| _ = to.bytes(key));
                to.list(&merge.deals, |to, key| _ = to.bytes(key));
                to.list(&merge.follow_ups, |to, id| _ = to.uint(*id));
            }
            Restore::Pairs(bond, both) => {
                to.uint(bond.code());
                for pairs in [&both.said, &both.before] {
                    to.list(pairs, |to, (one, other)| _ = to.uint(*one).uint(*other));
                }
            }
            Restore::Row(row) => {
                to.uint(12_u8).text(row.table.name()).bytes(&row.key);
                for bytes in [&row.stood, &row.before] {
                    to.maybe(bytes.as_deref(), |to, bytes| _ = to.bytes(bytes));
                }
            }
        });
        to.maybe(self.group, |to, group| _ = to.uint(group));
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        Ok(Self {
            action: from.text()?,
            customer: from.maybe(|from| from.uint().map(CustomerId))?,
            restores: from.list(|from| {
                Ok(match from.uint()? {
                    0 => Restore::Customer(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    1 => Restore::FollowUp(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    2 => Restore::Interaction(from.bytes()?.to_vec()),
                    3 => Restore::Job(from.uint()?),
                    CONSENT => Restore::Consent(from.uint()?, from.uint()?, from.maybe(Reading::uint)?),
                    4 => Restore::Merge(Box::new(Merge {
                        keep: from.uint()?,
                        version: from.uint()?,
                        kept: from.bytes()?.to_vec(),
                        other: from.uint()?,
                        gone: from.bytes()?.to_vec(),
                        interactions: from.list(|from| from.bytes().map(<[u8]>::to_vec))?,
                        deals: from.list(|from| from.bytes().map(<[u8]>::to_vec))?,
                        follow_ups: from.list(Reading::uint)?,
                    })),
                    10 => Restore::Template(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    11 => Restore::Cadence(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    12 => Restore::Row(Box::new(Row {
                        table: {
                            let name = from.text()?;
                            let known = Table::ALL.iter().find(|table| table.name() == name);
                            *known.ok_or_else(|| from.fault())?
                        },
                        key: from.bytes()?.to_vec(),
                        stood: from.maybe(|from| from.bytes().map(<[u8]>::to_vec))?,
                        before: from.maybe(|from| from.bytes().map(<[u8]>::to_vec))?,
                    })),
                    7 => Restore::Pairs(Bond::Apart, both(from)?),
                    13 => Restore::Pairs(Bond::Linked, both(from)?),
                    6 => Restore::Case(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    8 => Restore::Rule(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    9 => Restore::Marks(from.list(|from| {
                        Ok(Marked {
                            customer: from.uint()?,
                            mark: from.uint()?,
                            before: from.maybe(Reading::int)?,
                            after: from.maybe(Reading::int)?,
                        })
                    })?),
                    5 => Restore::Deal(from.uint()?, from.uint()?, from.maybe(|f| f.bytes().map(<[u8]>::to_vec))?),
                    _ => return Err(from.fault()),
                })
            })?,
            // Before the second version nothing was done to many at once.
            group: if version < 2 { None } else { from.maybe(Reading::uint)? },
        })
    }
}

fn both(from: &mut Reading<'_>) -> Result<Box<Pairs>, StoreError> {
    Ok(Box::new(Pairs { said: pairs(from)?, before: pairs(from)? }))
}

fn pairs(from: &mut Reading<'_>) -> Result<Vec<(u64, u64)>, StoreError> {
    from.list(|from| Ok((from.uint()?, from.uint()?)))
}

fn row(to: &mut Writing, what: u8, id: u64, version: u64, before: Option<&[u8]>) {
    to.uint(what).uint(id).uint(version).maybe(before, |to, bytes| _ = to.bytes(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_first_version_is_read() {
        let step = UndoStep {
            action: "customer.edit".into(),
            customer: Some(CustomerId(7)),
            restores: vec![Restore::Customer(7, 2, Some(vec![1, 2])), Restore::Job(3)],
            group: None,
        };
        let mut bytes = step.to_bytes();
        assert_eq!(UndoStep::from_bytes(&bytes).as_ref(), Ok(&step));
        // The first version ended before the group.
        bytes.pop();
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        assert_eq!(UndoStep::from_bytes(&bytes), Ok(step));
    }
}

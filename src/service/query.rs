//! What a query asks, made ready for the customers of a vault.
//!
//! **Invariant:** a query never opens a sealed value, nor compares one: what masked fields say is refused while the query
//! is read, and again here, so that no list tells what is in them.

use super::actor::{Actor, shown};
use super::pool::{self, Terms};
use super::refusal::Refusal;
use super::view::{Shown, days_left};
use crate::clock::Timestamp;
use crate::domain::consent::{Consent, ConsentState, InForce, Purpose};
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::{FieldKey, Schema};
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::loss::LossReason;
use crate::domain::query::{
    AmountTest, Compare, Condition, ConsentWord, CustomerQuery, Here, Likeness, Moment, OwnerWord, Part, QueryFault,
    QueryFaultKind, Sign, TimeTest, Vocabulary, parse,
};
use crate::domain::role::Permission;
use crate::privacy::class::FieldClass;
use crate::text::folded;
use crate::vault::book::narrow::{self, Range};
use crate::vault::book::tags;
use crate::vault::book::{consents, deals, losses, settings};
use crate::vault::facets::{At, Facets, tag_bits};
use crate::vault::index::{self, query_words};
use crate::vault::records::{Customer, Stored};
use crate::vault::store::{Get, StoreError};

/// Deals of one customer that are looked at.
const DEALS: usize = 200;
/// Tags that are offered.
const TAGS: usize = 500;

/// From the first moment, up to but not the second, in milliseconds.
type Bounds = (Option<i64>, Option<i64>);

/// One thing asked, with names looked up and times in moments.
enum Test {
    Words(Vec<String>),
    Tag(Vec<String>),
    Owner(Vec<Option<StaffId>>),
    Stage(Vec<Stage>),
    Lost(Vec<Option<LossReason>>),
    Kind(Vec<CustomerKind>),
    Basis(Vec<Basis>),
    Source(Vec<String>),
    Id(Vec<CustomerId>),
    Time {
        moment: Moment,
        within: Vec<Bounds>,
        never: bool,
        since_added: bool,
    },
    Amount(AmountTest),
    /// How many days are left; none where the pool takes nobody.
    Pool(Box<Option<Terms>>, Timestamp, Compare, i64),
    Has(Vec<Part>),
    Field(FieldKey, Likeness, Vec<String>),
    /// Of each purpose what was said, with the wording in force.
    Consent(Vec<(Purpose, ConsentWord, InForce)>),
}

/// A query made ready.
pub(super) struct Asked {
    terms: Vec<(Sign, Test)>,
    /// The words by which it searches, the longest first.
    pub(super) words: Vec<String>,
    /// Customers that lead what is found by words.
    pub(super) leading: Vec<CustomerId>,
    /// What it asks besides, in one form for one meaning; empty for words alone.
    pub(super) conditions: String,
    /// What of it may hold somebody's number, and what cannot, as they go on record.
    pub(super) said: (String, String),
}

/// What queries are read against: the people whose customers this person sees, and the fields in use.
pub(super) fn vocabulary(actor: &Actor) -> Vocabulary {
    let owners = actor.owners();
    let seen = |id: StaffId| owners.as_ref().is_none_or(|owners| owners.contains(&Some(id)));
    let owners = actor.everybody.iter().filter(|s| seen(s.id)).map(|s| s.name.as_str().to_owned()).collect();
    Vocabulary { owners, losses: (*actor.losses).clone(), ..Vocabulary::of(&actor.schema) }
}

/// The same with the tags in use on customers in scope, for completion.
pub(super) fn full_vocabulary(actor: &Actor, from: &dyn Get) -> Result<Vocabulary, Refusal> {
    actor.require(Permission::ViewCustomers)?;
    let owners = actor.owners();
    let tags = narrow::tags(from, TAGS, &|id, facets| {
        let in_scope = owners.as_ref().is_none_or(|owners| facets.is_some_and(|f| owners.contains(&f.owner)));
        in_scope && actor.desk.visible(id)
    })?;
    // What is retired is still found by whoever types it.
    let retired = tags::retired(from)?;
    let tags = tags.into_iter().filter(|tag| !retired.contains(tag)).collect();
    Ok(Vocabulary { tags, ..vocabulary(actor) })
}

/// Where the actor is in time.
pub(super) fn here(actor: &Actor) -> Here {
    Here { now: actor.now, offset: actor.desk.clock.offset(actor.now) }
}

/// Reads a query and makes it ready.
pub(super) fn read(actor: &Actor, text: &str) -> Result<Asked, Refusal> {
    let query = parse(text, &vocabulary(actor), here(actor))?;
    // Signs alone are no words: without others beside them they would find everybody.
    let is_of_signs =
        |condition: &Condition| matches!(condition, Condition::Words(text) if query_words(text).is_empty());
    if !query.terms.is_empty() && query.terms.iter().all(|term| is_of_signs(&term.condition)) {
        return Err(QueryFault { at: 0..text.chars().count(), kind: QueryFaultKind::NothingToFind }.into());
    }
    ask(actor, query)
}

/// A text that is words and nothing else.
pub(super) fn only_words(text: &str) -> Asked {
    let said = (text.to_owned(), String::new());
    Asked { terms: Vec::new(), words: query_words(text), leading: Vec::new(), conditions: String::new(), said }
}

fn ask(actor: &Actor, query: CustomerQuery) -> Result<Asked, Refusal> {
    let (mut words, mut terms, mut conditions) = (String::new(), Vec::new(), Vec::new());
    let (mut doubtful, mut plain) = (Vec::new(), Vec::new());
    for term in query.terms {
        let written = term.to_string();
        match term.condition {
            Condition::Time(..)
            | Condition::Pool(..)
            | Condition::Stage(_)
            | Condition::Lost(_)
            | Condition::Kind(_)
            | Condition::Basis(_)
            | Condition::Consent(_) => &mut plain,
            _ => &mut doubtful,
        }
        .push(written.clone());
        match term.condition {
            Condition::Words(text) if term.sign == Sign::With => {
                words.push(' ');
                words.push_str(&text);
                continue;
            }
            // Customers without a known legal ground have a word of their own in the index.
            Condition::Basis(ref grounds) if term.sign == Sign::With && grounds == &[Basis::NotKnownYet] => {
                words.push(' ');
                words.push_str(index::WITHOUT_BASIS);
                continue;
            }
            _ => {}
        }
        // The words of an open field that is searched are words by which its customer is found.
        if let (Sign::With, Condition::Field(key, Likeness::Words, texts)) = (term.sign, &term.condition)
            && let ([text], true) = (texts.as_slice(), actor.field(key)?.searchable)
        {
            words.push(' ');
            words.push_str(text);
        }
        conditions.push(written);
        let test = ready(actor, term.condition)?;
        terms.push((term.sign, test));
    }
    conditions.sort();
    let words = query_words(&words);
    let leading = Vec::new();
    Ok(Asked { terms, words, leading, conditions: conditions.join(" "), said: (doubtful.join(" "), plain.join(" ")) })
}

fn ready(actor: &Actor, condition: Condition) -> Result<Test, Refusal> {
    Ok(match condition {
        Condition::Words(text) => Test::Words(query_words(&text)),
        Condition::Tag(tags) => Test::Tag(tags.iter().map(|tag| folded(tag)).collect()),
        Condition::Owner(owners) => Test::Owner(owners.iter().map(|owner| staff(actor, owner)).collect()),
        Condition::Stage(stages) => Test::Stage(stages),
        Condition::Lost(reasons) => Test::Lost(reasons.into_iter().map(|why| why.map(|why| why.reason)).collect()),
        Condition::Kind(kinds) => Test::Kind(kinds),
        Condition::Basis(grounds) => Test::Basis(grounds),
        Condition::Source(sources) => Test::Source(sources.iter().map(|source| folded(source)).collect()),
        Condition::Id(ids) => Test::Id(ids),
        Condition::Consent(said) => {
            actor.require(Permission::Consents)?;
            let wordings = settings::wordings(&actor.desk.tables.read()?)?;
            let asked = |purpose| wordings.in_force(purpose);
            Test::Consent(said.into_iter().map(|(purpose, word)| (purpose, word, asked(purpose))).collect())
        }
        Condition::Time(moment, tests) => time(actor, moment, &tests),
        Condition::Amount(test) => {
            actor.require(Permission::Deals)?;
            Test::Amount(test)
        }
        Condition::Pool(compare, days) => {
            let terms = Terms::of(actor, &actor.desk.tables.read()?)?;
            Test::Pool(Box::new(terms), actor.now, compare, i64::from(days))
        }
        Condition::Has(parts) => {
            if parts.contains(&Part::Deal) {
                actor.require(Permission::Deals)?;
            }
            Test::Has(parts)
        }
        Condition::Field(key, likeness, texts) => {
            let open = actor.field(&key)?.class == FieldClass::Open;
            if !open {
                return Err(QueryFault { at: 0..1, kind: QueryFaultKind::Sealed(key) }.into());
            }
            let texts = texts.iter().map(|text| folded(text)).collect();
            Test::Field(key, likeness, texts)
        }
    })
}

fn staff(actor: &Actor, owner: &OwnerWord) -> Option<StaffId> {
    match owner {
        OwnerWord::Me => Some(actor.staff.id),
        OwnerWord::Nobody => None,
        // A name was read from the staff a moment ago; number 0 is nobody's customer, so it finds none.
        OwnerWord::Named(name) => {
            let found = actor.everybody.iter().find(|s| s.name.as_str() == name);
            Some(found.map_or(StaffId(0), |s| s.id))
        }
    }
}

fn time(actor: &Actor, moment: Moment, tests: &[TimeTest]) -> Test {
    let here = here(actor);
    let within = tests.iter().filter_map(|test| test.bounds(moment, here)).collect();
    let never = tests.contains(&TimeTest::Never);
    // Somebody added yesterday and never spoken to has not been without contact for ninety days.
    let since_added = moment == Moment::Last && tests.iter().any(|test| matches!(test, TimeTest::Than(..)));
    Test::Time { moment, within, never, since_added }
}

fn lies(at: i64, (from, to): Bounds) -> bool {
    from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to)
}

impl Asked {
    /// Whether it asks for words and nothing else, or for nothing.
    pub(super) fn is_words_alone(&self) -> bool {
        self.terms.is_empty()
    }

    /// What tells one query from another, for what was shown of it.
    pub(super) fn name(&self) -> String {
        let words = self.words.join(" ");
        if self.conditions.is_empty() { words } else { format!("{words}\n{}", self.conditions) }
    }

    /// Whether a row's facets let the customer through. They may let too many through.
    pub(super) fn passes(&self, facets: &Facets) -> bool {
        self.terms.iter().all(|(sign, test)| test.passes(*sign, facets))
    }

    /// Whether a customer is one of those asked for, all but the words that are searched by.
    pub(super) fn holds(&self, from: &dyn Get, schema: &Schema, customer: &Customer) -> Result<bool, StoreError> {
        for (sign, test) in &self.terms {
            if test.holds(from, schema, customer)? != (*sign == Sign::With) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a customer has the words that are searched by.
    pub(super) fn has_words(&self, schema: &Schema, customer: &Customer) -> bool {
        self.words.is_empty() || index::has_words(customer, schema, &index::words(customer, schema), &self.words)
    }

    /// Stretches of indexes that hold everybody who is asked for, each set by itself; those by name first.
    pub(super) fn drivers(&self) -> Vec<Vec<Range>> {
        let positive = || self.terms.iter().filter(|(sign, _)| *sign == Sign::With).map(|(_, test)| test);
        let by_tag = positive().filter_map(|test| match test {
            Test::Tag(tags) => Some(tags.iter().map(|tag| Range::tag(tag)).collect()),
            _ => None,
        });
        let by_stage = positive().filter_map(|test| match test {
            Test::Stage(stages) => Some(stages.iter().map(|stage| Range::stage(*stage)).collect()),
            Test::Lost(_) => Some(vec![Range::stage(Stage::Lost)]),
            _ => None,
        });
        let by_consent = positive().filter_map(|test| match test {
            Test::Consent(said) => consent_ranges(said),
            _ => None,
        });
        by_tag.chain(by_consent).chain(by_stage).collect()
    }

    /// Whether the first of these is by tag.
    pub(super) fn by_tag(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, (Sign::With, Test::Tag(_))))
    }

    /// The same by time, which have no order by name.
    pub(super) fn drivers_by_time(&self) -> Vec<Vec<Range>> {
        let ranges = |test: &Test| match test {
            // Nobody is owned, spoken with or dealt with for longer than there was somebody.
            Test::Pool(terms, ..) => {
                let before = terms.as_ref().as_ref().and_then(|terms| test.added_before(terms));
                before.map(|before| vec![Range::time(At::Created, (None, Some(before)))])
            }
            Test::Time { moment, within, never: false, since_added: false } => {
                Some(within.iter().map(|bounds| Range::time(at(*moment), *bounds)).collect())
            }
            _ => None,
        };
        self.terms.iter().filter(|(sign, _)| *sign == Sign::With).filter_map(|(_, test)| ranges(test)).collect()
    }

    /// The owners asked for, if it asks for some.
    pub(super) fn owners(&self) -> Option<&[Option<StaffId>]> {
        self.terms.iter().find_map(|term| match term {
            (Sign::With, Test::Owner(owners)) => Some(owners.as_slice()),
            _ => None,
        })
    }

    /// The numbers asked for, if it asks for some.
    pub(super) fn ids(&self) -> Option<&[CustomerId]> {
        self.terms.iter().find_map(|term| match term {
            (Sign::With, Test::Id(ids)) => Some(ids.as_slice()),
            _ => None,
        })
    }
}

/// Where those stand who said one of these; nowhere if those are meant as well who said nothing.
fn consent_ranges(said: &[(Purpose, ConsentWord, InForce)]) -> Option<Vec<Range>> {
    let mut out = Vec::new();
    for (purpose, word, _) in said {
        let states: &[ConsentState] = match word {
            ConsentWord::Yes | ConsentWord::Older => &[ConsentState::Given],
            ConsentWord::No => &[ConsentState::Refused, ConsentState::Withdrawn],
            ConsentWord::Withdrawn => &[ConsentState::Withdrawn],
            ConsentWord::Unknown => return None,
        };
        out.extend(states.iter().map(|state| Range::consent(*purpose, *state)));
    }
    Some(out)
}

fn has_said(said: &[Consent], (purpose, word, asked): (Purpose, ConsentWord, InForce)) -> bool {
    let newest = said.iter().find(|consent| consent.purpose == purpose);
    match (newest.map(|consent| consent.state), word) {
        (None, ConsentWord::Unknown) | (Some(ConsentState::Given), ConsentWord::Yes) => true,
        (Some(ConsentState::Refused | ConsentState::Withdrawn), ConsentWord::No) => true,
        (Some(ConsentState::Withdrawn), ConsentWord::Withdrawn) => true,
        (Some(ConsentState::Given), ConsentWord::Older) => newest.is_some_and(|consent| asked.overtook(consent)),
        _ => false,
    }
}

fn at(moment: Moment) -> At {
    match moment {
        Moment::Last => At::Last,
        Moment::Due => At::Due,
        Moment::Created => At::Created,
        Moment::Updated => At::Updated,
    }
}

impl Test {
    /// Before which moment everybody was added who has no more days left than it asks for; none where it asks for more.
    fn added_before(&self, terms: &Terms) -> Option<i64> {
        match self {
            Self::Pool(_, _, Compare::Less | Compare::AtMost, days) => {
                Some(terms.silent_before(days.saturating_mul(pool::DAY)).saturating_add(1))
            }
            _ => None,
        }
    }

    /// Facets that are exact decide both ways; the others only let through or keep out what surely is not there.
    fn passes(&self, sign: Sign, facets: &Facets) -> bool {
        let exact = match self {
            Self::Owner(owners) => Some(owners.contains(&facets.owner)),
            Self::Stage(stages) => Some(stages.contains(&facets.stage)),
            Self::Kind(kinds) => Some(kinds.contains(&facets.kind)),
            Self::Basis(grounds) => Some(grounds.contains(&facets.basis)),
            _ => None,
        };
        if let Some(exact) = exact {
            return exact == (sign == Sign::With);
        }
        if sign == Sign::Without {
            return true;
        }
        match self {
            Self::Lost(_) => facets.stage == Stage::Lost,
            Self::Tag(tags) => tags.iter().any(|tag| facets.may_have_tag(tag_bits(tag))),
            Self::Time { moment, within, never, since_added } => {
                let at = at(*moment);
                let lies = |at| within.iter().any(|bounds| facets.may_lie(at, *bounds));
                let missing = !facets.has(at);
                lies(at) || *never && missing || *since_added && missing && lies(At::Created)
            }
            Self::Pool(terms, ..) => terms.as_ref().as_ref().is_some_and(|terms| {
                let may = |at, before| facets.may_lie(at, (None, Some(before)));
                let silent = |before| may(At::Created, before) && (!facets.has(At::Last) || may(At::Last, before));
                facets.owner.is_some() && self.added_before(terms).is_none_or(silent)
            }),
            _ => true,
        }
    }

    fn holds(&self, from: &dyn Get, schema: &Schema, customer: &Customer) -> Result<bool, StoreError> {
        let p = &customer.profile;
        Ok(match self {
            Self::Words(words) => {
                !words.is_empty() && index::has_words(customer, schema, &index::words(customer, schema), words)
            }
            Self::Tag(tags) => p.tags.iter().any(|tag| tags.contains(&folded(tag))),
            Self::Owner(owners) => owners.contains(&p.owner),
            Self::Stage(stages) => stages.contains(&p.stage),
            Self::Lost(reasons) => {
                p.stage == Stage::Lost && reasons.contains(&losses::get(from, p.id)?.map(|loss| loss.why))
            }
            Self::Kind(kinds) => kinds.contains(&p.kind),
            Self::Basis(grounds) => grounds.contains(&p.provenance.basis),
            Self::Source(sources) => {
                let source = folded(&p.provenance.source);
                sources.iter().any(|wanted| source.contains(wanted.as_str()))
            }
            Self::Id(ids) => ids.contains(&p.id),
            Self::Consent(wanted) => {
                let said = consents::of(from, p.id)?;
                wanted.iter().any(|one| has_said(&said, *one))
            }
            Self::Time { moment, within, never, since_added } => {
                let at = match moment {
                    Moment::Last if *since_added => p.last_contact.or(Some(p.created)),
                    Moment::Last => p.last_contact,
                    Moment::Due => p.next_follow_up,
                    Moment::Created => Some(p.created),
                    Moment::Updated => Some(p.updated),
                };
                at.map_or(*never, |at| within.iter().any(|bounds| lies(at.0, *bounds)))
            }
            Self::Amount(test) => deals::of(from, p.id, DEALS)?.iter().any(|deal| test.holds(deal.amount.hundredths())),
            Self::Pool(terms, now, compare, days) => {
                let goes = terms.as_ref().as_ref().map_or(Ok(None), |terms| terms.goes(from, p))?;
                goes.is_some_and(|goes| compare.holds(days_left(*now, goes), *days))
            }
            Self::Has(parts) => {
                for part in parts {
                    if has(from, customer, part)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Field(key, likeness, texts) => {
                let Some(Stored::Open(value)) = customer.field(key) else { return Ok(false) };
                says(*likeness, value.as_str(), texts)
            }
        })
    }
}

fn has(from: &dyn Get, customer: &Customer, part: &Part) -> Result<bool, StoreError> {
    let p = &customer.profile;
    Ok(match part {
        Part::Field(key) => !matches!(shown(customer.field(key)), Shown::Empty | Shown::Declined),
        Part::Tag => !p.tags.is_empty(),
        Part::Owner => p.owner.is_some(),
        Part::FollowUp => p.next_follow_up.is_some(),
        Part::Deal => !deals::of(from, p.id, 1)?.is_empty(),
        Part::Contact => p.last_contact.is_some(),
        Part::Basis => p.provenance.basis != Basis::NotKnownYet,
    })
}

fn says(likeness: Likeness, value: &str, texts: &[String]) -> bool {
    match likeness {
        Likeness::Whole => texts.contains(&folded(value)),
        Likeness::Words => {
            let has = index::words_in(value);
            texts.iter().map(|text| query_words(text)).any(|words| !words.is_empty() && index::begin(&words, &has))
        }
    }
}

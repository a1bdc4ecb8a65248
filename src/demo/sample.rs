//! The sample vault: made-up staff, customers and history, brought in through the service.
//!
//! **Invariant:** a sample vault is founded as one; nothing made up ever comes into a vault for work.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use zeroize::Zeroizing;

use super::load::{Sink, load};
use super::{Made, MadeDeal, MadeStaff, SALES, SUPPORT, staff};
use crate::clock::Timestamp;
use crate::domain::audit::Origin;
use crate::domain::consent::{ConsentHow, ConsentState, Purpose as Asked};
use crate::domain::customer::Stage;
use crate::domain::deal::{Deal, DealStage};
use crate::domain::field::Lang;
use crate::domain::id::{CustomerId, DealId, StaffId};
use crate::domain::loss::LossReason;
use crate::domain::money::{Currency, Money};
use crate::domain::schema;
use crate::service::bulk::{SampleCustomer, SampleLoader};
use crate::service::{Change, Deps, Gate, GateError, LossDraft, NewVault, Purpose, Refusal, Session};
use crate::text::Printable;

/// The passphrase of a throwaway sample vault, so that it can be locked and opened again.
pub const PASSPHRASE: &str = "nothing here is real";

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The same seed gives the same customers.
    pub seed: u64,
    /// How many customers.
    pub count: u64,
    /// The language of the owner's name.
    pub lang: Lang,
}

impl Default for Sample {
    fn default() -> Self {
        Self { seed: 1, count: 2_000, lang: Lang::En }
    }
}

/// Founds a sample vault at `path` and fills it; gives its gate and its owner's session. `progress` hears how many
/// customers are in.
pub fn found(
    path: PathBuf,
    deps: Deps,
    sample: Sample,
    passphrase: Zeroizing<String>,
    progress: impl FnMut(u64),
) -> Result<(Gate, Session), GateError> {
    let now = deps.clock.now();
    let now = now.at(deps.clock.offset(now));
    let gate = Gate::new(path, deps);
    let owner = staff(sample.lang).into_iter().next().map(|made| made.name).ok_or(GateError::Name)?;
    let (region, schema, purpose) = ("CN".to_owned(), schema::sample(), Purpose::Sample);
    let session = gate.create(NewVault { owner, passphrase, region, schema, purpose }, Origin::Program)?;
    fill(&session, sample, now, progress)?;
    Ok((gate, session))
}

fn fill(
    session: &Session,
    sample: Sample,
    now: DateTime<FixedOffset>,
    progress: impl FnMut(u64),
) -> Result<(), Refusal> {
    let mut filler = Filler { loader: SampleLoader::new(session)?, ids: Vec::new(), now };
    load(&mut filler, sample.seed, sample.count, now, sample.lang, progress)?;
    let about = [SUPPORT, SALES[0], SALES[1]].map(|place| filler.id(place));
    filler.loader.finish(&about)
}

struct Filler<'s> {
    loader: SampleLoader<'s>,
    ids: Vec<StaffId>,
    now: DateTime<FixedOffset>,
}

impl Filler<'_> {
    fn id(&self, place: u8) -> StaffId {
        self.ids.get(usize::from(place)).copied().unwrap_or_default()
    }

    /// What four of ten said of marketing, and one of twenty-five of sharing, as their number has it: no other part of a
    /// made-up customer changes with it.
    fn consents(&self, made: &Made) -> Vec<(Timestamp, Asked, ConsentState, ConsentHow, StaffId)> {
        let by = made.owner.map_or_else(|| self.id(SUPPORT), |place| self.id(place));
        let since = Timestamp::from(self.now).since(made.created).max(0) / 1000;
        let how = ConsentHow::CHOICES.get(usize::try_from(made.index % 6).unwrap_or(0)).copied().unwrap_or_default();
        let said = |purpose, state, at| (at, purpose, state, how, by);
        let half_way = made.created.plus_seconds(since / 2);
        let mut out = match made.index % 10 {
            0 | 1 => vec![said(Asked::Marketing, ConsentState::Given, made.created)],
            2 => vec![said(Asked::Marketing, ConsentState::Refused, half_way)],
            3 => vec![
                said(Asked::Marketing, ConsentState::Given, made.created),
                said(Asked::Marketing, ConsentState::Withdrawn, half_way),
            ],
            _ => Vec::new(),
        };
        if made.index.is_multiple_of(25) {
            out.push(said(Asked::Sharing, ConsentState::Given, half_way));
        }
        out
    }
}

impl Sink for Filler<'_> {
    type Fault = Refusal;

    fn staff(&mut self, everybody: &[MadeStaff]) -> Result<(), Refusal> {
        for made in everybody {
            self.ids.push(self.loader.staff(&made.name, made.role)?);
        }
        Ok(())
    }

    fn customers(&mut self, chunk: Vec<Made>) -> Result<(), Refusal> {
        let customers = chunk.into_iter().map(|made| SampleCustomer {
            consents: self.consents(&made),
            changes: with_reason(made.customer, made.created),
            owner: made.owner.map(|place| self.id(place)),
            created: made.created,
            contacts: made.interactions.into_iter().map(|i| (i.at, i.kind, i.text, self.id(i.by), i.ticket)).collect(),
            follow_ups: made
                .follow_ups
                .into_iter()
                .map(|f| (f.due, f.created, f.text, self.id(f.assignee), f.state))
                .collect(),
            deals: made.deals.into_iter().map(|made| deal(self.id(made.owner), made, self.now)).collect(),
            looks: made.looks.into_iter().map(|l| (l.at, self.id(l.by), l.field, l.reason)).collect(),
        });
        let customers = customers.collect();
        self.loader.customers(customers)
    }
}

/// Made-up moments are whole seconds, so that their milliseconds alone would always draw the same.
const MINUTE: i64 = 60_000;

/// Of those who are lost, why; of some nobody said.
fn with_reason(mut changes: Vec<Change>, created: Timestamp) -> Vec<Change> {
    let lost = changes.iter().any(|change| matches!(change, Change::Stage(Stage::Lost)));
    // Of the numbers of the shipped reasons and one more, those before the one that needs words are drawn.
    let draw = u16::try_from((created.0 / MINUTE).rem_euclid(i64::from(LossReason::OTHER.0) + 2))
        .unwrap_or(LossReason::OTHER.0);
    let why = Some(LossReason(draw)).filter(|why| lost && *why < LossReason::OTHER);
    let loss = |why| Change::Lost(LossDraft { why, text: Printable::default(), back: None });
    changes.extend(why.map(loss));
    changes
}

/// Why deals are lost, as people write it down.
const LOST: [&str; 6] = ["price", "chose a competitor", "no budget this year", "没有预算", "选了别家", "价格"];

/// An opportunity as a deal: it came into its stage half way between its beginning and now.
fn deal(owner: StaffId, made: MadeDeal, now: DateTime<FixedOffset>) -> Deal {
    let passed = Timestamp::from(now).since(made.created).max(0) / 1000;
    let since = made.created.plus_seconds(if made.stage == DealStage::New { 0 } else { passed / 2 });
    let settled = matches!(made.stage, DealStage::Won | DealStage::Lost);
    let open_days = 30 + made.amount.rem_euclid(61);
    let expected = made.created.plus_seconds(open_days * 86_400).at(*now.offset()).date_naive();
    let why = LOST.get(usize::try_from(made.created.0.rem_euclid(LOST.len() as i64)).unwrap_or(0));
    let lost = why.filter(|_| made.stage == DealStage::Lost).map(|why| Printable::line(why));
    Deal {
        id: DealId::default(),
        version: 1,
        customer: CustomerId::default(),
        owner,
        title: made.title,
        amount: Money { minor: made.amount, currency: Currency::stored(made.currency) },
        stage: made.stage.id(),
        since,
        created: made.created,
        expected: (!settled).then_some(expected),
        probability: None,
        lost,
    }
}

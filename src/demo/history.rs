//! What happened with a made-up customer over three years: contacts, reminders, opportunities, reveals.
//!
//! **Invariant:** nothing that happened lies before the customer was added or after the present moment; only open
//! reminders are due later.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate};

use super::dice::Dice;
use super::make::Sketch;
use super::person::Origin;
use super::talk::{self, Tongue};
use super::{LEAD, Made, MadeDeal, MadeFollowUp, MadeInteraction, MadeLook, OWNER, SALES, SUPPORT, trade};
use crate::clock::Timestamp;
use crate::domain::customer::Stage;
use crate::domain::deal::DealStage;
use crate::domain::field::FieldKey;
use crate::domain::follow_up::FollowUpState;
use crate::domain::reason::ReasonCode;
use crate::service::Change;
use crate::text::Printable;

/// Three years of days.
const SPAN: u32 = 1095;
const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

/// The calendar around the present moment, in the zone where the made-up firm has its office.
pub(super) struct Days {
    now: Timestamp,
    midnight: i64,
    today: NaiveDate,
}

impl Days {
    pub(super) fn new(now: DateTime<FixedOffset>) -> Self {
        let shift = i64::from(now.offset().local_minus_utc()) * 1000;
        let today = now.date_naive();
        let now = Timestamp::from(now);
        let midnight = (now.0 + shift).div_euclid(DAY) * DAY - shift;
        Self { now, midnight, today }
    }

    /// How many days ago a customer of this stage was added; more lately than long ago, as a firm grows.
    pub(super) fn founded(&self, dice: &mut Dice, stage: Stage) -> u32 {
        let least = match stage {
            Stage::Lead => 0,
            Stage::Contacted | Stage::Qualified => 3,
            Stage::Customer => 20,
            Stage::Dormant => 420,
            Stage::Lost => 60,
        };
        let most = if stage == Stage::Lead { 300 } else { SPAN };
        dice.between(least, most).min(dice.between(least, most))
    }

    /// `YYYY-MM-DD` of a day in the past.
    pub(super) fn date(&self, days_ago: u32) -> String {
        self.today.checked_sub_signed(Duration::days(i64::from(days_ago))).unwrap_or(self.today).to_string()
    }

    /// A moment in office hours some days ago, and not after the present one. Sundays become Saturdays.
    fn past(&self, dice: &mut Dice, days_ago: u32) -> Timestamp {
        let day = self.midnight - i64::from(days_ago) * DAY;
        let minute = 9 * 60 + i64::from(dice.below(9 * 60));
        let rest = if self.is_sunday(day) && days_ago > 0 { DAY } else { 0 };
        let at = day - rest + minute * MINUTE;
        Timestamp(if at > self.now.0 { self.now.0 - i64::from(dice.between(2, 50)) * MINUTE } else { at })
    }

    /// A half hour in office hours some days ahead; negative is past.
    fn due(&self, dice: &mut Dice, days_ahead: i64) -> Timestamp {
        let half_hour = i64::from(dice.between(18, 35));
        Timestamp(self.midnight + days_ahead * DAY + half_hour * 30 * MINUTE)
    }

    fn is_sunday(&self, day: i64) -> bool {
        // 1970-01-01 was a Thursday; midnight in UTC+8 lies in the day before.
        ((day + DAY / 2).div_euclid(DAY) + 4).rem_euclid(7) == 0
    }
}

/// The customer with what happened since it was added.
pub(super) fn with_history(
    dice: &mut Dice,
    sketch: &Sketch,
    days: &Days,
    index: u64,
    customer: Vec<Change>,
    created: u32,
) -> Made {
    let tongue = if sketch.origin == Origin::China { Tongue::Zh } else { Tongue::En };
    let interactions = contacts(dice, sketch, days, created, tongue);
    let follow_ups = reminders(dice, sketch, days, tongue, &interactions);
    let deals = opportunities(dice, sketch, days, created);
    let looks = looks(dice, sketch, days, created);
    let first = interactions.first().map(|i| i.at);
    let at = days.past(dice, created);
    Made {
        index,
        customer,
        owner: sketch.owner,
        created: first.map_or(at, |first| at.min(first)),
        interactions,
        follow_ups,
        deals,
        looks,
    }
}

fn contacts(dice: &mut Dice, sketch: &Sketch, days: &Days, created: u32, tongue: Tongue) -> Vec<MadeInteraction> {
    let count = match sketch.stage {
        Stage::Lead => dice.tail(300, 2),
        Stage::Contacted => 1 + dice.tail(450, 4),
        Stage::Qualified => 2 + dice.tail(600, 8),
        Stage::Customer => 2 + dice.tail(780, 28),
        Stage::Dormant => 2 + dice.tail(600, 12),
        Stage::Lost => 1 + dice.tail(600, 6),
    };
    // With dormant customers nobody has spoken for half a year.
    let latest = if sketch.stage == Stage::Dormant { created.min(190) } else { 0 };
    let mut times: Vec<Timestamp> = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let days_ago = dice.between(latest, created).min(dice.between(latest, created));
        times.push(days.past(dice, days_ago));
    }
    times.sort_unstable();
    let mut out = Vec::with_capacity(times.len());
    for (at, turn) in times.into_iter().zip((0..count).rev()) {
        let (kind, text) = talk::contact(dice, tongue, turn);
        let by = worker(dice, sketch);
        let ticket = (by == SUPPORT && dice.chance(600)).then(|| format!("T-{}", 10_000 + dice.below(80_000)));
        out.push(MadeInteraction { at, kind, text: Printable::line(&text), by, ticket });
    }
    out
}

/// Mostly the owner; sometimes support, or whoever was there.
fn worker(dice: &mut Dice, sketch: &Sketch) -> u8 {
    match sketch.owner {
        Some(owner) if dice.chance(720) => owner,
        _ => dice.weighted(&[(60, SUPPORT), (12, SALES[0]), (12, SALES[1]), (10, OWNER), (6, LEAD)]),
    }
}

fn reminders(
    dice: &mut Dice,
    sketch: &Sketch,
    days: &Days,
    tongue: Tongue,
    contacts: &[MadeInteraction],
) -> Vec<MadeFollowUp> {
    let assignee = sketch.owner.unwrap_or(OWNER);
    let mut out = Vec::new();
    // What became of earlier contacts.
    for contact in contacts.iter().rev().skip(1).take(3) {
        if dice.chance(350) {
            let due = contact.at.plus_seconds(86_400 * i64::from(dice.between(1, 9))).min(days.now);
            let state = if dice.chance(900) { FollowUpState::Done } else { FollowUpState::Dropped };
            let text = Printable::line(&talk::next(dice, tongue));
            out.push(MadeFollowUp { due, created: contact.at, text, assignee: contact.by, state });
        }
    }
    let open = match sketch.stage {
        Stage::Lead => 90,
        Stage::Contacted => 200,
        Stage::Qualified => 330,
        Stage::Customer => 120,
        Stage::Dormant => 30,
        Stage::Lost => 5,
    };
    if let (true, Some(last)) = (dice.chance(open), contacts.last()) {
        let ahead = match dice.below(100) {
            0..16 => -i64::from(dice.between(1, 6).min(dice.between(1, 30))),
            16..34 => 0,
            34..72 => i64::from(dice.between(1, 7)),
            _ => i64::from(dice.between(8, 60)),
        };
        let due = days.due(dice, ahead);
        let created = last.at.min(due.plus_seconds(-3600));
        let text = Printable::line(&talk::next(dice, tongue));
        out.push(MadeFollowUp { due, created, text, assignee, state: FollowUpState::Open });
    }
    out.sort_by_key(|f| f.due);
    out
}

fn opportunities(dice: &mut Dice, sketch: &Sketch, days: &Days, created: u32) -> Vec<MadeDeal> {
    let firm = if sketch.firm { 500 } else { 0 };
    let count = match sketch.stage {
        Stage::Lead => 0,
        Stage::Contacted => u32::from(dice.chance(60 + firm / 5)),
        Stage::Qualified => u32::from(dice.chance(450 + firm)),
        Stage::Customer => dice.tail(220 + firm, 4),
        Stage::Dormant | Stage::Lost => u32::from(dice.chance(150 + firm / 2)),
    };
    let mut out = Vec::new();
    for _ in 0..count {
        let stage = match sketch.stage {
            Stage::Contacted => dice.weighted(&[(8, DealStage::New), (2, DealStage::Offered)]),
            Stage::Qualified => {
                dice.weighted(&[(4, DealStage::New), (5, DealStage::Offered), (4, DealStage::Negotiation)])
            }
            Stage::Customer => dice.weighted(&[
                (60, DealStage::Won),
                (12, DealStage::Lost),
                (10, DealStage::Offered),
                (10, DealStage::Negotiation),
                (8, DealStage::New),
            ]),
            _ => dice.weighted(&[(3, DealStage::Won), (7, DealStage::Lost)]),
        };
        let settled = matches!(stage, DealStage::Won | DealStage::Lost);
        let days_ago = dice.between(0, if settled { created } else { created.min(120) });
        let (title, yuan) = trade::opportunity(dice, sketch.origin, sketch.firm);
        out.push(MadeDeal {
            title: Printable::line(&title),
            amount: trade::minor(yuan, sketch.origin),
            currency: sketch.origin.currency(),
            stage,
            owner: sketch.owner.unwrap_or(LEAD),
            created: days.past(dice, days_ago),
        });
    }
    out.sort_by_key(|d| d.created);
    out
}

/// About one customer in sixteen had a phone or an address shown to somebody in the last quarter.
fn looks(dice: &mut Dice, sketch: &Sketch, days: &Days, created: u32) -> Vec<MadeLook> {
    let mut out = Vec::new();
    for _ in 0..dice.tail(60, 3) {
        let field = if sketch.firm { "phone" } else { dice.weighted(&[(8, "mobile"), (2, "address"), (1, "email")]) };
        let reason: Option<ReasonCode> = dice.weighted(&[
            (55, Some(ReasonCode::Callback)),
            (16, Some(ReasonCode::VerifyIdentity)),
            (18, Some(ReasonCode::DeliverInvoice)),
            (6, Some(ReasonCode::CorrectData)),
            (5, Some(ReasonCode::Complaint)),
        ]);
        let by = worker(dice, sketch);
        let days_ago = dice.between(0, created.min(90));
        let at = days.past(dice, days_ago);
        out.extend(FieldKey::new(field).zip(reason).map(|(field, reason)| MadeLook { at, by, field, reason }));
    }
    out.sort_by_key(|l| l.at);
    out
}

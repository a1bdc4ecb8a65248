//! One made-up customer: who it is and what fields it has.
//!
//! **Invariant:** all draws come from the customer's own stream, in one order.

use chrono::{DateTime, FixedOffset};

use zeroize::Zeroizing;

use super::dice::Dice;
use super::history::{self, Days};
use super::person::{Gender, Origin, Spoken};
use super::places::{City, Premises};
use super::{Made, OWNER, SALES, firms, names_world, names_zh, numbers, places, trade};
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::FieldKey;
use crate::service::Change;
use crate::text::Printable;

/// What the rest of the customer follows from.
pub(super) struct Sketch {
    pub(super) origin: Origin,
    pub(super) firm: bool,
    pub(super) stage: Stage,
    pub(super) owner: Option<u8>,
    pub(super) who: Spoken,
    gender: Gender,
    born: (u32, u32, u32),
    city: City,
}

/// The customer at `index`.
pub(super) fn one(seed: u64, index: u64, now: DateTime<FixedOffset>) -> Made {
    let mut dice = Dice::new(seed, index);
    let days = Days::new(now);
    let sketch = sketch(&mut dice);
    let created = days.founded(&mut dice, sketch.stage);
    let customer = fields(&mut dice, &sketch, &days, created);
    history::with_history(&mut dice, &sketch, &days, index, customer, created)
}

fn sketch(dice: &mut Dice) -> Sketch {
    let origin = if dice.below(3) < 2 { Origin::China } else { dice.weighted(Origin::ELSEWHERE) };
    let firm = dice.below(7) == 0;
    let gender = if dice.chance(530) { Gender::Female } else { Gender::Male };
    // Customers of a tea shop: few under twenty, most between thirty and sixty.
    let born = (2006 - dice.between(0, 30) - dice.between(0, 28), dice.between(1, 12), dice.between(1, 28));
    let city = places::mainland(dice);
    let person = if origin == Origin::China {
        names_zh::name(dice, gender, born.0)
    } else {
        names_world::name(dice, origin, gender)
    };
    let who = match (firm, origin) {
        (false, _) => person,
        (true, Origin::China) => firms::mainland(dice, &city),
        (true, _) => firms::elsewhere(dice, origin, &person),
    };
    let stage = dice.weighted(&[
        (22, Stage::Lead),
        (20, Stage::Contacted),
        (14, Stage::Qualified),
        (28, Stage::Customer),
        (11, Stage::Dormant),
        (5, Stage::Lost),
    ]);
    let owner = dice.weighted(&[
        (16, Some(OWNER)),
        (10, Some(super::LEAD)),
        (32, Some(SALES[0])),
        (28, Some(SALES[1])),
        (14, None),
    ]);
    Sketch { origin, firm, stage, owner, who, gender, born, city }
}

/// Collects the changes, so that a value is left out rather than empty.
struct Form(Vec<Change>);

impl Form {
    fn set(&mut self, key: &str, value: String) {
        if let Some(key) = FieldKey::new(key).filter(|_| !value.is_empty()) {
            self.0.push(Change::Set(key, Zeroizing::new(value)));
        }
    }

    fn declined(&mut self, key: &str) {
        self.0.extend(FieldKey::new(key).map(Change::Declined));
    }
}

fn fields(dice: &mut Dice, sketch: &Sketch, days: &Days, created: u32) -> Vec<Change> {
    let Sketch { origin, firm, stage, .. } = *sketch;
    let mut form = Form(Vec::with_capacity(20));
    let kind = if firm { CustomerKind::Company } else { CustomerKind::Person };
    form.0.push(Change::Name(Printable::line(&sketch.who.name)));
    form.0.push(Change::Kind(kind));
    form.0.push(Change::Stage(stage));
    form.0.push(Change::Tags(trade::tags(dice, origin, firm)));
    form.0.push(Change::Source(Printable::line(trade::source(dice, origin))));
    form.0.push(Change::Basis(basis(dice, stage)));
    reach(dice, sketch, &mut form);
    if firm {
        if dice.chance(300) {
            form.set(
                "notes",
                if origin == Origin::China {
                    "月底对账，发票开增值税专票".into()
                } else {
                    "Invoices by the end of the month".into()
                },
            );
        }
    } else {
        particulars(dice, sketch, &mut form);
    }
    if dice.chance(380) {
        form.set("preferences", trade::preferences(dice, origin));
    }
    if matches!(stage, Stage::Customer | Stage::Dormant) {
        form.set("purchases", purchases(dice, sketch, days, created));
    }
    form.0
}

/// Ways to reach a customer.
fn reach(dice: &mut Dice, sketch: &Sketch, form: &mut Form) {
    let Sketch { origin, firm, .. } = *sketch;
    let mainland = origin == Origin::China;
    if !firm || dice.chance(350) {
        if mainland {
            form.set("mobile", numbers::mainland_mobile(dice));
        } else if dice.chance(940) {
            form.set("mobile", numbers::phone(dice, origin));
        }
    }
    if firm || dice.chance(60) {
        let desk = if mainland { numbers::mainland_landline(dice, &sketch.city) } else { numbers::phone(dice, origin) };
        form.set("phone", desk);
    }
    if firm {
        form.set("email", firms::email(dice, &sketch.who));
    } else if dice.chance(if mainland { 480 } else { 900 }) {
        form.set("email", numbers::email(dice, &sketch.who, sketch.born.0));
    } else if dice.chance(40) {
        form.declined("email");
    }
    if !firm && dice.chance(if mainland { 720 } else { 150 }) {
        form.set("chat_id", numbers::chat_id(dice, &sketch.who));
    }
    if dice.chance(640) {
        let premises = if firm { Premises::Office } else { Premises::Home };
        let address = if mainland {
            places::mainland_address(dice, &sketch.city, premises)
        } else {
            places::address(dice, origin)
        };
        form.set("address", address);
    }
}

/// What only a person has.
fn particulars(dice: &mut Dice, sketch: &Sketch, form: &mut Form) {
    let Sketch { origin, born: (year, month, day), .. } = *sketch;
    let mainland = origin == Origin::China;
    if dice.chance(700) {
        let word = match (sketch.gender, mainland) {
            (Gender::Female, true) => "女",
            (Gender::Male, true) => "男",
            (Gender::Female, false) => "female",
            (Gender::Male, false) => "male",
        };
        form.set("gender", word.to_owned());
    }
    if dice.chance(420) {
        form.set("job_title", firms::job(dice, origin).to_owned());
        if dice.chance(550) {
            let firm = match origin {
                Origin::China => firms::mainland(dice, &sketch.city),
                _ => firms::elsewhere(dice, origin, &sketch.who),
            };
            form.set("company", firm.name);
        }
    }
    if dice.chance(310) {
        form.set("birthday", format!("{month:02}-{day:02}"));
    } else if dice.chance(50) {
        form.declined("birthday");
    }
    if dice.chance(120) {
        form.set("date_of_birth", format!("{year:04}-{month:02}-{day:02}"));
    }
    if mainland && dice.chance(140) {
        form.set("resident_id", numbers::resident_id(dice, &sketch.city, sketch.born, sketch.gender));
    }
    if dice.chance(if mainland { 15 } else { 40 }) {
        form.set("passport", numbers::passport(dice, origin));
    }
    if dice.chance(70) {
        form.set("bank_card", numbers::bank_card(dice, origin));
    }
    if dice.chance(130) {
        let note = if mainland {
            dice.pick(&[
                "孩子今年高考，晚上别打电话",
                "换过一次收货地址",
                "介绍过三位朋友",
                "发票抬头写公司",
                "说话快，喜欢直接报价",
                "每年春节前买礼盒",
            ])
        } else {
            dice.pick(&[
                "Moved house last year, check the address",
                "Brought two friends to the tasting",
                "Prefers a short call over a long mail",
                "Asks for samples before every order",
                "Speaks some Chinese",
            ])
        };
        form.set("notes", note.to_owned());
    }
}

fn basis(dice: &mut Dice, stage: Stage) -> Basis {
    match stage {
        Stage::Customer | Stage::Dormant => {
            dice.weighted(&[(88, Basis::Contract), (8, Basis::Consent), (4, Basis::NotKnownYet)])
        }
        _ => dice.weighted(&[(66, Basis::Consent), (28, Basis::LegitimateInterest), (6, Basis::NotKnownYet)]),
    }
}

/// Lines of date, item and amount, the oldest first: a few regulars buy often, most once or twice.
fn purchases(dice: &mut Dice, sketch: &Sketch, days: &Days, created: u32) -> String {
    let count = 1 + dice.tail(if sketch.firm { 700 } else { 560 }, 7);
    let latest = if sketch.stage == Stage::Dormant { created.min(240) } else { 1 };
    let mut ago: Vec<u32> = (0..count).map(|_| dice.between(latest.min(created), created)).collect();
    ago.sort_unstable_by(|a, b| b.cmp(a));
    let mut out = String::with_capacity(64 * ago.len());
    for days_ago in ago {
        let ware = dice.skewed(trade::WARES);
        let pieces = if sketch.firm { dice.between(2, 30) } else { 1 + dice.tail(250, 4) };
        let amount = trade::minor(ware.yuan * pieces, sketch.origin);
        let item = if sketch.origin == Origin::China { ware.zh } else { ware.en };
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&days.date(days_ago));
        out.push(' ');
        out.push_str(item);
        if pieces > 1 {
            out.push_str(&format!(" ×{pieces}"));
        }
        out.push(' ');
        out.push_str(&trade::written(amount, sketch.origin));
    }
    out
}

//! Made-up customers of whom some are there more than once, with the key that says who is who: what finding duplicates
//! is measured on.
//!
//! A copy is what somebody else would have typed for the same customer (`slips`); a near-miss is somebody else who looks
//! like them: a relative, a twin, a namesake, a colleague, a neighbour, whoever was given the number next (`others`).
//!
//! **Invariant:** equal seed, count and moment give equal rows. A copy always shares a way to reach the customer, perhaps
//! with a slip in it, or a number that names them: who has only a name in common cannot be told from a namesake by anybody.

mod others;
mod slips;

use chrono::{DateTime, FixedOffset};

use super::dice::Dice;
use super::{Made, make};
use crate::domain::customer::CustomerKind;
use crate::service::Change;

/// The columns, the key first.
pub const COLUMNS: [&str; 12] = [
    "key",
    "name",
    "mobile",
    "phone",
    "email",
    "chat_id",
    "address",
    "company",
    "gender",
    "birthday",
    "date_of_birth",
    "resident_id",
];

/// How many of the draws belong to other streams of the same seed.
const STREAM: u64 = 1 << 40;

/// One customer as a row: what the columns after the key hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sheet {
    name: String,
    mobile: String,
    phone: String,
    email: String,
    chat_id: String,
    address: String,
    company: String,
    gender: String,
    birthday: String,
    date_of_birth: String,
    resident_id: String,
    firm: bool,
}

impl Sheet {
    fn of(made: &Made) -> Self {
        let mut out = Self::default();
        for change in &made.customer {
            match change {
                Change::Kind(kind) => out.firm = *kind == CustomerKind::Company,
                Change::Name(name) => out.name = name.as_str().to_owned(),
                Change::Set(key, value) => {
                    let cell = match key.as_str() {
                        "mobile" => &mut out.mobile,
                        "phone" => &mut out.phone,
                        "email" => &mut out.email,
                        "chat_id" => &mut out.chat_id,
                        "address" => &mut out.address,
                        "company" => &mut out.company,
                        "gender" => &mut out.gender,
                        "birthday" => &mut out.birthday,
                        "date_of_birth" => &mut out.date_of_birth,
                        "resident_id" => &mut out.resident_id,
                        _ => continue,
                    };
                    value.as_str().clone_into(cell);
                }
                _ => {}
            }
        }
        out
    }

    fn row(self, key: &str) -> [String; 12] {
        [
            key.to_owned(),
            self.name,
            self.mobile,
            self.phone,
            self.email,
            self.chat_id,
            self.address,
            self.company,
            self.gender,
            self.birthday,
            self.date_of_birth,
            self.resident_id,
        ]
    }
}

/// Rows of about `count` customers as of `now`, in an order that says nothing.
pub fn labelled(seed: u64, count: u64, now: DateTime<FixedOffset>) -> Vec<[String; 12]> {
    let mut rows = Vec::new();
    let mut index = 0;
    while u64::try_from(rows.len()).unwrap_or(u64::MAX) < count {
        one(seed, index, now, &mut rows);
        index += 1;
    }
    rows.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    let mut dice = Dice::new(seed, STREAM - 1);
    for last in (1..rows.len()).rev() {
        let end = u32::try_from(last + 1).unwrap_or(u32::MAX);
        rows.swap(last, dice.below(end) as usize);
    }
    rows
}

/// A customer, copies of them, and others who look like them.
fn one(seed: u64, index: u64, now: DateTime<FixedOffset>, rows: &mut Vec<[String; 12]>) {
    let mut dice = Dice::new(seed, STREAM + index);
    let mut sheet = Sheet::of(&make::one(seed, index, now));
    // No two people have one mailbox, as they may have in the lists that these are drawn from.
    sheet.email = sheet.email.replace('@', &format!("{}@", index % 997));
    if sheet.mobile.starts_with("+1 ") {
        // The numbers kept for fiction are so few that strangers of one name would share them.
        let kept = sheet.mobile.len().saturating_sub(4);
        sheet.mobile.truncate(kept);
        dice.digits(&mut sheet.mobile, 4);
    }
    let copies = dice.weighted(&[(780, 0), (154, 1), (44, 2), (22, 3)]);
    for _ in 0..copies {
        rows.push(slips::copy(&mut dice, &sheet).row(&index.to_string()));
    }
    if !sheet.firm && dice.chance(280) {
        // Somebody with a life of their own, who then shares something.
        let stranger = Sheet::of(&make::one(seed, STREAM + index, now));
        let other = others::near_miss(&mut dice, &sheet, stranger);
        rows.extend(other.map(|other| other.row(&format!("{index}x"))));
    }
    rows.push(sheet.row(&index.to_string()));
}

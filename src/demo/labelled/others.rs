//! Somebody else who looks like a customer.
//!
//! **Invariant:** what is returned is never the customer: at least their name, or everything but their name, is another's.

use super::super::dice::Dice;
use super::Sheet;
use super::slips::letters;

/// How somebody is near.
#[derive(Clone, Copy, Default)]
enum Near {
    #[default]
    Relative,
    Sibling,
    Twin,
    Namesake,
    ParentOfTheSameName,
    Colleague,
    Neighbour,
    NextOwnerOfTheNumber,
}

const WAYS: &[(u32, Near)] = &[
    (26, Near::Relative),
    (10, Near::Sibling),
    (4, Near::Twin),
    (26, Near::Namesake),
    (2, Near::ParentOfTheSameName),
    (16, Near::Colleague),
    (10, Near::Neighbour),
    (6, Near::NextOwnerOfTheNumber),
];

/// The stranger, made to look like the customer in one of the ways in which people do. Nobody, where they came out alike.
pub(super) fn near_miss(dice: &mut Dice, of: &Sheet, stranger: Sheet) -> Option<Sheet> {
    let mut out = stranger;
    let way = dice.weighted(WAYS);
    match way {
        Near::Relative => {
            out.name = relative(&of.name, &out.name);
            home(dice, &mut out, of, 550);
        }
        Near::Sibling => {
            out.name = sibling(dice, &of.name, &out.name);
            home(dice, &mut out, of, 150);
        }
        Near::Twin => {
            out.name = sibling(dice, &of.name, &out.name);
            out.date_of_birth.clone_from(&of.date_of_birth);
            out.birthday.clone_from(&of.birthday);
            home(dice, &mut out, of, 300);
        }
        Near::Namesake => {
            out.name.clone_from(&of.name);
            // People of one name make their addresses from the same letters.
            if dice.chance(400) && !out.email.is_empty() {
                out.email = format!("{}{}@example.com", letters(&of.name), dice.between(10, 9999));
            }
            if dice.chance(100) {
                out.company.clone_from(&of.company);
            }
        }
        Near::ParentOfTheSameName => {
            out.name.clone_from(&of.name);
            out.address.clone_from(&of.address);
            out.phone.clone_from(&of.phone);
            out.date_of_birth =
                format!("19{:02}-{:02}-{:02}", dice.between(40, 60), dice.between(1, 12), dice.between(1, 28));
        }
        Near::Colleague => {
            out.company.clone_from(if of.company.is_empty() { &of.name } else { &of.company });
            out.phone.clone_from(&of.phone);
            if dice.chance(300) {
                out.address.clone_from(&of.address);
            }
        }
        Near::Neighbour => {
            let head = of.address.split_once('幢').map_or(of.address.as_str(), |(head, _)| head);
            out.address = if head.len() < of.address.len() {
                format!("{head}幢{}单元{}{:02}室", dice.between(1, 4), dice.between(1, 30), dice.between(1, 4))
            } else {
                of.address.clone()
            };
        }
        Near::NextOwnerOfTheNumber => out.mobile.clone_from(&of.mobile),
    }
    let by_name = matches!(way, Near::Namesake | Near::ParentOfTheSameName);
    (!out.firm && by_name == (out.name == of.name)).then_some(out)
}

/// The same home, and in so many of a thousand cases the same phone.
fn home(dice: &mut Dice, out: &mut Sheet, of: &Sheet, per_thousand: u32) {
    out.address.clone_from(&of.address);
    out.phone.clone_from(&of.phone);
    if dice.chance(per_thousand) {
        out.mobile.clone_from(&of.mobile);
    }
    if dice.chance(60) {
        out.email.clone_from(&of.email);
    }
}

/// The surname of one with the given name of the other.
fn relative(of: &str, stranger: &str) -> String {
    match (of.rsplit_once(' '), stranger.split_once(' ')) {
        (Some((_, family)), Some((given, _))) => format!("{given} {family}"),
        (None, None) => of.chars().take(1).chain(stranger.chars().skip(1).take(2)).collect(),
        _ => stranger.to_owned(),
    }
}

/// The surname and, in Chinese, the character that a generation shares.
fn sibling(dice: &mut Dice, of: &str, stranger: &str) -> String {
    let last = of.chars().last();
    if of.contains(' ') || of.chars().count() != 3 {
        return relative(of, stranger);
    }
    let others = ['伟', '强', '芳', '敏', '军', '玲', '杰', '婷', '波', '霞', '超', '娟'];
    let other = dice.pick(&others);
    let other = if Some(other) == last { '宁' } else { other };
    of.chars().take(2).chain([other]).collect()
}

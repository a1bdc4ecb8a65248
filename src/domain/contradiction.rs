//! What of a customer cannot both be right: a birth or a sex that two fields tell differently.
//!
//! **Invariant:** nothing here keeps a value: a contradiction names two fields, and what a value tells is held only while
//! it is compared and never shown.

use chrono::{Datelike, NaiveDate};

use super::field::FieldKey;
use super::value::{birth_on_card, is_male_on_card};
use crate::codes::codes;
use crate::privacy::seal::TokenKind;
use crate::text::folded;

/// Two fields that tell one thing differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// The date of birth is not the one in the resident ID.
    BornAndCard,
    /// The birthday is not the one in the resident ID.
    BirthdayAndCard,
    /// The birthday is not that of the date of birth.
    BirthdayAndBorn,
    /// The gender is not the one that the resident ID has.
    GenderAndCard,
}

codes!(Contradiction: BornAndCard = "born_and_card", BirthdayAndCard = "birthday_and_card",
    BirthdayAndBorn = "birthday_and_born", GenderAndCard = "gender_and_card");

const CARD: &str = "resident_id";
const BORN: &str = "date_of_birth";
const BIRTHDAY: &str = "birthday";
const GENDER: &str = "gender";

impl Contradiction {
    /// The two fields; the first is the one that is more often wrong, since a resident ID has a check digit.
    pub fn fields(self) -> [&'static str; 2] {
        match self {
            Self::BornAndCard => [BORN, CARD],
            Self::BirthdayAndCard => [BIRTHDAY, CARD],
            Self::BirthdayAndBorn => [BIRTHDAY, BORN],
            Self::GenderAndCard => [GENDER, CARD],
        }
    }

    /// What both tell.
    pub fn part(self) -> TokenKind {
        match self {
            Self::BornAndCard => TokenKind::BornOn,
            Self::BirthdayAndCard | Self::BirthdayAndBorn => TokenKind::Birthday,
            Self::GenderAndCard => TokenKind::Sex,
        }
    }

    /// Whether it is about this field.
    pub fn is_about(self, key: &FieldKey) -> bool {
        self.fields().contains(&key.as_str())
    }
}

/// As what somebody is registered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Does not say which.
impl std::fmt::Debug for Sex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sex(..)")
    }
}

const FEMALE: [&str; 6] = ["f", "female", "woman", "女", "女性", "女士"];
const MALE: [&str; 6] = ["m", "male", "man", "男", "男性", "先生"];

impl Sex {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Female, Self::Male];

    /// The one that a word means; none for any other word, with which nothing is wrong.
    pub fn of(word: &str) -> Option<Self> {
        let word = folded(word);
        Self::ALL.into_iter().find(|sex| sex.words().contains(&word.as_str()))
    }

    /// The words that mean it, folded.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Female => &FEMALE,
            Self::Male => &MALE,
        }
    }
}

/// What a value tells of a birth and a sex.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    born: Option<NaiveDate>,
    /// Month and day.
    birthday: Option<(u32, u32)>,
    sex: Option<Sex>,
}

/// Shows nothing of it.
impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told(..)")
    }
}

impl Told {
    /// What a normalised value of the field tells; nothing where the field is about something else.
    pub fn by(key: &str, normal: &str) -> Self {
        let on = |born: Option<NaiveDate>, sex| Self { born, birthday: born.map(|d| (d.month(), d.day())), sex };
        match key {
            CARD => {
                let sex = is_male_on_card(normal).map(|male| if male { Sex::Male } else { Sex::Female });
                on(birth_on_card(normal), sex)
            }
            BORN => on(normal.parse().ok(), None),
            BIRTHDAY => {
                let read = |text: &str| text.parse().ok();
                let day = normal.split_once('-').and_then(|(month, day)| Some((read(month)?, read(day)?)));
                Self { birthday: day, ..Self::default() }
            }
            GENDER => Self { sex: Sex::of(normal), ..Self::default() },
            _ => Self::default(),
        }
    }

    /// Whether a field tells anything that another may contradict.
    pub fn is_by(key: &str) -> bool {
        [CARD, BORN, BIRTHDAY, GENDER].contains(&key)
    }

    /// A part of it, as tokens are made of it.
    pub fn part(&self, part: TokenKind) -> Option<String> {
        match part {
            TokenKind::BornOn => self.born.map(|born| born.format("%Y-%m-%d").to_string()),
            TokenKind::Birthday => self.birthday.map(|(month, day)| format!("{month:02}-{day:02}")),
            TokenKind::Sex => self.sex.and_then(|sex| sex.words().get(1).map(|word| (*word).to_owned())),
            _ => None,
        }
    }

    /// The parts that a sealed value of the field has tokens of: those that its whole value does not give.
    pub fn parts_kept(key: &str) -> &'static [TokenKind] {
        match key {
            CARD => &[TokenKind::BornOn, TokenKind::Birthday, TokenKind::Sex],
            BORN => &[TokenKind::Birthday],
            _ => &[],
        }
    }

    /// The normalised whole values of a field that say the same of this part, and those that say another, as far as they
    /// can be listed.
    pub fn wholes(&self, key: &str, part: TokenKind) -> (Vec<String>, Vec<String>) {
        let listed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match (key, part) {
            (BORN, TokenKind::BornOn) | (BIRTHDAY, TokenKind::Birthday) => {
                (self.part(part).into_iter().collect(), Vec::new())
            }
            (GENDER, TokenKind::Sex) => match self.sex {
                Some(Sex::Female) => (listed(&FEMALE), listed(&MALE)),
                Some(Sex::Male) => (listed(&MALE), listed(&FEMALE)),
                None => (Vec::new(), Vec::new()),
            },
            _ => (Vec::new(), Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(one: (&str, &str), other: (&str, &str), part: TokenKind) -> Option<bool> {
        let (one, other) = (Told::by(one.0, one.1), Told::by(other.0, other.1));
        Some(one.part(part)? == other.part(part)?)
    }

    #[test]
    fn a_resident_id_tells_birth_and_sex() {
        let card = (CARD, "11010519491231002X");
        assert_eq!(agree(card, (BORN, "1949-12-31"), TokenKind::BornOn), Some(true));
        assert_eq!(agree(card, (BORN, "1949-12-30"), TokenKind::BornOn), Some(false));
        assert_eq!(agree(card, (BIRTHDAY, "12-31"), TokenKind::Birthday), Some(true));
        assert_eq!(agree(card, (BIRTHDAY, "12-13"), TokenKind::Birthday), Some(false));
        assert_eq!(agree(card, (GENDER, "女士"), TokenKind::Sex), Some(true));
        assert_eq!(agree(card, (GENDER, "Ｍ"), TokenKind::Sex), Some(false));
    }

    #[test]
    fn what_tells_nothing_contradicts_nothing() {
        let card = (CARD, "11010519491231002X");
        assert_eq!(agree(card, (GENDER, "non-binary"), TokenKind::Sex), None);
        assert_eq!(agree(card, ("company", "1949-12-30"), TokenKind::BornOn), None);
        assert_eq!(agree((BORN, "?"), (BIRTHDAY, "12-31"), TokenKind::Birthday), None);
        assert_eq!(Told::by(CARD, "1101"), Told::default());
    }

    #[test]
    fn every_contradiction_is_about_fields_that_tell() {
        for one in Contradiction::ALL {
            assert!(one.fields().into_iter().all(Told::is_by), "{}", one.code());
        }
    }
}

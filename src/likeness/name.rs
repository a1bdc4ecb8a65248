//! Names in comparable form: as written, as read, and in which order.
//!
//! **Invariant:** the order of the parts of a name, titles, case, width, marks and spaces do not matter; what is compared
//! is the same for a person's name in Chinese characters and in pinyin.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::letters::{hash, slips};
use super::reading::{self, is_han};
use crate::text::{edits, folded};

/// What stands beside a name and is none.
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "sr", "sra", "jr"];
const CHINESE_TITLES: &[&str] = &["先生", "女士", "小姐", "太太", "老师", "经理", "总经理", "医生"];

/// How firms end, in the form that [`folded`] gives, the longest first.
const FORMS: &[&str] = &[
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "分公司",
    "公司",
    "集团",
    "商行",
    "工作室",
    "株式会社",
    "주식회사",
];
const WESTERN_FORMS: &[&str] = &[
    "ltd",
    "limited",
    "llc",
    "llp",
    "inc",
    "corp",
    "corporation",
    "co",
    "plc",
    "gmbh",
    "kg",
    "ag",
    "sarl",
    "sas",
    "sa",
    "sl",
    "bv",
    "oy",
    "ab",
    "pty",
    "tnhh",
    "ooo",
    "ооо",
    "sons",
    "and",
];

/// The longest name that is looked at, in characters.
const LONGEST: usize = 48;

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The Chinese characters, where it is written in them.
    han: Box<[char]>,
    /// The words, where it is written in others.
    words: Box<[Box<[char]>]>,
    /// How it may be read or spelt, as one run of letters: readings, or the words begun at each in turn.
    spoken: Box<[Box<[char]>]>,
    /// The surname's reading, or each word: what relatives share.
    pub(super) family: Box<[u64]>,
    /// The name as written, without order.
    pub(super) written: u64,
    /// Its letters by each reading, without order.
    pub(super) heard: Box<[u64]>,
}

/// How alike two names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameLike {
    /// Nothing shared.
    Different,
    /// One part is the same: a surname.
    Family,
    /// Chinese, of one length, one character different and read differently.
    OneOff,
    /// One is the other with something left out.
    Part,
    /// One is the other with initials in place of words.
    Initial,
    /// A slip of the pen or two.
    Near,
    /// Read alike: homophones, or characters and their pinyin.
    Sound,
    /// The same, in any order.
    Same,
}

impl Name {
    /// The names in a text: one, or two where Chinese and other letters stand side by side.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let bare: String = folded(text).nfd().filter(|c| !is_combining_mark(*c)).nfc().map(plain).take(200).collect();
        let mut han: Vec<char> = Vec::new();
        let mut latin = String::new();
        for c in bare.chars() {
            if is_han(c) {
                han.push(c);
            } else {
                latin.push(if c == '\'' || c == '’' { continue } else { c });
            }
        }
        let words: Vec<&str> = latin.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !TITLES.contains(word)).collect();
        let firm = words.iter().any(|word| WESTERN_FORMS.contains(word) && *word != "and");
        let words = if firm { words.into_iter().filter(|word| !WESTERN_FORMS.contains(word)).collect() } else { words };
        [Self::chinese(&han), Self::other(&words)].into_iter().flatten().collect()
    }

    fn chinese(han: &[char]) -> Option<Self> {
        let text: String = han.iter().take(LONGEST).collect();
        let short = FORMS.iter().find_map(|form| text.strip_suffix(form).or_else(|| text.strip_prefix(form)));
        let short = short.or_else(|| CHINESE_TITLES.iter().find_map(|title| text.strip_suffix(title)));
        let han: Vec<char> = short.filter(|s| !s.is_empty()).unwrap_or(&text).chars().collect();
        if han.is_empty() {
            return None;
        }
        let readings = reading::readings(&han);
        let spoken: Vec<Box<[char]>> =
            readings.iter().map(|(family, given)| format!("{family}{given}").chars().collect()).collect();
        let mut family: Vec<u64> = readings.iter().map(|(family, _)| part(family)).collect();
        family.sort_unstable();
        family.dedup();
        let written = hash("han", [han.iter().collect::<String>().as_bytes()]);
        let heard = heard(&spoken);
        Some(Self {
            han: han.into(),
            words: Box::default(),
            spoken: spoken.into(),
            family: family.into(),
            written,
            heard,
        })
    }

    fn other(words: &[&str]) -> Option<Self> {
        let mut words: Vec<String> =
            words.iter().take(8).map(|word| reading::without_v(word).chars().take(LONGEST).collect()).collect();
        // A middle initial is left out; where there is little else, an initial is all there is.
        if words.iter().filter(|word| word.chars().count() > 1).count() > 1 {
            words.retain(|word| word.chars().count() > 1);
        }
        if words.is_empty() {
            return None;
        }
        let mut spoken: Vec<Box<[char]>> = Vec::new();
        for first in 0..words.len().min(4) {
            let turned = words.iter().cycle().skip(first).take(words.len());
            spoken.push(turned.flat_map(|word| word.chars()).collect());
        }
        let mut sorted = words.clone();
        sorted.sort_unstable();
        let written = hash("words", sorted.iter().map(|word| word.as_bytes()));
        let mut family: Vec<u64> = sorted.iter().filter(|word| word.chars().count() > 1).map(|w| part(w)).collect();
        family.dedup();
        let heard = heard(spoken.get(..1).unwrap_or_default());
        let words = words.iter().map(|word| word.chars().collect()).collect();
        Some(Self { han: Box::default(), words, spoken: spoken.into(), family: family.into(), written, heard })
    }

    /// How many letters it has; a character that is a syllable counts for two.
    fn letters(&self) -> usize {
        let letters = |c: &char| if *c < '\u{1100}' { 1 } else { 2 };
        self.spoken.first().map_or(0, |spoken| spoken.iter().map(letters).sum())
    }

    /// Its letters without order and without one of them, for each reading's first: slips of the pen share one of these.
    pub(super) fn slipped(&self) -> Vec<u64> {
        let Some(spoken) = self.spoken.first().filter(|spoken| spoken.len() > 3) else { return Vec::new() };
        let mut letters = spoken.to_vec();
        letters.sort_unstable();
        let mut out = vec![hash("slip", [letters.iter().collect::<String>().as_bytes()])];
        for place in 0..letters.len() {
            if place > 0 && letters.get(place) == letters.get(place - 1) {
                continue;
            }
            let rest: String = letters.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, c)| *c).collect();
            out.push(hash("slip", [rest.as_bytes()]));
        }
        out
    }

    /// How alike two names are.
    pub(super) fn like(&self, other: &Self) -> NameLike {
        if self.written == other.written {
            return NameLike::Same;
        }
        let like = self.by_script(other);
        // The same letters in another order: syllables or words that changed places.
        let shuffled =
            self.letters().min(other.letters()) > 5 && self.heard.iter().any(|heard| other.heard.contains(heard));
        if shuffled { like.max(NameLike::Near) } else { like }
    }

    fn by_script(&self, other: &Self) -> NameLike {
        match (self.han.is_empty(), other.han.is_empty()) {
            (false, false) => self.both_chinese(other),
            (true, true) => self.both_spelt(other),
            (false, true) => self.spelt_as(other),
            (true, false) => other.spelt_as(self),
        }
    }

    fn sounds_like(&self, other: &Self) -> bool {
        self.spoken.iter().any(|one| other.spoken.contains(one))
    }

    fn is_a_slip_of(&self, other: &Self) -> bool {
        let most = slips(self.letters().min(other.letters()));
        let near = |one: &[Box<[char]>], other: &[Box<[char]>]| {
            one.first().is_some_and(|one| other.iter().any(|other| edits(one, other, most) <= most))
        };
        most > 0 && (near(&self.spoken, &other.spoken) || near(&other.spoken, &self.spoken))
    }

    fn shares_a_part(&self, other: &Self) -> bool {
        self.family.iter().any(|part| other.family.contains(part))
    }

    fn both_chinese(&self, other: &Self) -> NameLike {
        let (one, two) = (&self.han, &other.han);
        if one.len() == two.len() {
            let turned = |by: usize| one.iter().cycle().skip(by).take(one.len()).eq(two.iter());
            let is_turned = |by: usize| one.len() > by && (turned(by) || turned(one.len() - by));
            if is_turned(1) || one.len() > 3 && is_turned(2) {
                return NameLike::Same;
            }
            if self.sounds_like(other) {
                return NameLike::Sound;
            }
            if one.len() > 2 && edits(one, two, 1) == 1 {
                let off = one.iter().zip(two).filter(|(a, b)| a != b).count();
                return if off == 2 { NameLike::Near } else { NameLike::OneOff };
            }
        }
        let (short, long) = if one.len() < two.len() { (one, two) } else { (two, one) };
        let doubled = |at: usize| {
            at > 0 && long.get(at) == long.get(at - 1) && {
                long.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, c)| c).eq(short.iter())
            }
        };
        if long.len() > 2 && long.len() == short.len() + 1 && (1..long.len()).any(doubled) {
            return NameLike::Near;
        }
        let left_out = short.len() < long.len() && edits(short, long, long.len()) == long.len() - short.len();
        if left_out && (short.first() == long.first() && long.len() < 5 || short.len() > 3) {
            return NameLike::Part;
        }
        if self.shares_a_part(other) { NameLike::Family } else { NameLike::Different }
    }

    fn both_spelt(&self, other: &Self) -> NameLike {
        // One may run two words together that the other writes apart.
        if self.spoken.iter().any(|one| other.spoken.contains(one)) {
            return NameLike::Same;
        }
        if shortened(&self.words, &other.words) || shortened(&other.words, &self.words) {
            let initials = |name: &Self| name.words.iter().any(|word| word.len() == 1);
            return if initials(self) != initials(other) { NameLike::Initial } else { NameLike::Part };
        }
        if self.is_a_slip_of(other) {
            return NameLike::Near;
        }
        if self.shares_a_part(other) { NameLike::Family } else { NameLike::Different }
    }

    /// Whether the words are one part of a reading and the initial of the other.
    fn is_shortened_to(&self, words: &[Box<[char]>]) -> bool {
        let [one, other] = words else { return false };
        let (initial, whole) = if one.len() == 1 { (one, other) } else { (other, one) };
        let fits =
            |rest: Option<&[char]>| rest.is_some_and(|rest| initial.len() == 1 && rest.first() == initial.first());
        self.spoken.iter().any(|spoken| fits(spoken.strip_prefix(&whole[..])) || fits(spoken.strip_suffix(&whole[..])))
    }

    /// A name in characters beside one in letters.
    fn spelt_as(&self, spelt: &Self) -> NameLike {
        if self.sounds_like(spelt) {
            return NameLike::Sound;
        }
        if self.is_a_slip_of(spelt) {
            return NameLike::Near;
        }
        if self.is_shortened_to(&spelt.words) {
            return NameLike::Initial;
        }
        if self.shares_a_part(spelt) { NameLike::Family } else { NameLike::Different }
    }
}

/// Whether each of the few words is one of the many or its beginning letter, and one of them is whole.
fn shortened(few: &[Box<[char]>], many: &[Box<[char]>]) -> bool {
    let fits = |word: &[char], whole: &[char]| word == whole || word.len() == 1 && whole.first() == word.first();
    few.len() <= many.len()
        && few.iter().any(|word| word.len() > 1 && many.contains(word))
        && few.iter().all(|word| many.iter().any(|whole| fits(word, whole)))
}

fn heard(spoken: &[Box<[char]>]) -> Box<[u64]> {
    let mut out: Vec<u64> = spoken.iter().map(|spoken| anagram(spoken)).collect();
    out.sort_unstable();
    out.dedup();
    out.into()
}

fn anagram(letters: &[char]) -> u64 {
    let mut letters = letters.to_vec();
    letters.sort_unstable();
    hash("heard", [letters.into_iter().collect::<String>().as_bytes()])
}

fn part(text: &str) -> u64 {
    hash("part", [text.as_bytes()])
}

/// Letters that have no mark to be taken away.
fn plain(c: char) -> char {
    match c {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        'ё' => 'е',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_by_writing_sound_and_slips() {
        for (one, other, like) in [
            ("张三丰", "张 三丰", NameLike::Same),
            ("张三丰", "三丰张", NameLike::Same),
            ("张三丰", "Zhang Sanfeng", NameLike::Sound),
            ("张三丰", "Sanfeng ZHANG", NameLike::Sound),
            ("张三丰", "张三峰", NameLike::Sound),
            ("单雄信", "Shan Xiongxin", NameLike::Sound),
            ("单雄信", "dan xiong xin", NameLike::Sound),
            ("吕小绿", "Lv Xiaolv", NameLike::Sound),
            ("張偉", "张伟", NameLike::Sound),
            ("张三丰", "Zhang Sanfegn", NameLike::Near),
            ("王志强", "王强志", NameLike::Near),
            ("王志强", "王志伟", NameLike::OneOff),
            ("甲乙丙丁戊", "丙丁戊甲乙", NameLike::Same),
            ("王志强", "王强", NameLike::Part),
            ("王先生", "王志强", NameLike::Part),
            ("王志强", "王芳", NameLike::Family),
            ("王志强", "李芳", NameLike::Different),
            ("John Smith", "SMITH, John", NameLike::Same),
            ("John A. Smith", "Ｊｏｈｎ　Smith", NameLike::Same),
            ("J. Smith", "John Smith", NameLike::Initial),
            ("S Yue", "苏悦", NameLike::Initial),
            ("John Smith", "John Paul Smith", NameLike::Part),
            ("John Smith", "Jhon Smith", NameLike::Near),
            ("John Smith", "Mary Smith", NameLike::Family),
            ("Müller, Jörg", "Jorg Muller", NameLike::Same),
            ("杭州云栖茶业有限公司", "杭州云栖茶业", NameLike::Same),
            ("Harbour Foods Ltd", "Harbour Foods Limited", NameLike::Same),
            ("Harbour Foods Ltd", "Harbor Foods Ltd.", NameLike::Near),
        ] {
            let (all_one, all_other) = (Name::all(one), Name::all(other));
            let (a, b) = (all_one.first().unwrap(), all_other.first().unwrap());
            assert_eq!(a.like(b), like, "{one} {other}");
            assert_eq!(b.like(a), like, "{other} {one}");
        }
        assert!(Name::all(" , ").is_empty());
    }
}

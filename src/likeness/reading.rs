//! How Chinese names are read: in pinyin without tones, with the readings that surnames have of their own.
//!
//! **Invariant:** a reading is of letters a to z; `ü` is `u`, however it was written, since people write it u, v and yu.

use pinyin::{ToPinyin, ToPinyinMulti};

/// Surnames of two characters, with their reading where the characters alone would give another.
const COMPOUND: &[(&str, &str)] = &[
    ("欧阳", ""),
    ("上官", ""),
    ("司马", ""),
    ("诸葛", ""),
    ("尉迟", "yuchi"),
    ("万俟", "moqi"),
    ("司徒", ""),
    ("皇甫", "huangfu"),
    ("慕容", ""),
    ("令狐", ""),
    ("长孙", "zhangsun"),
    ("夏侯", "xiahou"),
    ("东方", ""),
    ("公孙", ""),
    ("轩辕", ""),
    ("宇文", ""),
    ("端木", ""),
    ("澹台", "tantai"),
    ("太史", ""),
    ("申屠", ""),
    ("钟离", ""),
    ("独孤", ""),
    ("南宫", ""),
    ("西门", ""),
    ("呼延", ""),
    ("濮阳", ""),
    ("淳于", ""),
    ("单于", "chanyu"),
    ("闻人", ""),
    ("赫连", ""),
];

/// Surnames whose reading is not the usual one of the character.
const SURNAMES: &[(char, &str)] = &[
    ('单', "shan"),
    ('解', "xie"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('区', "ou"),
    ('查', "zha"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('缪', "miao"),
    ('冼', "xian"),
    ('谌', "chen"),
    ('乐', "yue"),
    ('宓', "mi"),
    ('种', "chong"),
    ('员', "yun"),
    ('覃', "qin"),
    ('任', "ren"),
    ('华', "hua"),
    ('洗', "xian"),
    ('秘', "bi"),
    ('折', "she"),
    ('黑', "he"),
    ('么', "yao"),
    ('召', "shao"),
    ('繁', "po"),
    ('卜', "bu"),
    ('翟', "zhai"),
    ('尹', "yin"),
    ('费', "fei"),
    ('葛', "ge"),
    ('薄', "bo"),
    ('宁', "ning"),
];

/// Readings of one name that are kept.
const READINGS: usize = 6;

/// How many characters at the beginning of a Chinese name are the surname.
pub(super) fn surname(han: &[char]) -> usize {
    let head: String = han.iter().take(2).collect();
    if han.len() > 2 && COMPOUND.iter().any(|(name, _)| *name == head) { 2 } else { 1.min(han.len()) }
}

/// Whether the character is one that is read in Chinese.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}') || c.to_pinyin().is_some()
}

/// The readings of surname and rest, the likeliest first.
pub(super) fn readings(han: &[char]) -> Vec<(String, String)> {
    let at = surname(han);
    let (family, given) = (han.get(..at).unwrap_or_default(), han.get(at..).unwrap_or_default());
    let families = families(family);
    let usual = given.iter().map(|c| of(*c)).collect::<Vec<_>>();
    let mut givens = vec![usual.concat()];
    for (place, c) in given.iter().enumerate().take(4) {
        for other in others(*c).into_iter().skip(1).take(2) {
            let mut varied = usual.clone();
            if let Some(syllable) = varied.get_mut(place) {
                *syllable = other;
            }
            givens.push(varied.concat());
        }
    }
    let mut out: Vec<(String, String)> = Vec::new();
    let mut add = |family: &String, given: &String| {
        let pair = (family.clone(), given.clone());
        if out.len() < READINGS && !out.contains(&pair) {
            out.push(pair);
        }
    };
    let first = givens.first().cloned().unwrap_or_default();
    families.iter().for_each(|family| add(family, &first));
    if let Some(family) = families.first() {
        givens.iter().for_each(|given| add(family, given));
    }
    out
}

fn families(family: &[char]) -> Vec<String> {
    let text: String = family.iter().collect();
    if let Some((_, reading)) = COMPOUND.iter().find(|(name, reading)| *name == text && !reading.is_empty()) {
        return vec![(*reading).to_owned()];
    }
    let [one] = family else { return vec![family.iter().map(|c| of(*c)).collect()] };
    let own = SURNAMES.iter().find(|(name, _)| name == one).map(|(_, reading)| (*reading).to_owned());
    let mut out: Vec<String> = own.into_iter().chain(others(*one)).collect();
    let mut seen = Vec::new();
    out.retain(|reading| {
        !seen.contains(reading) && {
            seen.push(reading.clone());
            true
        }
    });
    out.truncate(3);
    out
}

/// The usual reading of one character, or the character.
fn of(c: char) -> String {
    c.to_pinyin().map_or_else(|| c.to_string(), |reading| plain(reading.plain()))
}

/// Every reading of a character, the usual one first.
fn others(c: char) -> Vec<String> {
    let mut out = vec![of(c)];
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        let reading = plain(reading.plain());
        if !out.contains(&reading) {
            out.push(reading);
        }
    }
    out
}

fn plain(syllable: &str) -> String {
    syllable.replace(['ü', 'v'], "u")
}

/// Whether a text is of pinyin syllables with `v` for `ü`; then as [`readings`] would write it.
pub(super) fn without_v(latin: &str) -> String {
    latin.replace("lv", "lu").replace("nv", "nu")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surnames_are_read_in_their_own_way_and_in_the_common_one() {
        for (name, reading) in [
            ("单雄信", "shanxiongxin"),
            ("单雄信", "danxiongxin"),
            ("尉迟恭", "yuchigong"),
            ("万俟卨", "moqixie"),
            ("吕布", "lubu"),
            ("曾国藩", "zengguofan"),
            ("区小明", "ouxiaoming"),
            ("王乐", "wangle"),
            ("王乐", "wangyue"),
        ] {
            let han: Vec<char> = name.chars().collect();
            let all: Vec<String> = readings(&han).into_iter().map(|(a, b)| a + &b).collect();
            assert!(all.len() <= READINGS && all.iter().any(|r| r == reading), "{name}: {all:?}");
        }
    }
}

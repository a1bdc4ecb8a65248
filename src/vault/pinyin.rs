//! Chinese names as people type them in Latin letters: in full, by initials, and in mixtures of both.
//!
//! **Invariant:** every way of typing a run that [`typed`] accepts begins a word of [`words`] or, by [`initials`], leads
//! to one; what a run is read as depends on the run alone.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};

/// Characters of one run that are read; what follows is found by its beginning only.
const RUN: usize = 16;
/// The longest text that is taken for a mixture, in letters.
const TYPED: usize = 40;
/// What stands before initials in the index, so that they are not walked past by whoever types a word: no word has it.
pub const INITIALS: char = '*';
/// The most initials that one text may stand for.
pub const MOST_INITIALS: usize = 12;
/// Readings that a dictionary of single characters does not give: surnames of two characters.
const SURNAMES: [([char; 2], [&str; 2]); 2] = [(['万', '俟'], ["mo", "qi"]), (['尉', '迟'], ["yu", "chi"])];

/// Every syllable, as it is typed.
static SYLLABLES: LazyLock<BTreeSet<Reading>> =
    LazyLock::new(|| ('\u{4E00}'..='\u{9FA5}').flat_map(|c| of_character(c, Which::Every)).collect());

/// A syllable as it is typed.
type Reading = Cow<'static, str>;

/// Which readings of a character count.
#[derive(Clone, Copy)]
enum Which {
    /// All that a dictionary has.
    Every,
    /// The common one.
    Common,
}

/// How a character is typed, in alphabetical order: `ü` as `v` or `u`.
fn of_character(c: char, which: Which) -> Vec<Reading> {
    let mut out = Vec::new();
    let mut take = |read: &'static str| match read.contains('ü') {
        true => out.extend(["v", "u"].map(|letter| Reading::Owned(read.replace('ü', letter)))),
        false => out.push(Reading::Borrowed(read)),
    };
    match which {
        Which::Every => c.to_pinyin_multi().into_iter().flatten().for_each(|read| take(read.plain())),
        Which::Common => c.to_pinyin().into_iter().for_each(|read| take(read.plain())),
    }
    sorted(out)
}

fn sorted(mut readings: Vec<Reading>) -> Vec<Reading> {
    readings.sort_unstable();
    readings.dedup();
    readings
}

/// The readings of each character. The first has all of its own, since surnames often have one that is rare elsewhere.
fn readings(run: &[char]) -> Vec<Vec<Reading>> {
    let surname = SURNAMES.iter().find(|(surname, _)| run.starts_with(surname));
    let of = |(at, c): (usize, &char)| {
        let mut readings = of_character(*c, if at == 0 { Which::Every } else { Which::Common });
        readings.extend(surname.and_then(|(_, read)| read.get(at)).map(|read| Reading::Borrowed(read)));
        sorted(readings)
    };
    run.iter().take(RUN).enumerate().map(of).filter(|readings| !readings.is_empty()).collect()
}

/// The words by which a run is found: full pinyin and marked initials for each reading of its surname, and the pinyin of
/// what follows the first character.
pub fn words(run: &[char], out: &mut BTreeSet<String>) {
    let readings = readings(run);
    let mut ways = vec![(String::new(), String::new())];
    for of in &readings {
        let onward = |(full, first): &(String, String)| {
            let (full, first) = (full.clone(), first.clone());
            let with = move |reading: &Reading| {
                (format!("{full}{reading}"), format!("{first}{}", reading.get(..1).unwrap_or_default()))
            };
            of.iter().map(with).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(onward).take(MOST_INITIALS).collect();
    }
    for (full, first) in ways {
        if readings.len() > 1 {
            out.insert(format!("{INITIALS}{first}"));
        }
        if !full.is_empty() {
            out.insert(full);
        }
    }
    if readings.len() > 2 {
        out.insert(readings.iter().skip(1).filter_map(|of| of.first()).map(Reading::as_ref).collect());
    }
}

/// The marked initials that a text of full syllables and initials in any mixture stands for; none where it is no mixture.
pub fn initials(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    if (2..=TYPED).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase()) {
        split(text, &mut String::new(), &mut out);
    }
    out.into_iter().filter(|initials| initials.len() > 1).map(|initials| format!("{INITIALS}{initials}")).collect()
}

fn split(text: &str, before: &mut String, out: &mut BTreeSet<String>) {
    if out.len() >= MOST_INITIALS || before.len() >= RUN {
        return;
    }
    let Some(first) = text.chars().next() else {
        out.insert(before.clone());
        return;
    };
    before.push(first);
    for len in (1..=text.len().min(6)).rev() {
        let Some((piece, rest)) = text.split_at_checked(len) else { continue };
        let goes_on = || SYLLABLES.range::<str, _>((Bound::Included(piece), Bound::Unbounded)).next();
        let is_last_part = rest.is_empty() && goes_on().is_some_and(|syllable| syllable.starts_with(piece));
        if is_last_part || SYLLABLES.contains(piece) || is_initial(piece) {
            split(rest, before, out);
        }
    }
    before.pop();
}

fn is_initial(piece: &str) -> bool {
    matches!(piece, "zh" | "ch" | "sh") || (piece.len() == 1 && !matches!(piece, "i" | "u" | "v"))
}

/// Whether a run may be typed so: each character by a reading or its initial, from the first character on, the last one
/// perhaps not to its end.
pub fn typed(run: &[char], text: &str) -> bool {
    begins(&readings(run), text)
}

fn begins(readings: &[Vec<Reading>], text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let Some((first, rest)) = readings.split_first() else { return false };
    first.iter().any(|reading| {
        let whole = text.strip_prefix(reading.as_ref());
        let initial = ["zh", "ch", "sh"].iter().find(|initial| reading.starts_with(*initial));
        let two = initial.and_then(|initial| text.strip_prefix(initial));
        let one = reading.get(..1).and_then(|letter| text.strip_prefix(letter));
        reading.starts_with(text) || [whole, two, one].into_iter().flatten().any(|text| begins(rest, text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str) -> Vec<char> {
        name.chars().collect()
    }

    fn check(name: &str, text: &str, found: bool) {
        let mut known = BTreeSet::new();
        words(&run(name), &mut known);
        let begun = |text: &str| known.range(text.to_owned()..).next().is_some_and(|word| word.starts_with(text));
        let led = initials(text).iter().any(|initials| begun(initials)) && typed(&run(name), text);
        assert_eq!(begun(text) || led, found, "{name} by {text}");
    }

    #[test]
    fn a_name_is_found_in_full_by_initials_and_in_mixtures() {
        for text in
            ["zhangsanfeng", "zhangsan", "zsf", "zs", "zhangsf", "zhangsanf", "zsanfeng", "zhsf", "zsanf", "sanfeng"]
        {
            check("张三丰", text, true);
        }
        for text in ["zhangf", "zsx", "zhangsanfengx", "lisf", "angsf"] {
            check("张三丰", text, false);
        }
    }

    #[test]
    fn surnames_with_a_reading_of_their_own_are_found_by_it_and_by_the_common_one() {
        for (name, own, common) in [
            ("单雄信", "shan", "dan"),
            ("解晓东", "xie", "jie"),
            ("曾国藩", "zeng", "ceng"),
            ("仇英", "qiu", "chou"),
            ("区大相", "ou", "qu"),
            ("查良镛", "zha", "cha"),
            ("尉迟恭", "yuchi", "wei"),
            ("万俟卨", "moqi", "wan"),
            ("吕布", "lv", "lu"),
        ] {
            check(name, own, true);
            check(name, common, true);
        }
        check("尉迟恭", "yuchig", true);
        check("万俟卨", "mqx", true);
    }

    #[test]
    fn what_is_no_mixture_stands_for_no_initials() {
        for text in ["", "l", "li", "o'neill", "abc1", "李", "iii", &"z".repeat(TYPED + 1)] {
            assert_eq!(initials(text), BTreeSet::new(), "{text}");
        }
        assert!(initials(&"zhangshang".repeat(4)).len() <= MOST_INITIALS);
    }
}

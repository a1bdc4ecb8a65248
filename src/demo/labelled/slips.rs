//! What somebody else would have typed for the same customer.
//!
//! **Invariant:** a copy keeps a way to reach the customer or a number that names them, as the module's head says.

use super::super::dice::Dice;
use super::super::names_world::plain;
use super::super::names_zh::{latin_of, spelt};
use super::Sheet;

/// Characters of given names that are read alike and confused by whoever types what they hear.
const ALIKE: &[&str] = &[
    "伟玮炜",
    "芳方",
    "丽莉俐",
    "静婧靖",
    "杰洁捷",
    "磊蕾",
    "勇永咏",
    "艳燕彦",
    "军君钧",
    "平萍",
    "明铭鸣",
    "华桦",
    "玉钰",
    "文雯",
    "晓小筱",
    "红虹宏鸿",
    "志智致",
    "建健剑",
    "梅玫",
    "兰岚",
    "英瑛",
    "云芸",
    "辉晖",
    "慧惠",
    "峰锋枫",
    "东冬",
    "林琳霖",
    "涛韬",
    "浩皓昊",
    "宇雨羽",
    "轩萱",
    "子梓紫",
    "欣心鑫馨",
    "怡宜仪",
    "佳嘉家",
    "琪祺",
    "涵晗",
    "一依伊",
    "梦孟",
    "曦熙希",
    "晨辰",
    "清青",
    "瑾锦",
    "强墙",
    "国囯",
    "敏皿",
    "娟捐",
    "霞侠",
    "波播",
    "刚钢",
    "斌彬",
    "亮靓",
    "超",
    "鹏朋",
    "凯楷",
    "宁凝",
    "毅义",
    "龙隆",
    "庆",
    "思斯",
    "诗施",
    "悦月",
    "安",
    "雅",
];
/// Characters that look alike.
const LOOK_ALIKE: &[(char, char)] = &[
    ('未', '末'),
    ('王', '玉'),
    ('晴', '睛'),
    ('春', '舂'),
    ('天', '夫'),
    ('子', '于'),
    ('大', '太'),
    ('人', '入'),
    ('千', '干'),
    ('萍', '苹'),
    ('秀', '季'),
    ('明', '朋'),
    ('林', '材'),
    ('伟', '侍'),
    ('建', '健'),
    ('兰', '三'),
];

/// The customer as somebody else typed them.
pub(super) fn copy(dice: &mut Dice, sheet: &Sheet) -> Sheet {
    let mut out = sheet.clone();
    out.name = name(dice, sheet);
    out.mobile = phone(dice, &sheet.mobile);
    out.phone = phone(dice, &sheet.phone);
    out.email = email(dice, &sheet.email);
    out.address = address(dice, &sheet.address);
    lose(dice, &mut out.chat_id, 320);
    company(dice, &mut out.company);
    lose(dice, &mut out.gender, 300);
    if dice.chance(8) {
        out.gender = match sheet.gender.as_str() {
            "女" => "男".into(),
            "男" => "女".into(),
            other => other.to_owned(),
        };
    }
    lose(dice, &mut out.birthday, 350);
    lose(dice, &mut out.date_of_birth, 300);
    if dice.chance(60) {
        out.date_of_birth = day_slip(dice, &out.date_of_birth);
    }
    lose(dice, &mut out.resident_id, 350);
    if dice.chance(60) {
        out.resident_id = digit_slip(dice, &out.resident_id);
    }
    let reached = [
        (&out.mobile, &sheet.mobile),
        (&out.phone, &sheet.phone),
        (&out.email, &sheet.email),
        (&out.chat_id, &sheet.chat_id),
        (&out.address, &sheet.address),
        (&out.resident_id, &sheet.resident_id),
    ];
    // One that was replaced does not count.
    if reached.iter().all(|(now, before)| now.is_empty() || before.is_empty() || !shares(now, before)) {
        out = Sheet { name: out.name, ..sheet.clone() };
    }
    out
}

/// Whether nearly all letters stand in the same order.
fn shares(now: &str, before: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<Vec<char>>();
    let (now, before) = (plain(now), plain(before));
    let mut rest = before.iter();
    let same = now.iter().filter(|c| rest.clone().any(|b| b == *c) && rest.any(|b| b == *c)).count();
    same * 10 >= now.len().min(before.len()) * 9 && now.len() * 3 >= before.len()
}

fn lose(dice: &mut Dice, cell: &mut String, per_thousand: u32) {
    if dice.chance(per_thousand) {
        cell.clear();
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}' | '·'))
}

fn name(dice: &mut Dice, sheet: &Sheet) -> String {
    let name = &sheet.name;
    match () {
        () if sheet.firm => match dice.below(10) {
            0..4 => name.clone(),
            4..8 => ["股份有限公司", "有限公司"].iter().fold(name.clone(), |n, form| n.replace(form, "")),
            8 => name.replace('业', "叶").replace('食', "实"),
            _ => format!(" {name}　"),
        },
        () if is_chinese(name) && !spelt(name).0.is_empty() => chinese_name(dice, name),
        () => other_name(dice, name),
    }
}

fn chinese_name(dice: &mut Dice, name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let (family, given) = spelt(name);
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    match dice.below(100) {
        0..38 => name.to_owned(),
        38..46 => format!("{} {}", capital(&family), capital(&given)),
        46..54 => format!("{} {}", capital(&given), capital(&family)),
        54..57 => format!("{}, {}", family.to_uppercase(), capital(&given)),
        57..60 => format!("{family}{given}"),
        60..72 => heard(dice, &chars),
        72..76 => chars.iter().map(char::to_string).collect::<Vec<_>>().join("　"),
        76..81 => {
            let at = chars.len() - spelt_given(name);
            let (family, given) = chars.split_at(at.min(chars.len()));
            format!("{}{}", given.iter().collect::<String>(), family.iter().collect::<String>())
        }
        81..85 if chars.len() > 2 => {
            let mut swapped = chars.clone();
            swapped.swap(chars.len() - 2, chars.len() - 1);
            swapped.iter().collect()
        }
        85..87 => seen(&chars),
        87..89 => format!("{}{}", chars.first().copied().unwrap_or_default(), dice.pick(&["女士", "先生", "老师"])),
        89..94 => slip(dice, &format!("{} {}", capital(&family), capital(&given))),
        _ => format!("{name} "),
    }
}

/// How many characters the given name has.
fn spelt_given(name: &str) -> usize {
    let chars = name.chars().count();
    let compound = ["欧阳", "上官", "司马", "诸葛", "尉迟", "万俟", "司徒", "皇甫", "慕容", "令狐", "长孙"];
    chars - if chars > 2 && compound.iter().any(|c| name.starts_with(c)) { 2 } else { 1 }
}

/// One character of the given name as it may be written by ear.
fn heard(dice: &mut Dice, chars: &[char]) -> String {
    let mut out = chars.to_vec();
    for place in (1..chars.len()).rev() {
        let group = ALIKE.iter().find(|group| chars.get(place).is_some_and(|c| group.contains(*c)));
        let others: Vec<char> =
            group.into_iter().flat_map(|g| g.chars()).filter(|c| Some(c) != chars.get(place)).collect();
        if !others.is_empty() {
            if let Some(cell) = out.get_mut(place) {
                *cell = dice.pick(&others);
            }
            break;
        }
    }
    out.iter().collect()
}

/// One character of the given name as it may be read from paper.
fn seen(chars: &[char]) -> String {
    let mut out = chars.to_vec();
    let pair = |c: char| LOOK_ALIKE.iter().find_map(|(a, b)| if *a == c { Some(*b) } else { (*b == c).then_some(*a) });
    for cell in out.iter_mut().skip(1) {
        if let Some(other) = pair(*cell) {
            *cell = other;
            break;
        }
    }
    out.iter().collect()
}

fn other_name(dice: &mut Dice, name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let (first, last) = (words.first().copied().unwrap_or_default(), words.last().copied().unwrap_or_default());
    let middle = words.get(1..words.len().saturating_sub(1)).unwrap_or_default().join(" ");
    match dice.below(100) {
        0..34 => name.to_owned(),
        34..46 if words.len() > 1 => format!("{last}, {first} {middle}").trim_end().to_owned(),
        46..54 if words.len() > 1 => format!("{last} {first}"),
        54..60 => name.to_uppercase(),
        60..66 => format!("{first} {last}"),
        66..69 if words.len() > 1 => format!("{}. {last}", first.chars().next().unwrap_or_default()),
        69..74 => {
            let bare: Vec<String> = words.iter().map(|word| plain(word)).collect();
            if bare.iter().any(String::is_empty) { name.to_owned() } else { bare.join(" ") }
        }
        74..77 => format!("{} {name}", dice.pick(&["Mr", "Ms", "Dr."])),
        77..95 => slip(dice, name),
        _ => slip(dice, &slip_free(name)),
    }
}

fn slip_free(name: &str) -> String {
    name.replace(". ", " ")
}

/// A slip of the fingers: a letter left out, doubled, replaced, or two of them swapped.
fn slip(dice: &mut Dice, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let end = u32::try_from(chars.len().saturating_sub(1)).unwrap_or_default();
    let place = dice.between(1, end.max(1)) as usize;
    if chars.len() < 4 || place >= chars.len() || chars.get(place) == Some(&' ') {
        return text.to_owned();
    }
    match dice.below(4) {
        0 => {
            chars.remove(place);
        }
        1 => {
            let c = chars.get(place).copied().unwrap_or_default();
            chars.insert(place, c);
        }
        2 if chars.get(place).is_some_and(char::is_ascii) => {
            if let (Some(c), Some(letter)) = (chars.get_mut(place), char::from_digit(10 + dice.below(26), 36)) {
                *c = letter;
            }
        }
        _ => chars.swap(place - 1, place),
    }
    chars.into_iter().collect()
}

/// A slip with digits: one replaced, or two neighbours swapped. The first three stay.
fn digit_slip(dice: &mut Dice, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let digits: Vec<usize> =
        chars.iter().enumerate().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).skip(3).collect();
    let Some(last) = digits.len().checked_sub(2) else { return text.to_owned() };
    let at = dice.below(u32::try_from(last).unwrap_or_default() + 1) as usize;
    let (Some(place), Some(next)) = (digits.get(at), digits.get(at + 1)) else { return text.to_owned() };
    if dice.chance(500) && chars.get(*place) != chars.get(*next) {
        chars.swap(*place, *next);
    } else if let Some(c) = chars.get_mut(*place) {
        let old = c.to_digit(10).unwrap_or_default();
        *c = char::from_digit((old + dice.between(1, 9)) % 10, 10).unwrap_or('0');
    }
    chars.into_iter().collect()
}

/// In the forms that come from an input method left on.
fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c })
        .collect()
}

fn phone(dice: &mut Dice, number: &str) -> String {
    if number.is_empty() {
        return String::new();
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let mobile = digits.len() == 11 && digits.starts_with('1');
    match dice.below(100) {
        0..36 => number.to_owned(),
        36..50 => String::new(),
        50..62 => digit_slip(dice, number),
        62..69 => {
            let mut other = number.get(..number.len().saturating_sub(7)).unwrap_or("139").to_owned();
            dice.digits(&mut other, 7);
            other
        }
        69..77 if mobile => format!("+86 {digits}"),
        77..84 if mobile => {
            let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
            format!("{}-{}-{}", part(0, 3), part(3, 7), part(7, 11))
        }
        84..92 => full_width(number),
        _ => number.replace([' ', '-'], ""),
    }
}

fn email(dice: &mut Dice, email: &str) -> String {
    let Some((local, domain)) = email.split_once('@') else { return String::new() };
    match dice.below(100) {
        0..48 => email.to_owned(),
        48..72 => String::new(),
        72..80 => email.to_uppercase(),
        80..88 => format!("{}@{domain}", slip(dice, local)),
        88..92 => format!("{local}@example.{}", dice.pick(&["com", "net", "org"])),
        92..95 => format!("{local}@{domain}").replace("example", "exmaple"),
        _ => format!("{}{}@example.net", dice.pick(&["tea", "blue", "sunny", "office", "me"]), dice.between(100, 9999)),
    }
}

fn address(dice: &mut Dice, address: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    let chinese = address.chars().any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
    match dice.below(100) {
        0..32 => address.to_owned(),
        32..56 => String::new(),
        56..66 => full_width(address),
        66..78 if chinese => {
            // Without the province, and perhaps without the last word.
            let cut = address.find('省').map_or(0, |at| at + '省'.len_utf8());
            address.get(cut..).unwrap_or(address).trim_end_matches('室').to_owned()
        }
        66..78 => address.replace(',', "").replace("Road", "Rd").replace("Street", "St").replace("Ave", "Avenue"),
        78..84 if chinese => address.split_once('号').map_or(address, |(head, _)| head).to_owned() + "号",
        78..84 => address.rsplit_once(", ").map_or(address, |(head, _)| head).to_owned(),
        84..90 => digit_slip(dice, address),
        90..96 => {
            let number = dice.between(2, 900);
            if chinese {
                format!("上海市徐汇区天平路{number}号{}室", dice.between(101, 1808))
            } else {
                format!("{number} Newfield Way, Halston HX4 {}QP", dice.between(1, 9))
            }
        }
        _ => address.replace([' ', ','], if chinese { "" } else { " " }),
    }
}

fn company(dice: &mut Dice, company: &mut String) {
    match dice.below(10) {
        0..3 => company.clear(),
        3..5 => {
            *company = ["股份有限公司", "有限公司", " Ltd", " LLC", " Inc."]
                .iter()
                .fold(company.clone(), |name, form| name.replace(form, ""))
        }
        _ => {}
    }
}

/// Day and month swapped, or a digit mistyped.
fn day_slip(dice: &mut Dice, date: &str) -> String {
    let parts: Vec<&str> = date.split('-').collect();
    match parts.as_slice() {
        [year, month, day] if day.parse::<u32>().is_ok_and(|day| day <= 12) && dice.chance(500) => {
            format!("{year}-{day}-{month}")
        }
        [year, month, day] => {
            let day: u32 = day.parse().unwrap_or(1);
            format!("{year}-{month}-{:02}", if day % 10 == 8 { day - 1 } else { day + 1 })
        }
        _ => date.to_owned(),
    }
}

/// The letters of a whole name, as an address of a mailbox has them.
pub(super) fn letters(name: &str) -> String {
    if is_chinese(name) { latin_of(name) } else { plain(name) }
}

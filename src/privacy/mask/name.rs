//! Masks of persons' names.
//!
//! **Invariant:** of a Chinese name the surname is shown, of each word of another name the first letter, and nothing
//! of a word that has one letter only.

use super::stars;

/// Surnames of two characters that are in use.
const COMPOUND: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空", "宇文",
    "长孙", "端木", "轩辕", "独孤", "南宫", "百里", "西门", "东郭", "呼延", "鲜于", "闻人", "澹台", "公冶", "宗政",
    "濮阳", "淳于", "单于", "太叔", "申屠", "公羊", "仲孙", "钟离", "第五", "梁丘", "左丘", "东门", "南门", "公西",
    "赫连", "万俟", "完颜", "拓跋", "耶律", "纳兰", "叶赫", "爱新", "宰父", "谷梁", "微生", "亓官", "司寇", "巫马",
    "子车", "颛孙", "漆雕", "乐正", "壤驷", "公良", "夹谷", "段干", "羊舌", "歐陽", "司馬", "諸葛", "東方", "長孫",
    "軒轅", "獨孤", "南宮", "聞人", "鮮于", "鍾離", "赫連", "納蘭",
];

/// More than this is no person's name, and its length would say too much.
const LONGEST: usize = 64;

/// Surname, or first letters in other scripts: `张*`, `欧阳**`, `J*** S****`. Words in other scripts have three stars if
/// they come first and four if later, whatever their length.
pub(super) fn name(value: &str) -> Option<String> {
    let letters: Vec<char> = value.chars().filter(|c| !c.is_whitespace()).collect();
    if letters.len() < 2 || letters.len() > LONGEST {
        return None;
    }
    if letters.iter().all(|c| is_cjk(*c)) {
        return Some(east_asian(&letters));
    }
    if letters.len() < 3 {
        return None;
    }
    let mut out = String::new();
    let mut at_start = true;
    let mut shown = 0;
    for word in value.split(is_gap).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(if value.contains(['·', '•', '・']) { '·' } else { ' ' });
        }
        let mut chars = word.chars().filter(|c| c.is_alphanumeric());
        if let (Some(first), Some(_)) = (chars.next(), chars.next()) {
            out.push(first);
            shown += 1;
        }
        out.push_str(if at_start { "***" } else { "****" });
        at_start = false;
    }
    (shown > 0).then_some(out)
}

fn east_asian(letters: &[char]) -> String {
    let head: String = letters.iter().take(2).collect();
    let surname = if letters.len() > 2 && COMPOUND.contains(&head.as_str()) { 2 } else { 1 };
    let shown: String = letters.iter().take(surname).collect();
    format!("{shown}{}", stars(letters.len() - surname))
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '·' | '•' | '・')
}

fn is_cjk(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF | 0xAC00..=0xD7A3)
}

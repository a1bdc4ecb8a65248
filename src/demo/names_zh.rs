//! Chinese names: surnames by how frequent they are, rare and compound ones among them, and given names by
//! generation.
//!
//! **Invariant:** the lists are of single surnames and given names; no whole name of a real person is stored.

use pinyin::ToPinyin;

use super::dice::Dice;
use super::person::{Gender, Spoken};

/// Surnames with their pinyin and how many of ten thousand people bear them, from the ministry of public security's
/// yearly reports, rounded; the rare ones are weighted up so that a small vault has some.
const SURNAMES: &[(u32, (&str, &str))] = &[
    (718, ("王", "wang")),
    (707, ("李", "li")),
    (662, ("张", "zhang")),
    (519, ("刘", "liu")),
    (443, ("陈", "chen")),
    (299, ("杨", "yang")),
    (217, ("黄", "huang")),
    (202, ("赵", "zhao")),
    (195, ("吴", "wu")),
    (192, ("周", "zhou")),
    (153, ("徐", "xu")),
    (148, ("孙", "sun")),
    (141, ("马", "ma")),
    (135, ("朱", "zhu")),
    (130, ("胡", "hu")),
    (122, ("郭", "guo")),
    (118, ("何", "he")),
    (116, ("林", "lin")),
    (112, ("罗", "luo")),
    (110, ("高", "gao")),
    (100, ("郑", "zheng")),
    (94, ("梁", "liang")),
    (86, ("谢", "xie")),
    (82, ("宋", "song")),
    (80, ("唐", "tang")),
    (79, ("许", "xu")),
    (77, ("韩", "han")),
    (74, ("邓", "deng")),
    (72, ("冯", "feng")),
    (71, ("曹", "cao")),
    (68, ("彭", "peng")),
    (65, ("曾", "zeng")),
    (62, ("肖", "xiao")),
    (61, ("田", "tian")),
    (60, ("董", "dong")),
    (58, ("潘", "pan")),
    (57, ("袁", "yuan")),
    (55, ("蔡", "cai")),
    (54, ("蒋", "jiang")),
    (52, ("余", "yu")),
    (50, ("于", "yu")),
    (49, ("杜", "du")),
    (48, ("叶", "ye")),
    (47, ("程", "cheng")),
    (46, ("魏", "wei")),
    (45, ("苏", "su")),
    (44, ("吕", "lv")),
    (43, ("丁", "ding")),
    (42, ("任", "ren")),
    (41, ("卢", "lu")),
    (40, ("姚", "yao")),
    (39, ("沈", "shen")),
    (38, ("钟", "zhong")),
    (37, ("姜", "jiang")),
    (36, ("崔", "cui")),
    (35, ("谭", "tan")),
    (34, ("陆", "lu")),
    (33, ("范", "fan")),
    (32, ("汪", "wang")),
    (31, ("廖", "liao")),
    (30, ("石", "shi")),
    (29, ("金", "jin")),
    (28, ("韦", "wei")),
    (27, ("贾", "jia")),
    (26, ("夏", "xia")),
    (25, ("付", "fu")),
    (24, ("方", "fang")),
    (23, ("邹", "zou")),
    (22, ("熊", "xiong")),
    (21, ("白", "bai")),
    (20, ("孟", "meng")),
    (19, ("秦", "qin")),
    (18, ("邱", "qiu")),
    (17, ("侯", "hou")),
    (16, ("江", "jiang")),
    (15, ("尹", "yin")),
    (14, ("薛", "xue")),
    (14, ("闫", "yan")),
    (13, ("段", "duan")),
    (13, ("雷", "lei")),
    (12, ("龙", "long")),
    (12, ("黎", "li")),
    (11, ("史", "shi")),
    (11, ("陶", "tao")),
    (10, ("贺", "he")),
    (10, ("毛", "mao")),
    (10, ("郝", "hao")),
    (10, ("顾", "gu")),
    (9, ("龚", "gong")),
    (9, ("邵", "shao")),
    (9, ("万", "wan")),
    (9, ("覃", "qin")),
    (8, ("武", "wu")),
    (8, ("钱", "qian")),
    (8, ("戴", "dai")),
    (8, ("严", "yan")),
    (8, ("莫", "mo")),
    (8, ("孔", "kong")),
    (7, ("向", "xiang")),
    (7, ("常", "chang")),
    (14, ("单", "shan")),
    (14, ("解", "xie")),
    (12, ("仇", "qiu")),
    (12, ("区", "ou")),
    (12, ("查", "zha")),
    (10, ("盖", "ge")),
    (10, ("朴", "piao")),
    (10, ("缪", "miao")),
    (8, ("冼", "xian")),
    (8, ("谌", "chen")),
    (8, ("乐", "yue")),
    (8, ("宓", "mi")),
    (6, ("种", "chong")),
    (6, ("员", "yun")),
    (30, ("欧阳", "ouyang")),
    (14, ("上官", "shangguan")),
    (12, ("司马", "sima")),
    (10, ("诸葛", "zhuge")),
    (10, ("尉迟", "yuchi")),
    (10, ("万俟", "moqi")),
    (10, ("司徒", "situ")),
    (8, ("皇甫", "huangfu")),
    (8, ("慕容", "murong")),
    (6, ("令狐", "linghu")),
    (6, ("长孙", "zhangsun")),
];

const OLD_F: &[&str] = &[
    "秀英", "桂英", "秀兰", "玉兰", "桂兰", "秀珍", "凤英", "玉珍", "玉英", "兰英", "桂珍", "淑珍", "秀云", "桂芳",
    "丽华", "淑芬", "美兰", "春梅", "金凤", "月娥", "爱华", "素琴", "翠莲", "惠芳", "佩芬",
];
const OLD_M: &[&str] = &[
    "建国", "建华", "志强", "国强", "德明", "玉林", "文革", "福生", "卫东", "建军", "国庆", "永福", "长江", "振华",
    "树林", "玉山", "跃进", "援朝", "守义", "家宝", "光荣", "大伟", "庆林", "保国", "忠诚",
];
const MID_F: &[&str] = &[
    "丽", "芳", "敏", "静", "娟", "艳", "燕", "霞", "红梅", "晓燕", "丽娟", "雪梅", "海燕", "婷婷", "玲", "慧", "倩",
    "莉", "琳", "洁", "颖", "丹", "蓉", "晓红", "丽萍", "文娟", "志红", "亚男", "春燕", "小红", "雅琴", "秋菊", "蕾",
    "薇", "岚", "琼", "瑛", "嘉怡", "佳", "欣", "媛媛", "晶晶",
];
const MID_M: &[&str] = &[
    "伟", "强", "磊", "军", "勇", "涛", "杰", "超", "鹏", "波", "辉", "刚", "斌", "浩", "亮", "明", "健", "俊杰",
    "志伟", "建平", "海涛", "文斌", "晓东", "志勇", "国栋", "少华", "永强", "凯", "峰", "宁", "毅", "昊", "龙", "鑫",
    "庆", "旭东", "立新", "一鸣", "文博", "家伟", "振宇", "向阳", "继东",
];
const NEW_F: &[&str] = &[
    "梓涵", "欣怡", "诗涵", "雨桐", "可馨", "思琪", "佳怡", "雨欣", "梦瑶", "紫涵", "语嫣", "若曦", "一诺", "子萱",
    "晨曦", "雅静", "婧", "悦", "乐怡", "芷若", "书瑶", "沐晴", "思远", "安琪", "清妍", "知夏", "念慈", "晚晴", "朵朵",
    "依诺", "瑾萱", "静姝",
];
const NEW_M: &[&str] = &[
    "子轩", "浩然", "宇轩", "子涵", "俊熙", "博文", "皓轩", "梓豪", "天佑", "泽宇", "奕辰", "嘉懿", "宇航", "思源",
    "铭", "睿", "子墨", "景行", "云帆", "承志", "逸飞", "明远", "知远", "乐天", "弘毅", "亦凡", "正豪", "星辰", "沐阳",
    "一帆", "鸿煊", "砚",
];

const FIRST: &[&str] = &[
    "文", "晓", "志", "雅", "家", "海", "玉", "春", "思", "佳", "明", "永", "国", "立", "小", "天", "子", "雨", "若",
    "景", "嘉", "承", "书", "云", "清", "友", "冬", "广", "新", "月", "行", "重", "庆", "怀", "仲", "乃", "以", "启",
];
const LAST_F: &[&str] = &[
    "萍", "芬", "娜", "雯", "琪", "莹", "兰", "梅", "蓓", "珊", "怡", "霞", "君", "虹", "瑶", "岚", "菲", "宜", "卉",
    "英", "茹", "澜", "仪", "蕊", "琴", "云", "湄", "溪",
];
const LAST_M: &[&str] = &[
    "平", "东", "林", "生", "华", "成", "飞", "民", "才", "武", "恒", "达", "安", "朝", "舟", "川", "谦", "岩", "晟",
    "义", "彬", "诚", "翔", "森", "远", "彦", "乐", "柏",
];

/// Names as in Xinjiang, Tibet and Inner Mongolia, where a family name does not come first.
const OTHERS: &[(&str, &str, Gender)] = &[
    ("古丽娜尔·艾合买提", "gulnar", Gender::Female),
    ("阿依努尔·吐尔逊", "aynur", Gender::Female),
    ("买买提·依明", "memet", Gender::Male),
    ("艾力·卡德尔", "eli", Gender::Male),
    ("扎西·多吉", "tashi", Gender::Male),
    ("卓玛·央金", "dolma", Gender::Female),
    ("巴图·苏和", "batu", Gender::Male),
    ("其木格·乌日娜", "qimuge", Gender::Female),
];

/// A made-up name of somebody born in `year`.
pub(super) fn name(dice: &mut Dice, gender: Gender, year: u32) -> Spoken {
    if dice.chance(6) {
        let (name, latin, _) = dice.apart(OTHERS, 0);
        return Spoken { name: name.to_owned(), first: latin.to_owned(), last: String::new() };
    }
    let (surname, latin) = dice.weighted(SURNAMES);
    let composed = dice.chance(450);
    let mut name = String::with_capacity(12);
    name.push_str(surname);
    let given_at = name.len();
    if composed {
        name.push_str(dice.apart(FIRST, 0));
        name.push_str(dice.pick(if gender == Gender::Female { LAST_F } else { LAST_M }));
    } else {
        let list = match (gender, year) {
            (Gender::Female, ..1970) => OLD_F,
            (Gender::Male, ..1970) => OLD_M,
            (Gender::Female, 1970..1997) => MID_F,
            (Gender::Male, 1970..1997) => MID_M,
            (Gender::Female, _) => NEW_F,
            (Gender::Male, _) => NEW_M,
        };
        name.push_str(dice.apart(list, 0));
    }
    let first = latin_of(name.get(given_at..).unwrap_or_default());
    Spoken { name, first, last: latin.to_owned() }
}

/// Text in pinyin without tones, as people spell their names in addresses.
pub(super) fn latin_of(text: &str) -> String {
    text.to_pinyin().flatten().map(|syllable| syllable.plain()).collect::<String>().replace('ü', "v")
}

/// Surname and given name in pinyin, the surname as it is read as one.
pub(super) fn spelt(name: &str) -> (String, String) {
    let known = SURNAMES.iter().map(|(_, known)| known).filter(|(surname, _)| name.starts_with(surname));
    match known.max_by_key(|(surname, _)| surname.len()) {
        Some((surname, latin)) => ((*latin).to_owned(), latin_of(name.get(surname.len()..).unwrap_or_default())),
        None => (String::new(), latin_of(name)),
    }
}

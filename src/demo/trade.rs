//! What the made-up firm sells, and to whom: tea, coffee and what one makes them with.
//!
//! **Invariant:** prices are whole yuan; other currencies are counted from them.

use super::dice::Dice;
use super::person::Origin;

/// One thing on sale: its names and about what it costs.
#[derive(Clone, Copy, Default)]
pub(super) struct Ware {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) yuan: u32,
    /// Whether it is drunk.
    pub(super) drink: bool,
}

impl Ware {
    /// Its name as people say it, without how much is in the bag.
    pub(super) fn spoken(name: &'static str) -> &'static str {
        let amount = |(at, _): &(usize, &str)| {
            name.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '×'))
        };
        name.match_indices(' ').find(amount).and_then(|(at, _)| name.get(..at)).unwrap_or(name)
    }
}

const fn ware(zh: &'static str, en: &'static str, yuan: u32) -> Ware {
    Ware { zh, en, yuan, drink: false }
}

const fn drink(zh: &'static str, en: &'static str, yuan: u32) -> Ware {
    Ware { zh, en, yuan, drink: true }
}

/// The best-selling first.
pub(super) const WARES: &[Ware] = &[
    drink("明前龙井 250克", "Longjing tea 250 g", 468),
    drink("拼配咖啡豆 1公斤", "House blend beans 1 kg", 138),
    drink("茉莉花茶礼盒", "Jasmine gift box", 198),
    ware("手冲滤杯套装", "Pour-over set", 259),
    drink("正山小种 100克", "Lapsang souchong 100 g", 168),
    ware("咖啡滤纸 200张", "Filter papers ×200", 29),
    ware("白瓷盖碗", "Porcelain gaiwan", 118),
    drink("云南小粒咖啡 500克", "Yunnan beans 500 g", 88),
    ware("电热水壶 1.5升", "Kettle 1.5 l", 329),
    drink("凤凰单丛 150克", "Phoenix oolong 150 g", 288),
    ware("磨豆机", "Burr grinder", 699),
    drink("普洱熟茶饼 357克", "Ripe pu-erh cake 357 g", 238),
    ware("紫砂壶", "Yixing teapot", 880),
    ware("冷萃壶", "Cold brew jug", 149),
    drink("铁观音 250克", "Tieguanyin 250 g", 226),
    ware("法压壶", "French press", 179),
    ware("旅行茶具", "Travel tea set", 158),
    drink("挂耳咖啡 30包", "Drip bags ×30", 99),
    drink("抹茶粉 100克", "Matcha 100 g", 128),
    ware("意式半自动咖啡机", "Espresso machine", 4680),
    ware("保温杯", "Insulated mug", 139),
    ware("除垢剂", "Descaler", 45),
    ware("竹制茶盘", "Bamboo tea tray", 368),
    ware("品茶课（双人）", "Tasting class for two", 399),
    ware("办公室咖啡机月租", "Office machine, monthly rent", 1200),
];

const TAGS_ZH: &[(u32, &str)] = &[
    (30, "老客户"),
    (24, "微信"),
    (20, "团购"),
    (16, "展会"),
    (15, "送礼"),
    (14, "爱喝绿茶"),
    (12, "咖啡"),
    (10, "VIP"),
    (9, "对价格敏感"),
    (8, "要开发票"),
    (7, "转介绍"),
    (6, "只用邮件"),
    (5, "勿在午休时打电话"),
    (4, "投诉过"),
];
const TAGS_EN: &[(u32, &str)] = &[
    (30, "regular"),
    (22, "newsletter"),
    (18, "coffee"),
    (16, "tea club"),
    (14, "trade fair"),
    (12, "gifts"),
    (10, "VIP"),
    (9, "needs invoice"),
    (8, "price-sensitive"),
    (7, "referral"),
    (6, "email only"),
    (4, "complaint"),
];
const TAGS_FIRM: &[(u32, &str)] = &[
    (20, "wholesale"),
    (18, "月结"),
    (14, "rental"),
    (12, "酒店"),
    (12, "office"),
    (10, "咖啡馆"),
    (8, "框架合同"),
    (6, "key account"),
];

/// A customer's tags, each once; many have none.
pub(super) fn tags(dice: &mut Dice, origin: Origin, firm: bool) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for _ in 0..dice.tail(520, 4) {
        let list = match (firm && dice.chance(600), origin) {
            (true, _) => TAGS_FIRM,
            (false, Origin::China) => TAGS_ZH,
            (false, _) => TAGS_EN,
        };
        let tag = dice.weighted(list);
        if tags.iter().all(|t| t != tag) {
            tags.push(tag.to_owned());
        }
    }
    tags.sort_unstable();
    tags
}

/// An amount of `yuan` in minor units of the customer's currency, rounded as prices are.
pub(super) fn minor(yuan: u32, origin: Origin) -> i64 {
    let (rate, minor) = origin.rate();
    let exact = i64::from(yuan) * rate * minor / 1000;
    let step = if minor == 100 { 50 } else { 100 };
    (exact / step).max(1) * step
}

/// An amount as people write it, with two decimals where the currency has them.
pub(super) fn written(amount: i64, origin: Origin) -> String {
    let (_, minor) = origin.rate();
    if minor == 100 { format!("{}.{:02}", amount / 100, amount % 100) } else { amount.to_string() }
}

/// What somebody likes.
pub(super) fn preferences(dice: &mut Dice, origin: Origin) -> String {
    if origin == Origin::China {
        let like = dice.pick(&[
            "喜欢清香型绿茶",
            "偏好中深烘焙",
            "只喝熟普",
            "喜欢花茶",
            "不要过度包装",
            "喜欢试新品",
            "只买有机",
            "偏好小包装",
            "喜欢白茶，不爱红茶",
            "意式拼配，偏苦",
        ]);
        let when = dice.pick(&[
            "上午联系最好",
            "晚上七点后方便",
            "先发微信再打电话",
            "周末不要打扰",
            "下午三点前送货",
            "送货放门卫",
            "",
        ]);
        if when.is_empty() { like.to_owned() } else { format!("{like}；{when}") }
    } else {
        let like = dice.pick(&[
            "Light roast, whole beans",
            "Green tea only",
            "Decaf after noon",
            "Likes to try new arrivals",
            "No plastic packaging",
            "Strong breakfast tea",
            "Fair trade only",
            "Small packs",
            "Loves oolong, dislikes smoky teas",
        ]);
        let when = dice.pick(&[
            "call before noon",
            "email first",
            "evenings are fine",
            "not on Fridays",
            "leave parcels at the desk",
            "",
        ]);
        if when.is_empty() { like.to_owned() } else { format!("{like}; {when}") }
    }
}

/// Where a customer was found.
pub(super) fn source(dice: &mut Dice, origin: Origin) -> &'static str {
    if origin == Origin::China {
        dice.weighted(&[
            (26, "官网咨询"),
            (20, "门店登记"),
            (16, "微信小程序"),
            (12, "老客户介绍"),
            (10, "广州茶博会"),
            (8, "电话来询"),
            (5, "上海咖啡展"),
            (3, "合作酒店推荐"),
        ])
    } else {
        dice.weighted(&[
            (30, "web shop"),
            (18, "newsletter form"),
            (14, "trade fair"),
            (14, "referral"),
            (12, "walk-in"),
            (8, "phone enquiry"),
            (4, "partner hotel"),
        ])
    }
}

/// An opportunity's title and its worth in yuan.
pub(super) fn opportunity(dice: &mut Dice, origin: Origin, firm: bool) -> (String, u32) {
    let (count, one) = (dice.between(2, 30) * 10, dice.skewed(WARES));
    let worth = if firm { one.yuan.min(900) * count * 7 / 10 } else { one.yuan * dice.between(1, 6) };
    let title = match (origin == Origin::China, firm) {
        (true, true) => match dice.below(6) {
            0 => format!("办公室咖啡机租赁 {} 台", count / 20 + 1),
            1 => format!("节日礼盒团购 {count} 份"),
            2 => format!("年度茶叶框架采购（{}）", dice.pick(&["上半年", "下半年", "全年"])),
            3 => format!("大堂茶歇供应 {} 场", count / 10),
            4 => format!("新店开业设备打包（{}）", one.zh),
            _ => format!("{} 批发 {count} 件", one.zh),
        },
        (true, false) => match dice.below(4) {
            0 => format!("婚礼伴手礼 {count} 份"),
            1 => "家用咖啡角整套".to_owned(),
            2 => format!("{} 复购", one.zh),
            _ => format!("长辈寿礼：{}", one.zh),
        },
        (false, true) => match dice.below(5) {
            0 => format!("Machine rental, {} sites", count / 20 + 1),
            1 => format!("Gift boxes ×{count}"),
            2 => format!("{} supply contract", dice.pick(&["Annual", "Half-year", "Trial"])),
            3 => format!("Opening kit: {}", one.en),
            _ => format!("{} ×{count}, wholesale", one.en),
        },
        (false, false) => match dice.below(3) {
            0 => format!("Wedding favours ×{count}"),
            1 => format!("Home coffee corner with {}", one.en),
            _ => format!("{}, repeat order", one.en),
        },
    };
    (title, worth)
}

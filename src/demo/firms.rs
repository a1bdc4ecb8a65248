//! Names of made-up companies.
//!
//! **Invariant:** brand, trade and form are drawn apart; a likeness to a real firm is chance.

use super::dice::Dice;
use super::names_world::plain;
use super::names_zh::latin_of;
use super::person::{Origin, Spoken};
use super::places::City;

const BRANDS: &[&str] = &[
    "云栖", "禾木", "素谷", "一叶", "青禾", "山语", "拾光", "半亩", "春野", "南枝", "知味", "满陇", "听雨", "沐风",
    "合顺", "永兴", "德润", "瑞丰", "泰和", "万通", "启明", "华信", "蓝鲸", "橙果", "北辰", "星河", "远山", "初心",
    "六合", "东篱",
];
const TRADES: &[&str] = &[
    "茶业",
    "餐饮管理",
    "酒店管理",
    "贸易",
    "文化传播",
    "信息技术",
    "物业服务",
    "咨询",
    "食品",
    "教育科技",
    "会展服务",
    "家居",
    "供应链管理",
    "广告",
    "咖啡",
    "设计",
    "物流",
    "健康管理",
];
const FORMS: &[(u32, &str)] = &[(70, "有限公司"), (12, "股份有限公司"), (10, "商行"), (8, "工作室")];

const NOUNS: &[&str] = &[
    "Harbour",
    "Copperleaf",
    "Northgate",
    "Bluebell",
    "Fieldstone",
    "Larkspur",
    "Ironbridge",
    "Silverbirch",
    "Foxglove",
    "Millstone",
    "Kestrel",
    "Juniper",
    "Redwood",
    "Halcyon",
    "Marigold",
    "Quayside",
    "Saltmarsh",
    "Thistle",
    "Winterbourne",
    "Cobalt",
    "Driftwood",
    "Pinecone",
    "Sundial",
    "Lanternhill",
];
const ENGLISH_TRADES: &[&str] = &[
    "Coffee Roasters",
    "Hotels",
    "Catering",
    "Tea Rooms",
    "Office Supply",
    "Events",
    "Foods",
    "Bakery",
    "Design",
    "Logistics",
    "Consulting",
    "Kitchens",
];

/// A company on the mainland, in a city.
pub(super) fn mainland(dice: &mut Dice, city: &City) -> Spoken {
    let place = city.name.trim_end_matches('市');
    let brand = dice.apart(BRANDS, 0);
    let name = format!("{place}{brand}{}{}", dice.pick(TRADES), dice.weighted(FORMS));
    Spoken { name, first: latin_of(brand), last: latin_of(place) }
}

/// A company elsewhere.
pub(super) fn elsewhere(dice: &mut Dice, origin: Origin, owner: &Spoken) -> Spoken {
    let (noun, trade) = (dice.apart(NOUNS, 0), dice.pick(ENGLISH_TRADES));
    let surname = owner.name.rsplit(' ').next().unwrap_or_default();
    let name = match origin {
        Origin::China | Origin::Britain => {
            format!("{noun} {trade} {}", dice.pick(&["Ltd", "Ltd", "LLP", "& Sons Ltd"]))
        }
        Origin::America => format!("{noun} {trade} {}", dice.pick(&["LLC", "Inc.", "Co."])),
        Origin::France => format!(
            "{} {surname} {}",
            dice.pick(&["Maison", "Café", "Épicerie", "Brûlerie", "Hôtel"]),
            dice.pick(&["SARL", "SAS"])
        ),
        Origin::Germany => format!(
            "{surname} {} {}",
            dice.pick(&["Kaffeerösterei", "Großhandel", "Bürobedarf", "Gastronomie", "Feinkost"]),
            dice.pick(&["GmbH", "GmbH & Co. KG", "e. K."])
        ),
        Origin::Spain => format!("{} {surname} S.L.", dice.pick(&["Tostadero", "Hotel", "Comercial", "Panadería"])),
        Origin::Arabia => format!("{} {surname}", dice.pick(&["شركة", "مؤسسة", "مقهى"])),
        Origin::Russia => {
            format!(
                "ООО «{}»",
                dice.apart(&["Чайный дом", "Северный ветер", "Берёзка", "Кофе и книги", "Лада-Торг"], 0)
            )
        }
        Origin::Vietnam => format!("Công ty TNHH {surname}"),
        Origin::Japan => format!("株式会社{}", owner.name.split(' ').next().unwrap_or_default()),
        Origin::Korea => format!("주식회사 {}", dice.apart(&["한울", "가온", "다온", "새벽", "미르"], 0)),
    };
    let first = match origin {
        Origin::China | Origin::Britain | Origin::America => plain(noun),
        _ => owner.last.clone(),
    };
    Spoken { name, first, last: plain(trade) }
}

/// The mailbox of a company.
pub(super) fn email(dice: &mut Dice, firm: &Spoken) -> String {
    let desk = dice.pick(&["info", "office", "orders", "hello", "purchasing", "reception", "accounts"]);
    let end = dice.pick(&["com", "net", "org"]);
    format!("{desk}{}@{}-{}.example.{end}", dice.between(1, 99), firm.first, firm.last)
}

/// What somebody does where they work.
pub(super) fn job(dice: &mut Dice, origin: Origin) -> &'static str {
    if origin == Origin::China {
        dice.pick(&[
            "采购经理",
            "行政主管",
            "总经理",
            "财务",
            "前台",
            "店长",
            "工程师",
            "教师",
            "医生",
            "护士",
            "设计师",
            "销售总监",
            "自由职业",
            "公务员",
            "人事专员",
            "咖啡师",
            "律师",
            "会计",
            "项目经理",
            "退休",
        ])
    } else {
        dice.pick(&[
            "Office manager",
            "Buyer",
            "Chef",
            "Teacher",
            "Retired",
            "Nurse",
            "Software engineer",
            "Accountant",
            "Owner",
            "Barista",
            "Facilities lead",
            "Lawyer",
            "Architect",
            "Events manager",
            "Student",
            "HR assistant",
        ])
    }
}

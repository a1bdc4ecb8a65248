//! Where made-up customers live: real provinces, cities and districts, made-up streets and numbers.
//!
//! **Invariant:** no address is copied; street, number and room are drawn apart from each other.

use super::dice::Dice;
use super::person::Origin;

/// A mainland city.
#[derive(Clone, Copy, Default)]
pub(super) struct City {
    /// Province or region; empty for a municipality.
    pub(super) province: &'static str,
    /// The city.
    pub(super) name: &'static str,
    /// Its districts.
    pub(super) districts: &'static [&'static str],
    /// The first two digits of a resident ID number from there (GB/T 2260).
    pub(super) code: &'static str,
    /// The telephone area code without the leading 0.
    pub(super) area: &'static str,
}

const fn city(
    province: &'static str,
    name: &'static str,
    code: &'static str,
    area: &'static str,
    districts: &'static [&'static str],
) -> City {
    City { province, name, districts, code, area }
}

/// Cities by how many customers a firm in the east of the country has there.
const CITIES: &[(u32, City)] = &[
    (90, city("", "北京市", "11", "10", &["海淀区", "朝阳区", "西城区", "东城区", "丰台区", "通州区", "昌平区"])),
    (110, city("", "上海市", "31", "21", &["徐汇区", "浦东新区", "静安区", "闵行区", "杨浦区", "嘉定区", "松江区"])),
    (80, city("广东省", "广州市", "44", "20", &["天河区", "越秀区", "海珠区", "白云区", "番禺区"])),
    (75, city("广东省", "深圳市", "44", "755", &["南山区", "福田区", "罗湖区", "宝安区", "龙岗区"])),
    (70, city("浙江省", "杭州市", "33", "571", &["西湖区", "拱墅区", "滨江区", "余杭区", "萧山区"])),
    (50, city("江苏省", "南京市", "32", "25", &["玄武区", "鼓楼区", "建邺区", "江宁区", "栖霞区"])),
    (48, city("江苏省", "苏州市", "32", "512", &["姑苏区", "虎丘区", "吴中区", "相城区"])),
    (45, city("四川省", "成都市", "51", "28", &["锦江区", "青羊区", "武侯区", "成华区", "双流区"])),
    (42, city("湖北省", "武汉市", "42", "27", &["江汉区", "武昌区", "洪山区", "汉阳区"])),
    (35, city("", "重庆市", "50", "23", &["渝中区", "江北区", "沙坪坝区", "南岸区"])),
    (30, city("", "天津市", "12", "22", &["和平区", "南开区", "河西区", "滨海新区"])),
    (30, city("陕西省", "西安市", "61", "29", &["雁塔区", "碑林区", "未央区", "莲湖区"])),
    (28, city("浙江省", "宁波市", "33", "574", &["海曙区", "江北区", "鄞州区"])),
    (26, city("湖南省", "长沙市", "43", "731", &["岳麓区", "芙蓉区", "雨花区", "开福区"])),
    (25, city("福建省", "厦门市", "35", "592", &["思明区", "湖里区", "集美区"])),
    (24, city("山东省", "青岛市", "37", "532", &["市南区", "崂山区", "城阳区", "黄岛区"])),
    (22, city("福建省", "福州市", "35", "591", &["鼓楼区", "台江区", "仓山区", "晋安区"])),
    (20, city("河南省", "郑州市", "41", "371", &["金水区", "二七区", "中原区"])),
    (18, city("安徽省", "合肥市", "34", "551", &["蜀山区", "庐阳区", "包河区"])),
    (18, city("山东省", "济南市", "37", "531", &["历下区", "市中区", "槐荫区"])),
    (16, city("辽宁省", "大连市", "21", "411", &["中山区", "沙河口区", "甘井子区"])),
    (15, city("广东省", "佛山市", "44", "757", &["禅城区", "南海区", "顺德区"])),
    (14, city("辽宁省", "沈阳市", "21", "24", &["和平区", "沈河区", "皇姑区"])),
    (13, city("云南省", "昆明市", "53", "871", &["五华区", "盘龙区", "官渡区"])),
    (12, city("黑龙江省", "哈尔滨市", "23", "451", &["南岗区", "道里区", "香坊区"])),
    (11, city("广西壮族自治区", "南宁市", "45", "771", &["青秀区", "西乡塘区", "兴宁区"])),
    (10, city("江西省", "南昌市", "36", "791", &["东湖区", "红谷滩区", "青山湖区"])),
    (9, city("河北省", "石家庄市", "13", "311", &["长安区", "桥西区", "裕华区"])),
    (8, city("贵州省", "贵阳市", "52", "851", &["南明区", "云岩区", "观山湖区"])),
    (8, city("山西省", "太原市", "14", "351", &["小店区", "迎泽区", "万柏林区"])),
    (7, city("吉林省", "长春市", "22", "431", &["朝阳区", "南关区", "宽城区"])),
    (6, city("海南省", "海口市", "46", "898", &["龙华区", "美兰区", "琼山区"])),
    (6, city("新疆维吾尔自治区", "乌鲁木齐市", "65", "991", &["天山区", "沙依巴克区", "水磨沟区"])),
    (5, city("甘肃省", "兰州市", "62", "931", &["城关区", "七里河区", "安宁区"])),
    (4, city("内蒙古自治区", "呼和浩特市", "15", "471", &["新城区", "赛罕区", "回民区"])),
    (3, city("宁夏回族自治区", "银川市", "64", "951", &["兴庆区", "金凤区"])),
    (2, city("西藏自治区", "拉萨市", "54", "891", &["城关区", "堆龙德庆区"])),
    (2, city("青海省", "西宁市", "63", "971", &["城东区", "城西区"])),
];

const ROADS: &[&str] = &[
    "中山", "人民", "建设", "解放", "文化", "和平", "学院", "新华", "湖滨", "翠微", "桂花", "长江", "朝阳", "青年",
    "光明", "永安", "玉泉", "春晖", "滨河", "科技", "望江", "梧桐", "紫荆", "南湖", "景明", "丰收", "友谊", "北站",
    "东风", "白云",
];
const ROAD_ENDS: &[&str] = &["路", "路", "路", "大道", "东路", "西路", "南路", "北路", "街", "大街", "巷", "弄"];
const ESTATES: &[&str] = &[
    "阳光花园",
    "翠湖雅苑",
    "金桂小区",
    "锦绣家园",
    "和悦府",
    "望江名邸",
    "紫藤苑",
    "云栖里",
    "春江小区",
    "书香门第",
    "万柳新村",
    "听涛苑",
    "南窗公寓",
    "梧桐里",
    "水岸新城",
    "松鹤园",
    "银杏公寓",
    "新光里",
];
const TOWERS: &[&str] =
    &["国际大厦", "商务中心", "创业园", "科创大厦", "财富广场", "时代广场", "软件园", "物流园", "金融港"];

/// A mainland city by weight.
pub(super) fn mainland(dice: &mut Dice) -> City {
    dice.weighted(CITIES)
}

/// A home or an office in a mainland city.
pub(super) fn mainland_address(dice: &mut Dice, city: &City, office: Premises) -> String {
    let district = dice.pick(city.districts);
    let (road, end, number) = (dice.pick(ROADS), dice.pick(ROAD_ENDS), dice.between(1, 1288));
    let head = format!("{}{}{district}{road}{end}{number}号", city.province, city.name);
    match office {
        Premises::Office => format!(
            "{head}{}{}座{}{:02}室",
            dice.pick(TOWERS),
            dice.pick(&["A", "B", "C", "1", "2", "3"]),
            dice.between(2, 32),
            dice.between(1, 18)
        ),
        Premises::Home => format!(
            "{head}{}{}幢{}单元{}{:02}室",
            dice.pick(ESTATES),
            dice.between(1, 42),
            dice.between(1, 4),
            dice.between(1, 30),
            dice.between(1, 4)
        ),
    }
}

/// Whether somebody lives or works there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Premises {
    /// A dwelling.
    Home,
    /// A place of business.
    Office,
}

type Town = (&'static str, &'static str);

const BRITAIN: &[Town] = &[
    ("London", "SE15 4"),
    ("Leeds", "LS6 2"),
    ("Manchester", "M20 3"),
    ("Bristol", "BS6 5"),
    ("Edinburgh", "EH9 1"),
    ("Cardiff", "CF24 4"),
    ("Belfast", "BT7 1"),
    ("York", "YO31 7"),
    ("Norwich", "NR2 3"),
    ("St Ives", "TR26 1"),
];
const BRITISH_STREETS: &[&str] = &[
    "Wharf Lane",
    "Mill Road",
    "Church Row",
    "Orchard Close",
    "Station Approach",
    "Priory Street",
    "Beech Avenue",
    "Castle Terrace",
    "Ferry Hill",
    "Tanner's Yard",
];
const AMERICA: &[Town] = &[
    ("Portland, OR", "972"),
    ("Austin, TX", "787"),
    ("Columbus, OH", "432"),
    ("Sacramento, CA", "958"),
    ("Albany, NY", "122"),
    ("Tucson, AZ", "857"),
    ("Madison, WI", "537"),
    ("Savannah, GA", "314"),
    ("Boise, ID", "837"),
    ("St. Louis, MO", "631"),
];
const AMERICAN_STREETS: &[&str] = &[
    "Maple Ave",
    "Juniper St",
    "Old Mill Rd",
    "Lakeview Dr",
    "N 3rd St",
    "Cottonwood Ln",
    "Harbor Blvd",
    "Quarry Rd",
    "Sycamore Ct",
    "Prospect Ave",
];
const FRANCE: &[Town] = &[
    ("Lyon", "69003"),
    ("Paris", "75011"),
    ("Nantes", "44000"),
    ("Strasbourg", "67000"),
    ("Bordeaux", "33800"),
    ("Lille", "59800"),
    ("Aix-en-Provence", "13090"),
    ("Rennes", "35000"),
];
const FRENCH_STREETS: &[&str] = &[
    "rue des Lilas",
    "avenue du Général-Vernet",
    "place de l’Église",
    "boulevard Saint-Éloi",
    "impasse du Moulin",
    "quai des Brumes",
    "rue de la Forêt",
];
const GERMANY: &[Town] = &[
    ("Köln", "50825"),
    ("Berlin", "12047"),
    ("München", "81541"),
    ("Hamburg", "22765"),
    ("Leipzig", "04229"),
    ("Görlitz", "02826"),
    ("Münster", "48143"),
    ("Nürnberg", "90429"),
];
const GERMAN_STREETS: &[&str] = &[
    "Lindenstraße",
    "Am Mühlbach",
    "Kirchgasse",
    "Bahnhofstraße",
    "Ahornweg",
    "Färbergasse",
    "Zum Weiher",
    "Schulstraße",
];
const SPAIN: &[Town] = &[
    ("Madrid", "28015"),
    ("Sevilla", "41004"),
    ("Valencia", "46007"),
    ("A Coruña", "15003"),
    ("Málaga", "29012"),
    ("Bilbao", "48009"),
    ("Logroño", "26001"),
];
const SPANISH_STREETS: &[&str] = &[
    "Calle del Olmo",
    "Avenida de la Constitución",
    "Plaza Mayor",
    "Calle Ñuño",
    "Paseo de las Acacias",
    "Travesía del Río",
];
const ARABIA: &[Town] =
    &[("دبي", "ديرة"), ("أبو ظبي", "الخالدية"), ("القاهرة", "المعادي"), ("الرياض", "العليا"), ("جدة", "الروضة")];
const ARABIC_STREETS: &[&str] = &["شارع النخيل", "شارع الجامعة", "طريق الساحل", "شارع السوق القديم"];
const RUSSIA: &[Town] = &[
    ("Москва", "115419"),
    ("Санкт-Петербург", "197101"),
    ("Казань", "420021"),
    ("Новосибирск", "630091"),
    ("Алматы", "050010"),
];
const RUSSIAN_STREETS: &[&str] =
    &["ул. Садовая", "пр. Мира", "ул. Речная", "Заводской пер.", "ул. Берёзовая", "наб. Тихая"];
const VIETNAM: &[Town] =
    &[("TP. Hồ Chí Minh", "Quận 3"), ("Hà Nội", "Quận Ba Đình"), ("Đà Nẵng", "Quận Hải Châu"), ("Huế", "TP. Huế")];
const VIETNAMESE_STREETS: &[&str] = &["Đường Hoa Sen", "Phố Hàng Trống", "Đường Bờ Sông", "Ngõ Chùa", "Đường Mùa Xuân"];
const JAPAN: &[Town] = &[
    ("東京都世田谷区", "154-00"),
    ("大阪府大阪市北区", "530-00"),
    ("京都府京都市左京区", "606-80"),
    ("北海道札幌市中央区", "060-00"),
];
const JAPANESE_STREETS: &[&str] = &["桜丘", "若葉町", "緑ヶ丘", "本町", "泉町", "松原"];
const KOREA: &[Town] = &[
    ("서울특별시 마포구", "040"),
    ("부산광역시 해운대구", "480"),
    ("대구광역시 중구", "419"),
    ("인천광역시 연수구", "219"),
];
const KOREAN_STREETS: &[&str] = &["은행나무로", "한빛로", "새싹길", "강변로", "시장길"];

/// An address elsewhere, as it is written there.
pub(super) fn address(dice: &mut Dice, origin: Origin) -> String {
    let (number, flat) = (dice.between(1, 240), dice.between(1, 60));
    let ends = |dice: &mut Dice| char::from(b'A' + u8::try_from(dice.below(8)).unwrap_or_default());
    match origin {
        Origin::China | Origin::Britain => {
            let ((town, post), street) = (dice.pick(BRITAIN), dice.pick(BRITISH_STREETS));
            let (a, b) = (ends(dice), ends(dice));
            format!("{number} {street}, {town} {post}{a}{b}")
        }
        Origin::America => {
            let ((town, zip), street) = (dice.pick(AMERICA), dice.pick(AMERICAN_STREETS));
            format!("{} {street}, {town} {zip}{flat:02}", number * 10 + flat)
        }
        Origin::France => {
            let ((town, post), street) = (dice.pick(FRANCE), dice.pick(FRENCH_STREETS));
            format!("{number}, {street}, {post} {town}")
        }
        Origin::Germany => {
            let ((town, post), street) = (dice.pick(GERMANY), dice.pick(GERMAN_STREETS));
            format!("{street} {number}, {post} {town}")
        }
        Origin::Spain => {
            let ((town, post), street) = (dice.pick(SPAIN), dice.pick(SPANISH_STREETS));
            format!("{street} {number}, {}º{}, {post} {town}", flat % 8 + 1, ends(dice))
        }
        Origin::Arabia => {
            let ((town, quarter), street) = (dice.pick(ARABIA), dice.pick(ARABIC_STREETS));
            format!("{number} {street}، {quarter}، {town}")
        }
        Origin::Russia => {
            let ((town, post), street) = (dice.pick(RUSSIA), dice.pick(RUSSIAN_STREETS));
            format!("{post}, {town}, {street}, д. {number}, кв. {flat}")
        }
        Origin::Vietnam => {
            let ((town, quarter), street) = (dice.pick(VIETNAM), dice.pick(VIETNAMESE_STREETS));
            format!("{number} {street}, {quarter}, {town}")
        }
        Origin::Japan => {
            let ((town, post), street) = (dice.pick(JAPAN), dice.pick(JAPANESE_STREETS));
            format!("〒{post}{flat:02} {town}{street}{}-{}-{}", number % 6 + 1, flat % 20 + 1, number % 15 + 1)
        }
        Origin::Korea => {
            let ((town, post), street) = (dice.pick(KOREA), dice.pick(KOREAN_STREETS));
            format!("({post}{flat:02}) {town} {street} {number}")
        }
    }
}

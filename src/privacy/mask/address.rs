//! Masks of postal addresses.
//!
//! Only what is certainly a province, city or district at the head of a Chinese address is shown: no list of the
//! country's 2,800 districts is kept, so the shape of each name has to vouch for it. Elsewhere the order of parts
//! differs from land to land and a street cannot be told from a district, so nothing is shown.
//!
//! **Invariant:** nothing after the first name that is no administrative area is shown, hence no street, no estate and
//! no number.

const PROVINCES: &[&str] = &[
    "北京",
    "上海",
    "天津",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];

const PROVINCE_ENDS: &[&str] = &["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"];

/// Letters of street, estate and village names; an administrative area with one of them has to be in [`EXCEPTIONS`].
const STREET: &str = "街路道巷弄号村庄屯楼栋幢座室苑园里坊院寓厦馆店厂场站桥";

const EXCEPTIONS: &[&str] = &[
    "路北区",
    "路南区",
    "路桥区",
    "道里区",
    "道外区",
    "道县",
    "二道区",
    "二道江区",
    "周村区",
    "鼓楼区",
    "岳阳楼区",
    "天桥区",
    "桥西区",
    "桥东区",
    "柯桥区",
    "大石桥市",
    "石家庄市",
    "枣庄市",
    "台儿庄区",
    "庄河市",
    "庄浪县",
    "驻马店市",
    "瓦房店市",
    "普兰店区",
    "屯昌县",
    "屯留区",
    "头屯河区",
    "廊坊市",
    "潍坊市",
    "坊子区",
    "馆陶县",
    "桃园市",
    "站前区",
    "阿里地区",
];

/// Down to the district, as far as it can be told; none if no city or district can.
pub(super) fn address(value: &str) -> Option<String> {
    let plain: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = plain.as_str();
    let mut shown = String::new();
    let mut told = false;
    rest = rest.strip_prefix("中国").unwrap_or(rest);
    let mut province = "";
    if let Some(name) = PROVINCES.iter().find(|name| rest.starts_with(**name)) {
        province = name;
        let after = rest.strip_prefix(name).unwrap_or(rest);
        let end = PROVINCE_ENDS.iter().find(|end| after.starts_with(**end)).copied().unwrap_or("");
        let after_end = after.strip_prefix(end).unwrap_or(after);
        // "上海路1号" is a street of some other town.
        if end.is_empty() && after.starts_with(|c| STREET.contains(c) || "大东西南北中".contains(c)) {
            return None;
        }
        shown.push_str(name);
        shown.push_str(end);
        told = end == "市";
        rest = after_end;
    }
    // A prefecture, then a district or county; in places a second pair under a region.
    for _ in 0..3 {
        let Some((area, after)) = area(rest, province, !shown.is_empty()) else { break };
        shown.push_str(area);
        told = true;
        rest = after;
        if area.ends_with(['区', '县', '旗']) && !area.ends_with("地区") {
            break;
        }
    }
    // Something has to be left over that the stars stand for; an address of a district alone hides nothing.
    told.then(|| format!("{shown}****"))
}

/// The administrative area at the head of `rest`, and what follows it.
fn area<'a>(rest: &'a str, province: &str, under: bool) -> Option<(&'a str, &'a str)> {
    let mut previous = '\0';
    for (count, (at, c)) in rest.char_indices().enumerate() {
        if !is_han(c) || count > 14 {
            return None;
        }
        let ends = match c {
            '市' | '区' | '县' => true,
            '州' => previous == '治',
            '旗' | '盟' => province == "内蒙古",
            _ => false,
        };
        if ends && count > 0 {
            let (area, after) = rest.split_at_checked(at + c.len_utf8())?;
            return is_area(area, count, previous, after, under).then_some((area, after));
        }
        previous = c;
    }
    None
}

/// Whether a name of `count` characters before its ending, the last of them `previous`, is an administrative area.
fn is_area(area: &str, count: usize, previous: char, after: &str, under: bool) -> bool {
    if EXCEPTIONS.contains(&area) && under {
        return true;
    }
    let autonomous = area.contains("自治");
    let longest = if under { 6 } else { 2 };
    let too_long = count > longest && !autonomous && !(area.ends_with('市') && count <= 6);
    let estate = "小社园校院厂景住宅活业属生超夜门菜花股红国军彩战".contains(previous)
        || (count > 2 && "东西南北中一二三四五六七八九十".contains(previous))
        || (!under && "东西南北中一二三四五六七八九十".contains(previous) && count < 2);
    let street = (area.contains(|c| STREET.contains(c)) || area.contains("胡同")) && !autonomous;
    let runs_on = after.starts_with(|c| "街路巷弄场口部舰".contains(c) || (c == '道' && !area.ends_with('市')));
    let alone = count == 1 && !under;
    !(too_long || estate || street || runs_on || alone)
}

fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF)
}

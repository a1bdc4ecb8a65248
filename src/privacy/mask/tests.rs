//! What masks show and what they must not.

use proptest::prelude::*;

use super::*;

fn check(kind: MaskKind, cases: &[(&str, &str)]) {
    for (value, shown) in cases {
        assert_eq!(mask(kind, value).as_str(), *shown, "{} of {value}", kind.code());
    }
}

#[test]
fn the_table_of_default_masks_holds_word_for_word() {
    check(MaskKind::Mobile, &[("+8613800001234", "138****1234")]);
    check(MaskKind::Phone, &[("+44161234519", "+44 *******19")]);
    check(MaskKind::ResidentId, &[("11010519491231002X", "1****************X")]);
    check(MaskKind::BankCard, &[("4111111111111234", "**** **** **** 1234")]);
    check(MaskKind::Email, &[("wang@example.com", "w***@example.com")]);
    check(MaskKind::Name, &[("张三", "张*"), ("张三丰", "张**"), ("欧阳修文", "欧阳**"), ("John Smith", "J*** S****")]);
    check(MaskKind::Address, &[("北京市海淀区中关村大街1号", "北京市海淀区****")]);
    check(MaskKind::Passport, &[("E1234521", "E*****21"), ("E12345621", "E*****21")]);
    check(MaskKind::Plate, &[("京A12345", "京*****45")]);
    check(MaskKind::DateOfBirth, &[("1988-03-07", "1988-**-**")]);
    check(MaskKind::ChatId, &[("weixin_x", "w******x")]);
    check(MaskKind::Other, &[("anything at all", "********"), ("", "********")]);
}

#[test]
fn mobiles_are_told_with_and_without_the_country_code() {
    let mainland = [
        "13800001234",
        "+86 138 0000 1234",
        "+86-138-0000-1234",
        "008613800001234",
        "8613800001234",
        "１３８００００１２３４",
    ];
    for value in mainland {
        assert_eq!(mask(MaskKind::Mobile, value).as_str(), "138****1234", "{value}");
    }
    check(MaskKind::Mobile, &[("+447911123456", "+44 ********56"), ("+12025550143", "+1 ********43")]);
    check(MaskKind::Mobile, &[("+16045550143", "+1 ********43"), ("+861082345678", "+86 ********78")]);
    check(MaskKind::Phone, &[("+35312345678", "+353 ******78"), ("02082345678", "*********78")]);
}

#[test]
fn a_value_too_short_for_its_mask_is_all_stars() {
    for kind in MaskKind::ALL {
        for value in ["", " ", "1", "12", "ab", "张", "X", "+", "@", "a@", "\u{1b}"] {
            assert_eq!(mask(*kind, value).as_str(), "********", "{} of {value:?}", kind.code());
        }
    }
    check(MaskKind::Email, &[("a@b.cn", "***@b.cn"), ("ab", "********")]);
    check(MaskKind::ChatId, &[("abc", "********")]);
    check(MaskKind::Passport, &[("E1221", "********")]);
    check(MaskKind::Phone, &[("+86 12345", "********"), ("12345", "********")]);
    check(MaskKind::BankCard, &[("1234", "********"), ("12345678901", "********")]);
    check(MaskKind::Name, &[("J", "********"), ("J K", "********")]);
}

#[test]
fn names_of_many_lands_keep_surname_or_initials() {
    check(
        MaskKind::Name,
        &[
            ("欧阳修", "欧阳*"),
            ("欧阳", "欧*"),
            ("司马光", "司马*"),
            ("张 三丰", "张**"),
            ("阿凡提·买买提", "阿***·买****"),
            ("김철수", "김**"),
            ("Anna-Lena Müller", "A*** M****"),
            ("Мария Иванова", "М*** И****"),
            ("王 John", "*** J****"),
            ("O'Neil", "O***"),
        ],
    );
}

#[test]
fn addresses_stop_at_the_district() {
    check(
        MaskKind::Address,
        &[
            ("上海市浦东新区世纪大道100号", "上海市浦东新区****"),
            ("浙江省杭州市西湖区文三路12号3楼", "浙江省杭州市西湖区****"),
            ("浙江省金华市义乌市稠州北路699号", "浙江省金华市义乌市****"),
            ("广西壮族自治区南宁市青秀区民族大道1号", "广西壮族自治区南宁市青秀区****"),
            ("内蒙古自治区锡林郭勒盟苏尼特右旗赛汉塔拉镇", "内蒙古自治区锡林郭勒盟苏尼特右旗****"),
            ("湖北省恩施土家族苗族自治州恩施市舞阳大道", "湖北省恩施土家族苗族自治州恩施市****"),
            ("黑龙江省哈尔滨市道里区中央大街1号", "黑龙江省哈尔滨市道里区****"),
            ("河北省石家庄市长安区中山东路1号", "河北省石家庄市长安区****"),
            ("江苏 苏州市 昆山市 前进路1号", "江苏苏州市昆山市****"),
            ("海淀区学院路37号", "海淀区****"),
            ("杭州市文三路12号", "杭州市****"),
            ("北京市菜市口大街1号", "北京市****"),
            ("北京市回龙观东区3号楼", "北京市****"),
            ("杭州市翠苑一区12幢", "杭州市****"),
            ("长春市红旗街12号", "长春市****"),
            ("浙江杭州西湖区文三路1号", "浙江杭州西湖区****"),
        ],
    );
    for hidden in [
        "幸福小区3号楼",
        "翠苑一区12幢",
        "文三路12号",
        "上海路5号",
        "南京东路1号",
        "光明社区2栋",
        "浙江省文三路3号",
        "221B Baker Street, London",
        "Rose Cottage, Mill Lane, Oxford, UK",
        "Россия, Москва, ул. Тверская, 7",
        "東京都千代田区丸の内1-1",
    ] {
        assert_eq!(mask(MaskKind::Address, hidden).as_str(), "********", "{hidden}");
    }
}

proptest! {
    #[test]
    fn a_mobile_never_shows_its_middle(n in 13_000_000_000u64..19_999_999_999) {
        let value = format!("+86{n}");
        let shown = mask(MaskKind::Mobile, &value);
        prop_assert_eq!(shown.as_str(), format!("{}****{}", &value[3..6], &value[10..]));
    }

    #[test]
    fn a_phone_shows_two_national_digits(code in prop::sample::select(vec!["1", "44", "49", "353", "852"]), n in "[1-9][0-9]{6,10}") {
        let shown = mask(MaskKind::Phone, &format!("+{code}{n}"));
        prop_assert_eq!(shown.as_str(), format!("+{code} {}{}", "*".repeat(n.len() - 2), &n[n.len() - 2..]));
    }

    #[test]
    fn an_identity_number_shows_its_ends(n in "[1-9][0-9]{16}[0-9X]") {
        let shown = mask(MaskKind::ResidentId, &n);
        prop_assert_eq!(shown.as_str(), format!("{}{}{}", &n[..1], "*".repeat(16), &n[17..]));
    }

    #[test]
    fn no_mask_holds_more_of_a_value_than_its_kind_allows(value in "\\PC{0,40}") {
        for kind in MaskKind::ALL {
            let most = match kind {
                MaskKind::Mobile => 7,
                MaskKind::Phone => 5,
                MaskKind::ResidentId | MaskKind::ChatId => 2,
                MaskKind::BankCard | MaskKind::DateOfBirth => 4,
                MaskKind::Passport | MaskKind::Plate => 3,
                MaskKind::Name => 32,
                // A domain and a district may be as long as they are; what stands before them may not.
                MaskKind::Email | MaskKind::Address => 40,
                MaskKind::Other => 0,
            };
            let shown = mask(*kind, &value);
            let seen = shown.as_str().chars().filter(|c| !matches!(c, '*' | ' ' | '+' | '-' | '·')).count();
            prop_assert!(seen <= most, "{} shows {}", kind.code(), seen);
            let plain = crate::text::Printable::line(&value);
            prop_assert!(plain.is_empty() || plain.as_str().contains('*') || shown.as_str() != plain.as_str());
        }
    }

    #[test]
    fn an_email_hides_all_but_the_first_letter(local in "[a-z]{2,20}") {
        let shown = mask(MaskKind::Email, &format!("{local}@firma.example"));
        prop_assert_eq!(shown.as_str(), format!("{}***@firma.example", &local[..1]));
    }

    #[test]
    fn an_address_never_shows_its_street_or_number(
        area in prop::sample::select(vec!["北京市海淀区", "杭州市", "浙江省杭州市西湖区", "", "重庆市忠县"]),
        street in prop::sample::select(vec!["长安街", "红旗大道", "区府路", "市民街", "县前街", "人民东路", "幸福小区", "翠苑三区", "花园村"]),
        number in 1u32..999,
    ) {
        let shown = mask(MaskKind::Address, &format!("{area}{street}{number}号"));
        prop_assert!(!shown.as_str().contains(street));
        prop_assert!(!shown.as_str().contains(|c: char| c.is_ascii_digit()));
        let to_the_district = format!("{area}****");
        prop_assert!(shown.as_str() == to_the_district || shown.as_str() == "********");
    }
}

//! Columns and what they mean; rows and what becomes of them.

use super::*;
use crate::domain::customer::{CustomerKind, Stage};
use crate::domain::value::ValueFault;
use crate::exchange::mapping::{Found, MappingError};
use crate::exchange::rows::RejectReason;

fn map(headers: &str, file: &str) -> Result<Vec<(String, Found)>, MappingError> {
    let headers: Vec<String> = headers.split(',').map(str::to_owned).collect();
    let mapping = Mapping::of(&headers, &schema::shipped(), &MapFile::parse(file)?, "CN")?;
    Ok(mapping.columns().iter().map(|column| (column.target.code().to_owned(), column.found)).collect())
}

fn targets(headers: &str, file: &str) -> Vec<String> {
    map(headers, file).expect("mapped").into_iter().map(|(target, _)| target).collect()
}

#[test]
fn chinese_and_english_headers_find_their_fields() {
    assert_eq!(
        targets(
            "客户姓名,手机号码,联系电话,电子邮箱,微信号,联系地址,工作单位,职务,性别,生日,备注,客户阶段,标签,负责人,创建时间,客户类型",
            ""
        ),
        [
            "name",
            "mobile",
            "phone",
            "email",
            "chat_id",
            "address",
            "company",
            "job_title",
            "gender",
            "birthday",
            "notes",
            "stage",
            "tags",
            "owner",
            "created",
            "kind"
        ]
    );
    assert_eq!(
        targets(
            "ID,Full Name,Mobile Phone,Phone Number,E-mail Address,WeChat,Mailing address,Company Name,Job Title,Lead Status,Tags,Owner,Created At",
            ""
        ),
        [
            "ignore",
            "name",
            "mobile",
            "phone",
            "email",
            "chat_id",
            "address",
            "company",
            "job_title",
            "stage",
            "tags",
            "owner",
            "created"
        ]
    );
    assert_eq!(targets("First Name,Last Name,手机,手机号", ""), ["given_name", "family_name", "mobile", "phone"]);
}

#[test]
fn unknown_columns_and_fields_that_are_off_are_reported() {
    let columns = map("name,Shoe size,身份证号", "").expect("mapped");
    assert_eq!(columns[1], ("ignore".to_owned(), Found::Unknown));
    assert_eq!(columns[2], ("resident_id".to_owned(), Found::FieldOff));
    let columns = map("name,a,b", "a = \"passport\"\nb = \"passport\"").expect("mapped");
    assert_eq!(columns[1].1, Found::FieldOff, "a map file does not switch a field on");
    let text = "name,身份证号\nAnn,not a number\n";
    let drafted = draft_with(text, &schema::shipped()).remove(0).expect("good");
    assert!(drafted.fields.is_empty());
}

#[test]
fn a_map_file_has_the_last_word() {
    let file = "\"Who\" = \"name\"\n\"手机\" = \"ignore\"\n\"#3\" = \"notes\"\n";
    assert_eq!(targets("Who,手机,手机", file), ["name", "ignore", "notes"]);
    assert_eq!(targets("Who,x", "[columns]\nWho = \"name\"\n"), ["name", "ignore"]);
    for (file, said) in [
        ("Who = ", "line 1"),
        ("Who = 3", "not text"),
        ("Who = \"shoe\"", "neither a part"),
        ("Wer = \"name\"", "does not have"),
        ("\"#9\" = \"name\"", "does not have"),
    ] {
        let error = map("Who,x", file).expect_err(file).to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn duplicate_headers_and_missing_ones_are_refused_with_a_remedy() {
    let error = map("name,email,email", "").expect_err("twice");
    assert!(matches!(&error, MappingError::Twice { first: 2, second: 3, .. }), "{error}");
    assert!(error.to_string().contains("\"#3\" = \"ignore\""));
    assert!(matches!(map("mobile,email", ""), Err(MappingError::NoName)));
    assert!(matches!(map("张三,13800001234,a@b.cn", ""), Err(MappingError::NoHeader)));
    assert!(matches!(map("张三,13800001234,客户", ""), Err(MappingError::NoHeader)));
    let error = map("张三,13800001234,a@b.cn", "").expect_err("no header").to_string();
    assert!(!error.contains("张三") && !error.contains("138"));
}

#[test]
fn a_row_becomes_a_draft() {
    let text = "姓名,手机,邮箱,身份证号,生日,购买记录,标签,阶段,负责人,创建时间,备注\n\
        张三,138 0000 1234,Zhang@Example.com,11010519491231002x,12月31日,2026-03-01 台灯 129,VIP；老客户,成交,小李,2024/5/6,=1+1\n\
        某某有限公司,-,无,,,,,,,,'=x\n";
    let drafts: Vec<_> = draft(text).into_iter().map(|draft| draft.expect("good")).collect();
    let first = &drafts[0];
    assert_eq!(
        (first.row, first.name.as_str(), first.kind, first.stage),
        (2, "张三", CustomerKind::Person, Some(Stage::Customer))
    );
    assert_eq!(first.tags, ["VIP", "老客户"]);
    assert_eq!(first.owner_name.as_deref(), Some("小李"));
    assert_eq!(first.created, NaiveDate::from_ymd_opt(2024, 5, 6));
    for (key, value) in [
        ("mobile", "+8613800001234"),
        ("email", "zhang@example.com"),
        ("resident_id", "11010519491231002X"),
        ("birthday", "12-31"),
        ("purchases", "2026-03-01 台灯 129.00"),
        ("notes", "=1+1"),
    ] {
        assert_eq!(field(first, key), Some(value), "{key}");
    }
    assert_eq!((drafts[1].kind, drafts[1].fields.len()), (CustomerKind::Company, 1));
    assert_eq!(field(&drafts[1], "notes"), Some("=x"));
}

#[test]
fn consents_are_read_by_purpose_and_what_is_neither_yes_nor_no_rejects_its_row() {
    use crate::domain::consent::{ConsentState, Purpose};
    let text = "姓名,同意营销,consent.cross_border,Newsletter date\n\
        张三,是,withdrawn,2024\n\
        李四,,-,2024\n\
        王五,不同意,,2024\n\
        赵六,也许,,2024\n";
    let drafts = draft(text);
    let said = |at: usize| drafts[at].as_ref().map(|draft| draft.consents.clone()).ok();
    let (marketing, abroad) = (Purpose::Marketing, Purpose::CrossBorder);
    assert_eq!(said(0), Some(vec![(marketing, ConsentState::Given), (abroad, ConsentState::Withdrawn)]));
    assert_eq!(said(1), Some(vec![]));
    assert_eq!(said(2), Some(vec![(marketing, ConsentState::Refused)]));
    let reject = drafts[3].as_ref().expect_err("neither");
    assert_eq!((reject.row, reject.reason.code()), (5, "unknown_consent"));
    assert!(reject.reason.to_string().starts_with("consent.marketing: write yes"), "{}", reject.reason);
    let error = map("name,consent.marketing,marketing consent", "").expect_err("twice").to_string();
    assert!(error.contains("consent.marketing"), "{error}");
    assert!(map("name,x", "\"x\" = \"consent.service\"").is_ok());
}

#[test]
fn a_bad_cell_rejects_its_row_and_names_the_field() {
    let text = "name,mobile,resident_id,kind,stage,created\n\
        Ann,1.38E+10,,,,\n\
        Bob,,110105194912310021,,,\n\
        ,13800001234,,,,\n\
        Cid,,,robot,,\n\
        Dan,,,,asleep,\n\
        Eve,,,,,3/4/2024\n\
        Fay,,,,,2027-01-01\n\
        Gil,\"=\"\"13800001234\"\"\",,,,\n\
        Hal,+8613800001234,,,,\n\
        Ida,'+86 13800001234,,,,\n\
        Joe,Short\n\
        Kim,13800001234.0,,,,\n";
    let reasons: Vec<_> = draft(text)
        .into_iter()
        .map(|draft| draft.err().map(|reject| (reject.row, reject.reason.code(), reject.reason.to_string())))
        .collect();
    let codes: Vec<_> = reasons.iter().map(|reason| reason.as_ref().map(|(row, code, _)| (*row, *code))).collect();
    assert_eq!(
        codes,
        [
            Some((2, "eaten")),
            Some((3, "check_digit")),
            Some((4, "empty")),
            Some((5, "unknown_kind")),
            Some((6, "unknown_stage")),
            Some((7, "ambiguous_date")),
            Some((8, "future")),
            None,
            None,
            None,
            Some((12, "row_too_short")),
            None,
        ]
    );
    assert!(reasons[0].as_ref().expect("bad").2.starts_with("mobile: a spreadsheet has turned"));
    let reason = RejectReason::Part { part: "name", fault: ValueFault::Empty };
    assert_eq!(reason.to_string(), "name: nothing was given");
}

#[test]
fn nothing_that_moves_a_cursor_comes_in_with_a_cell() {
    let text = "name,notes,tags\n\"An\u{1b}]52;c;aGk=\u{7}n\u{202e}\",\"a\u{9b}2J\",\"x\u{200b}y\"\n";
    let drafted = draft(text).remove(0).expect("good");
    assert_eq!((drafted.name.as_str(), drafted.tags.as_slice()), ("An]52;c;aGk=n", &["xy".to_owned()][..]));
}

#[test]
fn names_in_two_columns_are_joined_as_their_script_does() {
    let text = "姓,名,First name\n";
    assert!(
        draft_names("姓,名\n张,三丰\n") == ["张三丰"]
            && draft_names("First name,Last name\nJohn,Smith\n") == ["John Smith"]
    );
    assert!(matches!(
        Mapping::of(table(text).expect("a table").headers(), &schema::sample(), &MapFile::default(), "CN"),
        Err(MappingError::Twice { .. })
    ));
}

fn draft_names(text: &str) -> Vec<String> {
    draft(text).into_iter().map(|draft| draft.expect("good").name).collect()
}

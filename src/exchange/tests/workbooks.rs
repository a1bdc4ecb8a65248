//! Workbooks, made by hand.

use std::io::Write;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use proptest::prelude::*;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="客户" sheetId="1" r:id="rId1"/><sheet name="Other" sheetId="2" r:id="rId2"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/></cellXfs></styleSheet>"#;
const STRINGS: &str = r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2" uniqueCount="2"><si><t>姓名</t></si><si><t>手机号</t></si></sst>"#;

/// A cell with a text.
fn words(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn number(at: &str, style: u8, value: &str) -> String {
    format!(r#"<c r="{at}" s="{style}"><v>{value}</v></c>"#)
}

fn sheet(rows: &[String], tail: &str) -> String {
    let rows: String = rows.iter().map(|cells| format!("<row>{cells}</row>")).collect();
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>{tail}</worksheet>"#
    )
}

fn book(sheet1: &str, strings: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/styles.xml", STYLES),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", sheet1),
        ("xl/worksheets/sheet2.xml", &sheet(&[], "")),
    ] {
        zip.start_file(name, options).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

fn of_rows(rows: &[String]) -> Vec<u8> {
    book(&sheet(rows, ""), STRINGS)
}

#[test]
fn the_first_sheet_is_read_with_dates_and_long_numbers_as_typed() {
    let header = r#"<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>"#.to_owned()
        + &words("C1", "出生日期")
        + &words("D1", "银行卡号")
        + &words("E1", "备注");
    let bytes = of_rows(&[
        header,
        words("A2", "张三")
            + &number("B2", 0, "13800001234")
            + &number("C2", 1, "32209")
            + &words("D2", "4111111111111111"),
        words("A3", "李四")
            + &number("B3", 0, "1.3900001234E10")
            + &number("C3", 2, "32209")
            + r#"<c r="E3"><f>1+1</f><v>2</v></c>"#,
    ]);
    let opened = table(&bytes).expect("a table");
    assert_eq!(opened.format(), &Format::Xlsx { sheet: "客户".to_owned() });
    assert_eq!(
        cells(&bytes),
        [
            ["姓名", "手机号", "出生日期", "银行卡号", "备注"],
            ["张三", "13800001234", "1988-03-07", "4111111111111111", ""],
            ["李四", "13900001234", "1988-03-07", "", "2"],
        ]
    );
    let first = draft(&bytes).remove(0).expect("good");
    assert_eq!(field(&first, "date_of_birth"), Some("1988-03-07"));
}

#[test]
fn a_number_that_the_spreadsheet_has_rounded_is_rejected() {
    let bytes = of_rows(&[
        words("A1", "name") + &words("B1", "bank card"),
        words("A2", "Ann") + &number("B2", 0, "4111111111111110"),
    ]);
    let reject = draft(&bytes).remove(0).expect_err("rounded");
    assert_eq!((reject.row, reject.reason.code()), (2, "eaten"));
}

#[test]
fn merged_cells_are_filled_downwards_and_not_sideways() {
    let rows = [
        words("A1", "name") + &words("B1", "company") + &words("C1", "notes"),
        words("A2", "Ann") + &words("B2", "Acme") + &words("C2", "x"),
        words("A3", "Bob"),
        words("A4", "Cid") + &words("B4", "Other"),
        words("A5", "Dan") + &words("B5", "Last"),
    ];
    let merged = r#"<mergeCells count="2"><mergeCell ref="B2:B3"/><mergeCell ref="B5:C5"/></mergeCells>"#;
    assert_eq!(
        cells(book(&sheet(&rows, merged), STRINGS)),
        [
            ["name", "company", "notes"],
            ["Ann", "Acme", "x"],
            ["Bob", "Acme", ""],
            ["Cid", "Other", ""],
            ["Dan", "Last", ""],
        ]
    );
}

#[test]
fn errors_of_formulas_and_cells_too_far_right_reject_their_rows() {
    let bytes = of_rows(&[
        words("A1", "name") + &words("B1", "notes"),
        words("A2", "Ann") + r#"<c r="B2" t="e"><v>#REF!</v></c>"#,
        words("A3", "Bob") + &words("XFD3", "far"),
        words("A4", "Cid") + &words("B4", &"x".repeat(70_000)),
        words("A7", "Dan"),
    ]);
    assert_eq!(
        faults(&bytes),
        [
            (2, Some(RowFault::CellError { column: 2 })),
            (3, Some(RowFault::TooLong { found: 16_384, wanted: 1_000 })),
            (4, Some(RowFault::CellTooLong { column: 2 })),
            (7, None),
        ]
    );
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let bomb = book(&sheet(&[words("A1", "name")], &" ".repeat(40 * 1024 * 1024)), STRINGS);
    assert!(bomb.len() < 100_000);
    assert!(matches!(table(&bomb), Err(TableError::ZipBomb(512))));
}

#[test]
fn a_zip_bomb_that_lies_about_its_size_is_refused_as_well() {
    let mut bomb = book(&sheet(&[words("A1", "name")], &" ".repeat(40 * 1024 * 1024)), STRINGS);
    let size =
        u32::try_from(sheet(&[words("A1", "name")], &" ".repeat(40 * 1024 * 1024)).len()).expect("small").to_le_bytes();
    let mut at = 0;
    while let Some(found) = bomb[at..].windows(4).position(|window| window == size) {
        bomb[at + found..at + found + 4].copy_from_slice(&1_000u32.to_le_bytes());
        at += found + 4;
    }
    assert!(matches!(table(&bomb), Err(TableError::ZipBomb(_) | TableError::BrokenWorkbook)));
}

#[test]
fn a_broken_workbook_is_said_to_be_one() {
    let whole = of_rows(&[words("A1", "name"), words("A2", "Ann")]);
    for end in [5, whole.len() / 2, whole.len() - 30] {
        assert!(matches!(table(&whole[..end]), Err(TableError::BrokenWorkbook)), "{end}");
    }
    let cut = book(r#"<worksheet><sheetData><row><c r="A1""#, STRINGS);
    assert!(matches!(table(cut), Err(TableError::BrokenWorkbook)));
    assert!(matches!(table(of_rows(&[])), Err(TableError::Empty)));
}

#[test]
fn a_table_that_is_dropped_early_leaves_its_reader_to_end() {
    let rows: Vec<String> = (1..3_000).map(|row| words(&format!("A{row}"), "name")).collect();
    let mut table = table(of_rows(&rows)).expect("a table");
    assert!(table.next().is_some());
    drop(table);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_workbook_with_flipped_bytes_never_panics_here(at in 0usize..2_000, to in any::<u8>()) {
        let mut bytes = of_rows(&[words("A1", "name") + &words("B1", "notes"), words("A2", "Ann")]);
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(table) = table(&bytes) {
            for row in table.take(1_000) {
                if row.is_err() {
                    break;
                }
            }
        }
    }
}

//! Text files: encodings, separators, and what is broken in them.

use encoding_rs::{BIG5, GB18030, GBK};
use proptest::prelude::*;

use super::*;
use crate::exchange::table::{MAX_CELL, MAX_COLUMNS};

const CHINESE: &str =
    "客户姓名,手机号码,公司,备注\n张三,13800001234,北京某某科技有限公司,喜欢喝茶\n欧阳修,+86 139 0000 1234,,\n";

fn utf16(text: &str, little: bool, bom: bool) -> Vec<u8> {
    let start = if bom { "\u{FEFF}" } else { "" };
    let units = start.encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn wanted() -> Vec<Vec<String>> {
    cells(CHINESE)
}

#[test]
fn gbk_and_gb18030_are_told_by_their_headers() {
    let (gbk, _, _) = GBK.encode(CHINESE);
    assert_eq!(cells(&gbk), wanted());
    assert_eq!(csv_format(&gbk), ("gb18030", ','));
    let rare = CHINESE.replace("张三", "张𠮷㐂");
    let (gb18030, _, lost) = GB18030.encode(&rare);
    assert!(!lost);
    assert_eq!(cells(&gb18030)[1][0], "张𠮷㐂");
    let (short, _, _) = GBK.encode("姓名\n王\n");
    assert_eq!(cells(&short), [["姓名"], ["王"]]);
}

#[test]
fn gbk_far_into_a_file_of_plain_letters_is_noticed() {
    let mut text = String::from("name,mobile\n");
    for n in 0..10_000 {
        text.push_str(&format!("customer {n},1380000{n:04}\n"));
    }
    text.push_str("上海市浦东新区的张三丰先生,13800001234\n");
    let (bytes, _, _) = GBK.encode(&text);
    assert_eq!(cells(&bytes).last().expect("rows")[0], "上海市浦东新区的张三丰先生");
}

#[test]
fn big5_headers_are_told_as_well() {
    let (bytes, _, _) = BIG5.encode("姓名,地址\n王小明,台北市\n");
    assert_eq!(cells(&bytes)[0], ["姓名", "地址"]);
}

#[test]
fn utf8_with_and_without_a_mark_and_utf16_of_both_orders() {
    assert_eq!(csv_format(CHINESE), ("UTF-8", ','));
    assert_eq!(cells(format!("\u{FEFF}{CHINESE}")), wanted());
    let tabs = CHINESE.replace(',', "\t");
    for little in [true, false] {
        for bom in [true, false] {
            let bytes = utf16(&tabs, little, bom);
            assert_eq!(cells(&bytes), wanted(), "little {little}, bom {bom}");
            assert_eq!(csv_format(&bytes).1, '\t');
        }
    }
}

#[test]
fn separators_are_found_and_a_hint_for_excel_is_obeyed() {
    for separator in [',', ';', '\t', '|'] {
        let text = CHINESE.replace(',', &separator.to_string());
        assert_eq!(cells(&text), wanted(), "{separator:?}");
        assert_eq!(csv_format(&text).1, separator);
        let hinted = format!("sep={separator}\r\n{text}");
        assert_eq!(cells(&hinted), wanted(), "{separator:?}");
    }
    assert_eq!(cells("name;note\na;one, two, three\nb;four, five, six\n")[1], ["a", "one, two, three"]);
    assert_eq!(cells("name\nAnn\nBob\n"), [["name"], ["Ann"], ["Bob"]]);
}

#[test]
fn quotes_line_ends_and_blank_rows_are_read_as_written() {
    let text = "name,notes\r\n\"Smith, \"\"J\"\"\",\"two\r\nlines\"\r\n\r\n , \r\nO\"Neil,x\rlast,\"\"";
    assert_eq!(cells(text), [["name", "notes"], ["Smith, \"J\"", "two\r\nlines"], ["O\"Neil", "x"], ["last", ""]]);
}

#[test]
fn a_quote_left_open_names_its_row() {
    let mut table = table("name,notes\nAnn,x\nBob,\"open\nCid,y\n").expect("a table");
    assert!(table.next().expect("a row").is_ok());
    let error = table.next().expect("an error").expect_err("open");
    assert!(matches!(error, TableError::QuoteOpen { row: 3 }), "{error}");
    assert!(table.next().is_none());
}

#[test]
fn rows_too_short_and_too_long_are_rejected_with_their_widths() {
    let text = "name,mobile,notes\nAnn,1\nBob,1,2,3\nCid,1,2,,\nDan,1,2\n";
    assert_eq!(
        faults(text),
        [
            (2, Some(RowFault::TooShort { found: 2, wanted: 3 })),
            (3, Some(RowFault::TooLong { found: 4, wanted: 3 })),
            (4, None),
            (5, None),
        ]
    );
}

#[test]
fn columns_without_a_name_at_the_end_may_be_filled_or_missing() {
    let text = "name,notes,,\nAnn,x\nBob,x,y,z\nCid\nDan,x,,,w\n";
    assert_eq!(
        faults(text),
        [
            (2, None),
            (3, None),
            (4, Some(RowFault::TooShort { found: 1, wanted: 2 })),
            (5, Some(RowFault::TooLong { found: 5, wanted: 4 })),
        ]
    );
}

#[test]
fn lone_invalid_bytes_reject_their_row_only() {
    let mut bytes = CHINESE.repeat(3).into_bytes();
    bytes.extend_from_slice("李四,".as_bytes());
    bytes.extend_from_slice(b"\xFF\xFE,x,y\n");
    bytes.extend_from_slice("王五,13800001234,x,y\n".as_bytes());
    let faults = faults(&bytes);
    let bad: Vec<_> = faults.iter().filter(|(_, fault)| fault.is_some()).collect();
    assert_eq!(bad, [&(10, Some(RowFault::NotInEncoding))]);
    assert_eq!(faults.last(), Some(&(11, None)));
}

/// A file that is made while it is read.
struct Endless {
    at: u64,
    size: u64,
}

impl std::io::Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let head = b"name,notes\nAnn,";
        let tail = b"\nBob,ok\n";
        let mut count = 0;
        for byte in out.iter_mut() {
            *byte = match self.at {
                at if at >= self.size => break,
                at if at < head.len() as u64 => head[at as usize],
                at if at >= self.size - tail.len() as u64 => tail[(at + tail.len() as u64 - self.size) as usize],
                _ => b'x',
            };
            self.at += 1;
            count += 1;
        }
        Ok(count)
    }
}

impl std::io::Seek for Endless {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            std::io::SeekFrom::Start(at) => at,
            std::io::SeekFrom::End(by) => self.size.saturating_add_signed(by),
            std::io::SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn a_cell_of_a_hundred_megabytes_is_rejected_without_being_held() {
    let mut table = Table::from_file(Endless { at: 0, size: 100 * 1024 * 1024 }).expect("a table");
    let big = table.next().expect("a row").expect("read");
    assert_eq!(big.fault, Some(RowFault::CellTooLong { column: 2 }));
    assert!(big.cells.iter().map(String::len).sum::<usize>() <= MAX_CELL + 3);
    let next = table.next().expect("a row").expect("read");
    assert_eq!((next.cells, next.fault), (vec!["Bob".to_owned(), "ok".to_owned()], None));
    assert_eq!(table.so_far().done, 100 * 1024 * 1024);
}

#[test]
fn a_row_of_a_million_cells_is_not_held() {
    let text = format!("name,notes\n{}\nBob,x\n", ",".repeat(1_000_000));
    let faults = faults(&text);
    assert_eq!(faults[0].1, Some(RowFault::TooLong { found: 1_000_001, wanted: MAX_COLUMNS }));
    assert_eq!(faults[1], (3, None));
    assert!(matches!(table(",x".repeat(5_000)), Err(TableError::TooWide)));
}

#[test]
fn what_is_no_table_is_said_to_be_none() {
    assert!(matches!(table(""), Err(TableError::Empty)));
    assert!(matches!(table("\n\n , \n"), Err(TableError::Empty)));
    assert!(matches!(table([0u8, 1, 2, 0, 0, 3, 0, 0, 0, 0, 7, 8]), Err(TableError::NotATable)));
    assert!(matches!(table(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest"), Err(TableError::OldWorkbook)));
    assert!(matches!(Table::open(&std::env::temp_dir()), Err(TableError::NotAFile)));
    assert!(matches!(Table::open(std::path::Path::new("/nonexistent/file.csv")), Err(TableError::Io(_))));
}

#[test]
fn neither_rows_nor_tables_nor_drafts_show_values_in_debug() {
    let mut table = table(CHINESE).expect("a table");
    let row = table.next().expect("a row").expect("read");
    let drafts = draft(CHINESE);
    let shown = format!("{table:?} {row:?} {drafts:?}");
    for secret in ["张三", "13800001234", "欧阳", "喝茶"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic_and_stay_bounded(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        if let Ok(table) = table(&bytes) {
            for row in table.take(10_000) {
                let Ok(row) = row else { break };
                prop_assert!(row.cells.iter().map(String::len).sum::<usize>() <= bytes.len() * 3 + 3);
            }
        }
    }

    #[test]
    fn random_tables_never_panic(text in "[a,;|\"\\n\\r\\t 姓名é=+']{0,300}") {
        if let Ok(table) = table(&text) {
            let schema = schema::sample();
            if let Ok(mapping) = Mapping::of(table.headers(), &schema, &MapFile::default(), "CN") {
                let drafting = Drafting::new(&mapping, &schema, "CN", today());
                for row in table.flatten() {
                    let _ = drafting.draft(&row);
                }
            }
        }
    }

    #[test]
    fn what_a_library_writes_is_read_back(rows in prop::collection::vec(prop::collection::vec("[a-z,\"\\n;王 ]{1,12}x", 3), 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["name", "notes", "company"]).expect("written");
        for row in &rows {
            writer.write_record(row).expect("written");
        }
        let read = cells(writer.into_inner().expect("written"));
        prop_assert_eq!(&read[1..], &rows[..]);
    }
}

//! The file of rejects, and the dry run.

use std::ops::ControlFlow;

use super::*;
use crate::exchange::preview::{Read, preview};
use crate::exchange::rejects::{RejectsWriter, safe};

const TEXT: &str = "name,mobile,notes\nAnn,13800001234,fine\nBob,12,=cmd|x\nCid,13900001234,x,extra\n@dan,1,\"a,b\"\n";

fn rejects_of(text: &str) -> String {
    let schema = schema::sample();
    let table = table(text).expect("a table");
    let mapping = Mapping::of(table.headers(), &schema, &MapFile::default(), "CN").expect("a mapping");
    let drafting = Drafting::new(&mapping, &schema, "CN", today());
    let mut out = RejectsWriter::new(Vec::new(), table.headers()).expect("begun");
    for row in table {
        let row = row.expect("a row");
        if let Err(reject) = drafting.draft(&row) {
            out.write(&row, &reject, &reject.reason.to_string()).expect("written");
        }
    }
    String::from_utf8(out.finish().expect("finished")).expect("UTF-8")
}

#[test]
fn rejects_keep_their_cells_say_why_and_are_no_formulas() {
    let file = rejects_of(TEXT);
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "\u{FEFF}name,mobile,notes,reject_row,reject_reason");
    assert_eq!(lines[1], "Bob,12,'=cmd|x,3,mobile: too short: some digits or letters are missing");
    assert!(lines[2].starts_with("Cid,13900001234,x | extra,4,the row has 4 cells"));
    assert!(lines[3].starts_with("'@dan,1,\"a,b\",5,"));
    assert_eq!(lines.len(), 4);
    for cell in ["=1", "+1", "-1", "@x", "\tx", "\rx", " =1", "＝1"] {
        assert!(safe(cell).starts_with('\''), "{cell:?}");
    }
    assert_eq!(safe("plain"), "plain");
}

#[test]
fn a_mended_rejects_file_is_imported_as_it_is() {
    let mended = rejects_of(TEXT).replace("Bob,12,", "Bob,'+86 13700001234,");
    let bob = draft(mended).remove(0).expect("good");
    assert_eq!((field(&bob, "mobile"), field(&bob, "notes")), (Some("+8613700001234"), Some("=cmd|x")));
}

#[test]
fn a_preview_counts_and_shows_the_first_problems_without_values() {
    let schema = schema::sample();
    let mut source = table(TEXT).expect("a table");
    let mapping = Mapping::of(source.headers(), &schema, &MapFile::default(), "CN").expect("a mapping");
    let drafting = Drafting::new(&mapping, &schema, "CN", today());
    let seen = preview(&mut source, &mapping, &drafting, &mut |_| ControlFlow::Continue(())).expect("read");
    assert_eq!((seen.good, seen.bad, seen.problems.len(), seen.read), (1, 3, 3, Read::Whole));
    assert_eq!(seen.problems[0].row, 3);
    let shown = format!("{seen:?}");
    assert!(!shown.contains("Bob") && !shown.contains("cmd") && !shown.contains("139"), "{shown}");
}

#[test]
fn a_preview_can_be_stopped() {
    let schema = schema::sample();
    let text = format!("name\n{}", "Ann\n".repeat(5_000));
    let mut source = table(&text).expect("a table");
    let mapping = Mapping::of(source.headers(), &schema, &MapFile::default(), "CN").expect("a mapping");
    let drafting = Drafting::new(&mapping, &schema, "CN", today());
    let mut told = Vec::new();
    let seen = preview(&mut source, &mapping, &drafting, &mut |so_far| {
        told.push(so_far);
        ControlFlow::Break(())
    });
    assert_eq!(seen.expect("read").read, Read::Part);
    assert_eq!(told[0].total, text.len() as u64);
    assert!(told[0].done > 0 && told[0].done <= told[0].total);
}

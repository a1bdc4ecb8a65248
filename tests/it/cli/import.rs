//! Bringing in a list: files as offices have them, a dry run that tells the truth, a file of rejects to mend.

use super::vault::{made, objects};
use super::*;

const BASICS: [&str; 4] = ["--source", "old list", "--basis", "contract"];

fn import<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["import", file][..], &BASICS, more].concat()
}

fn names(bench: &Bench, query: &[&str]) -> Vec<String> {
    let found = objects(&bench.owner(&[&["customers", "--json"][..], query].concat()).ok());
    found.iter().map(|customer| customer["name"].as_str().unwrap().to_owned()).collect()
}

/// Forty-six good rows of fifty.
fn chinese() -> String {
    let mut text = "姓名,手机,邮箱,公司,地址,标签,阶段,负责人,生日,创建日期\r\n".to_owned();
    for i in 0..50 {
        let mobile = if i == 7 { "1.38E+10".to_owned() } else { format!("1381234{i:04}") };
        let mail = if i == 9 { "not an address".to_owned() } else { format!("k{i}@example.cn") };
        let stage = if i == 11 { "天知道" } else { "成交" };
        let day = if i == 13 { "2031-01-01" } else { "2019/5/1" };
        text += &format!(
            "王芳{i},{mobile},{mail},云栖茶业,北京市海淀区中关村大街{i}号,茶;老客户,{stage},owner,3月7日,{day}\r\n"
        );
    }
    text
}

#[test]
fn a_gbk_list_with_chinese_headers_comes_in_with_its_fields_and_the_day_it_was_first_kept() {
    let bench = made();
    let text = chinese();
    let file = bench.file("list.csv", &encoding_rs::GB18030.encode(&text).0);
    let rejects = bench.text("rejects.csv");
    let ran = bench.owner(&import(&file, &["--duplicates", "skip", "--rejects", &rejects]));
    for (column, target) in [("姓名", "name"), ("手机", "mobile"), ("负责人", "owner"), ("创建日期", "created")]
    {
        let line = ran.err.lines().find(|line| line.starts_with(column)).unwrap();
        assert!(line.ends_with(target), "{line}");
    }
    assert_eq!(ran.ok(), "46 added, 0 merged, 0 skipped, 4 rejected\n");
    let one = objects(&bench.owner(&["customers", "13812340003", "--json"]).ok()).remove(0);
    assert_eq!((&one["name"], &one["stage"], &one["owner"]), (&"王芳3".into(), &"customer".into(), &"Owner".into()));
    assert_eq!(one["fields"]["address"], "北京市海淀区****");
    let shown = bench.owner(&["show", &one["id"].to_string()]).ok();
    let created = shown.lines().find(|line| line.starts_with("created")).unwrap();
    assert!(created.ends_with("2019-05-01 00:00"), "{created}");
}

#[test]
fn rejects_tell_the_reason_per_row_are_private_and_come_in_once_they_are_mended() {
    let bench = made();
    let file = bench.file("list.csv", chinese().as_bytes());
    let rejects = bench.text("rejects.csv");
    bench.owner(&import(&file, &["--duplicates", "skip", "--rejects", &rejects])).ok();
    assert_eq!(std::fs::metadata(&rejects).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = std::fs::read_to_string(&rejects).unwrap();
    for reason in ["9,mobile: a spreadsheet", "11,email: not an email", "13,stage: write", "15,created: the date lies"]
    {
        assert!(kept.replace('"', "").contains(reason), "{reason}: {kept}");
    }
    let mended = kept.replace("1.38E+10", "13812340007").replace("not an address", "k9@example.cn");
    let mended = bench.file("mended.csv", mended.replace("天知道", "意向").replace("2031-", "2021-").as_bytes());
    bench.owner(&import(&mended, &["--duplicates", "skip", "--rejects", &rejects])).fails(1, "another name");
    let second = bench.text("second.csv");
    let ran = bench.owner(&import(&mended, &["--duplicates", "skip", "--rejects", &second]));
    assert_eq!(ran.ok(), "4 added, 0 merged, 0 skipped, 0 rejected\n");
    assert!(!std::path::Path::new(&second).exists(), "a file without a row was left");
    assert_eq!(names(&bench, &["王芳"]).len(), 50);
}

#[test]
fn a_dry_run_counts_what_the_import_then_does_and_leaves_an_entry_and_nothing_else() {
    let bench = made();
    let first =
        bench.file("first.csv", "Name;Mobile;E-mail\nAnn;13812340001;\nBob;13812340002;bob@example.org\n".as_bytes());
    bench.owner(&import(&first, &["--duplicates", "skip"])).ok();
    // One of the vault by phone, one by email, one that repeats a row of the file by either, one that is new.
    let rows = "Name;Mobile;E-mail;Owner\nAnn again;+86 138 1234 0001;ann@example.org;Owner\nBobby;;BOB@example.org;\n\
        Cleo;13812340003;cleo@example.org;Somebody else\nCleo too;;cleo@example.org;\nDan;13812340004;;\nEve;12;;\n";
    let second = bench.file("second.csv", rows.as_bytes());
    let before = bench.owner(&["customers", "--json"]).ok();
    for (choice, would, does) in [
        ("skip", "would add 2, merge 0, skip 3, reject 1\n", "2 added, 0 merged, 3 skipped, 1 rejected\n"),
        ("keep", "would add 5, merge 0, skip 0, reject 1\n", "5 added, 0 merged, 0 skipped, 1 rejected\n"),
        ("merge", "would add 2, merge 3, skip 0, reject 1\n", ""),
    ] {
        let ran = bench.owner(&import(&second, &["--duplicates", choice, "--dry-run"]));
        assert!(ran.err.contains("already: 2. Rows that repeat an earlier row of the file: 1."), "{}", ran.err);
        assert!(ran.err.contains("1 row names an owner who is not on the staff"), "{}", ran.err);
        assert_eq!(ran.ok(), would, "{choice}");
        assert_eq!(bench.owner(&["customers", "--json"]).ok(), before);
        if !does.is_empty() {
            let other = Bench::new();
            std::fs::copy(bench.path("shop.veil"), other.path("shop.veil")).unwrap();
            let ran = other.owner(&import(&second, &["--duplicates", choice]));
            assert!(ran.err.contains("1 row names an owner who is not on the staff"), "{}", ran.err);
            assert_eq!(ran.ok(), does, "{choice}");
        }
    }
    let ran = bench.owner(&import(&second, &["--dry-run"]));
    assert!(ran.err.contains("--duplicates merge and keep do otherwise"), "{}", ran.err);
    assert_eq!(objects(&bench.owner(&["audit", "list", "action:import.rehearse", "--json"]).ok()).len(), 4);
}

#[test]
fn a_list_by_which_nobody_can_be_told_apart_says_so() {
    let bench = made();
    let file = bench.file("names.csv", b"Name,Company\nAnn,Kestrel\n");
    let ran = bench.owner(&import(&file, &["--dry-run"]));
    assert!(ran.err.contains("duplicates cannot be found"), "{}", ran.err);
    assert_eq!(ran.ok(), "would add 1, merge 0, skip 0, reject 0\n");
}

#[test]
fn a_source_must_be_said() {
    let bench = made();
    let file = bench.file("list.csv", b"Name,Mobile\nAnn,13812340001\n");
    for source in ["", "  \u{200b}"] {
        let arguments = ["import", &file, "--source", source, "--basis", "contract", "--duplicates", "skip"];
        bench.owner(&arguments).fails(2, "the source is empty");
    }
}

#[test]
fn who_may_not_import_cannot_rehearse_either() {
    let bench = made();
    let code = bench.owner(&["staff", "add", "Sam", "--role", "sales"]).ok();
    let code_file = std::fs::File::open(bench.secret("code", code.trim())).unwrap();
    bench.secret("sam.pass", "another long passphrase here");
    let fd = std::os::fd::AsRawFd::as_raw_fd(&code_file).to_string();
    bench.run_as("Sam", &["setup", "Sam", "--code-fd", &fd], "").ok();
    let file = bench.file("list.csv", chinese().as_bytes());
    bench.run_as("Sam", &import(&file, &["--dry-run"]), "").fails(1, "may not");
    bench.run_as("Sam", &import(&file, &["--duplicates", "skip"]), "").fails(1, "may not");
}

#[test]
fn duplicates_are_asked_about_once_at_a_terminal() {
    let bench = made();
    let file = bench.file("list.csv", b"Name,Mobile\nAnn,13812340001\nAnn,13812340001\n");
    let secret = bench.text("owner.pass");
    let arguments = [&import(&file, &[])[..], &["--as", "Owner", "--passphrase-file", &secret]].concat();
    let ran = bench.outcome(&arguments, "", &mut Typist(Some(["me".to_owned()].into()), Vec::new()));
    assert!(ran.1.ends_with("0 rejected\n"), "{} {}", ran.1, ran.2);
    let ran = bench.outcome(&arguments, "", &mut Typist(Some(["both".to_owned()].into()), Vec::new()));
    assert!(ran.2.contains("--duplicates skip, merge or keep"), "{}", ran.2);
}

#[test]
fn who_reads_chinese_is_told_in_chinese_and_scripts_get_what_they_always_get() {
    let bench = made();
    let file = bench.file("list.csv", chinese().as_bytes());
    let ran = bench.owner(&import(&file, &["--duplicates", "skip", "--lang", "zh-CN"]));
    for words in ["列", "第 9 行：", "第 13 行：阶段：请写", "可一次撤销整个导入。"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    assert_eq!(ran.ok(), "新增 46，合并 0，跳过 0，退回 4\n");
    let list = bench.owner(&["customers", "--limit", "1", "--lang", "zh-CN"]);
    assert!(list.err.contains("共 46 位"), "{}", list.err);
    assert!(list.ok().starts_with("编号"));
    let json = ["customers", "--json", "--limit", "3"];
    assert_eq!(bench.owner(&[&json[..], &["--lang", "zh-CN"]].concat()).ok(), bench.owner(&json).ok());
    bench.owner(&["show", "999", "--lang", "zh-CN"]).fails(1, "您的范围内没有这位客户");
    bench.run(&["customers", "--lang", "zh-CN", "--vault", &bench.text("none.veil")]).fails(1, "没有保险库");
    let wrong = bench.secret("wrong.pass", "not the passphrase at all");
    bench.run(&["customers", "--lang", "zh-CN", "--as", "Owner", "--passphrase-file", &wrong]).fails(4, "口令不对");
}

#[test]
fn rows_read_before_the_reading_limit_are_printed_before_it_is_told() {
    let bench = made();
    let mut text = "Name,Mobile\n".to_owned();
    for i in 0..2_300 {
        text += &format!("Ann {i},+49 1512 {:07}\n", 3_000_000 + i);
    }
    let file = bench.file("many.csv", text.as_bytes());
    bench.owner(&import(&file, &["--duplicates", "keep"])).ok();
    let ran = bench.owner(&["customers", "--json", "--limit", "2300"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("reading limit"), "{}", ran.err);
    assert!(objects(&ran.out).len() >= 2_000, "{}", ran.out.lines().count());
}

#[test]
fn consents_come_with_a_list_and_a_dry_run_counts_them() {
    let bench = made();
    let text = "姓名,手机,同意营销,consent.sharing\n\
        王芳,13812340001,是,\n\
        李强,13812340002,拒绝,撤回\n\
        赵敏,13812340003,看情况,\n\
        周杰,13812340004,,\n";
    let file = bench.file("list.csv", text.as_bytes());
    let dry = bench.owner(&import(&file, &["--dry-run"]));
    assert!(dry.err.contains("Consents that would come along: 3"), "{}", dry.err);
    assert!(dry.err.contains("consent.marketing: write yes, no or withdrawn"), "{}", dry.err);
    assert_eq!(dry.ok(), "would add 3, merge 0, skip 0, reject 1\n");
    let ran = bench.owner(&import(&file, &["--duplicates", "skip"]));
    assert!(ran.err.contains("Consents that came along: 3"), "{}", ran.err);
    assert_eq!(ran.ok(), "3 added, 0 merged, 0 skipped, 1 rejected\n");
    assert_eq!(names(&bench, &["consent:marketing=yes"]), ["王芳"]);
    let one = objects(&bench.owner(&["customers", "13812340001", "--json"]).ok()).remove(0)["id"].to_string();
    let said = objects(&bench.owner(&["consents", "list", &one, "--json"]).ok());
    let said = said.iter().find(|row| row["purpose"] == "marketing").unwrap();
    assert_eq!((&said["how"], &said["state"], &said["note"]), (&"import".into(), &"given".into(), &"old list".into()));
    assert!(said["version"].is_null(), "{said}");
    let again = bench.owner(&import(&file, &["--dry-run", "--duplicates", "merge"]));
    assert!(!again.err.contains("would come along"), "{}", again.err);
}

//! Commands on a vault: the main job, and who may not.

use serde_json::Value;
use veilbook::domain::audit::Origin;
use veilbook::service::gate::Gate;

use super::*;

const LIST: &str = "姓名,手机,邮箱,公司,阶段,备注\n\
    王芳,13812341234,wangfang@example.com,云栖茶业,customer,喜欢绿茶\n\
    Ann Barlow,+44 20 7946 0123,ann@example.org,Kestrel Ltd,lead,\n\
    单雄,13900001111,,,qualified,\n\
    坏行,12,,,lead,\n";

/// A vault with its owner and the list in it.
fn shop() -> Bench {
    let bench = made();
    let file = bench.file("list.csv", LIST.as_bytes());
    let arguments = ["import", &file, "--source", "old list", "--basis", "contract", "--duplicates", "skip"];
    let ran = bench.owner(&arguments);
    assert!(ran.err.contains("row 5"), "{}", ran.err);
    assert_eq!(ran.ok(), "3 added, 0 merged, 0 skipped, 1 rejected\n");
    bench
}

/// A vault with its owner.
pub fn made() -> Bench {
    let bench = Bench::new();
    bench.run(&["init", "--owner", "Owner", "--passphrase-file", &bench.text("owner.pass")]).ok();
    bench
}

pub fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn id_of(bench: &Bench, name: &str) -> String {
    let found = objects(&bench.owner(&["customers", name, "--json"]).ok());
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]["id"].to_string()
}

#[test]
fn init_prints_the_verification_key_once() {
    let bench = Bench::new();
    let secret = bench.text("owner.pass");
    let out = bench.run(&["init", "--owner", "Owner", "--passphrase-file", &secret]).ok();
    assert_eq!(out.lines().count(), 1);
    assert!(veilbook::ledger::note::Vkey::parse(out.trim()).is_ok(), "{out}");
    bench.run(&["init", "--owner", "Owner", "--passphrase-file", &secret]).fails(1, "already");
    let short = bench.secret("short.pass", "short");
    bench
        .run(&["init", "--owner", "Owner", "--passphrase-file", &short, "--vault", &bench.text("b.veil")])
        .fails(1, "12");
}

#[test]
fn a_passphrase_is_asked_for_at_a_terminal_and_twice_when_it_is_set() {
    let bench = Bench::new();
    let typed = |answers: &[&str]| Typist(Some(answers.iter().map(|a| (*a).to_owned()).collect()), Vec::new());
    let ran = bench.outcome(&["init", "--owner", "Owner"], "", &mut typed(&[PASSPHRASE, "another than before"]));
    assert!(ran.2.contains("differ"), "{}", ran.2);
    let ran = bench.outcome(&["init", "--owner", "Owner"], "", &mut typed(&[PASSPHRASE, PASSPHRASE]));
    assert!(ran.1.contains('+'), "{}", ran.2);
    let ran = bench.outcome(&["staff", "list"], "", &mut typed(&["Owner", PASSPHRASE]));
    assert!(ran.1.contains("Owner"), "{}", ran.2);
}

#[test]
fn who_does_not_sign_in_is_turned_away_with_4_and_a_second_opener_with_3() {
    let bench = made();
    bench.run(&["customers"]).fails(4, "--as NAME");
    bench.run(&["customers", "--as", "Owner"]).fails(4, "--passphrase-file");
    let open = bench.file("open.pass", PASSPHRASE.as_bytes());
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o640)).unwrap();
    bench.run(&["customers", "--as", "Owner", "--passphrase-file", &open]).fails(4, "others can read it");
    let wrong = bench.secret("wrong.pass", "not the passphrase at all");
    bench.run(&["customers", "--as", "Owner", "--passphrase-file", &wrong]).fails(4, "wrong");
    bench.run(&["customers", "--as", "Nobody", "--passphrase-file", &wrong]).fails(4, "wrong");
    bench.run(&["customers", "--as", "Owner", "--passphrase-fd", "987"]).fails(4, "descriptor 987");

    let gate = Gate::new(bench.path("shop.veil"), bench.deps());
    let session = gate.login("Owner", PASSPHRASE, Origin::CommandLine).unwrap();
    bench.owner(&["customers"]).fails(3, "another process holds it");
    session.end();
    drop(session);
    gate.seal();
    assert_eq!(bench.owner(&["customers"]).code, 0);
}

#[test]
fn a_file_that_is_no_vault_is_damage() {
    let bench = Bench::new();
    bench.file("shop.veil", &[7; 100_000]);
    assert_eq!(bench.owner(&["customers"]).code, 5);
    bench.file("shop.veil", b"");
    assert_eq!(bench.owner(&["customers"]).code, 5);
}

#[test]
fn the_main_job_runs_from_a_shell() {
    let bench = shop();
    let all = objects(&bench.owner(&["customers", "--json"]).ok());
    assert_eq!(all.len(), 3);
    let wang = all.iter().find(|c| c["name"] == "王芳").unwrap();
    let keys: Vec<&str> = wang.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "kind", "name", "owner", "stage", "tags", "fields", "next_follow_up", "updated"]);
    assert_eq!(wang["fields"]["mobile"], "138****1234");
    assert_eq!(wang["stage"], "customer");

    let id = id_of(&bench, "王芳");
    let shown = objects(&bench.owner(&["show", &id, "--json"]).ok());
    assert_eq!(shown[0]["fields"]["email"], "w***@example.com");
    assert!(bench.owner(&["show", &id]).ok().contains("138****1234"));

    let revealed = bench.owner(&["reveal", &id, "mobile", "--reason", "callback"]);
    assert!(revealed.err.contains("entry"), "{}", revealed.err);
    let value: String = revealed.ok().chars().filter(char::is_ascii_digit).collect();
    assert!(value.ends_with("13812341234"), "{value}");
    bench.owner(&["reveal", &id, "mobile", "--reason", "other", "--text", "aaa"]).fails(1, "says nothing");

    assert_eq!(bench.run_as("Owner", &["verify", &id, "mobile"], "138 1234 1234\n").ok(), "yes\n");
    assert_eq!(bench.run_as("Owner", &["verify", &id, "mobile"], "13812341235\n").ok(), "no\n");

    let next =
        ["interaction", "add", &id, "--kind", "call", "--text", "wants a quote", "--next", "tomorrow 15:00 send it"];
    bench.owner(&next).ok();
    bench.owner(&["interaction", "add", &id, "--kind", "call", "--text", "x", "--next", "someday"]).fails(2, "--next");
    let due = objects(&bench.owner(&["follow-ups", "--due", "week", "--json"]).ok());
    assert_eq!(due[0]["text"], "send it");
    assert_eq!(due[0]["due"], "2026-11-22T07:00:00Z");
    assert!(bench.owner(&["follow-ups"]).ok().contains("send it"));
}

#[test]
fn a_phone_finds_its_customer_on_record_and_words_do_so_without() {
    let bench = shop();
    for text in ["13812341234", "138 1234 1234", "wangfang@example.com", "1234"] {
        let found = objects(&bench.owner(&["customers", text, "--json"]).ok());
        assert_eq!(found.iter().map(|c| &c["name"]).collect::<Vec<_>>(), ["王芳"], "{text}");
    }
    assert!(bench.owner(&["customers", "wang"]).ok().contains("王芳"));
    let searches = objects(&bench.owner(&["audit", "list", "action:customer.search", "--json"]).ok());
    assert_eq!(searches.len(), 4);
}

#[test]
fn the_record_tells_and_is_verified_within_and_outside() {
    let bench = shop();
    let id = id_of(&bench, "王芳");
    bench.owner(&["reveal", &id, "mobile", "--reason", "callback"]).ok();
    let entries = objects(&bench.owner(&["audit", "list", "--json"]).ok());
    let reveal = entries.iter().find(|entry| entry["action"] == "customer.reveal").unwrap();
    let keys: Vec<&str> = reveal.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["seq", "time", "actor", "action", "object", "field", "reason", "outcome"]);
    assert_eq!(
        (&reveal["actor"], &reveal["field"], &reveal["reason"]),
        (&"Owner".into(), &"mobile".into(), &"callback".into())
    );
    bench.owner(&["audit", "list", "sideways:1"]).fails(2, "no such part");

    assert!(bench.owner(&["audit", "verify"]).ok().starts_with("sound: "));
    assert!(bench.owner(&["audit", "checkpoint"]).ok().contains("\u{2014} "));
    let file = bench.text("record.jsonl");
    bench.owner(&["audit", "export", &file]).ok();
    bench.owner(&["audit", "export", &file]).fails(1, "another name");
    assert!(bench.run(&["audit", "verify", &file]).ok().starts_with("sound: "));
    assert!(!String::from_utf8_lossy(&std::fs::read(&file).unwrap()).contains("13812341234"));
    let out = bench.owner(&["doctor"]).ok();
    assert!(out.contains("signed in as owner") && out.contains("only you can read it"), "{out}");
}

#[test]
fn somebody_new_sets_a_passphrase_with_the_code_and_is_shut_out_by_name() {
    let bench = shop();
    let code = bench.owner(&["staff", "add", "Greta", "--role", "auditor"]).ok();
    let code_file = std::fs::File::open(bench.secret("code", code.trim())).unwrap();
    bench.secret("greta.pass", "another long passphrase here");
    let fd = std::os::fd::AsRawFd::as_raw_fd(&code_file).to_string();
    let wrong = std::fs::File::open(bench.secret("wrong.code", "AAAA-BBBB")).unwrap();
    let other = std::os::fd::AsRawFd::as_raw_fd(&wrong).to_string();
    bench.run_as("Greta", &["setup", "Greta", "--code-fd", &other], "").fails(4, "the code is wrong");
    bench.run_as("Greta", &["setup", "Greta", "--code-fd", &fd], "").ok();
    assert!(bench.run_as("Greta", &["audit", "list"], "").ok().contains("import"));
    bench.run_as("Greta", &["customers"], "").fails(1, "may not");
    bench.run_as("Greta", &["staff", "add", "Max", "--role", "sales"], "").fails(1, "may not");
    let staff = objects(&bench.owner(&["staff", "list", "--json"]).ok());
    assert_eq!(staff.len(), 2);
    bench.owner(&["staff", "disable", "greta"]).ok();
    bench.run_as("Greta", &["audit", "list"], "").fails(4, "wrong");
    bench.owner(&["staff", "disable", "Max"]).fails(1, "nobody has that name");
}

#[test]
fn a_dry_run_counts_maps_and_keeps_rejects_and_brings_nothing_in() {
    let bench = made();
    let file = bench.file("list.csv", LIST.as_bytes());
    let rejects = bench.text("rejects.csv");
    let dry = ["import", &file, "--dry-run", "--rejects", &rejects, "--source", "x", "--basis", "consent"];
    let ran = bench.owner(&dry);
    assert!(ran.err.contains("手机") && ran.err.contains("mobile"), "{}", ran.err);
    assert_eq!(ran.ok(), "would add 3, merge 0, skip 0, reject 1\n");
    assert!(std::fs::read_to_string(&rejects).unwrap().contains("坏行"));
    assert_eq!(bench.owner(&["customers", "--json"]).ok(), "");
    bench.owner(&dry).fails(1, "rejects");
}

#[test]
fn a_stopped_import_leaves_nothing() {
    let bench = made();
    let file = bench.file("list.csv", LIST.as_bytes());
    let import = ["import", &file, "--source", "x", "--basis", "consent", "--duplicates", "keep"];
    bench.stop.store(true, Ordering::SeqCst);
    bench.owner(&import).fails(1, "nothing was brought in");
    bench.stop.store(false, Ordering::SeqCst);
    assert_eq!(bench.owner(&["customers", "--json"]).ok(), "");
    assert_eq!(bench.owner(&import).code, 0);
    assert_eq!(bench.owner(&import).ok(), "3 added, 0 merged, 0 skipped, 1 rejected\n");
    bench.owner(&import[..6]).fails(2, "--duplicates");
    let merge = ["import", &file, "--source", "x", "--basis", "consent", "--duplicates", "skip"];
    assert!(bench.owner(&merge).ok().contains("0 added"));
}

#[test]
fn no_command_but_reveal_shows_a_sealed_value() {
    let bench = shop();
    let id = id_of(&bench, "王芳");
    let file = bench.file("more.csv", LIST.as_bytes());
    let commands: &[&[&str]] = &[
        &["customers"],
        &["customers", "--json"],
        &["customers", "1234"],
        &["show", &id],
        &["show", &id, "--json"],
        &["audit", "list", "--json"],
        &["follow-ups"],
        &["staff", "list"],
        &["doctor"],
        &["import", &file, "--source", "again", "--basis", "contract", "--duplicates", "merge"],
        &["reveal", &id, "bank_card", "--reason", "callback"],
    ];
    for command in commands {
        let ran = bench.owner(command);
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains("12341234") && !text.contains("wangfang@"), "{command:?}: {text}");
        }
    }
    let ran = bench.run_as("Owner", &["verify", &id, "mobile"], "13812341234\n");
    assert!(!ran.out.contains("1234") && !ran.err.contains("1234"));
}

#[test]
fn a_made_vault_of_the_sample_opens_for_its_owner_and_is_never_made_over_another() {
    let bench = Bench::new();
    let secret = bench.text("owner.pass");
    let make = ["demo", "--make", &bench.text("shop.veil"), "--customers", "40", "--passphrase-file", &secret];
    bench.run(&make).ok();
    bench.run(&make).fails(1, "already");
    let list = ["customers", "--json", "--as", "Demo Owner", "--passphrase-file", &secret];
    assert_eq!(objects(&bench.run(&list).ok()).len(), 40);
}

//! Commands that need no vault.

use serde_json::Value;
use veilbook::cli::{Opened, Outcome, Style, definition};

use super::*;

#[test]
fn masks_are_the_renderers_and_the_value_may_come_from_standard_input() {
    let bench = Bench::new();
    for (kind, value, shown) in [
        ("mobile", "13812341234", "138****1234"),
        ("resident_id", "33010619880307123X", "3****************X"),
        ("email", "wang@example.com", "w***@example.com"),
        ("name", "欧阳小明", "欧阳**"),
        ("date_of_birth", "1988-03-07", "1988-**-**"),
        ("other", "anything", "********"),
    ] {
        assert_eq!(bench.run(&["mask", kind, value]).ok(), format!("{shown}\n"), "{kind}");
        assert_eq!(bench.run_with(&["mask", kind], &format!("{value}\r\n")).ok(), format!("{shown}\n"), "{kind}");
    }
}

#[test]
fn wrong_use_is_2_and_help_is_an_answer() {
    let bench = Bench::new();
    bench.run(&["mask", "nothing-such", "x"]).fails(2, "possible values");
    bench.run(&["reveal", "12", "mobile"]).fails(2, "--reason");
    bench.run(&["customers", "--limit", "0"]).fails(2, "--limit");
    bench.run(&["show", "twelve"]).fails(2, "invalid value");
    bench.run(&["import", "list.csv"]).fails(2, "--source");
    bench.run(&["sideways"]).fails(2, "unrecognized");
    bench.run(&["customers", "--passphrase-fd", "3", "--passphrase-file", "f"]).fails(2, "cannot be used with");
    assert!(bench.run(&["--help"]).ok().contains("Exit codes: 0 done"));
    assert!(bench.run(&["--version"]).ok().starts_with("veilbook "));
}

#[test]
fn without_a_vault_a_command_says_how_to_make_one() {
    let bench = Bench::new();
    for command in [&["customers"][..], &["show", "1"], &["staff", "list"], &["audit", "list"], &["follow-ups"]] {
        bench.run(command).fails(1, "veilbook init --owner NAME");
    }
}

#[test]
fn the_fields_of_a_new_vault_are_listed_without_one() {
    let bench = Bench::new();
    let out = bench.run(&["fields", "--json"]).ok();
    let fields: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let card = fields.iter().find(|field| field["key"] == "bank_card").unwrap();
    assert_eq!((&card["class"], &card["state"]), (&Value::from("sensitive"), &Value::from("off")));
    assert_eq!(fields.iter().find(|field| field["key"] == "mobile").unwrap()["mask"], "mobile");
    assert!(bench.run(&["fields", "--lang", "zh-CN"]).ok().contains("手机"));
}

#[test]
fn an_export_is_checked_without_a_vault_and_a_changed_byte_is_damage() {
    let bench = Bench::new();
    let export = crate::ledger::export(5);
    let file = bench.file("record.jsonl", &export);
    let key = crate::ledger::key(1).vkey().to_string();
    assert!(bench.run(&["audit", "verify", &file, "--key", &key]).ok().starts_with("sound: "));
    let ran = bench.run(&["audit", "verify", &file]);
    assert!(ran.err.contains("not whose it is"), "{}", ran.err);
    let other = crate::ledger::key(2).vkey().to_string();
    bench.run(&["audit", "verify", &file, "--key", &other]).fails(5, "another key");
    bench.run(&["audit", "verify", &file, "--key", "nonsense"]).fails(2, "cannot read --key");
    let mut changed = export.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    let changed = bench.file("changed.jsonl", &changed);
    assert_eq!(bench.run(&["audit", "verify", &changed]).code, 5);
    bench.run(&["audit", "verify", &bench.text("none")]).fails(1, "no such file");
}

#[test]
fn the_doctor_tells_what_is_there_and_what_is_not() {
    let bench = Bench::new();
    let out = bench.run(&["doctor"]).ok();
    assert!(out.contains("no vault at") && out.contains("no backup yet") && out.contains("terminal"), "{out}");
}

#[test]
fn completions_are_made_for_every_shell() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.run(&["completions", shell]).ok();
        for command in definition().get_subcommands() {
            assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
        }
    }
    assert!(bench.run(&["man"]).ok().contains("veilbook"));
}

#[test]
fn without_a_command_the_screens_are_asked_for() {
    let bench = Bench::new();
    let screens = |arguments: &[&str]| match bench.outcome(arguments, "", &mut Typist(None, Vec::new())).0 {
        Outcome::RunScreens(screens) => screens,
        other => panic!("{other:?}"),
    };
    let plain = screens(&["--plain", "--keymap", "vim", "--lang", "zh-CN", "--as", "Ann"]);
    assert_eq!((plain.style, plain.lang), (Style::Plain, Lang::ZhCn));
    assert_eq!((plain.keymap.as_deref(), plain.actor.as_deref()), (Some("vim"), Some("Ann")));
    assert!(matches!(plain.what, Opened::Vault(path) if path == bench.path("shop.veil")));
    let demo = screens(&["demo", "--customers", "300", "--seed", "9"]);
    assert!(matches!(demo.what, Opened::Demo { customers: 300, seed: 9 }));
}

#[test]
fn a_file_name_cannot_move_the_cursor() {
    let bench = Bench::new();
    let hostile = "evil\u{1b}]0;title\u{7}\u{202e}.jsonl";
    for arguments in [&["audit", "verify", hostile][..], &["mask", "name", "a", hostile], &["import", hostile]] {
        let err = bench.run(arguments).err;
        assert!(!err.is_empty() && !err.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{err:?}");
    }
}

//! `veilbook duplicates eval` and the labelled table that it is held to.

use serde_json::Value;
use veilbook::demo::labelled::{COLUMNS, labelled};

use super::*;

/// Customers of whom some are there more than once; `labelled` makes the same.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/labelled.csv");

fn measured(bench: &Bench, file: &str, more: &[&str]) -> Value {
    let out = bench.run(&[&["duplicates", "eval", file, "--key", "key", "--json"], more].concat()).ok();
    serde_json::from_str(&out).unwrap()
}

#[test]
fn duplicates_of_the_labelled_table_are_found_with_few_mistakes() {
    let bench = Bench::new();
    let result = measured(&bench, TABLE, &[]);
    assert_eq!(result["rows"], 3_000);
    assert!(result["pairs"].as_u64().unwrap() > 700, "{result}");
    assert!(result["precision"].as_f64().unwrap() >= 0.99, "{result}");
    assert!(result["recall"].as_f64().unwrap() >= 0.98, "{result}");
    let said = bench.run(&["duplicates", "eval", TABLE, "--key", "key"]).ok();
    assert!(said.contains("Precision 0.99") || said.contains("Precision 1.0"), "{said}");
}

#[test]
fn the_labelled_table_is_what_the_generator_makes() {
    let made = tempfile::tempdir().unwrap();
    let bench = Bench::new();
    let path = made.path().join("made.csv").to_string_lossy().into_owned();
    bench.run(&["demo", "--labelled", &path, "--customers", "3000", "--seed", "11"]).ok();
    let made = std::fs::read(&path).unwrap();
    if std::env::var_os("VEILBOOK_UPDATE").is_some() {
        std::fs::write(TABLE, &made).unwrap();
    }
    assert!(made == std::fs::read(TABLE).unwrap(), "run with VEILBOOK_UPDATE=1 and look at what changed");
    bench.run(&["demo", "--labelled", &path, "--customers", "1"]).fails(1, "exists");
}

#[test]
fn a_labelled_table_has_copies_and_those_who_only_look_alike() {
    use veilbook::clock::Clock;
    let clock = FixedClock::new(NOW);
    let rows = labelled(5, 2_000, NOW.at(clock.offset(NOW)));
    assert_eq!((rows.len(), COLUMNS.len()), (2_000, rows[0].len()));
    let others = rows.iter().filter(|row| row[0].ends_with('x')).count();
    let keys: std::collections::HashSet<&String> = rows.iter().map(|row| &row[0]).collect();
    assert!((200..600).contains(&others), "{others}");
    assert!((1_300..1_800).contains(&keys.len()), "{}", keys.len());
}

#[test]
fn what_cannot_be_measured_says_why() {
    let bench = Bench::new();
    let plain = bench
        .file("plain.csv", "姓名,手机,who\n王芳,13812341234,a\n王 芳,138 1234 1234,a\n李磊,13912341234,\n".as_bytes());
    bench.run(&["duplicates", "eval", &plain, "--key", "nobody"]).fails(2, "no column of that name");
    bench.run(&["duplicates", "eval", "missing.csv", "--key", "who"]).fails(1, "cannot read");
    bench.run(&["duplicates", "eval", &plain]).fails(2, "--key");
    let nameless = bench.file("nameless.csv", b"mobile,who\n13812341234,a\n");
    bench.run(&["duplicates", "eval", &nameless, "--key", "who"]).fails(1, "no column for the customer's name");
    let result = bench.run(&["duplicates", "eval", &plain, "--key", "who", "--json"]).ok();
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!((&result["pairs"], &result["rows"]), (&Value::from(1), &Value::from(3)));
    let said = bench.run(&["duplicates", "eval", &plain, "--key", "who", "--lang", "zh-CN"]).ok();
    assert!(said.contains("精确率") && !said.contains("王芳"), "{said}");
}

/// A vault with one pair of probable duplicates, and their numbers.
fn a_pair() -> (Bench, [String; 2]) {
    let bench = Bench::new();
    bench.run(&["init", "--owner", "Owner", "--passphrase-file", &bench.text("owner.pass")]).ok();
    let table =
        "name,mobile,email\n欧阳小明,13812341234,\nOuyang Xiaoming,138 1234 1234,oy@example.com\n李磊,13912341234,\n";
    let list = bench.file("list.csv", table.as_bytes());
    bench.owner(&["import", &list, "--source", "fair", "--basis", "consent", "--duplicates", "keep"]).ok();
    let out = bench.owner(&["duplicates", "list", "--json"]).ok();
    let pair: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!((&pair["name"], &pair["other_name"]), (&Value::from("欧阳小明"), &Value::from("Ouyang Xiaoming")));
    (bench, [&pair["keep"], &pair["other"]].map(ToString::to_string))
}

#[test]
fn who_is_said_to_be_somebody_else_is_listed_as_a_pair_no_more() {
    let (bench, [one, other]) = a_pair();
    bench.owner(&["duplicates", "apart", &one, &one]).fails(1, "the same customer");
    bench.owner(&["duplicates", "apart", &one, "999"]).fails(1, "no such customer");
    bench.owner(&["duplicates", "apart", &one, &other]).ok();
    assert!(bench.owner(&["duplicates", "list", "--json"]).ok().is_empty());
}

#[test]
fn pairs_in_a_vault_are_listed_and_merged() {
    let (bench, [keep, other]) = a_pair();
    assert!(bench.owner(&["duplicates", "list"]).ok().contains("phone"));
    bench.owner(&["duplicates", "merge", &keep, &keep]).fails(1, "the same customer");
    bench.owner(&["duplicates", "merge", &keep, &other]).ok();
    assert!(bench.owner(&["show", &other, "--json"]).ok().contains("o***@example.com"));
    assert!(bench.owner(&["duplicates", "list", "--json"]).ok().is_empty());
}

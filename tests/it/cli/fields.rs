//! Fields on the command line: added, written anew, moved, protected otherwise, and how far that is.

use super::vault::{made, objects};

fn field(bench: &super::Bench, key: &str) -> serde_json::Value {
    let all = objects(&bench.owner(&["fields", "list", "--json"]).ok());
    all.into_iter().find(|row| row["key"] == key).unwrap()
}

#[test]
fn a_field_is_added_written_anew_and_moved() {
    let bench = made();
    let new =
        ["fields", "add", "shoe_size", "--label", "Shoe size", "--label-zh", "鞋码", "--purpose", "order what fits"];
    bench.owner(&[&new[..], &["--kind", "choice", "--choices", "S|M|L", "--keep-months", "24"]].concat()).ok();
    let row = field(&bench, "shoe_size");
    assert_eq!((row["class"].as_str(), row["keep_months"].as_u64()), (Some("sensitive"), Some(24)));
    assert_eq!(row["choices"], serde_json::json!(["S", "M", "L"]));
    bench.owner(&["fields", "change", "shoe_size", "--purpose", "send what fits", "--of", "person"]).ok();
    let row = field(&bench, "shoe_size");
    assert_eq!((row["label_zh"].as_str(), row["of"].as_str()), (Some("鞋码"), Some("person")));
    assert_eq!(row["purpose"], "send what fits");
    bench.owner(&["fields", "move", "shoe_size", "up"]).ok();
    let all = objects(&bench.owner(&["fields", "--json"]).ok());
    assert_eq!(all[all.len() - 2]["key"], "shoe_size");
    bench.owner(&["fields", "change", "nothing", "--label", "x", "--purpose", "y"]).fails(1, "");
}

#[test]
fn a_class_gets_stricter_at_once_and_looser_by_a_holder() {
    let bench = made();
    bench.owner(&["fields", "class", "company", "contact"]).ok();
    bench.owner(&["fields", "run"]).ok();
    let row = field(&bench, "company");
    assert_eq!((row["class"].as_str(), row["resealing"].is_null()), (Some("contact"), true));
    let asked = bench.owner(&["fields", "class", "company", "open"]);
    assert!(asked.err.contains("fields confirm"), "{}", asked.err);
    let row = field(&bench, "company");
    assert_eq!((row["class"].as_str(), row["wanted"]["class"].as_str()), (Some("contact"), Some("open")));
    bench.owner(&["fields", "confirm", "company"]).ok();
    bench.owner(&["fields", "run"]).ok();
    assert_eq!(field(&bench, "company")["class"], "open");
    bench.owner(&["fields", "confirm", "company"]).fails(1, "");
    bench.owner(&["fields", "mask", "email", "other"]).ok();
    assert_eq!(field(&bench, "email")["mask"], "other");
}

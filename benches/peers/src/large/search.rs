//! Letters typed in the search, and queries of three conditions, each until its first fifty are there.

use std::time::Duration;

use super::house::{House, page};
use super::{Figures, timed};
use veilbook::service::Session;

/// Names that are typed letter by letter.
const NAMES: usize = 200;
/// What very many customers have.
const WORST: [&str; 24] = [
    "a", "c", "d", "e", "j", "l", "m", "s", "w", "x", "y", "z", "li", "wa", "zh", "zz", "王", "李", "张", "伟", "有限",
    "vip", "a l", "z w",
];
/// Conditions that many fulfil, that few do, and that nobody does, in every mixture.
const QUERIES: [&str; 12] = [
    "tag:VIP stage:lead last>90d",
    "tag:VIP -tag:gifts owner:me",
    "stage:lead last>90d created:2026-01..2026-03",
    "stage:customer kind:company has:email",
    "kind:person has:mobile stage:lost",
    "owner:me due:today has:email",
    "-stage:lead -stage:customer -kind:person",
    "stage:lost tag:complaint last<7d",
    "updated<1d stage:dormant kind:company",
    "created:2020 stage:lead kind:person",
    "zhang stage:lead kind:person",
    "li -tag:VIP last>30d",
];

pub fn measure(house: &House, figures: &mut Figures) {
    let names: Vec<String> = house.names().step_by((house.customers / NAMES).max(1)).collect();
    for (who, session) in [("who sees all", &house.owner), ("who sees 500 of them", &house.sales)] {
        let mut times = Vec::new();
        let mut by_text = Vec::new();
        for text in names.iter().flat_map(|name| typed(name)).chain(WORST.map(str::to_owned)) {
            let (took, _) = timed(|| page(session, &text));
            times.push(took);
            by_text.push((took, text));
        }
        by_text.sort();
        for (took, text) in by_text.iter().rev().take(20) {
            eprintln!("{took:>12.2?}  {text}  ({who})");
        }
        figures.times(&format!("a letter typed, {who}"), times, "10");
        figures.times(&format!("the worst prefixes, {who}"), repeated(session, &WORST), "10");
        figures.times(&format!("three conditions, {who}"), repeated(session, &QUERIES), "30");
    }
}

/// What stands in the query bar while somebody types a text.
pub fn typed(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    (1..=letters.len()).map(|till| letters[..till].iter().collect::<String>()).filter(|t| !t.ends_with(' ')).collect()
}

fn repeated(session: &Session, texts: &[&str]) -> Vec<Duration> {
    let once = |text: &&str| {
        let times: Vec<Duration> = (0..10).map(|_| timed(|| page(session, text)).0).collect();
        if let Some(slowest) = times.iter().max() {
            eprintln!("{slowest:>12.2?}  {text}");
        }
        times
    };
    texts.iter().flat_map(once).collect()
}

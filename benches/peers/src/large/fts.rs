//! The same names in SQLite's FTS5 with trigram tokens, searched by the same texts with its own ranking.

use std::path::Path;

use rusqlite::Connection;

use super::house::{House, page};
use super::search::typed;
use super::{Figures, timed};

/// Names that are typed letter by letter.
const NAMES: usize = 60;
/// What very many are called, long enough for trigrams.
const COMMON: [&str; 6] = ["zhang", "wang", "chen", "smith", "maria", "有限公司"];

pub fn measure(house: &House, folder: &Path, figures: &mut Figures) {
    let mut connection = Connection::open(folder.join("names.db")).unwrap();
    connection.execute_batch("CREATE VIRTUAL TABLE names USING fts5 (name, tokenize = 'trigram');").unwrap();
    let transaction = connection.transaction().unwrap();
    {
        let mut insert = transaction.prepare("INSERT INTO names VALUES (?)").unwrap();
        for name in house.names() {
            insert.execute([name]).unwrap();
        }
    }
    transaction.commit().unwrap();
    connection.execute_batch("INSERT INTO names (names) VALUES ('optimize');").unwrap();

    let names = house.names().step_by((house.customers / NAMES).max(1));
    let texts: Vec<String> = names.flat_map(|name| typed(&name)).collect();
    let (short, long): (Vec<&String>, Vec<&String>) = texts.iter().partition(|text| text.chars().count() < 3);
    let mut select = connection.prepare("SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 50").unwrap();
    let mut theirs = |text: &str| {
        let quoted = format!("\"{}\"", text.replace('"', "\"\""));
        timed(|| select.query_map([quoted], |row| row.get::<_, i64>(0)).unwrap().count()).0
    };
    let ours = |text: &str| timed(|| page(&house.owner, text)).0;
    let typed = long.iter().map(|text| (ours(text), theirs(text))).unzip();
    figures.pair("names typed, from the third letter on", typed);
    let common = COMMON.iter().flat_map(|text| [text; 10]).map(|text| (ours(text), theirs(text))).unzip();
    figures.pair("what many are called", common);
    figures.count("texts that FTS5 can answer", long.len());
    figures.count("texts too short for it, which veilbook answers", short.len());
}

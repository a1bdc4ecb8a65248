//! The words of the interface, which are those of the whole program: [`crate::words`].
//!
//! **Invariant:** every key that the code uses has a text; a test reads the source for them.

pub use crate::words::Words;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::commands::COMMANDS;
    use super::super::wording;
    use super::*;
    use crate::domain::field::Lang;

    #[test]
    fn every_key_in_the_code_has_a_text() {
        let words = Words::new(Lang::En);
        let mut missing = BTreeSet::new();
        walk(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut |source| {
            for opening in [".t(\"", ".ta(\"", ".told(\"", ".column(\"", "Because(\"", "word!(\""] {
                for part in source.split(opening).skip(1) {
                    let key = part.split('"').next().unwrap_or_default();
                    if !words.has(key) {
                        missing.insert(key.to_owned());
                    }
                }
            }
        });
        for row in COMMANDS {
            for family in ["cmd", "do"] {
                let key = wording::key(family, row.code);
                if !words.has(&key) {
                    missing.insert(key);
                }
            }
        }
        for key in wording::families() {
            if !words.has(&key) {
                missing.insert(key);
            }
        }
        assert_eq!(missing, BTreeSet::new());
    }

    fn walk(folder: &Path, each: &mut dyn FnMut(&str)) {
        for entry in std::fs::read_dir(folder).expect("the source folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, each);
            } else {
                each(&std::fs::read_to_string(path).expect("a source file"));
            }
        }
    }
}

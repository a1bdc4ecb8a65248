//! Which keys run which command where: read from rows of `on` and `run`.
//!
//! A keymap file has a list for each [`Place`]: `customers = [{ on = "s", run = "sort" }, …]`. `on` is a key, a
//! sequence of keys with spaces between, or a list of those; `run = "none"` frees a key in a file that builds on
//! another (`base = "arrows"`).
//! **Invariant:** within a place a sequence stands for one command and no sequence begins with another whole one.

use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::commands::{Cmd, Command, Place};
use super::key::{Key, KeyCode, Mods};

/// The keymaps that are built in, by name; the first is the default.
pub const SHIPPED: &[(&str, &str)] = &[
    ("arrows", include_str!("../../keymaps/arrows.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
];

/// Those, read once: all sessions of a process share their rows.
static READ: [OnceLock<Option<Keymap>>; SHIPPED.len()] = [const { OnceLock::new() }; SHIPPED.len()];

/// Keys in force.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    /// What it is called.
    pub name: String,
    rows: Arc<Vec<Binding>>,
}

/// One sequence in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub place: Place,
    /// The keys, one after another.
    pub keys: Vec<Key>,
    /// What they run.
    pub cmd: Cmd,
}

/// What a sequence of keys comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A command.
    Command(Cmd),
    /// The beginning of longer sequences.
    Prefix,
    /// Nothing.
    Nothing,
}

/// What is wrong with a keymap file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// Not TOML, or not of this form.
    #[error("line {line}: {what}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// What the reader says.
        what: String,
    },
    /// No such place.
    #[error("line {line}: there is no place \"{place}\"")]
    Place {
        /// The line, from 1.
        line: usize,
        /// As written.
        place: String,
    },
    /// No such key.
    #[error("line {line}: \"{key}\" is not a key")]
    Key {
        /// The line, from 1.
        line: usize,
        /// As written.
        key: String,
    },
    /// No such command, or not in this place.
    #[error("line {line}: there is no command \"{command}\" in {place}")]
    Command {
        /// The line, from 1.
        line: usize,
        /// As written.
        command: String,
        /// Where.
        place: &'static str,
    },
    /// The key has a command there already.
    #[error("line {line}: \"{keys}\" is taken in {place} already")]
    Taken {
        /// The line, from 1.
        line: usize,
        /// As written.
        keys: String,
        /// Where.
        place: &'static str,
    },
    /// The keymap that it builds on is not built in.
    #[error("there is no keymap \"{0}\" to build on: use arrows, vim or emacs")]
    Base(String),
}

/// One row of a file with the line that it stands in.
struct Row<'a> {
    line: usize,
    on: Vec<&'a str>,
    run: &'a str,
}

impl Keymap {
    /// A keymap that is built in.
    pub fn shipped(name: &str) -> Option<Self> {
        let ((name, text), read) = SHIPPED.iter().zip(&READ).find(|((known, _), _)| *known == name)?;
        read.get_or_init(|| Self::parse(name, text).ok()).clone()
    }

    /// A keymap from a file's text. `base = "…"` at the top makes it build on a shipped one.
    pub fn parse(name: &str, text: &str) -> Result<Self, KeymapError> {
        let table = DeTable::parse(text).map_err(|e| KeymapError::Form {
            line: line(text, e.span().map_or(0, |s| s.start)),
            what: e.message().to_owned(),
        })?;
        let mut map = match table.get_ref().get("base") {
            None => Self { name: name.to_owned(), rows: Arc::default() },
            Some(base) => {
                let base = base.get_ref().as_str().unwrap_or_default();
                let map = Self::shipped(base).ok_or_else(|| KeymapError::Base(base.to_owned()))?;
                Self { name: name.to_owned(), ..map }
            }
        };
        let inherited = map.rows.len();
        for (key, value) in table.get_ref().iter().filter(|(key, _)| key.get_ref() != "base") {
            let place = Place::from_code(key.get_ref()).ok_or_else(|| KeymapError::Place {
                line: line(text, key.span().start),
                place: key.get_ref().to_string(),
            })?;
            let rows = value.get_ref().as_array().ok_or_else(|| form(text, value, "a list of rows is needed"))?;
            for row in rows.iter() {
                map.take(place, &Row::read(text, row)?, inherited)?;
            }
        }
        Ok(map)
    }

    fn take(&mut self, place: Place, row: &Row<'_>, inherited: usize) -> Result<(), KeymapError> {
        let line = row.line;
        let command =
            match row.run {
                "none" => None,
                code => Some(
                    Command::by_code(code)
                        .filter(|c| c.places.contains(&place))
                        .ok_or_else(|| KeymapError::Command { line, command: code.to_owned(), place: place.code() })?,
                ),
            };
        for written in &row.on {
            let keys = written
                .split(' ')
                .map(|key| key.parse::<Key>().map_err(|_| KeymapError::Key { line, key: key.to_owned() }))
                .collect::<Result<Vec<_>, _>>()?;
            let clashes = |b: &Binding| b.place == place && (b.keys.starts_with(&keys) || keys.starts_with(&b.keys));
            if self.rows.iter().skip(inherited).any(clashes) {
                return Err(KeymapError::Taken { line, keys: (*written).to_owned(), place: place.code() });
            }
            // What the file says wins over what it builds on; the place of a removed row is kept, so that the
            // count of inherited rows stays true.
            for row in Arc::make_mut(&mut self.rows).iter_mut().take(inherited) {
                if clashes(row) {
                    row.keys.clear();
                }
            }
            if let Some(command) = command {
                Arc::make_mut(&mut self.rows).push(Binding { place, keys, cmd: command.cmd });
            }
        }
        Ok(())
    }

    /// What the sequence comes to in these places, innermost first.
    pub fn find(&self, places: &[Place], keys: &[Key]) -> Found {
        let keys: Vec<Key> = keys.iter().map(|k| plain(*k)).collect();
        for place in places {
            let mut prefix = false;
            for row in self.live().filter(|b| b.place == *place && b.keys.starts_with(&keys)) {
                if row.keys.len() == keys.len() {
                    return Found::Command(row.cmd);
                }
                prefix = true;
            }
            if prefix {
                return Found::Prefix;
            }
        }
        Found::Nothing
    }

    /// Every binding, in the order of the file.
    pub fn live(&self) -> impl Iterator<Item = &Binding> {
        self.rows.iter().filter(|b| !b.keys.is_empty())
    }

    /// The bindings that begin with these keys, in these places.
    pub fn continuations(&self, places: &[Place], keys: &[Key]) -> Vec<&Binding> {
        self.live()
            .filter(|b| places.contains(&b.place) && b.keys.len() > keys.len() && b.keys.starts_with(keys))
            .collect()
    }

    /// All sequences that run the command in these places, as they are written.
    pub fn keys_of(&self, cmd: Cmd, places: &[Place]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for place in places {
            for row in self.live().filter(|b| b.cmd == cmd && b.place == *place) {
                let written = written(&row.keys);
                if !found.contains(&written) {
                    found.push(written);
                }
            }
        }
        found
    }

    /// The first sequence that runs the command, preferring these places; empty if there is none.
    pub fn key_of(&self, cmd: Cmd, places: &[Place]) -> String {
        self.keys_of(cmd, places)
            .into_iter()
            .next()
            .or_else(|| self.live().find(|b| b.cmd == cmd).map(|b| written(&b.keys)))
            .unwrap_or_default()
    }
}

/// A sequence as people read it.
pub fn written(keys: &[Key]) -> String {
    keys.iter().map(|key| shown(*key)).collect::<Vec<_>>().join(" ")
}

/// One key as it stands on the keyboard: `Ctrl-R`, `F1`, `Enter`.
fn shown(key: Key) -> String {
    let name = key.to_string();
    let mut out = String::with_capacity(name.len());
    let parts: Vec<&str> = if name.chars().count() > 1 { name.split('-').collect() } else { vec![name.as_str()] };
    let modified = key.mods.has(Mods::CTRL);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push('-');
        }
        match *part {
            "pageup" => out.push_str("PgUp"),
            "pagedown" => out.push_str("PgDn"),
            "minus" => out.push('-'),
            // A lone letter is the key itself, in its own case, unless Ctrl makes the case mean nothing.
            letter if letter.chars().count() < 2 && !modified => out.push_str(letter),
            name => {
                let mut chars = name.chars();
                out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
                out.push_str(chars.as_str());
            }
        }
    }
    out
}

/// Full-width letters, as an input method sends them, read as plain ones.
fn plain(key: Key) -> Key {
    match key.code {
        KeyCode::Char(c) => Key { code: KeyCode::Char(crate::text::half_width(c)), ..key },
        _ => key,
    }
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

fn form(text: &str, value: &Spanned<DeValue<'_>>, what: &str) -> KeymapError {
    KeymapError::Form { line: line(text, value.span().start), what: what.to_owned() }
}

impl<'a> Row<'a> {
    fn read(text: &str, row: &'a Spanned<DeValue<'a>>) -> Result<Self, KeymapError> {
        const SHAPE: &str = "a row is { on = \"key\", run = \"command\" }";
        let fault = || form(text, row, SHAPE);
        let table = row.get_ref().as_table().ok_or_else(fault)?;
        let on = table.get("on").ok_or_else(fault)?.get_ref();
        let on = match (on.as_str(), on.as_array()) {
            (Some(one), _) => vec![one],
            (_, Some(several)) => {
                several.iter().map(|one| one.get_ref().as_str().ok_or_else(fault)).collect::<Result<_, _>>()?
            }
            _ => return Err(fault()),
        };
        let run = table.get("run").and_then(|run| run.get_ref().as_str()).ok_or_else(fault)?;
        Ok(Self { line: line(text, row.span().start), on, run })
    }
}

#[cfg(test)]
mod tests {
    use super::super::commands::COMMANDS;
    use super::*;

    fn check(text: &str, error: &str) {
        assert_eq!(Keymap::parse("x", text).map(|_| ()).unwrap_err().to_string(), error);
    }

    #[test]
    fn a_fault_names_its_line() {
        check("list = [\n { on = \"q q\", run = \"nope\" },\n]", "line 2: there is no command \"nope\" in list");
        check("list = [\n { on = \"qq\", run = \"open\" },\n]", "line 2: \"qq\" is not a key");
        check(
            "list = [\n { on = \"q\", run = \"open\" },\n { on = \"q\", run = \"back\" },\n]",
            "line 3: \"q\" is taken in list already",
        );
        check(
            "list = [\n { on = \"g c\", run = \"open\" },\n { on = \"g\", run = \"back\" },\n]",
            "line 3: \"g\" is taken in list already",
        );
        check("\nlisst = []", "line 2: there is no place \"lisst\"");
        check("list = [ { on = \"q\", run = \"lock\" } ]", "line 1: there is no command \"lock\" in list");
        assert!(Keymap::parse("x", "list = [").unwrap_err().to_string().starts_with("line 1: "));
    }

    #[test]
    fn a_persons_own_file_wins_over_what_it_builds_on() {
        let map = Keymap::parse(
            "own",
            "base = \"arrows\"\nglobal = [{ on = \"L\", run = \"none\" }, { on = \"X\", run = \"lock\" }]",
        )
        .expect("a good file");
        assert_eq!(map.find(&[Place::Global], &[Key::char('L')]), Found::Nothing);
        assert_eq!(map.find(&[Place::Global], &[Key::char('X')]), Found::Command(Cmd::Lock));
        assert_eq!(map.find(&[Place::Global], &[Key::char('?')]), Found::Command(Cmd::Help));
    }

    #[test]
    fn full_width_letters_are_read_as_plain_ones() {
        let map = Keymap::shipped("arrows").expect("built in");
        assert_eq!(map.find(&[Place::Global], &[Key::char('Ｌ')]), Found::Command(Cmd::Lock));
        assert_eq!(map.find(&[Place::Global], &[Key::char('ｇ'), Key::char('ｃ')]), Found::Command(Cmd::GoCustomers));
    }

    #[test]
    fn every_command_has_keys_in_every_place_of_all_three_keymaps() {
        for (name, text) in SHIPPED {
            let map = Keymap::parse(name, text).unwrap_or_else(|e| panic!("{name}: {e}"));
            for row in COMMANDS {
                for place in row.places {
                    assert!(!map.keys_of(row.cmd, &[*place]).is_empty(), "{name}: {} in {}", row.code, place.code());
                }
                let firm = map.live().any(|b| {
                    b.cmd == row.cmd && b.keys.iter().all(|k| k.typed().is_none()) || {
                        // A sequence that a Ctrl key begins is out of an input method's way.
                        b.cmd == row.cmd && b.keys.first().is_some_and(|k| k.typed().is_none())
                    }
                });
                assert!(firm, "{name}: {} has no key but letters", row.code);
            }
        }
    }
}

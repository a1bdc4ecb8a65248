//! Source files as the tidy tests read them: the text, and the code without comments, literals and tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// One source file.
pub struct Source {
    path: PathBuf,
    /// The file as it stands.
    pub text: String,
    /// The code: comments and literals are blank, and an inline module of tests is cut off.
    pub code: String,
}

/// The folder of the package.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A path from the package's folder on, with slashes.
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Every Rust file of the package, in the order of their names.
pub fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let mut paths = Vec::new();
        for folder in ["src", "tests", "examples", "benches"] {
            gather(&root().join(folder), &mut paths);
        }
        paths.sort();
        paths.into_iter().map(Source::read).collect()
    });
    &SOURCES
}

fn gather(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// What git tracks here; nothing where there is no git.
pub fn tracked() -> Vec<PathBuf> {
    let Ok(output) = Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output() else {
        return Vec::new();
    };
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    names.split('\0').filter(|name| !name.is_empty()).map(|name| root().join(name)).collect()
}

impl Source {
    fn read(path: PathBuf) -> Source {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = without_tests(&bare(&text));
        Source { path, text, code }
    }

    /// The path from the package's folder on.
    pub fn name(&self) -> String {
        relative(&self.path)
    }

    /// Whether the file holds tests and nothing else.
    pub fn is_tests(&self) -> bool {
        let name = self.name();
        name.starts_with("tests/") || name.ends_with("/tests.rs") || name.contains("/tests/")
    }

    /// Whether a module begins here: a `mod.rs`, or a file right under `src`.
    pub fn heads_a_module(&self) -> bool {
        let name = self.name();
        name.starts_with("src/") && (name.ends_with("/mod.rs") || name.matches('/').count() == 1)
    }

    /// Whether the code has this word, and not as a part of a longer one.
    pub fn names(&self, word: &str) -> bool {
        has_mark(&self.code, word)
    }

    /// The module that the file is, as the segments of its path: `src/vault/store/key.rs` is `vault, store, key`.
    pub fn module(&self) -> Vec<String> {
        let name = self.name();
        let name = name.strip_prefix("src/").unwrap_or(&name).trim_end_matches(".rs");
        let mut segments: Vec<String> = name.split('/').map(str::to_owned).collect();
        if segments.last().is_some_and(|last| last == "mod" || last == "lib") {
            segments.pop();
        }
        segments
    }
}

/// Whether the text has the mark where no word goes on before or behind it.
pub fn has_mark(text: &str, mark: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let ends_in_word = mark.ends_with(word);
    text.match_indices(mark).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(word);
        let behind = text[at + mark.len()..].chars().next().is_some_and(word);
        !(before || behind && ends_in_word)
    })
}

/// Folders above the package that are this machine's own, the home folder, and the host's name.
pub fn marks_of_this_machine() -> Vec<String> {
    let anybodys = ["tmp", "home", "usr", "var", "opt", "mnt", "src", "app", "build", "data", "repo", "code"];
    let mut marks: Vec<String> = root()
        .ancestors()
        .filter(|folder| folder.file_name().is_some_and(|name| !anybodys.iter().any(|n| name.eq_ignore_ascii_case(n))))
        .map(|folder| format!("{}/", folder.display()))
        .collect();
    if let Ok(home) = std::env::var("HOME")
        && home.len() > 1
    {
        marks.push(format!("{}/", home.trim_end_matches('/')));
    }
    if let Ok(host) = std::fs::read_to_string("/etc/hostname")
        && host.trim().len() >= 6
        && host.trim() != "localhost"
    {
        marks.push(host.trim().to_owned());
    }
    marks
}

/// What a scan of the text is inside of.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Code,
    Line,
    Block(u32),
    Text,
    Raw(usize),
}

/// The text with comments and literals made blank, line by line as it was.
fn bare(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut inside, mut at) = (String::with_capacity(text.len()), Inside::Code, 0);
    let get = |i: usize| chars.get(i).copied().unwrap_or('\0');
    while at < chars.len() {
        let (c, next) = (chars[at], get(at + 1));
        let mut step = 1;
        let mut keep = false;
        match inside {
            Inside::Code if c == '/' && next == '/' => inside = Inside::Line,
            Inside::Code if c == '/' && next == '*' => (inside, step) = (Inside::Block(1), 2),
            Inside::Code if c == '"' => inside = Inside::Text,
            Inside::Code if c == 'r' && (next == '"' || next == '#') && !word_before(&chars, at) => {
                let hashes = (1..).take_while(|n| get(at + n) == '#').count();
                if get(at + 1 + hashes) == '"' {
                    (inside, step) = (Inside::Raw(hashes), hashes + 2);
                } else {
                    keep = true;
                }
            }
            // A character is blank too; a lifetime is not a character.
            Inside::Code if c == '\'' && next == '\\' => {
                step = 3 + (at + 3..).take_while(|i| get(*i) != '\'' && *i < chars.len()).count() + 1;
            }
            Inside::Code if c == '\'' && get(at + 2) == '\'' => step = 3,
            Inside::Code => keep = true,
            Inside::Line if c == '\n' => inside = Inside::Code,
            Inside::Block(depth) if c == '*' && next == '/' => {
                (inside, step) = (if depth == 1 { Inside::Code } else { Inside::Block(depth - 1) }, 2);
            }
            Inside::Block(depth) if c == '/' && next == '*' => (inside, step) = (Inside::Block(depth + 1), 2),
            Inside::Text if c == '\\' => step = 2,
            Inside::Text if c == '"' => inside = Inside::Code,
            Inside::Raw(hashes) if c == '"' && (1..=hashes).all(|n| get(at + n) == '#') => {
                (inside, step) = (Inside::Code, hashes + 1);
            }
            Inside::Line | Inside::Block(_) | Inside::Text | Inside::Raw(_) => {}
        }
        out.extend(chars.iter().skip(at).take(step).map(|c| if keep || *c == '\n' { *c } else { ' ' }));
        at += step;
    }
    out
}

fn word_before(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

/// The code before an inline module of tests, which stands at the end of its file.
fn without_tests(code: &str) -> String {
    let cut = code.match_indices("#[cfg(test)]").find(|(at, mark)| {
        let behind = code[at + mark.len()..].trim_start();
        behind.starts_with("mod ") && behind.split_once(['{', ';']).is_some_and(|(head, _)| code_opens(behind, head))
    });
    cut.map_or(code, |(at, _)| &code[..at]).to_owned()
}

fn code_opens(behind: &str, head: &str) -> bool {
    behind[head.len()..].starts_with('{')
}

#[test]
fn bare_code_has_no_comment_no_literal_and_all_its_lines() {
    let text = "a /* b /* c */ d */ e // f\n\"g \\\" h\" r#\"i\"j\"# 'k' '\\n' '\\u{1b}' <'l> b\"m\"\nn";
    let code = bare(text);
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "<'l>", "b", "n"]);
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn a_mark_is_a_whole_word() {
    assert!(has_mark("use redb::Table;", "redb"));
    assert!(!has_mark("use stored::Table; let redbird = 1;", "redb"));
}

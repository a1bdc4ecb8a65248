//! What became of backups, verifications and drills: a small file of lines beside the vault.
//!
//! It is kept outside the vault, since a sealed vault is backed up too. **Invariant:** a line holds no personal value
//! and no secret; a line that cannot be read is passed over, since the record in the vault is what proves.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::cause::Cause;
use super::policy::beside;
use crate::clock::Timestamp;
use crate::codes::codes;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// All of the vault was backed up.
    Full,
    /// What had changed was backed up.
    Incremental,
    /// A place was read back.
    Verify,
    /// A backup was restored, opened, compared and deleted again.
    Drill,
}

codes!(What: Full = "full", Incremental = "incremental", Verify = "verify", Drill = "drill");

/// Something that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it ended.
    pub at: Timestamp,
    /// Where.
    pub place: String,
    /// What.
    pub what: What,
    /// Which backup.
    pub id: String,
    /// How many bytes moved.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Why it failed; none where it went well.
    pub fault: Option<Cause>,
}

impl Event {
    /// Whether it went well.
    pub fn is_good(&self) -> bool {
        self.fault.is_none()
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    at: i64,
    place: String,
    what: String,
    id: String,
    bytes: u64,
    millis: u64,
    fault: Option<Kept>,
}

/// A cause as it is kept; earlier versions kept English words.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Words(String),
    Cause(Cause),
}

impl From<Kept> for Cause {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Words(words) => words.into(),
            Kept::Cause(cause) => cause,
        }
    }
}

/// The most lines that are kept.
const MOST: usize = 2_000;

/// The history's file for the vault at `vault`.
pub fn path_for(vault: &Path) -> PathBuf {
    beside(vault, "backup.log")
}

/// What happened, the oldest first; nothing where there is no file.
pub fn read(path: &Path) -> Vec<Event> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok().and_then(event)).collect()
}

fn event(line: Line) -> Option<Event> {
    let Line { at, place, what, id, bytes, millis, fault } = line;
    Some(Event {
        at: Timestamp(at),
        place,
        what: What::from_code(&what)?,
        id,
        bytes,
        millis,
        fault: fault.map(Cause::from),
    })
}

/// Adds a line; a file that has grown long is written anew without its oldest lines.
pub fn add(path: &Path, event: &Event) -> std::io::Result<()> {
    let Event { at, place, what, id, bytes, millis, fault } = event.clone();
    let line = Line { at: at.0, place, what: what.code().to_owned(), id, bytes, millis, fault: fault.map(Kept::Cause) };
    let line = serde_json::to_string(&line).map_err(std::io::Error::other)?;
    let old = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = old.lines().collect();
    if lines.len() < MOST {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        return file.write_all(format!("{line}\n").as_bytes());
    }
    let kept = lines.iter().skip(lines.len() - MOST / 2).copied().chain([line.as_str()]);
    super::write_private(path, &kept.map(|line| format!("{line}\n")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_read_back_and_torn_lines_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = path_for(&folder.path().join("shop.veil"));
        assert!(path.ends_with("shop.backup.log"));
        let event = |at| Event {
            at: Timestamp(at),
            place: "/mnt/a".into(),
            what: What::Full,
            id: "x".into(),
            bytes: 7,
            millis: 9,
            fault: (at % 2 == 0).then(|| "the disk is full".into()),
        };
        add(&path, &event(1)).expect("written");
        std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut f| f.write_all(b"{\"at\":\n"))
            .expect("torn");
        add(&path, &event(2)).expect("written");
        assert_eq!(read(&path), [event(1), event(2)]);
        let old = std::fs::read_to_string(&path).expect("text").lines().last().map(str::to_owned).expect("a line");
        let kept = serde_json::to_string(&Cause::from("the disk is full")).expect("text");
        assert!(old.contains(&kept));
        let old = old.replace(&kept, "\"the disk is full\"");
        assert_eq!(serde_json::from_str(&old).ok().and_then(super::event), Some(event(2)), "of an earlier version");
        for at in 3..2_100 {
            add(&path, &event(at)).expect("written");
        }
        let kept = read(&path);
        assert!(kept.len() < MOST && kept.last() == Some(&event(2_099)));
    }
}

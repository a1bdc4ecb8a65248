//! What is backed up where and how often: the small file beside the vault, `NAME.backup.toml`.
//!
//! **Invariant:** nothing in the file is secret: public keys, places and numbers. A key that is not known is refused
//! with its line, since a misspelled place or number would be found out on the day the backup is needed.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::vault::backup::{NotARecipient, Owner, Place, Recipients};
use crate::vault::keyring::VaultId;

/// The policy of one vault's backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupPolicy {
    /// Where backups go: folders and `s3://bucket/prefix` addresses.
    pub places: Vec<String>,
    /// How often what is done.
    pub cadence: Cadence,
    /// How many are kept.
    pub keep: Keep,
    /// For how many days a store that can is asked to refuse deletion; 0 for not at all.
    pub lock_days: u32,
    /// After how many hours without a backup people are warned.
    pub late_after_hours: u32,
    /// Which vault it is, so that its backups are known while another process holds the file.
    pub vault: Option<VaultId>,
    /// Who can open a backup: public keys, brought up to date whenever somebody signs in.
    pub recipients: Recipients,
}

/// How often what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Minutes between two backups of what changed.
    pub incremental_minutes: u32,
    /// Hours between two whole backups.
    pub full_hours: u32,
    /// Days between two readings of everything back.
    pub verify_days: u32,
    /// Days between two drills.
    pub drill_days: u32,
}

/// How many of each are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// One an hour.
    pub hourly: u32,
    /// One a day.
    pub daily: u32,
    /// One a week.
    pub weekly: u32,
    /// One a month.
    pub monthly: u32,
}

impl Default for BackupPolicy {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            cadence: Cadence { incremental_minutes: 60, full_hours: 24, verify_days: 7, drill_days: 30 },
            keep: Keep { hourly: 24, daily: 7, weekly: 5, monthly: 12 },
            lock_days: 0,
            late_after_hours: 26,
            vault: None,
            recipients: Recipients::default(),
        }
    }
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupPolicyFault {
    /// The text is not what it should be.
    #[error("line {line}: {what}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// A number is too small or too large.
    #[error("{key} has to be a number from {least} to {most}")]
    Bounds {
        /// Which.
        key: &'static str,
        /// The smallest allowed.
        least: u32,
        /// The largest allowed.
        most: u32,
    },
    /// There is no such setting.
    #[error("there is no backup setting of this name")]
    UnknownKey,
    /// A place is neither a folder's whole path nor an address.
    #[error("a place is a folder's whole path, such as /mnt/backup, or s3://bucket/prefix")]
    Place,
    /// The same place stands there twice.
    #[error("this place is in use already")]
    Twice,
    /// No such place.
    #[error("this place is not in use")]
    NoSuchPlace,
    /// The file cannot be read or written.
    #[error("{0}")]
    File(String),
}

/// The settings that have a number: name, least, most.
const NUMBERS: [(&str, u32, u32); 10] = [
    ("incremental_minutes", 5, 10_080),
    ("full_hours", 1, 8_760),
    ("verify_days", 1, 366),
    ("drill_days", 1, 366),
    ("keep_hourly", 0, 1_000),
    ("keep_daily", 1, 1_000),
    ("keep_weekly", 0, 1_000),
    ("keep_monthly", 0, 1_000),
    ("lock_days", 0, 3_650),
    ("late_after_hours", 1, 8_760),
];

impl BackupPolicy {
    /// The policy's file for the vault at `vault`.
    pub fn path_for(vault: &Path) -> PathBuf {
        beside(vault, "backup.toml")
    }

    /// Every setting that has a number, with its bounds.
    pub fn numbers(&self) -> Vec<(&'static str, u32, std::ops::RangeInclusive<u32>)> {
        let mut copy = self.clone();
        let rows = NUMBERS.iter();
        rows.filter_map(|(key, least, most)| Some((*key, *copy.place_of(key)?, *least..=*most))).collect()
    }

    fn place_of(&mut self, key: &str) -> Option<&mut u32> {
        Some(match key {
            "incremental_minutes" => &mut self.cadence.incremental_minutes,
            "full_hours" => &mut self.cadence.full_hours,
            "verify_days" => &mut self.cadence.verify_days,
            "drill_days" => &mut self.cadence.drill_days,
            "keep_hourly" => &mut self.keep.hourly,
            "keep_daily" => &mut self.keep.daily,
            "keep_weekly" => &mut self.keep.weekly,
            "keep_monthly" => &mut self.keep.monthly,
            "lock_days" => &mut self.lock_days,
            "late_after_hours" => &mut self.late_after_hours,
            _ => return None,
        })
    }

    /// Sets a number by its name.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), BackupPolicyFault> {
        let row = NUMBERS.iter().find(|(name, ..)| *name == key).ok_or(BackupPolicyFault::UnknownKey)?;
        let bounds = BackupPolicyFault::Bounds { key: row.0, least: row.1, most: row.2 };
        let number = value.trim().parse().map_err(|_| bounds.clone())?;
        if !(row.1..=row.2).contains(&number) {
            return Err(bounds);
        }
        *self.place_of(key).ok_or(BackupPolicyFault::UnknownKey)? = number;
        Ok(())
    }

    /// Adds a place.
    pub fn add_place(&mut self, place: &str) -> Result<(), BackupPolicyFault> {
        let place = tidy_place(place)?;
        if self.places.contains(&place) {
            return Err(BackupPolicyFault::Twice);
        }
        self.places.push(place);
        Ok(())
    }

    /// Takes a place away. What lies there stays.
    pub fn remove_place(&mut self, place: &str) -> Result<(), BackupPolicyFault> {
        let before = self.places.len();
        self.places.retain(|known| known != place);
        if self.places.len() == before { Err(BackupPolicyFault::NoSuchPlace) } else { Ok(()) }
    }

    /// The policy in `text`.
    pub fn parse(text: &str) -> Result<Self, BackupPolicyFault> {
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
            BackupPolicyFault::Text { line, what: one_line(error.message()) }
        })?;
        if raw.version != 1 {
            let line = line_of(text, "version");
            return Err(BackupPolicyFault::Text { line, what: "this version of the file is not known".into() });
        }
        let mut policy = Self::default();
        for (key, value) in raw.numbers() {
            policy.set(key, &value.to_string()).map_err(|fault| BackupPolicyFault::Text {
                line: line_of(text, key.strip_prefix("keep_").unwrap_or(key)),
                what: fault.to_string(),
            })?;
        }
        for place in &raw.places {
            policy
                .add_place(place)
                .map_err(|fault| BackupPolicyFault::Text { line: line_of(text, place), what: fault.to_string() })?;
        }
        if let Some(vault) = &raw.vault {
            let id = unhex(vault).ok_or_else(|| BackupPolicyFault::Text {
                line: line_of(text, "vault"),
                what: "a vault's id is 32 hexadecimal digits".into(),
            })?;
            policy.vault = Some(id);
        }
        let key = |key: &String| {
            key.parse().map_err(|fault: NotARecipient| BackupPolicyFault::Text {
                line: line_of(text, key),
                what: fault.to_string(),
            })
        };
        let known = &raw.recipients;
        policy.recipients.root = known.root.as_ref().map(key).transpose()?;
        policy.recipients.recovery = known.recovery.as_ref().map(key).transpose()?;
        for owner in &known.owner {
            policy.recipients.owners.push(Owner { slot: owner.slot, key: key(&owner.key)? });
        }
        Ok(policy)
    }

    /// The policy as its file's text.
    pub fn text(&self) -> String {
        let mut out = String::from(
            "# Where this vault's backups go, how often and for how long.\n\
             # Nothing here is secret. \"veilbook backup setup\" and Admin change it; so may you.\n\
             version = 1\n",
        );
        // Writing into a string cannot fail.
        let _ = writeln!(out, "places = [{}]", self.places.iter().map(|p| quoted(p)).collect::<Vec<_>>().join(", "));
        if let Some(vault) = &self.vault {
            let _ = writeln!(out, "vault = \"{}\"", hex(vault));
        }
        let _ = writeln!(out, "lock_days = {}\nlate_after_hours = {}\n", self.lock_days, self.late_after_hours);
        let c = &self.cadence;
        let _ =
            writeln!(out, "[cadence]\nincremental_minutes = {}\nfull_hours = {}", c.incremental_minutes, c.full_hours);
        let _ = writeln!(out, "verify_days = {}\ndrill_days = {}\n", c.verify_days, c.drill_days);
        let k = &self.keep;
        let _ = writeln!(out, "[keep]\nhourly = {}\ndaily = {}", k.hourly, k.daily);
        let _ = writeln!(out, "weekly = {}\nmonthly = {}", k.weekly, k.monthly);
        let _ = writeln!(out, "\n# Public keys, written by the program.\n[recipients]");
        for (name, key) in [("root", self.recipients.root), ("recovery", self.recipients.recovery)] {
            if let Some(key) = key {
                let _ = writeln!(out, "{name} = \"{key}\"");
            }
        }
        for Owner { slot, key } in &self.recipients.owners {
            let _ = writeln!(out, "\n[[recipients.owner]]\nslot = {slot}\nkey = \"{key}\"");
        }
        out
    }
}

/// A file beside the vault: its name with another ending.
pub(super) fn beside(vault: &Path, ending: &str) -> PathBuf {
    vault.with_extension(ending)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<VaultId> {
    let mut out = VaultId::default();
    if text.len() != 2 * out.len() || !text.is_ascii() {
        return None;
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(out)
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line_of(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.contains(word)).map_or(1, |at| at + 1)
}

fn tidy_place(place: &str) -> Result<String, BackupPolicyFault> {
    let place = place.trim();
    let folder = place.starts_with('/');
    let short = if folder { place.trim_end_matches('/') } else { place };
    if short.is_empty() || short.chars().any(char::is_control) {
        return Err(BackupPolicyFault::Place);
    }
    if short.strip_prefix("~/").is_some_and(|rest| !rest.is_empty()) {
        // Only who uses the place knows whose home that is.
        return Ok(short.trim_end_matches('/').to_owned());
    }
    Place::parse(short).map(|place| place.to_string()).map_err(|_| BackupPolicyFault::Place)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    version: u32,
    #[serde(default)]
    places: Vec<String>,
    lock_days: Option<u32>,
    late_after_hours: Option<u32>,
    #[serde(default)]
    cadence: RawCadence,
    #[serde(default)]
    keep: RawKeep,
    vault: Option<String>,
    #[serde(default)]
    recipients: RawRecipients,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCadence {
    incremental_minutes: Option<u32>,
    full_hours: Option<u32>,
    verify_days: Option<u32>,
    drill_days: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeep {
    hourly: Option<u32>,
    daily: Option<u32>,
    weekly: Option<u32>,
    monthly: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecipients {
    root: Option<String>,
    recovery: Option<String>,
    #[serde(default)]
    owner: Vec<RawOwner>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOwner {
    slot: u16,
    key: String,
}

impl Raw {
    fn numbers(&self) -> impl Iterator<Item = (&'static str, u32)> + use<> {
        let (c, k) = (&self.cadence, &self.keep);
        let values = [
            c.incremental_minutes,
            c.full_hours,
            c.verify_days,
            c.drill_days,
            k.hourly,
            k.daily,
            k.weekly,
            k.monthly,
            self.lock_days,
            self.late_after_hours,
        ];
        NUMBERS.iter().zip(values).filter_map(|((key, ..), value)| Some((*key, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::backup::Recipient;

    #[test]
    fn a_policy_reads_back_as_it_was_written() {
        let mut policy = BackupPolicy::default();
        policy.add_place("/mnt/backup disk/").expect("a folder");
        policy.add_place("s3://firm/books?endpoint=http://127.0.0.1:9000").expect("an address");
        policy.set("late_after_hours", "5").expect("in bounds");
        let key = Recipient::from_kem([9; 32]);
        policy.vault = Some([7; 16]);
        policy.recipients = Recipients { owners: vec![Owner { slot: 3, key }], recovery: None, root: Some(key) };
        assert_eq!(BackupPolicy::parse(&policy.text()), Ok(policy));
    }

    #[test]
    fn what_is_not_known_or_out_of_bounds_is_refused_with_its_line() {
        let line = |text: &str| match BackupPolicy::parse(text) {
            Err(BackupPolicyFault::Text { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line("version = 1\nplace = [\"/mnt\"]\n"), 2);
        assert_eq!(line("version = 1\n\n[cadence]\nincremental_minute = 5\n"), 4);
        assert_eq!(line("version = 1\n[keep]\nhourly = 1\ndaily = 0\n"), 4);
        assert_eq!(line("version = 1\nplaces = [\n  \"backup\",\n]\n"), 3);
        assert_eq!(line("version = 2\n"), 1);
        assert_eq!(line("version = 1\n[recipients]\nroot = \"age1no\"\n"), 3);
        assert_eq!(line("version = 1\nvault = \"12\"\n"), 2);
        assert_eq!(line("version = 1\nplaces = \"/mnt\"\n"), 2);
    }

    #[test]
    fn a_place_is_a_whole_path_or_an_address_and_stands_once() {
        let mut policy = BackupPolicy::default();
        for wrong in ["", "backup", "./backup", "/", "s3://", "s3:///x", "ftp://host/x", "/mnt/\u{1b}[2J"] {
            assert_eq!(policy.add_place(wrong), Err(BackupPolicyFault::Place), "{wrong:?}");
        }
        assert_eq!(policy.add_place("~"), Err(BackupPolicyFault::Place));
        assert_eq!(policy.add_place("~/a"), Ok(()), "whose home it is, is known where the place is used");
        assert_eq!(policy.add_place("/mnt/a/"), Ok(()));
        assert_eq!(policy.add_place("/mnt/a"), Err(BackupPolicyFault::Twice));
        assert_eq!(policy.remove_place("/mnt/b"), Err(BackupPolicyFault::NoSuchPlace));
        assert_eq!(policy.remove_place("/mnt/a"), Ok(()));
    }
}

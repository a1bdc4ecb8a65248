//! Doctor's look at backups: whether there are any, how old they are, and whether the vault lies where it should.
//!
//! **Invariant:** nothing is asked of a store and nothing is written; what is said comes from the files beside the vault.

use std::path::Path;

use super::{Findings, Health};
use crate::clock::Timestamp;
use crate::service::backups::door::on_same_disk;
use crate::service::backups::policy::BackupPolicy;
use crate::service::backups::{Backups, clouds, schedule};
use crate::service::view::{BackupEvent, BackupWhat};
use crate::words::Words;
use crate::words::backup::span;

/// What the doctor works with.
pub(super) struct Patient<'p> {
    pub(super) backups: &'p Backups,
    pub(super) vault: &'p Path,
    pub(super) now: Timestamp,
    pub(super) words: &'p Words,
}

pub(super) fn look(found: &mut Findings, patient: &Patient<'_>) {
    cloud(found, patient.vault);
    let policy = match patient.backups.policy() {
        Ok(policy) => policy,
        Err(fault) => return found.add("backup", Health::Bad, format!("the settings cannot be read: {fault}")),
    };
    if policy.places.is_empty() && !patient.vault.exists() {
        return found.add("backup", Health::Mind, "no backup yet");
    }
    if policy.places.is_empty() {
        let words = "there is one copy only; \"veilbook backup setup --add PLACE\" says where others go";
        return found.add("backup", Health::Mind, words);
    }
    let history = patient.backups.history();
    for place in &policy.places {
        found.add("backup", health(patient, &history, &policy, place), said(patient, &history, &policy, place));
    }
    disks(found, patient.vault, &policy);
    drill(found, patient, &history, &policy);
}

fn cloud(found: &mut Findings, vault: &Path) {
    let entries = |folder: &Path| {
        let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
        inside.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let whole = std::path::absolute(vault).unwrap_or_else(|_| vault.to_owned());
    if let Some(cloud) = clouds::around(&whole, &entries) {
        let words = format!(
            "the vault lies in a folder that {} synchronises, which copies it while it is written: move the vault out, \
             and let backups go there",
            cloud.name()
        );
        found.add("file", Health::Bad, words);
    }
}

fn health(patient: &Patient<'_>, history: &[BackupEvent], policy: &BackupPolicy, place: &str) -> Health {
    if schedule::is_late(patient.now, history, policy, place) { Health::Mind } else { Health::Well }
}

fn last(patient: &Patient<'_>, history: &[BackupEvent], place: Option<&str>, what: &[BackupWhat]) -> Option<Timestamp> {
    let good = history.iter().filter(|e| e.is_good() && e.at <= patient.now && what.contains(&e.what));
    good.filter(|e| place.is_none_or(|place| e.place == place)).map(|e| e.at).max()
}

fn age(patient: &Patient<'_>, at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| format!("{} ago", span(patient.words, patient.now.since(at))))
}

fn said(patient: &Patient<'_>, history: &[BackupEvent], policy: &BackupPolicy, place: &str) -> String {
    let made = last(patient, history, Some(place), &schedule::BACKUPS);
    let read = last(patient, history, Some(place), &[BackupWhat::Verify]);
    let mut words = format!("{place}: backed up {}, read back {}", age(patient, made), age(patient, read));
    if schedule::is_late(patient.now, history, policy, place) {
        words.push_str("; late: \"veilbook backup\" makes one now");
    }
    let newest = history.iter().rev().find(|e| e.place == place);
    if let Some(fault) = newest.and_then(|e| e.fault.as_ref()) {
        words.push_str(&format!("; the last try failed: {fault}"));
    }
    words
}

fn disks(found: &mut Findings, vault: &Path, policy: &BackupPolicy) {
    let whole = std::path::absolute(vault).unwrap_or_else(|_| vault.to_owned());
    let here = policy.places.iter().filter(|place| on_same_disk(&whole, Path::new(place))).count();
    if here == policy.places.len() {
        let words = "every place is on the vault's own disk: one dead disk takes all; add one elsewhere";
        found.add("backup", Health::Mind, words);
    } else if policy.places.len() == 1 {
        found.add("backup", Health::Mind, "one place only: a second, elsewhere, survives fire and theft");
    }
}

fn drill(found: &mut Findings, patient: &Patient<'_>, history: &[BackupEvent], policy: &BackupPolicy) {
    let drilled = last(patient, history, None, &[BackupWhat::Drill]);
    let late = drilled.is_none() || schedule::drill_is_late(patient.now, history, policy);
    let health = if late { Health::Mind } else { Health::Well };
    let advice = if late { ": \"veilbook drill\" restores one, compares and deletes it" } else { "" };
    found.add("drill", health, format!("last drill {}{advice}", age(patient, drilled)));
}

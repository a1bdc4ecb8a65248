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
use crate::words::backup::{cause, policy as policy_fault, span};

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
        Err(fault) => {
            let why = policy_fault(patient.words, &fault);
            return found.add("backup", Health::Bad, "doctor-backup-settings", &[("why", &why)]);
        }
    };
    if policy.places.is_empty() && !patient.vault.exists() {
        return found.add("backup", Health::Mind, "doctor-backup-none", &[]);
    }
    if policy.places.is_empty() {
        return found.add("backup", Health::Mind, "doctor-backup-one-copy", &[]);
    }
    let history = patient.backups.history();
    for place in &policy.places {
        let said = said(patient, &history, &policy, place);
        found.add_said("backup", health(patient, &history, &policy, place), said);
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
        found.add("file", Health::Bad, "doctor-cloud", &[("name", &cloud.name())]);
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
    at.map_or_else(
        || patient.words.t("backups-never-done"),
        |at| patient.words.ta("backups-ago", &[("age", &span(patient.words, patient.now.since(at)))]),
    )
}

fn said(patient: &Patient<'_>, history: &[BackupEvent], policy: &BackupPolicy, place: &str) -> String {
    let made = last(patient, history, Some(place), &schedule::BACKUPS);
    let read = last(patient, history, Some(place), &[BackupWhat::Verify]);
    let (made, read) = (age(patient, made), age(patient, read));
    let mut said = vec![patient.words.ta("doctor-backup", &[("place", &place), ("made", &made), ("read", &read)])];
    if schedule::is_late(patient.now, history, policy, place) {
        said.push(patient.words.t("doctor-backup-late"));
    }
    let newest = history.iter().rev().find(|e| e.place == place);
    if let Some(why) = newest.and_then(|e| e.fault.as_ref()) {
        said.push(patient.words.ta("doctor-backup-failed", &[("why", &cause(patient.words, why))]));
    }
    said.join(&patient.words.t("list-and"))
}

fn disks(found: &mut Findings, vault: &Path, policy: &BackupPolicy) {
    let whole = std::path::absolute(vault).unwrap_or_else(|_| vault.to_owned());
    let here = policy.places.iter().filter(|place| on_same_disk(&whole, Path::new(place))).count();
    if here == policy.places.len() {
        found.add("backup", Health::Mind, "doctor-backup-same-disk", &[]);
    } else if policy.places.len() == 1 {
        found.add("backup", Health::Mind, "doctor-backup-one-place", &[]);
    }
}

fn drill(found: &mut Findings, patient: &Patient<'_>, history: &[BackupEvent], policy: &BackupPolicy) {
    let drilled = last(patient, history, None, &[BackupWhat::Drill]);
    let late = drilled.is_none() || schedule::drill_is_late(patient.now, history, policy);
    let health = if late { Health::Mind } else { Health::Well };
    let key = if late { "doctor-drill-late" } else { "doctor-drill" };
    found.add("drill", health, key, &[("age", &age(patient, drilled))]);
}

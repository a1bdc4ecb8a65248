//! The deep check of a vault: file, tables and record of actions, each read to its end.
//!
//! **Invariant:** a check changes nothing but the record, which says that it was made and how it ended; what is wrong in
//! one part does not keep the others from being looked at.

use std::ops::ControlFlow;

use super::actor::Actor;
use super::alerts;
use super::desk::Desk;
use super::refusal::Refusal;
use super::session::Session;
use super::view::{AlertKind, ChainCheck, Examined};
use crate::domain::audit::{NewEntry, Outcome};
use crate::domain::role::Permission;
use crate::vault::book::{settings, work};
use crate::vault::check::{self, CheckError, Staging};
use crate::vault::store::Put;

pub use crate::vault::check::{Progress, Step, Tell};

/// How many jobs are looked at for one that is under way.
const JOBS: usize = 50;

impl Session {
    /// Reads everything that is stored and says what is wrong with it; nothing where `tell` stopped it. Nobody writes
    /// while blocks are read.
    pub fn examine(&self, tell: Tell<'_>) -> Result<Option<Examined>, Refusal> {
        let actor = self.actor()?;
        if !actor.role.may(Permission::ManagePolicy) {
            actor.require(Permission::ReadAudit)?;
        }
        let Some(mut found) = examine(&actor.desk, tell) else { return Ok(None) };
        let (of_actor, for_record) = (actor.clone(), found.clone());
        if let Err(refusal) = actor.commit(move |to| record(&of_actor, to, &for_record)) {
            // What was found is told even where the record can no longer be written, which is a finding of its own.
            found.record.get_or_insert_with(|| refusal.to_string());
        }
        Ok(Some(found))
    }
}

/// Checks a vault that was just opened, if its policy asks for that.
pub(super) fn at_open(desk: &Desk) -> Option<Examined> {
    let from = desk.tables.read().ok()?;
    let policy = settings::policy(&from).ok()?;
    drop(from);
    if policy.check_at_open == 0 { None } else { examine(desk, &mut |_| ControlFlow::Continue(())) }
}

/// Puts a check on record, with an alert where something is wrong.
pub(super) fn record(actor: &Actor, to: &mut dyn Put, found: &Examined) -> Result<(), Refusal> {
    let outcome = if found.is_sound() { Outcome::Done } else { Outcome::Failed };
    actor.record(to, &NewEntry { outcome, count: Some(found.entries), ..actor.entry("vault.check") })?;
    if found.is_sound() { Ok(()) } else { alerts::raise(actor, to, AlertKind::CheckFailed, found.entries) }
}

fn examine(desk: &Desk, tell: Tell<'_>) -> Option<Examined> {
    let mut found = Examined::default();
    match desk.tables.check(tell) {
        Ok(bytes) => found.bytes = bytes,
        Err(CheckError::Stopped) => return None,
        Err(fault) => found.file = Some(fault.to_string()),
    }
    let from = match desk.tables.read() {
        Ok(from) => from,
        Err(error) => {
            found.tables = Some(error.to_string());
            return Some(found);
        }
    };
    let jobs = work::jobs(&from, JOBS).unwrap_or_default();
    let staging = if jobs.iter().any(super::import::is_unfinished) { Staging::UnderWay } else { Staging::None };
    match check::rows(&from, staging, tell) {
        Ok(()) => {}
        Err(CheckError::Stopped) => return None,
        Err(fault) => found.tables = Some(fault.to_string()),
    }
    found.entries = super::record::size(&from).unwrap_or_default();
    if tell(Progress { step: Step::Record, done: 0, of: found.entries }).is_break() {
        return None;
    }
    found.record = match desk.check_record(&from) {
        Ok(ChainCheck::Sound) => desk.recorder.check_nodes(&from).unwrap_or_else(|error| Some(error.to_string())),
        Ok(ChainCheck::Broken(fault)) => Some(fault),
        Err(error) => Some(error.to_string()),
    };
    Some(found)
}

//! `veilbook backup …`: make, list, verify and set up backups.
//!
//! **Invariant:** without `--as` no passphrase is asked for: the closed file is copied as it lies, so that a timer can do
//! it.

use serde::Serialize;

use super::args::{Backup, BackupCommand};
use super::moving::Moving;
use super::sign_in::{refused, unexpected};
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::Lang;
use crate::service::backups::policy::BackupPolicy;
use crate::service::backups::{EachPlace, Kind, Report};
use crate::service::view::{BackupChange, BackupOrder, BackupRow};
use crate::service::{Action, Query, View};
use crate::text::pad;
use crate::words::backup::{bytes, turn_of_phrase};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Backup) -> Ended {
    match &args.command {
        None => make(desk, args),
        Some(BackupCommand::List { place, json }) => list(desk, place.as_deref().map(whole).as_deref(), *json),
        Some(BackupCommand::Verify { id, part, json }) => verify(desk, id.as_deref(), *part, *json),
        Some(BackupCommand::Setup { add, remove, set, json }) => {
            let adds = add.iter().map(|place| BackupChange::AddPlace(whole(place)));
            let removes = remove.iter().map(|place| BackupChange::RemovePlace(whole(place)));
            let sets = set.iter().map(|(key, value)| BackupChange::Set(key.clone(), value.clone()));
            set_up(desk, removes.chain(adds).chain(sets).collect(), *json)
        }
    }
}

/// A place as it is typed at a shell: a folder that is there may be named from where one stands.
pub(super) fn whole(place: &str) -> String {
    let path = std::path::Path::new(place);
    let here = path.is_relative() && path.is_dir();
    let whole = here.then(|| std::path::absolute(path).ok()).flatten();
    whole.map_or_else(|| place.to_owned(), |path| path.display().to_string())
}

fn make(desk: &mut Desk<'_, '_>, args: &Backup) -> Ended {
    let what = "back up";
    let (kind, place) = (args.full.then_some(Kind::Full), args.place.as_deref().map(whole));
    let mut moving = Moving::new(desk);
    if desk.common.actor.is_some() {
        return desk.signed_in(|desk, signed| {
            let order = BackupOrder::Make(place, kind);
            let done = signed.session().back_up(order, &mut |running| moving.tell(desk, &running));
            moving.end(desk)?;
            report(desk, what, done.map_err(refused(what))?, args.json)
        });
    }
    let (gate, path) = desk.gate()?;
    if gate.presence() == crate::service::Presence::Missing {
        return Err(Trouble::gate("back up the vault", &path, &crate::service::GateError::Missing));
    }
    let backups = gate.backups();
    let done = backups.make_sealed(place.as_deref(), kind, &mut |running| moving.tell(desk, &running));
    moving.end(desk)?;
    report(desk, what, done.map_err(|fault| Trouble::backup(what, &fault))?, args.json)
}

/// What was done, as scripts read it.
#[derive(Serialize)]
struct Line<'a> {
    place: &'a str,
    what: &'a str,
    id: &'a str,
    bytes: u64,
    millis: u64,
    removed: usize,
    tables: Option<usize>,
    rows: Option<usize>,
    error: Option<String>,
}

/// Prints what came of each place; the worst of it is the exit.
pub(super) fn report(desk: &mut Desk<'_, '_>, what: &str, done: EachPlace, json: bool) -> Ended {
    let mut exit = Exit::Done;
    for done in &done {
        match done {
            Ok(report) if json => desk.print_json(&Line {
                place: &report.place,
                what: report.what.code(),
                id: &report.id,
                bytes: report.bytes,
                millis: report.millis,
                removed: report.removed,
                tables: report.compared.map(|(tables, _)| tables),
                rows: report.compared.map(|(_, rows)| rows),
                error: None,
            })?,
            Ok(report) => {
                let what = desk.code("backup-what", report.what.code());
                let seconds = report.millis / 1000;
                let Report { id, place, .. } = report;
                desk.print(&format!("{what}  {id}  {}  {seconds} s  {place}", bytes(report.bytes)))?;
            }
            Err((place, fault)) => {
                // Most faults name the place themselves.
                let named = fault.to_string().contains(place.as_str());
                let what = if named { what.to_owned() } else { format!("{what} to {place}") };
                let trouble = Trouble::backup(&what, fault);
                exit = trouble.exit;
                if json {
                    let error = Some(fault.to_string());
                    let (what, id, bytes, millis, removed) = ("", "", 0, 0, 0);
                    desk.print_json(&Line {
                        place,
                        what,
                        id,
                        bytes,
                        millis,
                        removed,
                        tables: None,
                        rows: None,
                        error,
                    })?;
                }
                let said = trouble.said(desk.lang);
                desk.say(&said)?;
            }
        }
    }
    Ok(exit)
}

/// A backup, as scripts read it.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    vault: &'a str,
    place: &'a str,
    made_at: String,
    kind: &'static str,
    parent: Option<&'a str>,
    bytes: u64,
    held_until: Option<String>,
    fault: Option<&'a str>,
}

fn kind(row: &BackupRow) -> &'static str {
    match row.kind {
        Kind::Full => "full",
        Kind::Incremental => "incremental",
    }
}

fn list(desk: &mut Desk<'_, '_>, place: Option<&str>, json: bool) -> Ended {
    let what = "list backups";
    let (gate, _) = desk.gate()?;
    let backups = gate.backups();
    let places = backups.places(place).map_err(|fault| Trouble::backup(what, &fault))?;
    let mut exit = Exit::Done;
    let mut rows = Vec::new();
    for place in places {
        match backups.list(&place) {
            Ok(found) if found.is_empty() && !json => desk.told("refused-backup-nothing", &[("place", &place)])?,
            Ok(found) => rows.extend(found),
            Err(fault) => {
                let trouble = Trouble::backup(what, &fault);
                exit = trouble.exit;
                let said = trouble.said(desk.lang);
                desk.say(&said)?;
            }
        }
    }
    if json {
        for row in &rows {
            desk.print_json(&Listed {
                id: &row.id,
                vault: &row.vault,
                place: &row.place,
                made_at: row.made_at.rfc3339(),
                kind: kind(row),
                parent: row.parent.as_deref(),
                bytes: row.bytes,
                held_until: row.held_until.map(crate::clock::Timestamp::rfc3339),
                fault: row.fault.as_deref(),
            })?;
        }
        return Ok(exit);
    }
    for row in &rows {
        let state = match &row.fault {
            Some(fault) => turn_of_phrase(&desk.words, fault),
            None => desk.code("backup-what", kind(row)),
        };
        let when = if row.fault.is_some() { String::new() } else { desk.moment(row.made_at) };
        desk.print(&format!("{}  {when:16}  {state:14} {:>9}  {}", row.id, bytes(row.bytes), row.place))?;
    }
    Ok(exit)
}

fn verify(desk: &mut Desk<'_, '_>, id: Option<&str>, part: Option<(u32, u32)>, json: bool) -> Ended {
    let what = "read back";
    let mut moving = Moving::new(desk);
    desk.signed_in(|desk, signed| {
        let done = match id {
            Some(id) => signed
                .session()
                .verify_backup(id, part, &mut |running| moving.tell(desk, &running))
                .map(|report| vec![Ok(report)]),
            None => {
                let order = BackupOrder::Verify(None);
                signed.session().back_up(order, &mut |running| moving.tell(desk, &running))
            }
        };
        moving.end(desk)?;
        report(desk, what, done.map_err(refused(what))?, json)
    })
}

/// The settings, as scripts read them.
#[derive(Serialize)]
struct Settings<'a> {
    places: &'a [String],
    #[serde(flatten)]
    numbers: std::collections::BTreeMap<&'static str, u32>,
}

fn set_up(desk: &mut Desk<'_, '_>, changes: Vec<BackupChange>, json: bool) -> Ended {
    let what = "change the backup settings";
    if changes.is_empty() {
        let (gate, _) = desk.gate()?;
        let policy = gate.backups().policy().map_err(|fault| Trouble::backup(what, &fault.into()))?;
        return settings(desk, &policy, json);
    }
    desk.signed_in(|desk, signed| {
        for change in changes {
            signed.session().perform(Action::SetBackups(change)).map_err(refused(what))?;
        }
        match signed.session().query(Query::Backups).map_err(refused(what))? {
            View::Backups(view) => settings(desk, &view.policy, json),
            _ => Err(unexpected(what)),
        }
    })
}

fn settings(desk: &mut Desk<'_, '_>, policy: &BackupPolicy, json: bool) -> Ended {
    let numbers = policy.numbers();
    if json {
        let numbers = numbers.iter().map(|(key, value, _)| (*key, *value)).collect();
        desk.print_json(&Settings { places: &policy.places, numbers })?;
        return Ok(Exit::Done);
    }
    if policy.places.is_empty() {
        desk.told("cli-no-place", &[])?;
    }
    for place in &policy.places {
        let label = desk.code("cli-label", "place");
        desk.print(&format!("{} {place}", pad(&label, 20)))?;
    }
    for (key, value, _) in numbers {
        // The key is what --set takes, so it stands there in any language.
        let label = match desk.lang {
            Lang::En => String::new(),
            Lang::ZhCn => format!("  {}", desk.code("backup-set", key)),
        };
        desk.print(format!("{key:20} {value:<6}{label}").trim_end())?;
    }
    Ok(Exit::Done)
}

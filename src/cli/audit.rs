//! `veilbook audit list | verify | export | checkpoint`.
//!
//! **Invariant:** checking an exported file needs no vault, no sign-in and no program state, only the file and a key.

use std::io::{BufReader, Write};
use std::path::Path;

use super::args::{Audit, AuditExport, AuditList, AuditVerify};
use super::files::There;
use super::json::Entry;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::domain::audit::VERBS;
use crate::domain::audit_query::{self, Ground};
use crate::domain::field::FieldKey;
use crate::ledger::export::{Expected, KeyOrigin, verify_file};
use crate::ledger::note::Vkey;
use crate::service::view::{AuditRow, ChainCheck};
use crate::service::{Action, AuditRequest, Done, Query, View};

/// The most entries that one question asks for.
const PAGE: u16 = 200;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Audit) -> Ended {
    match args {
        Audit::List(args) => desk.signed_in(|desk, signed| list(desk, signed, args)),
        Audit::Verify(AuditVerify { file: Some(file), key }) => check_file(desk, file, key.as_deref()),
        Audit::Verify(AuditVerify { file: None, .. }) => desk.signed_in(check_vault),
        Audit::Export(args) => export(desk, args),
        Audit::Checkpoint => desk.signed_in(checkpoint),
    }
}

fn list(desk: &mut Desk<'_, '_>, signed: &Signed, args: &AuditList) -> Ended {
    let what = "list the record";
    let now = desk.env.deps.clock.now();
    let me = signed.me()?;
    let offset = desk.env.deps.clock.offset(now);
    let ground = Ground { staff: &me.everybody, verbs: VERBS, now, offset };
    let filter = audit_query::parse(&args.query.join(" "), &ground).map_err(|fault| {
        Trouble::usage(format!("cannot read the question: {fault}"), "Such as: actor:wang from:2026-11-01")
    })?;
    let mut request = AuditRequest { filter, before: None, limit: PAGE };
    let mut left = args.limit;
    let mut table = Table::new(
        &desk.words,
        &["col-seq", "col-time", "col-actor", "col-action", "col-object", "col-field", "col-reason", "col-outcome"],
    );
    while left > 0 {
        request.limit = u16::try_from(left).unwrap_or(PAGE).min(PAGE);
        let View::Audit(page) = signed.session().query(Query::Audit(request.clone())).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        for row in &page.rows {
            if args.json { desk.print_json(&Entry::row(row))? } else { table.row(cells(desk, row)) }
        }
        left = left.saturating_sub(u64::try_from(page.rows.len()).unwrap_or(left));
        request.before = page.rows.last().map(|row| row.entry.seq);
        if !page.more || page.rows.is_empty() {
            break;
        }
    }
    if !args.json {
        desk.print_table(&table)?;
    }
    Ok(Exit::Done)
}

fn cells(desk: &Desk<'_, '_>, row: &AuditRow) -> Vec<String> {
    let what = &row.entry.what;
    vec![
        row.entry.seq.to_string(),
        desk.moment(what.time),
        row.actor.clone(),
        desk.code("verb", &what.action),
        if row.object.is_empty() { what.object.to_string() } else { row.object.clone() },
        what.field.as_ref().map(FieldKey::to_string).unwrap_or_default(),
        what.reason.map(|reason| desk.code("reason", reason.code())).unwrap_or_default(),
        desk.code("outcome", what.outcome.code()),
    ]
}

fn check_vault(desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    let what = "verify the record";
    let Done::Verdict(chain) = signed.session().perform(Action::VerifyRecord).map_err(refused(what))? else {
        return Err(unexpected(what));
    };
    match chain.check {
        Some(ChainCheck::Sound) => {
            desk.print(&format!("sound: {} entries, root {}", chain.size, chain.root))?;
            Ok(Exit::Done)
        }
        Some(ChainCheck::Broken(fault)) => Err(broken(&format!("the record is not as it was signed: {fault}"))),
        None => Err(unexpected(what)),
    }
}

fn broken(cause: &str) -> Trouble {
    Trouble {
        exit: Exit::Damaged,
        ..Trouble::failed(
            cause,
            "Compare with checkpoints and exports that were kept elsewhere, and tell the privacy officer",
        )
    }
}

fn check_file(desk: &mut Desk<'_, '_>, path: &Path, key: Option<&str>) -> Ended {
    let key = key
        .map(|text| {
            Vkey::parse(text.trim()).map_err(|error| {
                Trouble::usage(format!("cannot read --key: {error}"), "Give the line that \"veilbook init\" printed")
            })
        })
        .transpose()?;
    let file = desk.env.files.read(path).map_err(|error| Trouble::file("read", path, &error))?;
    let expected = Expected { key, kept: Vec::new() };
    let report = verify_file(BufReader::with_capacity(1 << 20, file), &expected)
        .map_err(|fault| broken(&format!("{} does not verify: {fault}", shown(path))))?;
    desk.print(&format!(
        "sound: {} entries, {} checkpoints, signed by {}",
        report.entries,
        report.checkpoints,
        report.key.name()
    ))?;
    if report.erased > 0 {
        desk.told("cli-erased", &[("n", &report.erased)])?;
    }
    if report.key_origin == KeyOrigin::File {
        desk.told("cli-own-key", &[])?;
    }
    Ok(Exit::Done)
}

fn export(desk: &mut Desk<'_, '_>, args: &AuditExport) -> Ended {
    let what = "export the record";
    if desk.env.files.look(&args.file) != There::Nothing {
        let there = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(Trouble::file("write", &args.file, &there));
    }
    desk.signed_in(|desk, signed| {
        let Done::Export(bytes) = signed.session().perform(Action::ExportRecord).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        let unwritten = |error| Trouble::file("write", &args.file, &error);
        let mut file = desk.env.files.create(&args.file).map_err(unwritten)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(unwritten)?;
        desk.told("cli-written", &[("path", &shown(&args.file))])?;
        Ok(Exit::Done)
    })
}

fn checkpoint(desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    let what = "sign a checkpoint";
    match signed.session().perform(Action::Checkpoint).map_err(refused(what))? {
        Done::Checkpoint(note) => {
            desk.print(note.trim_end_matches('\n'))?;
            desk.told("cli-keep-note", &[])?;
            Ok(Exit::Done)
        }
        _ => Err(unexpected(what)),
    }
}

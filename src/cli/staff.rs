//! `veilbook staff list | add | team | disable | key`.
//!
//! **Invariant:** the setup code goes to standard output, once, and is not kept.

use super::args::{Staff, StaffKey as StaffKeyCommand};
use super::json::{Member, MemberKey};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::id::StaffId;
use crate::domain::role::RoleName;
use crate::domain::staff::LoginName;
use crate::domain::staff_key::{Fingerprint, KeyFault, StaffKey};
use crate::service::view::StaffRow;
use crate::service::{Action, Done, Query, View};
use crate::text::Printable;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Staff) -> Ended {
    match args {
        Staff::List { json: true } => desk.signed_in(|desk, signed| {
            everybody(signed)?.iter().try_for_each(|row| desk.print_json(&Member::row(row)))?;
            Ok(Exit::Done)
        }),
        Staff::List { json: false } => desk.signed_in(list),
        Staff::Add { name, role } => add(desk, name, role.0),
        Staff::Key(StaffKeyCommand::List { json }) => desk.signed_in(|desk, signed| keys(desk, signed, *json)),
        Staff::Key(StaffKeyCommand::Add { name, line }) => {
            let key = StaffKey::parse(&line.join(" ")).map_err(|fault| no_key(&fault))?;
            let fingerprint = key.fingerprint();
            change_key(desk, name, "cli-key-added", fingerprint, move |id| Action::AddStaffKey(id, key))
        }
        Staff::Key(StaffKeyCommand::Remove { name, fingerprint }) => {
            let fingerprint = Fingerprint::parse(fingerprint).ok_or_else(|| {
                Trouble::usage("cannot take this fingerprint: it is SHA256: and 43 characters", KEYS_LISTED)
            })?;
            let remove = move |id| Action::RemoveStaffKey(id, fingerprint);
            change_key(desk, name, "cli-key-removed", fingerprint, remove)
        }
        Staff::Team { name, team } => set_team(desk, name, &Printable::line(team)),
        Staff::Disable { name } => disable(desk, name),
    }
}

fn everybody(signed: &Signed) -> Result<Vec<StaffRow>, Trouble> {
    match signed.session().query(Query::Staff).map_err(refused("list the staff"))? {
        View::Staff(rows) => Ok(rows),
        _ => Err(unexpected("list the staff")),
    }
}

fn list(desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    let mut table =
        Table::new(&desk.words, &["col-name", "col-role", "col-team", "col-state", "col-last-sign-in", "col-awaits"]);
    for row in everybody(signed)? {
        let awaits: Vec<&str> = row.awaiting.iter().map(|class| class.code()).collect();
        table.row(vec![
            row.staff.name.to_string(),
            desk.code("role", row.staff.role.code()),
            row.staff.team.clone(),
            desk.code("staff", row.staff.state.code()),
            row.last_login.map(|at| desk.moment(at)).unwrap_or_default(),
            awaits.join(" "),
        ]);
    }
    desk.print_table(&table)?;
    Ok(Exit::Done)
}

fn named(name: &str) -> Result<LoginName, Trouble> {
    LoginName::new(name).ok_or_else(|| {
        Trouble::usage("cannot take this name: a name has 1 to 64 printable characters", "Choose another")
    })
}

fn add(desk: &mut Desk<'_, '_>, name: &str, role: RoleName) -> Ended {
    let name = named(name)?;
    desk.signed_in(|desk, signed| {
        let what = format!("add {name}");
        match signed.session().perform(Action::AddStaff(name.clone(), role)).map_err(refused(&what))? {
            Done::SetupCode(_, code) => {
                desk.told("cli-code", &[("name", &name)])?;
                desk.print(&code)?;
                Ok(Exit::Done)
            }
            _ => Err(unexpected(&what)),
        }
    })
}

/// The number of whoever has this name.
pub(super) fn id_of(signed: &Signed, name: &str, what: &str) -> Result<StaffId, Trouble> {
    let name = named(name)?;
    let rows = everybody(signed)?;
    let row = rows.iter().find(|row| row.staff.name.folded() == name.folded()).ok_or_else(|| {
        Trouble::failed(format!("cannot {what}: nobody has that name"), "\"veilbook staff list\" lists all names")
    })?;
    Ok(row.staff.id)
}

/// Where fingerprints are found.
const KEYS_LISTED: &str = "\"veilbook staff key list\" lists all";

fn no_key(fault: &KeyFault) -> Trouble {
    Trouble::usage(format!("cannot register this key: {fault}"), "")
}

fn keys(desk: &mut Desk<'_, '_>, signed: &Signed, json: bool) -> Ended {
    let mut table = Table::new(&desk.words, &["col-name", "col-kind", "col-fingerprint", "col-comment"]);
    for row in everybody(signed)? {
        for key in &row.ssh {
            if json {
                desk.print_json(&MemberKey::row(&row, key))?;
            } else {
                let fingerprint = key.fingerprint().to_string();
                table.row(vec![row.staff.name.to_string(), key.kind().into(), fingerprint, key.comment().into()]);
            }
        }
    }
    if !json {
        desk.print_table(&table)?;
    }
    Ok(Exit::Done)
}

fn change_key(
    desk: &mut Desk<'_, '_>,
    name: &str,
    said: &str,
    fingerprint: Fingerprint,
    action: impl FnOnce(StaffId) -> Action,
) -> Ended {
    let name = named(name)?;
    desk.signed_in(|desk, signed| {
        let what = format!("change the keys of {name}");
        let id = id_of(signed, name.as_str(), &what)?;
        signed.session().perform(action(id)).map_err(refused(&what))?;
        desk.told(said, &[("name", &name), ("key", &fingerprint)])?;
        Ok(Exit::Done)
    })
}

fn set_team(desk: &mut Desk<'_, '_>, name: &str, team: &Printable) -> Ended {
    let name = named(name)?;
    desk.signed_in(|desk, signed| {
        let what = format!("change the team of {name}");
        let id = id_of(signed, name.as_str(), &what)?;
        signed.session().perform(Action::SetTeam(id, team.clone())).map_err(refused(&what))?;
        let said = if team.is_empty() { "cli-team-none" } else { "cli-team-set" };
        desk.told(said, &[("name", &name), ("team", team)])?;
        Ok(Exit::Done)
    })
}

fn disable(desk: &mut Desk<'_, '_>, name: &str) -> Ended {
    let name = named(name)?;
    desk.signed_in(|desk, signed| {
        let what = format!("disable {name}");
        let id = id_of(signed, name.as_str(), &what)?;
        signed.session().perform(Action::DisableStaff(id)).map_err(refused(&what))?;
        desk.told("cli-shut-out", &[("name", &name)])?;
        Ok(Exit::Done)
    })
}

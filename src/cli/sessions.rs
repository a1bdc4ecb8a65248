//! `veilbook sessions` and `veilbook seal`: who is at work behind a server, and how it is ended.
//!
//! **Invariant:** what is printed of a session is who and from where, never what they have before them.

use super::args::Sessions;
use super::json::OneSession;
use super::sign_in::{Signed, refused, unexpected};
use super::staff::id_of;
use super::table::Table;
use super::{Desk, Ended, Exit};
use crate::domain::staff_key::Fingerprint;
use crate::service::view::SessionRow;
use crate::service::{Action, Query, Source, View};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Sessions) -> Ended {
    match args {
        Sessions::List { json } => desk.signed_in(|desk, signed| list(desk, signed, *json)),
        Sessions::End { name } => desk.signed_in(|desk, signed| {
            let what = format!("end the sessions of {name}");
            let id = id_of(signed, name, &what)?;
            signed.session().perform(Action::EndSessionsOf(id)).map_err(refused(&what))?;
            desk.told("cli-sessions-ended", &[("name", name)])?;
            Ok(Exit::Done)
        }),
    }
}

/// Ends everybody's session and has the server let go of the vault.
pub(super) fn seal(desk: &mut Desk<'_, '_>) -> Ended {
    desk.signed_in(|desk, signed| {
        signed.session().perform(Action::Seal).map_err(refused("seal the vault"))?;
        signed.seal();
        desk.told("locked-sealed", &[])?;
        Ok(Exit::Done)
    })
}

fn list(desk: &mut Desk<'_, '_>, signed: &Signed, json: bool) -> Ended {
    let View::Sessions(rows) = signed.session().query(Query::Sessions).map_err(refused("list sessions"))? else {
        return Err(unexpected("list sessions"));
    };
    if json {
        rows.iter().try_for_each(|row| desk.print_json(&OneSession::row(row, &from(row))))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&desk.words, &["col-name", "col-from", "col-since", "col-active"]);
    for row in &rows {
        let active = row.active.map(|at| desk.moment(at)).unwrap_or_default();
        table.row(vec![row.name.clone(), from(row), desk.moment(row.began), active]);
    }
    desk.print_table(&table)?;
    Ok(Exit::Done)
}

/// From where, as scripts read it.
fn from(row: &SessionRow) -> String {
    let how = match row.source {
        Source::Here => "here".to_owned(),
        Source::Peer(uid) => format!("uid:{uid}"),
        Source::Key(print) => Fingerprint(print).to_string(),
    };
    row.address.map_or_else(|| how.clone(), |address| format!("{how} {address}"))
}

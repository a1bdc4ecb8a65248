//! `veilbook pool`: list, claim, give back, try whom it would take, and have it look.
//!
//! **Invariant:** of who is in the pool no field is printed, masked or not.

use serde::Serialize;
use serde_json::json;

use super::args::Pool;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::id::CustomerId;
use crate::service::view::{PoolAction, PoolPage, PoolQuery, PoolRow};
use crate::service::{Action, Done, Query, View};
use crate::words::pool as words;

/// Rows that are asked for at once.
const AT_ONCE: u64 = 100;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Pool) -> Ended {
    match args {
        Pool::List { json, limit } => list(desk, (*json, *limit)),
        Pool::Claim { id } => claim(desk, *id),
        Pool::Release { id } => release(desk, *id),
        Pool::DryRun { days, json } => dry_run(desk, (*days, *json)),
        Pool::Run { json } => look(desk, *json),
    }
}

/// Somebody in the pool as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    name: &'a str,
    kind: &'static str,
    stage: &'static str,
    tags: &'a [String],
    since: String,
    claim_from: Option<String>,
    restricted: bool,
}

impl<'a> Row<'a> {
    fn of(row: &'a PoolRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name.text(),
            kind: row.kind.code(),
            stage: row.stage.code(),
            tags: &row.tags,
            since: row.since.rfc3339(),
            claim_from: row.rests_until.map(|until| until.rfc3339()),
            restricted: row.restricted,
        }
    }
}

fn rows(signed: &Signed, limit: u64) -> Result<PoolPage, Trouble> {
    let what = "list the pool";
    let mut all: Option<PoolPage> = None;
    loop {
        let held = all.as_ref().map_or(0, |page| page.rows.len() as u64);
        let wanted = u16::try_from(limit.saturating_sub(held).min(AT_ONCE)).unwrap_or(1);
        let last = all.as_ref().and_then(|page| page.rows.last()).map(|row| row.cursor.clone());
        let query = Query::Pool(PoolQuery::List(last, wanted));
        let View::Pool(page) = signed.session().query(query).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        let page = match all.take() {
            Some(before) => PoolPage { rows: before.rows.into_iter().chain(page.rows).collect(), ..page },
            None => page,
        };
        if !page.more || page.rows.len() as u64 >= limit {
            return Ok(page);
        }
        all = Some(page);
    }
}

fn list(desk: &mut Desk<'_, '_>, (json, limit): (bool, u64)) -> Ended {
    desk.signed_in(|desk, signed| {
        let page = rows(signed, limit)?;
        if json {
            page.rows.iter().try_for_each(|row| desk.print_json(&Row::of(row)))?;
            return Ok(Exit::Done);
        }
        if page.rows.is_empty() {
            desk.told("cli-pool-empty", &[])?;
            return Ok(Exit::Done);
        }
        let columns = ["col-id", "col-name", "col-stage", "col-tags", "col-since", "col-claim-from"];
        let mut table = Table::new(&desk.words, &columns);
        for row in &page.rows {
            table.row(vec![
                row.id.to_string(),
                row.name.text().to_owned(),
                desk.code("stage", row.stage.code()),
                row.tags.join(" "),
                desk.moment(row.since),
                row.rests_until.map(|until| desk.moment(until)).unwrap_or_default(),
            ]);
        }
        desk.print_table(&table)?;
        if page.more {
            desk.told("cli-pool-more", &[("n", &page.total)])?;
        }
        Ok(Exit::Done)
    })
}

fn claim(desk: &mut Desk<'_, '_>, id: CustomerId) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = format!("claim customer {id}");
        signed.session().perform(Action::Pool(PoolAction::Claim(id))).map_err(refused(&what))?;
        desk.told("cli-pool-claimed", &[("id", &id)])?;
        Ok(Exit::Done)
    })
}

fn release(desk: &mut Desk<'_, '_>, id: CustomerId) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = format!("give customer {id} back to the pool");
        // The version that it stands at now: nobody looked at it in between.
        let done = signed.session().perform(Action::OpenCustomer(id)).map_err(refused(&what))?;
        let Done::Customer(customer) = done else { return Err(unexpected(&what)) };
        let action = PoolAction::Release(customer.profile.id, customer.profile.version);
        signed.session().perform(Action::Pool(action)).map_err(refused(&what))?;
        desk.told("cli-pool-released", &[("id", &id)])?;
        Ok(Exit::Done)
    })
}

fn dry_run(desk: &mut Desk<'_, '_>, (days, json): (Option<u32>, bool)) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "try the pool (with --days where the policy's pool_days is 0)";
        let done = signed.session().perform(Action::Pool(PoolAction::DryRun(days))).map_err(refused(what))?;
        let Done::PoolTakes(takes) = done else { return Err(unexpected(what)) };
        if json {
            let owners = takes.owners.iter();
            let owners: Vec<_> = owners.map(|t| json!({ "owner": t.owner, "now": t.now, "soon": t.soon })).collect();
            let whom = takes.whom.iter();
            let whom: Vec<_> = whom.map(|(id, n, o)| json!({ "id": id.0, "name": n.text(), "owner": o })).collect();
            let (days, warn, exact) = (takes.days, takes.warn, takes.exact);
            desk.print_json(&json!({
                "days": days, "warn_days": warn, "exact": exact, "owners": owners, "whom": whom,
            }))?;
            return Ok(Exit::Done);
        }
        let said = words::how_many(&desk.words, &takes);
        desk.print(&said)?;
        for taken in &takes.owners {
            let said = words::of_owner(&desk.words, &takes, taken);
            desk.print(&said)?;
        }
        for (id, name, owner) in &takes.whom {
            desk.print(&format!("{id} {} ({owner})", name.text()))?;
        }
        Ok(Exit::Done)
    })
}

fn look(desk: &mut Desk<'_, '_>, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "have the pool look";
        match signed.session().perform(Action::Pool(PoolAction::Run)).map_err(refused(what))? {
            Done::Swept(swept) if json => {
                desk.print_json(&json!({ "warned": swept.warned, "returned": swept.returned }))?;
            }
            Done::Swept(swept) => {
                desk.told("cli-pool-run", &[("warned", &swept.warned), ("returned", &swept.returned)])?;
            }
            _ => return Err(unexpected(what)),
        }
        Ok(Exit::Done)
    })
}

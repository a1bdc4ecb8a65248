//! Customers into a file: names, built-in parts, open fields and masks; real values where they are asked for.
//!
//! **Invariant:** the file's bytes leave after the entry with the query, the columns, the reason and the count is durable.
//! Real values leave through [`super::reveal`] alone, all of them or none, with an entry for each. Nothing takes it back.

mod cells;

use super::actor::Actor;
use super::bulk_change::{ids, note, whom};
use super::door::Done;
use super::refusal::{Fault, Refusal};
use super::view::{AlertKind, ExportOrder, ExportReport, Exported, Left};
use super::{alerts, find, pool, reveal};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::id::CustomerId;
use crate::domain::reason::Reason;
use crate::domain::role::Permission;
use crate::domain::value::starred;
use crate::exchange::export::ExportWriter;
use crate::text::Printable;
use crate::vault::records::Customer;
use crate::vault::store::Get;
use cells::{Sheet, Values};

/// The verb of its entry.
pub(super) const VERB: &str = "customer.export";
/// The longest name of a file, in characters.
const LONGEST_FILE: usize = 200;

/// Who goes out, and how many are left out.
struct Picked {
    customers: Vec<Customer>,
    report: ExportReport,
}

fn pick(actor: &Actor, from: &dyn Get, order: &ExportOrder, sheet: &Sheet) -> Result<Picked, Refusal> {
    actor.require(Permission::Export)?;
    let limit = actor.policy.export_most;
    let too_many = |found| Refusal::ExportLimit { limit, found };
    let mut picked = Picked { customers: Vec::new(), report: ExportReport::default() };
    for id in ids(actor, from, &order.target, limit, &too_many)? {
        match actor.customer(from, id) {
            Err(_) => note(&mut picked.report.left, Left::OutOfScope),
            Ok(customer) if customer.profile.restricted => note(&mut picked.report.left, Left::Restricted),
            Ok(customer) => picked.customers.push(customer),
        }
    }
    let customers = &picked.customers;
    picked.report.going = customers.len() as u64;
    picked.report.values = customers.iter().map(|customer| sheet.let_out_of(actor, customer).len() as u64).sum();
    let wanted = customers.iter().flat_map(|customer| {
        sheet.let_out_of(actor, customer).into_iter().map(move |(_, class)| (&customer.profile, class))
    });
    reveal::enough(actor, from, wanted)?;
    Ok(picked)
}

/// What would go out. Nothing does.
pub(super) fn preview(actor: &Actor, from: &dyn Get, order: &ExportOrder) -> Result<ExportReport, Refusal> {
    actor.require(Permission::Export)?;
    let sheet = Sheet::of(actor, order.parts.as_deref(), &order.values)?;
    let picked = pick(actor, from, order, &sheet)?;
    find::within_limit(actor, from, picked.report.going)?;
    Ok(picked.report)
}

/// Puts them on record, lets the values out and gives the file's bytes. `file` is what it is called, without its folder.
pub(super) fn carry_out(actor: &Actor, order: ExportOrder, reason: Reason, file: &Printable) -> Result<Done, Refusal> {
    if file.as_str().chars().count() > LONGEST_FILE {
        return Err(Refusal::invalid("file", Fault::TooLong));
    }
    let sheet = Sheet::of(actor, order.parts.as_deref(), &order.values)?;
    let from = actor.desk.tables.read()?;
    let Picked { customers, report } = pick(actor, &from, &order, &sheet)?;
    drop(from);
    if customers.is_empty() {
        return Err(Refusal::invalid("customers", Fault::Missing));
    }
    let headers = sheet.headers(actor);
    let said = starred(&format!("{} · {} · {file}", whom(actor, &order.target), headers.join(" ")));
    let ids: Vec<CustomerId> = customers.iter().map(|customer| customer.profile.id).collect();
    let (of_actor, of_sheet, going) = (actor.clone(), sheet.clone(), report.going);
    let values = actor.commit(move |to| {
        let actor = &of_actor;
        reveal::check_reason(actor, to, &reason)?;
        find::charge_in(actor, to, going)?;
        // What goes out of many belongs to nobody's case.
        let about = reveal::About { reason: reason.clone(), case: None };
        let mut values = Values::new();
        // Somebody may have been given away, restricted or erased since they were picked.
        for id in &ids {
            let customer = actor.customer_to_change(to, *id)?;
            for (key, _) in of_sheet.let_out_of(actor, &customer) {
                let out = reveal::let_out(actor, to, (&customer, key), &about, reveal::Way::Copy)?;
                values.insert((*id, key.clone()), out.plain);
            }
        }
        let words = |part: &Option<Printable>| part.as_ref().filter(|t| !t.is_empty()).map(ToString::to_string);
        let (after, before) = (Some(said.clone()), None);
        let texts = Texts { before, after, reason: words(&reason.text), ticket: words(&reason.ticket) };
        let entry = NewEntry { count: Some(going), reason: Some(reason.code), texts, ..actor.entry(VERB) };
        actor.record(to, &entry)?;
        if going >= u64::from(actor.policy.export_alert) {
            alerts::raise(actor, to, AlertKind::Exported, going)?;
        }
        Ok(values)
    })?;
    let unwritten = |error: std::io::Error| Refusal::Storage(error.kind().to_string());
    let mut csv = ExportWriter::new(&headers, customers.len()).map_err(unwritten)?;
    let from = actor.desk.tables.read()?;
    let terms = pool::Terms::of(actor, &from)?;
    for customer in &customers {
        let goes = terms.as_ref().map_or(Ok(None), |terms| terms.goes(&from, &customer.profile))?;
        csv.row(&sheet.row(actor, (customer, goes), &values)).map_err(unwritten)?;
    }
    Ok(Done::Exported(Exported { report, csv: csv.finish().map_err(unwritten)? }))
}

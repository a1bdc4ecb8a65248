//! `veilbook customers QUERY --export FILE`: customers into a new file.
//!
//! **Invariant:** the file is made before anybody is put on record, never over another one, and is removed where nothing
//! came of it; what its folder is called goes nowhere.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::args::Customers;
use super::customers::pointed;
use super::sign_in::{Signed, refused, unexpected};
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::domain::reason::Reason;
use crate::service::view::{ExportOrder, ExportReport, Target};
use crate::service::{Action, Done, Query, Refusal, View};
use crate::text::Printable;

const WHAT: &str = "export customers";

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Customers, path: &Path) -> Ended {
    let query = args.query.join(" ");
    let columns = args.columns.iter().map(|word| word.0.clone()).collect();
    let parts = (!args.columns.is_empty()).then_some(columns);
    let values = args.values.iter().map(|word| word.0.clone()).collect();
    let order = ExportOrder { target: Target::Query(query.clone()), parts, values };
    if args.dry_run {
        return desk.signed_in(|desk, signed| rehearse(desk, signed, order, &query));
    }
    let reason = reason(args)?;
    let unwritten = |error: std::io::Error| Trouble::file("write", path, &error);
    let file = desk.env.files.create(path).map_err(unwritten)?;
    let done = desk.signed_in(|desk, signed| fill(desk, signed, (order, reason), &query, (path, file)));
    if done.is_err() {
        // That an empty file stays where even this fails changes nothing about what is said.
        let _ = desk.env.files.remove(path);
    }
    done
}

fn reason(args: &Customers) -> Result<Reason, Trouble> {
    let code = args.reason.ok_or_else(|| {
        let remedy = "Say why with --reason; \"veilbook customers --help\" shows the codes";
        Trouble::usage(format!("cannot {WHAT} without a reason"), remedy)
    })?;
    let line = |text: &Option<String>| text.as_deref().map(Printable::line);
    Ok(Reason { code: code.0, text: line(&args.text), ticket: line(&args.ticket) })
}

/// A refusal, with the place in the query where it is about that.
fn said(query: &str) -> impl FnOnce(Refusal) -> Trouble + '_ {
    move |refusal| match &refusal {
        Refusal::Query(fault) => pointed(query, fault),
        _ => refused(WHAT)(refusal),
    }
}

fn rehearse(desk: &mut Desk<'_, '_>, signed: &Signed, order: ExportOrder, query: &str) -> Ended {
    let View::ExportPreview(report) = signed.session().query(Query::ExportPreview(order)).map_err(said(query))? else {
        return Err(unexpected(WHAT));
    };
    desk.told("cli-would-export", &[("n", &report.going), ("values", &report.values)])?;
    left_out(desk, &report)
}

fn fill(
    desk: &mut Desk<'_, '_>,
    signed: &Signed,
    (order, reason): (ExportOrder, Reason),
    query: &str,
    (path, mut file): (&Path, File),
) -> Ended {
    let name = Printable::line(&path.file_name().unwrap_or_default().to_string_lossy());
    let action = Action::ExportCustomers(order, reason, name);
    let Done::Exported(out) = signed.session().perform(action).map_err(said(query))? else {
        return Err(unexpected(WHAT));
    };
    let written = file.write_all(&out.csv).and_then(|()| file.sync_all());
    written.map_err(|error| Trouble::file("write", path, &error))?;
    desk.told("cli-exported", &[("n", &out.report.going), ("path", &shown(path))])?;
    left_out(desk, &out.report)
}

fn left_out(desk: &mut Desk<'_, '_>, report: &ExportReport) -> Ended {
    for (why, n) in &report.left {
        let why = desk.code("bulk-left", why.code());
        desk.told("cli-left-out", &[("n", n), ("why", &why)])?;
    }
    Ok(Exit::Done)
}

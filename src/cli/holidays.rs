//! `veilbook holidays`: which days are not as their weekday says.
//!
//! **Invariant:** a file that has a line that cannot be read changes nothing.

use std::io::Read;

use super::args::Holidays;
use super::sign_in::{refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::working_days::WorkingDays;
use crate::service::{Action, Query, View};

/// The most of a file that is read, in bytes.
const MOST: u64 = 4 * 1_024 * 1_024;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Holidays) -> Ended {
    let given = match args {
        Holidays::List => None,
        Holidays::Clear => Some(WorkingDays::default()),
        Holidays::Set(args) => {
            let what = format!("read {}", super::trouble::shown(&args.file));
            let remedy = "Give a text file, or a calendar (.ics) of whole days";
            let file = desk
                .env
                .files
                .read(&args.file)
                .map_err(|why| Trouble::usage(format!("cannot {what}: {why}"), remedy))?;
            let mut text = String::new();
            file.take(MOST)
                .read_to_string(&mut text)
                .map_err(|why| Trouble::usage(format!("cannot {what}: {why}"), remedy))?;
            let days =
                WorkingDays::read(&text).map_err(|fault| Trouble::usage(format!("cannot {what}: {fault}"), remedy))?;
            Some(days)
        }
    };
    desk.signed_in(|desk, signed| {
        if let Some(days) = given {
            let count = days.special().count();
            signed.session().perform(Action::SetWorkingDays(days)).map_err(refused("set the working days"))?;
            desk.told("cli-holidays-set", &[("n", &count)])?;
            return Ok(Exit::Done);
        }
        let what = "list the holidays";
        let View::WorkingDays(days) = signed.session().query(Query::WorkingDays).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        if days.special().next().is_none() {
            desk.told("cli-holidays-none", &[])?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&desk.words, &["col-day", "col-kind", "col-name"]);
        for (day, special) in days.special() {
            table.row(vec![day.to_string(), special.kind.code().to_owned(), special.name.to_string()]);
        }
        desk.print_table(&table)?;
        Ok(Exit::Done)
    })
}

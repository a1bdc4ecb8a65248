//! `veilbook customers [QUERY]`: the list, or what a query finds of it, masked.
//!
//! **Invariant:** a text that names somebody exactly (a phone, an email, an ID number) becomes a search by identifier,
//! which is on record; everything else is a query, and what cannot be read of one is pointed at.

use super::args::Customers;
use super::fields::schema;
use super::json::Customer;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::field::Lang;
use crate::domain::identifier::{name_of_words, recognise_in};
use crate::domain::query::QueryFault;
use crate::domain::schema::shipped;
use crate::service::view::{Anchor, CustomerRow, ListRequest, Page, Shown, Sort, Total};
use crate::service::{Action, Done, Query, Refusal, View};
use crate::text::{Printable, width};
use crate::words::Words;
use crate::words::refusal as said;

/// The most rows that one question gives.
const PAGE: u16 = 200;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Customers) -> Ended {
    if let Some(file) = &args.export {
        return super::export::run(desk, args, file);
    }
    desk.signed_in(|desk, signed| {
        let text = args.query.join(" ");
        let first = page(signed, &text, Anchor::Top, args.limit)?;
        let named = match first.identifier {
            Some(_) => recognise_in(&text, &signed.me()?.policy.default_region, &schema(signed, "list customers")?),
            None => None,
        };
        if let Some(identifier) = named {
            let kind = said::code(&desk.words, "identifier", identifier.kind.code());
            desk.told("cli-searched", &[("what", &kind)])?;
            let what = "search by an identifier";
            return match signed.session().perform(Action::FindByIdentifier(identifier)).map_err(refused(what))? {
                Done::Matches(rows) => {
                    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
                    print(desk, signed, args, rows.get(..limit.min(rows.len())).unwrap_or_default())?;
                    count(desk, rows.len().min(limit), Total::Exactly(rows.len().try_into().unwrap_or(u64::MAX)))
                }
                _ => Err(unexpected(what)),
            };
        }
        let total = first.total;
        let (rows, refusal) = all(signed, &text, first, args.limit);
        print(desk, signed, args, &rows)?;
        if rows.is_empty() && name_of_words(&text, &schema(signed, "list customers")?).is_some() {
            desk.told("cli-names-masked", &[])?;
        }
        // What was read before a limit was reached counts as read, so it is shown.
        refusal.map_or(Ok(()), Err)?;
        count(desk, rows.len(), total)
    })
}

fn page(signed: &Signed, text: &str, anchor: Anchor, left: u64) -> Result<Page, Trouble> {
    let limit = u16::try_from(left).unwrap_or(PAGE).min(PAGE);
    let request = ListRequest { text: text.to_owned(), sort: Sort::Name, anchor, limit };
    match signed.session().query(Query::Customers(request)) {
        Ok(View::Customers(page)) => Ok(page),
        Ok(_) => Err(unexpected("list customers")),
        Err(Refusal::Query(fault)) => Err(pointed(text, &fault)),
        Err(refusal) => Err(refused("list customers")(refusal)),
    }
}

/// What is wrong with a query, with a mark under the place.
pub(super) fn pointed(text: &str, fault: &QueryFault) -> Trouble {
    let part = |from: usize, to: usize| {
        let part: String = text.chars().skip(from).take(to.saturating_sub(from)).collect();
        // Cleaning takes white space off the ends, where it counts here.
        let line = Printable::line(&format!("|{part}|")).into_string();
        let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
        inner.unwrap_or_default().to_owned()
    };
    let (head, marked) = (part(0, fault.at.start), part(fault.at.start, fault.at.end));
    // Of a long query the place itself is shown, with a little before and after it.
    let before = last_of(&head, BEFORE);
    let after = part(fault.at.end, fault.at.end.saturating_add(BEFORE));
    let mark = "^".repeat(width(&marked).clamp(1, LONGEST_MARK));
    let line = format!("  {before}{marked}{after}\n  {}{mark}", " ".repeat(width(before)));
    let said =
        |lang| format!("{}\n{line}", said::refusal(&Words::new(lang), &shipped(), &Refusal::Query(fault.clone())));
    Trouble { in_chinese: Some(said(Lang::ZhCn)), ..Trouble::usage(said(Lang::En), "") }
}

/// Characters shown before and after the place of a fault.
const BEFORE: usize = 40;
/// The longest mark under a place.
const LONGEST_MARK: usize = 40;

fn last_of(text: &str, most: usize) -> &str {
    let surplus = text.chars().count().saturating_sub(most);
    let start = text.char_indices().nth(surplus).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

/// The rows of the first page and of those after it, up to the limit, and what stopped it before.
fn all(signed: &Signed, text: &str, first: Page, limit: u64) -> (Vec<CustomerRow>, Option<Trouble>) {
    let have = |rows: &[CustomerRow]| u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let next = |page: &Page| {
        let last = page.resume.clone().or_else(|| page.rows.last().map(|row| row.cursor.clone()));
        last.filter(|_| page.after)
    };
    let mut cursor = next(&first);
    let mut rows = first.rows;
    while have(&rows) < limit
        && let Some(place) = cursor
    {
        match page(signed, text, Anchor::After(place), limit - have(&rows)) {
            Ok(page) => {
                cursor = next(&page);
                rows.extend(page.rows);
            }
            Err(trouble) => return (rows, Some(trouble)),
        }
    }
    (rows, None)
}

fn print(desk: &mut Desk<'_, '_>, signed: &Signed, args: &Customers, rows: &[CustomerRow]) -> Result<(), Trouble> {
    if args.json {
        let reasons = signed.me()?.losses;
        let now = desk.env.deps.clock.now();
        return rows.iter().try_for_each(|row| desk.print_json(&Customer::row(row, &reasons, now)));
    }
    let mut table = Table::new(
        &desk.words,
        &["col-id", "col-name", "col-stage", "col-owner", "col-phone", "col-email", "col-tags", "col-next"],
    );
    for row in rows {
        let field = |keys: &[&str]| {
            let found = row.fields.iter().find(|(key, shown)| keys.contains(&key.as_str()) && *shown != Shown::Empty);
            found.map(|(_, shown)| shown.text().to_owned()).unwrap_or_default()
        };
        table.row(vec![
            row.id.to_string(),
            row.name.text().to_owned(),
            desk.code("stage", row.stage.code()),
            row.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
            field(&["mobile", "phone"]),
            field(&["email"]),
            row.tags.join(" "),
            row.next_follow_up.map(|due| desk.moment(due)).unwrap_or_default(),
        ]);
    }
    if rows.is_empty() { Ok(()) } else { desk.print_table(&table) }
}

fn count(desk: &mut Desk<'_, '_>, listed: usize, total: Total) -> Ended {
    match total {
        Total::Exactly(0) => desk.told("cli-nobody", &[])?,
        Total::Exactly(all) if u64::try_from(listed) == Ok(all) => {}
        Total::Exactly(all) => desk.told("cli-some", &[("n", &listed), ("all", &all)])?,
        Total::AtLeast(all) => desk.told("cli-some-or-more", &[("n", &listed), ("all", &all)])?,
    }
    Ok(Exit::Done)
}

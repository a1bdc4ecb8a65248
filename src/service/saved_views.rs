//! Views: queries kept under a name, one's own and those that everybody finds.
//!
//! **Invariant:** a view gives nobody a customer: whoever opens one asks its query in their own scope. Only whoever saved
//! a view changes it; a shared one is also removed by whoever sets the policy.

use super::actor::Actor;
use super::door::{Done, ViewDraft};
use super::query;
use super::refusal::{Fault, Refusal};
use super::undo;
use super::view::ViewRow;
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::id::SavedViewId;
use crate::domain::query::MOST_CHARACTERS;
use crate::domain::role::Permission;
use crate::domain::saved_view::{SavedView, Sharing};
use crate::domain::value;
use crate::text::{Printable, folded};
use crate::vault::book::saved_views;
use crate::vault::store::{Get, Table};

const LONGEST_NAME: usize = 40;
/// Views of one person, and shared ones of everybody.
const MOST: usize = 100;

/// The views that this person finds: their own, then those that others share; either in the order of saving.
pub(super) fn list(actor: &Actor, from: &dyn Get) -> Result<Vec<ViewRow>, Refusal> {
    actor.require(Permission::ViewCustomers)?;
    let (own, others): (Vec<_>, Vec<_>) = saved_views::all(from)?.into_iter().partition(|v| v.by == actor.staff.id);
    let shared = others.into_iter().filter(|view| view.sharing == Sharing::Shared);
    Ok(own.into_iter().chain(shared).map(|view| row(actor, view)).collect())
}

fn row(actor: &Actor, view: SavedView) -> ViewRow {
    let mine = view.by == actor.staff.id;
    ViewRow { mine, by: actor.name_of(view.by), view }
}

/// Saves a view, or changes one of one's own.
pub(super) fn save(actor: &Actor, draft: ViewDraft) -> Result<Done, Refusal> {
    if draft.name.is_empty() {
        return Err(Refusal::invalid("name", Fault::Missing));
    }
    if draft.name.as_str().chars().count() > LONGEST_NAME {
        return Err(Refusal::invalid("name", Fault::TooLong));
    }
    if draft.query.as_str().chars().count() > MOST_CHARACTERS {
        return Err(Refusal::invalid("query", Fault::TooLong));
    }
    // A view that cannot be read helps nobody.
    query::read(actor, draft.query.as_str())?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let all = saved_views::all(to)?;
        let id = match draft.id {
            Some(id) => {
                let known = all.iter().find(|view| view.id == id && view.by == actor.staff.id);
                known.ok_or(Refusal::NotFound("view"))?.id
            }
            None if all.iter().filter(|view| view.by == actor.staff.id).count() >= MOST => {
                return Err(Refusal::invalid("views", Fault::TooLong));
            }
            None => saved_views::next_id(to)?,
        };
        let same = |view: &&SavedView| {
            view.id != id && view.by == actor.staff.id && folded(view.name.as_str()) == folded(draft.name.as_str())
        };
        if all.iter().any(|view| same(&view)) {
            return Err(Refusal::NameTaken);
        }
        let ViewDraft { id: _, name, query, sort, sharing, columns } = draft.clone();
        let view = SavedView { id, by: actor.staff.id, name, query, sort, sharing, columns };
        undo::changing(actor, to, (Table::SavedViews, &id.0.to_be_bytes()), "view.save", |to| {
            Ok(saved_views::put(to, &view)?)
        })?;
        record(actor, to, "view.save", &view)?;
        Ok(Done::Done)
    })
}

/// Removes a view.
pub(super) fn remove(actor: &Actor, id: SavedViewId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let shared = actor.role.may(Permission::ManagePolicy);
        let view = saved_views::get(to, id)?;
        let view = view.filter(|v| v.by == actor.staff.id || shared && v.sharing == Sharing::Shared);
        let view = view.ok_or(Refusal::NotFound("view"))?;
        undo::changing(actor, to, (Table::SavedViews, &id.0.to_be_bytes()), "view.remove", |to| {
            Ok(saved_views::remove(to, id)?)
        })?;
        record(actor, to, "view.remove", &view)?;
        Ok(Done::Done)
    })
}

fn record(actor: &Actor, to: &mut dyn crate::vault::store::Put, verb: &str, view: &SavedView) -> Result<(), Refusal> {
    let name = value::starred(Printable::line(view.name.as_str()).as_str());
    let texts = Texts { after: Some(format!("{name} ({})", view.sharing.code())), ..Texts::default() };
    actor.record(to, &NewEntry { texts, ..actor.entry(verb) })?;
    Ok(())
}

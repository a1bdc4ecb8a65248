//! Who is signed in, as those who manage staff see it, and the ends they can put to it.
//!
//! **Invariant:** the entry is durable before a session is over; nobody ends their own this way.

use super::actor::Actor;
use super::door::Done;
use super::present::Stay;
use super::refusal::{Over, Refusal};
use super::view::SessionRow;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::id::{SessionId, StaffId};
use crate::domain::role::Permission;

/// All that are under way, the first to begin first.
pub(super) fn list(actor: &Actor) -> Result<Vec<SessionRow>, Refusal> {
    actor.require(Permission::ManageStaff)?;
    let row = |stay: &Stay| SessionRow {
        id: stay.id,
        who: stay.who,
        name: actor.name_of(stay.who),
        origin: stay.origin,
        source: stay.source,
        address: stay.address,
        began: stay.began,
        active: stay.active(),
        own: stay.id == actor.session,
    };
    let stays = actor.desk.present.stays();
    Ok(stays.iter().filter(|stay| stay.over().is_none()).map(|stay| row(stay)).collect())
}

/// Ends one.
pub(super) fn end(actor: &Actor, id: SessionId) -> Result<Done, Refusal> {
    let stays = actor.desk.present.stays();
    let stay = stays.iter().find(|stay| stay.id == id && id != actor.session && stay.over().is_none());
    let who = stay.ok_or(Refusal::NotFound("session of somebody else"))?.who;
    put_out(actor, "session.end_other", Some(who), Over::Ended, |stay| stay.id == id)
}

/// Ends all of one person's.
pub(super) fn end_all_of(actor: &Actor, who: StaffId) -> Result<Done, Refusal> {
    put_out(actor, "session.end_other", Some(who), Over::Ended, |stay| stay.who == who)
}

/// Ends everybody's. The one that asks goes on until it is left, so that the answer is heard.
pub(super) fn seal(actor: &Actor) -> Result<Done, Refusal> {
    put_out(actor, "vault.seal", None, Over::Sealed, |_| true)?;
    Ok(Done::Sealed)
}

fn put_out(
    actor: &Actor,
    verb: &str,
    who: Option<StaffId>,
    over: Over,
    which: impl Fn(&Stay) -> bool,
) -> Result<Done, Refusal> {
    let own = actor.session;
    let which = |stay: &Stay| stay.id != own && stay.over().is_none() && which(stay);
    let count = actor.desk.present.stays().iter().filter(|stay| which(stay)).count();
    let texts = Texts { after: who.map(|who| actor.name_of(who)), ..Texts::default() };
    let object = who.map_or(Object::None, |who| Object::Staff(who.0));
    let entry = NewEntry { object, texts, count: Some(count as u64), ..actor.entry(verb) };
    let of_actor = actor.clone();
    actor.commit(move |to| Ok(of_actor.record(to, &entry).map(|_| ())?))?;
    actor.desk.present.end(which, over);
    Ok(Done::Done)
}

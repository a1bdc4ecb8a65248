//! Which parts the form has, in which order, and what is stored of each.
//!
//! **Invariant:** every field in use is in it, and a part that the person may not change is fixed.

use super::part::{Choice, Input, Part, PartId, Pick, TextPart};
use crate::app::env::Env;
use crate::app::wording;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::{FieldKind, Need};
use crate::domain::role::{Permission, Scope};
use crate::service::view::{CustomerDetail, Shown};
use crate::text::Printable;

/// The parts of a customer, or of a new one, in the order of the form.
pub(super) fn parts(env: &Env, detail: Option<&CustomerDetail>) -> Vec<Part> {
    let may_reassign = env.may(Permission::Reassign);
    let profile = detail.map(|d| &d.profile);
    let choice = |id, options: Vec<Pick>, at: Pick, may| {
        let was = detail.is_some().then(|| at.clone());
        let input = if may { Input::Choice(Choice::new(options, &at, was)) } else { Input::Fixed(at) };
        Part::new(id, Need::Optional, input)
    };
    let text = |id, need, stored| Part::new(id, need, Input::Text(TextPart::new(FieldKind::Text, stored)));
    let open = |value: Option<String>| match value.filter(|v| !v.is_empty()) {
        Some(value) => Shown::Open(Printable::line(&value)),
        None => Shown::Empty,
    };
    let me = env.me.as_ref().map(|me| me.id);
    let mut owners = vec![Pick::Owner(None)];
    if let Some(me) = &env.me {
        owners.extend(me.colleagues.iter().map(|(id, _)| Pick::Owner(Some(*id))));
        if !me.colleagues.iter().any(|(id, _)| *id == me.id) {
            owners.push(Pick::Owner(Some(me.id)));
        }
    }
    // Without the right to assign, a new customer falls to whoever works with their own only, else to the pool.
    let own = env.me.as_ref().is_some_and(|me| may_reassign || me.role.scope == Scope::Own);
    let owner = Pick::Owner(profile.map_or(me.filter(|_| own), |p| p.owner));
    let kinds = CustomerKind::ALL.iter().copied().map(Pick::Kind).collect();
    let stages = Stage::ALL.iter().copied().map(Pick::Stage).collect();
    let bases = Basis::ALL.iter().copied().map(Pick::Basis).collect();
    let mut parts = vec![
        choice(PartId::Kind, kinds, Pick::Kind(profile.map_or_else(Default::default, |p| p.kind)), true),
        text(PartId::Name, Need::Required, detail.map_or(Shown::Empty, |d| d.name.clone())),
    ];
    parts.extend(env.schema.on().filter(|def| profile.is_none_or(|p| def.is_of(p.kind))).map(|def| {
        let shown = detail.and_then(|d| d.fields.iter().find(|f| f.key == def.key)).map(|f| f.shown.clone());
        Part::field(def, shown.unwrap_or(Shown::Empty))
    }));
    let basis = Pick::Basis(profile.map_or_else(Default::default, |p| p.provenance.basis));
    parts.extend([
        choice(PartId::Owner, owners, owner, may_reassign),
        choice(PartId::Stage, stages, Pick::Stage(profile.map_or_else(Default::default, |p| p.stage)), true),
    ]);
    if profile.is_some_and(|p| p.stage == Stage::Lost) {
        parts.extend(loss_parts(env, detail));
    }
    parts.extend([
        text(PartId::Tags, Need::Optional, open(profile.map(|p| p.tags.join(", ")))),
        text(PartId::Source, Need::Optional, open(profile.map(|p| p.provenance.source.clone()))),
        choice(PartId::Basis, bases, basis, true),
    ]);
    parts
}

/// What is asked of a customer who is lost: why, in words, and when they are to be won back.
pub(super) fn loss_parts(env: &Env, detail: Option<&CustomerDetail>) -> Vec<Part> {
    let loss = detail.and_then(|d| d.lost.as_ref());
    let offered = wording::losses_to_choose(env, loss.map(|loss| loss.why));
    let reasons = std::iter::once(None).chain(offered.into_iter().map(Some)).map(Pick::Lost).collect();
    let why = Pick::Lost(loss.map(|loss| loss.why));
    let why = Input::Choice(Choice::new(reasons, &why, Some(why.clone())));
    let text = |shown| Input::Text(TextPart::new(FieldKind::Text, shown));
    let words = loss.map(|loss| loss.text.clone()).filter(|words| !words.is_empty());
    let mut parts = vec![
        Part::new(PartId::Lost, Need::Optional, why),
        Part::new(PartId::LostText, Need::Optional, text(words.map_or(Shown::Empty, Shown::Open))),
    ];
    if env.may(Permission::FollowUps) {
        parts.push(Part::new(PartId::WinBack, Need::Optional, text(Shown::Empty)));
    }
    parts
}

/// What is stored of a part, as it is shown.
pub(super) fn stored(env: &Env, part: &Part) -> String {
    match &part.input {
        Input::Fixed(pick) => pick.label(env),
        Input::Choice(choice) => choice.was.as_ref().map_or_else(String::new, |pick| pick.label(env)),
        Input::Text(text) if text.stored == Shown::Declined => env.t("form-declined"),
        Input::Text(text) => text.stored.text().to_owned(),
    }
}

/// Keeps what is typed here and takes over what is stored now.
pub(super) fn rebase(part: &mut Part, fresh: Part) {
    match (&mut part.input, fresh.input) {
        (Input::Choice(mine), Input::Choice(theirs)) => mine.was = theirs.was,
        (Input::Text(mine), Input::Text(theirs)) => mine.stored = theirs.stored,
        (mine, theirs) => *mine = theirs,
    }
}

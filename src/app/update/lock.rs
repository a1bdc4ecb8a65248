//! Locking: what is being typed is kept behind the door, and comes back after the next sign-in.
//!
//! **Invariant:** nothing that the door gave stays in the model over a lock.

use zeroize::Zeroizing;

use super::remind::Reminding;
use crate::app::effect::Effect;
use crate::app::env::Asker;
use crate::app::form;
use crate::app::model::{Model, Phase};
use crate::app::panel::{Draft, Panel};
use crate::app::screen::unlock::Unlock;
use crate::service::Action;

/// Keeps what is being typed, if the topmost layer that has something says so.
pub(super) fn keep_draft(model: &mut Model) -> Kept {
    let Phase::SignedIn(signed) = &model.phase else { return Kept::Nothing };
    let Some(draft) = signed.layers.iter().rev().find_map(|l| l.panel.draft()) else { return Kept::Nothing };
    model.env.asker = Asker::Frame;
    model.env.perform(Action::KeepDraft(packed(&draft)));
    Kept::Draft
}

/// What was kept over a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    Draft,
}

pub(super) fn lock(model: &mut Model, why: &'static str) {
    if !matches!(model.phase, Phase::SignedIn(_)) {
        return;
    }
    let why = if keep_draft(model) == Kept::Draft && why == "locked" { "locked-draft" } else { why };
    model.phase = Phase::Locked(Box::new(Unlock::new(&model.last_name).of(model.vault)));
    model.env.me = None;
    model.env.schema = Default::default();
    model.env.asked.clear();
    model.env.wishes.clear();
    model.pending.clear();
    model.checkpoint = None;
    model.backups = None;
    model.reminding = Reminding::default();
    model.told_at = None;
    model.env.ordered = None;
    let text = model.env.t(why);
    model.env.say(text);
    model.env.effect(Effect::Lock);
}

/// A draft as one run of bytes: the form's name, a line break, what was typed.
fn packed(draft: &Draft) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(draft.form.len() + 1 + draft.content.len()));
    bytes.extend_from_slice(draft.form.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(&draft.content);
    bytes
}

pub(super) fn reopened(model: &Model, kept: &[u8]) -> Option<Box<dyn Panel>> {
    let at = kept.iter().position(|b| *b == b'\n')?;
    let (name, rest) = kept.split_at(at);
    form::restore(&model.env, std::str::from_utf8(name).ok()?, rest.get(1..)?)
}

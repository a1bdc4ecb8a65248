//! Taking back: at once where it is plain what is meant, after a question where it may be something else.
//!
//! **Invariant:** what an undo would take back is asked of the door first, so that the question names it.

use crate::app::env::Asker;
use crate::app::env::Env;
use crate::app::layer::confirm::Confirm;
use crate::app::model::Model;
use crate::app::wording;
use crate::service::Action;
use crate::service::refusal::Refusal;
use crate::service::view::{UndoAsks, UndoLabel};

/// Takes the last change back, or asks first.
pub(super) fn take_back(model: &mut Model, next: Option<UndoLabel>) {
    let env = &mut model.env;
    env.asker = Asker::Frame;
    match next {
        None => env.refuse(&Refusal::NothingToUndo),
        Some(UndoLabel { asks: None, .. }) => _ = env.perform(Action::Undo),
        Some(UndoLabel { asks: Some(asks), action, about }) => {
            let what = said(env, &action, &about);
            let question = match asks {
                UndoAsks::Import => env.ta("undo-ask-import", &[("what", &what)]),
                UndoAsks::Earlier => env.ta("undo-ask-earlier", &[("what", &what)]),
                UndoAsks::Behind(verb) => {
                    let later = wording::code(env, "verb", &verb);
                    env.ta("undo-ask-behind", &[("later", &later), ("what", &what)])
                }
            };
            let done = done(env, &action, &about);
            env.open(Box::new(Confirm::new(env.t("undo-ask-title"), question, done, Action::Undo)));
        }
    }
}

fn said(env: &Env, action: &str, about: &str) -> String {
    let what = wording::code(env, "verb", action);
    if about.is_empty() { what } else { env.ta("undo-of", &[("what", &what), ("about", &about)]) }
}

/// What is said when it was taken back.
pub(super) fn done(env: &Env, action: &str, about: &str) -> String {
    env.ta("undone", &[("what", &said(env, action, about))])
}

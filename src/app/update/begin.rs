//! What follows once it is known who signed in: their settings, the screen where their work is, what is odd of the file.
//!
//! **Invariant:** a file that is not as it was last seen is told before anything can be done in it.

use super::{ask_backups, go, push, remind, run};
use crate::app::commands::Cmd;
use crate::app::env::Asker;
use crate::app::form::factor::FactorForm;
use crate::app::form::recovery::RecoveryForm;
use crate::app::keymap::Keymap;
use crate::app::layer::paper::Paper;
use crate::app::model::{Fresh, Model, Phase, Ready};
use crate::app::screen::ScreenId;
use crate::app::theme::{Ink, Theme};
use crate::app::wording;
use crate::domain::role::{Permission, RoleName};
use crate::service::Query;
use crate::service::view::{Me, Seen};

/// Who signed in is known: their language, colours and keys, and the screen where their work is.
pub(super) fn begin(model: &mut Model, me: Me) {
    let preferences = me.preferences.clone();
    if let Some(lang) = preferences.lang {
        model.env.words.lang = lang;
    }
    if let Some(theme) = preferences.theme.as_deref().and_then(Theme::from_code) {
        // Someone who asked for no colours on this terminal gets none.
        if model.env.theme != Theme::Mono {
            model.env.theme = theme;
        }
    }
    if let Some(keymap) = preferences.keymap.as_deref().and_then(Keymap::shipped) {
        model.env.keymap = keymap;
    }
    let start = match me.role.name {
        RoleName::Support => ScreenId::Customers,
        RoleName::Auditor => ScreenId::Audit,
        RoleName::Administrator => ScreenId::Admin,
        RoleName::Owner | RoleName::Lead | RoleName::Sales | RoleName::PrivacyOfficer => ScreenId::Today,
    };
    let searches = me.role.name == RoleName::Support;
    let odd = me.odd.as_deref().cloned().unwrap_or_default();
    model.last_name = me.name.as_str().to_owned();
    model.last_input = model.env.now;
    model.told_active = model.env.now;
    let owed = me.factor.owed();
    model.env.me = Some(me);
    let Phase::SignedIn(signed) = &mut model.phase else { return };
    signed.ready = Ready::Open;
    if owed {
        // Nothing else is answered before it is enrolled; what is behind asks anew then.
        signed.at = start;
        return push(model, Box::new(FactorForm::default()));
    }
    go(model, start);
    if searches {
        run(model, Cmd::Search);
    }
    if std::mem::replace(&mut model.fresh, Fresh::No) == Fresh::Yes {
        push(model, Box::new(RecoveryForm::default()));
    }
    model.env.asker = Asker::Frame;
    model.env.ask(Query::Draft);
    if model.env.may(Permission::ReadAudit) {
        model.env.ask(Query::Chain);
    }
    ask_backups(model);
    remind::ask(model);
    if let Some(seen) = odd.seen {
        tell_seen(model, &seen);
    }
    if let Some(why) = odd.fault {
        let text = model.env.ta("check-fault", &[("why", &why)]);
        let paper = Paper::new(model.env.t("check-title")).with(text, Ink::Bad);
        push(model, Box::new(paper));
    }
}

/// Says how the file differs from what was last seen of it: as a warning to be closed, or in passing where the record
/// itself accounts for it.
fn tell_seen(model: &mut Model, seen: &Seen) {
    let env = &mut model.env;
    let when = wording::moment(env, seen.at);
    let key = format!("seen-{}", seen.kind.code().replace('_', "-"));
    let text = env.ta(&key, &[("when", &when), ("entries", &seen.entries), ("now", &seen.now)]);
    if seen.kind.is_declared() {
        env.say(text);
        return;
    }
    let paper = Paper::new(env.t("seen-title")).with(text, Ink::Bad).with(String::new(), Ink::Plain);
    let paper = paper.with(env.t("seen-go-on"), Ink::Plain);
    push(model, Box::new(paper));
}

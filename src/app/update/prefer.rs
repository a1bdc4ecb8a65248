//! Changing language, colours and keys, at once and for the next time.
//!
//! **Invariant:** what is in force is what is kept.

use crate::app::commands::Cmd;
use crate::app::effect::Effect;
use crate::app::env::Asker;
use crate::app::keymap::{self, Keymap};
use crate::app::model::Model;
use crate::app::wording;
use crate::domain::field::Lang;
use crate::domain::staff::{Alarm, Preferences};
use crate::service::Action;

pub(super) fn prefer(model: &mut Model, cmd: Cmd) {
    let env = &mut model.env;
    match cmd {
        Cmd::Language => {
            env.words.lang = match env.words.lang {
                Lang::En => Lang::ZhCn,
                Lang::ZhCn => Lang::En,
            };
        }
        Cmd::Alarm => {
            let Some(me) = &mut env.me else { return };
            let at = Alarm::ALL.iter().position(|alarm| *alarm == me.preferences.alarm).unwrap_or(0);
            me.preferences.alarm = Alarm::ALL.get((at + 1) % Alarm::ALL.len()).copied().unwrap_or_default();
            let alarm = me.preferences.alarm;
            let name = wording::code(env, "alarm", alarm.code());
            let text = env.ta("alarm-now", &[("name", &name)]);
            env.say(text);
            if alarm != Alarm::Silent {
                // So that it is known whether this terminal does it.
                let words = env.t("reminder-heard");
                env.effect(Effect::Alarm(alarm, words));
            }
        }
        Cmd::Theme => {
            env.theme = env.theme.next();
            let name = wording::code(env, "theme", env.theme.code());
            let text = env.ta("theme-now", &[("name", &name)]);
            env.say(text);
        }
        _ => {
            let at = keymap::SHIPPED.iter().position(|(name, _)| *name == env.keymap.name);
            let next = at.map_or(0, |at| (at + 1) % keymap::SHIPPED.len());
            if let Some(map) = keymap::SHIPPED.get(next).and_then(|(name, _)| Keymap::shipped(name)) {
                env.keymap = map;
            }
            let text = env.ta("keymap-now", &[("name", &env.keymap.name)]);
            env.say(text);
        }
    }
    let Some(me) = &mut env.me else { return };
    me.preferences = Preferences {
        lang: Some(env.words.lang),
        theme: Some(env.theme.code().to_owned()),
        keymap: Some(env.keymap.name.clone()),
        alarm: me.preferences.alarm,
        columns: me.preferences.columns.clone(),
    };
    let preferences = me.preferences.clone();
    env.asker = Asker::Frame;
    env.perform(Action::SetPreferences(preferences));
}

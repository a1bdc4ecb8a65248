//! Which masked fields a person may take out with their values, and why not more.
//!
//! **Invariant:** nothing here decides: the door is asked with what was chosen, before anything is let out and again then.

use crate::app::env::Env;
use crate::app::wording;
use crate::domain::columns::Part;
use crate::domain::field::{ExportRule, FieldDef, FieldKey};
use crate::privacy::class::FieldClass;

/// The masked fields among the columns; among the usual ones where none were chosen.
fn masked<'e>(env: &'e Env, columns: Option<&[Part]>) -> Vec<&'e FieldDef> {
    let among = |def: &&FieldDef| match columns {
        None => def.export == ExportRule::Ordinary,
        Some(parts) => parts.contains(&Part::Field(def.key.clone())),
    };
    env.schema.on().filter(|def| def.class != FieldClass::Open).filter(among).collect()
}

/// Whether the role reveals a class by itself, with its key at hand.
fn opens(env: &Env, class: FieldClass) -> bool {
    env.me.as_ref().is_some_and(|me| me.role.reveal(class).holds_key() && !me.awaiting.contains(&class))
}

/// Those of them that the person may take out with their values.
pub(super) fn open_to(env: &Env, columns: Option<&[Part]>) -> Vec<FieldKey> {
    masked(env, columns).into_iter().filter(|def| opens(env, def.class)).map(|def| def.key.clone()).collect()
}

/// Why there is nothing to choose, where that is so.
pub(super) fn why_not(env: &Env, columns: Option<&[Part]>) -> Option<String> {
    let all = masked(env, columns);
    let Some(first) = all.first() else { return Some(env.t("export-values-none")) };
    if all.iter().any(|def| opens(env, def.class)) {
        return None;
    }
    let me = env.me.as_ref()?;
    let class = wording::code(env, "class", first.class.code());
    if me.awaiting.contains(&first.class) {
        return Some(env.ta("export-values-key", &[("class", &class)]));
    }
    let right = wording::code(env, "right", me.role.reveal(first.class).code());
    Some(env.ta("export-values-role", &[("class", &class), ("right", &right)]))
}

/// Which go out with their values, and how many stay masked since the role may not reveal them.
pub(super) fn named(env: &Env, columns: Option<&[Part]>) -> String {
    let (open, stays): (Vec<_>, Vec<_>) = masked(env, columns).into_iter().partition(|def| opens(env, def.class));
    let names: Vec<String> = open.iter().map(|def| wording::field_key(env, &def.key)).collect();
    let names = names.join(&env.t("form-list"));
    if stays.is_empty() {
        return env.ta("export-values-real", &[("fields", &names)]);
    }
    env.ta("export-values-some", &[("n", &stays.len()), ("fields", &names)])
}

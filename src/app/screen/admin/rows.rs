//! How the rows of each part of the administration look.
//!
//! **Invariant:** a state is said in words.

use ratatui::layout::Rect;

use super::keys::Fact;
use super::{Admin, Tab};
use crate::app::env::Env;
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::wording;
use crate::domain::field::{FieldState, Need};
use crate::domain::staff::StaffState;
use crate::domain::staff_key::Fingerprint;
use crate::privacy::class::FieldClass;
use crate::service::Source;
use crate::service::view::{FieldProgress, ImportState, SessionRow, Turning};
use crate::text;
use crate::words::backup::span;
use crate::words::refusal::purpose;

/// The widths of the columns of each part.
fn widths(tab: Tab) -> &'static [usize] {
    match tab {
        Tab::Staff => &[20, 16, 12, 10, 16],
        Tab::Sessions => &[18, 30, 16, 10],
        Tab::Roles => &[18, 10, 22, 24],
        Tab::Policy => &[44, 10, 18],
        Tab::Fields => &[16, 11, 9, 5, 31],
        Tab::Imports => &[26, 13, 11, 7, 7, 7],
        Tab::Keys => &[22, 52],
        // This part draws itself.
        Tab::Backups => &[],
    }
}

fn cells(area: Rect, tab: Tab, cells: &[String], canvas: &mut Canvas<'_>, style: ratatui::style::Style) {
    let mut column = 3;
    for (cell, width) in cells.iter().zip(widths(tab)) {
        canvas.text(area, 0, column, &text::cut(cell, *width), style);
        column += u16::try_from(*width).unwrap_or(0) + 1;
    }
}

/// The heading.
pub(super) fn head(admin: &Admin, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let keys: &[&str] = match admin.tab {
        Tab::Staff => &["admin-name", "admin-role", "admin-team", "admin-state", "admin-last-login"],
        Tab::Sessions => &["admin-name", "admin-from", "admin-since", "admin-idle"],
        Tab::Roles => &["admin-role", "admin-scope", "admin-contact", "admin-sensitive"],
        Tab::Policy => &["admin-value", "admin-now", "admin-bounds"],
        Tab::Fields => &["admin-field", "admin-kind", "admin-class", "admin-state", "admin-need"],
        Tab::Imports => &["admin-file", "admin-when", "admin-by", "admin-added", "admin-merged", "admin-skipped"],
        Tab::Keys => &["admin-key", "admin-state"],
        Tab::Backups => &[],
    };
    let words: Vec<String> = keys.iter().map(|key| env.t(key)).collect();
    cells(area, admin.tab, &words, canvas, env.theme.style(Ink::Dim));
}

/// One row.
pub(super) fn row(admin: &Admin, env: &Env, at: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let mut ink = Ink::Plain;
    let line: Vec<String> = match admin.tab {
        Tab::Staff => {
            let Some(row) = admin.staff.get(at) else { return };
            if row.staff.state == StaffState::Disabled {
                ink = Ink::Dim;
            }
            vec![
                row.staff.name.to_string(),
                wording::code(env, "role", row.staff.role.code()),
                row.staff.team.clone(),
                wording::code(env, "staff", row.staff.state.code()),
                row.last_login.map_or_else(|| env.t("admin-never"), |at| wording::moment(env, at)),
            ]
        }
        Tab::Sessions => {
            let Some(row) = admin.sessions.get(at) else { return };
            let name = if row.own { env.ta("admin-you", &[("name", &row.name)]) } else { row.name.clone() };
            let idle = row.active.map_or_else(|| env.t("admin-command"), |at| span(&env.words, env.now.since(at)));
            vec![name, from(env, row), wording::moment(env, row.began), idle]
        }
        Tab::Roles => {
            let Some(role) = admin.roles.get(at) else { return };
            vec![
                wording::code(env, "role", role.name.code()),
                wording::code(env, "scope", role.scope.code()),
                wording::code(env, "right", role.contact.code()),
                wording::code(env, "right", role.sensitive.code()),
            ]
        }
        Tab::Policy => {
            let rows = admin.policy_rows();
            let Some((key, value, bounds)) = rows.get(at) else { return };
            vec![wording::code(env, "policy", key), value.clone(), bounds.clone()]
        }
        Tab::Fields => {
            let Some(def) = env.schema.rows().nth(at) else { return };
            let state = match def.state {
                FieldState::On => "admin-on",
                FieldState::Off => {
                    ink = Ink::Dim;
                    "admin-off"
                }
            };
            let on_its_way = admin.fields.iter().find(|row| row.field == def.key);
            let need = match def.need {
                _ if on_its_way.is_some() => {
                    ink = Ink::Warn;
                    on_its_way.map_or_else(String::new, |row| progress(env, row))
                }
                Need::Required => env.t("admin-required"),
                Need::Optional => String::new(),
            };
            vec![
                def.label(env.words.lang).to_owned(),
                wording::code(env, "field-kind", def.kind.code()),
                wording::code(env, "class", def.class.code()),
                env.t(state),
                need,
            ]
        }
        Tab::Backups => return,
        Tab::Imports => {
            let Some(row) = admin.imports.get(at) else { return };
            vec![
                row.file.as_str().to_owned(),
                wording::moment(env, row.at),
                row.by.clone(),
                row.added.to_string(),
                row.merged.to_string(),
                row.skipped.to_string(),
            ]
        }
        Tab::Keys => {
            let (Some(state), Some(fact)) = (&admin.keys, Fact::ALL.get(at)) else { return };
            if fact.is_due(state) {
                ink = Ink::Warn;
            }
            fact.row(env, state).into()
        }
    };
    cells(area, admin.tab, &line, canvas, env.theme.style(ink));
}

/// How far a field is whose protection is being changed.
fn progress(env: &Env, row: &FieldProgress) -> String {
    let Some(on) = row.running else { return env.t("field-waits") };
    let key = match on.turning {
        Turning::Stricter => "field-resealing",
        Turning::Looser => "field-loosening",
    };
    env.ta(key, &[("looked", &count(on.looked)), ("all", &count(on.all))])
}

/// A number with its thousands apart.
fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// From where somebody came.
pub(super) fn from(env: &Env, row: &SessionRow) -> String {
    let how = match row.source {
        Source::Here => env.t("from-here"),
        Source::Peer(uid) => env.ta("from-user", &[("uid", &uid)]),
        Source::Key(print) => env.ta("from-key", &[("key", &text::cut(&Fingerprint(print).to_string(), 14))]),
    };
    match row.address {
        Some(address) => format!("{how} · {address}"),
        None => how,
    }
}

/// What there is to say of the row under the cursor.
pub(super) fn about(admin: &Admin, env: &Env, at: usize) -> String {
    match admin.tab {
        Tab::Backups => String::new(),
        Tab::Sessions => env.t("admin-about-sessions"),
        Tab::Staff => {
            let Some(row) = admin.staff.get(at) else { return String::new() };
            let classes: Vec<String> = row.awaiting.iter().map(|c| wording::code(env, "class", c.code())).collect();
            let about = match (row.staff.state, classes.is_empty()) {
                (StaffState::Invited, _) => env.t("admin-about-invited"),
                (_, false) => env.ta("admin-about-awaiting", &[("classes", &classes.join(", "))]),
                _ => wording::code(env, "role-about", row.staff.role.code()),
            };
            let keys: Vec<&str> = row.ssh.iter().map(|key| key.comment()).collect();
            match keys.as_slice() {
                [] => about,
                keys => {
                    let comments = keys.join(&env.t("form-list"));
                    let with = env.ta("admin-about-keys", &[("n", &keys.len()), ("comments", &comments)]);
                    format!("{about} {with}")
                }
            }
        }
        Tab::Roles => {
            let Some(role) = admin.roles.get(at) else { return String::new() };
            let may: Vec<String> =
                role.permissions.iter().map(|p| wording::code(env, "permission", p.code())).collect();
            env.ta("admin-about-role", &[("may", &may.join(&env.t("form-list")))])
        }
        Tab::Policy => {
            let rows = admin.policy_rows();
            rows.get(at).map_or_else(String::new, |(key, ..)| env.ta("admin-about-policy", &[("key", key)]))
        }
        Tab::Fields => {
            let Some(def) = env.schema.rows().nth(at) else { return String::new() };
            let said = if def.purpose.is_empty() {
                env.t("admin-no-purpose")
            } else {
                purpose(&env.words, &def.key, &def.purpose)
            };
            let mask = wording::code(env, "mask-kind", def.mask.code());
            let about = env.ta("admin-about-field", &[("key", &def.key), ("purpose", &said)]);
            let waits = admin.fields.iter().find(|row| row.field == def.key).and_then(|row| row.wanted.as_ref());
            match waits {
                Some((class, mask, by, _)) => {
                    let mask = wording::mask_of(env, *class, *mask);
                    let class = wording::code(env, "class", class.code());
                    let args: [(&str, &dyn std::fmt::Display); 3] = [("class", &class), ("mask", &mask), ("by", by)];
                    format!("{about} {}", env.ta("field-waits-about", &args))
                }
                None if def.class != FieldClass::Open => {
                    format!("{about} {}", env.ta("admin-about-mask", &[("mask", &mask)]))
                }
                None => about,
            }
        }
        Tab::Keys => match (&admin.keys, Fact::ALL.get(at)) {
            (Some(state), Some(fact)) => fact.about(env, state),
            _ => String::new(),
        },
        Tab::Imports => {
            let Some(row) = admin.imports.get(at) else { return String::new() };
            env.t(match row.state {
                ImportState::Staging => "import-staging",
                ImportState::Publishing => "import-publishing",
                ImportState::Published => "import-published",
                ImportState::Undoing => "import-undoing",
                ImportState::Undone => "import-undone",
            })
        }
    }
}

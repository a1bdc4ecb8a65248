//! The words for what the door answers: refusals with their remedy, codes, times, names of fields.
//!
//! **Invariant:** every code of an enum that is shown has a locale text; [`families`] lists them for a test.

use chrono::Datelike;

use crate::clock::Timestamp;
use crate::domain::audit::{Origin, Outcome};
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::deal::DealStage;
use crate::domain::field::{FieldKey, FieldKind};
use crate::domain::identifier::IdentifierKind;
use crate::domain::interaction::InteractionKind;
use crate::domain::policy::Policy;
use crate::domain::reason::{ReasonCode, ReasonFault};
use crate::domain::role::{Permission, RevealRight, RoleName, Scope};
use crate::domain::staff::StaffState;
use crate::privacy::class::FieldClass;
use crate::service::refusal::{Fault, FieldFault, PassphraseProblem, Refusal};
use crate::service::view::AlertKind;

use super::env::Env;
use super::msg::EntryFault;

/// The locale key of a code within its family: `role` and `privacy_officer` give `role-privacy-officer`.
pub fn key(family: &str, code: &str) -> String {
    format!("{family}-{}", code.replace(['_', '.'], "-"))
}

/// The text of a code, or the code itself where there is none.
pub fn code(env: &Env, family: &str, code: &str) -> String {
    let key = key(family, code);
    if env.words.has(&key) { env.t(&key) } else { code.replace('_', " ") }
}

/// The keys of all families of codes that are shown.
pub fn families() -> Vec<String> {
    fn family<T: Copy>(name: &str, all: &[T], code: fn(T) -> &'static str) -> Vec<String> {
        all.iter().map(|v| key(name, code(*v))).collect()
    }
    [
        family("role", RoleName::ALL, RoleName::code),
        family("permission", Permission::ALL, Permission::code),
        family("class", FieldClass::ALL, FieldClass::code),
        family("reason", ReasonCode::ALL, ReasonCode::code),
        family("kind", CustomerKind::ALL, CustomerKind::code),
        family("stage", Stage::ALL, Stage::code),
        family("basis", Basis::ALL, Basis::code),
        family("deal", DealStage::ALL, DealStage::code),
        family("interaction", InteractionKind::ALL, InteractionKind::code),
        family("identifier", IdentifierKind::ALL, IdentifierKind::code),
        family("outcome", Outcome::ALL, Outcome::code),
        family("alert", AlertKind::ALL, AlertKind::code),
        family("theme", super::theme::Theme::ALL, super::theme::Theme::code),
        family("place", super::commands::Place::ALL, super::commands::Place::code),
        family("staff", StaffState::ALL, StaffState::code),
        family("scope", Scope::ALL, Scope::code),
        family("right", RevealRight::ALL, RevealRight::code),
        family("role-about", RoleName::ALL, RoleName::code),
        family("origin", Origin::ALL, Origin::code),
        family("passphrase", PassphraseProblem::ALL, PassphraseProblem::code),
        family("field-kind", FieldKind::ALL, FieldKind::code),
        family("verb", crate::domain::audit::VERBS, |verb| verb),
        family("policy", &policy_keys(), |key| key),
        family("screen", super::screen::ScreenId::ALL, super::screen::ScreenId::code),
    ]
    .concat()
}

/// The keys of every policy value.
fn policy_keys() -> Vec<&'static str> {
    let numbers = Policy::default().numbers().into_iter().map(|(key, ..)| key);
    numbers.chain(std::iter::once("default_region")).collect()
}

/// The label of a field, or of a built-in part such as `name` or `stage`.
pub fn field(env: &Env, name: &str) -> String {
    match env.schema.get(name) {
        Some(def) => def.label(env.words.lang).to_owned(),
        None => code(env, "part", name),
    }
}

/// The label of a field.
pub fn field_key(env: &Env, key: &FieldKey) -> String {
    field(env, key.as_str())
}

/// Roles as a list of words; the owner where there are none.
pub fn roles(env: &Env, roles: &[RoleName]) -> String {
    let names: Vec<String> = if roles.is_empty() {
        vec![code(env, "role", RoleName::Owner.code())]
    } else {
        roles.iter().map(|r| code(env, "role", r.code())).collect()
    };
    names.join(&env.t("list-or"))
}

/// A refusal as cause and remedy.
pub fn refusal(env: &Env, refusal: &Refusal) -> String {
    let class = |class: &FieldClass| code(env, "class", class.code());
    match refusal {
        Refusal::NotPermitted { permission, helpers } => {
            let what = code(env, "permission", permission.code());
            env.ta("refused-role", &[("what", &what), ("who", &roles(env, helpers))])
        }
        Refusal::OutOfScope => env.t("refused-scope"),
        Refusal::NotFound(_) => env.t("refused-not-found"),
        Refusal::NeverRevealed { class: c, helpers } => {
            env.ta("refused-never", &[("class", &class(c)), ("who", &roles(env, helpers))])
        }
        Refusal::ApprovalNeeded { class: c, helpers } => {
            env.ta("refused-approval", &[("class", &class(c)), ("who", &roles(env, helpers))])
        }
        Refusal::RequestNeeded(c) => env.ta("refused-request", &[("class", &class(c))]),
        Refusal::KeyMissing(c) => env.ta("refused-key", &[("class", &class(c))]),
        Refusal::Reason(fault) => reason_fault(env, *fault),
        Refusal::QuotaSpent { quota, minutes } => env.ta("refused-quota", &[("quota", quota), ("minutes", minutes)]),
        Refusal::ReadingLimit { limit, minutes } => {
            env.ta("refused-reading", &[("limit", limit), ("minutes", minutes)])
        }
        Refusal::NoTriesLeft { minutes } => env.ta("refused-tries", &[("minutes", minutes)]),
        Refusal::Restricted => env.t("refused-restricted"),
        Refusal::FieldEmpty => env.t("refused-empty"),
        Refusal::NotMasked => env.t("refused-open"),
        Refusal::Invalid(faults) => {
            let all: Vec<String> = faults.iter().map(|f| fault(env, f)).collect();
            all.join(&env.t("list-and"))
        }
        Refusal::Conflict(_) => env.t("refused-conflict"),
        Refusal::NothingToUndo => env.t("refused-nothing-to-undo"),
        Refusal::UndoStale(who) => env.ta("refused-undo-stale", &[("who", who)]),
        Refusal::Policy(fault) => env.ta("refused-policy", &[("why", fault)]),
        Refusal::NameTaken => env.t("refused-name-taken"),
        Refusal::NoFreeSlot => env.t("refused-no-slot"),
        Refusal::LastHolder(_) => env.t("refused-last-holder"),
        Refusal::Passphrase(problem) => code(env, "passphrase", problem.code()),
        Refusal::ImportState => env.t("refused-import-state"),
        Refusal::RecordUnavailable(why) => env.ta("refused-record", &[("why", why)]),
        Refusal::Storage(why) => env.ta("refused-storage", &[("why", why)]),
        Refusal::Damaged(why) => env.ta("refused-damaged", &[("why", why)]),
        Refusal::SessionEnded => env.t("refused-ended"),
    }
}

/// What is wrong with a reason.
pub fn reason_fault(env: &Env, fault: ReasonFault) -> String {
    match fault {
        ReasonFault::TextMissing => env.t("reason-text-missing"),
        ReasonFault::Filler => env.t("reason-filler"),
        ReasonFault::Repeated => env.t("reason-repeated"),
        ReasonFault::TicketMissing => env.t("reason-ticket-missing"),
        ReasonFault::TooLong => env.t("reason-too-long"),
    }
}

/// What is wrong with one part of an input, with the part's name before it.
pub fn fault(env: &Env, fault: &FieldFault) -> String {
    let what = fault_alone(env, &fault.fault);
    env.ta("fault-of", &[("part", &field(env, &fault.part)), ("what", &what)])
}

/// What is wrong with an input.
pub fn fault_alone(env: &Env, fault: &Fault) -> String {
    match fault {
        Fault::Missing => env.t("fault-missing"),
        Fault::UnknownField => env.t("fault-unknown"),
        Fault::TooLong => env.t("fault-long"),
        Fault::Value(value) => {
            // The fault's own name is its locale key, so that a new one needs no arm here.
            let name = kebab(&format!("{value:?}"));
            let key = format!("value-{name}");
            if env.words.has(&key) { env.t(&key) } else { value.to_string() }
        }
    }
}

fn kebab(variant: &str) -> String {
    let name = variant.split(['(', ' ', '{']).next().unwrap_or_default();
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Why nobody was let in, and what helps.
pub fn entry(env: &Env, fault: &EntryFault) -> String {
    match fault {
        EntryFault::Missing => env.t("entry-missing"),
        EntryFault::Exists => env.t("entry-exists"),
        EntryFault::Busy(Some(pid)) => env.ta("entry-busy-pid", &[("pid", pid)]),
        EntryFault::Busy(None) => env.t("entry-busy"),
        EntryFault::WrongNameOrPassphrase(0) => env.t("entry-wrong"),
        EntryFault::WrongNameOrPassphrase(wait) => env.ta("entry-wrong-wait", &[("wait", wait)]),
        EntryFault::SetupNeeded => env.t("entry-setup"),
        EntryFault::Passphrase(problem) => code(env, "passphrase", problem.code()),
        EntryFault::Name => env.t("entry-name"),
        EntryFault::Damaged(why) => env.ta("entry-damaged", &[("why", why)]),
        EntryFault::Disk(why) => env.ta("entry-disk", &[("why", why)]),
    }
}

/// A time by which something is due, as short as its distance allows.
pub fn due(env: &Env, at: Timestamp) -> String {
    crate::domain::when::show(at, env.now, env.offset, env.words.lang)
}

/// A moment that is past, as short as its distance allows; never more than 16 cells.
pub fn moment(env: &Env, at: Timestamp) -> String {
    let (then, now) = (at.at(env.offset), env.now.at(env.offset));
    let time = then.format("%H:%M").to_string();
    match (now.date_naive() - then.date_naive()).num_days() {
        0 => env.ta("moment-today", &[("time", &time)]),
        1 => env.ta("moment-yesterday", &[("time", &time)]),
        _ if then.year() == now.year() => then.format("%m-%d %H:%M").to_string(),
        _ => then.format("%Y-%m-%d").to_string(),
    }
}

/// A day as short as its distance allows: `today`, `11-23`, `2025-11-23`.
pub fn day(env: &Env, at: Timestamp) -> String {
    let (then, now) = (at.at(env.offset), env.now.at(env.offset));
    match (then.date_naive() - now.date_naive()).num_days() {
        0 => env.t("day-today"),
        1 => env.t("day-tomorrow"),
        -1 => env.t("day-yesterday"),
        _ if then.year() == now.year() => then.format("%m-%d").to_string(),
        _ => then.format("%Y-%m-%d").to_string(),
    }
}

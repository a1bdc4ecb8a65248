//! The words for what the door answers: refusals with their remedy, codes, times, names of fields.
//!
//! **Invariant:** every code of an enum that is shown has a locale text; [`families`] lists them for a test.

use std::borrow::Cow;

use chrono::Datelike;

use crate::clock::Timestamp;
use crate::domain::audit::{Origin, Outcome};
use crate::domain::case::CaseState;
use crate::domain::columns::Part;
use crate::domain::consent::{ConsentHow, ConsentState, Purpose, Speaker};
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::deal::{PipelineFault, StageKind, StageState};
use crate::domain::field::{FieldKey, FieldKind};
use crate::domain::identifier::IdentifierKind;
use crate::domain::interaction::InteractionKind;
use crate::domain::loss::LossReason;
use crate::domain::loss_reasons::{LossFault, LossReasons, ReasonDef, ReasonState};
use crate::domain::money::AmountFault;
use crate::domain::policy::Policy;
use crate::domain::reason::{ReasonCode, ReasonFault};
use crate::domain::role::{Permission, RevealRight, RoleName, Scope};
use crate::domain::staff::{Alarm, StaffState};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::service::refusal::{Fault, FieldFault, FileFault, KeysProblem, PassphraseProblem, Refusal};
use crate::service::view::{
    AlertKind, BackupPhase, BackupPolicy, BackupWhat, DealFault, FlawKind, FlawWhy, UsedIn, Whose, days_left,
};
use crate::words::backup::phase;
use crate::words::loss;
use crate::words::refusal as said;

use super::env::Env;
use super::msg::EntryFault;
use super::theme::Ink;

pub use crate::words::refusal::key;

/// The text of a code, or the code itself where there is none.
pub fn code(env: &Env, family: &str, code: &str) -> String {
    said::code(&env.words, family, code)
}

/// The mask of a field of a class: an open one has none.
pub fn mask_of(env: &Env, class: FieldClass, mask: MaskKind) -> String {
    if class == FieldClass::Open { env.t("mask-none") } else { code(env, "mask-kind", mask.code()) }
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
        family("loss-fault", LossFault::ALL, LossFault::code),
        family("loss-state", ReasonState::ALL, ReasonState::code),
        family("basis", Basis::ALL, Basis::code),
        family("stage-kind", StageKind::ALL, StageKind::code),
        family("deals-fault", DealFault::ALL, DealFault::code),
        family("deals-amount", AmountFault::ALL, AmountFault::code),
        family("pipeline-fault", PipelineFault::ALL, PipelineFault::code),
        family("case-state", CaseState::ALL, CaseState::code),
        family("consent-purpose", Purpose::ALL, Purpose::code),
        family("consent-state", ConsentState::ALL, ConsentState::code),
        family("consent-form", ConsentState::ALL, ConsentState::code),
        family("consent-said", ConsentState::ALL, ConsentState::code),
        family("consent-how", ConsentHow::ALL, ConsentHow::code),
        family("consent-speaker", Speaker::ALL, Speaker::code),
        family("stage-state", StageState::ALL, StageState::code),
        family("deals-whose", Whose::ALL, Whose::code),
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
        family("keys-problem", KeysProblem::ALL, KeysProblem::code),
        family("field-kind", FieldKind::ALL, FieldKind::code),
        family("mask-kind", MaskKind::ALL, MaskKind::code),
        family("field-used", UsedIn::ALL, UsedIn::code),
        family("verb", crate::domain::audit::VERBS, |verb| verb),
        family("policy", &policy_keys(), |key| key),
        family("backup-what", BackupWhat::ALL, BackupWhat::code),
        family("backup-phase", &PHASES, phase),
        family("backup-set", &backup_keys(), |key| key),
        family("flaw", FlawKind::ALL, FlawKind::code),
        family("flaw-about", FlawKind::ALL, FlawKind::code),
        family("flaw-why", FlawWhy::ALL, FlawWhy::code),
        family("file-fault", FileFault::ALL, FileFault::code),
        family("alarm", Alarm::ALL, Alarm::code),
        family("screen", super::screen::ScreenId::ALL, super::screen::ScreenId::code),
    ]
    .concat()
}

/// The keys of every policy value.
fn policy_keys() -> Vec<&'static str> {
    let numbers = Policy::default().numbers().into_iter().map(|(key, ..)| key);
    numbers.chain(std::iter::once("default_region")).collect()
}

/// The keys of every setting of backups.
fn backup_keys() -> Vec<&'static str> {
    BackupPolicy::default().numbers().into_iter().map(|(key, ..)| key).collect()
}

const PHASES: [BackupPhase; 4] =
    [BackupPhase::Copying, BackupPhase::Checking, BackupPhase::Restoring, BackupPhase::Comparing];

/// The list of reasons for being lost; the shipped one while nobody is signed in.
pub fn loss_reasons(env: &Env) -> Cow<'_, LossReasons> {
    env.me.as_ref().map_or_else(|| Cow::Owned(LossReasons::default()), |me| Cow::Borrowed(&me.losses))
}

/// What a reason for being lost is called.
pub fn loss_reason(env: &Env, why: LossReason) -> String {
    loss::reason(&env.words, &loss_reasons(env), why)
}

/// The reasons that can be chosen: those on offer, and the one that stands there already.
pub fn losses_to_choose(env: &Env, now: Option<LossReason>) -> Vec<LossReason> {
    let list = loss_reasons(env);
    let fits = |def: &&ReasonDef| def.state == ReasonState::Offered || Some(def.id) == now;
    list.all().iter().filter(fits).map(|def| def.id).collect()
}

/// The label of a field, or of a built-in part such as `name` or `stage`.
pub fn field(env: &Env, name: &str) -> String {
    said::field(&env.words, &env.schema, name)
}

/// What a column is called.
pub fn column(env: &Env, part: &Part) -> String {
    match part {
        Part::Field(key) => field_key(env, key),
        part => code(env, "column", part.code()),
    }
}

/// The label of a field.
pub fn field_key(env: &Env, key: &FieldKey) -> String {
    field(env, key.as_str())
}

/// A refusal as cause and remedy.
pub fn refusal(env: &Env, refusal: &Refusal) -> String {
    said::refusal(&env.words, &env.schema, refusal)
}

/// What is wrong with a reason.
pub fn reason_fault(env: &Env, fault: ReasonFault) -> String {
    said::reason_fault(&env.words, fault)
}

/// What is wrong with one part of an input, with the part's name before it.
pub fn fault(env: &Env, fault: &FieldFault) -> String {
    said::fault(&env.words, &env.schema, fault)
}

/// What is wrong with an input.
pub fn fault_alone(env: &Env, fault: &Fault) -> String {
    said::fault_alone(&env.words, fault)
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
        EntryFault::CodeNeeded => env.t("entry-code"),
        EntryFault::CodeLate => env.t("entry-code-late"),
        EntryFault::Factor(problem) => said::factor_problem(&env.words, *problem),
        EntryFault::Recovery(fault) => said::recovery_fault(&env.words, *fault),
        EntryFault::Keys(problem) => code(env, "keys-problem", problem.code()),
        EntryFault::Name => env.t("entry-name"),
        EntryFault::Damaged(why) => env.ta("entry-damaged", &[("why", why)]),
        EntryFault::Disk(why) => env.ta("entry-disk", &[("why", why)]),
    }
}

/// A time by which something is due, as short as its distance allows.
pub fn due(env: &Env, at: Timestamp) -> String {
    crate::domain::when::show(at, env.now, env.offset, env.words.lang)
}

/// Whether the pool takes customers who are left alone.
pub fn pool_takes(env: &Env) -> bool {
    env.me.as_ref().is_some_and(|me| me.policy.pool_days > 0)
}

/// How it is shown that a customer goes to the pool: as a warning once the owner is warned of it.
pub fn pool_ink(env: &Env, goes: Timestamp) -> Ink {
    let warned = env.me.as_ref().map_or(0, |me| i64::from(me.policy.pool_warn_days));
    if days_left(env.now, goes) <= warned { Ink::Warn } else { Ink::Dim }
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

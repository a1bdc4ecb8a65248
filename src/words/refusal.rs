//! What the door refuses, as cause and remedy in the language of whoever asked.
//!
//! **Invariant:** every refusal and every fault has a text in both languages; none repeats what was typed.

use super::Words;
use crate::domain::field::{FieldKey, Schema};
use crate::domain::policy::PolicyFault;
use crate::domain::reason::ReasonFault;
use crate::domain::role::RoleName;
use crate::domain::schema::sample_purpose;
use crate::privacy::class::FieldClass;
use crate::service::refusal::{FactorProblem, Fault, FieldFault, PoolFault, RecoveryFault, Refusal};
use crate::service::view::Total;

/// The locale key of a code within its family: `role` and `privacy_officer` give `role-privacy-officer`.
pub fn key(family: &str, code: &str) -> String {
    format!("{family}-{}", code.replace(['_', '.'], "-"))
}

/// The text of a code, or the code itself where there is none.
pub fn code(words: &Words, family: &str, code: &str) -> String {
    let key = key(family, code);
    if words.has(&key) { words.t(&key) } else { code.replace('_', " ") }
}

/// The label of a field, or of a built-in part such as `name` or `stage`.
pub fn field(words: &Words, schema: &Schema, name: &str) -> String {
    match schema.get(name) {
        Some(def) => def.label(words.lang).to_owned(),
        None => code(words, "part", name),
    }
}

/// The purpose of a field as it was written; that of the sample vault in the person's language.
pub fn purpose(words: &Words, key: &FieldKey, written: &str) -> String {
    if sample_purpose(key) == Some(written) { code(words, "purpose", key.as_str()) } else { written.to_owned() }
}

/// Roles as a list of words; the owner where there are none.
pub fn roles(words: &Words, roles: &[RoleName]) -> String {
    let names: Vec<String> = if roles.is_empty() {
        vec![code(words, "role", RoleName::Owner.code())]
    } else {
        roles.iter().map(|r| code(words, "role", r.code())).collect()
    };
    names.join(&words.t("list-or"))
}

/// A refusal as cause and remedy.
pub fn refusal(words: &Words, schema: &Schema, refusal: &Refusal) -> String {
    let class = |class: &FieldClass| code(words, "class", class.code());
    match refusal {
        Refusal::NotPermitted { permission, helpers } => {
            let what = code(words, "permission", permission.code());
            words.ta("refused-role", &[("what", &what), ("who", &roles(words, helpers))])
        }
        Refusal::OutOfScope => words.t("refused-scope"),
        Refusal::Query(fault) => super::query::fault(words, schema, fault),
        Refusal::NotFound(_) => words.t("refused-not-found"),
        Refusal::NeverRevealed { class: c, helpers } => {
            words.ta("refused-never", &[("class", &class(c)), ("who", &roles(words, helpers))])
        }
        Refusal::ApprovalNeeded { class: c, helpers } => {
            words.ta("refused-approval", &[("class", &class(c)), ("who", &roles(words, helpers))])
        }
        Refusal::RequestNeeded(c) => words.ta("refused-request", &[("class", &class(c))]),
        Refusal::KeyMissing(c) => words.ta("refused-key", &[("class", &class(c))]),
        Refusal::Reason(fault) => reason_fault(words, *fault),
        Refusal::QuotaSpent { quota, minutes } => words.ta("refused-quota", &[("quota", quota), ("minutes", minutes)]),
        Refusal::ReadingLimit { limit, minutes } => {
            words.ta("refused-reading", &[("limit", limit), ("minutes", minutes)])
        }
        Refusal::NeedsEverybody(helpers) => words.ta("refused-everybody", &[("who", &roles(words, helpers))]),
        Refusal::BulkLimit { limit, found } => {
            words.ta("refused-bulk", &[("limit", &most(*limit)), ("n", &counted(*found))])
        }
        Refusal::ExportLimit { limit: 0, .. } => words.t("refused-export-nobody"),
        Refusal::ExportLimit { limit, found } => {
            words.ta("refused-export", &[("limit", &most(*limit)), ("n", &counted(*found))])
        }
        Refusal::QuotaShort { needed, left } => words.ta("refused-quota-short", &[("needed", needed), ("left", left)]),
        Refusal::File(fault) => code(words, "file-fault", fault.code()),
        Refusal::NoTriesLeft { minutes } => words.ta("refused-tries", &[("minutes", minutes)]),
        Refusal::Restricted => words.t("refused-restricted"),
        Refusal::FieldEmpty => words.t("refused-empty"),
        Refusal::NotMasked => words.t("refused-open"),
        Refusal::Invalid(faults) => {
            let all: Vec<String> = faults.iter().map(|f| fault(words, schema, f)).collect();
            all.join(&words.t("list-and"))
        }
        Refusal::Conflict(_) => words.t("refused-conflict"),
        Refusal::Stopped => words.t("refused-stopped"),
        Refusal::SameCustomer => words.t("refused-same-customer"),
        Refusal::NothingToUndo => words.t("refused-nothing-to-undo"),
        Refusal::UndoStale(who) => words.ta("refused-undo-stale", &[("who", who)]),
        Refusal::Policy(fault) => words.ta("refused-policy", &[("why", &policy_fault(words, fault))]),
        Refusal::NameTaken => words.t("refused-name-taken"),
        Refusal::KeyTaken => words.t("refused-key-taken"),
        Refusal::NoFreeSlot => words.t("refused-no-slot"),
        Refusal::LastHolder(_) => words.t("refused-last-holder"),
        Refusal::Passphrase(problem) => code(words, "passphrase", problem.code()),
        Refusal::Keys(problem) => code(words, "keys-problem", problem.code()),
        Refusal::Recovery(fault) => recovery_fault(words, *fault),
        Refusal::ImportState => words.t("refused-import-state"),
        Refusal::RecordUnavailable(why) => words.ta("refused-record", &[("why", why)]),
        Refusal::Storage(why) => words.ta("refused-storage", &[("why", why)]),
        Refusal::Damaged(why) => words.ta("refused-damaged", &[("why", why)]),
        Refusal::Deal(fault) => code(words, "deals-fault", fault.code()),
        Refusal::Pool(PoolFault::Taken(who)) => words.ta("refused-pool-taken", &[("who", who)]),
        Refusal::Pool(PoolFault::Resting { until }) => words.ta("refused-pool-resting", &[("day", until)]),
        Refusal::Pool(PoolFault::Limit { limit, hours }) => {
            words.ta("refused-pool-limit", &[("limit", limit), ("hours", hours)])
        }
        Refusal::Loss(fault) => code(words, "loss-fault", fault.code()),
        Refusal::Pipeline(fault) => code(words, "pipeline-fault", fault.code()),
        Refusal::Backup(fault) => super::backup::fault(words, fault),
        Refusal::Factor(problem) => factor_problem(words, *problem),
        Refusal::FreshCode(_) => words.t("refused-fresh-code"),
        Refusal::SessionLimit => words.t("locked-limit"),
        Refusal::SessionIdle => words.t("locked-idle"),
        Refusal::ShutOut => words.t("locked-out"),
        Refusal::Ended => words.t("locked-by-other"),
        Refusal::Sealed => words.t("locked-sealed"),
        Refusal::SessionEnded => words.t("refused-ended"),
    }
}

/// A limit, written as a count is.
fn most(limit: u32) -> String {
    counted(Total::Exactly(u64::from(limit)))
}

/// A count as far as it went: `312`, `5,000+`.
pub fn counted(total: Total) -> String {
    let grouped = |n: u64| {
        let digits = n.to_string();
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    };
    match total {
        Total::Exactly(n) => grouped(n),
        Total::AtLeast(n) => format!("{}+", grouped(n)),
    }
}

/// What is wrong about a second factor.
pub fn factor_problem(words: &Words, problem: FactorProblem) -> String {
    let key = key("factor-problem", problem.code());
    match problem {
        FactorProblem::Wrong { wait_seconds } if wait_seconds > 0 => words.ta(&key, &[("wait", &wait_seconds)]),
        _ => words.t(&key),
    }
}

/// Why what was typed gives no recovery key.
pub fn recovery_fault(words: &Words, fault: RecoveryFault) -> String {
    match fault {
        RecoveryFault::Shape => words.t("recovery-shape"),
        RecoveryFault::UnknownWord(n) => words.ta("recovery-unknown-word", &[("n", &n)]),
        RecoveryFault::WordsChecksum => words.t("recovery-words-checksum"),
        RecoveryFault::ShareChecksum(n) => words.ta("recovery-share-checksum", &[("n", &n)]),
        RecoveryFault::MixedSets => words.t("recovery-mixed-sets"),
        RecoveryFault::TooFew { have, need } => words.ta("recovery-too-few", &[("have", &have), ("need", &need)]),
    }
}

/// What is wrong with a value of the policy.
pub fn policy_fault(words: &Words, fault: &PolicyFault) -> String {
    match fault {
        PolicyFault::UnknownKey => words.t("policy-unknown"),
        PolicyFault::NotANumber => words.t("policy-not-a-number"),
        PolicyFault::OutOfBounds { least, most } => words.ta("policy-bounds", &[("least", least), ("most", most)]),
        PolicyFault::NotARegion => words.t("policy-not-a-region"),
    }
}

/// What is wrong with a reason.
pub fn reason_fault(words: &Words, fault: ReasonFault) -> String {
    match fault {
        ReasonFault::TextMissing => words.t("reason-text-missing"),
        ReasonFault::Filler => words.t("reason-filler"),
        ReasonFault::Repeated => words.t("reason-repeated"),
        ReasonFault::TicketMissing => words.t("reason-ticket-missing"),
        ReasonFault::TooLong => words.t("reason-too-long"),
    }
}

/// What is wrong with one part of an input, with the part's name before it.
pub fn fault(words: &Words, schema: &Schema, fault: &FieldFault) -> String {
    let what = fault_alone(words, &fault.fault);
    words.ta("fault-of", &[("part", &field(words, schema, &fault.part)), ("what", &what)])
}

/// What is wrong with an input.
pub fn fault_alone(words: &Words, fault: &Fault) -> String {
    match fault {
        Fault::Missing => words.t("fault-missing"),
        Fault::UnknownField => words.t("fault-unknown"),
        Fault::TooLong => words.t("fault-long"),
        Fault::OutOfReach => words.t("fault-out-of-reach"),
        Fault::Taken => words.t("fault-taken"),
        Fault::Full(n) => words.ta("fault-full", &[("n", n)]),
        Fault::SameKind => words.t("fault-same-kind"),
        Fault::NotLost => words.t("fault-not-lost"),
        Fault::Overtaken => words.t("fault-overtaken"),
        Fault::StillToCome => words.t("fault-still-to-come"),
        Fault::NothingGiven => words.t("fault-nothing-given"),
        Fault::Value(value) => {
            // The fault's own name is its locale key, so that a new one needs no arm here.
            let name = kebab(&format!("{value:?}"));
            let key = format!("value-{name}");
            if words.has(&key) { words.t(&key) } else { value.to_string() }
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

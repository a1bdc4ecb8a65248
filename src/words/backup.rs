//! Why something about backups was not done, and measures of it, in words.
//!
//! **Invariant:** what the system or a store says is passed on as it is; all else is in the person's language.

use super::Words;
use super::refusal::{code, recovery_fault};
use crate::service::backups::policy::BackupPolicyFault;
use crate::service::backups::{BackupFault, Cause, CausePart};
use crate::service::view::BackupPhase;

/// A fault as cause and remedy.
pub fn fault(words: &Words, fault: &BackupFault) -> String {
    use BackupFault as F;
    match fault {
        F::Policy(why) => words.ta("refused-backup-policy", &[("why", &policy(words, why))]),
        F::Recovery(why) => recovery_fault(words, *why),
        other => cause(words, &other.cause()),
    }
}

/// A cause in words: those of its key, else its own English ones.
pub fn cause(words: &Words, cause: &Cause) -> String {
    if cause.key.is_empty() || !words.has(&cause.key) {
        return cause.plain.clone();
    }
    let parts: Vec<(&str, String)> =
        cause.parts.iter().map(|(name, part)| (name.as_str(), said(words, part))).collect();
    let args: Vec<(&str, &dyn std::fmt::Display)> =
        parts.iter().map(|(name, text)| (*name, text as &dyn std::fmt::Display)).collect();
    words.ta(&cause.key, &args)
}

fn said(words: &Words, part: &CausePart) -> String {
    match part {
        CausePart::Text(text) => text.clone(),
        CausePart::Cause(inner) => cause(words, inner),
        CausePart::Phrase { phrase } => turn_of_phrase(words, phrase),
    }
}

/// A turn of phrase of the program or the system in the person's language, where the words have it; else as it is.
pub fn turn_of_phrase(words: &Words, phrase: &str) -> String {
    let plain: String = phrase.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let pieces: Vec<&str> = plain.split('-').filter(|piece| !piece.is_empty()).collect();
    let key = format!("phrase-{}", pieces.join("-").to_lowercase());
    if words.has(&key) { words.t(&key) } else { phrase.to_owned() }
}

/// What is wrong with the settings.
pub fn policy(words: &Words, fault: &BackupPolicyFault) -> String {
    use BackupPolicyFault as F;
    match fault {
        F::Text { line, what } => words.ta("backup-fault-line", &[("line", line), ("what", what)]),
        F::Bounds { key, least, most } => {
            let key = code(words, "backup-set", key);
            words.ta("backup-fault-bounds", &[("key", &key), ("least", least), ("most", most)])
        }
        F::UnknownKey => words.t("backup-fault-key"),
        F::Place => words.t("backup-fault-place"),
        F::Twice => words.t("backup-fault-twice"),
        F::NoSuchPlace => words.t("backup-fault-gone"),
        F::File(why) => why.clone(),
    }
}

/// The code of a part of the work.
pub fn phase(phase: BackupPhase) -> &'static str {
    match phase {
        BackupPhase::Copying => "copying",
        BackupPhase::Checking => "checking",
        BackupPhase::Restoring => "restoring",
        BackupPhase::Comparing => "comparing",
    }
}

/// Bytes with a unit, three digits at most before it.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut left, mut unit) = (n, 0);
    while left >= 1_000_000 && unit < UNITS.len() - 2 {
        left /= 1000;
        unit += 1;
    }
    if left < 1000 {
        return format!("{left} {}", UNITS.get(unit).unwrap_or(&""));
    }
    let (whole, tenth) = (left / 1000, left % 1000 / 100);
    let name = UNITS.get(unit + 1).unwrap_or(&"");
    if whole < 10 { format!("{whole}.{tenth} {name}") } else { format!("{whole} {name}") }
}

/// A length of time to its largest unit.
pub fn span(words: &Words, millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    let (key, n) = match minutes {
        0 => ("measure-now", 0),
        1..120 => ("measure-minutes", minutes),
        120..2_880 => ("measure-hours", minutes / 60),
        _ => ("measure-days", minutes / 1_440),
    };
    words.ta(key, &[("n", &n)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;

    #[test]
    fn measures_have_three_digits_and_one_unit() {
        let said: Vec<String> = [0, 999, 1_000, 12_345, 999_999, 1_000_000, 2_800_000_000, u64::MAX].map(bytes).into();
        assert_eq!(said[..7], ["0 B", "999 B", "1.0 kB", "12 kB", "999 kB", "1.0 MB", "2.8 GB"]);
        assert!(said[7].ends_with(" TB"));
        let words = Words::new(Lang::En);
        let spans: Vec<String> =
            [-5, 59_999, 60_000, 7_199_999, 7_200_000, 172_800_000].map(|t| span(&words, t)).into();
        assert_eq!(spans, ["a moment", "a moment", "1 min", "119 min", "2 h", "2 d"]);
    }
}

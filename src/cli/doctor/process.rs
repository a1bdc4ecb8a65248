//! Doctor's look at the process: what it does so that its secrets stay in its own memory.

use super::{Findings, Health};
use crate::hygiene::{self, Barred};

pub(super) fn look(found: &mut Findings) {
    if found.rows.iter().any(|(part, ..)| *part == "process") {
        return;
    }
    let standing = hygiene::standing();
    let mut open = Vec::new();
    if standing.core_dumps == Barred::No {
        open.push(found.words.t("doctor-core-dumps"));
    }
    if standing.foreign_reading == Barred::No {
        open.push(found.words.t("doctor-foreign-reading"));
    }
    if standing.refused_locks > 0 {
        open.push(found.words.ta("doctor-unlocked", &[("n", &standing.refused_locks)]));
    }
    if open.is_empty() {
        found.add("process", Health::Well, "doctor-process", &[("kib", &(standing.locked_bytes / 1024))]);
    } else {
        let said = open.join(&found.words.t("list-and"));
        found.add_said("process", Health::Mind, said);
    }
}

//! Doctor's look at the process: what it does so that its secrets stay in its own memory.

use super::{Findings, Health};
use crate::hygiene::{self, Barred};

pub(super) fn look(found: &mut Findings) {
    if found.0.iter().any(|(part, ..)| *part == "process") {
        return;
    }
    let standing = hygiene::standing();
    let mut open = Vec::new();
    if standing.core_dumps == Barred::No {
        open.push("core dumps are possible".to_owned());
    }
    if standing.foreign_reading == Barred::No {
        open.push("other processes of yours can read its memory".to_owned());
    }
    if standing.refused_locks > 0 {
        let refused = standing.refused_locks;
        open.push(format!("{refused} keys could not be locked in memory: raise the limit (ulimit -l)"));
    }
    if open.is_empty() {
        let locked = standing.locked_bytes / 1024;
        let words = format!("no core dumps, memory not readable by others, {locked} KiB of keys locked in memory");
        found.add("process", Health::Well, words);
    } else {
        found.add("process", Health::Mind, open.join("; "));
    }
}

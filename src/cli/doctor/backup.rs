//! Doctor's look at backups.

use super::{Findings, Health};

pub(super) fn look(found: &mut Findings) {
    found.add("backup", Health::Mind, "no backup yet");
}

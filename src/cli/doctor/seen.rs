//! Doctor's look at the file beside what was last seen of it, and whether that is kept at all.

use super::{Findings, Health};
use crate::cli::Desk;
use crate::cli::sign_in::Signed;
use crate::cli::trouble::shown;
use crate::service::view::SeenKind;
use crate::words::backup::cause;

pub(super) fn look(found: &mut Findings, desk: &Desk<'_, '_>, signed: &Signed) {
    let Some(folder) = desk.env.seen() else {
        return found.add("seen", Health::Mind, "doctor-seen-no-home", &[]);
    };
    let at = shown(&folder);
    if let Err(error) = signed.session().remember() {
        let why = cause(&found.words, &error.into());
        return found.add("seen", Health::Mind, "doctor-seen-unkept", &[("path", &at), ("why", &why)]);
    }
    if let Some(path) = signed.session().unread_note() {
        return found.add("seen", Health::Mind, "doctor-seen-unread", &[("path", &shown(&path))]);
    }
    let Some(seen) = signed.session().seen() else {
        return found.add("seen", Health::Well, "doctor-seen", &[("path", &at)]);
    };
    let (health, key) = match seen.kind {
        SeenKind::Older => (Health::Bad, "doctor-seen-older"),
        SeenKind::OtherCopy => (Health::Bad, "doctor-seen-other"),
        SeenKind::Restored => (Health::Mind, "doctor-seen-restored"),
        SeenKind::Rotated => (Health::Well, "doctor-seen-rotated"),
    };
    let when = seen.at.rfc3339();
    found.add("seen", health, key, &[("entries", &seen.entries), ("when", &when), ("now", &seen.now)]);
}

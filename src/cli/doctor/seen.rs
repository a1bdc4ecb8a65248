//! Doctor's look at the file beside what was last seen of it, and whether that is kept at all.

use super::{Findings, Health};
use crate::cli::Desk;
use crate::cli::sign_in::Signed;
use crate::cli::trouble::shown;
use crate::service::view::SeenKind;

pub(super) fn look(found: &mut Findings, desk: &Desk<'_, '_>, signed: &Signed) {
    let Some(folder) = desk.env.seen() else {
        return found.add("seen", Health::Mind, "not kept: there is no home folder, so an older file cannot be told");
    };
    let at = shown(&folder);
    if let Err(error) = signed.session().remember() {
        let words =
            format!("cannot be kept in {at} ({}): an older file could not be told", error.to_string().to_lowercase());
        return found.add("seen", Health::Mind, words);
    }
    if let Some(path) = signed.session().unread_note() {
        let words =
            format!("{} was not this vault's own note, so nothing could be compared; it is written anew", shown(&path));
        return found.add("seen", Health::Mind, words);
    }
    let Some(seen) = signed.session().seen() else {
        return found.add(
            "seen",
            Health::Well,
            format!("the file goes on from what was last seen of it, kept in {at}"),
        );
    };
    let (when, entries, now) = (seen.at.rfc3339(), seen.entries, seen.now);
    let before = format!("{entries} entries at {when}, {now} when it was opened now");
    let (health, words) = match seen.kind {
        SeenKind::Older => (Health::Bad, format!("an older copy of the whole file was put back: {before}")),
        SeenKind::OtherCopy => (Health::Bad, format!("somebody worked on a copy of the file: {before}")),
        SeenKind::Restored => (Health::Mind, format!("a backup was restored, as the record says: {before}")),
        SeenKind::Rotated => {
            (Health::Well, format!("all keys were replaced in a new file, and the record goes on: {before}"))
        }
    };
    found.add("seen", health, words);
}

//! `veilbook drill`: a restore that nobody needed yet.
//!
//! **Invariant:** what is restored is opened, compared and deleted by the service; nothing of it is printed but numbers.

use super::args::Drill;
use super::backup::{report, whole};
use super::moving::Moving;
use super::sign_in::refused;
use super::{Desk, Ended};
use crate::service::view::BackupOrder;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Drill) -> Ended {
    let what = "drill";
    let mut moving = Moving::new(desk);
    desk.signed_in(|desk, signed| {
        let order = BackupOrder::Drill(args.place.as_deref().map(whole));
        let done = signed.session().back_up(order, &mut |running| moving.tell(desk, &running));
        moving.end(desk)?;
        report(desk, what, done.map_err(refused(what))?, args.json)
    })
}

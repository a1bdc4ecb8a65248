//! `veilbook keys show | recalibrate`: how the vault's keys stand, and what a passphrase costs to try.

use super::args::Keys;
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::service::key_state::{Cost, KeysState, RecoveryState};
use crate::service::{Action, Query, View};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Keys) -> Ended {
    match args {
        Keys::Show => desk.signed_in(show),
        Keys::Recalibrate => desk.signed_in(recalibrate),
    }
}

/// How the keys stand.
pub(super) fn state(signed: &Signed) -> Result<KeysState, Trouble> {
    match signed.session().query(Query::Keys).map_err(refused("look at the keys"))? {
        View::Keys(state) => Ok(state),
        _ => Err(unexpected("look at the keys")),
    }
}

fn cost(desk: &Desk<'_, '_>, cost: Cost) -> String {
    desk.words.ta("keys-cost-now", &[("passes", &cost.passes), ("mib", &cost.mib), ("lanes", &cost.lanes)])
}

fn show(desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    let state = state(signed)?;
    let words = &desk.words;
    let recovery = match state.recovery {
        RecoveryState::Missing => words.t("keys-recovery-missing"),
        RecoveryState::Made(at) => words.ta("keys-recovery-made", &[("when", &desk.moment(at))]),
        RecoveryState::Used(at) => words.ta("keys-recovery-used", &[("when", &desk.moment(at))]),
    };
    let shares = match state.shares {
        Some((need, count)) => words.ta("keys-shares-made", &[("need", &need), ("n", &count)]),
        None => words.t("keys-shares-none"),
    };
    let waiting = match state.cost_before {
        Some(before) => words.ta("keys-left", &[("n", &state.left), ("cost", &cost(desk, before))]),
        None => words.t("keys-left-none"),
    };
    let rotation = match (state.rotation_due, state.rotated) {
        (Some(at), _) => words.ta("keys-rotation-due", &[("when", &desk.moment(at))]),
        (_, Some(at)) => words.ta("keys-rotated", &[("when", &desk.moment(at)), ("n", &state.epoch)]),
        (_, None) => words.t("keys-rotated-never"),
    };
    let mut table = Table::new(&desk.words, &["admin-key", "admin-state"]);
    for (key, how) in [
        ("keys-recovery", recovery),
        ("keys-shares", shares),
        ("keys-cost", cost(desk, state.cost)),
        ("keys-waiting", waiting),
        ("keys-rotation", rotation),
    ] {
        table.row(vec![desk.words.t(key), how]);
    }
    if let Some(bytes) = state.unfinished {
        let how = desk.words.ta("keys-rotation-unfinished", &[("mib", &bytes.div_ceil(1 << 20))]);
        table.row(vec![desk.words.t("keys-rotation"), how]);
    }
    desk.print_table(&table)?;
    for name in &state.waiting {
        desk.told("keys-waits-for", &[("name", name)])?;
    }
    Ok(Exit::Done)
}

fn recalibrate(desk: &mut Desk<'_, '_>, signed: &Signed) -> Ended {
    signed.session().perform(Action::Recalibrate).map_err(refused("raise the cost of passphrases"))?;
    let state = state(signed)?;
    let cost = cost(desk, state.cost);
    desk.told("cli-recalibrated", &[("cost", &cost), ("n", &state.left)])?;
    Ok(Exit::Done)
}

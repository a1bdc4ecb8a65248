//! The part of the administration that shows how the vault's keys stand.
//!
//! **Invariant:** each fact is a row, and Enter on it is what can be done about it, held to the same rights as that
//! command's own key.

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::wording;
use crate::service::key_state::{Cost, KeysState, RecoveryState};

/// One fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Recovery,
    Shares,
    Cost,
    Waiting,
    Rotated,
    Passphrase,
}

impl Fact {
    /// In the order in which they stand.
    pub(super) const ALL: [Self; 6] =
        [Self::Recovery, Self::Shares, Self::Cost, Self::Waiting, Self::Rotated, Self::Passphrase];

    /// What can be done about it.
    pub(super) fn command(self) -> Cmd {
        match self {
            Self::Recovery => Cmd::NewRecovery,
            Self::Shares => Cmd::SplitRecovery,
            Self::Cost | Self::Waiting => Cmd::Recalibrate,
            Self::Rotated => Cmd::RotateKeys,
            Self::Passphrase => Cmd::ChangePassphrase,
        }
    }

    /// Whether somebody ought to do something about it.
    pub(super) fn is_due(self, state: &KeysState) -> bool {
        match self {
            Self::Recovery => !matches!(state.recovery, RecoveryState::Made(_)),
            Self::Rotated => state.rotation_due.is_some() || state.unfinished.is_some(),
            Self::Shares | Self::Cost | Self::Waiting | Self::Passphrase => false,
        }
    }

    /// Its name and how it stands.
    pub(super) fn row(self, env: &Env, state: &KeysState) -> [String; 2] {
        let when = |at| wording::moment(env, at);
        match self {
            Self::Recovery => {
                let how = match state.recovery {
                    RecoveryState::Missing => env.t("keys-recovery-missing"),
                    RecoveryState::Made(at) => env.ta("keys-recovery-made", &[("when", &when(at))]),
                    RecoveryState::Used(at) => env.ta("keys-recovery-used", &[("when", &when(at))]),
                };
                [env.t("keys-recovery"), how]
            }
            Self::Shares => {
                let how = match state.shares {
                    Some((need, count)) => env.ta("keys-shares-made", &[("need", &need), ("n", &count)]),
                    None => env.t("keys-shares-none"),
                };
                [env.t("keys-shares"), how]
            }
            Self::Cost => [env.t("keys-cost"), cost(env, state.cost)],
            Self::Waiting => {
                let how = match (state.cost_before, state.left) {
                    (Some(before), left) => env.ta("keys-left", &[("n", &left), ("cost", &cost(env, before))]),
                    (None, _) => env.t("keys-left-none"),
                };
                [env.t("keys-waiting"), how]
            }
            Self::Rotated => {
                let how = match (state.unfinished, state.rotation_due, state.rotated) {
                    (Some(bytes), ..) => env.ta("keys-rotation-unfinished", &[("mib", &bytes.div_ceil(1 << 20))]),
                    (_, Some(at), _) => env.ta("keys-rotation-due", &[("when", &when(at))]),
                    (_, _, Some(at)) => env.ta("keys-rotated", &[("when", &when(at)), ("n", &state.epoch)]),
                    (_, _, None) => env.t("keys-rotated-never"),
                };
                [env.t("keys-rotation"), how]
            }
            Self::Passphrase => [env.t("keys-passphrase"), env.t("keys-passphrase-own")],
        }
    }

    /// What there is to say about it.
    pub(super) fn about(self, env: &Env, state: &KeysState) -> String {
        match self {
            Self::Recovery => env.t("keys-about-recovery"),
            Self::Shares => env.t("keys-about-shares"),
            Self::Cost => env.t("keys-about-cost"),
            Self::Waiting if !state.waiting.is_empty() => {
                let names: Vec<&str> = state.waiting.iter().map(|name| name.as_str()).collect();
                env.ta("keys-about-waiting", &[("names", &names.join(&env.t("form-list")))])
            }
            Self::Waiting => env.t("keys-about-cost"),
            Self::Rotated => env.t("keys-about-rotation"),
            Self::Passphrase => env.t("keys-about-passphrase"),
        }
    }
}

fn cost(env: &Env, cost: Cost) -> String {
    env.ta("keys-cost-now", &[("passes", &cost.passes), ("mib", &cost.mib), ("lanes", &cost.lanes)])
}

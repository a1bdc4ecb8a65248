//! Doctor's look at the keys: who signed in, and which class keys they wait for; recovery, cost and rotation.

use super::{Findings, Health};
use crate::cli::keys;
use crate::cli::sign_in::Signed;
use crate::cli::trouble::Trouble;
use crate::service::key_state::{KeysState, RecoveryState};
use crate::words::refusal::code;

pub(super) fn look(found: &mut Findings, signed: &Signed) -> Result<(), Trouble> {
    let me = signed.me()?;
    if me.awaiting.is_empty() {
        let role = code(&found.words, "role", me.role.name.code());
        found.add("keys", Health::Well, "doctor-signed-in", &[("name", &me.name), ("role", &role)]);
    } else {
        let classes: Vec<String> = me.awaiting.iter().map(|class| code(&found.words, "class", class.code())).collect();
        let classes = classes.join(&found.words.t("list-or"));
        found.add("keys", Health::Mind, "doctor-waits", &[("name", &me.name), ("classes", &classes)]);
    }
    standing(found, &keys::state(signed)?);
    Ok(())
}

/// What there is to say about the vault's own keys.
fn standing(found: &mut Findings, state: &KeysState) {
    match state.recovery {
        RecoveryState::Made(at) => {
            let at = at.rfc3339();
            match state.shares {
                Some((need, count)) => found.add(
                    "recovery",
                    Health::Well,
                    "doctor-recovery-shares",
                    &[("at", &at), ("need", &need), ("count", &count)],
                ),
                None => found.add("recovery", Health::Well, "doctor-recovery", &[("at", &at)]),
            }
        }
        RecoveryState::Missing => {
            found.add("recovery", Health::Mind, "doctor-recovery-none", &[]);
        }
        RecoveryState::Used(at) => {
            found.add("recovery", Health::Mind, "doctor-recovery-used", &[("at", &at.rfc3339())]);
        }
    }
    if state.cost_before.is_some() {
        found.add("keys", Health::Mind, "doctor-cost", &[("n", &state.left)]);
    }
    if let Some(since) = state.rotation_due {
        found.add("keys", Health::Mind, "doctor-rotate", &[("since", &since.rfc3339())]);
    }
    if let Some(bytes) = state.unfinished {
        found.add("keys", Health::Mind, "doctor-unfinished", &[("mib", &bytes.div_ceil(1 << 20))]);
    }
}

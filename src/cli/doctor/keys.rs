//! Doctor's look at the keys: who signed in, and which class keys they wait for; recovery, cost and rotation.

use super::{Findings, Health};
use crate::cli::keys;
use crate::cli::sign_in::Signed;
use crate::cli::trouble::Trouble;
use crate::service::key_state::{KeysState, RecoveryState};

pub(super) fn look(found: &mut Findings, signed: &Signed) -> Result<(), Trouble> {
    let me = signed.me()?;
    if me.awaiting.is_empty() {
        found.add("keys", Health::Well, format!("{} signed in as {}", me.name, me.role.name.code()));
    } else {
        let classes: Vec<&str> = me.awaiting.iter().map(|class| class.code()).collect();
        let words =
            format!("{} waits for the keys of {}: a holder confirms them in Today", me.name, classes.join(" and "));
        found.add("keys", Health::Mind, words);
    }
    standing(found, &keys::state(signed)?);
    Ok(())
}

/// What there is to say about the vault's own keys.
fn standing(found: &mut Findings, state: &KeysState) {
    match state.recovery {
        RecoveryState::Made(at) => {
            let shares = state.shares.map(|(need, count)| format!(", {need} of {count} shares")).unwrap_or_default();
            found.add("recovery", Health::Well, format!("a key was made at {}{shares}", at.rfc3339()));
        }
        RecoveryState::Missing => {
            found.add("recovery", Health::Mind, "no recovery key: an owner makes one with \"veilbook recovery new\"");
        }
        RecoveryState::Used(at) => {
            let words = format!("the key was used at {}: make a new one with \"veilbook recovery new\"", at.rfc3339());
            found.add("recovery", Health::Mind, words);
        }
    }
    if state.cost_before.is_some() {
        let words = format!("{} have not signed in since the cost of passphrases was raised", state.left);
        found.add("keys", Health::Mind, words);
    }
    if let Some(since) = state.rotation_due {
        let since = since.rfc3339();
        let words =
            format!("somebody who held the vault's keys left at {since}: replace them with \"veilbook rotate\"");
        found.add("keys", Health::Mind, words);
    }
    if let Some(bytes) = state.unfinished {
        let mib = bytes.div_ceil(1 << 20);
        let words = format!(
            "an unfinished copy under new keys of {mib} MiB: \"veilbook rotate\" goes on with it, \"veilbook rotate \
             --discard\" removes it"
        );
        found.add("keys", Health::Mind, words);
    }
}

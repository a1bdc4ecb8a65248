//! Doctor's look at the record of actions: how long it is, and how far it is signed.

use super::{Findings, Health};
use crate::cli::sign_in::{Signed, refused, unexpected};
use crate::cli::trouble::Trouble;
use crate::domain::field::Lang;
use crate::service::view::{ChainCheck, ChainState};
use crate::service::{Query, View};

pub(super) fn look(found: &mut Findings, signed: &Signed) -> Result<(), Trouble> {
    let what = "look at the chain";
    let zh = found.words.lang == Lang::ZhCn;
    match signed.session().query(Query::Chain).map_err(refused(what)) {
        Ok(View::Chain(state)) => chain(found, &state),
        Ok(_) => return Err(unexpected(what)),
        // Many roles do not read the record, which is nothing bad.
        Err(trouble) => {
            found.add_said("chain", Health::Unchecked, trouble.in_chinese.filter(|_| zh).unwrap_or(trouble.cause))
        }
    }
    Ok(())
}

fn chain(found: &mut Findings, state: &ChainState) {
    let signed = match state.checkpoint {
        Some((size, at)) => found.words.ta("doctor-checkpoint", &[("size", &size), ("at", &at.rfc3339())]),
        None => found.words.t("doctor-no-checkpoint"),
    };
    let (health, key) = match &state.check {
        Some(ChainCheck::Broken(fault)) => {
            return found.add("chain", Health::Bad, "doctor-chain-broken", &[("why", fault)]);
        }
        Some(ChainCheck::Sound) => (Health::Well, "doctor-chain-sound"),
        None => (Health::Well, "doctor-chain"),
    };
    found.add("chain", health, key, &[("size", &state.size), ("signed", &signed)]);
}

//! Doctor's look at the record of actions: how long it is, and how far it is signed.

use super::{Findings, Health};
use crate::cli::sign_in::{Signed, refused, unexpected};
use crate::cli::trouble::Trouble;
use crate::service::view::{ChainCheck, ChainState};
use crate::service::{Query, View};

pub(super) fn look(found: &mut Findings, signed: &Signed) -> Result<(), Trouble> {
    let what = "look at the chain";
    match signed.session().query(Query::Chain).map_err(refused(what)) {
        Ok(View::Chain(state)) => chain(found, &state),
        Ok(_) => return Err(unexpected(what)),
        // Many roles do not read the record, which is nothing bad.
        Err(trouble) => found.add("chain", Health::Unchecked, trouble.cause),
    }
    Ok(())
}

fn chain(found: &mut Findings, state: &ChainState) {
    let signed = match state.checkpoint {
        Some((size, at)) => format!("last checkpoint over {size} at {}", at.rfc3339()),
        None => "no checkpoint yet".to_owned(),
    };
    match &state.check {
        Some(ChainCheck::Broken(fault)) => found.add("chain", Health::Bad, format!("not as it was signed: {fault}")),
        Some(ChainCheck::Sound) => found.add("chain", Health::Well, format!("{} entries, sound, {signed}", state.size)),
        None => {
            let words = format!("{} entries, {signed}; \"veilbook audit verify\" checks all of it", state.size);
            found.add("chain", Health::Well, words);
        }
    }
}

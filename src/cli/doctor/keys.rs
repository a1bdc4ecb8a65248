//! Doctor's look at the keys: who signed in, and which class keys they wait for.

use super::{Findings, Health};
use crate::cli::sign_in::Signed;
use crate::cli::trouble::Trouble;

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
    Ok(())
}

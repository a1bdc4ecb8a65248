//! `veilbook policy`: the values that an administrator sets, under the names that scripts use.
//!
//! **Invariant:** bounds are the policy's own; nothing is checked here.

use super::args::Policy;
use super::sign_in::{refused, unexpected};
use super::table::Table;
use super::{Desk, Ended, Exit};
use crate::service::{Action, Query, View};
use crate::words::refusal as said;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Policy) -> Ended {
    match args {
        Policy::List { json } => list(desk, *json),
        Policy::Set { key, value } => desk.signed_in(|desk, signed| {
            let action = Action::SetPolicy(key.clone(), value.clone());
            signed.session().perform(action).map_err(refused("set the policy"))?;
            desk.told("cli-policy-set", &[("key", key), ("value", value)])?;
            Ok(Exit::Done)
        }),
    }
}

fn list(desk: &mut Desk<'_, '_>, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "list the policy";
        let View::Policy(policy) = signed.session().query(Query::Policy).map_err(refused(what))? else {
            return Err(unexpected(what));
        };
        let numbers = policy.numbers().into_iter();
        let numbers = numbers.map(|(key, value, b)| (key, value.to_string(), format!("{}-{}", b.start(), b.end())));
        let region = ("default_region", policy.default_region.clone(), "CN, GB ...".to_owned());
        let mut table = Table::new(&desk.words, &["col-key", "col-value", "col-bounds", "col-about"]);
        for (key, value, bounds) in numbers.chain([region]) {
            if json {
                desk.print_json(&serde_json::json!({ "key": key, "value": value, "bounds": bounds }))?;
                continue;
            }
            table.row(vec![key.to_owned(), value, bounds, said::code(&desk.words, "policy", key)]);
        }
        if !json {
            desk.print_table(&table)?;
        }
        Ok(Exit::Done)
    })
}

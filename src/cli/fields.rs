//! `veilbook fields`: the schema.
//!
//! **Invariant:** a vault's schema is read by somebody who signed in; where there is no vault yet, the one as shipped is
//! listed.

use super::args::Fields;
use super::json::Field;
use super::sign_in::{refused, unexpected};
use super::table::Table;
use super::{Desk, Ended, Exit};
use crate::domain::field::{FieldState, Need, Schema};
use crate::domain::schema::shipped;
use crate::service::gate::Presence;
use crate::service::{Query, View};
use crate::words::refusal::purpose;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Fields) -> Ended {
    let (gate, _) = desk.gate()?;
    if gate.presence() == Presence::Missing {
        desk.told("cli-fields-of-new", &[])?;
        return list(desk, args, &shipped());
    }
    desk.signed_in(|desk, signed| match signed.session().query(Query::Schema).map_err(refused("list the fields"))? {
        View::Schema(schema) => list(desk, args, &schema),
        _ => Err(unexpected("list the fields")),
    })
}

fn list(desk: &mut Desk<'_, '_>, args: &Fields, schema: &Schema) -> Ended {
    if args.json {
        schema.all().iter().try_for_each(|def| desk.print_json(&Field::row(def)))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(
        &desk.words,
        &["col-key", "col-label", "col-kind", "col-class", "col-mask", "col-state", "col-purpose"],
    );
    for def in schema.all() {
        let state = match (def.state, def.need) {
            (FieldState::Off, _) => "off",
            (FieldState::On, Need::Required) => "required",
            (FieldState::On, Need::Optional) => "on",
        };
        table.row(vec![
            def.key.to_string(),
            def.label(desk.lang).to_owned(),
            def.kind.code().to_owned(),
            def.class.code().to_owned(),
            def.mask.code().to_owned(),
            state.to_owned(),
            purpose(&desk.words, &def.key, &def.purpose),
        ]);
    }
    desk.print_table(&table)?;
    Ok(Exit::Done)
}

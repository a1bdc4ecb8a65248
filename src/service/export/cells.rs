//! What stands in each column of an exported file, and what the columns are called.
//!
//! **Invariant:** a column is called as an import names it only where what stands in it may be read back: one of masks
//! has another name, so that no mask is ever taken for a value.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::super::actor::Actor;
use super::super::refusal::{Fault, Refusal};
use super::super::reveal;
use crate::clock::Timestamp;
use crate::domain::columns::Part;
use crate::domain::field::{ExportRule, FieldDef, FieldKey, NAME};
use crate::domain::id::CustomerId;
use crate::privacy::class::FieldClass;
use crate::vault::records::{Customer, Stored};

/// Values that were let out, by customer and field.
pub(super) type Values = HashMap<(CustomerId, FieldKey), Zeroizing<String>>;

/// What goes out of each customer.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    parts: Vec<Part>,
    /// The masked fields that go out with their values.
    pub(super) values: Vec<FieldKey>,
}

impl Sheet {
    /// What an order asks for, if the actor may have it.
    pub(super) fn of(actor: &Actor, parts: Option<&[Part]>, values: &[FieldKey]) -> Result<Self, Refusal> {
        let unknown = |key: &FieldKey| Refusal::invalid(key.as_str(), Fault::UnknownField);
        let mut wanted: Vec<Part> = parts.map_or_else(|| usual(actor), <[Part]>::to_vec);
        for part in &wanted {
            if let Part::Field(key) = part {
                actor.field(key).map_err(|_| unknown(key))?;
            }
        }
        for key in values {
            let def = actor.field(key).map_err(|_| unknown(key))?;
            reveal::right_to(actor, def.class)?;
            wanted.extend((*key != NAME).then(|| Part::Field(key.clone())));
        }
        let mut parts: Vec<Part> = Vec::new();
        for part in wanted {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let mut values = values.to_vec();
        values.sort();
        values.dedup();
        Ok(Self { parts, values })
    }

    /// The columns' names.
    pub(super) fn headers(&self, actor: &Actor) -> Vec<String> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Next => "next_follow_up".to_owned(),
            Part::Pool => "to_pool".to_owned(),
            Part::Last => "last_contact".to_owned(),
            Part::Field(key) if self.is_masked(actor, key) => format!("{key}_masked"),
            part => part.code().to_owned(),
        });
        let name = if self.is_masked(actor, &NAME) { "name_masked" } else { NAME.as_str() };
        std::iter::once(name.to_owned()).chain(parts).collect()
    }

    fn is_masked(&self, actor: &Actor, key: &FieldKey) -> bool {
        let classed = actor.field(key).is_ok_and(|def| def.class != FieldClass::Open);
        // Of a field that was opened, some values still stand as their masks.
        (classed || actor.changing.running(key).is_some()) && !self.values.contains(key)
    }

    /// The masked fields that this customer has values of which go out, with the class that each is let out under: the
    /// field's own, or the one in which the value still stands where that is stricter.
    pub(super) fn let_out_of<'s>(&'s self, actor: &Actor, customer: &Customer) -> Vec<(&'s FieldKey, FieldClass)> {
        let class = |key: &FieldKey| {
            let stands = match customer.field(key)? {
                Stored::Sealed { class, .. } => *class,
                Stored::Open(_) => FieldClass::Open,
                Stored::Declined => return None,
            };
            let class = actor.field(key).map_or(stands, |def| def.class.max(stands));
            (class != FieldClass::Open).then_some(class)
        };
        self.values.iter().filter_map(|key| Some((key, class(key)?))).collect()
    }

    /// One customer's cells; `goes` is when they go to the pool.
    pub(super) fn row(
        &self,
        actor: &Actor,
        (customer, goes): (&Customer, Option<Timestamp>),
        values: &Values,
    ) -> Vec<Zeroizing<String>> {
        let cells = self.parts.iter().map(|part| self.cell(actor, (customer, goes), part, values));
        let name = self.cell(actor, (customer, goes), &Part::Field(NAME.clone()), values);
        std::iter::once(name).chain(cells).collect()
    }

    fn cell(
        &self,
        actor: &Actor,
        (customer, goes): (&Customer, Option<Timestamp>),
        part: &Part,
        values: &Values,
    ) -> Zeroizing<String> {
        let p = &customer.profile;
        let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
        Zeroizing::new(match part {
            Part::Reach => reach(actor, customer),
            Part::Next => moment(p.next_follow_up),
            Part::Pool => moment(goes),
            Part::Stage => p.stage.code().to_owned(),
            Part::Owner => p.owner.map(|owner| actor.name_of(owner)).unwrap_or_default(),
            Part::Tags => p.tags.join("; "),
            Part::Last => moment(p.last_contact),
            Part::Created => actor.desk.clock.day(p.created).to_string(),
            Part::Updated => moment(Some(p.updated)),
            Part::Source => p.provenance.source.clone(),
            Part::Kind => p.kind.code().to_owned(),
            Part::Number => p.id.to_string(),
            Part::Field(key) => match values.get(&(p.id, key.clone())) {
                Some(value) => return value.clone(),
                None => actor.shown_of(p.id, key, customer.field(key)).text().to_owned(),
            },
        })
    }
}

/// The mask of the first field of class `contact` that has a value.
fn reach(actor: &Actor, customer: &Customer) -> String {
    let contacts = actor.schema.on().filter(|def| def.class == FieldClass::Contact);
    let shown = |key: &FieldKey| actor.shown_of(customer.profile.id, key, customer.field(key));
    let mut masks = contacts.map(|def| shown(&def.key).text().to_owned());
    masks.find(|mask| !mask.is_empty()).unwrap_or_default()
}

/// Everything but what goes out by its name alone.
fn usual(actor: &Actor) -> Vec<Part> {
    let built_in =
        [Part::Number, Part::Kind, Part::Stage, Part::Owner, Part::Tags, Part::Created, Part::Last, Part::Next];
    let ordinary = |def: &&FieldDef| def.export == ExportRule::Ordinary;
    let fields = actor.schema.on().filter(ordinary).map(|def| Part::Field(def.key.clone()));
    built_in.into_iter().chain([Part::Source]).chain(fields).collect()
}

//! Rows of one file that name the same customer, by the phone, email or ID number that an import compares.
//!
//! **Invariant:** what is kept of a row is 16 bytes a value, never the value.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::mapping::{Mapping, Target};
use super::rows::RowDraft;
use crate::domain::field::{FieldDef, FieldKind, Schema};
use crate::privacy::class::FieldClass;

/// The values of the rows so far.
#[derive(Debug, Default)]
pub struct Twins(HashSet<[u8; 16]>);

impl Twins {
    /// Whether a row has a value of an earlier one that was noted.
    pub fn knows(&self, draft: &RowDraft, schema: &Schema) -> bool {
        prints(draft, schema).any(|print| self.0.contains(&print))
    }

    /// Notes a row's values.
    pub fn note(&mut self, draft: &RowDraft, schema: &Schema) {
        self.0.extend(prints(draft, schema));
    }
}

/// Whether a column of the table tells customers apart.
pub fn can_tell(mapping: &Mapping, schema: &Schema) -> bool {
    schema.on().any(|def| told_by(def).is_some() && mapping.at(&Target::Field(def.key.clone())).is_some())
}

/// What a field is compared as: any phone with any phone of its class. Open fields are not compared.
fn told_by(def: &FieldDef) -> Option<u8> {
    match def.kind {
        _ if def.class == FieldClass::Open => None,
        FieldKind::Phone => Some(0),
        FieldKind::Email => Some(1),
        FieldKind::ResidentId | FieldKind::Passport => Some(2),
        _ => None,
    }
}

fn prints<'a>(draft: &'a RowDraft, schema: &'a Schema) -> impl Iterator<Item = [u8; 16]> + 'a {
    draft.fields.iter().filter_map(|(key, checked)| {
        let def = schema.get(key.as_str())?;
        let mut hash = Sha256::new();
        hash.update([told_by(def)?]);
        hash.update(def.class.code());
        hash.update([0]);
        hash.update(&checked.normal);
        hash.finalize().first_chunk().copied()
    })
}

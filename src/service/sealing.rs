//! From what somebody typed to what is stored: checked, normalised, masked, tokenised and sealed.
//!
//! **Invariant:** the only place where a value of a class becomes a stored one; the plain text does not outlive the call.

use super::actor::Actor;
use super::refusal::{Fault, FieldFault, Refusal};
use crate::domain::contradiction::Told;
use crate::domain::field::{FieldDef, FieldKind};
use crate::domain::value::{self, Checked};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::{Masked, mask};
use crate::privacy::seal::{Sealer, Token, TokenKind};
use crate::text::Printable;
use crate::vault::records::{Stored, StoredToken};
use zeroize::Zeroizing;

/// Seals the values of one batch, each class under one ephemeral key.
#[derive(Debug, Default)]
pub struct Sealing {
    sealers: Vec<(FieldClass, Sealer)>,
}

impl Actor {
    /// Checks a value of a field.
    pub(super) fn check(&self, field: &FieldDef, raw: &str) -> Result<Checked, FieldFault> {
        let today = self.desk.clock.day(self.now);
        let checked = value::check_field(field, raw, &self.policy.default_region, today);
        checked.map_err(|fault| FieldFault { part: field.key.as_str().to_owned(), fault: Fault::Value(fault) })
    }

    /// The tokens of a normalised value.
    pub(super) fn tokens(&self, field: &FieldDef, normal: &str) -> Result<Vec<StoredToken>, Refusal> {
        let blind = self.blind_key(field.class).ok_or(Refusal::KeyMissing(field.class))?;
        let values = value::token_values(field.kind, normal).into_iter();
        Ok(values.map(|(kind, text)| StoredToken { kind, token: token(blind, kind, field, &text) }).collect())
    }
}

/// What may be seen of a value, in the form in which it is shown and in the one in which it is compared.
pub(super) fn mask_of(field: &FieldDef, plain: &str, normal: &str) -> Masked {
    // An extension stands in the shown form of a phone only, and has no place in its mask.
    mask(field.mask, if field.kind == FieldKind::Phone { normal } else { plain })
}

/// The tokens of what a value tells that another field may contradict, under the key of the value's own class.
fn parts(actor: &Actor, field: &FieldDef, number: u64, normal: &str) -> Vec<StoredToken> {
    let kinds = Told::parts_kept(field.key.as_str());
    let Some(blind) = (!kinds.is_empty()).then(|| actor.blind_key(field.class)).flatten() else { return Vec::new() };
    let told = Told::by(field.key.as_str(), normal);
    let of = |kind: &TokenKind| {
        let part = Zeroizing::new(told.part(*kind)?);
        Some(StoredToken { kind: *kind, token: blind.token_within(*kind, number, &part) })
    };
    kinds.iter().filter_map(of).collect()
}

fn token(blind: &crate::privacy::seal::BlindKey, kind: TokenKind, field: &FieldDef, text: &str) -> Token {
    blind.token(kind, field.key.as_str(), text)
}

impl Sealing {
    /// What is stored for a checked value of a field of the customer `origin`.
    pub(super) fn store(
        &mut self,
        actor: &Actor,
        origin: u64,
        field: &FieldDef,
        checked: Checked,
    ) -> Result<Stored, Refusal> {
        if field.class == FieldClass::Open {
            return Ok(Stored::Open(Printable::lines(&checked.shown)));
        }
        let mut tokens = actor.tokens(field, &checked.normal)?;
        let entropy = &*actor.desk.entropy;
        let number = u64::from_be_bytes(entropy.bytes());
        tokens.extend(parts(actor, field, number, &checked.normal));
        let place = actor.place(field.key.as_str(), field.class);
        let (plain, normal) = (Zeroizing::new(checked.shown), Zeroizing::new(checked.normal));
        let sealed = self.sealer(actor, field.class)?.seal(place, origin, number, &plain, entropy);
        Ok(Stored::Sealed { class: field.class, mask: mask_of(field, &plain, &normal), tokens, sealed })
    }

    fn sealer(&mut self, actor: &Actor, class: FieldClass) -> Result<&Sealer, Refusal> {
        if !self.sealers.iter().any(|(c, _)| *c == class) {
            let public = actor.desk.public(class).ok_or(Refusal::NotMasked)?;
            let sealer = Sealer::new(class, public, &*actor.desk.entropy);
            self.sealers.push((class, sealer.map_err(|error| Refusal::Damaged(error.to_string()))?));
        }
        let found = self.sealers.iter().find(|(c, _)| *c == class).map(|(_, sealer)| sealer);
        found.ok_or(Refusal::KeyMissing(class))
    }
}

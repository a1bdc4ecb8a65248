//! Who acts, with what rights and keys, at what moment.
//!
//! **Invariant:** an actor is made afresh for every question and action, from the tables as they stand, so that a
//! change of role or a shut account tells at once.

use std::sync::Arc;

use super::desk::Desk;
use super::refusal::Refusal;
use super::view::{Shown, WhoCanHelp};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Origin};
use crate::domain::customer::Profile;
use crate::domain::field::{FieldDef, FieldKey, FieldState, NAME, Schema};
use crate::domain::id::{CustomerId, EntrySeq, SessionId, StaffId};
use crate::domain::loss_reasons::LossReasons;
use crate::domain::policy::Policy;
use crate::domain::role::{Permission, Role, RoleName, Scope};
use crate::domain::staff::Staff;
use crate::hygiene::Locked;
use crate::privacy::class::FieldClass;
use crate::privacy::seal::{BlindKey, ClassSecret, Place};
use crate::vault::book::customers;
use crate::vault::index::ListOf;
use crate::vault::keyring::UserKeys;
use crate::vault::records::{Customer, FieldChanges, Stored};
use crate::vault::store::{Get, Put, StoreError, Writer};

/// The keys that one session holds.
#[derive(Debug)]
pub struct Keys {
    pub(super) user: UserKeys,
    pub(super) held: Locked<HeldKeys>,
}

/// The class and blind keys that one session holds, in the order of [`FieldClass::SEALED`].
#[derive(Debug, Default)]
pub struct HeldKeys {
    pub(super) classes: [Option<ClassSecret>; 2],
    pub(super) blinds: [Option<BlindKey>; 2],
}

impl HeldKeys {
    /// The place of a class in both.
    pub(super) fn place(class: FieldClass) -> Option<usize> {
        FieldClass::SEALED.iter().position(|sealed| *sealed == class)
    }
}

/// Somebody acting.
#[derive(Clone, Debug)]
pub struct Actor {
    pub(super) desk: Arc<Desk>,
    pub(super) keys: Arc<Keys>,
    pub(super) staff: Staff,
    pub(super) everybody: Arc<Vec<Staff>>,
    pub(super) role: Role,
    pub(super) policy: Policy,
    pub(super) schema: Arc<Schema>,
    /// For which reasons customers are lost.
    pub(super) losses: Arc<LossReasons>,
    /// What is being changed of how fields are protected.
    pub(super) changing: Arc<FieldChanges>,
    pub(super) session: SessionId,
    pub(super) origin: Origin,
    pub(super) now: Timestamp,
    /// Since when they have a second factor.
    pub(super) factor: Option<Timestamp>,
    /// When the session ends whatever is done in it.
    pub(super) until: Timestamp,
}

impl Actor {
    /// Refuses where the role lacks the permission.
    pub(super) fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if self.role.may(permission) {
            return Ok(());
        }
        Err(Refusal::NotPermitted { permission, helpers: self.helpers(|role| role.may(permission)).0 })
    }

    /// The roles that have what is missing, from the shipped ones.
    pub(super) fn helpers(&self, can: impl Fn(&Role) -> bool) -> WhoCanHelp {
        WhoCanHelp(RoleName::ALL.iter().copied().filter(|name| can(&Role::shipped(*name))).collect())
    }

    /// Makes a change durable.
    pub(super) fn commit<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Writer<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.desk.commit(change)
    }

    /// An entry of this actor, done, about nothing yet.
    pub(super) fn entry(&self, verb: &str) -> NewEntry {
        NewEntry::done(self.now, Some(self.staff.id), self.session, self.origin, verb)
    }

    /// Appends an entry in the transaction of its change.
    pub(super) fn record(&self, to: &mut dyn Put, entry: &NewEntry) -> Result<EntrySeq, StoreError> {
        self.desk.recorder.append(to, entry, &*self.desk.entropy)
    }

    /// Whose customers are in scope; none means everybody's.
    pub(super) fn owners(&self) -> Option<Vec<Option<StaffId>>> {
        match self.role.scope {
            Scope::All => None,
            Scope::None => Some(Vec::new()),
            Scope::Own => Some(vec![Some(self.staff.id)]),
            Scope::Team => {
                let team = self.everybody.iter().filter(|s| s.team == self.staff.team);
                // Somebody has to give away the customers that are nobody's.
                Some(team.map(|s| Some(s.id)).chain([None]).collect())
            }
        }
    }

    /// The lists in scope.
    pub(super) fn lists(&self) -> Vec<ListOf> {
        self.owners().map_or_else(|| vec![ListOf::All], |owners| owners.into_iter().map(ListOf::Owner).collect())
    }

    pub(super) fn in_scope(&self, profile: &Profile) -> bool {
        self.owners().is_none_or(|owners| owners.contains(&profile.owner))
    }

    pub(super) fn owns(&self, profile: &Profile) -> bool {
        profile.owner == Some(self.staff.id)
    }

    /// A customer within scope. That there is one out of scope is not said.
    pub(super) fn customer(&self, from: &dyn Get, id: CustomerId) -> Result<Customer, Refusal> {
        let found = if self.desk.visible(id) { customers::get(from, id)? } else { None };
        found.filter(|c| self.in_scope(&c.profile)).ok_or(Refusal::OutOfScope)
    }

    /// As [`Self::customer`], not under restriction.
    pub(super) fn customer_to_change(&self, from: &dyn Get, id: CustomerId) -> Result<Customer, Refusal> {
        let customer = self.customer(from, id)?;
        if customer.profile.restricted { Err(Refusal::Restricted) } else { Ok(customer) }
    }

    /// A field in use, or the name.
    pub(super) fn field(&self, key: &FieldKey) -> Result<&FieldDef, Refusal> {
        let found = self.schema.get(key.as_str()).filter(|f| f.state == FieldState::On);
        found.ok_or(Refusal::NotFound("field in use"))
    }

    /// A customer's name as it is shown without a grant.
    pub(super) fn name_shown(&self, customer: &Customer) -> Shown {
        self.shown_of(customer.profile.id, &NAME, Some(&customer.name))
    }

    /// The key that reads a class, if this session holds it.
    pub(super) fn class_key(&self, class: FieldClass) -> Option<&ClassSecret> {
        self.keys.held.classes.get(HeldKeys::place(class)?)?.as_ref()
    }

    /// The key that makes a class's tokens, if this session holds it.
    pub(super) fn blind_key(&self, class: FieldClass) -> Option<&BlindKey> {
        self.keys.held.blinds.get(HeldKeys::place(class)?)?.as_ref()
    }

    /// What a sealed value of a field is bound to.
    pub(super) fn place<'f>(&self, field: &'f str, class: FieldClass) -> Place<'f> {
        Place { vault: self.desk.tables.id(), field, class }
    }

    /// Somebody's name; a number where nobody has that id.
    pub(super) fn name_of(&self, id: StaffId) -> String {
        let found = self.everybody.iter().find(|s| s.id == id);
        found.map_or_else(|| format!("#{id}"), |s| s.name.as_str().to_owned())
    }
}

/// How a stored value is shown without a grant.
pub(super) fn shown(stored: Option<&Stored>) -> Shown {
    match stored {
        None => Shown::Empty,
        Some(Stored::Open(text)) => Shown::Open(text.clone()),
        Some(Stored::Sealed { mask, .. }) => Shown::Masked(mask.clone()),
        Some(Stored::Declined) => Shown::Declined,
    }
}

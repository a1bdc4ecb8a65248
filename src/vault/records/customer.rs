//! A customer as it is stored: built-in parts, and fields that are open, sealed or declined.

use super::codec::{Reading, Record, Writing};
use super::customer_parts::StoredToken;
use crate::clock::Timestamp;
use crate::domain::contradiction::Contradiction;
use crate::domain::customer::{Basis, CustomerKind, Profile, Provenance, Stage};
use crate::domain::field::{FieldKey, NAME};
use crate::domain::id::{CustomerId, StaffId};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::Masked;
use crate::privacy::seal::Sealed;
use crate::text::Printable;
use crate::vault::store::StoreError;

/// A value as it is stored.
#[derive(Debug)]
pub enum Stored {
    /// In full, under the file's encryption alone.
    Open(Printable),
    /// Sealed to its class, with what may be seen of it and what it can be found by.
    Sealed {
        /// Its class.
        class: FieldClass,
        /// What may be seen.
        mask: Masked,
        /// What it can be found by.
        tokens: Vec<StoredToken>,
        /// The value.
        sealed: Sealed,
    },
    /// The customer declined to give it.
    Declined,
}

/// A customer as it is stored. Not `Clone`: a sealed value stands in one record.
#[derive(Debug)]
pub struct Customer {
    /// The built-in parts.
    pub profile: Profile,
    /// The name.
    pub name: Stored,
    /// The fields that have a value or were declined, in no particular order.
    pub fields: Vec<(FieldKey, Stored)>,
    /// When their values were last confirmed.
    pub confirmed: Confirmed,
    /// Which fields were found to contradict each other when one of them was written. Of two that both stand open nothing
    /// needs noting.
    pub contradictions: Vec<Contradiction>,
}

/// When values were last confirmed: written, or compared with the right answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// All that are not named.
    pub all: Timestamp,
    /// Those that were confirmed at another time.
    pub fields: Vec<(FieldKey, Timestamp)>,
}

impl Customer {
    /// Every stored value with its key, the name's first.
    pub fn values(&self) -> impl Iterator<Item = (&FieldKey, &Stored)> {
        std::iter::once((&NAME, &self.name)).chain(self.fields.iter().map(|(key, stored)| (key, stored)))
    }

    /// As [`Self::values`], to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (&FieldKey, &mut Stored)> {
        let fields = self.fields.iter_mut().map(|(key, stored)| (&*key, stored));
        std::iter::once((&NAME, &mut self.name)).chain(fields)
    }

    /// The stored value of a field, or the name.
    pub fn field(&self, key: &FieldKey) -> Option<&Stored> {
        self.values().find(|(k, _)| *k == key).map(|(_, stored)| stored)
    }

    /// Sets a field's value, or removes it; a name is only ever replaced by another.
    pub fn set(&mut self, key: FieldKey, stored: Option<Stored>) {
        if key != NAME {
            self.fields.retain(|(k, _)| *k != key);
        }
        self.confirmed.fields.retain(|(k, _)| *k != key);
        match stored {
            Some(stored) if key == NAME => self.name = stored,
            Some(stored) => self.fields.push((key, stored)),
            None => {}
        }
    }
}

impl Confirmed {
    /// When a field's value was last confirmed.
    pub fn of(&self, key: &FieldKey) -> Timestamp {
        self.fields.iter().find(|(k, _)| k == key).map_or(self.all, |(_, at)| *at)
    }

    /// A field's value is confirmed.
    pub fn set(&mut self, key: &FieldKey, at: Timestamp) {
        self.fields.retain(|(k, _)| k != key);
        if at != self.all {
            self.fields.push((key.clone(), at));
        }
    }
}

impl Record for Customer {
    const VERSION: u8 = 4;
    const KIND: &'static str = "customer";

    fn write(&self, to: &mut Writing) {
        let p = &self.profile;
        to.uint(p.id.0).uint(p.version).uint(p.kind.place()).uint(p.stage.place());
        to.maybe(p.owner, |to, owner| _ = to.uint(owner.0));
        to.list(&p.tags, |to, tag| _ = to.text(tag));
        to.time(p.created).time(p.updated);
        to.maybe(p.last_contact, |to, at| _ = to.time(at));
        to.maybe(p.next_follow_up, |to, at| _ = to.time(at));
        to.text(&p.provenance.source).uint(p.provenance.basis.place()).uint(u8::from(p.restricted));
        write_stored(to, &self.name);
        to.list(&self.fields, |to, (key, stored)| {
            to.text(key.as_str());
            write_stored(to, stored);
        });
        to.time(self.confirmed.all);
        to.list(&self.confirmed.fields, |to, (key, at)| _ = to.text(key.as_str()).time(*at));
        to.time(p.owned_since).maybe(p.last_owner, |to, owner| _ = to.uint(owner.0));
        to.list(&self.contradictions, |to, one| _ = to.uint(one.place()));
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let mut profile = Profile {
            id: CustomerId(from.uint()?),
            version: from.uint()?,
            kind: from.place(CustomerKind::from_place)?,
            stage: from.place(Stage::from_place)?,
            owner: from.maybe(|from| from.small().map(StaffId))?,
            owned_since: Timestamp::default(),
            last_owner: None,
            tags: from.list(Reading::text)?,
            created: from.time()?,
            updated: from.time()?,
            last_contact: from.maybe(Reading::time)?,
            next_follow_up: from.maybe(Reading::time)?,
            provenance: Provenance { source: from.text()?, basis: from.place(Basis::from_place)? },
            restricted: from.uint()? != 0,
        };
        let name = read_stored(from)?;
        let fields = from.list(|from| {
            let key = FieldKey::new(&from.text()?).ok_or_else(|| from.fault())?;
            Ok((key, read_stored(from)?))
        })?;
        let confirmed = match version {
            // The first version knew only when anything was last changed.
            1 => Confirmed { all: profile.updated, fields: Vec::new() },
            _ => Confirmed {
                all: from.time()?,
                fields: from.list(|from| {
                    let key = FieldKey::new(&from.text()?).ok_or_else(|| from.fault())?;
                    Ok((key, from.time()?))
                })?,
            },
        };
        // Before the third version nobody knew since when: whoever has them keeps them the longer.
        profile.owned_since = if version >= 3 { from.time()? } else { profile.updated.max(profile.created) };
        if version >= 3 {
            profile.last_owner = from.maybe(|from| from.small().map(StaffId))?;
        }
        // Before the fourth version nothing was noted.
        let contradictions =
            if version >= 4 { from.list(|from| from.place(Contradiction::from_place))? } else { Vec::new() };
        Ok(Self { profile, name, fields, confirmed, contradictions })
    }
}

fn write_stored(to: &mut Writing, stored: &Stored) {
    match stored {
        Stored::Open(text) => _ = to.uint(0_u8).text(text.as_str()),
        Stored::Sealed { class, mask, tokens, sealed } => {
            to.uint(1_u8).uint(class.place()).text(mask.as_str());
            to.list(tokens, |to, token| token.write(to));
            to.bytes(&sealed.to_bytes());
        }
        Stored::Declined => _ = to.uint(2_u8),
    }
}

fn read_stored(from: &mut Reading<'_>) -> Result<Stored, StoreError> {
    Ok(match from.uint()? {
        0 => Stored::Open(Printable::lines(&from.text()?)),
        1 => Stored::Sealed {
            class: from.place(FieldClass::from_place)?,
            mask: Masked::stored(from.text()?),
            tokens: from.list(StoredToken::read)?,
            sealed: Sealed::from_bytes(from.bytes()?).map_err(|_| from.fault())?,
        },
        2 => Stored::Declined,
        _ => return Err(from.fault()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_of_the_first_version_was_confirmed_when_it_was_last_changed() {
        let profile = Profile { id: CustomerId(7), version: 3, updated: Timestamp(5_000), ..Profile::default() };
        let key = |name: &str| FieldKey::new(name).unwrap();
        let fields = vec![(key("company"), Stored::Open("Acme".into())), (key("email"), Stored::Declined)];
        let (confirmed, contradictions) = (Confirmed::default(), Vec::new());
        let mut customer = Customer { profile, name: Stored::Open("张三".into()), fields, confirmed, contradictions };
        let mut bytes = customer.to_bytes();
        // The first version ended before when values were confirmed (a moment of 0 and no fields) and since when the owner
        // is one (a moment of 0 and nobody before), and before what contradicts (nothing).
        bytes.truncate(bytes.len() - 5);
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        let read = Customer::from_bytes(&bytes).unwrap();
        assert_eq!(read.confirmed.of(&key("company")), Timestamp(5_000));
        customer.confirmed.set(&key("company"), Timestamp(9_000));
        let read = Customer::from_bytes(&customer.to_bytes()).unwrap();
        assert_eq!(read.confirmed, customer.confirmed);
        assert_eq!(read.confirmed.of(&key("company")), Timestamp(9_000));
        // The second version ended before since when the owner is one.
        let mut bytes = customer.to_bytes();
        bytes.truncate(bytes.len() - 3);
        if let Some(version) = bytes.first_mut() {
            *version = 2;
        }
        let read = Customer::from_bytes(&bytes).unwrap();
        assert_eq!((read.profile.owned_since, read.profile.last_owner), (Timestamp(5_000), None));
        assert_eq!(read.confirmed, customer.confirmed);
        customer.profile.belongs_to(Some(StaffId(4)), Timestamp(6_000));
        customer.profile.belongs_to(None, Timestamp(7_000));
        let read = Customer::from_bytes(&customer.to_bytes()).unwrap();
        assert_eq!((read.profile.owned_since, read.profile.last_owner), (Timestamp(7_000), Some(StaffId(4))));
        // The third version ended before what contradicts.
        let mut bytes = customer.to_bytes();
        bytes.truncate(bytes.len() - 1);
        if let Some(version) = bytes.first_mut() {
            *version = 3;
        }
        assert_eq!(Customer::from_bytes(&bytes).unwrap().contradictions, []);
        customer.contradictions = vec![Contradiction::GenderAndCard, Contradiction::BornAndCard];
        let read = Customer::from_bytes(&customer.to_bytes()).unwrap();
        assert_eq!(read.contradictions, customer.contradictions);
        // A value that goes takes along when it was confirmed.
        customer.set(key("company"), None);
        assert!(customer.confirmed.fields.is_empty());
    }
}

//! Staff and roles as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::id::StaffId;
use crate::domain::role::{Permission, RevealRight, Role, RoleName, Scope};
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::vault::store::StoreError;

impl Record for Staff {
    const VERSION: u8 = 1;
    const KIND: &'static str = "staff";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.version).text(self.name.as_str()).uint(self.role.place());
        to.text(&self.team).uint(self.state.place()).time(self.created);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: StaffId(from.small()?),
            version: from.uint()?,
            name: LoginName::new(&from.text()?).ok_or_else(|| from.fault())?,
            role: from.place(RoleName::from_place)?,
            team: from.text()?,
            state: from.place(StaffState::from_place)?,
            created: from.time()?,
        })
    }
}

impl Record for Role {
    const VERSION: u8 = 2;
    const KIND: &'static str = "role";

    fn write(&self, to: &mut Writing) {
        to.uint(self.name.place()).uint(self.scope.place());
        to.list(&self.permissions, |to, permission| _ = to.uint(permission.place()));
        to.uint(self.contact.place()).uint(self.sensitive.place());
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let mut role = Self {
            name: from.place(RoleName::from_place)?,
            scope: from.place(Scope::from_place)?,
            permissions: from.list(|from| from.place(Permission::from_place))?,
            contact: from.place(RevealRight::from_place)?,
            sensitive: from.place(RevealRight::from_place)?,
        };
        // The first version knew of no consents, so nobody can have been denied them: they come as they ship.
        if version < 2 {
            let shipped = Self::shipped(role.name);
            let of_consents = [Permission::Consents, Permission::ConsentWording];
            role.permissions.extend(of_consents.into_iter().filter(|permission| shipped.may(*permission)));
        }
        Ok(role)
    }
}

/// What belongs to somebody's place in the keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffKeys {
    /// To which keys are sealed for them.
    pub kem: [u8; 32],
    /// With which their signatures are checked.
    pub cosign: [u8; 32],
    /// Their slot in the superblock.
    pub slot: u16,
    /// Which passphrase of the slot is the latest.
    pub generation: u64,
    /// When they last signed in.
    pub last_login: Option<crate::clock::Timestamp>,
}

impl Record for StaffKeys {
    const VERSION: u8 = 1;
    const KIND: &'static str = "staff keys";

    fn write(&self, to: &mut Writing) {
        to.bytes(&self.kem).bytes(&self.cosign).uint(self.slot).uint(self.generation);
        to.maybe(self.last_login, |to, at| _ = to.time(at));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let key = |from: &mut Reading<'_>| from.bytes()?.try_into().map_err(|_| from.fault());
        Ok(Self {
            kem: key(from)?,
            cosign: key(from)?,
            slot: from.small()?,
            generation: from.uint()?,
            last_login: from.maybe(Reading::time)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_the_first_version_gets_the_rights_to_consents_as_they_ship() {
        for name in RoleName::ALL {
            let shipped = Role::shipped(*name);
            let mut older = shipped.clone();
            older.permissions.retain(|p| !matches!(p, Permission::Consents | Permission::ConsentWording));
            let mut bytes = older.to_bytes();
            if let Some(version) = bytes.first_mut() {
                *version = 1;
            }
            let read = Role::from_bytes(&bytes).unwrap_or(older);
            assert!(
                Permission::ALL.iter().all(|permission| read.may(*permission) == shipped.may(*permission)),
                "{name:?}"
            );
            assert_eq!(Role::from_bytes(&shipped.to_bytes()), Ok(shipped));
        }
    }
}

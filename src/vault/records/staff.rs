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
    const VERSION: u8 = 1;
    const KIND: &'static str = "role";

    fn write(&self, to: &mut Writing) {
        to.uint(self.name.place()).uint(self.scope.place());
        to.list(&self.permissions, |to, permission| _ = to.uint(permission.place()));
        to.uint(self.contact.place()).uint(self.sensitive.place());
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            name: from.place(RoleName::from_place)?,
            scope: from.place(Scope::from_place)?,
            permissions: from.list(|from| from.place(Permission::from_place))?,
            contact: from.place(RevealRight::from_place)?,
            sensitive: from.place(RevealRight::from_place)?,
        })
    }
}

//! The made-up people who work with the sample vault.
//!
//! **Invariant:** the first is the owner; the others' places in the list are what [`super::Made`] refers to.

use crate::domain::field::Lang;
use crate::domain::role::RoleName;
use crate::domain::staff::LoginName;

/// Somebody to add to the sample vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeStaff {
    /// The name that they sign in with.
    pub name: LoginName,
    /// Their role.
    pub role: RoleName,
}

/// The owner's place.
pub const OWNER: u8 = 0;
/// The team lead's place.
pub const LEAD: u8 = 1;
/// The two salespeople's places.
pub const SALES: [u8; 2] = [2, 3];
/// The support agent's place.
pub const SUPPORT: u8 = 4;

/// Everybody, the owner first. The owner's name follows the interface's language.
pub fn staff(lang: Lang) -> Vec<MadeStaff> {
    let owner = match lang {
        Lang::En => "Demo Owner",
        Lang::ZhCn => "示例",
    };
    [
        (owner, RoleName::Owner),
        ("林静", RoleName::Lead),
        ("Tom Ashby", RoleName::Sales),
        ("赵一鸣", RoleName::Sales),
        ("Nadia Petit", RoleName::Support),
        ("何思远", RoleName::PrivacyOfficer),
        ("Greta Holm", RoleName::Auditor),
        ("罗凯", RoleName::Administrator),
    ]
    .into_iter()
    .filter_map(|(name, role)| Some(MadeStaff { name: LoginName::new(name)?, role }))
    .collect()
}

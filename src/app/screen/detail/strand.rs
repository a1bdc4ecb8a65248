//! One kind of what happened with a customer, picked out of the timeline.
//!
//! **Invariant:** everything that can happen is of one strand at most, and with all of them in sight nothing is left out.

use crate::service::view::Happening;

/// What is in sight of the timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strand {
    /// Everything.
    #[default]
    All,
    /// Contacts, and the cases that they belong to.
    Contacts,
    /// Changes of the record.
    Changes,
    /// Follow-ups.
    FollowUps,
    /// Reveals and comparisons.
    Looks,
    /// Deals.
    Deals,
    /// Consents.
    Consents,
}

impl Strand {
    /// The one after it, from the last the first.
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::Contacts,
            Self::Contacts => Self::Changes,
            Self::Changes => Self::FollowUps,
            Self::FollowUps => Self::Looks,
            Self::Looks => Self::Deals,
            Self::Deals => Self::Consents,
            Self::Consents => Self::All,
        }
    }

    /// The locale key of its name; everything has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Contacts => Some("strand-contacts"),
            Self::Changes => Some("strand-changes"),
            Self::FollowUps => Some("strand-follow-ups"),
            Self::Looks => Some("strand-looks"),
            Self::Deals => Some("strand-deals"),
            Self::Consents => Some("strand-consents"),
        }
    }

    /// Whether something that happened is in sight.
    pub fn shows(self, what: &Happening) -> bool {
        let of = match what {
            Happening::Interaction(_) | Happening::Case(..) => Self::Contacts,
            Happening::Added | Happening::Changed(..) | Happening::Pool(..) => Self::Changes,
            Happening::FollowUp(..) => Self::FollowUps,
            Happening::Revealed(..) | Happening::Verified(..) => Self::Looks,
            Happening::Deal(_) => Self::Deals,
            Happening::Consent(_) => Self::Consents,
            Happening::Other(_) => Self::Changes,
        };
        self == Self::All || self == of
    }
}

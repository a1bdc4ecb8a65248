//! Codes of the business as arguments: clap checks them, lists them in help and completes them.
//!
//! **Invariant:** the words are those of `code()`; none is spelled a second time here.

use clap::builder::PossibleValue;
use clap::{ValueEnum, builder::ValueParserFactory};

use crate::domain::columns;
use crate::domain::consent::{ConsentHow, Purpose, Speaker};
use crate::domain::customer::{Basis, CustomerKind};
use crate::domain::field::{FieldKey, FieldKind, Lang};
use crate::domain::ical::Part;
use crate::domain::interaction::{Direction, InteractionKind};
use crate::domain::reason::ReasonCode;
use crate::domain::role::RoleName;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::service::OnDuplicate;
use crate::service::view::{Due, Held, Whose};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $inner:ty: [$($value:ident),+];)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl ValueEnum for $name {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self(<$inner>::$value)),+]
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(PossibleValue::new(self.0.code()))
            }
        }

        #[cfg(test)]
        impl $name {
            /// The codes that are no argument.
            pub(super) fn lacks() -> Vec<&'static str> {
                let words: Vec<_> = Self::value_variants().iter().map(|word| word.0).collect();
                <$inner>::ALL.iter().filter(|code| !words.contains(code)).map(|code| code.code()).collect()
            }
        }
    )+};
}

words! {
    /// A language.
    LangWord = Lang: [En, ZhCn];
    /// What to do with duplicates.
    DuplicatesWord = OnDuplicate: [Skip, Merge, Keep];
    /// A legal ground.
    BasisWord = Basis:
        [Contract, Consent, LegalDuty, VitalInterest, PublicTask, LegitimateInterest, NotKnownYet];
    /// Which reminders.
    DueWord = Due: [Overdue, Today, Week, Slipped, All];
    /// A part of a calendar file.
    IcsWord = Part: [Name, Text];
    /// Whose deals or reminders.
    WhoseWord = Whose: [Mine, Team, All];
    /// Whose cases.
    HeldWord = Held: [MineOrNobodys, All];
    /// What data is used for.
    PurposeWord = Purpose: [Service, Marketing, Sharing, Publishing, Sensitive, CrossBorder];
    /// How a consent was given.
    HowWord = ConsentHow: [Call, Email, Chat, Visit, Paper, Web];
    /// Who gave a consent.
    SpeakerWord = Speaker: [Customer, Guardian];
    /// How a contact took place.
    KindWord = InteractionKind: [Call, Email, Chat, Visit, Note];
    /// Who began a contact.
    DirectionWord = Direction: [In, Out];
    /// A reason.
    ReasonWord = ReasonCode:
        [Callback, VerifyIdentity, DeliverInvoice, CorrectData, Complaint, LegalAudit, Other];
    /// A role.
    RoleWord = RoleName: [Owner, Lead, Sales, Support, PrivacyOfficer, Auditor, Administrator];
    /// A class of fields.
    ClassWord = FieldClass: [Open, Contact, Sensitive];
    /// What a field holds.
    FieldKindWord = FieldKind:
        [Text, Notes, Phone, Email, ChatId, Address, ResidentId, Passport, BankCard, Date, MonthDay, Purchases, Choice, Name];
    /// Person or company.
    CustomerKindWord = CustomerKind: [Person, Company];
    /// A kind of mask.
    MaskWord = MaskKind:
        [Mobile, Phone, ResidentId, BankCard, Email, Name, Address, Passport, Plate, DateOfBirth, ChatId, Other];
}

/// A field's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldWord(pub FieldKey);

impl ValueParserFactory for FieldWord {
    type Parser = clap::builder::ValueParser;

    fn value_parser() -> Self::Parser {
        clap::builder::ValueParser::new(|text: &str| {
            let plain = text.trim().to_lowercase().replace('-', "_");
            FieldKey::new(&plain).map(FieldWord).ok_or("a field's key has lower-case letters, digits and _ only")
        })
    }
}

/// A column: a part's word or a field's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnWord(pub columns::Part);

impl ValueParserFactory for ColumnWord {
    type Parser = clap::builder::ValueParser;

    fn value_parser() -> Self::Parser {
        clap::builder::ValueParser::new(|text: &str| {
            let plain = text.trim().to_lowercase().replace('-', "_");
            let part = columns::Part::from_code(&plain);
            part.map(ColumnWord).ok_or("a column is a word such as stage or tags, or a field's key")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_an_argument() {
        assert!(LangWord::lacks().is_empty() && DuplicatesWord::lacks().is_empty() && BasisWord::lacks().is_empty());
        assert!(
            DueWord::lacks().is_empty()
                && WhoseWord::lacks().is_empty()
                && IcsWord::lacks().is_empty()
                && DirectionWord::lacks().is_empty()
                && HeldWord::lacks().is_empty()
                && KindWord::lacks().is_empty()
                && ReasonWord::lacks().is_empty()
        );
        assert!(RoleWord::lacks().is_empty() && MaskWord::lacks().is_empty() && ClassWord::lacks().is_empty());
        assert!(FieldKindWord::lacks().is_empty() && CustomerKindWord::lacks().is_empty());
        assert!(PurposeWord::lacks().is_empty() && SpeakerWord::lacks().is_empty());
        // Nobody but an import says that something came with one.
        assert_eq!(HowWord::lacks(), ["import"]);
    }
}

//! Fields by schema: a field is a row of data, never a member of a struct.

use std::borrow::Cow;

use super::customer::CustomerKind;
use super::schema;
use crate::codes::codes;
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;

/// A field's key, as scripts and documents name it: lower-case letters, digits and `_`, 1–40 of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldKey(Cow<'static, str>);

/// The key of the name, which every customer has.
pub static NAME: FieldKey = FieldKey(Cow::Borrowed("name"));

impl FieldKey {
    /// The key, if it is well formed.
    pub fn new(key: &str) -> Option<Self> {
        let fits = (1..=40).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        fits.then(|| Self(Cow::Owned(key.to_owned())))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for FieldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a field holds, which decides how a value is checked and normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Several lines of text.
    Notes,
    /// A telephone number.
    Phone,
    /// An email address.
    Email,
    /// A name in a chat service.
    ChatId,
    /// A postal address.
    Address,
    /// A mainland resident identity number (GB 11643-1999).
    ResidentId,
    /// A passport number.
    Passport,
    /// A bank card number (ISO/IEC 7812, Luhn).
    BankCard,
    /// A calendar date.
    Date,
    /// A month and a day.
    MonthDay,
    /// A purchase: date, item and amount.
    Purchases,
    /// One of the field's own choices.
    Choice,
    /// What somebody is called.
    Name,
}

/// What a field is used for, as processing registers group it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Who and where somebody is.
    Basic,
    /// What they bought.
    Transaction,
    /// What they did.
    Behaviour,
    /// What they like.
    Preference,
}

/// Whether an export takes the field along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportRule {
    /// With the others.
    Ordinary,
    /// Only where the export names it.
    ByNameOnly,
}

/// Whether a customer record is complete without the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Need {
    /// May stay empty.
    #[default]
    Optional,
    /// Must have a value or be marked "declined to give".
    Required,
}

/// Whether the field is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldState {
    /// Shown and filled.
    On,
    /// Off until someone writes why it is needed.
    Off,
}

/// One row of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDef {
    /// Its key.
    pub key: FieldKey,
    /// Its label in English.
    pub label_en: String,
    /// Its label in Simplified Chinese.
    pub label_zh: String,
    /// What it holds.
    pub kind: FieldKind,
    /// How far it is protected.
    pub class: FieldClass,
    /// How it is masked.
    pub mask: MaskKind,
    /// Whether it must be filled.
    pub need: Need,
    /// Why it is asked for; shown to staff and in the processing register.
    pub purpose: String,
    /// Whether exact search finds it (sealed) or word search does (open).
    pub searchable: bool,
    /// Its group.
    pub category: Category,
    /// Whether exports carry it.
    pub export: ExportRule,
    /// Whether it is in use.
    pub state: FieldState,
    /// What may be chosen, in order, where the kind is a choice.
    pub choices: Vec<String>,
    /// Which customers have it: persons, companies, or both.
    pub of: Option<CustomerKind>,
    /// How many months a value may be kept without a contact, where that is limited.
    pub keep_months: Option<u16>,
}

impl FieldKind {
    /// How a value is masked where nobody says otherwise.
    pub fn mask(self) -> MaskKind {
        match self {
            Self::Phone => MaskKind::Phone,
            Self::Email => MaskKind::Email,
            Self::ChatId => MaskKind::ChatId,
            Self::Address => MaskKind::Address,
            Self::ResidentId => MaskKind::ResidentId,
            Self::Passport => MaskKind::Passport,
            Self::BankCard => MaskKind::BankCard,
            Self::Name => MaskKind::Name,
            Self::Text | Self::Notes | Self::Date | Self::MonthDay | Self::Purchases | Self::Choice => MaskKind::Other,
        }
    }
}

impl FieldDef {
    /// Whether customers of a kind have it.
    pub fn is_of(&self, kind: CustomerKind) -> bool {
        self.of.is_none_or(|of| of == kind)
    }

    /// The label in the language.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.label_en,
            Lang::ZhCn => &self.label_zh,
        }
    }
}

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
}

/// The name, which stands by itself and is protected as any field, and the fields in use and out of use, in the order in
/// which they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    name: FieldDef,
    fields: Vec<FieldDef>,
}

impl Default for Schema {
    fn default() -> Self {
        Self { name: schema::name(), fields: Vec::new() }
    }
}

impl Schema {
    /// A schema of these rows; a later row with a key already seen is dropped, and without one of the name that is as shipped.
    pub fn new(rows: Vec<FieldDef>) -> Self {
        let (names, rows): (Vec<FieldDef>, Vec<FieldDef>) = rows.into_iter().partition(|row| row.key == NAME);
        let name = names.into_iter().next().unwrap_or_else(schema::name);
        Self { name, fields: Vec::new() }.with(rows)
    }

    /// A schema with this one's name and these fields.
    pub fn with(&self, rows: Vec<FieldDef>) -> Self {
        let mut fields: Vec<FieldDef> = Vec::with_capacity(rows.len());
        for row in rows {
            if row.key != NAME && fields.iter().all(|f| f.key != row.key) {
                fields.push(row);
            }
        }
        Self { name: self.name.clone(), fields }
    }

    /// How names are protected.
    pub fn name(&self) -> &FieldDef {
        &self.name
    }

    /// Whether names are in a class, so that no part of one is shown or finds anybody.
    pub fn masks_names(&self) -> bool {
        self.name.class != FieldClass::Open
    }

    /// Every field, in order; the name is none of them.
    pub fn all(&self) -> &[FieldDef] {
        &self.fields
    }

    /// The name and every field, in order: whatever has a class and a mask.
    pub fn rows(&self) -> impl Iterator<Item = &FieldDef> {
        std::iter::once(&self.name).chain(&self.fields)
    }

    /// The fields in use, in order.
    pub fn on(&self) -> impl Iterator<Item = &FieldDef> {
        self.fields.iter().filter(|f| f.state == FieldState::On)
    }

    /// The row with this key, which may be the name's.
    pub fn get(&self, key: &str) -> Option<&FieldDef> {
        self.rows().find(|f| f.key.as_str() == key)
    }
}

codes!(FieldKind: Text = "text", Notes = "notes", Phone = "phone", Email = "email", ChatId = "chat_id",
    Address = "address", ResidentId = "resident_id", Passport = "passport", BankCard = "bank_card", Date = "date",
    MonthDay = "month_day", Purchases = "purchases", Choice = "choice", Name = "name");
codes!(Need: Optional = "optional", Required = "required");
codes!(Category: Basic = "basic", Transaction = "transaction", Behaviour = "behaviour", Preference = "preference");
codes!(Lang: En = "en", ZhCn = "zh-CN");

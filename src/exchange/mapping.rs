//! What each column of a file means.
//!
//! **Invariant:** no two columns mean the same thing, and a column that means nothing known is reported, not guessed.

use std::collections::BTreeMap;

use super::{consents, synonyms};
use crate::domain::consent::Purpose;
use crate::domain::field::{FieldKey, FieldKind, FieldState, Schema};
use crate::domain::identifier::{self, IdentifierKind};
use crate::text::Printable;

/// What a column can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The customer's name.
    Name,
    /// The surname, where a file has two columns for a name.
    FamilyName,
    /// The rest of the name, where a file has two columns for it.
    GivenName,
    /// Person or company.
    Kind,
    /// The stage.
    Stage,
    /// The tags, separated by comma, semicolon or bar.
    Tags,
    /// The staff member who works with the customer, by name.
    Owner,
    /// The day when the customer was first recorded.
    Created,
    /// Whether the customer agreed to a purpose.
    Consent(Purpose),
    /// A field of the schema.
    Field(FieldKey),
    /// Nothing.
    Ignore,
}

impl Target {
    /// The word that map files use for it.
    pub fn code(&self) -> &str {
        match self {
            Self::Name => "name",
            Self::FamilyName => "family_name",
            Self::GivenName => "given_name",
            Self::Kind => "kind",
            Self::Stage => "stage",
            Self::Tags => "tags",
            Self::Owner => "owner",
            Self::Created => "created",
            Self::Consent(purpose) => consents::column(*purpose),
            Self::Ignore => "ignore",
            Self::Field(key) => key.as_str(),
        }
    }

    /// The target that a word means with this schema.
    pub fn from_code(code: &str, schema: &Schema) -> Option<Self> {
        Some(match code {
            "name" => Self::Name,
            "family_name" => Self::FamilyName,
            "given_name" => Self::GivenName,
            "kind" => Self::Kind,
            "stage" => Self::Stage,
            "tags" => Self::Tags,
            "owner" => Self::Owner,
            "created" => Self::Created,
            "ignore" => Self::Ignore,
            other => match consents::purpose(other) {
                Some(purpose) => Self::Consent(purpose),
                None => Self::Field(schema.get(other)?.key.clone()),
            },
        })
    }
}

/// How a column came by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its name is known.
    ByName,
    /// The map file says so.
    ByMap,
    /// Its name is not known; it is left out.
    Unknown,
    /// It means a field that is off; it is left out until somebody writes why the field is needed.
    FieldOff,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file.
    pub header: String,
    /// What it means. [`Target::Ignore`] if it is left out, but for [`Found::FieldOff`], where it names the field.
    pub target: Target,
    /// How that was found.
    pub found: Found,
}

/// Why columns cannot be mapped.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The first row holds values.
    #[error(
        "the first row looks like a customer, not like column names: put a row of names such as name, mobile, email above it"
    )]
    NoHeader,
    /// Nothing to call a customer by.
    #[error(
        "no column for the customer's name was found: call one of them name (姓名), or say which it is in a map file: \"COLUMN\" = \"name\""
    )]
    NoName,
    /// Two columns mean one thing.
    #[error(
        "columns {first} and {second} both mean {target}: rename one, or say in a map file: \"#{second}\" = \"ignore\""
    )]
    Twice {
        /// The earlier column, from 1.
        first: usize,
        /// The later one.
        second: usize,
        /// What both mean.
        target: String,
    },
    /// The map file is not TOML.
    #[error("the map file is not TOML (line {line}): write lines such as \"客户姓名\" = \"name\"")]
    NotToml {
        /// Where reading ended.
        line: usize,
    },
    /// The map file has something other than a text for a column.
    #[error("the map file gives {column:?} something that is not text: write \"{column}\" = \"name\"")]
    NotText {
        /// The column's name in the map file.
        column: String,
    },
    /// The map file names a target that is none.
    #[error(
        "the map file maps {column:?} to {target:?}, which is neither a part of a customer nor a field: see \"veilbook fields\""
    )]
    UnknownTarget {
        /// The column.
        column: String,
        /// What it was to mean.
        target: String,
    },
    /// The map file names a column that the table does not have.
    #[error("the map file names the column {column:?}, which the file does not have")]
    UnknownColumn {
        /// The column.
        column: String,
    },
}

/// A map file: names of columns, or `#3` for the third, and what they mean. `"客户姓名" = "name"`, `"x" = "ignore"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapFile(BTreeMap<String, String>);

impl MapFile {
    /// Reads TOML: texts at the top or in a table `[columns]`.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let text = text.trim_start_matches('\u{FEFF}');
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let end = error.span().map_or(0, |span| span.start);
            MappingError::NotToml { line: text.get(..end).unwrap_or(text).matches('\n').count() + 1 }
        })?;
        let nested = match table.remove("columns") {
            Some(toml::Value::Table(nested)) => nested,
            Some(other) => toml::Table::from_iter([("columns".to_owned(), other)]),
            None => toml::Table::new(),
        };
        let mut out = BTreeMap::new();
        for (column, value) in table.into_iter().chain(nested) {
            match value {
                toml::Value::String(target) => out.insert(column, target),
                _ => return Err(MappingError::NotText { column }),
            };
        }
        Ok(Self(out))
    }

    /// The same, with the column at this place left out, from 0.
    #[must_use]
    pub fn but_ignoring(mut self, place: usize) -> Self {
        self.0.insert(format!("#{}", place + 1), Target::Ignore.code().to_owned());
        self
    }
}

/// What every column of a table means, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<Column>,
}

impl Mapping {
    /// Maps the columns of a table by their names: by the map file, then by the schema's keys and labels, then by what
    /// such columns are usually called.
    pub fn of(headers: &[String], schema: &Schema, map: &MapFile, region: &str) -> Result<Self, MappingError> {
        let mut columns = Vec::with_capacity(headers.len());
        let mapped = by_map(headers, schema, map)?;
        for (at, header) in headers.iter().enumerate() {
            let header = Printable::line(header).into_string();
            let (target, found) = match (mapped.get(&at), by_name(&header, schema)) {
                (Some(target), _) => (target.clone(), Found::ByMap),
                (None, Some(target)) => (target, Found::ByName),
                (None, None) if is_a_value(&header, region) => return Err(MappingError::NoHeader),
                (None, None) => (Target::Ignore, Found::Unknown),
            };
            let off = matches!(&target, Target::Field(key) if is_off(schema, key));
            let found = if off { Found::FieldOff } else { found };
            columns.push(Column { header, target, found });
        }
        let known = columns.iter().any(|column| column.found != Found::Unknown);
        if !known && headers.iter().any(|header| header.chars().filter(char::is_ascii_digit).count() >= 6) {
            return Err(MappingError::NoHeader);
        }
        settle_phones(&mut columns, schema);
        no_two_alike(&columns)?;
        let mapping = Self { columns };
        let named =
            [Target::Name, Target::FamilyName, Target::GivenName].iter().any(|target| mapping.at(target).is_some());
        if named { Ok(mapping) } else { Err(MappingError::NoName) }
    }

    /// Every column, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Where the column that means `target` stands, from 0.
    pub fn at(&self, target: &Target) -> Option<usize> {
        self.columns.iter().position(|column| column.target == *target && column.found != Found::FieldOff)
    }
}

fn by_map(headers: &[String], schema: &Schema, map: &MapFile) -> Result<BTreeMap<usize, Target>, MappingError> {
    let mut out = BTreeMap::new();
    for (column, code) in &map.0 {
        let target = Target::from_code(code.trim(), schema)
            .ok_or_else(|| MappingError::UnknownTarget { column: column.clone(), target: code.clone() })?;
        let wanted = synonyms::normalised(column);
        let numbered = column
            .strip_prefix('#')
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| number.checked_sub(1));
        let places: Vec<usize> = match numbered {
            Some(at) if at < headers.len() => vec![at],
            _ => (0..)
                .zip(headers)
                .filter(|(_, header)| header.trim() == column || synonyms::normalised(header) == wanted)
                .map(|(at, _)| at)
                .collect(),
        };
        if places.is_empty() {
            return Err(MappingError::UnknownColumn { column: column.clone() });
        }
        for at in places {
            // A number is more exact than a name.
            if numbered.is_some() || !out.contains_key(&at) {
                out.insert(at, target.clone());
            }
        }
    }
    Ok(out)
}

fn by_name(header: &str, schema: &Schema) -> Option<Target> {
    let name = synonyms::normalised(header);
    let field = schema.all().iter().find(|def| {
        [def.key.as_str(), &def.label_en, &def.label_zh]
            .iter()
            .any(|known| !name.is_empty() && synonyms::normalised(known) == name)
    });
    match field {
        Some(def) => Some(Target::Field(def.key.clone())),
        None => Target::from_code(synonyms::target(header)?, schema),
    }
}

fn is_off(schema: &Schema, key: &FieldKey) -> bool {
    schema.get(key.as_str()).is_none_or(|def| def.state == FieldState::Off)
}

/// Whether a phone, an address or a number that names somebody stands where a name should. Words are let pass; they
/// may be names in a third language, and so may four digits: a year.
fn is_a_value(header: &str, region: &str) -> bool {
    identifier::recognise(header, region).is_some_and(|found| found.kind != IdentifierKind::LastFour)
}

/// One column for phones, or a second one that only says "phone", is where tables keep a mobile or another number:
/// the second of two columns that both mean `mobile` is taken for `phone` if none other is, and the other way round.
fn settle_phones(columns: &mut [Column], schema: &Schema) {
    let key = |name: &str| {
        schema.get(name).filter(|def| def.kind == FieldKind::Phone).map(|def| Target::Field(def.key.clone()))
    };
    let (Some(mobile), Some(phone)) = (key("mobile"), key("phone")) else { return };
    for (from, to) in [(&mobile, &phone), (&phone, &mobile)] {
        if columns.iter().any(|column| column.target == *to) {
            continue;
        }
        let second = columns.iter_mut().filter(|column| column.target == *from).nth(1);
        if let Some(second) = second.filter(|column| column.found == Found::ByName) {
            second.target = to.clone();
        }
    }
}

fn no_two_alike(columns: &[Column]) -> Result<(), MappingError> {
    for (second, column) in columns.iter().enumerate() {
        if column.target == Target::Ignore || column.found == Found::FieldOff {
            continue;
        }
        let first = columns
            .iter()
            .take(second)
            .position(|earlier| earlier.target == column.target && earlier.found != Found::FieldOff);
        if let Some(first) = first {
            let target = column.target.code().to_owned();
            return Err(MappingError::Twice { first: first + 1, second: second + 1, target });
        }
    }
    Ok(())
}

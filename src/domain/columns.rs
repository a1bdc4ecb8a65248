//! The columns of a list of customers: which, in which order, how wide.
//!
//! **Invariant:** no column stands twice, none is narrower than [`LEAST`] or wider than [`WIDEST`], and the name, which is
//! always the first, is none of them. A column of a field that is out of use is kept: it is shown again when the field is.

use super::field::FieldKey;

/// The fewest cells of a column.
pub const LEAST: u16 = 4;
/// The most cells of a column.
pub const WIDEST: u16 = 80;
/// The most columns that are kept.
pub const MOST: usize = 40;
/// The cells of the name where nobody chose: behind the marks and with the space after it, it ends at a tab stop.
pub const NAME: u16 = 21;

/// What a column shows of a customer besides the name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The first field of class `contact` that has a value.
    Reach,
    /// When the next follow-up is due.
    Next,
    /// How far the customer has come.
    Stage,
    /// How long until the customer goes to the shared pool.
    Pool,
    /// Whose customer it is.
    Owner,
    /// The tags.
    Tags,
    /// When somebody last spoke with them.
    Last,
    /// When they were added.
    Created,
    /// When they last changed.
    Updated,
    /// Where the data came from.
    Source,
    /// Person or company.
    Kind,
    /// The customer's number.
    Number,
    /// A field.
    Field(FieldKey),
}

/// Those that are no fields, in the order in which they are offered, with the words that scripts use.
const BUILT_IN: [(Part, &str); 12] = [
    (Part::Reach, "reach"),
    (Part::Next, "next"),
    (Part::Stage, "stage"),
    (Part::Owner, "owner"),
    (Part::Tags, "tags"),
    (Part::Last, "last"),
    (Part::Created, "created"),
    (Part::Updated, "updated"),
    (Part::Source, "source"),
    (Part::Kind, "kind"),
    (Part::Number, "number"),
    (Part::Pool, "pool"),
];

impl Part {
    /// Every part that is no field.
    pub fn built_in() -> impl Iterator<Item = Self> {
        BUILT_IN.into_iter().map(|(part, _)| part)
    }

    /// The word that scripts use for it; a field's is its key.
    pub fn code(&self) -> &str {
        match self {
            Self::Field(key) => key.as_str(),
            part => BUILT_IN.iter().find(|(known, _)| known == part).map_or("", |(_, code)| code),
        }
    }

    /// The part that a word means: one that is no field before a field of that key, which `field.KEY` always means.
    pub fn from_code(code: &str) -> Option<Self> {
        let built_in = BUILT_IN.iter().find(|(_, known)| *known == code).map(|(part, _)| part.clone());
        let key = code.strip_prefix("field.").unwrap_or(code);
        built_in.or_else(|| FieldKey::new(key).map(Self::Field))
    }

    /// The cells of its column where nobody chose. With the space after it most end at a tab stop; that of the owner lets
    /// those that a screen of 80 columns shows as shipped fit it still once somebody chose.
    pub fn usual_width(&self) -> u16 {
        match self {
            Self::Kind | Self::Number => 7,
            Self::Pool => 11,
            Self::Owner => 8,
            Self::Tags | Self::Source => 23,
            Self::Field(key) if key.as_str() == "company" => 23,
            _ => 15,
        }
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// What it shows.
    pub part: Part,
    /// Its cells.
    pub width: u16,
}

/// The columns of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// Those that fit the screen, as shipped.
    #[default]
    Standard,
    /// Those that somebody chose.
    Chosen(Chosen),
}

/// Columns that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    name: u16,
    columns: Vec<Column>,
}

impl Chosen {
    /// These columns behind a name of so many cells. Widths are brought within bounds, what stands twice is dropped.
    pub fn new(name: u16, columns: impl IntoIterator<Item = Column>) -> Self {
        let within = |width: u16| width.clamp(LEAST, WIDEST);
        let mut kept: Vec<Column> = Vec::new();
        for Column { part, width } in columns {
            if kept.len() < MOST && kept.iter().all(|known| known.part != part) {
                kept.push(Column { part, width: within(width) });
            }
        }
        Self { name: within(name), columns: kept }
    }

    /// The cells of the name.
    pub fn name(&self) -> u16 {
        self.name
    }

    /// The others, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// The parts that the standard columns show, the one of most worth first.
pub fn standard() -> impl Iterator<Item = Part> {
    let company = FieldKey::new("company").map(Part::Field);
    [Part::Reach, Part::Next, Part::Stage, Part::Pool, Part::Owner].into_iter().chain(company).chain([Part::Tags])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_brought_within_bounds() {
        let column = |part: Part, width| Column { part, width };
        let wide = (0..60).map(|n| column(Part::Field(FieldKey::new(&format!("f{n}")).unwrap()), 15));
        let twice = [column(Part::Owner, 0), column(Part::Owner, 20), column(Part::Tags, u16::MAX)];
        let chosen = Chosen::new(1, twice.into_iter().chain(wide));
        assert_eq!((chosen.name(), chosen.columns().len()), (LEAST, MOST));
        assert_eq!(chosen.columns()[0], column(Part::Owner, LEAST));
        assert_eq!(chosen.columns()[1], column(Part::Tags, WIDEST));
    }

    #[test]
    fn every_part_is_named_by_its_word() {
        for part in Part::built_in().chain(standard()) {
            assert_eq!(Part::from_code(part.code()), Some(part));
        }
        assert_eq!(Part::from_code("field.tags"), FieldKey::new("tags").map(Part::Field));
        assert_eq!(Part::from_code("No such"), None);
    }
}

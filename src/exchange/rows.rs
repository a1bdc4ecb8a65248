//! One row of a file made into the draft of a customer.
//!
//! **Invariant:** a row is drafted whole or rejected with a reason: no cell that a column's meaning claims is dropped
//! because it does not check. Cells are text; nothing in them is evaluated.

use chrono::NaiveDate;

use super::consents;
use super::mapping::{Found, Mapping, Target};
use super::table::{RowFault, SourceRow};
use crate::domain::consent::{ConsentState, Purpose};
use crate::domain::customer::{CustomerKind, Stage};
use crate::domain::field::{FieldDef, FieldKey, FieldKind, Schema};
use crate::domain::value::{Checked, ValueFault, check, check_field};
use crate::text::Printable;

/// A customer as a row describes them.
#[derive(Clone, PartialEq, Eq)]
pub struct RowDraft {
    /// The row's place in the file, from 1.
    pub row: u64,
    /// The name, on one line.
    pub name: String,
    /// Person or company.
    pub kind: CustomerKind,
    /// The stage; none means as for new customers.
    pub stage: Option<Stage>,
    /// The tags, each once.
    pub tags: Vec<String>,
    /// Who works with the customer, as the file names them.
    pub owner_name: Option<String>,
    /// The day when the customer was first recorded elsewhere.
    pub created: Option<NaiveDate>,
    /// What they said of purposes, in the order of the file's columns.
    pub consents: Vec<(Purpose, ConsentState)>,
    /// The fields that have a value, in the order of the file's columns.
    pub fields: Vec<(FieldKey, Checked)>,
}

/// Shows the row's number and which fields it fills.
impl std::fmt::Debug for RowDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<&str> = self.fields.iter().map(|(key, _)| key.as_str()).collect();
        f.debug_struct("RowDraft").field("row", &self.row).field("fields", &keys).finish_non_exhaustive()
    }
}

/// A row that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The row's place in the file, from 1.
    pub row: u64,
    /// Why.
    pub reason: RejectReason,
}

/// Why a row is not taken. Names columns and fields, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectReason {
    /// The row as such.
    #[error("{0}")]
    Row(#[from] RowFault),
    /// A field's value.
    #[error("{field}: {fault}")]
    Field {
        /// The field.
        field: FieldKey,
        /// What is wrong with it.
        fault: ValueFault,
    },
    /// A built-in part's value.
    #[error("{part}: {fault}")]
    Part {
        /// The part's word in map files.
        part: &'static str,
        /// What is wrong with it.
        fault: ValueFault,
    },
    /// Neither a person nor a company.
    #[error("kind: write person or company")]
    UnknownKind,
    /// No stage.
    #[error("stage: write lead, contacted, qualified, customer, dormant or lost")]
    UnknownStage,
    /// Neither yes nor no.
    #[error("{}: write yes, no or withdrawn, or nothing where nobody was asked", consents::column(*.0))]
    UnknownConsent(Purpose),
    /// A fault found later, against other rows or the vault, in the words of whoever found it.
    #[error("{0}")]
    Other(&'static str),
}

impl RejectReason {
    /// A word that never changes, for translation; a field's or part's own fault where there is one.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Row(fault) => fault.code(),
            Self::Field { fault, .. } | Self::Part { fault, .. } => fault.code(),
            Self::UnknownKind => "unknown_kind",
            Self::UnknownStage => "unknown_stage",
            Self::UnknownConsent(_) => "unknown_consent",
            Self::Other(_) => "other",
        }
    }
}

/// Makes drafts of rows.
#[derive(Debug)]
pub struct Drafting<'a> {
    mapping: &'a Mapping,
    fields: Vec<(usize, &'a FieldDef)>,
    region: &'a str,
    today: NaiveDate,
}

impl<'a> Drafting<'a> {
    /// With the mapping, for a vault with this schema, region of phones and day.
    pub fn new(mapping: &'a Mapping, schema: &'a Schema, region: &'a str, today: NaiveDate) -> Self {
        let fields = mapping.columns().iter().enumerate().filter_map(|(at, column)| match &column.target {
            Target::Field(key) if column.found != Found::FieldOff => Some((at, schema.get(key.as_str())?)),
            _ => None,
        });
        Self { mapping, fields: fields.collect(), region, today }
    }

    /// The draft of one row.
    pub fn draft(&self, source: &SourceRow) -> Result<RowDraft, Reject> {
        self.parts(source).map_err(|reason| Reject { row: source.row, reason })
    }

    fn parts(&self, source: &SourceRow) -> Result<RowDraft, RejectReason> {
        if let Some(fault) = source.fault {
            return Err(fault.into());
        }
        let name = self.name(source)?;
        let mut fields = Vec::with_capacity(self.fields.len());
        for (at, def) in &self.fields {
            let cell = whole_number(unquoted(source.cells.get(*at).map_or("", String::as_str)), def.kind);
            if is_nothing(cell, def.kind) {
                continue;
            }
            match check_field(def, cell, self.region, self.today) {
                Ok(checked) => fields.push((def.key.clone(), checked)),
                Err(ValueFault::Empty) => {}
                Err(fault) => return Err(RejectReason::Field { field: def.key.clone(), fault }),
            }
        }
        let kind = match self.cell(source, &Target::Kind) {
            Some(cell) => kind(&cell).ok_or(RejectReason::UnknownKind)?,
            None if is_company(&name) => CustomerKind::Company,
            None => CustomerKind::Person,
        };
        let stage = match self.cell(source, &Target::Stage) {
            Some(cell) => Some(stage(&cell).ok_or(RejectReason::UnknownStage)?),
            None => None,
        };
        let created = match self.cell(source, &Target::Created) {
            Some(cell) => Some(self.day(&cell).map_err(|fault| RejectReason::Part { part: "created", fault })?),
            None => None,
        };
        let tags = self.cell(source, &Target::Tags).map(|cell| tags(&cell)).unwrap_or_default();
        let owner_name = self.cell(source, &Target::Owner);
        let consents = self.consents(source)?;
        Ok(RowDraft { row: source.row, name, kind, stage, tags, owner_name, created, consents, fields })
    }

    fn name(&self, source: &SourceRow) -> Result<String, RejectReason> {
        let whole = self.cell(source, &Target::Name).or_else(|| {
            let family = self.cell(source, &Target::FamilyName).unwrap_or_default();
            let given = self.cell(source, &Target::GivenName).unwrap_or_default();
            let latin = [&family, &given].iter().any(|part| part.chars().any(|c| c.is_ascii_alphabetic()));
            let joined = if latin { format!("{given} {family}") } else { format!("{family}{given}") };
            Some(joined.trim().to_owned())
        });
        let whole = whole.unwrap_or_default();
        match check(FieldKind::Text, &whole, self.region, self.today) {
            Ok(checked) => Ok(checked.shown),
            Err(fault) => Err(RejectReason::Part { part: "name", fault }),
        }
    }

    fn consents(&self, source: &SourceRow) -> Result<Vec<(Purpose, ConsentState)>, RejectReason> {
        let mut out = Vec::new();
        for column in self.mapping.columns() {
            let Target::Consent(purpose) = column.target else { continue };
            let Some(cell) = self.cell(source, &column.target) else { continue };
            let said = consents::said(&cell).map_err(|()| RejectReason::UnknownConsent(purpose))?;
            out.extend(said.map(|state| (purpose, state)));
        }
        Ok(out)
    }

    /// The printable text of the column that means `target`, unless it is empty.
    fn cell(&self, source: &SourceRow, target: &Target) -> Option<String> {
        let cell = source.cells.get(self.mapping.at(target)?)?;
        let text = Printable::line(unquoted(cell)).into_string();
        (!text.is_empty()).then_some(text)
    }

    fn day(&self, cell: &str) -> Result<NaiveDate, ValueFault> {
        let checked = check(FieldKind::Date, cell, self.region, self.today)?;
        let day: NaiveDate = checked.normal.parse().map_err(|_| ValueFault::NotADate)?;
        if day > self.today { Err(ValueFault::Future) } else { Ok(day) }
    }
}

/// Without what makes a spreadsheet take the cell as text: an apostrophe before it, or `="…"` around it.
pub(super) fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner;
    }
    match cell.strip_prefix('\'') {
        Some(rest)
            if rest.starts_with(['=', '+', '-', '@', '\t', '\'', '＝', '＋', '－', '＠'])
                || rest.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            rest
        }
        _ => cell,
    }
}

/// Without the `.0` that some programs add to numbers when they write them.
fn whole_number(cell: &str, kind: FieldKind) -> &str {
    let number = matches!(kind, FieldKind::Phone | FieldKind::BankCard | FieldKind::ResidentId);
    match cell.strip_suffix(".0") {
        Some(digits) if number && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => cell,
    }
}

/// What people write where there is nothing. In free text it may mean something.
fn is_nothing(cell: &str, kind: FieldKind) -> bool {
    let text = matches!(kind, FieldKind::Text | FieldKind::Notes);
    let filler = ["-", "--", "—", "/", "无", "暂无", "没有", "n/a", "na", "none", "null", "nil"];
    cell.is_empty() || (!text && filler.contains(&cell.to_lowercase().as_str()))
}

fn kind(cell: &str) -> Option<CustomerKind> {
    match cell {
        "个人" | "自然人" | "个人客户" | "individual" | "Individual" => Some(CustomerKind::Person),
        "公司" | "企业" | "单位" | "机构" | "组织" | "企业客户" | "公司客户" | "organisation" | "organization"
        | "Organization" | "business" | "Business" => Some(CustomerKind::Company),
        _ => CustomerKind::from_code(cell),
    }
}

fn is_company(name: &str) -> bool {
    let lower = name.to_lowercase();
    let chinese = ["公司", "集团", "事务所", "研究院", "合作社", "有限合伙"].iter().any(|end| name.ends_with(end));
    let western = [
        " ltd",
        " ltd.",
        " inc",
        " inc.",
        " llc",
        " gmbh",
        " limited",
        " corp",
        " corp.",
        " plc",
        " s.a.",
        " co., ltd.",
    ];
    chinese || western.iter().any(|end| lower.ends_with(end))
}

fn stage(cell: &str) -> Option<Stage> {
    match cell {
        "线索" | "潜在" | "潜在客户" | "新线索" | "new" | "New" => Some(Stage::Lead),
        "已联系" | "联系中" | "跟进中" => Some(Stage::Contacted),
        "意向" | "有意向" | "意向客户" | "已确认" | "合格" => Some(Stage::Qualified),
        "客户" | "成交" | "已成交" | "成交客户" | "正式客户" | "老客户" => Some(Stage::Customer),
        "沉睡" | "休眠" | "沉睡客户" | "不活跃" | "inactive" | "Inactive" => Some(Stage::Dormant),
        "流失" | "已流失" | "丢单" | "失效" => Some(Stage::Lost),
        _ => Stage::from_code(cell),
    }
}

fn tags(cell: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for tag in cell.split([',', ';', '|', '，', '；', '、']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if out.iter().all(|seen| seen != tag) {
            out.push(tag.to_owned());
        }
    }
    out
}

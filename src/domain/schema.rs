//! The fields as shipped.
//!
//! **Invariant:** resident identity numbers, passports, bank cards and dates of birth are off as shipped, without a
//! purpose, until somebody writes why they are needed; the sample vault has them on.

use std::sync::LazyLock;

use super::field::{Category, ExportRule, FieldDef, FieldKey, FieldKind, FieldState, NAME, Need, Schema};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;

/// The keys of the fields that are off as shipped, with the purposes that the sample vault has written for them.
const OFF: [(&str, &str); 4] = [
    ("date_of_birth", "Check that a customer is of age before an age-restricted contract"),
    ("resident_id", "Identify the contracting party where a law demands it"),
    ("passport", "Identify a foreign contracting party where a law demands it"),
    ("bank_card", "Pay refunds to the account that the customer named"),
];

/// The purpose of a name.
const KNOW_WHO: &str = "Know with whom one speaks";

/// The schema of a new vault.
pub fn shipped() -> Schema {
    Schema::new(rows())
}

/// The schema of the sample vault: as shipped, with every field on and its purpose written.
pub fn sample() -> Schema {
    let mut rows = rows();
    for row in &mut rows {
        if let Some((_, purpose)) = OFF.iter().find(|(key, _)| *key == row.key.as_str()) {
            row.state = FieldState::On;
            row.purpose = (*purpose).to_owned();
        }
    }
    Schema::new(rows)
}

/// A customer's name as shipped: open to everybody in whose scope the customer is.
pub fn name() -> FieldDef {
    FieldDef {
        key: NAME.clone(),
        label_en: "Name".to_owned(),
        label_zh: "姓名".to_owned(),
        kind: FieldKind::Name,
        class: Open,
        mask: MaskKind::Name,
        need: Need::Required,
        purpose: KNOW_WHO.to_owned(),
        searchable: true,
        category: Basic,
        export: ExportRule::Ordinary,
        state: FieldState::On,
        choices: Vec::new(),
        of: None,
        keep_months: None,
    }
}

/// What is written as the purpose of a field or a name as shipped, or in the sample vault, so that it can be said in another language.
pub fn sample_purpose(key: &FieldKey) -> Option<&'static str> {
    static SAMPLE: LazyLock<Schema> = LazyLock::new(sample);
    SAMPLE.get(key.as_str()).map(|def| def.purpose.as_str())
}

/// Whether exact or word search finds the field.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    BySearch,
    Never,
}

use Category::{Basic, Behaviour, Preference, Transaction};
use FieldClass::{Contact, Open, Sensitive};
use Found::{BySearch, Never};

fn rows() -> Vec<FieldDef> {
    [
        row(
            "mobile",
            "Mobile",
            "手机",
            FieldKind::Phone,
            Contact,
            MaskKind::Mobile,
            Basic,
            BySearch,
            "Call or text the customer",
        ),
        row(
            "phone",
            "Phone",
            "电话",
            FieldKind::Phone,
            Contact,
            MaskKind::Phone,
            Basic,
            BySearch,
            "Call the customer at home or at work",
        ),
        row(
            "email",
            "Email",
            "邮箱",
            FieldKind::Email,
            Contact,
            MaskKind::Email,
            Basic,
            BySearch,
            "Write to the customer",
        ),
        row(
            "chat_id",
            "Chat ID",
            "微信/聊天号",
            FieldKind::ChatId,
            Contact,
            MaskKind::ChatId,
            Basic,
            BySearch,
            "Reach the customer in a chat service",
        ),
        row(
            "address",
            "Address",
            "地址",
            FieldKind::Address,
            Contact,
            MaskKind::Address,
            Basic,
            Never,
            "Deliver goods and invoices",
        ),
        row(
            "company",
            "Company",
            "公司",
            FieldKind::Text,
            Open,
            MaskKind::Other,
            Basic,
            BySearch,
            "Know whom the customer works for",
        ),
        row(
            "job_title",
            "Job title",
            "职位",
            FieldKind::Text,
            Open,
            MaskKind::Other,
            Basic,
            BySearch,
            "Know the customer's part in a decision",
        ),
        row(
            "gender",
            "Gender",
            "性别",
            FieldKind::Text,
            Open,
            MaskKind::Other,
            Basic,
            Never,
            "Address the customer as they wish",
        ),
        row(
            "birthday",
            "Birthday",
            "生日",
            FieldKind::MonthDay,
            Contact,
            MaskKind::Other,
            Basic,
            Never,
            "Send birthday greetings",
        ),
        row(
            "date_of_birth",
            "Date of birth",
            "出生日期",
            FieldKind::Date,
            Sensitive,
            MaskKind::DateOfBirth,
            Basic,
            Never,
            "",
        ),
        row(
            "resident_id",
            "Resident ID",
            "身份证号",
            FieldKind::ResidentId,
            Sensitive,
            MaskKind::ResidentId,
            Basic,
            BySearch,
            "",
        ),
        row("passport", "Passport", "护照号", FieldKind::Passport, Sensitive, MaskKind::Passport, Basic, BySearch, ""),
        row(
            "bank_card",
            "Bank card",
            "银行卡号",
            FieldKind::BankCard,
            Sensitive,
            MaskKind::BankCard,
            Transaction,
            BySearch,
            "",
        ),
        row(
            "preferences",
            "Preferences",
            "偏好",
            FieldKind::Text,
            Open,
            MaskKind::Other,
            Preference,
            BySearch,
            "Offer what the customer likes",
        ),
        row(
            "purchases",
            "Purchases",
            "购买记录",
            FieldKind::Purchases,
            Open,
            MaskKind::Other,
            Transaction,
            BySearch,
            "Serve what the customer has bought",
        ),
        row(
            "notes",
            "Notes",
            "备注",
            FieldKind::Notes,
            Open,
            MaskKind::Other,
            Behaviour,
            BySearch,
            "Keep what colleagues need to know",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[allow(clippy::too_many_arguments, reason = "one call is one row of a table")]
fn row(
    key: &str,
    en: &str,
    zh: &str,
    kind: FieldKind,
    class: FieldClass,
    mask: MaskKind,
    category: Category,
    found: Found,
    purpose: &str,
) -> Option<FieldDef> {
    let state = if OFF.iter().any(|(off, _)| *off == key) { FieldState::Off } else { FieldState::On };
    let export = if kind == FieldKind::Notes { ExportRule::ByNameOnly } else { ExportRule::Ordinary };
    Some(FieldDef {
        key: FieldKey::new(key)?,
        label_en: en.to_owned(),
        label_zh: zh.to_owned(),
        kind,
        class,
        mask,
        need: Need::Optional,
        purpose: purpose.to_owned(),
        searchable: found == BySearch,
        category,
        export,
        state,
        choices: Vec::new(),
        of: None,
        keep_months: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_documents_name_is_there_with_its_class() {
        let schema = shipped();
        for (class, keys) in [
            (Contact, vec!["mobile", "phone", "email", "chat_id", "address", "birthday"]),
            (Sensitive, vec!["resident_id", "passport", "bank_card", "date_of_birth"]),
            (Open, vec!["company", "job_title", "gender", "preferences", "purchases", "notes"]),
        ] {
            for key in keys {
                assert_eq!(schema.get(key).map(|def| def.class), Some(class), "{key}");
            }
        }
        assert_eq!(schema.all().len(), 16);
    }

    #[test]
    fn sensitive_fields_are_off_until_someone_says_why() {
        for def in shipped().all() {
            let off = def.class == Sensitive;
            assert_eq!(def.state == FieldState::Off, off, "{}", def.key);
            assert_eq!(def.purpose.is_empty(), off, "{}", def.key);
        }
        assert!(sample().all().iter().all(|def| def.state == FieldState::On && !def.purpose.is_empty()));
    }

    #[test]
    fn only_notes_wait_to_be_named_in_an_export() {
        let named: Vec<_> =
            shipped().all().iter().filter(|d| d.export == ExportRule::ByNameOnly).map(|d| d.key.to_string()).collect();
        assert_eq!(named, ["notes"]);
    }
}

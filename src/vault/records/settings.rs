//! The schema, the policy and people's preferences as they are stored.

use chrono::NaiveDate;

use super::codec::{Reading, Record, Writing};
use super::saved_view::{read_columns, write_columns};
use crate::domain::columns::Columns;
use crate::domain::customer::CustomerKind;
use crate::domain::field::{Category, ExportRule, FieldDef, FieldKey, FieldKind, FieldState, Lang, Need, Schema};
use crate::domain::policy::Policy;
use crate::domain::staff::{Alarm, Preferences};
use crate::domain::working_days::{DayKind, SpecialDay, WorkingDays};
use crate::privacy::class::FieldClass;
use crate::privacy::mask::MaskKind;
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Schema {
    const VERSION: u8 = 2;
    const KIND: &'static str = "schema";

    fn write(&self, to: &mut Writing) {
        let rows: Vec<&FieldDef> = self.rows().collect();
        to.list(&rows, |to, f| {
            to.text(f.key.as_str()).text(&f.label_en).text(&f.label_zh).uint(f.kind.place()).uint(f.class.place());
            to.uint(f.mask.place()).uint(u8::from(f.need == Need::Required)).text(&f.purpose);
            to.uint(u8::from(f.searchable)).uint(f.category.place());
            to.uint(u8::from(f.export == ExportRule::ByNameOnly)).uint(u8::from(f.state == FieldState::On));
            to.list(&f.choices, |to, choice| _ = to.text(choice)).maybe(f.of, |to, of| _ = to.uint(of.place()));
            to.maybe(f.keep_months, |to, months| _ = to.uint(months));
        });
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let rows = from.list(|from| {
            let mut row = FieldDef {
                key: FieldKey::new(&from.text()?).ok_or_else(|| from.fault())?,
                label_en: from.text()?,
                label_zh: from.text()?,
                kind: from.place(FieldKind::from_place)?,
                class: from.place(FieldClass::from_place)?,
                mask: from.place(MaskKind::from_place)?,
                need: if from.uint()? == 1 { Need::Required } else { Need::Optional },
                purpose: from.text()?,
                searchable: from.uint()? == 1,
                category: from.place(Category::from_place)?,
                export: if from.uint()? == 1 { ExportRule::ByNameOnly } else { ExportRule::Ordinary },
                state: if from.uint()? == 1 { FieldState::On } else { FieldState::Off },
                choices: Vec::new(),
                of: None,
                keep_months: None,
            };
            // The first version knew of none of these.
            if version >= 2 {
                row.choices = from.list(Reading::text)?;
                row.of = from.maybe(|from| from.place(CustomerKind::from_place))?;
                row.keep_months = from.maybe(Reading::small)?;
            }
            Ok(row)
        })?;
        Ok(Self::new(rows))
    }
}

/// Kept as words, so that a value added later has its shipped default in older vaults.
impl Record for Policy {
    const VERSION: u8 = 1;
    const KIND: &'static str = "policy";

    fn write(&self, to: &mut Writing) {
        to.text(&self.default_region);
        to.list(&self.numbers(), |to, (key, value, _)| _ = to.text(key).uint(*value));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let mut policy = Self { default_region: from.text()?, ..Self::default() };
        for (key, value) in from.list(|from| Ok((from.text()?, from.uint()?)))? {
            policy.set(&key, &value.to_string()).map_err(|_| from.fault())?;
        }
        Ok(policy)
    }
}

impl Record for Preferences {
    const VERSION: u8 = 3;
    const KIND: &'static str = "preferences";

    fn write(&self, to: &mut Writing) {
        to.maybe(self.lang, |to, lang| _ = to.uint(lang.place()));
        to.maybe(self.theme.as_deref(), |to, theme| _ = to.text(theme));
        to.maybe(self.keymap.as_deref(), |to, keymap| _ = to.text(keymap));
        to.uint(self.alarm.place());
        write_columns(to, &self.columns);
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        Ok(Self {
            lang: from.maybe(|from| from.place(Lang::from_place))?,
            theme: from.maybe(Reading::text)?,
            keymap: from.maybe(Reading::text)?,
            // The first version knew none.
            alarm: if version >= 2 { from.place(Alarm::from_place)? } else { Alarm::default() },
            // Nor the second one this.
            columns: if version >= 3 { read_columns(from)? } else { Columns::Standard },
        })
    }
}

impl Record for WorkingDays {
    const VERSION: u8 = 1;
    const KIND: &'static str = "working days";

    fn write(&self, to: &mut Writing) {
        to.list(&self.special().collect::<Vec<_>>(), |to, (day, what)| {
            to.int(i64::from(day.to_epoch_days())).uint(what.kind.place()).text(what.name.as_str());
        });
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        let days = from.list(|from| {
            let day =
                i32::try_from(from.int()?).ok().and_then(NaiveDate::from_epoch_days).ok_or_else(|| from.fault())?;
            Ok((day, SpecialDay { kind: from.place(DayKind::from_place)?, name: Printable::line(&from.text()?) }))
        })?;
        Ok(Self::of(days))
    }
}

/// The folded texts of somebody's last five reasons, newest first, against which filler is held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentReasons(pub Vec<String>);

impl Record for RecentReasons {
    const VERSION: u8 = 1;
    const KIND: &'static str = "recent reasons";

    fn write(&self, to: &mut Writing) {
        to.list(&self.0, |to, text| _ = to.text(text));
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        from.list(Reading::text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_of_the_first_version_is_read() {
        let schema = Schema::default();
        let mut bytes = schema.to_bytes();
        // The first version's only row ended before choices, kind of customer and months.
        bytes.truncate(bytes.len() - 3);
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        assert_eq!(Schema::from_bytes(&bytes), Ok(schema));
    }

    #[test]
    fn preferences_of_the_second_version_have_the_standard_columns() {
        let now = Preferences { theme: Some("mono".into()), alarm: Alarm::Osc9, ..Preferences::default() };
        let mut bytes = now.to_bytes();
        // The third version added one part, which stands for the standard columns here.
        assert_eq!(bytes.pop(), Some(0xf6));
        if let Some(version) = bytes.first_mut() {
            *version = 2;
        }
        assert_eq!(Preferences::from_bytes(&bytes), Ok(now));
    }

    #[test]
    fn working_days_read_back() {
        let days = WorkingDays::read("2026-10-01 holiday 国庆节\n2026-10-10 working\n1969-12-30\n").unwrap_or_default();
        assert_eq!(days.special().count(), 3);
        assert_eq!(WorkingDays::from_bytes(&days.to_bytes()), Ok(days));
    }
}

//! Deals and pipelines as they are stored.

use chrono::NaiveDate;

use super::codec::{Reading, Record, Writing};
use crate::domain::deal::{Deal, DealStage, Pipeline, Pipelines, Stage, StageKind, StageState, shipped_name};
use crate::domain::id::{CustomerId, DealId, PipelineId, StaffId, StageId};
use crate::domain::label::Label;
use crate::domain::money::{Currency, Money};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Deal {
    const VERSION: u8 = 2;
    const KIND: &'static str = "deal";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.customer.0).uint(self.owner.0).text(self.title.as_str());
        to.int(self.amount.minor).text(self.amount.currency.code()).uint(self.stage.0).time(self.created);
        to.uint(self.version).time(self.since);
        to.maybe(self.expected, |to, day| _ = to.int(days(day)));
        to.maybe(self.probability, |to, probability| _ = to.uint(probability));
        to.maybe(self.lost.as_ref(), |to, lost| _ = to.text(lost.as_str()));
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let mut deal = Self {
            id: DealId(from.uint()?),
            customer: CustomerId(from.uint()?),
            owner: StaffId(from.small()?),
            title: Printable::line(&from.text()?),
            amount: Money { minor: from.int()?, currency: Currency::stored(&from.text()?) },
            // The first version held the place of a stage as shipped.
            stage: if version < 2 { from.place(DealStage::from_place)?.id() } else { StageId(from.small()?) },
            created: from.time()?,
            version: 1,
            since: crate::clock::Timestamp::default(),
            expected: None,
            probability: None,
            lost: None,
        };
        deal.since = deal.created;
        if version >= 2 {
            deal.version = from.uint()?;
            deal.since = from.time()?;
            deal.expected = from.maybe(Reading::int)?.map(|days| day(days).ok_or_else(|| from.fault())).transpose()?;
            deal.probability = from.maybe(Reading::small)?;
            deal.lost = from.maybe(Reading::text)?.map(|lost| Printable::line(&lost));
        }
        Ok(deal)
    }
}

/// Days since the beginning of the common era.
fn days(day: NaiveDate) -> i64 {
    i64::from(chrono::Datelike::num_days_from_ce(&day))
}

fn day(days: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?)
}

impl Record for Pipelines {
    const VERSION: u8 = 2;
    const KIND: &'static str = "pipelines";

    fn write(&self, to: &mut Writing) {
        to.list(self.all(), |to, pipeline| {
            to.uint(pipeline.id.0);
            write_label(to, &pipeline.name);
            to.list(&pipeline.stages, |to, stage| {
                to.uint(stage.id.0).text(&stage.key);
                write_label(to, &stage.name);
                to.uint(stage.kind.place()).uint(stage.probability).uint(stage.sits_days).uint(stage.state.place());
            });
        });
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        let pipelines = from.list(|from| {
            Ok(Pipeline {
                id: PipelineId(from.small()?),
                name: if version < 2 { named_once(&from.text()?, None) } else { read_label(from)? },
                stages: from.list(|from| {
                    let (id, key) = (StageId(from.small()?), from.text()?);
                    Ok(Stage {
                        id,
                        name: if version < 2 { named_once(&from.text()?, Some(&key)) } else { read_label(from)? },
                        key,
                        kind: from.place(StageKind::from_place)?,
                        probability: from.small()?,
                        sits_days: from.small()?,
                        state: from.place(StageState::from_place)?,
                    })
                })?,
            })
        })?;
        Ok(Self::new(pipelines))
    }
}

fn write_label(to: &mut Writing, label: &Label) {
    to.text(label.en.as_str()).text(label.zh.as_str());
}

fn read_label(from: &mut Reading<'_>) -> Result<Label, StoreError> {
    Ok(Label::new(&from.text()?, &from.text()?))
}

/// A name as the first version held it: in one language, as the code of a shipped stage, or empty for what shipped.
fn named_once(text: &str, key: Option<&str>) -> Label {
    let shipped = |code: &str| DealStage::ALL.iter().find(|stage| stage.code() == code).map(|stage| stage.label());
    match (text, key) {
        ("", None) => shipped_name(),
        ("", Some(key)) => shipped(key).unwrap_or_else(|| Label::one(key)),
        (text, Some(_)) => shipped(text).unwrap_or_else(|| Label::one(text)),
        (text, None) => Label::one(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn deal() -> Deal {
        Deal {
            id: DealId(3),
            version: 7,
            customer: CustomerId(9),
            owner: StaffId(2),
            title: "年度合同".into(),
            amount: Money { minor: 1_250_050, currency: Currency::CNY },
            stage: DealStage::Offered.id(),
            since: Timestamp(2_000),
            created: Timestamp(1_000),
            expected: NaiveDate::from_ymd_opt(2026, 3, 31),
            probability: Some(55),
            lost: Some("too dear".into()),
        }
    }

    #[test]
    fn a_deal_is_read_as_it_was_written() {
        assert_eq!(Deal::from_bytes(&deal().to_bytes()), Ok(deal()));
        let plain = Deal { expected: None, probability: None, lost: None, ..deal() };
        assert_eq!(Deal::from_bytes(&plain.to_bytes()), Ok(plain));
    }

    #[test]
    fn a_deal_of_the_first_version_is_read() {
        let mut to = minicbor::Encoder::new(vec![1_u8]);
        let _ = to.u64(3).and_then(|to| to.u64(9)).and_then(|to| to.u64(2)).and_then(|to| to.str("年度合同"));
        let _ = to.i64(1_250_050).and_then(|to| to.str("CNY")).and_then(|to| to.u64(1)).and_then(|to| to.i64(1_000));
        let read = Deal::from_bytes(&to.into_writer());
        let since = Timestamp(1_000);
        let plain = Deal { version: 1, since, expected: None, probability: None, lost: None, ..deal() };
        assert_eq!(read, Ok(plain));
    }

    #[test]
    fn pipelines_are_read_as_they_were_written() {
        let pipelines = Pipelines::default();
        assert_eq!(Pipelines::from_bytes(&pipelines.to_bytes()), Ok(pipelines));
    }

    #[test]
    fn names_of_the_first_version_serve_both_languages() {
        let mut to = minicbor::Encoder::new(vec![1_u8]);
        let _ = to.array(2).and_then(|to| to.u64(1)).and_then(|to| to.str("")).and_then(|to| to.array(2));
        for (id, key, name) in [(1, "new", ""), (6, "stage_6", "样品")] {
            let _ = to.u64(id).and_then(|to| to.str(key)).and_then(|to| to.str(name)).and_then(|to| to.u64(0));
            let _ = to.u64(10).and_then(|to| to.u64(14)).and_then(|to| to.u64(0));
        }
        let _ = to.u64(2).and_then(|to| to.str("Export")).and_then(|to| to.array(1));
        let _ = to.u64(7).and_then(|to| to.str("new_7")).and_then(|to| to.str("new")).and_then(|to| to.u64(0));
        let _ = to.u64(10).and_then(|to| to.u64(0)).and_then(|to| to.u64(0));
        let read = Pipelines::from_bytes(&to.into_writer()).unwrap();
        let pipelines: Vec<&Label> = read.all().iter().map(|pipeline| &pipeline.name).collect();
        assert_eq!(pipelines, [&shipped_name(), &Label::new("Export", "")]);
        let stages: Vec<&Label> = read.all().iter().flat_map(|p| &p.stages).map(|stage| &stage.name).collect();
        let new = DealStage::New.label();
        assert_eq!(stages, [&new, &Label::new("", "样品"), &new]);
    }
}

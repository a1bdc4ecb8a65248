//! The deals of the stand-in for the door: enough of a board to move cards on.

use veilbook::domain::deal::{Deal, Pipelines, StageKind};
use veilbook::domain::id::{CustomerId, DealId, StaffId, StageId};
use veilbook::domain::money::{Currency, Money};
use veilbook::service::view::{
    Board, BoardRequest, Column, DealAction, DealFault, DealQuery, DealRow, DealView, Shift, Shown, Sits,
};
use veilbook::service::{Done, Refusal};
use veilbook::text::Printable;

use super::desk::NOON;

/// The deals of the stories.
pub struct Deals {
    pub rows: Vec<DealRow>,
}

fn row(id: u64, title: &str, amount: &str, stage: u32, customer: &str, days: u32) -> DealRow {
    let pipelines = Pipelines::default();
    let (_, stage) = pipelines.stage(StageId(stage)).expect("a stage");
    let since = NOON.plus_seconds(-86_400 * i64::from(days));
    DealRow {
        deal: Deal {
            id: DealId(id),
            version: 1,
            customer: CustomerId(id % 4),
            owner: StaffId(1),
            title: title.into(),
            amount: Money::parse(amount, Currency::CNY).expect("an amount"),
            stage: stage.id,
            since,
            created: since,
            expected: None,
            probability: None,
            lost: None,
        },
        customer: Shown::Open(Printable::line(customer)),
        owner: "li.na".into(),
        stage: stage.clone(),
        days,
        sits: if days >= 14 && stage.kind == StageKind::Open { Sits::TooLong } else { Sits::Well },
    }
}

impl Deals {
    pub fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Four deals, one of which sits too long.
    #[allow(dead_code)]
    pub fn some() -> Self {
        let rows = vec![
            row(1, "Annual tea contract with samples for all branches", "12500.50", 1, "张三丰", 20),
            row(2, "第二季度茶叶", "1.2万", 1, "欧阳娜娜", 3),
            row(3, "Cups", "EUR 900", 2, "Emma Wilson", 1),
            row(4, "Kettles", "300", 4, "李四", 5),
        ];
        Self { rows }
    }

    pub fn answer(&self, query: &DealQuery) -> Result<DealView, Refusal> {
        Ok(match query {
            DealQuery::Board(request) => DealView::Board(Box::new(self.board(request))),
            DealQuery::One(id) => {
                let found = self.rows.iter().find(|row| row.deal.id == *id);
                DealView::One(Box::new(found.cloned().ok_or(Refusal::OutOfScope)?))
            }
            DealQuery::Pipelines => DealView::Pipelines(Pipelines::default()),
        })
    }

    fn board(&self, request: &BoardRequest) -> Board {
        let pipelines = Pipelines::default();
        let pipeline = pipelines.pipeline(None).expect("a pipeline");
        let columns = pipeline.stages.iter().map(|stage| {
            let cards: Vec<DealRow> = self.rows.iter().filter(|row| row.deal.stage == stage.id).cloned().collect();
            let minor = cards.iter().map(|row| row.deal.amount.minor).sum();
            let sums = cards.first().map(|row| Money { minor, currency: row.deal.amount.currency });
            Column { stage: stage.clone(), count: cards.len() as u64, sums: sums.into_iter().collect(), cards }
        });
        Board {
            pipeline: pipeline.id,
            name: pipeline.name.clone(),
            pipelines: vec![(pipeline.id, pipeline.name.clone())],
            whose: request.whose,
            columns: columns.collect(),
        }
    }

    pub fn act(&mut self, action: DealAction) -> Result<Done, Refusal> {
        let pipelines = Pipelines::default();
        match action {
            DealAction::Add(customer, draft) => {
                let id = self.rows.len() as u64 + 1;
                let mut new = row(id, draft.title.as_str(), "0", 1, "张三丰", 0);
                (new.deal.amount, new.deal.customer, new.deal.expected) = (draft.amount, customer, draft.expected);
                self.rows.push(new);
                Ok(Done::Deal(DealId(id), 1))
            }
            DealAction::Move(id, _, shift) => {
                let by = |at: u32| match shift {
                    Shift::On => at + 1,
                    Shift::Back => at - 1,
                    Shift::To(id) => id.0,
                };
                let row = self.rows.iter_mut().find(|row| row.deal.id == id).ok_or(Refusal::OutOfScope)?;
                let to = StageId(by(row.deal.stage.0));
                let Some((_, stage)) = pipelines.stage(to).filter(|(_, stage)| stage.kind == StageKind::Open) else {
                    return Err(Refusal::Deal(DealFault::NoFurther));
                };
                (row.deal.stage, row.stage, row.days, row.sits) = (to, stage.clone(), 0, Sits::Well);
                Ok(Done::Deal(id, 2))
            }
            DealAction::Win(id, _) => self.settle(id, 4, None),
            DealAction::Lose(id, _, why) => self.settle(id, 5, Some(why)),
            DealAction::Reopen(id, _) => self.settle(id, 3, None),
            DealAction::Remove(id, _) => {
                self.rows.retain(|row| row.deal.id != id);
                Ok(Done::Done)
            }
            DealAction::Edit(id, _, draft) => {
                let row = self.rows.iter_mut().find(|row| row.deal.id == id).ok_or(Refusal::OutOfScope)?;
                (row.deal.title, row.deal.amount) = (draft.title, draft.amount);
                Ok(Done::Deal(id, 2))
            }
            DealAction::Give(id, _, who) => {
                let row = self.rows.iter_mut().find(|row| row.deal.id == id).ok_or(Refusal::OutOfScope)?;
                (row.deal.owner, row.owner) = (who, "zhao.wei".into());
                Ok(Done::Deal(id, 2))
            }
            DealAction::Pipeline(_) => Ok(Done::Done),
        }
    }

    fn settle(&mut self, id: DealId, stage: u32, why: Option<Printable>) -> Result<Done, Refusal> {
        let pipelines = Pipelines::default();
        let (_, stage) = pipelines.stage(StageId(stage)).expect("a stage");
        let row = self.rows.iter_mut().find(|row| row.deal.id == id).ok_or(Refusal::OutOfScope)?;
        (row.deal.stage, row.deal.lost, row.stage) = (stage.id, why, stage.clone());
        Ok(Done::Deal(id, 2))
    }
}

//! Opportunities, and the pipelines through whose stages they go.
//!
//! **Invariant:** a pipeline has its open stages in their order, then those for what was won, then those for what was lost;
//! of each kind one at least takes deals. A stage's number is never given twice, and a retired stage stays readable.

use chrono::NaiveDate;

use super::id::{CustomerId, DealId, PipelineId, StaffId, StageId};
use super::label::Label;
use super::money::Money;
use crate::clock::Timestamp;
use crate::codes::codes;
use crate::text::{Printable, folded};

/// The stages of the pipeline that every vault ships with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DealStage {
    /// Just found.
    #[default]
    New,
    /// An offer is out.
    Offered,
    /// Terms are being settled.
    Negotiation,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

codes!(DealStage: New = "new", Offered = "offered", Negotiation = "negotiation", Won = "won", Lost = "lost");

impl DealStage {
    /// Its number in every vault.
    pub fn id(self) -> StageId {
        StageId(u32::from(self.place()) + 1)
    }

    /// What it is called.
    pub fn label(self) -> Label {
        match self {
            Self::New => Label::new("new", "新建"),
            Self::Offered => Label::new("offered", "已报价"),
            Self::Negotiation => Label::new("negotiation", "谈判中"),
            Self::Won => Label::new("won", "成交"),
            Self::Lost => Label::new("lost", "失去"),
        }
    }
}

/// What a stage means for the deals in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StageKind {
    /// Under way.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

codes!(StageKind: Open = "open", Won = "won", Lost = "lost");

impl StageKind {
    /// The probability that follows from what it means, in per cent; of an open stage somebody says it.
    pub fn probability(self) -> Option<u8> {
        match self {
            Self::Open => None,
            Self::Won => Some(100),
            Self::Lost => Some(0),
        }
    }
}

/// Whether a stage takes deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StageState {
    /// It does.
    InUse,
    /// It takes no more; those in it stay until they are moved.
    Retired,
}

codes!(StageState: InUse = "in_use", Retired = "retired");

/// One stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its number.
    pub id: StageId,
    /// What scripts call it.
    pub key: String,
    /// What people call it.
    pub name: Label,
    /// What it means.
    pub kind: StageKind,
    /// How probable a deal in it is to be won, in per cent.
    pub probability: u8,
    /// After how many days a deal sits here too long; 0 for never.
    pub sits_days: u16,
    /// Whether it takes deals.
    pub state: StageState,
}

impl Stage {
    /// How an entry says its name: one that is called as a shipped stage by the code of that, as older entries have it.
    pub fn said(&self) -> String {
        let shipped = DealStage::ALL.iter().find(|stage| stage.label() == self.name);
        shipped.map_or_else(|| self.name.said(), |stage| stage.code().to_owned())
    }
}

/// A row of stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Its number.
    pub id: PipelineId,
    /// What people call it.
    pub name: Label,
    /// Open ones in their order, then won, then lost.
    pub stages: Vec<Stage>,
}

impl Pipeline {
    /// The stages that take deals which are under way.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.kind == StageKind::Open && stage.state == StageState::InUse)
    }

    /// The stages of a kind that take deals.
    pub fn taking(&self, kind: StageKind) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.kind == kind && stage.state == StageState::InUse)
    }

    /// The stage into which a deal comes that is settled in one way: the first one for it.
    pub fn settled(&self, kind: StageKind) -> Option<&Stage> {
        self.taking(kind).next()
    }
}

/// All pipelines of a vault; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipelines(Vec<Pipeline>);

/// One change to pipelines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipelineChange {
    /// Another pipeline, with one open stage.
    Add(Label),
    /// Another name for a pipeline.
    Rename(PipelineId, Label),
    /// Another stage of a kind, behind those of that kind, with its probability, which tells for open ones only.
    AddStage(PipelineId, Label, StageKind, u8),
    /// Another name for a stage.
    RenameStage(StageId, Label),
    /// Another probability.
    Probability(StageId, u8),
    /// After how many days a deal sits here too long; 0 for never.
    Sits(StageId, u16),
    /// One place towards the beginning.
    Earlier(StageId),
    /// One place towards the end.
    Later(StageId),
    /// Takes no more deals.
    Retire(StageId),
    /// Takes deals again.
    Revive(StageId),
}

/// Why a pipeline is not changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PipelineFault {
    /// There is none with this number.
    #[error("there is no such stage or pipeline")]
    Unknown,
    /// It has no name, or one that is too long.
    #[error("a name of 1 to 40 characters is needed")]
    Name,
    /// Another has that name.
    #[error("another one has that name already")]
    NameTaken,
    /// What is settled is not likely any more, and never sits too long.
    #[error("what is won or lost has neither a probability nor days")]
    Settled,
    /// The last one for what is won, or for what is lost.
    #[error("a pipeline needs one stage that takes what is won and one that takes what is lost")]
    LastSettled,
    /// The last one that takes deals.
    #[error("a pipeline needs one stage that takes deals")]
    LastOpen,
    /// It is the first or the last already.
    #[error("it is at the end already")]
    AtTheEnd,
    /// Too many.
    #[error("there are as many as can be kept")]
    TooMany,
    /// A stage would go in which deals stand.
    #[error("a deal stands in a stage that would go")]
    InUse,
    /// Not a percentage.
    #[error("a probability from 0 to 100 is needed")]
    Probability,
}

codes!(PipelineFault: Unknown = "unknown", Name = "name", NameTaken = "name_taken", Settled = "settled",
    LastOpen = "last_open", AtTheEnd = "at_the_end", TooMany = "too_many", InUse = "in_use",
    Probability = "probability", LastSettled = "last_settled");

/// What the shipped pipeline is called.
pub fn shipped_name() -> Label {
    Label::new("Sales", "销售")
}

const LONGEST_NAME: usize = 40;
const MOST_STAGES: usize = 24;
const MOST_PIPELINES: usize = 24;

impl Default for Pipelines {
    fn default() -> Self {
        let stage = |stage: DealStage, kind, probability, sits_days| Stage {
            id: stage.id(),
            key: stage.code().to_owned(),
            name: stage.label(),
            kind,
            probability,
            sits_days,
            state: StageState::InUse,
        };
        Self(vec![Pipeline {
            id: PipelineId(1),
            name: shipped_name(),
            stages: vec![
                stage(DealStage::New, StageKind::Open, 10, 14),
                stage(DealStage::Offered, StageKind::Open, 40, 21),
                stage(DealStage::Negotiation, StageKind::Open, 70, 30),
                stage(DealStage::Won, StageKind::Won, 100, 0),
                stage(DealStage::Lost, StageKind::Lost, 0, 0),
            ],
        }])
    }
}

impl Pipelines {
    /// Those that were stored; the shipped one where there are none.
    pub fn new(pipelines: Vec<Pipeline>) -> Self {
        if pipelines.is_empty() { Self::default() } else { Self(pipelines) }
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> &[Pipeline] {
        &self.0
    }

    /// The pipeline with this number, or the first one where none is asked for.
    pub fn pipeline(&self, id: Option<PipelineId>) -> Option<&Pipeline> {
        match id {
            None => self.0.first(),
            Some(id) => self.0.iter().find(|pipeline| pipeline.id == id),
        }
    }

    /// A stage with its pipeline.
    pub fn stage(&self, id: StageId) -> Option<(&Pipeline, &Stage)> {
        self.0.iter().find_map(|p| p.stages.iter().find(|stage| stage.id == id).map(|stage| (p, stage)))
    }

    /// The stage that somebody names by key, name or number.
    pub fn named(&self, text: &str) -> Option<&Stage> {
        let wanted = folded(text);
        let all = || self.0.iter().flat_map(|p| &p.stages);
        let by_key = all().find(|stage| stage.key == text.trim());
        let by_name = || all().find(|stage| stage.name.says(&wanted));
        let by_folded_key = || all().find(|stage| folded(&stage.key) == wanted);
        by_key.or_else(by_name).or_else(by_folded_key)
    }

    /// Makes one change; gives what it is about, and what stood there before and stands there now.
    pub fn apply(&mut self, change: &PipelineChange) -> Result<(String, String), PipelineFault> {
        match change {
            PipelineChange::Add(name) => self.add(name),
            PipelineChange::Rename(id, name) => {
                self.free_pipeline(name, Some(*id))?;
                let pipeline = self.0.iter_mut().find(|p| p.id == *id).ok_or(PipelineFault::Unknown)?;
                let before = std::mem::replace(&mut pipeline.name, name.clone());
                Ok((before.said(), name.said()))
            }
            PipelineChange::AddStage(id, name, kind, probability) => self.add_stage(*id, name, (*kind, *probability)),
            PipelineChange::RenameStage(id, name) => {
                let (pipeline, _) = self.stage(*id).ok_or(PipelineFault::Unknown)?;
                free_stage(pipeline, name, Some(*id))?;
                self.change(*id, |stage| {
                    let before = stage.said();
                    stage.name = name.clone();
                    Ok((before, stage.said()))
                })
            }
            PipelineChange::Probability(id, probability) => self.change(*id, |stage| {
                open_stage(stage)?;
                percentage(*probability)?;
                let before = std::mem::replace(&mut stage.probability, *probability);
                Ok((format!("{}: {before} %", stage.said()), format!("{}: {probability} %", stage.said())))
            }),
            PipelineChange::Sits(id, days) => self.change(*id, |stage| {
                open_stage(stage)?;
                let before = std::mem::replace(&mut stage.sits_days, *days);
                Ok((format!("{}: {before} d", stage.said()), format!("{}: {days} d", stage.said())))
            }),
            PipelineChange::Earlier(id) => self.shift(*id, Towards::Beginning),
            PipelineChange::Later(id) => self.shift(*id, Towards::End),
            PipelineChange::Retire(id) => {
                let (pipeline, stage) = self.stage(*id).ok_or(PipelineFault::Unknown)?;
                if pipeline.taking(stage.kind).all(|stage| stage.id == *id) {
                    let open = stage.kind == StageKind::Open;
                    return Err(if open { PipelineFault::LastOpen } else { PipelineFault::LastSettled });
                }
                self.set_state(*id, StageState::Retired)
            }
            PipelineChange::Revive(id) => self.set_state(*id, StageState::InUse),
        }
    }

    fn add(&mut self, name: &Label) -> Result<(String, String), PipelineFault> {
        self.free_pipeline(name, None)?;
        if self.0.len() >= MOST_PIPELINES {
            return Err(PipelineFault::TooMany);
        }
        let id = PipelineId(self.0.iter().map(|p| p.id.0).max().unwrap_or(0).saturating_add(1));
        let first = self.next_stage().0;
        let shipped = [DealStage::New, DealStage::Won, DealStage::Lost];
        let kinds = [(StageKind::Open, 10), (StageKind::Won, 100), (StageKind::Lost, 0)];
        let stages = shipped.iter().zip(kinds).zip(first..).map(|((word, (kind, probability)), id)| Stage {
            id: StageId(id),
            // The number tells it from the same stage of another pipeline.
            key: format!("{}_{id}", word.code()),
            name: word.label(),
            kind,
            probability,
            sits_days: 0,
            state: StageState::InUse,
        });
        let stages = stages.collect();
        self.0.push(Pipeline { id, name: name.clone(), stages });
        Ok((String::new(), name.said()))
    }

    fn add_stage(
        &mut self,
        id: PipelineId,
        name: &Label,
        (kind, probability): (StageKind, u8),
    ) -> Result<(String, String), PipelineFault> {
        percentage(probability)?;
        let stage = self.next_stage();
        let pipeline = self.0.iter_mut().find(|p| p.id == id).ok_or(PipelineFault::Unknown)?;
        free_stage(pipeline, name, None)?;
        if pipeline.stages.len() >= MOST_STAGES {
            return Err(PipelineFault::TooMany);
        }
        let behind = pipeline.stages.iter().take_while(|stage| stage.kind.place() <= kind.place()).count();
        let (key, name) = (format!("stage_{stage}"), name.clone());
        let after = name.said();
        let (state, probability) = (StageState::InUse, kind.probability().unwrap_or(probability));
        pipeline.stages.insert(behind, Stage { id: stage, key, name, kind, probability, sits_days: 0, state });
        Ok((String::new(), after))
    }

    fn next_stage(&self) -> StageId {
        let most = self.0.iter().flat_map(|p| &p.stages).map(|stage| stage.id.0).max();
        StageId(most.unwrap_or(0).saturating_add(1))
    }

    fn free_pipeline(&self, name: &Label, except: Option<PipelineId>) -> Result<(), PipelineFault> {
        named(name)?;
        let taken = |p: &Pipeline| Some(p.id) != except && p.name.meets(name);
        if self.0.iter().any(taken) { Err(PipelineFault::NameTaken) } else { Ok(()) }
    }

    fn change<T>(
        &mut self,
        id: StageId,
        change: impl FnOnce(&mut Stage) -> Result<T, PipelineFault>,
    ) -> Result<T, PipelineFault> {
        let stage = self.0.iter_mut().flat_map(|p| &mut p.stages).find(|stage| stage.id == id);
        change(stage.ok_or(PipelineFault::Unknown)?)
    }

    fn set_state(&mut self, id: StageId, state: StageState) -> Result<(String, String), PipelineFault> {
        self.change(id, |stage| {
            let before = std::mem::replace(&mut stage.state, state);
            Ok((format!("{}: {}", stage.said(), before.code()), format!("{}: {}", stage.said(), state.code())))
        })
    }

    fn shift(&mut self, id: StageId, towards: Towards) -> Result<(String, String), PipelineFault> {
        let pipeline = self.0.iter_mut().find(|p| p.stages.iter().any(|stage| stage.id == id));
        let stages = &mut pipeline.ok_or(PipelineFault::Unknown)?.stages;
        let at = stages.iter().position(|stage| stage.id == id).ok_or(PipelineFault::Unknown)?;
        let other = match towards {
            Towards::Beginning => at.checked_sub(1),
            Towards::End => Some(at + 1),
        };
        // A stage stays among those of its kind.
        let kind = stages.get(at).map(|stage| stage.kind);
        let other = other.filter(|other| stages.get(*other).map(|next| next.kind) == kind);
        let before = order(stages);
        stages.swap(at, other.ok_or(PipelineFault::AtTheEnd)?);
        Ok((before, order(stages)))
    }
}

enum Towards {
    Beginning,
    End,
}

fn order(stages: &[Stage]) -> String {
    stages.iter().map(Stage::said).collect::<Vec<_>>().join(", ")
}

fn open_stage(stage: &Stage) -> Result<(), PipelineFault> {
    if stage.kind == StageKind::Open { Ok(()) } else { Err(PipelineFault::Settled) }
}

fn percentage(probability: u8) -> Result<(), PipelineFault> {
    if probability <= 100 { Ok(()) } else { Err(PipelineFault::Probability) }
}

fn named(name: &Label) -> Result<(), PipelineFault> {
    if name.fault(LONGEST_NAME).is_none() { Ok(()) } else { Err(PipelineFault::Name) }
}

fn free_stage(pipeline: &Pipeline, name: &Label, except: Option<StageId>) -> Result<(), PipelineFault> {
    named(name)?;
    let taken = |s: &Stage| Some(s.id) != except && s.name.meets(name);
    if pipeline.stages.iter().any(taken) { Err(PipelineFault::NameTaken) } else { Ok(()) }
}

/// One opportunity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Its id.
    pub id: DealId,
    /// Rises with every change.
    pub version: u64,
    /// With whom.
    pub customer: CustomerId,
    /// Whose it is.
    pub owner: StaffId,
    /// What it is about.
    pub title: Printable,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub stage: StageId,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When it was opened.
    pub created: Timestamp,
    /// When it is expected to be settled.
    pub expected: Option<NaiveDate>,
    /// How probable it is, in per cent, where somebody said so; else its stage says it.
    pub probability: Option<u8>,
    /// Why it was lost.
    pub lost: Option<Printable>,
}

/// A deal as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DealDraft {
    /// What it is about.
    pub title: Printable,
    /// How much.
    pub amount: Money,
    /// When it is expected to be settled.
    pub expected: Option<NaiveDate>,
    /// How probable it is, where that differs from its stage.
    pub probability: Option<u8>,
    /// Whose it is; none leaves it, or makes it one's own.
    pub owner: Option<StaffId>,
    /// The stage that it begins in; none is the first. Not looked at when a deal is changed.
    pub stage: Option<StageId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pipelines: &Pipelines) -> String {
        pipelines.all().first().map(|p| order(&p.stages)).unwrap_or_default()
    }

    #[test]
    fn a_pipeline_is_changed_stage_by_stage_and_ends_with_won_and_lost() {
        let mut p = Pipelines::default();
        p.apply(&PipelineChange::AddStage(PipelineId(1), "样品".into(), StageKind::Open, 50)).unwrap();
        assert_eq!(keys(&p), "new, offered, negotiation, 样品, won, lost");
        let own = p.named("样品").unwrap().id;
        assert_eq!(p.apply(&PipelineChange::Later(own)), Err(PipelineFault::AtTheEnd));
        p.apply(&PipelineChange::Earlier(own)).unwrap();
        p.apply(&PipelineChange::RenameStage(StageId(1), "Fresh".into())).unwrap();
        assert_eq!(keys(&p), "Fresh, offered, 样品, negotiation, won, lost");
        assert_eq!(p.apply(&PipelineChange::Retire(StageId(4))), Err(PipelineFault::LastSettled));
        assert_eq!(p.apply(&PipelineChange::Earlier(StageId(4))), Err(PipelineFault::AtTheEnd));
        assert_eq!(p.apply(&PipelineChange::Probability(StageId(4), 50)), Err(PipelineFault::Settled));
        let again = PipelineChange::AddStage(PipelineId(1), "fresh".into(), StageKind::Open, 1);
        assert_eq!(p.apply(&again), Err(PipelineFault::NameTaken));
        assert_eq!(p.apply(&PipelineChange::Probability(own, 101)), Err(PipelineFault::Probability));
    }

    #[test]
    fn the_last_open_stage_stays() {
        let mut p = Pipelines::default();
        for id in [1, 2] {
            p.apply(&PipelineChange::Retire(StageId(id))).unwrap();
        }
        assert_eq!(p.apply(&PipelineChange::Retire(StageId(3))), Err(PipelineFault::LastOpen));
        p.apply(&PipelineChange::Revive(StageId(1))).unwrap();
        assert!(p.apply(&PipelineChange::Retire(StageId(3))).is_ok());
    }

    #[test]
    fn stages_for_what_is_won_stand_behind_the_open_ones_and_one_of_them_stays() {
        let mut p = Pipelines::default();
        let renewed = Label::new("renewed", "续约");
        p.apply(&PipelineChange::AddStage(PipelineId(1), renewed, StageKind::Won, 30)).unwrap();
        assert_eq!(keys(&p), "new, offered, negotiation, won, renewed ¦ 续约, lost");
        let (own, probability) = p.named("续约").map(|stage| (stage.id, stage.probability)).unwrap();
        assert_eq!(probability, 100);
        p.apply(&PipelineChange::Earlier(own)).unwrap();
        assert_eq!(p.apply(&PipelineChange::Earlier(own)), Err(PipelineFault::AtTheEnd));
        p.apply(&PipelineChange::Retire(StageId(4))).unwrap();
        assert_eq!(p.apply(&PipelineChange::Retire(own)), Err(PipelineFault::LastSettled));
        assert_eq!(p.pipeline(None).and_then(|p| p.settled(StageKind::Won)).map(|stage| stage.id), Some(own));
    }

    #[test]
    fn a_name_that_another_stage_has_in_either_language_is_taken() {
        let mut p = Pipelines::default();
        for taken in [Label::new("Won", "赢单"), Label::new("closed", "成交"), "新建".into()] {
            let change = PipelineChange::AddStage(PipelineId(1), taken, StageKind::Open, 1);
            assert_eq!(p.apply(&change), Err(PipelineFault::NameTaken));
        }
        assert_eq!(p.apply(&PipelineChange::Add("销售".into())), Err(PipelineFault::NameTaken));
    }
}

//! Pipeline: the stages as columns with deals as cards, or the same as a list.
//!
//! **Invariant:** what it shows is what the door last answered; the cursor's column is always in sight.

mod draw;

use ratatui::layout::Rect;

use super::deal_keys::{self, Doing};
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::deal::DealForm;
use crate::app::form::follow_up::FollowUpForm;
use crate::app::form::interaction::InteractionForm;
use crate::app::layer::stages::Stages;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::list::ListState;
use crate::domain::deal::StageKind;
use crate::domain::id::{DealId, PipelineId, StageId};
use crate::service::view::{Board, BoardRequest, Column, DealQuery, DealRow, DealView, Whose};
use crate::service::{Query, View};

/// The most cards of a stage that are asked for.
const MOST: u16 = 250;

/// How the deals lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    /// Stages as columns.
    #[default]
    Board,
    /// One below the other.
    List,
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct Pipeline {
    whose: Whose,
    shape: Shape,
    pipeline: Option<PipelineId>,
    board: Option<Box<Board>>,
    column: usize,
    /// The cursor in each column.
    rows: Vec<ListState>,
    list: ListState,
    asked: Option<Ticket>,
    doing: Option<Doing>,
    /// The deal on which the cursor is to be once the board came anew.
    follow: Option<DealId>,
}

impl Pipeline {
    fn ask(&mut self, env: &mut Env) {
        let request = BoardRequest { pipeline: self.pipeline, whose: self.whose, limit: MOST };
        self.asked = Some(env.ask(Query::Deals(DealQuery::Board(request))));
    }

    fn columns(&self) -> &[Column] {
        self.board.as_deref().map_or(&[], |board| board.columns.as_slice())
    }

    /// The deals one below the other.
    fn all(&self) -> impl Iterator<Item = &DealRow> {
        self.columns().iter().flat_map(|column| &column.cards)
    }

    fn row(&self) -> Option<&DealRow> {
        match self.shape {
            Shape::List => self.all().nth(self.list.cursor()),
            Shape::Board => {
                let at = self.rows.get(self.column).map_or(0, ListState::cursor);
                self.columns().get(self.column)?.cards.get(at)
            }
        }
    }

    /// The open stage of the cursor's column, in which a new deal begins.
    fn stage(&self) -> Option<StageId> {
        let column = self.columns().get(self.column).filter(|_| self.shape == Shape::Board)?;
        (column.stage.kind == StageKind::Open).then_some(column.stage.id)
    }

    /// Puts the cursor on a deal, wherever it is now.
    fn go_to(&mut self, env: &Env, deal: DealId) {
        let found = self.columns().iter().enumerate().find_map(|(column, stage)| {
            let row = stage.cards.iter().position(|row| row.deal.id == deal)?;
            Some((column, row, stage.cards.len()))
        });
        if let Some((column, row, len)) = found {
            self.column = column;
            if let Some(list) = self.rows.get_mut(column) {
                list.go(row, len, draw::cards(env));
            }
        }
        let flat = self.all().position(|row| row.deal.id == deal);
        let len = self.all().count();
        if let Some(row) = flat {
            self.list.go(row, len, draw::lines(env));
        }
    }

    fn took(&mut self, env: &Env, board: Box<Board>) {
        let on = self.follow.take().or_else(|| self.row().map(|row| row.deal.id));
        self.column = self.column.min(board.columns.len().saturating_sub(1));
        self.rows.resize(board.columns.len(), ListState::default());
        self.board = Some(board);
        let lens: Vec<usize> = self.columns().iter().map(|column| column.cards.len()).collect();
        for (list, len) in self.rows.iter_mut().zip(lens) {
            list.go(list.cursor(), len, draw::cards(env));
        }
        let len = self.all().count();
        self.list.go(self.list.cursor(), len, draw::lines(env));
        if let Some(deal) = on {
            self.go_to(env, deal);
        }
    }

    fn scroll(&mut self, env: &Env, cmd: Cmd) -> Handled {
        if self.shape == Shape::List {
            let len = self.all().count();
            return self.list.run(cmd, len, draw::lines(env));
        }
        let len = self.columns().get(self.column).map_or(0, |column| column.cards.len());
        self.rows.get_mut(self.column).map_or(Handled::No, |list| list.run(cmd, len, draw::cards(env)))
    }

    fn next_whose(&mut self, env: &mut Env) {
        let at = Whose::ALL.iter().position(|whose| *whose == self.whose).unwrap_or(0);
        self.whose = Whose::ALL.get((at + 1) % Whose::ALL.len()).copied().unwrap_or_default();
        self.ask(env);
    }

    fn next_pipeline(&mut self, env: &mut Env) {
        let Some(board) = &self.board else { return };
        let at = board.pipelines.iter().position(|(id, _)| *id == board.pipeline).unwrap_or(0);
        self.pipeline = board.pipelines.get((at + 1) % board.pipelines.len().max(1)).map(|(id, _)| *id);
        self.ask(env);
    }

    fn is_empty(&self) -> bool {
        self.columns().iter().all(|column| column.count == 0)
    }
}

impl Panel for Pipeline {
    fn places(&self) -> Vec<Place> {
        vec![Place::Pipeline, Place::Deals, Place::List]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::DealOn, Cmd::DealBack, Cmd::NewDeal, Cmd::WinDeal, Cmd::LoseDeal, Cmd::NextPart, Cmd::Open]
    }

    fn enter(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn unavailable(&self, _env: &Env, cmd: Cmd) -> Option<&'static str> {
        match cmd {
            Cmd::Open | Cmd::LogContact | Cmd::AddFollowUp if self.row().is_none() => Some("why-no-deal"),
            Cmd::ColumnLeft | Cmd::ColumnRight if self.shape == Shape::List => Some("why-a-list"),
            Cmd::NextPipeline if self.board.as_ref().is_none_or(|board| board.pipelines.len() < 2) => {
                Some("why-one-pipeline")
            }
            Cmd::Mark | Cmd::Search => Some("why-not-here"),
            _ => deal_keys::unavailable(cmd, self.row()),
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if self.scroll(env, cmd) == Handled::Yes {
            return Handled::Yes;
        }
        match cmd {
            Cmd::ColumnLeft => self.column = self.column.saturating_sub(1),
            Cmd::ColumnRight => self.column = (self.column + 1).min(self.columns().len().saturating_sub(1)),
            Cmd::NextPart => self.next_whose(env),
            Cmd::NextPipeline => self.next_pipeline(env),
            Cmd::Stages => env.open(Box::new(Stages::default())),
            Cmd::BoardOrList => {
                let on = self.row().map(|row| row.deal.id);
                self.shape = if self.shape == Shape::Board { Shape::List } else { Shape::Board };
                if let Some(deal) = on {
                    self.go_to(env, deal);
                }
            }
            Cmd::NewDeal => {
                let form = DealForm::for_somebody(env, self.stage(), self.pipeline);
                env.open(Box::new(form));
            }
            _ => {
                let Some(row) = self.row().cloned() else { return Handled::No };
                let (customer, name) = (row.deal.customer, row.customer.text());
                match cmd {
                    Cmd::Open => env.show_customer(customer),
                    Cmd::LogContact => env.open(Box::new(InteractionForm::new(customer, name))),
                    Cmd::AddFollowUp => env.open(Box::new(FollowUpForm::add(customer, name))),
                    _ if deal_keys::OF_ONE.contains(&cmd) => self.doing = deal_keys::run(env, cmd, &row),
                    _ => return Handled::No,
                }
            }
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let Some(done) = deal_keys::take(&mut self.doing, ticket) {
            self.follow = deal_keys::reply(env, done, reply);
            return;
        }
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match reply {
            Ok(Answer::View(View::Deals(DealView::Board(board)))) => self.took(env, board),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn changed(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        draw::pipeline(self, env, area, canvas);
    }
}

//! The screens, one of which is always at the bottom of the stack.
//!
//! **Invariant:** a screen that a role has no right to is not in the tabs and cannot be gone to.

pub mod admin;
pub mod audit;
pub mod case_keys;
pub mod consent_keys;
pub mod customers;
pub mod deal_keys;
pub mod detail;
pub mod duplicates;
pub mod first_run;
pub mod flaws;
pub mod follow_up_keys;
pub mod follow_ups;
pub mod frame;
pub mod pipeline;
pub mod task;
pub mod today;
pub mod unlock;

use super::commands::Cmd;
use super::env::Env;
use super::panel::Panel;

/// The screens by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScreenId {
    /// What waits for this person.
    Today,
    /// The list of customers and a customer's detail.
    Customers,
    /// Reminders.
    FollowUps,
    /// The stages with their deals.
    Pipeline,
    /// The record of actions.
    Audit,
    /// Staff, roles, fields, policy.
    Admin,
}

crate::codes::codes!(ScreenId: Today = "today", Customers = "customers", FollowUps = "follow_ups",
    Pipeline = "pipeline", Audit = "audit",
    Admin = "admin");

impl ScreenId {
    /// The command that goes there.
    pub fn command(self) -> Cmd {
        match self {
            Self::Today => Cmd::GoToday,
            Self::Customers => Cmd::GoCustomers,
            Self::FollowUps => Cmd::GoFollowUps,
            Self::Pipeline => Cmd::GoPipeline,
            Self::Audit => Cmd::GoAudit,
            Self::Admin => Cmd::GoAdmin,
        }
    }
}

/// All screens of a session.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Screens {
    pub today: today::Today,
    pub customers: customers::Customers,
    pub follow_ups: follow_ups::FollowUps,
    pub pipeline: pipeline::Pipeline,
    pub audit: audit::Audit,
    pub admin: admin::Admin,
}

impl Screens {
    /// A screen.
    pub fn get(&self, id: ScreenId) -> &dyn Panel {
        match id {
            ScreenId::Today => &self.today,
            ScreenId::Customers => &self.customers,
            ScreenId::FollowUps => &self.follow_ups,
            ScreenId::Pipeline => &self.pipeline,
            ScreenId::Audit => &self.audit,
            ScreenId::Admin => &self.admin,
        }
    }

    /// A screen, to change it.
    pub fn get_mut(&mut self, id: ScreenId) -> &mut dyn Panel {
        match id {
            ScreenId::Today => &mut self.today,
            ScreenId::Customers => &mut self.customers,
            ScreenId::FollowUps => &mut self.follow_ups,
            ScreenId::Pipeline => &mut self.pipeline,
            ScreenId::Audit => &mut self.audit,
            ScreenId::Admin => &mut self.admin,
        }
    }

    /// A screen goes out of sight: what was let out on it is hidden.
    pub fn leave(&mut self, id: ScreenId, _env: &mut Env) {
        if id == ScreenId::Customers {
            self.customers.leave();
        }
    }
}

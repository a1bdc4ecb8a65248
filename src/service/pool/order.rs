//! What can be done with the shared pool, as plain data, and what can be asked of it.

use crate::domain::audit::Object;
use crate::domain::id::CustomerId;
use crate::domain::role::Permission;
use crate::service::rules::{Rule as Row, ScopeCheck, Tried, Undoable, rule};
use crate::service::view::Cursor;

/// Something done with the pool.
#[derive(Clone, Debug)]
pub enum PoolAction {
    /// Take a customer who is nobody's.
    Claim(CustomerId),
    /// Give one's own customer back. The version is the one that it was based on.
    Release(CustomerId, u64),
    /// Say whom the pool would take, after so many days or as the policy says, and do nothing.
    DryRun(Option<u32>),
    /// Warn and take now, without waiting for a quiet moment.
    Run,
}

/// A question to the pool.
#[derive(Clone, Debug)]
pub enum PoolQuery {
    /// Who is in it, whoever came last first: from behind a row where one is given, at most so many.
    List(Option<Cursor>, u16),
}

impl PoolAction {
    /// Its audit verb.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Claim(_) => "pool.claim",
            Self::Release(..) => "pool.release",
            Self::DryRun(_) => "pool.dry_run",
            Self::Run => "pool.run",
        }
    }

    /// Its row in the table of actions.
    pub fn rule(&self) -> Row {
        let row = |permission, scope, undo| rule(self.verb(), permission, scope, undo);
        match self {
            Self::Claim(_) => row(Some(Permission::Claim), ScopeCheck::Pool, Undoable::Yes),
            Self::Release(..) => row(Some(Permission::Claim), ScopeCheck::OneCustomer, Undoable::Yes),
            // Whoever claims may try it, and whoever keeps rules: either permission will do.
            Self::DryRun(_) => row(None, ScopeCheck::Filtered, Undoable::No),
            Self::Run => row(Some(Permission::ManageRules), ScopeCheck::Nobody, Undoable::No),
        }
    }

    /// What it is about.
    pub fn tried(&self) -> Tried {
        let object = match self {
            Self::Claim(id) | Self::Release(id, _) => Object::Customer(id.0),
            Self::DryRun(_) | Self::Run => Object::None,
        };
        Tried { object, field: None, reason: None }
    }
}

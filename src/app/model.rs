//! All that the program knows at a moment.
//!
//! **Invariant:** locking replaces the whole signed-in part, so that no customer's data, masked or not, outlives it.

use crate::clock::Timestamp;
use crate::domain::id::CustomerId;
use crate::service::view::BackupHealth;

use super::env::Env;
use super::key::Key;
use super::panel::Panel;
use super::screen::first_run::FirstRun;
use super::screen::unlock::Unlock;
use super::screen::{ScreenId, Screens};
use super::update::remind::Reminding;

/// The program's state.
#[derive(Debug)]
pub struct Model {
    /// What all panels share.
    pub env: Env,
    /// Who is there.
    pub phase: Phase,
    /// The keys of a sequence that has begun.
    pub(super) pending: Vec<Key>,
    /// When its last key came.
    pub(super) pending_since: Timestamp,
    /// When a person last did something.
    pub(super) last_input: Timestamp,
    /// When the session was last told that somebody is there.
    pub(super) told_active: Timestamp,
    /// The name to offer at the next unlock.
    pub(super) last_name: String,
    /// Which vault this is.
    pub(super) vault: VaultKind,
    /// Whether the vault was just made, so that a recovery key is offered.
    pub(super) fresh: Fresh,
    /// The record's root hash, where the role reads it.
    pub(super) checkpoint: Option<String>,
    /// How old the backups are, and when that was asked.
    pub(super) backups: Option<BackupHealth>,
    pub(super) backups_asked: Timestamp,
    /// What came due.
    pub(super) reminding: Reminding,
    /// Which customer the session was told is in sight.
    pub(super) told_at: Option<CustomerId>,
}

/// Which vault the program has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// One for work.
    Work,
    /// The sample vault, whose passphrase is no secret and whose changes are thrown away.
    Sample,
}

/// Whether a vault was just made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fresh {
    /// It was.
    Yes,
    /// It was there, or nothing came of it.
    No,
}

/// Who is there.
#[derive(Debug)]
pub enum Phase {
    /// Nobody; the vault waits for a name and a passphrase.
    Locked(Box<Unlock>),
    /// Nobody, and there is no vault yet.
    FirstRun(Box<FirstRun>),
    /// Somebody.
    SignedIn(Box<Signed>),
}

/// What somebody signed in has before them.
#[derive(Debug)]
pub struct Signed {
    /// The screens.
    pub screens: Screens,
    /// The one in sight.
    pub at: ScreenId,
    /// What lies over it, the topmost last.
    pub layers: Vec<Layer>,
    pub(super) next_layer: u64,
    pub(super) ready: Ready,
}

/// A layer with its serial number.
#[derive(Debug)]
pub struct Layer {
    /// Its number; none is given twice in a session.
    pub serial: u64,
    /// Itself.
    pub panel: Box<dyn Panel>,
}

/// Whether it is known yet who signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// The first answers are on their way.
    Opening,
    /// It is known.
    Open,
}

/// Where the program begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A vault is there: sign in.
    Unlock,
    /// There is none: make one.
    FirstRun,
    /// Somebody is signed in already, as in a demonstration.
    SignedIn,
}

impl Signed {
    /// Nothing before the person yet.
    pub fn new() -> Self {
        Self {
            screens: Screens::default(),
            at: ScreenId::Today,
            layers: Vec::new(),
            next_layer: 1,
            ready: Ready::Opening,
        }
    }

    /// The topmost panel.
    pub fn top(&self) -> &dyn Panel {
        match self.layers.last() {
            Some(layer) => layer.panel.as_ref(),
            None => self.screens.get(self.at),
        }
    }
}

impl Default for Signed {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    /// The state to begin with.
    pub fn new(env: Env, start: Start, name: &str) -> Self {
        let now = env.now;
        let phase = match start {
            Start::Unlock => Phase::Locked(Box::new(Unlock::new(name))),
            Start::FirstRun => Phase::FirstRun(Box::default()),
            Start::SignedIn => Phase::SignedIn(Box::default()),
        };
        let mut model = Self {
            env,
            phase,
            pending: Vec::new(),
            pending_since: now,
            last_input: now,
            told_active: now,
            last_name: name.to_owned(),
            // Only the sample vault is opened without a passphrase.
            vault: if start == Start::SignedIn { VaultKind::Sample } else { VaultKind::Work },
            fresh: Fresh::No,
            checkpoint: None,
            backups: None,
            backups_asked: now,
            reminding: Reminding::default(),
            told_at: None,
        };
        if start == Start::SignedIn {
            super::update::open(&mut model);
        }
        model
    }

    /// The customer in sight: whom the topmost layer is about that is about somebody, else the one that is open below.
    pub fn in_sight(&self) -> Option<CustomerId> {
        let Phase::SignedIn(signed) = &self.phase else { return None };
        let open = || if signed.at == ScreenId::Customers { signed.screens.customers.opened() } else { None };
        signed.layers.iter().rev().find_map(|layer| layer.panel.customer()).or_else(open)
    }

    /// The panel that gets keys first.
    pub fn top(&self) -> &dyn Panel {
        match &self.phase {
            Phase::Locked(unlock) => unlock.as_ref(),
            Phase::FirstRun(first_run) => first_run.as_ref(),
            Phase::SignedIn(signed) => signed.top(),
        }
    }

    pub(super) fn top_mut(&mut self) -> (&mut dyn Panel, &mut Env) {
        let panel: &mut dyn Panel = match &mut self.phase {
            Phase::Locked(unlock) => unlock.as_mut(),
            Phase::FirstRun(first_run) => first_run.as_mut(),
            Phase::SignedIn(signed) => match signed.layers.last_mut() {
                Some(layer) => layer.panel.as_mut(),
                None => signed.screens.get_mut(signed.at),
            },
        };
        (panel, &mut self.env)
    }
}

//! The second step of signing in: the passphrase was right, and a code is still to come.
//!
//! **Invariant:** nobody has a session, and the vault does not count as open, before the code was right; what the
//! passphrase unlocked goes with the [`Pending`] that is dropped.

use std::sync::Arc;

use super::desk::Desk;
use super::factor::{self, Giver};
use super::gate::{Caller, Gate, GateError};
use super::refusal::Refusal;
use super::session::Session;
use super::sign_in;
use crate::clock::Timestamp;
use crate::domain::id::{SessionId, StaffId};
use crate::vault::book::staff;
use crate::vault::superblock::Unlocked;

/// Milliseconds that a code is waited for.
const PATIENCE: i64 = 5 * 60_000;

/// What came of a right passphrase.
#[derive(Debug)]
pub enum Entered {
    /// Somebody is in.
    Session(Box<Session>),
    /// They have a second factor: its code is to be given.
    NeedsCode(Box<Pending>),
}

/// Somebody whose passphrase was right and whose code is waited for.
pub struct Pending {
    kept: Option<(Arc<Desk>, Unlocked)>,
    name: String,
    who: StaffId,
    caller: Caller,
    since: Timestamp,
}

/// Shows nothing of the keys it holds.
impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(..)")
    }
}

impl Pending {
    /// Whether the code would come too late by now.
    pub fn is_late(&self) -> bool {
        let late = |desk: &Desk| !(0..PATIENCE).contains(&desk.now().since(self.since));
        self.kept.as_ref().is_none_or(|(desk, _)| late(desk))
    }
}

impl Gate {
    /// Signs somebody in, or says that a code is needed. Takes as long as the KDF.
    pub fn enter(&self, name: &str, passphrase: &str, caller: impl Into<Caller>) -> Result<Entered, GateError> {
        let caller = caller.into();
        let (desk, unlocked) = self.let_in(name, passphrase, caller)?;
        let who = sign_in::known(&desk, name, &unlocked)?.id;
        let factor = desk.tables.read().and_then(|from| staff::factor(&from, who));
        if factor.map_err(Refusal::from)?.is_none() {
            return self.begin(desk, name, unlocked, caller).map(Box::new).map(Entered::Session);
        }
        let since = desk.now();
        let kept = Some((desk, unlocked));
        Ok(Entered::NeedsCode(Box::new(Pending { kept, name: name.to_owned(), who, caller, since })))
    }

    /// As [`Self::enter`] for whoever has no code to give: somebody with a second factor is refused.
    pub fn login(&self, name: &str, passphrase: &str, caller: impl Into<Caller>) -> Result<Session, GateError> {
        match self.enter(name, passphrase, caller)? {
            Entered::Session(session) => Ok(*session),
            Entered::NeedsCode(_) => Err(GateError::CodeNeeded),
        }
    }

    /// Takes the code that was waited for, of the phone or a recovery code. After a wrong one the next may be given.
    pub fn give_code(&self, pending: &mut Pending, typed: &str) -> Result<Session, GateError> {
        if pending.is_late() {
            pending.kept = None;
        }
        let Some((desk, unlocked)) = &pending.kept else { return Err(GateError::CodeLate) };
        // Who was shut out meanwhile is refused as anybody unknown is.
        sign_in::known(desk, &pending.name, unlocked)?;
        let giver = Giver { who: pending.who, session: SessionId(0), origin: pending.caller.origin };
        let counted = (&*self.backoff, &self.backoff.account(&pending.name));
        factor::give(desk, giver, &unlocked.user, typed, counted)?;
        let (desk, unlocked) = pending.kept.take().ok_or(GateError::CodeLate)?;
        let session = self.begin(desk, &pending.name, unlocked, pending.caller)?;
        session.code_was_given();
        Ok(session)
    }
}

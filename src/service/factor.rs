//! The second factor: enrolling a phone, recovery codes, and the check of a code.
//!
//! **Invariant:** a code is checked and its step kept in one transaction with its entry, so that no code counts twice,
//! whoever gives it where. Every wrong one is on record and makes the next one wait. The secret is readable to its
//! person alone.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::actor::Actor;
use super::alerts;
use super::backoff::{Account, Backoff};
use super::desk::Desk;
use super::door::Done;
use super::people::only_owners_for;
use super::refusal::{FactorProblem, Refusal};
use super::session::Session;
use super::view::{AlertKind, FactorOffer, FactorState, Wanted};
use crate::clock::{Entropy, Timestamp};
use crate::domain::audit::{NewEntry, Object, Origin, Outcome, Texts};
use crate::domain::id::{SessionId, StaffId};
use crate::domain::role::RoleName;
use crate::vault::book::staff;
use crate::vault::keyring::{CodeFault, FactorCode, TotpSecret, UserKeys};
use crate::vault::records::Factor;
use crate::vault::store::Get;

const SECRET: &[u8] = b"second factor";
/// How many recovery codes there are at first.
const CODES: usize = 10;

/// Who gives a code, before or after they have a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Giver {
    pub(super) who: StaffId,
    pub(super) session: SessionId,
    pub(super) origin: Origin,
}

impl Giver {
    fn entry(self, verb: &str, now: Timestamp, outcome: Outcome) -> NewEntry {
        NewEntry {
            time: now,
            actor: Some(self.who),
            session: self.session,
            origin: self.origin,
            action: verb.to_owned(),
            object: Object::None,
            field: None,
            reason: None,
            count: None,
            outcome,
            texts: Texts::default(),
            value_hmac: None,
        }
    }
}

fn wrong(fault: CodeFault) -> Refusal {
    Refusal::Factor(match fault {
        CodeFault::Wrong => FactorProblem::Wrong { wait_seconds: 0 },
        CodeFault::Used => FactorProblem::Used,
    })
}

/// Checks a code, of the phone or a recovery code, and keeps that it was used.
pub(super) fn give(
    desk: &Arc<Desk>,
    giver: Giver,
    user: &UserKeys,
    typed: &str,
    (backoff, account): (&Backoff, &Account),
) -> Result<(), Refusal> {
    let wait_seconds = backoff.wait_for_code(account);
    if wait_seconds > 0 {
        return Err(Refusal::Factor(FactorProblem::Wrong { wait_seconds }));
    }
    let factor = staff::factor(&desk.tables.read()?, giver.who)?;
    let factor = factor.ok_or(Refusal::Factor(FactorProblem::Missing))?;
    let secret = opened(user, &factor)?;
    let (at_desk, now, typed) = (Arc::clone(desk), desk.now(), Zeroizing::new(typed.to_owned()));
    let given = desk.commit(move |to| {
        let mut kept = staff::factor(to, giver.who)?.ok_or(Refusal::Factor(FactorProblem::Missing))?;
        if kept.sealed != factor.sealed {
            return Err(wrong(CodeFault::Wrong));
        }
        let entry = match FactorCode::parse(&typed) {
            Some(code) => {
                let at = kept.codes.iter().position(|(salt, hash)| code.is(salt, hash));
                kept.codes.remove(at.ok_or_else(|| wrong(CodeFault::Wrong))?);
                let count = Some(kept.codes.len() as u64);
                NewEntry { count, ..giver.entry("factor.recovery", now, Outcome::Done) }
            }
            None => {
                kept.last_step = secret.accepts(&typed, now, Some(kept.last_step)).map_err(wrong)?;
                giver.entry("session.code", now, Outcome::Done)
            }
        };
        staff::put_factor(to, giver.who, Some(&kept))?;
        at_desk.recorder.append(to, &entry, &*at_desk.entropy)?;
        Ok(())
    });
    match given {
        Err(Refusal::Factor(problem @ (FactorProblem::Wrong { .. } | FactorProblem::Used))) => {
            let wait_seconds = backoff.wrong_code(account);
            refused(desk, giver, wait_seconds)?;
            Err(Refusal::Factor(match problem {
                FactorProblem::Wrong { .. } => FactorProblem::Wrong { wait_seconds },
                other => other,
            }))
        }
        Ok(()) => {
            backoff.right_code(account);
            Ok(())
        }
        Err(other) => Err(other),
    }
}

/// Puts a wrong code on record, with an alert once the next one has to wait: whoever gave it knew the passphrase.
fn refused(desk: &Arc<Desk>, giver: Giver, wait_seconds: u32) -> Result<(), Refusal> {
    let (at_desk, now) = (Arc::clone(desk), desk.now());
    desk.commit(move |to| {
        at_desk.recorder.append(to, &giver.entry("session.code", now, Outcome::Refused), &*at_desk.entropy)?;
        if wait_seconds > 0 {
            let entry = giver.entry("alert.raise", now, Outcome::Done);
            alerts::raise_about(&at_desk, to, giver.who, entry, (AlertKind::WrongCodes, 4))?;
        }
        Ok(())
    })
}

fn opened(user: &UserKeys, factor: &Factor) -> Result<TotpSecret, Refusal> {
    let bytes = user.unwrap(SECRET, &factor.sealed).ok();
    let secret = bytes.and_then(|bytes| TotpSecret::from_bytes(&bytes));
    secret.ok_or_else(|| Refusal::Damaged("a person's second factor cannot be opened with their key".into()))
}

/// How the actor's second factor stands.
pub(super) fn state(actor: &Actor, from: &dyn Get) -> Result<FactorState, Refusal> {
    let factor = staff::factor(from, actor.staff.id)?;
    Ok(FactorState {
        since: factor.as_ref().map(|factor| factor.since),
        codes_left: factor.map_or(0, |factor| u8::try_from(factor.codes.len()).unwrap_or(u8::MAX)),
        wanted: if actor.policy.demands_factor(actor.staff.role) { Wanted::Yes } else { Wanted::No },
    })
}

/// Makes a secret, to be taken into a phone and proved by a code.
pub(super) fn offer(session: &Session, actor: &Actor) -> Result<Done, Refusal> {
    let secret = TotpSecret::generate(&*actor.desk.entropy);
    let offer = FactorOffer { uri: secret.uri(actor.staff.name.as_str()), secret: secret.base32() };
    session.memory().factor = Some(secret);
    Ok(Done::FactorOffer(offer))
}

/// Takes the offered secret in force, once a code proves that a phone has it. A factor that was there goes.
pub(super) fn confirm(session: &Session, actor: &Actor, typed: &str) -> Result<Done, Refusal> {
    let secret = session.memory().factor.clone().ok_or(Refusal::Factor(FactorProblem::NotOffered))?;
    // Nothing is proved to anybody here: who types sees the secret, so a wrong code neither waits nor counts.
    let last_step = secret.accepts(typed, actor.now, None).map_err(wrong)?;
    let entropy = &*actor.desk.entropy;
    let (shown, codes) = fresh_codes(entropy);
    let sealed = actor.keys.user.wrap(SECRET, secret.bytes(), entropy);
    let factor = Factor { sealed, last_step, since: actor.now, codes };
    keep(actor, "factor.enrol", Some(factor))?;
    session.memory().factor = None;
    session.memory().code_at = Some(actor.now);
    Ok(Done::FactorCodes(shown))
}

type Stored = Vec<([u8; 16], [u8; 32])>;

fn fresh_codes(entropy: &dyn Entropy) -> (Vec<Zeroizing<String>>, Stored) {
    let codes = (0..CODES).map(|_| FactorCode::generate(entropy));
    let pair = |code: FactorCode| {
        let salt = entropy.bytes();
        (code.shown(), (salt, code.hash(&salt)))
    };
    codes.map(pair).unzip()
}

/// New recovery codes; the old ones count no more.
pub(super) fn renew_codes(actor: &Actor) -> Result<Done, Refusal> {
    let factor = staff::factor(&actor.desk.tables.read()?, actor.staff.id)?;
    let factor = factor.ok_or(Refusal::Factor(FactorProblem::Missing))?;
    let (shown, codes) = fresh_codes(&*actor.desk.entropy);
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let id = of_actor.staff.id;
        let mut kept = staff::factor(to, id)?.filter(|kept| kept.sealed == factor.sealed);
        let kept = kept.as_mut().ok_or(Refusal::Factor(FactorProblem::Missing))?;
        kept.codes.clone_from(&codes);
        staff::put_factor(to, id, Some(kept))?;
        Ok(of_actor.record(to, &NewEntry { object: Object::Staff(id.0), ..of_actor.entry("factor.codes") })?)
    })?;
    Ok(Done::FactorCodes(shown))
}

/// Removes one's own, unless the policy demands one.
pub(super) fn remove(actor: &Actor) -> Result<Done, Refusal> {
    if actor.factor.is_none() {
        return Err(Refusal::Factor(FactorProblem::Missing));
    }
    if actor.policy.demands_factor(actor.staff.role) {
        return Err(Refusal::Factor(FactorProblem::Demanded));
    }
    keep(actor, "factor.remove", None)?;
    Ok(Done::Done)
}

fn keep(actor: &Actor, verb: &'static str, factor: Option<Factor>) -> Result<(), Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let id = of_actor.staff.id;
        staff::put_factor(to, id, factor.as_ref())?;
        Ok(of_actor.record(to, &NewEntry { object: Object::Staff(id.0), ..of_actor.entry(verb) }).map(|_| ())?)
    })
}

/// Takes somebody's second factor away, whose phone and codes are gone: an owner does it, for somebody else, and the
/// alert is about whom it was done to.
pub(super) fn reset(actor: &Actor, id: StaffId) -> Result<Done, Refusal> {
    only_owners_for(actor, RoleName::Owner)?;
    if id == actor.staff.id {
        return Err(Refusal::Factor(FactorProblem::OnesOwn));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let who = staff::get(to, id)?.ok_or(Refusal::NotFound("staff member"))?;
        staff::factor(to, id)?.ok_or(Refusal::Factor(FactorProblem::Missing))?;
        staff::put_factor(to, id, None)?;
        let texts = Texts { after: Some(who.name.as_str().to_owned()), ..Texts::default() };
        of_actor.record(to, &NewEntry { object: Object::Staff(id.0), texts, ..of_actor.entry("factor.reset") })?;
        alerts::raise_about(&of_actor.desk, to, id, of_actor.entry("alert.raise"), (AlertKind::FactorReset, 1))?;
        Ok(Done::Done)
    })
}

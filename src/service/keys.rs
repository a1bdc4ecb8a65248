//! The vault's keys over time: what a passphrase costs, and the recovery key.
//!
//! **Invariant:** a recovery key counts only after the words that were asked for were given; it is never stored in a
//! readable form. The note in the tables is written before the slot, and [`tidy`] puts right what a crash between the
//! two left.

use zeroize::Zeroizing;

use super::actor::Actor;
use super::bulk::SAMPLE;
use super::door::Done;
use super::gate::{KdfChoice, calibrated};
use super::key_state::{Cost, KeysState, RecoveryOffer, RecoveryState};
use super::people::{give, held, only_owners_for};
use super::refusal::{KeysProblem, PassphraseProblem, RecoveryFault, Refusal};
use super::session::{Session, record_refusal};
use super::view::KeysDue;
use crate::clock::Entropy;
use crate::domain::audit::{NewEntry, Outcome, Texts};
use crate::domain::role::{Permission, RoleName};
use crate::domain::staff::StaffState;
use crate::privacy::class::FieldClass;
use crate::vault::book::{keys, staff};
use crate::vault::keyring::{KdfParams, KeyName, Passphrase, RecoveryKey, WORDS};
use crate::vault::records::{RecoveryNote, StaffKeys};
use crate::vault::store::{Get, StoreError};
use crate::vault::superblock::RECOVERY_SLOT;

/// How many words are asked back.
const ASKED: usize = 4;

/// A recovery key that was shown and not asked back yet.
pub struct Offer {
    key: RecoveryKey,
    ask: Vec<u8>,
}

impl Cost {
    fn of(params: KdfParams) -> Self {
        Self { passes: params.t(), mib: params.m_kib().div_ceil(1024), lanes: params.p() }
    }
}

/// Whether what somebody typed has the shape of a recovery key, or of enough shares of one. Which vault it opens is not
/// said.
pub fn recovery_shape(typed: &str) -> Result<(), RecoveryFault> {
    RecoveryKey::parse(typed).map(|_| ())
}

/// Whether a passphrase keeps the rules of one that is to be set.
pub fn passphrase_shape(typed: &str) -> Result<(), PassphraseProblem> {
    Ok(Passphrase::new(typed).map(|_| ())?)
}

/// How the keys stand.
pub(super) fn state(actor: &Actor, from: &dyn Get) -> Result<KeysState, Refusal> {
    let note = keys::note(from)?;
    let standing = actor.desk.keeper.standing();
    let (mut left, mut waiting) = (0, Vec::new());
    for who in actor.everybody.iter().filter(|s| s.state != StaffState::Disabled) {
        if staff::keys(from, who.id)?.is_some_and(|keys| note.not_moved.contains(&keys.slot)) {
            left += 1;
            waiting.push(who.name.clone());
        }
    }
    if !actor.role.may(Permission::ManageStaff) {
        waiting.clear();
    }
    Ok(KeysState {
        cost: Cost::of(standing.kdf),
        cost_before: standing.kdf_before.map(Cost::of),
        left,
        waiting,
        recovery: match note.recovery {
            RecoveryNote::Missing => RecoveryState::Missing,
            RecoveryNote::Made(at) => RecoveryState::Made(at),
            RecoveryNote::Used(at) => RecoveryState::Used(at),
        },
        shares: note.shares.filter(|_| matches!(note.recovery, RecoveryNote::Made(_))),
        epoch: standing.epoch,
        rotated: note.rotated,
        rotation_due: note.rotation_due,
        unfinished: std::fs::metadata(actor.desk.ground.unfinished()).ok().map(|meta| meta.len()),
    })
}

/// What somebody who can ought to do about the keys. Only an owner can make a recovery key.
pub(super) fn due(actor: &Actor, from: &dyn Get) -> Result<KeysDue, Refusal> {
    let note = keys::note(from)?;
    // Nobody needs to get back into a vault of made-up customers.
    let missing = !matches!(note.recovery, RecoveryNote::Made(_)) && from.number(SAMPLE)? == 0;
    Ok(KeysDue { recovery: missing && actor.staff.role == RoleName::Owner, rotation: note.rotation_due })
}

/// Raises what a passphrase costs to what this machine can bear. Everybody's slot moves at their next sign-in.
pub(super) fn recalibrate(actor: &Actor) -> Result<Done, Refusal> {
    let keeper = &actor.desk.keeper;
    let standing = keeper.standing();
    if standing.kdf_before.is_some() {
        return Err(Refusal::Keys(KeysProblem::StillMoving));
    }
    let now = standing.kdf;
    let next = match actor.desk.ground.kdf {
        KdfChoice::Calibrated => now.at_least(calibrated()),
        KdfChoice::Cheap => KdfParams::new(now.t() + 1, now.m_kib() * 2, now.p()).unwrap_or(now),
    };
    if next == now {
        return Err(Refusal::Keys(KeysProblem::CostAsHigh));
    }
    let words = |params: KdfParams| format!("t={} m={} p={}", params.t(), params.m_kib(), params.p());
    let texts = Texts { before: Some(words(now)), after: Some(words(next)), ..Texts::default() };
    let entry = NewEntry { texts, ..actor.entry("keys.recalibrate") };
    let (of_actor, done) = (actor.clone(), entry.clone());
    actor.commit(move |to| {
        let mut note = keys::note(to)?;
        note.not_moved.clear();
        for who in staff::all(to)?.iter().filter(|s| s.state != StaffState::Disabled) {
            note.not_moved.extend(staff::keys(to, who.id)?.map(|keys| keys.slot));
        }
        keys::put_note(to, &note)?;
        of_actor.record(to, &done)?;
        Ok(())
    })?;
    if let Err(refusal) = keeper.recalibrate(next) {
        // What the note says too much is taken back at the next opening. Where the failure cannot be put on record
        // either, the first fault is the one to be told.
        let _ = record_refusal(actor, NewEntry { outcome: Outcome::Failed, ..entry }, None);
        return Err(refusal);
    }
    Ok(Done::Done)
}

/// Makes a recovery key, to be shown and asked back.
pub(super) fn offer(session: &Session, actor: &Actor) -> Result<Done, Refusal> {
    only_owners_for(actor, RoleName::Owner)?;
    for class in FieldClass::SEALED {
        // The key is to hold what an owner holds.
        actor.class_key(class).ok_or(Refusal::KeyMissing(class))?;
        actor.blind_key(class).ok_or(Refusal::KeyMissing(class))?;
    }
    let entropy = &*actor.desk.entropy;
    let key = RecoveryKey::generate(entropy);
    let ask = asked(entropy);
    let words = key.words();
    session.memory().offer = Some(Offer { key, ask: ask.clone() });
    Ok(Done::Recovery(RecoveryOffer { words, ask }))
}

/// The numbers of some words, in order.
fn asked(entropy: &dyn Entropy) -> Vec<u8> {
    let mut numbers: Vec<u8> = (1..=WORDS as u8).collect();
    let mut ask = Vec::new();
    while ask.len() < ASKED && !numbers.is_empty() {
        let drawn = u64::from_be_bytes(entropy.bytes()).checked_rem(numbers.len() as u64).unwrap_or(0);
        ask.push(numbers.remove(usize::try_from(drawn).unwrap_or(0)));
    }
    ask.sort_unstable();
    ask
}

/// Takes the words that were asked for; the key counts from then on, in the place of any before it.
pub(super) fn confirm(session: &Session, actor: &Actor, answers: &[(u8, Zeroizing<String>)]) -> Result<Done, Refusal> {
    only_owners_for(actor, RoleName::Owner)?;
    let key = {
        let mut memory = session.memory();
        let offer = memory.offer.take().ok_or(Refusal::Keys(KeysProblem::NoOffer))?;
        if !answered(&offer, answers) {
            memory.offer = Some(offer);
            return Err(Refusal::Keys(KeysProblem::WordsDiffer));
        }
        offer.key
    };
    let vault = actor.desk.tables.id();
    let user = key.user(&vault);
    let (kem, cosign) = (user.kem_public(), user.cosign_public());
    let of_actor = actor.clone();
    let generation = actor.commit(move |to| {
        let actor = &of_actor;
        let mut note = keys::note(to)?;
        note.recovery = RecoveryNote::Made(actor.now);
        note.recovery_generation = note.recovery_generation.saturating_add(1);
        note.shares = None;
        keys::put_note(to, &note)?;
        let generation = note.recovery_generation;
        let place = StaffKeys { kem, cosign, slot: RECOVERY_SLOT, generation, last_login: None };
        staff::put_keys(to, keys::RECOVERY, &place)?;
        for name in KeyName::ALL {
            let held = held(actor, *name).ok_or(Refusal::Keys(KeysProblem::NoOffer))?;
            give(&vault, to, keys::RECOVERY, &kem, held, &actor.keys.user, &*actor.desk.entropy)?;
        }
        actor.record(to, &actor.entry("recovery.new"))?;
        Ok(generation)
    })?;
    let set = actor.desk.keeper.set_recovery(&key, generation, &actor.keys.user, &*actor.desk.entropy);
    if let Err(refusal) = set {
        let (of_actor, failed) = (actor.clone(), NewEntry { outcome: Outcome::Failed, ..actor.entry("recovery.new") });
        // Where this cannot be written either, the next opening finds note and slot apart and does the same.
        let _ = actor.commit(move |to| {
            let mut note = keys::note(to)?;
            note.recovery = RecoveryNote::Missing;
            keys::put_note(to, &note)?;
            of_actor.record(to, &failed)?;
            Ok(())
        });
        return Err(refusal);
    }
    Ok(Done::Done)
}

/// Whether every word that was asked for is among the answers, and every answer right.
fn answered(offer: &Offer, answers: &[(u8, Zeroizing<String>)]) -> bool {
    let words = offer.key.words();
    let right = |(number, typed): &(u8, Zeroizing<String>)| {
        let word = usize::from(*number).checked_sub(1).and_then(|at| words.split(' ').nth(at));
        word.is_some_and(|word| word.eq_ignore_ascii_case(typed.trim()))
    };
    offer.ask.iter().all(|asked| answers.iter().any(|(number, _)| number == asked)) && answers.iter().all(right)
}

/// Splits the recovery key, which has to be typed in, since it is stored nowhere.
pub(super) fn split(actor: &Actor, typed: &str, threshold: u8, count: u8) -> Result<Done, Refusal> {
    only_owners_for(actor, RoleName::Owner)?;
    let key = RecoveryKey::parse(typed).map_err(Refusal::Recovery)?;
    if !actor.desk.keeper.is_recovery_key(&key) {
        return Err(Refusal::Keys(KeysProblem::NotTheRecoveryKey));
    }
    let shares = key.split(threshold, count, &*actor.desk.entropy);
    let shares = shares.map_err(|_| Refusal::Keys(KeysProblem::SplitBounds))?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let mut note = keys::note(to)?;
        note.shares = Some((threshold, count));
        keys::put_note(to, &note)?;
        let texts = Texts { after: Some(format!("{threshold} / {count}")), ..Texts::default() };
        of_actor.record(to, &NewEntry { texts, ..of_actor.entry("recovery.split") })?;
        Ok(())
    })?;
    Ok(Done::Shares(shares.iter().map(|share| share.text()).collect()))
}

/// Brings the note and the slots together after a crash between them: once after opening.
pub(super) fn tidy(actor: &Actor) -> Result<(), Refusal> {
    let (keeper, entropy) = (&actor.desk.keeper, &*actor.desk.entropy);
    let from = actor.desk.tables.read()?;
    let note = keys::note(&from)?;
    let kem = keys::recovery_kem(&from)?;
    drop(from);
    let made = matches!(note.recovery, RecoveryNote::Made(_));
    let fits = kem.is_some_and(|kem| keeper.recovery_is_for(&kem));
    if !fits {
        keeper.clear_recovery(entropy)?;
    }
    let moving = keeper.standing().kdf_before.is_some();
    let mut settled = note.clone();
    if made && !fits {
        settled.recovery = RecoveryNote::Missing;
    }
    if !moving {
        settled.not_moved.clear();
    }
    if settled != note {
        actor.commit(move |to| Ok(keys::put_note(to, &settled)?))?;
    }
    Ok(())
}

/// Ends a recalibration once everybody has moved.
pub(super) fn end_recalibration(actor: &Actor) -> Result<(), Refusal> {
    if actor.desk.keeper.standing().kdf_before.is_some() && keys::note(&actor.desk.tables.read()?)?.not_moved.is_empty()
    {
        actor.desk.keeper.end_recalibration()?;
    }
    Ok(())
}

/// Notes in the transaction of a change that a slot has its passphrase under the parameters in force, or is gone.
pub(super) fn moved(to: &mut dyn crate::vault::store::Put, slot: u16) -> Result<(), StoreError> {
    let mut note = keys::note(to)?;
    if note.not_moved.contains(&slot) {
        note.moved(slot);
        keys::put_note(to, &note)?;
    }
    Ok(())
}

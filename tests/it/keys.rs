//! The vault's keys over time, through the door: passphrases, recalibration, recovery key, rotation.

use std::cell::Cell;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use veilbook::domain::audit::Origin;
use veilbook::domain::role::RoleName;
use veilbook::domain::staff::LoginName;
use veilbook::service::key_state::{KeysState, RecoveryState};
use veilbook::service::refusal::{KeysProblem, RecoveryFault};
use veilbook::service::rotation::{Rotated, Rotation};
use veilbook::service::view::ChainCheck;
use veilbook::service::{Action, Done, Gate, GateError, Query, Refusal, Session, View};
use veilbook::vault::file::disk::Disk;
use veilbook::vault::superblock::SUPERBLOCK_REGION;
use zeroize::Zeroizing;

use crate::house::{House, PASSPHRASE, add, callback, deps, key, open, set, verbs};

const NEXT: &str = "another lake at another dawn";

fn keys(session: &Session) -> KeysState {
    match session.query(Query::Keys).unwrap() {
        View::Keys(state) => state,
        other => panic!("{other:?}"),
    }
}

/// Makes a recovery key and gives its words back as they are asked for.
pub fn make_recovery(owner: &Session) -> Zeroizing<String> {
    let Ok(Done::Recovery(offer)) = owner.perform(Action::OfferRecovery) else { panic!("no offer") };
    let words: Vec<&str> = offer.words.split(' ').collect();
    assert_eq!((words.len(), offer.ask.len()), (24, 4));
    let answers = offer.ask.iter().map(|n| (*n, Zeroizing::new(words[usize::from(*n) - 1].to_uppercase())));
    owner.perform(Action::ConfirmRecovery(answers.collect())).unwrap();
    offer.words
}

fn shares(owner: &Session, words: &str, threshold: u8, count: u8) -> Vec<String> {
    let typed = Zeroizing::new(words.to_owned());
    match owner.perform(Action::SplitRecovery { typed, threshold, count }) {
        Ok(Done::Shares(shares)) => shares.iter().map(|s| s.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

fn rotation(session: &Session) -> Rotation {
    match session.perform(Action::RotateKeys) {
        Ok(Done::Rotation(rotation)) => rotation,
        other => panic!("{other:?}"),
    }
}

fn rotate(session: &Session) -> Rotated {
    rotation(session).run(&mut |_| ControlFlow::Continue(())).unwrap()
}

fn sound(session: &Session) {
    let Ok(Done::Verdict(state)) = session.perform(Action::VerifyRecord) else { panic!("no verdict") };
    assert_eq!(state.check, Some(ChainCheck::Sound));
}

fn keys_fault(error: &GateError) -> Option<KeysProblem> {
    if let GateError::Keys(problem) = error { Some(*problem) } else { None }
}

#[test]
fn a_recovery_key_counts_once_its_words_were_asked_back() {
    let (house, owner) = House::new();
    assert_eq!(keys(&owner).recovery, RecoveryState::Missing);
    let no_offer = owner.perform(Action::ConfirmRecovery(Vec::new()));
    assert!(matches!(no_offer, Err(Refusal::Keys(KeysProblem::NoOffer))));
    let Ok(Done::Recovery(offer)) = owner.perform(Action::OfferRecovery) else { panic!("no offer") };
    assert!(!format!("{offer:?}").contains(offer.words.split(' ').next().unwrap()));
    let wrong = offer.ask.iter().map(|n| (*n, Zeroizing::new("zoo".to_owned()))).collect();
    for answers in [Vec::new(), wrong] {
        let refused = owner.perform(Action::ConfirmRecovery(answers));
        assert!(matches!(refused, Err(Refusal::Keys(KeysProblem::WordsDiffer))), "{refused:?}");
    }
    assert_eq!(keys(&owner).recovery, RecoveryState::Missing);
    let unasked = house.gate.recover(&offer.words, "Olga", NEXT, Origin::Screen).err().unwrap();
    assert_eq!(keys_fault(&unasked), Some(KeysProblem::NotTheRecoveryKey));
    make_recovery(&owner);
    assert!(matches!(keys(&owner).recovery, RecoveryState::Made(_)));
    assert!(verbs(&owner).contains(&"recovery.new".to_owned()));
}

#[test]
fn the_recovery_key_establishes_the_owner_anew_who_reads_what_the_old_one_read() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("bank_card", "4111111111111111")]);
    let words = make_recovery(&owner);
    owner.end();
    drop(owner);
    house.gate.seal();
    let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 40));
    let anew = gate.recover(&words, "olga", NEXT, Origin::Screen).unwrap();
    open(&anew, id);
    for field in ["mobile", "bank_card"] {
        assert!(matches!(anew.perform(Action::Reveal(id, key(field), callback())), Ok(Done::Revealed(_))), "{field}");
    }
    assert!(verbs(&anew).contains(&"recovery.use".to_owned()));
    assert!(matches!(keys(&anew).recovery, RecoveryState::Used(_)));
    sound(&anew);
    anew.end();
    drop(anew);
    gate.seal();
    let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 41));
    assert!(gate.login("olga", PASSPHRASE, Origin::Screen).is_err(), "the forgotten passphrase opens nothing");
    gate.login("olga", NEXT, Origin::Screen).unwrap().end();
}

#[test]
fn the_recovery_key_can_make_somebody_new_the_owner() {
    let (house, owner) = House::new();
    let words = make_recovery(&owner);
    drop(owner);
    house.gate.seal();
    let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 42));
    let anew = gate.recover(&words, "Greta", NEXT, Origin::CommandLine).unwrap();
    let View::Me(me) = anew.query(Query::Me).unwrap() else { panic!("nobody") };
    assert_eq!((me.name.as_str(), me.role.name), ("Greta", RoleName::Owner));
    gate.login("olga", PASSPHRASE, Origin::Screen).unwrap().end();
}

/// hostile.md: a recovery code twice.
#[test]
fn a_recovery_code_twice_is_told_that_it_was_used_and_a_new_one_makes_the_old_one_void() {
    let (house, owner) = House::new();
    let first = make_recovery(&owner);
    let second = make_recovery(&owner);
    drop(owner);
    let replaced = house.gate.recover(&first, "olga", NEXT, Origin::Screen).err().unwrap();
    assert_eq!(keys_fault(&replaced), Some(KeysProblem::NotTheRecoveryKey));
    let anew = house.gate.recover(&second, "olga", NEXT, Origin::Screen).unwrap();
    let again = house.gate.recover(&second, "olga", PASSPHRASE, Origin::Screen).err().unwrap();
    assert_eq!(keys_fault(&again), Some(KeysProblem::NotTheRecoveryKey), "its slot is gone");
    make_recovery(&anew);
    assert!(matches!(keys(&anew).recovery, RecoveryState::Made(_)));
}

/// hostile.md: shares below the threshold or of mixed sets.
#[test]
fn shares_below_the_threshold_or_of_mixed_sets_are_refused_and_enough_of_one_set_open() {
    let (house, owner) = House::new();
    let words = make_recovery(&owner);
    let one = shares(&owner, &words, 2, 3);
    let other = shares(&owner, &words, 2, 3);
    assert_eq!(keys(&owner).shares, Some((2, 3)));
    let bounds = owner.perform(Action::SplitRecovery { typed: words, threshold: 4, count: 3 });
    assert!(matches!(bounds, Err(Refusal::Keys(KeysProblem::SplitBounds))));
    drop(owner);
    let refused = |typed: String| match house.gate.recover(&typed, "olga", NEXT, Origin::Screen) {
        Err(GateError::Recovery(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(one[1].clone()), RecoveryFault::TooFew { have: 1, need: 2 });
    assert_eq!(refused(format!("{} {}", one[1], one[1])), RecoveryFault::TooFew { have: 1, need: 2 });
    assert_eq!(refused(format!("{} {}", one[0], other[1])), RecoveryFault::MixedSets);
    let typed = format!("{}\n{}", one[2], one[0].to_lowercase());
    house.gate.recover(&typed, "olga", NEXT, Origin::Screen).unwrap().end();
}

/// hostile.md: Passphrase in NFC and NFD; empty; 64 KiB; with NUL.
#[test]
fn a_changed_passphrase_in_nfc_and_nfd_is_one_and_an_empty_a_64_kib_and_one_with_nul_are_refused() {
    let (house, owner) = House::new();
    let words = make_recovery(&owner);
    for bad in ["", "a\0b and some more words", &"violet ".repeat(9_363), "short"] {
        let change = Action::ChangePassphrase(Zeroizing::new(PASSPHRASE.into()), Zeroizing::new(bad.into()));
        assert!(matches!(owner.perform(change), Err(Refusal::Passphrase(_))), "{} bytes", bad.len());
        let recovered = house.gate.recover(&words, "olga", bad, Origin::Screen);
        assert!(matches!(recovered, Err(GateError::Passphrase(_))), "{} bytes", bad.len());
    }
    let next = Zeroizing::new("cafe\u{301} au lait tous les jours".to_owned());
    owner.perform(Action::ChangePassphrase(Zeroizing::new(PASSPHRASE.into()), next)).unwrap();
    house.gate.login("olga", "caf\u{e9} au lait tous les jours", Origin::Screen).unwrap().end();
}

#[test]
fn the_cost_of_passphrases_is_raised_and_ends_when_everybody_has_signed_in() {
    let (house, owner) = House::new();
    house.staff(&owner, RoleName::Support).end();
    let before = keys(&owner).cost;
    owner.perform(Action::Recalibrate).unwrap();
    let state = keys(&owner);
    assert!(state.cost.passes > before.passes && state.cost_before == Some(before), "{state:?}");
    assert_eq!((state.left, state.waiting.len()), (2, 2));
    let again = owner.perform(Action::Recalibrate);
    assert!(matches!(again, Err(Refusal::Keys(KeysProblem::StillMoving))));
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    let state = keys(&owner);
    assert_eq!((state.left, state.waiting[0].as_str()), (1, "support person"));
    house.gate.login("support person", PASSPHRASE, Origin::Screen).unwrap().end();
    let state = keys(&owner);
    assert_eq!((state.left, state.cost_before), (0, None));
    drop(owner);
    house.gate.seal();
    for name in ["olga", "support person"] {
        house.gate.login(name, PASSPHRASE, Origin::Screen).unwrap().end();
    }
}

#[test]
fn somebody_who_sets_a_passphrase_or_is_shut_out_is_waited_for_no_longer() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let sales = house.staff(&owner, RoleName::Sales);
    owner.perform(Action::Recalibrate).unwrap();
    let change = Action::ChangePassphrase(Zeroizing::new(PASSPHRASE.into()), Zeroizing::new(NEXT.into()));
    support.perform(change).unwrap();
    owner.perform(Action::DisableStaff(sales.staff())).unwrap();
    assert_eq!(keys(&owner).waiting, [LoginName::new("Olga").unwrap()]);
}

#[test]
fn rotation_copies_everything_under_new_keys_and_everybody_signs_in_anew() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    house.staff(&owner, RoleName::Support).end();
    let sales = house.staff(&owner, RoleName::Sales);
    let words = make_recovery(&owner);
    assert_eq!(keys(&owner).rotation_due, None);
    owner.perform(Action::DisableStaff(sales.staff())).unwrap();
    assert!(keys(&owner).rotation_due.is_some(), "whoever left held the vault's key");
    let before = std::fs::read(house.gate.path()).unwrap();
    let rotated = rotate(&owner);
    assert!(rotated.rows > 20 && rotated.from_before == 0, "{rotated:?}");
    assert!(matches!(owner.query(Query::Me), Err(Refusal::SessionEnded)));
    let owner = house.again();
    let state = keys(&owner);
    assert_eq!((state.epoch, state.rotation_due, state.unfinished), (2, None, None));
    assert!(state.rotated.is_some());
    open(&owner, id);
    assert!(matches!(owner.perform(Action::Reveal(id, key("mobile"), callback())), Ok(Done::Revealed(_))));
    assert!(verbs(&owner).contains(&"keys.rotate".to_owned()));
    sound(&owner);
    house.gate.login("support person", PASSPHRASE, Origin::Screen).unwrap().end();
    assert!(house.gate.login("sales person", PASSPHRASE, Origin::Screen).is_err());
    drop(owner);
    house.gate.seal();
    // The old file as somebody may have kept it still opens to whoever could open it.
    let kept = house.folder.path().join("kept.veil");
    std::fs::write(&kept, before).unwrap();
    Gate::new(kept, deps(&house.clock, 50)).login("olga", PASSPHRASE, Origin::Screen).unwrap();
    let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 51));
    gate.recover(&words, "olga", NEXT, Origin::Screen).unwrap().end();
}

#[test]
fn while_keys_are_replaced_reading_goes_on_and_nobody_writes() {
    let (house, owner) = House::new();
    add(&owner, "张三丰", vec![]);
    let support = house.staff(&owner, RoleName::Support);
    let looked = Cell::new(0);
    let done = rotation(&owner).run(&mut |rows| {
        assert!(rows.done <= rows.total);
        assert!(matches!(support.query(Query::Today), Ok(View::Today(_))));
        let refused = support.perform(Action::SetPreferences(Default::default()));
        assert!(matches!(refused, Err(Refusal::Keys(KeysProblem::Rotating))), "{refused:?}");
        let change = Action::ChangePassphrase(Zeroizing::new(PASSPHRASE.into()), Zeroizing::new(NEXT.into()));
        assert!(matches!(support.perform(change), Err(Refusal::Keys(KeysProblem::Rotating))));
        let second = support.perform(Action::RotateKeys);
        assert!(second.is_err());
        let entering = house.gate.login("olga", PASSPHRASE, Origin::Screen).err().unwrap();
        assert_eq!(keys_fault(&entering), Some(KeysProblem::Rotating));
        looked.set(looked.get() + 1);
        ControlFlow::Continue(())
    });
    assert!(done.is_ok() && looked.get() > 3, "{done:?} {}", looked.get());
}

#[test]
fn a_stopped_rotation_leaves_the_vault_as_it_was_and_nothing_beside_it() {
    let (house, owner) = House::new();
    for stop_after in 1..60 {
        let left = Cell::new(stop_after);
        let stopped = rotation(&owner).run(&mut |_| {
            left.set(left.get() - 1);
            if left.get() == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(!house.folder.path().join("book.veil.rotating").exists());
        match stopped {
            Err(Refusal::Keys(KeysProblem::RotationStopped)) => add(&owner, "张三丰", vec![]),
            Ok(_) => {
                assert!(stop_after > 30, "there are more steps than {stop_after}");
                sound(&house.again());
                return;
            }
            other => panic!("{other:?}"),
        };
    }
}

#[test]
fn an_interrupted_rotation_leaves_the_old_file_in_force_and_the_next_one_goes_on_with_it() {
    let (house, owner) = House::new();
    for n in 0..30 {
        add(&owner, &format!("Customer {n}"), vec![]);
    }
    // What a kill leaves at each step: the files as they lie there.
    let steps = std::cell::RefCell::new(Vec::new());
    let read = |name: &str| std::fs::read(house.folder.path().join(name)).ok();
    rotation(&owner)
        .run(&mut |_| {
            steps.borrow_mut().push((read("book.veil").unwrap(), read("book.veil.rotating").unwrap()));
            ControlFlow::Continue(())
        })
        .unwrap();
    drop(owner);
    let steps = steps.into_inner();
    let mut went_on = 0;
    for (nth, (vault, copy)) in steps.iter().enumerate().step_by(5) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.veil");
        std::fs::write(&path, vault).unwrap();
        std::fs::write(folder.path().join("book.veil.rotating"), copy).unwrap();
        let gate = Gate::new(path, deps(&house.clock, 100 + nth as u64));
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        assert_eq!(owner.size().unwrap(), 30);
        assert!(keys(&owner).unfinished.is_some());
        let rotated = rotate(&owner);
        went_on += usize::from(rotated.from_before > 0);
        drop(owner);
        gate.seal();
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        assert_eq!((owner.size().unwrap(), keys(&owner).epoch), (30, 2), "step {nth}");
        sound(&owner);
    }
    assert!(went_on > 2, "{went_on} of {}", steps.len());
}

#[test]
fn what_an_interrupted_rotation_left_is_removed_on_request_and_rubbish_in_its_place_is_no_obstacle() {
    let (house, owner) = House::new();
    let none = owner.perform(Action::DiscardRotation);
    assert!(matches!(none, Err(Refusal::NotFound(_))), "{none:?}");
    let left = house.folder.path().join("book.veil.rotating");
    std::fs::write(&left, "rubbish").unwrap();
    assert_eq!(keys(&owner).unfinished, Some(7));
    owner.perform(Action::DiscardRotation).unwrap();
    assert!(!left.exists());
    std::fs::write(&left, vec![0; 900_000]).unwrap();
    rotate(&owner);
    assert_eq!(keys(&house.again()).epoch, 2);
}

#[test]
fn a_vault_behind_a_link_is_replaced_where_it_lies_and_the_link_stays() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    let link = house.folder.path().join("link.veil");
    std::os::unix::fs::symlink(house.gate.path(), &link).unwrap();
    let gate = Gate::new(link.clone(), deps(&house.clock, 60));
    rotate(&gate.login("olga", PASSPHRASE, Origin::Screen).unwrap());
    gate.seal();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(keys(&house.again()).epoch, 2);
}

/// A disk whose head can be made unwritable; what follows the head stays as it is.
#[derive(Debug)]
struct BrokenHead(Arc<dyn Disk>, Arc<AtomicBool>);

impl Disk for BrokenHead {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset < SUPERBLOCK_REGION && self.1.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write(offset, data)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

/// A failed write stops everybody until the file is opened afresh, which brings note and slots together again.
#[test]
fn where_the_head_cannot_be_written_nothing_is_claimed_and_the_next_opening_puts_it_right() {
    let (house, owner) = House::new();
    let first = make_recovery(&owner);
    drop(owner);
    house.gate.seal();
    let broken = Arc::new(AtomicBool::new(false));
    let head = Arc::clone(&broken);
    let lay = move |file| Arc::new(BrokenHead(Arc::new(file), Arc::clone(&head))) as Arc<dyn Disk>;
    let gate = Gate::over(house.gate.path().to_owned(), deps(&house.clock, 70), lay);
    for nth in 0..3 {
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        let action = match nth {
            0 => Action::Recalibrate,
            1 => Action::ChangePassphrase(Zeroizing::new(PASSPHRASE.into()), Zeroizing::new(NEXT.into())),
            _ => {
                let Ok(Done::Recovery(offer)) = owner.perform(Action::OfferRecovery) else { panic!("no offer") };
                let words: Vec<&str> = offer.words.split(' ').collect();
                let word = |n: &u8| (*n, Zeroizing::new(words[usize::from(*n) - 1].to_owned()));
                Action::ConfirmRecovery(offer.ask.iter().map(word).collect())
            }
        };
        broken.store(true, Ordering::SeqCst);
        let refused = owner.perform(action);
        assert!(matches!(refused, Err(Refusal::Storage(_) | Refusal::RecordUnavailable(_))), "{nth}: {refused:?}");
        owner.end();
        drop(owner);
        gate.seal();
        broken.store(false, Ordering::SeqCst);
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        let state = keys(&owner);
        assert_eq!((state.left, state.cost_before), (0, None), "{nth}");
        // The note of a new key was durable before its slot was not: then neither key counts.
        assert_eq!(matches!(state.recovery, RecoveryState::Made(_)), nth < 2, "{nth}");
        sound(&owner);
        owner.end();
        drop(owner);
        gate.seal();
    }
    let void = gate.recover(&first, "olga", NEXT, Origin::Screen).err().unwrap();
    assert_eq!(keys_fault(&void), Some(KeysProblem::NotTheRecoveryKey));
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    make_recovery(&owner);
    owner.perform(Action::Recalibrate).unwrap();
    sound(&owner);
}

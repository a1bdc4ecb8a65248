//! Signing in as a hostile or careless hand does it.

use veilbook::domain::audit::{Origin, Outcome};
use veilbook::domain::role::RoleName;
use veilbook::domain::schema;
use veilbook::domain::staff::LoginName;
use veilbook::service::{Action, AuditRequest, Done, Gate, GateError, NewVault, Purpose, Query, Refusal, View};
use zeroize::Zeroizing;

use crate::house::{House, PASSPHRASE, add, callback, deps, key, set};

fn login(gate: &Gate, name: &str, passphrase: &str) -> Result<(), GateError> {
    gate.login(name, passphrase, Origin::Screen).map(|session| session.end())
}

#[test]
fn composed_and_decomposed_names_and_passphrases_are_the_same() {
    let house = House::new().0;
    house.gate.seal();
    let path = house.folder.path().join("nfc.veil");
    let gate = Gate::new(path, deps(&house.clock, 12));
    let new = NewVault {
        owner: LoginName::new("Ame\u{301}lie").unwrap(),
        passphrase: Zeroizing::new("cafe\u{301} au lait tous les jours".into()),
        region: "CN".into(),
        schema: schema::shipped(),
        purpose: Purpose::Work,
    };
    drop(gate.create(new, Origin::Screen).unwrap());
    for name in ["Am\u{e9}lie", "ame\u{301}lie", "AM\u{c9}LIE"] {
        for passphrase in ["caf\u{e9} au lait tous les jours", "cafe\u{301} au lait tous les jours"] {
            assert_eq!(login(&gate, name, passphrase), Ok(()), "{name:?}");
        }
    }
    assert!(login(&gate, "amelie", "caf\u{e9} au lait tous les jours").is_err());
}

#[test]
fn what_is_no_passphrase_is_said_to_be_none_and_costs_nobody_a_try() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    for passphrase in ["", "a\0b", &"x".repeat(64 * 1024), "\0"] {
        for _ in 0..5 {
            let error = login(&house.gate, "olga", passphrase).unwrap_err();
            assert!(matches!(error, GateError::Passphrase(_)), "{error}");
        }
    }
    assert_eq!(login(&house.gate, "olga", PASSPHRASE), Ok(()));
    for passphrase in ["", "short", "a\0b and some more words", &"violet ".repeat(10_000)] {
        let new = NewVault {
            owner: LoginName::new("Olga").unwrap(),
            passphrase: Zeroizing::new((*passphrase).into()),
            region: "CN".into(),
            schema: schema::shipped(),
            purpose: Purpose::Work,
        };
        let path = house.folder.path().join("never.veil");
        let made = Gate::new(path.clone(), deps(&house.clock, 1)).create(new, Origin::Screen);
        assert!(matches!(made, Err(GateError::Passphrase(_))));
        assert!(!path.exists());
    }
}

#[test]
fn names_that_are_none_are_refused_as_wrong_ones_are() {
    let (house, owner) = House::new();
    drop(owner);
    for name in ["", "nobody", "olga olga", "\u{1b}[2J", "olga.", &"o".repeat(100_000), "olg\u{430}"] {
        let gate = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 2));
        house.gate.seal();
        let error = login(&gate, name, PASSPHRASE).unwrap_err();
        assert!(matches!(error, GateError::WrongNameOrPassphrase { .. } | GateError::Name), "{error}");
    }
}

#[test]
fn wrong_tries_are_made_to_wait_and_the_right_one_waits_with_them() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    let mut waits = Vec::new();
    for n in 0..10 {
        let (name, passphrase) = if n % 2 == 0 { ("olga", "wrong and wrong again") } else { ("nobody", PASSPHRASE) };
        match login(&house.gate, name, passphrase) {
            Err(GateError::WrongNameOrPassphrase { wait_seconds }) => waits.push(wait_seconds),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits[..3], [0, 0, 0]);
    assert!(waits[3..].iter().all(|wait| *wait > 0), "{waits:?}");
    assert!(matches!(
        login(&house.gate, "olga", PASSPHRASE),
        Err(GateError::WrongNameOrPassphrase { wait_seconds: 1.. })
    ));
}

#[test]
fn refused_tries_are_on_record_once_somebody_is_in() {
    let (house, owner) = House::new();
    drop(owner);
    for _ in 0..3 {
        assert!(login(&house.gate, "olga", "wrong and wrong again").is_err());
    }
    let owner = house.again();
    let mut request = AuditRequest { limit: 10, ..AuditRequest::default() };
    request.filter.action = "session.refused".into();
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    let entry = &page.rows[0].entry.what;
    assert_eq!((entry.count, entry.outcome, entry.actor), (Some(3), Outcome::Refused, None));
}

#[test]
fn somebody_shut_out_while_at_work_is_out_at_once_and_stays_out() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let support = house.staff(&owner, RoleName::Support);
    support.perform(Action::OpenCustomer(id)).unwrap();
    owner.perform(Action::DisableStaff(support.staff())).unwrap();
    for action in [Action::OpenCustomer(id), Action::Reveal(id, key("mobile"), callback()), Action::Undo] {
        assert!(matches!(support.perform(action), Err(Refusal::ShutOut)));
    }
    for query in [Query::Me, Query::Refresh(id), Query::Today] {
        assert!(matches!(support.query(query), Err(Refusal::ShutOut)));
    }
    assert!(matches!(login(&house.gate, "support person", PASSPHRASE), Err(GateError::WrongNameOrPassphrase { .. })));
    drop((owner, support));
    house.gate.seal();
    let again = Gate::new(house.gate.path().to_owned(), deps(&house.clock, 2));
    assert!(login(&again, "support person", PASSPHRASE).is_err());
    assert!(login(&again, "olga", PASSPHRASE).is_ok());
}

#[test]
fn a_session_that_ended_does_nothing_more() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![]);
    owner.end();
    assert!(matches!(owner.perform(Action::OpenCustomer(id)), Err(Refusal::SessionEnded)));
    assert!(matches!(owner.query(Query::Me), Err(Refusal::SessionEnded)));
}

#[test]
fn a_setup_code_opens_nothing_but_the_choice_of_a_passphrase_and_that_once() {
    let (house, owner) = House::new();
    let added = owner.perform(Action::AddStaff(LoginName::new("Newcomer").unwrap(), RoleName::Support));
    let Ok(Done::SetupCode(_, code)) = added else { panic!("nobody added") };
    assert_eq!(login(&house.gate, "newcomer", &code), Err(GateError::SetupNeeded));
    let weak = house.gate.set_up("newcomer", &code, "short", Origin::Screen);
    assert!(matches!(weak, Err(GateError::Passphrase(_))));
    house.gate.set_up("newcomer", &code.to_lowercase(), PASSPHRASE, Origin::Screen).unwrap().end();
    assert!(house.gate.set_up("newcomer", &code, PASSPHRASE, Origin::Screen).is_err());
    assert!(login(&house.gate, "newcomer", &code).is_err());
    assert_eq!(login(&house.gate, "newcomer", PASSPHRASE), Ok(()));
}

#[test]
fn a_changed_passphrase_is_the_only_one_from_then_on() {
    let (house, owner) = House::new();
    let next = "another lake at another dawn";
    let change = |old: &str, new: &str| {
        owner.perform(Action::ChangePassphrase(Zeroizing::new(old.into()), Zeroizing::new(new.into())))
    };
    assert!(matches!(change("wrong and wrong again", next), Err(Refusal::Passphrase(_))));
    assert!(matches!(change(PASSPHRASE, "short"), Err(Refusal::Passphrase(_))));
    change(PASSPHRASE, next).unwrap();
    assert!(login(&house.gate, "olga", PASSPHRASE).is_err());
    assert_eq!(login(&house.gate, "olga", next), Ok(()));
}

#[test]
fn clocks_that_are_wrong_open_the_vault_all_the_same() {
    let (house, owner) = House::new();
    add(&owner, "张三丰", vec![]);
    for seconds in [-2_000_000_000, 4_000_000_000, -1_999_913_600] {
        house.clock.advance(seconds);
        let session = house.again();
        assert!(session.query(Query::Today).is_ok());
        assert!(matches!(session.perform(Action::VerifyRecord), Ok(Done::Verdict(_))));
        session.end();
    }
}

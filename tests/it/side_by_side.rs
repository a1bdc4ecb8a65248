//! Several people at work in one vault: who is here, who has the same customer open, and the ends that can be put to a
//! session.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use veilbook::domain::id::{CustomerId, SessionId};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{CustomerDetail, SessionRow};
use veilbook::service::{Action, NextStep, Query, Refusal, Session, View};
use veilbook::vault::file::FileDisk;
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, add, open, verbs};

fn sessions(session: &Session) -> Vec<SessionRow> {
    match session.query(Query::Sessions) {
        Ok(View::Sessions(rows)) => rows,
        other => panic!("no sessions: {other:?}"),
    }
}

fn id_of(session: &Session, asked_by: &Session) -> SessionId {
    let mut rows = sessions(asked_by).into_iter().filter(|row| row.who == session.staff() && !row.own);
    rows.next().expect("a session of theirs").id
}

fn anew(session: &Session, id: CustomerId) -> CustomerDetail {
    match session.query(Query::Refresh(id)) {
        Ok(View::Customer(detail)) => *detail,
        other => panic!("not shown anew: {other:?}"),
    }
}

/// Counts how often a session is told to look again.
fn heard(session: &Session) -> impl Fn() -> u32 {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    session.on_change(Arc::new(move || _ = counted.fetch_add(1, Ordering::SeqCst)));
    move || count.swap(0, Ordering::SeqCst)
}

#[test]
fn whoever_manages_staff_sees_who_is_here_since_when_and_how_long_idle() {
    let (house, owner) = House::new();
    let agent = house.staff(&owner, RoleName::Support);
    house.clock.advance(90);
    agent.active();
    let rows = sessions(&owner);
    let names: Vec<(&str, bool)> = rows.iter().map(|row| (row.name.as_str(), row.own)).collect();
    assert_eq!(names, [("Olga", true), ("support person", false)]);
    assert_eq!((rows[1].began, rows[1].active), (NOON, Some(NOON.plus_seconds(90))));
    agent.end();
    assert_eq!(sessions(&owner).len(), 1, "who has left is not here");
}

#[test]
fn an_ended_session_is_told_at_once_does_nothing_more_and_keeps_its_draft() {
    let (house, owner) = House::new();
    let agent = house.staff(&owner, RoleName::Support);
    let told = heard(&agent);
    owner.perform(Action::EndSession(id_of(&agent, &owner))).unwrap();
    assert_eq!(told(), 1);
    assert!(matches!(agent.query(Query::Today), Err(Refusal::Ended)));
    let draft = Zeroizing::new(b"interaction\nhalf a sentence".to_vec());
    agent.perform(Action::KeepDraft(draft.clone())).unwrap();
    assert!(matches!(agent.perform(Action::Undo), Err(Refusal::Ended)));
    assert!(verbs(&owner).contains(&"session.end_other".to_owned()));
    let again = house.gate.login("support person", PASSPHRASE, veilbook::domain::audit::Origin::Screen).unwrap();
    let View::Draft(kept) = again.query(Query::Draft).unwrap() else { panic!("no draft") };
    assert_eq!(kept, Some(draft));
}

#[test]
fn all_of_one_person_end_but_for_the_one_that_asks() {
    let (house, owner) = House::new();
    let (elsewhere, agent) = (house.again(), house.staff(&owner, RoleName::Support));
    owner.perform(Action::EndSessionsOf(owner.staff())).unwrap();
    assert!(matches!(elsewhere.query(Query::Me), Err(Refusal::Ended)));
    assert!(agent.query(Query::Me).is_ok() && owner.query(Query::Me).is_ok());
    let own = sessions(&owner).into_iter().find(|row| row.own).unwrap().id;
    assert!(
        matches!(owner.perform(Action::EndSession(own)), Err(Refusal::NotFound(_))),
        "one's own is left, not ended"
    );
}

#[test]
fn nobody_else_lists_or_ends_sessions_or_seals() {
    let (house, owner) = House::new();
    let agent = house.staff(&owner, RoleName::Support);
    let not_permitted = |refusal: Refusal| matches!(refusal, Refusal::NotPermitted { .. });
    assert!(not_permitted(agent.query(Query::Sessions).err().unwrap()));
    for action in [Action::EndSessionsOf(owner.staff()), Action::Seal] {
        assert!(not_permitted(agent.perform(action).err().unwrap()));
    }
    assert!(owner.query(Query::Me).is_ok());
}

#[test]
fn a_sealed_vault_is_let_go_of_once_everybody_has_noticed() {
    let (house, owner) = House::new();
    let agent = house.staff(&owner, RoleName::Support);
    owner.perform(Action::Seal).unwrap();
    assert!(matches!(agent.query(Query::Today), Err(Refusal::Sealed)));
    house.gate.seal();
    owner.end();
    drop((owner, agent));
    drop(FileDisk::open(house.gate.path()).expect("nobody holds the file"));
    let owner = house.again();
    assert!(verbs(&owner).contains(&"vault.seal".to_owned()));
}

#[test]
fn who_has_the_same_customer_open_is_seen_and_gone_when_they_are() {
    let (house, owner) = House::new();
    let agent = house.staff(&owner, RoleName::Support);
    let (ada, ben) = (add(&owner, "Ada", vec![]), add(&owner, "Ben", vec![]));
    open(&owner, ada);
    owner.at(Some(ada));
    let told = heard(&owner);
    assert!(open(&agent, ben).beside.is_empty());
    agent.at(Some(ben));
    assert_eq!(told(), 0, "somebody else's customer is nothing to the owner");
    assert_eq!(open(&agent, ada).beside, ["Olga"]);
    agent.at(Some(ada));
    assert_eq!((told(), anew(&owner, ada).beside), (1, vec!["support person".to_owned()]));
    agent.end();
    assert_eq!((told(), anew(&owner, ada).beside), (1, vec![]));
}

#[test]
fn nobody_is_beside_a_customer_whom_they_have_not_opened() {
    let (house, owner) = House::new();
    let agent = house.staff(&owner, RoleName::Support);
    let ada = add(&owner, "Ada", vec![]);
    agent.at(Some(ada));
    assert!(open(&owner, ada).beside.is_empty());
}

#[test]
fn reminders_say_what_came_due_lately_and_when_the_next_one_does() {
    let (house, owner) = House::new();
    let ada = add(&owner, "Ada", vec![]);
    for (hours, text) in [(1, "call back"), (30, "send the quote")] {
        let due = NOON.plus_seconds(hours * 3_600);
        owner.perform(Action::AddFollowUp(ada, NextStep::once(due, text.into()))).unwrap();
    }
    let asked = || match owner.query(Query::Reminders) {
        Ok(View::Reminders(reminders)) => {
            let due: Vec<String> = reminders.due.iter().map(|row| row.follow_up.text.as_str().to_owned()).collect();
            (due, reminders.next.map(|next| next.since(NOON) / 3_600_000))
        }
        other => panic!("no reminders: {other:?}"),
    };
    assert_eq!(asked(), (vec![], Some(1)));
    house.clock.advance(3_600);
    assert_eq!(asked(), (vec!["call back".to_owned()], Some(30)));
    house.clock.advance(5 * 3_600);
    assert_eq!(asked(), (vec![], Some(30)), "what is long due stands in Today");
}

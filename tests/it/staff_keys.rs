//! Keys of staff: registered and taken away on record, and followed by the list that the SSH listener reads.
//!
//! **Invariant:** the list holds fingerprints and nothing else.

use std::os::unix::fs::PermissionsExt;

use veilbook::domain::role::RoleName;
use veilbook::domain::staff_key::{Fingerprint, KnownKeys, StaffKey};
use veilbook::service::{Action, Query, Refusal, View};

use crate::house::{House, verbs};

const LINE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl somebody@example.com";

fn list(house: &House) -> Option<KnownKeys> {
    let path = format!("{}.keys", house.gate.path().display());
    let text = std::fs::read_to_string(&path).ok()?;
    assert!(!text.contains("somebody"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    Some(KnownKeys::parse(&text).unwrap())
}

#[test]
fn the_listeners_list_follows_every_change_and_is_made_anew_at_opening() {
    let (house, owner) = House::new();
    assert_eq!(list(&house), None, "nobody has a key, so there is no list");
    let key = StaffKey::parse(LINE).unwrap();
    let print = key.fingerprint();
    let support = house.staff(&owner, RoleName::Support);
    owner.perform(Action::AddStaffKey(support.staff(), key.clone())).unwrap();
    assert!(list(&house).unwrap().has(print));
    let View::Staff(rows) = owner.query(Query::Staff).unwrap() else { panic!("no staff") };
    assert_eq!(rows.iter().find(|row| row.staff.id == support.staff()).unwrap().ssh, std::slice::from_ref(&key));
    let taken = owner.perform(Action::AddStaffKey(owner.staff(), key.clone()));
    assert!(matches!(taken, Err(Refusal::KeyTaken)), "{taken:?}");
    assert_eq!(house.gate.named_by(print).unwrap().as_str(), "support person");

    std::fs::remove_file(format!("{}.keys", house.gate.path().display())).unwrap();
    drop((support, owner));
    house.gate.seal();
    assert_eq!(house.gate.named_by(print), None, "a sealed vault knows nobody");
    let owner = house.again();
    assert!(list(&house).unwrap().has(print));

    let id = rows.iter().find(|row| !row.ssh.is_empty()).unwrap().staff.id;
    owner.perform(Action::RemoveStaffKey(id, print)).unwrap();
    assert_eq!(list(&house), Some(KnownKeys::default()));
    let gone = owner.perform(Action::RemoveStaffKey(id, print));
    assert!(matches!(gone, Err(Refusal::NotFound(_))), "{gone:?}");
    let said = verbs(&owner);
    assert!(["staff.key_add", "staff.key_remove"].iter().all(|verb| said.iter().any(|v| v == verb)), "{said:?}");
}

#[test]
fn whoever_is_shut_out_has_no_key_any_more() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    owner.perform(Action::AddStaffKey(support.staff(), StaffKey::parse(LINE).unwrap())).unwrap();
    owner.perform(Action::DisableStaff(support.staff())).unwrap();
    assert_eq!(list(&house), Some(KnownKeys::default()));
    let late = owner.perform(Action::AddStaffKey(support.staff(), StaffKey::parse(LINE).unwrap()));
    assert!(matches!(late, Err(Refusal::NotFound(_))), "{late:?}");
}

#[test]
fn keys_are_registered_listed_and_removed_on_the_command_line() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    let run = |words: &[&str]| {
        let output = house.program().args(["staff", "key"]).args(words).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, said) = run(&["add", "Olga", LINE]);
    assert_eq!(code, Some(0), "{said}");
    let print: Fingerprint = StaffKey::parse(LINE).unwrap().fingerprint();
    assert!(list(&house).unwrap().has(print));
    let (_, said) = run(&["list", "--json"]);
    assert!(said.contains(&print.to_string()) && said.contains("somebody@example.com"), "{said}");
    let (code, said) = run(&["add", "Olga", "ssh-rsa", "AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("ssh-keygen -t ed25519"), "{said}");
    let (code, said) = run(&["remove", "Olga", &print.to_string()]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!list(&house).unwrap().has(print));
}

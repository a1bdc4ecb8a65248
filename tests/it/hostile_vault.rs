//! A vault's file as a hostile or careless hand leaves it: a clear error, nothing lost, nothing shown.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use veilbook::domain::audit::Origin;
use veilbook::domain::schema;
use veilbook::service::view::ChainCheck;
use veilbook::service::{Action, Done, Gate, GateError, Presence, Session};

use crate::house::{House, PASSPHRASE, add, deps, new_vault, open, set};

fn gate(house: &House, path: &Path) -> Gate {
    Gate::new(path.to_owned(), deps(&house.clock, 21))
}

fn login(gate: &Gate) -> Result<Session, GateError> {
    gate.login("olga", PASSPHRASE, Origin::Screen)
}

fn create(gate: &Gate) -> Result<Session, GateError> {
    gate.create(new_vault(schema::sample()), Origin::Screen)
}

/// A vault with a customer in it, shut.
fn shut() -> House {
    let (house, owner) = House::new();
    add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    owner.end();
    drop(owner);
    house.gate.seal();
    house
}

#[test]
fn what_is_no_vault_is_refused_by_what_it_is_and_left_alone() {
    let house = shut();
    let path = |name: &str| house.folder.path().join(name);
    std::fs::create_dir(path("folder")).unwrap();
    mknodat(CWD, path("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    symlink(path("nowhere"), path("dangling")).unwrap();
    std::fs::write(path("empty"), b"").unwrap();
    std::fs::write(path("byte"), b"V").unwrap();
    std::fs::write(path("text"), "a list of customers\n".repeat(100_000)).unwrap();
    std::fs::write(path("zeros"), vec![0; 2 << 20]).unwrap();
    std::fs::copy(house.gate.path(), path("fixed")).unwrap();
    std::fs::set_permissions(path("fixed"), std::fs::Permissions::from_mode(0o444)).unwrap();
    for (name, words) in [
        ("absent", "there is no vault"),
        ("dangling", "there is no vault"),
        ("folder", "not a regular file"),
        ("pipe", "not a regular file"),
        ("empty", "empty"),
        ("byte", "cut off"),
        ("text", "not a vault"),
        ("zeros", "not a vault"),
        ("fixed", "read-only"),
    ] {
        let before = std::fs::metadata(path(name)).ok().filter(|m| m.is_file()).map(|_| std::fs::read(path(name)));
        let error = login(&gate(&house, &path(name))).unwrap_err();
        assert!(error.to_string().contains(words), "{name}: {error}");
        let after = std::fs::metadata(path(name)).ok().filter(|m| m.is_file()).map(|_| std::fs::read(path(name)));
        assert_eq!(before.map(Result::unwrap), after.map(Result::unwrap), "{name} was changed");
        if name != "absent" {
            assert_eq!(gate(&house, &path(name)).presence(), Presence::Present, "{name}");
            assert_eq!(create(&gate(&house, &path(name))).unwrap_err(), GateError::Exists, "{name}");
        }
    }
}

#[test]
fn a_link_to_a_vault_is_the_vault_and_its_lock_is_the_same() {
    let house = shut();
    let link = house.folder.path().join("link.veil");
    symlink(house.gate.path(), &link).unwrap();
    let linked = gate(&house, &link);
    let owner = login(&linked).unwrap();
    assert!(matches!(login(&house.gate), Err(GateError::Busy { .. })));
    owner.end();
    drop(owner);
    linked.seal();
    assert!(login(&house.gate).is_ok());
}

#[test]
fn a_second_process_is_told_who_holds_the_vault_and_exits_with_3() {
    let house = shut();
    let owner = house.again();
    let run = || house.program().arg("customers").output().unwrap();
    let ran = run();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(3), "{said}");
    assert!(said.contains(&std::process::id().to_string()) || !cfg!(target_os = "linux"), "{said}");
    assert!(ran.stdout.is_empty());
    owner.end();
    drop(owner);
    house.gate.seal();
    assert_eq!(run().status.code(), Some(0));
}

#[test]
fn a_vault_cut_at_any_block_border_or_within_one_is_refused_and_whole_again_when_put_back() {
    let house = shut();
    let whole = std::fs::read(house.gate.path()).unwrap();
    let path = house.folder.path().join("cut.veil");
    let borders = (1..whole.len() / 4096).map(|block| block * 4096);
    // Cuts within the record ring and the superblock differ in nothing; every eighth border and all of the last forty.
    let last = whole.len() / 4096 * 4096 - 40 * 4096;
    let chosen: Vec<usize> = borders.filter(|at| at / 4096 % 8 == 1 || *at >= last).collect();
    for at in chosen.iter().flat_map(|at| [*at, *at + 1_000]).chain([whole.len() - 1]).filter(|at| *at < whole.len()) {
        std::fs::write(&path, &whole[..at]).unwrap();
        let cut = gate(&house, &path);
        match login(&cut) {
            Err(GateError::Damaged(_) | GateError::Disk(_)) => {}
            Err(other) => panic!("cut at {at}: {other}"),
            Ok(_) => panic!("cut at {at} of {}: opened", whole.len()),
        }
    }
    std::fs::write(&path, &whole).unwrap();
    let mended = gate(&house, &path);
    let owner = login(&mended).unwrap();
    let Ok(Done::Verdict(state)) = owner.perform(Action::VerifyRecord) else { panic!("no verdict") };
    assert_eq!(state.check, Some(ChainCheck::Sound));
    assert_eq!(open(&owner, veilbook::domain::id::CustomerId(1)).name.text(), "张三丰");
}

#[test]
fn flipped_bytes_anywhere_are_refused_or_mended_and_never_shown_as_something_else() {
    let house = shut();
    let whole = std::fs::read(house.gate.path()).unwrap();
    let path = house.folder.path().join("flipped.veil");
    for at in (0..whole.len()).step_by(whole.len() / 150) {
        let mut changed = whole.clone();
        changed[at] ^= 0x40;
        std::fs::write(&path, &changed).unwrap();
        let gate = gate(&house, &path);
        let Ok(owner) = login(&gate) else { continue };
        // A part that is not in use, or that is mended from its copy: all that is there is as it was.
        if let Ok(Done::Customer(detail)) = owner.perform(Action::OpenCustomer(veilbook::domain::id::CustomerId(1))) {
            assert_eq!(detail.name.text(), "张三丰", "byte {at}");
        }
    }
}

#[test]
fn what_a_cut_off_attempt_left_is_no_obstacle_and_two_makers_do_not_meet() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    let path = house.folder.path().join("fresh.veil");
    std::fs::write(house.folder.path().join("fresh.veil.new"), b"half a vault").unwrap();
    let fresh = gate(&house, &path);
    drop(create(&fresh).unwrap());
    fresh.seal();
    assert!(!house.folder.path().join("fresh.veil.new").exists());
    assert_eq!(create(&gate(&house, &path)).unwrap_err(), GateError::Exists);
}

#[test]
fn a_name_that_cannot_be_given_leaves_no_vault_and_nothing_half_made() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    // The name is longer than any file system takes, its unfinished sibling as well; and a folder that is a file.
    for path in [house.folder.path().join("v".repeat(300)), house.gate.path().join("inside.veil")] {
        let made = create(&gate(&house, &path));
        assert!(matches!(made, Err(GateError::Disk(_))), "{made:?}");
    }
    // The name that is taken while the vault is being made is left alone; here it is taken by a link to nowhere.
    let path = house.folder.path().join("taken.veil");
    symlink(house.folder.path().join("nowhere"), &path).unwrap();
    assert_eq!(create(&gate(&house, &path)).unwrap_err(), GateError::Exists);
    let left: Vec<String> = std::fs::read_dir(house.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".new"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

//! The vault's keys on the screen: recovery key, shares, passphrase, cost, replacement.

use veilbook::app::effect::Effect;
use veilbook::app::model::Start;
use veilbook::app::msg::{EntryFault, Msg, Progress, Ticket};
use veilbook::clock::Timestamp;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::service::key_state::RecoveryState;
use veilbook::service::refusal::{KeysProblem, RecoveryFault, Refusal};
use veilbook::service::{Action, Done};

use super::desk::{Desk, NOON};

/// The keys' part of Admin.
fn admin() -> Desk {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f9 tab tab tab tab tab");
    desk.shows("[keys]");
    desk
}

/// The ticket of the last thing that was done.
fn ticket(desk: &Desk) -> Ticket {
    let line = desk.log.iter().rev().find(|line| line.starts_with("Perform(")).unwrap();
    Ticket(line["Perform(".len()..].split(',').next().unwrap().parse().unwrap())
}

#[test]
fn a_new_vault_offers_its_recovery_key_shows_it_once_and_asks_some_words_back() {
    let mut desk = Desk::begin(RoleName::Owner, Start::FirstRun, Lang::En);
    desk.type_text("li.na").press("enter").type_text("a good passphrase").press("enter");
    desk.type_text("a good passphrase")
        .press("enter enter enter enter")
        .shows("Recovery key")
        .shows("24 words on paper");
    desk.press("enter").shows(" 1 abandon").shows("24 actual").shows("10 abuse");
    desk.press("enter").hides("abandon").shows("Word 2").shows("Word 24");
    desk.type_text("ability").hides("ability").press("enter").type_text("absurd").press("enter");
    desk.type_text("acoustic").press("enter").type_text("actual").press("enter");
    desk.shows("The recovery key counts from now on");
    assert!(desk.did("ConfirmRecovery"));
    assert!(!desk.log.iter().any(|line| line.contains("ability")));
}

#[test]
fn the_recovery_key_can_wait_and_wrong_words_are_asked_again() {
    let mut desk = admin();
    desk.shows("none: a forgotten passphrase is final").press("r enter esc").shows("No recovery key was made");
    desk.service.refuse =
        Some(|action| matches!(action, Action::ConfirmRecovery(_)).then_some(Refusal::Keys(KeysProblem::WordsDiffer)));
    desk.press("r enter enter").type_text("zoo").press("enter enter enter enter").shows("These are not the words");
    desk.shows("Word 9").press("esc").hides("Word 9");
}

#[test]
fn the_keys_of_a_vault_are_facts_whose_enter_is_what_can_be_done() {
    let mut desk = admin();
    desk.shows("3 passes over 64 MiB").shows("as they were made with the vault");
    desk.press("down down enter").shows("Raise the cost of passphrases").press("y").shows("The cost is raised");
    assert!(desk.did("Recalibrate"));
    desk.service.keys.recovery = RecoveryState::Made(NOON);
    desk.service.keys.shares = Some((2, 3));
    desk.service.keys.rotation_due = Some(Timestamp(NOON.0 - 86_400_000));
    desk.press("f2 f9 tab tab tab tab tab tab tab tab").shows("2 of 3").shows("to be replaced: somebody left");
}

#[test]
fn the_key_is_split_and_the_shares_are_shown_once() {
    let mut desk = admin();
    desk.press("w").shows("Shares of the recovery key").type_text("abandon ability").hides("ability");
    desk.press("enter enter enter").shows("Any 2 of these shares").shows("SHARE-0").shows("SHARE-2");
    desk.press("esc").hides("SHARE-0");
}

#[test]
fn a_passphrase_is_changed_from_anywhere() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc , p").shows("Change your passphrase").type_text("the present one").hides("present one");
    desk.press("enter").type_text("a good passphrase").press("enter").type_text("a good passphras").press("enter");
    desk.shows("does not keep all the rules").press("tab").type_text("e").press("enter").shows("is changed");
    assert!(desk.did("ChangePassphrase"));
}

#[test]
fn keys_are_replaced_with_a_bar_can_be_stopped_and_everybody_signs_in_anew() {
    let mut desk = admin();
    // The answer of the work comes later, so it is kept back here.
    desk.service.keep_back = Some(|action| matches!(action, Action::RotateKeys));
    desk.press("t").shows("Copy everything into a new file").press("y");
    let ticket = ticket(&desk);
    desk.wait(10).send(Msg::Progress(ticket, Progress { done: 500, total: 2_000 }));
    desk.shows("500 of 2000 rows, 50 rows/s, 30 s left").shows("[####");
    desk.press("esc").shows("Stop, and leave the vault as it was?").press("n").shows("Esc asks whether to stop");
    desk.press("esc y").shows("Stopping");
    assert!(matches!(desk.left.last(), Some(Effect::Stop)));
    desk.send(Msg::Reply(ticket, Box::new(Err(Refusal::Keys(KeysProblem::RotationStopped)))));
    desk.shows("Stopped. The vault is as it was.").press("t y");
    let ticket = self::ticket(&desk);
    let rotated = veilbook::service::rotation::Rotated { rows: 2_000, from_before: 0 };
    let done = veilbook::app::msg::Answer::Done(Done::Rotated(rotated));
    desk.send(Msg::Reply(ticket, Box::new(Ok(done)))).shows("The vault's keys are replaced. Sign in anew.");
    assert!(matches!(desk.left.last(), Some(Effect::Lock)));
}

#[test]
fn the_recovery_key_is_used_at_the_door_in_both_languages() {
    for (lang, title, few) in [
        (Lang::En, "Establish the owner anew", "1 of the 2 shares"),
        (Lang::ZhCn, "用恢复密钥重新确立所有者", "需要 2 片，现在只有 1 片"),
    ] {
        let mut desk = Desk::begin(RoleName::Owner, Start::Unlock, lang);
        desk.service.entry = Err(EntryFault::Recovery(RecoveryFault::TooFew { have: 1, need: 2 }));
        desk.press("f2 f2").shows(title).type_text("li.na").press("enter").type_text("SHARE").press("enter");
        desk.type_text("a good passphrase").press("enter").type_text("a good passphrase").press("enter").shows(few);
        desk.service.entry = Ok(());
        desk.type_text(" MORE").press("enter").type_text("a good passphrase").press("enter");
        desk.type_text("a good passphrase").press("enter");
        assert!(desk.did("Recover"));
        desk.hides(title);
    }
}

#[test]
fn the_layers_of_the_keys_bear_every_size() {
    for columns in [1, 2, 5, 12, 40, 79, 80, 120] {
        for rows in [1, 2, 3, 6, 10, 16, 24, 40] {
            for keys in ["t y", "r", "r enter", "r enter enter", "w", ", p", "c"] {
                let mut desk = admin();
                desk.service.keep_back = Some(|action| matches!(action, Action::RotateKeys));
                desk.press(keys).resize(columns, rows);
                if keys == "t y" {
                    let ticket = ticket(&desk);
                    desk.send(Msg::Progress(ticket, Progress { done: 7, total: 5 })).draw();
                    desk.send(Msg::Progress(ticket, Progress { done: u64::MAX, total: u64::MAX })).draw();
                }
                desk.draw();
            }
        }
    }
}

//! Getting in: unlock, setup code, first run, lock.

use veilbook::app::effect::Effect;
use veilbook::app::model::Start;
use veilbook::app::msg::{EntryFault, Msg, Queued};
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::service::refusal::PassphraseProblem;

use super::desk::Desk;

fn locked() -> Desk {
    Desk::begin(RoleName::Support, Start::Unlock, Lang::En)
}

#[test]
fn name_and_passphrase_open_the_vault_and_the_passphrase_is_dots() {
    let mut desk = locked();
    desk.type_text("li.na").press("enter").type_text("correct horse").shows("●●●●").hides("horse");
    desk.press("enter").shows("li.na · support · desk.veil");
    assert!(!desk.log.iter().any(|line| line.contains("horse")));
}

#[test]
fn a_wrong_passphrase_is_said_with_its_wait_and_may_be_tried_after_it() {
    let mut desk = locked();
    desk.service.entry = Err(EntryFault::WrongNameOrPassphrase(4));
    desk.type_text("li.na").press("enter").type_text("wrong").press("enter").shows("Try again in 4 s");
    desk.wait(3).shows("Try again in 1 s").wait(1).hides("Try again");
    desk.service.entry = Ok(());
    desk.type_text("right").press("enter").shows("300 customers");
}

#[test]
fn a_held_vault_names_the_process_that_holds_it() {
    let mut desk = locked();
    desk.service.entry = Err(EntryFault::Busy(Some(4121)));
    desk.type_text("li.na").press("enter").type_text("x").press("enter").shows("(process 4121)");
}

#[test]
fn a_setup_code_becomes_a_passphrase() {
    let mut desk = locked();
    desk.press("f2").type_text("li.na").press("tab").type_text("CODE").press("tab").type_text("short").press("tab");
    desk.type_text("short").press("enter").shows("does not keep all the rules");
    desk.press("ctrl-u").type_text("a good passphrase").press("tab ctrl-u").type_text("a good passphrase");
    desk.shows("[x] typed the same twice").press("enter").shows("300 customers");
    assert!(desk.log.iter().any(|line| line == "SetUp"));
}

#[test]
fn the_first_run_makes_a_vault_with_rules_shown_while_typing() {
    let mut desk = Desk::begin(RoleName::Owner, Start::FirstRun, Lang::En);
    desk.shows("make your vault").shows("[ ] 12 characters or more");
    desk.type_text("li.na").press("enter").type_text("a good passphrase").shows("[x] 12 characters or more");
    desk.press("enter").type_text("a good passphrase").shows("[x] typed the same twice");
    desk.press("enter enter").shows("Name two places").shows("Backup folder");
    desk.type_text("backup").press("enter enter").shows("whole path");
    desk.press("ctrl-u").type_text("/mnt/backup").press("enter enter");
    assert!(desk.log.iter().any(|line| line == "Create"));
}

#[test]
fn the_first_run_offers_the_sample_vault() {
    let mut desk = Desk::begin(RoleName::Owner, Start::FirstRun, Lang::ZhCn);
    desk.shows("欢迎：新建保险库").press("f2");
    assert!(desk.log.iter().any(|line| line == "LookRound"));
}

#[test]
fn locking_drops_every_customer_and_keeps_the_name() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc enter L").hides("张三丰").hides("138****1234").shows("Locked.").shows("li.na");
    assert!(matches!(desk.left.last(), Some(Effect::Lock)));
    let model = format!("{:?}", desk.app.model);
    assert!(!model.contains("138****1234"));
}

#[test]
fn idleness_locks_and_keys_put_it_off() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.wait(14 * 60).press("down").wait(14 * 60).shows("300 customers");
    desk.wait(61).shows("Locked after a while without a key");
}

#[test]
fn what_was_being_typed_is_back_after_the_lock() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc n")
        .type_text("赵云")
        .shows("赵云")
        .press("f12")
        .hides("赵云")
        .shows("what you were typing is kept");
    assert!(desk.did("KeepDraft"));
    desk.type_text("a passphrase").press("enter").shows("赵云").shows("What you were typing before the lock is back.");
}

#[test]
fn a_passphrase_that_will_not_do_is_refused_in_the_persons_language_and_in_sight_where_it_is_low() {
    let mut desk = Desk::begin(RoleName::Owner, Start::FirstRun, Lang::ZhCn);
    desk.service.entry = Err(EntryFault::Passphrase(PassphraseProblem::Common));
    desk.resize(60, 15).type_text("李").press("enter").type_text("passwordpassword").press("enter");
    desk.type_text("passwordpassword").press("enter enter enter enter").shows("这个口令太常见");
}

#[test]
fn the_sample_vault_tells_its_passphrase_once_it_is_locked() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f12").shows("nothing here is real");
    locked().hides("nothing here is real");
}

#[test]
fn ctrl_l_draws_the_screen_anew_and_locks_nothing() {
    let mut desk = Desk::signed_in(RoleName::Support);
    for keys in ["ctrl-l", "esc ctrl-l", "enter ctrl-l", "e ctrl-l"] {
        desk.press(keys).hides("Locked");
        assert!(matches!(desk.left.pop(), Some(Effect::Redraw)), "{keys}");
    }
}

#[test]
fn whoever_waits_for_their_turn_reads_how_many_are_before_them_and_for_about_how_long() {
    for (lang, lines) in [
        (
            Lang::En,
            [
                "Many are signing in. 998 are before you.",
                "One person is before you: about 41 s.",
                "998 are before you: about 9 min.",
                "You are next, in about 1 s.",
                "Opening the vault",
            ],
        ),
        (
            Lang::ZhCn,
            [
                "前面还有 998 人",
                "前面还有 1 人，约需 41 秒",
                "前面还有 998 人，约需 9 分钟",
                "下一位就是您，约 1 秒后",
                "正在打开",
            ],
        ),
    ] {
        let mut desk = Desk::begin(RoleName::Support, Start::Unlock, lang);
        desk.type_text("li.na").press("enter").type_text("right");
        // The sign-in is on its way, and nobody has answered it.
        let effects = desk.app.input(desk.now, Msg::Key("enter".parse().expect("a key")));
        assert!(matches!(effects.as_slice(), [Effect::SignIn { .. }]));
        let stands = [Some((998, None)), Some((1, Some(41))), Some((998, Some(500))), Some((0, Some(1))), None];
        for (stand, line) in stands.into_iter().zip(lines) {
            desk.send(Msg::Queued(stand.map(|(before, seconds)| Queued { before, seconds }))).shows(line);
        }
        desk.send(Msg::Entry(Err(EntryFault::WrongNameOrPassphrase(0)))).hides(lines[4]);
    }
}

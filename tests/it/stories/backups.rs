//! Backups on the screen: how old they are, what is to be done, what is under way; and erasing somebody for good.

use veilbook::app::model::Start;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::service::view::*;

use super::desk::{Desk, NOON};

fn event(what: BackupWhat, hours: i64, fault: Option<&str>) -> BackupEvent {
    BackupEvent {
        at: NOON.plus_seconds(-hours * 3_600),
        place: "/mnt/backup".into(),
        what,
        id: "20261121T063000Z-0123abcd".into(),
        bytes: 48_200_000,
        millis: 3_400,
        fault: fault.map(BackupCause::from),
    }
}

fn places() -> BackupsView {
    let place = |place: &str, hours: i64| PlaceRow {
        place: place.into(),
        last: Some(event(BackupWhat::Full, hours, None)),
        next: NOON.plus_seconds(1_200),
        late: hours > 26,
        verified: Some(NOON.plus_seconds(-86_400 * 3)),
        drilled: None,
        fault: None,
        same_disk: false,
    };
    BackupsView {
        places: vec![place("/mnt/backup", 1), place("s3://firm/books", 80)],
        history: vec![event(BackupWhat::Full, 1, None), event(BackupWhat::Drill, 30, Some("a row is not what it was"))],
        ..BackupsView::default()
    }
}

/// The owner at the part about backups.
fn at_backups(health: BackupHealth, backups: BackupsView, lang: Lang) -> Desk {
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, lang);
    desk.service.health = health;
    desk.service.backups = backups;
    desk.wait(60).press("f9 tab tab tab tab tab tab");
    desk
}

fn good() -> BackupHealth {
    let last = Some(NOON.plus_seconds(-7_200));
    BackupHealth { wanted: true, places: 2, last, drilled: last, ..BackupHealth::default() }
}

#[test]
fn the_status_line_says_how_old_the_last_backup_is_and_warns_in_words() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.hides("backup");
    for (health, words) in [
        (good(), "backup 2 h ago"),
        (BackupHealth { late: 1, last: Some(NOON.plus_seconds(-86_400 * 4)), ..good() }, "! backup late: 4 d"),
        (BackupHealth { places: 0, last: None, ..good() }, "! no backup"),
        (BackupHealth { last: None, ..good() }, "no backup yet"),
        (BackupHealth { drill_late: true, ..good() }, "! drill late"),
        (BackupHealth { wanted: false, places: 0, last: None, ..good() }, "li.na · owner"),
    ] {
        desk.service.health = health.clone();
        desk.wait(61).shows(words);
        if !health.wanted {
            desk.hides("no backup");
        }
        desk.service.health = BackupHealth { last: health.last.map(|at| at.plus_seconds(61)), ..health };
    }
}

#[test]
fn today_says_what_to_do_about_backups_and_a_sample_vault_has_no_reminders() {
    for (health, words) in [
        (good(), "Last drill 2 h ago"),
        (BackupHealth { places: 0, ..good() }, "! No place for backups"),
        (BackupHealth { places: 1, ..good() }, "One place only"),
        (BackupHealth { late: 1, ..good() }, "! 1 of 2 places have no fresh backup"),
        (BackupHealth { drilled: None, ..good() }, "No drill yet"),
        (BackupHealth { drill_late: true, ..good() }, "! Time for a drill"),
    ] {
        let mut desk = Desk::signed_in(RoleName::Owner);
        desk.service.health = health;
        desk.press("f3 esc f2").shows(words);
    }
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 esc f2").hides("No place for backups");
}

#[test]
fn the_part_about_backups_shows_places_settings_and_history_and_orders_what_is_wanted() {
    for (lang, words) in [
        (Lang::En, ["[backups]", "in time", "LATE", "Minutes between backups", "FAILED", "full backup"]),
        (Lang::ZhCn, ["[备份]", "按时", "过期", "增量备份间隔", "失败", "完整备份"]),
    ] {
        let mut desk = at_backups(good(), places(), lang);
        for word in words.iter().take(4) {
            desk.shows(word);
        }
        desk.press("b");
        assert!(desk.did("OrderBackup"));
        desk.press("end").shows(words[4]).shows(words[5]);
    }
    let mut desk = at_backups(good(), places(), Lang::En);
    desk.shows("read back: 3 d ago").press("v");
    assert!(desk.did("OrderBackup"));
    desk.press("d");
    assert!(desk.did("OrderBackup"));
    desk.press("z").shows("nothing is under way");
    desk.press("o").shows("No more backups to /mnt/backup").press("y").shows("Backups no longer go to /mnt/backup.");
    assert!(desk.did("SetBackups"));
    desk.press("a").type_text("backup").shows("! a place is a folder's whole path").press("ctrl-u");
    desk.type_text("/mnt/other").press("enter");
    assert!(desk.did("SetBackups"));
    desk.press("down down enter").shows("Minutes between backups of changes").press("ctrl-u").type_text("1");
    desk.shows("backups of changes: from 5 to 10080").press("ctrl-u").type_text("30").press("enter");
    assert!(desk.did("SetBackups"));
}

#[test]
fn what_is_under_way_shows_a_bar_with_rate_and_time_left_and_can_be_stopped() {
    let running = Running {
        what: BackupWhat::Full,
        place: "/mnt/backup".into(),
        phase: BackupPhase::Copying,
        done: 25_000_000,
        total: 100_000_000,
        began: NOON,
    };
    let view = BackupsView { running: Some(running.clone()), ..places() };
    let mut desk = at_backups(BackupHealth { running: Some(running), ..good() }, view, Lang::En);
    desk.wait(2).shows("[##........] full backup: 25 MB of 100 MB, 25 %").shows("s left");
    desk.shows("full backup 25 %").press("b").shows("is under way").press("z").shows("It stops.");
    assert!(desk.did("OrderBackup"));
}

#[test]
fn the_end_of_what_was_ordered_by_hand_is_said_with_its_outcome_and_the_age_in_the_status_line_follows() {
    let denied = BackupCause::new("refused-backup-gone", "gone").with("place", "/mnt/backup");
    for (lang, key, fault, words) in [
        (Lang::En, "b", None, "full backup: done. /mnt/backup, 48 MB, 3 s"),
        (
            Lang::En,
            "v",
            Some(denied.clone()),
            "full backup: not done. The backups that were made at /mnt/backup are not",
        ),
        (Lang::ZhCn, "b", Some(denied), "完整备份：没有完成。"),
    ] {
        let mut desk = at_backups(good(), places(), lang);
        desk.wait(1).press(key);
        let running = Running {
            what: BackupWhat::Full,
            place: "/mnt/backup".into(),
            phase: BackupPhase::Copying,
            done: 1,
            total: 2,
            began: NOON,
        };
        desk.service.health.running = Some(running);
        desk.wait(3).hides(words);
        let ended = vec![event(BackupWhat::Full, 1, None), BackupEvent { fault, ..event(BackupWhat::Full, -1, None) }];
        desk.service.health = BackupHealth { ended, last: Some(NOON.plus_seconds(60)), ..good() };
        desk.wait(3).shows(words);
        if lang == Lang::En {
            desk.press("down").shows("backup a moment ago");
        }
    }
}

#[test]
fn nobody_but_those_who_manage_backups_comes_near_them() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc f9").shows("your role may not");
    let mut desk = Desk::begin(RoleName::Administrator, Start::SignedIn, Lang::En);
    desk.service.backups = places();
    desk.press("tab tab tab tab tab tab").shows("/mnt/backup").shows("LATE");
}

#[test]
fn erasing_takes_a_reason_and_the_customers_number_and_then_leaves_the_record() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 esc enter X").shows("for good").press("ctrl-s").shows("Write why.");
    desk.type_text("asked by letter").press("enter").type_text("17").press("ctrl-s").shows("The number is not 0.");
    assert!(!desk.did("EraseCustomer"));
    desk.press("ctrl-u").type_text("0").press("ctrl-s").shows("Erased.").hides("138****1234");
    assert!(desk.did("EraseCustomer"));
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc enter X").shows("erase customers");
}

#[test]
fn the_part_about_backups_bears_every_size() {
    let mut desk = at_backups(good(), places(), Lang::ZhCn);
    for size in [(40, 10), (60, 15), (79, 23), (120, 40), (1, 1)] {
        desk.resize(size.0, size.1).draw();
    }
}

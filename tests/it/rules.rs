//! Rules: kept, bounded, acting on changes and by the time, on record under their name, and taken back with what caused
//! them; and staying in touch.

use veilbook::domain::customer::Stage;
use veilbook::domain::follow_up::FollowUpState;
use veilbook::domain::id::{CustomerId, RuleId, StaffId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::domain::rule::{MOST_RULES, Outcome, RuleState, RuleText, Trigger};
use veilbook::service::tags::TagAction;
use veilbook::service::view::{Bulk, DryRun, Happening, RuleAction, RuleOdd, RuleRow, Swept, Target, Total};
use veilbook::service::{Action, Change, Contact, Done, Fault, Query, Refusal, Session, View};

use crate::house::{House, add, callback, open, set, verbs};

pub fn text(name: &str, trigger: Trigger, outcome: Outcome) -> RuleText {
    RuleText { name: name.into(), trigger, outcome, tag: None, stage: None, lost: None }
}

pub fn remind(what: &str, days: u32) -> Outcome {
    Outcome::FollowUp { text: what.into(), days, who: None }
}

fn act(who: &Session, action: RuleAction) -> Result<Done, Refusal> {
    who.perform(Action::Rule(action))
}

fn rule(who: &Session, text: RuleText) -> RuleId {
    let timed = text.trigger.is_timed();
    let id = match act(who, RuleAction::Add(text)) {
        Ok(Done::Rule(id, 1)) => id,
        other => panic!("no rule: {other:?}"),
    };
    if timed {
        act(who, RuleAction::Switch(id, 1, RuleState::On)).unwrap();
    }
    id
}

fn rules(who: &Session) -> Vec<RuleRow> {
    let Ok(View::Rules(rows)) = who.query(Query::Rules) else { panic!("no rules") };
    rows
}

fn dry(who: &Session, id: RuleId) -> DryRun {
    match act(who, RuleAction::DryRun(id)) {
        Ok(Done::DryRun(run)) => *run,
        other => panic!("no dry run: {other:?}"),
    }
}

fn sweep(who: &Session) -> u64 {
    match act(who, RuleAction::Run) {
        Ok(Done::Swept(swept)) => swept.all(),
        other => panic!("not run: {other:?}"),
    }
}

fn edit(who: &Session, id: CustomerId, change: Change) {
    let version = open(who, id).profile.version;
    who.perform(Action::EditCustomer(id, version, vec![change])).unwrap();
}

fn speak(who: &Session, id: CustomerId) {
    let contact = Contact { kind: InteractionKind::Call, text: "spoke".into(), ..Contact::default() };
    who.perform(Action::LogInteraction(id, contact)).unwrap();
}

fn tags(list: &[&str]) -> Change {
    Change::Tags(list.iter().map(|tag| (*tag).to_owned()).collect())
}

fn reminders(who: &Session, id: CustomerId) -> Vec<String> {
    let open = open(who, id).follow_ups.into_iter().filter(|row| row.follow_up.state == FollowUpState::Open);
    open.map(|row| row.follow_up.text.as_str().to_owned()).collect()
}

fn days(house: &House, n: i64) -> Session {
    house.clock.advance(n * 86_400);
    house.again()
}

#[test]
fn what_a_change_brings_a_rule_to_do_is_on_record_under_its_name_and_taken_back_with_the_change() {
    let (_house, owner) = House::new();
    rule(&owner, text("Welcome", Trigger::StageBecomes(Stage::Customer), remind("say thanks", 3)));
    rule(&owner, text("Mark", Trigger::StageBecomes(Stage::Customer), Outcome::Tag("bought".into())));
    let mei = add(&owner, "Mei", vec![Change::Owner(Some(StaffId(1)))]);
    assert!(reminders(&owner, mei).is_empty());
    edit(&owner, mei, Change::Stage(Stage::Customer));
    assert_eq!(reminders(&owner, mei), ["say thanks"]);
    let now = open(&owner, mei);
    assert_eq!(now.profile.tags, ["bought"]);
    assert_eq!(now.follow_ups[0].follow_up.set_by.as_ref().map(|name| name.as_str()), Some("Welcome"));
    let told = |by: &str| {
        now.timeline.iter().filter(|item| item.by == format!("“{by}”")).map(|item| &item.what).collect::<Vec<_>>()
    };
    assert!(matches!(told("Welcome")[..], [Happening::FollowUp(verb, ..)] if verb == "rule.follow_up"));
    assert!(matches!(told("Mark")[..], [Happening::Changed(part, None, Some(_))] if part == "tags"));
    // The same stage again is none that it becomes.
    edit(&owner, mei, Change::Stage(Stage::Customer));
    assert_eq!(reminders(&owner, mei).len(), 1);
    owner.perform(Action::Undo).unwrap();
    let now = open(&owner, mei);
    assert_eq!((now.profile.stage, now.profile.tags.len(), now.follow_ups.len()), (Stage::Lead, 0, 0));
    owner.perform(Action::Undo).unwrap();
    assert!(matches!(owner.perform(Action::OpenCustomer(mei)), Err(Refusal::OutOfScope)), "the addition is taken back");
}

#[test]
fn who_is_added_with_what_a_rule_waits_for_is_acted_on_and_taken_back_whole() {
    let (_house, owner) = House::new();
    rule(&owner, text("Mark", Trigger::TagAdded("VIP".into()), remind("call", 0)));
    let mei = add(&owner, "Mei", vec![tags(&["vip"])]);
    assert_eq!(reminders(&owner, mei), ["call"]);
    owner.perform(Action::Undo).unwrap();
    assert!(matches!(owner.perform(Action::OpenCustomer(mei)), Err(Refusal::OutOfScope)));
}

#[test]
fn a_rule_that_triggers_itself_and_two_that_trigger_each_other_act_once() {
    let (_house, owner) = House::new();
    rule(&owner, text("Self", Trigger::TagAdded("a".into()), Outcome::Tag("a".into())));
    rule(&owner, text("There", Trigger::TagAdded("a".into()), Outcome::Tag("b".into())));
    rule(&owner, text("Back", Trigger::TagAdded("b".into()), Outcome::Tag("c".into())));
    rule(&owner, text("Round", Trigger::TagAdded("c".into()), Outcome::Tag("a".into())));
    let mei = add(&owner, "Mei", vec![]);
    edit(&owner, mei, tags(&["a"]));
    // What "There" did brought "Back" to do nothing.
    assert_eq!(open(&owner, mei).profile.tags, ["a", "b"]);
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "rule.tag").count(), 1);
}

#[test]
fn a_bulk_change_is_acted_on_for_each_and_taken_back_as_one() {
    let (_house, owner) = House::new();
    let id = rule(&owner, text("Mark", Trigger::TagAdded("fair".into()), remind("invite", 1)));
    let mut only = text("Only", Trigger::TagAdded("fair".into()), Outcome::Tag("keen".into()));
    only.stage = Some(Stage::Qualified);
    rule(&owner, only);
    let all: Vec<CustomerId> = (0..60).map(|n| add(&owner, &format!("Customer {n}"), vec![])).collect();
    edit(&owner, all[3], Change::Stage(Stage::Qualified));
    let bulk = Action::Bulk(Target::Marked(all.clone()), Bulk::Tag("fair".into()));
    assert!(matches!(owner.perform(bulk), Ok(Done::Bulk(report)) if report.changed == 60));
    assert_eq!(reminders(&owner, all[59]), ["invite"]);
    assert_eq!((open(&owner, all[3]).profile.tags.len(), open(&owner, all[4]).profile.tags.len()), (2, 1));
    let Ok(View::UndoNext(Some(label))) = owner.query(Query::UndoNext) else { panic!("nothing to undo") };
    assert_eq!(label.about, "60");
    owner.perform(Action::Undo).unwrap();
    assert!(all.iter().all(|id| open(&owner, *id).profile.tags.is_empty() && reminders(&owner, *id).is_empty()));
    // Switched off it does nothing.
    act(&owner, RuleAction::Switch(id, 1, RuleState::Off)).unwrap();
    edit(&owner, all[0], tags(&["fair"]));
    assert!(reminders(&owner, all[0]).is_empty());
}

#[test]
fn a_rule_that_waits_for_a_time_is_switched_off_until_somebody_saw_whom_it_takes() {
    let (house, owner) = House::new();
    add(&owner, "Mei", vec![]);
    let owner = days(&house, 31);
    act(&owner, RuleAction::Add(text("Sleepers", Trigger::NoContact(30), Outcome::Tag("asleep".into())))).unwrap();
    assert_eq!((sweep(&owner), dry(&owner, RuleId(1)).count), (0, Total::Exactly(1)));
    act(&owner, RuleAction::Switch(RuleId(1), 1, RuleState::On)).unwrap();
    assert_eq!(sweep(&owner), 1);
}

#[test]
fn a_silence_is_acted_on_once_until_somebody_speaks_again() {
    let (house, owner) = House::new();
    let mut silent = text("Ask again", Trigger::NoContact(30), remind("ask how it goes", 0));
    silent.tag = Some("vip".into());
    let id = rule(&owner, silent);
    let mei = add(&owner, "Mei", vec![tags(&["VIP"]), Change::Owner(Some(StaffId(1)))]);
    let lin = add(&owner, "Lin", vec![Change::Owner(Some(StaffId(1)))]);
    let nobodys = add(&owner, "Nobody's", vec![tags(&["vip"])]);
    assert_eq!(sweep(&owner), 0);
    let owner = days(&house, 31);
    let run = dry(&owner, id);
    assert_eq!((run.count, run.whom.len()), (Total::Exactly(1), 1));
    assert!(reminders(&owner, mei).is_empty(), "a dry run does nothing");
    assert_eq!((sweep(&owner), sweep(&owner)), (1, 0));
    assert_eq!(reminders(&owner, mei), ["ask how it goes"]);
    assert!(reminders(&owner, lin).is_empty() && reminders(&owner, nobodys).is_empty());
    assert_eq!(dry(&owner, id).count, Total::Exactly(0));
    // Finished without a contact, it does not come again at once.
    let f = open(&owner, mei).follow_ups[0].follow_up.clone();
    owner.perform(Action::FinishFollowUp(f.id, f.version, None)).unwrap();
    assert_eq!(sweep(&owner), 0);
    speak(&owner, mei);
    let owner = days(&house, 31);
    assert_eq!(sweep(&owner), 1, "a new silence");
}

#[test]
fn quiet_moments_do_what_is_due_in_bites_and_the_record_names_no_person() {
    let (house, owner) = House::new();
    rule(&owner, text("Sleepers", Trigger::NoContact(10), Outcome::Tag("asleep".into())));
    let all: Vec<CustomerId> = (0..120).map(|n| add(&owner, &format!("Customer {n}"), vec![])).collect();
    let owner = days(&house, 11);
    // A pass is begun, and looks first at those with whom somebody spoke.
    (0..2).for_each(|_| owner.settle());
    let asleep = |who: &Session| all.iter().filter(|id| !open(who, **id).profile.tags.is_empty()).count();
    owner.settle();
    let after_one = asleep(&owner);
    assert!((1..=50).contains(&after_one), "{after_one}");
    (0..10).for_each(|_| owner.settle());
    assert_eq!(asleep(&owner), 120);
    let found = open(&owner, all[0]).timeline.into_iter().find(|item| item.by == "“Sleepers”");
    assert!(found.is_some(), "told under the rule's name");
}

#[test]
fn a_birthday_is_found_by_its_token_once_a_year() {
    let (house, owner) = House::new();
    let id = rule(&owner, text("Wishes", Trigger::BirthdayNear(7), remind("send wishes", 0)));
    let mine = || Change::Owner(Some(StaffId(1)));
    let soon = add(&owner, "Soon", vec![set("birthday", "11-25"), mine()]);
    let today = add(&owner, "Today", vec![set("birthday", "11-21"), mine()]);
    let later = add(&owner, "Later", vec![set("birthday", "12-25"), mine()]);
    assert_eq!(dry(&owner, id).count, Total::Exactly(2));
    assert_eq!((sweep(&owner), sweep(&owner)), (2, 0));
    assert_eq!(reminders(&owner, soon).len() + reminders(&owner, today).len(), 2);
    assert!(reminders(&owner, later).is_empty());
    let owner = days(&house, 365);
    assert_eq!(sweep(&owner), 2, "a year later");
    // Whoever has no key to tell birthdays by is told so, and their quiet moments pass over such rules.
    let admin = house.staff(&owner, RoleName::Administrator);
    assert!(matches!(act(&admin, RuleAction::DryRun(id)), Err(Refusal::KeyMissing(_))));
    assert_eq!(sweep(&admin), 0);
}

#[test]
fn a_rule_follows_a_tag_that_is_renamed_and_says_that_one_is_retired() {
    let (_house, owner) = House::new();
    rule(&owner, text("Mark", Trigger::TagAdded("vip".into()), Outcome::Tag("keen".into())));
    let mei = add(&owner, "Mei", vec![tags(&["vip"])]);
    owner.perform(Action::Tags(TagAction::Rename("VIP".into(), "best".into()))).unwrap();
    assert!(matches!(&rules(&owner)[0].rule.text.trigger, Trigger::TagAdded(tag) if tag.as_str() == "best"));
    owner.perform(Action::Undo).unwrap();
    assert!(matches!(&rules(&owner)[0].rule.text.trigger, Trigger::TagAdded(tag) if tag.as_str() == "vip"));
    assert_eq!(open(&owner, mei).profile.tags, ["keen", "vip"]);
    owner.perform(Action::Tags(TagAction::Retire("keen".into()))).unwrap();
    assert_eq!(rules(&owner)[0].odd, Some(RuleOdd::TagRetired));
    let lin = add(&owner, "Lin", vec![tags(&["vip"])]);
    assert_eq!(open(&owner, lin).profile.tags, ["vip"], "a tag that is retired is given to nobody");
}

#[test]
fn rules_are_bounded_and_what_none_can_say_is_refused() {
    let (_house, owner) = House::new();
    for n in 0..MOST_RULES {
        rule(&owner, text(&format!("Rule {n}"), Trigger::NoContact(30), Outcome::Tag("x".into())));
    }
    let full = act(&owner, RuleAction::Add(text("More", Trigger::NoContact(30), Outcome::Tag("x".into()))));
    assert!(matches!(full, Err(Refusal::Invalid(f)) if f[0].fault == Fault::Full(MOST_RULES)));
    act(&owner, RuleAction::Remove(RuleId(1), 2)).unwrap();
    let bad = [
        text("", Trigger::NoContact(30), Outcome::Tag("x".into())),
        text(&"n".repeat(61), Trigger::NoContact(30), Outcome::Tag("x".into())),
        text("rule 2", Trigger::NoContact(30), Outcome::Tag("x".into())),
        text("Zero", Trigger::NoContact(0), Outcome::Tag("x".into())),
        text("Huge", Trigger::NoContact(u32::MAX), Outcome::Tag("x".into())),
        text("Huge", Trigger::BirthdayNear(61), Outcome::Tag("x".into())),
        text("Huge", Trigger::NoContact(30), remind("x", u32::MAX)),
        text("Empty", Trigger::TagAdded("".into()), Outcome::Tag("x".into())),
        text("Empty", Trigger::NoContact(30), remind("", 1)),
        text("Nobody", Trigger::NoContact(30), Outcome::Assign(StaffId(99))),
    ];
    for text in bad {
        let name = text.name.clone();
        assert!(act(&owner, RuleAction::Add(text)).is_err(), "{name}");
    }
    rule(&owner, text("a\u{1b}[2Jb\u{202e}c\n", Trigger::NoContact(30), Outcome::Tag("x".into())));
    let names: Vec<String> = rules(&owner).iter().map(|row| row.rule.text.name.to_string()).collect();
    assert!(names.iter().all(|name| !name.contains(char::is_control) && !name.contains('\u{202e}')));
    let stale = act(&owner, RuleAction::Switch(RuleId(3), 9, RuleState::Off));
    assert!(matches!(stale, Err(Refusal::Conflict(None))));
}

#[test]
fn every_change_of_a_rule_can_be_taken_back() {
    let (_house, owner) = House::new();
    let id = rule(&owner, text("Mark", Trigger::TagAdded("a".into()), Outcome::Tag("x".into())));
    act(&owner, RuleAction::Change(id, 1, text("Marked", Trigger::TagAdded("b".into()), Outcome::Tag("x".into()))))
        .unwrap();
    act(&owner, RuleAction::Switch(id, 2, RuleState::Off)).unwrap();
    act(&owner, RuleAction::Remove(id, 3)).unwrap();
    assert!(rules(&owner).is_empty());
    let mut seen = Vec::new();
    for _ in 0..3 {
        owner.perform(Action::Undo).unwrap();
        let row = rules(&owner).remove(0);
        seen.push((row.rule.text.name.to_string(), row.rule.state));
    }
    let name = |name: &str| name.to_owned();
    let wanted = [(name("Marked"), RuleState::Off), (name("Marked"), RuleState::On), (name("Mark"), RuleState::On)];
    assert_eq!(seen, wanted);
    owner.perform(Action::Undo).unwrap();
    assert!(rules(&owner).is_empty());
}

#[test]
fn an_administrator_is_told_how_many_and_nobody_s_name() {
    let (house, owner) = House::new();
    let id = rule(&owner, text("Sleepers", Trigger::NoContact(10), Outcome::Tag("asleep".into())));
    add(&owner, "Mei", vec![]);
    let owner = days(&house, 11);
    let admin = house.staff(&owner, RoleName::Administrator);
    let run = dry(&admin, id);
    assert_eq!((run.count, run.whom.len()), (Total::Exactly(1), 0));
}

#[test]
fn staying_in_touch_reminds_once_a_silence_and_never_twice_at_a_time() {
    let (house, owner) = House::new();
    let mei = add(&owner, "Mei", vec![Change::Owner(Some(StaffId(1)))]);
    act(&owner, RuleAction::Touch(mei, Some(14))).unwrap();
    assert_eq!(open(&owner, mei).touch, Some(14));
    assert!(act(&owner, RuleAction::Touch(mei, Some(0))).is_err());
    assert!(act(&owner, RuleAction::Touch(mei, Some(99_999))).is_err());
    let owner = days(&house, 15);
    assert_eq!((sweep(&owner), sweep(&owner)), (1, 0));
    assert_eq!(reminders(&owner, mei).len(), 1);
    // A contact without finishing it: one is open still, so no second one comes.
    speak(&owner, mei);
    let owner = days(&house, 15);
    assert_eq!(sweep(&owner), 0);
    let f = open(&owner, mei).follow_ups[0].follow_up.clone();
    owner.perform(Action::FinishFollowUp(f.id, f.version, None)).unwrap();
    assert_eq!(sweep(&owner), 1);
    act(&owner, RuleAction::Touch(mei, None)).unwrap();
    assert_eq!(open(&owner, mei).touch, None);
    owner.perform(Action::Undo).unwrap();
    assert_eq!(open(&owner, mei).touch, Some(14));
}

#[test]
fn a_merge_carries_over_what_rules_remember_and_its_undo_gives_it_back() {
    let (house, owner) = House::new();
    let one = add(&owner, "Mei", vec![Change::Owner(Some(StaffId(1)))]);
    let other = add(&owner, "Mei L", vec![Change::Owner(Some(StaffId(1)))]);
    act(&owner, RuleAction::Touch(other, Some(7))).unwrap();
    rule(&owner, text("Ask", Trigger::NoContact(5), remind("ask", 0)));
    let owner = days(&house, 8);
    assert_eq!(sweep(&owner), 3);
    let versions = [one, other].map(|id| open(&owner, id).profile.version);
    let merge = Action::Merge { keep: (one, versions[0]), other: (other, versions[1]), take: vec![] };
    owner.perform(merge).unwrap();
    assert_eq!(open(&owner, one).touch, Some(7));
    assert_eq!(sweep(&owner), 0);
    owner.perform(Action::Undo).unwrap();
    assert_eq!((open(&owner, one).touch, open(&owner, other).touch), (None, Some(7)));
    assert_eq!(sweep(&owner), 0);
    assert!(matches!(act(&owner, RuleAction::Run), Ok(Done::Swept(swept)) if swept == Swept::default()));
}

#[test]
fn an_erased_customer_leaves_nothing_that_rules_remember() {
    let (house, owner) = House::new();
    rule(&owner, text("Ask", Trigger::NoContact(5), remind("ask", 0)));
    let [gone, stays] = ["Mei", "Lin"].map(|name| add(&owner, name, vec![Change::Owner(Some(StaffId(1)))]));
    for id in [gone, stays] {
        act(&owner, RuleAction::Touch(id, Some(7))).unwrap();
    }
    drop(owner);
    let owner = days(&house, 8);
    assert_eq!(sweep(&owner), 4);
    owner.perform(Action::EraseCustomer(gone, callback())).unwrap();
    assert_eq!(sweep(&owner), 0);
    owner.perform(Action::Undo).unwrap();
    assert_eq!(open(&owner, stays).touch, None, "the other's step is there still");
    assert!(owner.perform(Action::Undo).is_err() || rules(&owner).is_empty());
    owner.end();
    drop(owner);
    house.gate.seal();
    let done = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn rules_are_added_tried_switched_and_run_from_the_command_line() {
    let (house, owner) = House::new();
    let mei = add(&owner, "Mei", vec![tags(&["vip"])]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let run = |args: &[&str]| {
        let out = house.program().arg("rules").args(args).output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, out, err) = run(&["add", "Thanks", "--stage", "customer", "--follow-up", "say thanks", "--due", "3"]);
    assert_eq!((code, out.as_str()), (Some(0), "1\n"), "{err}");
    let (code, ..) = run(&["add", "Zero", "--silent", "0", "--tag", "asleep"]);
    assert_eq!(code, Some(1));
    let (code, ..) = run(&["add", "Two", "--silent", "9", "--tagged", "vip", "--tag", "asleep"]);
    assert_eq!(code, Some(2));
    let (code, out, err) = run(&["add", "Keen", "--tagged", "vip", "--tag", "keen", "--only-stage", "lead"]);
    assert_eq!((code, out.as_str()), (Some(0), "2\n"), "{err}");
    let (_, out, _) = run(&["list", "--json"]);
    let wanted = [
        r#"{"id":1,"name":"Thanks","state":"on","when":"stage_becomes","value":"customer","then":"follow_up","what":"say thanks","days":3,"person":null,"only_tag":null,"only_stage":null,"only_lost":null,"odd":null}"#,
        r#"{"id":2,"name":"Keen","state":"on","when":"tag_added","value":"vip","then":"tag","what":"keen","days":null,"person":null,"only_tag":null,"only_stage":"lead","only_lost":null,"odd":null}"#,
    ];
    assert_eq!(out.lines().collect::<Vec<_>>(), wanted);
    let (_, out, err) = run(&["dry-run", "2", "--json"]);
    assert_eq!(out.trim(), r#"{"rule":2,"count":1,"exact":true,"whom":[{"id":1,"name":"Mei"}]}"#, "{err}");
    assert_eq!(run(&["off", "2"]).0, Some(0));
    assert_eq!(run(&["remove", "1"]).0, Some(0));
    assert_eq!(run(&["on", "9"]).0, Some(1));
    assert_eq!(run(&["run", "--json"]).1.trim(), r#"{"follow_ups":0,"tags":0,"assigned":0}"#);
    assert_eq!(run(&["touch", "1", "30"]).0, Some(0));
    let owner = house.again();
    assert_eq!(open(&owner, mei).touch, Some(30));
    assert_eq!(rules(&owner).len(), 1);
}

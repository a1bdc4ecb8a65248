//! A vault's own reasons of loss: who changes them, where they are offered at once, and what cannot go.

use veilbook::domain::customer::Stage;
use veilbook::domain::field::Lang;
use veilbook::domain::id::CustomerId;
use veilbook::domain::label::Label;
use veilbook::domain::loss::LossReason;
use veilbook::domain::loss_reasons::{LossChange, LossFault, LossReasons};
use veilbook::domain::query::complete;
use veilbook::domain::role::RoleName;
use veilbook::domain::rule::{Outcome, RuleText, Trigger};
use veilbook::service::view::{Bulk, ListRequest, LossRow, RuleAction, Target, Total};
use veilbook::service::{Action, Change, Done, LossDraft, Query, Refusal, Session, View};

use crate::house::{House, add, open, verbs};
use crate::rules::text;

fn act(who: &Session, change: LossChange) -> Result<Done, Refusal> {
    who.perform(Action::LossReason(change))
}

fn rows(who: &Session) -> Vec<LossRow> {
    match who.query(Query::LossReasons) {
        Ok(View::LossReasons(rows)) => rows,
        _ => panic!("no reasons"),
    }
}

/// Adds a reason, and gives its number.
fn reason(who: &Session, en: &str, zh: &str) -> LossReason {
    act(who, LossChange::Add(Label::new(en, zh))).unwrap();
    rows(who).last().unwrap().def.id
}

fn lose(who: &Session, id: CustomerId, why: LossReason) -> Result<Done, Refusal> {
    let draft = LossDraft { why, text: "".into(), back: None };
    let version = open(who, id).profile.version;
    who.perform(Action::EditCustomer(id, version, vec![Change::Stage(Stage::Lost), Change::Lost(draft)]))
}

fn found(who: &Session, query: &str) -> Result<Vec<CustomerId>, Refusal> {
    let request = ListRequest { text: query.into(), limit: 100, ..ListRequest::default() };
    let View::Customers(page) = who.query(Query::Customers(request))? else { panic!("no list") };
    Ok(page.rows.iter().map(|row| row.id).collect())
}

fn offers(who: &Session, lang: Lang) -> Vec<String> {
    let View::Vocabulary(words) = who.query(Query::Vocabulary).unwrap() else { panic!("no words") };
    complete("lost:", 5, &words, lang).offers.into_iter().map(|offer| offer.text).collect()
}

#[test]
fn a_reason_of_ones_own_is_offered_asked_for_and_counted_at_once() {
    let (house, owner) = House::new();
    let far = reason(&owner, "Too far away", "太远");
    let id = add(&owner, "A", vec![]);
    lose(&owner, id, far).unwrap();
    for query in ["lost:too_far_away", "lost:\"too far away\"", "lost:太远", "流失原因：太远"] {
        assert_eq!(found(&owner, query).unwrap(), [id], "{query}");
    }
    assert!(offers(&owner, Lang::En).contains(&"too_far_away".to_owned()));
    assert!(offers(&owner, Lang::ZhCn).contains(&"太远".to_owned()));
    let row = rows(&owner).into_iter().find(|row| row.def.id == far).unwrap();
    assert_eq!((row.customers, row.rules), (Some(Total::Exactly(1)), Some(0)));
    // A saved query goes on finding them whatever the reason is called.
    act(&owner, LossChange::Label(far, Label::new("Distance", ""))).unwrap();
    assert_eq!(found(&owner, "lost:too_far_away").unwrap(), [id]);
    assert_eq!(found(&owner, "lost:distance").unwrap(), [id]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    assert_eq!(open(&owner, id).lost.map(|loss| loss.why), Some(far));
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "loss_reason.set").count(), 2);
}

#[test]
fn a_retired_reason_stays_with_those_who_have_it_and_takes_nobody_else() {
    let (_house, owner) = House::new();
    let (one, other) = (add(&owner, "A", vec![]), add(&owner, "B", vec![]));
    lose(&owner, one, LossReason::PRICE).unwrap();
    act(&owner, LossChange::Retire(LossReason::PRICE)).unwrap();
    assert_eq!(found(&owner, "lost:price").unwrap(), [one]);
    assert!(!offers(&owner, Lang::En).contains(&"price".to_owned()));
    assert!(matches!(lose(&owner, other, LossReason::PRICE), Err(Refusal::Loss(LossFault::Retired))));
    let draft = LossDraft { why: LossReason::PRICE, text: "".into(), back: None };
    let bulk = Action::Bulk(Target::Marked(vec![other]), Bulk::Lose(draft));
    assert!(matches!(owner.perform(bulk), Err(Refusal::Loss(LossFault::Retired))));
    // Whoever has it can have more said of it.
    let words = LossDraft { why: LossReason::PRICE, text: "嫌贵".into(), back: None };
    let version = open(&owner, one).profile.version;
    owner.perform(Action::EditCustomer(one, version, vec![Change::Lost(words)])).unwrap();
    act(&owner, LossChange::Restore(LossReason::PRICE)).unwrap();
    lose(&owner, other, LossReason::PRICE).unwrap();
    assert!(matches!(lose(&owner, other, LossReason(99)), Err(Refusal::Loss(LossFault::Unknown))));
}

#[test]
fn each_change_is_taken_back_unless_the_reason_is_in_use_by_then() {
    let (_house, owner) = House::new();
    let shipped = LossReasons::default();
    let list = || LossReasons::new(rows(&owner).into_iter().map(|row| row.def).collect());
    for change in [
        LossChange::Label(LossReason::PRICE, Label::new("Cost", "费用")),
        LossChange::Later(LossReason::PRICE),
        LossChange::Earlier(LossReason::OTHER),
        LossChange::Retire(LossReason::SERVICE),
        LossChange::Add(Label::one("没有预算")),
    ] {
        act(&owner, change).unwrap();
        assert_ne!(list(), shipped);
        assert!(matches!(owner.perform(Action::Undo), Ok(Done::Undone(_))));
        assert_eq!(list(), shipped);
    }
    let officer_of_policy = reason(&owner, "Budget", "");
    let follow = Outcome::FollowUp { text: "ask again".into(), days: 90, who: None };
    let rule = RuleText { lost: Some(officer_of_policy), ..text("budget", Trigger::StageBecomes(Stage::Lost), follow) };
    let other = |why| RuleText { lost: Some(why), name: "other".into(), ..rule.clone() };
    let unknown = owner.perform(Action::Rule(RuleAction::Add(other(LossReason(99)))));
    assert!(matches!(unknown, Err(Refusal::Loss(LossFault::Unknown))));
    owner.perform(Action::Rule(RuleAction::Add(rule))).unwrap();
    let id = add(&owner, "A", vec![]);
    lose(&owner, id, officer_of_policy).unwrap();
    assert_eq!(open(&owner, id).follow_ups.len(), 1);
}

#[test]
fn the_adding_of_a_reason_for_which_somebody_is_lost_is_not_taken_back() {
    let (house, owner) = House::new();
    let administrator = house.staff(&owner, RoleName::Administrator);
    let budget = reason(&administrator, "Budget", "");
    let id = add(&owner, "A", vec![]);
    lose(&owner, id, budget).unwrap();
    assert!(matches!(administrator.perform(Action::Undo), Err(Refusal::Loss(LossFault::InUse))));
    owner.perform(Action::Undo).unwrap();
    administrator.perform(Action::Undo).unwrap();
    assert_eq!(rows(&owner).len(), 7);
}

#[test]
fn who_may_not_change_the_list_reads_it_without_counts() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    assert!(rows(&sales).iter().all(|row| row.customers.is_none() && row.rules.is_none()));
    let refused = act(&sales, LossChange::Retire(LossReason::PRICE));
    assert!(matches!(refused, Err(Refusal::NotPermitted { .. })));
}

#[test]
fn the_command_line_lists_and_changes_the_reasons() {
    let (house, owner) = House::new();
    let id = add(&owner, "A", vec![]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let run = |args: &[&str]| {
        let out = house.program().env("XDG_STATE_HOME", house.folder.path()).args(args).output().unwrap();
        (out.status.success(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let (_, key, _) = run(&["losses", "reasons", "add", "--en", "Too far away", "--zh", "太远"]);
    assert_eq!(key.trim(), "too_far_away");
    assert!(run(&["losses", "reasons", "move", "太远", "up"]).0);
    assert!(run(&["losses", "reasons", "label", "too far away", "--en", "Distance"]).0);
    assert!(run(&["losses", "reasons", "retire", "price"]).0);
    assert!(run(&["losses", "reasons", "restore", "price"]).0);
    assert!(run(&["losses", "reasons", "retire", "service"]).0);
    let (_, listed, _) = run(&["losses", "reasons", "list", "--json"]);
    let lines: Vec<&str> = listed.lines().collect();
    let wanted =
        r#"{"key":"too_far_away","label_en":"Distance","label_zh":"太远","state":"offered","customers":0,"rules":0}"#;
    assert_eq!(lines.get(6), Some(&wanted), "{listed}");
    assert!(listed.contains(r#""key":"service","label_en":"our service","label_zh":"我方服务","state":"retired""#));
    let (good, _, said) = run(&["losses", "reasons", "add", "--zh", "太远"]);
    assert!(!good && said.contains("another reason is called that already"), "{said}");
    let (good, _, said) = run(&["losses", "reasons", "retire", "nonsense"]);
    assert!(!good && said.contains("there is no such reason"), "{said}");
    let (good, rule, said) =
        run(&["rules", "add", "far", "--stage", "lost", "--follow-up", "ask", "--only-lost", "太远"]);
    assert!(good, "{rule}{said}");
    assert!(run(&["rules", "list", "--json"]).1.contains("\"only_lost\":\"too_far_away\""));
    let owner = house.again();
    lose(&owner, id, rows(&owner).iter().find(|row| row.def.key == "too_far_away").unwrap().def.id).unwrap();
    owner.end();
    drop(owner);
    house.gate.seal();
    assert!(run(&["customers", "lost:too_far_away", "--json"]).1.contains("\"lost\":\"too_far_away\""));
    assert!(run(&["doctor", "--deep"]).0);
}

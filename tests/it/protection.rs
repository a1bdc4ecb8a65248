//! Fields whose class or mask changes while customers have values: stricter at once, looser when a holder agrees.

use std::ops::ControlFlow;

use veilbook::domain::audit::Origin;
use veilbook::domain::field::FieldState;
use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass::{Contact, Open, Sensitive};
use veilbook::privacy::mask::MaskKind;
use veilbook::service::door::ViewDraft;
use veilbook::service::fields::{FieldAction, FieldText};
use veilbook::service::view::{
    AlertKind, CadenceAction, FieldProgress, FlawKind, Happening, ListRequest, Match, OnTheWay, QualityQuery,
    QualityView, Sharing, Shown, Sort, TemplateAction, TemplateQuery, TemplateView, Turning, UsedIn,
};
use veilbook::service::{Action, AuditRequest, Change, Done, Query, Refusal, Session, View};
use veilbook::vault::store::{Table, Way};
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, add, callback, key, open, set, verbs};
use crate::record::tamper;

pub fn field(action: FieldAction) -> Action {
    Action::Field(action)
}

pub fn shown(who: &Session, id: CustomerId, name: &str) -> Shown {
    open(who, id).fields.into_iter().find(|field| field.key == key(name)).unwrap().shown
}

pub fn found(who: &Session, text: &str) -> usize {
    let request = ListRequest { text: text.into(), limit: 50, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    page.rows.len()
}

pub fn revealed(who: &Session, id: CustomerId, name: &str) -> String {
    match who.perform(Action::Reveal(id, key(name), callback())) {
        Ok(Done::Revealed(value)) => value.show(NOON).unwrap().to_owned(),
        other => panic!("not revealed: {other:?}"),
    }
}

fn progress(who: &Session) -> Vec<FieldProgress> {
    let Ok(View::FieldChanges(rows)) = who.query(Query::FieldChanges) else { panic!("no progress") };
    rows
}

pub fn settled(who: &Session) {
    for _ in 0..200 {
        who.settle();
    }
    assert_eq!(progress(who), []);
}

fn waiting(who: &Session) -> usize {
    let View::Today(today) = who.query(Query::Today).unwrap() else { panic!("no today") };
    today.fields.len()
}

/// Whether these bytes stand in any row of the vault.
pub fn stands(house: &House, needle: &str) -> Vec<&'static str> {
    house.gate.seal();
    let tables = std::cell::RefCell::new(Vec::new());
    tamper(house, |to| {
        for table in Table::ALL {
            to.visit_prefix(*table, &[], Way::Up, &mut |key, value| {
                let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
                if holds(key) || holds(value) {
                    tables.borrow_mut().push(table.name());
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        }
    });
    let mut tables = tables.into_inner();
    tables.dedup();
    tables
}

#[test]
fn a_stricter_class_hides_a_value_everywhere_from_the_commit_on() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("company", "Zephyrine")]);
    let other = add(&owner, "李四", vec![set("company", "Quillfeather")]);
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![set("company", "Brightwater")])).unwrap();
    assert_eq!((found(&owner, "bright"), found(&owner, "quill")), (1, 1));
    owner.perform(field(FieldAction::Classify(key("company"), Contact))).unwrap();

    assert!(matches!(shown(&owner, id, "company"), Shown::Masked(mask) if mask.as_str() == "********"));
    assert_eq!((found(&owner, "bright"), found(&owner, "quill"), found(&owner, "李四 quill")), (0, 0, 0));
    let changed = open(&owner, id).timeline.into_iter().filter_map(|item| match item.what {
        Happening::Changed(part, before, after) if part == "company" => Some((before, after)),
        _ => None,
    });
    let stars = || Some("********".to_owned());
    assert_eq!(changed.collect::<Vec<_>>(), [(stars(), stars())]);
    let View::Audit(page) = owner.query(Query::Audit(AuditRequest { limit: 500, ..AuditRequest::default() })).unwrap()
    else {
        panic!("no record")
    };
    assert!(
        !format!("{:?}", page.rows.iter().map(|r| r.entry.what.texts.after.clone()).collect::<Vec<_>>())
            .contains("Bright")
    );
    let Ok(Done::Export(bytes)) = owner.perform(Action::ExportRecord) else { panic!("no export") };
    assert!(!bytes.windows(6).any(|part| part == b"Bright"));
    assert_eq!(revealed(&owner, id, "company"), "Brightwater");
    let said = |text: &str| Action::Verify(other, key("company"), Zeroizing::new(text.into()));
    assert!(matches!(owner.perform(said("quillfeather")), Ok(Done::Verified(v)) if v.matched == Match::Yes));
    let running = Some(OnTheWay { turning: Turning::Stricter, looked: 0, all: 2 });
    assert_eq!(progress(&owner), [FieldProgress { field: key("company"), wanted: None, running }]);
}

#[test]
fn what_was_open_stands_nowhere_in_the_vault_once_all_is_sealed() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("company", "Zephyrine")]);
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![set("company", "Brightwater")])).unwrap();
    owner.perform(field(FieldAction::Classify(key("company"), Contact))).unwrap();
    // A change of something else meanwhile leaves no word behind.
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Tags(vec!["vip".into()])])).unwrap();
    let support = house.staff(&owner, RoleName::Support);
    settled(&support);
    assert!(verbs(&owner).contains(&"field.reseal".to_owned()));
    assert_eq!(revealed(&support, id, "company"), "Brightwater");
    assert!(matches!(owner.perform(Action::VerifyRecord), Ok(Done::Verdict(_))));
    // Both steps of undo are there still, sealed.
    owner.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert!(matches!(shown(&owner, id, "company"), Shown::Masked(_)));
    assert_eq!(revealed(&owner, id, "company"), "Zephyrine");
    drop((owner, support));
    for value in ["Zephyrine", "Brightwater", "zephyrine", "brightwater"] {
        assert_eq!(stands(&house, value), Vec::<&str>::new(), "{value}");
    }
}

#[test]
fn an_undo_in_between_brings_back_nothing_open() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("company", "Zephyrine")]);
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![set("company", "Brightwater")])).unwrap();
    owner.perform(field(FieldAction::Classify(key("company"), Sensitive))).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert!(matches!(shown(&owner, id, "company"), Shown::Masked(_)));
    assert_eq!(found(&owner, "zeph"), 0);
    assert_eq!(revealed(&owner, id, "company"), "Zephyrine");
    settled(&owner);
}

#[test]
fn a_looser_class_waits_for_a_holder_who_agrees() {
    let (house, owner) = House::new();
    let administrator = house.staff(&owner, RoleName::Administrator);
    let support = house.staff(&owner, RoleName::Support);
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("chat_id", "zephyrine_zsf")]);
    administrator.perform(field(FieldAction::Classify(key("chat_id"), Open))).unwrap();
    assert!(matches!(shown(&owner, id, "chat_id"), Shown::Masked(_)));
    // A key opens one value for a reason; all of everybody's are opened by whoever sets the policy as well.
    assert_eq!((waiting(&administrator), waiting(&support), waiting(&owner)), (0, 0, 1));
    let refused = support.perform(field(FieldAction::Confirm(key("chat_id"))));
    assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{refused:?}");
    let refused = administrator.perform(field(FieldAction::Confirm(key("chat_id"))));
    assert!(matches!(refused, Err(Refusal::KeyMissing(Contact))), "{refused:?}");
    let View::Today(today) = owner.query(Query::Today).unwrap() else { panic!("no today") };
    assert!(today.alerts.iter().any(|alert| alert.kind == AlertKind::FieldLooser));

    owner.perform(field(FieldAction::Confirm(key("chat_id")))).unwrap();
    // Each value keeps its mask until it is done; the administrator's session does none.
    administrator.settle();
    assert!(matches!(shown(&owner, id, "chat_id"), Shown::Masked(_)));
    assert_eq!(revealed(&support, id, "chat_id"), "zephyrine_zsf");
    settled(&support);
    assert_eq!(shown(&owner, id, "chat_id"), Shown::Open("zephyrine_zsf".into()));
    assert_eq!(found(&owner, "zephyrine"), 1);
    assert!(matches!(shown(&owner, id, "mobile"), Shown::Masked(mask) if mask.as_str() == "138****1234"));
}

#[test]
fn what_is_asked_for_is_taken_back_by_asking_for_what_is() {
    let (_house, owner) = House::new();
    owner.perform(field(FieldAction::Classify(key("mobile"), Open))).unwrap();
    owner.perform(field(FieldAction::Mask(key("mobile"), MaskKind::Email))).unwrap();
    assert_eq!(progress(&owner)[0].wanted.as_ref().map(|w| (w.0, w.1)), Some((Open, MaskKind::Email)));
    owner.perform(field(FieldAction::Classify(key("mobile"), Contact))).unwrap();
    assert_eq!(progress(&owner)[0].wanted.as_ref().map(|w| (w.0, w.1)), Some((Contact, MaskKind::Email)));
    owner.perform(field(FieldAction::Mask(key("mobile"), MaskKind::Mobile))).unwrap();
    assert_eq!(progress(&owner), []);
    let nothing = owner.perform(field(FieldAction::Confirm(key("mobile"))));
    assert!(matches!(nothing, Err(Refusal::NotFound(_))), "{nothing:?}");
}

#[test]
fn a_mask_that_shows_less_hides_what_was_shown_at_once_and_more_waits() {
    let (house, owner) = House::new();
    let administrator = house.staff(&owner, RoleName::Administrator);
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let masked = |who: &Session| shown(who, id, "mobile").text().to_owned();
    administrator.perform(field(FieldAction::Mask(key("mobile"), MaskKind::Phone))).unwrap();
    assert_eq!(masked(&owner), "********", "nothing is shown of it until it is made anew");
    let lacks = administrator.perform(field(FieldAction::Reseal));
    assert!(matches!(lacks, Err(Refusal::KeyMissing(Contact))), "{lacks:?}");
    assert_eq!(masked(&owner), "********");
    settled(&owner);
    assert_eq!(masked(&owner), "+86 *********34");
    // To stars alone nobody has to open anything.
    administrator.perform(field(FieldAction::Mask(key("mobile"), MaskKind::Other))).unwrap();
    settled(&administrator);
    assert_eq!(masked(&owner), "********");
    administrator.perform(field(FieldAction::Mask(key("mobile"), MaskKind::Mobile))).unwrap();
    settle_some(&owner);
    assert_eq!(masked(&owner), "********");
    owner.perform(field(FieldAction::Confirm(key("mobile")))).unwrap();
    owner.perform(field(FieldAction::Reseal)).unwrap();
    assert_eq!(masked(&owner), "138****1234");
}

fn settle_some(who: &Session) {
    for _ in 0..5 {
        who.settle();
    }
}

#[test]
fn from_contact_to_sensitive_only_a_holder_brings_it_and_nobody_else_sees_it_meanwhile() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let id = add(&owner, "张三丰", vec![set("email", "zsf@example.com")]);
    assert_eq!(revealed(&support, id, "email"), "zsf@example.com");
    owner.perform(field(FieldAction::Classify(key("email"), Sensitive))).unwrap();
    let refused = support.perform(Action::Reveal(id, key("email"), callback()));
    assert!(matches!(refused, Err(Refusal::NeverRevealed { class: Sensitive, .. })), "{refused:?}");
    // It takes the key of the class it was in and nothing of the one it goes to but its tokens.
    settled(&support);
    assert_eq!(revealed(&owner, id, "email"), "zsf@example.com");
    let refused = support.perform(Action::Reveal(id, key("email"), callback()));
    assert!(matches!(refused, Err(Refusal::NeverRevealed { class: Sensitive, .. })), "{refused:?}");
}

#[test]
fn sealing_goes_on_where_it_stood_after_the_vault_was_left() {
    let (house, owner) = House::new();
    for n in 0..450 {
        add(&owner, &format!("Customer {n}"), vec![set("company", &format!("Zephyrine {n}"))]);
    }
    owner.perform(field(FieldAction::Classify(key("company"), Contact))).unwrap();
    owner.settle();
    assert_eq!(progress(&owner)[0].running.map(|on| (on.looked, on.all)), Some((200, 450)));
    drop(owner);
    let owner = house.gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    owner.settle();
    assert_eq!(progress(&owner)[0].running.map(|on| on.looked), Some(400));
    assert_eq!(found(&owner, "zephyrine"), 0);
    owner.perform(field(FieldAction::Reseal)).unwrap();
    assert_eq!(progress(&owner), []);
    drop(owner);
    assert_eq!(stands(&house, "Zephyrine"), Vec::<&str>::new());
}

#[test]
fn a_merge_in_between_moves_nothing_past_the_sealing() {
    let (house, owner) = House::new();
    let first = add(&owner, "张三丰", vec![]);
    for n in 0..220 {
        add(&owner, &format!("Customer {n}"), vec![set("company", "Quillfeather")]);
    }
    let last = add(&owner, "Zhang Sanfeng", vec![set("company", "Zephyrine")]);
    owner.perform(field(FieldAction::Classify(key("company"), Contact))).unwrap();
    owner.settle();
    let versions = [first, last].map(|id| open(&owner, id).profile.version);
    owner.perform(Action::Merge { keep: (first, versions[0]), other: (last, versions[1]), take: vec![] }).unwrap();
    assert!(matches!(shown(&owner, first, "company"), Shown::Masked(_)));
    settled(&owner);
    assert_eq!(revealed(&owner, first, "company"), "Zephyrine");
    owner.perform(Action::Undo).unwrap();
    assert_eq!(revealed(&owner, last, "company"), "Zephyrine");
    drop(owner);
    assert_eq!(stands(&house, "Zephyrine"), Vec::<&str>::new());
}

#[test]
fn a_field_out_of_use_breaks_nothing_that_names_it_and_comes_back_whole() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("company", "晨光")]);
    let view = ViewDraft {
        id: None,
        name: "of the dawn".into(),
        query: "field.company:晨光".into(),
        sort: Sort::Name,
        sharing: Sharing::Own,
        columns: Default::default(),
    };
    owner.perform(Action::SaveView(view)).unwrap();
    let greeting = crate::templates::draft("greeting", "Dear {name} of {field.company}");
    let Ok(Done::Template(template, _)) = owner.perform(Action::Template(TemplateAction::Add(greeting))) else {
        panic!("no template")
    };
    owner.perform(Action::Cadence(CadenceAction::Add(crate::cadences::draft("welcome", "0 call @greeting")))).unwrap();
    let Ok(View::FieldUses(uses)) = owner.query(Query::FieldUses(key("company"))) else { panic!("no uses") };
    let said: Vec<_> = uses.iter().map(|one| (one.place, one.name.as_str())).collect();
    assert_eq!(said, [(UsedIn::View, "of the dawn"), (UsedIn::Template, "greeting"), (UsedIn::Cadence, "welcome")]);
    let filled = |who: &Session| match who.query(Query::Templates(TemplateQuery::Filled(template, id))) {
        Ok(View::Templates(TemplateView::Filled(filled))) => filled.text.to_string(),
        other => panic!("not filled: {other:?}"),
    };
    owner.perform(Action::SetFieldInUse(key("company"), FieldState::Off, "".into())).unwrap();
    assert_eq!(filled(&owner), "Dear 张三丰 of {field.company?}");
    let request = ListRequest { text: "field.company:晨光".into(), limit: 50, ..ListRequest::default() };
    assert!(owner.query(Query::Customers(request)).is_err());
    owner.perform(Action::SetFieldInUse(key("company"), FieldState::On, "".into())).unwrap();
    assert_eq!((filled(&owner).as_str(), found(&owner, "field.company:晨光")), ("Dear 张三丰 of 晨光", 1));
}

#[test]
fn what_is_kept_longer_than_its_field_says_is_listed_until_it_is_cleared() {
    let (house, owner) = House::new();
    let text = FieldText {
        label_en: "Chat ID".into(),
        purpose: "reach the customer".into(),
        keep_months: Some(6),
        ..FieldText::default()
    };
    owner.perform(Action::Field(FieldAction::Change(key("chat_id"), text))).unwrap();
    let id = add(&owner, "张三丰", vec![set("chat_id", "zsf_1988"), set("mobile", "13800001234")]);
    let parts = |who: &Session| match who.query(Query::Quality(QualityQuery::List(FlawKind::Kept, None))) {
        Ok(View::Quality(QualityView::Page(page))) => page.rows.into_iter().map(|row| row.part).collect::<Vec<_>>(),
        other => panic!("no list: {other:?}"),
    };
    assert_eq!(parts(&owner), Vec::<String>::new());
    house.clock.advance(200 * 86_400);
    let owner = house.again();
    assert_eq!(parts(&owner), ["chat_id"]);
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Clear(key("chat_id"))])).unwrap();
    assert_eq!(parts(&owner), Vec::<String>::new());
}

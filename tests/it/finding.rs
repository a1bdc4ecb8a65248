//! Finding customers by words: what leads, what is left out, and that looking through pages misses and repeats nobody.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{Anchor, ListRequest, Page};
use veilbook::service::{Action, Change, Query, Refusal, Session, View};
use veilbook::vault::store::{Table, Way};

use crate::house::{House, add, open, verbs};
use crate::record::tamper;

fn page(session: &Session, text: &str, anchor: Anchor, limit: u16) -> Page {
    let request = ListRequest { text: text.into(), anchor, limit, ..ListRequest::default() };
    match session.query(Query::Customers(request)) {
        Ok(View::Customers(page)) => page,
        other => panic!("no list: {other:?}"),
    }
}

fn names(session: &Session, text: &str) -> Vec<String> {
    page(session, text, Anchor::Top, 50).rows.iter().map(|row| row.name.text().to_owned()).collect()
}

fn give(owner: &Session, id: CustomerId, to: &Session) {
    let version = open(owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Owner(Some(to.staff()))])).unwrap();
}

#[test]
fn a_name_typed_in_any_mixture_of_pinyin_initials_and_characters_is_found() {
    let (_house, owner) = House::new();
    add(&owner, "张三丰", vec![]);
    add(&owner, "Zachary Smith", vec![]);
    for text in ["张", "三丰", "zhangsanfeng", "zsf", "zhangsf", "zsanf", "zhang三", "ｚｈａｎｇｓｆ"] {
        assert_eq!(names(&owner, text), ["张三丰"], "{text}");
    }
    assert_eq!(names(&owner, "zhangsx"), Vec::<String>::new());
}

#[test]
fn what_was_open_lately_leads_then_ones_own_then_the_exact_word() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    add(&sales, "Lee Own", vec![]);
    let leeds = add(&owner, "Leeds Own", vec![]);
    let others = [leeds, add(&owner, "Lee Own too", vec![]), add(&owner, "Leech", vec![])];
    others.into_iter().for_each(|id| give(&owner, id, &owner));
    // What was just added counts as open; a fresh session has had nothing open.
    let fresh = house.again();
    assert_eq!(names(&fresh, "lee"), ["Lee Own too", "Leech", "Leeds Own", "Lee Own"]);
    open(&fresh, leeds);
    assert_eq!(
        names(&fresh, "lee").first().map(String::as_str),
        Some("Lee Own too"),
        "the order stays while one looks"
    );
    assert_eq!(names(&fresh, "le").first().map(String::as_str), Some("Leeds Own"));
}

#[test]
fn whoever_sees_their_own_alone_finds_them_among_any_number_of_others() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    for n in 0..300 {
        add(&owner, &format!("Zed {n:03}"), vec![]);
    }
    let own = add(&owner, "Zed zzz", vec![]);
    give(&owner, own, &sales);
    assert_eq!(names(&sales, "z"), ["Zed zzz"]);
    assert_eq!(names(&sales, "zed 00"), Vec::<String>::new());
}

#[test]
fn who_has_the_word_in_their_name_comes_before_who_has_it_elsewhere() {
    let (_house, owner) = House::new();
    add(&owner, "Ann Vale", vec![Change::Tags(vec!["zhang".into()])]);
    add(&owner, "Zhang Wei", vec![Change::Tags(vec!["zhang".into()])]);
    add(&owner, "张诗涵", vec![]);
    let names = names(&owner, "zhang");
    assert_eq!(names.last().map(String::as_str), Some("Ann Vale"));
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_vault_that_an_older_program_wrote_is_brought_up_to_date_and_keeps_no_word_in_its_earlier_form() {
    let (house, owner) = House::new();
    let id = add(&owner, "Orla Byrne", vec![Change::Tags(vec!["vip".into()])]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let earlier = [b"orla\0".as_slice(), &id.0.to_be_bytes()].concat();
    tamper(&house, |to| {
        for table in [Table::Words, Table::Lists] {
            let mut rows = Vec::new();
            to.visit_prefix(table, &[], Way::Up, &mut |key, _| {
                rows.push(key.to_vec());
                ControlFlow::Continue(())
            })
            .unwrap();
            rows.iter().for_each(|key| to.remove(table, key).unwrap());
        }
        to.put(Table::Words, &earlier, &[0; 4]).unwrap();
        to.set_number("lists written", 0).unwrap();
    });
    let owner = house.again();
    assert_eq!(names(&owner, "orla"), ["Orla Byrne"]);
    assert_eq!(names(&owner, "tag:vip"), ["Orla Byrne"]);
    owner.end();
    drop(owner);
    house.gate.seal();
    tamper(&house, |to| assert_eq!(to.get(Table::Words, &earlier).unwrap(), None));
}

#[test]
fn looking_through_pages_either_way_misses_and_repeats_nobody() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    for n in 0..12 {
        let id = add(&owner, &format!("Song Sam {n:02}"), vec![]);
        if n % 3 == 0 {
            give(&owner, id, &sales);
        }
        add(&owner, &format!("宋三{}", char::from_u32(0x4E00 + n * 40).unwrap()), vec![]);
    }
    let fresh = house.again();
    for text in ["s", "so", "song", "songs", "ss", "song sa"] {
        let whole: Vec<CustomerId> = page(&fresh, text, Anchor::Top, 100).rows.iter().map(|row| row.id).collect();
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len(), "{text}: somebody comes twice");
        assert!(!whole.is_empty(), "{text}");
        let (mut down, mut at) = (Vec::new(), Anchor::Top);
        loop {
            let page = page(&fresh, text, at, 5);
            down.extend(page.rows.iter().map(|row| row.id));
            match page.rows.last() {
                Some(last) if page.after => at = Anchor::After(last.cursor.clone()),
                _ => break,
            }
        }
        assert_eq!(down, whole, "{text} downwards");
        let (mut up, mut at) = (Vec::new(), Anchor::Bottom);
        loop {
            let page = page(&fresh, text, at, 5);
            up.splice(0..0, page.rows.iter().map(|row| row.id));
            match page.rows.first() {
                Some(first) if page.before => at = Anchor::Before(first.cursor.clone()),
                _ => break,
            }
        }
        assert_eq!(up, whole, "{text} upwards");
    }
}

#[test]
fn a_lead_sees_their_teams_customers_and_nobodys_and_no_other_teams() {
    let (house, owner) = House::new();
    let (lead, sales) = (house.staff(&owner, RoleName::Lead), house.staff(&owner, RoleName::Sales));
    for (name, whose) in [("Red Ann", Some(&lead)), ("Red Ben", Some(&sales)), ("Red Cid", None)] {
        let id = add(&owner, name, vec![]);
        match whose {
            Some(who) => give(&owner, id, who),
            None => _ = owner.perform(Action::EditCustomer(id, 1, vec![Change::Owner(None)])).unwrap(),
        }
    }
    let team = |who: &Session, team: &str| owner.perform(Action::SetTeam(who.staff(), team.into())).unwrap();
    let sees = |names: &[&str]| {
        let mut found = self::names(&lead, "red");
        found.sort();
        assert_eq!(found, names);
    };
    sees(&["Red Ann", "Red Ben", "Red Cid"]);
    team(&sales, "South");
    sees(&["Red Ann", "Red Cid"]);
    // However it is written, it is the same team.
    team(&lead, "  ｓｏｕｔｈ ");
    sees(&["Red Ann", "Red Ben", "Red Cid"]);
    team(&sales, "");
    sees(&["Red Ann", "Red Cid"]);
    assert!(owner.perform(Action::SetTeam(sales.staff(), "x".repeat(41).as_str().into())).is_err());
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "staff.team").count(), 3);
}

#[test]
fn signs_alone_find_nobody_and_say_so() {
    let (_house, owner) = House::new();
    add(&owner, "Smith & Co", vec![]);
    for text in ["\u{1F468}", "*", "&", "- &"] {
        let request = ListRequest { text: text.into(), limit: 50, ..ListRequest::default() };
        let refused = owner.query(Query::Customers(request)).map(|_| ());
        assert!(matches!(refused, Err(Refusal::Query(_))), "{text}: {refused:?}");
    }
    assert_eq!(names(&owner, "smith & co"), ["Smith & Co"]);
}

//! What made-up customers promise: believable, valid, reproducible, and nobody in particular.

use std::collections::HashSet;

use super::*;
use crate::domain::customer::CustomerKind;
use crate::domain::value::check_field;

const NOW: Timestamp = Timestamp(1_795_255_200_000);

/// [`NOW`] in UTC+8.
fn now() -> chrono::DateTime<chrono::FixedOffset> {
    NOW.at(chrono::FixedOffset::east_opt(8 * 3600).unwrap())
}

/// Everything of a customer as text; `Debug` would redact it.
fn spelled(made: &Made) -> String {
    let mut out = format!("{} {:?} {:?} {}", made.index, made.owner, made.created, name(made));
    for change in &made.customer {
        match change {
            Change::Set(key, value) => out.push_str(&format!(" {key}={}", value.as_str())),
            Change::Tags(tags) => out.push_str(&tags.join(",")),
            other => out.push_str(&format!(" {other:?}")),
        }
    }
    for i in &made.interactions {
        out.push_str(&format!(" {:?} {} {}", i.at, i.text, i.by));
    }
    for f in &made.follow_ups {
        out.push_str(&format!(" {:?} {} {:?}", f.due, f.text, f.state));
    }
    for d in &made.deals {
        out.push_str(&format!(" {} {} {}", d.title, d.amount, d.currency));
    }
    out
}

fn name(made: &Made) -> String {
    made.customer.iter().find_map(|c| if let Change::Name(n) = c { Some(n.to_string()) } else { None }).unwrap()
}

fn value<'a>(made: &'a Made, wanted: &str) -> Option<&'a str> {
    made.customer.iter().find_map(|c| match c {
        Change::Set(key, value) if key.as_str() == wanted => Some(value.as_str()),
        _ => None,
    })
}

#[test]
fn the_same_seed_gives_the_same_customers_and_another_gives_others() {
    let first: Vec<String> = customers(7, 50, now()).map(|m| spelled(&m)).collect();
    assert_eq!(first, customers(7, 50, now()).map(|m| spelled(&m)).collect::<Vec<_>>());
    assert_eq!(first.last(), customers(7, 900, now()).nth(49).map(|m| spelled(&m)).as_ref());
    assert_ne!(first.first(), customers(8, 1, now()).next().map(|m| spelled(&m)).as_ref());
}

#[test]
fn shares_are_as_in_life() {
    let all: Vec<Made> = customers(1, 6_000, now()).collect();
    let per_cent = |wanted: &dyn Fn(&Made) -> bool| all.iter().filter(|m| wanted(m)).count() * 100 / all.len();
    let mainland = per_cent(&|m| {
        value(m, "mobile").or(value(m, "phone")).is_some_and(|p| !p.starts_with('+') || p.starts_with("+86"))
    });
    assert!((64..=69).contains(&mainland), "{mainland}");
    let firms = per_cent(&|m| m.customer.iter().any(|c| matches!(c, Change::Kind(CustomerKind::Company))));
    assert!((13..=16).contains(&firms), "{firms}");
    let open = per_cent(&|m| m.follow_ups.iter().any(|f| f.state == FollowUpState::Open));
    assert!((8..=20).contains(&open), "{open}");
    for surname in ["单", "解", "曾", "仇", "区", "查", "尉迟", "万俟", "欧阳"] {
        assert!(all.iter().any(|m| name(m).starts_with(surname)), "{surname}");
    }
    let overdue = all.iter().flat_map(|m| &m.follow_ups).filter(|f| f.state == FollowUpState::Open && f.due < NOW);
    assert!(overdue.count() > 20);
    let names: HashSet<String> = all.iter().map(name).collect();
    assert!(names.len() > 4_500, "{}", names.len());
}

#[test]
fn neighbours_differ_in_name_and_text() {
    let all: Vec<Made> = customers(1, 2_000, now()).collect();
    for pair in all.windows(2) {
        assert_ne!(name(&pair[0]), name(&pair[1]));
        let last = |m: &Made| m.interactions.last().map(|i| i.text.clone());
        assert!(last(&pair[0]).is_none() || last(&pair[0]) != last(&pair[1]));
    }
}

#[test]
fn nothing_happened_before_the_customer_came_or_after_now() {
    for made in customers(3, 3_000, now()) {
        assert!(made.created <= NOW);
        for at in made.interactions.iter().map(|i| i.at).chain(made.looks.iter().map(|l| l.at)) {
            assert!(at <= NOW);
        }
        assert!(made.interactions.iter().all(|i| i.at >= made.created));
        assert!(made.interactions.is_sorted_by_key(|i| i.at));
        assert!(made.follow_ups.iter().all(|f| f.state == FollowUpState::Open || f.due <= NOW));
    }
}

#[test]
fn phones_are_valid_in_their_country() {
    let mut checked = HashSet::new();
    for made in customers(1, 20_000, now()) {
        for number in [value(&made, "mobile"), value(&made, "phone")].into_iter().flatten() {
            let parsed = phonenumber::parse(Some(phonenumber::country::Id::CN), number).unwrap();
            assert!(parsed.is_valid(), "{number}");
            checked.insert(parsed.code().value());
        }
    }
    assert!(checked.len() >= 12, "{checked:?}");
}

#[test]
fn every_value_is_what_its_field_asks_for() {
    let schema = crate::domain::schema::sample();
    let mut seen = HashSet::new();
    for made in customers(11, 2_000, now()) {
        for change in &made.customer {
            let Change::Set(key, value) = change else { continue };
            let def = schema.get(key.as_str()).unwrap();
            let checked = check_field(def, value, "CN", NOW.utc().date_naive());
            assert!(checked.is_ok(), "{key}: {:?}: {:?}", value.as_str(), checked.err());
            seen.insert(key.clone());
        }
    }
    let missing: Vec<_> = schema.on().filter(|def| !seen.contains(&def.key)).map(|def| &def.key).collect();
    assert!(missing.is_empty(), "no customer has {missing:?}");
}

#[test]
fn the_sink_gets_staff_first_and_every_customer_in_chunks() {
    #[derive(Default)]
    struct Tally(usize, u64, usize);
    impl Sink for Tally {
        type Fault = ();
        fn staff(&mut self, everybody: &[MadeStaff]) -> Result<(), ()> {
            assert_eq!(self.1, 0);
            self.0 = everybody.len();
            Ok(())
        }
        fn customers(&mut self, chunk: Vec<Made>) -> Result<(), ()> {
            assert_eq!(chunk.first().unwrap().index, self.1);
            self.1 += chunk.len() as u64;
            self.2 = self.2.max(chunk.len());
            Ok(())
        }
    }
    let mut tally = Tally::default();
    let mut told = Vec::new();
    load(&mut tally, 1, 2_345, now(), crate::domain::field::Lang::En, |n| told.push(n)).unwrap();
    assert_eq!((tally.0, tally.1, tally.2), (8, 2_345, CHUNK));
    assert_eq!(told, [1_000, 2_000, 2_345]);
}

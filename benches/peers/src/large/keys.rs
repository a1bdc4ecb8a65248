//! Keys on the screens: scrolling, jumping, opening; and adding a customer.

use std::time::Duration;

use veilbook::domain::field::FieldKey;
use veilbook::domain::id::CustomerId;
use veilbook::service::door::{Change, Contact};
use veilbook::service::{Action, Session};
use veilbook::text::Printable;

use super::house::House;
use super::{Figures, timed};
use crate::person::Desk;

/// Entries in the longest timeline.
const ENTRIES: usize = 5_000;
/// Whose it is.
const LONG: CustomerId = CustomerId(77);

pub fn measure(house: &House, figures: &mut Figures) {
    let mut desk = Desk::new(&house.owner);
    desk.press("g c");
    for order in ["by name", "by last change"] {
        let mut times = Vec::new();
        for _ in 0..20 {
            for key in ["G", "pageup", "up", "g g", "pagedown", "down"] {
                times.push(desk.press(key));
            }
        }
        times.extend((0..300).map(|_| desk.press("down")));
        times.extend((0..100).map(|_| desk.press("pagedown")));
        figures.times(&format!("a key on the list, {order}"), times, "2");
        desk.press("s");
    }
    figures.times("a customer added, without a sync", added(&house.owner), "1");
    for said in 0..ENTRIES {
        let contact = Contact { text: Printable::line(&format!("said {said}")), ..Contact::default() };
        house.owner.perform(Action::LogInteraction(LONG, contact)).unwrap();
    }
    for key in ["/", "ctrl-u", "i", "d", ":", "7", "7", "enter"] {
        desk.press(key);
    }
    let opened = |desk: &mut Desk<'_>| {
        let took = desk.press("enter");
        desk.press("esc");
        took
    };
    figures.times(
        &format!("opening a customer with {ENTRIES} entries"),
        (0..50).map(|_| opened(&mut desk)).collect(),
        "5",
    );
}

fn added(owner: &Session) -> Vec<Duration> {
    let set = |key: &str, value: String| Change::Set(FieldKey::new(key).unwrap(), value.into());
    let one = |number: u64| {
        let changes = vec![
            Change::Name(Printable::line(&format!("陈晓{number}"))),
            Change::Tags(vec!["VIP".to_owned(), "gifts".to_owned()]),
            set("mobile", format!("139{number:08}")),
            set("email", format!("newcomer{number}@example.com")),
            set("company", "晨露茶行".to_owned()),
        ];
        timed(|| owner.perform(Action::AddCustomer(changes)).unwrap()).0
    };
    (0..300).map(one).collect()
}

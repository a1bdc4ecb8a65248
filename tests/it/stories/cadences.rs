//! Stories of cadences: kept in Admin, put on a customer and on many.

use veilbook::app::model::Start;
use veilbook::domain::cadence::{Cadence, read};
use veilbook::domain::field::Lang;
use veilbook::domain::id::{CadenceId, StaffId};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{CadenceQuery, CadenceView};

use super::desk::Desk;

/// What the stand-in for the door answers.
pub fn answer(query: CadenceQuery) -> CadenceView {
    let kept = |id, name: &str, steps: &str| {
        let (id, name, by) = (CadenceId(id), name.into(), StaffId(1));
        Cadence { id, version: 1, name, steps: read(steps).unwrap(), by }
    };
    match query {
        CadenceQuery::List => CadenceView::Rows(vec![
            kept(1, "Welcome", "0 call Introduce ourselves\n3 email @welcome\n7 visit"),
            kept(2, "续约", "0 电话"),
        ]),
        CadenceQuery::Running(id) => CadenceView::Running(id, 42),
    }
}

#[test]
fn a_cadence_is_put_on_a_customer_and_ended_there() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 enter a").shows("Put a cadence on").shows("Welcome").shows("3 steps, 7 days");
    desk.shows("day 3 · email · @welcome").press("enter").shows("The cadence began");
    desk.press("ctrl-x e x").shows("ended with this customer");
    let mut desk = Desk::begin(RoleName::Sales, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 a").shows("启用跟进节奏").shows("第 7 天");
}

#[test]
fn a_cadence_is_put_on_many_by_its_name() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 space space b").press("left left").shows("put a cadence on").press("tab").shows("Welcome, 续约");
    desk.type_text("nothing").shows("Write the name of a cadence").press("ctrl-u").type_text("welcome");
    desk.press("enter");
    assert!(desk.service.bulk.is_some());
}

#[test]
fn cadences_are_kept_in_admin_and_a_step_that_cannot_be_read_is_named() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f9 C a").shows("A new cadence").type_text("New").press("enter").type_text("0 call Hi");
    desk.press("enter").type_text("soon fax").press("f8").shows("Line 2: a step begins with its day");
    desk.press("ctrl-u").type_text("7 visit").press("f8").shows("The cadence is kept");
    desk.press("e").shows("Change the cadence").shows("3 email @welcome").press("esc");
    desk.press("x").shows("It runs with 42").press("y").shows("The cadence is removed");
}

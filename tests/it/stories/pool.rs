//! Stories of the shared pool: seen, claimed from, given back to, tried; and how it is told that a customer goes there.

use veilbook::clock::Timestamp;
use veilbook::domain::customer::{CustomerKind, Stage};
use veilbook::domain::field::Lang;
use veilbook::domain::id::CustomerId;
use veilbook::domain::policy::Policy;
use veilbook::domain::role::RoleName;
use veilbook::service::refusal::{PoolFault, Refusal};
use veilbook::service::view::{
    Cursor, PoolAction, PoolPage, PoolRow, PoolTaken, PoolTakes, PoolWarning, Shown, Swept, Total,
};
use veilbook::service::{Action, Done};
use veilbook::text::Printable;

use super::desk::{Desk, NOON};
use veilbook::app::model::Start;

/// What the stand-in for the door knows of the pool.
#[derive(Default)]
pub struct Stand {
    pub policy: Policy,
    pub rows: Vec<PoolRow>,
    pub claimed: u32,
    pub warned: PoolWarning,
}

impl Stand {
    /// When the n-th customer goes to the pool.
    pub fn goes(&self, n: usize) -> Option<Timestamp> {
        let days = [5, 40][n % 2];
        (self.policy.pool_days > 0 && !n.is_multiple_of(4)).then(|| NOON.plus_seconds(86_400 * days))
    }
}

pub fn page(stand: &Stand) -> PoolPage {
    let claims = (10 - stand.claimed, 10);
    PoolPage { rows: stand.rows.clone(), more: false, total: stand.rows.len() as u64, claims }
}

pub fn act(stand: &mut Stand, action: PoolAction) -> Result<Done, Refusal> {
    match action {
        PoolAction::Claim(id) if stand.rows.iter().any(|row| row.id == id && row.rests_until.is_some()) => {
            let until = chrono::NaiveDate::from_ymd_opt(2026, 12, 1).unwrap_or_default();
            Err(Refusal::Pool(PoolFault::Resting { until }))
        }
        PoolAction::Claim(id) => {
            stand.rows.retain(|row| row.id != id);
            stand.claimed += 1;
            Ok(Done::Saved(id, 2))
        }
        PoolAction::Release(id, version) => Ok(Done::Saved(id, version + 1)),
        PoolAction::DryRun(days) => {
            let taken = PoolTaken { owner: "li.na".into(), now: 3, soon: 2 };
            let whom = vec![(CustomerId(3), Shown::Open(Printable::line("张三丰")), "li.na".to_owned())];
            let days = days.unwrap_or(30);
            Ok(Done::PoolTakes(Box::new(PoolTakes { days, warn: 7, exact: true, owners: vec![taken], whom })))
        }
        PoolAction::Run => Ok(Done::Swept(Swept::default())),
    }
}

fn row(id: u64, name: &str) -> PoolRow {
    PoolRow {
        cursor: Cursor::from_bytes(id.to_be_bytes().to_vec()),
        id: CustomerId(id),
        name: Shown::Open(Printable::line(name)),
        kind: CustomerKind::Person,
        stage: Stage::Qualified,
        tags: vec!["wholesale".into()],
        since: NOON.plus_seconds(-86_400 * 3),
        rests_until: None,
        restricted: false,
    }
}

fn with_two(mut desk: Desk) -> Desk {
    let resting = PoolRow { rests_until: Some(NOON.plus_seconds(86_400 * 10)), ..row(2, "李四") };
    desk.service.pool.rows = vec![row(1, "A very long name of a customer that no column has room for"), resting];
    desk
}

#[test]
fn a_customer_is_claimed_with_one_key_and_who_rests_is_told_until_when() {
    let mut desk = with_two(Desk::signed_in(RoleName::Sales));
    desk.press("f3 P").shows("Shared pool (2)").shows("wholesale").shows("10 of 10 claims left today");
    desk.shows("the pool takes nobody by itself").shows("In the pool since");
    desk.press("down").shows("This customer was yours").press("enter").shows("others can now");
    desk.press("up enter").shows("is yours. u gives the customer back").shows("9 of 10 claims left");
    desk.press("d").shows("Whom would the pool take?").press("enter");
    desk.shows("After 30 days without contact or deal it would take 3 customers");
    desk.shows("li.na: 3 now, 2 more within 7 days").shows("张三丰 · li.na").shows("Nothing was done");
    desk.press("esc").shows("Shared pool").press("esc").hides("Shared pool");
}

#[test]
fn the_pool_is_told_in_chinese_and_says_so_when_it_is_empty() {
    let mut desk = with_two(Desk::begin(RoleName::Lead, Start::SignedIn, Lang::ZhCn));
    desk.press("f3 P").shows("公海（2）").shows("今天还可认领 10/10 位").press("down").shows("这位客户曾由您负责");
    desk.press("d")
        .shows("哪些客户会回公海")
        .press("enter")
        .shows("会有 3 位客户回公海")
        .shows("现在 3 位，7 天内另有 2 位");
    let mut desk = Desk::begin(RoleName::Sales, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 ctrl-x o").shows("公海里没有客户").press("enter").shows("公海里没有客户");
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 P").shows("Nobody is in the pool");
}

#[test]
fn who_may_not_claim_does_not_reach_the_pool() {
    let mut desk = with_two(Desk::signed_in(RoleName::Support));
    desk.press("esc P").hides("Shared pool (2)");
}

#[test]
fn days_that_cannot_be_are_refused_where_they_are_typed() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 P d ctrl-u").type_text("0").press("enter").shows("a number from 1 to 3650");
    assert!(!desk.did(", Pool)"));
}

#[test]
fn the_list_and_the_detail_say_in_how_many_days_a_customer_goes_to_the_pool() {
    let mut desk = signed_in_with_pool(RoleName::Sales, Lang::En);
    desk.press("f3").shows("To pool in").shows("40 days").shows("in the pool");
    desk.press("down enter").shows("goes to the pool in 40 days");
    let mut desk = signed_in_with_pool(RoleName::Sales, Lang::ZhCn);
    desk.press("f3").shows("距回公海").shows("40 天").press("down enter").shows("40 天后回公海");
    // Where the pool takes nobody there is no such column.
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3").hides("To pool in").shows("Owner");
}

fn signed_in_with_pool(role: RoleName, lang: Lang) -> Desk {
    let mut desk = Desk::begin(role, Start::SignedIn, lang);
    desk.service.pool.policy.pool_days = 30;
    // What the policy says is asked for anew after a change.
    desk.send(veilbook::app::msg::Msg::Changed);
    desk
}

#[test]
fn today_warns_of_customers_who_go_to_the_pool_and_shows_them_with_one_key() {
    for (lang, said) in
        [(Lang::En, "4 customers of yours go to the shared pool within 7 days"), (Lang::ZhCn, "有 4 位")]
    {
        let mut desk = Desk::begin(RoleName::Sales, Start::SignedIn, lang);
        desk.service.pool.warned = PoolWarning { count: Total::Exactly(4), days: 7 };
        desk.press("f3 f2").shows(said).press("enter").shows("owner:me pool<=7d");
    }
}

#[test]
fn one_s_own_customer_is_given_back_from_the_detail() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 enter P").shows("Given back to the pool");
    assert!(desk.did(", Pool)"));
    // What is another's is not, by whoever may not assign.
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 down enter P").shows("not yours");
    let mut desk = Desk::signed_in(RoleName::Lead);
    desk.press("f3 down enter P").shows("Given back");
    desk.service.refuse = Some(|action| matches!(action, Action::Pool(_)).then_some(Refusal::Conflict(None)));
    desk.press("enter P").shows("changed");
}

//! Deals: opened, moved, won, lost, taken back; whose they are, what the board counts, and the stages of one's own.

use std::ops::ControlFlow;

use chrono::NaiveDate;
use veilbook::domain::deal::{Deal, DealDraft, PipelineChange, PipelineFault, StageKind};
use veilbook::domain::id::{CustomerId, DealId, PipelineId, StageId};
use veilbook::domain::money::{Currency, Money};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{
    Board, BoardRequest, DealAction, DealFault, DealQuery, DealRow, DealView, Happening, Shift, Sits, Whose,
};
use veilbook::service::{Action, Change, Done, Query, Refusal, Session, View};
use veilbook::vault::book::deals;
use veilbook::vault::store::{Get, Put, Table, Way};
use veilbook::vault::tables::Fate;

use crate::house::{House, add, open, verbs};

pub fn draft(title: &str, amount: &str) -> DealDraft {
    DealDraft {
        title: title.into(),
        amount: Money::parse(amount, Currency::CNY).unwrap(),
        expected: NaiveDate::from_ymd_opt(2026, 12, 31),
        probability: None,
        owner: None,
        stage: None,
    }
}

pub fn add_deal(who: &Session, customer: CustomerId, title: &str, amount: &str) -> DealId {
    match who.perform(Action::Deal(DealAction::Add(customer, draft(title, amount)))) {
        Ok(Done::Deal(id, 1)) => id,
        other => panic!("no deal: {other:?}"),
    }
}

fn act(who: &Session, action: DealAction) -> Result<Done, Refusal> {
    who.perform(Action::Deal(action))
}

pub fn board(who: &Session, whose: Whose) -> Board {
    let request = BoardRequest { pipeline: None, whose, limit: 50 };
    match who.query(Query::Deals(DealQuery::Board(request))) {
        Ok(View::Deals(DealView::Board(board))) => *board,
        other => panic!("no board: {other:?}"),
    }
}

/// Each stage with what is in it: `new 2 (3,000.00 CNY)`.
fn shown(board: &Board) -> Vec<String> {
    let columns = board.columns.iter().map(|column| {
        let sums: Vec<String> = column.sums.iter().map(ToString::to_string).collect();
        format!("{} {} ({})", column.stage.said(), column.count, sums.join(" + "))
    });
    columns.collect()
}

fn one(who: &Session, id: DealId) -> Option<DealRow> {
    match who.query(Query::Deals(DealQuery::One(id))) {
        Ok(View::Deals(DealView::One(row))) => Some(*row),
        _ => None,
    }
}

fn stage(who: &Session, id: DealId) -> String {
    one(who, id).map(|row| row.stage.said()).unwrap_or_default()
}

fn undo(who: &Session) -> Result<Done, Refusal> {
    who.perform(Action::Undo)
}

#[test]
fn a_deal_goes_through_the_stages_and_each_step_is_recorded_and_taken_back() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    let id = add_deal(&owner, customer, "年度茶叶", "1.2万");
    act(&owner, DealAction::Move(id, 1, Shift::On)).unwrap();
    act(&owner, DealAction::Move(id, 2, Shift::On)).unwrap();
    assert!(matches!(act(&owner, DealAction::Move(id, 3, Shift::On)), Err(Refusal::Deal(DealFault::NoFurther))));
    act(&owner, DealAction::Lose(id, 3, "太贵".into())).unwrap();
    assert_eq!(stage(&owner, id), "lost");
    assert!(matches!(act(&owner, DealAction::Win(id, 4)), Err(Refusal::Deal(DealFault::Settled))));
    act(&owner, DealAction::Reopen(id, 4)).unwrap();
    assert_eq!(stage(&owner, id), "negotiation");
    act(&owner, DealAction::Win(id, 5)).unwrap();
    let seen = verbs(&owner);
    let steps: Vec<&str> = seen.iter().map(String::as_str).filter(|verb| verb.starts_with("deal.")).collect();
    assert_eq!(
        steps,
        ["deal.add", "deal.move", "deal.move", "deal.lose", "deal.reopen", "deal.win"],
        "each step that was done has one entry"
    );
    for expected in ["negotiation", "lost", "negotiation", "offered", "new", ""] {
        undo(&owner).unwrap();
        assert_eq!(stage(&owner, id), expected);
    }
    assert!(open(&owner, customer).deals.is_empty());
}

#[test]
fn the_timeline_tells_of_each_stage_and_why_a_deal_was_lost() {
    let (house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    let id = add_deal(&owner, customer, "tea", "5k");
    act(&owner, DealAction::Move(id, 1, Shift::To(StageId(3)))).unwrap();
    act(&owner, DealAction::Lose(id, 2, "too dear".into())).unwrap();
    let told = |who: &Session| -> Vec<String> {
        let items = open(who, customer).timeline.into_iter().filter_map(|item| match item.what {
            Happening::Deal(d) => Some(format!(
                "{} {}>{} {} {}",
                d.verb,
                d.before.unwrap_or_default(),
                d.after,
                d.title,
                d.reason.map(|r| r.to_string()).unwrap_or_default()
            )),
            _ => None,
        });
        let mut items: Vec<String> = items.collect();
        items.sort();
        items
    };
    assert_eq!(
        told(&owner),
        ["deal.add >new tea ", "deal.lose negotiation>lost tea too dear", "deal.move new>negotiation tea "]
    );
    let support = house.staff(&owner, RoleName::Support);
    assert_eq!(told(&support), Vec::<String>::new(), "who sees no deals reads of none");
}

#[test]
fn the_board_counts_and_sums_each_stage_and_only_within_scope() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let (theirs, other) = (add(&sales, "李四", vec![]), add(&owner, "王五", vec![]));
    add_deal(&sales, theirs, "a", "1000");
    let moved = add_deal(&sales, theirs, "b", "2000");
    act(&sales, DealAction::Move(moved, 1, Shift::On)).unwrap();
    add_deal(&owner, other, "c", "EUR 5");
    add_deal(&owner, other, "d", "4000");
    let own = ["new 1 (1,000.00 CNY)", "offered 1 (2,000.00 CNY)", "negotiation 0 ()", "won 0 ()", "lost 0 ()"];
    assert_eq!(shown(&board(&sales, Whose::Mine)), own);
    assert_eq!(shown(&board(&sales, Whose::All)), own, "beyond the scope there is nothing");
    let all = board(&owner, Whose::All);
    assert_eq!(all.columns[0].count, 3);
    assert_eq!(all.columns[0].sums.iter().map(ToString::to_string).collect::<Vec<_>>(), ["5,000.00 CNY", "5.00 EUR"]);
    assert_eq!(board(&owner, Whose::Mine).columns[0].count, 2);
    let reached = act(&sales, DealAction::Win(board(&owner, Whose::Mine).columns[0].cards[0].deal.id, 1));
    assert!(matches!(reached, Err(Refusal::OutOfScope)), "{reached:?}");
    // A customer who goes to somebody else takes the deals out of sight.
    let version = open(&owner, theirs).profile.version;
    owner.perform(Action::EditCustomer(theirs, version, vec![Change::Owner(Some(owner.staff()))])).unwrap();
    assert_eq!(board(&sales, Whose::Mine).columns[0].count, 0);
}

#[test]
fn a_deal_that_stands_too_long_in_a_stage_is_marked() {
    let (house, owner) = House::new();
    let id = add_deal(&owner, add(&owner, "张三丰", vec![]), "tea", "1");
    house.clock.advance(13 * 86_400);
    let owner = house.again();
    assert_eq!(one(&owner, id).map(|row| (row.days, row.sits)), Some((13, Sits::Well)));
    house.clock.advance(86_400);
    let owner = house.again();
    assert_eq!(one(&owner, id).map(|row| (row.days, row.sits)), Some((14, Sits::TooLong)));
    act(&owner, DealAction::Move(id, 1, Shift::On)).unwrap();
    assert_eq!(one(&owner, id).map(|row| (row.days, row.sits)), Some((0, Sits::Well)));
}

#[test]
fn a_change_on_what_somebody_else_changed_meanwhile_is_a_conflict_and_an_undo_says_who() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let customer = add(&sales, "李四", vec![]);
    let id = add_deal(&sales, customer, "tea", "1");
    act(&owner, DealAction::Edit(id, 1, draft("green tea", "2"))).unwrap();
    assert!(matches!(act(&sales, DealAction::Move(id, 1, Shift::On)), Err(Refusal::Conflict(_))));
    assert!(matches!(undo(&sales), Err(Refusal::UndoStale(who)) if who == "Olga"));
    undo(&owner).unwrap();
    assert_eq!(one(&owner, id).map(|row| row.deal.title.to_string()), Some("tea".into()));
}

#[test]
fn what_was_removed_comes_back_as_it_was_and_an_empty_title_or_no_reason_is_refused() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    let id = add_deal(&owner, customer, "tea", "1200.50");
    act(&owner, DealAction::Remove(id, 1)).unwrap();
    assert!(one(&owner, id).is_none());
    undo(&owner).unwrap();
    let back = one(&owner, id).unwrap().deal;
    assert_eq!((back.title.as_str(), back.amount.to_string().as_str()), ("tea", "1,200.50 CNY"));
    assert!(matches!(act(&owner, DealAction::Add(customer, draft(" ", "1"))), Err(Refusal::Invalid(_))));
    assert!(matches!(act(&owner, DealAction::Lose(id, back.version, " ".into())), Err(Refusal::Invalid(_))));
}

#[test]
fn deals_go_with_a_merge_come_back_with_its_undo_and_leave_no_row_when_erased() {
    let (_house, owner) = House::new();
    let (keep, other) = (add(&owner, "张三丰", vec![]), add(&owner, "张三", vec![]));
    let id = add_deal(&owner, other, "tea", "7");
    let versions = [keep, other].map(|id| open(&owner, id).profile.version);
    owner.perform(Action::Merge { keep: (keep, versions[0]), other: (other, versions[1]), take: Vec::new() }).unwrap();
    assert_eq!(one(&owner, id).map(|row| row.deal.customer), Some(keep));
    assert_eq!(board(&owner, Whose::Mine).columns[0].cards[0].customer.text(), "张三丰");
    undo(&owner).unwrap();
    assert_eq!(one(&owner, id).map(|row| row.deal.customer), Some(other));
    owner.perform(Action::EraseCustomer(other, crate::house::callback())).unwrap();
    assert!(one(&owner, id).is_none());
    assert_eq!(board(&owner, Whose::All).columns[0].count, 0);
}

#[test]
fn stages_of_ones_own_take_deals_and_a_retired_one_keeps_those_it_has() {
    let (house, owner) = House::new();
    let change = |change| act(&owner, DealAction::Pipeline(change));
    change(PipelineChange::AddStage(PipelineId(1), "样品".into(), StageKind::Open, 30)).unwrap();
    change(PipelineChange::Earlier(StageId(6))).unwrap();
    let id = add_deal(&owner, add(&owner, "张三丰", vec![]), "tea", "1");
    act(&owner, DealAction::Move(id, 1, Shift::To(StageId(6)))).unwrap();
    change(PipelineChange::Retire(StageId(6))).unwrap();
    assert_eq!(shown(&board(&owner, Whose::Mine))[2], "样品 1 (1.00 CNY)");
    act(&owner, DealAction::Move(id, 2, Shift::On)).unwrap();
    assert_eq!(stage(&owner, id), "negotiation");
    let into = act(&owner, DealAction::Move(id, 3, Shift::To(StageId(6))));
    assert!(matches!(into, Err(Refusal::Deal(DealFault::NotThisStage))), "{into:?}");
    assert_eq!(board(&owner, Whose::Mine).columns.len(), 5, "a retired stage without deals is out of sight");
    assert!(matches!(change(PipelineChange::Retire(StageId(4))), Err(Refusal::Pipeline(PipelineFault::LastSettled))));
    let administrator = house.staff(&owner, RoleName::Administrator);
    assert!(administrator.perform(Action::Deal(DealAction::Pipeline(PipelineChange::Sits(StageId(1), 3)))).is_ok());
    assert!(matches!(
        administrator.query(Query::Deals(DealQuery::Board(BoardRequest {
            pipeline: None,
            whose: Whose::All,
            limit: 1
        }))),
        Err(Refusal::NotPermitted { .. })
    ));
}

#[test]
fn only_who_may_reassign_makes_a_deal_somebody_elses() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let id = add_deal(&sales, add(&sales, "李四", vec![]), "tea", "1");
    let given = DealDraft { owner: Some(owner.staff()), ..draft("tea", "1") };
    // One's own can be handed on, like a reminder or a case; what is another's by then cannot be taken back so.
    assert!(act(&sales, DealAction::Edit(id, 1, given)).is_ok());
    assert_eq!(board(&owner, Whose::Mine).columns[0].count, 1);
    let back = act(&sales, DealAction::Give(id, 2, sales.staff()));
    assert!(matches!(back, Err(Refusal::NotPermitted { .. })), "{back:?}");
    assert!(act(&owner, DealAction::Give(id, 2, sales.staff())).is_ok());
    assert!(matches!(act(&owner, DealAction::Give(id, 2, owner.staff())), Err(Refusal::Conflict(_))));
    undo(&owner).unwrap();
    assert_eq!(one(&owner, id).map(|row| row.deal.owner), Some(owner.staff()));
}

#[test]
fn a_deal_is_given_only_to_who_may_work_with_its_customer_and_the_record_says_to_whom() {
    let (house, owner) = House::new();
    let (sales, support) = (house.staff(&owner, RoleName::Sales), house.staff(&owner, RoleName::Support));
    let customer = add(&owner, "李四", vec![]);
    let id = add_deal(&owner, customer, "tea", "1");
    for beyond in [sales.staff(), support.staff(), veilbook::domain::id::StaffId(99)] {
        let given = act(&owner, DealAction::Give(id, 1, beyond));
        assert!(matches!(given, Err(Refusal::Invalid(_))), "{given:?}");
    }
    let lead = house.staff(&owner, RoleName::Lead);
    assert!(act(&owner, DealAction::Give(id, 1, lead.staff())).is_ok());
    let told = open(&owner, customer).timeline.into_iter().find_map(|item| match item.what {
        Happening::Deal(what) if what.verb == "deal.give" => Some((what.before, what.after)),
        _ => None,
    });
    assert_eq!(told, Some((Some("Olga".into()), "lead person".into())));
}

#[test]
fn a_change_of_stages_is_taken_back_over_a_restart_unless_a_deal_or_another_change_came_between() {
    let (house, owner) = House::new();
    let change = |who: &Session, change| act(who, DealAction::Pipeline(change));
    let names = |who: &Session| shown(&board(who, Whose::Mine)).join(" ");
    let before = names(&owner);
    change(&owner, PipelineChange::RenameStage(StageId(1), "Fresh".into())).unwrap();
    change(&owner, PipelineChange::AddStage(PipelineId(1), "样品".into(), StageKind::Open, 30)).unwrap();
    change(&owner, PipelineChange::Earlier(StageId(6))).unwrap();
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    let View::UndoNext(Some(next)) = owner.query(Query::UndoNext).unwrap() else { panic!("nothing to undo") };
    assert_eq!(next.action, "pipeline.set");
    for _ in 0..3 {
        undo(&owner).unwrap();
    }
    assert_eq!(names(&owner), before);
    // A stage that got a deal does not go.
    change(&owner, PipelineChange::AddStage(PipelineId(1), "样品".into(), StageKind::Open, 30)).unwrap();
    let lead = house.staff(&owner, RoleName::Lead);
    let id = add_deal(&lead, add(&lead, "张三丰", vec![]), "tea", "1");
    act(&lead, DealAction::Move(id, 1, Shift::To(StageId(6)))).unwrap();
    let refused = owner.perform(Action::Undo);
    assert!(matches!(refused, Err(Refusal::Pipeline(PipelineFault::InUse))), "{refused:?}");
    act(&lead, DealAction::Move(id, 2, Shift::Back)).unwrap();
    undo(&owner).unwrap();
    // What somebody else changed since is not written over, and they are named.
    change(&owner, PipelineChange::RenameStage(StageId(1), "Fresh".into())).unwrap();
    let administrator = house.staff(&owner, RoleName::Administrator);
    change(&administrator, PipelineChange::Sits(StageId(2), 9)).unwrap();
    let mut tried = owner.perform(Action::Undo);
    while matches!(&tried, Ok(Done::Undone(label)) if label.action != "pipeline.set") {
        tried = owner.perform(Action::Undo);
    }
    assert!(matches!(&tried, Err(Refusal::UndoStale(who)) if who == "administrator person"), "{tried:?}");
}

#[test]
fn of_two_who_move_one_deal_the_second_is_told_and_moves_nothing() {
    let (house, owner) = House::new();
    let lead = house.staff(&owner, RoleName::Lead);
    let id = add_deal(&owner, add(&owner, "张三丰", vec![]), "tea", "1");
    act(&owner, DealAction::Move(id, 1, Shift::On)).unwrap();
    assert!(matches!(act(&lead, DealAction::Move(id, 1, Shift::On)), Err(Refusal::Conflict(_))));
    assert_eq!(stage(&owner, id), "offered");
    act(&lead, DealAction::Move(id, 2, Shift::On)).unwrap();
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(who)) if who == "lead person"));
}

#[test]
fn a_vault_with_deals_is_found_sound_by_the_deep_check() {
    let (house, owner) = House::new();
    let id = add_deal(&owner, add(&owner, "张三丰", vec![]), "tea", "1");
    act(&owner, DealAction::Move(id, 1, Shift::On)).unwrap();
    owner.end();
    drop(owner);
    house.gate.seal();
    let done = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn deals_that_an_older_program_wrote_are_on_the_board_after_the_first_sign_in() {
    let (house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    let id = add_deal(&owner, customer, "tea", "1");
    let deal = one(&owner, id).unwrap().deal;
    owner.end();
    drop(owner);
    let tables = crate::erase::tables(&house);
    // More than are written in one transaction, without the rows that older programs did not write.
    tables
        .write(&mut |to| {
            for number in 2..=5_000_u64 {
                deals::put(to, None, &Deal { id: DealId(number), ..deal.clone() })?;
            }
            let mut rows = Vec::new();
            to.visit_prefix(Table::DealsBy, &[], Way::Up, &mut |key, _| {
                rows.push(key.to_vec());
                ControlFlow::Continue(())
            })?;
            rows.iter().try_for_each(|key| to.remove(Table::DealsBy, key))?;
            to.set_number("deals written", 0)?;
            Ok(Fate::Commit)
        })
        .unwrap();
    drop(tables);
    let owner = house.again();
    let board = board(&owner, Whose::Mine);
    assert_eq!(shown(&board)[0], "new 5000 (5,000.00 CNY)");
    assert_eq!(board.columns[0].cards.len(), 50);
    assert!(one(&owner, DealId(4_999)).is_some());
}

#[test]
fn what_is_won_moves_among_the_stages_for_it_and_keeps_when_it_was_won() {
    let (house, owner) = House::new();
    let change = |change| act(&owner, DealAction::Pipeline(change));
    let renewed = veilbook::domain::label::Label::new("renewed", "续约");
    change(PipelineChange::AddStage(PipelineId(1), renewed, StageKind::Won, 30)).unwrap();
    let id = add_deal(&owner, add(&owner, "张三丰", vec![]), "tea", "1");
    let straight = act(&owner, DealAction::Move(id, 1, Shift::To(StageId(6))));
    assert!(matches!(straight, Err(Refusal::Deal(DealFault::NotThisStage))), "{straight:?}");
    act(&owner, DealAction::Win(id, 1)).unwrap();
    let won = one(&owner, id).unwrap().deal.since;
    house.clock.advance(3_600);
    act(&owner, DealAction::Move(id, 2, Shift::On)).unwrap();
    let row = one(&owner, id).unwrap();
    assert_eq!((row.stage.said(), row.deal.since), ("renewed ¦ 续约".to_owned(), won));
    for beyond in [Shift::On, Shift::To(StageId(5)), Shift::To(StageId(1))] {
        let refused = act(&owner, DealAction::Move(id, 3, beyond));
        assert!(matches!(refused, Err(Refusal::Deal(DealFault::Settled))), "{refused:?}");
    }
    // Where the first stage for it is retired, what is won comes into the next.
    change(PipelineChange::Retire(StageId(4))).unwrap();
    let last = change(PipelineChange::Retire(StageId(6)));
    assert!(matches!(last, Err(Refusal::Pipeline(PipelineFault::LastSettled))), "{last:?}");
    let other = add_deal(&owner, add(&owner, "李四", vec![]), "tea", "1");
    act(&owner, DealAction::Win(other, 1)).unwrap();
    assert_eq!(one(&owner, other).map(|row| row.stage.id), Some(StageId(6)));
}

#[test]
fn the_command_line_names_stages_in_two_languages_and_says_what_they_mean() {
    let (house, owner) = House::new();
    owner.end();
    drop(owner);
    house.gate.seal();
    let run = |args: &[&str]| {
        let out = house.program().env("XDG_STATE_HOME", house.folder.path()).arg("deals").args(args).output().unwrap();
        (out.status.success(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    assert!(run(&["stage", "add", "--en", "renewed", "--zh", "续约", "--kind", "won"]).0);
    assert!(run(&["stage", "rename", "new", "Fresh"]).0);
    assert!(run(&["stage", "pipeline", "出口"]).0);
    assert!(run(&["stage", "rename-pipeline", "2", "--en", "Export"]).0);
    let (_, listed, _) = run(&["stages", "--json"]);
    let first = r#"{"pipeline":1,"pipeline_name":"Sales","pipeline_name_zh":"销售","stage":"new","name":"Fresh","name_zh":"新建","kind":"open""#;
    assert!(listed.starts_with(first), "{listed}");
    assert!(listed.contains(r#""name":"renewed","name_zh":"续约","kind":"won","probability":100"#), "{listed}");
    assert!(listed.contains(r#""pipeline_name":"Export","pipeline_name_zh":"出口""#), "{listed}");
    let (good, _, said) = run(&["stage", "retire", "lost"]);
    assert!(!good && said.contains("a pipeline needs one stage"), "{said}");
    let (_, table, _) = run(&["stages", "--lang", "zh-CN"]);
    assert!(table.contains("续约") && table.contains("新建") && table.contains("成交"), "{table}");
}

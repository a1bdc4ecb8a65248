//! Columns of the list chosen, kept and let go; views by keys of one's own; customers taken out into a file.

use veilbook::app::env::Files;
use veilbook::app::keymap::Keymap;
use veilbook::app::model::Start;
use veilbook::domain::columns::{Chosen, Column, Columns, NAME, Part};
use veilbook::domain::field::{FieldKey, Lang};
use veilbook::domain::role::RoleName;
use veilbook::service::view::Target;

use super::desk::Desk;

fn company() -> Part {
    Part::Field(FieldKey::new("company").expect("a key"))
}

/// The row of columns' names.
fn head(desk: &mut Desk) -> String {
    let screen = desk.screen();
    screen.lines().find(|line| line.trim_start().starts_with("Name")).unwrap_or_default().trim().to_owned()
}

#[test]
fn columns_are_put_on_moved_widened_and_kept_for_oneself() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3");
    let shipped = head(&mut desk);
    assert!(shipped.contains("Reached at") && !shipped.contains("Added"), "{shipped}");
    desk.press("|").shows("Columns of the list").shows("[x] Name").shows("[x] Reached at").shows("[ ] Added");
    desk.press("space").shows("The name is always shown").press("down").shows("as wide as the screen allows");
    // Off with the reach; the stage before the next step, and wider.
    desk.press("space").shows("[ ] Reached at").press("down K > >").shows("17").press("enter");
    desk.shows("The columns are kept").hides("138****1234");
    let kept = head(&mut desk);
    assert!(kept.find("Stage") < kept.find("Next step") && !kept.contains("Reached"), "{kept}");
    let Columns::Chosen(chosen) = desk.service.preferences.columns.clone() else { panic!("standard columns") };
    let first: Vec<(&Part, u16)> = chosen.columns().iter().map(|column| (&column.part, column.width)).take(2).collect();
    assert_eq!(first, [(&Part::Stage, 17), (&Part::Next, 15)]);
    // Esc leaves them as they are; r makes them the standard ones again.
    desk.press("| r esc");
    assert_eq!(head(&mut desk), kept);
    desk.press("| r enter").shows("138****1234");
    assert_eq!(head(&mut desk), shipped);
    assert_eq!(desk.service.preferences.columns, Columns::Standard);
}

#[test]
fn a_view_has_its_own_columns_and_the_list_gets_its_own_back() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 /").type_text("alice").press("esc S").type_text("Alices").press("enter").shows("The view is kept");
    desk.press("esc 1").shows("View: Alices").press("|").shows("Columns of the view Alices");
    desk.press("down space enter").shows("The columns are kept").hides("Reached at");
    let view = desk.service.views.first().cloned().expect("a view");
    assert!(matches!(&view.columns, Columns::Chosen(_)) && desk.service.preferences.columns == Columns::Standard);
    assert_eq!((view.name.as_str(), view.query.as_str()), ("Alices", "alice"));
    desk.press("esc").shows("300 customers").shows("Reached at");
    desk.press("V enter").shows("View: Alices").hides("Reached at");
    // A view that is written anew keeps its columns.
    desk.press("V e").type_text("!").press("f8 esc esc 1").shows("View: Alices!").hides("Reached at");
}

#[test]
fn what_does_not_fit_goes_from_the_right_and_a_retired_field_comes_back_with_its_use() {
    let column = |part: Part, width| Column { part, width };
    let wide = [column(Part::Number, 7), column(company(), 30), column(Part::Source, 30), column(Part::Tags, 4)];
    let columns = Columns::Chosen(Chosen::new(NAME, wide));
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.service.preferences.columns = columns;
    let mut again = |off: Vec<&'static str>| {
        desk.service.off = off;
        let preferences = desk.service.preferences.clone();
        desk = Desk::with(RoleName::Owner, preferences, desk.service.off.clone());
        desk.press("f3");
        head(&mut desk)
    };
    let full = again(Vec::new());
    assert!(full.starts_with("Name") && full.contains("Number") && full.contains("Company"), "{full}");
    assert!(!full.contains("Source") && !full.contains("Tags"), "{full}");
    let retired = again(vec!["company"]);
    assert!(retired.contains("Source") && !retired.contains("Company"), "{retired}");
    assert_eq!(again(Vec::new()), full);
    let mut desk = Desk::with(RoleName::Owner, desk.service.preferences.clone(), vec!["company"]);
    desk.press("f3 |")
        .shows("out of use: comes back with the field")
        .press("pagedown pagedown")
        .shows("masked, as everywhere in lists");
    desk.press("esc").resize(20, 24).press("f3");
    desk.resize(120, 30).shows("Source").shows("Number");
}

#[test]
fn the_keys_that_show_views_can_be_others_and_help_says_which_they_are() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 ?").shows("1 … 9").shows("Show the saved view of that number").press("esc");
    desk.press("ctrl-x 2").shows("There is no view 2");
    let own = "base = \"arrows\"\ncustomers = [{ on = [\"1\", \"ctrl-x 1\"], run = \"none\" }, { on = \"ctrl-k\", run = \"show_view_1\" }]";
    desk.app.model.env.keymap = Keymap::parse("own", own).expect("a keymap");
    desk.press("ctrl-k").shows("There is no view 1").press("down 1").hides("There is no view");
    desk.press("?").hides("1 … 9").shows("Ctrl-K");
}

#[test]
fn the_marked_go_into_a_file_with_a_reason_and_never_over_another_file() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.service.files.push(("customers-2026-11-21.csv".into(), Vec::new()));
    desk.press("f3 space space b left").shows("export into a file").press("enter").shows("Export customers");
    desk.shows("2 go out · 1 left: restricted").press("f8").shows("Choose why by 1-7");
    desk.press("3")
        .shows("3 deliver or invoice")
        .press("f8")
        .shows("something of that name is there")
        .shows("has no file");
    assert_eq!(desk.log.iter().filter(|line| line.contains("ExportCustomers")).count(), 1);
    desk.press("ctrl-u")
        .type_text("/tmp/of anna/-rf")
        .press("enter")
        .shows("Exported: 2 customers in /tmp/of anna/-rf");
    assert_eq!(desk.log.iter().filter(|line| line.contains("ExportCustomers")).count(), 1, "one entry is enough");
    let (order, file) = desk.service.exported.clone().expect("an order");
    assert!(matches!(&order.target, Target::Marked(ids) if ids.len() == 2) && order.parts.is_none());
    // The record is told what the file is called, not whose folder it is in.
    assert_eq!(file, "customers-2026-11-21.csv");
    assert_eq!(desk.service.files[1], ("/tmp/of anna/-rf".into(), b"name\n".to_vec()));
}

#[test]
fn real_values_go_out_where_somebody_chose_them_and_was_told_how_many() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 space space b left enter").shows("< masked >").press("3 down down down down");
    desk.press("right").shows("< real: Mobile").shows("20 values are revealed, each with an entry");
    desk.shows("Each value goes on the record").press("f8").shows("Exported: 2 customers");
    let (order, _) = desk.service.exported.clone().expect("an order");
    assert!(order.values.iter().any(|field| field.as_str() == "mobile"), "{:?}", order.values);
    assert!(order.values.iter().all(|field| field.as_str() != "company"), "{:?}", order.values);
    // Masked is what it begins with, whatever was chosen the last time.
    desk.press("b left enter").shows("< masked >");
}

#[test]
fn who_may_reveal_one_class_only_takes_the_rest_out_masked() {
    // A lead needs an approval for what is sensitive.
    let mut desk = Desk::signed_in(RoleName::Lead);
    desk.press("f3 space space b left enter 3 down down down down right").shows("fields your role may not reveal");
    desk.press("f8");
    let (order, _) = desk.service.exported.clone().expect("an order");
    let fields: Vec<&str> = order.values.iter().map(|field| field.as_str()).collect();
    assert!(fields.contains(&"mobile") && !fields.contains(&"resident_id"), "{fields:?}");
}

#[test]
fn who_may_reveal_nothing_is_told_why_the_choice_is_not_theirs() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    let me = desk.app.model.env.me.as_mut().expect("somebody");
    me.awaiting = veilbook::privacy::class::FieldClass::SEALED.to_vec();
    desk.press("f3 space space b left enter").shows("masked: you wait for the key of class");
    desk.press("3 down down down down right").shows("you wait for the key of class contact").press("f8");
    let (order, _) = desk.service.exported.clone().expect("an order");
    assert!(order.values.is_empty());
}

#[test]
fn on_a_server_the_screen_says_which_command_does_it() {
    let mut desk = Desk::signed_in(RoleName::Lead);
    desk.app.model.env.files = Files::Elsewhere;
    desk.press("f3 space space b left enter 2").shows("A server writes no files of yours");
    desk.shows("veilbook customers 'id:0,1' --export 'customers-2026-11-21.csv' --reason");
    desk.press("f8").shows("A server writes no files of yours");
    desk.press("down down down down right").shows("--values").shows("mobile,phone,email");
    assert!(desk.service.exported.is_none());
    // Whoever may not export is not offered it.
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 space b left").hides("export into a file");
}

#[test]
fn columns_and_files_are_spoken_of_in_chinese() {
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 |").shows("列表的列").shows("[ ] 来源").press("esc space b left").shows("导出到文件");
    desk.press("enter").shows("导出客户").shows("将导出 2 位").shows("1 位不变：受限制");
}

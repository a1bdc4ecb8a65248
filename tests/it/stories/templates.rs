//! Stories of templates: kept in Admin, put into a contact, copied with real values for a reason.

use veilbook::app::effect::Effect;
use veilbook::app::model::Start;
use veilbook::domain::field::{FieldKey, Lang};
use veilbook::domain::id::{StaffId, TemplateId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::domain::template::Template;
use veilbook::privacy::mask::Masked;
use veilbook::service::view::{Filled, TemplateQuery, TemplateRow, TemplateView};
use veilbook::text::Printable;

use super::desk::{Desk, MOBILE};

fn kept(id: u64, name: &str, text: &str) -> Template {
    let (id, by) = (TemplateId(id), StaffId(1));
    Template { id, version: 1, name: name.into(), kind: InteractionKind::Chat, text: Printable::lines(text), by }
}

/// What the stand-in for the door answers.
pub fn answer(query: TemplateQuery) -> TemplateView {
    let rows = [
        (kept(1, "到货通知", "您好{name}\n货到了，电话{field.mobile}"), vec![]),
        (kept(2, "welcome", "Dear {nobody}"), vec!["nobody".to_owned()]),
    ];
    match query {
        TemplateQuery::List => {
            TemplateView::Rows(rows.into_iter().map(|(template, unknown)| TemplateRow { template, unknown }).collect())
        }
        TemplateQuery::Filled(..) => {
            let mask = Masked::stored("138****1234".into());
            TemplateView::Filled(Filled {
                kind: InteractionKind::Chat,
                text: Printable::lines("您好张三丰\n货到了，电话{field.mobile}"),
                masked: vec![("field.mobile".into(), FieldKey::new("mobile").unwrap(), mask)],
                no_marketing: None,
            })
        }
    }
}

#[test]
fn a_template_fills_the_contact_and_what_is_masked_is_logged_as_its_mask() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc enter i ctrl-g").shows("Choose a template").shows("到货通知");
    desk.press("esc").hides("Choose a template").press("f2 enter").hides("Choose a template");
    desk.shows("您好张三丰 货到了").shows("{field.mobile} = 138****1234").shows("[chat]").press("enter");
    assert_eq!(desk.service.logged, ["您好张三丰\n货到了，电话138****1234"]);
}

#[test]
fn a_message_is_copied_with_its_real_values_for_a_reason_and_shows_none() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 enter i ctrl-g enter ctrl-y").shows("Copy with 1 real value: Mobile");
    desk.shows("The clipboard is outside our control").press("1 enter").hides(MOBILE);
    assert!(matches!(desk.left.last(), Some(Effect::Clipboard(_))));
    desk.shows("您好张三丰").press("ctrl-u").type_text("nothing masked").press("ctrl-y");
    let copies = desk.left.iter().filter(|effect| matches!(effect, Effect::Clipboard(_))).count();
    assert_eq!(copies, 2, "what holds no masked value needs no reason");
}

#[test]
fn templates_are_added_and_told_of_unknown_places_in_both_languages() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f9 T").shows("到货通知").press("down").shows("Nothing can be filled in for: {nobody}");
    desk.press("a").shows("A new template").type_text("hello").press("enter").type_text("Hi {nobody}");
    desk.press("enter").type_text("second").press("f8").shows("nothing can be filled in for: {nobody}");
    desk.press("x").shows("Remove the template welcome?").press("y").shows("The template is removed");
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.press("f9 T").shows("到货通知").press("x").shows("删除模板“到货通知”");
}

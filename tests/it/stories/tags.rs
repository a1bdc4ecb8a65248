//! The list of tags: counts, renaming and merging, retiring, removing.

use veilbook::app::model::Start;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;

use super::desk::Desk;

#[test]
fn a_tag_is_renamed_merged_retired_and_removed_after_it_was_said_at_how_many() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 T").shows("vip").shows("42").shows("16000+").shows("retired");
    desk.press("e").type_text("s").shows("Enter renames it at 42 customers").press("enter");
    desk.shows("Changed at 41 customers, not at 1");
    desk.press("e ctrl-u").type_text("Wholesale").shows("Enter merges it into wholesale at 42").press("esc");
    desk.press("x").shows("Take vip off 42 customers?").press("n").press("x y").press("t down down t");
    assert_eq!(desk.service.tagged, ["RenameTag", "RemoveTag", "RetireTag", "OfferTag"]);
    desk.press("home enter").shows("tag:\"vip\"");
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 T x").shows("从 42 位客户去掉“vip”");
}

#[test]
fn whoever_does_not_see_everybody_sees_counts_only() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 T").shows("Counts within your scope").press("e x t");
    assert!(desk.service.tagged.is_empty());
}

//! Stories of consents: given, refused and withdrawn with a key and Enter, and the words that they are about.

use veilbook::domain::consent::{Consent, ConsentState, Purpose, Wordings};
use veilbook::domain::field::Lang;
use veilbook::domain::id::{ConsentId, StaffId};
use veilbook::domain::role::RoleName;
use veilbook::service::Done;
use veilbook::service::view::{Asked, ConsentAction, ConsentRow, ConsentSaid, PurposeRow};

use super::desk::{Desk, NOON};

/// What the stand-in for the door answers about a customer who said this.
pub fn rows(said: &[Consent]) -> Vec<ConsentRow> {
    let wordings = Wordings::default();
    let row = |purpose: &Purpose| {
        let history: Vec<ConsentSaid> = said
            .iter()
            .rev()
            .filter(|consent| consent.purpose == *purpose)
            .map(|consent| ConsentSaid { consent: consent.clone(), by: "li.na".into() })
            .collect();
        let (now, wording) = (history.first().cloned(), wordings.get(*purpose, 1));
        ConsentRow { purpose: *purpose, now, asked: Asked::Current, wording, history }
    };
    Purpose::ALL.iter().map(row).collect()
}

/// The purposes as they ship.
pub fn purposes() -> Vec<PurposeRow> {
    let row = |purpose: &Purpose| {
        let wordings = Wordings::default().of(*purpose);
        PurposeRow { purpose: *purpose, by: vec![String::new(); wordings.len()], wordings }
    };
    Purpose::ALL.iter().map(row).collect()
}

/// What the stand-in for the door does with consents.
pub fn act(said: &mut Vec<Consent>, action: ConsentAction) -> Done {
    let ConsentAction::Say(customer, draft) = action else { return Done::Done };
    said.push(Consent {
        id: ConsentId(said.len() as u64 + 1),
        customer,
        purpose: draft.purpose,
        state: draft.state,
        at: draft.at.unwrap_or(NOON),
        how: draft.how,
        speaker: draft.speaker,
        version: 1,
        by: StaffId(1),
        note: draft.note,
    });
    Done::Consent(draft.state)
}

fn at_the_purposes(role: RoleName, lang: Lang) -> Desk {
    let mut desk = Desk::begin(role, veilbook::app::model::Start::SignedIn, lang);
    desk.press("f3 esc enter");
    let word = if lang == Lang::En { "[Consents" } else { "[同意" };
    for _ in 0..8 {
        if desk.screen().contains(word) {
            break;
        }
        desk.press("tab");
    }
    desk
}

#[test]
fn a_consent_is_given_and_withdrawn_by_one_key_and_enter_each_and_who_wants_no_marketing_is_told_of_above() {
    let mut desk = at_the_purposes(RoleName::Support, Lang::En);
    desk.shows("[Consents]").shows("marketing").shows("not asked yet").hides("NO MARKETING");
    desk.press("down w").shows("nothing was given that could be withdrawn");
    desk.press("y").shows("Gives consent: marketing").shows("[phone]").press("enter").shows("Put down: consent given");
    desk.shows("[Consents 1]").shows("given · phone · v1");
    desk.press("w").shows("Withdraws consent: marketing").press("enter").shows("NO MARKETING (withdrawn)");
    desk.press("i").shows("NO MARKETING (withdrawn) · ").press("esc");
    assert_eq!(
        desk.service.consents.iter().map(|c| c.state).collect::<Vec<_>>(),
        [ConsentState::Given, ConsentState::Withdrawn]
    );
}

#[test]
fn how_by_whom_when_and_a_note_are_chosen_and_written_and_the_exact_words_are_shown() {
    let mut desk = at_the_purposes(RoleName::PrivacyOfficer, Lang::En);
    desk.press("down down y").shows("Gives consent: sharing with others").shows("PIPL Art. 23");
    desk.press("left left").shows("[on paper]").press("down right").shows("[parent or guardian]");
    desk.press("down")
        .type_text("tomorrow")
        .shows("A day that is over is needed")
        .press("enter")
        .shows("Gives consent");
    desk.press("ctrl-u").type_text("2026-11-02").press("down").type_text("signed").press("enter");
    desk.shows("Put down: consent given, sharing with others");
    desk.press("enter").shows("I agree that you hand my data").shows("parent or guardian").shows("signed");
    desk.press("esc n").shows("Refuses: sharing with others").press("esc").hides("Refuses");
}

#[test]
fn a_form_that_was_begun_asks_before_it_is_left() {
    let mut desk = at_the_purposes(RoleName::Support, Lang::En);
    desk.press("y down down down").type_text("by the door").press("esc").shows("y").press("n");
    desk.shows("by the door");
}

#[test]
fn in_chinese_it_reads_the_same() {
    let mut desk = at_the_purposes(RoleName::Support, Lang::ZhCn);
    desk.shows("[同意 0]").shows("营销").shows("尚未征求").press("down n").shows("拒绝：营销").press("enter");
    desk.shows("禁止营销（已拒绝）").press("enter").shows("我同意你们通过电话");
}

#[test]
fn whoever_may_writes_a_wording_anew_and_others_are_told_why_not() {
    let mut desk = Desk::signed_in(RoleName::PrivacyOfficer);
    desk.press("f3 esc W").shows("What customers agree to").shows("separate consent, PIPL Art. 39");
    desk.press("down v").shows("Version 1, as shipped").press("esc");
    desk.press("enter").shows("Wording of marketing, version 2").type_text(" Letters too.").press("ctrl-s");
    desk.shows("The new wording is in force");
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("f3 esc W").shows("may not").hides("What customers agree to");
}

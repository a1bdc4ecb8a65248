//! Every action and every question, tried by every role, against a table written from the description of the roles.
//!
//! **Invariant:** nothing here asks the service what it would allow; a variant without a row does not compile, and one
//! without a try fails.

use std::collections::BTreeSet;

use veilbook::domain::audit::{EntryFilter, Outcome as Ended};
use veilbook::domain::case::CaseState;
use veilbook::domain::columns::Columns;
use veilbook::domain::consent::{ConsentDraft, ConsentState, Purpose};
use veilbook::domain::customer::Basis;
use veilbook::domain::deal::PipelineChange;
use veilbook::domain::field::FieldState;
use veilbook::domain::id::{
    AlertId, CadenceId, CaseId, CustomerId, DealId, EntrySeq, FollowUpId, JobId, RuleId, SavedViewId, SessionId,
    StaffId, StageId, TemplateId,
};
use veilbook::domain::identifier::recognise;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::label::Label;
use veilbook::domain::loss_reasons::LossChange;
use veilbook::domain::role::RoleName;
use veilbook::domain::rule::{Outcome, RuleState, RuleText, Trigger};
use veilbook::domain::staff::{LoginName, Preferences};
use veilbook::domain::staff_key::{Fingerprint, StaffKey};
use veilbook::domain::working_days::WorkingDays;
use veilbook::privacy::class::FieldClass;
use veilbook::privacy::mask::MaskKind;
use veilbook::service::fields::{FieldAction, Way};
use veilbook::service::links::LinkAction;
use veilbook::service::quality::QualityAction;
use veilbook::service::refusal::FactorProblem;
use veilbook::service::tags::TagAction;
use veilbook::service::view::{
    AuditRow, BackupChange, BackupOrder, BoardRequest, Bulk, CadenceAction, CadenceQuery, CaseAction, CaseQuery,
    ConsentAction, DealAction, DealQuery, ExportOrder, FlawKind, FollowUpRequest, Held, ListRequest, PoolAction,
    PoolQuery, QualityQuery, RuleAction, Sharing, Shift, Sort, Target, TemplateAction, TemplateQuery, Whose,
};
use veilbook::service::{
    Action, AuditRequest, Change, Contact, Done, FollowUpChange, ImportRecord, NextStep, OnDuplicate, Query, Refusal,
    Session, View, ViewDraft,
};
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, add, callback, key, named, open, set};

const SSH_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

/// `y`: may; `n`: may not, and the try is on record. In the order of [`ROLES`].
type Row = (&'static str, &'static str);

const ROLES: [RoleName; 7] = [
    RoleName::Owner,
    RoleName::Lead,
    RoleName::Sales,
    RoleName::Support,
    RoleName::PrivacyOfficer,
    RoleName::Auditor,
    RoleName::Administrator,
];

/// Each action with the verb it has on record: owner, lead, sales, support, privacy officer, auditor, administrator.
const ACTIONS: &[Row] = &[
    ("customer.open", "yyyyynn"),
    ("customer.search", "yyyynnn"),
    ("customer.duplicates", "yyyynnn"),
    ("customer.add", "yyyynnn"),
    ("customer.edit", "yyyynnn"),
    ("interaction.add", "yyyynnn"),
    ("follow_up.add", "yyyynnn"),
    ("follow_up.snooze", "yyyynnn"),
    ("follow_up.finish", "yyyynnn"),
    ("follow_up.drop", "yyyynnn"),
    ("customer.reveal", "yyyynnn"),
    ("customer.reveal", "ynnnnnn"),
    ("customer.copy", "yyynnnn"),
    ("customer.verify", "yyyynnn"),
    ("undo", "yyyyyyy"),
    ("draft.keep", "yyyyyyy"),
    ("import.begin", "yynnnnn"),
    ("import.rehearse", "yynnnnn"),
    ("import.rows", "yynnnnn"),
    ("import.finish", "yynnnnn"),
    ("import.cancel", "yynnnnn"),
    ("staff.add", "ynnnnny"),
    ("staff.disable", "ynnnnny"),
    ("staff.grant", "yyyynnn"),
    ("staff.passphrase", "yyyyyyy"),
    ("field.set", "ynnnnny"),
    ("policy.set", "ynnnnny"),
    ("alert.settle", "ynnnyyn"),
    ("record.verify", "ynnnyyn"),
    ("record.checkpoint", "ynnnyyn"),
    ("record.export", "ynnnyyn"),
    ("preferences.set", "yyyyyyy"),
    ("keys.recalibrate", "ynnnnny"),
    ("recovery.new", "ynnnnnn"),
    ("recovery.new", "ynnnnnn"),
    ("recovery.split", "ynnnnnn"),
    ("keys.rotate", "ynnnnny"),
    ("keys.rotate", "ynnnnny"),
    ("customer.erase", "ynnnynn"),
    ("backup.set", "ynnnnny"),
    ("backup.make", "ynnnnny"),
    ("backup.verify", "ynnnnny"),
    ("backup.drill", "ynnnnny"),
    ("backup.cancel", "ynnnnny"),
    ("factor.enrol", "yyyyyyy"),
    ("factor.enrol", "yyyyyyy"),
    ("factor.codes", "yyyyyyy"),
    ("factor.remove", "yyyyyyy"),
    ("factor.reset", "ynnnnnn"),
    ("session.code", "yyyyyyy"),
    ("staff.key_add", "ynnnnny"),
    ("staff.key_remove", "ynnnnny"),
    ("session.end_other", "ynnnnny"),
    ("session.end_other", "ynnnnny"),
    ("view.save", "yyyyynn"),
    ("view.remove", "yyyyynn"),
    ("customer.bulk", "yyyynnn"),
    ("customer.bulk", "yynnnnn"),
    ("follow_up.bulk", "yyyynnn"),
    ("customer.combine", "yyyynnn"),
    ("customer.duplicates", "yyyynnn"),
    ("customer.apart", "yyyynnn"),
    ("deal.add", "yyynnnn"),
    ("deal.edit", "yyynnnn"),
    ("deal.move", "yyynnnn"),
    ("deal.win", "yyynnnn"),
    ("deal.lose", "yyynnnn"),
    ("deal.reopen", "yyynnnn"),
    ("deal.remove", "yyynnnn"),
    ("deal.give", "yyynnnn"),
    ("pipeline.set", "ynnnnny"),
    ("case.open", "yyyynnn"),
    ("case.edit", "yyyynnn"),
    ("case.take", "yyyynnn"),
    ("case.hand", "yyyynnn"),
    ("case.wait", "yyyynnn"),
    ("case.close", "yyyynnn"),
    ("case.reopen", "yyyynnn"),
    ("case.look", "yyyynnn"),
    ("customer.compare", "yyyynnn"),
    ("customer.compare", "ynnnnnn"),
    ("tag.rename", "ynnynnn"),
    ("tag.remove", "ynnynnn"),
    ("tag.retire", "ynnynnn"),
    ("follow_up.edit", "yyyynnn"),
    ("follow_up.assign", "yyyynnn"),
    ("working_days.set", "ynnnnny"),
    ("field.move", "ynnnnny"),
    ("field.classify", "ynnnnny"),
    ("field.mask", "ynnnnny"),
    ("field.confirm", "ynnnnnn"),
    ("field.reseal", "yyyyyyy"),
    ("template.add", "ynnnnny"),
    ("template.edit", "ynnnnny"),
    ("template.remove", "ynnnnny"),
    ("message.copy", "yyynnnn"),
    ("customer.link", "yyyynnn"),
    ("customer.unlink", "yyyynnn"),
    ("cadence.add", "ynnnnny"),
    ("cadence.edit", "ynnnnny"),
    ("cadence.remove", "ynnnnny"),
    ("cadence.stop", "yyyynnn"),
    ("cadence.start", "yyyynnn"),
    ("loss_reason.set", "ynnnnny"),
    ("rule.add", "yynnnny"),
    ("rule.edit", "yynnnny"),
    ("rule.switch", "yynnnny"),
    ("rule.remove", "yynnnny"),
    ("rule.dry_run", "yynnnny"),
    ("rule.run", "yynnnny"),
    ("touch.set", "yyyynnn"),
    ("staff.team", "ynnnnny"),
    ("pool.claim", "yyynnnn"),
    ("pool.release", "yyynnnn"),
    ("pool.dry_run", "yyynnny"),
    ("pool.run", "yynnnny"),
    ("customer.export", "yynnnnn"),
    ("consent.give", "yyyyynn"),
    ("consent.refuse", "yyyyynn"),
    ("consent.withdraw", "yyyyynn"),
    ("consent.wording", "ynnnynn"),
];

/// The row with this verb, where there is one of it.
fn place(verb: &str) -> usize {
    ACTIONS.iter().position(|(row, _)| *row == verb).unwrap()
}

/// The row of an action. A reveal has two: of a contact field and of a sensitive one.
fn row_of(action: &Action) -> usize {
    match action {
        Action::OpenCustomer(_) => 0,
        Action::FindByIdentifier(_) => 1,
        Action::CheckDuplicate(..) => 2,
        Action::AddCustomer(_) => 3,
        Action::EditCustomer(..) => 4,
        Action::LogInteraction(..) => 5,
        Action::AddFollowUp(..) => 6,
        Action::SnoozeFollowUp(..) => 7,
        Action::FinishFollowUp(..) => 8,
        Action::DropFollowUp(..) => 9,
        Action::Reveal(_, field, _) if field.as_str() == "mobile" => 10,
        Action::Reveal(..) => 11,
        Action::Copy(..) => 12,
        Action::Verify(..) => 13,
        Action::Undo => 14,
        Action::KeepDraft(_) => 15,
        Action::BeginImport { .. } => 16,
        Action::RehearseRows(_) => 17,
        Action::ImportRows(..) => 18,
        Action::FinishImport(_) => 19,
        Action::CancelImport(_) => 20,
        Action::AddStaff(..) => 21,
        Action::DisableStaff(_) => 22,
        Action::SetTeam(..) => place("staff.team"),
        Action::ConfirmGrant(..) => 23,
        Action::ChangePassphrase(..) => 24,
        Action::SetFieldInUse(..) => 25,
        Action::SetPolicy(..) => 26,
        Action::SettleAlert(_) => 27,
        Action::VerifyRecord => 28,
        Action::Checkpoint => 29,
        Action::ExportRecord => 30,
        Action::SetPreferences(_) => 31,
        Action::Recalibrate => 32,
        Action::OfferRecovery => 33,
        Action::ConfirmRecovery(_) => 34,
        Action::SplitRecovery { .. } => 35,
        Action::RotateKeys => 36,
        Action::DiscardRotation => 37,
        Action::EraseCustomer(..) => 38,
        Action::Merge { .. } => 59,
        Action::FindDuplicates => 60,
        Action::Quality(QualityAction::Apart(..)) => 61,
        Action::Quality(QualityAction::Closer(classes)) => {
            place("customer.compare") + usize::from(classes.contains(&FieldClass::Sensitive))
        }
        Action::Tags(TagAction::Rename(..)) => place("tag.rename"),
        Action::Link(LinkAction::Join(..)) => place("customer.link"),
        Action::Link(LinkAction::Part(..)) => place("customer.unlink"),
        Action::Tags(TagAction::Remove(_)) => place("tag.remove"),
        Action::Tags(TagAction::Retire(_) | TagAction::Offer(_)) => place("tag.retire"),
        Action::EditFollowUp(..) => place("follow_up.edit"),
        Action::AssignFollowUp(..) => place("follow_up.assign"),
        Action::SetWorkingDays(_) => place("working_days.set"),
        Action::Field(action) => place(action.rule().verb),
        Action::Template(action) => place(action.rule().verb),
        Action::Cadence(action) => place(action.rule().verb),
        Action::LossReason(_) => place("loss_reason.set"),
        Action::Bulk(_, Bulk::Cadence(_)) => place("cadence.start"),
        Action::SetBackups(_) => 39,
        Action::OrderBackup(BackupOrder::Make(..)) => 40,
        Action::OrderBackup(BackupOrder::Verify(_)) => 41,
        Action::OrderBackup(BackupOrder::Drill(_)) => 42,
        Action::OrderBackup(BackupOrder::Stop) => 43,
        Action::OfferFactor => 44,
        Action::ConfirmFactor(_) => 45,
        Action::RenewFactorCodes => 46,
        Action::RemoveFactor => 47,
        Action::ResetFactor(_) => 48,
        Action::GiveCode(_) => 49,
        Action::AddStaffKey(..) => 50,
        Action::RemoveStaffKey(..) => 51,
        Action::EndSession(_) => 52,
        Action::EndSessionsOf(_) => 53,
        Action::SaveView(_) => 54,
        Action::RemoveView(_) => 55,
        Action::Bulk(_, Bulk::Tag(_) | Bulk::Untag(_) | Bulk::Stage(_) | Bulk::Lose(_)) => 56,
        Action::Bulk(_, Bulk::Assign(_)) => 57,
        Action::Bulk(_, Bulk::FollowUp(_)) => 58,
        Action::Deal(DealAction::Add(..)) => place("deal.add"),
        Action::Deal(DealAction::Edit(..)) => place("deal.edit"),
        Action::Deal(DealAction::Move(..)) => place("deal.move"),
        Action::Deal(DealAction::Win(..)) => place("deal.win"),
        Action::Deal(DealAction::Lose(..)) => place("deal.lose"),
        Action::Deal(DealAction::Reopen(..)) => place("deal.reopen"),
        Action::Deal(DealAction::Remove(..)) => place("deal.remove"),
        Action::Deal(DealAction::Give(..)) => place("deal.give"),
        Action::Deal(DealAction::Pipeline(_)) => place("pipeline.set"),
        Action::Case(CaseAction::Open(..)) => place("case.open"),
        Action::Case(CaseAction::Edit(..)) => place("case.edit"),
        Action::Case(CaseAction::Take(..)) => place("case.take"),
        Action::Case(CaseAction::Hand(..)) => place("case.hand"),
        Action::Case(CaseAction::Set(_, _, CaseState::Waiting)) => place("case.wait"),
        Action::Case(CaseAction::Set(_, _, CaseState::Closed)) => place("case.close"),
        Action::Case(CaseAction::Set(_, _, CaseState::Open)) => place("case.reopen"),
        Action::Case(CaseAction::Look(_)) => place("case.look"),
        Action::Consent(action) => place(action.rule().verb),
        Action::Rule(RuleAction::Add(_)) => place("rule.add"),
        Action::Rule(RuleAction::Change(..)) => place("rule.edit"),
        Action::Rule(RuleAction::Switch(..)) => place("rule.switch"),
        Action::Rule(RuleAction::Remove(..)) => place("rule.remove"),
        Action::Rule(RuleAction::DryRun(_)) => place("rule.dry_run"),
        Action::Rule(RuleAction::Run) => place("rule.run"),
        Action::Rule(RuleAction::Touch(..)) => place("touch.set"),
        Action::Pool(action) => place(action.rule().verb),
        Action::ExportCustomers(..) => place("customer.export"),
        Action::Seal => unreachable!("it ends everybody's session, so it has a test of its own"),
    }
}

struct Place {
    customer: CustomerId,
    follow_ups: Vec<FollowUpId>,
    deal: DealId,
    case: CaseId,
    waiting: StaffId,
    name: String,
}

fn step(text: &str) -> NextStep {
    NextStep::once(NOON.plus_seconds(86_400), text.into())
}

fn change(text: &str) -> FollowUpChange {
    FollowUpChange { due: NOON.plus_seconds(3_600), text: text.into(), repeats: None }
}

fn words(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn said(customer: CustomerId, state: ConsentState) -> ConsentAction {
    ConsentAction::Say(customer, ConsentDraft::now(Purpose::Marketing, state))
}

fn sleepers(name: &str) -> RuleText {
    crate::rules::text(name, Trigger::NoContact(30), Outcome::Tag("asleep".into()))
}

fn export(id: CustomerId) -> ExportOrder {
    ExportOrder { target: Target::Marked(vec![id]), parts: None, values: vec![] }
}

fn tries(at: &Place) -> Vec<Action> {
    let id = at.customer;
    let Some([snoozed, finished, dropped, written, given]) = at.follow_ups.first_chunk() else {
        panic!("five reminders")
    };
    vec![
        Action::OpenCustomer(id),
        Action::FindByIdentifier(recognise("13800001234", "CN").unwrap()),
        Action::CheckDuplicate(key("mobile"), words("13800001234")),
        named("李四", vec![]),
        Action::EditCustomer(id, 1, vec![Change::Tags(vec!["vip".into()])]),
        Action::LogInteraction(
            id,
            Contact { kind: InteractionKind::Call, text: "called".into(), ..Contact::default() },
        ),
        Action::AddFollowUp(id, step("call")),
        Action::SnoozeFollowUp(*snoozed, 1, NOON.plus_seconds(7_200)),
        Action::FinishFollowUp(*finished, 1, None),
        Action::DropFollowUp(*dropped, 1),
        Action::EditFollowUp(*written, 1, change("call again")),
        Action::AssignFollowUp(*given, 1, StaffId(1)),
        Action::SetWorkingDays(WorkingDays::default()),
        Action::Field(FieldAction::Move(key("mobile"), Way::Down)),
        Action::Field(FieldAction::Classify(key("mobile"), FieldClass::Contact)),
        Action::Field(FieldAction::Mask(key("mobile"), MaskKind::Mobile)),
        Action::Field(FieldAction::Confirm(key("mobile"))),
        Action::Field(FieldAction::Reseal),
        Action::Reveal(id, key("mobile"), callback()),
        Action::Reveal(id, key("bank_card"), callback()),
        Action::Copy(id, key("mobile"), callback()),
        Action::ExportCustomers(export(id), callback(), "one.csv".into()),
        Action::Verify(id, key("mobile"), words("13800001234")),
        Action::Undo,
        Action::KeepDraft(Zeroizing::new(b"draft".to_vec())),
        Action::BeginImport {
            file: "list.csv".into(),
            source: "fair".into(),
            basis: Basis::Consent,
            duplicates: OnDuplicate::Skip,
        },
        Action::RehearseRows(vec![ImportRecord {
            row: 1,
            owner: None,
            created: None,
            consents: vec![],
            changes: vec![],
        }]),
        Action::ImportRows(
            JobId(99),
            vec![ImportRecord { row: 1, owner: None, created: None, consents: vec![], changes: vec![] }],
        ),
        Action::FinishImport(JobId(99)),
        Action::CancelImport(JobId(99)),
        Action::AddStaff(LoginName::new(&format!("friend of {}", at.name)).unwrap(), RoleName::Support),
        Action::DisableStaff(StaffId(99)),
        Action::SetTeam(StaffId(99), "north".into()),
        Action::ConfirmGrant(at.waiting, FieldClass::Contact),
        Action::SetFieldInUse(key("mobile"), FieldState::On, "".into()),
        Action::SetPolicy("contact_seconds".into(), "60".into()),
        Action::SettleAlert(AlertId(99)),
        Action::VerifyRecord,
        Action::Checkpoint,
        Action::ExportRecord,
        Action::SetPreferences(Preferences::default()),
        Action::Recalibrate,
        Action::OfferRecovery,
        Action::ConfirmRecovery(vec![(1, words("zoo"))]),
        Action::SplitRecovery { typed: words("zoo"), threshold: 2, count: 3 },
        Action::RotateKeys,
        Action::DiscardRotation,
        Action::ChangePassphrase(words(PASSPHRASE), words("another lake at another dawn")),
        Action::Template(TemplateAction::Add(crate::templates::draft(&at.name, "{name}"))),
        Action::Template(TemplateAction::Change(TemplateId(99), 1, crate::templates::draft("x", "{name}"))),
        Action::Template(TemplateAction::Remove(TemplateId(99), 1)),
        Action::Template(TemplateAction::Copy(id, "{name} {field.mobile}".into(), Some(callback()))),
        Action::LossReason(LossChange::Add(Label::one(&at.name))),
        Action::Cadence(CadenceAction::Add(crate::cadences::draft(&at.name, "0 call"))),
        Action::Cadence(CadenceAction::Change(CadenceId(99), 1, crate::cadences::draft("x", "0 call"))),
        Action::Cadence(CadenceAction::Remove(CadenceId(99), 1)),
        Action::Cadence(CadenceAction::Stop(CadenceId(99), id)),
        Action::Bulk(Target::Marked(vec![id]), Bulk::Cadence(CadenceId(99))),
        Action::Case(CaseAction::Open(id, crate::cases::draft("invoice"))),
        Action::Case(CaseAction::Edit(at.case, 1, crate::cases::draft("late invoice"))),
        Action::Case(CaseAction::Take(at.case, 2)),
        Action::Case(CaseAction::Hand(at.case, 2, StaffId(1))),
        Action::Case(CaseAction::Set(at.case, 2, CaseState::Waiting)),
        Action::Case(CaseAction::Set(at.case, 3, CaseState::Closed)),
        Action::Case(CaseAction::Set(at.case, 4, CaseState::Open)),
        Action::Case(CaseAction::Look(at.case)),
        Action::Consent(said(id, ConsentState::Given)),
        Action::Consent(said(id, ConsentState::Withdrawn)),
        Action::Consent(said(id, ConsentState::Refused)),
        Action::Consent(ConsentAction::Word(Purpose::Marketing, 1, ["I agree.".into(), "同意。".into()])),
        Action::Deal(DealAction::Add(id, crate::deals::draft("tea", "1"))),
        Action::Deal(DealAction::Edit(at.deal, 1, crate::deals::draft("tea", "2"))),
        Action::Deal(DealAction::Give(at.deal, 2, StaffId(1))),
        Action::Deal(DealAction::Move(at.deal, 2, Shift::On)),
        Action::Deal(DealAction::Lose(at.deal, 3, "dear".into())),
        Action::Deal(DealAction::Reopen(at.deal, 4)),
        Action::Deal(DealAction::Win(at.deal, 5)),
        Action::Deal(DealAction::Remove(at.deal, 6)),
        Action::Deal(DealAction::Pipeline(PipelineChange::Sits(StageId(1), 9))),
        Action::Rule(RuleAction::Add(sleepers(&at.name))),
        Action::Rule(RuleAction::Change(RuleId(1), 1, sleepers("asleep"))),
        Action::Rule(RuleAction::Switch(RuleId(1), 1, RuleState::Off)),
        Action::Rule(RuleAction::DryRun(RuleId(1))),
        Action::Rule(RuleAction::Run),
        Action::Rule(RuleAction::Remove(RuleId(99), 1)),
        Action::Rule(RuleAction::Touch(id, Some(30))),
        Action::Pool(PoolAction::Claim(id)),
        Action::Pool(PoolAction::Release(id, 99)),
        Action::Pool(PoolAction::DryRun(Some(30))),
        Action::Pool(PoolAction::Run),
        Action::FindDuplicates,
        Action::Quality(QualityAction::Apart(id, id)),
        Action::Quality(QualityAction::Closer(vec![FieldClass::Contact])),
        Action::Quality(QualityAction::Closer(FieldClass::SEALED.to_vec())),
        Action::Link(LinkAction::Join(id, id)),
        Action::Link(LinkAction::Part(id, id)),
        Action::Tags(TagAction::Rename("nobody's".into(), "still nobody's".into())),
        Action::Tags(TagAction::Remove("nobody's".into())),
        Action::Tags(TagAction::Retire("nobody's".into())),
        Action::Tags(TagAction::Offer("nobody's".into())),
        Action::Merge { keep: (id, 1), other: (id, 1), take: vec![] },
        Action::EraseCustomer(id, callback()),
        Action::SetBackups(BackupChange::Set("drill_days".into(), "30".into())),
        Action::OrderBackup(BackupOrder::Make(None, None)),
        Action::OrderBackup(BackupOrder::Verify(None)),
        Action::OrderBackup(BackupOrder::Drill(None)),
        Action::OrderBackup(BackupOrder::Stop),
        Action::OfferFactor,
        Action::ConfirmFactor(words("12345")),
        Action::RenewFactorCodes,
        Action::RemoveFactor,
        Action::ResetFactor(StaffId(99)),
        Action::EndSession(SessionId(99)),
        Action::EndSessionsOf(StaffId(99)),
        Action::GiveCode(words("12345")),
        Action::AddStaffKey(StaffId(99), StaffKey::parse(SSH_KEY).unwrap()),
        Action::RemoveStaffKey(StaffId(99), Fingerprint([9; 32])),
        Action::SaveView(ViewDraft {
            id: None,
            name: "mine".into(),
            query: "tag:vip owner:me".into(),
            sort: Sort::Name,
            sharing: Sharing::Own,
            columns: Columns::Standard,
        }),
        Action::RemoveView(SavedViewId(99)),
        Action::Bulk(Target::Marked(vec![id]), Bulk::Tag("many".into())),
        Action::Bulk(Target::Marked(vec![id]), Bulk::FollowUp(step("ring all"))),
        Action::Bulk(Target::Query("tag:many".into()), Bulk::Assign(None)),
    ]
}

/// Whether somebody was let do it: what fails for want of an object or of something to take back was allowed.
fn allowed<T>(result: &Result<T, Refusal>) -> bool {
    result.as_ref().err().is_none_or(|refusal| !refusal.is_of_right())
}

fn latest(owner: &Session) -> AuditRow {
    let request = AuditRequest { limit: 1, ..AuditRequest::default() };
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    page.rows.into_iter().next().unwrap()
}

/// A house with one signed in for each role, each with a customer of their own that they may reach, if any.
fn everybody(house: &House, owner: &Session) -> Vec<(RoleName, Session, Place)> {
    let waiting = {
        let name = LoginName::new("newcomer").unwrap();
        let added = owner.perform(Action::AddStaff(name, RoleName::Support));
        let Ok(Done::SetupCode(id, code)) = added else { panic!("nobody added") };
        house.gate.set_up("newcomer", &code, PASSPHRASE, veilbook::domain::audit::Origin::Screen).unwrap().end();
        id
    };
    let mut out = Vec::new();
    for role in ROLES {
        let session = if role == RoleName::Owner { house.again() } else { house.staff(owner, role) };
        let fields = vec![set("mobile", "13800001234"), set("bank_card", "4111111111111111")];
        let customer = add(owner, "张三丰", fields);
        let given = owner.perform(Action::EditCustomer(customer, 1, vec![Change::Owner(Some(session.staff()))]));
        assert!(given.is_ok(), "{given:?}");
        for n in 0..5 {
            owner.perform(Action::AddFollowUp(customer, step(&format!("step {n}")))).unwrap();
        }
        let deal = crate::deals::add_deal(owner, customer, "beans", "10");
        let case = crate::cases::open_case(owner, customer, "a matter");
        let follow_ups = open(owner, customer).follow_ups.iter().map(|f| f.follow_up.id).collect();
        out.push((role, session, Place { customer, follow_ups, deal, case, waiting, name: role.code().into() }));
    }
    out
}

#[test]
fn every_action_is_allowed_and_refused_to_each_role_as_the_table_says() {
    let (house, owner) = House::new();
    let mut tried = BTreeSet::new();
    let mut wrong = Vec::new();
    for (column, (role, session, place)) in everybody(&house, &owner).into_iter().enumerate() {
        for action in tries(&place) {
            let row = row_of(&action);
            tried.insert(row);
            let (verb, rights) = ACTIONS[row];
            let expected = rights.as_bytes()[column] == b'y';
            let name = format!("{action:?}");
            let result = session.perform(action);
            if allowed(&result) != expected {
                wrong.push(format!("{} by {}: {result:?}", name, role.code()));
            }
            if !expected {
                let entry = latest(&owner).entry.what;
                let seen = (entry.action.as_str(), entry.outcome, entry.actor);
                if seen != (verb, Ended::Refused, Some(session.staff())) {
                    wrong.push(format!("{name} by {} was refused and left {seen:?}", role.code()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(tried, (0..ACTIONS.len()).collect(), "an action was never tried");
}

/// The verbs that take a fresh code of whoever has a second factor.
const FRESH: [&str; 19] = [
    "customer.erase",
    "customer.export",
    "staff.add",
    "staff.key_add",
    "staff.key_remove",
    "staff.disable",
    "staff.team",
    "policy.set",
    "record.export",
    "recovery.new",
    "recovery.split",
    "keys.rotate",
    "field.classify",
    "field.mask",
    "field.confirm",
    "factor.enrol",
    "factor.codes",
    "factor.remove",
    "factor.reset",
];

#[test]
fn what_takes_a_fresh_code_takes_it_of_whoever_has_a_phone_and_nothing_else_does() {
    let (house, owner) = House::new();
    let (_, session, place) = everybody(&house, &owner).swap_remove(0);
    let Ok(Done::FactorOffer(offer)) = session.perform(Action::OfferFactor) else { panic!("no offer") };
    let code = crate::phone::code(&offer.secret, NOON);
    session.perform(Action::ConfirmFactor(words(&code))).unwrap();
    house.clock.advance(301);
    for action in tries(&place) {
        let (verb, _) = ACTIONS[row_of(&action)];
        // The second halves of two steps, whose first took the code.
        let second = matches!(action, Action::ConfirmRecovery(_) | Action::ConfirmFactor(_) | Action::DiscardRotation);
        let name = format!("{action:?}");
        let asked = matches!(session.perform(action), Err(Refusal::FreshCode(_)));
        assert_eq!(asked, FRESH.contains(&verb) && !second, "{name}");
    }
}

#[test]
fn who_owes_a_second_factor_does_nothing_but_enrol_and_keep_what_is_their_own() {
    let (house, owner) = House::new();
    let (_, session, place) = everybody(&house, &owner).swap_remove(3);
    owner.perform(Action::SetPolicy("second_factor".into(), "2".into())).unwrap();
    for action in tries(&place) {
        let (verb, rights) = ACTIONS[row_of(&action)];
        let mut own = ["draft.keep", "preferences.set", "factor.enrol", "session.code"].contains(&verb);
        own |= rights.as_bytes()[3] == b'n';
        let name = format!("{action:?}");
        let owed = matches!(session.perform(action), Err(Refusal::Factor(FactorProblem::Owed)));
        // A class's right is looked at after the second factor, as is which of two permissions somebody has.
        assert!(owed != own || ["customer.reveal", "customer.compare", "pool.dry_run"].contains(&verb), "{name}");
    }
}

/// Each question, as [`ACTIONS`]; the verb is empty where everybody may ask.
const QUERIES: &[Row] = &[
    ("", "yyyyyyy"),
    ("", "yyyyyyy"),
    ("", "yyyyyyy"),
    ("customer.list", "yyyyynn"),
    ("customer.open", "nnnnnnn"),
    ("customer.reveal", "yyyynnn"),
    ("follow_up.list", "yyyynnn"),
    ("record.read", "ynnnyyn"),
    ("record.read", "ynnnyyn"),
    ("", "yyyyyyy"),
    ("staff.list", "ynnnyyy"),
    ("", "yyyyyyy"),
    ("", "yyyyyyy"),
    ("import.list", "yynnnny"),
    ("", "yyyyyyy"),
    ("", "yyyyyyy"),
    ("", "yyyyyyy"),
    ("", "yyyyyyy"),
    ("backup.list", "ynnnnny"),
    ("session.list", "ynnnnny"),
    ("follow_up.list", "yyyynnn"),
    ("customer.list", "yyyyynn"),
    ("customer.list", "yyyyynn"),
    ("customer.bulk", "yynnnnn"),
    ("deal.list", "yyynnnn"),
    ("deal.list", "yyynnnn"),
    ("pipeline.list", "yyynnny"),
    ("customer.list", "yyyyynn"),
    ("case.list", "yyyynnn"),
    ("case.list", "yyyynnn"),
    ("", "yyyyyyy"),
    ("customer.list", "yyyynnn"),
    ("customer.list", "yyyynnn"),
    ("template.list", "yyyynny"),
    ("customer.open", "yyyynnn"),
    ("cadence.list", "yyyynny"),
    ("cadence.list", "ynnnnny"),
    ("rule.list", "yynnnny"),
    ("customer.list", "yyynnnn"),
    ("customer.export", "yynnnnn"),
    ("", "yyyyyyy"),
    ("field.set", "ynnnnny"),
    ("consent.list", "yyyyynn"),
    ("loss_reason.list", "yyyyyny"),
    ("", "yyyyyyy"),
];

fn row_of_query(query: &Query) -> usize {
    match query {
        Query::Me => 0,
        Query::Schema => 1,
        Query::Today => 2,
        Query::Customers(_) => 3,
        Query::Refresh(_) => 4,
        Query::RevealPrompt(..) => 5,
        Query::FollowUps(_) => 6,
        Query::Audit(_) => 7,
        Query::AuditEntry(_) => 8,
        Query::Chain => 9,
        Query::Staff => 10,
        Query::Roles => 11,
        Query::Policy => 12,
        Query::Imports => 13,
        Query::UndoNext => 14,
        Query::Draft => 15,
        Query::Keys => 16,
        Query::BackupHealth => 17,
        Query::Backups => 18,
        Query::Sessions => 19,
        Query::Reminders => 20,
        Query::Vocabulary => 21,
        Query::SavedViews => 22,
        Query::BulkPreview(..) => 23,
        Query::Deals(DealQuery::Board(_)) => 24,
        Query::Deals(DealQuery::One(_)) => 25,
        Query::Deals(DealQuery::Pipelines) => 26,
        Query::Cases(CaseQuery::Open(..)) => 28,
        Query::Cases(CaseQuery::One(_) | CaseQuery::Again(_)) => 29,
        Query::Tags => 27,
        Query::WorkingDays => 30,
        Query::Quality(QualityQuery::Counts(_)) => 31,
        Query::Quality(QualityQuery::List(..)) => 32,
        Query::Templates(TemplateQuery::List) => 33,
        Query::Templates(TemplateQuery::Filled(..)) => 34,
        Query::LossReasons => 43,
        Query::LossList => 44,
        Query::Cadences(CadenceQuery::List) => 35,
        Query::Cadences(CadenceQuery::Running(_)) => 36,
        Query::Rules => 37,
        Query::Pool(_) => 38,
        Query::ExportPreview(_) => 39,
        Query::FieldChanges => 40,
        Query::FieldUses(_) => 41,
        Query::Purposes => 42,
    }
}

/// Refreshing is for what was opened in this session; here nothing was.
fn questions(at: &Place) -> Vec<Query> {
    vec![
        Query::Me,
        Query::Schema,
        Query::FieldChanges,
        Query::FieldUses(key("mobile")),
        Query::Today,
        Query::Customers(ListRequest { limit: 10, ..ListRequest::default() }),
        Query::Refresh(at.customer),
        Query::RevealPrompt(at.customer, key("mobile")),
        Query::FollowUps(FollowUpRequest { limit: 10, ..FollowUpRequest::default() }),
        Query::Audit(AuditRequest { limit: 10, filter: EntryFilter::default(), before: None }),
        Query::AuditEntry(EntrySeq(0)),
        Query::Chain,
        Query::Staff,
        Query::Roles,
        Query::Policy,
        Query::Imports,
        Query::UndoNext,
        Query::Draft,
        Query::Keys,
        Query::BackupHealth,
        Query::Backups,
        Query::Sessions,
        Query::Reminders,
        Query::Vocabulary,
        Query::SavedViews,
        Query::Tags,
        Query::Quality(QualityQuery::Counts(None)),
        Query::Quality(QualityQuery::List(FlawKind::Missing, None)),
        Query::BulkPreview(Target::Query("tag:vip".into()), Bulk::Assign(None)),
        Query::Deals(DealQuery::Board(BoardRequest { pipeline: None, whose: Whose::All, limit: 10 })),
        Query::Deals(DealQuery::One(at.deal)),
        Query::Deals(DealQuery::Pipelines),
        Query::Cases(CaseQuery::Open(Held::All, 10)),
        Query::Cases(CaseQuery::One(at.case)),
        Query::WorkingDays,
        Query::Cadences(CadenceQuery::List),
        Query::LossReasons,
        Query::LossList,
        Query::Cadences(CadenceQuery::Running(CadenceId(1))),
        Query::Templates(TemplateQuery::List),
        Query::Templates(TemplateQuery::Filled(TemplateId(1), at.customer)),
        Query::Rules,
        Query::Pool(PoolQuery::List(None, 10)),
        Query::ExportPreview(export(at.customer)),
        Query::Purposes,
    ]
}

#[test]
fn every_question_is_answered_to_each_role_as_the_table_says_and_refused_ones_are_on_record() {
    let (house, owner) = House::new();
    let mut wrong = Vec::new();
    let mut tried = BTreeSet::new();
    for (column, (role, session, place)) in everybody(&house, &owner).into_iter().enumerate() {
        for query in questions(&place) {
            let row = row_of_query(&query);
            tried.insert(row);
            let (verb, rights) = QUERIES[row];
            let expected = rights.as_bytes()[column] == b'y';
            let result = session.query(query);
            if allowed(&result) != expected {
                wrong.push(format!("question {row} by {}: {result:?}", role.code()));
            }
            if !expected {
                let entry = latest(&owner).entry.what;
                let seen = (entry.action.as_str(), entry.outcome, entry.actor);
                if seen != (verb, Ended::Refused, Some(session.staff())) {
                    wrong.push(format!("question {row} by {} was refused and left {seen:?}", role.code()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(tried, (0..QUERIES.len()).collect(), "a question was never asked");
}

#[test]
fn a_customer_of_another_is_out_of_reach_of_the_role_whose_scope_is_its_own() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let sales = house.staff(&owner, RoleName::Sales);
    let before = tries(&Place {
        customer: id,
        follow_ups: vec![FollowUpId(1); 5],
        deal: crate::deals::add_deal(&owner, id, "beans", "10"),
        case: crate::cases::open_case(&owner, id, "a matter"),
        waiting: StaffId(1),
        name: "x".into(),
    });
    let out_of_reach = [0, 4, 5, 6, 10, 12, 13];
    let of_deals = |row: usize| ACTIONS[row].0.starts_with("deal.") || ACTIONS[row].0.starts_with("case.");
    let said = |row: usize| ACTIONS[row].0.starts_with("consent.") && ACTIONS[row].0 != "consent.wording";
    let of_deals = |row: usize| of_deals(row) || said(row);
    let touching = before.into_iter().filter(|a| out_of_reach.contains(&row_of(a)) || of_deals(row_of(a)));
    for action in touching {
        let name = format!("{action:?}");
        assert!(matches!(sales.perform(action), Err(Refusal::OutOfScope)), "{name}");
        let entry = latest(&owner).entry.what;
        assert_eq!((entry.outcome, entry.actor), (Ended::Refused, Some(sales.staff())), "{name}");
    }
    let found = sales.perform(Action::FindByIdentifier(recognise("13800001234", "CN").unwrap()));
    assert!(matches!(found, Ok(Done::Matches(rows)) if rows.is_empty()));
    let known = sales.perform(Action::CheckDuplicate(key("mobile"), words("13800001234")));
    assert!(matches!(known, Ok(Done::Duplicates { within, beyond: 1 }) if within.is_empty()));
}

#[test]
fn a_customer_is_given_away_only_by_who_may_reassign() {
    let (house, owner) = House::new();
    let (sales, lead) = (house.staff(&owner, RoleName::Sales), house.staff(&owner, RoleName::Lead));
    let id = add(&sales, "张三丰", vec![]);
    let give = |to| vec![Change::Owner(Some(to))];
    let refused = sales.perform(Action::EditCustomer(id, 1, give(owner.staff())));
    assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{refused:?}");
    assert!(matches!(lead.perform(Action::EditCustomer(id, 1, give(lead.staff()))), Ok(Done::Saved(_, 2))));
}

#[test]
fn the_last_owner_and_oneself_cannot_be_shut_out() {
    let (house, owner) = House::new();
    let administrator = house.staff(&owner, RoleName::Administrator);
    for (who, target) in [(&owner, owner.staff()), (&administrator, owner.staff())] {
        assert!(matches!(who.perform(Action::DisableStaff(target)), Err(Refusal::LastHolder(_))));
        assert_eq!(latest(&owner).entry.what.outcome, Ended::Refused);
    }
}

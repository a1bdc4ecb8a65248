//! The reveal and the limits of reading: what is counted, what is demanded, and that nothing shows without its entry.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use veilbook::clock::FixedClock;
use veilbook::domain::audit::{Origin, Outcome};
use veilbook::domain::id::CustomerId;
use veilbook::domain::identifier::recognise;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::reason::{Reason, ReasonCode, ReasonFault};
use veilbook::domain::role::RoleName;
use veilbook::domain::schema;
use veilbook::service::view::{AlertKind, Anchor, Effort, ListRequest, RevealPrompt, TicketRule};
use veilbook::service::{Action, AuditRequest, Change, Contact, Done, Gate, Query, Refusal, Session, View};
use veilbook::vault::file::disk::{Disk, FileDisk};
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, add, callback, deps, key, new_vault, set};

/// A file whose writes and syncs fail while told so.
#[derive(Debug)]
struct Failing {
    under: FileDisk,
    broken: Arc<AtomicBool>,
}

impl Failing {
    fn works(&self) -> io::Result<()> {
        if self.broken.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Disk for Failing {
    fn len(&self) -> io::Result<u64> {
        self.under.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.under.read(offset, out)
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.works()?;
        self.under.write(offset, data)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.works()?;
        self.under.set_len(len)
    }
    fn sync(&self) -> io::Result<()> {
        self.works()?;
        self.under.sync()
    }
}

fn reveal(who: &Session, id: CustomerId, field: &str, reason: Reason) -> Result<Done, Refusal> {
    who.perform(Action::Reveal(id, key(field), reason))
}

fn prompt(who: &Session, id: CustomerId, field: &str) -> RevealPrompt {
    match who.query(Query::RevealPrompt(id, key(field))) {
        Ok(View::RevealPrompt(prompt)) => prompt,
        other => panic!("no prompt: {other:?}"),
    }
}

fn other(text: &str) -> Reason {
    Reason { text: Some(text.into()), ..Reason::code(ReasonCode::Other) }
}

fn policy(owner: &Session, key: &str, value: u32) {
    owner.perform(Action::SetPolicy(key.into(), value.to_string())).unwrap();
}

fn alerts(owner: &Session) -> Vec<AlertKind> {
    let Ok(View::Today(today)) = owner.query(Query::Today) else { panic!("no today") };
    today.alerts.iter().map(|alert| alert.kind).collect()
}

fn refused(owner: &Session, verb: &str) -> usize {
    let mut request = AuditRequest { limit: 500, ..AuditRequest::default() };
    request.filter.action = verb.into();
    request.filter.outcome = Some(Outcome::Refused);
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    page.rows.len()
}

#[test]
fn a_reveal_whose_entry_cannot_be_written_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(NOON));
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let lay = move |under| Arc::new(Failing { under, broken: Arc::clone(&switch) }) as Arc<dyn Disk>;
    let path = folder.path().join("book.veil");
    let gate = Gate::over(path.clone(), deps(&clock, 3), lay);
    let owner = gate.create(new_vault(schema::sample()), Origin::Screen).unwrap();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("email", "zsf@example.com")]);
    broken.store(true, Ordering::SeqCst);
    for action in [
        Action::Reveal(id, key("mobile"), callback()),
        Action::Copy(id, key("mobile"), callback()),
        Action::Verify(id, key("mobile"), Zeroizing::new("13800001234".into())),
        Action::OpenCustomer(id),
        Action::FindByIdentifier(recognise("13800001234", "CN").unwrap()),
    ] {
        let name = format!("{action:?}");
        let answer = owner.perform(action);
        assert!(matches!(answer, Err(Refusal::RecordUnavailable(_))), "{name}: {answer:?}");
    }
    // A disk that works again does not make the handle trust what it could not write.
    broken.store(false, Ordering::SeqCst);
    assert!(reveal(&owner, id, "mobile", callback()).is_err());
    drop(owner);
    gate.seal();
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    assert_eq!(refused(&owner, ""), 0);
    assert!(matches!(reveal(&owner, id, "mobile", callback()), Ok(Done::Revealed(_))));
}

#[test]
fn a_refused_try_that_cannot_be_recorded_is_still_refused() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(NOON));
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let lay = move |under| Arc::new(Failing { under, broken: Arc::clone(&switch) }) as Arc<dyn Disk>;
    let gate = Gate::over(folder.path().join("book.veil"), deps(&clock, 4), lay);
    let owner = gate.create(new_vault(schema::sample()), Origin::Screen).unwrap();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    broken.store(true, Ordering::SeqCst);
    let answer = reveal(&owner, id, "mobile", other("."));
    assert!(matches!(answer, Err(Refusal::RecordUnavailable(_))), "{answer:?}");
}

#[test]
fn filler_and_the_last_five_texts_are_refused_and_the_sixth_is_forgotten() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    policy(&owner, "again_seconds", 0);
    for filler in [".", "aaa", "   ", "asdf", "无", "12345"] {
        let answer = reveal(&owner, id, "mobile", other(filler));
        assert!(matches!(answer, Err(Refusal::Reason(_))), "{filler:?}: {answer:?}");
    }
    let texts = ["bank wants to confirm", "courier is lost", "asks for the invoice", "asks for a call", "moved house"];
    for text in texts {
        assert!(reveal(&owner, id, "mobile", other(text)).is_ok(), "{text}");
    }
    for text in texts {
        let answer = reveal(&owner, id, "mobile", other(&text.to_uppercase()));
        assert!(matches!(answer, Err(Refusal::Reason(ReasonFault::Repeated))), "{text}: {answer:?}");
    }
    assert!(reveal(&owner, id, "mobile", other("a sixth and other reason")).is_ok());
    assert!(reveal(&owner, id, "mobile", other(texts[0])).is_ok());
    assert_eq!(refused(&owner, "customer.reveal"), 11);
}

#[test]
fn a_ticket_is_demanded_where_policy_says_so_and_prefilled_from_the_contact() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    policy(&owner, "ticket_required", 1);
    assert_eq!(prompt(&owner, id, "mobile").ticket_required, TicketRule::Required);
    let answer = reveal(&owner, id, "mobile", callback());
    assert!(matches!(answer, Err(Refusal::Reason(ReasonFault::TicketMissing))), "{answer:?}");
    let (kind, ticket) = (InteractionKind::Call, Some("T-1042".into()));
    let contact = Action::LogInteraction(
        id,
        Contact { kind, text: "asked".into(), ticket: ticket.clone(), ..Contact::default() },
    );
    owner.perform(contact).unwrap();
    assert_eq!(prompt(&owner, id, "mobile").ticket, ticket);
    assert!(reveal(&owner, id, "mobile", Reason { ticket, ..callback() }).is_ok());
    let endless = Reason { ticket: Some("T".repeat(60_000).as_str().into()), ..callback() };
    assert!(matches!(reveal(&owner, id, "mobile", endless), Err(Refusal::Reason(ReasonFault::TooLong))));
}

#[test]
fn asking_again_within_half_an_hour_needs_no_new_words_and_has_an_entry_of_its_own() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("bank_card", "4111111111111111")]);
    let why = other("courier is lost");
    assert_eq!(prompt(&owner, id, "bank_card").effort, Effort::Reason);
    reveal(&owner, id, "bank_card", why.clone()).unwrap();
    house.clock.advance(29 * 60);
    assert_eq!(prompt(&owner, id, "bank_card").effort, Effort::Again(why.clone()));
    assert!(reveal(&owner, id, "bank_card", why.clone()).is_ok());
    assert_eq!(prompt(&owner, id, "bank_card").used, 2);
    house.clock.advance(31 * 60);
    assert_eq!(prompt(&owner, id, "bank_card").effort, Effort::Reason);
    assert!(matches!(reveal(&owner, id, "bank_card", why), Err(Refusal::Reason(ReasonFault::Repeated))));
}

#[test]
fn ones_own_customer_is_a_light_prompt_and_counted_apart() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    policy(&owner, "contact_per_hour", 1);
    let own = add(&sales, "张三丰", vec![set("mobile", "13800001234"), set("email", "zsf@example.com")]);
    assert_eq!(prompt(&sales, own, "mobile").effort, Effort::Light);
    assert_eq!(prompt(&sales, own, "mobile").quota, 4);
    for field in ["mobile", "email", "mobile", "email"] {
        assert!(reveal(&sales, own, field, callback()).is_ok());
    }
    assert!(matches!(reveal(&sales, own, "mobile", callback()), Err(Refusal::QuotaSpent { quota: 4, .. })));
    let others = add(&owner, "李四", vec![set("mobile", "13900001234")]);
    let pool = vec![Change::Owner(None)];
    owner.perform(Action::EditCustomer(others, 1, pool)).unwrap();
    assert_eq!(prompt(&owner, others, "mobile").effort, Effort::Reason);
    assert!(reveal(&owner, others, "mobile", callback()).is_ok());
    assert!(matches!(reveal(&owner, others, "mobile", callback()), Err(Refusal::QuotaSpent { quota: 1, .. })));
    assert_eq!(alerts(&owner), [AlertKind::QuotaSpent; 2]);
}

#[test]
fn the_quota_slides_with_the_hour_and_with_the_day() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    policy(&owner, "contact_per_hour", 2);
    policy(&owner, "contact_per_day", 3);
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    reveal(&support, id, "mobile", callback()).unwrap();
    house.clock.advance(40 * 60);
    reveal(&support, id, "mobile", callback()).unwrap();
    let Err(Refusal::QuotaSpent { quota: 2, minutes }) = reveal(&support, id, "mobile", callback()) else {
        panic!("not refused");
    };
    assert!((20..=21).contains(&minutes), "{minutes}");
    house.clock.advance(21 * 60);
    assert_eq!(prompt(&support, id, "mobile").used, 1);
    reveal(&support, id, "mobile", callback()).unwrap();
    house.clock.advance(2 * 3_600);
    assert!(matches!(reveal(&support, id, "mobile", callback()), Err(Refusal::QuotaSpent { quota: 3, .. })));
    house.clock.advance(22 * 3_600);
    // Nobody's session lasts that long.
    let (owner, support) = (house.again(), house.gate.login("support person", PASSPHRASE, Origin::Screen).unwrap());
    assert!(reveal(&support, id, "mobile", callback()).is_ok());
    assert_eq!(refused(&owner, "customer.reveal"), 2);
}

#[test]
fn the_quota_holds_over_a_new_session_and_a_restart() {
    let (house, owner) = House::new();
    policy(&owner, "contact_per_hour", 1);
    policy(&owner, "own_factor", 1);
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    reveal(&owner, id, "mobile", callback()).unwrap();
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    assert!(matches!(reveal(&owner, id, "mobile", callback()), Err(Refusal::QuotaSpent { .. })));
}

#[test]
fn nothing_is_revealed_of_an_empty_an_open_or_an_unknown_field() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("company", "晨光")]);
    assert!(matches!(reveal(&owner, id, "mobile", callback()), Err(Refusal::FieldEmpty)));
    assert!(matches!(reveal(&owner, id, "company", callback()), Err(Refusal::NotMasked)));
    assert!(matches!(reveal(&owner, id, "shoe_size", callback()), Err(Refusal::NotFound(_))));
}

#[test]
fn a_person_whose_key_was_not_handed_over_reveals_nothing() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let name = veilbook::domain::staff::LoginName::new("newcomer").unwrap();
    let Ok(Done::SetupCode(_, code)) = owner.perform(Action::AddStaff(name, RoleName::Support)) else {
        panic!("nobody added");
    };
    let newcomer = house.gate.set_up("newcomer", &code, PASSPHRASE, Origin::Screen).unwrap();
    assert!(matches!(reveal(&newcomer, id, "mobile", callback()), Err(Refusal::KeyMissing(_))));
    let said = Zeroizing::new("13800001234".into());
    assert!(matches!(newcomer.perform(Action::Verify(id, key("mobile"), said)), Err(Refusal::KeyMissing(_))));
    // That nobody was found would say that there is nobody.
    for text in ["13800001234", "1234", "zsf@example.com"] {
        let sought = newcomer.perform(Action::FindByIdentifier(recognise(text, "CN").unwrap()));
        assert!(matches!(sought, Err(Refusal::KeyMissing(_))), "{text}: {sought:?}");
    }
    assert_eq!((refused(&owner, "customer.reveal"), refused(&owner, "customer.verify")), (1, 1));
}

#[test]
fn opening_more_customers_than_the_limit_is_refused_recorded_and_raises_one_alert() {
    let (house, owner) = House::new();
    policy(&owner, "opens_per_hour", 3);
    let ids: Vec<CustomerId> = (0..5).map(|n| add(&owner, &format!("Customer {n}"), vec![])).collect();
    let open = |id: CustomerId| owner.perform(Action::OpenCustomer(id));
    for id in &ids[..3] {
        assert!(open(*id).is_ok());
    }
    assert!(open(ids[0]).is_ok(), "the same customer counts once");
    for id in &ids[3..] {
        assert!(matches!(open(*id), Err(Refusal::ReadingLimit { limit: 3, .. })));
    }
    assert_eq!((refused(&owner, "customer.open"), alerts(&owner)), (2, vec![AlertKind::OpensLimit]));
    house.clock.advance(3_601);
    assert!(open(ids[4]).is_ok());
}

/// A vault of `count` customers, brought in at once.
fn many(owner: &Session, count: usize) {
    use veilbook::service::{ImportRecord, OnDuplicate};
    let begin = Action::BeginImport {
        file: "many.csv".into(),
        source: "test".into(),
        basis: veilbook::domain::customer::Basis::Consent,
        duplicates: OnDuplicate::Keep,
    };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let row = |n: usize| ImportRecord {
        row: n as u64,
        owner: None,
        created: None,
        consents: vec![],
        changes: vec![Change::Name(format!("Customer {n:05}").as_str().into())],
    };
    owner.perform(Action::ImportRows(job, (0..count).map(row).collect())).unwrap();
    owner.perform(Action::FinishImport(job)).unwrap();
}

fn page(who: &Session, text: &str, anchor: Anchor) -> Result<veilbook::service::view::Page, Refusal> {
    let request = ListRequest { text: text.into(), anchor, limit: 60, ..ListRequest::default() };
    match who.query(Query::Customers(request))? {
        View::Customers(page) => Ok(page),
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn paging_stops_at_the_limit_however_slowly_and_searching_never_does() {
    let (house, owner) = House::new();
    many(&owner, 600);
    policy(&owner, "rows_per_hour", 200);
    let mut seen = 0;
    let mut at = Anchor::Top;
    let refusal = loop {
        match page(&owner, "", at) {
            Ok(page) => {
                seen += page.rows.len();
                at = Anchor::After(page.rows.last().unwrap().cursor.clone());
            }
            Err(refusal) => break refusal,
        }
        // A pause long enough for the listing to go on record, and other work, win no rows.
        house.clock.advance(5);
        owner.settle();
    };
    assert!(matches!(refusal, Refusal::ReadingLimit { limit: 200, .. }), "{refusal:?}");
    assert_eq!(seen, 300);
    assert_eq!((refused(&owner, "customer.list"), alerts(&owner)), (1, vec![AlertKind::RowsLimit]));
    for n in 0..300 {
        assert!(page(&owner, &format!("customer {n:05}"), Anchor::Top).is_ok());
    }
    assert!(page(&owner, "", Anchor::Top).is_ok());
    house.clock.advance(3_601);
    assert!(page(&owner, "", Anchor::Bottom).is_ok());
}

#[test]
fn rewording_a_query_or_beginning_in_its_middle_wins_no_free_rows() {
    let (_house, owner) = House::new();
    many(&owner, 600);
    policy(&owner, "rows_per_hour", 120);
    let mut at = page(&owner, "customer", Anchor::Top).unwrap().rows.pop().unwrap().cursor;
    let mut seen = 0;
    for n in 0..20 {
        let text = format!("customer{}", " ".repeat(n));
        match page(&owner, &text, Anchor::After(at.clone())) {
            Ok(page) => {
                seen += page.rows.len();
                at = page.rows.last().unwrap().cursor.clone();
            }
            Err(_) => break,
        }
    }
    assert!(seen <= 160, "{seen}");
    assert!(page(&owner, "", Anchor::Bottom).is_err());
}

#[test]
fn guessing_through_searches_and_duplicate_warnings_is_limited() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    policy(&owner, "identifier_searches_per_hour", 5);
    let guess = |n: usize| Zeroizing::new(format!("1380000{n:04}"));
    for n in 0..3 {
        let known = support.perform(Action::CheckDuplicate(key("mobile"), guess(n)));
        assert!(matches!(known, Ok(Done::Duplicates { .. })));
    }
    for n in 3..5 {
        let asked = recognise(&guess(n), "CN").unwrap();
        assert!(matches!(support.perform(Action::FindByIdentifier(asked)), Ok(Done::Matches(_))));
    }
    let limited = support.perform(Action::CheckDuplicate(key("mobile"), guess(1234)));
    assert!(matches!(limited, Err(Refusal::ReadingLimit { limit: 5, .. })), "{limited:?}");
    let limited = support.perform(Action::FindByIdentifier(recognise("13800001234", "CN").unwrap()));
    assert!(matches!(limited, Err(Refusal::ReadingLimit { limit: 5, .. })), "{limited:?}");
}

#[test]
fn three_wrong_tries_at_verifying_end_it_for_an_hour_and_raise_an_alert() {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let say = |text: &str| owner.perform(Action::Verify(id, key("mobile"), Zeroizing::new(text.into())));
    for _ in 0..3 {
        say("13800000000").unwrap();
    }
    assert!(matches!(say("13800001234"), Err(Refusal::NoTriesLeft { .. })));
    assert_eq!(alerts(&owner), [AlertKind::VerifyTries]);
    house.clock.advance(3_601);
    assert!(say("13800001234").is_ok());
}

#[test]
fn a_restricted_customer_is_kept_and_neither_shown_nor_changed() {
    use veilbook::domain::follow_up::FollowUpState;
    use veilbook::service::NextStep;
    use veilbook::vault::book::customers;
    use veilbook::vault::store::{Put, Table};
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let twin = add(&owner, "张三峰", vec![]);
    let step = || NextStep::once(NOON.plus_seconds(60), "call".into());
    owner.perform(Action::AddFollowUp(id, step())).unwrap();
    let follow_up = crate::house::open(&owner, id).follow_ups[0].follow_up.clone();
    assert_eq!(follow_up.state, FollowUpState::Open);
    drop(owner);
    house.gate.seal();
    crate::record::tamper(&house, |to: &mut dyn Put| {
        use veilbook::vault::records::Record;
        let mut customer = customers::get(to, id).unwrap().unwrap();
        customer.profile.restricted = true;
        to.put(Table::Customers, &id.0.to_be_bytes(), &customer.to_bytes()).unwrap();
    });
    let owner = house.again();
    let (kind, text) = (InteractionKind::Call, "called".into());
    for action in [
        Action::Reveal(id, key("mobile"), callback()),
        Action::Copy(id, key("mobile"), callback()),
        Action::Verify(id, key("mobile"), Zeroizing::new("13800001234".into())),
        Action::EditCustomer(id, 1, vec![set("mobile", "13900001234")]),
        Action::LogInteraction(id, Contact { kind, text, ..Contact::default() }),
        Action::AddFollowUp(id, step()),
        Action::Merge { keep: (id, 1), other: (twin, 1), take: vec![] },
        Action::Merge { keep: (twin, 1), other: (id, 1), take: vec![] },
        Action::SnoozeFollowUp(follow_up.id, follow_up.version, NOON.plus_seconds(90)),
        Action::FinishFollowUp(follow_up.id, follow_up.version, None),
        Action::DropFollowUp(follow_up.id, follow_up.version),
        Action::Consent(veilbook::service::view::ConsentAction::Say(
            id,
            veilbook::domain::consent::ConsentDraft::now(
                veilbook::domain::consent::Purpose::Marketing,
                veilbook::domain::consent::ConsentState::Given,
            ),
        )),
    ] {
        let name = format!("{action:?}");
        let answer = owner.perform(action);
        assert!(matches!(answer, Err(Refusal::Restricted)), "{name}: {answer:?}");
    }
    assert!(matches!(owner.query(Query::RevealPrompt(id, key("mobile"))), Err(Refusal::Restricted)));
    assert_eq!(refused(&owner, ""), 13);
}

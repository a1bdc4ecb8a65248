//! A canary in every sealed field: nothing shows it without a grant, no role, no frame, no Debug, no file.

use std::process::Command;
use std::sync::Arc;

use veilbook::clock::{Clock, Entropy, SeededEntropy};
use veilbook::domain::id::{CustomerId, EntrySeq};
use veilbook::domain::identifier::recognise;
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::privacy::seal::{BlindKey, ClassSecret, Place, TokenKind};
use veilbook::service::view::{CustomerDetail, CustomerRow, Due, FollowUpRequest, Happening, ListRequest, Shown};
use veilbook::service::{Action, AuditRequest, Change, Done, NextStep, Query, Session, View};
use veilbook::vault::book::{customers, staff};
use veilbook::vault::file::disk::{Disk, FileDisk};
use veilbook::vault::keyring::{Grant, KeyName, Passphrase};
use veilbook::vault::opening;
use veilbook::vault::records::Stored;
use veilbook::vault::store::{Get, Table, Way};
use veilbook::vault::superblock::{SUPERBLOCK_REGION, Superblock};
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, add, callback, key, open, set};
use crate::seat::Seat;

/// Each sealed field, its value, and a piece of it that its mask hides.
const CANARIES: [(&str, &str, &str); 10] = [
    ("mobile", "13987654321", "98765"),
    ("phone", "+44 7911 123456", "7911123"),
    ("email", "quetzalcoatl@canary.example", "uetzalcoatl"),
    ("chat_id", "xylophonist77", "ylophonist"),
    ("address", "北京市海淀区夜莺胡同88号", "夜莺"),
    ("birthday", "07-31", "0731"),
    ("resident_id", "11010519491231002X", "1010519491"),
    ("passport", "E98761234", "9876123"),
    ("bank_card", "6222027539184608", "2220275391"),
    ("date_of_birth", "1949-12-31", "19491231"),
];

/// Letters and digits alone, so that no way of grouping hides a value.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[track_caller]
fn clean(text: &str, whence: &str) {
    let text = squeezed(text);
    for (field, value, hidden) in CANARIES {
        assert!(!text.contains(hidden) && !text.contains(&squeezed(value)), "{field} shows in {whence}");
    }
}

fn customer(who: &Session) -> CustomerId {
    let fields = CANARIES.iter().map(|(field, value, _)| set(field, value)).collect();
    add(who, "张三丰", fields)
}

fn shown(out: &mut String, shown: &Shown) {
    out.push_str(shown.text());
    out.push('\n');
}

fn spill_rows(out: &mut String, rows: &[CustomerRow]) {
    for row in rows {
        shown(out, &row.name);
        row.fields.iter().for_each(|(_, value)| shown(out, value));
        out.push_str(&row.tags.join("\n"));
    }
}

fn spill_detail(out: &mut String, detail: &CustomerDetail) {
    shown(out, &detail.name);
    detail.fields.iter().for_each(|field| shown(out, &field.shown));
    for item in &detail.timeline {
        match &item.what {
            Happening::Interaction(_, text, ticket) => {
                out.push_str(text.as_str());
                out.push_str(ticket.as_ref().map_or("", |ticket| ticket.as_str()));
            }
            Happening::Changed(part, before, after) => {
                for text in [Some(part), before.as_ref(), after.as_ref()].into_iter().flatten() {
                    out.push_str(text);
                }
            }
            Happening::FollowUp(_, _, text) => out.push_str(text.as_str()),
            other => out.push_str(&format!("{other:?}")),
        }
        out.push('\n');
    }
}

/// Every text that an answer holds.
fn spill(view: &View) -> String {
    let mut out = format!("{view:?}");
    match view {
        View::Customers(page) => {
            spill_rows(&mut out, &page.rows);
            out.push_str(&format!("{page:?}"));
        }
        View::Customer(detail) => {
            spill_detail(&mut out, detail);
            out.push_str(&format!("{detail:?}"));
        }
        View::Today(today) => out.push_str(&format!("{today:?}")),
        View::FollowUps(rows) => {
            for row in rows {
                shown(&mut out, &row.customer);
                out.push_str(row.follow_up.text.as_str());
            }
            out.push_str(&format!("{rows:?}"));
        }
        View::Audit(page) => {
            for row in &page.rows {
                let texts = &row.entry.what.texts;
                for text in [&texts.before, &texts.after, &texts.reason, &texts.ticket].into_iter().flatten() {
                    out.push_str(text);
                    out.push('\n');
                }
                out.push_str(&row.object);
            }
            out.push_str(&format!("{page:?}"));
        }
        View::AuditEntry(row) => out.push_str(&format!("{row:?}")),
        View::RevealPrompt(prompt) => out.push_str(&format!("{prompt:?}")),
        View::UndoNext(label) => out.push_str(&format!("{label:?}")),
        View::Imports(rows) => out.push_str(&format!("{rows:?}")),
        View::Staff(rows) => out.push_str(&format!("{rows:?}")),
        View::Chain(state) => out.push_str(&format!("{state:?}")),
        View::Me(_) | View::Schema(_) | View::Roles(_) | View::Policy(_) | View::Draft(_) => {}
    }
    out
}

fn words(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Everything that a person tries by whom a value must not be seen, short of a reveal that is granted.
fn attempts(id: CustomerId) -> Vec<Action> {
    let mut out = vec![
        Action::OpenCustomer(id),
        Action::AddFollowUp(id, NextStep { due: NOON.plus_seconds(86_400), text: "call".into() }),
        Action::LogInteraction {
            customer: id,
            kind: InteractionKind::Call,
            text: "called".into(),
            ticket: Some("T-1".into()),
            next: None,
        },
    ];
    for (field, value, _) in CANARIES {
        out.push(Action::Reveal(id, key(field), Reason::code(ReasonCode::Other)));
        out.push(Action::Copy(id, key(field), Reason::code(ReasonCode::Other)));
        out.push(Action::Verify(id, key(field), words(value)));
        out.push(Action::CheckDuplicate(key(field), words(value)));
        out.push(Action::EditCustomer(id, 99, vec![set(field, value)]));
        out.push(Action::AddCustomer(vec![set(field, value)]));
        out.extend(recognise(value, "CN").map(Action::FindByIdentifier));
    }
    out
}

fn questions(id: CustomerId) -> Vec<Query> {
    let mut out = vec![
        Query::Me,
        Query::Schema,
        Query::Today,
        Query::Refresh(id),
        Query::FollowUps(FollowUpRequest { due: Due::All, limit: 100 }),
        Query::Chain,
        Query::Staff,
        Query::Roles,
        Query::Policy,
        Query::Imports,
        Query::UndoNext,
    ];
    for (field, value, _) in CANARIES {
        out.push(Query::RevealPrompt(id, key(field)));
        let texts = [value.to_owned(), value.chars().take(9).collect(), format!("张 {value}")];
        out.extend(texts.map(|text| Query::Customers(ListRequest { text, limit: 50, ..ListRequest::default() })));
    }
    out.extend((0..400).map(|seq| Query::AuditEntry(EntrySeq(seq))));
    out.push(Query::Audit(AuditRequest { limit: 500, ..AuditRequest::default() }));
    out
}

#[test]
fn no_role_sees_a_value_in_any_answer_without_a_grant() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    for (field, value, _) in CANARIES {
        let version = open(&owner, id).profile.version;
        owner.perform(Action::EditCustomer(id, version, vec![set(field, value)])).unwrap();
    }
    let mut people = vec![house.again()];
    people.extend(RoleName::ALL.iter().map(|role| house.staff(&owner, *role)));
    for person in &people {
        for action in attempts(id) {
            let said = format!("{action:?}");
            clean(&said, "the Debug of an action");
            let answer = person.perform(action);
            clean(&format!("{answer:?}"), &said);
            match answer {
                Ok(Done::Customer(detail)) => {
                    let mut out = format!("{detail:?}");
                    spill_detail(&mut out, &detail);
                    clean(&out, &said);
                }
                Ok(Done::Matches(rows) | Done::Duplicates { within: rows, .. }) => {
                    let mut out = format!("{rows:?}");
                    spill_rows(&mut out, &rows);
                    clean(&out, &said);
                }
                Err(refusal) => clean(&refusal.to_string(), &said),
                Ok(Done::Revealed(_)) => panic!("{said} was granted"),
                Ok(_) => {}
            }
        }
        for query in questions(id) {
            let said = format!("{query:?}");
            clean(&said, "the Debug of a question");
            match person.query(query) {
                Ok(view) => clean(&spill(&view), &said),
                Err(refusal) => clean(&format!("{refusal:?} {refusal}"), &said),
            }
        }
        person.settle();
    }
    for person in &people {
        if let Ok(Done::Export(bytes)) = person.perform(Action::ExportRecord) {
            clean(&String::from_utf8_lossy(&bytes), "the exported record");
        }
    }
}

/// A walk over every screen and into what opens from them.
const WALK: &str = "f2 f3 down up enter down down down end home e esc i esc f esc w esc v esc esc f4 enter esc f6 down \
                    enter esc f9 tab tab tab ? esc : esc f3 / 4 3 2 1 enter esc esc f2 n esc";

#[test]
fn no_frame_of_any_role_and_size_shows_a_value_without_a_grant() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    owner.perform(Action::AddFollowUp(id, NextStep { due: NOON.plus_seconds(60), text: "call".into() })).unwrap();
    for role in RoleName::ALL {
        let person = house.staff(&owner, *role);
        for size in [(80, 24), (160, 50)] {
            let mut seat = Seat::new(&person, size);
            for press in WALK.split_whitespace() {
                seat.press(press);
                clean(&seat.screen(), &format!("{} at {size:?} after {press}", role.code()));
            }
            clean(&seat.debug(), "the program's Debug");
            clean(&seat.log, "what went to and fro");
        }
    }
}

#[test]
fn nobody_is_refused_a_thing_by_only_walking_through_the_program() {
    let (house, owner) = House::new();
    customer(&owner);
    for role in RoleName::ALL {
        let person = house.staff(&owner, *role);
        Seat::new(&person, (80, 24)).press("f2 f3 f4 f6 f9 f3");
    }
    let mut request = AuditRequest { limit: 500, ..AuditRequest::default() };
    request.filter.outcome = Some(veilbook::domain::audit::Outcome::Refused);
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    let refused: Vec<(&str, &str)> =
        page.rows.iter().map(|row| (row.actor.as_str(), row.entry.what.action.as_str())).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn a_revealed_value_shows_in_its_frame_alone_and_goes_with_esc_the_lock_and_time() {
    let (house, owner) = House::new();
    customer(&owner);
    type Hide = fn(&mut Seat<'_>);
    let ways: [(&str, Hide); 5] = [
        ("esc", |seat| _ = seat.press("esc")),
        ("the lock", |seat| _ = seat.press("L")),
        ("time", |seat| _ = seat.wait(60)),
        ("another screen", |seat| _ = seat.press("f4")),
        ("another record", |seat| _ = seat.press("esc esc")),
    ];
    for size in [(80, 24), (160, 50)] {
        for (name, hide) in ways {
            let mut seat = Seat::new(&owner, size);
            seat.now = house.clock.now();
            seat.press("f3 enter r 1 enter");
            let screen = seat.screen();
            assert!(squeezed(&screen).contains("13987654321"), "{screen}");
            clean(&seat.debug(), "the program's Debug while a value is in sight");
            clean(&seat.log, "what went to and fro");
            hide(&mut seat);
            clean(&seat.screen(), name);
            seat.press("f2 f3");
            clean(&seat.screen(), name);
        }
    }
}

#[test]
fn the_command_line_prints_no_value_without_a_grant_and_one_with_it() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    owner.end();
    drop(owner);
    house.gate.seal();
    let secret = house.folder.path().join("pass");
    std::fs::write(&secret, PASSPHRASE).unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let id = id.to_string();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
        command.arg("--vault").arg(house.gate.path()).args(["--as", "Olga", "--passphrase-file"]).arg(&secret);
        let ran = command.args(arguments).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
    };
    for arguments in [
        &["customers"][..],
        &["customers", "--json"],
        &["customers", "13987654321"],
        &["customers", "quetzalcoatl@canary.example", "--json"],
        &["show", &id],
        &["show", &id, "--json"],
        &["audit", "list"],
        &["audit", "list", "--json"],
        &["audit", "verify"],
        &["follow-ups", "--json"],
        &["fields", "--json"],
        &["reveal", &id, "mobile", "--reason", "other", "--text", "."],
        &["doctor"],
    ] {
        let said = run(arguments);
        assert!(!said.is_empty() || arguments[0] == "follow-ups", "{arguments:?}");
        clean(&said.replace("13987654321", "").replace("quetzalcoatl@canary.example", ""), &arguments.join(" "));
    }
    assert!(run(&["show", &id]).contains("139****4321"));
    let said = run(&["reveal", &id, "mobile", "--reason", "callback"]);
    assert!(squeezed(&said).contains("13987654321"), "{said}");
}

/// The vault's file after work, shut.
fn file_after_work() -> (House, Vec<u8>) {
    let (house, owner) = House::new();
    customer(&owner);
    for n in 0..300 {
        add(
            &owner,
            &format!("Nightingale {n}"),
            vec![set("company", "晨光 Trading"), Change::Tags(vec!["vip".into()])],
        );
    }
    let support = house.staff(&owner, RoleName::Support);
    support.end();
    owner.end();
    drop((owner, support));
    house.gate.seal();
    let bytes = std::fs::read(house.gate.path()).unwrap();
    (house, bytes)
}

#[test]
fn the_file_holds_no_name_number_table_or_label() {
    let (_house, bytes) = file_after_work();
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let mut found: Vec<&str> = CANARIES.iter().map(|(_, value, _)| *value).filter(|value| has(value)).collect();
    let words = [
        "Nightingale",
        "张三丰",
        "晨光",
        "Olga",
        "olga",
        "support",
        "customers",
        "follow_ups",
        "interactions",
        "leaves",
        "staff",
        "Mobile",
        "手机",
        "resident_id",
        "mobile",
        "customer.add",
        "redb",
        "owner",
        "138****",
        "Argon",
    ];
    found.extend(words.into_iter().filter(|word| has(word)));
    assert!(found.is_empty(), "{found:?}");
    assert!(has("VEILBOOK"), "the one word that is documented to stand there");
}

/// How far the bytes are from being evenly spread: about 256 for random ones, with a deviation of 23.
fn chi_square(bytes: &[u8]) -> f64 {
    let mut histogram = [0_u32; 256];
    bytes.iter().for_each(|byte| histogram[usize::from(*byte)] += 1);
    let expected = bytes.len() as f64 / 256.0;
    histogram.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum()
}

#[test]
fn the_file_looks_random_outside_the_documented_plain_parts() {
    let (_house, bytes) = file_after_work();
    let region = usize::try_from(SUPERBLOCK_REGION).unwrap();
    let page = 4096;
    // Of each superblock copy the first page has the plain head; the slots follow.
    for copy in [0, region / 2] {
        let slots = &bytes[copy + page..copy + page + 100 * 1024];
        assert!(chi_square(slots) < 400.0, "slots of the copy at {copy}: {}", chi_square(slots));
    }
    let ring = region + 2 * page;
    let groups = ring + (1 << 20) + 2 * page;
    // A header: 8 plain bytes of its epoch, then ciphertext to its end.
    for header in [region, region + page] {
        assert!(bytes[header + 8..header + 512].iter().filter(|byte| **byte == 0).count() < 16, "header at {header}");
    }
    let mut data = Vec::new();
    for (number, block) in bytes[groups..].chunks(page).enumerate() {
        // Two tag pages lead each group of 102; they begin with 8 plain bytes and end with entries not yet used.
        if number % 102 < 2 {
            continue;
        }
        assert!(chi_square(block) < 450.0, "page {number} behind the ring: {}", chi_square(block));
        data.extend_from_slice(block);
    }
    assert!(data.len() > 100 * page && chi_square(&data) < 400.0, "{} bytes: {}", data.len(), chi_square(&data));
    // What compresses is not random: no two blocks are alike.
    let mut blocks: Vec<&[u8]> = data.chunks(16).collect();
    let all = blocks.len();
    blocks.sort_unstable();
    blocks.dedup();
    assert_eq!(blocks.len(), all, "two runs of 16 bytes are alike");
}

#[test]
fn who_holds_neither_key_of_a_class_cannot_open_or_confirm_a_value_even_with_the_tables_in_hand() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    for field in ["mobile", "bank_card"] {
        owner.perform(Action::Reveal(id, key(field), callback())).unwrap();
        owner.perform(Action::Verify(id, key(field), words("13987654321"))).unwrap();
    }
    let auditor = house.staff(&owner, RoleName::Auditor);
    let (owner_id, auditor_id) = (owner.staff(), auditor.staff());
    drop((owner, auditor));
    house.gate.seal();

    let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(house.gate.path()).unwrap());
    let (superblock, _) = Superblock::read(&*disk).unwrap();
    let unlocked = superblock.unlock("auditor person", &Passphrase::attempt(PASSPHRASE).unwrap()).unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
    let tables = opening::open(&disk, &superblock, &unlocked.root, &entropy).unwrap();
    let from = tables.read().unwrap();
    let vault = tables.id();

    for name in KeyName::ALL {
        assert!(staff::grant(&from, auditor_id, name.byte()).unwrap().is_none(), "a grant to the auditor");
        let bytes = staff::grant(&from, owner_id, name.byte()).unwrap().unwrap();
        let grant = Grant::from_bytes(&bytes).unwrap();
        assert!(grant.open(&vault, &unlocked.user, grant.granter()).is_err(), "the owner's grant opens to the auditor");
    }
    // Every 32 bytes that lie anywhere in the tables, tried as the class key and as the blind key.
    let mut material: Vec<[u8; 32]> = Vec::new();
    for table in [Table::Meta, Table::StaffKeys, Table::Grants, Table::Texts, Table::Leaves, Table::Nodes] {
        from.visit_prefix(table, &[], Way::Up, &mut |_, value| {
            material.extend(value.windows(32).filter_map(|window| <[u8; 32]>::try_from(window).ok()));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    material.push(*unlocked.root.derive("file", &vault, &[]));
    let stored = customers::get(&from, id).unwrap().unwrap();
    let (mut opened, mut confirmed) = (0, 0);
    for (field, value, class, kind) in [
        ("mobile", "+8613987654321", FieldClass::Contact, TokenKind::Phone),
        ("bank_card", "6222027539184608", FieldClass::Sensitive, TokenKind::Whole),
    ] {
        let Some(Stored::Sealed { sealed, tokens, .. }) = stored.field(&key(field)) else { panic!("not sealed") };
        let place = || Place { vault, field, class };
        // One in eight keeps the test quick; every single value of Meta is among those tried in full.
        for bytes in material.iter().step_by(8) {
            opened += usize::from(ClassSecret::from_bytes(*bytes).open(place(), sealed).is_ok());
        }
        for bytes in &material {
            let token = BlindKey::from_bytes(*bytes).token(kind, field, value);
            confirmed += usize::from(tokens.iter().any(|t| t.token == token));
        }
        from.visit_prefix(Table::Meta, &[], Way::Up, &mut |_, value| {
            if let Ok(bytes) = <[u8; 32]>::try_from(value) {
                opened += usize::from(ClassSecret::from_bytes(bytes).open(place(), sealed).is_ok());
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    assert_eq!((opened, confirmed), (0, 0));
    // Nor does the record confirm a guess: its fingerprints of shown values are not made of the value alone.
    let audit = from.get(Table::Meta, b"audit key").unwrap().unwrap();
    let audit = veilbook::vault::keyring::ValueKey::from_bytes(audit.try_into().unwrap());
    for (field, guess) in [("mobile", "+8613987654321"), ("bank_card", "6222027539184608")] {
        let fingerprint = audit.hash(field, guess);
        for table in [Table::Leaves, Table::Texts] {
            from.visit_prefix(table, &[], Way::Up, &mut |_, value| {
                assert!(!value.windows(32).any(|w| w == fingerprint), "the record confirms a guess of {field}");
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        }
    }
}

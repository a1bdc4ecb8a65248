//! Signing in with a second factor, being asked for a fresh code, and the limits of a session.

use std::process::Command;

use veilbook::app::effect::Effect;
use veilbook::app::env::Env;
use veilbook::app::i18n::Words;
use veilbook::app::key::Key;
use veilbook::app::keymap::Keymap;
use veilbook::app::model::Start;
use veilbook::app::msg::{EntryFault, Msg};
use veilbook::app::program::App;
use veilbook::app::theme::Theme;
use veilbook::clock::{Clock, Timestamp};
use veilbook::domain::audit::{Origin, Outcome};
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::domain::staff::LoginName;
use veilbook::service::refusal::FactorProblem;
use veilbook::service::view::AlertKind;
use veilbook::service::{
    Action, AuditRequest, Caller, Done, Entered, GateError, Pending, Query, Refusal, Session, Source, View,
};
use zeroize::Zeroizing;

use crate::house::{House, NOON, PASSPHRASE, verbs};
use crate::phone;
use crate::seat::Seat;

fn typed(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Enrols a phone; gives its secret and the recovery codes.
fn enrol(house: &House, session: &Session) -> (String, Vec<Zeroizing<String>>) {
    let Ok(Done::FactorOffer(offer)) = session.perform(Action::OfferFactor) else { panic!("no offer") };
    let code = phone::code(&offer.secret, house.clock.now());
    let Ok(Done::FactorCodes(codes)) = session.perform(Action::ConfirmFactor(typed(&code))) else { panic!("no codes") };
    (offer.secret.to_string(), codes)
}

fn pending(house: &House, name: &str) -> Box<Pending> {
    match house.gate.enter(name, PASSPHRASE, Origin::Screen) {
        Ok(Entered::NeedsCode(pending)) => pending,
        other => panic!("no code was asked for: {other:?}"),
    }
}

fn sign_in(house: &House, name: &str, code: &str) -> Result<Session, GateError> {
    house.gate.give_code(&mut pending(house, name), code)
}

fn problem<T>(result: Result<T, GateError>) -> FactorProblem {
    match result {
        Err(GateError::Factor(problem)) => problem,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nobody was refused"),
    }
}

fn with_phone() -> (House, String, Vec<Zeroizing<String>>) {
    let (house, owner) = House::new();
    let (secret, codes) = enrol(&house, &owner);
    owner.end();
    drop(owner);
    house.gate.seal();
    house.clock.advance(60);
    (house, secret, codes)
}

#[test]
fn who_has_a_phone_has_no_session_before_its_code_was_right() {
    let (house, secret, _) = with_phone();
    assert!(matches!(house.gate.login("olga", PASSPHRASE, Origin::Screen), Err(GateError::CodeNeeded)));
    let mut waiting = pending(&house, "olga");
    assert_eq!(problem(house.gate.give_code(&mut waiting, "000000")), FactorProblem::Wrong { wait_seconds: 0 });
    let owner = house.gate.give_code(&mut waiting, &phone::code(&secret, house.clock.now())).unwrap();
    assert!(owner.query(Query::Today).is_ok());
    let on_record = verbs(&owner);
    let tail = &on_record[on_record.len() - 3..];
    assert_eq!(tail, ["session.code", "session.code", "session.begin"]);
    assert!(matches!(house.gate.give_code(&mut waiting, "000000"), Err(GateError::CodeLate)));
}

#[test]
fn a_code_is_refused_in_its_own_step_again_and_before_the_last_one_and_taken_in_the_next() {
    let (house, secret, _) = with_phone();
    let now = house.clock.now();
    sign_in(&house, "olga", &phone::code(&secret, now)).unwrap().end();
    assert_eq!(problem(sign_in(&house, "olga", &phone::code(&secret, now))), FactorProblem::Used);
    assert_eq!(problem(sign_in(&house, "olga", &phone::code(&secret, now.plus_seconds(-30)))), FactorProblem::Used);
    house.clock.advance(30);
    assert_eq!(problem(sign_in(&house, "olga", &phone::code(&secret, now))), FactorProblem::Used);
    sign_in(&house, "olga", &phone::code(&secret, now.plus_seconds(30))).unwrap();
}

#[test]
fn of_two_who_give_one_code_at_once_one_comes_in() {
    let (house, secret, _) = with_phone();
    let code = phone::code(&secret, house.clock.now());
    let (first, second) = (pending(&house, "olga"), pending(&house, "olga"));
    let came_in: Vec<bool> = std::thread::scope(|scope| {
        let give = |mut pending: Box<Pending>| {
            let (house, code) = (&house, &code);
            scope.spawn(move || house.gate.give_code(&mut pending, code).is_ok())
        };
        [give(first), give(second)].map(|thread| thread.join().unwrap()).to_vec()
    });
    assert_eq!(came_in.iter().filter(|came_in| **came_in).count(), 1);
}

#[test]
fn two_who_sign_in_at_once_at_a_sealed_vault_both_come_in() {
    let (house, owner) = House::new();
    drop(owner);
    house.gate.seal();
    let errors: Vec<_> = std::thread::scope(|scope| {
        let enter = || scope.spawn(|| house.gate.login("olga", PASSPHRASE, Origin::Screen).err());
        [enter(), enter(), enter()].map(|thread| thread.join().unwrap()).into_iter().flatten().collect()
    });
    assert_eq!(errors, []);
}

#[test]
fn a_clock_in_1969_or_a_day_ahead_takes_no_code_of_the_phone_and_a_recovery_code_still_opens() {
    let (house, secret, codes) = with_phone();
    let right = house.clock.now();
    for (seconds, code) in
        [(-right.0 / 1000 - 31_536_000, &codes[0]), (31_536_000 + right.0 / 1000 + 86_400, &codes[1])]
    {
        house.clock.advance(seconds);
        let wrong = problem(sign_in(&house, "olga", &phone::code(&secret, right)));
        assert!(matches!(wrong, FactorProblem::Wrong { .. }));
        sign_in(&house, "olga", code).unwrap().end();
    }
    // Set right again, the phone works as before: nothing was accepted from a day ahead.
    house.clock.advance(-86_400);
    sign_in(&house, "olga", &phone::code(&secret, house.clock.now())).unwrap();
}

#[test]
fn a_recovery_code_stands_for_the_phone_once() {
    let (house, _, codes) = with_phone();
    assert_eq!(codes.len(), 10);
    let owner = sign_in(&house, "olga", &codes[3].to_lowercase()).unwrap();
    let Ok(View::Me(me)) = owner.query(Query::Me) else { panic!("nobody") };
    assert_eq!((me.factor.codes_left, me.factor.since), (9, Some(NOON)));
    assert!(verbs(&owner).contains(&"factor.recovery".to_owned()));
    owner.end();
    assert!(matches!(problem(sign_in(&house, "olga", &codes[3])), FactorProblem::Wrong { .. }));
    sign_in(&house, "olga", &codes[4]).unwrap().end();
}

#[test]
fn wrong_codes_are_made_to_wait_and_are_on_record_with_an_alert() {
    let (house, secret, _) = with_phone();
    let mut waits = Vec::new();
    for _ in 0..5 {
        let FactorProblem::Wrong { wait_seconds } = problem(sign_in(&house, "olga", "123456")) else {
            panic!("not wrong")
        };
        waits.push(wait_seconds);
    }
    assert_eq!(waits, [0, 0, 0, 1, 1]);
    house.clock.advance(60);
    let owner = sign_in(&house, "olga", &phone::code(&secret, house.clock.now())).unwrap();
    let mut request = AuditRequest { limit: 20, ..AuditRequest::default() };
    request.filter.action = "session.code".into();
    request.filter.outcome = Some(Outcome::Refused);
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    assert_eq!(page.rows.len(), 4);
    assert!(page.rows.iter().all(|row| row.entry.what.actor == Some(owner.staff())));
    let Ok(View::Today(today)) = owner.query(Query::Today) else { panic!("no today") };
    assert!(today.alerts.iter().any(|alert| alert.kind == AlertKind::WrongCodes));
}

#[test]
fn a_code_that_is_not_given_is_forgotten_and_holds_nothing() {
    let (house, secret, _) = with_phone();
    let mut late = pending(&house, "olga");
    house.clock.advance(301);
    assert!(late.is_late());
    let code = phone::code(&secret, house.clock.now());
    assert!(matches!(house.gate.give_code(&mut late, &code), Err(GateError::CodeLate)));
    drop(late);
    // Who hangs up at the prompt leaves the file free for another process.
    drop(pending(&house, "olga"));
    let other = veilbook::service::Gate::new(house.gate.path().to_owned(), crate::house::deps(&house.clock, 9));
    assert!(matches!(other.enter("olga", PASSPHRASE, Origin::Screen), Ok(Entered::NeedsCode(_))));
}

#[test]
fn waits_are_the_same_for_a_name_that_exists_and_one_that_does_not() {
    let (house, owner) = House::new();
    drop(owner);
    let waits = |name: &str, uid: u32| -> Vec<u32> {
        let from = |n: u32| Caller { source: Source::Peer(uid + n), ..Origin::Screen.into() };
        let tries = (0..8).map(|n| match house.gate.login(name, "wrong and wrong again", from(n)) {
            Err(GateError::WrongNameOrPassphrase { wait_seconds }) => {
                house.clock.advance(i64::from(wait_seconds));
                wait_seconds
            }
            other => panic!("{other:?}"),
        });
        tries.collect()
    };
    assert_eq!(waits("olga", 1000), [0, 0, 0, 1, 2, 4, 8, 16]);
    assert_eq!(waits("nobody", 2000), [0, 0, 0, 1, 2, 4, 8, 16]);
    // Another name from another source does not wait with them.
    assert!(matches!(
        house.gate.login("somebody", PASSPHRASE, Caller { source: Source::Key([1; 32]), ..Origin::Screen.into() }),
        Err(GateError::WrongNameOrPassphrase { wait_seconds: 0 })
    ));
}

#[test]
fn one_who_floods_names_waits_for_the_flood_and_lets_others_in() {
    let (house, owner) = House::new();
    drop(owner);
    let flood = Caller { source: Source::Peer(666), ..Origin::Screen.into() };
    for n in 0..6 {
        let _ = house.gate.login(&format!("name {n}"), "wrong and wrong again", flood);
    }
    let refused = house.gate.login("olga", PASSPHRASE, flood);
    assert!(matches!(refused, Err(GateError::WrongNameOrPassphrase { wait_seconds: 1.. })));
    let other = Caller { source: Source::Peer(1000), ..Origin::Screen.into() };
    assert!(house.gate.login("olga", PASSPHRASE, other).is_ok());
}

#[test]
fn a_policy_that_demands_a_phone_lets_nobody_do_anything_before_it_is_enrolled() {
    let (house, owner) = House::new();
    owner.perform(Action::SetPolicy("second_factor".into(), "1".into())).unwrap();
    let newcomer = Action::AddStaff(LoginName::new("Newcomer").unwrap(), RoleName::Support);
    assert!(matches!(owner.perform(newcomer), Err(Refusal::Factor(FactorProblem::Owed))));
    for query in [Query::Today, Query::Staff, Query::Policy] {
        assert!(matches!(owner.query(query), Err(Refusal::Factor(FactorProblem::Owed))));
    }
    let back = owner.perform(Action::SetPolicy("second_factor".into(), "0".into()));
    assert!(matches!(back, Err(Refusal::Factor(FactorProblem::Owed))));
    let (_, _) = enrol(&house, &owner);
    assert!(owner.query(Query::Today).is_ok());
    assert!(matches!(owner.perform(Action::RemoveFactor), Err(Refusal::Factor(FactorProblem::Demanded))));
    let support = house.staff(&owner, RoleName::Support);
    assert!(support.query(Query::Me).is_ok());
    assert!(support.perform(Action::Undo).is_err_and(|refusal| matches!(refusal, Refusal::NothingToUndo)));
}

#[test]
fn what_the_table_marks_takes_a_fresh_code_of_whoever_has_a_phone_and_then_goes_on() {
    let (house, owner) = House::new();
    let newcomer = || Action::AddStaff(LoginName::new("Newcomer").unwrap(), RoleName::Support);
    let (secret, _) = enrol(&house, &owner);
    house.clock.advance(299);
    owner.perform(Action::SetPolicy("contact_seconds".into(), "30".into())).unwrap();
    house.clock.advance(2);
    let Err(Refusal::FreshCode(held)) = owner.perform(newcomer()) else { panic!("no code was asked for") };
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::NothingToUndo)), "other work goes on");
    let wrong = owner.perform(Action::GiveCode(typed("000000")));
    assert!(matches!(wrong, Err(Refusal::Factor(FactorProblem::Wrong { wait_seconds: 0 }))));
    owner.perform(Action::GiveCode(typed(&phone::code(&secret, house.clock.now())))).unwrap();
    assert!(matches!(owner.perform(held.action()), Ok(Done::SetupCode(..))));
    // A clock set back makes no old code fresh.
    house.clock.advance(-600);
    assert!(matches!(owner.perform(Action::ExportRecord), Err(Refusal::FreshCode(_))));
}

#[test]
fn an_owner_resets_somebodys_phone_on_record_and_with_an_alert_and_nobody_else_does() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let administrator = house.staff(&owner, RoleName::Administrator);
    enrol(&house, &support);
    let whom = support.staff();
    assert!(matches!(administrator.perform(Action::ResetFactor(whom)), Err(Refusal::NotPermitted { .. })));
    let own = owner.perform(Action::ResetFactor(owner.staff()));
    assert!(matches!(own, Err(Refusal::Factor(FactorProblem::OnesOwn))));
    owner.perform(Action::ResetFactor(whom)).unwrap();
    assert!(house.gate.login("support person", PASSPHRASE, Origin::Screen).is_ok());
    let Ok(View::Today(today)) = owner.query(Query::Today) else { panic!("no today") };
    assert!(today.alerts.iter().any(|a| a.kind == AlertKind::FactorReset && a.about == "support person"));
}

#[test]
fn the_recovery_key_and_shutting_out_take_the_phone_away() {
    let (house, owner) = House::new();
    let Ok(Done::Recovery(offer)) = owner.perform(Action::OfferRecovery) else { panic!("no key") };
    let words: Vec<&str> = offer.words.split(' ').collect();
    let asked = offer.ask.iter().map(|n| (*n, typed(words[usize::from(*n) - 1])));
    owner.perform(Action::ConfirmRecovery(asked.collect())).unwrap();
    enrol(&house, &owner);
    drop(owner);
    let next = "another lake at another dawn";
    house.gate.recover(&offer.words, "olga", next, Origin::Screen).unwrap().end();
    assert!(house.gate.login("olga", next, Origin::Screen).is_ok());
}

#[test]
fn a_session_ends_after_its_limit_whatever_is_done_in_it() {
    let (house, owner) = House::new();
    for _ in 0..12 {
        house.clock.advance(3_600);
        assert!(owner.query(Query::Me).is_ok());
    }
    house.clock.advance(60);
    assert!(matches!(owner.query(Query::Me), Err(Refusal::SessionLimit)));
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::SessionLimit)));
    house.clock.advance(-7_200);
    assert!(matches!(owner.query(Query::Me), Err(Refusal::SessionLimit)), "a clock set back brings nothing back");
    let again = house.again();
    assert_eq!(verbs(&again).iter().filter(|verb| *verb == "session.end").count(), 1);
}

#[test]
fn a_session_that_was_told_of_keys_ends_when_none_come() {
    let (house, owner) = House::new();
    owner.active();
    house.clock.advance(15 * 60 + 59);
    assert!(owner.query(Query::Me).is_ok());
    house.clock.advance(1);
    owner.active();
    assert!(matches!(owner.query(Query::Me), Err(Refusal::SessionIdle)), "a late key brings nothing back");
}

#[test]
fn whoever_is_shut_out_while_at_work_is_told_so_at_the_door() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let mut seat = Seat::new(&support, (80, 24));
    owner.perform(Action::DisableStaff(support.staff())).unwrap();
    seat.press("f2");
    let screen = seat.screen();
    assert!(screen.contains("Unlock") && screen.contains("Your access was ended"), "{screen}");
}

#[test]
fn the_screen_locks_by_itself_at_the_limit_and_says_why() {
    let (_house, owner) = House::new();
    let mut seat = Seat::new(&owner, (80, 24));
    for _ in 1..12 * 5 {
        seat.wait(12 * 60).press("f2");
    }
    let screen = seat.wait(12 * 60).screen();
    assert!(screen.contains("has lasted as long"), "{screen}");
    assert!(seat.log.contains("Active"));
}

#[test]
fn a_phone_is_enrolled_by_keys_within_80_by_24_and_its_codes_are_shown_once() {
    let (house, owner) = House::new();
    let mut seat = Seat::new(&owner, (80, 24));
    seat.press(", f").press("enter");
    let screen = seat.screen();
    assert!(screen.contains("otpauth://totp/veilbook:Olga?secret="), "{screen}");
    assert_eq!(screen.lines().filter(|line| line.starts_with(['█', '▀'])).count(), 19, "{screen}");
    let joined: String =
        screen.lines().map(|line| line.chars().skip(39).collect::<String>().trim().to_owned()).collect();
    let secret = joined.split("secret=").nth(1).unwrap()[..32].to_owned();
    let typed_keys: Vec<String> = phone::code(&secret, house.clock.now()).chars().map(String::from).collect();
    seat.press(&typed_keys.join(" ")).press("enter");
    let screen = seat.screen();
    assert!(screen.contains("Ten recovery codes"), "{screen}");
    let codes: Vec<&str> = screen.split_whitespace().filter(|word| word.len() == 19 && word.contains('-')).collect();
    assert_eq!(codes.len(), 10, "{screen}");
    let one = codes[0].to_owned();
    seat.press("esc");
    assert!(seat.screen().contains(&one), "Esc does not lose them");
    seat.press("enter");
    assert!(!seat.screen().contains(&one));
    assert!(!seat.log.contains(&secret) && !seat.log.contains(&one) && !seat.debug().contains(&one));
    seat.press(", f");
    assert!(seat.screen().contains("Recovery codes left: 10"), "{}", seat.screen());
}

#[test]
fn a_narrow_screen_shows_the_secret_to_be_typed() {
    let (_house, owner) = House::new();
    let mut seat = Seat::new(&owner, (60, 20));
    seat.press(", f").press("enter");
    let screen = seat.screen();
    assert!(screen.contains("Type this secret") && screen.contains("otpauth://"), "{screen}");
    assert!(!screen.contains('█'));
}

#[test]
fn a_fresh_code_is_asked_for_in_a_prompt_and_what_was_asked_goes_on() {
    let (house, owner) = House::new();
    let (secret, _) = enrol(&house, &owner);
    house.clock.advance(600);
    let mut seat = Seat::new(&owner, (80, 24));
    seat.now = house.clock.now();
    seat.press("f9 n n e w c o m e r enter");
    if !seat.screen().contains("A fresh code") {
        seat.press("ctrl-s");
    }
    let screen = seat.screen();
    assert!(screen.contains("A fresh code"), "{screen}");
    seat.press("0 0 0 0 0 0 enter");
    assert!(seat.screen().contains("The code is wrong"), "{}", seat.screen());
    let keys: Vec<String> = phone::code(&secret, house.clock.now()).chars().map(String::from).collect();
    seat.press(&keys.join(" ")).press("enter");
    let screen = seat.screen();
    assert!(screen.contains("ewcomer") && !screen.contains("A fresh code"), "{screen}");
    assert!(seat.log.contains("SetupCode"), "what was asked went on");
}

#[test]
fn leaving_the_prompt_leaves_it_undone_and_the_form_as_it_was() {
    let (house, owner) = House::new();
    enrol(&house, &owner);
    house.clock.advance(600);
    let mut seat = Seat::new(&owner, (80, 24));
    seat.now = house.clock.now();
    seat.press("f9 n n e w c o m e r enter");
    if !seat.screen().contains("A fresh code") {
        seat.press("ctrl-s");
    }
    seat.press("esc");
    let screen = seat.screen();
    assert!(screen.contains("no code was given") && screen.contains("ewcomer"), "{screen}");
}

fn door(now: Timestamp) -> App {
    let keymap = Keymap::shipped("arrows").unwrap();
    let offset = chrono::FixedOffset::east_opt(8 * 3_600).unwrap();
    let env = Env::new(now, offset, Words::new(Lang::En), Theme::Dark, keymap);
    App::new(env, Start::Unlock, "olga").0
}

fn picture(app: &mut App) -> String {
    let area = ratatui::layout::Rect::new(0, 0, 80, 24);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    app.draw(&mut buffer);
    let lines = buffer.content().chunks(80).map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let mut out = Vec::new();
    for key in keys.split(' ') {
        let key: Key = key.parse().unwrap_or_else(|_| panic!("{key}"));
        out.extend(app.input(NOON, Msg::Key(key)));
    }
    out
}

#[test]
fn the_unlock_screen_asks_for_the_code_as_a_second_step() {
    let mut app = door(NOON);
    let effects = press(&mut app, "s e c r e t enter");
    assert!(matches!(effects[..], [Effect::SignIn { .. }]));
    app.input(NOON, Msg::Entry(Err(EntryFault::CodeNeeded)));
    let screen = picture(&mut app);
    assert!(screen.contains("Second step") && screen.contains("six digits"), "{screen}");
    let effects = press(&mut app, "1 2 3 4 5 6 enter");
    assert!(matches!(&effects[..], [Effect::Code(code)] if **code == "123456"));
    assert!(!format!("{effects:?}").contains("123456"));
    app.input(NOON, Msg::Entry(Err(EntryFault::Factor(FactorProblem::Wrong { wait_seconds: 8 }))));
    let screen = picture(&mut app);
    assert!(screen.contains("heard in 8 s"), "{screen}");
    assert!(press(&mut app, "1 2 3 4 5 6 enter").is_empty(), "it waits");
    let effects = press(&mut app, "esc");
    assert!(matches!(effects[..], [Effect::Lock]), "what was unlocked is let go of");
    assert!(picture(&mut app).contains("Passphrase"));
}

#[test]
fn a_code_that_came_too_late_leads_back_to_the_passphrase() {
    let mut app = door(NOON);
    press(&mut app, "s e c r e t enter");
    app.input(NOON, Msg::Entry(Err(EntryFault::CodeNeeded)));
    press(&mut app, "1 2 3 4 5 6 enter");
    app.input(NOON, Msg::Entry(Err(EntryFault::CodeLate)));
    let screen = picture(&mut app);
    assert!(screen.contains("too late") && screen.contains("Passphrase"), "{screen}");
}

#[test]
fn the_codes_are_those_that_oathtool_shows() {
    if Command::new("oathtool").arg("--version").output().is_err() {
        eprintln!("left out: oathtool is not installed");
        return;
    }
    let (house, owner) = House::new();
    let Ok(Done::FactorOffer(offer)) = owner.perform(Action::OfferFactor) else { panic!("no offer") };
    let shown = |secret: &str, at: Timestamp| {
        let now = at.utc().format("--now=%Y-%m-%d %H:%M:%S UTC").to_string();
        let ran = Command::new("oathtool").args(["--totp", "--base32", &now, secret]).output().unwrap();
        String::from_utf8(ran.stdout).unwrap().trim().to_owned()
    };
    let code = shown(&offer.secret, house.clock.now());
    assert_eq!(code.len(), 6);
    owner.perform(Action::ConfirmFactor(typed(&code))).unwrap();
    owner.end();
    drop(owner);
    for drift in [30, 60 - 30, 90 + 30] {
        house.clock.advance(60);
        let code = shown(&offer.secret, house.clock.now().plus_seconds(if drift > 100 { -30 } else { 0 }));
        sign_in(&house, "olga", &code).unwrap().end();
    }
}

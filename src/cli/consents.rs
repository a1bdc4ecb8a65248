//! `veilbook consents`: list, give, refuse, withdraw, purposes, wording.
//!
//! **Invariant:** what a customer said is read by opening the customer, which is on record as on the screens.

use serde::Serialize;

use super::args::{Consents, ConsentsSay, ConsentsWording};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::consent::{Asking, Consent, ConsentDraft, ConsentState, Purpose, UNKNOWN_WORDING, Wording, said_on};
use crate::domain::field::Lang;
use crate::domain::id::CustomerId;
use crate::service::view::{Asked, ConsentAction, ConsentRow, ConsentSaid, PurposeRow};
use crate::service::{Action, Done, Query, View};
use crate::text::Printable;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Consents) -> Ended {
    match args {
        Consents::List { customer, history, json } => {
            let which = if *history { Which::All } else { Which::Present };
            list(desk, *customer, which, *json)
        }
        Consents::Give(args) => say(desk, args, ConsentState::Given),
        Consents::Refuse(args) => say(desk, args, ConsentState::Refused),
        Consents::Withdraw(args) => say(desk, args, ConsentState::Withdrawn),
        Consents::Purposes { json } => purposes(desk, *json),
        Consents::Wording(args) => wording(desk, args),
    }
}

/// Which of what was said is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Present,
    All,
}

/// What was said, as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    customer: u64,
    purpose: &'static str,
    state: Option<&'static str>,
    at: Option<String>,
    how: Option<&'static str>,
    said_by: Option<&'static str>,
    version: Option<u32>,
    ask_again: bool,
    by: Option<&'a str>,
    note: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(customer: CustomerId, row: &ConsentRow, said: Option<&'a ConsentSaid>) -> Self {
        let consent = said.map(|said| &said.consent);
        Self {
            customer: customer.0,
            purpose: row.purpose.code(),
            state: consent.map(|c| c.state.code()),
            at: consent.map(|c| c.at.rfc3339()),
            how: consent.map(|c| c.how.code()),
            said_by: consent.map(|c| c.speaker.code()),
            version: consent.map(|c| c.version).filter(|version| *version != UNKNOWN_WORDING),
            ask_again: row.asked == Asked::Older && consent == row.now.as_ref().map(|now| &now.consent),
            by: said.map(|said| said.by.as_str()),
            note: consent.map(|c| c.note.as_str()).filter(|note| !note.is_empty()),
        }
    }
}

fn list(desk: &mut Desk<'_, '_>, id: CustomerId, which: Which, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let rows = of(signed, id)?;
        let mut table = Table::new(
            &desk.words,
            &["col-purpose", "col-state", "col-since", "col-how", "col-version", "col-who", "col-note"],
        );
        for row in &rows {
            let said: Vec<Option<&ConsentSaid>> = match which {
                Which::All if !row.history.is_empty() => row.history.iter().map(Some).collect(),
                _ => vec![row.now.as_ref()],
            };
            for said in said {
                if json {
                    desk.print_json(&Row::of(id, row, said))?;
                } else {
                    let consent = said.map(|said| &said.consent);
                    table.row(cells(desk, row, consent, said.map(|said| said.by.as_str())));
                }
            }
        }
        if !json {
            desk.print_table(&table)?;
        }
        Ok(Exit::Done)
    })
}

fn cells(desk: &Desk<'_, '_>, row: &ConsentRow, consent: Option<&Consent>, by: Option<&str>) -> Vec<String> {
    let purpose = desk.code("consent-purpose", row.purpose.code());
    let state = state_text(desk, consent.map(|c| c.state));
    let mut note = consent.map(|c| Printable::line(c.note.as_str()).into_string()).unwrap_or_default();
    if row.asked == Asked::Older && consent == row.now.as_ref().map(|now| &now.consent) {
        note = [desk.words.t("consent-older"), note].join(" ").trim().to_owned();
    }
    vec![
        purpose,
        state,
        consent.map(|c| desk.moment(c.at)).unwrap_or_default(),
        consent.map(|c| desk.code("consent-how", c.how.code())).unwrap_or_default(),
        consent.map(|c| version(desk, c.version)).unwrap_or_default(),
        by.unwrap_or_default().to_owned(),
        note,
    ]
}

fn version(desk: &Desk<'_, '_>, version: u32) -> String {
    if version == UNKNOWN_WORDING { desk.words.t("wording-unknown") } else { version.to_string() }
}

fn state_text(desk: &Desk<'_, '_>, state: Option<ConsentState>) -> String {
    state.map_or_else(|| desk.words.t("cli-consent-unknown"), |state| desk.code("consent-state", state.code()))
}

fn of(signed: &Signed, id: CustomerId) -> Result<Vec<ConsentRow>, Trouble> {
    let what = format!("list the consents of customer {id}");
    match signed.session().perform(Action::OpenCustomer(id)).map_err(refused(&what))? {
        Done::Customer(detail) => Ok(detail.consents),
        _ => Err(unexpected(&what)),
    }
}

fn say(desk: &mut Desk<'_, '_>, args: &ConsentsSay, state: ConsentState) -> Ended {
    let clock = &desk.env.deps.clock;
    let now = clock.now();
    let at = match &args.on {
        None => None,
        Some(text) => Some(said_on(text, now, clock.offset(now)).ok_or_else(|| {
            Trouble::usage(
                "cannot read --on: a day that is over is needed",
                "Write it as in 2026-11-20 or \"yesterday\"",
            )
        })?),
    };
    let purpose = args.purpose.0;
    let draft = ConsentDraft {
        purpose,
        state,
        how: args.how.0,
        speaker: args.by.0,
        at,
        note: Printable::line(args.note.as_deref().unwrap_or_default().trim()),
    };
    desk.signed_in(|desk, signed| {
        let what = format!("put down a consent of customer {}", args.customer);
        let action = Action::Consent(ConsentAction::Say(args.customer, draft));
        let Done::Consent(counts) = signed.session().perform(action).map_err(refused(&what))? else {
            return Err(unexpected(&what));
        };
        let (purpose, state) = (desk.code("consent-purpose", purpose.code()), state_text(desk, Some(counts)));
        desk.told("cli-consent-now", &[("id", &args.customer), ("purpose", &purpose), ("state", &state)])?;
        Ok(Exit::Done)
    })
}

/// A version of a wording, as scripts read it.
#[derive(Serialize)]
struct Words<'a> {
    purpose: &'static str,
    separate_consent_article: Option<u8>,
    version: u32,
    in_force: bool,
    since: Option<String>,
    by: Option<&'a str>,
    en: &'a str,
    zh: &'a str,
}

impl<'a> Words<'a> {
    fn of(row: &'a PurposeRow, wording: &'a Wording, by: &'a str) -> Self {
        let [en, zh] = &wording.texts;
        Self {
            purpose: row.purpose.code(),
            separate_consent_article: match row.purpose.asking() {
                Asking::Together => None,
                Asking::Separate(article) => Some(article),
            },
            version: wording.version,
            in_force: row.current().is_some_and(|now| now.version == wording.version),
            since: wording.since.map(|at| at.rfc3339()),
            by: Some(by).filter(|by| !by.is_empty()),
            en: en.as_str(),
            zh: zh.as_str(),
        }
    }
}

fn rows(signed: &Signed) -> Result<Vec<PurposeRow>, Trouble> {
    let what = "list the purposes";
    match signed.session().query(Query::Purposes).map_err(refused(what))? {
        View::Purposes(rows) => Ok(rows),
        _ => Err(unexpected(what)),
    }
}

fn purposes(desk: &mut Desk<'_, '_>, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let rows = rows(signed)?;
        let mut table = Table::new(&desk.words, &["col-purpose", "col-name", "col-version", "col-wording"]);
        for row in &rows {
            if json {
                let versions = row.wordings.iter().zip(&row.by);
                versions.map(|(w, by)| Words::of(row, w, by)).try_for_each(|words| desk.print_json(&words))?;
            } else if let Some(now) = row.current() {
                let name = desk.code("consent-purpose", row.purpose.code());
                let text = Printable::line(text_of(desk, now)).into_string();
                table.row(vec![row.purpose.code().to_owned(), name, now.version.to_string(), text]);
            }
        }
        if !json {
            desk.print_table(&table)?;
        }
        Ok(Exit::Done)
    })
}

fn text_of<'w>(desk: &Desk<'_, '_>, wording: &'w Wording) -> &'w str {
    let [english, chinese] = &wording.texts;
    let (own, other) = if desk.words.lang == Lang::ZhCn { (chinese, english) } else { (english, chinese) };
    if own.is_empty() { other.as_str() } else { own.as_str() }
}

fn wording(desk: &mut Desk<'_, '_>, args: &ConsentsWording) -> Ended {
    desk.signed_in(|desk, signed| {
        let purpose: Purpose = args.purpose.0;
        let row = one(signed, purpose)?;
        if args.en.is_none() && args.zh.is_none() {
            let wanted = match args.version {
                Some(version) => row.wordings.iter().find(|wording| wording.version == version),
                None => row.current(),
            };
            let wanted = wanted.ok_or_else(|| {
                Trouble::usage("there is no such version", "Run \"veilbook consents purposes --json\" to see them")
            })?;
            for text in wanted.texts.iter().filter(|text| !text.is_empty()) {
                desk.print(text.as_str())?;
            }
            return Ok(Exit::Done);
        }
        let based_on = row.current().map_or(1, |now| now.version);
        let texts = [&args.en, &args.zh].map(|text| Printable::lines(text.as_deref().unwrap_or_default().trim()));
        let action = Action::Consent(ConsentAction::Word(purpose, based_on, texts));
        signed.session().perform(action).map_err(refused("write the wording anew"))?;
        let version = one(signed, purpose)?.current().map_or(1, |now| now.version);
        desk.told("cli-wording-now", &[("version", &version)])?;
        Ok(Exit::Done)
    })
}

fn one(signed: &Signed, purpose: Purpose) -> Result<PurposeRow, Trouble> {
    rows(signed)?.into_iter().find(|row| row.purpose == purpose).ok_or_else(|| unexpected("read the wording"))
}

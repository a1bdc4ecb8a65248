//! What keys do with the purpose under the cursor, and how a consent looks on one line.
//!
//! **Invariant:** giving, refusing and withdrawing take one key and Enter each.

use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::form::consent::ConsentForm;
use crate::app::layer::paper::Paper;
use crate::app::theme::Ink;
use crate::app::wording;
use crate::domain::consent::{Asking, ConsentState, Purpose, Speaker, UNKNOWN_WORDING, Wording};
use crate::domain::field::Lang;
use crate::service::view::{Asked, ConsentHappening, ConsentRow, ConsentSaid, CustomerDetail};
use crate::text::{self, Printable};

/// The commands that need a purpose under the cursor.
pub const OF_ONE: [Cmd; 3] = [Cmd::GiveConsent, Cmd::RefuseConsent, Cmd::WithdrawConsent];

fn said(cmd: Cmd) -> ConsentState {
    match cmd {
        Cmd::RefuseConsent => ConsentState::Refused,
        Cmd::WithdrawConsent => ConsentState::Withdrawn,
        _ => ConsentState::Given,
    }
}

/// Why a command is not available on a purpose.
pub fn unavailable(cmd: Cmd, row: Option<&ConsentRow>) -> Option<&'static str> {
    match row {
        None => Some("why-no-purpose"),
        Some(row) if cmd == Cmd::WithdrawConsent && row.state() != Some(ConsentState::Given) => {
            Some("why-nothing-given")
        }
        Some(_) => None,
    }
}

/// Opens the form in which it is put down.
pub fn run(env: &mut Env, cmd: Cmd, customer: &CustomerDetail, row: &ConsentRow) {
    let form = ConsentForm::new(customer.profile.id, customer.name.text(), (row.purpose, said(cmd)));
    env.open(Box::new(form));
}

/// The words of a wording in the person's language, or in the other where it has none in that.
pub fn text_of<'w>(env: &Env, wording: &'w Wording) -> &'w str {
    let [english, chinese] = &wording.texts;
    let (own, other) = if env.words.lang == Lang::ZhCn { (chinese, english) } else { (english, chinese) };
    if own.is_empty() { other.as_str() } else { own.as_str() }
}

/// That the law wants a consent of its own for a purpose, where it does.
pub fn asking(env: &Env, purpose: Purpose) -> String {
    match purpose.asking() {
        Asking::Together => String::new(),
        Asking::Separate(article) => env.ta("consent-separate-short", &[("article", &article)]),
    }
}

/// The exact words that were agreed to, and all that was said about the purpose.
pub fn show(env: &mut Env, row: &ConsentRow) {
    let purpose = wording::code(env, "consent-purpose", row.purpose.code());
    let mut paper = Paper::new(purpose);
    if let Some(words) = &row.wording {
        let since = words.since.map(|at| wording::moment(env, at)).unwrap_or_else(|| env.t("wording-shipped"));
        let by = String::new();
        let head = env.ta("wording-version", &[("version", &words.version), ("since", &since), ("by", &by)]);
        paper = paper.with(head, Ink::Strong);
        let own = text_of(env, words);
        paper = paper.with(own.to_owned(), Ink::Plain);
        let others = words.texts.iter().filter(|text| !text.is_empty() && text.as_str() != own);
        for other in others {
            paper = paper.with(other.as_str().to_owned(), Ink::Dim);
        }
    }
    let separate = asking(env, row.purpose);
    if !separate.is_empty() {
        paper = paper.with(separate, Ink::Dim);
    }
    if row.asked == Asked::Older {
        paper = paper.with(env.t("consent-older-long"), Ink::Warn);
    }
    paper = paper.with(String::new(), Ink::Plain);
    for one in &row.history {
        paper = paper.with(history(env, one), Ink::Plain);
    }
    if row.history.is_empty() {
        paper = paper.with(env.t("consent-never-asked"), Ink::Dim);
    }
    env.open(Box::new(paper));
}

/// One thing that was said, with its note.
fn history(env: &Env, said: &ConsentSaid) -> String {
    let line = format!("{} {}", wording::moment(env, said.consent.at), told(env, said));
    let note = Printable::line(said.consent.note.as_str());
    if note.is_empty() { line } else { env.ta("said-of", &[("what", &line), ("said", &note)]) }
}

/// What was said, how, under which version, by whom, and who put it down.
fn told(env: &Env, said: &ConsentSaid) -> String {
    let consent = &said.consent;
    let mut parts = vec![
        wording::code(env, "consent-state", consent.state.code()),
        wording::code(env, "consent-how", consent.how.code()),
        version(env, consent.version),
    ];
    if consent.speaker == Speaker::Guardian {
        parts.push(wording::code(env, "consent-speaker", consent.speaker.code()));
    }
    parts.push(said.by.clone());
    parts.join(" · ")
}

/// Under which words, as far as anybody knows them.
fn version(env: &Env, version: u32) -> String {
    if version == UNKNOWN_WORDING { env.t("wording-unknown") } else { format!("v{version}") }
}

/// A purpose on one line: what was said, since when, how, under which version.
pub fn line(env: &Env, row: &ConsentRow) -> String {
    let purpose = wording::code(env, "consent-purpose", row.purpose.code());
    let purpose = text::pad(&text::cut(&purpose, 24), 24);
    let Some(now) = &row.now else { return format!("{purpose} {}", env.t("consent-never-asked")) };
    let since = text::pad(&wording::moment(env, now.consent.at), 16);
    let line = format!("{purpose} {since} {}", told(env, now));
    if row.asked == Asked::Older { format!("{line} · {}", env.t("consent-older")) } else { line }
}

/// What the head of a customer says who wants no marketing.
pub fn no_marketing(env: &Env, rows: &[ConsentRow]) -> Option<String> {
    let row = rows.iter().find(|row| row.purpose == Purpose::Marketing && row.is_no())?;
    let state = row.state().map(|state| wording::code(env, "consent-state", state.code())).unwrap_or_default();
    Some(env.ta("consent-no-marketing", &[("state", &state)]))
}

/// One thing of the timeline.
pub fn happened(env: &Env, what: &ConsentHappening) -> String {
    let state = |state: Option<ConsentState>| match state {
        Some(state) => wording::code(env, "consent-state", state.code()),
        None => env.t("nothing"),
    };
    let purpose = wording::code(env, "consent-purpose", what.purpose.code());
    let (before, after) = (state(what.before), state(Some(what.after)));
    if what.version == UNKNOWN_WORDING {
        return env.ta("happened-consent-import", &[("purpose", &purpose), ("after", &after)]);
    }
    env.ta(
        "happened-consent",
        &[("purpose", &purpose), ("before", &before), ("after", &after), ("version", &what.version)],
    )
}

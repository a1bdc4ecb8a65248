//! One line of the customer form: a built-in part or a field, how it is typed, and what is said of it.
//!
//! **Invariant:** a masked value is never in an editor: until somebody types over it, it is its mask and nothing else.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::app::env::Env;
use crate::app::form::area::Area;
use crate::app::widget::field::Field;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::field::{FieldDef, FieldKey, FieldKind, Need};
use crate::domain::id::StaffId;
use crate::domain::loss::LossReason;
use crate::domain::value::{self, Progress, Suspected};
use crate::service::Change;
use crate::service::refusal::Fault;
use crate::service::view::Shown;
use crate::text::Printable;

/// Which part of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PartId {
    Kind,
    Name,
    Owner,
    Stage,
    Lost,
    LostText,
    WinBack,
    Tags,
    Source,
    Basis,
    Field(FieldKey),
}

impl PartId {
    /// The word by which refusals and timelines name it.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Kind => "kind",
            Self::Name => "name",
            Self::Owner => "owner",
            Self::Stage => "stage",
            Self::Lost => "loss",
            Self::LostText => "lost_text",
            Self::WinBack => "win_back",
            Self::Tags => "tags",
            Self::Source => "source",
            Self::Basis => "basis",
            Self::Field(key) => key.as_str(),
        }
    }
}

/// One line.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) id: PartId,
    pub(super) need: Need,
    pub(super) purpose: String,
    pub(super) input: Input,
    /// What is wrong with it.
    pub(super) fault: Option<Fault>,
    /// Who has the same value.
    pub(super) known: Option<Known>,
    /// What somebody else put there while this form was open.
    pub(super) theirs: Option<String>,
    /// The text for which duplicates were asked last.
    pub(super) asked: Zeroizing<String>,
}

/// How a part is given.
#[derive(Debug)]
pub(super) enum Input {
    /// Not by this person.
    Fixed(Pick),
    /// Out of a list.
    Choice(Choice),
    /// In letters.
    Text(TextPart),
}

/// Customers with the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The first of those in scope, as a list shows it.
    pub(super) who: Option<String>,
    /// How many more.
    pub(super) more: u64,
}

/// One of a list's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    Kind(CustomerKind),
    Owner(Option<StaffId>),
    Stage(Stage),
    Lost(Option<LossReason>),
    Basis(Basis),
}

impl Pick {
    pub(super) fn label(&self, env: &Env) -> String {
        match self {
            Self::Kind(kind) => wording::code(env, "kind", kind.code()),
            Self::Stage(stage) => wording::code(env, "stage", stage.code()),
            Self::Basis(basis) => wording::code(env, "basis", basis.code()),
            Self::Lost(None) => env.t("lost-not-said"),
            Self::Lost(Some(why)) => wording::loss_reason(env, *why),
            Self::Owner(None) => env.t("form-pool"),
            Self::Owner(Some(id)) => {
                let Some(me) = &env.me else { return id.to_string() };
                let name = me.colleagues.iter().find(|(known, _)| known == id).map(|(_, name)| name.as_str());
                let name = name.unwrap_or(if me.id == *id { me.name.as_str() } else { "?" });
                if me.id == *id { env.ta("form-me", &[("name", &name)]) } else { name.to_owned() }
            }
        }
    }

    fn change(&self) -> Option<Change> {
        Some(match self {
            Self::Kind(kind) => Change::Kind(*kind),
            Self::Owner(owner) => Change::Owner(*owner),
            Self::Stage(stage) => Change::Stage(*stage),
            Self::Basis(basis) => Change::Basis(*basis),
            // It goes with its words and the date of winning back, as one change.
            Self::Lost(_) => return None,
        })
    }
}

/// A list's values and the one chosen.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) options: Vec<Pick>,
    pub(super) at: usize,
    pub(super) was: Option<Pick>,
}

impl Choice {
    pub(super) fn new(options: Vec<Pick>, at: &Pick, was: Option<Pick>) -> Self {
        let at = options.iter().position(|o| o == at).unwrap_or(0);
        Self { options, at, was }
    }

    pub(super) fn chosen(&self) -> Option<&Pick> {
        self.options.get(self.at)
    }

    pub(super) fn step(&mut self, step: isize) {
        let count = self.options.len().max(1);
        self.at = self.at.checked_add_signed(step).unwrap_or(count - 1) % count;
    }

    /// To the next value that begins with the letter.
    pub(super) fn jump(&mut self, env: &Env, letter: char) {
        let wanted = crate::text::half_width(letter).to_lowercase().to_string();
        let count = self.options.len();
        for ahead in 1..=count {
            let at = (self.at + ahead) % count.max(1);
            let label = self.options.get(at).map(|o| o.label(env).to_lowercase()).unwrap_or_default();
            if label.starts_with(&wanted) {
                self.at = at;
                return;
            }
        }
    }

    fn is_changed(&self) -> bool {
        self.was.as_ref() != self.chosen()
    }
}

/// What is to become of a value that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// What is typed decides.
    Typed,
    /// The customer declined to give it.
    Declined,
    /// It is taken out.
    Cleared,
}

/// A text being typed, and what is stored.
#[derive(Debug)]
pub(super) struct TextPart {
    pub(super) kind: FieldKind,
    pub(super) editor: Editor,
    pub(super) stored: Shown,
    pub(super) mark: Mark,
}

/// One line or several.
#[derive(Debug)]
pub(super) enum Editor {
    Line(Box<LineInput>),
    Area(Area),
}

impl Editor {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Line(line) => line.text(),
            Self::Area(area) => area.text(),
        }
    }

    pub(super) fn set(&mut self, text: &str) {
        match self {
            Self::Line(line) => line.set(text),
            Self::Area(area) => *area = Area::new(text),
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        match self {
            Self::Line(line) => line.paste(text),
            Self::Area(area) => area.insert(Printable::lines(text).as_str()),
        }
    }
}

impl TextPart {
    pub(super) fn new(kind: FieldKind, stored: Shown) -> Self {
        let open = match &stored {
            Shown::Open(text) => text.as_str(),
            Shown::Empty | Shown::Declined | Shown::Masked(_) => "",
        };
        let editor = match kind {
            FieldKind::Notes | FieldKind::Purchases => Editor::Area(Area::new(open)),
            _ => Editor::Line(Box::new(LineInput::new(open))),
        };
        let mark = if stored == Shown::Declined { Mark::Declined } else { Mark::Typed };
        Self { kind, editor, stored, mark }
    }

    /// Whether a mask stands in the place and nothing was typed over it.
    pub(super) fn is_kept_mask(&self) -> bool {
        matches!(self.stored, Shown::Masked(_)) && self.mark == Mark::Typed && self.editor.text().is_empty()
    }

    pub(super) fn is_changed(&self) -> bool {
        let typed = self.editor.text().trim();
        match (self.mark, &self.stored) {
            (Mark::Declined, stored) => *stored != Shown::Declined,
            (Mark::Cleared, _) => true,
            (Mark::Typed, Shown::Open(was)) => was.as_str().nfc().ne(typed.nfc()),
            (Mark::Typed, Shown::Declined) => true,
            (Mark::Typed, Shown::Empty | Shown::Masked(_)) => !typed.is_empty(),
        }
    }

    /// Whether there will be a value or a mark in its stead.
    fn is_filled(&self) -> bool {
        match self.mark {
            Mark::Declined => true,
            Mark::Cleared => false,
            Mark::Typed => !self.editor.text().trim().is_empty() || matches!(self.stored, Shown::Masked(_)),
        }
    }
}

/// When a value is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// While it is being typed: what may still become right is not called wrong.
    Typing,
    /// When the cursor has left it.
    Left,
    /// Before it is saved: what is needed must be there.
    Saving,
}

impl Part {
    pub(super) fn new(id: PartId, need: Need, input: Input) -> Self {
        Self {
            id,
            need,
            purpose: String::new(),
            input,
            fault: None,
            known: None,
            theirs: None,
            asked: Zeroizing::default(),
        }
    }

    pub(super) fn field(def: &FieldDef, stored: Shown) -> Self {
        let input = Input::Text(TextPart::new(def.kind, stored));
        Self { purpose: def.purpose.clone(), ..Self::new(PartId::Field(def.key.clone()), def.need, input) }
    }

    pub(super) fn label(&self, env: &Env) -> String {
        wording::field(env, self.id.code())
    }

    pub(super) fn is_changed(&self) -> bool {
        match &self.input {
            Input::Fixed(_) => false,
            Input::Choice(choice) => choice.is_changed(),
            Input::Text(text) => text.is_changed(),
        }
    }

    /// Says what is wrong with what is typed.
    pub(super) fn judge(&mut self, env: &Env, when: Judged) {
        self.fault = None;
        let Input::Text(text) = &self.input else { return };
        if when == Judged::Saving && self.need == Need::Required && !text.is_filled() {
            self.fault = Some(Fault::Missing);
            return;
        }
        let typed = text.editor.text();
        if text.mark != Mark::Typed || typed.trim().is_empty() || !text.is_changed() {
            return;
        }
        let (region, today) = ground(env);
        let PartId::Field(key) = &self.id else { return };
        let Some(def) = env.schema.get(key.as_str()) else { return };
        self.fault = match when {
            Judged::Typing => match value::progress(def.kind, typed, &region, today) {
                Progress::Bad(fault) => Some(Fault::Value(fault)),
                Progress::Incomplete | Progress::Good => None,
            },
            Judged::Left | Judged::Saving => value::check_field(def, typed, &region, today).err().map(Fault::Value),
        };
    }

    /// The text to ask duplicates for: complete, of a kind that names somebody, and not asked for yet.
    pub(super) fn to_ask(&self, env: &Env) -> Option<(FieldKey, Zeroizing<String>)> {
        let (PartId::Field(key), Input::Text(text)) = (&self.id, &self.input) else { return None };
        let names = matches!(
            text.kind,
            FieldKind::Phone | FieldKind::Email | FieldKind::ResidentId | FieldKind::Passport | FieldKind::BankCard
        );
        let typed = text.editor.text();
        if !names || text.mark != Mark::Typed || !text.is_changed() || typed == self.asked.as_str() {
            return None;
        }
        let (region, today) = ground(env);
        let good = value::progress(text.kind, typed, &region, today) == Progress::Good;
        good.then(|| (key.clone(), Zeroizing::new(typed.to_owned())))
    }

    /// What free text seems to hold that belongs in a field of its own.
    pub(super) fn suspected(&self) -> Option<Suspected> {
        let Input::Text(text) = &self.input else { return None };
        let free = matches!(text.kind, FieldKind::Notes | FieldKind::Text) && text.mark == Mark::Typed;
        let found = if free { value::scan_for_identifiers(text.editor.text()) } else { Vec::new() };
        found.first().map(|suspicion| suspicion.kind)
    }

    /// The change that it makes, if it makes one. `New` customers state every choice.
    pub(super) fn change(&self, whole: Whole) -> Option<Change> {
        let changed = self.is_changed();
        match &self.input {
            Input::Fixed(_) => None,
            Input::Choice(choice) => {
                (changed || whole == Whole::New).then(|| choice.chosen().and_then(Pick::change)).flatten()
            }
            Input::Text(_) if !changed || matches!(self.id, PartId::LostText | PartId::WinBack) => None,
            Input::Text(text) => Some(self.text_change(text)),
        }
    }

    fn text_change(&self, text: &TextPart) -> Change {
        let typed = text.editor.text().trim();
        match &self.id {
            PartId::Name => Change::Name(Printable::line(typed)),
            PartId::Source => Change::Source(Printable::line(typed)),
            PartId::Tags => Change::Tags(tags(typed)),
            PartId::Field(key) => match text.mark {
                Mark::Declined => Change::Declined(key.clone()),
                Mark::Cleared => Change::Clear(key.clone()),
                Mark::Typed if typed.is_empty() => Change::Clear(key.clone()),
                Mark::Typed => Change::Set(key.clone(), Zeroizing::new(typed.to_owned())),
            },
            // The other parts are chosen, not typed.
            PartId::Kind
            | PartId::Owner
            | PartId::Stage
            | PartId::Lost
            | PartId::LostText
            | PartId::WinBack
            | PartId::Basis => Change::Tags(Vec::new()),
        }
    }
}

/// Whether a customer is made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    New,
    Edited,
}

/// Tags as typed, divided by commas of either kind; each once.
pub(super) fn tags(typed: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in typed.split([',', '，', '、', ';', '；']) {
        let tag = Printable::line(tag.trim().trim_start_matches('#')).into_string();
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn ground(env: &Env) -> (String, NaiveDate) {
    let region = env.me.as_ref().map_or_else(|| "CN".to_owned(), |me| me.policy.default_region.clone());
    (region, env.now.at(env.offset).date_naive())
}

//! A desk to tell stories at: the program with a service that answers from a made-up list, a clock that stands still
//! until told to move, and a screen that is read as text.

use std::str::FromStr;
use std::sync::Arc;

use chrono::FixedOffset;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;
use veilbook::app::effect::Effect;
use veilbook::app::env::Env;
use veilbook::app::i18n::Words;
use veilbook::app::key::Key;
use veilbook::app::keymap::Keymap;
use veilbook::app::model::Start;
use veilbook::app::msg::{Answer, EntryFault, Msg};
use veilbook::app::program::{App, Drawn};
use veilbook::app::theme::Theme;
use veilbook::clock::Timestamp;
use veilbook::domain::field::{FieldDef, FieldKey, FieldState, Lang, Schema};
use veilbook::domain::id::{CustomerId, FollowUpId, InteractionId, SavedViewId, StaffId, TemplateId};
use veilbook::domain::loss_reasons::LossReasons;
use veilbook::domain::query::{Condition, Here, Vocabulary, parse};
use veilbook::domain::role::{Role, RoleName};
use veilbook::domain::saved_view::SavedView;
use veilbook::domain::schema;
use veilbook::domain::staff::{LoginName, Preferences};
use veilbook::domain::working_days::WorkingDays;
use veilbook::privacy::class::FieldClass;
use veilbook::privacy::mask::Masked;
use veilbook::privacy::reveal::Revealed;
use veilbook::service::key_state::{Cost, KeysState, RecoveryOffer, RecoveryState};
use veilbook::service::quality::QualityAction;
use veilbook::service::refusal::FileFault;
use veilbook::service::tags::TagAction;
use veilbook::service::view::*;
use veilbook::service::{Action, Done, MergePart, Query, Refusal, View, ViewDraft};
use veilbook::text::Printable;
use zeroize::Zeroizing;

use super::board::Deals;

/// 2026-11-21 14:30 in UTC+8.
pub const NOON: Timestamp = Timestamp(1_795_242_600_000);

/// The value behind every masked mobile.
pub const MOBILE: &str = "+8613800001234";

pub struct Desk {
    pub app: App,
    pub now: Timestamp,
    pub size: (u16, u16),
    pub service: Service,
    /// What was asked and done, one line each.
    pub log: Vec<String>,
    /// Effects that no service answers.
    pub left: Vec<Effect>,
}

pub struct Service {
    pub role: RoleName,
    pub names: Vec<String>,
    pub effort: Effort,
    pub used: u32,
    pub draft: Option<Vec<u8>>,
    pub refuse: Option<fn(&Action) -> Option<Refusal>>,
    pub entry: Result<(), EntryFault>,
    pub customers_asked: usize,
    /// The version of every customer.
    pub version: u64,
    pub keys: KeysState,
    /// Actions whose answer comes later.
    pub keep_back: Option<fn(&Action) -> bool>,
    /// How old the backups are, and all about them.
    pub health: BackupHealth,
    pub backups: BackupsView,
    pub reminders: Reminders,
    pub views: Vec<SavedView>,
    pub deals: Deals,
    pub cases: Vec<CaseRow>,
    /// To whom something was done at once.
    pub bulk: Option<Target>,
    /// The pairs that the next search finds.
    pub pairs: Vec<DuplicatePair>,
    /// What the last merge took from the other.
    pub taken: Vec<MergePart>,
    /// What was done with tags.
    pub tagged: Vec<String>,
    /// The texts of contacts that were logged.
    pub logged: Vec<String>,
    pub rules: Vec<RuleRow>,
    pub pool: super::pool::Stand,
    pub losses: LossReasons,
    /// The files that were written, and what came of the last order to export.
    pub files: Vec<(String, Vec<u8>)>,
    pub exported: Option<(ExportOrder, String)>,
    pub preferences: Preferences,
    /// Fields that were put out of use.
    pub off: Vec<&'static str>,
    pub consents: Vec<veilbook::domain::consent::Consent>,
}

impl Desk {
    /// Somebody of this role, signed in, with the customers of the sample.
    pub fn signed_in(role: RoleName) -> Self {
        Self::begin(role, Start::SignedIn, Lang::En)
    }

    pub fn begin(role: RoleName, start: Start, lang: Lang) -> Self {
        Self::furnished(role, (start, lang), Preferences::default(), Vec::new())
    }

    /// Somebody with these preferences, where these fields are out of use.
    pub fn with(role: RoleName, preferences: Preferences, off: Vec<&'static str>) -> Self {
        Self::furnished(role, (Start::SignedIn, Lang::En), preferences, off)
    }

    fn furnished(
        role: RoleName,
        (start, lang): (Start, Lang),
        preferences: Preferences,
        off: Vec<&'static str>,
    ) -> Self {
        let offset = FixedOffset::east_opt(8 * 3600).expect("a zone");
        let keymap = Keymap::shipped("arrows").expect("built in");
        let env = Env::new(NOON, offset, Words::new(lang), Theme::Dark, keymap);
        let (app, effects) = App::new(env, start, "");
        let service = Service {
            role,
            names: sample_names(),
            effort: Effort::Reason,
            used: 7,
            draft: None,
            refuse: None,
            entry: Ok(()),
            customers_asked: 0,
            logged: Vec::new(),
            version: 3,
            keys: keys_state(),
            keep_back: None,
            health: BackupHealth::default(),
            backups: BackupsView::default(),
            reminders: Reminders::default(),
            views: Vec::new(),
            deals: Deals::new(),
            cases: Vec::new(),
            bulk: None,
            pairs: Vec::new(),
            taken: Vec::new(),
            tagged: Vec::new(),
            rules: Vec::new(),
            pool: super::pool::Stand::default(),
            losses: LossReasons::default(),
            files: Vec::new(),
            exported: None,
            preferences,
            off,
            consents: Vec::new(),
        };
        let pairs = [(0, Some(4), 12.0), (1, Some(4), 7.0), (2, None, 0.0), (0, Some(5), 3.0)];
        let pair = |(keep, other, bits): (usize, Option<usize>, f32)| DuplicatePair {
            keep: service.row(keep),
            other: other.map(|n| service.row(n)),
            bits,
            evidence: vec![
                Evidence { of: Trait::Name, level: Level::Same },
                Evidence { of: Trait::Phone, level: Level::Close },
                Evidence { of: Trait::Address, level: Level::Different },
            ],
        };
        let service = Service { pairs: pairs.map(pair).to_vec(), ..service };
        let mut desk = Self { app, now: NOON, size: (80, 24), service, log: Vec::new(), left: Vec::new() };
        desk.app.input(NOON, Msg::Resize(80, 24));
        desk.carry_out(effects);
        desk
    }

    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.size = (columns, rows);
        self.send(Msg::Resize(columns, rows))
    }

    /// Presses keys in the notation of keymaps, with spaces between.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            let key = Key::from_str(key).unwrap_or_else(|_| panic!("{key}"));
            self.send(Msg::Key(key));
        }
        self
    }

    /// Types text.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Msg::Key(Key::char(c)));
        }
        self
    }

    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.plus_seconds(seconds);
        self.send(Msg::Tick(self.now))
    }

    pub fn send(&mut self, msg: Msg) -> &mut Self {
        let effects = self.app.input(self.now, msg);
        self.carry_out(effects);
        self
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut waiting: Vec<Effect> = effects;
        while !waiting.is_empty() {
            let effect = waiting.remove(0);
            self.log.push(format!("{effect:?}"));
            let msg = match effect {
                Effect::Ask(ticket, query) => Msg::Reply(ticket, Box::new(self.service.query(query).map(Answer::View))),
                Effect::Perform(_, action) if self.service.keep_back.is_some_and(|keep| keep(&action)) => continue,
                Effect::Perform(ticket, action) => {
                    Msg::Reply(ticket, Box::new(self.service.perform(action, self.now).map(Answer::Done)))
                }
                Effect::KeepFile(ticket, name, bytes) => {
                    let taken = self.service.files.iter().any(|(known, _)| *known == name);
                    let reply = if taken {
                        Err(Refusal::File(FileFault::Exists))
                    } else {
                        self.service.files.push((name, bytes.to_vec()));
                        Ok(Answer::Done(Done::Done))
                    };
                    Msg::Reply(ticket, Box::new(reply))
                }
                Effect::SignIn { .. }
                | Effect::SetUp { .. }
                | Effect::Recover { .. }
                | Effect::Create { .. }
                | Effect::LookRound => Msg::Entry(self.service.entry.clone()),
                other => {
                    self.left.push(other);
                    continue;
                }
            };
            waiting.extend(self.app.input(self.now, msg));
        }
    }

    /// Whether something with these words was asked or done since the last look.
    pub fn did(&mut self, words: &str) -> bool {
        let found = self.log.iter().any(|line| line.contains(words));
        self.log.clear();
        found
    }

    pub fn draw(&mut self) -> (Buffer, Drawn) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        let drawn = self.app.draw(&mut buffer);
        (buffer, drawn)
    }

    /// The screen as text, one line a row.
    pub fn screen(&mut self) -> String {
        let (buffer, _) = self.draw();
        text_of(&buffer)
    }

    /// The screen holds these words.
    #[track_caller]
    pub fn shows(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(words), "{words:?} is not on the screen:\n{screen}");
        self
    }

    /// The screen does not hold these words.
    #[track_caller]
    pub fn hides(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(words), "{words:?} is on the screen:\n{screen}");
        self
    }
}

pub fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).unwrap_or(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Keys as a vault has them that was just made.
pub fn keys_state() -> KeysState {
    KeysState {
        cost: Cost { passes: 3, mib: 64, lanes: 4 },
        cost_before: None,
        left: 0,
        waiting: Vec::new(),
        recovery: RecoveryState::Missing,
        shares: None,
        epoch: 1,
        rotated: None,
        rotation_due: None,
        unfinished: None,
    }
}

/// Twenty-four words of the list.
pub const WORDS: &str = "abandon ability able about above absent absorb abstract absurd abuse access accident \
                         account accuse achieve acid acoustic acquire across act action actor actress actual";

fn sample_names() -> Vec<String> {
    let names =
        ["张三丰", "欧阳静", "李秀英", "Alice Martin", "上海晨光贸易有限公司", "Bob O'Neill-Featherstonehaugh", "王芳"];
    (0..300).map(|n| if n < names.len() { names[n].to_owned() } else { format!("Customer {n:03}") }).collect()
}

fn key(name: &str) -> FieldKey {
    FieldKey::new(name).expect("a key")
}

fn masked(text: &str) -> Shown {
    Shown::Masked(Masked::stored(text.to_owned()))
}

fn open(text: &str) -> Shown {
    Shown::Open(Printable::line(text))
}

fn login(name: &str) -> LoginName {
    LoginName::new(name).expect("a name")
}

impl Service {
    fn row(&self, n: usize) -> CustomerRow {
        use veilbook::domain::customer::{CustomerKind, Stage};
        let stage = Stage::ALL[n % 4];
        CustomerRow {
            cursor: Cursor::from_bytes(n.to_string().into_bytes()),
            id: CustomerId(n as u64),
            kind: CustomerKind::Person,
            name: open(&self.names[n]),
            owner: (n % 3 != 2).then(|| login(if n.is_multiple_of(3) { "li.na" } else { "zhao.wei" })),
            mine: n.is_multiple_of(3),
            stage,
            lost: None,
            tags: vec!["vip".into()],
            fields: vec![(key("mobile"), masked("138****1234")), (key("company"), open("晨光 Trading"))],
            next_follow_up: match n % 4 {
                0 => Some(NOON.plus_seconds(-86_400 * 2)),
                1 => Some(NOON.plus_seconds(1_800)),
                2 => Some(NOON.plus_seconds(86_400 * 3)),
                _ => None,
            },
            last_contact: None,
            goes: self.pool.goes(n),
            updated: NOON,
            created: NOON,
            source: String::new(),
            restricted: n == 6,
        }
    }

    /// The sample's fields, without those that were put out of use.
    fn schema(&self) -> Schema {
        let off = |def: &FieldDef| self.off.contains(&def.key.as_str());
        let state = |def: &FieldDef| if off(def) { FieldState::Off } else { def.state };
        Schema::new(schema::sample().all().iter().map(|def| FieldDef { state: state(def), ..def.clone() }).collect())
    }

    pub fn detail(&self, n: usize) -> CustomerDetail {
        use veilbook::domain::customer::Profile;
        use veilbook::domain::follow_up::FollowUp;
        use veilbook::domain::interaction::{Direction, Interaction, InteractionKind};
        use veilbook::domain::reason::ReasonCode;
        let row = self.row(n);
        let follow_up = FollowUpRow {
            follow_up: FollowUp::new(
                FollowUpId(1),
                row.id,
                StaffId(1),
                (NOON.plus_seconds(1_800), Printable::line("call about the invoice")),
                NOON,
            ),
            customer: row.name.clone(),
            assignee: login("li.na"),
            when: When::Today,
        };
        let values = |name: &str| match name {
            "mobile" => masked("138****1234"),
            "email" => masked("z***@example.com"),
            "resident_id" => masked("1****************X"),
            "company" => open("晨光 Trading"),
            "chat_id" => Shown::Declined,
            "address" => masked("北京市海淀区****"),
            _ => Shown::Empty,
        };
        CustomerDetail {
            profile: Profile {
                id: row.id,
                version: self.version,
                stage: row.stage,
                tags: row.tags.clone(),
                next_follow_up: row.next_follow_up,
                restricted: row.restricted,
                ..Profile::default()
            },
            name: row.name,
            owner: row.owner,
            mine: row.mine,
            lost: None,
            touch: None,
            goes: self.pool.goes(n),
            fields: schema::sample()
                .on()
                .map(|f| FieldShown { key: f.key.clone(), shown: values(f.key.as_str()) })
                .collect(),
            follow_ups: vec![follow_up],
            timeline: vec![
                TimelineItem {
                    at: NOON.plus_seconds(-600),
                    by: "li.na".into(),
                    with: None,
                    what: Happening::Interaction(Box::new(Interaction {
                        id: InteractionId(1),
                        customer: row.id,
                        kind: InteractionKind::Call,
                        direction: Some(Direction::In),
                        minutes: Some(12),
                        text: Printable::line("asked where the invoice for October is; promised to call back today"),
                        at: NOON.plus_seconds(-600),
                        by: StaffId(1),
                        ticket: Some("T-1042".into()),
                        case: None,
                    })),
                },
                TimelineItem {
                    at: NOON.plus_seconds(-86_400),
                    by: "zhao.wei".into(),
                    with: None,
                    what: Happening::Changed("mobile".into(), Some("139****0000".into()), Some("138****1234".into())),
                },
                TimelineItem {
                    at: NOON.plus_seconds(-86_400 * 400),
                    by: "import".into(),
                    with: None,
                    what: Happening::Added,
                },
            ],
            deals: Vec::new(),
            cases: self.cases.clone(),
            consents: super::consents::rows(&self.consents),
            linked: Vec::new(),
            looks: vec![Look {
                at: NOON.plus_seconds(-3_600),
                by: "zhao.wei".into(),
                action: "customer.reveal".into(),
                field: Some(key("mobile")),
                reason: Some(ReasonCode::Callback),
            }],
            beside: Vec::new(),
        }
    }

    fn page(&mut self, request: &ListRequest) -> Page {
        self.customers_asked += 1;
        let words = request.text.to_lowercase();
        let all: Vec<usize> =
            (0..self.names.len()).filter(|n| self.names[*n].to_lowercase().contains(&words)).collect();
        let place = |cursor: &Cursor| {
            let same = |n: &usize| Cursor::from_bytes(n.to_string().into_bytes()) == *cursor;
            all.iter().position(same).expect("in the list")
        };
        let limit = usize::from(request.limit);
        let from = match &request.anchor {
            Anchor::Top => 0,
            Anchor::Bottom => all.len().saturating_sub(limit),
            Anchor::After(cursor) => place(cursor) + 1,
            Anchor::Before(cursor) => place(cursor).saturating_sub(limit),
        };
        let to = match &request.anchor {
            Anchor::Before(cursor) => place(cursor),
            _ => all.len().min(from + limit),
        };
        Page {
            rows: all[from..to].iter().map(|n| self.row(*n)).collect(),
            total: Total::Exactly(all.len() as u64),
            before: from > 0,
            after: to < all.len(),
            resume: None,
            identifier: None,
        }
    }

    fn query(&mut self, query: Query) -> Result<View, Refusal> {
        Ok(match query {
            Query::Me => View::Me(Me {
                id: StaffId(1),
                name: login("li.na"),
                role: Role::shipped(self.role),
                awaiting: Vec::new(),
                preferences: self.preferences.clone(),
                policy: self.pool.policy.clone(),
                losses: self.losses.clone(),
                solo: false,
                colleagues: vec![(StaffId(1), login("li.na")), (StaffId(2), login("zhao.wei"))],
                everybody: vec![(StaffId(1), login("li.na")), (StaffId(2), login("zhao.wei"))],
                vault: "desk.veil".into(),
                factor: veilbook::service::view::FactorState {
                    since: None,
                    codes_left: 0,
                    wanted: veilbook::service::view::Wanted::No,
                },
                until: veilbook::clock::Timestamp(i64::MAX),
                odd: None,
            }),
            Query::Schema => View::Schema(self.schema()),
            Query::Today => View::Today(Today {
                cases: self.cases.clone(),
                pool: self.pool.warned,
                backups: self.health.clone(),
                ..Today::default()
            }),
            Query::Customers(mut request) => {
                let here = Here { now: NOON, offset: FixedOffset::east_opt(8 * 3_600).expect("an offset") };
                // Of a query the words alone find anybody here.
                let words = parse(&request.text, &vocabulary(), here)?.terms.into_iter().map(|term| term.condition);
                let words =
                    words.filter_map(|asked| if let Condition::Words(text) = asked { Some(text) } else { None });
                request.text = words.collect::<Vec<_>>().join(" ");
                View::Customers(self.page(&request))
            }
            Query::BulkPreview(..) => View::BulkPreview(BulkReport {
                changed: 2,
                same: 1,
                left: vec![(Left::Restricted, 1)],
                no_marketing: 0,
            }),
            Query::ExportPreview(order) => {
                let values = 2 * order.values.len() as u64;
                View::ExportPreview(ExportReport { going: 2, left: vec![(Left::Restricted, 1)], values })
            }
            Query::Quality(QualityQuery::Counts(place)) => {
                // Two stretches, with as much wrong in each.
                let resume = place.is_none().then(|| Cursor::from_bytes(vec![1]));
                let counts = FlawKind::ALL.iter().map(|kind| (*kind, 2)).collect();
                View::Quality(QualityView::Counts(FlawCounts { counts, looked: 150, resume }))
            }
            Query::Quality(QualityQuery::List(kind, place)) => {
                let row = |n: usize, part: &str, why| FlawRow {
                    customer: CustomerId(n as u64),
                    name: open(&self.names[n]),
                    part: part.into(),
                    why,
                };
                let rows = match (kind, place) {
                    (FlawKind::Missing, None) => {
                        vec![row(0, "basis", FlawWhy::NoBasis), row(1, "next", FlawWhy::NoNextStep)]
                    }
                    (FlawKind::Contradictory, None) => vec![row(2, "stage", FlawWhy::OpenDeal)],
                    _ => Vec::new(),
                };
                View::Quality(QualityView::Page(FlawPage { rows, resume: None }))
            }
            Query::LossList => View::LossList(self.losses.clone()),
            Query::LossReasons => View::LossReasons(super::losses::rows(&self.losses)),
            Query::Tags => {
                let row = |tag: &str, count, retired| TagRow { tag: tag.into(), count, retired };
                View::Tags(vec![
                    row("vip", Total::Exactly(42), Retired::No),
                    row("wholesale", Total::AtLeast(16_000), Retired::No),
                    row("老客户", Total::Exactly(3), Retired::Yes),
                ])
            }
            Query::SavedViews => {
                let row = |view: &SavedView| ViewRow { view: view.clone(), mine: true, by: "li.na".into() };
                View::SavedViews(self.views.iter().map(row).collect())
            }
            Query::WorkingDays => View::WorkingDays(WorkingDays::default()),
            Query::Vocabulary => View::Vocabulary(Arc::new(vocabulary())),
            Query::Refresh(id) => View::Customer(Box::new(self.detail(id.0 as usize))),
            Query::RevealPrompt(customer, field) => View::RevealPrompt(RevealPrompt {
                customer,
                field,
                class: FieldClass::Contact,
                effort: self.effort.clone(),
                used: self.used,
                quota: 40,
                ticket: Some(Printable::line("T-1042")),
                ticket_required: TicketRule::Optional,
                seconds: 60,
                copy: CopyRight::Allowed,
            }),
            Query::Reminders => View::Reminders(self.reminders.clone()),
            Query::Sessions => View::Sessions(Vec::new()),
            Query::Draft => View::Draft(self.draft.take().map(Zeroizing::new)),
            Query::Chain => View::Chain(ChainState {
                size: 10,
                root: "q83vEjRWeJA=".into(),
                checkpoint: None,
                vkey: "key".into(),
                check: None,
            }),
            Query::FollowUps(_) => View::FollowUps(Vec::new()),
            Query::Cadences(query) => View::Cadences(super::cadences::answer(query)),
            Query::Templates(query) => View::Templates(super::templates::answer(query)),
            Query::Cases(query) => View::Cases(super::cases::answer(&self.cases, query)),
            Query::Deals(query) => View::Deals(self.deals.answer(&query)?),
            Query::Audit(_) => View::Audit(AuditPage { rows: Vec::new(), more: false, size: 0 }),
            Query::Staff => View::Staff(Vec::new()),
            Query::Roles => View::Roles(Vec::new()),
            Query::Rules => View::Rules(self.rules.clone()),
            Query::Purposes => View::Purposes(super::consents::purposes()),
            Query::FieldChanges => View::FieldChanges(Vec::new()),
            Query::FieldUses(_) => View::FieldUses(Vec::new()),
            Query::Pool(PoolQuery::List(..)) => View::Pool(super::pool::page(&self.pool)),
            Query::Policy => View::Policy(self.pool.policy.clone()),
            Query::Imports => View::Imports(Vec::new()),
            Query::Keys => View::Keys(self.keys.clone()),
            Query::UndoNext => {
                View::UndoNext(Some(UndoLabel { action: "customer.edit".into(), about: String::new(), asks: None }))
            }
            Query::BackupHealth => View::BackupHealth(self.health.clone()),
            Query::Backups => View::Backups(Box::new(self.backups.clone())),
            Query::AuditEntry(_) => return Err(Refusal::NotFound("entry")),
        })
    }

    fn perform(&mut self, action: Action, now: Timestamp) -> Result<Done, Refusal> {
        if let Some(refusal) = self.refuse.and_then(|refuse| refuse(&action)) {
            return Err(refusal);
        }
        Ok(match action {
            Action::OpenCustomer(id) => Done::Customer(Box::new(self.detail(id.0 as usize))),
            Action::FindByIdentifier(_) => Done::Matches(vec![self.row(0), self.row(3)]),
            Action::Reveal(..) | Action::Copy(..) => {
                self.used += 1;
                Done::Revealed(Revealed::new(Zeroizing::new(MOBILE.into()), 11, now.plus_seconds(60)))
            }
            Action::Verify(_, _, said) => Done::Verified(Verdict {
                matched: if said.as_str() == "13800001234" { Match::Yes } else { Match::No },
                tries_left: 2,
            }),
            Action::EditCustomer(id, version, _) => Done::Saved(id, version + 1),
            Action::KeepDraft(bytes) => {
                self.draft = Some(bytes.to_vec());
                Done::Done
            }
            Action::Bulk(target, _) => {
                self.bulk = Some(target);
                Done::Bulk(BulkReport { changed: 2, same: 1, left: Vec::new(), no_marketing: 0 })
            }
            Action::Quality(QualityAction::Closer(_)) | Action::FindDuplicates => {
                Done::Pairs(std::mem::take(&mut self.pairs))
            }
            Action::Link(_) => Done::Done,
            Action::LossReason(change) => {
                self.losses.apply(&change)?;
                Done::Done
            }
            Action::Tags(action) => {
                self.tagged.push(format!("{action:?}"));
                match action {
                    TagAction::Rename(..) | TagAction::Remove(_) => Done::Bulk(BulkReport {
                        changed: 41,
                        same: 0,
                        left: vec![(Left::Restricted, 1)],
                        no_marketing: 0,
                    }),
                    _ => Done::Done,
                }
            }
            Action::Merge { keep, take, .. } => {
                self.taken = take;
                Done::Saved(keep.0, keep.1 + 1)
            }
            Action::ExportCustomers(order, _, file) => {
                self.exported = Some((order, file.as_str().to_owned()));
                let report = ExportReport { going: 2, ..ExportReport::default() };
                Done::Exported(Exported { report, csv: Zeroizing::new(b"name\n".to_vec()) })
            }
            Action::SetPreferences(preferences) => {
                self.preferences = preferences;
                Done::Done
            }
            Action::SaveView(draft) => {
                let ViewDraft { id, name, query, sort, sharing, columns } = draft;
                let id = id.unwrap_or(SavedViewId(self.views.len() as u64 + 1));
                self.views.retain(|view| view.id != id);
                self.views.push(SavedView { id, by: StaffId(1), name, query, sort, sharing, columns });
                Done::Done
            }
            Action::RemoveView(id) => {
                self.views.retain(|view| view.id != id);
                Done::Done
            }
            Action::Template(TemplateAction::Copy(_, text, _)) => {
                self.used += 1;
                let filled = text.as_str().replace("{field.mobile}", MOBILE);
                Done::Revealed(Revealed::new(Zeroizing::new(filled), 11, now.plus_seconds(60)))
            }
            Action::Template(TemplateAction::Add(draft)) => {
                let unknown = draft.text.as_str().contains("{nobody}").then(|| "nobody".to_owned());
                Done::Template(TemplateId(9), unknown.into_iter().collect())
            }
            Action::LogInteraction(_, contact) => {
                self.logged.push(contact.text.as_str().to_owned());
                Done::Logged
            }
            Action::Deal(action) => self.deals.act(action)?,
            Action::Case(action) => super::cases::act(&mut self.cases, action),
            Action::Consent(action) => super::consents::act(&mut self.consents, action),
            Action::Rule(action) => super::rules::act(&mut self.rules, action),
            Action::Pool(action) => return super::pool::act(&mut self.pool, action),
            Action::Undo => return Err(Refusal::NothingToUndo),
            Action::OfferRecovery => {
                let words = WORDS.split_whitespace().collect::<Vec<_>>().join(" ");
                Done::Recovery(RecoveryOffer { words: Zeroizing::new(words), ask: vec![2, 9, 17, 24] })
            }
            Action::SplitRecovery { count, .. } => {
                Done::Shares((0..count).map(|n| Zeroizing::new(format!("SHARE-{n}"))).collect())
            }
            _ => Done::Done,
        })
    }
}

fn vocabulary() -> Vocabulary {
    let (owners, tags) =
        (vec!["li.na".into(), "zhao.wei".into()], vec!["vip".into(), "wholesale".into(), "老客户".into()]);
    Vocabulary { owners, tags, ..Vocabulary::of(&schema::sample()) }
}

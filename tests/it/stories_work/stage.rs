//! A stage for stories: keys go in, the screen's text and the wished effects come out, the door's answers are given.

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
use veilbook::app::msg::{Answer, Msg, Ticket};
use veilbook::app::program::App;
use veilbook::app::theme::Theme;
use veilbook::clock::Timestamp;
use veilbook::domain::customer::{Basis, CustomerKind, Profile, Provenance, Stage as CustomerStage};
use veilbook::domain::field::{FieldKey, Lang};
use veilbook::domain::follow_up::FollowUp;
use veilbook::domain::id::{CustomerId, FollowUpId, StaffId};
use veilbook::domain::loss_reasons::LossReasons;
use veilbook::domain::policy::Policy;
use veilbook::domain::role::{Role, RoleName};
use veilbook::domain::schema;
use veilbook::domain::staff::{LoginName, Preferences};
use veilbook::privacy::mask::Masked;
use veilbook::service::view::{self, Cursor, CustomerDetail, CustomerRow, FieldShown, FollowUpRow, Me, Shown, When};
use veilbook::service::{Action, Done, Query, Refusal, View};
use veilbook::text::Printable;

/// Saturday 21 November 2026, 10:20 in UTC+8.
pub const NOW: Timestamp = Timestamp(1_795_227_600_000);

pub fn zone() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap()
}

pub fn name(text: &str) -> LoginName {
    LoginName::new(text).unwrap()
}

/// A moment so many minutes from [`NOW`].
pub fn minutes(count: i64) -> Timestamp {
    NOW.plus_seconds(count * 60)
}

pub struct Stage {
    pub app: App,
    pub now: Timestamp,
    waiting: Vec<(Ticket, Asked)>,
    pub size: (u16, u16),
}

pub enum Asked {
    Query(Query),
    Action(Action),
}

impl Stage {
    /// Somebody with this role is signed in and stands on the screen where their work is.
    pub fn new(role: RoleName, lang: Lang) -> Self {
        Self::sized(role, lang, (80, 24))
    }

    pub fn sized(role: RoleName, lang: Lang, size: (u16, u16)) -> Self {
        let keymap = Keymap::shipped("arrows").unwrap();
        let env = Env::new(NOW, zone(), Words::new(lang), Theme::Mono, keymap);
        let (app, effects) = App::new(env, Start::SignedIn, "");
        let mut stage = Self { app, now: NOW, waiting: Vec::new(), size };
        stage.take(effects);
        stage.send(Msg::Resize(size.0, size.1));
        stage.answer_view(|q| matches!(q, Query::Me), View::Me(me(role)));
        stage.answer_view(|q| matches!(q, Query::Schema), View::Schema(schema::sample()));
        stage
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, query) => self.waiting.push((ticket, Asked::Query(query))),
                Effect::Perform(ticket, action) => self.waiting.push((ticket, Asked::Action(action))),
                _ => {}
            }
        }
    }

    pub fn send(&mut self, msg: Msg) {
        let effects = self.app.input(self.now, msg);
        self.take(effects);
    }

    /// Keys by their names in a keymap, with spaces between.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.send(Msg::Key(key.parse().unwrap()));
        }
        self
    }

    /// Text, letter by letter.
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Msg::Key(Key::char(c)));
        }
        self
    }

    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.plus_seconds(seconds);
        self.send(Msg::Tick(self.now));
        self
    }

    /// Answers the last question of a kind.
    #[track_caller]
    pub fn answer_view(&mut self, which: impl Fn(&Query) -> bool, view: View) {
        let found = self.waiting.iter().rposition(|(_, asked)| matches!(asked, Asked::Query(q) if which(q)));
        let (ticket, _) = self.waiting.remove(found.expect("nobody asked that"));
        self.send(Msg::Reply(ticket, Box::new(Ok(Answer::View(view)))));
    }

    /// Whether a question of a kind waits for its answer.
    pub fn asks(&self, which: impl Fn(&Query) -> bool) -> bool {
        self.waiting.iter().any(|(_, asked)| matches!(asked, Asked::Query(q) if which(q)))
    }

    /// The action that waits for its answer; there must be just one of its kind.
    #[track_caller]
    pub fn action(&mut self) -> (Ticket, Action) {
        let found = self.waiting.iter().rposition(|(_, asked)| matches!(asked, Asked::Action(_)));
        match self.waiting.remove(found.expect("nothing is being done")) {
            (ticket, Asked::Action(action)) => (ticket, action),
            _ => unreachable!(),
        }
    }

    pub fn is_idle(&self) -> bool {
        !self.waiting.iter().any(|(_, asked)| matches!(asked, Asked::Action(_)))
    }

    pub fn done(&mut self, ticket: Ticket, done: Done) {
        self.send(Msg::Reply(ticket, Box::new(Ok(Answer::Done(done)))));
    }

    pub fn refused(&mut self, ticket: Ticket, refusal: Refusal) {
        self.send(Msg::Reply(ticket, Box::new(Err(refusal))));
    }

    /// The screen as lines of text.
    pub fn screen(&mut self) -> String {
        let (width, height) = self.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        self.app.draw(&mut buffer);
        let mut lines = Vec::new();
        for y in 0..height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..width {
                let symbol = buffer.cell((x, y)).unwrap().symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(symbol);
                skip = symbol.width().saturating_sub(1);
            }
            lines.push(line.trim_end().to_owned());
        }
        let text = lines.join("\n");
        if std::env::var_os("VEILBOOK_SHOW").is_some() {
            println!("{text}\n{}", "=".repeat(usize::from(width)));
        }
        text
    }

    /// Where the real cursor stands.
    pub fn cursor(&mut self) -> Option<(u16, u16)> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        self.app.draw(&mut buffer).cursor.map(|p| (p.x, p.y))
    }

    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not in sight:\n{screen}");
        self
    }

    #[track_caller]
    pub fn hides(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is in sight:\n{screen}");
        self
    }
}

pub fn me(role: RoleName) -> Me {
    Me {
        id: StaffId(1),
        name: name("lin"),
        role: Role::shipped(role),
        awaiting: Vec::new(),
        preferences: Preferences::default(),
        policy: Policy::default(),
        losses: LossReasons::default(),
        solo: false,
        colleagues: vec![(StaffId(1), name("lin")), (StaffId(2), name("wang"))],
        everybody: vec![(StaffId(1), name("lin")), (StaffId(2), name("wang"))],
        vault: "desk".into(),
        factor: veilbook::service::view::FactorState {
            since: None,
            codes_left: 0,
            wanted: veilbook::service::view::Wanted::No,
        },
        until: veilbook::clock::Timestamp(i64::MAX),
        odd: None,
    }
}

pub fn task(id: u64, customer: &str, text: &str, due: Timestamp) -> FollowUpRow {
    FollowUpRow {
        follow_up: FollowUp {
            version: 3,
            ..FollowUp::new(FollowUpId(id), CustomerId(id + 100), StaffId(1), (due, Printable::line(text)), NOW)
        },
        customer: Shown::Open(Printable::line(customer)),
        assignee: name("lin"),
        when: if due < NOW { When::Overdue } else { When::Later },
    }
}

pub fn today() -> view::Today {
    view::Today {
        overdue: vec![
            task(1, "王芳", "send the revised quote for 40 desks", minutes(-2 * 1440)),
            task(2, "Jane Smith", "call back about the invoice", minutes(-80)),
        ],
        today: vec![task(3, "欧阳明月", "确认送货地址", minutes(280))],
        next: vec![task(4, "Acme Ltd", "renewal", minutes(1440)), task(5, "张三", "回访", minutes(3 * 1440))],
        without_basis: 12,
        checkpoint: Some(minutes(-30)),
        backups: view::BackupHealth { wanted: true, ..view::BackupHealth::default() },
        ..view::Today::default()
    }
}

pub fn row(id: u64, name_: &str) -> CustomerRow {
    CustomerRow {
        cursor: Cursor::from_bytes(vec![1]),
        id: CustomerId(id),
        kind: CustomerKind::Person,
        name: Shown::Open(Printable::line(name_)),
        owner: Some(name("wang")),
        mine: false,
        stage: CustomerStage::Customer,
        lost: None,
        tags: Vec::new(),
        fields: Vec::new(),
        next_follow_up: None,
        last_contact: None,
        goes: None,
        updated: NOW,
        created: NOW,
        source: String::new(),
        restricted: false,
    }
}

/// A customer with a masked mobile and an open job title.
pub fn detail() -> CustomerDetail {
    let field = |key: &str, shown| FieldShown { key: FieldKey::new(key).unwrap(), shown };
    CustomerDetail {
        profile: Profile {
            id: CustomerId(7),
            version: 5,
            kind: CustomerKind::Person,
            owner: Some(StaffId(1)),
            stage: CustomerStage::Qualified,
            tags: vec!["vip".into()],
            provenance: Provenance { source: "fair".into(), basis: Basis::Contract },
            ..Profile::default()
        },
        name: Shown::Open(Printable::line("王芳")),
        owner: Some(name("lin")),
        mine: true,
        lost: None,
        touch: None,
        goes: None,
        fields: vec![
            field("mobile", Shown::Masked(Masked::stored("138****1234".into()))),
            field("email", Shown::Masked(Masked::stored("w***@example.com".into()))),
            field("job_title", Shown::Open(Printable::line("buyer"))),
        ],
        follow_ups: Vec::new(),
        timeline: Vec::new(),
        deals: Vec::new(),
        cases: Vec::new(),
        consents: Vec::new(),
        linked: Vec::new(),
        looks: Vec::new(),
        beside: Vec::new(),
    }
}

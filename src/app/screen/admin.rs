//! Administration in its plainest form: staff, roles, policy, fields, imports, keys.
//!
//! **Invariant:** no customer's data is shown here; each part shows only what the person's role may change or read.

mod backups;
mod keys;
mod rows;

use ratatui::layout::Rect;

use keys::Fact;

use super::task;
use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::form::field::FieldForm;
use crate::app::form::line::Focus;
use crate::app::form::protection::ProtectionForm;
use crate::app::form::recovery::RecoveryForm;
use crate::app::form::setting::SettingForm;
use crate::app::form::split::SplitForm;
use crate::app::form::staff::StaffForm;
use crate::app::form::staff_key::StaffKeyForm;
use crate::app::layer::cadences::Cadences;
use crate::app::layer::confirm::Confirm;
use crate::app::layer::losses::Losses;
use crate::app::layer::rotating::Rotating;
use crate::app::layer::rules::Rules;
use crate::app::layer::stages::Stages;
use crate::app::layer::templates::Templates;
use crate::app::layer::wordings::Wordings;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::panel::{Handled, Panel};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::list::ListState;
use crate::clock::Timestamp;
use crate::domain::field::{FieldDef, NAME};
use crate::domain::policy::Policy;
use crate::domain::role::Role;
use crate::domain::staff::StaffState;
use crate::service::fields::{FieldAction, Way};
use crate::service::key_state::KeysState;
use crate::service::view::{FieldProgress, ImportRow, SessionRow, StaffRow};
use crate::service::{Action, Query, View};

/// How often it asks how far values are that are sealed anew, in milliseconds.
const AGAIN: i64 = 3_000;

/// The screen's state.
#[derive(Debug, Default)]
pub struct Admin {
    tab: Tab,
    staff: Vec<StaffRow>,
    sessions: Vec<SessionRow>,
    roles: Vec<Role>,
    policy: Option<Policy>,
    /// Fields whose protection is being changed, and when that was last asked for.
    fields: Vec<FieldProgress>,
    asked_at: Timestamp,
    imports: Vec<ImportRow>,
    keys: Option<KeysState>,
    backups: backups::Backups,
    list: ListState,
    asked: Vec<Ticket>,
}

/// The parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Staff,
    Roles,
    Policy,
    Fields,
    Imports,
    Keys,
    Backups,
    Sessions,
}

impl Tab {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Staff, "admin-staff"),
        (Self::Roles, "admin-roles"),
        (Self::Policy, "admin-policy"),
        (Self::Fields, "admin-fields"),
        (Self::Imports, "admin-imports"),
        (Self::Keys, "admin-keys"),
        (Self::Backups, "admin-backups"),
        (Self::Sessions, "admin-sessions"),
    ];

    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|(tab, _)| *tab == self).unwrap_or(0);
        Self::ALL.get((at + 1) % Self::ALL.len()).map_or(Self::Staff, |(tab, _)| *tab)
    }

    fn query(self) -> Query {
        match self {
            Self::Staff => Query::Staff,
            Self::Sessions => Query::Sessions,
            Self::Roles => Query::Roles,
            Self::Policy => Query::Policy,
            Self::Fields => Query::Schema,
            Self::Imports => Query::Imports,
            Self::Keys => Query::Keys,
            Self::Backups => Query::Backups,
        }
    }
}

impl Admin {
    fn ask(&mut self, env: &mut Env) {
        self.asked.push(env.ask(self.tab.query()));
        if self.tab == Tab::Fields {
            self.asked_at = env.now;
            self.asked.push(env.ask(Query::FieldChanges));
        }
    }

    fn height(env: &Env) -> usize {
        // Tabs, heading and the three lines about the row under the cursor.
        task::height(env).saturating_sub(7).max(1)
    }

    fn len(&self, env: &Env) -> usize {
        match self.tab {
            Tab::Staff => self.staff.len(),
            Tab::Sessions => self.sessions.len(),
            Tab::Roles => self.roles.len(),
            Tab::Policy => self.policy_rows().len(),
            Tab::Fields => env.schema.rows().count(),
            Tab::Imports => self.imports.len(),
            Tab::Keys => self.keys.as_ref().map_or(0, |_| Fact::ALL.len()),
            Tab::Backups => 0,
        }
    }

    /// Every policy value with its key and its bounds in words.
    fn policy_rows(&self) -> Vec<(String, String, String)> {
        let Some(policy) = &self.policy else { return Vec::new() };
        let numbers = policy.numbers().into_iter();
        let mut rows: Vec<_> = numbers
            .map(|(key, value, bounds)| {
                (key.to_owned(), value.to_string(), format!("{}–{}", bounds.start(), bounds.end()))
            })
            .collect();
        rows.push(("default_region".to_owned(), policy.default_region.clone(), "CN, GB …".to_owned()));
        rows
    }

    fn row<'e>(&self, env: &'e Env) -> Option<&'e FieldDef> {
        env.schema.rows().nth(self.list.cursor())
    }

    /// The field at the cursor; of the name nothing but its class and mask can be changed.
    fn field<'e>(&self, env: &'e Env) -> Option<&'e FieldDef> {
        self.row(env).filter(|def| def.key != NAME)
    }

    /// Moves the field at the cursor, and the cursor with it.
    fn move_field(&mut self, env: &mut Env, way: Way) {
        let Some(key) = self.field(env).map(|def| def.key.clone()) else { return };
        self.asked.push(env.perform(Action::Field(FieldAction::Move(key, way))));
        let step = if way == Way::Up { Cmd::Up } else { Cmd::Down };
        self.list.run(step, self.len(env), Self::height(env));
    }

    fn change(&self, env: &mut Env) {
        match self.tab {
            Tab::Policy => {
                let rows = self.policy_rows();
                if let (Some((key, value, _)), Some(policy)) = (rows.get(self.list.cursor()), &self.policy) {
                    env.open(Box::new(SettingForm::policy(key, value, policy)));
                }
            }
            Tab::Fields => {
                if let Some(def) = self.field(env) {
                    let form = SettingForm::field(def);
                    env.open(Box::new(form));
                }
            }
            Tab::Staff | Tab::Sessions | Tab::Roles | Tab::Imports | Tab::Keys | Tab::Backups => {}
        }
    }

    fn reset_factor(&self, env: &mut Env) {
        let Some(row) = self.staff.get(self.list.cursor()) else { return };
        let name = row.staff.name.clone();
        let confirm = Confirm::new(
            env.t("factor-reset-title"),
            env.ta("factor-reset-question", &[("name", &name)]),
            env.ta("factor-reset-done", &[("name", &name)]),
            Action::ResetFactor(row.staff.id),
        );
        env.open(Box::new(confirm));
    }

    fn end_session(&self, env: &mut Env, cmd: Cmd) {
        let Some(row) = self.sessions.get(self.list.cursor()) else { return };
        let args: [(&str, &dyn std::fmt::Display); 2] = [("name", &row.name), ("from", &rows::from(env, row))];
        let (key, action) = match cmd {
            Cmd::EndSession => ("end-session", Action::EndSession(row.id)),
            _ => ("end-sessions", Action::EndSessionsOf(row.who)),
        };
        let said = |part: &str| env.ta(&format!("{key}-{part}"), &args);
        let confirm = Confirm::new(env.t("end-session-title"), said("question"), said("done"), action);
        env.open(Box::new(confirm));
    }

    fn disable(&self, env: &mut Env) {
        let Some(row) = self.staff.get(self.list.cursor()) else { return };
        let name = row.staff.name.clone();
        let confirm = Confirm::new(
            env.t("disable-title"),
            env.ta("disable-question", &[("name", &name)]),
            env.ta("disable-done", &[("name", &name)]),
            Action::DisableStaff(row.staff.id),
        );
        env.open(Box::new(confirm));
    }

    /// Asks about one key; whoever has several is asked about the next one the next time.
    fn remove_key(&self, env: &mut Env) {
        let Some(row) = self.staff.get(self.list.cursor()) else { return };
        let Some(key) = row.ssh.first() else { return };
        let (name, print) = (row.staff.name.clone(), key.fingerprint());
        let confirm = Confirm::new(
            env.t("staff-key-remove-title"),
            env.ta("staff-key-remove-question", &[("name", &name), ("key", &print), ("comment", &key.comment())]),
            env.ta("staff-key-removed", &[("name", &name)]),
            Action::RemoveStaffKey(row.staff.id, print),
        );
        env.open(Box::new(confirm));
    }
}

fn seal(env: &mut Env) {
    let (title, question) = (env.t("seal-title"), env.t("seal-question"));
    env.open(Box::new(Confirm::new(title, question, env.t("locked-sealed"), Action::Seal)));
}

/// The commands of the part about backups.
const OF_BACKUPS: [Cmd; 7] = [
    Cmd::BackUp,
    Cmd::VerifyBackup,
    Cmd::DrillBackup,
    Cmd::StopBackup,
    Cmd::AddPlace,
    Cmd::RemovePlace,
    Cmd::ChangeBackup,
];

impl Panel for Admin {
    fn places(&self) -> Vec<Place> {
        vec![Place::Admin, Place::List]
    }

    fn footer(&self) -> Vec<Cmd> {
        let mut footer = vec![Cmd::NextPart];
        if self.tab == Tab::Backups {
            footer.extend([Cmd::StopBackup, Cmd::BackUp, Cmd::VerifyBackup, Cmd::DrillBackup, Cmd::AddPlace]);
            return footer;
        }
        footer.extend(
            match self.tab {
                Tab::Staff => [Some(Cmd::AddStaff), Some(Cmd::SetTeam)],
                Tab::Sessions => [Some(Cmd::EndSession), Some(Cmd::EndSessionsOf)],
                Tab::Policy => [Some(Cmd::ChangePolicy), None],
                Tab::Fields => [Some(Cmd::AddField), Some(Cmd::ProtectField)],
                Tab::Keys => [Some(Cmd::NewRecovery), Some(Cmd::RotateKeys)],
                Tab::Roles | Tab::Imports | Tab::Backups => [None, None],
            }
            .into_iter()
            .flatten(),
        );
        footer
    }

    fn enter(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        let here = |tab: Tab, key| (self.tab != tab || self.list.cursor() >= self.len(env)).then_some(key);
        match cmd {
            Cmd::AddStaff => (self.tab != Tab::Staff).then_some("why-staff-part"),
            Cmd::DisableStaff => here(Tab::Staff, "why-staff-part").or_else(|| {
                let row = self.staff.get(self.list.cursor())?;
                (row.staff.state == StaffState::Disabled).then_some("why-disabled-already")
            }),
            Cmd::ResetFactor => here(Tab::Staff, "why-staff-part").or_else(|| {
                let row = self.staff.get(self.list.cursor())?;
                row.factor.is_none().then_some("why-no-factor")
            }),
            Cmd::AddStaffKey | Cmd::SetTeam => here(Tab::Staff, "why-staff-part").or_else(|| {
                let row = self.staff.get(self.list.cursor())?;
                (row.staff.state == StaffState::Disabled).then_some("why-disabled-already")
            }),
            Cmd::RemoveStaffKey => here(Tab::Staff, "why-staff-part").or_else(|| {
                let row = self.staff.get(self.list.cursor())?;
                row.ssh.is_empty().then_some("why-no-ssh-key")
            }),
            Cmd::EndSession => here(Tab::Sessions, "why-sessions-part").or_else(|| {
                let row = self.sessions.get(self.list.cursor())?;
                row.own.then_some("why-own-session")
            }),
            Cmd::EndSessionsOf => here(Tab::Sessions, "why-sessions-part"),
            Cmd::SealVault => (self.tab != Tab::Sessions).then_some("why-sessions-part"),
            Cmd::ChangePolicy => here(Tab::Policy, "why-policy-part"),
            Cmd::AddField => (self.tab != Tab::Fields).then_some("why-fields-part"),
            Cmd::ProtectField => here(Tab::Fields, "why-fields-part"),
            Cmd::SwitchField | Cmd::ChangeField | Cmd::FieldUp | Cmd::FieldDown => {
                here(Tab::Fields, "why-fields-part").or_else(|| self.field(env).is_none().then_some("why-name-stays"))
            }
            Cmd::NewRecovery | Cmd::SplitRecovery | Cmd::Recalibrate | Cmd::RotateKeys => {
                (self.tab != Tab::Keys).then_some("why-keys-part")
            }
            Cmd::Mark => Some("why-not-here"),
            cmd if OF_BACKUPS.contains(&cmd) => match self.tab {
                Tab::Backups => self.backups.unavailable(env, cmd),
                _ => Some("why-backups-part"),
            },
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        if self.tab == Tab::Backups && self.backups.run(env, cmd) == Handled::Yes {
            return Handled::Yes;
        }
        if self.list.run(cmd, self.len(env), Self::height(env)) == Handled::Yes {
            return Handled::Yes;
        }
        match cmd {
            Cmd::NextPart => {
                self.tab = self.tab.next();
                self.list = ListState::default();
                self.ask(env);
            }
            Cmd::AddStaff => env.open(Box::new(StaffForm::default())),
            Cmd::DisableStaff => self.disable(env),
            Cmd::SetTeam => {
                if let Some(row) = self.staff.get(self.list.cursor()) {
                    env.open(Box::new(SettingForm::team(row)));
                }
            }
            Cmd::ResetFactor => self.reset_factor(env),
            Cmd::AddStaffKey => {
                if let Some(row) = self.staff.get(self.list.cursor()) {
                    env.open(Box::new(StaffKeyForm::new(row.staff.id, row.staff.name.clone())));
                }
            }
            Cmd::RemoveStaffKey => self.remove_key(env),
            Cmd::EndSession | Cmd::EndSessionsOf => self.end_session(env, cmd),
            Cmd::SealVault => seal(env),
            Cmd::ChangePolicy | Cmd::SwitchField => self.change(env),
            Cmd::AddField => env.open(Box::new(FieldForm::add())),
            Cmd::ChangeField => {
                if let Some(def) = self.field(env) {
                    let form = FieldForm::change(def);
                    env.open(Box::new(form));
                }
            }
            Cmd::ProtectField => {
                if let Some(def) = self.row(env) {
                    let form = ProtectionForm::new(def, self.fields.iter().find(|row| row.field == def.key));
                    env.open(Box::new(form));
                }
            }
            Cmd::Cadences => env.open(Box::new(Cadences::default())),
            Cmd::LossReasons => env.open(Box::new(Losses::default())),
            Cmd::Templates => env.open(Box::new(Templates::default())),
            Cmd::FieldUp => self.move_field(env, Way::Up),
            Cmd::FieldDown => self.move_field(env, Way::Down),
            Cmd::NewRecovery => env.open(Box::new(RecoveryForm::default())),
            Cmd::SplitRecovery => env.open(Box::new(SplitForm::default())),
            Cmd::Recalibrate => {
                let (title, question) = (env.t("recalibrate-title"), env.t("recalibrate-question"));
                let done = env.t("recalibrate-done");
                env.open(Box::new(Confirm::new(title, question, done, Action::Recalibrate)));
            }
            Cmd::RotateKeys => env.open(Box::new(Rotating::default())),
            Cmd::Rules => env.open(Box::new(Rules::default())),
            Cmd::Stages => env.open(Box::new(Stages::default())),
            Cmd::Wordings => env.open(Box::new(Wordings::default())),
            // Enter is the change of the part, held to the same rights as its own key.
            Cmd::Open if self.tab == Tab::Policy => env.run(Cmd::ChangePolicy),
            Cmd::Open if self.tab == Tab::Fields => env.run(Cmd::ChangeField),
            Cmd::Open if self.tab == Tab::Keys => {
                if let Some(fact) = Fact::ALL.get(self.list.cursor()) {
                    env.run(fact.command());
                }
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if let (Tab::Backups, Ok(Answer::Done(_))) = (self.tab, &reply) {
            return self.ask(env);
        }
        if let (Tab::Backups, false, Err(refusal)) = (self.tab, self.asked.contains(&ticket), &reply) {
            return env.refuse(refusal);
        }
        let Some(at) = self.asked.iter().position(|asked| *asked == ticket) else { return };
        self.asked.swap_remove(at);
        match reply {
            Ok(Answer::View(View::Staff(rows))) => self.staff = rows,
            Ok(Answer::View(View::Sessions(rows))) => self.sessions = rows,
            Ok(Answer::View(View::Roles(roles))) => self.roles = roles,
            Ok(Answer::View(View::Policy(policy))) => {
                if let Some(me) = &mut env.me {
                    me.policy = policy.clone();
                }
                self.policy = Some(policy);
            }
            Ok(Answer::View(View::Schema(schema))) => env.schema = schema,
            Ok(Answer::View(View::FieldChanges(rows))) => self.fields = rows,
            // A field was moved.
            Ok(Answer::Done(_)) => self.ask(env),
            Ok(Answer::View(View::Imports(rows))) => self.imports = rows,
            Ok(Answer::View(View::Keys(state))) => self.keys = Some(state),
            Ok(Answer::View(View::Backups(view))) => self.backups.take(env, *view),
            Ok(_) => {}
            Err(refusal) => env.refuse(&refusal),
        }
        self.list.go(self.list.cursor(), self.len(env), Self::height(env));
    }

    fn changed(&mut self, env: &mut Env) {
        self.ask(env);
    }

    fn tick(&mut self, env: &mut Env) {
        let waited = self.tab != Tab::Fields || env.now.since(self.asked_at) >= AGAIN;
        if self.counts_down() && self.asked.is_empty() && waited {
            self.ask(env);
        }
    }

    fn counts_down(&self) -> bool {
        let sealing = self.tab == Tab::Fields && self.fields.iter().any(|row| row.running.is_some());
        sealing || self.tab == Tab::Backups && self.backups.is_running()
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let style = |ink| env.theme.style(ink);
        let mut column = 1;
        for (tab, key) in Tab::ALL {
            let word = env.t(key);
            let (word, ink) =
                if tab == self.tab { (format!("[{word}]"), Ink::Chosen) } else { (format!(" {word} "), Ink::Dim) };
            column = canvas.text(area, 0, column, &word, style(ink)) + 1;
        }
        if self.tab == Tab::Backups {
            return self.backups.draw(env, area, canvas);
        }
        let len = self.len(env);
        if len == 0 {
            let key = match self.tab {
                _ if !self.asked.is_empty() => "loading",
                Tab::Imports => "admin-no-imports",
                _ => "admin-nothing",
            };
            canvas.text(area, 2, 2, &env.t(key), style(Ink::Dim));
            return;
        }
        rows::head(self, env, canvas::row(area, 2), canvas);
        let height = Self::height(env).min(usize::from(area.height.saturating_sub(3)));
        let body = canvas::below(area, 3);
        for (shown, at) in self.list.window(len, height).enumerate() {
            let place = canvas::row(body, u16::try_from(shown).unwrap_or(u16::MAX));
            rows::row(self, env, at, place, canvas);
            task::mark(env, canvas, place, Focus::on(at, self.list.cursor()));
        }
        let foot = canvas::below(area, area.height.saturating_sub(3));
        let about = rows::about(self, env, self.list.cursor());
        for (at, line) in text_lines(&about, usize::from(area.width.saturating_sub(2))).iter().take(3).enumerate() {
            canvas.text(foot, u16::try_from(at).unwrap_or(0), 1, line, style(Ink::Dim));
        }
    }
}

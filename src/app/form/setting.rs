//! One value of the administration: a policy number with its bounds, why a field is needed, or somebody's team.
//!
//! **Invariant:** a value is judged while it is typed by the same rules that the door will hold it to.

use ratatui::layout::Rect;

use super::Form;
use super::line::{self, Focus, LABEL};
use crate::app::commands::Cmd;
use crate::app::env::Env;
use crate::app::msg::{Answer, Reply, Ticket};
use crate::app::screen::frame::text_lines;
use crate::app::theme::Ink;
use crate::app::widget::canvas::{self, Canvas};
use crate::app::widget::frame;
use crate::app::widget::input::LineInput;
use crate::app::wording;
use crate::domain::field::{FieldDef, FieldKey, FieldState};
use crate::domain::id::StaffId;
use crate::domain::policy::Policy;
use crate::domain::staff::LoginName;
use crate::service::view::{BackupChange, BackupPolicy, FieldUse, StaffRow};
use crate::service::{Action, Query, View};
use crate::text::Printable;
use crate::words;

/// The form.
#[derive(Debug)]
pub struct SettingForm {
    about: About,
    input: LineInput,
    saving: Option<Ticket>,
}

#[derive(Debug)]
enum About {
    Policy { key: String, policy: Box<Policy> },
    Field { key: FieldKey, to: FieldState, uses: Vec<FieldUse> },
    Backup { key: &'static str, policy: Box<BackupPolicy> },
    Place,
    Team { who: StaffId, name: LoginName },
}

impl SettingForm {
    /// For a policy value.
    pub fn policy(key: &str, value: &str, policy: &Policy) -> Self {
        let about = About::Policy { key: key.to_owned(), policy: Box::new(policy.clone()) };
        Self { about, input: LineInput::new(value).at_most(40), saving: None }
    }

    /// For putting a field in use, or out of it.
    pub fn field(def: &FieldDef) -> Self {
        let to = match def.state {
            FieldState::On => FieldState::Off,
            FieldState::Off => FieldState::On,
        };
        let about = About::Field { key: def.key.clone(), to, uses: Vec::new() };
        Self { about, input: LineInput::new(&def.purpose).at_most(500), saving: None }
    }

    /// For a setting of backups.
    pub fn backup(key: &'static str, value: u32, policy: &BackupPolicy) -> Self {
        let about = About::Backup { key, policy: Box::new(policy.clone()) };
        Self { about, input: LineInput::new(&value.to_string()).at_most(10), saving: None }
    }

    /// For another place for backups.
    pub fn place() -> Self {
        Self { about: About::Place, input: LineInput::default().at_most(500), saving: None }
    }

    /// For the team that somebody is of.
    pub fn team(row: &StaffRow) -> Self {
        let about = About::Team { who: row.staff.id, name: row.staff.name.clone() };
        Self { about, input: LineInput::new(&row.staff.team).at_most(40), saving: None }
    }

    fn fault(&self, env: &Env) -> Option<String> {
        let typed = self.input.text().trim();
        match &self.about {
            About::Policy { key, policy } => {
                let fault = policy.as_ref().clone().set(key, typed).err()?;
                Some(words::refusal::policy_fault(&env.words, &fault))
            }
            About::Field { to: FieldState::On, .. } if typed.chars().count() < 3 => {
                Some(env.t("field-purpose-missing"))
            }
            About::Field { .. } | About::Team { .. } => None,
            About::Backup { key, policy } => {
                let fault = policy.as_ref().clone().set(key, typed).err()?;
                Some(words::backup::policy(&env.words, &fault))
            }
            About::Place if typed.is_empty() => None,
            About::Place => {
                let fault = BackupPolicy::default().add_place(typed).err()?;
                Some(words::backup::policy(&env.words, &fault))
            }
        }
    }
}

impl Form for SettingForm {
    fn on_enter(&self) -> Option<Cmd> {
        Some(Cmd::Save)
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Save, Cmd::Back]
    }

    fn save(&mut self, env: &mut Env) -> Option<Action> {
        if let Some(fault) = self.fault(env) {
            env.bad(fault);
            return None;
        }
        let typed = self.input.text().trim().to_owned();
        Some(match &self.about {
            About::Policy { key, .. } => Action::SetPolicy(key.clone(), typed),
            About::Field { key, to, .. } => Action::SetFieldInUse(key.clone(), *to, Printable::line(&typed)),
            About::Backup { key, .. } => Action::SetBackups(BackupChange::Set((*key).to_owned(), typed)),
            About::Place => Action::SetBackups(BackupChange::AddPlace(typed)),
            About::Team { who, .. } => Action::SetTeam(*who, Printable::line(&typed)),
        })
    }

    fn saving(&mut self) -> &mut Option<Ticket> {
        &mut self.saving
    }

    fn enter(&mut self, env: &mut Env) {
        // Whoever takes a field out of use is told first what has it in it.
        if let About::Field { key, to: FieldState::Off, .. } = &self.about {
            env.ask(Query::FieldUses(key.clone()));
        }
    }

    fn other(&mut self, _env: &mut Env, _ticket: Ticket, reply: Reply) {
        if let (About::Field { uses, .. }, Ok(Answer::View(View::FieldUses(found)))) = (&mut self.about, reply) {
            *uses = found;
        }
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn done(&mut self, env: &mut Env, _answer: Answer) {
        env.good(env.t("setting-saved"));
        env.changed();
        env.close();
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        let (title, about, label) = match &self.about {
            About::Policy { key, .. } => {
                let name = wording::code(env, "policy", key);
                (env.ta("policy-title", &[("name", &name)]), env.t("policy-about"), env.t("policy-value"))
            }
            About::Field { key, to, uses } => {
                let name = wording::field_key(env, key);
                let (title, about) = match to {
                    FieldState::On => ("field-title-on", "field-about-on"),
                    FieldState::Off => ("field-title-off", "field-about-off"),
                };
                let said = match uses.as_slice() {
                    [] => env.t(about),
                    uses => format!("{} {}", env.t(about), used(env, uses)),
                };
                (env.ta(title, &[("name", &name)]), said, env.t("field-purpose"))
            }
            About::Backup { key, .. } => {
                let name = wording::code(env, "backup-set", key);
                (env.ta("backup-set-title", &[("name", &name)]), env.t("backup-set-about"), env.t("policy-value"))
            }
            About::Place => (env.t("place-title"), env.t("place-about"), env.t("place-label")),
            About::Team { name, .. } => {
                (env.ta("team-title", &[("name", name)]), env.t("team-about"), env.t("team-label"))
            }
        };
        let lines = text_lines(&about, usize::from(area.width.saturating_sub(4)));
        let rows = u16::try_from(lines.len()).unwrap_or(1);
        let inside = frame::sheet(env, canvas, area, rows + 4, &title);
        for (at, line) in lines.iter().enumerate() {
            canvas.text(inside, u16::try_from(at).unwrap_or(0), 0, line, env.theme.style(Ink::Dim));
        }
        line::draw(env, canvas, (inside, rows), &label, &self.input, Focus::Here);
        let foot = canvas::row(inside, rows + 1);
        if self.saving.is_some() {
            canvas.text(foot, 0, LABEL, &env.t("form-saving"), env.theme.style(Ink::Dim));
        } else if let Some(fault) = self.fault(env) {
            canvas.text(foot, 0, LABEL, &format!("! {fault}"), env.theme.style(Ink::Bad));
        }
    }
}

/// Names that are said; of more, how many.
const MOST_NAMED: usize = 4;

/// What has a field in it, in words.
fn used(env: &Env, uses: &[FieldUse]) -> String {
    let named = uses.iter().take(MOST_NAMED).map(|one| {
        let place = wording::code(env, "field-used", one.place.code());
        if one.name.is_empty() { place } else { format!("{place} {}", one.name) }
    });
    let mut names: Vec<String> = named.collect();
    if uses.len() > MOST_NAMED {
        names.push(env.ta("field-used-more", &[("n", &(uses.len() - MOST_NAMED))]));
    }
    env.ta("field-used", &[("names", &names.join(&env.t("form-list")))])
}

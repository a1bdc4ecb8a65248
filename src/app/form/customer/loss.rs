//! Why a customer is lost, asked where the stage is chosen.
//!
//! **Invariant:** the lines that ask stand in the form exactly while the stage that is chosen is lost; the date that is kept
//! is the one that was read back.

use super::outline::loss_parts;
use super::part::{Input, PartId, Pick};
use super::{CustomerForm, Subject};
use crate::app::env::Env;
use crate::app::form::reading::{Reading, fault_words};
use crate::app::wording;
use crate::domain::customer::Stage;
use crate::domain::loss::LossReason;
use crate::service::{Change, LossDraft};
use crate::text::Printable;

/// Why it cannot be saved: at which part, and the words.
type Wrong = (PartId, String);

/// What is to be done when a customer is to be won back, in the words of whoever writes it.
pub(in crate::app::form) fn step_text(env: &Env, why: LossReason) -> String {
    env.ta("lost-win-back-text", &[("why", &wording::loss_reason(env, why))])
}

impl CustomerForm {
    fn place_of(&self, id: &PartId) -> Option<usize> {
        self.parts.iter().position(|part| part.id == *id)
    }

    fn chosen(&self, id: &PartId) -> Option<&Pick> {
        let part = self.parts.get(self.place_of(id)?)?;
        if let Input::Choice(choice) = &part.input { choice.chosen() } else { None }
    }

    fn typed(&self, id: &PartId) -> &str {
        let part = self.place_of(id).and_then(|at| self.parts.get(at));
        match part.map(|part| &part.input) {
            Some(Input::Text(text)) => text.editor.text().trim(),
            _ => "",
        }
    }

    fn is_lost(&self) -> bool {
        self.chosen(&PartId::Stage) == Some(&Pick::Stage(Stage::Lost))
    }

    /// Has the lines that ask where the stage is lost, and only there.
    pub(super) fn ask_why_lost(&mut self, env: &Env) {
        let asked = self.place_of(&PartId::Lost).is_some();
        match (self.is_lost(), self.place_of(&PartId::Stage)) {
            (true, Some(at)) if !asked => {
                let detail = if let Subject::Edited(detail) = &self.subject { Some(&**detail) } else { None };
                let behind = at + 1;
                self.parts.splice(behind..behind, loss_parts(env, detail));
                if self.at >= behind {
                    self.at = self.parts.len().saturating_sub(1).min(self.at + 3);
                }
            }
            (false, Some(at)) if asked => {
                self.parts.retain(|part| !matches!(part.id, PartId::Lost | PartId::LostText | PartId::WinBack));
                self.at = self.at.min(at);
            }
            _ => {}
        }
    }

    /// The reason that goes with what is saved, if something of it is new.
    pub(super) fn loss(&self, env: &Env) -> Result<Option<Change>, Wrong> {
        let of_loss = |id: &PartId| matches!(id, PartId::Lost | PartId::LostText | PartId::WinBack);
        let newly = self.parts.iter().any(|part| part.id == PartId::Stage && part.is_changed());
        let changed = self.parts.iter().any(|part| of_loss(&part.id) && part.is_changed());
        if !self.is_lost() || !(newly || changed) {
            return Ok(None);
        }
        let Some(Pick::Lost(Some(why))) = self.chosen(&PartId::Lost) else {
            return Err((PartId::Lost, env.t("lost-choose")));
        };
        let text = Printable::line(self.typed(&PartId::LostText));
        if *why == LossReason::OTHER && text.is_empty() {
            return Err((PartId::LostText, env.t("lost-say-what")));
        }
        let reading = Reading::of(env, self.typed(&PartId::WinBack));
        if let Reading::Fault(fault) = reading {
            return Err((PartId::WinBack, fault_words(env, fault)));
        }
        let back = reading.step(&step_text(env, *why));
        Ok(Some(Change::Lost(LossDraft { why: *why, text, back })))
    }
}

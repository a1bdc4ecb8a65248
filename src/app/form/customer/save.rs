//! Saving a customer: what is asked of the door, and what its answer means for what was typed.
//!
//! **Invariant:** a conflict never drops what was typed, nor writes over what somebody else wrote before it was seen.

use super::outline::{parts, rebase, stored};
use super::part::Judged;
use super::{CustomerForm, Subject};
use crate::app::env::Env;
use crate::app::msg::{Answer, Reply};
use crate::app::wording;
use crate::service::refusal::{FieldFault, Refusal};
use crate::service::view::CustomerDetail;
use crate::service::{Action, Done};

impl CustomerForm {
    pub(super) fn save(&mut self, env: &mut Env) {
        if self.saving.is_some() || matches!(self.subject, Subject::Opening(..)) {
            return;
        }
        for part in &mut self.parts {
            part.judge(env, Judged::Saving);
        }
        if let Some(first) = self.parts.iter().position(|p| p.fault.is_some()) {
            self.at = first;
            let count = self.parts.iter().filter(|p| p.fault.is_some()).count();
            env.bad(env.ta("form-faults", &[("n", &count)]));
            return;
        }
        let whole = self.whole();
        let mut changes: Vec<_> = self.parts.iter().filter_map(|part| part.change(whole)).collect();
        match self.loss(env) {
            Ok(loss) => changes.extend(loss),
            Err((id, words)) => {
                self.at = self.parts.iter().position(|part| part.id == id).unwrap_or(self.at);
                env.bad(words);
                return;
            }
        }
        let action = match &self.subject {
            Subject::New => Action::AddCustomer(changes),
            Subject::Edited(_) if changes.is_empty() => {
                env.say(env.t("form-unchanged"));
                env.close();
                return;
            }
            Subject::Edited(detail) => Action::EditCustomer(detail.profile.id, detail.profile.version, changes),
            Subject::Opening(..) => return,
        };
        self.saving = Some(env.perform(action));
    }

    pub(super) fn saved(&mut self, env: &mut Env, reply: Reply) {
        self.saving = None;
        match reply {
            Ok(Answer::Done(Done::Saved(id, _))) => {
                let name = self.name(env);
                env.good(env.ta("form-saved", &[("name", &name)]));
                env.changed();
                env.close();
                if matches!(self.subject, Subject::New) {
                    env.show_customer(id);
                }
            }
            Ok(_) => {}
            Err(Refusal::Invalid(faults)) => self.take_faults(env, faults),
            Err(Refusal::Conflict(Some(theirs))) => self.meet(env, *theirs),
            Err(refusal) => env.refuse(&refusal),
        }
    }

    fn take_faults(&mut self, env: &mut Env, faults: Vec<FieldFault>) {
        let mut homeless = Vec::new();
        let mut first = None;
        for fault in faults {
            match self.parts.iter().position(|p| p.id.code() == fault.part) {
                Some(at) => {
                    first = Some(first.map_or(at, |first: usize| first.min(at)));
                    if let Some(part) = self.parts.get_mut(at) {
                        part.fault = Some(fault.fault);
                    }
                }
                None => homeless.push(fault),
            }
        }
        self.at = first.unwrap_or(self.at);
        if homeless.is_empty() {
            let count = self.parts.iter().filter(|p| p.fault.is_some()).count();
            env.bad(env.ta("form-faults", &[("n", &count)]));
        } else {
            env.refuse(&Refusal::Invalid(homeless));
        }
    }

    /// Takes over what somebody else wrote, shows it beside what is typed here, and goes on from their version.
    fn meet(&mut self, env: &mut Env, theirs: CustomerDetail) {
        let Subject::Edited(before) = &self.subject else { return };
        let (was, now) = (parts(env, Some(before)), parts(env, Some(&theirs)));
        self.conflict.clear();
        for fresh in now {
            let old = was.iter().find(|p| p.id == fresh.id);
            let same = old.is_some_and(|old| stored(env, old) == stored(env, &fresh));
            let Some(part) = self.parts.iter_mut().find(|p| p.id == fresh.id) else { continue };
            if same {
                continue;
            }
            self.conflict.push(fresh.id.clone());
            if part.is_changed() {
                part.theirs = Some(stored(env, &fresh));
                rebase(part, fresh);
            } else {
                let theirs = stored(env, &fresh);
                *part = fresh;
                part.theirs = Some(theirs);
            }
        }
        self.subject = Subject::Edited(Box::new(theirs));
        self.ask_why_lost(env);
        let names: Vec<String> = self.conflict.iter().map(|id| wording::field(env, id.code())).collect();
        env.bad(env.ta("form-conflict", &[("parts", &names.join(&env.t("form-list")))]));
    }
}

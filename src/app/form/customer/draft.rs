//! What of a customer form is kept over a lock.
//!
//! **Invariant:** a draft holds what its writer typed and no more; a mask or another value of the customer is not in
//! it. It leaves only as the bytes of `Action::KeepDraft`, which only its writer can read again.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::part::{Input, Mark};
use super::{CustomerForm, Subject};
use crate::app::env::Env;
use crate::app::panel::Draft;
use crate::domain::id::CustomerId;

/// The form's name among drafts.
pub(in crate::app::form) const NAME: &str = "customer";

/// The draft's own notation.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    customer: Option<u64>,
    at: usize,
    texts: Vec<(String, Word, String)>,
    choices: Vec<(String, usize)>,
}

/// Names the customer only.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept(customer {:?})", self.customer)
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Word {
    Typed,
    Declined,
    Cleared,
}

impl CustomerForm {
    pub(super) fn keep(&self) -> Draft {
        let mut kept = Kept {
            customer: match &self.subject {
                Subject::New => None,
                Subject::Edited(detail) => Some(detail.profile.id.0),
                Subject::Opening(id, _) => Some(id.0),
            },
            at: self.at,
            texts: Vec::new(),
            choices: Vec::new(),
        };
        for part in self.parts.iter().filter(|part| part.is_changed()) {
            let code = part.id.code().to_owned();
            match &part.input {
                Input::Fixed(_) => {}
                Input::Choice(choice) => kept.choices.push((code, choice.at)),
                Input::Text(text) => {
                    let word = match text.mark {
                        Mark::Typed => Word::Typed,
                        Mark::Declined => Word::Declined,
                        Mark::Cleared => Word::Cleared,
                    };
                    kept.texts.push((code, word, text.editor.text().to_owned()));
                }
            }
        }
        // Writing plain strings and numbers into memory cannot fail; an empty draft would only be forgotten.
        let content = Zeroizing::new(serde_json::to_vec(&kept).unwrap_or_default());
        Draft { form: NAME, content }
    }

    /// The form as a draft left it; nothing if the draft cannot be read.
    pub fn restore(env: &Env, content: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(content).ok()?;
        let mut form = Self::add(env);
        match kept.customer {
            None => form.put_in(env, &kept),
            Some(id) => {
                form.subject = Subject::Opening(CustomerId(id), None);
                form.kept = Some(kept);
            }
        }
        Some(form)
    }

    pub(super) fn put_in(&mut self, env: &Env, kept: &Kept) {
        // Which parts there are hangs on the stage, and what they say comes after that.
        self.choose_kept(kept);
        self.ask_why_lost(env);
        self.choose_kept(kept);
        for (code, word, typed) in &kept.texts {
            let Some(part) = self.parts.iter_mut().find(|p| p.id.code() == code) else { continue };
            if let Input::Text(text) = &mut part.input {
                text.editor.set(typed);
                text.mark = match word {
                    Word::Typed => Mark::Typed,
                    Word::Declined => Mark::Declined,
                    Word::Cleared => Mark::Cleared,
                };
            }
            part.judge(env, super::Judged::Left);
        }
        self.at = kept.at.min(self.parts.len().saturating_sub(1));
    }

    fn choose_kept(&mut self, kept: &Kept) {
        for (code, at) in &kept.choices {
            let Some(part) = self.parts.iter_mut().find(|p| p.id.code() == code) else { continue };
            if let Input::Choice(choice) = &mut part.input {
                choice.at = (*at).min(choice.options.len().saturating_sub(1));
            }
        }
    }
}

//! Customers who are probably there more than once: the pairs, the surest first, and one of them side by side.
//!
//! **Invariant:** a merge is asked for once and named before it is done; of a pair whose other is another's nothing is
//! shown but that there is one.

mod draw;
mod pair;

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::effect::Effect;
use crate::app::env::Env;
use crate::app::key::Key;
use crate::app::msg::{Answer, Progress, Reply, Ticket};
use crate::app::panel::{Handled, Panel, Typing};
use crate::app::widget::canvas::Canvas;
use crate::app::widget::list::ListState;
use crate::clock::Timestamp;
use crate::domain::id::CustomerId;
use crate::privacy::class::FieldClass;
use crate::service::quality::QualityAction;
use crate::service::refusal::Refusal;
use crate::service::view::DuplicatePair;
use crate::service::{Action, Done};

use pair::{Came, Pair};

/// The pairs that are looked at.
#[derive(Debug, Default)]
pub struct Duplicates {
    /// None until they were looked for.
    pairs: Option<Vec<DuplicatePair>>,
    list: ListState,
    searching: Option<Ticket>,
    began: Timestamp,
    progress: Progress,
    open: Option<Pair>,
    /// Of whom it is just being said that they are not the same.
    parting: Option<(Ticket, CustomerId, CustomerId)>,
}

impl Duplicates {
    fn search(&mut self, env: &mut Env, action: Action) {
        self.pairs = None;
        self.open = None;
        self.list = ListState::default();
        self.began = env.now;
        self.progress = Progress::default();
        self.searching = Some(env.perform(action));
    }

    /// The classes whose values may be compared by likeness: those that the person may see with a reason of their own.
    fn classes(env: &Env) -> Vec<FieldClass> {
        let holds = |class: &FieldClass| env.me.as_ref().is_some_and(|me| me.role.reveal(*class).holds_key());
        FieldClass::SEALED.iter().copied().filter(holds).collect()
    }

    fn pairs(&self) -> &[DuplicatePair] {
        self.pairs.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&DuplicatePair> {
        self.pairs().get(self.list.cursor())
    }

    /// The two of the pair under the cursor, where both may be seen.
    fn ids(&self) -> Option<(CustomerId, CustomerId)> {
        let pair = self.current()?;
        Some((pair.keep.id, pair.other.as_ref()?.id))
    }

    fn height(env: &Env) -> usize {
        usize::from(env.size.1.saturating_sub(7)).max(1)
    }

    fn open_current(&mut self, env: &mut Env) {
        match self.ids() {
            Some((keep, other)) => self.open = Some(Pair::open(env, keep, other)),
            None => env.say(env.t("dup-nothing-more")),
        }
    }

    fn part(&mut self, env: &mut Env) {
        if let Some((one, other)) = self.ids() {
            let ticket = env.perform(Action::Quality(QualityAction::Apart(one, other)));
            self.parting = Some((ticket, one, other));
        }
    }

    /// Takes the pair under the cursor off the list.
    fn drop_current(&mut self, env: &Env) {
        let at = self.list.cursor();
        if let Some(pairs) = self.pairs.as_mut().filter(|pairs| at < pairs.len()) {
            pairs.remove(at);
        }
        self.open = None;
        self.list.go(at, self.pairs().len(), Self::height(env));
    }

    /// Whoever was merged away is whoever was kept, in the other pairs too.
    fn merged(&mut self, env: &Env, keep: CustomerId, gone: CustomerId) {
        let at = self.list.cursor();
        let rows = self.pairs.iter().flatten().flat_map(|pair| pair.other.iter().chain([&pair.keep]));
        let kept = rows.into_iter().find(|row| row.id == keep).cloned();
        let mut seen = Vec::new();
        if let (Some(pairs), Some(kept)) = (&mut self.pairs, kept) {
            for pair in pairs.iter_mut() {
                if pair.keep.id == gone {
                    pair.keep = kept.clone();
                }
                if let Some(other) = pair.other.as_mut().filter(|other| other.id == gone) {
                    *other = kept.clone();
                }
            }
            pairs.retain(|pair| {
                let Some(other) = &pair.other else { return true };
                let two = (pair.keep.id.min(other.id), pair.keep.id.max(other.id));
                let fresh = two.0 != two.1 && !seen.contains(&two);
                seen.push(two);
                fresh
            });
        }
        self.open = None;
        self.list.go(at, self.pairs().len(), Self::height(env));
    }

    fn come(&mut self, env: &mut Env, came: Came) {
        match came {
            Came::Nothing => {}
            Came::Closed => self.open = None,
            Came::Merged(keep, gone) => {
                self.merged(env, keep, gone);
                env.good(env.ta("dup-merged", &[("gone", &gone), ("keep", &keep)]));
                env.changed();
            }
        }
    }
}

impl Panel for Duplicates {
    fn places(&self) -> Vec<Place> {
        vec![Place::Duplicates, Place::List]
    }

    fn typing(&self) -> Typing {
        match &self.open {
            Some(pair) if pair.asks() => Typing::Text,
            _ => Typing::Keys,
        }
    }

    fn footer(&self) -> Vec<Cmd> {
        match &self.open {
            Some(pair) if pair.asks() => vec![Cmd::Back],
            Some(_) => vec![Cmd::MergePair, Cmd::TakeSide, Cmd::SwapPair, Cmd::NotSame, Cmd::Back],
            None if self.searching.is_some() => vec![Cmd::Back],
            None if self.pairs().is_empty() => vec![Cmd::LookAgain, Cmd::LookCloser, Cmd::Back],
            None => vec![Cmd::Open, Cmd::NotSame, Cmd::SkipPair, Cmd::LookCloser, Cmd::Back],
        }
    }

    fn enter(&mut self, env: &mut Env) {
        self.search(env, Action::FindDuplicates);
    }

    fn unavailable(&self, env: &Env, cmd: Cmd) -> Option<&'static str> {
        let shown = self.open.as_ref().is_some_and(Pair::is_whole);
        match cmd {
            Cmd::MergePair | Cmd::TakeSide | Cmd::SwapPair if !shown => Some("why-no-pair-open"),
            Cmd::Open | Cmd::SkipPair | Cmd::NotSame if self.current().is_none() => Some("why-no-pair"),
            Cmd::NotSame if self.ids().is_none() => Some("why-anothers-pair"),
            Cmd::LookAgain | Cmd::LookCloser if self.searching.is_some() => Some("why-searching"),
            Cmd::LookCloser if Self::classes(env).is_empty() => Some("why-no-class"),
            Cmd::Mark | Cmd::Search => Some("why-not-here"),
            _ => None,
        }
    }

    fn run(&mut self, env: &mut Env, cmd: Cmd) -> Handled {
        match (cmd, &mut self.open) {
            (Cmd::Back, Some(pair)) if pair.asks() => pair.answer_no(),
            (Cmd::Back, Some(_)) => self.open = None,
            (Cmd::Back, None) => {
                if self.searching.is_some() {
                    env.effect(Effect::Stop);
                }
                env.close();
            }
            (Cmd::NotSame, _) => self.part(env),
            (Cmd::SkipPair, _) => self.drop_current(env),
            (Cmd::LookAgain, _) => self.search(env, Action::FindDuplicates),
            (Cmd::LookCloser, _) => {
                let closer = QualityAction::Closer(Self::classes(env));
                self.search(env, Action::Quality(closer));
            }
            (_, Some(pair)) => return pair.run(env, cmd),
            (Cmd::Open, None) => self.open_current(env),
            (_, None) => return self.list.run(cmd, self.pairs().len(), Self::height(env)),
        }
        Handled::Yes
    }

    fn key(&mut self, env: &mut Env, key: Key) -> Handled {
        self.open.as_mut().map_or(Handled::No, |pair| pair.key(env, key))
    }

    fn progress(&mut self, _env: &mut Env, ticket: Ticket, progress: Progress) {
        if self.searching == Some(ticket) {
            self.progress = progress;
        }
    }

    fn reply(&mut self, env: &mut Env, ticket: Ticket, reply: Reply) {
        if self.searching.take_if(|asked| *asked == ticket).is_some() {
            match reply {
                Ok(Answer::Done(Done::Pairs(pairs))) => self.pairs = Some(pairs),
                // Whoever stopped it is no longer here, or looks anew.
                Ok(_) | Err(Refusal::Stopped) => {}
                Err(refusal) => {
                    self.pairs = Some(Vec::new());
                    env.refuse(&refusal);
                }
            }
        } else if let Some((_, one, other)) = self.parting.take_if(|(asked, ..)| *asked == ticket) {
            match reply {
                Ok(_) => {
                    let same = |pair: &DuplicatePair| {
                        let ids = (pair.keep.id, pair.other.as_ref().map(|row| row.id));
                        ids == (one, Some(other)) || ids == (other, Some(one))
                    };
                    let at = self.list.cursor();
                    self.pairs.iter_mut().for_each(|pairs| pairs.retain(|pair| !same(pair)));
                    self.open = None;
                    self.list.go(at, self.pairs().len(), Self::height(env));
                    env.good(env.t("dup-parted"));
                }
                Err(refusal) => env.refuse(&refusal),
            }
        } else if let Some(pair) = &mut self.open {
            let came = pair.reply(env, ticket, reply);
            self.come(env, came);
        }
    }

    fn changed(&mut self, env: &mut Env) {
        if let Some(pair) = &mut self.open {
            pair.changed(env);
        }
    }

    fn counts_down(&self) -> bool {
        self.searching.is_some()
    }

    fn customer(&self) -> Option<CustomerId> {
        self.open.as_ref().map(|pair| pair.keep().0)
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        canvas.clear(area);
        draw::screen(self, env, area, canvas);
    }
}

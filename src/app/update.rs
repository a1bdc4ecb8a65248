//! The frame: what a message changes, which panel gets it, and what is to be done.
//!
//! **Invariant:** a command whose row forbids it never reaches a panel; an answer reaches the panel that asked or is
//! dropped, and a value that was let out is dropped with it.

mod begin;
mod lock;
mod prefer;
pub mod remind;
mod undo;

use self::begin::begin;
use self::lock::{keep_draft, lock, reopened};
use self::prefer::prefer;
use super::commands::{Cmd, Place, Why};
use super::effect::Effect;
use super::env::{Asker, Held, Wish};
use super::form::factor::FactorForm;
use super::form::passphrase::PassphraseForm;
use super::key::{Key, KeyCode};
use super::keymap::{self, Found};
use super::layer::cases::OpenCases;
use super::layer::code::CodePrompt;
use super::layer::help::Help;
use super::layer::palette::Palette;
use super::model::{Fresh, Layer, Model, Phase, Ready, Signed, VaultKind};
use super::msg::{Answer, Msg, Reply, Ticket};
use super::panel::{Handled, Panel, Typing};
use super::screen::ScreenId;
use crate::clock::Timestamp;
use crate::service::refusal::{FactorProblem, Refusal};
use crate::service::view::{BackupHealth, FactorState, Wanted};
use crate::service::{Done, Query, View};
use crate::words::backup::{bytes, cause};

/// How many wishes of wishes are granted in one go; a panel that wishes for ever is stopped.
const MOST_WISHES: usize = 64;

/// Milliseconds after which an order that nothing came of is no longer waited for.
const REFUSED: i64 = 10_000;

/// Milliseconds after which a sequence that has begun shows how it can go on.
pub const WHICH_KEY_MS: i64 = 400;

/// Milliseconds after which a session is told again that somebody is there.
const TELL_ACTIVE_MS: i64 = 30_000;

/// Takes a message and answers what is to be done. Whoever brings it sets `model.env.now` before.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => tick(model, now),
        Msg::Key(key) => {
            person_is_there(model);
            press(model, key);
        }
        Msg::Paste(text) => {
            person_is_there(model);
            with_top(model, |panel, env| panel.paste(env, &text));
        }
        Msg::Resize(width, height) => model.env.size = (width, height),
        Msg::Reply(ticket, reply) => answer(model, ticket, *reply),
        Msg::Progress(ticket, progress) => {
            let asker = model.env.asked.iter().find(|(asked, _)| *asked == ticket).map(|(_, asker)| *asker);
            if let (Some(Asker::Layer(serial)), Phase::SignedIn(signed)) = (asker, &mut model.phase)
                && let Some(layer) = signed.layers.iter_mut().find(|l| l.serial == serial)
            {
                layer.panel.progress(&mut model.env, ticket, progress);
            }
        }
        Msg::Entry(result) => match (result, &mut model.phase) {
            (Ok(()), Phase::Locked(_) | Phase::FirstRun(_)) => open(model),
            (Err(fault), Phase::Locked(unlock)) => unlock.refused(&mut model.env, fault),
            (Err(fault), Phase::FirstRun(first_run)) => first_run.refused(&mut model.env, fault),
            (_, Phase::SignedIn(_)) => {}
        },
        Msg::Queued(queued) => {
            if let Phase::Locked(unlock) = &mut model.phase {
                unlock.queued(queued);
            }
        }
        Msg::Changed => changed(model),
        Msg::SetAside => lock(model, "locked"),
        Msg::Copied => {
            let text = model.env.t("copied");
            model.env.good(text);
        }
    }
    grant(model);
    if model.env.effects.iter().any(|effect| matches!(effect, Effect::LookRound)) {
        model.vault = VaultKind::Sample;
    }
    if model.env.effects.iter().any(|effect| matches!(effect, Effect::Create { .. })) {
        model.fresh = Fresh::Yes;
    }
    let in_sight = model.in_sight();
    if model.env.me.is_some() && in_sight != model.told_at {
        model.told_at = in_sight;
        model.env.effect(Effect::At(in_sight));
    }
    std::mem::take(&mut model.env.effects)
}

/// Something was changed behind the door.
fn changed(model: &mut Model) {
    each_panel(model, |panel, env| panel.changed(env));
    if matches!(&model.phase, Phase::SignedIn(signed) if signed.ready == Ready::Open) {
        remind::ask(model);
        // Forms follow a field or a reason of loss that an administrator adds, lists what the policy says of the pool.
        model.env.asker = Asker::Frame;
        model.env.ask(Query::Schema);
        model.env.ask(Query::Policy);
        model.env.ask(Query::LossList);
    }
}

/// Begins the signed-in part: asks who it is, what fields there are, and for a draft.
pub(super) fn open(model: &mut Model) {
    model.phase = Phase::SignedIn(Box::default());
    model.env.notice = None;
    model.env.asker = Asker::Frame;
    model.env.ask(Query::Me);
    model.env.ask(Query::Schema);
}

/// A key came. The session is told so now and then, well within the grace that it gives beside the lock here.
fn person_is_there(model: &mut Model) {
    let now = model.env.now;
    model.last_input = now;
    if matches!(model.phase, Phase::SignedIn(_)) && now.since(model.told_active) >= TELL_ACTIVE_MS {
        model.told_active = now;
        model.env.effect(Effect::Active);
    }
}

fn tick(model: &mut Model, now: Timestamp) {
    model.env.now = now;
    let idle = model.env.me.as_ref().map(|me| i64::from(me.policy.idle_lock_seconds) * 1000);
    if idle.is_some_and(|limit| now.since(model.last_input) >= limit) {
        lock(model, "locked-idle");
        return;
    }
    if model.env.me.as_ref().is_some_and(|me| now >= me.until) {
        lock(model, "locked-limit");
        return;
    }
    let open = matches!(&model.phase, Phase::SignedIn(signed) if signed.ready == Ready::Open);
    if open && now.since(model.backups_asked) >= backups_hold(model) {
        ask_backups(model);
    }
    if open {
        remind::tick(model);
    }
    each_panel(model, |panel, env| panel.tick(env));
}

/// Runs `f` on the topmost panel with the right asker.
fn with_top<T>(model: &mut Model, f: impl FnOnce(&mut dyn Panel, &mut super::env::Env) -> T) -> T {
    model.env.asker = match &model.phase {
        Phase::SignedIn(signed) => match signed.layers.last() {
            Some(layer) => Asker::Layer(layer.serial),
            None => Asker::Screen(signed.at),
        },
        _ => Asker::Frame,
    };
    let (panel, env) = model.top_mut();
    f(panel, env)
}

/// Runs `f` on the screen in sight and every layer over it.
fn each_panel(model: &mut Model, mut f: impl FnMut(&mut dyn Panel, &mut super::env::Env)) {
    let env = &mut model.env;
    match &mut model.phase {
        Phase::Locked(unlock) => f(unlock.as_mut(), env),
        Phase::FirstRun(first_run) => f(first_run.as_mut(), env),
        Phase::SignedIn(signed) if signed.ready == Ready::Open => {
            env.asker = Asker::Screen(signed.at);
            f(signed.screens.get_mut(signed.at), env);
            for layer in &mut signed.layers {
                env.asker = Asker::Layer(layer.serial);
                f(layer.panel.as_mut(), env);
            }
        }
        Phase::SignedIn(_) => {}
    }
}

/// The places whose keys work now, innermost first.
pub fn places(model: &Model) -> Vec<Place> {
    let mut places = model.top().places();
    if matches!(model.phase, Phase::SignedIn(_)) {
        places.push(Place::Global);
    }
    places
}

fn press(model: &mut Model, key: Key) {
    if opening(model) {
        return;
    }
    // Where nothing can be seen nothing is done but leaving and locking.
    let leaves = |found| matches!(found, Found::Command(Cmd::Lock | Cmd::Quit));
    if super::screen::frame::is_small(model.env.size) && !leaves(model.env.keymap.find(&[Place::Global], &[key])) {
        return;
    }
    let typing = model.top().typing() == Typing::Text;
    if !model.pending.is_empty() && key == Key::from(KeyCode::Esc) {
        model.pending.clear();
        return;
    }
    model.env.notice = None;
    // In a text field characters are text, and editing keys are the field's unless its own place binds them.
    if typing && model.pending.is_empty() {
        let own = model.top().places();
        let bound = key.typed().is_none() && !matches!(model.env.keymap.find(&own, &[key]), Found::Nothing);
        if !bound && with_top(model, |panel, env| panel.key(env, key)) == Handled::Yes {
            return;
        }
        if key.typed().is_some() {
            return;
        }
    }
    model.pending.push(key);
    model.pending_since = model.env.now;
    match model.env.keymap.find(&places(model), &model.pending) {
        Found::Command(cmd) => {
            model.pending.clear();
            run(model, cmd);
        }
        Found::Prefix => {}
        Found::Nothing => {
            let keys = std::mem::take(&mut model.pending);
            if keys.len() > 1 {
                let text = model.env.ta("no-such-keys", &[("keys", &keymap::written(&keys))]);
                model.env.say(text);
            } else {
                with_top(model, |panel, env| panel.key(env, key));
            }
        }
    }
}

fn opening(model: &Model) -> bool {
    matches!(&model.phase, Phase::SignedIn(signed) if signed.ready == Ready::Opening)
}

/// Why a command cannot be run now, or that it can.
pub fn check(model: &Model, cmd: Cmd) -> Result<(), Why> {
    cmd.row().allowed(&model.env)?;
    if cmd == Cmd::TakeReminder {
        return remind::check(model);
    }
    match model.top().unavailable(&model.env, cmd) {
        Some(key) => Err(Why::Because(key)),
        None => Ok(()),
    }
}

pub(super) fn run(model: &mut Model, cmd: Cmd) {
    if let Err(why) = check(model, cmd) {
        let text = why.text(&model.env);
        model.env.bad(text);
        return;
    }
    if with_top(model, |panel, env| panel.run(env, cmd)) == Handled::Yes {
        return;
    }
    match cmd {
        Cmd::Undo => {
            model.env.asker = Asker::Frame;
            model.env.ask(Query::UndoNext);
        }
        Cmd::Help => {
            let help = Help::new(model);
            push(model, Box::new(help));
        }
        Cmd::Palette => {
            let palette = Palette::new(model);
            push(model, Box::new(palette));
        }
        // Where a screen has nothing of its own to be searched, a customer is meant.
        Cmd::Search => {
            run(model, Cmd::GoCustomers);
            _ = with_top(model, |panel, env| panel.run(env, cmd));
        }
        Cmd::GoToday => go(model, ScreenId::Today),
        Cmd::GoCustomers => go(model, ScreenId::Customers),
        Cmd::GoFollowUps => go(model, ScreenId::FollowUps),
        Cmd::GoPipeline => go(model, ScreenId::Pipeline),
        Cmd::OpenCases => push(model, Box::new(OpenCases::all())),
        Cmd::GoAudit => go(model, ScreenId::Audit),
        Cmd::GoAdmin => go(model, ScreenId::Admin),
        Cmd::SecondFactor => push(model, Box::new(FactorForm::default())),
        Cmd::ChangePassphrase => push(model, Box::new(PassphraseForm::default())),
        Cmd::Language | Cmd::Theme | Cmd::Keymap | Cmd::Alarm => prefer(model, cmd),
        Cmd::TakeReminder => remind::take_up(model),
        Cmd::Redraw => model.env.effect(Effect::Redraw),
        Cmd::Lock => lock(model, "locked"),
        Cmd::Quit => {
            keep_draft(model);
            model.env.effect(Effect::Lock);
            model.env.effect(Effect::Quit);
        }
        _ => {}
    }
}

fn go(model: &mut Model, screen: ScreenId) {
    let Phase::SignedIn(signed) = &mut model.phase else { return };
    let left = signed.at;
    if left != screen {
        model.env.asker = Asker::Screen(left);
        signed.screens.leave(left, &mut model.env);
    }
    signed.at = screen;
    signed.layers.clear();
    model.env.asker = Asker::Screen(screen);
    signed.screens.get_mut(screen).enter(&mut model.env);
}

fn push(model: &mut Model, mut panel: Box<dyn Panel>) {
    let Phase::SignedIn(signed) = &mut model.phase else { return };
    let serial = signed.next_layer;
    signed.next_layer += 1;
    model.env.asker = Asker::Layer(serial);
    panel.enter(&mut model.env);
    signed.layers.push(Layer { serial, panel });
}

/// Grants what panels wished for, and what comes of that.
fn grant(model: &mut Model) {
    for _ in 0..MOST_WISHES {
        if model.env.wishes.is_empty() {
            return;
        }
        match model.env.wishes.remove(0) {
            Wish::Open(panel) => push(model, panel),
            Wish::Close(asker) => {
                if let Phase::SignedIn(signed) = &mut model.phase {
                    signed.layers.retain(|layer| Asker::Layer(layer.serial) != asker);
                }
            }
            Wish::Go(screen) => go(model, screen),
            Wish::Find(query, sort) => {
                go(model, ScreenId::Customers);
                if let Phase::SignedIn(signed) = &mut model.phase {
                    model.env.asker = Asker::Screen(ScreenId::Customers);
                    signed.screens.customers.find(&mut model.env, query.as_str(), sort);
                }
            }
            Wish::ShowView(row) => {
                go(model, ScreenId::Customers);
                if let Phase::SignedIn(signed) = &mut model.phase {
                    model.env.asker = Asker::Screen(ScreenId::Customers);
                    signed.screens.customers.show_view(&mut model.env, &row);
                }
            }
            Wish::Columns(columns) => {
                if let Phase::SignedIn(signed) = &mut model.phase {
                    model.env.asker = Asker::Screen(ScreenId::Customers);
                    signed.screens.customers.keep_columns(&mut model.env, columns);
                }
            }
            Wish::Show(customer, field) => {
                if let Phase::SignedIn(signed) = &mut model.phase {
                    let from = signed.at;
                    signed.at = ScreenId::Customers;
                    signed.layers.clear();
                    model.env.asker = Asker::Screen(ScreenId::Customers);
                    signed.screens.customers.show(&mut model.env, customer, from);
                    signed.screens.customers.then_on(field);
                }
            }
            Wish::Changed => changed(model),
            Wish::Run(cmd) => run(model, cmd),
            Wish::GoOn(Held { action, ticket, asker }) => {
                model.env.asked.push((ticket, asker));
                model.env.effect(Effect::Perform(ticket, action));
            }
            Wish::GiveUp(Held { ticket, asker, .. }) => {
                deliver(model, ticket, asker, Err(Refusal::Factor(FactorProblem::NotGiven)));
            }
        }
    }
    model.env.wishes.clear();
}

fn answer(model: &mut Model, ticket: Ticket, reply: Reply) {
    let Some(at) = model.env.asked.iter().position(|(asked, _)| *asked == ticket) else { return };
    let (_, asker) = model.env.asked.swap_remove(at);
    let reply = match reply {
        Err(refusal) if refusal.ends_the_session() => {
            let why = match refusal {
                Refusal::SessionLimit => "locked-limit",
                Refusal::SessionIdle => "locked-idle",
                Refusal::ShutOut => "locked-out",
                Refusal::Ended => "locked-by-other",
                Refusal::Sealed => "locked-sealed",
                _ => "locked-ended",
            };
            return lock(model, why);
        }
        Err(Refusal::FreshCode(held)) => {
            let held = Held { action: held.action(), ticket, asker };
            return push(model, Box::new(CodePrompt::new(held)));
        }
        Err(Refusal::Factor(FactorProblem::Owed)) => {
            owe(model);
            reply
        }
        other => other,
    };
    if matches!(reply, Ok(Answer::Done(Done::Rotated(_)))) {
        lock(model, "locked-rotated");
        return;
    }
    if matches!(reply, Ok(Answer::Done(Done::Sealed))) {
        lock(model, "locked-sealed");
        return;
    }
    if let (Asker::Screen(ScreenId::Admin), Ok(Answer::Done(_))) = (asker, &reply) {
        // What was ordered there may be a backup, which the status line is to show.
        model.backups_asked = Timestamp(model.env.now.0.saturating_sub(backups_hold(model)));
    }
    deliver(model, ticket, asker, reply);
}

/// The policy came to demand a second factor of somebody at work who has none: it is to be enrolled now.
fn owe(model: &mut Model) {
    let Some(me) = &mut model.env.me else { return };
    if !me.factor.owed() {
        me.factor = FactorState { since: None, codes_left: 0, wanted: Wanted::Yes };
        push(model, Box::new(FactorForm::default()));
    }
}

/// Brings an answer to whoever asked.
fn deliver(model: &mut Model, ticket: Ticket, asker: Asker, reply: Reply) {
    let Phase::SignedIn(signed) = &mut model.phase else { return };
    model.env.asker = asker;
    match asker {
        Asker::Frame => frame_answer(model, reply),
        Asker::Screen(screen) => signed.screens.get_mut(screen).reply(&mut model.env, ticket, reply),
        Asker::Layer(serial) => {
            if let Some(layer) = signed.layers.iter_mut().find(|l| l.serial == serial) {
                layer.panel.reply(&mut model.env, ticket, reply);
            }
        }
    }
}

fn frame_answer(model: &mut Model, reply: Reply) {
    match reply {
        Ok(Answer::View(View::Me(me))) => begin(model, me),
        Ok(Answer::View(View::Schema(schema))) => model.env.schema = schema,
        Ok(Answer::View(View::Policy(policy))) => {
            if let Some(me) = &mut model.env.me {
                me.policy = policy;
            }
        }
        Ok(Answer::View(View::LossList(losses))) => {
            if let Some(me) = &mut model.env.me {
                me.losses = losses;
            }
        }
        Ok(Answer::View(View::BackupHealth(health))) => {
            backups_ended(model, &health);
            model.backups = Some(health);
        }
        Ok(Answer::View(View::Chain(chain))) => model.checkpoint = Some(chain.root.chars().take(8).collect()),
        Ok(Answer::View(View::Draft(Some(kept)))) => {
            if let Some(panel) = reopened(model, &kept) {
                push(model, panel);
                let text = model.env.t("draft-back");
                model.env.say(text);
            }
        }
        Ok(Answer::Done(Done::Undone(label))) => {
            let text = undo::done(&model.env, &label.action, &label.about);
            model.env.good(text);
            changed(model);
        }
        Ok(Answer::View(View::UndoNext(next))) => undo::take_back(model, next),
        Ok(Answer::View(View::Reminders(reminders))) => remind::take(model, reminders),
        Ok(_) => {}
        Err(refusal) => model.env.refuse(&refusal),
    }
}

/// Asks how old the backups are, for the status line.
fn ask_backups(model: &mut Model) {
    model.backups_asked = model.env.now;
    model.env.asker = Asker::Frame;
    model.env.ask(Query::BackupHealth);
}

/// Says what came of backups that were ordered by hand, once nothing of it is under way any more: the first that failed,
/// else the last.
fn backups_ended(model: &mut Model, health: &BackupHealth) {
    let Some(since) = model.env.ordered.filter(|_| health.running.is_none()) else { return };
    let ended = || health.ended.iter().filter(|event| event.at >= since);
    let Some(event) = ended().find(|event| !event.is_good()).or_else(|| ended().next_back()) else {
        // This answer may be older than the order. An order that was refused has no end.
        model.env.ordered.take_if(|since| model.env.now.since(*since) > REFUSED);
        return;
    };
    model.env.ordered = None;
    let what = super::wording::code(&model.env, "backup-what", event.what.code());
    match &event.fault {
        Some(why) => {
            let why = cause(&model.env.words, why);
            let text = model.env.ta("backup-ended-badly", &[("what", &what), ("why", &why)]);
            model.env.bad(text);
        }
        None => {
            let (size, seconds) = (bytes(event.bytes), event.millis / 1000);
            let args: [(&str, &dyn std::fmt::Display); 4] =
                [("what", &what), ("place", &event.place), ("size", &size), ("seconds", &seconds)];
            let text = model.env.ta("backup-ended-well", &args);
            model.env.good(text);
        }
    }
    each_panel(model, |panel, env| panel.changed(env));
}

/// How long what is known of backups holds, in milliseconds.
pub(super) fn backups_hold(model: &Model) -> i64 {
    match &model.backups {
        _ if model.env.ordered.is_some() => 1_000,
        Some(health) if health.running.is_some() => 2_000,
        // A warning goes soon after what it warned of.
        Some(health) if health.wanted && (health.warns() || health.last.is_none()) => 10_000,
        _ => 60_000,
    }
}

impl Signed {
    /// Whether something in sight must be drawn every second.
    pub fn counts_down(&self) -> bool {
        self.screens.get(self.at).counts_down() || self.layers.iter().any(|l| l.panel.counts_down())
    }
}

//! `veilbook rules`: list, add, switch, try and remove rules, and have them look.
//!
//! **Invariant:** what is printed of customers is what a list shows of them.

use serde::Serialize;
use serde_json::json;

use super::args::{Rules, RulesAdd};
use super::sign_in::{Signed, refused, unexpected};
use super::table::Table;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::domain::id::{CustomerId, RuleId, StaffId};
use crate::domain::loss_reasons::LossReasons;
use crate::domain::rule::{Outcome, RuleState, RuleText, Trigger};
use crate::service::view::{RuleAction, RuleRow, Total};
use crate::service::{Action, Done, Query, View};
use crate::text::{Printable, folded};
use crate::words::rule as words;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Rules) -> Ended {
    match args {
        Rules::List { json } => list(desk, *json),
        Rules::Add(args) => add(desk, args),
        Rules::On { id } => act(desk, *id, "switch the rule on", |id, v| RuleAction::Switch(id, v, RuleState::On)),
        Rules::Off { id } => act(desk, *id, "switch the rule off", |id, v| RuleAction::Switch(id, v, RuleState::Off)),
        Rules::Remove { id } => act(desk, *id, "remove the rule", RuleAction::Remove),
        Rules::DryRun { id, json } => dry_run(desk, *id, *json),
        Rules::Run { json } => look(desk, *json),
        Rules::Touch { id, days } => touch(desk, *id, *days),
    }
}

/// A rule as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    id: u64,
    name: &'a str,
    state: &'static str,
    when: &'static str,
    value: String,
    then: &'static str,
    what: &'a str,
    days: Option<u32>,
    person: Option<&'a str>,
    only_tag: Option<&'a str>,
    only_stage: Option<&'static str>,
    only_lost: Option<String>,
    odd: Option<&'static str>,
}

impl<'a> Row<'a> {
    fn of(row: &'a RuleRow, reasons: &LossReasons) -> Self {
        let text = &row.rule.text;
        let (what, days) = match &text.outcome {
            Outcome::FollowUp { text, days, .. } => (text.as_str(), Some(*days)),
            Outcome::Tag(tag) => (tag.as_str(), None),
            Outcome::Assign(_) => ("", None),
        };
        Self {
            id: row.rule.id.0,
            name: text.name.as_str(),
            state: row.rule.state.code(),
            when: text.trigger.kind().code(),
            value: match &text.trigger {
                Trigger::StageBecomes(stage) => stage.code().to_owned(),
                Trigger::TagAdded(tag) => tag.as_str().to_owned(),
                Trigger::NoContact(days) | Trigger::BirthdayNear(days) => days.to_string(),
            },
            then: text.outcome.kind().code(),
            what,
            days,
            person: row.person.as_deref(),
            only_tag: text.tag.as_ref().map(|tag| tag.as_str()),
            only_stage: text.stage.map(|stage| stage.code()),
            only_lost: text.lost.map(|why| reasons.key(why)),
            odd: row.odd.map(|odd| odd.code()),
        }
    }
}

fn rows(signed: &Signed, what: &str) -> Result<Vec<RuleRow>, Trouble> {
    match signed.session().query(Query::Rules).map_err(refused(what))? {
        View::Rules(rows) => Ok(rows),
        _ => Err(unexpected(what)),
    }
}

fn list(desk: &mut Desk<'_, '_>, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let rows = rows(signed, "list the rules")?;
        let reasons = signed.me()?.losses;
        if json {
            rows.iter().try_for_each(|row| desk.print_json(&Row::of(row, &reasons)))?;
        } else if rows.is_empty() {
            desk.told("cli-no-rules", &[])?;
        } else {
            let mut table =
                Table::new(&desk.words, &["col-rule", "col-name", "col-state", "col-when", "col-then", "col-odd"]);
            for row in &rows {
                table.row(vec![
                    row.rule.id.to_string(),
                    row.rule.text.name.to_string(),
                    row.rule.state.code().to_owned(),
                    words::when(&desk.words, &reasons, &row.rule.text),
                    words::then(&desk.words, &row.rule.text, row.person.as_deref()),
                    row.odd.map(|odd| odd.code().to_owned()).unwrap_or_default(),
                ]);
            }
            desk.print_table(&table)?;
        }
        Ok(Exit::Done)
    })
}

fn colleague(signed: &Signed, name: &str) -> Result<StaffId, Trouble> {
    let what = "read the staff";
    let View::Me(me) = signed.session().query(Query::Me).map_err(refused(what))? else {
        return Err(unexpected(what));
    };
    let wanted = folded(name);
    let found = me.everybody.iter().find(|(_, name)| folded(name.as_str()) == wanted).map(|(id, _)| *id);
    found.ok_or_else(|| {
        Trouble::usage(
            "there is no colleague of that name whom you may give this to",
            "Write the name that they sign in with",
        )
    })
}

fn written(signed: &Signed, args: &RulesAdd) -> Result<RuleText, Trouble> {
    let line = |text: &str| Printable::line(text.trim());
    let when = &args.when;
    let trigger = match (when.stage, &when.tagged, when.silent, when.birthday) {
        (Some(stage), ..) => Trigger::StageBecomes(stage),
        (_, Some(tag), ..) => Trigger::TagAdded(line(tag)),
        (_, _, Some(days), _) => Trigger::NoContact(days),
        (.., days) => Trigger::BirthdayNear(days.unwrap_or_default()),
    };
    let then = &args.then;
    let outcome = match (&then.follow_up, &then.tag, &then.assign) {
        (Some(text), ..) => {
            let who = args.by.as_ref().map(|name| colleague(signed, name)).transpose()?;
            Outcome::FollowUp { text: line(text), days: args.due, who }
        }
        (_, Some(tag), _) => Outcome::Tag(line(tag)),
        (.., name) => Outcome::Assign(colleague(signed, name.as_deref().unwrap_or_default())?),
    };
    let lost = args.only_lost.as_deref().map(|text| super::losses::named(signed, text)).transpose()?.map(|def| def.id);
    let (tag, stage) = (args.only_tag.as_deref().map(line), args.only_stage);
    Ok(RuleText { name: line(&args.name), trigger, outcome, tag, stage, lost })
}

fn add(desk: &mut Desk<'_, '_>, args: &RulesAdd) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "add the rule";
        let text = written(signed, args)?;
        match signed.session().perform(Action::Rule(RuleAction::Add(text))).map_err(refused(what))? {
            Done::Rule(id, _) => desk.print(&id.to_string())?,
            _ => return Err(unexpected(what)),
        }
        Ok(Exit::Done)
    })
}

/// Does something with a rule as it stands now.
fn act(desk: &mut Desk<'_, '_>, id: RuleId, what: &str, action: impl FnOnce(RuleId, u64) -> RuleAction) -> Ended {
    desk.signed_in(|desk, signed| {
        // One that is not there is refused by the door, as it would be if it went meanwhile.
        let version = rows(signed, what)?.iter().find(|row| row.rule.id == id).map_or(0, |row| row.rule.version);
        signed.session().perform(Action::Rule(action(id, version))).map_err(refused(what))?;
        desk.told("cli-rule-done", &[("id", &id)])?;
        Ok(Exit::Done)
    })
}

fn dry_run(desk: &mut Desk<'_, '_>, id: RuleId, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "try the rule";
        let rule = rows(signed, what)?.into_iter().find(|row| row.rule.id == id);
        let done = signed.session().perform(Action::Rule(RuleAction::DryRun(id))).map_err(refused(what))?;
        let (Done::DryRun(run), Some(row)) = (done, rule) else { return Err(unexpected(what)) };
        if json {
            let (count, exact) = match run.count {
                Total::Exactly(n) => (n, true),
                Total::AtLeast(n) => (n, false),
            };
            let whom: Vec<_> = run.whom.iter().map(|(id, name)| json!({ "id": id.0, "name": name.text() })).collect();
            desk.print_json(&json!({ "rule": id.0, "count": count, "exact": exact, "whom": whom }))?;
            return Ok(Exit::Done);
        }
        let said = words::how_many(&desk.words, &row.rule.text, run.count);
        desk.print(&said)?;
        for (id, name) in &run.whom {
            desk.print(&format!("{id} {}", name.text()))?;
        }
        Ok(Exit::Done)
    })
}

fn look(desk: &mut Desk<'_, '_>, json: bool) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = "have the rules look";
        match signed.session().perform(Action::Rule(RuleAction::Run)).map_err(refused(what))? {
            Done::Swept(swept) if json => desk.print_json(
                &json!({ "follow_ups": swept.follow_ups, "tags": swept.tags, "assigned": swept.assigned }),
            )?,
            Done::Swept(swept) => {
                let said = words::swept(&desk.words, &swept);
                desk.print(&said)?;
            }
            _ => return Err(unexpected(what)),
        }
        Ok(Exit::Done)
    })
}

fn touch(desk: &mut Desk<'_, '_>, id: CustomerId, days: Option<u32>) -> Ended {
    desk.signed_in(|desk, signed| {
        let what = format!("say how often to be in touch with customer {id}");
        signed.session().perform(Action::Rule(RuleAction::Touch(id, days))).map_err(refused(&what))?;
        match days {
            Some(days) => desk.told("cli-touch-set", &[("n", &days)])?,
            None => desk.told("cli-touch-none", &[])?,
        }
        Ok(Exit::Done)
    })
}

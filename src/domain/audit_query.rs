//! Questions to the record of actions, in words: `actor:wang action:reveal customer:12 from:2026-11-01`.
//!
//! Each part is `name:value`; a value with spaces stands in quotes; a bare word is an action. Chinese names of the
//! parts work as well, and so does the full-width colon.
//! **Invariant:** nothing is guessed: a part that cannot be read is a fault that says where it stands, so that a
//! reviewer never takes a wider or narrower list for the one asked for.

use std::ops::Range;

use chrono::{Days, FixedOffset, NaiveDate, NaiveTime};

use super::audit::{EntryFilter, Object, Outcome};
use super::field::FieldKey;
use super::id::StaffId;
use super::reason::ReasonCode;
use super::staff::LoginName;
use crate::clock::Timestamp;
use crate::text::{folded, half_width};

#[cfg(test)]
mod tests;

/// What a question is read against.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The names that `actor:` can give. Numbers are understood whether they are here or not.
    pub staff: &'a [(StaffId, LoginName)],
    /// Every verb that the record uses, such as `customer.reveal`.
    pub verbs: &'a [&'a str],
    /// The present moment.
    pub now: Timestamp,
    /// The zone that the days are meant in.
    pub offset: FixedOffset,
}

/// What is wrong with a question, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (characters {}–{})", .at.start.saturating_add(1), .at.end)]
pub struct QueryFault {
    /// The characters of the question that it is about, counted from 0.
    pub at: Range<usize>,
    /// What it is.
    pub kind: QueryFaultKind,
}

/// What can be wrong with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryFaultKind {
    /// No such part.
    #[error("there is no such part: use actor, action, customer, staff, field, reason, outcome, from, to, on")]
    UnknownPart,
    /// Nothing behind the colon.
    #[error("a value is needed behind the colon")]
    NoValue,
    /// A quote was opened and not closed.
    #[error("the quote is not closed")]
    OpenQuote,
    /// The same part twice.
    #[error("this part stands twice")]
    Twice,
    /// Nobody of that name.
    #[error("nobody on the staff has that name")]
    UnknownActor,
    /// No verb begins or ends so.
    #[error("the record has no such action: such as open, reveal, verify, edit, import")]
    UnknownAction,
    /// Not a number.
    #[error("a whole number is needed")]
    NotANumber,
    /// Not a field's key.
    #[error("a field is named by its key, such as mobile")]
    NotAField,
    /// Not a reason's code or digit.
    #[error(
        "a reason is one of callback, verify_identity, deliver_invoice, correct_data, complaint, legal_audit, other, or 1-7"
    )]
    NotAReason,
    /// Not an outcome.
    #[error("an outcome is one of done, refused, matched, differed, failed")]
    NotAnOutcome,
    /// Not a day.
    #[error("a day is written as 2026-11-01, today, yesterday or 7d")]
    NotADay,
}

/// Reads a question. An empty one asks for everything.
pub fn parse(text: &str, ground: &Ground<'_>) -> Result<EntryFilter, QueryFault> {
    let mut filter = EntryFilter::default();
    for part in split(text)? {
        take(&mut filter, &part, ground)?;
    }
    Ok(filter)
}

/// One part with its place.
struct Part {
    name: Option<(String, Range<usize>)>,
    value: String,
    at: Range<usize>,
}

impl Part {
    fn fault(&self, kind: QueryFaultKind) -> QueryFault {
        QueryFault { at: self.at.clone(), kind }
    }
}

fn split(text: &str) -> Result<Vec<Part>, QueryFault> {
    let mut parts = Vec::new();
    let mut chars = text.chars().map(half_width).enumerate().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        let (mut name, mut value) = (None, String::new());
        let (mut begin, mut end) = (start, start);
        while let Some((at, c)) = chars.next_if(|(_, c)| !c.is_whitespace()) {
            end = at + 1;
            match c {
                ':' if name.is_none() && !value.is_empty() => {
                    name = Some((std::mem::take(&mut value), start..at));
                    begin = at + 1;
                }
                '"' | '“' | '”' => {
                    let mut closed = false;
                    for (at, c) in chars.by_ref() {
                        end = at + 1;
                        if matches!(c, '"' | '“' | '”') {
                            closed = true;
                            break;
                        }
                        value.push(c);
                    }
                    if !closed {
                        return Err(QueryFault { at: at..end, kind: QueryFaultKind::OpenQuote });
                    }
                }
                c => value.push(c),
            }
        }
        if name.is_some() && value.is_empty() {
            return Err(QueryFault { at: start..end, kind: QueryFaultKind::NoValue });
        }
        parts.push(Part { name, value, at: begin..end });
    }
    Ok(parts)
}

fn take(filter: &mut EntryFilter, part: &Part, ground: &Ground<'_>) -> Result<(), QueryFault> {
    let (name, place) = match &part.name {
        Some((name, place)) => (folded(name), place.clone()),
        None => ("action".to_owned(), part.at.clone()),
    };
    let twice = || QueryFault { at: place.start..part.at.end, kind: QueryFaultKind::Twice };
    let value = part.value.as_str();
    match name.as_str() {
        "actor" | "by" | "who" | "人" | "操作人" => {
            let actor = actor(value, ground.staff).ok_or_else(|| part.fault(QueryFaultKind::UnknownActor))?;
            once(&mut filter.actor, actor).ok_or_else(twice)
        }
        "action" | "动作" | "操作" => {
            if !filter.action.is_empty() {
                return Err(twice());
            }
            filter.action = verb(value, ground.verbs).ok_or_else(|| part.fault(QueryFaultKind::UnknownAction))?;
            Ok(())
        }
        "customer" | "客户" => object(filter, part, "customer", twice),
        "staff" | "员工" => object(filter, part, "staff", twice),
        "interaction" | "联系" => object(filter, part, "interaction", twice),
        "follow_up" | "follow-up" | "跟进" => object(filter, part, "follow_up", twice),
        "import" | "导入" => object(filter, part, "import", twice),
        "alert" | "警报" => object(filter, part, "alert", twice),
        "field" | "字段" => {
            let key = FieldKey::new(&folded(value)).ok_or_else(|| part.fault(QueryFaultKind::NotAField))?;
            once(&mut filter.field, key).ok_or_else(twice)
        }
        "reason" | "理由" | "原因" => {
            let digit = value.parse().ok().and_then(ReasonCode::from_digit);
            let code = digit.or_else(|| ReasonCode::from_code(value));
            once(&mut filter.reason, code.ok_or_else(|| part.fault(QueryFaultKind::NotAReason))?).ok_or_else(twice)
        }
        "outcome" | "结果" => {
            let outcome = Outcome::from_code(value).ok_or_else(|| part.fault(QueryFaultKind::NotAnOutcome))?;
            once(&mut filter.outcome, outcome).ok_or_else(twice)
        }
        "from" | "since" | "从" => {
            let (from, _) = days(part, ground)?;
            once(&mut filter.from, from).ok_or_else(twice)
        }
        "to" | "until" | "到" => {
            let (_, to) = days(part, ground)?;
            once(&mut filter.to, to).ok_or_else(twice)
        }
        "on" | "day" | "日期" => {
            let (from, to) = days(part, ground)?;
            once(&mut filter.from, from).and_then(|()| once(&mut filter.to, to)).ok_or_else(twice)
        }
        _ => Err(QueryFault { at: place, kind: QueryFaultKind::UnknownPart }),
    }
}

/// Fills a place that must be empty.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    if place.is_some() {
        return None;
    }
    *place = Some(value);
    Some(())
}

fn object(filter: &mut EntryFilter, part: &Part, word: &str, twice: impl Fn() -> QueryFault) -> Result<(), QueryFault> {
    let number = part.value.trim_start_matches('#').parse().ok();
    let object = number.and_then(|number| Object::from_parts(word, number));
    let object = object.ok_or_else(|| part.fault(QueryFaultKind::NotANumber))?;
    once(&mut filter.object, object).ok_or_else(twice)
}

/// A name in full, a beginning that only one name has, or a number.
fn actor(value: &str, staff: &[(StaffId, LoginName)]) -> Option<StaffId> {
    let wanted = folded(value);
    if let Some((id, _)) = staff.iter().find(|(_, name)| folded(name.as_str()) == wanted) {
        return Some(*id);
    }
    if let Ok(number) = wanted.trim_start_matches('#').parse() {
        return Some(StaffId(number));
    }
    let mut like = staff.iter().filter(|(_, name)| folded(name.as_str()).starts_with(&wanted));
    match (like.next(), like.next()) {
        (Some((id, _)), None) => Some(*id),
        _ => None,
    }
}

/// The whole verb or its beginning; a word without a full stop may also be what stands behind one.
fn verb(value: &str, verbs: &[&str]) -> Option<String> {
    let wanted = folded(value).replace([' ', '-'], "_");
    let tails = |verb: &str| verb.split_once('.').is_some_and(|(_, tail)| tail == wanted);
    if let Some(verb) = verbs.iter().find(|verb| **verb == wanted || tails(verb)) {
        return Some((*verb).to_owned());
    }
    if verbs.iter().any(|verb| verb.starts_with(&wanted)) {
        return Some(wanted);
    }
    let mut like = verbs.iter().filter(|verb| verb.split_once('.').is_some_and(|(_, tail)| tail.starts_with(&wanted)));
    match (like.next(), like.next()) {
        (Some(verb), None) => Some((*verb).to_owned()),
        _ => None,
    }
}

/// The first moment of a day, or the moment given, and the first moment after it.
fn days(part: &Part, ground: &Ground<'_>) -> Result<(Timestamp, Timestamp), QueryFault> {
    let not_a_day = || part.fault(QueryFaultKind::NotADay);
    let value = part.value.to_ascii_lowercase();
    let (date, time) = match value.split_once(['t', ' ']) {
        Some((date, time)) if time.contains(':') => (date.to_owned(), Some(time.to_owned())),
        _ => (value, None),
    };
    let day = day(&date, ground.now.at(ground.offset).date_naive()).ok_or_else(not_a_day)?;
    let moment = |day: NaiveDate, time: NaiveTime| {
        day.and_time(time).and_local_timezone(ground.offset).single().map(Timestamp::from)
    };
    match time {
        Some(time) => {
            let time = NaiveTime::parse_from_str(&time, "%H:%M").map_err(|_| not_a_day())?;
            let at = moment(day, time).ok_or_else(not_a_day)?;
            Ok((at, at))
        }
        None => {
            let next = day.checked_add_days(Days::new(1)).ok_or_else(not_a_day)?;
            let (from, to) = (moment(day, NaiveTime::MIN), moment(next, NaiveTime::MIN));
            from.zip(to).ok_or_else(not_a_day)
        }
    }
}

fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    match text {
        "today" | "今天" => return Some(today),
        "yesterday" | "昨天" => return today.pred_opt(),
        _ => {}
    }
    if let Some(days) = text.strip_suffix('d').or_else(|| text.strip_suffix('天')) {
        return today.checked_sub_days(Days::new(days.parse().ok()?));
    }
    ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

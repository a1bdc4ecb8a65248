//! What a part of a query means.

use super::fault::{QueryFault, QueryFaultKind};
use super::keys::Key;
use super::lexer::{Joint, Raw, Value, filled};
use super::nearest::nearest;
use super::span::{Looking, Span};
use super::tree::{
    AmountTest, Compare, Condition, ConsentWord, Likeness, LossWord, Moment, NOT_SAID, OwnerWord, Part, Sign, Term,
    TimeTest,
};
use super::{FieldWord, Here, Vocabulary};
use crate::domain::consent::Purpose;
use crate::domain::customer::{Basis, CustomerKind, Stage};
use crate::domain::loss::LossReason;
use crate::privacy::class::FieldClass;
use crate::text::folded;

/// Reads one part.
pub(super) fn term(part: Raw, words: &Vocabulary, here: Here) -> Result<Term, QueryFault> {
    let sign = part.sign;
    let Some((key, _, _)) = &part.key else {
        let text: Vec<String> = part.values.into_iter().map(|value| value.text).collect();
        let text = text.concat();
        if text.is_empty() && sign == Sign::Without {
            return Err(QueryFault::new(part.at, QueryFaultKind::LoneMinus));
        }
        return Ok(Term { sign, condition: Condition::Words(text) });
    };
    let condition = match Key::from_word(key) {
        Some(Key::Field) => return Err(unknown_field("", &part, words)),
        Some(key) => keyed(key, &part, words, here)?,
        None => field(key, &part, words)?,
    };
    Ok(Term { sign, condition })
}

/// A word before a joint that is no key: a field's key, with or without `field.` before it, or its label.
fn field(key: &str, part: &Raw, words: &Vocabulary) -> Result<Condition, QueryFault> {
    let (head, name) = key.split_once('.').map_or((None, key), |(head, name)| (Some(head), name));
    let named = head.is_some_and(|head| Key::from_word(head) == Some(Key::Field));
    let wanted = folded(if named { name } else { key });
    let Some(found) = named_field(&wanted, words) else {
        if named {
            return Err(unknown_field(&wanted, part, words));
        }
        let keys = Key::ALL.iter().flat_map(|key| key.words()).copied();
        let meant = nearest(&wanted, keys.chain(words.fields.iter().map(|f| f.key.as_str()))).map(str::to_owned);
        return Err(at_key(part, QueryFaultKind::UnknownKey { meant }));
    };
    filled(part, Key::Field)?;
    if found.class != FieldClass::Open {
        return Err(at_key(part, QueryFaultKind::Sealed(found.key.clone())));
    }
    let likeness = match joint(part) {
        Joint::Colon => Likeness::Words,
        Joint::Equals => Likeness::Whole,
        Joint::Order(_) => return Err(at_key(part, QueryFaultKind::NoOrder(Key::Field))),
    };
    Ok(Condition::Field(found.key.clone(), likeness, texts(part)))
}

fn named_field<'w>(wanted: &str, words: &'w Vocabulary) -> Option<&'w FieldWord> {
    let by_key = words.fields.iter().find(|f| f.key.as_str() == wanted);
    by_key.or_else(|| words.fields.iter().find(|f| f.labels.iter().any(|label| folded(label) == wanted)))
}

fn unknown_field(wanted: &str, part: &Raw, words: &Vocabulary) -> QueryFault {
    let meant = nearest(wanted, words.fields.iter().map(|f| f.key.as_str())).map(str::to_owned);
    at_key(part, QueryFaultKind::UnknownField { meant })
}

fn at_key(part: &Raw, kind: QueryFaultKind) -> QueryFault {
    let at = part.key.as_ref().map_or_else(|| part.at.clone(), |(_, at, _)| at.clone());
    QueryFault::new(at, kind)
}

fn joint(part: &Raw) -> Joint {
    part.key.as_ref().map_or(Joint::Colon, |(_, _, joint)| *joint)
}

fn texts(part: &Raw) -> Vec<String> {
    part.values.iter().map(|value| value.text.clone()).collect()
}

fn keyed(key: Key, part: &Raw, words: &Vocabulary, here: Here) -> Result<Condition, QueryFault> {
    filled(part, key)?;
    let ordered = matches!(key, Key::Last | Key::Due | Key::Created | Key::Updated | Key::Amount | Key::Pool);
    if matches!(joint(part), Joint::Order(_)) && !ordered {
        return Err(at_key(part, QueryFaultKind::NoOrder(key)));
    }
    Ok(match key {
        Key::Tag => Condition::Tag(texts(part)),
        Key::Source => Condition::Source(texts(part)),
        Key::Owner => Condition::Owner(each(part, |value| owner(value, words))?),
        Key::Stage => Condition::Stage(each(part, |value| {
            of_codes(key, value, Stage::from_code, Stage::ALL.iter().map(|s| s.code()), STAGES)
        })?),
        Key::Lost => Condition::Lost(each(part, |value| lost(value, words))?),
        Key::Kind => Condition::Kind(each(part, |value| {
            of_codes(key, value, CustomerKind::from_code, CustomerKind::ALL.iter().map(|k| k.code()), KINDS)
        })?),
        Key::Basis => Condition::Basis(each(part, |value| {
            of_codes(key, value, Basis::from_code, Basis::ALL.iter().map(|b| b.code()), GROUNDS)
        })?),
        Key::Id => Condition::Id(each(part, |value| {
            let number = value.text.trim_start_matches('#').parse().ok();
            number.ok_or_else(|| QueryFault::new(value.at.clone(), QueryFaultKind::NotANumber(key)))
        })?),
        Key::Has => Condition::Has(each(part, |value| has(value, words))?),
        Key::Last => time(Moment::Last, key, part, here)?,
        Key::Due => time(Moment::Due, key, part, here)?,
        Key::Created => time(Moment::Created, key, part, here)?,
        Key::Updated => time(Moment::Updated, key, part, here)?,
        Key::Amount => Condition::Amount(amount(part)?),
        Key::Pool => pool(part)?,
        Key::Consent => Condition::Consent(consents(part)?),
        // That was answered before.
        Key::Field => return Err(at_key(part, QueryFaultKind::NoValue(key))),
    })
}

fn each<T>(part: &Raw, read: impl Fn(&Value) -> Result<T, QueryFault>) -> Result<Vec<T>, QueryFault> {
    part.values.iter().map(read).collect()
}

/// Words for a value in Chinese, and others in English.
type Others<T> = &'static [(&'static str, T)];

pub(super) const STAGES: Others<Stage> = &[
    ("线索", Stage::Lead),
    ("已联系", Stage::Contacted),
    ("已确认", Stage::Qualified),
    ("意向", Stage::Qualified),
    ("客户", Stage::Customer),
    ("休眠", Stage::Dormant),
    ("沉睡", Stage::Dormant),
    ("流失", Stage::Lost),
];
/// The word for those of whom nobody said why they are lost.
pub(super) const NOT_SAID_ZH: &str = "未说明";
/// Words that were understood for reasons as shipped before a vault had a list of its own, and that saved queries hold.
const FORMER: Others<LossReason> =
    &[("竞争对手", LossReason::COMPETITOR), ("无需求", LossReason::NO_NEED), ("服务", LossReason::SERVICE)];
pub(super) const KINDS: Others<CustomerKind> = &[("个人", CustomerKind::Person), ("公司", CustomerKind::Company)];
pub(super) const GROUNDS: Others<Basis> = &[
    ("合同", Basis::Contract),
    ("同意", Basis::Consent),
    ("法定义务", Basis::LegalDuty),
    ("重大利益", Basis::VitalInterest),
    ("公共职责", Basis::PublicTask),
    ("正当利益", Basis::LegitimateInterest),
    ("尚不清楚", Basis::NotKnownYet),
    ("none", Basis::NotKnownYet),
    ("无", Basis::NotKnownYet),
];

pub(super) const PURPOSES: Others<Purpose> = &[
    ("服务", Purpose::Service),
    ("营销", Purpose::Marketing),
    ("共享", Purpose::Sharing),
    ("提供", Purpose::Sharing),
    ("公开", Purpose::Publishing),
    ("敏感", Purpose::Sensitive),
    ("敏感信息", Purpose::Sensitive),
    ("跨境", Purpose::CrossBorder),
    ("出境", Purpose::CrossBorder),
];
pub(super) const SAID: Others<ConsentWord> = &[
    ("是", ConsentWord::Yes),
    ("否", ConsentWord::No),
    ("撤回", ConsentWord::Withdrawn),
    ("未知", ConsentWord::Unknown),
    ("旧版", ConsentWord::Older),
    ("given", ConsentWord::Yes),
    ("同意", ConsentWord::Yes),
    ("拒绝", ConsentWord::No),
    ("已撤回", ConsentWord::Withdrawn),
    ("无", ConsentWord::Unknown),
];

/// What was said of purposes: `marketing=no`; a value without a purpose is of the one before it.
fn consents(part: &Raw) -> Result<Vec<(Purpose, ConsentWord)>, QueryFault> {
    let (mut out, mut last) = (Vec::new(), None);
    for value in &part.values {
        let (purpose, word) = match (value.text.split_once(['=', ':']), last) {
            (Some((purpose, word)), _) => (purpose_of(purpose, value)?, word),
            (None, Some(purpose)) => (purpose, value.text.as_str()),
            // A purpose alone says nothing of it yet.
            (None, None) => {
                purpose_of(&value.text, value)?;
                return Err(QueryFault::new(value.at.clone(), QueryFaultKind::NoValue(Key::Consent)));
            }
        };
        last = Some(purpose);
        let said = Value { text: word.trim().to_owned(), at: value.at.clone() };
        if said.text.is_empty() {
            return Err(QueryFault::new(said.at, QueryFaultKind::NoValue(Key::Consent)));
        }
        let codes = ConsentWord::ALL.iter().map(|word| word.code());
        out.push((purpose, of_codes(Key::Consent, &said, ConsentWord::from_code, codes, SAID)?));
    }
    Ok(out)
}

fn purpose_of(word: &str, value: &Value) -> Result<Purpose, QueryFault> {
    let word = folded(word.trim());
    let other = || PURPOSES.iter().find(|(known, _)| *known == word).map(|(_, found)| *found);
    Purpose::from_code(&word).or_else(other).ok_or_else(|| {
        let known = Purpose::ALL.iter().map(|purpose| purpose.code()).chain(PURPOSES.iter().map(|(word, _)| *word));
        let meant = nearest(&word, known).map(str::to_owned);
        QueryFault::new(value.at.clone(), QueryFaultKind::UnknownPurpose { meant })
    })
}

fn of_codes<T: Copy>(
    key: Key,
    value: &Value,
    from_code: impl Fn(&str) -> Option<T>,
    codes: impl Iterator<Item = &'static str>,
    others: Others<T>,
) -> Result<T, QueryFault> {
    let word = folded(&value.text);
    let other = || others.iter().find(|(known, _)| *known == word).map(|(_, found)| *found);
    from_code(&word).or_else(other).ok_or_else(|| {
        let meant = nearest(&word, codes.chain(others.iter().map(|(known, _)| *known))).map(str::to_owned);
        QueryFault::new(value.at.clone(), QueryFaultKind::UnknownValue { key, meant })
    })
}

fn owner(value: &Value, words: &Vocabulary) -> Result<OwnerWord, QueryFault> {
    let name = folded(&value.text);
    if let Some(word) = OwnerWord::of(&name) {
        return Ok(word);
    }
    if let Some(known) = words.owners.iter().find(|known| folded(known) == name) {
        return Ok(OwnerWord::Named(known.clone()));
    }
    let known = ["me", "nobody"].into_iter().chain(words.owners.iter().map(String::as_str));
    let meant = nearest(&name, known).map(str::to_owned);
    Err(QueryFault::new(value.at.clone(), QueryFaultKind::UnknownOwner { meant }))
}

pub(super) const PARTS: Others<Part> = &[
    ("tag", Part::Tag),
    ("owner", Part::Owner),
    ("follow_up", Part::FollowUp),
    ("deal", Part::Deal),
    ("contact", Part::Contact),
    ("basis", Part::Basis),
    ("标签", Part::Tag),
    ("负责人", Part::Owner),
    ("跟进", Part::FollowUp),
    ("due", Part::FollowUp),
    ("商机", Part::Deal),
    ("联系", Part::Contact),
    ("last", Part::Contact),
    ("合法依据", Part::Basis),
];

/// A reason for being lost by its key or its words, or that nobody said one.
fn lost(value: &Value, words: &Vocabulary) -> Result<Option<LossWord>, QueryFault> {
    let word = folded(&value.text);
    if word.replace([' ', '-'], "_") == NOT_SAID || word == NOT_SAID_ZH {
        return Ok(None);
    }
    let former = || FORMER.iter().find(|(known, _)| *known == word).and_then(|(_, id)| words.losses.get(*id));
    if let Some(found) = words.losses.named(&word).or_else(former) {
        return Ok(Some(LossWord { reason: found.id, key: found.key.clone() }));
    }
    let labels = words.losses.all().iter().flat_map(|reason| reason.label.words());
    let keys = words.losses.all().iter().map(|reason| reason.key.as_str());
    let meant = nearest(&word, keys.chain(labels).chain([NOT_SAID, NOT_SAID_ZH])).map(str::to_owned);
    Err(QueryFault::new(value.at.clone(), QueryFaultKind::UnknownValue { key: Key::Lost, meant }))
}

fn has(value: &Value, words: &Vocabulary) -> Result<Part, QueryFault> {
    let word = folded(&value.text).replace([' ', '-'], "_");
    let word = word.strip_prefix("field.").unwrap_or(&word);
    if let Some((_, part)) = PARTS.iter().find(|(known, _)| *known == word) {
        return Ok(part.clone());
    }
    if let Some(field) = named_field(word, words).or_else(|| named_field(&folded(&value.text), words)) {
        return Ok(Part::Field(field.key.clone()));
    }
    let known = PARTS.iter().map(|(known, _)| *known).chain(words.fields.iter().map(|f| f.key.as_str()));
    let meant = nearest(word, known).map(str::to_owned);
    Err(QueryFault::new(value.at.clone(), QueryFaultKind::UnknownValue { key: Key::Has, meant }))
}

fn time(moment: Moment, key: Key, part: &Raw, here: Here) -> Result<Condition, QueryFault> {
    if let Joint::Order(compare) = joint(part) {
        let value = one(part)?;
        let span = span(value, &value.text, key, here)?;
        return Ok(Condition::Time(moment, vec![TimeTest::Than(compare, span)]));
    }
    let tests = each(part, |value| {
        let word = folded(&value.text);
        let never = matches!(word.as_str(), "never" | "none" | "无" | "从未" | "没有");
        match moment {
            Moment::Due if matches!(word.as_str(), "overdue" | "逾期" | "过期") => return Ok(TimeTest::Overdue),
            Moment::Due | Moment::Last if never => return Ok(TimeTest::Never),
            _ => {}
        }
        match ends(&value.text) {
            None => span(value, &value.text, key, here).map(TimeTest::Within),
            Some((from, to)) => between(value, (from, to), moment, key, here),
        }
    })?;
    Ok(Condition::Time(moment, tests))
}

fn one(part: &Raw) -> Result<&Value, QueryFault> {
    match part.values.as_slice() {
        [value] => Ok(value),
        _ => Err(QueryFault::new(part.at.clone(), QueryFaultKind::OneValue)),
    }
}

/// The two ends of a stretch, of which one may be empty.
fn ends(text: &str) -> Option<(&str, &str)> {
    let (from, to) = ["..", "至", "到", "~"].iter().find_map(|between| text.split_once(between))?;
    Some((from.trim(), to.trim_start_matches('.').trim()))
}

fn span(value: &Value, text: &str, key: Key, here: Here) -> Result<Span, QueryFault> {
    let read = Span::read(text, here).filter(|span| span.resolve(here, Looking::Back).is_some());
    read.ok_or_else(|| QueryFault::new(value.at.clone(), QueryFaultKind::NotADate(key)))
}

fn between(
    value: &Value,
    (from, to): (&str, &str),
    moment: Moment,
    key: Key,
    here: Here,
) -> Result<TimeTest, QueryFault> {
    let end = |text: &str| if text.is_empty() { Ok(None) } else { span(value, text, key, here).map(Some) };
    let test = TimeTest::Between(end(from)?, end(to)?);
    match test {
        TimeTest::Between(None, None) => Err(QueryFault::new(value.at.clone(), QueryFaultKind::NotADate(key))),
        _ if test.bounds(moment, here).is_none() => Err(QueryFault::new(value.at.clone(), QueryFaultKind::Backwards)),
        _ => Ok(test),
    }
}

/// In how many days: `pool<7d`, `pool>2w`; `pool:7d` is within seven.
fn pool(part: &Raw) -> Result<Condition, QueryFault> {
    const UNITS: [(&str, u32); 8] =
        [("days", 1), ("day", 1), ("d", 1), ("天", 1), ("日", 1), ("w", 7), ("周", 7), ("星期", 7)];
    let value = one(part)?;
    let text = folded(&value.text);
    let unit = UNITS.iter().find_map(|(unit, times)| Some((text.strip_suffix(unit)?.trim(), *times)));
    let (digits, times) = unit.unwrap_or((text.as_str(), 1));
    let days = digits.parse::<u32>().ok().and_then(|number| number.checked_mul(times));
    let days = days.ok_or_else(|| QueryFault::new(value.at.clone(), QueryFaultKind::NotANumber(Key::Pool)))?;
    let compare = match joint(part) {
        Joint::Order(compare) => compare,
        Joint::Colon | Joint::Equals => Compare::AtMost,
    };
    Ok(Condition::Pool(compare, days))
}

fn amount(part: &Raw) -> Result<AmountTest, QueryFault> {
    // A comma may stand between thousands.
    let thousands = part.values.iter().skip(1).all(|value| {
        let whole = value.text.split('.').next().unwrap_or_default();
        whole.len() == 3 && whole.bytes().all(|b| b.is_ascii_digit())
    });
    let text: String = match part.values.as_slice() {
        [value] => value.text.clone(),
        values if thousands => values.iter().map(|v| v.text.as_str()).collect(),
        _ => return Err(QueryFault::new(part.at.clone(), QueryFaultKind::OneValue)),
    };
    let at = part.values.first().map_or(0, |v| v.at.start)..part.at.end;
    let number =
        |text: &str| minor(text).ok_or_else(|| QueryFault::new(at.clone(), QueryFaultKind::NotANumber(Key::Amount)));
    if let Joint::Order(compare) = joint(part) {
        return Ok(AmountTest::Than(compare, number(&text)?));
    }
    let Some((from, to)) = ends(&text) else { return Ok(AmountTest::Exactly(number(&text)?)) };
    let end = |text: &str| if text.is_empty() { Ok(None) } else { number(text).map(Some) };
    match (end(from)?, end(to)?) {
        (None, None) => Err(QueryFault::new(at.clone(), QueryFaultKind::NotANumber(Key::Amount))),
        (Some(from), Some(to)) if from > to => Err(QueryFault::new(at.clone(), QueryFaultKind::Backwards)),
        (from, to) => Ok(AmountTest::Between(from, to)),
    }
}

/// An amount in minor units: `5000`, `5000.50`, `5k`, `2万`.
fn minor(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 6] =
        [("k", 1_000), ("千", 1_000), ("w", 10_000), ("万", 10_000), ("m", 1_000_000), ("亿", 100_000_000)];
    let text = folded(text);
    let unit = UNITS.iter().find_map(|(unit, times)| Some((text.strip_suffix(unit)?.trim(), *times)));
    let (digits, times) = unit.unwrap_or((text.as_str(), 1));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.len() <= 15 && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(rest) || rest.len() > 6 {
        return None;
    }
    // Six places behind the point, so that 1.2345 of ten thousand is exact.
    let micro: i128 = format!("{rest:0<6}").parse::<i128>().ok()? + whole.parse::<i128>().ok()? * 1_000_000;
    let minor = micro * i128::from(times) * 100;
    (minor % 1_000_000 == 0).then(|| i64::try_from(minor / 1_000_000).ok())?
}

impl TimeTest {
    /// The moments asked for: from the first, up to but not the second. Nothing where there are none; a test for no moment
    /// at all has none either.
    pub fn bounds(&self, moment: Moment, here: Here) -> Option<(Option<i64>, Option<i64>)> {
        let looking = if moment == Moment::Due { Looking::Ahead } else { Looking::Back };
        let now = here.now.0;
        let (from, to) = match self {
            Self::Never => return None,
            Self::Overdue => (None, Some(now)),
            Self::Within(Span::Distance(_)) if looking == Looking::Back => {
                (Some(self.only(here, looking)?.0), Some(now.saturating_add(1)))
            }
            Self::Within(Span::Distance(_)) => (Some(now), Some(self.only(here, looking)?.0)),
            Self::Within(_) => {
                let (first, end) = self.only(here, looking)?;
                (Some(first), Some(end))
            }
            Self::Between(from, to) => {
                let mut ends = Vec::new();
                for span in [from, to].into_iter().flatten() {
                    let (first, end) = span.resolve(here, looking)?;
                    ends.push((first.0, end.0));
                }
                match (from, to, ends.as_slice()) {
                    (Some(_), Some(_), [(first, _), (_, end)]) => (Some(*first), Some(*end)),
                    (Some(_), None, [(first, _)]) => (Some(*first), None),
                    (None, Some(_), [(_, end)]) => (None, Some(*end)),
                    _ => return None,
                }
            }
            Self::Than(compare, span) => {
                let (first, end) = self.only(here, looking)?;
                // Longer ago is earlier; further ahead is later.
                let back = matches!(span, Span::Distance(_)) && looking == Looking::Back;
                match (compare, back) {
                    (Compare::More, true) => (None, Some(first)),
                    (Compare::AtLeast, true) => (None, Some(first.saturating_add(1))),
                    (Compare::Less, true) => (Some(first.saturating_add(1)), None),
                    (Compare::AtMost, true) => (Some(first), None),
                    (Compare::More, false) => (Some(end), None),
                    (Compare::AtLeast, false) => (Some(first), None),
                    (Compare::Less, false) => (None, Some(first)),
                    (Compare::AtMost, false) => (None, Some(end)),
                }
            }
        };
        let empty = from.zip(to).is_some_and(|(from, to)| from >= to);
        (!empty).then_some((from, to))
    }

    fn only(&self, here: Here, looking: Looking) -> Option<(i64, i64)> {
        match self {
            Self::Within(span) | Self::Than(_, span) => span.resolve(here, looking).map(|(a, b)| (a.0, b.0)),
            _ => None,
        }
    }
}

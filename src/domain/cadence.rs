//! Named series of steps that are put on a customer one after the other.
//!
//! **Invariant:** the steps of a cadence are at least one, no more than [`MOST_STEPS`], and their days never go back.

use super::id::{CadenceId, StaffId};
use super::interaction::InteractionKind;
use crate::clock::Timestamp;
use crate::text::Printable;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 40;
/// The most steps.
pub const MOST_STEPS: usize = 20;
/// The last day that a step can be due on.
pub const LAST_DAY: u16 = 365;
/// The longest text of a step, in characters.
const LONGEST_TEXT: usize = 200;

/// A series of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Its id, never given twice.
    pub id: CadenceId,
    /// Grows by one with each change.
    pub version: u64,
    /// Its name, of which there is one.
    pub name: Printable,
    /// The steps.
    pub steps: Vec<Step>,
    /// Who wrote it last.
    pub by: StaffId,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// On which day after the start.
    pub day: u16,
    /// What kind of contact.
    pub kind: InteractionKind,
    /// What is to be done: a text, `@` and a template's name, or nothing.
    pub text: Printable,
}

/// What can be written of a cadence.
#[derive(Clone, Debug)]
pub struct CadenceDraft {
    /// Its name.
    pub name: Printable,
    /// The steps.
    pub steps: Vec<Step>,
}

/// Which step of which cadence a follow-up is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CadencePlace {
    /// Of which.
    pub cadence: CadenceId,
    /// Its name when this step came.
    pub name: Printable,
    /// The step, from 1.
    pub at: u8,
    /// How many there were.
    pub of: u8,
    /// What kind of contact.
    pub kind: InteractionKind,
    /// When the cadence began with this customer.
    pub began: Timestamp,
}

/// `NAME 2/3`.
impl std::fmt::Display for CadencePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}/{}", self.name, self.at, self.of)
    }
}

/// Why steps cannot be read, with the line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepFault {
    /// There is none.
    #[error("there is no step")]
    None,
    /// There are more than [`MOST_STEPS`].
    #[error("there are more than {MOST_STEPS} steps")]
    TooMany,
    /// It does not begin with a day.
    #[error("line {0}: a step begins with a day, from 0 to {LAST_DAY}")]
    Day(usize),
    /// The day is before that of the step above.
    #[error("line {0}: the day is before that of the step above")]
    Back(usize),
    /// The second word is no kind of contact.
    #[error("line {0}: after the day comes call, email, chat, visit or note")]
    Kind(usize),
    /// The text is too long.
    #[error("line {0}: the text is longer than {LONGEST_TEXT} characters")]
    Text(usize),
}

/// A kind of contact as it is written in either language.
fn kind(word: &str) -> Option<InteractionKind> {
    let word = word.to_lowercase();
    let chinese = ["电话", "邮件", "聊天", "拜访", "备注"];
    let place = chinese.iter().position(|known| *known == word);
    InteractionKind::from_code(&word).or_else(|| InteractionKind::ALL.get(place?).copied())
}

/// Steps of a text, one a line: `0 call Introduce ourselves`, `3 email @welcome`, `7 visit`.
pub fn read(text: &str) -> Result<Vec<Step>, StepFault> {
    let mut steps = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        let line = Printable::line(line);
        let mut words = line.as_str().split_whitespace();
        let Some(first) = words.next() else { continue };
        let half: String = first.chars().map(crate::text::half_width).collect();
        let day: u16 = half.parse().map_err(|_| StepFault::Day(at))?;
        let kind = words.next().and_then(kind).ok_or(StepFault::Kind(at))?;
        let text = Printable::line(&words.collect::<Vec<_>>().join(" "));
        steps.push(Step { day, kind, text });
        check_last(&steps, at)?;
    }
    check(&steps)?;
    Ok(steps)
}

fn check_last(steps: &[Step], line: usize) -> Result<(), StepFault> {
    let Some((last, before)) = steps.split_last() else { return Ok(()) };
    match () {
        () if last.day > LAST_DAY => Err(StepFault::Day(line)),
        () if before.last().is_some_and(|before| before.day > last.day) => Err(StepFault::Back(line)),
        () if last.text.as_str().chars().count() > LONGEST_TEXT => Err(StepFault::Text(line)),
        () if steps.len() > MOST_STEPS => Err(StepFault::TooMany),
        () => Ok(()),
    }
}

/// Whether steps may be kept.
pub fn check(steps: &[Step]) -> Result<(), StepFault> {
    if steps.is_empty() {
        return Err(StepFault::None);
    }
    (1..=steps.len()).try_for_each(|count| check_last(steps.get(..count).unwrap_or_default(), count))
}

/// Steps as [`read`] reads them.
pub fn write(steps: &[Step]) -> String {
    let line = |step: &Step| format!("{} {} {}", step.day, step.kind.code(), step.text).trim_end().to_owned();
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_as_they_are_written() {
        let text = "0 call Introduce ourselves\n3 email @welcome\n3 note\n7 visit";
        let steps = read(text).unwrap();
        assert_eq!(steps.len(), 4);
        assert_eq!(write(&steps), text);
        assert_eq!(read(&format!("\n  {text}  \n\n")).as_ref(), Ok(&steps));
        let chinese = read("０ 电话 自我介绍\n３ 邮件 @欢迎").unwrap();
        assert_eq!(write(&chinese), "0 call 自我介绍\n3 email @欢迎");
    }

    #[test]
    fn what_is_no_step_is_refused_with_its_line() {
        assert_eq!(read(" \n"), Err(StepFault::None));
        assert_eq!(read("0 call\nsoon call"), Err(StepFault::Day(2)));
        assert_eq!(read("-1 call"), Err(StepFault::Day(1)));
        assert_eq!(read("366 call"), Err(StepFault::Day(1)));
        assert_eq!(read("99999999999 call"), Err(StepFault::Day(1)));
        assert_eq!(read("5 call\n4 call"), Err(StepFault::Back(2)));
        assert_eq!(read("5 fax"), Err(StepFault::Kind(1)));
        assert_eq!(read("5"), Err(StepFault::Kind(1)));
        assert_eq!(read(&"0 call\n".repeat(32)), Err(StepFault::TooMany));
        assert_eq!(read(&format!("0 call {}", "x".repeat(201))), Err(StepFault::Text(1)));
    }
}

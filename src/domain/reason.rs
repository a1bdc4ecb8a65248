//! Why somebody wants to see a masked value.

use crate::codes::codes;
use crate::text::{self, Printable};

/// The reasons as shipped, chosen by the digits 1–7 in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// To call or write back.
    Callback,
    /// To make sure who is speaking.
    VerifyIdentity,
    /// To deliver goods or send an invoice.
    DeliverInvoice,
    /// To correct what is stored.
    CorrectData,
    /// To handle a complaint.
    Complaint,
    /// A legal duty or an audit.
    LegalAudit,
    /// Something else, in words.
    Other,
}

codes!(ReasonCode: Callback = "callback", VerifyIdentity = "verify_identity", DeliverInvoice = "deliver_invoice",
    CorrectData = "correct_data", Complaint = "complaint", LegalAudit = "legal_audit", Other = "other");

impl ReasonCode {
    /// The reason that a digit 1–7 chooses.
    pub fn from_digit(digit: u8) -> Option<Self> {
        Self::ALL.get(usize::from(digit).checked_sub(1)?).copied()
    }
}

/// Characters of a ticket number at most.
pub const LONGEST_TICKET: usize = 64;

/// A reason as given: a code, text where the code or the policy demands it, and the ticket it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The code.
    pub code: ReasonCode,
    /// In words; at most 500 characters.
    pub text: Option<Printable>,
    /// The ticket number; at most 64 characters.
    pub ticket: Option<Printable>,
}

/// What is wrong with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReasonFault {
    /// Code 7 without words.
    #[error("this reason needs a few words")]
    TextMissing,
    /// `.`, `aaa`, `n/a`, a row of keys.
    #[error("the text says nothing; write why the value is needed")]
    Filler,
    /// The same words as in the last five.
    #[error("the text is the same as in your last reveals; write what is particular to this one")]
    Repeated,
    /// The policy demands a ticket.
    #[error("a ticket number is needed")]
    TicketMissing,
    /// More than fits.
    #[error("the text is too long (500 characters at most, 64 of a ticket number)")]
    TooLong,
}

impl Reason {
    /// A reason by code alone.
    pub fn code(code: ReasonCode) -> Self {
        Self { code, text: None, ticket: None }
    }

    /// Checks the reason against filler and against the person's last five texts (folded).
    pub fn check(&self, recent: &[String]) -> Result<(), ReasonFault> {
        if self.ticket.as_ref().is_some_and(|t| t.as_str().chars().count() > LONGEST_TICKET) {
            return Err(ReasonFault::TooLong);
        }
        let Some(text) = self.text.as_ref().filter(|t| !t.is_empty()) else {
            return if self.code == ReasonCode::Other { Err(ReasonFault::TextMissing) } else { Ok(()) };
        };
        if text.as_str().chars().count() > 500 {
            return Err(ReasonFault::TooLong);
        }
        let folded = text::folded(text.as_str());
        if is_filler(&folded) {
            return Err(ReasonFault::Filler);
        }
        if self.code == ReasonCode::Other && recent.contains(&folded) {
            return Err(ReasonFault::Repeated);
        }
        Ok(())
    }
}

/// Text that fills a box and tells nothing: too few different letters, or one of the usual stand-ins.
/// A Chinese character carries about as much as a short word, so two different ones are enough.
fn is_filler(folded: &str) -> bool {
    const STAND_INS: &[&str] = &[
        "test", "testing", "asdf", "asdfgh", "qwer", "qwerty", "none", "nothing", "reason", "other", "because", "n/a",
        "xxx", "abc", "abcd", "1234", "12345", "123456", "无", "没有", "其他", "其它", "测试", "原因", "随便",
    ];
    let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut distinct = letters.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let wide = letters.iter().any(|c| u32::from(*c) >= 0x2E80);
    let least = if wide { 2 } else { 4 };
    letters.iter().all(|c| c.is_numeric()) || distinct.len() < least || STAND_INS.contains(&folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(text: &str) -> Reason {
        Reason { text: Some(Printable::line(text)), ..Reason::code(ReasonCode::Other) }
    }

    #[test]
    fn filler_is_refused_and_words_are_taken() {
        for filler in [".", "aaa", "aaaaaaa", "   ", "\n\n", "asdf", "无", "其他", "111", "...", "\u{1b}"] {
            assert!(other(filler).check(&[]).is_err(), "{filler:?}");
        }
        for words in ["customer asked for the invoice", "客户投诉", "bank wants to confirm"] {
            assert_eq!(other(words).check(&[]), Ok(()), "{words:?}");
        }
        assert_eq!(Reason::code(ReasonCode::Callback).check(&[]), Ok(()));
        assert_eq!(Reason::code(ReasonCode::Other).check(&[]), Err(ReasonFault::TextMissing));
        assert_eq!(other(&"long ".repeat(200_000)).check(&[]), Err(ReasonFault::TooLong));
        assert_eq!(
            other("Bank  wants to confirm").check(&["bank wants to confirm".into()]),
            Err(ReasonFault::Repeated)
        );
    }
}

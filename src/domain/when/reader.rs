//! The characters of a date as written, plain and in lower case, with a place to go back to.
//!
//! **Invariant:** there is one character here for each character of the text, so a place here is a place there.

use crate::text::half_width;

/// A scan over a text.
pub(super) struct Reader<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, chars: text.chars().map(plain).collect(), at: 0 }
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    /// The place of the first character that is not white space.
    pub(super) fn first_place(&self) -> usize {
        self.chars.iter().position(|c| !c.is_whitespace()).unwrap_or(0)
    }

    /// What has not been read, as it was written.
    pub(super) fn rest(&self) -> &'a str {
        let start = self.text.char_indices().nth(self.at).map_or(self.text.len(), |(byte, _)| byte);
        self.text.get(start..).unwrap_or_default().trim()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Skips what only joins a date's parts. Says whether the last thing skipped was `at`, behind which a bare
    /// number is an hour.
    pub(super) fn fillers(&mut self) -> Led {
        let mut led = Led::ByNothing;
        loop {
            self.spaces();
            if self.one_of(&[',', '的', '、', '在']).is_some() {
                continue;
            }
            let before = self.at;
            match self.word().as_str() {
                "at" | "@" => led = Led::ByAt,
                "on" | "by" | "the" | "around" | "before" => {}
                "in" if {
                    self.spaces();
                    self.word() == "the"
                } => {}
                _ => {
                    self.at = before;
                    return led;
                }
            }
        }
    }

    /// Takes one of these characters.
    pub(super) fn one_of(&mut self, wanted: &[char]) -> Option<char> {
        let c = self.peek().filter(|c| wanted.contains(c))?;
        self.at += 1;
        Some(c)
    }

    /// Takes these characters, if they come next.
    pub(super) fn literal(&mut self, wanted: &str) -> bool {
        let mut at = self.at;
        for c in wanted.chars() {
            if self.chars.get(at) != Some(&c) {
                return false;
            }
            at += 1;
        }
        self.at = at;
        true
    }

    /// Takes the first of these that comes next.
    pub(super) fn any(&mut self, wanted: &[&str]) -> bool {
        wanted.iter().any(|w| self.literal(w))
    }

    /// Takes a run of Latin letters; empty if there is none.
    pub(super) fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphabetic() || (*c == '@' && word.is_empty())) {
            word.push(c);
            self.at += 1;
            if c == '@' {
                break;
            }
        }
        word
    }

    /// Takes one of these words as a whole, spaces before it skipped; else nothing is taken.
    pub(super) fn whole(&mut self, wanted: &[&str]) -> bool {
        let before = self.at;
        self.spaces();
        let word = self.word();
        if !word.is_empty() && wanted.contains(&word.as_str()) {
            return true;
        }
        self.at = before;
        false
    }

    /// Takes a number of up to eight digits, or a Chinese one up to 99, with the count of its digits as written.
    pub(super) fn number(&mut self) -> Option<(u32, usize)> {
        let before = self.at;
        let mut value = 0_u32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        let digits = self.at - before;
        if (1..=8).contains(&digits) {
            return Some((value, digits));
        }
        self.at = before;
        if digits > 8 {
            return None;
        }
        self.chinese().map(|value| (value, 0))
    }

    fn chinese(&mut self) -> Option<u32> {
        let unit = |reader: &mut Self| {
            let value = "〇一二三四五六七八九".chars().position(|d| reader.peek() == Some(d));
            let value = value.or_else(|| (reader.peek() == Some('零')).then_some(0));
            let value = value.or_else(|| (reader.peek() == Some('两')).then_some(2))?;
            reader.at += 1;
            u32::try_from(value).ok()
        };
        let head = unit(self);
        if self.one_of(&['十']).is_some() {
            return Some(head.unwrap_or(1) * 10 + unit(self).unwrap_or(0));
        }
        match head {
            Some(0) => Some(unit(self).unwrap_or(0)),
            other => other,
        }
    }
}

/// What led to the place where the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Led {
    /// `at`.
    ByAt,
    /// Anything else.
    ByNothing,
}

/// Half-width, lower case, and the simplified form of the few traditional characters that dates are made of.
fn plain(c: char) -> char {
    match half_width(c).to_ascii_lowercase() {
        '週' => '周',
        '點' => '点',
        '後' => '后',
        '兩' => '两',
        '號' => '号',
        '個' => '个',
        '時' => '时',
        '鐘' => '钟',
        '禮' => '礼',
        '這' => '这',
        other => other,
    }
}

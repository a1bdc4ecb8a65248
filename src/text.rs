//! Text that is safe to put on a screen, and how wide it is there.
//!
//! **Invariant:** nothing in a [`Printable`] moves a cursor, reorders text or hides in it; it holds no control
//! character, no bidirectional control, no invisible character outside an emoji sequence, and at most
//! [`MAX_MARKS`] combining marks on one base. Widths are terminal cells, never chars or bytes.

mod edits;
mod lines;

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use edits::edits;
pub use lines::{text_lines, whole_words};

/// Combining marks kept on one base character; more is an attack on the renderer, not a script.
pub const MAX_MARKS: usize = 6;

/// The longest text taken for one field, in bytes after cleaning.
pub const MAX_BYTES: usize = 64 * 1024;

/// Text that can be shown, on one line or several.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Printable(String);

impl Printable {
    /// One line: what is not printable is dropped, line breaks and tabs become spaces, ends are trimmed, NFC.
    pub fn line(raw: &str) -> Self {
        Self(clean(raw, Breaks::Fold))
    }

    /// Several lines: as [`Printable::line`], but `\n` stays.
    pub fn lines(raw: &str) -> Self {
        Self(clean(raw, Breaks::Keep))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left of it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself, consuming the wrapper.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Printable text may still be personal: `Debug` says how long it is and nothing else.
impl fmt::Debug for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Printable({} bytes)", self.0.len())
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Printable {
    fn from(raw: &str) -> Self {
        Self::line(raw)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    Keep,
    Fold,
}

fn clean(raw: &str, breaks: Breaks) -> String {
    // Most text is plain and comes from the store, where it was cleaned before; it passes at a glance.
    let plain = |c: char| is_plain(c) || (c == '\n' && breaks == Breaks::Keep);
    if raw.len() <= MAX_BYTES && raw.chars().all(plain) && raw.trim().len() == raw.len() {
        return raw.to_owned();
    }
    // What is dropped may have kept two characters apart that compose, so cleaning goes on until nothing changes:
    // otherwise one text would have two clean forms, and be two different names.
    let mut text = cleaned_once(raw, breaks);
    loop {
        let again = cleaned_once(&text, breaks);
        if again == text {
            return text;
        }
        text = again;
    }
}

fn cleaned_once(raw: &str, breaks: Breaks) -> String {
    let mut out = String::with_capacity(raw.len().min(MAX_BYTES));
    let mut marks = 0;
    let mut chars = raw.nfc().peekable();
    while let Some(c) = chars.next() {
        if out.len() + c.len_utf8() > MAX_BYTES {
            break;
        }
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' if breaks == Breaks::Keep => out.push('\n'),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            '\u{200D}' => {
                // A joiner has a meaning between two pictographs only; elsewhere it makes look-alikes.
                if out.chars().next_back().is_some_and(joins) && chars.peek().copied().is_some_and(joins) {
                    out.push(c);
                }
            }
            c if c.is_control() || is_invisible(c) => {}
            c if is_combining_mark(c) => {
                marks += 1;
                if marks <= MAX_MARKS {
                    out.push(c);
                }
                continue;
            }
            c => out.push(c),
        }
        marks = 0;
    }
    out.trim().to_owned()
}

/// Printable ASCII, composed Latin letters, dashes and quotes, and CJK characters with their punctuation and full-width
/// forms: nothing to drop or fold, and nothing that composes with what stands before it.
fn is_plain(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{B7}' | '\u{C0}'..='\u{17F}' | '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3029}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF5E}')
}

fn joins(c: char) -> bool {
    matches!(u32::from(c), 0x2190..=0x2BFF | 0xFE0F | 0x1F000..=0x1FAFF)
}

/// Characters that take no room and change what a reader or a terminal makes of their neighbours.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200C | 0x200E..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164
        | 0xFE00..=0xFE0E | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
        | 0xE0000..=0xE0FFF | 0xE000..=0xF8FF | 0xF0000..=0x10FFFF)
}

/// How many terminal cells `text` takes.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { text.len() } else { text.width() }
}

/// What a reader takes for one character each, in order.
pub fn graphemes(text: &str) -> impl Iterator<Item = &str> {
    let mut left = text;
    std::iter::from_fn(move || {
        // Most of what is drawn is plain, and a plain character before another stands for itself.
        let bytes = left.as_bytes();
        let alone = matches!(bytes.first(), Some(b' '..=b'~')) && bytes.get(1).is_none_or(u8::is_ascii);
        let grapheme = if alone { left.get(..1) } else { left.graphemes(true).next() }?;
        left = left.get(grapheme.len()..)?;
        Some(grapheme)
    })
}

/// `text` cut to at most `cells`, with `…` in the last cell where something was left out.
/// A wide character that would straddle the edge is left out whole.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    let mut out = String::new();
    for grapheme in graphemes(text) {
        let w = width(grapheme);
        if used + w > cells - 1 {
            break;
        }
        used += w;
        out.push_str(grapheme);
    }
    out.push('…');
    Cow::Owned(out)
}

/// `text` cut to `cells` and filled with spaces on the right to exactly that width.
pub fn pad(text: &str, cells: usize) -> String {
    let mut out = cut(text, cells).into_owned();
    let missing = cells.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// Full-width forms to their plain ones (U+FF01–FF5E and the ideographic space), all else as it is.
pub fn half_width(c: char) -> char {
    match u32::from(c) {
        0x3000 => ' ',
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// The form in which text is compared: NFKC, lower case, no white space at the ends and single spaces within.
pub fn folded(text: &str) -> String {
    let lower = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkc().flat_map(char::to_lowercase).collect(),
    };
    let mut out = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_or_reorders_survives() {
        for (raw, kept) in [
            ("\u{1b}]52;c;aGk=\u{7}ann", "]52;c;aGk=ann"),
            ("a\u{9b}2Jb", "a2Jb"),
            ("a\u{202e}b\u{2066}c\u{200f}", "abc"),
            ("王\u{200b}芳", "王芳"),
            ("a\0\u{300}", "à"),
            ("a\r\nb\tc", "a b c"),
            ("  x  ", "x"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("a\u{200d}b", "ab"),
        ] {
            assert_eq!(Printable::line(raw).as_str(), kept, "{raw:?}");
        }
        let marks = format!("e{}", "\u{0323}".repeat(10_000));
        assert!(Printable::line(&marks).as_str().chars().count() <= 1 + MAX_MARKS);
        assert_eq!(Printable::lines("a\r\nb").as_str(), "a\nb");
    }

    #[test]
    fn widths_are_cells_and_cuts_never_split_a_wide_character() {
        assert_eq!(width("张三丰"), 6);
        assert_eq!(cut("张三丰", 6), "张三丰");
        assert_eq!(cut("张三丰", 5), "张三…");
        assert_eq!(cut("张三丰", 4), "张…");
        assert_eq!(pad("张三丰", 4), "张… ");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", Printable::line("secret")), "Printable(6 bytes)");
    }
}

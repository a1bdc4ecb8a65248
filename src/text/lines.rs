//! Lines that fit a width, broken where the language breaks them.
//!
//! **Invariant:** nothing is lost but spaces at the break.

use unicode_segmentation::UnicodeSegmentation;

use super::width as width_of;

/// `line` broken into lines of at most `width` cells: at spaces and between Chinese characters, never before a mark
/// that closes; a word that is wider than a line is broken where the line ends.
pub fn text_lines(line: &str, width: usize) -> Vec<String> {
    broken(line, width, |piece| fitting(piece, width))
}

/// `line` broken likewise, but never within a word: one that is wider than a line stays as it is, so that it can be copied.
pub fn whole_words(line: &str, width: usize) -> Vec<String> {
    if width_of(line) <= width { vec![line.to_owned()] } else { broken(line, width, |piece| vec![piece]) }
}

fn broken<'l>(line: &'l str, width: usize, parts: impl Fn(&'l str) -> Vec<&'l str>) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(line) {
        for part in parts(piece) {
            let bare = part.trim_end();
            let fits = |line: &String| width_of(line) + width_of(bare) <= width;
            if !lines.last().is_some_and(fits) {
                lines.push(String::new());
            }
            if let Some(last) = lines.last_mut()
                && (!last.is_empty() || !bare.is_empty())
            {
                last.push_str(part);
            }
        }
    }
    let trimmed = lines.iter().map(|line| line.trim_end().to_owned());
    trimmed.filter(|line| !line.is_empty()).collect()
}

/// The pieces of a line that stay together, each with the spaces behind it.
fn pieces(line: &str) -> Vec<&str> {
    let wide = |c: char| width_of(c.encode_utf8(&mut [0; 4])) > 1;
    let closes = |c: char| "，。；：！？、）》”’」』】〉…,.;:!?)]}".contains(c);
    let opens = |c: char| "（《“‘「『【〈([{".contains(c);
    let mut out = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in line.char_indices() {
        let breaks = before
            .is_some_and(|b| (b == ' ' && c != ' ') || (c != ' ' && (wide(b) || wide(c)) && !closes(c) && !opens(b)));
        if breaks {
            out.extend(line.get(start..at));
            start = at;
        }
        before = Some(c);
    }
    out.extend(line.get(start..).filter(|rest| !rest.is_empty()));
    out
}

/// A piece cut into stretches that fit into `width` cells.
fn fitting(piece: &str, width: usize) -> Vec<&str> {
    if width_of(piece.trim_end()) <= width {
        return vec![piece];
    }
    let mut out = Vec::new();
    let (mut start, mut cells) = (0, 0);
    for (at, grapheme) in piece.grapheme_indices(true) {
        let more = width_of(grapheme);
        if cells + more > width && at > start {
            out.extend(piece.get(start..at));
            (start, cells) = (at, 0);
        }
        cells += more;
    }
    out.extend(piece.get(start..));
    out
}

#[cfg(test)]
mod tests {
    use super::{text_lines, whole_words};

    #[test]
    fn lines_break_at_spaces_and_between_chinese_characters_never_before_a_closing_mark() {
        assert_eq!(text_lines("searched by name instead.", 24), ["searched by name", "instead."]);
        assert_eq!(text_lines("写成 name@example.com 的形式。", 16), ["写成", "name@example.com", "的形式。"]);
        assert_eq!(text_lines("姓名或口令不对。请", 14), ["姓名或口令不", "对。请"]);
        assert_eq!(text_lines("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    #[test]
    fn a_word_that_is_wider_than_a_line_can_stay_whole() {
        assert_eq!(
            whole_words("run veilbook --vault /a/long/path now", 10),
            ["run", "veilbook", "--vault", "/a/long/path", "now"]
        );
        assert_eq!(whole_words("   as it is", 20), ["   as it is"]);
        assert_eq!(whole_words("", 20), [""]);
    }
}

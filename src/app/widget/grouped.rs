//! A list in groups: headings that the cursor passes over, and items that it stops at.
//!
//! **Invariant:** the cursor is on an item whenever there is one, and the heading above the first item comes into sight
//! with it.

use std::ops::Range;

use super::super::commands::Cmd;
use super::super::panel::Handled;
use super::super::theme::Ink;
use super::list::ListState;

/// One line of a list in groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<T, H = String> {
    /// The head of a group, or what makes it.
    Head(H),
    /// Something that the cursor stops at.
    Item(T),
    /// A line to read.
    Note(String, Ink),
    /// An empty line.
    Gap,
}

/// Where the cursor is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grouped {
    list: ListState,
}

impl Grouped {
    /// The line that the cursor is on.
    pub fn cursor(&self) -> usize {
        self.list.cursor()
    }

    /// The item that the cursor is on.
    pub fn item<'a, T, H>(&self, lines: &'a [Line<T, H>]) -> Option<&'a T> {
        match lines.get(self.list.cursor()) {
            Some(Line::Item(item)) => Some(item),
            _ => None,
        }
    }

    /// Moves by a command.
    pub fn run<T, H>(&mut self, cmd: Cmd, lines: &[Line<T, H>], height: usize) -> Handled {
        let before = self.list.cursor();
        if self.list.run(cmd, lines.len(), height) == Handled::No {
            return Handled::No;
        }
        let at = self.list.cursor();
        let item = |at: &usize| matches!(lines.get(*at), Some(Line::Item(_)));
        let (ahead, back) = ((at..lines.len()).find(item), (0..=at).rev().find(item));
        let up = at < before || cmd == Cmd::Top;
        let found = if up { back.or(ahead) } else { ahead.or(back) };
        self.place(found.unwrap_or(at), lines, height);
        Handled::Yes
    }

    /// Puts the cursor on the nearest item once the lines have changed.
    pub fn settle<T, H>(&mut self, lines: &[Line<T, H>], height: usize) {
        let at = self.list.cursor().min(lines.len().saturating_sub(1));
        let item = |at: &usize| matches!(lines.get(*at), Some(Line::Item(_)));
        let nearest = (at..lines.len()).find(item).or_else(|| (0..at).rev().find(item));
        self.place(nearest.unwrap_or(0), lines, height);
    }

    /// Puts the cursor on a line, which is an item's.
    pub fn go<T, H>(&mut self, at: usize, lines: &[Line<T, H>], height: usize) {
        self.place(at, lines, height);
    }

    /// The lines in sight.
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        self.list.window(len, height)
    }

    fn place<T, H>(&mut self, at: usize, lines: &[Line<T, H>], height: usize) {
        let above = (0..at).rev().take_while(|i| !matches!(lines.get(*i), Some(Line::Item(_)))).last();
        let top = self.list.window(lines.len(), height).start;
        if let Some(head) = above.filter(|head| at - head < height && *head < top) {
            self.list.go(head, lines.len(), height);
        }
        self.list.go(at, lines.len(), height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line<u8, &'static str>> {
        vec![
            Line::Head("a"),
            Line::Item(1),
            Line::Item(2),
            Line::Gap,
            Line::Head("b"),
            Line::Item(3),
            Line::Note("n".into(), Ink::Dim),
        ]
    }

    #[test]
    fn the_cursor_stops_at_items_only_and_headings_come_with_the_first() {
        let lines = lines();
        let mut list = Grouped::default();
        list.settle(&lines, 3);
        assert_eq!(list.item(&lines), Some(&1));
        for wanted in [2, 3, 3] {
            list.run(Cmd::Down, &lines, 3);
            assert_eq!(list.item(&lines), Some(&wanted));
        }
        list.run(Cmd::Top, &lines, 3);
        assert_eq!((list.item(&lines), list.window(lines.len(), 3)), (Some(&1), 0..3));
        list.run(Cmd::Bottom, &lines, 3);
        assert_eq!(list.item(&lines), Some(&3));
        let fewer = [Line::Head("a"), Line::Item(9)];
        list.settle(&fewer, 3);
        assert_eq!(list.item(&fewer), Some(&9));
    }
}

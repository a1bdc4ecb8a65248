//! Where the cursor of a list is and which of its rows are in sight.
//!
//! **Invariant:** only rows in sight are built: [`ListState::window`] says which, whatever the list's length.

use std::ops::Range;

use super::super::commands::Cmd;
use super::super::panel::Handled;

/// A cursor in a list whose rows are known by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    cursor: usize,
    top: usize,
}

impl ListState {
    /// The row that the cursor is on.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts the cursor on a row and keeps it in sight of `height` rows.
    pub fn go(&mut self, row: usize, len: usize, height: usize) {
        self.cursor = row.min(len.saturating_sub(1));
        self.top = self.window(len, height).start;
    }

    /// Moves by a command. Anything that does not move is not handled.
    pub fn run(&mut self, cmd: Cmd, len: usize, height: usize) -> Handled {
        let page = height.saturating_sub(1).max(1);
        let row = match cmd {
            Cmd::Up => self.cursor.saturating_sub(1),
            Cmd::Down => self.cursor.saturating_add(1),
            Cmd::PageUp => self.cursor.saturating_sub(page),
            Cmd::PageDown => self.cursor.saturating_add(page),
            Cmd::Top => 0,
            Cmd::Bottom => len.saturating_sub(1),
            _ => return Handled::No,
        };
        self.go(row, len, height);
        Handled::Yes
    }

    /// The rows in sight.
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        let height = height.max(1);
        let cursor = self.cursor.min(len.saturating_sub(1));
        let lowest = cursor.saturating_sub(height - 1);
        let top = self.top.clamp(lowest, cursor).min(len.saturating_sub(height.min(len)));
        top..len.min(top.saturating_add(height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_sight_and_no_more_rows_than_fit() {
        let mut list = ListState::default();
        for cmd in [Cmd::Down, Cmd::PageDown, Cmd::Bottom, Cmd::Up, Cmd::PageUp, Cmd::Top, Cmd::PageUp] {
            list.run(cmd, 100, 10);
            for height in [0, 1, 5, 10, 200] {
                let window = list.window(100, height);
                assert!(window.contains(&list.cursor()), "{cmd:?} {height}");
                assert!(window.len() <= height.max(1));
            }
        }
        list.go(50, 100, 10);
        assert_eq!(list.window(3, 10), 0..3);
        assert_eq!(list.window(0, 10), 0..0);
    }
}

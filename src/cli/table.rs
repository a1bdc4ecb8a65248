//! Tables for people: columns aligned by terminal cells.
//!
//! **Invariant:** widths are cells, never chars; a terminal's line is never exceeded, and a stream's cells are never
//! cut, so that scripts that read tables lose nothing.

use super::Desk;
use super::env::Sink;
use super::trouble::Trouble;
use crate::text;
use crate::words::Words;

/// Rows under a header.
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of columns whose headings have these keys.
    pub(super) fn new(words: &Words, columns: &[&str]) -> Self {
        Self { header: columns.iter().map(|key| words.t(key)).collect(), rows: Vec::new() }
    }

    /// Adds a row of as many cells.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, fitted to `columns` where there is a limit: the widest column gives way first.
    pub(super) fn lines(&self, columns: Option<usize>) -> Vec<String> {
        let mut widths: Vec<usize> = self.header.iter().map(|name| text::width(name)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        let gaps = 2 * widths.len().saturating_sub(1);
        if let Some(limit) = columns {
            while widths.iter().sum::<usize>() + gaps > limit {
                match widths.iter_mut().max().filter(|widest| **widest > 4) {
                    Some(widest) => *widest -= 1,
                    None => break,
                }
            }
        }
        std::iter::once(&self.header).chain(&self.rows).map(|row| line(row, &widths)).collect()
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| text::pad(cell, *width)).collect();
    padded.join("  ").trim_end().to_owned()
}

impl Desk<'_, '_> {
    /// Prints the table.
    pub(super) fn print_table(&mut self, table: &Table) -> Result<(), Trouble> {
        let columns = match self.env.output {
            Sink::Terminal { columns } => Some(usize::from(columns)),
            Sink::Stream => None,
        };
        table.lines(columns).iter().try_for_each(|line| self.print(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;

    fn sample() -> Table {
        let mut table = Table::new(&Words::new(Lang::En), &["col-id", "col-name", "col-text"]);
        table.row(vec!["1".into(), "张三丰".into(), "some rather long text that goes on".into()]);
        table.row(vec!["12".into(), "Ann".into(), "short".into()]);
        table
    }

    #[test]
    fn columns_line_up_by_cells() {
        let lines = sample().lines(None);
        assert_eq!(lines[0], "ID  NAME    TEXT");
        assert_eq!(lines[1], "1   张三丰  some rather long text that goes on");
        assert_eq!(lines[2], "12  Ann     short");
    }

    #[test]
    fn a_terminal_is_never_exceeded() {
        for columns in 20..60 {
            for line in sample().lines(Some(columns)) {
                assert!(text::width(&line) <= columns, "{columns}: {line}");
            }
        }
    }
}

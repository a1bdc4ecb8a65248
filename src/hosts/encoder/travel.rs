//! The shortest way to bring the cursor from where it is to where the next glyph goes.
//!
//! **Invariant:** no way scrolls the screen or changes a cell; a way that depends on where the cursor is, is taken only
//! if that is known for certain.

use std::io::Write;

use super::grid::{Advance, Boxes, Clusters, Glyph, Grid};
use super::paint::Paint;

/// What is known of the cursor's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing.
    Unknown,
    /// Its row: it stands past the last column, or after a glyph whose width terminals disagree on.
    Row(u16),
    /// Its column and row.
    At(u16, u16),
}

/// How far tab stops are apart, in columns, on a terminal that nobody set others on.
pub(super) const TAB: u16 = 8;
/// More steps back from a tab stop cost more than they save.
const MOST_BACK: u16 = 3;

/// Whether the terminal has said where its tab stops are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tabs {
    /// They may be anywhere.
    Unknown,
    /// They are [`TAB`] columns apart.
    Known,
}

/// What a way may print over: the frame under way, in the paint in force.
pub(super) struct Under<'a> {
    pub(super) grid: &'a Grid,
    pub(super) clusters: &'a Clusters,
    pub(super) paint: Paint,
    pub(super) boxes: Boxes,
    pub(super) tabs: Tabs,
}

/// Appends the shortest way to column `x`, row `y`. Every cell left of `x` in that row must already be as in `under`.
pub(super) fn travel(from: Place, (x, y): (u16, u16), under: &Under<'_>, out: &mut Vec<u8>) {
    if from == Place::At(x, y) {
        return;
    }
    let mut best = absolute(x, y);
    let mut offer = |way: Vec<u8>| {
        if way.len() < best.len() {
            best = way;
        }
    };
    let row = match from {
        Place::Unknown => None,
        Place::Row(row) | Place::At(_, row) => Some(row),
    };
    if let Some(row) = row.filter(|row| *row <= y && y - *row <= 6) {
        let mut line_start = vec![b'\r'];
        line_start.extend(std::iter::repeat_n(b'\n', usize::from(y - row)));
        rightwards(line_start, 0, (x, y), under, &mut offer);
    }
    if from == Place::Row(y) {
        offer(counted(x + 1, b'G'));
    }
    if let Place::At(column, row) = from {
        if row == y {
            if column < x {
                rightwards(Vec::new(), column, (x, y), under, &mut offer);
            } else {
                let back = column - x;
                if back <= 6 {
                    offer(vec![0x08; usize::from(back)]);
                }
                offer(counted(back, b'D'));
            }
            offer(counted(x + 1, b'G'));
        } else if column == x {
            if y > row {
                if y - row <= 6 {
                    offer(vec![b'\n'; usize::from(y - row)]);
                }
                offer(counted(y - row, b'B'));
            } else {
                offer(counted(row - y, b'A'));
            }
        }
    }
    out.append(&mut best);
}

/// From a place in the right row, left of the goal: forward by count, or by printing what stands there.
fn rightwards(start: Vec<u8>, column: u16, (x, y): (u16, u16), under: &Under<'_>, offer: &mut dyn FnMut(Vec<u8>)) {
    if column == x {
        return offer(start);
    }
    by_tabs(&start, column, (x, y), under, offer);
    let mut forward = start.clone();
    forward.append(&mut counted(x - column, b'C'));
    let limit = forward.len();
    offer(forward);
    let mut over = start;
    for at in column..x {
        let glyph = under.grid.get(at, y);
        if glyph == Glyph::TAIL {
            if at == column {
                return;
            }
            continue;
        }
        if !glyph.is_drawn_by(under.paint) || under.clusters.advance(glyph, under.boxes) != Advance::Sure {
            return;
        }
        under.clusters.with_text(glyph, |text| over.extend_from_slice(text.as_bytes()));
        if over.len() >= limit {
            return;
        }
    }
    // A wide glyph that reaches past the goal would carry the cursor too far.
    if under.grid.get(x, y) != Glyph::TAIL {
        offer(over);
    }
}

/// By tab stops: to the last one before the goal and on from there, or to the next one and back.
fn by_tabs(start: &[u8], column: u16, (x, y): (u16, u16), under: &Under<'_>, offer: &mut dyn FnMut(Vec<u8>)) {
    let count = x / TAB - column / TAB;
    if under.tabs == Tabs::Unknown || (count == 0 && x - column <= 2) {
        return;
    }
    let mut way = start.to_vec();
    way.extend(std::iter::repeat_n(b'\t', usize::from(count)));
    if count > 0 {
        rightwards(way.clone(), x / TAB * TAB, (x, y), under, offer);
    }
    let (next, back) = ((x / TAB + 1) * TAB, TAB - x % TAB);
    if back <= MOST_BACK && next < under.grid.size().0 {
        way.push(b'\t');
        way.extend(std::iter::repeat_n(0x08, usize::from(back)));
        offer(way);
    }
}

fn absolute(x: u16, y: u16) -> Vec<u8> {
    let mut way = b"\x1b[".to_vec();
    // Writing into memory cannot fail.
    let _ = match (x, y) {
        (0, 0) => Ok(()),
        (0, _) => write!(way, "{}", u32::from(y) + 1),
        (_, 0) => write!(way, ";{}", u32::from(x) + 1),
        _ => write!(way, "{};{}", u32::from(y) + 1, u32::from(x) + 1),
    };
    way.push(b'H');
    way
}

/// A control sequence with one count, which is left out where it is 1.
pub(super) fn counted(count: u16, last: u8) -> Vec<u8> {
    let mut way = b"\x1b[".to_vec();
    if count != 1 {
        let _ = write!(way, "{count}");
    }
    way.push(last);
    way
}

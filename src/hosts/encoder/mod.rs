//! Frames into bytes: what changed since the last frame sent, in as few bytes as a terminal allows.
//!
//! **Invariant:** after the bytes of [`Encoder::encode`] the terminal shows the frame, whatever it showed before
//! [`Encoder::forget`]; no byte of a cell reaches the terminal uncleaned; only the last grid sent is kept between
//! frames; nothing here does I/O.

mod grid;
mod modes;
mod paint;
#[cfg(test)]
mod tests;
mod travel;

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use grid::{Advance, Boxes, Clusters, Glyph, Grid};
use paint::Paint;
use travel::{Place, Tabs, Under, counted, travel};

pub use modes::{ASK_READY, OutOfBand, enter, leave, measured, out_of_band};
pub use paint::Depth;

/// Spaces up to this number are printed; more are erased.
const SPACES: u16 = 5;
/// A row that takes fewer bytes than this is not worth erasing first.
const ERASING_PAYS: usize = 48;
/// What moving rows takes at least; a frame as short as that is not worth trying it.
const SCROLL_COST: usize = 16;
/// Frames longer than this are wrapped in a synchronized update, or drawn with the cursor hidden.
const SHORT_FRAME: usize = 96;

/// What a terminal can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// How many colours it has.
    pub colours: Depth,
    /// Whether it draws what stands between the two marks of DEC 2026 at once.
    pub sync: bool,
    /// Whether it may draw East Asian ambiguous characters, lines and corners among them, two cells wide.
    pub ambiguous_wide: bool,
    /// Whether its tab stops are eight columns apart.
    pub tabs: bool,
    /// Whether it is to report clicks and the wheel.
    pub mouse: bool,
}

/// The program's word that rows `top..=bottom` of the last frame moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrollHint {
    /// The first row of those that moved.
    pub top: u16,
    /// The last.
    pub bottom: u16,
    /// By how many rows they moved up; down, if negative.
    pub lines: i16,
}

/// Encodes the frames of one terminal.
pub struct Encoder {
    capabilities: Capabilities,
    clusters: Clusters,
    last: Option<Grid>,
    pen: Pen,
    cursor: Cursor,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("capabilities", &self.capabilities).finish_non_exhaustive()
    }
}

/// Where the terminal would print next, and how.
#[derive(Clone, Copy)]
struct Pen {
    place: Place,
    paint: Paint,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Unknown,
    Shown,
    Hidden,
}

impl Encoder {
    /// An encoder for a terminal of which nothing is known but its capabilities.
    pub fn new(capabilities: Capabilities) -> Self {
        let pen = Pen { place: Place::Unknown, paint: Paint::PLAIN };
        Self { capabilities, clusters: Clusters::default(), last: None, pen, cursor: Cursor::Unknown }
    }

    /// What the terminal can do.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Takes note of what the terminal can do, once it has answered. What was sent for another one is forgotten.
    pub fn set_capabilities(&mut self, capabilities: Capabilities) {
        let before = std::mem::replace(&mut self.capabilities, capabilities);
        if (before.colours, before.ambiguous_wide) != (capabilities.colours, capabilities.ambiguous_wide) {
            self.forget();
        }
    }

    /// Forgets what the terminal shows, after a resize or anything else that may have damaged it.
    pub fn forget(&mut self) {
        self.last = None;
        self.cursor = Cursor::Unknown;
        self.clusters = Clusters::default();
    }

    /// An empty screen, at once; the next frame is drawn from nothing.
    pub fn blank(&mut self) -> Vec<u8> {
        self.forget();
        modes::blank()
    }

    /// Appends what makes the terminal show `frame`, with the cursor at `cursor` or hidden. A wrong `scroll` costs
    /// bytes at most.
    pub fn encode(&mut self, frame: &Buffer, cursor: Option<Position>, scroll: Option<ScrollHint>, out: &mut Vec<u8>) {
        if self.clusters.is_full() {
            self.forget();
        }
        let next = Grid::of(frame, self.capabilities.colours, &mut self.clusters);
        let mut body = Vec::new();
        let last = match self.last.take().filter(|last| last.size() == next.size()) {
            Some(last) => last,
            None => {
                body.extend_from_slice(b"\x1b[m\x1b[2J");
                self.pen = Pen { place: Place::Unknown, paint: Paint::PLAIN };
                let (width, height) = next.size();
                Grid::blank(width, height)
            }
        };
        let mut painted = self.paint(&last, &next, self.pen);
        let worthwhile = scroll.filter(|_| painted.0.len() > SCROLL_COST);
        if let Some((moved, mut bytes)) = worthwhile.and_then(|hint| self.scroll(&last, hint)) {
            let pen = Pen { place: Place::Unknown, paint: Paint::PLAIN };
            let (mut rest, pen) = self.paint(&moved, &next, pen);
            bytes.append(&mut rest);
            if bytes.len() < painted.0.len() {
                painted = (bytes, pen);
            }
        }
        body.append(&mut painted.0);
        self.pen = painted.1;
        self.last = Some(next);
        self.finish(body, cursor, out);
    }

    /// Puts the cursor in its place and the frame between its marks.
    fn finish(&mut self, mut body: Vec<u8>, cursor: Option<Position>, out: &mut Vec<u8>) {
        let long = body.len() > SHORT_FRAME;
        let sync = long && self.capabilities.sync;
        if sync {
            out.extend_from_slice(b"\x1b[?2026h");
        } else if long && self.cursor == Cursor::Shown {
            out.extend_from_slice(b"\x1b[?25l");
            self.cursor = Cursor::Hidden;
        }
        let wanted = match (cursor, &self.last) {
            (Some(at), Some(grid)) => {
                let (width, height) = grid.size();
                let goal = (at.x.min(width.saturating_sub(1)), at.y.min(height.saturating_sub(1)));
                travel(self.pen.place, goal, &self.under(grid, self.pen.paint), &mut body);
                self.pen.place = Place::At(goal.0, goal.1);
                Cursor::Shown
            }
            _ => Cursor::Hidden,
        };
        if wanted != self.cursor {
            body.extend_from_slice(if wanted == Cursor::Shown { b"\x1b[?25h" } else { b"\x1b[?25l" });
            self.cursor = wanted;
        }
        out.append(&mut body);
        if sync {
            out.extend_from_slice(b"\x1b[?2026l");
        }
    }

    fn boxes(&self) -> Boxes {
        if self.capabilities.ambiguous_wide { Boxes::Doubtful } else { Boxes::Narrow }
    }

    fn under<'a>(&'a self, grid: &'a Grid, paint: Paint) -> Under<'a> {
        let tabs = if self.capabilities.tabs { Tabs::Known } else { Tabs::Unknown };
        Under { grid, clusters: &self.clusters, paint, boxes: self.boxes(), tabs }
    }

    /// What moves the rows, in bytes, and what the terminal shows after it. Lines are deleted or inserted within a
    /// region, which also the Linux console knows, where it does not know the scrolling sequences.
    fn scroll(&self, last: &Grid, hint: ScrollHint) -> Option<(Grid, Vec<u8>)> {
        let ScrollHint { top, bottom, lines } = hint;
        let (_, height) = last.size();
        let count = lines.unsigned_abs();
        if top >= bottom || bottom >= height || count == 0 || count > bottom - top {
            return None;
        }
        let mut bytes = Vec::new();
        // New lines take the background in force.
        paint::switch(self.pen.paint, Paint::PLAIN, &mut bytes);
        let region = bottom + 1 < height;
        if region {
            bytes.extend_from_slice(format!("\x1b[{};{}r", u32::from(top) + 1, u32::from(bottom) + 1).as_bytes());
        }
        let place = if region { Place::Unknown } else { self.pen.place };
        travel(place, (0, top), &self.under(last, Paint::PLAIN), &mut bytes);
        bytes.append(&mut counted(count, if lines > 0 { b'M' } else { b'L' }));
        if region {
            bytes.extend_from_slice(b"\x1b[r");
        }
        Some((last.scrolled(top, bottom, lines), bytes))
    }

    /// What leads from one grid to the other, in bytes, and the pen after it.
    fn paint(&self, last: &Grid, next: &Grid, pen: Pen) -> (Vec<u8>, Pen) {
        let mut row = Row { encoder: self, last, next, pen, out: Vec::new(), over: Over::Last };
        let (_, height) = next.size();
        for y in 0..height {
            row.paint(y);
        }
        (row.out, row.pen)
    }
}

/// The painting of one grid over another, row by row from left to right.
struct Row<'a> {
    encoder: &'a Encoder,
    last: &'a Grid,
    next: &'a Grid,
    pen: Pen,
    out: Vec<u8>,
    over: Over,
}

/// What a row is painted over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// What the terminal shows.
    Last,
    /// Nothing: it was erased from its first difference on.
    Erased,
}

impl Row<'_> {
    /// Paints a row over what is there, or over nothing where that is shorter: then its gaps are jumped over.
    fn paint(&mut self, y: u16) {
        let (start, before) = (self.out.len(), self.pen);
        let differs = |x: &u16| self.last.get(*x, y) != self.next.get(*x, y);
        let (width, _) = self.next.size();
        let Some(first) = (0..width).find(differs) else { return };
        self.over_it(first, y);
        if self.out.len() - start < ERASING_PAYS {
            return;
        }
        let (painted, after) = (self.out.split_off(start), std::mem::replace(&mut self.pen, before));
        self.put_paint(Paint::PLAIN);
        self.go(first, y);
        self.out.extend_from_slice(b"\x1b[K");
        self.over = Over::Erased;
        self.over_it(first, y);
        self.over = Over::Last;
        if self.out.len() - start >= painted.len() {
            self.out.truncate(start);
            self.out.extend_from_slice(&painted);
            self.pen = after;
        }
    }

    /// What stands in a cell from the first difference of its row on.
    fn was(&self, x: u16, y: u16) -> Glyph {
        if self.over == Over::Erased { Glyph::BLANK } else { self.last.get(x, y) }
    }

    fn over_it(&mut self, first: u16, y: u16) {
        let (width, _) = self.next.size();
        let differs = |x: &u16| self.was(*x, y) != self.next.get(*x, y);
        let Some(mut until) = (first..width).rev().find(differs) else { return };
        let blank_from = self.next.blank_from(y);
        // Where characters of a cluster may have been counted one by one, cells after it are damaged.
        let mut damaged = 0;
        let mut x = first;
        while x <= until {
            let glyph = self.next.get(x, y);
            let cells = 1 + (x + 1..width).take_while(|x| self.next.get(*x, y) == Glyph::TAIL).count() as u16;
            if self.was(x, y) == glyph && x >= damaged {
                x += cells;
                continue;
            }
            if x >= blank_from && until - x >= SPACES {
                self.go(x, y);
                self.put_paint(Paint::PLAIN);
                self.out.extend_from_slice(b"\x1b[K");
                return;
            }
            let reach = self.glyph(x, y, glyph, cells);
            if reach > x + cells {
                damaged = damaged.max(reach);
                until = until.max(reach.min(width).saturating_sub(1));
            }
            x += cells;
        }
    }

    fn go(&mut self, x: u16, y: u16) {
        travel(self.pen.place, (x, y), &self.encoder.under(self.next, self.pen.paint), &mut self.out);
        self.pen.place = Place::At(x, y);
    }

    fn put_paint(&mut self, paint: Paint) {
        paint::switch(self.pen.paint, paint, &mut self.out);
        self.pen.paint = paint;
    }

    /// Prints a glyph; returns the column up to which some terminal may have printed it.
    fn glyph(&mut self, x: u16, y: u16, glyph: Glyph, cells: u16) -> u16 {
        let (width, _) = self.next.size();
        let clusters = &self.encoder.clusters;
        let advance = clusters.advance(glyph, self.encoder.boxes());
        self.go(x, y);
        if !glyph.is_drawn_by(self.pen.paint) {
            self.put_paint(glyph.paint);
        }
        let reach = match advance {
            Advance::Sure => {
                clusters.with_text(glyph, |text| self.out.extend_from_slice(text.as_bytes()));
                x + cells
            }
            Advance::Doubtful { apart } => {
                if (1..cells).any(|n| self.was(x + n, y) != Glyph::BLANK) {
                    // A terminal that takes it for narrow would leave the further cells as they were.
                    self.out.extend(std::iter::repeat_n(b' ', usize::from(cells)));
                    self.pen.place = Place::Row(y);
                    self.go(x, y);
                }
                let reach = x.saturating_add(apart.max(cells));
                clusters.with_text(glyph, |text| {
                    // Past the edge a terminal would go on in the next row: there the base alone must do.
                    let whole = reach <= width;
                    let text = if whole {
                        text
                    } else {
                        text.chars().next().map_or("", |c| text.get(..c.len_utf8()).unwrap_or(""))
                    };
                    self.out.extend_from_slice(text.as_bytes());
                });
                reach
            }
        };
        self.pen.place = match advance {
            Advance::Sure if x + cells < width => Place::At(x + cells, y),
            // In the last column terminals differ on where the cursor is.
            _ => Place::Row(y),
        };
        reach
    }
}

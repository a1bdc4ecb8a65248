//! Colours and attributes of a cell in eight bytes, and the shortest SGR between two of them.
//!
//! **Invariant:** a [`Paint`] holds only colours that the terminal's [`Depth`] has; with [`Depth::None`] it has none.

use std::io::Write;

use ratatui::style::{Color, Modifier};

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: attributes alone, as with `NO_COLOR`.
    None,
    /// The sixteen that the person's own palette gives.
    #[default]
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

/// The colours and attributes of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Paint(u64);

const COLOUR_BITS: u32 = 26;
const COLOUR: u64 = (1 << COLOUR_BITS) - 1;
const INDEX: u64 = 1 << 24;
const DIRECT: u64 = 2 << 24;

/// The attributes: modifier, code that sets it, code that ends it.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Paint {
    /// The terminal's own colours, no attribute.
    pub(super) const PLAIN: Self = Self(0);

    /// What a cell of these colours and attributes looks like at `depth`.
    pub(super) fn new(fg: Color, bg: Color, modifier: Modifier, depth: Depth) -> Self {
        let attributes = u64::from(modifier.bits()) << (2 * COLOUR_BITS);
        Self(reduce(fg, depth) | reduce(bg, depth) << COLOUR_BITS | attributes)
    }

    /// What is left of it on a cell without ink: the foreground does not show unless something draws with it.
    pub(super) fn on_blank(self) -> Self {
        let inked = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
        if self.modifier().intersects(inked) { self } else { Self(self.0 & (COLOUR << COLOUR_BITS)) }
    }

    fn fg(self) -> u64 {
        self.0 & COLOUR
    }

    fn bg(self) -> u64 {
        self.0 >> COLOUR_BITS & COLOUR
    }

    fn modifier(self) -> Modifier {
        Modifier::from_bits_truncate((self.0 >> (2 * COLOUR_BITS)) as u16)
    }
}

/// Appends the shortest SGR that leads from one paint to another.
pub(super) fn switch(from: Paint, to: Paint, out: &mut Vec<u8>) {
    if from == to {
        return;
    }
    if to == Paint::PLAIN {
        out.extend_from_slice(b"\x1b[m");
        return;
    }
    let anew = parameters(Paint::PLAIN, to, Vec::from(*b"0"));
    let onward = parameters(from, to, Vec::new());
    out.extend_from_slice(b"\x1b[");
    out.extend_from_slice(if onward.len() <= anew.len() { &onward } else { &anew });
    out.push(b'm');
}

fn parameters(from: Paint, to: Paint, mut list: Vec<u8>) -> Vec<u8> {
    let (had, has) = (from.modifier(), to.modifier());
    let mut lost = Vec::new();
    for (modifier, _, off) in ATTRIBUTES {
        if had.contains(modifier) && !has.contains(modifier) && !lost.contains(&off) {
            lost.push(off);
            number(&mut list, off);
        }
    }
    for (modifier, on, off) in ATTRIBUTES {
        if has.contains(modifier) && (!had.contains(modifier) || lost.contains(&off)) {
            number(&mut list, on);
        }
    }
    if from.fg() != to.fg() {
        colour(&mut list, to.fg(), 30, 90);
    }
    if from.bg() != to.bg() {
        colour(&mut list, to.bg(), 40, 100);
    }
    list
}

fn number(list: &mut Vec<u8>, n: u8) {
    if !list.is_empty() {
        list.push(b';');
    }
    // Writing into memory cannot fail.
    let _ = write!(list, "{n}");
}

fn colour(list: &mut Vec<u8>, colour: u64, base: u8, bright: u8) {
    let value = colour & 0xFF_FFFF;
    let [.., red, green, blue] = value.to_be_bytes();
    match (colour & !0xFF_FFFF, blue) {
        (0, _) => number(list, base + 9),
        (INDEX, n @ 0..=7) => number(list, base + n),
        (INDEX, n @ 8..=15) => number(list, bright + n - 8),
        (INDEX, n) => [base + 8, 5, n].into_iter().for_each(|n| number(list, n)),
        _ => [base + 8, 2, red, green, blue].into_iter().for_each(|n| number(list, n)),
    }
}

/// The nearest colour that `depth` has.
fn reduce(color: Color, depth: Depth) -> u64 {
    if depth == Depth::None {
        return 0;
    }
    let index = match color {
        Color::Reset => return 0,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(n) if n < 16 || depth > Depth::Sixteen => n,
        Color::Indexed(n) => nearest_of_16(cube(n)),
        Color::Rgb(r, g, b) => match depth {
            Depth::True => return DIRECT | u64::from(r) << 16 | u64::from(g) << 8 | u64::from(b),
            Depth::Indexed => nearest_of_256((r, g, b)),
            _ => nearest_of_16((r, g, b)),
        },
    };
    INDEX | u64::from(index)
}

type Rgb = (u8, u8, u8);

const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// xterm's first sixteen colours.
const SIXTEEN: [Rgb; 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// What xterm shows for colour `n`, from 16 up.
fn cube(n: u8) -> Rgb {
    let Some(offset) = n.checked_sub(16) else {
        return SIXTEEN.get(usize::from(n)).copied().unwrap_or_default();
    };
    if offset >= 216 {
        let grey = 8 + 10 * (offset - 216);
        return (grey, grey, grey);
    }
    let step = |n: u8| STEPS.get(usize::from(n % 6)).copied().unwrap_or_default();
    (step(offset / 36), step(offset / 6), step(offset))
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

fn nearest_of_16(rgb: Rgb) -> u8 {
    (0..16).min_by_key(|n| distance(rgb, cube(*n))).unwrap_or(7)
}

fn nearest_of_256(rgb: Rgb) -> u8 {
    // The first sixteen are the person's own palette, so their values are unknown.
    (16..=255).min_by_key(|n| distance(rgb, cube(*n))).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sgr(from: Paint, to: Paint) -> String {
        let mut out = Vec::new();
        switch(from, to, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_shorter_way_between_two_paints_is_taken() {
        let paint = |fg, bg, modifier| Paint::new(fg, bg, modifier, Depth::True);
        let red = paint(Color::Red, Color::Reset, Modifier::empty());
        let bold_red = paint(Color::Red, Color::Reset, Modifier::BOLD);
        let rgb = paint(Color::Rgb(1, 2, 3), Color::Indexed(200), Modifier::BOLD | Modifier::DIM);
        assert_eq!(sgr(red, red), "");
        assert_eq!(sgr(Paint::PLAIN, red), "\x1b[31m");
        assert_eq!(sgr(red, bold_red), "\x1b[1m");
        assert_eq!(sgr(bold_red, red), "\x1b[22m");
        assert_eq!(sgr(bold_red, Paint::PLAIN), "\x1b[m");
        assert_eq!(sgr(rgb, red), "\x1b[0;31m");
        assert_eq!(sgr(Paint::PLAIN, rgb), "\x1b[1;2;38;2;1;2;3;48;5;200m");
        assert_eq!(sgr(rgb, paint(Color::Rgb(1, 2, 3), Color::Indexed(200), Modifier::BOLD)), "\x1b[22;1m");
    }

    #[test]
    fn colours_come_down_to_what_the_terminal_has() {
        let one = |color, depth| sgr(Paint::PLAIN, Paint::new(color, Color::Reset, Modifier::empty(), depth));
        assert_eq!(one(Color::Red, Depth::None), "");
        assert_eq!(one(Color::Rgb(250, 10, 10), Depth::None), "");
        assert_eq!(one(Color::Rgb(250, 10, 10), Depth::Sixteen), "\x1b[91m");
        assert_eq!(one(Color::Indexed(196), Depth::Sixteen), "\x1b[91m");
        assert_eq!(one(Color::Indexed(12), Depth::Indexed), "\x1b[94m");
        assert_eq!(one(Color::Rgb(255, 0, 0), Depth::Indexed), "\x1b[38;5;196m");
        assert_eq!(one(Color::Rgb(9, 9, 9), Depth::Indexed), "\x1b[38;5;232m");
    }

    #[test]
    fn attributes_survive_without_colours() {
        let paint = Paint::new(Color::Red, Color::Blue, Modifier::REVERSED, Depth::None);
        assert_eq!(sgr(Paint::PLAIN, paint), "\x1b[7m");
    }
}

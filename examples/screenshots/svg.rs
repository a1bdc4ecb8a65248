//! A terminal's screen as an SVG picture.
//!
//! **Invariant:** every character stands at the place of its cell, whatever font the viewer has; lines and blocks are
//! drawn as shapes, so that borders join.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// Of a cell, in pixels.
const WIDTH: f32 = 9.0;
const HEIGHT: f32 = 19.0;
const FONT: f32 = 15.0;
/// Around the screen, in pixels.
const EDGE: f32 = 12.0;

const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d7dae0";
/// The sixteen colours of a terminal.
const COLOURS: [&str; 16] = [
    "#23262e", "#e06c75", "#8cc570", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#6b7280", "#ff7b86",
    "#a5e075", "#f0d197", "#7cc3ff", "#de8df5", "#6fd3df", "#ffffff",
];

/// The picture.
pub fn draw(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = f32::from(columns) * WIDTH + 2.0 * EDGE;
    let height = f32::from(rows) * HEIGHT + 2.0 * EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, PingFang SC, Microsoft YaHei, monospace\" \
         font-size=\"{FONT}\" xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        row_of(screen, row, columns, &mut svg);
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (x, y) = (EDGE + f32::from(column) * WIDTH, EDGE + f32::from(row) * HEIGHT);
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"2\" height=\"{HEIGHT}\" fill=\"{FOREGROUND}\"/>");
    }
    svg.push_str("</svg>\n");
    svg
}

/// How a run of cells looks.
#[derive(Clone, PartialEq)]
struct Look {
    front: String,
    back: Option<String>,
    bold: bool,
    italic: bool,
    underlined: bool,
    faint: bool,
}

impl Look {
    fn of(cell: &Cell) -> Look {
        let (mut front, mut back) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
        if cell.inverse() {
            let ground = back.unwrap_or_else(|| BACKGROUND.to_owned());
            back = Some(front.unwrap_or_else(|| FOREGROUND.to_owned()));
            front = Some(ground);
        }
        Look {
            front: front.unwrap_or_else(|| FOREGROUND.to_owned()),
            back,
            bold: cell.bold(),
            italic: cell.italic(),
            underlined: cell.underline(),
            faint: cell.dim(),
        }
    }
}

fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Idx(index) => Some(indexed(index)),
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
    }
}

/// One of the 256 colours: sixteen, a cube of 6×6×6, greys.
fn indexed(index: u8) -> String {
    if let Some(colour) = COLOURS.get(usize::from(index)) {
        return (*colour).to_owned();
    }
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return format!("#{grey:02x}{grey:02x}{grey:02x}");
    }
    let (cube, step) = (index - 16, |n: u8| if n == 0 { 0 } else { 55 + 40 * n });
    format!("#{:02x}{:02x}{:02x}", step(cube / 36), step(cube / 6 % 6), step(cube % 6))
}

fn row_of(screen: &Screen, row: u16, columns: u16, svg: &mut String) {
    let mut column = 0;
    while column < columns {
        let Some(first) = screen.cell(row, column) else { return };
        let look = Look::of(first);
        let (begin, mut text, mut places) = (column, String::new(), Vec::new());
        while let Some(cell) = screen.cell(row, column).filter(|_| column < columns) {
            if Look::of(cell) != look {
                break;
            }
            if !cell.is_wide_continuation() && cell.has_contents() && cell.contents() != " " {
                if let Some(shape) = shape(cell.contents(), row, column, &look.front) {
                    text.push_str(&shape);
                } else {
                    places.push((column, cell.contents().to_owned()));
                }
            }
            column += if cell.is_wide() { 2 } else { 1 };
        }
        let y = EDGE + f32::from(row) * HEIGHT;
        if let Some(back) = &look.back {
            let (x, w) = (EDGE + f32::from(begin) * WIDTH, f32::from(column - begin) * WIDTH);
            let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{HEIGHT}\" fill=\"{back}\"/>");
        }
        if look.underlined {
            let (x, y, w) = (EDGE + f32::from(begin) * WIDTH, y + HEIGHT - 3.0, f32::from(column - begin) * WIDTH);
            let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"1\" fill=\"{}\"/>", look.front);
        }
        svg.push_str(&text);
        if !places.is_empty() {
            words(&places, y + HEIGHT * 0.74, &look, svg);
        }
    }
}

/// Characters at their cells: a word of ASCII in one piece, stretched to its cells; everything else one by one.
fn words(places: &[(u16, String)], y: f32, look: &Look, svg: &mut String) {
    let mut style = format!(" fill=\"{}\"", look.front);
    for (on, what) in [
        (look.bold, " font-weight=\"bold\""),
        (look.italic, " font-style=\"italic\""),
        (look.faint, " opacity=\"0.65\""),
    ] {
        style.push_str(if on { what } else { "" });
    }
    let plain = |place: &(u16, String)| place.1.is_ascii();
    let joined = |a: &(u16, String), b: &(u16, String)| plain(a) && plain(b) && a.0 + 1 == b.0;
    for word in places.chunk_by(joined) {
        let Some((column, _)) = word.first() else { continue };
        let x = EDGE + f32::from(*column) * WIDTH;
        let text: String = word.iter().map(|(_, cluster)| escaped(cluster)).collect();
        let long = match word.len() {
            1 => String::new(),
            cells => format!(" textLength=\"{}\"", cells as f32 * WIDTH),
        };
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\"{long}{style}>{text}</text>");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line or block character as a shape.
fn shape(text: &str, row: u16, column: u16, colour: &str) -> Option<String> {
    let (x, y) = (EDGE + f32::from(column) * WIDTH, EDGE + f32::from(row) * HEIGHT);
    let (cx, cy, right, bottom) = (x + WIDTH / 2.0, y + HEIGHT / 2.0, x + WIDTH, y + HEIGHT);
    // Which arms a line character has: left, right, up, down.
    let arms = match text {
        "─" => "lr",
        "│" => "ud",
        "┌" | "╭" => "rd",
        "┐" | "╮" => "ld",
        "└" | "╰" => "ru",
        "┘" | "╯" => "lu",
        "├" => "rud",
        "┤" => "lud",
        "┬" => "lrd",
        "┴" => "lru",
        "┼" => "lrud",
        _ => return block(text, x, y, colour),
    };
    let mut path = String::new();
    for arm in arms.chars() {
        let (to_x, to_y) = match arm {
            'l' => (x, cy),
            'r' => (right, cy),
            'u' => (cx, y),
            _ => (cx, bottom),
        };
        let _ = write!(path, "M{cx} {cy}L{to_x} {to_y}");
    }
    Some(format!("<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"1.2\" stroke-linecap=\"square\"/>\n"))
}

/// A block element as a rectangle.
fn block(text: &str, x: f32, y: f32, colour: &str) -> Option<String> {
    let eighth = |c: char, from: char| (u32::from(c) - u32::from(from) + 1) as f32 / 8.0;
    let c = text.chars().next()?;
    let (x, y, w, h) = match c {
        '▁'..='█' => {
            let part = eighth(c, '▁');
            (x, y + HEIGHT * (1.0 - part), WIDTH, HEIGHT * part)
        }
        '▉'..='▏' => (x, y, WIDTH * (1.0 - eighth(c, '▉')), HEIGHT),
        '▀' => (x, y, WIDTH, HEIGHT / 2.0),
        '▐' => (x + WIDTH / 2.0, y, WIDTH / 2.0, HEIGHT),
        _ => return None,
    };
    Some(format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{colour}\"/>\n"))
}

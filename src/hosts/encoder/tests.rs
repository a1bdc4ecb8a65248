//! The encoder against a terminal: what it sends must show the frame, and cost little.

use proptest::prelude::*;
use ratatui::buffer::CellWidth;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_normalization::UnicodeNormalization;

use super::*;

/// A terminal with its encoder.
struct Session {
    encoder: Encoder,
    terminal: vt100::Parser,
}

fn terminal(width: u16, height: u16) -> vt100::Parser {
    vt100::Parser::new(height.try_into().unwrap(), width.try_into().unwrap(), 0)
}

impl Session {
    fn new(width: u16, height: u16, capabilities: Capabilities) -> Self {
        let mut session = Self { encoder: Encoder::new(capabilities), terminal: terminal(width, height) };
        session.terminal.process(&enter(&capabilities));
        session
    }

    /// Sends a frame and returns how many bytes that took.
    fn show(&mut self, frame: &Buffer, cursor: Option<Position>, scroll: Option<ScrollHint>) -> usize {
        let mut bytes = Vec::new();
        self.encoder.encode(frame, cursor, scroll, &mut bytes);
        self.terminal.process(&bytes);
        let screen = self.terminal.screen();
        match cursor {
            Some(at) => {
                assert!(!screen.hide_cursor());
                let at = (at.y.min(frame.area.height - 1), at.x.min(frame.area.width - 1));
                assert_eq!(screen.cursor_position(), at, "{}", bytes.escape_ascii());
            }
            None => assert!(screen.hide_cursor()),
        }
        bytes.len()
    }

    fn check(&self, frame: &Buffer) -> Result<(), String> {
        let area = frame.area;
        for y in 0..area.height {
            let mut x = 0;
            while x < area.width {
                let cell = &frame[(x, y)];
                let symbol: String = cell.symbol().nfc().collect();
                let raw = symbol.contains(char::is_control);
                let width = if raw { 1 } else { symbol.as_str().cell_width().max(1) };
                let free = |x: u16| x < area.width && matches!(frame[(x, y)].symbol(), " " | "");
                let cut = !(x + 1..x + width).all(free);
                let cells = if cut { 1 } else { width };
                let seen: String = (x..x + cells).map(|x| self.contents(x, y)).collect();
                let seen = seen.trim_end();
                let ok = match symbol.trim() {
                    _ if raw => seen == "?",
                    "" => seen.is_empty(),
                    _ if cut => seen.is_empty(),
                    symbol => !seen.is_empty() && symbol.starts_with(seen),
                };
                if !ok {
                    return Err(format!("at {x},{y}: {symbol:?} shows as {seen:?}"));
                }
                let inked = cell.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED);
                self.check_style(x, y, cell.style(), !seen.is_empty() || inked)?;
                x += cells;
            }
        }
        Ok(())
    }

    fn contents(&self, x: u16, y: u16) -> String {
        self.terminal.screen().cell(y, x).unwrap().contents().to_owned()
    }

    fn check_style(&self, x: u16, y: u16, style: Style, inked: bool) -> Result<(), String> {
        let seen = self.terminal.screen().cell(y, x).unwrap();
        let has = |modifier| style.add_modifier.contains(modifier);
        let mut pairs = vec![(seen.bgcolor() == colour(style.bg.unwrap()), "background")];
        if inked {
            pairs.push((seen.fgcolor() == colour(style.fg.unwrap()), "foreground"));
            // The model terminal has one intensity, where real ones show both attributes.
            let both = has(Modifier::BOLD | Modifier::DIM);
            pairs.push((both || seen.bold() == has(Modifier::BOLD), "bold"));
            pairs.push((both || seen.dim() == has(Modifier::DIM), "dim"));
            pairs.push((seen.italic() == has(Modifier::ITALIC), "italic"));
        }
        pairs.push((seen.underline() == has(Modifier::UNDERLINED), "underline"));
        pairs.push((seen.inverse() == has(Modifier::REVERSED), "inverse"));
        match pairs.into_iter().find(|(equal, _)| !equal) {
            Some((_, what)) => Err(format!("at {x},{y}: {what} differs")),
            None => Ok(()),
        }
    }
}

fn colour(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => unreachable!("not used in these tests"),
    }
}

const FULL: Capabilities =
    Capabilities { colours: Depth::True, sync: false, ambiguous_wide: false, tabs: false, mouse: false };

#[derive(Clone, Debug)]
enum Op {
    Write { x: u16, y: u16, text: String, style: Style },
    Raw { x: u16, y: u16, text: &'static str },
    Fill { area: (u16, u16, u16, u16), style: Style },
    Wipe,
    Resize { width: u16, height: u16 },
    Scroll { top: u16, bottom: u16, lines: i16, honest: bool },
    Forget,
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{1,12}",
        3 => "[一-丏]{1,6}",
        1 => "[─-╿]{1,8}",
        1 => "[ア-ンｱ-ﾝＡ-Ｚ한국어]{1,4}",
        1 => prop::sample::select(vec![
            "é", "e\u{0323}\u{0308}", "…", "·→●", "ß", "🙂", "👩\u{200d}💻", "👨\u{200d}👩\u{200d}👧\u{200d}👦", "👍🏽",
            "🇨🇳", "❤\u{fe0f}", "1\u{fe0f}\u{20e3}", "क्ष", "นี้", "ｶﾞ", "א", "\u{3000}",
        ]).prop_map(str::to_owned),
        1 => " {1,30}",
    ];
    prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

fn style() -> impl Strategy<Value = Style> {
    let color = || {
        prop_oneof![
            4 => Just(Color::Reset),
            1 => prop::sample::select(vec![Color::Red, Color::DarkGray, Color::White]),
            1 => any::<u8>().prop_map(Color::Indexed),
            1 => any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
        ]
    };
    let modifier = prop::sample::select(vec![
        Modifier::empty(),
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::ITALIC | Modifier::BOLD,
        Modifier::UNDERLINED,
        Modifier::REVERSED,
    ]);
    (color(), color(), modifier).prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => (0..50u16, 0..14u16, text(), style()).prop_map(|(x, y, text, style)| Op::Write { x, y, text, style }),
        1 => (0..50u16, 0..14u16, prop::sample::select(vec!["\u{1b}", "\u{9b}", "\n", "張", "|"]))
            .prop_map(|(x, y, text)| Op::Raw { x, y, text }),
        2 => ((0..50u16, 0..14u16, 1..50u16, 1..14u16), style()).prop_map(|(area, style)| Op::Fill { area, style }),
        1 => Just(Op::Wipe),
        1 => (1..50u16, 1..14u16).prop_map(|(width, height)| Op::Resize { width, height }),
        3 => (0..14u16, 0..14u16, -4..5i16, any::<bool>())
            .prop_map(|(top, bottom, lines, honest)| Op::Scroll { top, bottom, lines, honest }),
        1 => Just(Op::Forget),
    ]
}

fn apply(op: &Op, frame: &mut Buffer, session: &mut Session) -> Option<ScrollHint> {
    let area = frame.area;
    match op {
        Op::Write { x, y, text, style } if *x < area.width && *y < area.height => {
            frame.set_string(*x, *y, text, *style);
        }
        Op::Raw { x, y, text } => {
            if let Some(cell) = frame.cell_mut((*x, *y)) {
                cell.set_symbol(text);
            }
        }
        Op::Fill { area: (x, y, width, height), style } => {
            let area = Rect::new(*x, *y, *width, *height).intersection(area);
            for position in area.positions() {
                frame[position].reset();
            }
            frame.set_style(area, *style);
        }
        Op::Wipe => frame.reset(),
        Op::Resize { width, height } => {
            *frame = Buffer::empty(Rect::new(0, 0, *width, *height));
            session.terminal.screen_mut().set_size((*height).try_into().unwrap(), (*width).try_into().unwrap());
            session.encoder.forget();
        }
        Op::Scroll { top, bottom, lines, honest } => {
            if *honest && top <= bottom && *bottom < area.height {
                let old = frame.clone();
                for y in *top..=*bottom {
                    let from = i32::from(y) + i32::from(*lines);
                    for x in 0..area.width {
                        match u16::try_from(from).ok().filter(|from| (top..=bottom).contains(&from)) {
                            Some(from) => frame[(x, y)] = old[(x, from)].clone(),
                            None => frame[(x, y)].reset(),
                        }
                    }
                }
            }
            return Some(ScrollHint { top: *top, bottom: *bottom, lines: *lines });
        }
        Op::Forget => session.encoder.forget(),
        Op::Write { .. } => {}
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_terminal_shows_every_frame_of_any_walk(
        ops in prop::collection::vec((op(), prop::option::of((0..60u16, 0..20u16))), 1..40),
        sync in any::<bool>(),
        ambiguous_wide in any::<bool>(),
        tabs in any::<bool>(),
    ) {
        let mut session = Session::new(40, 12, Capabilities { sync, ambiguous_wide, tabs, ..FULL });
        let mut frame = Buffer::empty(Rect::new(0, 0, 40, 12));
        for (op, cursor) in ops {
            let scroll = apply(&op, &mut frame, &mut session);
            session.show(&frame, cursor.map(Position::from), scroll);
            if let Err(difference) = session.check(&frame) {
                return Err(TestCaseError::fail(format!("{difference} after {op:?}")));
            }
        }
    }
}

#[test]
fn a_gap_is_jumped_by_tabs_once_the_terminal_has_said_where_they_lead() {
    let mut frame = Buffer::empty(Rect::new(0, 0, 40, 1));
    frame.set_string(0, 0, "a", Style::new());
    frame.set_string(24, 0, "b", Style::new());
    for (tabs, way) in [(false, "a\u{1b}[23Cb"), (true, "a\t\t\tb")] {
        let mut out = Vec::new();
        Encoder::new(Capabilities { tabs, ..FULL }).encode(&frame, None, None, &mut out);
        assert!(String::from_utf8(out).unwrap().contains(way), "{way:?}");
    }
}

const NAMES: [&str; 7] = ["张三丰", "Alice Moreau", "欧阳娜娜", "王芳", "Bob Ó Briain", "李小龙", "Søren Kierkegaard"];

/// A screen like the list of customers: a title, a query bar, rows of masked values, a footer.
fn list(from: usize, selected: Option<u16>) -> Buffer {
    let mut frame = Buffer::empty(Rect::new(0, 0, 80, 24));
    frame.set_string(0, 0, "veilbook  Customers  2,000", Style::new().add_modifier(Modifier::BOLD));
    frame.set_string(0, 1, "/ stage:customer tag:vip", Style::new());
    frame.set_string(0, 2, "─".repeat(80), Style::new().fg(Color::DarkGray));
    for row in 0..20u16 {
        let n = from + usize::from(row);
        let y = row + 3;
        frame.set_string(2, y, NAMES[n % 7], Style::new());
        frame.set_string(24, y, format!("13{}****{:04}", n % 10, n * 37 % 10_000), Style::new().fg(Color::DarkGray));
        frame.set_string(38, y, ["lead", "customer", "dormant"][n % 3], Style::new());
        frame.set_string(50, y, format!("2026-11-{:02}", 1 + n % 28), Style::new());
        if selected == Some(row) {
            frame.set_string(0, y, ">", Style::new());
            frame.set_style(Rect::new(0, y, 80, 1), Style::new().add_modifier(Modifier::REVERSED));
        }
    }
    frame.set_string(0, 23, "Enter open  / query  r reveal  ? help", Style::new());
    frame
}

const LIST: ScrollHint = ScrollHint { top: 3, bottom: 22, lines: 1 };

#[test]
fn scrolling_a_list_by_a_row_takes_far_fewer_bytes_than_drawing_it_anew() {
    let mut session = Session::new(80, 24, FULL);
    let whole = session.show(&list(0, None), None, None);
    let hinted = session.show(&list(1, None), None, Some(LIST));
    session.check(&list(1, None)).unwrap();
    let back = session.show(&list(0, None), None, Some(ScrollHint { lines: -1, ..LIST }));
    session.check(&list(0, None)).unwrap();
    let unhinted = session.show(&list(1, None), None, None);
    println!("whole screen {whole}, one row with hint {hinted}, back {back}, without hint {unhinted}");
    assert!(hinted < 110 && back < 110, "{hinted} {back}");
    assert!(whole < 2000 && unhinted < 1600, "{whole} {unhinted}");
}

#[test]
fn scrolling_under_a_selection_bar_stays_well_under_three_hundred_bytes() {
    let mut session = Session::new(80, 24, FULL);
    session.show(&list(0, Some(19)), Some(Position::new(24, 1)), None);
    let bytes = session.show(&list(1, Some(19)), Some(Position::new(24, 1)), Some(LIST));
    session.check(&list(1, Some(19))).unwrap();
    println!("one row with a selection bar {bytes}");
    assert!(bytes < 250, "{bytes}");
}

#[test]
fn a_frame_that_changed_nothing_is_no_bytes_and_a_typed_letter_a_few() {
    let mut session = Session::new(80, 24, FULL);
    let at = |x| Some(Position::new(x, 1));
    session.show(&list(0, None), at(24), None);
    assert_eq!(session.show(&list(0, None), at(24), None), 0);
    let mut typed = list(0, None);
    typed.set_string(24, 1, "x", Style::new());
    assert_eq!(session.show(&typed, at(25), None), 1);
    typed.set_string(25, 1, "张", Style::new());
    assert_eq!(session.show(&typed, at(27), None), 3);
}

#[test]
fn after_plain_cjk_the_cursor_is_not_addressed_and_after_the_doubtful_it_is() {
    let bytes = |text: &str| {
        let mut session = Session::new(40, 2, FULL);
        session.show(&Buffer::empty(Rect::new(0, 0, 40, 2)), None, None);
        let mut frame = Buffer::empty(Rect::new(0, 0, 40, 2));
        frame.set_string(0, 0, text, Style::new());
        session.show(&frame, None, None)
    };
    assert_eq!(bytes("张三丰好"), "\x1b[H".len() + 12);
    assert!(bytes("فف好") > "\x1b[H".len() + 7 + 2 * "\x1b[2G".len() - 1);
}

#[test]
fn no_colour_reaches_a_terminal_that_wants_none() {
    let mut encoder = Encoder::new(Capabilities { colours: Depth::None, ..FULL });
    let mut out = Vec::new();
    encoder.encode(&list(0, Some(3)), None, None, &mut out);
    let text = String::from_utf8(out).unwrap();
    let sequences: Vec<&str> = text.split("\x1b[").skip(1).filter_map(|s| s.split_once('m').map(|(p, _)| p)).collect();
    assert!(sequences.iter().all(|p| !p.contains('3') && !p.contains('9') || p.len() > 6), "{sequences:?}");
    assert!(text.contains("\x1b[7m"));
}

#[test]
fn a_synchronized_frame_is_closed() {
    let mut encoder = Encoder::new(Capabilities { sync: true, ..FULL });
    let mut out = Vec::new();
    encoder.encode(&list(0, None), None, None, &mut out);
    assert!(out.starts_with(b"\x1b[?2026h") && out.ends_with(b"\x1b[?2026l"));
}

#[test]
fn any_size_can_be_encoded() {
    for (width, height) in [(0, 0), (1, 1), (0, 5), (1, 50), (500, 200)] {
        let mut frame = Buffer::empty(Rect::new(0, 0, width, height));
        for y in 0..height {
            frame.set_string(0, y, "张a👍🏽".repeat(100), Style::new());
        }
        let mut out = Vec::new();
        Encoder::new(FULL).encode(&frame, Some(Position::new(3, 3)), None, &mut out);
        if width > 0 && height > 0 {
            let mut terminal = terminal(width, height);
            terminal.process(&out);
            let session = Session { encoder: Encoder::new(FULL), terminal };
            session.check(&frame).unwrap();
        }
    }
}

#[test]
fn leaving_gives_the_terminal_back_as_it_was() {
    let mut session = Session { encoder: Encoder::new(FULL), terminal: terminal(80, 24) };
    session.terminal.process(b"$ veilbook");
    let before = session.terminal.screen().clone();
    let capabilities = Capabilities { mouse: true, ..FULL };
    session.terminal.process(&enter(&capabilities));
    assert!(session.terminal.screen().alternate_screen() && session.terminal.screen().bracketed_paste());
    session.show(&list(0, Some(1)), Some(Position::new(1, 1)), None);
    // In the middle of a frame.
    session.terminal.process(b"\x1b[?2026h\x1b[3;9r\x1b[38;5");
    session.terminal.process(&leave());
    let after = session.terminal.screen();
    assert_eq!(after.contents(), before.contents());
    assert_eq!(after.state_formatted(), before.state_formatted());
    assert_eq!(after.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn a_blanked_screen_shows_nothing_and_the_next_frame_is_whole() {
    let mut session = Session::new(80, 24, FULL);
    session.show(&list(0, None), None, None);
    let blank = session.encoder.blank();
    session.terminal.process(&blank);
    assert_eq!(session.terminal.screen().contents().trim(), "");
    session.show(&list(0, None), None, None);
    session.check(&list(0, None)).unwrap();
}

#[test]
fn copies_titles_and_bells_are_what_terminals_expect() {
    let mut out = Vec::new();
    out_of_band(&OutOfBand::Clipboard(zeroize::Zeroizing::new("13800001234".to_owned())), &mut out);
    out_of_band(&OutOfBand::Title("a\u{1b}]b".into()), &mut out);
    out_of_band(&OutOfBand::Bell, &mut out);
    assert_eq!(out, b"\x1b]52;c;MTM4MDAwMDEyMzQ=\x07\x1b]2;a]b\x07\x07");
    let copy = OutOfBand::Clipboard(zeroize::Zeroizing::new("13800001234".to_owned()));
    assert_eq!(format!("{copy:?}"), "Clipboard");
}

#[test]
fn a_row_with_gaps_that_loses_its_mark_is_erased_and_its_gaps_are_jumped_over() {
    let row = "  Aaliyah Freeman        +1 ********54                      customer";
    let (mut marked, mut plain) = (Buffer::empty(Rect::new(0, 0, 80, 3)), Buffer::empty(Rect::new(0, 0, 80, 3)));
    marked.set_string(0, 1, row, Style::new().add_modifier(Modifier::REVERSED));
    plain.set_string(0, 1, row, Style::new());
    let mut session = Session::new(80, 3, Capabilities::default());
    session.show(&marked, None, None);
    let bytes = session.show(&plain, None, None);
    session.check(&plain).unwrap();
    let inked = row.split_whitespace().map(str::len).sum::<usize>();
    assert!(bytes <= inked + 24, "{bytes} bytes for {inked} characters");
}

//! The tokenizer on whole, split, broken and random input.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn later(ms: i64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}

/// All events of `bytes`, fed in pieces that end at `splits`.
fn read(bytes: &[u8], splits: &[usize], mouse: MouseUse) -> Vec<InputEvent> {
    let mut tokenizer = Tokenizer::new(mouse);
    let mut events = Vec::new();
    let mut from = 0;
    for to in splits.iter().copied().chain([bytes.len()]) {
        let mut piece = &bytes[from..to];
        while !piece.is_empty() {
            let taken = tokenizer.feed(piece, NOW, &mut events);
            assert!(taken <= STEP);
            piece = &piece[taken..];
        }
        from = to;
    }
    tokenizer.expire(later(60_000), &mut events);
    events
}

/// The bytes give these keys, whole and split at every byte.
fn check(bytes: &[u8], keys: &str) {
    let expected: Vec<InputEvent> =
        keys.split_whitespace().map(|name| InputEvent::Key(name.parse().unwrap())).collect();
    for split in 0..=bytes.len() {
        assert_eq!(read(bytes, &[split], MouseUse::Off), expected, "{:?} split at {split}", bytes.escape_ascii());
    }
    let each: Vec<usize> = (0..bytes.len()).collect();
    assert_eq!(read(bytes, &each, MouseUse::Off), expected, "{:?} byte by byte", bytes.escape_ascii());
}

#[test]
fn keys_of_every_terminal_family_are_read_however_they_are_split() {
    for (bytes, keys) in [
        (&b"aZ?"[..], "a Z ?"),
        ("张é😀".as_bytes(), "张 é 😀"),
        (b"\r\t\x7f\x08\x00\x10\x1c\x1f", "enter tab backspace backspace ctrl-space ctrl-p ctrl-\\ ctrl-_"),
        (b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "up down right left home end"),
        (b"\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF", "up down right left home end"),
        (b"\x1bOP\x1bOS\x1b[15~\x1b[17~\x1b[24~\x1b[34~", "f1 f4 f5 f6 f12 f20"),
        (b"\x1b[[A\x1b[[E", "f1 f5"),
        (
            b"\x1b[1~\x1b[2~\x1b[3~\x1b[4~\x1b[5~\x1b[6~\x1b[7~\x1b[8~",
            "home insert delete end pageup pagedown home end",
        ),
        (b"\x1b[1;2A\x1b[1;5C\x1b[1;3D\x1b[3;5~\x1b[1;6F", "shift-up ctrl-right alt-left ctrl-delete ctrl-shift-end"),
        (b"\x1b[Z\x1b[1;2Z\x1b[9;2u\x1b[1;2P\x1b[1;2R\x1b[R", "shift-tab shift-tab shift-tab shift-f1 shift-f3 f3"),
        (b"\x1bx\x1bY\x1b\r\x1b\x7f", "alt-x alt-Y alt-enter alt-backspace"),
        ("\u{1b}张".as_bytes(), "alt-张"),
        (b"\x1b[27u\x1b[97;5u\x1b[97;4u\x1b[13;2u\x1b[32;5u", "esc ctrl-a alt-A shift-enter ctrl-space"),
        (b"\x1b[97;5:1u\x1b[97;5:2u\x1b[97;5:3u\x1b[1;1:3A", "ctrl-a ctrl-a"),
        (b"\x1b[57400u\x1b[57414u\x1b[57441;2u\x1b[97;9u", "1 enter"),
        (b"\x1b[27;5;46~\x1b[27;2;13~\x1b[27;6;80~", "ctrl-. shift-enter ctrl-shift-p"),
        (b"\x1bOM\x1bOp\x1bOy\x1bO5A", "enter 0 9 ctrl-up"),
        (b"\x1b[a\x1bOc\x1b[3^", "shift-up ctrl-right ctrl-delete"),
        (b"\x9bA\xc2\x9bB\x8fP", "up down f1"),
    ] {
        check(bytes, keys);
    }
}

#[test]
fn replies_and_reports_never_become_keys() {
    for bytes in [
        &b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"[..],
        b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
        b"\x1b[?62;22c\x1b[>41;354;0c\x1b[0n\x1b[12;40R\x1b[?12;40R",
        b"\x1bP>|XTerm(390)\x1b\\\x1bP1+r544e=787465726d\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\\x1b^rr\x1b\\\x1bXrr\x1b\\",
        b"\x1b[I\x1b[O",
        b"\x1b[?2026;2$y\x1b[?1u\x1b[8;24;80t\x1b[?997;1n",
        b"\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<35;1;1M\x1b[M rr\x1b[M\xffrr",
        b"\x9drr\x07\xc2\x90rr\x1b\\",
        b"\x1b[201~\x1b[999~\x1b[99;99;99X\x1b[1$z",
    ] {
        for split in 0..=bytes.len() {
            let keys: Vec<_> = read(bytes, &[split], MouseUse::Off)
                .into_iter()
                .filter(|e| !matches!(e, InputEvent::Reply(_)))
                .collect();
            assert_eq!(keys, [], "{:?} split at {split}", bytes.escape_ascii());
        }
    }
}

#[test]
fn useful_answers_arrive_as_answers() {
    let background = TerminalReply::Background { red: 255, green: 255, blue: 0x80 };
    for (bytes, reply) in [
        (&b"\x1b[0n"[..], TerminalReply::Ready),
        (b"\x1b[?62c", TerminalReply::Attributes),
        (b"\x1b[?2026;2$y", TerminalReply::Mode { mode: 2026, known: true }),
        (b"\x1b[?2026;0$y", TerminalReply::Mode { mode: 2026, known: false }),
        (b"\x1b[?1u", TerminalReply::Keyboard(1)),
        (b"\x1b[3;2R", TerminalReply::Column(2)),
        (b"\x1b]11;rgb:ffff/ff/80\x07", background),
    ] {
        assert_eq!(read(bytes, &[], MouseUse::Off), [InputEvent::Reply(reply)]);
    }
    assert_eq!(background.is_light(), Some(true));
}

#[test]
fn a_lone_escape_is_a_key_after_forty_milliseconds_and_not_before() {
    let mut tokenizer = Tokenizer::new(MouseUse::Off);
    let mut events = Vec::new();
    tokenizer.feed(b"\x1b", NOW, &mut events);
    assert_eq!(tokenizer.deadline(), Some(later(40)));
    tokenizer.expire(later(39), &mut events);
    assert_eq!(events, []);
    tokenizer.expire(later(40), &mut events);
    assert_eq!(events, [InputEvent::Key(KeyCode::Esc.into())]);
    assert_eq!(tokenizer.deadline(), None);
}

#[test]
fn bytes_that_were_read_late_still_belong_to_their_sequence() {
    let mut tokenizer = Tokenizer::new(MouseUse::Off);
    let mut events = Vec::new();
    tokenizer.feed(b"\x1b", NOW, &mut events);
    tokenizer.feed(b"[B", later(500), &mut events);
    assert_eq!(events, [InputEvent::Key(KeyCode::Down.into())]);
}

#[test]
fn a_pending_escape_and_an_arrow_are_two_keys() {
    check(b"\x1b\x1b[B", "esc down");
    check(b"\x1b\x1b\x1b", "esc esc esc");
}

#[test]
fn an_unfinished_sequence_is_dropped_whole_and_typing_goes_on() {
    for begun in [&b"\x1b[1;"[..], b"\x1b]11;rgb", b"\x1bO", b"\x1b[M", b"\x1bPrrr", b"\x1b[[", b"\xe5\xbc"] {
        let mut tokenizer = Tokenizer::new(MouseUse::Off);
        let mut events = Vec::new();
        tokenizer.feed(begun, NOW, &mut events);
        tokenizer.expire(later(999), &mut events);
        tokenizer.expire(later(1000), &mut events);
        assert_eq!(events, [], "{}", begun.escape_ascii());
        tokenizer.feed(b"g", later(1001), &mut events);
        assert_eq!(events, [InputEvent::Key(Key::char('g'))], "{}", begun.escape_ascii());
    }
}

#[test]
fn an_overlong_sequence_is_swallowed_to_its_end() {
    let mut bytes = b"\x1b[".to_vec();
    bytes.extend(std::iter::repeat_n(b'1', 5000));
    bytes.extend(b"Ar");
    check(&bytes[5000..], "1 1 A r");
    assert_eq!(read(&bytes, &[], MouseUse::Off), [InputEvent::Key(Key::char('r'))]);
}

#[test]
fn invalid_utf8_is_dropped_and_its_neighbours_stay() {
    check(b"a\xff\xfe\xc0\x80b\xe5\xbcc\xed\xa0\x80d\xf5e", "a b c d e");
}

#[test]
fn pastes_arrive_whole_clean_and_once() {
    for (bytes, text) in [
        (&b"\x1b[200~hello\r\nworld\x1b[201~"[..], "hello\nworld"),
        (b"\x1b[200~a\x1b[31mb\x07c\rd\x1b[201~", "a[31mbc\nd"),
        (b"\x1b[200~\x1b[200~\x1b[20\x1b\x1b[201~", "[200~[20"),
        ("\u{1b}[200~张\u{202e}三\u{1b}[201~".as_bytes(), "张三"),
        (b"\x1b[200~\xff\xe5x\x1b[201~", "x"),
        (b"\x1b[200~no end", "no end"),
        (b"\x1b[200~\x1b[201~", ""),
    ] {
        for split in 0..=bytes.len() {
            assert_eq!(
                read(bytes, &[split], MouseUse::Off),
                [InputEvent::Paste(text.to_owned())],
                "{:?} split at {split}",
                bytes.escape_ascii()
            );
        }
    }
    assert_eq!(format!("{:?}", InputEvent::Paste("secret".to_owned())), "Paste(6 bytes)");
}

#[test]
fn a_paste_of_a_megabyte_is_capped_and_what_follows_it_is_read() {
    let mut bytes = b"\x1b[200~".to_vec();
    for _ in 0..20_000 {
        bytes.extend(b"fifty-three bytes of text that a clipboard could hold");
        bytes.push(b'\r');
    }
    bytes.extend(b"\x1b[201~x");
    let events = read(&bytes, &[], MouseUse::Off);
    assert!(matches!(&events[0], InputEvent::Paste(text) if text.len() <= MAX_PASTE && text.len() > MAX_PASTE - 100));
    assert_eq!(events[1..], [InputEvent::Key(Key::char('x'))]);
}

#[test]
fn a_paste_without_an_end_is_delivered_after_three_seconds() {
    let mut tokenizer = Tokenizer::new(MouseUse::Off);
    let mut events = Vec::new();
    tokenizer.feed(b"\x1b[200~left open", NOW, &mut events);
    tokenizer.expire(later(2999), &mut events);
    assert_eq!(events, []);
    tokenizer.expire(later(3000), &mut events);
    assert_eq!(events, [InputEvent::Paste("left open".to_owned())]);
}

#[test]
fn clicks_and_the_wheel_arrive_only_when_asked_for() {
    let bytes = b"\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<20;1;1M\x1b[<64;2;3M\x1b[<65;2;3M\x1b[<35;2;3M\x1b[<0;0;0M";
    assert_eq!(read(bytes, &[], MouseUse::Off), []);
    let at = |kind, column, row, mods| InputEvent::Mouse(Mouse { kind, column, row, mods });
    assert_eq!(
        read(bytes, &[], MouseUse::On),
        [
            at(MouseKind::Click(MouseButton::Left), 9, 4, Mods::NONE),
            at(MouseKind::Click(MouseButton::Left), 0, 0, Mods::CTRL | Mods::SHIFT),
            at(MouseKind::WheelUp, 1, 2, Mods::NONE),
            at(MouseKind::WheelDown, 1, 2, Mods::NONE),
        ]
    );
}

/// Bytes that like to form sequences.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\x1b".to_vec()),
        Just(b"\x1b[".to_vec()),
        Just(b"\x1b]".to_vec()),
        Just(b"\x1bO".to_vec()),
        Just(b"\x1b[200~".to_vec()),
        Just(b"\x1b[201~".to_vec()),
        Just(b"\x1b\\".to_vec()),
        Just(b"\x1b[M".to_vec()),
        Just("张".as_bytes().to_vec()),
        "[0-9;:<>?a-zA-Z~$ ]{1,4}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_split_of_any_bytes_gives_the_same_events(bytes in noise(), at in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let mut splits: Vec<usize> = at.iter().map(|i| i.index(bytes.len() + 1)).collect();
        splits.sort_unstable();
        let whole = read(&bytes, &[], MouseUse::On);
        prop_assert_eq!(&whole, &read(&bytes, &splits, MouseUse::On));
        for event in whole {
            if let InputEvent::Key(Key { code: KeyCode::Char(c), .. }) = event {
                prop_assert!(!c.is_control());
            }
        }
    }
}

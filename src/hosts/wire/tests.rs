//! Frames of both sides, whole, cut and odd.

use std::io::{Read, Seek, Write};
use std::os::unix::net::UnixStream;

use proptest::prelude::*;

use super::*;

fn hello() -> Hello {
    let terminal =
        Terminal { columns: 80, rows: 24, keymap: Some(("mine".into(), Some("q".into()))), ..Terminal::default() };
    let variables = vec![("TERM".to_owned(), "xterm".to_owned())];
    Hello {
        version: VERSION, mode: Mode::Tty(terminal), name: Some("陈静".into()), variables, place: Where::default()
    }
}

#[test]
fn a_hello_comes_out_as_it_went_in() {
    let mut decoder = Decoder::default();
    decoder.feed(&FromClient::Hello(Box::new(hello())).bytes());
    let Some(FromClient::Hello(heard)) = decoder.client().unwrap() else { panic!("another frame") };
    assert_eq!(heard.name.as_deref(), Some("陈静"));
    assert_eq!(heard.variable("TERM").as_deref(), Some("xterm"));
    let Mode::Tty(terminal) = heard.mode else { panic!("another mode") };
    assert_eq!((terminal.columns, terminal.rows), (80, 24));
}

#[test]
fn frames_come_whole_however_their_bytes_are_cut() {
    let sent: Vec<u8> = [
        FromServer::Screen(Bytes::new(b"abc".to_vec())).bytes(),
        FromServer::Paper("about".into(), vec![Zeroizing::new("one line".to_owned())], "foot".into()).bytes(),
        FromServer::End(3, "busy".into()).bytes(),
    ]
    .iter()
    .flat_map(|frame| frame.to_vec())
    .collect();
    for cut in 0..sent.len() {
        let mut decoder = Decoder::default();
        let mut heard = Vec::new();
        for part in [&sent[..cut], &sent[cut..]] {
            decoder.feed(part);
            while let Some(frame) = decoder.server().unwrap() {
                heard.push(format!("{frame:?}"));
            }
        }
        assert_eq!(heard, ["Screen(3 B)", "Paper", "End(3)"]);
    }
}

#[test]
fn a_frame_that_announces_too_much_is_refused_before_it_is_read() {
    let mut decoder = Decoder::default();
    decoder.feed(&[2, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(decoder.client().unwrap_err(), WireError::TooLong(u32::MAX as usize));
}

#[test]
fn a_file_changes_hands_beside_a_frame() {
    let (near, far) = UnixStream::pair().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"rows").unwrap();
    file.rewind().unwrap();
    write_frame(&near, &FromClient::File.bytes(), Some(&file)).unwrap();
    let (frame, handed) = read_frame::<FromClient>(&far).unwrap();
    assert!(matches!(frame, FromClient::File));
    let mut text = String::new();
    std::fs::File::from(handed.unwrap()).read_to_string(&mut text).unwrap();
    assert_eq!(text, "rows");
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_fall_over(bytes: Vec<u8>) {
        for side in 0..2 {
            let mut decoder = Decoder::default();
            decoder.feed(&bytes);
            let mut more = true;
            while more {
                more = if side == 0 {
                    matches!(decoder.client(), Ok(Some(_)))
                } else {
                    matches!(decoder.server(), Ok(Some(_)))
                };
            }
        }
    }
}

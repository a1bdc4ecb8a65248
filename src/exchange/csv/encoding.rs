//! Which encoding a text file is in, and reading it as UTF-8.
//!
//! A byte order mark decides; else many zero bytes on one side mean UTF-16; else what is almost all valid UTF-8 is
//! UTF-8; else the words that head columns in Chinese tables decide for GB18030 (which contains GBK); else
//! Mozilla's detector guesses.
//!
//! **Invariant:** bytes that are invalid in the encoding come out as U+FFFD, so that the row that holds them can be
//! rejected; nothing is guessed twice.

use std::io::{Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::records::Text;
use crate::exchange::synonyms;
use crate::exchange::table::TableError;

/// How much of the file is looked at, from its first byte that is not ASCII.
const LOOK: usize = 256 * 1024;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// The encoding and the length of the byte order mark.
pub(super) struct Found {
    pub(super) encoding: &'static Encoding,
    pub(super) bom: u64,
}

/// Finds the encoding of `file`, which stands anywhere afterwards.
pub(super) fn detect<R: Read + Seek>(file: &mut R) -> Result<Found, TableError> {
    file.seek(SeekFrom::Start(0))?;
    let head = read_up_to(file, CHUNK)?;
    if head.is_empty() {
        return Err(TableError::Empty);
    }
    if let Some((encoding, bom)) = Encoding::for_bom(&head) {
        return Ok(Found { encoding, bom: bom as u64 });
    }
    if head.contains(&0) {
        return utf16_without_bom(&head).map(|encoding| Found { encoding, bom: 0 }).ok_or(TableError::NotATable);
    }
    let mut window = head.clone();
    while window.is_ascii() && !window.is_empty() {
        window = read_up_to(file, CHUNK)?;
    }
    if window.len() < LOOK {
        let more = read_up_to(file, LOOK - window.len())?;
        window.extend(more);
    }
    let encoding = if is_mostly_utf8(&window) {
        UTF_8
    } else if knows_headers(&head, GB18030) {
        GB18030
    } else if knows_headers(&head, BIG5) {
        BIG5
    } else {
        guess(&window)
    };
    Ok(Found { encoding, bom: 0 })
}

/// The beginning of the text from where `file` stands, for finding the separator.
pub(super) fn sample<R: Read>(file: &mut R, encoding: &'static Encoding) -> Result<String, TableError> {
    let bytes = read_up_to(file, CHUNK)?;
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    Ok(text.into_owned())
}

fn read_up_to<R: Read>(file: &mut R, most: usize) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    file.by_ref().take(most as u64).read_to_end(&mut out)?;
    Ok(out)
}

/// Tables hold digits, separators and line ends, which are half zeros in UTF-16.
fn utf16_without_bom(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let units = head.len() / 2;
    if odd > units / 20 && odd > even * 8 {
        Some(UTF_16LE)
    } else if even > units / 20 && even > odd * 8 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether characters of several bytes are valid at least ten times as often as not.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut good = 0;
    let mut bad = 0;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    // The window may end within a character.
    let cut = bytes.utf8_chunks().last().is_some_and(|chunk| (1..=3).contains(&chunk.invalid().len()));
    bad -= usize::from(cut && bad > 0 && good > 0);
    bad == 0 || good >= 10 * bad
}

fn knows_headers(head: &[u8], encoding: &'static Encoding) -> bool {
    let line = head.split(|b| matches!(b, b'\r' | b'\n')).find(|line| !line.is_empty()).unwrap_or_default();
    let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(line) else { return false };
    text.split([',', ';', '\t', '|', '"']).any(|word| !word.is_ascii() && synonyms::is_known(word))
}

fn guess(window: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(window, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == GBK { GB18030 } else { guess }
}

/// A file read as UTF-8.
pub(super) struct Utf8<R> {
    file: R,
    decoder: Decoder,
    raw: Vec<u8>,
    taken: usize,
    text: Vec<u8>,
    consumed: u64,
    ended: bool,
}

impl<R> Utf8<R> {
    /// Reads on from where `file` stands, which is `start`.
    pub(super) fn new(file: R, encoding: &'static Encoding, start: u64) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        // A decoder may give three bytes for each it takes.
        let text = vec![0; CHUNK * 3 + 64];
        Self { file, decoder, raw: Vec::new(), taken: 0, text, consumed: start, ended: false }
    }

    /// Bytes of the file that were read.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }
}

impl<R: Read> Text for Utf8<R> {
    fn more(&mut self) -> std::io::Result<Option<&[u8]>> {
        loop {
            if self.taken == self.raw.len() {
                if self.ended {
                    return Ok(None);
                }
                self.raw.clear();
                self.taken = 0;
                self.file.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
                self.consumed += self.raw.len() as u64;
                self.ended = self.raw.is_empty();
            }
            let rest = self.raw.get(self.taken..).unwrap_or_default();
            let (_, read, written, _) = self.decoder.decode_to_utf8(rest, &mut self.text, self.ended);
            self.taken += read;
            if written > 0 {
                return Ok(Some(self.text.get(..written).unwrap_or_default()));
            }
            if self.ended && read == 0 {
                return Ok(None);
            }
        }
    }
}

//! Frames as bytes.
//!
//! **Invariant:** what a decoder holds of an unfinished frame is bounded by what was announced, which is bounded.

use zeroize::{Zeroize, Zeroizing};

use super::stream::How;
use super::{FromClient, FromServer, Hello};

/// The longest payload, in bytes.
pub const LONGEST: usize = 1 << 20;
/// What comes before a payload.
const HEAD: usize = 5;

/// Why a connection ends.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A frame announces more than a frame may have.
    #[error("a frame of {0} bytes is too long")]
    TooLong(usize),
    /// A kind that is not known, or a payload that does not parse.
    #[error("a frame of kind {0} is not understood: both sides must be of the same version")]
    NotUnderstood(u8),
}

/// A frame as it came: its kind and its payload.
pub(super) type Raw = (u8, Zeroizing<Vec<u8>>);

/// Takes bytes in as they come and gives whole frames.
#[derive(Default)]
pub struct Decoder {
    bytes: Zeroizing<Vec<u8>>,
}

/// Shows how much waits, not what.
impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Decoder({} B)", self.bytes.len())
    }
}

impl Decoder {
    /// Takes bytes in.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes the frame that has begun still lacks; its head must be there.
    pub fn missing(&self) -> Result<usize, WireError> {
        let head = self.bytes.first_chunk::<HEAD>().copied().unwrap_or_default();
        let (_, len) = announced(head)?;
        Ok((HEAD + len).saturating_sub(self.bytes.len()))
    }

    fn raw(&mut self) -> Result<Option<Raw>, WireError> {
        let Some((head, rest)) = self.bytes.split_first_chunk::<HEAD>() else { return Ok(None) };
        let (kind, len) = announced(*head)?;
        let Some(payload) = rest.get(..len) else { return Ok(None) };
        let payload = Zeroizing::new(payload.to_vec());
        let left = self.bytes.len() - HEAD - len;
        self.bytes.copy_within(HEAD + len.., 0);
        if let Some(gone) = self.bytes.get_mut(left..) {
            gone.zeroize();
        }
        self.bytes.truncate(left);
        Ok(Some((kind, payload)))
    }

    /// The next whole frame of a client's, if it is there.
    pub fn client(&mut self) -> Result<Option<FromClient>, WireError> {
        self.raw()?.map(FromClient::parse).transpose()
    }

    /// The next whole frame of a server's, if it is there.
    pub fn server(&mut self) -> Result<Option<FromServer>, WireError> {
        self.raw()?.map(FromServer::parse).transpose()
    }
}

/// What a frame's head says: kind and length.
pub(super) fn announced(head: [u8; HEAD]) -> Result<(u8, usize), WireError> {
    let [kind, len @ ..] = head;
    let len = u32::from_be_bytes(len) as usize;
    if len > LONGEST { Err(WireError::TooLong(len)) } else { Ok((kind, len)) }
}

fn frame(kind: u8, payload: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(HEAD + payload.len()));
    out.push(kind);
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    out.extend_from_slice(payload);
    out
}

fn text(payload: &[u8]) -> Option<String> {
    std::str::from_utf8(payload).ok().map(str::to_owned)
}

impl FromClient {
    /// The frame's bytes.
    pub fn bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            // A vector takes whatever is written to it.
            Self::Hello(hello) => frame(1, &minicbor::to_vec(hello).unwrap_or_default()),
            Self::Keys(bytes) => frame(2, bytes),
            Self::Size(columns, rows) => frame(3, &[columns.to_be_bytes(), rows.to_be_bytes()].concat()),
            Self::Input(bytes) => frame(4, bytes),
            Self::Continued => frame(5, &[]),
            Self::Answer(bytes) => frame(6, bytes),
            Self::NoAnswer => frame(7, &[]),
            Self::Stop => frame(8, &[]),
            Self::File => frame(9, &[]),
            Self::NoFile(why) => frame(10, &why.to_be_bytes()),
        }
    }

    pub(super) fn parse((kind, payload): Raw) -> Result<Self, WireError> {
        let not = || WireError::NotUnderstood(kind);
        Ok(match kind {
            1 => Self::Hello(Box::new(minicbor::decode::<Hello>(&payload).map_err(|_| not())?)),
            2 => Self::Keys(payload),
            3 => match **payload {
                [a, b, c, d] => Self::Size(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
                _ => return Err(not()),
            },
            4 => Self::Input(payload),
            5 => Self::Continued,
            6 => Self::Answer(payload),
            7 => Self::NoAnswer,
            8 => Self::Stop,
            9 => Self::File,
            10 => Self::NoFile(i32::from_be_bytes(payload.as_slice().try_into().map_err(|_| not())?)),
            _ => return Err(not()),
        })
    }
}

impl FromServer {
    /// The kind of a frame of bytes for the terminal, which whoever passes them on need not hold whole.
    pub const SCREEN: u8 = 128;

    /// The frame's bytes.
    pub fn bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Screen(bytes) => frame(Self::SCREEN, bytes),
            Self::Suspend => frame(136, &[]),
            Self::Read(most) => frame(137, &most.to_be_bytes()),
            Self::Output(bytes) => frame(129, bytes),
            Self::Errors(bytes) => frame(130, bytes),
            Self::AskLine(label) => frame(131, label.as_bytes()),
            Self::AskSecret(label) => frame(132, label.as_bytes()),
            Self::Paper(about, lines, foot) => {
                let mut payload = Zeroizing::new(Vec::new());
                for part in [about].into_iter().chain(lines.iter().map(|line| &**line)).chain([foot]) {
                    payload.extend_from_slice(&(part.len() as u32).to_be_bytes());
                    payload.extend_from_slice(part.as_bytes());
                }
                frame(133, &payload)
            }
            Self::Open(how, path) => {
                use std::os::unix::ffi::OsStrExt;
                frame(134, &[&[how.byte()], path.as_os_str().as_bytes()].concat())
            }
            Self::End(code, words) => frame(135, &[&[*code], words.as_bytes()].concat()),
        }
    }

    pub(super) fn parse((kind, payload): Raw) -> Result<Self, WireError> {
        let not = || WireError::NotUnderstood(kind);
        Ok(match kind {
            Self::SCREEN => Self::Screen(payload),
            129 => Self::Output(payload),
            130 => Self::Errors(payload),
            131 => Self::AskLine(text(&payload).ok_or_else(not)?),
            132 => Self::AskSecret(text(&payload).ok_or_else(not)?),
            133 => {
                let mut parts = parts(&payload).ok_or_else(not)?;
                let foot = parts.pop().ok_or_else(not)?;
                if parts.is_empty() {
                    return Err(not());
                }
                let about = parts.remove(0);
                Self::Paper(about.to_string(), parts, foot.to_string())
            }
            134 => {
                use std::os::unix::ffi::OsStrExt;
                let (how, path) = payload.split_first().ok_or_else(not)?;
                let path = std::ffi::OsStr::from_bytes(path);
                Self::Open(How::from_byte(*how).ok_or_else(not)?, path.into())
            }
            135 => {
                let (code, words) = payload.split_first().ok_or_else(not)?;
                Self::End(*code, text(words).ok_or_else(not)?)
            }
            136 => Self::Suspend,
            137 => Self::Read(u32::from_be_bytes(payload.as_slice().try_into().map_err(|_| not())?)),
            _ => return Err(not()),
        })
    }
}

fn parts(mut from: &[u8]) -> Option<Vec<Zeroizing<String>>> {
    let mut out = Vec::new();
    while let Some((len, rest)) = from.split_first_chunk::<4>() {
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        out.push(Zeroizing::new(text(part)?));
        from = rest;
    }
    from.is_empty().then_some(out)
}

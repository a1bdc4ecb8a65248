//! Frames over a socket that blocks, and files handed over beside them.
//!
//! **Invariant:** a file is opened by whoever owns the name, under their own rights, and only the open file changes hands.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};
use zeroize::Zeroizing;

use super::frame::announced;
use super::{FromClient, FromServer};

/// How a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// To be read.
    Read,
    /// To be made anew and written, readable by nobody else; it must not be there yet.
    Create,
    /// To be removed again, after it was made in this run.
    Remove,
    /// Only looked for.
    Look,
}

impl How {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Read => 0,
            Self::Create => 1,
            Self::Remove => 2,
            Self::Look => 3,
        }
    }

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Read),
            1 => Some(Self::Create),
            2 => Some(Self::Remove),
            3 => Some(Self::Look),
            _ => None,
        }
    }
}

/// A kind of frame that is read from a socket.
pub trait Incoming: Sized {
    /// Reads a payload of a kind.
    fn of(kind: u8, payload: Zeroizing<Vec<u8>>) -> Result<Self, super::WireError>;
}

impl Incoming for FromClient {
    fn of(kind: u8, payload: Zeroizing<Vec<u8>>) -> Result<Self, super::WireError> {
        Self::parse((kind, payload))
    }
}

impl Incoming for FromServer {
    fn of(kind: u8, payload: Zeroizing<Vec<u8>>) -> Result<Self, super::WireError> {
        Self::parse((kind, payload))
    }
}

fn odd(error: super::WireError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Reads one frame, with the file that came beside it, if one did. A connection that ended is an error of kind
/// `UnexpectedEof`.
pub fn read_frame<T: Incoming>(from: &UnixStream) -> io::Result<(T, Option<OwnedFd>)> {
    let mut head = [0; 5];
    let (count, file) = receive(from, &mut head)?;
    let rest = head.get_mut(count..).unwrap_or_default();
    (&*from).read_exact(rest)?;
    let (kind, len) = announced(head).map_err(odd)?;
    let mut payload = Zeroizing::new(vec![0; len]);
    (&*from).read_exact(&mut payload)?;
    Ok((T::of(kind, payload).map_err(odd)?, file))
}

fn receive(from: &UnixStream, out: &mut [u8]) -> io::Result<(usize, Option<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let message = loop {
        match rustix::net::recvmsg(from, &mut [IoSliceMut::new(out)], &mut beside, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    if message.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut file = None;
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(files) = message {
            file = files.last();
        }
    }
    Ok((message.bytes, file))
}

/// Writes one frame's bytes, with a file beside it.
pub fn write_frame(to: &UnixStream, bytes: &[u8], file: Option<&dyn AsFd>) -> io::Result<()> {
    let Some(file) = file else { return (&*to).write_all(bytes) };
    let files = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    beside.push(SendAncillaryMessage::ScmRights(&files));
    let sent = rustix::net::sendmsg(to, &[IoSlice::new(bytes)], &mut beside, SendFlags::NOSIGNAL)?;
    (&*to).write_all(bytes.get(sent..).unwrap_or_default())
}

//! What goes over the socket between a server and whoever attaches to it.
//!
//! A frame is `kind 1 ‖ length 4, big-endian ‖ payload`. The first frame of a client says what it is ([`Hello`]); what
//! follows is bytes of a terminal in both directions, or the streams of one command. Nothing else is ever interpreted.
//! **Invariant:** a frame longer than [`LONGEST`], a kind that is not known and a payload that does not parse end the
//! connection; no frame holds a key, and nothing a person has not revealed is in one.

mod frame;
mod hello;
mod stream;
#[cfg(test)]
mod tests;

pub use frame::{Decoder, LONGEST, WireError};
pub use hello::{Hello, Mode, Terminal, VERSION, Where};
pub use stream::{How, read_frame, write_frame};

use zeroize::Zeroizing;

/// Bytes that are wiped when they go: what was typed, or a screen.
pub type Bytes = Zeroizing<Vec<u8>>;

/// What a client sends.
pub enum FromClient {
    /// Who and what, first and once.
    Hello(Box<Hello>),
    /// Bytes that the terminal sent.
    Keys(Bytes),
    /// The terminal's columns and rows.
    Size(u16, u16),
    /// What [`FromServer::Read`] asked for; nothing at the end.
    Input(Bytes),
    /// What was typed at a question.
    Answer(Bytes),
    /// Nothing was: there is nobody to ask, or they gave up.
    NoAnswer,
    /// The person wants the work to stop.
    Stop,
    /// The client goes on after it was set aside.
    Continued,
    /// What was asked of a file was done; an opened one is beside this frame as a descriptor.
    File,
    /// It was not; the system's number for why, 0 if what is there is no plain file.
    NoFile(i32),
}

/// What a server sends.
pub enum FromServer {
    /// Bytes for the terminal.
    Screen(Bytes),
    /// The person wants to set the program aside: the terminal is given back until [`FromClient::Continued`].
    Suspend,
    /// So many bytes of standard input are wanted.
    Read(u32),
    /// Standard output of a command.
    Output(Bytes),
    /// Standard error of a command.
    Errors(Bytes),
    /// A question whose answer is shown while it is typed; its label.
    AskLine(String),
    /// A question whose answer is not shown.
    AskSecret(String),
    /// Lines to be read once and taken off the screen again: what they are about, the lines, what ends it.
    Paper(String, Vec<Zeroizing<String>>, String),
    /// Something is wanted of a file of the client's.
    Open(How, std::path::PathBuf),
    /// It is over: the exit code, and a line for the person where the screen is gone.
    End(u8, String),
}

/// Says what kind of frame it is and how long, never what is in it.
impl std::fmt::Debug for FromClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hello(hello) => f.debug_tuple("Hello").field(hello).finish(),
            Self::Keys(bytes) => write!(f, "Keys({} B)", bytes.len()),
            Self::Size(columns, rows) => write!(f, "Size({columns}, {rows})"),
            Self::Input(bytes) => write!(f, "Input({} B)", bytes.len()),
            Self::Answer(_) => f.write_str("Answer"),
            Self::NoAnswer => f.write_str("NoAnswer"),
            Self::Stop => f.write_str("Stop"),
            Self::Continued => f.write_str("Continued"),
            Self::File => f.write_str("File"),
            Self::NoFile(why) => write!(f, "NoFile({why})"),
        }
    }
}

/// Says what kind of frame it is and how long, never what is in it.
impl std::fmt::Debug for FromServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Screen(bytes) => write!(f, "Screen({} B)", bytes.len()),
            Self::Suspend => f.write_str("Suspend"),
            Self::Read(most) => write!(f, "Read({most})"),
            Self::Output(bytes) => write!(f, "Output({} B)", bytes.len()),
            Self::Errors(bytes) => write!(f, "Errors({} B)", bytes.len()),
            Self::AskLine(_) => f.write_str("AskLine"),
            Self::AskSecret(_) => f.write_str("AskSecret"),
            Self::Paper(..) => f.write_str("Paper"),
            Self::Open(how, _) => write!(f, "Open({how:?})"),
            Self::End(code, _) => write!(f, "End({code})"),
        }
    }
}

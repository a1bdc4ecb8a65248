//! The first frame: what a client is and wants, in CBOR.
//!
//! **Invariant:** nothing in it is a right. The server asks for the passphrase whatever stands here, and believes a
//! fingerprint only from the account that its owner named.

use minicbor::{Decode, Encode};

/// The version of what goes over the socket; both sides must have the same.
pub const VERSION: u16 = 1;

/// Who comes, and what for.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Hello {
    /// [`VERSION`].
    #[n(0)]
    pub version: u16,
    /// What is wanted.
    #[n(1)]
    pub mode: Mode,
    /// The name that is filled in at the door.
    #[n(2)]
    pub name: Option<String>,
    /// Those environment variables that tell language, country and terminal.
    #[n(3)]
    pub variables: Vec<(String, String)>,
    /// From where.
    #[n(4)]
    pub place: Where,
}

/// What is wanted.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Mode {
    /// The screens, drawn by the server.
    #[n(0)]
    Tty(#[n(0)] Terminal),
    /// One command.
    #[n(1)]
    Exec {
        /// Its arguments, without the program's name, as bytes.
        #[n(0)]
        arguments: Vec<minicbor::bytes::ByteVec>,
        /// Whether standard input is somebody's keys.
        #[n(1)]
        input: bool,
        /// The columns of standard output, if it is a terminal.
        #[n(2)]
        output: Option<u16>,
        /// Those of standard error.
        #[n(3)]
        errors: Option<u16>,
        /// Whether somebody can be asked.
        #[n(4)]
        asks: bool,
    },
}

/// The terminal and how the person wants it to look.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub struct Terminal {
    /// How wide.
    #[n(0)]
    pub columns: u16,
    /// How high.
    #[n(1)]
    pub rows: u16,
    /// The language asked for.
    #[n(2)]
    pub lang: Option<String>,
    /// The theme asked for.
    #[n(3)]
    pub theme: Option<String>,
    /// The keymap asked for: its name, and its text where it is a file of the person's own.
    #[n(4)]
    pub keymap: Option<(String, Option<String>)>,
}

/// From where somebody comes, as the client tells it.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub struct Where {
    /// The other machine's address, where there is one.
    #[n(0)]
    pub address: Option<String>,
    /// SHA-256 of the SSH key that authenticated.
    #[n(1)]
    pub fingerprint: Option<minicbor::bytes::ByteArray<32>>,
}

impl Hello {
    /// The variables that are passed on; no other leaves the client.
    pub const VARIABLES: [&'static str; 7] =
        ["TERM", "COLORTERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG"];

    /// A variable as it was passed on.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

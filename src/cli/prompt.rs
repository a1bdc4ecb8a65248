//! The terminal in front of somebody, for names and passphrases.
//!
//! **Invariant:** echo is off before the label of a secret is written and back on before the function returns, however
//! it returns; what was typed is zeroized on the way out.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::env::Prompt;

/// The longest line taken, in bytes.
const LONGEST: usize = 64 * 1024;

/// The process's own terminal, if it has one, whatever its standard streams are.
#[derive(Debug)]
pub struct Terminal(Option<File>);

impl Terminal {
    /// Opens it.
    pub fn open() -> Self {
        Self(OpenOptions::new().read(true).write(true).open("/dev/tty").ok())
    }

    fn file(&self) -> io::Result<&File> {
        self.0.as_ref().ok_or_else(|| io::Error::new(io::ErrorKind::NotConnected, "there is no terminal to ask at"))
    }
}

/// Puts the terminal back as it was.
struct Restore<'a>(&'a File, Termios);

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        // Nothing more can be done for a terminal that is gone.
        let _ = tcsetattr(self.0, OptionalActions::Now, &self.1);
    }
}

impl Prompt for Terminal {
    fn present(&self) -> bool {
        self.0.is_some()
    }

    fn line(&mut self, label: &str) -> io::Result<String> {
        let mut file = self.file()?;
        file.write_all(label.as_bytes())?;
        let mut typed = Vec::new();
        let mut byte = [0];
        while file.read(&mut byte)? == 1 && byte != *b"\n" && typed.len() < LONGEST {
            typed.extend_from_slice(&byte);
        }
        Ok(String::from_utf8_lossy(&typed).trim().to_owned())
    }

    fn paper(&mut self, about: &str, lines: &[Zeroizing<String>], foot: &str) -> io::Result<()> {
        let mut file = self.file()?;
        writeln!(file, "{about}\n")?;
        for line in lines {
            file.write_all(line.as_bytes())?;
            file.write_all(b"\n")?;
        }
        // Without echo, so that the cursor stays where the way back up is counted from.
        self.secret(&format!("\n{foot} "))?;
        // Up to the first of the lines, and everything from there on is cleared: the lines, the gap, the foot.
        let up = lines.len() + 2;
        self.file()?.write_all(format!("\x1b[{up}A\r\x1b[J").as_bytes())
    }

    fn secret(&mut self, label: &str) -> io::Result<Zeroizing<String>> {
        let mut file = self.file()?;
        let before = tcgetattr(file)?;
        let mut quiet = before.clone();
        // Without signals, so that Ctrl-C comes in as a byte and the echo is restored before it takes effect.
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        let _restore = Restore(file, before);
        tcsetattr(file, OptionalActions::Flush, &quiet)?;
        file.write_all(label.as_bytes())?;
        let typed = typed(file);
        file.write_all(b"\r\n")?;
        typed
    }
}

/// Bytes up to the end of the line, with Backspace and Ctrl-U as in any line.
fn typed(mut from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(Vec::with_capacity(256));
    let mut byte = [0];
    while from.read(&mut byte)? == 1 {
        match byte[0] {
            b'\r' | b'\n' => break,
            3 => return Err(io::ErrorKind::Interrupted.into()),
            4 if line.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            4 => break,
            8 | 0x7f => while line.pop().is_some_and(|last| last & 0xC0 == 0x80) {},
            0x15 => line.clear(),
            _ if line.len() >= LONGEST => return Err(io::ErrorKind::InvalidData.into()),
            other => line.push(other),
        }
    }
    match std::str::from_utf8(&line) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "what was typed is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_edited_as_a_line_is() {
        for (keys, kept) in [
            ("abc\n", "abc"),
            ("abx\u{7f}c\r", "abc"),
            ("wrong\u{15}right\n", "right"),
            ("密码\u{8}语\n", "密语"),
            ("ends", "ends"),
        ] {
            assert_eq!(typed(keys.as_bytes()).unwrap().as_str(), kept);
        }
        assert_eq!(typed("ab\u{3}".as_bytes()).unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(typed("\u{4}".as_bytes()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}

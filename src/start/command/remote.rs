//! The server's end of a command: what it reads, writes and asks goes to the client.
//!
//! **Invariant:** one answer is waited for at a time, and a client that is gone is an error to whoever waits.

use std::fs::File;
use std::io::{self, LineWriter, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use veilbook::cli::env::Prompt;
use veilbook::cli::files::{Files, There};
use veilbook::hosts::wire::{Bytes, FromClient, FromServer, How, read_frame, write_frame};
use zeroize::Zeroizing;

/// Bytes of output that go together.
const PIECE: usize = 32 * 1024;
/// Bytes of input that are asked for at least.
const LEAST: usize = 4 * 1024;

type Answer = (FromClient, Option<OwnedFd>);

/// The client of one command.
pub(super) struct Remote(Arc<Line>);

struct Line {
    stream: UnixStream,
    answers: Mutex<Receiver<Answer>>,
    stopped: Arc<AtomicBool>,
    asks: bool,
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the client is gone")
}

impl Line {
    fn tell(&self, frame: &FromServer) -> io::Result<()> {
        write_frame(&self.stream, &frame.bytes(), None)
    }

    fn ask(&self, frame: &FromServer) -> io::Result<Answer> {
        self.tell(frame)?;
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).recv().map_err(|_| gone())
    }

    fn file(&self, how: How, path: &Path) -> io::Result<Option<File>> {
        match self.ask(&FromServer::Open(how, path.to_owned()))? {
            (FromClient::File, file) => Ok(file.map(File::from)),
            (FromClient::NoFile(why), _) => Err(io::Error::from_raw_os_error(why)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn typed(&self, frame: &FromServer) -> io::Result<Zeroizing<String>> {
        match self.ask(frame)? {
            (FromClient::Answer(bytes), _) => match std::str::from_utf8(&bytes) {
                Ok(text) => Ok(Zeroizing::new(text.to_owned())),
                Err(_) => Err(io::ErrorKind::InvalidData.into()),
            },
            _ => Err(io::ErrorKind::Interrupted.into()),
        }
    }
}

impl Remote {
    pub(super) fn new(stream: UnixStream, asks: bool) -> io::Result<Self> {
        let (answered, answers) = sync_channel(1);
        let stopped = Arc::new(AtomicBool::new(false));
        let (from, stop) = (stream.try_clone()?, Arc::clone(&stopped));
        thread::spawn(move || {
            loop {
                match read_frame::<FromClient>(&from) {
                    Ok((FromClient::Stop, _)) => stop.store(true, Ordering::Release),
                    Ok(answer) => {
                        if answered.send(answer).is_err() {
                            break;
                        }
                    }
                    Err(_) => break,
                }
            }
            // Nobody is left who wants the work.
            stop.store(true, Ordering::Release);
        });
        Ok(Self(Arc::new(Line { stream, answers: Mutex::new(answers), stopped, asks })))
    }

    pub(super) fn stopped(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.stopped)
    }

    pub(super) fn files(&self) -> Arc<dyn Files> {
        Arc::new(TheirFiles(Arc::clone(&self.0)))
    }

    pub(super) fn input(&self) -> impl Read + use<> {
        Input { line: Arc::clone(&self.0), rest: Bytes::default(), at: 0 }
    }

    pub(super) fn output(&self) -> impl Write + use<> {
        LineWriter::with_capacity(PIECE, Output(Arc::clone(&self.0), Out::Output))
    }

    pub(super) fn errors(&self) -> impl Write + use<> {
        Output(Arc::clone(&self.0), Out::Errors)
    }

    pub(super) fn prompt(&self) -> impl Prompt + use<> {
        Asking(Arc::clone(&self.0))
    }

    pub(super) fn end(self, last: &FromServer) {
        // A client that is gone needs no last word.
        let _ = self.0.tell(last);
        let _ = self.0.stream.shutdown(Shutdown::Both);
    }
}

struct TheirFiles(Arc<Line>);

impl Files for TheirFiles {
    fn read(&self, path: &Path) -> io::Result<File> {
        self.0.file(How::Read, path)?.ok_or_else(gone)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        self.0.file(How::Create, path)?.ok_or_else(gone)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.file(How::Remove, path).map(|_| ())
    }

    fn look(&self, path: &Path) -> There {
        match self.0.file(How::Look, path) {
            Ok(_) => There::File,
            Err(error) if error.kind() == io::ErrorKind::NotFound => There::Nothing,
            Err(_) => There::Other,
        }
    }
}

/// Standard input, asked for in pieces: a question goes to the other process and back, so one a byte would take minutes.
struct Input {
    line: Arc<Line>,
    rest: Bytes,
    /// How far `rest` was read.
    at: usize,
}

impl Read for Input {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.rest.len() {
            let most = u32::try_from(out.len().clamp(LEAST, PIECE)).unwrap_or(0);
            self.at = 0;
            self.rest = match self.line.ask(&FromServer::Read(most))? {
                (FromClient::Input(bytes), _) => bytes,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            };
        }
        let count = self.rest.get(self.at..).unwrap_or_default().read(out)?;
        self.at += count;
        Ok(count)
    }
}

#[derive(Clone, Copy)]
enum Out {
    Output,
    Errors,
}

struct Output(Arc<Line>, Out);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..bytes.len().min(PIECE)).unwrap_or_default();
        let held = Zeroizing::new(piece.to_vec());
        self.0.tell(&match self.1 {
            Out::Output => FromServer::Output(held),
            Out::Errors => FromServer::Errors(held),
        })?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Asking(Arc<Line>);

impl Prompt for Asking {
    fn present(&self) -> bool {
        self.0.asks
    }

    fn line(&mut self, label: &str) -> io::Result<String> {
        self.0.typed(&FromServer::AskLine(label.to_owned())).map(|text| text.as_str().to_owned())
    }

    fn paper(&mut self, about: &str, lines: &[Zeroizing<String>], foot: &str) -> io::Result<()> {
        self.0.typed(&FromServer::Paper(about.to_owned(), lines.to_vec(), foot.to_owned())).map(|_| ())
    }

    fn secret(&mut self, label: &str) -> io::Result<Zeroizing<String>> {
        self.0.typed(&FromServer::AskSecret(label.to_owned()))
    }
}

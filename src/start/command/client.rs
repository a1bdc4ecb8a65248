//! The client's end of a command: it shows what the server writes, asks what it asks, and opens what it wants opened.
//!
//! **Invariant:** a file is opened here, under the rights of whoever runs the client; nothing is removed but what was made
//! in this run.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use veilbook::cli::env::{Environment, Prompt, Sink, Source};
use veilbook::cli::files::There;
use veilbook::cli::prompt::Terminal;
use veilbook::hosts::wire::{Bytes, FromClient, FromServer, Hello, How, Mode, VERSION, Where, read_frame, write_frame};

use super::super::serve::{address, passed_on};

/// The most bytes of input in a frame.
const PIECE: usize = 32 * 1024;

/// Has the server at `socket` run the command `arguments`, without the program's name, and gives its exit code.
pub fn forward(
    socket: &Path,
    arguments: impl Iterator<Item = OsString>,
    env: &Environment,
    variable: impl Fn(&str) -> Option<String>,
) -> io::Result<u8> {
    let stream = UnixStream::connect(socket)?;
    let prompt = Terminal::open();
    let columns = |sink| if let Sink::Terminal { columns } = sink { Some(columns) } else { None };
    let mode = Mode::Exec {
        arguments: arguments.map(|argument| argument.into_vec().into()).collect(),
        input: env.input == Source::Terminal,
        output: columns(env.output),
        errors: columns(env.errors),
        asks: prompt.present(),
    };
    let place = Where { address: address(&variable), fingerprint: None };
    let hello = Hello { version: VERSION, mode, name: None, variables: passed_on(&variable), place };
    write_frame(&stream, &FromClient::Hello(Box::new(hello)).bytes(), None)?;
    pass_on_interrupts(stream.try_clone()?)?;
    let mut client = Client { stream, prompt, env, made: HashSet::new() };
    loop {
        let (frame, _) = read_frame::<FromServer>(&client.stream)?;
        match frame {
            FromServer::End(code, words) => {
                if !words.is_empty() {
                    writeln!(io::stderr(), "{words}")?;
                }
                return Ok(code);
            }
            FromServer::Output(bytes) => match io::stdout().lock().write_all(&bytes) {
                // Whoever reads it has had enough, as `head` has.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
                written => written?,
            },
            frame => client.attend(frame)?,
        }
    }
}

fn pass_on_interrupts(stream: UnixStream) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if write_frame(&stream, &FromClient::Stop.bytes(), None).is_err() {
                return;
            }
        }
    });
    Ok(())
}

struct Client<'a> {
    stream: UnixStream,
    prompt: Terminal,
    env: &'a Environment,
    made: HashSet<PathBuf>,
}

impl Client<'_> {
    fn attend(&mut self, frame: FromServer) -> io::Result<()> {
        let answer = match frame {
            FromServer::Errors(bytes) => return io::stderr().lock().write_all(&bytes),
            FromServer::Read(most) => {
                let mut bytes = Bytes::new(vec![0; (most as usize).min(PIECE)]);
                let count = io::stdin().lock().read(&mut bytes)?;
                bytes.truncate(count);
                FromClient::Input(bytes)
            }
            FromServer::AskLine(label) => answer(self.prompt.line(&label).map(|text| text.into_bytes())),
            FromServer::AskSecret(label) => answer(self.prompt.secret(&label).map(|text| text.as_bytes().to_vec())),
            FromServer::Paper(about, lines, foot) => {
                answer(self.prompt.paper(&about, &lines, &foot).map(|()| Vec::new()))
            }
            FromServer::Open(how, path) => return self.open(how, &path),
            FromServer::Screen(_) | FromServer::Suspend | FromServer::Output(_) | FromServer::End(..) => {
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        write_frame(&self.stream, &answer.bytes(), None)
    }

    fn open(&mut self, how: How, path: &Path) -> io::Result<()> {
        let files = &self.env.files;
        let opened = match how {
            How::Read => files.read(path).map(Some),
            How::Create => files.create(path).map(|file| {
                self.made.insert(path.to_owned());
                Some(file)
            }),
            How::Remove if self.made.remove(path) => files.remove(path).map(|()| None),
            How::Remove => Err(io::ErrorKind::PermissionDenied.into()),
            How::Look => match files.look(path) {
                There::File => Ok(None),
                There::Nothing => Err(io::ErrorKind::NotFound.into()),
                There::Other => Err(io::ErrorKind::IsADirectory.into()),
            },
        };
        match opened {
            Ok(Some(file)) => write_frame(&self.stream, &FromClient::File.bytes(), Some(&file)),
            Ok(None) => write_frame(&self.stream, &FromClient::File.bytes(), None),
            Err(error) => write_frame(&self.stream, &FromClient::NoFile(number(&error)).bytes(), None),
        }
    }
}

fn answer(typed: io::Result<Vec<u8>>) -> FromClient {
    typed.map_or(FromClient::NoAnswer, |bytes| FromClient::Answer(Bytes::new(bytes)))
}

/// The system's number of an error.
fn number(error: &io::Error) -> i32 {
    use rustix::io::Errno;
    error.raw_os_error().unwrap_or_else(|| {
        match error.kind() {
            io::ErrorKind::NotFound => Errno::NOENT,
            io::ErrorKind::IsADirectory => Errno::ISDIR,
            io::ErrorKind::PermissionDenied => Errno::PERM,
            _ => Errno::IO,
        }
        .raw_os_error()
    })
}

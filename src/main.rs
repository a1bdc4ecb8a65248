//! Arguments to host to exit code.
//!
//! **Invariant:** no rule and no text of the program stands here.

use std::io;
use std::process::ExitCode;

use veilbook::cli::env::{Environment, Io};
use veilbook::cli::prompt::Terminal;
use veilbook::cli::{Exit, Outcome, run};

fn main() -> ExitCode {
    let (input, output, errors) = (io::stdin(), io::stdout(), io::stderr());
    let mut prompt = Terminal::open();
    // One write a line to a terminal, large ones to a file or a pipe.
    let mut output = io::LineWriter::with_capacity(1 << 16, output.lock());
    let mut io = Io { input: &mut input.lock(), output: &mut output, errors: &mut errors.lock(), prompt: &mut prompt };
    let exit = match run(std::env::args_os(), &Environment::of_process(), &mut io) {
        Outcome::Exit(exit) => exit,
        Outcome::RunScreens(_) => Exit::Failed,
    };
    ExitCode::from(exit.code())
}

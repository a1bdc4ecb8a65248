//! Arguments to host to exit code.
//!
//! **Invariant:** no rule and no text of the program stands here.

mod start;

use std::io::{self, Write};
use std::process::ExitCode;

use veilbook::cli::env::{Environment, Io};
use veilbook::cli::prompt::Terminal;
use veilbook::cli::{Exit, Outcome, run};

fn main() -> ExitCode {
    veilbook::hygiene::harden();
    let outcome = {
        let (input, output, errors) = (io::stdin(), io::stdout(), io::stderr());
        let mut prompt = Terminal::open();
        // One write a line to a terminal, large ones to a file or a pipe.
        let mut output = io::LineWriter::with_capacity(1 << 16, output.lock());
        let mut io =
            Io { input: &mut input.lock(), output: &mut output, errors: &mut errors.lock(), prompt: &mut prompt };
        run(std::env::args_os(), &Environment::of_process(), &mut io)
    };
    let exit = match outcome {
        Outcome::Exit(exit) => exit,
        Outcome::RunScreens(screens) => match start::screens(screens, |name| std::env::var(name).ok()) {
            Ok(exit) => exit,
            Err(error) => {
                // Where standard error is gone as well, the exit code says it alone.
                let _ = writeln!(io::stderr(), "{error}");
                Exit::Failed
            }
        },
    };
    ExitCode::from(exit.code())
}

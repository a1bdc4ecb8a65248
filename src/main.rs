//! Arguments to host to exit code.
//!
//! **Invariant:** no rule and no text of the program stands here.

mod start;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use veilbook::cli::env::{Environment, Io};
use veilbook::cli::prompt::Terminal;
use veilbook::cli::{Exit, Outcome, run};

/// How it ended, with the reason said where it did not end well.
fn ended(result: Result<Exit, impl Display>) -> Exit {
    result.unwrap_or_else(|error| {
        // Where standard error is gone as well, the exit code says it alone.
        let _ = writeln!(io::stderr(), "{error}");
        Exit::Failed
    })
}

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
        Outcome::RunScreens(screens) => ended(start::screens(screens, |name| std::env::var(name).ok())),
        Outcome::Serve(serving) => ended(start::serve::serve(serving, |name| std::env::var(name).ok())),
        Outcome::Attach(attaching) => ended(start::serve::attach(attaching, |name| std::env::var(name).ok())),
        Outcome::Listen(listening) => ended(start::ssh::listen(listening)),
        Outcome::Forward(socket) => {
            let arguments = std::env::args_os().skip(1);
            let env = Environment::of_process();
            match start::command::forward(&socket, arguments, &env, |name| std::env::var(name).ok()) {
                Ok(code) => return ExitCode::from(code),
                Err(error) => ended(Err(format!("lost the server at {}: {error}", socket.display()))),
            }
        }
    };
    ExitCode::from(exit.code())
}

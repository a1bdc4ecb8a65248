//! A command that is run by the server which holds the vault: its streams, questions and files come over the socket.
//!
//! **Invariant:** the command has the rights of whoever signs in, and touches no file of the client's but those that the
//! client opened for it.

mod client;
mod remote;

use std::os::unix::net::UnixStream;
use std::sync::Arc;

use veilbook::cli::env::{Environment, Held, Io, Sink, Source};
use veilbook::cli::{Exit, Outcome, run};
use veilbook::hosts::server::RunCommand;
use veilbook::hosts::wire::{FromServer, Hello, Mode};
use veilbook::service::{Caller, Gate};

pub use client::forward;
use remote::Remote;

/// What runs commands in a server with `env`, on the vault behind `gate`.
pub fn runner(env: Environment, gate: Arc<Gate>) -> RunCommand {
    Arc::new(move |hello: Hello, caller: Caller, stream: UnixStream| {
        let held = Held { gate: Arc::clone(&gate), caller };
        serve(env.clone(), held, &hello, stream);
    })
}

fn serve(env: Environment, held: Held, hello: &Hello, stream: UnixStream) {
    let Mode::Exec { arguments, input, output, errors, asks } = &hello.mode else { return };
    let Ok(remote) = Remote::new(stream, *asks) else { return };
    let sink = |columns: &Option<u16>| columns.map_or(Sink::Stream, |columns| Sink::Terminal { columns });
    let source = if *input { Source::Terminal } else { Source::Stream };
    let streams = (source, sink(output), sink(errors));
    let env = env.of_client(|name| hello.variable(name), streams, remote.files(), remote.stopped(), held);
    let arguments = arguments.iter().map(|bytes| {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes.to_vec())
    });
    let (mut input, mut output, mut errors) = (remote.input(), remote.output(), remote.errors());
    let mut prompt = remote.prompt();
    let mut io = Io { input: &mut input, output: &mut output, errors: &mut errors, prompt: &mut prompt };
    let outcome = run(std::iter::once("veilbook".into()).chain(arguments), &env, &mut io);
    let exit = match outcome {
        Outcome::Exit(exit) => exit,
        _ => Exit::Usage,
    };
    remote.end(&FromServer::End(exit.code(), String::new()));
}

//! asyncssh as a client of the listener, before a real server.
//!
//! It is a Python package; where it is not installed yet the test installs it into the build folder, and where that is
//! impossible it says so and tests nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use veilbook::domain::staff_key::{KeyFault, StaffKey};

use super::bench::{Bench, finished};
use super::real::{house, serve};
use crate::house::PASSPHRASE;

/// Python with the package, or why there is none.
fn python() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/asyncssh");
    let program = folder.join("bin/python");
    let ran = |output: std::io::Result<Output>| {
        let output = output.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    };
    if ran(Command::new(&program).args(["-c", "import asyncssh"]).output()).is_err() {
        ran(Command::new("python3").args(["-m", "venv"]).arg(&folder).output())?;
        ran(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "asyncssh"]).output())?;
    }
    Ok(program)
}

#[test]
fn asyncssh_sees_the_screens_and_nothing_else_with_keys_exchanged_anew_and_its_questions_answered() {
    let Some(bench) = Bench::new() else { return };
    let python = match python() {
        Ok(python) => python,
        Err(why) => return eprintln!("left out: asyncssh cannot be installed here: {why}"),
    };
    let house = house(&bench);
    let (_server, listener) = (serve(&house, &bench), bench.listener(&[]));
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asyncssh_client.py"));
    command.arg(listener.port()).arg(bench.path("known_hosts")).arg(bench.path("known")).arg(PASSPHRASE);
    let output = finished(command);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "shown the door",
        "refused a second session",
        "refused a tunnel",
        "refused a tunnel to a socket",
        "refused a port at the other end",
        "keys exchanged anew three times",
        "five questions whether it lives answered",
        "left with 0",
        "refused a command",
        "refused a command with a terminal",
        "refused a shell without a terminal",
        "refused sftp",
        "refused another subsystem",
        "refused a stranger with ssh-rsa",
        "refused a stranger with ssh-ed25519",
    ] {
        assert!(said.lines().any(|at| at.starts_with(line)), "{line} is missing:\n{said}");
    }
}

#[test]
fn an_rsa_key_is_refused_where_it_is_registered_with_the_way_out() {
    let Some(bench) = Bench::new() else { return };
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f"]).arg(bench.path("rsa"));
    assert!(make.status().unwrap().success());
    let line = std::fs::read_to_string(bench.path("rsa.pub")).unwrap();
    let fault = StaffKey::parse(&line).unwrap_err();
    assert_eq!(fault, KeyFault::Kind);
    assert!(fault.to_string().contains("ssh-keygen -t ed25519"));
}

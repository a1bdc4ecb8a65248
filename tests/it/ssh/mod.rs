//! `veilbook ssh` as the clients that people have see it: a session with a terminal, and nothing else.
//!
//! **Invariant:** the server here is a stand-in, so what is shown, sent and refused is the listener's doing alone.

mod asyncssh;
pub mod bench;
mod real;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use portable_pty::CommandBuilder;
use veilbook::domain::staff_key::StaffKey;
use veilbook::hosts::wire::Mode;

use crate::pty::Pty;
use bench::{Bench, Listener, Seen, StandIn, finished, has};

fn shows(text: &'static str) -> impl Fn(&vt100::Screen) -> bool {
    move |screen| screen.contents().contains(text)
}

#[test]
fn a_registered_key_gets_the_screens_with_its_size_language_and_fingerprint() {
    let Some(bench) = Bench::new() else { return };
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let mut command = bench.ssh(&listener, "known", &["-tt", "-o", "SendEnv=LANG LD_PRELOAD COLORTERM"]);
    command.env("LANG", "zh_CN.UTF-8");
    command.env("COLORTERM", "truecolor");
    let mut terminal = Pty::spawn(command, 100, 30);
    terminal.wait("the greeting", shows("welcome"));
    let Seen::Came(hello) = server.next() else { panic!("no greeting") };
    let Mode::Tty(size) = &hello.mode else { panic!("a command") };
    assert_eq!((size.columns, size.rows), (100, 30));
    let mut names: Vec<&str> = hello.variables.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["COLORTERM", "LANG", "TERM"]);
    assert_eq!(hello.variable("TERM").as_deref(), Some("xterm-256color"));
    assert_eq!((hello.name.as_deref(), hello.place.address.as_deref()), (Some("wang"), Some("127.0.0.1")));
    let line = std::fs::read_to_string(bench.path("known.pub")).unwrap();
    let asserted = hello.place.fingerprint.map(|print| *print);
    assert_eq!(asserted, Some(StaffKey::parse(&line).unwrap().fingerprint().0));
    terminal.keys("ab").wait("what was typed", shows("typed"));
    terminal.resize(120, 40).wait("the new size", shows("now 120 by 40"));
    terminal.keys("q").wait("the farewell", shows("until tomorrow"));
    assert_eq!(terminal.exit().exit_code(), 7);
    assert!(!terminal.screen().alternate_screen());
}

#[test]
fn a_server_that_is_gone_or_not_there_is_said_in_one_line_and_the_terminal_is_given_back() {
    let Some(bench) = Bench::new() else { return };
    let listener = bench.listener(&[]);
    let mut terminal = Pty::spawn(bench.ssh(&listener, "known", &["-tt"]), 80, 24);
    terminal.wait("why", shows("does not answer"));
    assert_eq!(terminal.exit().exit_code(), 1);
    let server = StandIn::new(&bench);
    let mut terminal = Pty::spawn(bench.ssh(&listener, "known", &["-tt"]), 80, 24);
    terminal.wait("the greeting", shows("welcome")).keys("k").wait("why", shows("was lost"));
    assert_eq!(terminal.exit().exit_code(), 1);
    assert!(!terminal.screen().alternate_screen());
    drop(server);
}

#[test]
fn a_listener_that_is_stopped_sees_everybody_off() {
    let Some(bench) = Bench::new() else { return };
    let (mut listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let mut terminal = Pty::spawn(bench.ssh(&listener, "known", &["-tt"]), 80, 24);
    terminal.wait("the greeting", shows("welcome"));
    assert_eq!(listener.stop(), Some(0));
    terminal.wait("why", shows("being stopped"));
    assert_eq!(terminal.exit().exit_code(), 1);
    assert!(!terminal.screen().alternate_screen());
    assert!(matches!(server.next(), Seen::Came(_)));
    assert!(matches!(server.next_but_keys(), Seen::HungUp));
}

#[test]
fn a_key_that_is_not_registered_is_refused_like_every_other_way() {
    let Some(bench) = Bench::new() else { return };
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let refused = bench.run("ssh", &listener, "unknown", &["-tt"], &[]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("Permission denied (publickey)"), "{said}");
    let way = ["-tt", "-o", "PreferredAuthentications=none,password,keyboard-interactive"];
    let refused = bench.run("ssh", &listener, "known", &way, &[]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Permission denied (publickey)"));
    // A key that was taken away is refused from then on, and one that was added let in, without a restart.
    bench.register("unknown.pub");
    let refused = bench.run("ssh", &listener, "known", &["-tt"], &[]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Permission denied"));
    let mut terminal = Pty::spawn(bench.ssh(&listener, "unknown", &["-tt"]), 80, 24);
    terminal.wait("the greeting", shows("welcome"));
    assert!(matches!(server.next(), Seen::Came(_)));
}

#[test]
fn nothing_but_a_session_with_a_terminal_is_carried_out_and_nothing_hangs() {
    let Some(bench) = Bench::new() else { return };
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    for (more, after) in [
        (&["-T"][..], &["sh -c 'touch /tmp/never; $(id)'"][..]),
        (&["-tt"], &["sh"]),
        (&["-T"], &[]),
        (&["-T", "-s"], &["sftp"]),
        (&["-T", "-s"], &["veilbook"]),
        (&["-W", "127.0.0.1:1"], &[]),
    ] {
        let output = bench.run("ssh", &listener, "known", more, after);
        assert!(!output.status.success(), "{more:?} {after:?}");
        assert!(output.stdout.is_empty(), "{more:?} {after:?}");
    }
    if has("sftp") {
        assert!(!bench.run("sftp", &listener, "known", &[], &[]).status.success());
    }
    assert!(server.seen.try_recv().is_err(), "the server was asked");
}

#[test]
fn forwarding_of_every_kind_fails_and_the_session_lives_on() {
    let Some(bench) = Bench::new() else { return };
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let socket = bench.path("forwarded").display().to_string();
    let back = format!("{socket}:{socket}");
    let more = ["-tt", "-A", "-X", "-R", "0:127.0.0.1:1", "-R", &back, "-o", "ExitOnForwardFailure=no"];
    let mut command = bench.ssh(&listener, "known", &more);
    command.env("DISPLAY", ":99");
    let mut terminal = Pty::spawn(command, 80, 24);
    terminal.wait("the greeting", shows("welcome"));
    terminal.keys("ab").wait("what was typed", shows("typed")).keys("q");
    assert_eq!(terminal.exit().exit_code(), 7);
    let said = String::from_utf8_lossy(terminal.bytes()).into_owned();
    assert!(said.contains("remote port forwarding failed"), "{said}");
    assert!(matches!(server.next(), Seen::Came(_)));

    // A tunnel from here: it can be opened at this end, and whoever speaks into it is cut off.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let there = format!("{free}:127.0.0.1:{}", listener.port());
    let mut terminal = Pty::spawn(bench.ssh(&listener, "known", &["-tt", "-L", &there]), 80, 24);
    terminal.wait("the greeting", shows("welcome"));
    let mut tunnel = TcpStream::connect(free).unwrap();
    tunnel.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut word = [0; 1];
    assert!(matches!(tunnel.read(&mut word), Ok(0)), "the tunnel leads somewhere");
    terminal.keys("q");
    assert_eq!(terminal.exit().exit_code(), 7);
}

#[test]
fn five_megabytes_pass_either_way_however_slowly_they_are_read() {
    let Some(bench) = Bench::new() else { return };
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let mut command = Command::new("ssh");
    command.args(bench.options(&listener, "known")).args(["-tt", "-e", "none", "-o", "RekeyLimit=256K"]);
    command.arg("wang@127.0.0.1").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut client = command.spawn().unwrap();
    let mut keys = client.stdin.take().unwrap();
    // 5 MB of keys, which the server takes as they come.
    let sent = 5 << 20;
    for _ in 0..sent / 4096 {
        keys.write_all(&[b'x'; 4096]).unwrap();
    }
    let mut typed = 0;
    while typed < sent {
        if let Seen::Typed(count) = server.next() {
            typed += count;
        }
    }
    // 5 MB of screen that nobody reads for now: whoever sends them waits, and the listener holds next to nothing.
    keys.write_all(b"f").unwrap();
    let held = memory(&listener);
    assert!(held < 40 << 20, "the listener holds {held} bytes");
    let mut screen = client.stdout.take().unwrap();
    let mut dots = 0;
    let mut piece = [0; 1 << 16];
    while dots < 80 << 16 {
        let count = screen.read(&mut piece).unwrap();
        assert!(count > 0, "the session ended after {dots}");
        dots += piece[..count].iter().filter(|byte| **byte == b'.').count();
    }
    keys.write_all(b"q").unwrap();
    assert_eq!(client.wait().unwrap().code(), Some(7));
}

/// What a process has in memory.
fn memory(listener: &Listener) -> usize {
    let text = std::fs::read_to_string(format!("/proc/{}/statm", listener.pid())).unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn strangers_are_few_and_leave_room_again() {
    let Some(bench) = Bench::new() else { return };
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let greeted = |stream: &mut TcpStream| {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut word = [0; 8];
        stream.read_exact(&mut word).is_ok() && &word == b"SSH-2.0-"
    };
    let mut strangers: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(&listener.address).unwrap()).collect();
    let met = strangers.iter_mut().map(greeted).filter(|met| *met).count();
    assert_eq!(met, 16, "one address has so many strangers");
    drop(strangers);
    // Room is there again once the listener has seen that they left.
    let mut terminal = (0..50).find_map(|_| {
        let mut stream = TcpStream::connect(&listener.address).unwrap();
        greeted(&mut stream).then(|| {
            drop(stream);
            Pty::spawn(bench.ssh(&listener, "known", &["-tt"]), 80, 24)
        })
    });
    terminal.as_mut().expect("nobody is let in any more").wait("the greeting", shows("welcome"));
    assert!(matches!(server.next(), Seen::Came(_)));
}

#[test]
fn connections_are_bounded_also_once_they_are_known() {
    let Some(bench) = Bench::new() else { return };
    let (listener, _server) = (bench.listener(&["--connections", "2"]), StandIn::new(&bench));
    let mut known: Vec<Pty> = (0..2)
        .map(|_| {
            let mut terminal = Pty::spawn(bench.ssh(&listener, "known", &["-tt"]), 80, 24);
            terminal.wait("the greeting", shows("welcome"));
            terminal
        })
        .collect();
    assert!(!bench.run("ssh", &listener, "known", &["-tt"], &[]).status.success());
    known[0].keys("q");
    assert_eq!(known[0].exit().exit_code(), 7);
}

#[test]
fn the_host_key_stays_over_restarts_and_one_that_others_can_read_is_refused() {
    let Some(bench) = Bench::new() else { return };
    let first = bench.listener(&[]).print.clone();
    assert_eq!(bench.listener(&[]).print, first);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(bench.path("host_key"), mode).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
    command.args(["ssh", "--listen", "127.0.0.1:0", "--socket"]).arg(bench.path("s"));
    command.arg("--host-key").arg(bench.path("host_key")).arg("--keys").arg(bench.path("keys"));
    let refused = finished(command);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("can be read by others"));
}

#[test]
fn putty_sees_the_same_as_openssh() {
    let Some(bench) = Bench::new() else { return };
    if !has("plink") || !has("puttygen") {
        return;
    }
    let (listener, server) = (bench.listener(&[]), StandIn::new(&bench));
    let ppk = bench.path("known.ppk");
    let made = Command::new("puttygen").arg(bench.path("known")).args(["-O", "private", "-o"]).arg(&ppk).status();
    assert!(made.unwrap().success());
    let mut command = CommandBuilder::new("plink");
    command.args(["-ssh", "-batch", "-t", "-P", listener.port(), "-hostkey", &listener.print, "-i"]);
    command.args([&ppk.display().to_string(), "wang@127.0.0.1"]);
    command.env("HOME", bench.path(""));
    command.env("TERM", "xterm");
    let mut terminal = Pty::spawn(command.clone(), 90, 25);
    terminal.wait("the greeting", shows("welcome"));
    let Seen::Came(hello) = server.next() else { panic!("no greeting") };
    let Mode::Tty(size) = &hello.mode else { panic!("a command") };
    assert_eq!((size.columns, size.rows), (90, 25));
    terminal.resize(70, 20).wait("the new size", shows("now 70 by 20"));
    terminal.keys("ab").wait("what was typed", shows("typed")).keys("q");
    terminal.wait("the farewell", shows("until tomorrow"));
    assert_eq!(terminal.exit().exit_code(), 7);
    for more in [&["sh"][..], &["-s", "sftp"]] {
        let mut command = Command::new("plink");
        command.args(["-ssh", "-batch", "-T", "-P", listener.port(), "-hostkey", &listener.print, "-i"]);
        command.arg(&ppk).args(more.iter().filter(|word| word.starts_with('-'))).arg("wang@127.0.0.1");
        command
            .args(more.iter().filter(|word| !word.starts_with('-')))
            .env("HOME", bench.path(""))
            .stdin(Stdio::null());
        let output = finished(command);
        assert!(!output.status.success() && output.stdout.is_empty(), "{more:?}: {output:?}");
    }
}

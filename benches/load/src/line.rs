//! A key held for ten seconds on a line of 8 KB a second: how long after the last one the screen is up to date.
//!
//! **Invariant:** the screen is up to date when the last byte that a key caused has come through the line.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use veilbook::demo::sample::PASSPHRASE;

use crate::bytes::DOWN;
use crate::house::{House, OWNER, name};
use crate::slow::{Bucket, RATE, Throttle, line};
use crate::table::{Unit, at_most, beside, part};
use crate::terminal::{Answers, Size, Terminal, command};
use crate::wire::Wire;

const HELD: Duration = Duration::from_secs(10);
/// Thirty keys a second.
const REPEAT: Duration = Duration::from_micros(33_333);
/// With nothing coming for so long, nothing more will; longer than a terminal is waited for that does not answer.
const OVER: Duration = Duration::from_secs(6);
/// Short enough that no more than a bucket is ever saved up.
const STEP: Duration = Duration::from_millis(10);
const LIMIT: f64 = 2.5;
const PAGE_DOWN: &[u8] = b"\x1b[6~";
const CASES: [(&str, &[u8], Size); 3] = [
    ("row down, 80x24", DOWN, (80, 24)),
    ("row down, 200x50", DOWN, (200, 50)),
    ("page down, 80x24", PAGE_DOWN, (80, 24)),
];

pub fn measure(program: &Path) {
    part("A key held for 10 s, 30 a second, on a line of 8 KB a second: until the screen is up to date");
    let house = House::new(1);
    let key = house.path("key");
    let has_ssh = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    let has_ssh = has_ssh.is_ok_and(|status| status.success());
    if has_ssh {
        house.register(&house.path("key.pub"));
    }
    let _server = house.serve(program);
    for (what, key, size) in CASES {
        for (answers, word) in [(Answers::Status, "answers"), (Answers::None, "does not answer")] {
            let took = over_socket(&house.path("s"), key, size, answers);
            at_most(&format!("socket, {what}, a terminal that {word}"), took.as_secs_f64(), LIMIT, Unit::Seconds);
        }
    }
    if !has_ssh {
        return beside("over SSH", "no OpenSSH client here: left out");
    }
    let listener = house.listen(program);
    for (what, key, size) in CASES {
        for (answers, word) in [(Answers::Status, "answers"), (Answers::None, "does not answer")] {
            let took = over_ssh(&house, &listener.said, key, size, answers, Slow::Line);
            at_most(&format!("veilbook ssh, {what}, a terminal that {word}"), took.as_secs_f64(), LIMIT, Unit::Seconds);
        }
        let took = over_ssh(&house, &listener.said, key, size, Answers::Status, Slow::Terminal);
        let what = format!("veilbook ssh, {what}, the terminal itself that slow, and answering");
        at_most(&what, took.as_secs_f64(), LIMIT, Unit::Seconds);
    }
}

/// A client that reads 8 KB a second.
fn over_socket(socket: &Path, key: &[u8], size: Size, answers: Answers) -> Duration {
    let mut wire = Wire::new(socket, &name(0), size, answers);
    for (words, keys) in
        [("Passphrase", PASSPHRASE), ("Passphrase", "\r"), ("[Customers]", "\x1b[27u"), ("/ search", "")]
    {
        while !wire.shows(words) {
            ready(&wire, Duration::from_millis(100));
            wire.read(usize::MAX);
        }
        wire.send(keys.as_bytes());
    }
    rest(&mut wire);
    let (started, mut bucket) = (Instant::now(), Bucket::new(RATE));
    let (mut next, mut last_key, mut last_byte) = (started, started, started);
    while started.elapsed() < HELD || last_byte.max(last_key).elapsed() < OVER {
        if next <= Instant::now() && started.elapsed() < HELD {
            wire.send(key);
            last_key = Instant::now();
            next += REPEAT;
        }
        ready(&wire, STEP);
        let got = wire.read(bucket.tokens());
        bucket.take(got.taken);
        if got.taken > 0 {
            last_byte = Instant::now();
        }
        std::thread::sleep(STEP);
    }
    last_byte.saturating_duration_since(last_key)
}

fn rest(wire: &mut Wire) {
    while ready(wire, Duration::from_millis(300)) {
        wire.read(usize::MAX);
    }
}

fn ready(wire: &Wire, time: Duration) -> bool {
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) };
    let mut wanted = [PollFd::new(&wire.stream, PollFlags::IN)];
    poll(&mut wanted, Some(&timeout)).is_ok_and(|count| count > 0)
}

/// What is slow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slow {
    /// The line between listener and client.
    Line,
    /// The terminal in which the client runs.
    Terminal,
}

/// The OpenSSH client at the listener.
fn over_ssh(house: &House, listens: &str, key: &[u8], size: Size, answers: Answers, slow: Slow) -> Duration {
    let address = listens.split(',').next().unwrap_or_default().parse().unwrap();
    let (way, terminal) = (Arc::new(Throttle::default()), Arc::new(Throttle::default()));
    let port = line(address, Arc::clone(&way)).to_string();
    let mut command = command(Path::new("ssh"), &house.path(""));
    command.args(["-F", "none", "-tt", "-p", &port, "-l", OWNER, "-i"]);
    command.arg(house.path("key"));
    for option in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "LogLevel=ERROR"] {
        command.args(["-o", option]);
    }
    command.args(["-o", "IdentityAgent=none", "127.0.0.1"]);
    let mut seat = Terminal::new(command, size, answers, Arc::clone(&terminal));
    seat.until("the door", |screen| screen.contents().contains("Passphrase"));
    seat.send(PASSPHRASE.as_bytes());
    seat.send(b"\r");
    seat.until("the day", |screen| screen.contents().contains("[Today]"));
    seat.send(b"gc");
    seat.until("the list", |screen| screen.contents().contains("[Customers]"));
    seat.rest();
    if slow == Slow::Line {
        way.slow(RATE)
    } else {
        terminal.slow(RATE)
    }
    let started = Instant::now();
    let (mut next, mut last_key) = (started, started);
    while started.elapsed() < HELD {
        seat.send(key);
        last_key = Instant::now();
        next += REPEAT;
        seat.watch(next.saturating_duration_since(last_key));
    }
    while seat.last.max(last_key).elapsed() < OVER {
        seat.watch(STEP);
    }
    seat.last.saturating_duration_since(last_key)
}

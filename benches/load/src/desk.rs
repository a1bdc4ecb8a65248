//! Many people at one server: how long a key takes, what floods and deaf clients change, and what a session weighs.
//!
//! **Invariant:** server and clients share the machine; what each takes is printed.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, Part};
use crate::house::House;
use crate::process::{memory, peak, processor_time};
use crate::table::{Unit, at_most, beside, part};
use crate::typist::{Sort, Typist};

/// How many type.
const TYPISTS: usize = 200;
/// How many stop reading, and how many flood.
const HOSTILE: usize = 20;
/// How many sit there while memory is measured.
const SESSIONS: usize = 1_000;
const SIZE: (u16, u16) = (80, 24);
const WARMING: Duration = Duration::from_secs(5);
const WATCHED: Duration = Duration::from_secs(30);

fn types(seed: u64) -> Part {
    Part::Types(Box::new(Typist::new(seed)))
}

/// People who type.
pub fn typing(program: &Path) {
    part(&format!("{TYPISTS} people typing, a key every 100 to 400 ms, over the socket"));
    let house = House::new(TYPISTS);
    let server = house.serve(program);
    let mut crowd = Crowd::new();
    crowd.sign_in(&house.path("s"), TYPISTS, TYPISTS, SIZE, types);
    watch(&mut crowd, server.id());
}

/// The same with others who harm.
pub fn flood(program: &Path) {
    part(&format!("The same, beside {HOSTILE} that stopped reading and {HOSTILE} that send keys without a pause"));
    let house = House::new(TYPISTS);
    let server = house.serve(program);
    let mut crowd = Crowd::new();
    crowd.sign_in(&house.path("s"), TYPISTS, TYPISTS, SIZE, types);
    crowd.sign_in(&house.path("s"), HOSTILE, TYPISTS, SIZE, |seed| Part::Deaf(Box::new(Typist::new(seed))));
    crowd.sign_in(&house.path("s"), HOSTILE, TYPISTS, SIZE, |_| Part::Floods);
    watch(&mut crowd, server.id());
}

fn watch(crowd: &mut Crowd, server: u32) {
    crowd.work(WARMING);
    let own = std::process::id();
    let (before, started) = ([server, own].map(processor_time), Instant::now());
    let watched = crowd.work(WATCHED);
    let taken = [server, own].map(processor_time);
    let share = |at: usize| {
        let took = taken[at].saturating_sub(before[at]).as_secs_f64();
        format!("{:.0} %", took / started.elapsed().as_secs_f64() * 100.0)
    };
    let rate = watched.keys as f64 / WATCHED.as_secs_f64();
    at_most("key to first bytes, p99", watched.permille(990, |_| true), 10.0, Unit::Millis);
    for (what, permille) in [("p95", 950), ("p50", 500), ("the slowest", 1000)] {
        beside(&format!("  {what}"), &format!("{:.2} ms", watched.permille(permille, |_| true)));
    }
    for (what, sort) in [
        ("moving", Sort::Moves),
        ("searching", Sort::Searches),
        ("leaving", Sort::Leaves),
        ("opening a customer, which is on record first", Sort::Opens),
    ] {
        let of = |permille| watched.permille(permille, |key| key == sort);
        beside(&format!("  {what}, p50 and p99"), &format!("{:.2} ms, {:.2} ms", of(500), of(990)));
    }
    beside("  keys a second; keys that changed nothing", &format!("{rate:.0}; {}", watched.silent));
    beside("bytes a key", &format!("{:.0} B", watched.bytes as f64 / watched.keys.max(1) as f64));
    beside("processor of the server, of one core", &share(0));
    beside("  of this program beside it", &share(1));
    beside("memory of the server", &format!("{:.1} MB", memory(server) as f64 / 1e6));
    for screen in crowd.seen() {
        // Whoever is not in the middle of something is at the list or in a customer.
        assert!(screen.contains("[Customers]"), "somebody has lost their way:\n{screen}");
    }
}

/// People who sit there.
pub fn weight(program: &Path) {
    part(&format!("{SESSIONS} sessions at 80x24 over the socket, signed in, with the list in sight"));
    let house = House::new(TYPISTS);
    let server = house.serve(program);
    // The vault is open and its cache as warm as one person's work makes it.
    let mut first = Crowd::new();
    first.sign_in(&house.path("s"), 1, TYPISTS, SIZE, types);
    first.work(WARMING);
    drop(first);
    Crowd::new().work(Duration::from_secs(1));
    let before = memory(server.id());
    let mut crowd = Crowd::new();
    let started = Instant::now();
    crowd.sign_in(&house.path("s"), SESSIONS, TYPISTS, SIZE, |_| Part::Rests);
    let took = started.elapsed();
    crowd.work(Duration::from_secs(3));
    let more = memory(server.id()).saturating_sub(before);
    at_most("memory beyond that of the server with the vault open", more as f64 / 1e6, 120.0, Unit::Megabytes);
    beside("  for each session", &format!("{:.1} kB", more as f64 / SESSIONS as f64 / 1e3));
    beside("  the server without a session", &format!("{:.1} MB", before as f64 / 1e6));
    beside("  the most that it had", &format!("{:.1} MB", peak(server.id()) as f64 / 1e6));
    beside("signing everybody in", &format!("{:.1} s", took.as_secs_f64()));
    let taken = processor_time(server.id());
    crowd.work(Duration::from_secs(10));
    let idle = processor_time(server.id()) - taken;
    beside("  processor of the server for ten seconds after it", &format!("{} ms", idle.as_millis()));
}

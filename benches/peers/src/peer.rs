//! What every peer can be asked, and the process in which it is asked.
//!
//! A peer lives in a process of its own and reads orders from its input, so that the memory of one does not count in
//! another and the parent can have all of them take turns.
//! **Invariant:** the time of an order is taken in the peer's process around the work alone.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::rows::{OWNERS, mixed, name};

/// Memory that each peer may use for its pages.
pub const CACHE: usize = 32 * 1024 * 1024;

/// A store that holds the rows.
pub trait Peer {
    /// Adds the customers with these numbers in one durable transaction.
    fn load(&mut self, first: u64, last: u64);
    /// Makes all that was loaded durable in the main file.
    fn loaded(&mut self);
    /// One small change with its entry in a log, durable.
    fn commit(&mut self, id: u64, entry: u64);
    /// Reads a whole customer.
    fn point(&self, id: u64) -> u64;
    /// What a list shows of 50 customers from a name on, out of the index alone.
    fn page(&self, name: &str) -> u64;
    /// 50 whole customers from a name on, each looked up.
    fn full_page(&self, name: &str) -> u64;
    /// Counts an owner's customers by walking over the index.
    fn count(&self, owner: u32) -> u64;
    /// Reads the number of an owner's customers that is kept with the data.
    fn kept(&self, owner: u32) -> u64;
    /// Syncs and commits so far, where the peer counts them.
    fn syncs(&self) -> u64;
}

/// The peers by the names in the table.
pub const NAMES: [&str; 4] = ["veilbook", "redb", "sqlite", "sqlcipher"];

fn open(name: &str, path: &Path) -> Box<dyn Peer> {
    match name {
        "veilbook" => Box::new(crate::tables::Tables::encrypted(path)),
        "redb" => Box::new(crate::tables::Tables::plain(path)),
        "sqlite" => Box::new(crate::sql::Sql::plain(path)),
        _ => Box::new(crate::sql::Sql::encrypted(path)),
    }
}

/// Carries out orders until the input ends.
pub fn serve(name: &str, path: &Path) {
    let mut peer = Some(open(name, path));
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        let answer = match words[0] {
            "open" => {
                drop(peer.take());
                forget(path);
                let started = Instant::now();
                let opened = open(name, path);
                std::hint::black_box(opened.point(number(1)));
                let took = started.elapsed().as_nanos();
                peer = Some(opened);
                took.to_string()
            }
            "size" => {
                drop(peer.take());
                let (length, used) = size(path);
                peer = Some(open(name, path));
                format!("{length} {used}")
            }
            "peak" => veilbook_peak().to_string(),
            "syncs" => peer.as_ref().unwrap().syncs().to_string(),
            order => {
                let peer = peer.as_mut().unwrap();
                let started = Instant::now();
                std::hint::black_box(ordered(peer.as_mut(), order, &number));
                started.elapsed().as_nanos().to_string()
            }
        };
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
}

/// An order that is timed: its name, then its seed and how many times, and of how many customers.
fn ordered(peer: &mut dyn Peer, order: &str, number: &dyn Fn(usize) -> u64) -> u64 {
    let each = |of: &mut dyn FnMut(u64) -> u64| {
        let (seed, times) = (number(1), number(2));
        (0..times).map(|n| of(mixed(seed * 1_000_003 + n))).fold(0, u64::wrapping_add)
    };
    let rows = |bits: u64| bits % number(3) + 1;
    match order {
        "load" => peer.load(number(1), number(2)),
        "loaded" => peer.loaded(),
        "commit" => {
            let mut entry = number(1) * 1_000;
            return each(&mut |bits| {
                entry += 1;
                peer.commit(rows(bits), entry);
                entry
            });
        }
        "point" => return each(&mut |bits| peer.point(rows(bits))),
        "page" => return each(&mut |bits| peer.page(&name(bits))),
        "full" => return each(&mut |bits| peer.full_page(&name(bits))),
        "count" => return each(&mut |bits| peer.count((bits % OWNERS) as u32 + 1)),
        "kept" => return each(&mut |bits| peer.kept((bits % OWNERS) as u32 + 1)),
        other => panic!("no such order: {other}"),
    }
    0
}

/// A store's files: its own and those that SQLite puts beside it.
fn files(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    ["", "-wal", "-shm"].into_iter().map(|end| PathBuf::from(format!("{}{end}", path.display()))).filter(|p| p.exists())
}

/// Has the system drop what it keeps of the files in memory.
fn forget(path: &Path) {
    for file in files(path).map(|path| std::fs::File::open(path).unwrap()) {
        file.sync_all().unwrap();
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    }
}

/// Length and bytes taken on the disk.
fn size(path: &Path) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    files(path)
        .map(|path| path.metadata().unwrap())
        .fold((0, 0), |(length, used), m| (length + m.len(), used + m.blocks() * 512))
}

/// The most memory this process had, in KiB, as Linux tells it.
fn veilbook_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|figure| figure.parse().ok()).unwrap_or(0)
}

//! A disk that remembers every write and sync, and can show what a crash at any moment may have left of them.
//!
//! A crash keeps what was synced, and of every later write everything, nothing, or some of its 512-byte sectors, a few of
//! them as garbage. Changes of length may be lost as well.
//! **Invariant:** the same log, moment and seed give the same bytes.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use veilbook::vault::file::{Disk, MemoryDisk};

const SECTOR: usize = 512;

/// What happened to the disk, in order.
#[derive(Clone, Debug)]
pub enum Event {
    Write { offset: u64, data: Vec<u8> },
    SetLen(u64),
    Sync,
}

/// A memory disk with a log.
#[derive(Debug)]
pub struct CrashDisk {
    disk: MemoryDisk,
    log: Mutex<Vec<Event>>,
}

impl CrashDisk {
    /// A disk that holds `bytes`, all durable.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { disk: MemoryDisk::from_bytes(bytes), log: Mutex::default() }
    }

    /// How much has happened so far.
    pub fn moment(&self) -> usize {
        self.log.lock().unwrap().len()
    }

    /// Everything that happened.
    pub fn log(&self) -> Vec<Event> {
        self.log.lock().unwrap().clone()
    }

    fn record(&self, event: Event) {
        self.log.lock().unwrap().push(event);
    }
}

impl Disk for CrashDisk {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.record(Event::Write { offset, data: data.to_vec() });
        self.disk.write(offset, data)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.record(Event::SetLen(len));
        self.disk.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.record(Event::Sync);
        self.disk.sync()
    }
}

/// Walks a log forwards and makes crash images on the way.
pub struct Crashes {
    log: Vec<Event>,
    durable: Vec<u8>,
    /// Events before this one are in `durable`.
    synced: usize,
}

impl Crashes {
    /// Crashes of a disk that began as `bytes`.
    pub fn new(bytes: Vec<u8>, log: Vec<Event>) -> Self {
        Self { log, durable: bytes, synced: 0 }
    }

    /// What a crash after `moment` events leaves. Moments must not go backwards from call to call.
    pub fn at(&mut self, moment: usize, seed: u64) -> Vec<u8> {
        let sync = self.log[self.synced..moment].iter().rposition(|event| matches!(event, Event::Sync));
        if let Some(last) = sync {
            for event in &self.log[self.synced..self.synced + last] {
                apply(&mut self.durable, event);
            }
            self.synced += last + 1;
        }
        let mut image = self.durable.clone();
        let mut dice = Dice::new(seed);
        // Whole classes of crashes first, so that rare ones are met often: everything lost, everything kept, only the
        // last write kept, and otherwise each write for itself.
        let mode = dice.below(8);
        let pending = &self.log[self.synced..moment];
        for (at, event) in pending.iter().enumerate() {
            let fate = match mode {
                0 => 0,
                1 => 1,
                2 if at + 1 == pending.len() => 1,
                2 => 0,
                3 if at + 1 == pending.len() => 0,
                3 => 1,
                _ => dice.below(3),
            };
            match (fate, event) {
                (0, _) | (_, Event::Sync) => {}
                (1, event) => apply(&mut image, event),
                (_, Event::SetLen(len)) => apply(&mut image, &Event::SetLen(*len)),
                (_, Event::Write { offset, data }) => tear(&mut image, *offset, data, &mut dice),
            }
        }
        image
    }
}

fn apply(image: &mut Vec<u8>, event: &Event) {
    match event {
        Event::Write { offset, data } => put(image, *offset as usize, data),
        Event::SetLen(len) => image.resize(*len as usize, 0),
        Event::Sync => {}
    }
}

fn put(image: &mut Vec<u8>, start: usize, data: &[u8]) {
    if image.len() < start + data.len() {
        image.resize(start + data.len(), 0);
    }
    image[start..start + data.len()].copy_from_slice(data);
}

fn tear(image: &mut Vec<u8>, offset: u64, data: &[u8], dice: &mut Dice) {
    for (number, sector) in data.chunks(SECTOR).enumerate() {
        let start = offset as usize + number * SECTOR;
        match dice.below(16) {
            0 => {
                let garbage: Vec<u8> = (0..sector.len()).map(|_| dice.next() as u8).collect();
                put(image, start, &garbage);
            }
            1..8 => put(image, start, sector),
            _ => {}
        }
    }
}

/// A disk whose n-th change fails, and every one after it; the failing write is torn.
#[derive(Debug)]
pub struct FailingDisk {
    pub disk: MemoryDisk,
    left: AtomicI64,
}

impl FailingDisk {
    /// A disk that holds `bytes` and bears `changes` changes.
    pub fn new(bytes: Vec<u8>, changes: i64) -> Self {
        Self { disk: MemoryDisk::from_bytes(bytes), left: AtomicI64::new(changes) }
    }

    /// Whether a change has failed.
    pub fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }

    fn spend(&self) -> io::Result<()> {
        if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        self.left.store(-1, Ordering::SeqCst);
        Err(io::ErrorKind::StorageFull.into())
    }
}

impl Disk for FailingDisk {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let spent = self.spend();
        let landed = if spent.is_ok() { data } else { &data[..data.len() / 2] };
        self.disk.write(offset, landed)?;
        spent
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.spend()?;
        self.disk.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.spend()?;
        self.disk.sync()
    }
}

/// Reproducible numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

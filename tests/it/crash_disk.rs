//! A disk that remembers every write and sync, and can show what a crash at any moment may have left of them.
//!
//! A power failure keeps what was synced, and of every later write everything, nothing, or some of its 512-byte sectors,
//! a few of them as garbage. Changes of length may be lost as well. A process that is killed loses nothing that it wrote,
//! but what it had not synced is as much at the mercy of the next power failure as before.
//! **Invariant:** the same log, moment and dice give the same bytes.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use veilbook::vault::file::Disk;

const SECTOR: usize = 512;
const PAGE: usize = 4096;

/// The bytes of a disk, in pages that copies share until one of them is written.
#[derive(Clone, Default)]
pub struct Image {
    pages: Vec<Arc<[u8; PAGE]>>,
    len: usize,
}

impl Image {
    /// An image of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        let mut image = Self::default();
        image.put(0, bytes);
        image
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// All its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = vec![0; self.len];
        assert!(self.get(0, &mut out));
        out
    }

    /// Cuts or grows with zeros.
    pub fn resize(&mut self, len: usize) {
        if len < self.len
            && let Some(last) = self.pages.get_mut(len / PAGE)
        {
            Arc::make_mut(last)[len % PAGE..].fill(0);
        }
        // One page of zeros is shared by all that are new.
        if len.div_ceil(PAGE) != self.pages.len() {
            self.pages.resize(len.div_ceil(PAGE), Arc::new([0; PAGE]));
        }
        self.len = len;
    }

    /// Writes, growing where needed.
    pub fn put(&mut self, start: usize, data: &[u8]) {
        if self.len < start + data.len() {
            self.resize(start + data.len());
        }
        let (mut at, mut rest) = (start, data);
        while !rest.is_empty() {
            let (part, later) = rest.split_at((PAGE - at % PAGE).min(rest.len()));
            let page = &mut self.pages[at / PAGE];
            if part.len() == PAGE {
                *page = Arc::new(part.try_into().unwrap());
            } else {
                Arc::make_mut(page)[at % PAGE..at % PAGE + part.len()].copy_from_slice(part);
            }
            (at, rest) = (at + part.len(), later);
        }
    }

    /// Reads, unless it is past the end.
    pub fn get(&self, start: usize, out: &mut [u8]) -> bool {
        if start.checked_add(out.len()).is_none_or(|end| end > self.len) {
            return false;
        }
        let (mut at, mut rest) = (start, out);
        while !rest.is_empty() {
            let (part, later) = rest.split_at_mut((PAGE - at % PAGE).min(rest.len()));
            part.copy_from_slice(&self.pages[at / PAGE][at % PAGE..at % PAGE + part.len()]);
            (at, rest) = (at + part.len(), later);
        }
        true
    }

    /// Does what was asked of a disk.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Write { offset, data } => self.put(*offset as usize, data),
            Event::SetLen(len) => self.resize(*len as usize),
            Event::Sync | Event::FailedSync(_) => {}
        }
    }
}

/// What happened to the disk, in order.
#[derive(Clone, Debug)]
pub enum Event {
    Write {
        offset: u64,
        data: Arc<[u8]>,
    },
    SetLen(u64),
    Sync,
    /// A sync that failed. What was written before it can still be read, but some of it never reaches the disk, and no
    /// later sync brings it there; the number decides what.
    FailedSync(u64),
}

/// The calls that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Any,
    Read,
    Write,
    SetLen,
    Sync,
}

/// How long it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    Once,
    FromThenOn,
}

/// Which calls fail, and how. A write that fails lands in part.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub of: Call,
    /// How many calls go well before.
    pub after: u64,
    pub lasting: Lasting,
    pub flaw: Flaw,
}

/// What the failing call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// EIO.
    Broken,
    /// ENOSPC.
    Full,
    /// Fewer bytes than were asked for.
    Short,
}

impl Flaw {
    fn error(self) -> io::Error {
        match self {
            Self::Broken => io::Error::from_raw_os_error(5),
            Self::Full => io::Error::from_raw_os_error(28),
            Self::Short => io::ErrorKind::UnexpectedEof.into(),
        }
    }
}

/// A disk in memory with a log.
pub struct CrashDisk(Mutex<State>);

struct State {
    image: Image,
    log: Vec<Event>,
    fault: Option<Fault>,
    failed: u64,
    off: bool,
}

impl State {
    fn call(&mut self, of: Call) -> io::Result<()> {
        let Some(fault) = self.fault.as_mut().filter(|fault| fault.of == of || fault.of == Call::Any) else {
            return Ok(());
        };
        if fault.after > 0 {
            fault.after -= 1;
            return Ok(());
        }
        let flaw = fault.flaw;
        if fault.lasting == Lasting::Once {
            self.fault = None;
        }
        self.failed += 1;
        Err(flaw.error())
    }
}

impl std::fmt::Debug for CrashDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CrashDisk(..)")
    }
}

impl CrashDisk {
    /// A disk that holds `image`, all of it durable.
    pub fn new(image: Image) -> Self {
        Self(Mutex::new(State { image, log: Vec::new(), fault: None, failed: 0, off: false }))
    }

    /// The disk as a killed process leaves it: what it wrote is all to be seen, and is no more durable than it was.
    pub fn after_kill(left: &Left) -> Self {
        let mut image = left.durable.clone();
        left.pending.iter().for_each(|event| image.apply(event));
        Self(Mutex::new(State { image, log: left.pending.clone(), fault: None, failed: 0, off: false }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much has happened so far.
    pub fn moment(&self) -> usize {
        self.state().log.len()
    }

    /// Everything that happened; the log begins anew.
    pub fn take_log(&self) -> Vec<Event> {
        std::mem::take(&mut self.state().log)
    }

    /// What it holds.
    pub fn image(&self) -> Image {
        self.state().image.clone()
    }

    /// Refuses everything from now on, so that whoever still has it open lets go quickly.
    pub fn switch_off(&self) {
        self.state().off = true;
    }

    /// Lets calls fail, or none any more.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// How many calls have failed.
    pub fn failed(&self) -> u64 {
        self.state().failed
    }

    fn on(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.off { Err(io::Error::other("the disk is off")) } else { Ok(state) }
    }
}

impl Disk for CrashDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.on()?.image.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.on()?;
        state.call(Call::Read)?;
        if state.image.get(offset as usize, out) { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.on()?;
        let fate = state.call(Call::Write);
        let landed = if fate.is_ok() { data } else { &data[..data.len() / 2] };
        state.image.put(offset as usize, landed);
        state.log.push(Event::Write { offset, data: landed.into() });
        fate
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.on()?;
        state.call(Call::SetLen)?;
        state.image.resize(len as usize);
        state.log.push(Event::SetLen(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.on()?;
        let fate = state.call(Call::Sync);
        let number = state.log.len() as u64;
        state.log.push(if fate.is_ok() { Event::Sync } else { Event::FailedSync(number) });
        fate
    }
}

/// What there is at the moment of a crash: what was synced, and what was not, in order.
pub struct Left {
    durable: Image,
    pending: Vec<Event>,
}

impl Left {
    /// What was synced.
    pub fn durable(&self) -> &Image {
        &self.durable
    }

    /// How many changes were under way.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// What a power failure leaves of it.
    pub fn after_power_failure(&self, dice: &mut Dice) -> Image {
        let mut image = self.durable.clone();
        // Whole classes of crashes first, so that rare ones are met often: everything lost, everything kept, only the
        // last change kept or lost, everything up to one that is torn, and otherwise each for itself.
        let mode = dice.below(9);
        let last = self.pending.len().saturating_sub(1);
        let cut = dice.below(self.pending.len() as u64 + 1) as usize;
        for (at, event) in self.pending.iter().enumerate() {
            let fate = match mode {
                0 => 0,
                1 => 1,
                2 => u64::from(at == last),
                3 => u64::from(at != last),
                4 => [1, 2, 0][(at >= cut) as usize + (at > cut) as usize],
                _ => dice.below(3),
            };
            match (fate, event) {
                (0, _) => {}
                (2, Event::Write { offset, data }) => tear(&mut image, *offset, data, dice),
                (_, event) => image.apply(event),
            }
        }
        image
    }
}

/// Walks a log forwards and stops at moments on the way.
pub struct Crashes {
    log: Vec<Event>,
    durable: Image,
    /// Events before this one are in `durable`, as far as they ever will be.
    synced: usize,
}

impl Crashes {
    /// Crashes of a disk that began as `image`.
    pub fn new(image: Image, log: Vec<Event>) -> Self {
        Self { log, durable: image, synced: 0 }
    }

    /// What there is after `moment` events. Moments must not go backwards from call to call.
    pub fn at(&mut self, moment: usize) -> Left {
        for at in self.synced..moment {
            match self.log[at] {
                Event::Sync => self.log[self.synced..at].iter().for_each(|event| self.durable.apply(event)),
                Event::FailedSync(number) => {
                    let pending = self.log[self.synced..at].to_vec();
                    let left = Left { durable: self.durable.clone(), pending };
                    self.durable = left.after_power_failure(&mut Dice::new(number));
                }
                _ => continue,
            }
            self.synced = at + 1;
        }
        Left { durable: self.durable.clone(), pending: self.log[self.synced..moment].to_vec() }
    }
}

fn tear(image: &mut Image, offset: u64, data: &[u8], dice: &mut Dice) {
    for (number, sector) in data.chunks(SECTOR).enumerate() {
        let start = offset as usize + number * SECTOR;
        match dice.below(16) {
            0 => {
                let garbage: Vec<u8> = (0..sector.len()).map(|_| dice.next() as u8).collect();
                image.put(start, &garbage);
            }
            1..8 => image.put(start, sector),
            _ => {}
        }
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

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

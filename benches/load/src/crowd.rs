//! Many clients at one server, in one thread that waits for whoever has something to read or to type.
//!
//! **Invariant:** a key's time runs from before its frame is written to the first bytes for the screen after it; it shares
//! the machine with the server, so what this thread takes is in the figures as well and is printed beside them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use veilbook::demo::sample::PASSPHRASE;
use veilbook::hosts::wire::FromClient;

use crate::bytes::DOWN;
use crate::house::name;
use crate::terminal::{Answers, Screen, Size};
use crate::typist::{Sort, Typist};
use crate::wire::Wire;

/// How long signing everybody in may take.
const DEADLINE: Duration = Duration::from_secs(300);
/// How many are at the door at once.
const AT_THE_DOOR: usize = 8;
/// A key that nothing has come for in this time changed nothing.
const SILENT: Duration = Duration::from_secs(1);
/// A person who waits for the screen looks again after this.
const AGAIN: Duration = Duration::from_millis(20);
/// How many of a crowd keep a screen, so that what they see can be looked at in the end.
const SEEN: usize = 5;

/// What somebody does.
pub enum Part {
    /// Types like a person, from this seed, and looks.
    Types(Box<Typist>),
    /// Goes on typing and does not read any more.
    Deaf(Box<Typist>),
    /// Sends keys without a pause, and reads.
    Floods,
    /// Sits there.
    Rests,
}

struct Member {
    wire: Wire,
    part: Part,
    pressed: Option<(Sort, Instant)>,
}

/// Everybody.
pub struct Crowd {
    ears: OwnedFd,
    members: Vec<Member>,
    events: Vec<epoll::Event>,
}

/// What came of a time.
#[derive(Default)]
pub struct Watched {
    /// From key to first bytes, of those who type.
    pub latencies: Vec<(Sort, Duration)>,
    /// Keys of those who type.
    pub keys: u64,
    /// Keys that nothing came for.
    pub silent: u64,
    /// Bytes that those who type were sent.
    pub bytes: u64,
}

impl Watched {
    /// The latency in milliseconds below which so many of a thousand of such keys lie.
    pub fn permille(&self, permille: usize, of: impl Fn(Sort) -> bool) -> f64 {
        let mut times: Vec<Duration> =
            self.latencies.iter().filter(|(sort, _)| of(*sort)).map(|(_, time)| *time).collect();
        times.sort_unstable();
        let at = (times.len() * permille / 1000).min(times.len().saturating_sub(1));
        times.get(at).copied().unwrap_or_default().as_secs_f64() * 1e3
    }
}

impl Crowd {
    pub fn new() -> Self {
        let ears = epoll::create(epoll::CreateFlags::CLOEXEC).unwrap();
        Self { ears, members: Vec::new(), events: Vec::with_capacity(64) }
    }

    /// Signs so many more in, one person of the house after the other, and leaves them at the list.
    pub fn sign_in(&mut self, socket: &Path, count: usize, people: usize, size: Size, part: impl Fn(u64) -> Part) {
        let first = self.members.len();
        for start in (first..first + count).step_by(AT_THE_DOOR) {
            let end = (start + AT_THE_DOOR).min(first + count);
            for at in start..end {
                let wire = Wire::new(socket, &name(at % people), size, Answers::Status);
                let data = epoll::EventData::new_u64(at as u64);
                epoll::add(&self.ears, &wire.stream, data, epoll::EventFlags::IN).unwrap();
                self.members.push(Member { wire, part: part(at as u64), pressed: None });
            }
            self.all(start..end, "Passphrase");
            for member in &mut self.members[start..end] {
                member.wire.send(PASSPHRASE.as_bytes());
                member.wire.send(b"\r");
            }
            self.all(start..end, "[Customers]");
            self.members[start..end].iter_mut().for_each(|member| member.wire.send(b"\x1b[27u"));
            self.all(start..end, "/ search");
            for (at, member) in self.members[start..end].iter_mut().enumerate() {
                if start + at >= SEEN {
                    member.wire.screen = None;
                }
            }
        }
    }

    /// Waits until each of these shows the words.
    fn all(&mut self, which: std::ops::Range<usize>, words: &str) {
        let started = Instant::now();
        while let Some(at) = which.clone().find(|at| !self.members[*at].wire.shows(words)) {
            assert!(started.elapsed() < DEADLINE, "a session never showed {words}:\n{}", seen(&self.members[at].wire));
            for at in self.wait(Duration::from_millis(100)) {
                self.members[at].wire.read(usize::MAX);
            }
        }
    }

    /// Who has something to read or room to write.
    fn wait(&mut self, time: Duration) -> Vec<usize> {
        let timeout = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
        self.events.clear();
        epoll::wait(&self.ears, spare_capacity(&mut self.events), Some(&timeout)).unwrap();
        self.events.iter().map(|event| { event.data }.u64() as usize).collect()
    }

    /// Lets everybody do their part for a time.
    pub fn work(&mut self, time: Duration) -> Watched {
        let mut watched = Watched::default();
        let (started, flood) = (Instant::now(), flood());
        let mut due = self.begin(started);
        while started.elapsed() < time {
            let now = Instant::now();
            let next = due.peek().map_or(started + time, |Reverse((next, _))| (*next).min(started + time));
            for at in self.wait(next.saturating_duration_since(now)) {
                self.attend(at, &flood, &mut watched);
            }
            let now = Instant::now();
            while due.peek().is_some_and(|Reverse((next, _))| *next <= now) {
                let Some(Reverse((at, who))) = due.pop() else { break };
                let wait = self.members[who].press(&mut watched);
                due.push(Reverse((at.max(now - AGAIN) + wait, who)));
            }
        }
        watched
    }

    /// Opens the ears that each part needs, and spreads the first keys over a while.
    fn begin(&mut self, now: Instant) -> BinaryHeap<Reverse<(Instant, usize)>> {
        let mut due = BinaryHeap::new();
        for (at, member) in self.members.iter_mut().enumerate() {
            let data = epoll::EventData::new_u64(at as u64);
            let flags = match &mut member.part {
                Part::Types(typist) => {
                    due.push(Reverse((now + typist.pause(), at)));
                    epoll::EventFlags::IN
                }
                Part::Deaf(typist) => {
                    due.push(Reverse((now + typist.pause(), at)));
                    epoll::EventFlags::empty()
                }
                Part::Floods => epoll::EventFlags::IN | epoll::EventFlags::OUT,
                Part::Rests => epoll::EventFlags::IN,
            };
            epoll::modify(&self.ears, &member.wire.stream, data, flags).unwrap();
        }
        due
    }

    fn attend(&mut self, at: usize, flood: &[u8], watched: &mut Watched) {
        let member = &mut self.members[at];
        if matches!(member.part, Part::Deaf(_)) {
            return;
        }
        let got = member.wire.read(usize::MAX);
        match member.part {
            Part::Floods => member.wire.flood(flood),
            Part::Types(_) if got.shown > 0 => {
                watched.bytes += got.shown;
                watched.latencies.extend(member.pressed.take().map(|(sort, pressed)| (sort, pressed.elapsed())));
            }
            _ => {}
        }
    }

    /// What those who keep a screen see.
    pub fn seen(&self) -> Vec<String> {
        self.members.iter().filter(|member| member.wire.screen.is_some()).map(|member| seen(&member.wire)).collect()
    }
}

impl Member {
    /// Presses the next key, if the person is not still waiting for the last one; how long until the one after it.
    fn press(&mut self, watched: &mut Watched) -> Duration {
        let (Part::Types(typist) | Part::Deaf(typist)) = &mut self.part else { return SILENT };
        match self.pressed {
            Some((_, pressed)) if pressed.elapsed() < SILENT => return AGAIN,
            Some(_) => watched.silent += 1,
            None => {}
        }
        let ((sort, key), pause) = (typist.key(), typist.pause());
        if matches!(self.part, Part::Types(_)) {
            watched.keys += 1;
            self.pressed = Some((sort, Instant::now()));
            self.wire.send(&key);
        } else if !self.wire.waits() {
            self.wire.send(&key);
        }
        pause
    }
}

fn seen(wire: &Wire) -> String {
    wire.screen.as_ref().map(|screen: &Box<Screen>| screen.screen().contents()).unwrap_or_default()
}

/// Some hundred keys, each in a frame of its own.
fn flood() -> Vec<u8> {
    FromClient::Keys(DOWN.to_vec().into()).bytes().repeat(256)
}

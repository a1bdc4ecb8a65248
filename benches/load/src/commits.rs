//! Durable changes a second: one session that writes, and a hundred that write at once; on this machine's disk, and on
//! one that takes as long for a sync as a disk does that has to flush.
//!
//! **Invariant:** every change is one that people make, through the door, with its entry in the record, on a real disk.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use veilbook::domain::id::CustomerId;
use veilbook::domain::interaction::InteractionKind;
use veilbook::service::view::ListRequest;
use veilbook::service::{Action, Contact, Query, Session, View};
use veilbook::vault::file::disk::{Disk, FileDisk};

use crate::house::{House, name};
use crate::process::processor_time;
use crate::table::{Unit, at_least, beside, part};

const WRITERS: usize = 100;
const TIME: Duration = Duration::from_secs(5);
/// One and many take turns, so that a noisy machine is noisy for both.
const TURNS: usize = 3;

/// What a flush takes on an ordinary solid-state disk, as a round figure; a virtual disk often has none.
const FLUSH: Duration = Duration::from_millis(4);

pub fn measure() {
    part(&format!("Durable changes a second: a logged contact each, one session and {WRITERS} at once"));
    let mut house = House::new(WRITERS);
    compare(&house, "this disk");
    house.over(|file| Arc::new(Flushing(file)));
    compare(&house, &format!("a disk whose sync takes {} ms more", FLUSH.as_millis()));
}

/// A disk with a flush.
#[derive(Debug)]
struct Flushing(FileDisk);

impl Disk for Flushing {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn expect(&self, offset: u64, len: u64) {
        self.0.expect(offset, len);
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        thread::sleep(FLUSH);
        self.0.sync()
    }
}

fn compare(house: &House, disk: &str) {
    let sessions: Vec<Session> = (0..WRITERS).map(|number| house.session(&name(number))).collect();
    let customers = customers(&sessions[0]);
    let turns: Vec<(f64, f64)> =
        (0..TURNS).map(|_| (rate(&sessions[..1], &customers), rate(&sessions, &customers))).collect();
    let before = processor_time(std::process::id());
    let started = Instant::now();
    let one = rate(&sessions[..1], &customers);
    let busy = (processor_time(std::process::id()) - before).as_secs_f64() / started.elapsed().as_secs_f64();
    let middle = |of: fn(&(f64, f64)) -> f64| {
        let mut figures: Vec<f64> = turns.iter().map(of).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let ratio = middle(|turn| turn.1 / turn.0);
    at_least(&format!("{WRITERS} sessions against one, {disk}"), ratio, 10.0, Unit::Times);
    beside("  one session, changes a second", &format!("{:.0}", middle(|turn| turn.0)));
    beside(&format!("  {WRITERS} sessions, changes a second"), &format!("{:.0}", middle(|turn| turn.1)));
    beside("  processor while one writes, of one core", &format!("{:.0} % at {one:.0} a second", busy * 100.0));
    sessions.iter().for_each(Session::end);
}

fn customers(session: &Session) -> Vec<CustomerId> {
    let request = ListRequest { limit: 100, ..ListRequest::default() };
    let Ok(View::Customers(page)) = session.query(Query::Customers(request)) else { panic!("no list") };
    page.rows.into_iter().map(|row| row.id).collect()
}

/// Changes a second of all these sessions together, each in a thread of its own.
fn rate(sessions: &[Session], customers: &[CustomerId]) -> f64 {
    let (done, stop, started) = (AtomicU64::new(0), AtomicBool::new(false), Instant::now());
    thread::scope(|scope| {
        for (session, customer) in sessions.iter().zip(customers) {
            let (done, stop) = (&done, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    session.perform(contact(*customer)).unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(TIME);
        stop.store(true, Ordering::Relaxed);
    });
    done.into_inner() as f64 / started.elapsed().as_secs_f64()
}

fn contact(customer: CustomerId) -> Action {
    let text = "Asked when the order comes, will call back".into();
    Action::LogInteraction(customer, Contact { kind: InteractionKind::Call, text, ..Contact::default() })
}

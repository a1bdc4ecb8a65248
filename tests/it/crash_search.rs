//! The crash search: random work is cut off at random moments, and what a crash may have left is opened, looked at, worked
//! on, and cut off again, up to three crashes deep.
//!
//! A run is known by its seed, a point by its number within the run; both together find a failure again, whatever was
//! searched before.
//! **Invariant:** every crash is judged by what had been acknowledged at its moment: all of that is there whole, and at
//! most the one change that was under way beside it.

use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use veilbook::vault::file::MemoryDisk;

use super::crash_disk::{Call, CrashDisk, Crashes, Dice, Fault, Flaw, Image, Lasting, Left};
use super::crash_work::{Mix, State, Work, create, database};

/// Crashes within crashes, the first included.
const DEEPEST: u32 = 3;

/// What was searched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Crashes that were opened and found whole.
    pub points: u64,
    /// Those of them within what followed another crash.
    pub deeper: u64,
    /// Those after which a killed process left its writes to be seen but not durable.
    pub kills: u64,
    /// Pieces of work that were cut off.
    pub runs: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.deeper += other.deeper;
        self.kills += other.kills;
        self.runs += other.runs;
    }
}

/// A point at which something was lost, torn or refused.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The run's seed.
    pub seed: u64,
    /// Which of its points.
    pub point: u64,
    /// What was wrong.
    pub what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, point, what } = self;
        write!(f, "run {seed}, point {point}: {what}\n  again: VEILBOOK_SEED={seed} VEILBOOK_POINT={point} ")?;
        write!(f, "cargo test --test it crash_again -- --ignored --nocapture")
    }
}

/// An empty database, closed; the same for all.
pub fn fresh() -> Image {
    static FRESH: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let disk = Arc::new(MemoryDisk::new());
        let db = database(create(disk.clone(), 1)).expect("a database");
        db.begin_write().expect("a transaction").commit().expect("a commit");
        db.close().expect("a close");
        disk.snapshot()
    });
    Image::new(&FRESH)
}

/// One piece of work, and the moments at which its states were acknowledged.
struct Cut {
    crashes: Crashes,
    told: Vec<(usize, State)>,
    end: usize,
}

/// How much work there is, what kind of, and how often it is cut off.
struct Plan {
    mix: Mix,
    steps: u64,
    points: u64,
}

impl Plan {
    fn draw(dice: &mut Dice) -> Self {
        Self::of(match dice.below(40) {
            0 => Mix::Huge,
            1..4 => Mix::Tiny,
            4..10 => Mix::Tides,
            _ => Mix::Everyday,
        })
    }

    fn of(mix: Mix) -> Self {
        let (steps, points) = match mix {
            Mix::Everyday => (50, 200),
            Mix::Tides => (30, 150),
            Mix::Tiny => (330, 200),
            Mix::Huge => (12, 60),
        };
        Self { mix, steps, points }
    }
}

/// Runs the work of `seed`, of one kind or of any, and cuts it off at all of its points, or at one.
pub fn run(seed: u64, mix: Option<Mix>, only: Option<u64>) -> Result<Tally, Failure> {
    let mut dice = Dice::new(seed);
    let drawn = Plan::draw(&mut dice);
    let plan = mix.map_or(drawn, Plan::of);
    let failed = |point, what| Failure { seed, point, what };
    let mut cut = work(&plan, dice.next()).map_err(|what| failed(0, format!("on a sound disk: {what}")))?;
    let mut points: Vec<(usize, u64)> =
        (0..plan.points).map(|_| (dice.below(cut.end as u64 + 1) as usize, dice.next())).collect();
    points.sort_unstable();
    let mut tally = Tally { runs: 1, ..Tally::default() };
    for (number, (moment, seed)) in (1..).zip(points) {
        if only.is_some_and(|only| only != number) {
            continue;
        }
        let left = cut.crashes.at(moment);
        let allowed = allowed(&cut.told, moment, &[]);
        let mut at = Point { mix: plan.mix, dice: Dice::new(seed), tally: Tally::default() };
        let searched = catch_unwind(AssertUnwindSafe(|| at.crash(&left, &allowed, 1)));
        let found = searched.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(format!("a panic: {}", text.unwrap_or("without words")))
        });
        found.map_err(|what| failed(number, format!("{:?}, moment {moment} of {}: {what}", plan.mix, cut.end)))?;
        tally += at.tally;
    }
    Ok(tally)
}

fn work(plan: &Plan, seed: u64) -> Result<Cut, redb::Error> {
    let start = fresh();
    let disk = Arc::new(CrashDisk::new(start.clone()));
    let mut work = Work::begin(disk.clone(), seed, plan.mix, &[&State::default()])?;
    for _ in 0..plan.steps {
        work.step()?;
    }
    let told = work.end()?;
    let end = disk.moment();
    Ok(Cut { crashes: Crashes::new(start, disk.take_log()), told, end })
}

/// The states that a crash at `moment` may leave: the last that was acknowledged, and the one under way then. Before the
/// first, those that were allowed `before`.
fn allowed<'s>(told: &'s [(usize, State)], moment: usize, before: &[&'s State]) -> Vec<&'s State> {
    static EMPTY: LazyLock<State> = LazyLock::new(State::default);
    match told.iter().rposition(|(when, _)| *when <= moment) {
        Some(last) => told[last..].iter().take(2).map(|(_, state)| state).collect(),
        None if before.is_empty() => vec![&EMPTY],
        None => before.to_vec(),
    }
}

/// What belongs to one point.
struct Point {
    mix: Mix,
    dice: Dice,
    tally: Tally,
}

impl Point {
    /// Opens what a crash left, and goes on from there.
    fn crash(&mut self, left: &Left, allowed_states: &[&State], depth: u32) -> Result<(), String> {
        let dice = &mut self.dice;
        let killed = left.pending() > 0 && dice.one_in(6);
        let (disk, start) = if killed {
            (CrashDisk::after_kill(left), left.durable().clone())
        } else {
            let image = left.after_power_failure(dice);
            (CrashDisk::new(image.clone()), image)
        };
        let disk = Arc::new(disk);
        let before = disk.moment();
        let said = |error: redb::Error| format!("crash {depth}{}: {error}", if killed { ", a kill" } else { "" });
        let mut work = Work::begin(disk.clone(), dice.next(), self.mix, allowed_states).map_err(said)?;
        self.tally.points += 1;
        self.tally.deeper += u64::from(depth > 1);
        self.tally.kills += u64::from(killed);
        match dice.below(8) {
            0 => self.go_on(disk, work).map_err(|what| format!("crash {depth}: {what}")),
            1..5 if depth < DEEPEST => {
                if dice.one_in(6) {
                    work = self.fail_to_sync(&disk, work).map_err(|what| format!("crash {depth}: {what}"))?;
                }
                for _ in 0..self.dice.below(3) {
                    work.step().map_err(said)?;
                }
                let told = std::mem::take(&mut work.told);
                let end = disk.moment();
                disk.switch_off();
                drop(work);
                // After a failed sync only what follows the next opening is looked at: `told` begins there.
                let first = if disk.failed() > 0 { told[0].0 } else { before };
                let moment = first + self.dice.below((end - first) as u64 + 1) as usize;
                let again = Crashes::new(start, disk.take_log()).at(moment);
                self.crash(&again, &allowed(&told, moment, allowed_states), depth + 1)
            }
            _ => {
                disk.switch_off();
                drop(work);
                Ok(())
            }
        }
    }

    /// The integrity holds, and what is written now is found again.
    fn go_on(&mut self, disk: Arc<CrashDisk>, mut work: Work) -> Result<(), String> {
        let checked = work.db().and_then(|db| Ok(db.check_integrity()?));
        if !checked.map_err(|error| error.to_string())? {
            return Err("redb had to repair what should have been whole".into());
        }
        work.step().map_err(|error| error.to_string())?;
        let told = work.end().map_err(|error| error.to_string())?;
        let known: Vec<&State> = told.last().map(|(_, state)| state).into_iter().collect();
        let work = Work::begin(disk.clone(), self.dice.next(), self.mix, &known).map_err(|error| error.to_string())?;
        disk.switch_off();
        drop(work);
        Ok(())
    }

    /// Works until a sync fails, and opens the file afresh on a disk that works again.
    fn fail_to_sync(&mut self, disk: &Arc<CrashDisk>, mut work: Work) -> Result<Work, String> {
        let (of, flaw) = (Call::Sync, Flaw::Broken);
        disk.set_fault(Some(Fault { of, after: self.dice.below(3), lasting: Lasting::Once, flaw }));
        while disk.failed() == 0 {
            match (work.step(), disk.failed()) {
                (Ok(()), 1..) => return Err("a failed sync went unnoticed".into()),
                (Err(error), 0) => return Err(format!("refused on a sound disk: {error}")),
                _ => {}
            }
        }
        // A step that needs nothing of the disk may go well, and one that opens the file afresh may go on from there.
        let (told, opened) = (work.told.len(), work.opened);
        for _ in 0..3 {
            let _ = work.step();
            if work.opened == opened && work.told.len() > told {
                return Err("work went on after a failed sync".into());
            }
        }
        let (state, next) = (work.state().clone(), work.next.take());
        drop(work);
        let known: Vec<&State> = std::iter::once(&state).chain(&next).collect();
        Work::begin(disk.clone(), self.dice.next(), self.mix, &known).map_err(|error| error.to_string())
    }
}

/// Searches runs from `seed` on until there were `points` points, on `threads` threads. Breaks off at the first failure.
pub fn search(seed: u64, points: u64, threads: u64) -> (Tally, Option<Failure>) {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let (stop, total) = (AtomicBool::new(false), Mutex::new((Tally::default(), None)));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) && done.load(Ordering::Relaxed) < points {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let found = run(seed.wrapping_add(number), None, None);
                    let mut total = total.lock().expect("no panic");
                    match found {
                        Ok(tally) => {
                            total.0 += tally;
                            done.fetch_add(tally.points, Ordering::Relaxed);
                        }
                        Err(failure) => {
                            stop.store(true, Ordering::Relaxed);
                            total.1 = Some(failure);
                        }
                    }
                }
            });
        }
    });
    total.into_inner().expect("no panic")
}

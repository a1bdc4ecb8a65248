//! What is due when: a pure function of the moment, of what happened, and of the policy.
//!
//! **Invariant:** nothing here reads a clock or a file. What happened at a moment that is still to come, by a clock that
//! was set back, counts as not having happened, so that no backup waits for the clock to catch up.

use super::history::{Event, What};
use super::policy::BackupPolicy;
use crate::clock::Timestamp;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Back up to a place.
    Backup {
        /// Where.
        place: String,
        /// All of it, or what changed.
        kind: Kind,
    },
    /// Read everything at a place back.
    Verify {
        /// Where.
        place: String,
    },
    /// Restore from a place to a temporary file and look at it. Takes an open vault.
    Drill {
        /// Where.
        place: String,
    },
}

impl Task {
    /// Where.
    pub fn place(&self) -> &str {
        match self {
            Self::Backup { place, .. } | Self::Verify { place } | Self::Drill { place } => place,
        }
    }

    /// What it is in the history.
    pub fn what(&self) -> What {
        match self {
            Self::Backup { kind: Kind::Full, .. } => What::Full,
            Self::Backup { kind: Kind::Incremental, .. } => What::Incremental,
            Self::Verify { .. } => What::Verify,
            Self::Drill { .. } => What::Drill,
        }
    }
}

/// How much of a vault a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All of it.
    Full,
    /// What changed since the last one in the same place.
    Incremental,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The longest wait after failures.
const LONGEST_WAIT: i64 = 2 * HOUR;

/// What is due now: at most one thing a place, the backup before all else.
pub fn due(now: Timestamp, history: &[Event], policy: &BackupPolicy) -> Vec<Task> {
    let mut tasks = Vec::new();
    for place in &policy.places {
        let at = Place { now, history, place };
        if at.next_backup(policy) <= now {
            let kind = kind_due(now, history, policy, place);
            tasks.push(Task::Backup { place: place.clone(), kind });
        } else if at.due_after(&[What::Verify], i64::from(policy.cadence.verify_days) * DAY) {
            tasks.push(Task::Verify { place: place.clone() });
        }
    }
    // One drill for all places, where the last one is longest ago.
    let drilled = policy.places.iter().filter_map(|place| {
        let at = Place { now, history, place };
        at.last_good(&BACKUPS).map(|_| (at.last_good(&[What::Drill]), place, at))
    });
    if let Some((_, place, at)) = drilled.min_by_key(|(last, ..)| *last)
        && policy.places.iter().all(|place| {
            let any = Place { now, history, place };
            any.due_after(&[What::Drill], i64::from(policy.cadence.drill_days) * DAY)
        })
        && at.waited(&[What::Drill])
    {
        tasks.push(Task::Drill { place: place.clone() });
    }
    tasks
}

/// Which kind of backup a place is to have next.
pub fn kind_due(now: Timestamp, history: &[Event], policy: &BackupPolicy, place: &str) -> Kind {
    let last = Place { now, history, place }.last_good(&[What::Full]);
    let whole = i64::from(policy.cadence.full_hours) * HOUR;
    if last.is_none_or(|last| now.since(last) >= whole) { Kind::Full } else { Kind::Incremental }
}

/// When the next backup to a place is to be made.
pub fn next_backup(now: Timestamp, history: &[Event], policy: &BackupPolicy, place: &str) -> Timestamp {
    Place { now, history, place }.next_backup(policy)
}

/// When a place had its last backup that went well.
pub fn last_backup(now: Timestamp, history: &[Event], place: &str) -> Option<Timestamp> {
    Place { now, history, place }.last_good(&BACKUPS)
}

/// Whether a place has had no backup for longer than the policy bears.
pub fn is_late(now: Timestamp, history: &[Event], policy: &BackupPolicy, place: &str) -> bool {
    let late = i64::from(policy.late_after_hours) * HOUR;
    last_backup(now, history, place).is_none_or(|last| now.since(last) > late)
}

/// Whether the last drill anywhere is a week longer ago than it should be.
pub fn drill_is_late(now: Timestamp, history: &[Event], policy: &BackupPolicy) -> bool {
    let bears = (i64::from(policy.cadence.drill_days) + 7) * DAY;
    let good = || history.iter().filter(|e| e.at <= now && e.is_good());
    let drilled = good().filter(|e| e.what == What::Drill).map(|e| e.at).max();
    // Before the first drill its time runs from the first backup.
    let since = drilled.or_else(|| good().filter(|e| BACKUPS.contains(&e.what)).map(|e| e.at).min());
    since.is_some_and(|since| now.since(since) > bears)
}

/// What counts as a backup.
pub const BACKUPS: [What; 2] = [What::Full, What::Incremental];

struct Place<'h> {
    now: Timestamp,
    history: &'h [Event],
    place: &'h str,
}

impl Place<'_> {
    fn events(&self, of: &[What]) -> Vec<&Event> {
        let here = |e: &&Event| e.place == self.place && e.at <= self.now && of.contains(&e.what);
        self.history.iter().filter(here).collect()
    }

    fn last_good(&self, of: &[What]) -> Option<Timestamp> {
        self.events(of).iter().filter(|e| e.is_good()).map(|e| e.at).max()
    }

    /// How many tries failed since the last that went well, and when the last of them did.
    fn failed(&self, of: &[What]) -> (u32, Option<Timestamp>) {
        let good = self.last_good(of);
        let failed = self.events(of).into_iter().filter(|e| !e.is_good() && good.is_none_or(|good| e.at >= good));
        failed.fold((0, None), |(n, last), e| (n + 1, last.max(Some(e.at))))
    }

    /// Until when failures hold a next try back: a minute, and twice as long each time.
    fn held_until(&self, of: &[What]) -> Option<Timestamp> {
        let (times, last) = self.failed(of);
        let wait = (MINUTE << times.saturating_sub(1).min(12)).min(LONGEST_WAIT);
        Some(Timestamp(last?.0.saturating_add(wait)))
    }

    fn waited(&self, of: &[What]) -> bool {
        self.held_until(of).is_none_or(|until| until <= self.now)
    }

    fn next_backup(&self, policy: &BackupPolicy) -> Timestamp {
        let every = i64::from(policy.cadence.incremental_minutes) * MINUTE;
        let whole = i64::from(policy.cadence.full_hours) * HOUR;
        let after = |last: Option<Timestamp>, wait: i64| last.map(|at| Timestamp(at.0.saturating_add(wait)));
        let by_part = after(self.last_good(&BACKUPS), every);
        let by_whole = after(self.last_good(&[What::Full]), whole);
        let regular = by_part.min(by_whole).unwrap_or(self.now);
        self.held_until(&BACKUPS).map_or(regular, |until| until.max(regular))
    }

    /// Whether this is due: since the last time, or since the first backup where there was none.
    fn due_after(&self, of: &[What], wait: i64) -> bool {
        let first = self.events(&BACKUPS).iter().filter(|e| e.is_good()).map(|e| e.at).min();
        let since = self.last_good(of).or(first);
        since.is_some_and(|since| self.now.since(since) >= wait) && self.waited(of)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_795_262_400_000);

    fn policy(places: &[&str]) -> BackupPolicy {
        BackupPolicy { places: places.iter().map(ToString::to_string).collect(), ..BackupPolicy::default() }
    }

    fn event(at: Timestamp, place: &str, what: What, fault: Option<&str>) -> Event {
        let fault = fault.map(crate::service::backups::Cause::from);
        Event { at, place: place.into(), what, id: String::new(), bytes: 0, millis: 0, fault }
    }

    /// Runs a machine that is on all the time, looks every `step` seconds, and does what is due; the outcome of each
    /// task is drawn from `fails`.
    fn run(
        policy: &BackupPolicy,
        hours: i64,
        step: i64,
        mut fails: impl FnMut(&Task, Timestamp) -> bool,
    ) -> Vec<Event> {
        let mut history = Vec::new();
        let mut now = START;
        while now.since(START) < hours * HOUR {
            for task in due(now, &history, policy) {
                let fault = fails(&task, now).then_some("no");
                history.push(event(now, task.place(), task.what(), fault));
            }
            now = now.plus_seconds(step);
        }
        history
    }

    #[test]
    fn a_day_has_one_whole_backup_and_one_an_hour_in_each_place() {
        let history = run(&policy(&["/a", "/b"]), 24, 60, |_, _| false);
        for place in ["/a", "/b"] {
            let of = |what| history.iter().filter(|e| e.place == place && e.what == what).count();
            assert_eq!((of(What::Full), of(What::Incremental), of(What::Drill)), (1, 23, 0), "{place}");
        }
    }

    #[test]
    fn there_is_one_drill_a_month_in_turn_at_each_place() {
        let history = run(&policy(&["/a", "/b"]), 24 * 95, 3_600, |_, _| false);
        let drills: Vec<&str> = history.iter().filter(|e| e.what == What::Drill).map(|e| e.place.as_str()).collect();
        assert_eq!(drills, ["/a", "/b", "/a"]);
    }

    #[test]
    fn a_machine_that_was_off_makes_its_backup_at_once_and_only_one() {
        let policy = policy(&["/a"]);
        let history = vec![event(START, "/a", What::Full, None)];
        let later = START.plus_seconds(10 * 86_400);
        assert_eq!(due(later, &history, &policy).first(), Some(&Task::Backup { place: "/a".into(), kind: Kind::Full }));
        let at_two = START.plus_seconds(2 * 3_600);
        let part = Task::Backup { place: "/a".into(), kind: Kind::Incremental };
        assert_eq!(due(at_two, &history, &policy), [part]);
    }

    #[test]
    fn a_place_that_is_late_is_told_from_one_that_is_not() {
        let policy = policy(&["/a"]);
        let history = vec![event(START, "/a", What::Full, None)];
        assert!(!is_late(START.plus_seconds(26 * 3_600), &history, &policy, "/a"));
        assert!(is_late(START.plus_seconds(26 * 3_600 + 1), &history, &policy, "/a"));
        assert!(is_late(START, &history, &policy, "/b"));
        assert!(!drill_is_late(START.plus_seconds(37 * 86_400), &history, &policy));
        assert!(drill_is_late(START.plus_seconds(37 * 86_400 + 1), &history, &policy));
    }

    proptest! {
        #[test]
        fn no_place_waits_longer_than_its_hour_while_nothing_fails(step in 30_i64..600, places in 1_usize..4) {
            let names = ["/a", "/b", "/c"];
            let policy = policy(names.get(..places).unwrap_or(&names));
            let history = run(&policy, 40, step, |_, _| false);
            for place in &policy.places {
                let times: Vec<i64> =
                    history.iter().filter(|e| &e.place == place && BACKUPS.contains(&e.what)).map(|e| e.at.0).collect();
                // A whole backup comes due at its own time, so a gap may be shorter.
                for pair in times.windows(2) {
                    let gap = pair[1] - pair[0];
                    prop_assert!((1..=HOUR + step * 1000).contains(&gap), "{gap}");
                }
                let longest = 40 * HOUR / (HOUR - step * 1000).max(MINUTE);
                prop_assert!(i64::try_from(times.len()).is_ok_and(|n| n <= longest + 3), "{}", times.len());
            }
        }

        #[test]
        fn failures_are_tried_again_with_growing_waits_and_never_given_up(bad in 1_u32..40) {
            let policy = policy(&["/a"]);
            let mut left = bad;
            let history = run(&policy, 120, 30, |task, _| {
                let fails = matches!(task, Task::Backup { .. }) && left > 0;
                left -= u32::from(fails);
                fails
            });
            let times: Vec<i64> =
                history.iter().filter(|e| e.fault.is_some()).map(|e| e.at.0).collect();
            prop_assert_eq!(times.len(), bad as usize);
            let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
            prop_assert!(gaps.windows(2).all(|pair| pair[1] >= pair[0]), "{gaps:?}");
            prop_assert!(gaps.iter().all(|gap| (MINUTE..=LONGEST_WAIT + 30_000).contains(gap)), "{gaps:?}");
            prop_assert!(history.iter().any(|e| e.fault.is_none() && e.what == What::Full));
        }

        #[test]
        fn a_clock_that_is_set_back_silences_nothing(back in 1_i64..400) {
            let policy = policy(&["/a"]);
            let history = vec![event(START.plus_seconds(back * 86_400), "/a", What::Full, None)];
            prop_assert_eq!(due(START, &history, &policy).len(), 1);
        }

        #[test]
        fn at_any_moment_and_history_there_is_at_most_one_backup_a_place(
            events in prop::collection::vec((0_i64..4_000_000_000, 0_usize..4, any::<bool>()), 0..40),
            now in 0_i64..4_000_000_000,
        ) {
            let whats = [What::Full, What::Incremental, What::Verify, What::Drill];
            let history: Vec<Event> = events
                .into_iter()
                .map(|(at, what, good)| event(Timestamp(at), "/a", whats[what], (!good).then_some("no")))
                .collect();
            let policy = policy(&["/a", "/b"]);
            let tasks = due(Timestamp(now), &history, &policy);
            for place in ["/a", "/b"] {
                let here = tasks.iter().filter(|t| t.place() == place && t.what() != What::Drill).count();
                prop_assert!(here <= 1);
            }
            let drills = tasks.iter().filter(|t| t.what() == What::Drill).count();
            prop_assert!(drills <= 1);
        }
    }
}

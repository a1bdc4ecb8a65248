//! Crashes of the encrypted file at very many points: what was acknowledged is there, and nothing by half.

use std::time::Instant;

use super::crash_search::{Tally, run, search};

fn number(name: &str, without: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(without)
}

fn report(seed: u64, points: u64, threads: u64) {
    let start = Instant::now();
    let (tally, failure) = search(seed, points, threads);
    let seconds = start.elapsed().as_secs_f64();
    println!("seed {seed}: {tally:?} in {seconds:.1} s, {:.0} points a second", tally.points as f64 / seconds);
    if let Some(failure) = failure {
        panic!("{failure}");
    }
}

#[test]
fn a_crash_at_any_of_twenty_thousand_points_keeps_every_acknowledged_commit_and_nothing_by_half() {
    report(1, number("VEILBOOK_POINTS", 20_000), 2);
}

/// `VEILBOOK_SEED=.. VEILBOOK_POINTS=.. cargo test --release --test it crash_long -- --ignored --nocapture`
#[test]
#[ignore = "takes as long as one likes"]
fn crash_long() {
    let (seed, mut left) = (number("VEILBOOK_SEED", 1_000_000), number("VEILBOOK_POINTS", 1_000_000));
    let threads = number("VEILBOOK_THREADS", 2);
    let (start, mut all, mut from) = (Instant::now(), Tally::default(), seed);
    println!("seed {seed}, {left} points, {threads} threads");
    while left > 0 {
        let (tally, failure) = search(from, left.min(10_000), threads);
        all += tally;
        if let Some(failure) = failure {
            println!("failed after {all:?}");
            panic!("{failure}");
        }
        from += tally.runs;
        left = left.saturating_sub(tally.points);
        println!("{:.0} s: {all:?}, 0 failures; the next run is {from}", start.elapsed().as_secs_f64());
    }
    println!("{} points, 0 failures", all.points);
}

/// `VEILBOOK_SEED=.. VEILBOOK_POINT=.. cargo test --test it crash_again -- --ignored --nocapture`
#[test]
#[ignore = "looks at one point that failed"]
fn crash_again() {
    match run(number("VEILBOOK_SEED", 0), None, Some(number("VEILBOOK_POINT", 1))) {
        Ok(tally) => println!("found whole: {tally:?}"),
        Err(failure) => panic!("{failure}"),
    }
}

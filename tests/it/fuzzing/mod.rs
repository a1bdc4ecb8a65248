//! The fuzz targets on stable: over their corpora, over random bytes, and over mutations of the corpora.
//!
//! `cargo +nightly fuzz` runs the same functions under a coverage-guided search.

mod seeds;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::fuzz_targets::{TARGETS, run};

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// The seeds of a target, in the order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(corpus(target)).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), 1_usize..40).prop_map(|(at, len)| Change::Remove(at, len)),
        (at(), 1_usize..200).prop_map(|(at, len)| Change::Repeat(at, len)),
        at().prop_map(Change::Cut),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let place = |at: usize| at % (bytes.len() + 1);
        match change {
            Change::Set(at, byte) => {
                let at = place(*at);
                bytes.iter_mut().skip(at).take(1).for_each(|old| *old = *byte);
            }
            Change::Insert(at, more) => {
                let at = place(*at);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Remove(at, len) => {
                let at = place(*at);
                bytes.drain(at..(at + len).min(bytes.len()));
            }
            Change::Repeat(at, len) => {
                let at = place(*at);
                let part = bytes[at..(at + len).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Cut(at) => bytes.truncate(place(*at)),
        }
    }
    bytes
}

/// How often each kind of input is tried; `VEILBOOK_FUZZ` multiplies it.
fn cases(usual: u32) -> u32 {
    let times = std::env::var("VEILBOOK_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    usual.saturating_mul(times)
}

fn search<S: Strategy>(cases: u32, strategy: &S, mut holds: impl FnMut(S::Value)) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let holds = std::cell::RefCell::new(&mut holds);
    let outcome = runner.run(strategy, |value| {
        (holds.borrow_mut())(value);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

fn target(name: &str) {
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no corpus");
    seeds.iter().for_each(|seed| run(name, seed));
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    search(cases(200), &bytes, |bytes| run(name, &bytes));
    let mutation = (0..seeds.len(), prop::collection::vec(change(), 1..12));
    search(cases(600), &mutation, |(seed, changes)| run(name, &changed(seeds[seed].clone(), &changes)));
}

macro_rules! targets {
    ($($name:ident),+) => {
        $(#[test]
        fn $name() {
            target(stringify!($name));
        })+

        #[test]
        fn every_target_is_run() {
            let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!([$(stringify!($name)),+].as_slice(), known);
        }
    };
}

targets!(header, block, record, import, tokenizer, query, keymap, audit_file, note, backup);

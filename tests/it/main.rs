//! The one integration binary: each module tests one promise of the program through its public door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod backup;
mod backup_bench;
mod backup_hostile;
mod backup_s3;
mod brought;
mod bulk;
mod cadences;
mod canary;
mod capture;
mod cases;
mod cli;
mod consents;
mod contradictions;
mod crash;
mod crash_disk;
mod crash_folder;
mod crash_search;
mod crash_vault;
mod crash_work;
mod deals;
mod door;
mod erase;
mod export;
mod faults;
mod faults_vault;
mod fields;
mod file;
mod file_damage;
mod finding;
mod follow_ups;
#[path = "../../fuzz/src/lib.rs"]
mod fuzz_targets;
mod fuzzing;
mod generated;
mod guard;
mod hostile_lines;
mod hostile_record;
mod hostile_server;
mod hostile_text;
mod hostile_unlock;
mod hostile_vault;
mod hostile_work;
mod house;
mod hygiene;
mod import;
mod keys;
mod kill;
mod kill_backup;
mod kill_desk;
mod ledger;
mod links;
mod local_terminal;
mod login;
mod loss_reasons;
mod losses;
mod matrix;
mod merge;
mod phone;
mod pool;
mod protected_names;
mod protection;
mod pty;
mod quality;
mod query;
mod record;
mod reveal;
mod rules;
mod scheduled;
mod sealed;
mod seat;
mod serve;
mod serving;
mod side_by_side;
mod ssh;
mod staff_keys;
mod stale;
mod stories;
mod stories_work;
mod tags;
mod tamper;
mod tamper_disk;
mod tamper_seen;
mod templates;
mod tidy;
mod undo;
mod undo_rows;
mod vectors;

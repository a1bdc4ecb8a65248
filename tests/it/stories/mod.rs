//! Stories: keys in, the screen's text and what is to be done out.

mod backups;
pub mod board;
mod cadences;
mod cases;
mod columns;
mod consents;
mod customers;
mod deals;
mod desk;
mod duplicates;
mod entrance;
mod everywhere;
mod flaws;
mod keys;
mod losses;
mod pool;
mod queries;
mod reminders;
mod rules;
mod tags;
mod templates;
mod tour;

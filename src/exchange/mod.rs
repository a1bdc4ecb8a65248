//! Files of customers: tables that come in, in CSV or XLSX, turned into drafts of customers row by row, and one that goes
//! out ([`export::ExportWriter`]).
//!
//! [`table::Table`] reads a file whatever its encoding, [`mapping::Mapping`] says what each column means,
//! [`rows::Drafting`] makes a draft or a reject of each row, [`rejects::RejectsWriter`] writes the rejects to a file that can be
//! mended and imported again, and [`preview::preview`] does all of it without keeping anything.
//!
//! **Invariant:** nothing here knows the vault. Memory is bounded whatever a file claims or holds, no row is dropped
//! without a reason, and no error and no `Debug` carries a cell's text; column names may appear.

pub mod export;
pub mod mapping;
pub mod preview;
pub mod rejects;
pub mod rows;
pub mod table;
pub mod twins;

mod consents;
mod csv;
mod synonyms;
mod xlsx;

#[cfg(test)]
mod tests;

//! Refuses workbooks that unpack to far more than they look.
//!
//! **Invariant:** sizes are first taken from the archive's directory and then, since those can lie, from unpacking
//! into nothing with a limit, so that the reading library never unpacks more than [`MOST`].

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;

use crate::exchange::table::TableError;

/// The most bytes that a workbook may unpack to: a million customers of twenty columns take about 400 MB.
const MOST: u64 = 512 * 1024 * 1024;

/// The most that the list of texts may unpack to; it is held in memory.
const MOST_STRINGS: u64 = 128 * 1024 * 1024;

/// Sheets shrink by 10 to 50; deflate's limit is 1,032.
const MOST_RATIO: u64 = 200;

/// Below this size a ratio says nothing.
const SMALL: u64 = 16 * 1024 * 1024;

/// A workbook has a handful of parts a sheet.
const MOST_PARTS: usize = 10_000;

pub(super) fn check<R: Read + Seek>(file: &mut R) -> Result<(), TableError> {
    let bomb = || TableError::ZipBomb(MOST / 1024 / 1024);
    let packed = file.seek(SeekFrom::End(0))?;
    if packed > MOST {
        return Err(bomb());
    }
    file.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(file).map_err(|_| TableError::BrokenWorkbook)?;
    if archive.len() > MOST_PARTS {
        return Err(bomb());
    }
    let limit = MOST.min((packed * MOST_RATIO).max(SMALL));
    let mut left = limit;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| TableError::BrokenWorkbook)?;
        let strings = part.name().is_ok_and(|name| name.ends_with("sharedStrings.xml"));
        let most = if strings { MOST_STRINGS.min(left) } else { left };
        if part.size() > most {
            return Err(bomb());
        }
        let unpacked = std::io::copy(&mut part.by_ref().take(most + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|_| TableError::BrokenWorkbook)?;
        if unpacked > most {
            return Err(bomb());
        }
        left -= unpacked;
    }
    Ok(())
}
